"""The audit trail: every change, in order, each line sealed by the hash of the one before; the database itself refuses to change or remove a line."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy import text as sql

from chemwright.knowledge.base.schema import audit

FIRST = "0" * 64
_FIELDS = ("at", "who", "what", "target", "detail", "previous")

_SQLITE = [
    "CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
]
_POSTGRES = [
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
    "CREATE OR REPLACE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
]


def now() -> str:
    """The time as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def actor() -> str:
    """Who runs this program."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def protect(connection: Connection) -> None:
    """Make the trail append-only in the database itself."""
    for line in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES:
        connection.execute(sql(line))


_FREE_SQLITE = ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
_FREE_POSTGRES = ["DROP TRIGGER audit_no_change ON audit"]


def take_over(connection: Connection, lines: Sequence[Mapping[str, Any]]) -> None:
    """Put the trail of another base, line by line, in the place of the few lines of a new one; for a migration only.

    Args:
        connection: in a transaction that writes.
        lines: all columns, in order.
    """
    for line in _FREE_SQLITE if connection.dialect.name == "sqlite" else _FREE_POSTGRES:
        connection.execute(sql(line))
    connection.execute(delete(audit))
    if lines:
        connection.execute(insert(audit), list(lines))
    protect(connection)


def write(connection: Connection, who: str, what: str, target: str = "", **detail: Any) -> None:
    """Append a line within the running transaction.

    Args:
        connection: in a transaction that writes.
        who: person or program.
        what: verb, as ``import``, ``label``, ``retract``.
        target: what was changed.
        detail: plain data.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(sql("LOCK TABLE audit IN EXCLUSIVE MODE"))  # one writer at a time, or two lines would follow the same one
    before = connection.execute(select(audit.c.hash).order_by(audit.c.pk.desc()).limit(1)).scalar() or FIRST
    line = {
        "at": now(),
        "who": who,
        "what": what,
        "target": target,
        "detail": json.dumps(detail, sort_keys=True, ensure_ascii=False, default=str) if detail else "",
        "previous": before,
    }
    connection.execute(insert(audit).values(**line, hash=seal(line)))


def seal(line: dict[str, str]) -> str:
    """Hash of a line with that of the one before."""
    return hashlib.sha256("\x1f".join(line[f] for f in _FIELDS).encode()).hexdigest()


def broken_at(connection: Connection) -> int | None:
    """Key of the first line that does not follow from the one before it; None when the trail is whole."""
    previous = FIRST
    for row in connection.execute(select(audit).order_by(audit.c.pk)).mappings():
        if row["previous"] != previous or row["hash"] != seal({f: row[f] for f in _FIELDS}):
            return int(row["pk"])
        previous = row["hash"]
    return None
