"""The process flow diagram: equipment symbols on a grid, arrows with the stream's number and its mass flow."""

from __future__ import annotations

from typing import Any

from chemwright.report.chart import label, svg
from chemwright.report.flow_layout import Edge, Layout, arrange, edges_of
from chemwright.report.parts import Absent, rows
from chemwright.report.symbols import HALF, symbol, symbol_of
from chemwright.report.text import DEGREE, Markup, celsius, clip, element, finite, glue, plain, width_of
from chemwright.report.words import term, tr

PITCH, LANE, TOP, SIDE, BELOW = 106, 122, 74, 44, 44
END_WIDE, END_HIGH = 74, 32


class _Page:
    """Positions in px for a layout, and lanes for arrows that have to go round."""

    def __init__(self, layout: Layout, edges: list[Edge]) -> None:
        self.layout = layout
        self.top_row = min(r for _, r in layout.cells.values())
        self.lanes = 0
        cells = layout.cells
        self.below = {e.tail for e in edges if cells[e.head][1] > cells[e.tail][1]} | {e.head for e in edges if cells[e.tail][1] > cells[e.head][1]}

    def centre(self, node: str) -> tuple[float, float]:
        column, row = self.layout.cells[node]
        return SIDE + column * PITCH, TOP + (row - self.top_row) * LANE

    def half(self, node: str) -> tuple[float, float]:
        """Half width and half height of what stands there."""
        return (END_WIDE / 2, END_HIGH / 2) if node in self.layout.ends else HALF[symbol_of(node)]

    def free(self, row: int, a: int, b: int) -> bool:
        """Whether no block stands on the row between two columns."""
        low, high = sorted((a, b))
        return not any(r == row and low < c < high for c, r in self.layout.cells.values())

    def size(self) -> tuple[float, float]:
        cells = self.layout.cells
        columns, last = max(c for c, _ in cells.values()), max(r for _, r in cells.values())
        below = END_HIGH / 2 + 10 if all(n in self.layout.ends for n, (_, r) in cells.items() if r == last) else BELOW + 22
        return 2 * SIDE + columns * PITCH, TOP + (last - self.top_row) * LANE + below


def _arrow(points: list[tuple[float, float]]) -> Markup:
    """A line through the points with a head at the last."""
    (x0, y0), (x1, y1) = points[-2:]
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    head = f"M{x1:.1f} {y1:.1f}L{x1 - 8 * dx - 4 * dy:.1f} {y1 - 8 * dy - 4 * dx:.1f}L{x1 - 8 * dx + 4 * dy:.1f} {y1 - 8 * dy + 4 * dx:.1f}Z"
    return Markup(f'<path d="{path}" class="pipe"/><path d="{head}" class="tip"/>')


