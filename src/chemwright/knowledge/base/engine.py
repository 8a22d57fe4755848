"""Opening a database by its address: SQLite in a file, or PostgreSQL.

A file that comes from elsewhere is untrusted: SQLite is told not to trust its schema (no functions with side effects from triggers or views, cells checked
as they are read, no memory map, no row over 64 MiB, no second file attached), the defensive switch is set where Python offers it (3.12), and a file whose
schema is anything but what chemwright makes is refused before a row of it is read (:mod:`chemwright.knowledge.base.layout`). On Python 3.11 the defensive switch
itself can't be reached; what it forbids are statements (writing to the schema or to the index's inner tables) that chemwright never sends.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from chemwright.errors import InputError, MissingExtra, StorageError

MAGIC = b"SQLite format 3\0"
BUSY_SECONDS = 60.0
LOCK = 0x43574B42
MAX_ROW = 64 * 2**20
"""Bytes that SQLite may make of one row or text: a file from elsewhere can't ask for all memory."""


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
    return _sqlite(path, read_only)


def _sqlite(path: Path, read_only: bool) -> Engine:
    query = ""
    if read_only and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        query = "?immutable=1"  # to read a file with a log SQLite makes its index beside it; where it may not, the file is read as it lies
    address = path.absolute().as_uri() + query

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)

    engine = create_engine("sqlite+pysqlite://", poolclass=NullPool, creator=connect)

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
            keep_log(raw)
            raw.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        deferred = read_only or connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    return engine


def keep_log(raw: sqlite3.Connection) -> None:
    """Switch a file to its write-ahead log, waiting for others.

    Two programs that switch a new file at once each hold what the other waits for; SQLite then says "locked" at once, whatever its timeout, so the waiting is done here.

    Raises:
        sqlite3.OperationalError: still locked after :data:`BUSY_SECONDS`, or the file can't be written.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.01)


def harden(raw: sqlite3.Connection) -> None:
    """Switches for a database file that may have been made to do harm."""
    raw.execute("PRAGMA trusted_schema = OFF")
    raw.execute("PRAGMA cell_size_check = ON")
    raw.execute("PRAGMA mmap_size = 0")
    raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_ROW)
    raw.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    if hasattr(raw, "setconfig"):  # Python 3.12 and later
        raw.setconfig(getattr(sqlite3, "SQLITE_DBCONFIG_DEFENSIVE"), True)  # noqa: B009  # not in the types of 3.11


@contextmanager
def reader(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database for as long as it is open, in either kind."""
    options: dict[str, Any] = {"reads": True}
    if engine.dialect.name != "sqlite":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def _postgres(url: str, read_only: bool) -> Engine:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise MissingExtra("PostgreSQL needs its driver", where=_hidden(url), fix="pip install 'chemwright[postgres]'") from None
    rest = url.split("://", 1)[1]
    settings = f"-c lock_timeout={int(BUSY_SECONDS)}s" + (" -c default_transaction_read_only=on" if read_only else "")
    try:
        engine = create_engine(f"postgresql+psycopg://{rest}", poolclass=NullPool, connect_args={"connect_timeout": 10, "options": settings, "client_encoding": "utf8"})
    except (ArgumentError, ValueError):
        raise InputError(
            "can't be read as an address", where=_hidden(url), fix="give postgresql://user:password@host:port/name; write signs in the password as %40 and the like"
        ) from None

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        if not connection.get_execution_options().get("reads") and not read_only:
            connection.exec_driver_sql(
                f"SELECT pg_advisory_xact_lock({LOCK})"
            )  # writers queue, as on a file: two that file the same records in another order would block each other

    return engine
