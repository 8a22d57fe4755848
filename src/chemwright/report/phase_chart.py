"""Phase diagrams as SVG pictures that stand alone: light and dark by the reader's setting, measured points on top of the lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chemwright.errors import InputError
from chemwright.record.atomic import write_atomic
from chemwright.report.chart import Axis, label, line, marker, ticks
from chemwright.report.style import chart_style
from chemwright.report.text import Markup, clip, esc, glue, width_of
from chemwright.thermo.diagram import Diagram, Line

WIDTH, TOP, PLOT, LEFT, RIGHT = 640, 44, 380, 74, 616
SIDE, CORNER = 452, 94
LOOK = {
    "bubble": (1, "curve"), "dew": (2, "curve"), "curve": (3, "curve"), "binodal": (4, "curve"), "tie": (5, "curve thin"), "boundary": (6, "curve heavy"), "guide": (5, "curve dashed"),
}  # fmt: skip
MARKS = {"mark": ("diamond", 6), "light": ("circle", 1), "saddle": ("diamond", 6), "heavy": ("square", 2)}
EXTRA = "svg .thin{stroke-width:1.1;opacity:.8}svg .heavy{stroke-width:3.2}svg .title{font-size:15px;font-weight:600}svg .tick{font-size:12.5px}svg .axis{font-size:13.5px}svg .legend,svg .small{font-size:12.5px}"


def checked_path(path: Path) -> Path:
    """The path, when a picture can be drawn into it.

    Raises:
        InputError: another ending than ``.svg``.
    """
    if path.suffix.lower() != ".svg":
        raise InputError(f"can't draw into {path.name!r}", where="--out", fix="end the name with .svg")
    return path


def write_diagram(path: Path, diagram: Diagram) -> None:
    """Draw a diagram into an ``.svg`` file.

    Raises:
        InputError: another ending; StorageError: the folder can't be written.
    """
    write_atomic(checked_path(path), draw(diagram).encode())


def draw(diagram: Diagram) -> str:
    """The picture as SVG text."""
    content = [label(WIDTH / 2, 24, diagram.title, "title", columns=66)]
    content += _triangle(diagram) if diagram.corners else _plane(diagram)
    y = (TOP + CORNER / 2 + SIDE * 0.866 + 58) if diagram.corners else TOP + PLOT + 62
    legend, y = _legend(diagram.lines, y)
    notes, y = _notes(diagram, y + 4)
    style = chart_style() + EXTRA + "rect.paper{fill:#fff}" + f"@media (prefers-color-scheme:dark){{{chart_style(dark=True)}rect.paper{{fill:#171c23}}}}"
    ink = "svg .measured{fill:#1b2430;stroke:#fff}svg .hollow{fill:#fff;stroke:#1b2430}svg .bar{stroke:#1b2430}@media (prefers-color-scheme:dark){svg .measured{fill:#e6eaf0;stroke:#171c23}svg .hollow{fill:#171c23;stroke:#e6eaf0}svg .bar{stroke:#e6eaf0}}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" width="{WIDTH}" height="{y:.0f}" role="img" aria-label="{esc(diagram.title)}">'
    return f'{head}\n<style>{style}{ink}</style>\n<rect width="100%" height="100%" class="paper"/>\n{glue([*content, *legend, *notes], chr(10))}\n</svg>\n'


def _plane(d: Diagram) -> list[Markup]:
    """Axes, grid and lines of a diagram in two coordinates."""
    xs = np.concatenate([s.x for s in d.lines])
    ys = np.concatenate([s.y for s in d.lines if s.role != "guide" or d.kind == "xy"])
    fraction = d.kind not in ("henry", "envelope")
    x_range = (0.0, 1.0) if fraction else (float(np.nanmin(xs)), float(np.nanmax(xs)))
    ax = Axis(tuple(ticks(*x_range)), LEFT, RIGHT)
    ay = Axis(tuple(ticks(float(np.nanmin(ys)), float(np.nanmax(ys)))), TOP + PLOT, TOP)
    out = [Markup(f'<rect x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{PLOT}" class="plot"/>')]
    for value, text in zip(ax.marks, ax.texts(), strict=True):
        out += [line(ax(value), TOP, ax(value), TOP + PLOT, "grid"), label(ax(value), TOP + PLOT + 18, text, "tick")]
    for value, text in zip(ay.marks, ay.texts(), strict=True):
        out += [line(LEFT, ay(value), RIGHT, ay(value), "grid"), label(LEFT - 8, ay(value) + 4, text, "tick", "end")]
    if ay.marks[0] < 0.0 < ay.marks[-1]:
        out.append(line(LEFT, ay(0.0), RIGHT, ay(0.0), "guide"))
    for s in sorted(d.lines, key=lambda s: s.role in MARKS or s.role == "measured"):
        out.append(
            _series(
                s,
                [(ax(float(a)), ay(float(b))) for a, b in zip(s.x, s.y, strict=True)],
                [(_at(s.x_std, i) * (ax(1.0) - ax(0.0)), _at(s.y_std, i) * abs(ay(1.0) - ay(0.0))) for i in range(len(s.x))],
                TOP,
            )
        )
    out.append(label((LEFT + RIGHT) / 2, TOP + PLOT + 42, d.x_label, "axis", columns=80))
    out.append(Markup(f'<g transform="translate(18 {TOP + PLOT / 2:.0f}) rotate(-90)">{label(0, 0, d.y_label, "axis", columns=56)}</g>'))
    return out


def _at(values: np.ndarray, i: int) -> float:
    return float(values[i]) if i < len(values) and np.isfinite(values[i]) else 0.0


def _triangle(d: Diagram) -> list[Markup]:
    """A triangle with grid, scales along its sides, and lines; the first corner stands right, the second on top, the third left."""
    x0, y0 = (WIDTH - SIDE) / 2, TOP + CORNER / 2 + SIDE * 0.8660254
    height = SIDE * 0.8660254

    def at(a: float, b: float) -> tuple[float, float]:
        return x0 + SIDE * (a + 0.5 * b), y0 - height * b

    corners = [at(1, 0), at(0, 1), at(0, 0)]
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    out = [Markup(f'<polygon points="{outline}" class="plot"/>')]
    for k in range(1, 10):
        t = k / 10
        for p, q in ((at(t, 0), at(t, 1 - t)), (at(0, t), at(1 - t, t)), (at(t, 0), at(0, t))):
            out.append(line(*p, *q, "grid"))
        if k % 2 == 0:
            (ax, ay), (bx, by), (cx, cy) = at(t, 0), at(1 - t, t), at(0, 1 - t)
            out += [label(ax, ay + 17, f"{t:.1f}", "tick"), label(bx + 6, by - 2, f"{t:.1f}", "tick", "start"), label(cx - 6, cy - 2, f"{t:.1f}", "tick", "end")]
    (rx, ry), (tx, ty), (lx, ly) = corners
    names = d.corners
    out += [
        label(min(rx + 20, WIDTH - 8), ry + 36, names[0], "name", "end" if rx + 20 > WIDTH - 90 else "middle", 34),
        label(tx, ty - 12, names[1], "name", columns=50),
        label(max(lx - 20, 8), ly + 36, names[2], "name", "start" if lx - 20 < 90 else "middle", 34),
    ]
    out.append(label(WIDTH / 2, ry + 36, "mole fractions [mol/mol]", "axis"))
    for s in sorted(d.lines, key=lambda s: s.role in MARKS or s.role == "measured"):
        out.append(_series(s, [at(float(a), float(b)) for a, b in zip(s.x, s.y, strict=True)], [], 0))
        if s.label == "residue curves":
            out.append(_arrow(s, at))
    return out


def _arrow(s: Line, at: object) -> Markup:
    """A head in the middle of a curve, pointing where it goes."""
    points = np.array([at(float(a), float(b)) for a, b in zip(s.x, s.y, strict=True)])  # type: ignore[operator]
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if way[-1] < 40.0:
        return Markup("")
    k = min(int(np.searchsorted(way, 0.5 * way[-1])), len(points) - 2)
    k2 = min(int(np.searchsorted(way, 0.5 * way[-1] + 3.0)), len(points) - 1)
    (x, y), d = points[k], points[k2] - points[k]
    d = d / max(float(np.hypot(*d)), 1e-9)
    n = np.array([-d[1], d[0]])
    tip, one, two = (x, y) + 5.5 * d, (x, y) - 4.0 * d + 3.8 * n, (x, y) - 4.0 * d - 3.8 * n
    return Markup(f'<polygon points="{tip[0]:.1f},{tip[1]:.1f} {one[0]:.1f},{one[1]:.1f} {two[0]:.1f},{two[1]:.1f}" class="m t3"/>')


def _series(s: Line, points: Sequence[tuple[float, float]], bars: Sequence[tuple[float, float]], top: float) -> Markup:
    """One line, cut where a number is missing, or one set of points with error bars."""
    if s.role == "measured":
        hollow = "vapour" in s.label
        out = []
        for i, (x, y) in enumerate(points):
            if not (np.isfinite(x) and np.isfinite(y)):
                continue
            dx, dy = bars[i] if i < len(bars) else (0.0, 0.0)
            out += [line(x - dx, y, x + dx, y, "bar")] if dx > 0.5 else []
            out += [line(x, max(y - dy, top), x, y + dy, "bar")] if dy > 0.5 else []
            out.append(Markup(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.3" class="{"hollow" if hollow else "measured"}"/>'))
        return glue(out)
    if s.role in MARKS:
        kind, tone = MARKS[s.role]
        return glue([marker(kind, x, y, tone, 5.0 if kind != "diamond" else 4.0) for x, y in points])
    if s.role == "band":
        upper = [f"{x:.1f},{max(y - bars[i][1], top):.1f}" for i, (x, y) in enumerate(points)]
        lower = [f"{x:.1f},{min(y + bars[i][1], top + PLOT):.1f}" for i, (x, y) in reversed(list(enumerate(points)))]
        return Markup(f'<polygon points="{" ".join(upper + lower)}" class="band t1"/>')
    tone, css = LOOK[s.role]
    pieces: list[list[str]] = [[]]
    for x, y in points:
        if np.isfinite(x) and np.isfinite(y):
            pieces[-1].append(f"{x:.1f},{y:.1f}")
        elif pieces[-1]:
            pieces.append([])
    return glue([Markup(f'<polyline points="{" ".join(p)}" class="{css} t{tone}"/>') for p in pieces if len(p) > 1])


def _legend(lines: Sequence[Line], y: float) -> tuple[list[Markup], float]:
    """One entry for each label, in two columns; long ones take a row of their own."""
    out, column = [], 0
    for s in {s.label: s for s in lines}.values():
        wide = width_of(s.label) > 38
        if column == 1 and wide:
            y, column = y + 20, 0
        x = 30 + 300 * column
        if s.role == "measured":
            out.append(Markup(f'<circle cx="{x + 12}" cy="{y - 4:.1f}" r="3.6" class="{"hollow" if "vapour" in s.label else "measured"}"/>'))
        elif s.role == "band":
            out.append(Markup(f'<rect x="{x}" y="{y - 9:.1f}" width="24" height="10" class="band t1"/>'))
        elif s.role in MARKS:
            kind, tone = MARKS[s.role]
            out.append(marker(kind, x + 12, y - 4, tone, 4.5 if kind != "diamond" else 3.6))
        else:
            tone, css = LOOK[s.role]
            out.append(Markup(f'<line x1="{x}" y1="{y - 4:.1f}" x2="{x + 24}" y2="{y - 4:.1f}" class="{css} t{tone}"/>'))
        out.append(label(x + 32, y, s.label, "legend", "start", 82 if wide else 40))
        if wide or column == 1:
            y, column = y + 20, 0
        else:
            column = 1
    return out, y + (20 if column else 0)


def _notes(d: Diagram, y: float) -> tuple[list[Markup], float]:
    """Sources of the measured points and what a reader should know, in small letters."""
    sources = list(dict.fromkeys(s.source for s in d.lines if s.source))
    said = [f"Measured: {'; '.join(sources)}"] if sources else []
    said += [f"Note: {text}" for text in d.facts.get("caution", [])]
    out = []
    for text in said:
        for row in _wrapped(text, 92):
            out.append(label(30, y + 4, row, "small", "start", 100))
            y += 17
    return out, y + 8


def _wrapped(text: str, columns: int) -> list[str]:
    rows = [""]
    for word in text.split():
        if width_of(rows[-1]) + width_of(word) + 1 > columns:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return [clip(r, 110) for r in rows[:4]]
