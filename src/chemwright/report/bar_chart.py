"""Horizontal bars with whiskers, a tornado, and one bar cut into shares."""

from __future__ import annotations

from collections.abc import Sequence

from chemwright.report.chart import Axis, label, line, svg, ticks
from chemwright.report.text import Markup, element, esc, finite, plain, share_text


def bars(rows: Sequence[tuple[str, float, float, int]], unit: str, *, title: str, width: int = 540, percent: bool = False, gutter: int = 192) -> Markup:
    """Bars with whiskers of one standard uncertainty.

    Args:
        rows: (label, value, standard uncertainty, tone 1 to 5); a value that is not finite is drawn as zero.
        unit: of the values, under the axis.
        title: what the chart shows, for readers that don't see it.
        width: in px.
        percent: values are fractions, written as per cent.
        gutter: room for the labels, in px.
    """
    clean = [(name, finite(v) or 0.0, max(finite(s) or 0.0, 0.0), tone) for name, v, s, tone in rows]
    scale = 100.0 if percent else 1.0
    low = min([0.0] + [v * scale for _, v, _, _ in clean])
    high = max([v * scale + s * scale for _, v, s, _ in clean] + [0.0])
    left, pitch = float(gutter), 26
    bottom = 8 + pitch * len(clean)
    axis = Axis(tuple(ticks(low, high or 1.0, 6)), left, width - 62)
    out = []
    for mark, text in zip(axis.marks, axis.texts(), strict=True):
        out += [line(axis(mark), 4, axis(mark), bottom, "grid"), label(axis(mark), bottom + 16, text, "tick")]
    for i, (name, value, std, tone) in enumerate(clean):
        y, end = 8 + pitch * i, axis(value * scale)
        start = min(axis(0.0), end)
        out.append(Markup(f'<rect x="{start:.1f}" y="{y + 3}" width="{max(abs(end - axis(0.0)), 0.8):.1f}" height="{pitch - 9}" rx="2" class="m t{tone}"/>'))
        tip = end
        if std > 0:
            a, b = axis(max((value - std) * scale, axis.marks[0])), axis((value + std) * scale)
            middle = y + pitch / 2 - 1.5
            out += [line(a, middle, b, middle, "whisker"), line(a, middle - 4, a, middle + 4, "whisker"), line(b, middle - 4, b, middle + 4, "whisker")]
            tip = max(end, b)
        out += [label(left - 8, y + 16, name, "item", "end", columns=int(gutter / 6.8)), label(tip + 6, y + 16, share_text(value) if percent else plain(value), "value", "start")]
    out.append(label((left + width - 62) / 2, bottom + 34, unit, "axis"))
    return svg(width, bottom + 40, out, title, "chart bars" if width <= 600 else "chart bars broad")


def stacked(parts: Sequence[tuple[str, float]], css: Sequence[str], *, title: str) -> Markup:
    """One bar of width 1 cut into shares that sum to about one, each with a class of its own.

    Args:
        parts: (name, share).
        css: class of each part.
        title: what it shows.
    """
    total = sum(max(v, 0.0) for _, v in parts) or 1.0
    out, at = [], 0.0
    for (name, value), kind in zip(parts, css, strict=True):
        wide = 600 * max(value, 0.0) / total
        tip = element("title", f"{name}: {share_text(value)}")
        out.append(Markup(f'<rect x="{at:.1f}" y="0" width="{wide:.1f}" height="22" class="{esc(kind)}">{tip}</rect>'))
        if wide > 44:
            out.append(label(at + wide / 2, 15.5, f"{100 * value:.0f} %", "in-bar"))
        at += wide
    return svg(600, 22, out, title, "stacked")


def tornado(rows: Sequence[tuple[str, float, bool]], value: float, unit: str, *, title: str, width: int = 540) -> Markup:
    """Bars to both sides of a value: what a cause does when it is one standard uncertainty higher or lower.

    Args:
        rows: (label, effect of one std higher, whether the effect has a sign).
        value: where the bars start.
        unit: of the value, under the axis.
        title: what the chart shows.
        width: in px.
    """
    reach = max((abs(e) for _, e, _ in rows), default=0.0)
    left, pitch = 192.0, 26
    bottom = 8 + pitch * len(rows)
    axis = Axis(tuple(ticks(value - reach, value + reach, 6)), left, width - 30)
    out = []
    for mark, text in zip(axis.marks, axis.texts(), strict=True):
        out += [line(axis(mark), 4, axis(mark), bottom, "grid"), label(axis(mark), bottom + 16, text, "tick")]
    for i, (name, effect, signed) in enumerate(rows):
        y = 8 + pitch * i
        for way, tone in ((1, 2), (-1, 1)):
            end = axis(value + way * effect)
            tip = element("title", f"{name}: {plain(value + way * effect)}")
            out.append(
                Markup(
                    f'<rect x="{min(end, axis(value)):.1f}" y="{y + 3}" width="{max(abs(end - axis(value)), 0.4):.1f}" height="{pitch - 9}" class="m t{tone if signed else 5}">{tip}</rect>'
                )
            )
        out.append(label(left - 8, y + 16, name, "item", "end", columns=28))
    out += [line(axis(value), 4, axis(value), bottom, "whisker"), label((left + width - 30) / 2, bottom + 34, unit, "axis")]
    return svg(width, bottom + 40, out, title, "chart bars")
