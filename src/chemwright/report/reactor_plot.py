"""Pictures of a reactor's answer: profiles along tube or batch, a tank's heat diagram or branch with all its steady states marked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from chemwright.errors import InputError
from chemwright.record.atomic import write_atomic
from chemwright.report.chart import Series, figure, marker, xy
from chemwright.report.style import CSS, chart_style
from chemwright.report.text import Markup, element, esc, glue

WIDTH, HEIGHT, LINE = 620, 330, 17
MOST = 5  # curves in one chart: as many as there are colours
BESIDE = ("temperature", "jacket_temperature", "pressure", "catalyst_mass")
Chart = tuple[list[Series], str, str, str]  # what to draw, axis titles, caption


def write_plot(path: Path, result: dict[str, Any], title: str, curves: dict[str, list[float]] | None = None) -> None:
    """Draw a reactor's answer into a file.

    Args:
        path: ends with ``.svg`` or ``.html``.
        result: from :func:`chemwright.kinetics.reactor_file.run_reactor`.
        title: of the page.
        curves: of a tank, from :func:`chemwright.kinetics.reactor_answer.tank_curves`.

    Raises:
        InputError: another ending; StorageError: the folder can't be written.
    """
    write_charts(path, _tank(result, curves or {}) if result["steady_states"] else _profile(result), title)


def write_charts(path: Path, charts: list[Chart], title: str) -> None:
    """Draw charts below each other into an ``.svg`` or ``.html`` file.

    Raises:
        InputError: another ending; StorageError: the folder can't be written.
    """
    ending = path.suffix.lower()
    if ending not in (".svg", ".html"):
        raise InputError(f"can't draw into {path.name!r}", where="--plot", fix="end the name with .svg or .html")
    write_atomic(path, (_svg(charts, title) if ending == ".svg" else _html(charts, title)).encode())


def _profile(result: dict[str, Any]) -> list[Chart]:
    """Concentrations, temperatures and pressure along the way."""
    profile = result["profile"]
    axis = "time" if "time" in profile else "volume"
    x, x_label = profile[axis], f"{axis} [{result['units'][axis]}]"
    peaks = {s: max(v) for s, v in profile.items() if s not in (*BESIDE, axis) and s not in result["inert"]}
    names = sorted(peaks, key=lambda s: -peaks[s])[:MOST]
    shown = [s for s in peaks if s in names]
    left = f" (the {MOST} largest of {len(peaks)})" if len(peaks) > MOST else ""
    charts: list[Chart] = [(_distinct(x, {s: profile[s] for s in shown}), x_label, "concentration [mol/L]", f"Concentrations of what reacts{left}")]
    warm = [_line("reactor", x, profile["temperature"], 2)]
    if "jacket_temperature" in profile:
        warm.append(_line("jacket", x, profile["jacket_temperature"], 1))
    caption = "Temperature"
    if spot := result.get("hot_spot"):
        warm.append(Series("hottest place", [spot[axis]], [spot["temperature"]], "points", 2))
        said = result.get("runaway")
        caption += "" if said is None else f"; {'' if said else 'no '}runaway by the criterion of Adler and Enig"
    charts.append((warm, x_label, "temperature [K]", caption))
    if "pressure" in profile:
        charts.append(([_line("pressure", x, [p / 1e5 for p in profile["pressure"]], 4)], x_label, "pressure [bar]", "Pressure"))
    return charts


def _distinct(x: list[float], curves: dict[str, list[float]]) -> list[Series]:
    """One line a curve; those that lie on each other share one, so that none is hidden."""
    height = max((max(map(abs, v)) for v in curves.values()), default=0.0) or 1.0
    groups: dict[str, list[str]] = {}
    for name, y in curves.items():
        same = next((k for k in groups if np.max(np.abs(np.subtract(curves[k], y))) < 2e-3 * height), name)
        groups.setdefault(same, []).append(name)
    return [_line(" and ".join(names), x, curves[first], i) for i, (first, names) in enumerate(groups.items(), 1)]


def _line(label: str, x: list[float], y: list[float], tone: int) -> Series:
    return Series(label, x, y, "line", (tone - 1) % MOST + 1)


def _tank(result: dict[str, Any], curves: dict[str, list[float]]) -> list[Chart]:
    """Heat made against heat removed, or what is left of a reactant over the residence time; steady states on top."""
    states = result["steady_states"]
    said = f"{len(states)} steady state{'s' if len(states) > 1 else ''}, {sum(s['stable'] for s in states)} stable"
    if "made" in curves:
        lines = [_line("made by the reactions", curves["temperature"], curves["made"], 2), _line("removed by stream and jacket", curves["temperature"], curves["removed"], 1)]
        at = [float(np.interp(s["temperature"], curves["temperature"], curves["removed"])) for s in states]
        marks = _marks([s["temperature"] for s in states], at, states, result)
        return [([*lines, *marks], "temperature [K]", "heat [kW]", f"Heat made and removed at each temperature, the material balance closed; {said}")]
    if "residence_time" not in curves:
        return [([Series("state", [s["temperature"] for s in states], [0.0] * len(states))], "temperature [K]", "", said)]
    key = next(k for k in curves if k not in ("residence_time", "own"))
    time = [float(np.log10(t)) for t in curves["residence_time"]]
    own = float(np.log10(curves["own"][0]))
    marks = _marks([own] * len(states), [s["outlet"][key] for s in states], states, result)
    caption = f"{key} left over the residence time, on the branch that begins without reaction; {said}"
    return [([_line(f"{key} along the branch", time, curves[key], 1), *marks], "log10 of the residence time in s", f"{key} in the outlet [mol/L]", caption)]


def _marks(x: list[float], y: list[float], states: list[dict[str, Any]], result: dict[str, Any]) -> list[Series]:
    """Stable states as discs, unstable ones as rings, the one that a start-up reaches as a square."""
    out = []
    for label, kind, tone in (("reached by a start-up filled with feed", "square", 3), ("stable", "circle", 3), ("unstable", "ring", 4)):
        chosen = [i for i, s in enumerate(states) if (kind == "square") == (s["outlet"] == result["outlet"]) and (kind == "square" or s["stable"] == (kind == "circle"))]
        if chosen:
            out.append(Series(label, [x[i] for i in chosen], [y[i] for i in chosen], "points", tone, kind))
    return out


def _drawing(chart: Chart) -> Markup:
    series, x_label, y_label, caption = chart
    return xy(series, x_label, y_label, title=caption, width=WIDTH, height=HEIGHT)


def _svg(charts: list[Chart], title: str) -> str:
    """All charts below each other in one picture that needs no page around it."""
    out, y = [Markup(f'<text x="14" y="24" class="name">{esc(title)}</text>')], 40.0
    for chart in charts:
        out.append(Markup(f'<text x="14" y="{y + 10:.0f}" class="small">{esc(chart[3])}</text>'))
        y += 18
        out.append(Markup(re.sub("^<svg ", f'<svg x="0" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" ', _drawing(chart))))
        y += HEIGHT + 4
        for s in chart[0]:
            mark = Markup(f'<line x1="34" y1="{y + 6:.0f}" x2="58" y2="{y + 6:.0f}" class="curve t{s.tone}"/>') if s.kind == "line" else marker(s.marker, 46, y + 6, s.tone, 4)
            out.append(glue([mark, Markup(f'<text x="66" y="{y + 10:.0f}" class="small">{esc(s.label)}</text>')]))
            y += LINE
        y += 18
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" width="{WIDTH}" height="{y:.0f}" role="img" aria-label="{esc(title)}">'
    return f'{head}\n<style>{chart_style()}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n{glue(out, chr(10))}\n</svg>\n'


def _html(charts: list[Chart], title: str) -> str:
    """A page with the charts, in the report's style."""
    body = glue((element("section", figure(_drawing(c), c[3], c[0])) for c in charts), "\n")
    head = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{esc(title)}</title><style>{CSS}</style></head>'
    return f"{head}\n<body><header>{element('h1', title)}</header><main>\n{body}\n</main></body></html>\n"
