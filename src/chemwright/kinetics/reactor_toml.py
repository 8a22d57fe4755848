"""Reading of a small TOML file whose every key and quantity is checked, with errors that name the place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chemwright.errors import InputError, UnitError, did_you_mean, near_misses
from chemwright.quantity import si, split_quantity

MAX_BYTES = 1_000_000


def load_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        InputError: missing (with near misses), a folder, over 1 MB, not UTF-8, or not TOML (with the line).
    """
    try:
        if path.is_dir():
            raise InputError("is a folder, a TOML file is expected", where=str(path), fix="name the file in it")
        if path.exists() and not path.is_file():  # a device or a pipe has no end
            raise InputError("is no regular file", where=str(path), fix="copy what it gives into a file first")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"more than {MAX_BYTES // 1000} kB", where=path.name, fix="a reactor file is a page of text: check the path")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        near = near_misses(path.name, [p.name for p in sorted(path.parent.glob("*"))[:500]]) if path.parent.is_dir() else []
        raise InputError("file not found", where=str(path), fix=f"did you mean {near[0]!r}?" if near else "check the path") from None
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=str(path), fix="check the path and the rights to it") from None
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=path.name, fix="save it as UTF-8") from None
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except RecursionError:
        raise InputError("tables or lists nested too deep", where=path.name, fix="a reactor file needs no more than three levels") from None
    except ValueError as error:
        match = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", str(error))
        place = f", line {match.group(1) or text.count(chr(10)) + 1}" if match else ""
        message = str(error)[: match.start()] if match else str(error)
        raise InputError(f"not valid TOML: {message[:200]}", where=f"{path.name}{place}", fix='texts stand in quotes: volume = "1.5 m^3"') from None


def known_keys(part: Mapping[str, Any], allowed: Sequence[str], needed: Sequence[str], where: str) -> None:
    """Check a table's keys.

    Raises:
        InputError: a key that is not allowed (with near misses), or one that is needed and missing.
    """
    for key in part:
        if key not in allowed:
            raise InputError(f"unknown key {key!r}", where=where, fix=did_you_mean(key, allowed))
    for key in needed:
        if key not in part:
            raise InputError(f"{key!r} is missing", where=where, fix=f"add {key!r}")


def table(part: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    """The table under ``key``.

    Raises:
        InputError: something else stands there.
    """
    value = part[key]
    if not isinstance(value, dict):
        raise InputError(f"{key!r} is no table", where=where, fix=f"write [{key}] or {key} = {{ name = value }}")
    return value


def quantity(value: Any, unit: str, where: str, *, low: float | None = None, high: float | None = None, example: str = "") -> float:
    """A text with number and unit as a number in ``unit``, bounds included.

    Args:
        value: as read from the file.
        unit: to convert to.
        where: place, for the error.
        low, high: bounds in ``unit``.
        example: what a good value looks like.

    Raises:
        InputError: not a text, no finite number, or out of bounds.
        UnitError: unknown unit, or wrong dimension.
    """
    like = example or f"1 {unit}"
    if not isinstance(value, str):
        raise InputError(f"{value!r} has no unit", where=where, fix=f"give a text with number and unit, as in {like!r}")
    try:
        split_quantity(value, where)
    except UnitError as error:
        raise InputError(error.message, where=where, fix=error.fix) from None
    number = si(value, unit, where)
    if (low is not None and number < low) or (high is not None and number > high):
        bounds = f"at least {low:g}" if high is None else f"between {low:g} and {high:g}"
        raise InputError(f"{value!r} is out of range, {bounds} {unit} expected", where=where, fix=f"give a value like {like!r}" if example else "check number and unit")
    return number
