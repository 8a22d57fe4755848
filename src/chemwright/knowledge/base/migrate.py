"""From one base into an empty one, on a file or a server, whichever way: the same rows under the same keys, proved by hashes of the content on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from sqlalchemy import Connection, Table, delete, func, select
from sqlalchemy import text as sql

from chemwright.errors import StorageError
from chemwright.knowledge.base import audit, contents, text
from chemwright.knowledge.base.entries import entry_as_filed, words_of
from chemwright.knowledge.base.schema import audit as audit_table
from chemwright.knowledge.base.schema import blob, entry, metadata, synonym
from chemwright.knowledge.base.schema import text as text_table
from chemwright.knowledge.base.trouble import place
from chemwright.record.fields import as_tuple

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

Progress = Callable[[str, float | None], None]
CHUNK = 10_000


@frozen
class Migration:
    """What was carried over.

    Args:
        source, target: the two addresses, without passwords.
        rows: table to number of rows, the same on both sides.
        hashes: table to a hash of all its rows, the same on both sides.
        notes: what could not be carried over as it was, in words; empty when all was.
    """

    source: str
    target: str
    rows: Mapping[str, int] = {}
    hashes: Mapping[str, str] = {}
    notes: tuple[str, ...] = field(default=(), converter=as_tuple)


def migrate(source: KnowledgeBase, target: KnowledgeBase, progress: Progress | None = None) -> Migration:
    """Carry everything over in one transaction: records, filing, labels, files, the audit trail line by line; the text index is made anew.

    Before the transaction is committed, every content hash is computed again from the content on both sides and all rows are compared; one difference
    takes everything back.

    Args:
        source: any base; it is only read, and may be in use.
        target: an empty one, as ``open_base(url, create=True)`` makes it.
        progress: called with words and the fraction done.

    Raises:
        StorageError: the target holds something, the source is damaged, or a difference was found; the target is as it was then.
    """
    tell = progress or (lambda _, __: None)
    tables = [t for t in metadata.sorted_tables if t is not audit_table]
    with source.reading() as there, target.writing() as here:
        _empty(here, place(target.address))
        sizes = {t.name: int(there.execute(select(func.count()).select_from(t)).scalar_one()) for t in [*tables, audit_table]}
        total, done = max(sum(sizes.values()), 1), 0
        for table in tables:
            for rows in _chunks(there, table):
                _insert(here, table, rows)
                done += len(rows)
                tell(f"copying {table.name}: {done:,} of {total:,} rows", 0.5 * done / total)
        audit.take_over(here, [dict(r) for r in there.execute(select(audit_table).order_by(audit_table.c.pk)).mappings()])
        tell("making the text index", 0.5)
        notes = _index(there, here, tell)
        if here.dialect.name != "sqlite":
            _set_counters(here)
        counts, hashes = _compare(there, here, place(target.address), tell)
        audit.write(here, target.who, "migrate", place(source.address), rows=sum(counts.values()))
    tell("done", 1.0)
    return Migration(place(source.address), place(target.address), counts, hashes, notes)


def _empty(connection: Connection, where: str) -> None:
    """Take out what every new base begins with.

    Raises:
        StorageError: there is more than that.
    """
    for table in metadata.sorted_tables:
        count = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        if count > {"source": 1, "audit": 1, "meta": 2}.get(table.name, 0):
            raise StorageError(f"holds {count} rows of {table.name} already; a base is carried over into an empty one", where=where, fix="name a new file, or an empty database")
    for table in reversed([t for t in metadata.sorted_tables if t is not audit_table]):
        connection.execute(delete(table))


def _chunks(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """Rows of a table in order of its key, in bounded memory; files one part at a time."""
    size = 4 if table is blob else CHUNK
    order = table.primary_key.columns or table.columns
    with connection.execute(select(table).order_by(*order), execution_options={"yield_per": size}) as result:
        while chunk := list(islice(result, size)):
            yield [contents.values_of(r) for r in chunk]


def _insert(connection: Connection, table: Table, rows: list[Any]) -> None:
    """Write rows by the driver's own bulk call."""
    raw: Any = connection.connection.driver_connection
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    if connection.dialect.name == "sqlite":
        raw.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(table.columns))})', rows)
        return
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _set_counters(connection: Connection) -> None:
    """Let PostgreSQL count on from the highest key."""
    for table in metadata.sorted_tables:
        for column in table.primary_key.columns:
            sequence = connection.execute(sql("SELECT pg_get_serial_sequence(:t, :c)"), {"t": f'"{table.name}"', "c": column.name}).scalar()
            if sequence:
                connection.execute(sql(f'SELECT setval(:s, coalesce((SELECT max("{column.name}") FROM "{table.name}"), 0) + 1, false)'), {"s": sequence})


