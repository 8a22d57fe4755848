"""Sources and properties in the database: each filed once, known by its id or name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import Connection, select

from chemwright.errors import InputError
from chemwright.knowledge.base.limits import check_name, check_record
from chemwright.knowledge.base.schema import property_, source
from chemwright.knowledge.base.substances import insert_ignore
from chemwright.knowledge.base.trouble import row_of
from chemwright.knowledge.properties import Property
from chemwright.knowledge.vocabulary import Vocabulary, vocabulary
from chemwright.record import Source, from_json, to_json

T = TypeVar("T")


def ensure_sources(connection: Connection, records: Iterable[Source]) -> dict[str, int]:
    """File sources; one that is there under its id stays as it is when equal, and is completed when it held nothing but its id.

    Returns:
        id to row.

    Raises:
        InputError: another source has that id.
    """
    records = list(records)
    if not records:
        return {}
    for r in records:
        check_name(r.id, f"source {r.id[:60]!r}", "id")
        check_record(r, f"source {r.id[:60]!r}")
    rows = [{"id": r.id, "kind": r.kind, "body": to_json(r, indent=None)} for r in records]
    connection.execute(insert_ignore(connection, source), rows)
    out: dict[str, int] = {}
    for r, row in zip(records, rows, strict=True):
        found = connection.execute(select(source.c.pk, source.c.body).where(source.c.id == r.id)).one()
        if found.body != row["body"]:
            old = _read(found.body, Source, "source", r.id)
            if old.citation and r.citation and old != r:
                raise InputError(f"source {r.id!r} is filed already as {old.citation[:80]!r}", where=f"source {r.id!r}", fix="give the new one an id of its own")
            if r.citation and not old.citation:
                connection.execute(source.update().where(source.c.pk == found.pk).values(kind=r.kind, body=row["body"]))
        out[r.id] = int(found.pk)
    return out


def read_sources(connection: Connection, ids: Iterable[str] | None = None) -> dict[str, Source]:
    """Sources by id; all of them when ``ids`` is None."""
    query = select(source.c.id, source.c.body)
    if ids is not None:
        query = query.where(source.c.id.in_(list(ids)))
    return {i: _read(body, Source, "source", i) for i, body in connection.execute(query)}


def _read(body: str, kind: type[T], table: str, name: str) -> T:
    with row_of(table, name):
        try:
            return from_json(body, kind)
        except InputError as error:
            raise ValueError(error.message) from None


def ensure_properties(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Rows of properties by their vocabulary names."""
    names = sorted(set(names))
    if not names:
        return {}
    connection.execute(insert_ignore(connection, property_), [{"name": n} for n in names])
    return {str(n): int(pk) for n, pk in connection.execute(select(property_.c.name, property_.c.pk).where(property_.c.name.in_(names)))}


def own_vocabulary(connection: Connection) -> Vocabulary:
    """The vocabulary with the names that this base's users added."""
    bodies = connection.execute(select(property_.c.name, property_.c.body).where(property_.c.body != "").order_by(property_.c.name)).all()
    shipped = vocabulary()
    own = [_read(body, Property, "property", name) for name, body in bodies]
    return shipped.with_own(own) if own else shipped


def add_own_property(connection: Connection, item: Property) -> None:
    """File a property of the user's own, named ``group:name``.

    Raises:
        InputError: a name that is taken or malformed; UnitError: a unit that can't be read.
    """
    checked = own_vocabulary(connection).with_own([item]).find(item.name)
    connection.execute(insert_ignore(connection, property_), [{"name": checked.name, "body": to_json(checked, indent=None)}])
