"""Checksums of a file's rows in blocks: they tell a row that a bad disk or another program changed from one that chemwright wrote.

A content hash covers what a claim or entry says, not its filing, its names or its labels. So every table is summed in blocks of :data:`BLOCK` rows.
Triggers note which blocks a transaction touched, whatever code wrote; :func:`settle` sums those again just before the commit. SQLite only: a
PostgreSQL server has checksums of its own pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table

from chemwright.knowledge.base.schema import blob, metadata

BLOCK = 256
_EVENTS = (("added", "INSERT", ("new",)), ("altered", "UPDATE", ("old", "new")), ("removed", "DELETE", ("old",)))


def statements() -> list[str]:
    """The SQL that makes the tables of checksums and their triggers."""
    out = [
        "CREATE TABLE checksum (name TEXT NOT NULL, block INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (name, block)) WITHOUT ROWID",
        "CREATE TABLE altered (name TEXT NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (name, block)) WITHOUT ROWID",
    ]
    for table in sorted(metadata.tables):
        for name, event, rows in _EVENTS:
            marks = " ".join(
                f"INSERT INTO altered SELECT '{table}', {row}.rowid / {BLOCK} WHERE NOT EXISTS (SELECT 1 FROM altered WHERE name = '{table}' AND block = {row}.rowid / {BLOCK});"
                for row in rows
            )
            out.append(f'CREATE TRIGGER {table}_{name} AFTER {event} ON "{table}" BEGIN {marks} END')
    return out


def create(connection: Connection) -> None:
    """Make the tables of checksums and their triggers; nothing on a server."""
    if connection.dialect.name == "sqlite":
        for line in statements():
            connection.exec_driver_sql(line)


def settle(connection: Connection) -> None:
    """Sum the blocks that the running transaction touched."""
    if connection.dialect.name != "sqlite":
        return
    raw: Any = connection.connection.driver_connection
    touched = raw.execute("SELECT name, block FROM altered").fetchall()
    for name, block in touched:
        digest = _digest(raw, metadata.tables[name], block)
        if digest is None:
            raw.execute("DELETE FROM checksum WHERE name = ? AND block = ?", (name, block))
        else:
            raw.execute("INSERT INTO checksum VALUES (?, ?, ?) ON CONFLICT (name, block) DO UPDATE SET digest = excluded.digest", (name, block, digest))
    if touched:
        raw.execute("DELETE FROM altered")


def renew(connection: Connection) -> None:
    """Sum all blocks of all tables; after an upgrade that changed columns."""
    raw: Any = connection.connection.driver_connection
    for name in metadata.tables:
        raw.execute(f'INSERT INTO altered SELECT DISTINCT ?, rowid / {BLOCK} FROM "{name}" WHERE true ON CONFLICT DO NOTHING', (name,))
    settle(connection)


def _columns(table: Table) -> str:
    """What of a table is summed; the bytes of a file have a hash of their own."""
    return ", ".join(f'length("{c.name}")' if c is blob.c.data else f'"{c.name}"' for c in table.columns)


def _digest(raw: Any, table: Table, block: int) -> bytes | None:
    low = block * BLOCK
    rows = raw.execute(f'SELECT rowid, {_columns(table)} FROM "{table.name}" WHERE rowid BETWEEN ? AND ? ORDER BY rowid', (low, low + BLOCK - 1)).fetchall()
    return hashlib.blake2b(ascii(rows).encode(), digest_size=16).digest() if rows else None


def broken(connection: Connection, step: int = 1) -> Iterator[str]:
    """In words, each stretch of rows that is not as chemwright wrote it.

    Args:
        connection: that reads.
        step: look at each ``step``-th block only.
    """
    raw: Any = connection.connection.driver_connection
    for name, block in raw.execute("SELECT name, block FROM altered"):
        yield f"table {name}: rows {block * BLOCK} to {block * BLOCK + BLOCK - 1} were changed by another program than chemwright"
    for name, table in sorted(metadata.tables.items()):
        kept = dict(raw.execute("SELECT block, digest FROM checksum WHERE name = ?", (name,)))
        there = {b for (b,) in raw.execute(f'SELECT DISTINCT rowid / {BLOCK} FROM "{name}"')}
        for block in sorted(there | set(kept))[::step]:
            if kept.get(block) != _digest(raw, table, block):
                yield f"table {name}: rows {block * BLOCK} to {block * BLOCK + BLOCK - 1} are not as they were written"