def _tag(edge: Edge, x: float, y: float, beside: bool) -> Markup:
    """Number in a ring on the arrow, mass flow under it (or beside an upright arrow)."""
    out = [element("title", term(edge.name))] if edge.name else []
    if edge.number:
        out += [Markup(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" class="ring"/>'), label(x, y + 3.8, edge.number, "no")]
    if edge.flow is not None:
        flow = plain(3600 * edge.flow)
        out.append(label(x + 13, y + 4, f"{flow} kg/h", "flow", "start") if beside else label(x, y + 22, flow, "flow"))
    return element("g", glue(out))


def _route(page: _Page, edge: Edge) -> Markup:
    """The way of one arrow, and where its label stands."""
    (c1, r1), (c2, r2) = page.layout.cells[edge.tail], page.layout.cells[edge.head]
    (x1, y1), (x2, y2) = page.centre(edge.tail), page.centre(edge.head)
    (w1, h1), (w2, h2) = page.half(edge.tail), page.half(edge.head)
    if r1 == r2 and c2 > c1 and page.free(r1, c1, c2):
        return glue([_arrow([(x1 + w1, y1), (x2 - w2, y2)]), _tag(edge, (x1 + w1 + x2 - w2) / 2 - 2, y1, False)])
    if c1 == c2 and abs(r1 - r2) == 1:
        sign = 1 if r2 > r1 else -1
        low = 1.0 if edge.tail in page.layout.ends else 0.72  # clear of the name under the block
        at = (y1 + sign * h1) * (1 - low) + (y2 - sign * h2) * low if sign > 0 and low < 1 else (y1 + sign * h1 + y2 - sign * h2) / 2
        return glue([_arrow([(x1, y1 + sign * h1), (x2, y2 - sign * h2)]), _tag(edge, x1, at, True)])
    if r1 != r2 and page.free(r1, c1, c2) and (c2, r1) not in page.layout.cells.values():
        side, sign = (1 if c2 > c1 else -1), (1 if r2 > r1 else -1)
        return glue([_arrow([(x1 + side * w1, y1), (x2, y1), (x2, y2 - sign * h2)]), _tag(edge, x1 + side * (w1 + 30), y1, False)])
    page.lanes += 1
    y = 16 - 24 * (page.lanes - 1)
    shift = 6 * page.lanes
    way = [(x1 + shift, y1 - h1), (x1 + shift, y), (x2 - shift, y), (x2 - shift, y2 - h2)]
    return glue([_arrow(way), _tag(edge, (x1 + x2) / 2, y, True)])


def _lines(name: str) -> list[str]:
    """A block's name on at most two lines."""
    if width_of(name) <= 12 or " " not in name:
        return [clip(name, 14)]
    words = name.split()
    cut = min(range(1, len(words)), key=lambda i: abs(len(" ".join(words[:i])) - len(" ".join(words[i:]))))
    return [clip(" ".join(words[:cut]), 14), clip(" ".join(words[cut:]), 14)]


def _block(page: _Page, node: str, under: list[str]) -> Markup:
    """One block: its symbol, its name and small lines under it; what enters or leaves the plant in a dashed frame."""
    x, y = page.centre(node)
    w, h = page.half(node)
    name = term(page.layout.names[node])
    out = [element("title", name)]
    if node in page.layout.ends:
        out.append(Markup(f'<rect x="{x - w:.1f}" y="{y - h:.1f}" width="{2 * w:.1f}" height="{2 * h:.1f}" rx="{h:.1f}" class="end"/>'))
        lines = _lines(name)
        out += [label(x, y + 4 + 13 * (i - (len(lines) - 1) / 2), text, "name") for i, text in enumerate(lines)]
        return element("g", glue(out))
    out.append(symbol(symbol_of(node), x, y))
    texts = [(t, "name") for t in _lines(name)] + [(t, "small") for t in under]
    above = node in page.below and page.layout.cells[node][1] < 0
    at, anchor = (x + 7, "start") if node in page.below and not above else (x, "middle")
    first = y - h - 8 - 13 * (len(texts) - 1) if above else y + max(h, 27.0) + 14
    out += [label(at, first + 13 * i, text, css, anchor) for i, (text, css) in enumerate(texts)]
    return element("g", glue(out))


def diagram(design: dict[str, Any]) -> Markup:
    """The flow diagram of a design as SVG.

    Args:
        design: with ``streams`` (name, from, to, phase, mass_flow in kg/s, temperature in K) and ``units`` (id, duty in W).

    Raises:
        Absent: no streams.
    """
    edges, names = edges_of(design)
    if not edges:
        raise Absent(tr("the design has no streams"))
    page = _Page(arrange(edges, names), edges)
    heat = {e.tail: e.temperature for e in reversed(edges) if e.temperature is not None}
    duty = {str(u.get("id")): finite(u.get("duty")) for u in rows(design.get("units"))}
    arrows = [_route(page, e) for e in edges]
    blocks = []
    for n in names:
        small = [f"{celsius(heat[n], 0)} {DEGREE}C"] if n not in page.layout.ends and finite(heat.get(n)) is not None else []
        blocks.append(_block(page, n, small + ([f"{plain(q / 1000)} kW"] if (q := duty.get(n)) else [])))
    wide, high = page.size()
    lift = max(0, 24 * (page.lanes - 1))
    content = element("g", glue([*arrows, *blocks], "\n"), transform=f"translate(0 {lift})")
    return svg(wide, high + lift, [content], tr("process flow diagram with mass flows in kg/h"), "flowsheet")
