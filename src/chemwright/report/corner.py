"""The corner plot: normal densities of parameters alone and in pairs, before and after the data."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen

from chemwright.report.chart import Axis, label, line, svg, ticks
from chemwright.report.text import Markup, element, glue

CELL, GAP, LEFT, BOTTOM = 84, 6, 58, 42
REACH = 10.0


@frozen
class Normal:
    """A parameter after and before the data: name, axis title with unit, mean and std, prior mean and prior std."""

    name: str
    axis: str
    mean: float
    std: float
    prior: float
    prior_std: float

    def limits(self) -> tuple[float, float]:
        """What is worth showing: all of the posterior and most of the prior, at most :data:`REACH` posterior std from the mean."""
        low, high = min(self.mean - 2.8 * self.std, self.prior - 2.2 * self.prior_std), max(self.mean + 2.8 * self.std, self.prior + 2.2 * self.prior_std)
        return max(low, self.mean - REACH * self.std), min(high, self.mean + REACH * self.std)


def _marks(p: Normal) -> tuple[float, ...]:
    return tuple(ticks(*p.limits(), 3))


def _curve(mean: float, std: float, ax: Axis, bottom: float, css: str) -> Markup:
    """A density scaled to its peak, from the axis's first to its last mark."""
    low, high = ax.marks[0], ax.marks[-1]
    xs = sorted({low + (high - low) * i / 40 for i in range(41)} | {v for i in range(-16, 17) if low <= (v := mean + std * i / 4) <= high})
    path = " ".join(f"{ax(x):.1f},{bottom - (CELL - 8) * math.exp(-0.5 * ((x - mean) / std) ** 2):.1f}" for x in xs)
    return Markup(f'<polyline points="{path}" class="{css}"/>')


def _ellipse(a: Normal, b: Normal, rho: float, k: float, ax: Axis, ay: Axis, css: str, prior: bool = False) -> Markup:
    """The k-sigma ellipse of a pair; the prior's has no correlation."""
    ma, sa, mb, sb = (a.prior, a.prior_std, b.prior, b.prior_std) if prior else (a.mean, a.std, b.mean, b.std)
    rho = 0.0 if prior else max(-1.0, min(1.0, rho))
    root = math.sqrt(1 - rho * rho)
    turns = [2 * math.pi * i / 48 for i in range(48)]
    path = " ".join(f"{ax(ma + k * sa * math.cos(t)):.1f},{ay(mb + k * sb * (rho * math.cos(t) + root * math.sin(t))):.1f}" for t in turns)
    return Markup(f'<polygon points="{path}" class="{css}"/>')


def corner(parameters: Sequence[Normal], cov: Sequence[Sequence[float]], *, title: str) -> Markup:
    """Posterior and prior of all parameters and pairs.

    Args:
        parameters: in order.
        cov: posterior covariance in any scale, from which correlations are taken.
        title: what it shows.
    """
    n = len(parameters)
    step = CELL + GAP
    size = LEFT + n * step
    out: list[Markup] = []
    marks = [_marks(p) for p in parameters]
    for i, p in enumerate(parameters):
        for j, q in enumerate(parameters):
            x, y = LEFT + j * step, 8 + i * step
            ax, ay = Axis(marks[j], x, x + CELL), Axis(marks[i], y + CELL, y)
            rho = cov[i][j] / math.sqrt(cov[i][i] * cov[j][j]) if cov[i][i] > 0 and cov[j][j] > 0 else 0.0
            if j > i:
                out.append(_correlation(rho, x, y, f"{p.name}, {q.name}"))
                continue
            frame = Markup(f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" class="plot"/>')
            if i == j:
                drawn = [_curve(p.prior, p.prior_std, ax, y + CELL, "curve t5"), _curve(p.mean, p.std, ax, y + CELL, "curve t1")]
            else:
                drawn = [_ellipse(q, p, 0.0, k, ax, ay, "stroke t5", prior=True) for k in (2.0, 1.0)]
                drawn += [_ellipse(q, p, rho, k, ax, ay, f"cloud k{k:.0f}") for k in (2.0, 1.0)]
            inner = element("svg", glue(drawn), x=x, y=y, width=CELL, height=CELL, viewBox=f"{x} {y} {CELL} {CELL}")  # an inner svg cuts off what lies outside
            out += [frame, inner]
            out += _labels(i, j, n, p, q, ax, ay, x, y)
    return svg(size + 6, size - LEFT + 8 + BOTTOM, out, title, "corner")


def _labels(i: int, j: int, n: int, p: Normal, q: Normal, ax: Axis, ay: Axis, x: float, y: float) -> list[Markup]:
    """First and last mark of an outer axis, and its title."""
    out = []
    if i == n - 1:
        texts = ax.texts()
        out += [line(ax(m), y + CELL, ax(m), y + CELL + 3, "grid") for m in ax.marks]
        out += [label(x + 2, y + CELL + 14, texts[0], "tick", "start"), label(x + CELL - 2, y + CELL + 14, texts[-1], "tick", "end")]
        out.append(label(x + CELL / 2, y + CELL + 30, q.axis, "axis", columns=15))
    if j == 0 and i > 0:
        texts = ay.texts()
        out += [label(x - 5, y + CELL - 1, texts[0], "tick", "end"), label(x - 5, y + 9, texts[-1], "tick", "end")]
        out.append(Markup(f'<g transform="translate(12 {y + CELL / 2:.1f}) rotate(-90)">{label(0, 0, p.axis, "axis", columns=15)}</g>'))
    return out


def _correlation(rho: float, x: float, y: float, names: str) -> Markup:
    """A cell of the upper triangle: the number on a ground as strong as the correlation."""
    rho = round(rho, 2) + 0.0  # no -0.00
    tone = 2 if rho < 0 else 1
    tip = element("title", f"{names}: {rho:.2f}")
    ground = f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" class="m t{tone}" opacity="{min(abs(rho), 1.0) * 0.45:.2f}"/>'
    size = 12 + 5 * abs(rho)
    return Markup(f'<g>{tip}{ground}<text x="{x + CELL / 2:.1f}" y="{y + CELL / 2 + 5:.1f}" text-anchor="middle" class="rho" style="font-size:{size:.1f}px">{rho:.2f}</text></g>')
