"""Reaching into the details of a report, and saying plainly what is not there."""

from __future__ import annotations

from typing import Any

from chemwright.report.words import tr


class Absent(Exception):
    """A part of the report can't be written; the text says why. It never leaves the report."""


def need(details: Any, *path: str | int) -> Any:
    """What stands at the path of keys.

    Raises:
        Absent: a key is not there, or what stands there is empty.
    """
    here = details
    for i, key in enumerate(path):
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            here = None
        if here is None or here == {} or here == [] or here == ():
            raise Absent(_reason(path, i))
    return here


def get(details: Any, *path: str | int, default: Any = None) -> Any:
    """What stands at the path of keys, or the default."""
    try:
        return need(details, *path)
    except Absent:
        return default


def _reason(path: tuple[str | int, ...], i: int) -> str:
    """Why a part is not there, in words."""
    if path[0] == "results" and len(path) > 1:
        return tr("the step '{step}' has no result", step=path[1]) if i <= 1 else tr("the step '{step}' gave no '{part}'", step=path[1], part=path[i])
    return tr("no '{part}' was given", part=path[i])


def rows(items: Any) -> list[dict[str, Any]]:
    """The members of a list that are dicts."""
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list | tuple) else []