def _index(there: Connection, here: Connection, tell: Progress) -> list[str]:
    """Words of substances and entries, taken from the records again."""
    total = int(here.execute(select(func.count()).select_from(text_table)).scalar_one())
    done, last, lost = 0, 0, 0
    while rows := here.execute(select(text_table.c.pk, text_table.c.kind, text_table.c.target).where(text_table.c.pk > last).order_by(text_table.c.pk).limit(CHUNK)).all():
        bodies = _bodies(there, "substance", [r.target for r in rows if r.kind == "substance"]) | _bodies(there, "entry", [r.target for r in rows if r.kind == "entry"])
        lost += sum((r.kind, r.target) not in bodies for r in rows)
        text.fill(here, [(r.pk, bodies.get((r.kind, r.target), "")) for r in rows])
        done, last = done + len(rows), rows[-1].pk
        tell(f"text index: {done:,} of {total:,} records", 0.5 + 0.2 * done / max(total, 1))
    return [f"{lost} records of another kind are in the text index without words"] if lost else []


def _bodies(connection: Connection, kind: str, targets: list[int]) -> dict[tuple[str, int], str]:
    out: dict[tuple[str, int], list[str]] = {}
    for i in range(0, len(targets), 500):
        part = targets[i : i + 500]
        if kind == "substance":
            for pk, name in connection.execute(select(synonym.c.substance, synonym.c.name).where(synonym.c.substance.in_(part)).order_by(synonym.c.folded)):
                out.setdefault((kind, pk), []).append(name)
        else:
            for row in connection.execute(select(entry).where(entry.c.pk.in_(part))):
                out[kind, row.pk] = [words_of(entry_as_filed(row).record)]
    return {k: " ; ".join(v) for k, v in out.items()}


def _seen(tell: Progress, side: str, share: float, kind: str, count: int) -> None:
    tell(f"hashes of the {side}: {count:,} of table {kind}", share)


def _compare(there: Connection, here: Connection, where: str, tell: Progress) -> tuple[dict[str, int], dict[str, str]]:
    """Rows and hash of each table, the same on both sides.

    Raises:
        StorageError: a record whose content is not what its hash says, or a table that differs.
    """
    for side, connection, share in (("source", there, 0.7), ("target", here, 0.8)):
        seen = partial(_seen, tell, side, share)
        wrong = next(contents.wrong_contents(connection, seen), "")
        if wrong:
            raise StorageError(f"{side}: {wrong}; nothing was carried over", where=where, fix="check the source: chemwright kb verify --restore")
    rows: dict[str, int] = {}
    hashes: dict[str, str] = {}
    for table in metadata.sorted_tables:
        tell(f"comparing {table.name}", 0.9)
        left, right = contents.fingerprint(there, table), contents.fingerprint(here, table)
        if left != right:
            raise StorageError(
                f"table {table.name} differs: {left[0]:,} rows and {right[0]:,}; nothing was carried over", where=where, fix="run it again, and report this if it comes back"
            )
        rows[table.name], hashes[table.name] = left
    for name, connection in (("source", there), ("target", here)):
        line = audit.broken_at(connection)
        if line is not None:
            raise StorageError(f"the audit trail of the {name} was changed at line {line}; nothing was carried over", where=where, fix="chemwright kb verify --restore the source")
    return rows, hashes
