"""What a database says when something is wrong, as one of our errors: what happened, where, and what to do."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from chemwright.errors import StorageError

_FIXES = (
    ("locked", "another program is writing; try again when it has finished"),
    ("lock timeout", "another program is writing; try again when it has finished"),
    ("malformed", "the file is damaged: chemwright kb verify FILE --restore"),
    ("not a database", "the file is damaged or is something else: chemwright kb verify FILE --restore"),
    ("could not decode", "the file is damaged: chemwright kb verify FILE --restore"),
    ("full", "make room on the disk and run it again: nothing is half-written"),
    ("no space left", "make room on the server's disk and run it again: nothing is half-written"),
    ("disk i/o", "check the disk and its room, then run it again: nothing is half-written"),
    ("readonly", "open it for writing, or check the rights to the file and its folder"),
    ("read-only", "open it for writing"),
    ("unable to open", "check the path and the rights to the file and its folder"),
    ("too big", "split the record: a field or file is larger than a row may be"),
    ("resolve host", "check address and name of the server"),
    ("connect", "check address, user and password, and that the server runs"),
)


def place(address: str) -> str:
    """An address as it may be printed: without user and password."""
    return address.rsplit("@", 1)[-1]


def first_line(error: BaseException) -> str:
    """What the database says, in one line."""
    cause = getattr(error, "orig", None) or error
    said = str(cause).strip()
    if "not a database" in said:
        return "is no knowledge base, or its beginning is damaged"
    return f"the database says: {said.splitlines()[0][:200] if said else type(cause).__name__}"


def mend(said: str) -> str:
    """What to do about it."""
    lower = said.lower()
    return next((fix for words, fix in _FIXES if words in lower), "check the base: chemwright kb verify")


def failures() -> tuple[type[Exception], ...]:
    """What a database raises: through SQLAlchemy, or past it where a driver is called itself for speed."""
    server = sys.modules.get("psycopg")
    return (SQLAlchemyError, sqlite3.Error, *([server.Error] if server is not None else []))


@contextmanager
def plain(address: str) -> Iterator[None]:
    """Errors of the database as ours.

    Raises:
        StorageError: whatever the database could not do.
    """
    try:
        yield
    except failures() as error:
        raise StorageError(first_line(error), where=place(address), fix=mend(str(getattr(error, "orig", None) or error))) from None
    except UnicodeDecodeError as error:  # SQLite quotes a damaged schema in its message, and Python can't read that
        if not _from_a_driver(error):
            raise
        raise StorageError("the database's own message can't be read", where=place(address), fix=mend("malformed")) from None


def _from_a_driver(error: BaseException) -> bool:
    """Whether an error came up in a call of the database, not in the code of whoever uses it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__", "")).startswith(("sqlalchemy.", "chemwright.knowledge.base."))


@contextmanager
def row_of(table: str, key: object) -> Iterator[None]:
    """What can't be made of a row's content as a damaged row: the base is at fault then, not who asked.

    Raises:
        StorageError: a code, number or JSON in the row that no version of chemwright writes.
    """
    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        said = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise StorageError(
            f"holds what chemwright does not write ({type(error).__name__}: {said})", where=f"table {table}, row {key}", fix="the base is damaged: chemwright kb verify --restore"
        ) from None
