"""Words for the full-text index, the same for both databases: Latin words folded, Chinese as overlapping pairs of characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import text as sql

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]+|[^\W{_CJK}]+(?:[.,'\u2019-](?=\w)[^\W{_CJK}]+)*")
MAX_INDEXED = 200_000
"""Characters of one record that are indexed."""


def fold(name: str) -> str:
    """A name as it is compared: compatibility forms and case folded, white space and dashes made one."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s\u2010-\u2015\u2212_]+", lambda m: "-" if m.group().strip() else " ", folded).strip()


def words(text: str) -> list[str]:
    """Index words of a text, in order; a run of Chinese characters gives its overlapping pairs (one character alone gives itself)."""
    out: list[str] = []
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text[:MAX_INDEXED]).casefold()):
        word = match.group()
        if re.match(rf"[{_CJK}]", word):
            out += [word[i : i + 2] for i in range(len(word) - 1)] or [word]
        else:
            out += [w for w in re.split(r"[.,'\u2019-]", word) if w]
    return [w[:100] for w in out]


def create_index(connection: Connection) -> None:
    """The index itself, which each database writes in its own way."""
    if connection.dialect.name == "sqlite":
        connection.execute(sql('CREATE VIRTUAL TABLE IF NOT EXISTS text_index USING fts5(body, tokenize = "unicode61 remove_diacritics 0")'))
    else:
        connection.execute(sql("ALTER TABLE text ADD COLUMN IF NOT EXISTS body tsvector"))
        connection.execute(sql("CREATE INDEX IF NOT EXISTS text_body ON text USING gin (body)"))


def index(connection: Connection, kind: str, items: list[tuple[int, str]]) -> None:
    """Add texts, ``(key of the record, its text)``, to the index; a record that is there already keeps its text."""
    items = [(target, " ".join(words(body))) for target, body in items]
    items = [(target, body) for target, body in items if body]
    if not items:
        return
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        for target, body in items:  # through the driver: a core of 70,000 substances passes here
            if raw.execute("INSERT INTO text (kind, target) VALUES (?, ?) ON CONFLICT DO NOTHING", (kind, target)).rowcount:
                raw.execute("INSERT INTO text_index (rowid, body) VALUES (last_insert_rowid(), ?)", (body,))
        return
    rows: list[dict[str, Any]] = [{"k": kind, "t": target, "b": body[:500_000]} for target, body in items]
    connection.execute(sql("INSERT INTO text (kind, target, body) VALUES (:k, :t, to_tsvector('simple', :b)) ON CONFLICT DO NOTHING"), rows)
