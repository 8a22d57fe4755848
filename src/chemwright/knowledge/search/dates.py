"""Dates as text, compared as they are filed: ISO 8601 in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

from chemwright.errors import InputError

_FORMS = {4: "%Y", 7: "%Y-%m", 10: "%Y-%m-%d", 13: "%Y-%m-%dT%H", 16: "%Y-%m-%dT%H:%M", 19: "%Y-%m-%dT%H:%M:%S"}
_STEPS = {10: timedelta(days=1), 13: timedelta(hours=1), 16: timedelta(minutes=1), 19: timedelta(seconds=1)}


def normal(date: str) -> str:
    """The first moment of a year, month, day, hour, minute or second, as 19 characters.

    Raises:
        InputError: no such date.
    """
    return _read(date).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


def _read(date: str) -> datetime:
    try:
        return datetime.strptime(date, _FORMS[len(date)])
    except (ValueError, KeyError):
        raise InputError(f"there is no date {date[:40]!r}", where="search", fix="write it as 2024, 2024-05, 2024-05-31 or 2024-05-31T14:30") from None


def after(date: str) -> str:
    """The first moment after a year, month, day, hour, minute or second.

    Raises:
        InputError: no such date.
    """
    start = _read(date)
    try:
        if len(date) == 4:
            end = start.replace(year=start.year + 1)
        elif len(date) == 7:
            end = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        else:
            end = start + _STEPS[len(date)]
    except (ValueError, OverflowError):
        return "9999-12-31T23:59:59.999999"
    return end.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
