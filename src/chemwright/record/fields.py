"""Converters and validators that the records share; all refuse with an InputError that names the field."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import Attribute

from chemwright.errors import InputError, did_you_mean

Validator = Callable[[Any, "Attribute[Any]", Any], None]


def number(value: float) -> float:
    """As float, without the sign of zero: equal records shall have equal text and hash.

    Raises:
        InputError: not a number.
    """
    if isinstance(value, str):
        raise InputError(f"{value!r} is a text, not a number", fix="give a number")
    try:
        return float(value) + 0.0
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{value!r} is not a number", fix="give a finite number") from None


def optional_number(value: float | None) -> float | None:
    """As :func:`number`, ``None`` kept."""
    return None if value is None else number(value)


def numbers(values: Iterable[float]) -> tuple[float, ...]:
    """A row of numbers."""
    return tuple(number(v) for v in values)


def as_tuple(values: Iterable[Any]) -> tuple[Any, ...]:
    """Any sequence as a tuple."""
    return tuple(values)


def table(rows: Iterable[Iterable[float]]) -> tuple[tuple[float, ...], ...]:
    """Rows of numbers."""
    return tuple(numbers(row) for row in rows)


def named_numbers(values: Mapping[str, float]) -> dict[str, float]:
    """Names and numbers, copied: a record does not change with the dict it was made from."""
    return {str(key): number(value) for key, value in values.items()}


def named_texts(values: Mapping[str, str]) -> dict[str, str]:
    """Names and texts, copied.

    Raises:
        InputError: what is no text.
    """
    for value in values.values():
        if not isinstance(value, str):
            raise InputError(f"{value!r} is no text", fix="put it in quotes")
    return dict(values)


def _where(instance: Any, attribute: Attribute[Any]) -> str:
    name = getattr(instance, "id", "") or getattr(instance, "name", "")
    kind = type(instance).__name__
    return f"{kind} {name!r}, {attribute.name}" if isinstance(name, str) and name else f"{kind}, {attribute.name}"


def filled(instance: Any, attribute: Attribute[Any], value: str) -> None:
    """Validator: a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise InputError(f"{value!r} is not a text with at least one character", where=_where(instance, attribute), fix="give it a name")


def one_of(allowed: tuple[str, ...]) -> Validator:
    """Validator: one of the allowed words."""

    def check(instance: Any, attribute: Attribute[Any], value: str) -> None:
        if value not in allowed:
            raise InputError(f"{value!r} is not one of {', '.join(allowed)}", where=_where(instance, attribute), fix=did_you_mean(str(value), allowed))

    return check


def finite(instance: Any, attribute: Attribute[Any], value: Any) -> None:
    """Validator: every number in a number, row, table or dict is finite."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, tuple):
            finite(instance, attribute, item)
        elif item is not None and not math.isfinite(item):
            raise InputError(f"{item!r} is not a finite number", where=_where(instance, attribute), fix="give a finite number")


def within(low: float, high: float = math.inf, *, open_low: bool = False) -> Validator:
    """Validator: a finite number from ``low`` to ``high`` (``open_low``: above ``low``); ``None`` passes."""

    def check(instance: Any, attribute: Attribute[Any], value: float | None) -> None:
        if value is None:
            return
        finite(instance, attribute, value)
        if not low <= value <= high or (open_low and value == low):
            span = f"{'>' if open_low else '>='} {low:g}" + ("" if high == math.inf else f" and <= {high:g}")
            raise InputError(f"{value!r}, expected a number {span}", where=_where(instance, attribute), fix=f"give a number {span}")

    return check


def unique(key: str) -> Validator:
    """Validator: no two members of a tuple share the field ``key``."""

    def check(instance: Any, attribute: Attribute[Any], value: tuple[Any, ...]) -> None:
        seen: set[str] = set()
        for item in value:
            name = getattr(item, key)
            if name in seen:
                raise InputError(f"{key} {name!r} is given twice", where=_where(instance, attribute), fix="rename or remove one")
            seen.add(name)

    return check
