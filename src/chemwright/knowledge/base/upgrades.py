"""From the tables of an older version to this one's: one step a version, all steps in one transaction, after a backup."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, update

from chemwright.errors import StorageError
from chemwright.knowledge.base import audit, checksums
from chemwright.knowledge.base.layout import APPLICATION_ID
from chemwright.knowledge.base.schema import meta


def _to_2(connection: Connection) -> None:
    """Checksums of rows in blocks, and the mark of a knowledge base in the header."""
    checksums.create(connection)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


UPGRADES_DB: dict[int, Callable[[Connection], None]] = {1: _to_2}
"""Version of the tables to the function that brings them to the next one."""


def steps(version: str, newest: int, where: str) -> list[int]:
    """The versions to start a step from.

    Raises:
        StorageError: newer than this program, or no way from there.
    """
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else None
    path = list(range(number, newest)) if number is not None else []
    if number is None or number > newest or any(v not in UPGRADES_DB for v in path):
        raise StorageError(f"is of version {version[:20]!r}, this chemwright reads {newest}", where=where, fix="use the chemwright that wrote it, or a newer one")
    return path


def upgrade(connection: Connection, who: str, path: list[int], newest: int) -> None:
    """Run the steps within a transaction that writes.

    Args:
        connection: that writes.
        who: person or program.
        path: from :func:`steps`.
        newest: version that is reached.
    """
    for version in path:
        UPGRADES_DB[version](connection)
    connection.execute(update(meta).where(meta.c.name == "version").values(value=str(newest)))
    audit.write(connection, who, "upgrade", before=path[0], after=newest)
    if connection.dialect.name == "sqlite":
        checksums.renew(connection)
