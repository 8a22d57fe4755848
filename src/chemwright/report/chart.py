"""Charts as inline SVG: linear axes with round ticks, points with error bars, lines; colours come from the page's style."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from attrs import frozen

from chemwright.report.text import Markup, clip, element, esc, finite, glue


@frozen
class Series:
    """One set of points or one line.

    Args:
        label: name in the legend.
        x, y: coordinates; pairs with a number that is not finite are left out.
        kind: ``points`` or ``line``.
        tone: 1 to 5, the colour.
        marker: ``circle``, ``square``, ``cross``, ``diamond`` or ``ring``.
        xerr, yerr: half widths of the error bars, or empty.
        band: half widths of a band about a line, or empty.
        dash: 0 for a full line, 1 for a dashed one.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    kind: str = "points"
    tone: int = 1
    marker: str = "circle"
    xerr: Sequence[float] = ()
    yerr: Sequence[float] = ()
    band: Sequence[float] = ()
    dash: int = 0

    def points(self) -> list[tuple[float, float, float, float]]:
        """(x, y, half width in x, half width in y: of bar or band) of the finite points."""
        out = []
        for i, (x, y) in enumerate(zip(self.x, self.y, strict=False)):
            a, b = finite(x), finite(y)
            if a is not None and b is not None:
                out.append((a, b, _at(self.xerr, i), _at(self.yerr, i) or _at(self.band, i)))
        return out


def _at(values: Sequence[float], i: int) -> float:
    return (finite(values[i]) or 0.0) if i < len(values) else 0.0


def nice_step(span: float, n: int = 5) -> float:
    """A step of 1, 2 or 5 times a power of ten that cuts a span > 0 into about ``n`` parts."""
    raw = span / max(n, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * (1 - 1e-9))


def ticks(low: float, high: float, n: int = 5) -> list[float]:
    """Round numbers from at or below ``low`` to at or above ``high``; a span of zero is widened."""
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        half = 0.5 * abs(low) or 0.5
        low, high = low - half, high + half
    step = nice_step(high - low, n)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Decimal logarithms of 1, 2 and 5 times powers of ten (of powers alone beyond three decades), from at or below ``low`` to at or above ``high``."""
    steps = (1.0, 2.0, 5.0) if high - low <= 3 else (1.0,)
    marks = [k + math.log10(m) for k in range(math.floor(low + 1e-9), math.ceil(high - 1e-9) + 1) for m in steps]
    first = max((i for i, m in enumerate(marks) if m <= low + 1e-9), default=0)
    last = min((i for i, m in enumerate(marks) if m >= high - 1e-9), default=len(marks) - 1)
    return [round(m, 12) for m in marks[first : max(last, first + 1) + 1]]


def tick_text(value: float, step: float) -> str:
    """A tick's label with as many decimals as the step needs."""
    if step >= 1e6 or step < 1e-5:
        return f"{value:.3g}"
    return f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}" if abs(value) > 1e-12 * step else "0"


