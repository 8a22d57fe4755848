"""The block flow diagram: blocks on a grid, arrows with the stream's number and its mass flow."""

from __future__ import annotations

from typing import Any

from chemwright.report.chart import label, svg
from chemwright.report.flow_layout import Edge, Layout, arrange, edges_of
from chemwright.report.parts import Absent
from chemwright.report.text import Markup, celsius, clip, element, finite, glue, plain

WIDE, HIGH, GAP, LANE = 86, 44, 62, 100
TOP = 26


class _Page:
    """Positions in px for a layout, and lanes for arrows that have to go round."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.top_row = min(r for _, r in layout.cells.values())
        self.lanes = 0

    def centre(self, node: str) -> tuple[float, float]:
        column, row = self.layout.cells[node]
        return 8 + WIDE / 2 + column * (WIDE + GAP), TOP + HIGH / 2 + (row - self.top_row) * LANE

    def free(self, row: int, a: int, b: int) -> bool:
        """Whether no block stands on the row between two columns."""
        low, high = sorted((a, b))
        return not any(r == row and low < c < high for c, r in self.layout.cells.values())

    def size(self) -> tuple[float, float]:
        columns = max(c for c, _ in self.layout.cells.values()) + 1
        count = max(r for _, r in self.layout.cells.values()) - self.top_row
        return 16 + columns * (WIDE + GAP) - GAP, 2 * TOP + HIGH + count * LANE


def _arrow(points: list[tuple[float, float]]) -> Markup:
    """A line through the points with a head at the last."""
    (x0, y0), (x1, y1) = points[-2:]
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    head = f"M{x1:.1f} {y1:.1f}L{x1 - 8 * dx - 4 * dy:.1f} {y1 - 8 * dy - 4 * dx:.1f}L{x1 - 8 * dx + 4 * dy:.1f} {y1 - 8 * dy + 4 * dx:.1f}Z"
    return Markup(f'<path d="{path}" class="pipe"/><path d="{head}" class="tip"/>')


def _tag(edge: Edge, x: float, y: float, beside: bool) -> Markup:
    """Number in a ring on the arrow, mass flow under it (or beside an upright arrow)."""
    out = [element("title", edge.name)] if edge.name else []
    if edge.number:
        out += [Markup(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" class="ring"/>'), label(x, y + 3.8, edge.number, "no")]
    if edge.flow is not None:
        flow = plain(3600 * edge.flow)
        out.append(label(x + 13, y + 4, f"{flow} kg/h", "flow", "start") if beside else label(x - 4, y + 23, flow, "flow"))
    return element("g", glue(out))


def _route(page: _Page, edge: Edge) -> Markup:
    """The way of one arrow, and where its label stands."""
    (c1, r1), (c2, r2) = page.layout.cells[edge.tail], page.layout.cells[edge.head]
    (x1, y1), (x2, y2) = page.centre(edge.tail), page.centre(edge.head)
    if r1 == r2 and c2 > c1 and page.free(r1, c1, c2):
        return glue([_arrow([(x1 + WIDE / 2, y1), (x2 - WIDE / 2, y2)]), _tag(edge, (x1 + x2) / 2 - 2, y1, False)])
    if c1 == c2 and abs(r1 - r2) == 1:
        sign = 1 if r2 > r1 else -1
        return glue([_arrow([(x1, y1 + sign * HIGH / 2), (x2, y2 - sign * HIGH / 2)]), _tag(edge, x1, (y1 + y2) / 2, True)])
    if r1 != r2 and page.free(r1, c1, c2) and (c2, r1) not in page.layout.cells.values():
        side, sign = (1 if c2 > c1 else -1), (1 if r2 > r1 else -1)
        return glue([_arrow([(x1 + side * WIDE / 2, y1), (x2, y1), (x2, y2 - sign * HIGH / 2)]), _tag(edge, x1 + side * (WIDE / 2 + 32), y1, False)])
    page.lanes += 1
    y = 14 - 20 * (page.lanes - 1)
    shift = 8 * page.lanes
    way = [(x1 + shift, y1 - HIGH / 2), (x1 + shift, y), (x2 - shift, y), (x2 - shift, y2 - HIGH / 2)]
    return glue([_arrow(way), _tag(edge, (x1 + x2) / 2, y, True)])


def _lines(name: str) -> list[str]:
    """A block's name on at most two lines."""
    if len(name) <= 12 or " " not in name:
        return [clip(name, 13)]
    words = name.split()
    cut = min(range(1, len(words)), key=lambda i: abs(len(" ".join(words[:i])) - len(" ".join(words[i:]))))
    return [clip(" ".join(words[:cut]), 14), clip(" ".join(words[cut:]), 14)]


def _block(page: _Page, node: str, under: str) -> Markup:
    """One block with its name and a line under it."""
    x, y = page.centre(node)
    name = page.layout.names[node]
    texts = [*_lines(name), *([under] if under else [])]
    css = "end" if node in page.layout.ends else "unit"
    radius = HIGH / 2 if css == "end" else 4
    out = [element("title", name), Markup(f'<rect x="{x - WIDE / 2:.1f}" y="{y - HIGH / 2:.1f}" width="{WIDE}" height="{HIGH}" rx="{radius:g}" class="{css}"/>')]
    for i, text in enumerate(texts):
        out.append(label(x, y + 4 + 14 * (i - (len(texts) - 1) / 2), text, "small" if under and i == len(texts) - 1 else "name"))
    return element("g", glue(out))


def diagram(design: dict[str, Any]) -> Markup:
    """The block flow diagram of a design as SVG.

    Args:
        design: with ``streams`` (name, from, to, phase, mass_flow in kg/s, temperature in K) and ``units`` (id).

    Raises:
        Absent: no streams.
    """
    edges, names = edges_of(design)
    if not edges:
        raise Absent("the design has no streams")
    page = _Page(arrange(edges, names))
    heat = {e.tail: e.temperature for e in reversed(edges) if e.temperature is not None}
    arrows = [_route(page, e) for e in edges]
    blocks = [_block(page, n, "" if n in page.layout.ends or finite(heat.get(n)) is None else f"{celsius(heat[n], 0)} {chr(0xB0)}C") for n in names]
    wide, high = page.size()
    lift = max(0, 20 * (page.lanes - 1))
    content = element("g", glue([*arrows, *blocks], "\n"), transform=f"translate(0 {lift})")
    return svg(wide, high + lift, [content], "block flow diagram with mass flows in kg/h", "flowsheet")
