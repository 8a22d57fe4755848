"""The tables of a base as they must be: made, and compared with those of a file that may have been made to do harm.

A file's schema can hold code: triggers, views, virtual tables, generated columns, checks, indexes over expressions, collations. A knowledge base has none but
those below, so a file is refused unless each thing in it is exactly what this version makes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, create_engine

from chemwright.errors import StorageError
from chemwright.knowledge.base import audit, checksums, text
from chemwright.knowledge.base.schema import metadata

APPLICATION_ID = 0x43574B42
"""``CWKB`` in the header of the file; other programs see by it whose file it is."""
_INNER = ("sqlite_stat1", "sqlite_stat4")
_CODE = re.compile(r"\b(CHECK|COLLATE|GENERATED|AS|CONFLICT)\b", re.IGNORECASE)
Layout = dict[tuple[str, str], Any]


def make_tables(connection: Connection) -> None:
    """Make all tables, the text index, the triggers; mark the file as ours."""
    metadata.create_all(connection)
    text.create_index(connection)
    audit.protect(connection)
    checksums.create(connection)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


@lru_cache(maxsize=1)
def expected() -> Layout:
    """What this version makes."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        make_tables(connection)
        out = layout(connection)
    engine.dispose()
    return out


def layout(connection: Connection) -> Layout:
    """Everything in a file's schema, by type and name, as far as it matters: not the spelling of the SQL, which varies with the version of SQLAlchemy."""
    raw: Any = connection.connection.driver_connection
    out: Layout = {}
    for kind, name, table, sql in raw.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall():
        kind, name = str(kind), str(name)
        if name in _INNER or (kind == "index" and sql is None):
            continue
        words = " ".join(str(sql).split()).replace("IF NOT EXISTS ", "")
        if kind == "table" and not re.match(r"CREATE\s+VIRTUAL", words, re.IGNORECASE):
            out[kind, name] = _table(raw, name, words)
        elif kind == "index":
            out[kind, name] = _index(raw, str(table), name, words)
        else:
            out[kind, name] = (str(table), words)
    return out


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(raw: Any, name: str, words: str) -> Any:
    columns = [tuple(r[1:]) for r in raw.execute(f"PRAGMA table_xinfo({_quoted(name)})")]
    keys = sorted(tuple(r[2:5]) for r in raw.execute(f"PRAGMA foreign_key_list({_quoted(name)})"))
    code = sorted(set(_CODE.findall(re.sub(r"\"[^\"]*\"|'[^']*'", "", words))))
    return columns, keys, code, "WITHOUT ROWID" in words


def _index(raw: Any, table: str, name: str, words: str) -> Any:
    flags = [(r[2], r[4]) for r in raw.execute(f"PRAGMA index_list({_quoted(table)})") if r[1] == name]
    return table, flags, [tuple(r[1:]) for r in raw.execute(f"PRAGMA index_xinfo({_quoted(name)})")], sorted(set(_CODE.findall(words)))


def check_layout(connection: Connection, where: str, *, exact: bool) -> None:
    """Refuse a file with anything that chemwright does not make.

    Args:
        connection: to a file.
        where: its name.
        exact: each thing must also be as this version makes it, and none may be missing; False for a file of an older version.

    Raises:
        StorageError: something foreign, altered or missing.
    """
    ours, found = expected(), layout(connection)
    fix = "don't trust this file; ask its sender for an export: chemwright kb export"
    for (kind, name), made in found.items():
        if (kind, name) not in ours:
            raise StorageError(f"holds a {kind} {name[:60]!r} that chemwright does not make", where=where, fix=fix)
        if (exact or kind != "table") and made != ours[kind, name]:
            raise StorageError(f"its {kind} {name[:60]!r} is not as chemwright makes it", where=where, fix=fix)
        if kind == "table" and made != ours[kind, name] and (len(made) != 4 or made[2] or any(c[-1] for c in made[0])):
            raise StorageError(f"its table {name[:60]!r} holds code", where=where, fix=fix)
    missing = [f"{kind} {name!r}" for kind, name in ours if (kind, name) not in found]
    if exact and missing:
        raise StorageError(f"lacks its {', '.join(missing[:4])}", where=where, fix="restore the backup: chemwright kb verify --restore")
    mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
    if exact and mark != APPLICATION_ID:
        raise StorageError(f"is not marked as a knowledge base (application id {mark})", where=where, fix=fix)
