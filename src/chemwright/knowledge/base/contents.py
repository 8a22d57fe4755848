"""Whether what is filed is what its hashes say: every content hash computed again from the content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy import text as sql

from chemwright.knowledge.base.claims import ClaimRow, content_key, full_claims, name_of
from chemwright.knowledge.base.schema import blob, claim, entry
from chemwright.knowledge.base.trouble import row_of
from chemwright.record import content_hash
from chemwright.record.claim import TIERS

Seen = Callable[[str, int], None]
SIZE = 5_000


def wrong_contents(connection: Connection, seen: Seen, every: int = 1) -> Iterator[str]:
    """In words, each record whose content is not what its hash says.

    Args:
        connection: that reads.
        seen: called with the name of a table and the number of records looked at.
        every: look at each ``every``-th claim and entry only, and at no file unless 1.

    Raises:
        StorageError: a row that can't be read at all.
    """
    for table, check in ((claim, _claims), (entry, _entries)):
        count = 0
        for count, wrong in enumerate(check(connection, every), 1):
            if wrong:
                yield wrong
            if count % SIZE == 0:
                seen(table.name, count)
        seen(table.name, count)
    if every == 1:
        yield from _blobs(connection, seen)


def _claims(connection: Connection, every: int) -> Iterator[str]:
    query = full_claims() if every == 1 else full_claims().where(claim.c.pk % every == 0)
    with connection.execute(query, execution_options={"yield_per": SIZE}) as result:
        for row in result:
            with row_of("claim", row.pk):
                conditions = {k: v for k, v in (("temperature", row.temperature), ("pressure", row.pressure)) if v is not None}
                conditions |= json.loads(row.conditions) if row.conditions else {}
                identity = (row.subject, row.property_name, row.source_id)
                said = ClaimRow(0, 0, 0, identity, row.value, row.std, conditions, name_of(TIERS, row.tier), row.phase, row.method, note=row.note)
                key = content_key(said)
            yield "" if key == row.hash else f"claim {memoryview(row.hash).hex()[:12]} (row {row.pk}) does not say what was filed"


def _entries(connection: Connection, every: int) -> Iterator[str]:
    query = select(entry.c.pk, entry.c.kind, entry.c.id, entry.c.body, entry.c.hash)
    query = query if every == 1 else query.where(entry.c.pk % every == 0)
    with connection.execute(query, execution_options={"yield_per": 200}) as result:
        for row in result:
            with row_of("entry", row.pk):
                key = bytes.fromhex(content_hash([row.kind, json.loads(row.body)]))
            yield "" if key == row.hash else f"{row.kind} {row.id[:60]!r} (row {row.pk}) does not say what was filed"


def _blobs(connection: Connection, seen: Seen) -> Iterator[str]:
    """Files whose bytes are not those of their name; part by part, in bounded memory."""
    keys = connection.execute(select(blob.c.sha256).distinct()).scalars().all()
    for count, key in enumerate(keys, 1):
        digest, parts = hashlib.sha256(), connection.execute(select(blob.c.part).where(blob.c.sha256 == key).order_by(blob.c.part)).scalars().all()
        for part in parts:
            digest.update(connection.execute(select(blob.c.data).where(blob.c.sha256 == key, blob.c.part == part)).scalar_one())
        if digest.hexdigest() != key:
            yield f"the file {key[:16]} is damaged"
        seen("blob", count)


def fingerprint(connection: Connection, table: Table) -> tuple[int, str]:
    """Number of rows of a table and a hash of them that does not depend on their order or on the kind of database."""
    total, count = 0, 0
    with connection.execute(select(table), execution_options={"yield_per": 2 if table is blob else SIZE}) as result:
        for row in result:
            values = [hashlib.sha256(v).digest() if isinstance(v, bytes) and len(v) > 1000 else v for v in values_of(row)]
            total += int.from_bytes(hashlib.blake2b(ascii(values).encode(), digest_size=16).digest(), "big")
            count += 1
    return count, f"{total % 2**128:032x}"


def loose_ends(connection: Connection) -> Iterator[str]:
    """Labels, texts and links to records that are not there, and entries that the text index lacks."""
    for name in ("label", "text"):
        for kind, table in (("claim", "claim"), ("entry", "entry"), ("substance", "substance")):
            query = f"SELECT count(*) FROM {name} WHERE kind = '{kind}' AND NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.pk = {name}.target)"
            lost = connection.execute(sql(query)).scalar_one()
            if lost:
                yield f"{lost} rows of the table {name} belong to no {kind}"
    if connection.dialect.name == "sqlite":
        queries: tuple[str, ...] = (
            "SELECT count(*) FROM text WHERE pk NOT IN (SELECT rowid FROM text_index)",
            "SELECT count(*) FROM text_index WHERE rowid NOT IN (SELECT pk FROM text)",
        )
    else:
        queries = ("SELECT count(*) FROM text WHERE body IS NULL",)
    for query in queries:
        lost = connection.execute(sql(query)).scalar_one()
        if lost:
            yield f"the text index lacks {lost} records: search may not find them"


def values_of(row: Any) -> list[Any]:
    """A row as plain values, its bytes as bytes in either database."""
    return [bytes(v) if isinstance(v, memoryview | bytearray) else v for v in row]
