"""Which records an export takes: everything, or those that a search found; read block by block in the order they were filed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen
from sqlalchemy import Connection, Table, select

from chemwright.errors import InputError
from chemwright.knowledge.base import changes, claims, entries
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.base.schema import claim, entry, substance

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

BLOCK = 500
_KEY = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")


@frozen
class Chosen:
    """Rows of what was chosen; None is everything.

    Args:
        claims, entries, substances: rows in their tables, in order.
    """

    claims: tuple[int, ...] | None = None
    entries: tuple[int, ...] | None = None
    substances: tuple[int, ...] | None = None


def choose(connection: Connection, selection: Iterable[Any] | None) -> Chosen:
    """The rows of a selection.

    Args:
        connection: to read from.
        selection: keys of claims, entries and substances, or what a search returned (anything with a ``key``); None for everything.

    Raises:
        InputError: a key that is not there, or an empty selection.
    """
    if selection is None:
        return Chosen()
    found: dict[str, set[int]] = {"claim": set(), "entry": set(), "substance": set()}
    keys = dict.fromkeys(k if isinstance(k, str) else str(k.key) for k in selection)
    if not keys:
        raise InputError("nothing is selected", where="export", fix="widen the search, or export everything")
    whole = [k for k in keys if _KEY.fullmatch(k)]
    for kind, table, digits in (("claim", claim, 32), ("entry", entry, 64)):
        there = _rows(connection, table, [k for k in whole if len(k) == digits])
        found[kind] |= set(there.values())
        for k in there:
            keys.pop(k)
    for key in keys:
        row = connection.execute(select(substance.c.pk).where(substance.c.key == key)).scalar()
        if row is not None:
            found["substance"].add(int(row))
        else:
            kind, pk, _ = changes.locate(connection, key)
            found[kind].add(pk)
    return Chosen(*(tuple(sorted(found[k])) for k in ("claim", "entry", "substance")))


def _rows(connection: Connection, table: Table, keys: Sequence[str]) -> dict[str, int]:
    out: dict[str, int] = {}
    for i in range(0, len(keys), BLOCK):
        part = [bytes.fromhex(k) for k in keys[i : i + BLOCK]]
        out |= {bytes(h).hex(): int(pk) for h, pk in connection.execute(select(table.c.hash, table.c.pk).where(table.c.hash.in_(part)))}
    return out


def _blocks(connection: Connection, query: Any, table: Table, rows: tuple[int, ...] | None) -> Iterator[list[Any]]:
    if rows is not None:
        for i in range(0, len(rows), BLOCK):
            yield list(connection.execute(query.where(table.c.pk.in_(rows[i : i + BLOCK])).order_by(table.c.pk)))
        return
    last = 0
    while block := list(connection.execute(query.where(table.c.pk > last).order_by(table.c.pk).limit(BLOCK))):
        yield block
        last = int(block[-1].pk)


def chosen_claims(kb: KnowledgeBase, connection: Connection, chosen: Chosen) -> Iterator[tuple[int, Filed]]:
    """The claims with their rows, filing and labels."""
    units = {p.name: p.unit for p in kb.vocabulary}
    for block in _blocks(connection, claims.full_claims(), claim, chosen.claims):
        labels = changes.labels_of(connection, "claim", [r.pk for r in block])
        for row in block:
            yield row.pk, claims.as_filed(row, units.get(row.property_name, "1"), labels.get(row.pk, ()))


def chosen_entries(connection: Connection, chosen: Chosen, kind: str | None = None) -> Iterator[tuple[int, Filed]]:
    """The entries (of one kind) with their rows, filing and labels."""
    query = select(entry) if kind is None else select(entry).where(entry.c.kind == kind)
    for block in _blocks(connection, query, entry, chosen.entries):
        labels = changes.labels_of(connection, "entry", [r.pk for r in block])
        for row in block:
            yield row.pk, entries.entry_as_filed(row, labels.get(row.pk, ()))
