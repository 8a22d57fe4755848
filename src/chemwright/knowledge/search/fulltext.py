"""Full-text terms in either database: words, phrases of Chinese characters, beginnings of words."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, cast, column, func, literal_column, select, table
from sqlalchemy import Text as TextType

from chemwright.errors import InputError
from chemwright.knowledge.base.schema import text as text_table
from chemwright.knowledge.base.text import words

MAX_WORDS = 50
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_INDEX = table("text_index", column("rowid"), column("body"))


def terms(given: str) -> list[tuple[list[str], bool]]:
    """The words of each piece between blanks, as indexed, and whether it stands for a beginning.

    Raises:
        InputError: no word in it, or more than 50.
    """
    out = [(words(piece), piece.endswith("*")) for piece in given.split()]
    out = [(w, star) for w, star in out if w]
    if not out or sum(len(w) for w, _ in out) > 4 * MAX_WORDS or len(out) > MAX_WORDS:
        raise InputError(f"{given[:40]!r} has no words to search for, or more than {MAX_WORDS}", where="search, text", fix="give words of letters or digits")
    return out


def targets(given: str, kind: str, dialect: str) -> Select[Any]:
    """Select the records of a kind (``substance`` or ``entry``) whose text holds all pieces.

    Raises:
        InputError: no words.
    """
    conditions = [_sqlite(w, star) if dialect == "sqlite" else _postgres(w, star) for w, star in terms(given)]
    query = select(text_table.c.target).where(text_table.c.kind == kind, *conditions)
    if dialect == "sqlite":
        return query.join_from(text_table, _INDEX, _INDEX.c.rowid == text_table.c.pk)
    return query


def _sqlite(piece: list[str], star: bool) -> ColumnElement[bool]:
    if len(piece) == 1 and len(piece[0]) == 1 and _CJK.match(piece[0]):  # the index knows pairs
        return _INDEX.c.body.contains(piece[0], autoescape=True)
    phrase = '"' + " ".join(piece).replace('"', "") + '"' + ("*" if star else "")
    # each piece asks the index by itself: SQLite allows one MATCH of a joined table only
    return text_table.c.pk.in_(select(_INDEX.c.rowid).where(literal_column("text_index").op("MATCH")(phrase)))


def _postgres(piece: list[str], star: bool) -> ColumnElement[bool]:
    body: ColumnElement[Any] = literal_column("text.body")
    if len(piece) == 1 and len(piece[0]) == 1 and _CJK.match(piece[0]):
        return cast(body, TextType).contains(piece[0], autoescape=True)
    if not star:
        return body.op("@@")(func.phraseto_tsquery("simple", " ".join(piece)))  # type: ignore[no-any-return]
    quoted = ["'" + w.replace("\\", "\\\\").replace("'", "''") + "'" for w in piece]
    return body.op("@@")(func.to_tsquery("simple", " <-> ".join(quoted) + ":*"))  # type: ignore[no-any-return]


def inside(where: ColumnElement[Any], given: str) -> ColumnElement[bool]:
    """Whether a text column holds all pieces, capitals apart."""
    return and_(where != "", *(func.lower(where).contains(piece.rstrip("*").lower(), autoescape=True) for piece in given.split()))
