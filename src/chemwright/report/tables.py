"""HTML tables that scroll in their own box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chemwright.report.text import Markup, element, glue
from chemwright.report.words import term, trm


def table(head: Sequence[Any], body: Iterable[Sequence[Any]], *, numeric: Iterable[int] = (), label: str, foot: Sequence[Any] | None = None, css: str | None = None) -> Markup:
    """A table in a box of its own that scrolls sideways.

    Args:
        head: column titles.
        body: rows of cells, each as long as the head; escaped unless they are Markup.
        numeric: indices of the columns set to the right.
        label: what the table shows, for readers that don't see it.
        foot: a last row, set apart.
        css: class of the table.
    """
    right = set(numeric)

    def row(cells: Sequence[Any], tag: str) -> Markup:
        return element("tr", glue(element(tag, cell, class_="num" if i in right else None, scope="col" if tag == "th" else None) for i, cell in enumerate(cells)))

    lines = glue((row(cells, "td") for cells in body), "\n")
    end = element("tfoot", row(foot, "td")) if foot is not None else Markup("")
    inner = element("table", glue([element("thead", row(head, "th")), Markup("\n"), element("tbody", lines), end]), class_=css)
    return element("div", inner, class_="scroll", tabindex="0", role="region", aria_label=label)


def pairs(items: Iterable[tuple[Any, Any]]) -> Markup:
    """A list of terms and what they are."""
    return element("dl", glue(glue([element("dt", k), element("dd", v)]) for k, v in items), class_="pairs")


def note(text: Any) -> Markup:
    """A small remark."""
    return element("p", text, class_="note")


def absent(reason: str) -> Markup:
    """Said where a part can't be written."""
    return element("p", trm("not available: {reason}", reason=reason), class_="absent")


def columns(*parts: Markup) -> Markup:
    """Parts side by side where there is room."""
    return element("div", glue(parts, "\n"), class_="columns")


def badge(text: Any, kind: str = "") -> Markup:
    """A word in a frame: a tier, a flag."""
    return element("span", text, class_=f"badge {kind}".strip())


def tier(name: Any) -> Markup:
    """A tier's badge, coloured by how near it is to a measurement."""
    known = name if name in ("measured", "fitted", "correlated", "estimated", "assumed") else "other"
    return badge(term(name), f"tier-{known}")
