"""Words for the full-text index, the same for both databases: Latin words folded, Chinese as overlapping pairs of characters."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import text as sql

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]+|[^\W{_CJK}]+(?:[.,'\u2019-](?=\w)[^\W{_CJK}]+)*")
MAX_INDEXED = 200_000
"""Characters of one record that are indexed."""
LONGEST = 500
"""Characters of a folded name; what is longer ends in its hash."""


def fold(name: str) -> str:
    """A name as it is compared: compatibility forms and case folded, white space and dashes made one."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    folded = re.sub(r"[\s\u2010-\u2015\u2212_]+", lambda m: "-" if m.group().strip() else " ", folded).strip()
    if len(folded) <= LONGEST:
        return folded
    return f"{folded[: LONGEST - 33]} {hashlib.blake2b(folded.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"  # PostgreSQL indexes at most 2.7 kB


def bounded(body: str) -> str:
    """As many index words as a ``tsvector`` of PostgreSQL holds (1 MiB)."""
    if len(body) < 100_000:
        return body
    room, kept = 1_000_000, []
    for word in body.split(" "):
        room -= len(word.encode()) + 8
        if room < 0:
            break
        kept.append(word)
    return " ".join(kept)


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
    rows: list[dict[str, Any]] = [{"k": kind, "t": target, "b": bounded(body)} for target, body in items]
    connection.execute(sql("INSERT INTO text (kind, target, body) VALUES (:k, :t, to_tsvector('simple', :b)) ON CONFLICT DO NOTHING"), rows)


def fill(connection: Connection, items: list[tuple[int, str]]) -> None:
    """Index texts whose rows, ``(key in the table text, text)``, are there already without their words."""
    raw: Any = connection.connection.driver_connection
    done = [{"p": pk, "b": " ".join(words(body))} for pk, body in items]
    if connection.dialect.name == "sqlite":
        raw.executemany("INSERT INTO text_index (rowid, body) VALUES (:p, :b)", done)
        return
    with raw.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE text_in (pk bigint, body text) ON COMMIT DROP")
        with cursor.copy("COPY text_in FROM STDIN") as copy:
            for row in done:
                copy.write_row((row["p"], bounded(str(row["b"]))))
        cursor.execute("UPDATE text SET body = to_tsvector('simple', text_in.body) FROM text_in WHERE text.pk = text_in.pk")
        cursor.execute("DROP TABLE text_in")
