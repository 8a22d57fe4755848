"""Messages between the processes of the laboratory: one JSON object a line, of bounded length and depth, checked before it is used; nothing that comes in is ever run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from chemwright.errors import InputError

LONGEST = 65_536
"""Longest message, bytes, its line end counted."""


def pack(message: Mapping[str, Any]) -> bytes:
    """A message as a line.

    Raises:
        InputError: a number that is not finite, something that JSON can't hold, or over :data:`LONGEST` bytes.
    """
    try:
        data = json.dumps(message, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"a message can't be sent: {error}", where="laboratory", fix="send finite numbers, texts, lists and dicts") from None
    if len(data) > LONGEST:
        raise InputError(f"a message of {len(data)} bytes, at most {LONGEST} are taken", where="laboratory", fix="send less at once")
    return data


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a finite number")


def unpack(line: bytes) -> dict[str, Any]:
    """A line as a message.

    Raises:
        InputError: too long, not JSON, or not an object.
    """
    if len(line) > LONGEST:
        raise InputError(f"a message over {LONGEST} bytes", where="laboratory", fix="send less at once")
    try:
        data = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"a message that is no JSON: {str(error)[:100]}", where="laboratory", fix="send one JSON object a line") from None
    if not isinstance(data, dict):
        raise InputError(f"a message that is a {type(data).__name__}, not an object", where="laboratory", fix="send one JSON object a line")
    return data


def text(message: Mapping[str, Any], key: str, *, longest: int = 200, default: str | None = None) -> str:
    """A text of a message.

    Raises:
        InputError: it is missing, not a text, or too long.
    """
    value = message.get(key, default)
    if not isinstance(value, str) or len(value) > longest:
        raise InputError(f"{key} is not a text of at most {longest} characters", where="laboratory message", fix=f"give {key!r} as a text")
    return value


def amount(message: Mapping[str, Any], key: str, default: float | None = None) -> float:
    """A finite number of a message.

    Raises:
        InputError: it is missing or not a number.
    """
    value = message.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{key} is not a number", where="laboratory message", fix=f"give {key!r} as a number")
    return float(value)
