"""What a text may hold so that both databases keep it: no NUL, no half of a surrogate pair, no more than fits; said before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import fields, has

from chemwright.errors import InputError

MAX_TEXT = 2_000_000
"""Characters of one text field."""
MAX_NAME = 2_000
"""Bytes, in UTF-8, of what is looked up by an index: a key, an id; PostgreSQL's index pages hold no more."""
MAX_BODY = 10_000_000
"""Characters of a whole record as JSON."""
_FORBIDDEN = ("\0", "\x1f")  # the first ends a text in C and in PostgreSQL, the second parts the fields under a content hash


def check_text(value: str, where: str, field: str = "") -> None:
    """Refuse a text that can't be kept.

    Args:
        value: the text.
        where: record it belongs to.
        field: its name there.

    Raises:
        InputError: too long, a control character that parts fields, or half of a surrogate pair.
    """
    spot = f"{where}, {field}" if field else where
    if len(value) > MAX_TEXT:
        raise InputError(f"{len(value):,} characters in one field, at most {MAX_TEXT:,} expected", where=spot, fix="keep long texts as an asset and file a short one")
    for sign in _FORBIDDEN:
        if sign in value:
            at = value.index(sign)
            raise InputError(
                f"the control character U+{ord(sign):04X} at position {at + 1}", where=spot, fix="take it out; it often means that a file was read in the wrong encoding"
            )
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"half of a surrogate pair at position {error.start + 1}", where=spot, fix="the text was read in the wrong encoding: read its file as UTF-8") from None


def check_name(value: str, where: str, field: str = "") -> None:
    """Refuse a key or id that can't be kept or found again.

    Raises:
        InputError: as :func:`check_text`, and more than :data:`MAX_NAME` bytes.
    """
    check_text(value, where, field)
    if len(value.encode()) > MAX_NAME:
        spot = f"{where}, {field}" if field else where
        raise InputError(f"{len(value.encode()):,} bytes of key, at most {MAX_NAME:,} expected", where=spot, fix="give a shorter one and put the rest in a note")


def check_record(record: Any, where: str) -> None:
    """Refuse a record with a text in it that can't be kept; the field is named.

    Raises:
        InputError: as :func:`check_text`.
    """
    for name, value in _texts(record, ""):
        check_text(value, where, name)


def _texts(value: Any, name: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield f"a name in {name}", str(k)
            yield from _texts(v, f"{name}[{str(k)[:40]!r}]")
    elif isinstance(value, tuple | list):
        for i, v in enumerate(value):
            yield from _texts(v, f"{name} {i + 1}")
    elif has(type(value)):
        for a in fields(type(value)):
            yield from _texts(getattr(value, a.name), f"{name} {a.name}".strip())