@frozen
class Axis:
    """A linear axis from the first to the last tick, laid between two pixel positions."""

    marks: tuple[float, ...]
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixel position of a value."""
        low, high = self.marks[0], self.marks[-1]
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def texts(self) -> list[str]:
        """Labels of the ticks."""
        return [tick_text(m, self.marks[1] - self.marks[0]) for m in self.marks]


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> Markup:
    """A straight line."""
    return Markup(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>')


def label(x: float, y: float, text: object, css: str = "", anchor: str = "middle", columns: int = 999) -> Markup:
    """A text, cut to ``columns`` with the whole in a title."""
    full = str(text)
    short = clip(full, columns)
    tip = element("title", full) if short != full else Markup("")
    return Markup(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{tip}{esc(short)}</text>')


def marker(kind: str, x: float, y: float, tone: int, size: float = 3.4) -> Markup:
    """One mark of a series."""
    css = f"m t{tone}"
    if kind == "square":
        return Markup(f'<rect x="{x - size:.1f}" y="{y - size:.1f}" width="{2 * size:.1f}" height="{2 * size:.1f}" class="{css}"/>')
    if kind == "diamond":
        s = 1.7 * size
        return Markup(f'<path d="M{x:.1f} {y - s:.1f}L{x + s:.1f} {y:.1f}L{x:.1f} {y + s:.1f}L{x - s:.1f} {y:.1f}Z" class="{css}"/>')
    if kind == "cross":
        return Markup(f'<path d="M{x - size:.1f} {y - size:.1f}l{2 * size:.1f} {2 * size:.1f}m0 {-2 * size:.1f}l{-2 * size:.1f} {2 * size:.1f}" class="stroke t{tone}"/>')
    return Markup(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" class="{"stroke" if kind == "ring" else "m"} t{tone}"/>')


def svg(width: float, height: float, content: Iterable[Markup], title: str, css: str = "chart") -> Markup:
    """The SVG element around some content."""
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" class="{css}" role="img" aria-label="{esc(title)}">\n{glue(content, chr(10))}\n</svg>'
    )


def _draw(series: Series, ax: Axis, ay: Axis) -> Markup:
    points = series.points()
    if series.kind == "line":
        path = " ".join(f"{ax(x):.1f},{ay(y):.1f}" for x, y, _, _ in points)
        under = _band(series, ax, ay) if series.band else Markup("")
        return Markup(f'{under}<polyline points="{path}" class="curve t{series.tone}{" dashed" if series.dash else ""}"/>')
    out = []
    for x, y, dx, dy in points:
        if dx > 0:
            out.append(line(ax(x - dx), ay(y), ax(x + dx), ay(y), f"err t{series.tone}"))
        if dy > 0:
            out.append(line(ax(x), ay(max(y - dy, ay.marks[0])), ax(x), ay(min(y + dy, ay.marks[-1])), f"err t{series.tone}"))
        out.append(marker(series.marker, ax(x), ay(y), series.tone))
    return glue(out)


def _band(series: Series, ax: Axis, ay: Axis) -> Markup:
    """The area one half width on both sides of a line, held inside the plot."""
    low, high = ay.marks[0], ay.marks[-1]
    rows = [(x, y, _at(series.band, i)) for i, (x, y) in enumerate(zip(series.x, series.y, strict=False)) if finite(x) is not None and finite(y) is not None]
    upper = [f"{ax(x):.1f},{ay(min(y + s, high)):.1f}" for x, y, s in rows]
    lower = [f"{ax(x):.1f},{ay(max(y - s, low)):.1f}" for x, y, s in reversed(rows)]
    return Markup(f'<polygon points="{" ".join(upper + lower)}" class="band t{series.tone}"/>')


def _limits(series: Sequence[Series], axis: int) -> tuple[float, float]:
    values = [p[axis] + sign * p[axis + 2] for s in series for p in s.points() for sign in (-1, 1)]
    return (min(values), max(values)) if values else (0.0, 1.0)


def xy(
    series: Sequence[Series],
    x_label: str,
    y_label: str,
    *,
    title: str,
    equal: bool = False,
    width: int = 430,
    height: int = 320,
    y_ticks: bool = True,
    n: int = 5,
    floor: float | None = None,
    ceiling: float | None = None,
    log_x: bool = False,
) -> Markup:
    """A chart of points and lines.

    Args:
        series: what to draw, the first lowest.
        x_label, y_label: axis titles with units.
        title: what the chart shows, for readers that don't see it.
        equal: the same range on both axes, with the diagonal.
        width, height: size in px.
        y_ticks: false for a density whose height says nothing.
        n: about how many ticks.
        floor, ceiling: the lowest and highest value on the y axis, when bands or bars would reach beyond what is possible.
        log_x: whether x holds decimal logarithms, whose numbers the ticks shall show.
    """
    x_range, y_range = _limits(series, 0), _limits(series, 1)
    y_range = y_range if floor is None else (floor, max(y_range[1], floor))
    y_range = y_range if ceiling is None else (min(y_range[0], ceiling), min(y_range[1], ceiling))
    if equal:
        x_range = y_range = (min(x_range[0], y_range[0]), max(x_range[1], y_range[1]))
    y_marks = tuple(ticks(*y_range, n))
    wide = max(len(t) for t in Axis(y_marks, 0, 1).texts()) if y_ticks else 0
    left = 30 + 7.2 * wide if y_ticks else 10
    ax, ay = Axis(tuple(log_ticks(*x_range) if log_x else ticks(*x_range, n)), left, width - 16), Axis(y_marks, height - 46, 12)
    out = [Markup(f'<rect x="{left:.1f}" y="12" width="{width - 16 - left:.1f}" height="{height - 58}" class="plot"/>')]
    for value, text in zip(ax.marks, [f"{10**m:g}" for m in ax.marks] if log_x else ax.texts(), strict=True):
        out.append(line(ax(value), 12, ax(value), height - 46, "grid"))
        out.append(label(min(ax(value), width - 2 - 3.4 * len(text)), height - 30, text, "tick"))  # the last one stays in the picture
    for value, text in zip(ay.marks, ay.texts(), strict=True) if y_ticks else ():
        out += [line(left, ay(value), width - 16, ay(value), "grid"), label(left - 6, ay(value) + 4, text, "tick", "end")]
    if equal:
        out.append(line(ax(ax.marks[0]), ay(ay.marks[0]), ax(ax.marks[-1]), ay(ay.marks[-1]), "guide"))
    elif y_range[0] < 0 < y_range[1]:
        out.append(line(left, ay(0.0), width - 16, ay(0.0), "guide"))
    out += [_draw(s, ax, ay) for s in series]
    out.append(label((left + width - 16) / 2, height - 8, x_label, "axis", columns=int(width / 7)))
    if y_ticks:
        middle = (height - 34) / 2
        out.append(Markup(f'<g transform="translate(13 {middle:.1f}) rotate(-90)">{label(0, 0, y_label, "axis", columns=int(height / 7))}</g>'))
    return svg(width, height, out, title)


def legend(series: Iterable[Series]) -> Markup:
    """The names of the series, each with its mark."""
    out = []
    for s in series:
        mark = Markup(f'<line x1="1" y1="7" x2="21" y2="7" class="curve t{s.tone}"/>') if s.kind == "line" else marker(s.marker, 11, 7, s.tone, 4)
        out.append(element("span", glue([Markup(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 14" class="key" aria-hidden="true">{mark}</svg>'), s.label])))
    return element("div", glue(out, " "), class_="legend")


def figure(drawing: Markup, caption: object, series: Iterable[Series] = ()) -> Markup:
    """A chart in a box that scrolls, with legend and caption."""
    return element("figure", glue([element("div", drawing, class_="scroll"), legend(series), element("figcaption", caption)]))
