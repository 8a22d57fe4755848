"""What may change of a filed record: its labels, its standing, its terms. Nothing is deleted, and every change stands in the audit trail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.base import audit
from chemwright.knowledge.base.claims import name_of
from chemwright.knowledge.base.schema import STATUS_CODE, VISIBILITY_CODE, claim, entry, label, substance
from chemwright.knowledge.base.substances import insert_ignore
from chemwright.knowledge.base.trouble import row_of
from chemwright.record.filing import STATUSES, VISIBILITIES

_HEX = re.compile(r"[0-9a-f]{6,64}")
MAX_LABEL = 100


def locate(connection: Connection, key: str) -> tuple[str, int, Any]:
    """(``claim`` or ``entry``, row, table) of a record by its key or the first six or more digits of it.

    Raises:
        InputError: no such record, or several.
    """
    text = key.strip().lower()
    if not _HEX.fullmatch(text):
        raise InputError(f"{key[:80]!r} is no key", where="knowledge base", fix="give at least six hexadecimal digits, as 'kb search' prints them")
    found: list[tuple[str, int, Any]] = []
    low = bytes.fromhex(text if len(text) % 2 == 0 else text[:-1])
    for kind, table in (("claim", claim), ("entry", entry)):
        width = 16 if kind == "claim" else 32
        if len(text) > 2 * width:
            continue
        query = select(table.c.pk, table.c.hash).where(table.c.hash >= low.ljust(width, b"\0"), table.c.hash <= low.ljust(width, b"\xff"))
        found += [(kind, int(pk), table) for pk, h in connection.execute(query.limit(200)) if bytes(h).hex().startswith(text)]
    if len(found) != 1:
        what = "no record" if not found else f"{len(found)} records"
        raise InputError(
            f"{what} with the key {text!r}", where="knowledge base", fix="give more digits, as 'kb search' prints them" if found else "search for it: chemwright kb search"
        )
    return found[0]


def set_status(connection: Connection, who: str, keys: Sequence[str], status: str, why: str, replaced_by: str = "") -> None:
    """Change the standing of records; the reason is kept.

    Args:
        connection: in a transaction that writes.
        who: person.
        keys: of the records.
        status: one of ``STATUSES``.
        why: reason in words, not empty.
        replaced_by: key of the record that stands instead; with ``superseded`` only.

    Raises:
        InputError: unknown status, no reason, an unknown record, or a record that would replace itself.
    """
    if status not in STATUSES:
        raise InputError(f"status {status!r}", where="knowledge base", fix=did_you_mean(status, STATUSES))
    if not why.strip():
        raise InputError("a change of standing needs a reason", where="knowledge base", fix="say why: --why '...'")
    if (status == "superseded") != bool(replaced_by):
        raise InputError("'superseded' and the record that stands instead go together", where="knowledge base", fix="give --by KEY with supersede, or retract")
    new = None
    if replaced_by:
        _, pk, table = locate(connection, replaced_by)
        new = bytes(connection.execute(select(table.c.hash).where(table.c.pk == pk)).scalar_one())
    for key in keys:
        _, pk, table = locate(connection, key)
        old = connection.execute(select(table.c.hash, table.c.status).where(table.c.pk == pk)).one()
        if new is not None and bytes(old.hash) == new:
            raise InputError("a record can't replace itself", where=f"record {key}", fix="give the key of the other one")
        with row_of(table.name, pk):
            before = name_of(STATUSES, old.status)
        connection.execute(update(table).where(table.c.pk == pk).values(status=STATUS_CODE[status], replaced_by=new))
        audit.write(connection, who, status, bytes(old.hash).hex(), before=before, why=why, **({"by": new.hex()} if new else {}))


def set_terms(connection: Connection, who: str, keys: Sequence[str], *, licence: str | None = None, visibility: str | None = None) -> None:
    """Change licence or visibility of records; a key of a substance (``InChIKey``, ``polymer:...``) those of the substance, with its names.

    Raises:
        InputError: unknown visibility or record.
    """
    if visibility is not None and visibility not in VISIBILITIES:
        raise InputError(f"visibility {visibility!r}", where="knowledge base", fix=did_you_mean(visibility, VISIBILITIES))
    values: dict[str, Any] = {} if licence is None else {"licence": licence}
    if visibility is not None:
        values["visibility"] = VISIBILITY_CODE[visibility]
    for key in keys if values else ():
        kind, pk, name = _labelled(connection, key)
        table = {"substance": substance, "claim": claim}.get(kind, entry)
        before = connection.execute(select(table.c.licence, table.c.visibility).where(table.c.pk == pk)).one()
        with row_of(table.name, pk):
            seen = name_of(VISIBILITIES, before.visibility)
        connection.execute(update(table).where(table.c.pk == pk).values(**values))
        audit.write(connection, who, "terms", name, before=[before.licence, seen], licence=licence, visibility=visibility)


def set_labels(connection: Connection, who: str, keys: Sequence[str], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Put labels on records, or take them off; a key of a substance (``InChIKey``, ``polymer:...``) labels the substance.

    Raises:
        InputError: an empty or overlong label, or an unknown record.
    """
    add, remove = list(add), list(remove)
    for word in [*add, *remove]:
        if not word.strip() or len(word) > MAX_LABEL or not word.isprintable():
            raise InputError(f"label {word[:40]!r}", where="knowledge base", fix=f"give 1 to {MAX_LABEL} printable characters")
    for key in keys:
        kind, pk, name = _labelled(connection, key)
        if add:
            connection.execute(insert_ignore(connection, label), [{"kind": kind, "target": pk, "label": w.strip()} for w in add])
        for word in remove:
            connection.execute(delete(label).where(label.c.kind == kind, label.c.target == pk, label.c.label == word.strip()))
        audit.write(connection, who, "label", name, add=add, remove=remove)


def _labelled(connection: Connection, key: str) -> tuple[str, int, str]:
    row = connection.execute(select(substance.c.pk).where(substance.c.key == key)).scalar()
    if row is not None:
        return "substance", int(row), key
    kind, pk, table = locate(connection, key)
    return kind, pk, bytes(connection.execute(select(table.c.hash).where(table.c.pk == pk)).scalar_one()).hex()


def labels_of(connection: Connection, kind: str, rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Labels of records by row."""
    out: dict[int, list[str]] = {}
    for i in range(0, len(rows), 500):
        query = select(label.c.target, label.c.label).where(label.c.kind == kind, label.c.target.in_(list(rows[i : i + 500]))).order_by(label.c.label)
        for target, word in connection.execute(query):
            out.setdefault(int(target), []).append(word)
    return {k: tuple(v) for k, v in out.items()}
