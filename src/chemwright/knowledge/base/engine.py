"""Opening a database by its address: SQLite in a file, or PostgreSQL.

A file that comes from elsewhere is untrusted: SQLite is told not to trust its schema (no functions with side effects from triggers or views, cells checked
as they are read, no memory map), the defensive switch is set where Python offers it (3.12), and a file holding any table, view or trigger that is not
ours is refused before anything is read from it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from chemwright.errors import InputError, MissingExtra, StorageError

MAGIC = b"SQLite format 3\0"
BUSY_SECONDS = 60.0


def file_of(url: str | Path) -> Path | None:
    """The file of an embedded base; None when the address is a server's."""
    text = str(url)
    if text.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        return None
    if "://" in text and not text.startswith("sqlite:///"):
        scheme = text.split("://", 1)[0]
        raise InputError(f"no knowledge base at {scheme!r}", where=_hidden(text), fix="give a file such as 'plant.kb', or postgresql://user@host/name")
    return Path(text.removeprefix("sqlite:///"))


def _hidden(url: str) -> str:
    """The address without its password."""
    head, at, tail = url.rpartition("@")
    return f"{head.split('://')[0]}://...@{tail}" if at else url


def make_engine(url: str | Path, *, read_only: bool = False, create: bool = False) -> Engine:
    """An engine for the address.

    Args:
        url: a file's path, ``sqlite:///path``, or ``postgresql://user:password@host:port/name``.
        read_only: refuse to write.
        create: make the file when it is not there.

    Raises:
        InputError: an address of another kind. StorageError: no such file, not a knowledge base, or it can't be opened. MissingExtra: PostgreSQL without its driver.
    """
    path = file_of(url)
    if path is None:
        return _postgres(str(url), read_only)
    if not path.exists():
        if not create or read_only:
            raise StorageError("no knowledge base there", where=str(path), fix=f"make one: chemwright kb init {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
    elif path.is_dir():
        raise StorageError("is a folder, a knowledge base is one file", where=str(path), fix="name the file, as 'plant.kb'")
    elif path.stat().st_size and not _starts_right(path):
        raise StorageError("is no knowledge base, or its beginning is damaged", where=str(path), fix="check the name, or restore the backup: chemwright kb verify --restore")
    return _sqlite(path, read_only)


def _starts_right(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise StorageError(f"can't be read: {error.strerror}", where=str(path), fix="check the rights to it") from None


def _sqlite(path: Path, read_only: bool) -> Engine:
    engine = create_engine(f"sqlite+pysqlite:///{path}", poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _: Any) -> None:
        harden(raw)
        raw.isolation_level = None  # transactions are begun below, at once for writing, so that two writers queue instead of failing
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute(f"PRAGMA busy_timeout = {int(1000 * BUSY_SECONDS)}")
        raw.execute("PRAGMA cache_size = -262144")
        raw.execute("PRAGMA temp_store = MEMORY")
        if read_only:
            raw.execute("PRAGMA query_only = ON")
        else:
            raw.execute("PRAGMA journal_mode = WAL")
            raw.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        deferred = read_only or connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    return engine


def harden(raw: sqlite3.Connection) -> None:
    """Switches for a database file that may have been made to do harm."""
    raw.execute("PRAGMA trusted_schema = OFF")
    raw.execute("PRAGMA cell_size_check = ON")
    raw.execute("PRAGMA mmap_size = 0")
    if hasattr(raw, "setconfig"):  # Python 3.12 and later
        raw.setconfig(getattr(sqlite3, "SQLITE_DBCONFIG_DEFENSIVE"), True)  # noqa: B009  # not in the types of 3.11


def _postgres(url: str, read_only: bool) -> Engine:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise MissingExtra("PostgreSQL needs its driver", where=_hidden(url), fix="pip install 'chemwright[postgres]'") from None
    rest = url.split("://", 1)[1]
    options = {"options": "-c default_transaction_read_only=on"} if read_only else {}
    return create_engine(f"postgresql+psycopg://{rest}", poolclass=NullPool, connect_args={"connect_timeout": 10, **options})
