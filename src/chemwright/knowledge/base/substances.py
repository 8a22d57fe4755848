"""Substances in the database: filed once under their key, found by key, name, synonym or CAS number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from chemwright.errors import InputError, SubstanceError
from chemwright.knowledge.base import audit, text
from chemwright.knowledge.base.limits import MAX_NAME, check_name, check_text
from chemwright.knowledge.base.schema import VISIBILITY_CODE, substance, synonym
from chemwright.knowledge.base.trouble import row_of
from chemwright.record import Filing, SubstanceRecord


def insert_ignore(connection: Connection, table: Any) -> Any:
    """An INSERT that leaves rows alone which are there already, in either database."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as own
    else:
        from sqlalchemy.dialects.postgresql import insert as own  # type: ignore[assignment]
    return own(table).on_conflict_do_nothing()


def ensure(connection: Connection, records: Sequence[SubstanceRecord], filing: Filing, batch: int = 0) -> dict[str, int]:
    """File substances that are not there yet; names and a structure that were missing are added to those that are.

    Args:
        connection: in a transaction that writes.
        records: substances; of several with one key the first counts, names are taken from all.
        filing: terms of the new ones.
        batch: import that they came with.

    Returns:
        key to row.
    """
    by_key: dict[str, SubstanceRecord] = {}
    for r in records:
        if by_key.setdefault(r.key, r) is r:
            check_name(r.key, f"substance {r.key[:60]!r}", "key")
        for n in (r.name, r.cas, *r.synonyms, r.smiles, r.formula, r.note):
            if not n.isprintable() or len(n) > MAX_NAME:
                check_text(n, f"substance {r.key[:60]!r}", "a name or note")
    known = rows_of(connection, by_key)
    created = audit.now()
    new: list[dict[str, Any]] = [
        {
            "key": r.key, "kind": r.kind, "name": r.name, "smiles": r.smiles, "formula": r.formula, "cas": r.cas, "molar_mass": r.molar_mass, "body": _body(r), "licence": filing.licence,
            "visibility": VISIBILITY_CODE[filing.visibility], "owner": filing.owner, "created": created, "batch": batch,
        }
        for key, r in by_key.items() if key not in known
    ]  # fmt: skip
    if new:
        connection.execute(insert_ignore(connection, substance), new)
        rows = rows_of(connection, [r["key"] for r in new])
        known |= rows
    made = {r["key"] for r in new}
    _complete(connection, by_key, [k for k in by_key if k not in made], known)
    _name(connection, [(known[r.key], n) for r in records for n in (r.name, r.cas, *r.synonyms) if n])
    return {k: known[k] for k in by_key}


def _body(r: SubstanceRecord) -> str:
    data = {"composition": r.composition, "basis": r.basis if r.composition else "", "note": r.note}
    data = {k: v for k, v in data.items() if v}
    return json.dumps(data, sort_keys=True, ensure_ascii=False) if data else ""


def rows_of(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Rows of the substances that are filed under these keys: key to row."""
    keys = list(keys)
    out: dict[str, int] = {}
    for i in range(0, len(keys), 500):
        query = select(substance.c.key, substance.c.pk).where(substance.c.key.in_(keys[i : i + 500]))
        out |= {str(k): int(pk) for k, pk in connection.execute(query)}
    return out


def _complete(connection: Connection, records: dict[str, SubstanceRecord], keys: Sequence[str], rows: dict[str, int]) -> None:
    """Fill the name and CAS number of substances that were filed without."""
    for column in ("name", "cas"):
        given = [{"row": rows[k], "given": getattr(records[k], column)} for k in keys if getattr(records[k], column)]
        if given:
            connection.execute(update(substance).where(substance.c.pk == bindparam("row"), substance.c[column] == "").values({column: bindparam("given")}), given)


def _name(connection: Connection, names: list[tuple[int, str]]) -> None:
    """File names of substances, and index their words once."""
    unique = {(text.fold(n), pk): n for pk, n in names}
    rows: list[dict[str, Any]] = [{"folded": f, "substance": pk, "name": n} for (f, pk), n in unique.items() if f]
    if not rows:
        return
    connection.execute(insert_ignore(connection, synonym), rows)
    bodies: dict[int, list[str]] = {}
    for row in rows:
        bodies.setdefault(int(row["substance"]), []).append(str(row["name"]))
    text.index(connection, "substance", [(pk, " ; ".join(n)) for pk, n in bodies.items()])


def find(connection: Connection, given: str) -> list[int]:
    """Rows of the substances that a key, CAS number, name or synonym means; several when a name is shared."""
    by_key = connection.execute(select(substance.c.pk).where(substance.c.key == given)).scalars().all()
    if by_key:
        return list(by_key)
    folded = text.fold(given)
    return list(connection.execute(select(synonym.c.substance).where(synonym.c.folded == folded).distinct().order_by(synonym.c.substance)).scalars())


def read(connection: Connection, rows: Sequence[int], *, names: bool = True) -> list[SubstanceRecord]:
    """Substances by row, in the order asked for.

    Args:
        connection: to read from.
        rows: keys of the table.
        names: also their synonyms.

    Raises:
        SubstanceError: a row that is not there.
    """
    found: dict[int, Row[Any]] = {}
    synonyms: dict[int, list[str]] = {}
    for i in range(0, len(rows), 500):
        part = list(rows[i : i + 500])
        found |= {r.pk: r for r in connection.execute(select(substance).where(substance.c.pk.in_(part)))}
        if names:
            for pk, name in connection.execute(select(synonym.c.substance, synonym.c.name).where(synonym.c.substance.in_(part)).order_by(synonym.c.folded)):
                synonyms.setdefault(pk, []).append(name)
    missing = [pk for pk in rows if pk not in found]
    if missing:
        raise SubstanceError(f"no substance in row {missing[0]}", where="knowledge base", fix="check the base: chemwright kb verify")
    return [_record(found[pk], synonyms.get(pk, [])) for pk in rows]


def _record(row: Row[Any], names: list[str]) -> SubstanceRecord:
    with row_of("substance", row.pk):
        body = json.loads(row.body) if row.body else {}
        others = tuple(n for n in names if n not in (row.name, row.cas))
        basis, note = body.get("basis") or "mole", body.get("note", "")
        try:
            return SubstanceRecord(row.key, row.kind, row.name, row.smiles, row.formula, row.cas, row.molar_mass, others, body.get("composition", {}), basis, note)
        except InputError as error:
            raise ValueError(error.message) from None


def own(connection: Connection, row: int, name: str) -> None:
    """Add one more name to a substance."""
    _name(connection, [(row, name)])


__all__ = ["ensure", "find", "insert", "insert_ignore", "own", "read"]
