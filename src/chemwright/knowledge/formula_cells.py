"""Cells of tables that are written for spreadsheets: no text of ours is taken for a formula."""

from __future__ import annotations

from typing import Any

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: Any) -> Any:
    """A value for a CSV cell: text that a spreadsheet would take for a formula gets an apostrophe in front, numbers stay as they are."""
    if not isinstance(value, str) or not value:
        return value
    if not value.isascii() or "\0" in value:
        value = value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return "'" + value if value.lstrip(" ").startswith(_RUN) else value
