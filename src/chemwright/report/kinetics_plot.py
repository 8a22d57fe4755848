"""Pictures of kinetic fits: curves with their readings, residuals, posterior, rivals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chemwright.errors import InputError
from chemwright.kinetics.diagnose import studentised
from chemwright.kinetics.fit_answer import SHOWN, curves, units_of
from chemwright.kinetics.fitting import RunFit
from chemwright.kinetics.rivals import Ranking
from chemwright.kinetics.runs import Run
from chemwright.record.atomic import write_atomic
from chemwright.report.bar_chart import bars
from chemwright.report.chart import Series, marker, xy
from chemwright.report.corner import Normal, corner
from chemwright.report.style import chart_style
from chemwright.report.text import Markup, esc, glue

WIDE, HIGH, LINE = 430, 300, 18
MARKERS = ("circle", "square", "diamond", "cross", "ring")
MOST_RUNS, MOST_PARAMETERS, LEGEND = 12, 9, 208
FEW_SAMPLES = 3


def write_plots(folder: Path, fit: RunFit, title: str, ranking: Ranking | None = None) -> list[Path]:
    """Draw a fit, and a ranking where there is one, into a folder.

    Args:
        folder: made when absent; pictures in it of the same names are replaced.
        fit: whose curves, residuals and posterior are drawn.
        title: name of the model.
        ranking: of rivals.

    Returns:
        paths of the pictures.

    Raises:
        StorageError: the folder can't be written.
    """
    drawn = {"fit": fit_picture(fit, title), "residuals": residual_picture(fit, title), "posterior": posterior_picture(fit, title)}
    if ranking is not None:
        drawn["rivals"] = rivals_picture(ranking)
    out = []
    for name, text in drawn.items():
        out.append(folder / f"{name}.svg")
        write_atomic(out[-1], text.encode())
    return out


def time_scale(end: float) -> tuple[str, float]:
    """Unit in which a time reads well, and the seconds in it."""
    return ("s", 1.0) if end < 300 else ("min", 60.0) if end < 3 * 3600 else ("h", 3600.0)


def fit_picture(fit: RunFit, title: str) -> str:
    """Readings and model: along time run by run, or against each other where runs have few samples."""
    along = [r for r in fit.runs.runs if len(np.unique(r.times)) >= FEW_SAMPLES and r.reactor != "stirred_tank"]
    names = [o.name for o in fit.runs.observables]
    if not along:
        panels = [(_parity(fit, j), f"{o.name}: model against reading") for j, o in enumerate(fit.runs.observables)]
        return board(panels, title, [])
    shown = along[:MOST_RUNS]
    panels = [(_run(fit, r), f"run {r.id}, {r.mean_temperature - 273.15:.1f} °C") for r in shown]
    left = f" (first {len(shown)} of {len(along)} runs)" if len(along) > len(shown) else ""
    legend = [Series(n, [], [], "points", j % 5 + 1, MARKERS[j % 5]) for j, n in enumerate(names)]
    return board(panels, f"{title}: readings, model and its 95 % band{left}", legend)


def _run(fit: RunFit, run: Run) -> Markup:
    """One run along its time."""
    unit, seconds = time_scale(float(run.times[-1]))
    fine, y, std = curves(fit, run)
    lines, points, units = [], [], []
    for j, o in enumerate(fit.runs.observables):
        shown, factor = SHOWN.get(o.unit, (o.unit, 1.0))
        units.append(shown)
        read = run.observed[:, j] * factor
        if not np.isfinite(read).any():
            continue
        lines.append(Series(o.name, (fine / seconds).tolist(), (y[:, j] * factor).tolist(), "line", j % 5 + 1, band=(1.96 * std[:, j] * factor).tolist()))
        points.append(Series(o.name, (run.times / seconds).tolist(), read.tolist(), "points", j % 5 + 1, MARKERS[j % 5]))
    label = "concentration [mol/L]" if set(units) == {"mol/L"} else "share of the feed" if set(units) == {"1"} else f"reading [{', '.join(dict.fromkeys(units))}]"
    return xy([*lines, *points], f"time [{unit}]", label, title=f"run {run.id}", width=WIDE, height=HIGH)


def _parity(fit: RunFit, column: int) -> Markup:
    """Model against readings of one observable."""
    mine = fit.problem.column == column
    unit, factor = SHOWN.get(fit.runs.observables[column].unit, ("", 1.0))
    said = f" [{unit}]" if unit not in ("", "1") else ""
    std = (fit.sigma[mine] * factor).tolist()
    points = Series("readings", (fit.f[mine] * factor).tolist(), (fit.problem.y[mine] * factor).tolist(), yerr=std)
    return xy([points], f"model{said}", f"read{said}", title=fit.runs.observables[column].name, equal=True, width=WIDE, height=WIDE - 60)


def residual_picture(fit: RunFit, title: str) -> str:
    """Studentised residuals along time and against the model, and their quantiles against normal ones."""
    from scipy.stats import norm

    t, p = studentised(fit), fit.problem
    unit, seconds = time_scale(float(p.time.max()))
    by_name = [(o.name, p.column == j, SHOWN.get(o.unit, (o.unit, 1.0))[1]) for j, o in enumerate(fit.runs.observables)]
    time = [Series(n, (p.time[m] / seconds).tolist(), t[m].tolist(), "points", j % 5 + 1, MARKERS[j % 5]) for j, (n, m, _) in enumerate(by_name)]
    spread = [float(np.ptp(fit.f[m])) or 1.0 for _, m, _ in by_name]
    level = [Series(n, ((fit.f[m] - fit.f[m].min()) / spread[j]).tolist(), t[m].tolist(), "points", j % 5 + 1, MARKERS[j % 5]) for j, (n, m, _) in enumerate(by_name) if m.any()]
    quantile = norm.ppf((np.arange(len(t)) + 0.5) / len(t))
    normal = Series("all", quantile.tolist(), np.sort(t).tolist())
    panels = [
        (xy(time, f"time [{unit}]", "residual / std", title="residuals along time", width=WIDE, height=HIGH), "along time"),
        (xy(level, "model, share of its range", "residual / std", title="residuals against the model", width=WIDE, height=HIGH), "against the model"),
        (xy([normal], "normal quantile", "residual / std", title="quantiles", equal=True, width=WIDE, height=HIGH), "quantiles against normal noise"),
    ]
    return board(panels, f"{title}: studentised residuals", [Series(n, [], [], "points", j % 5 + 1, MARKERS[j % 5]) for j, (n, _, _) in enumerate(by_name)])


def posterior_picture(fit: RunFit, title: str) -> str:
    """Corner plot of the parameters, the least certain when there are too many."""
    units, rows, used = units_of(fit.problem.law), [], []
    for i, (name, kind) in enumerate(zip(fit.names, fit.problem.kinds, strict=True)):
        unit, factor = units.get(name, ("SI", 1.0))
        scale, shift = (1 / 1000.0, 0.0) if kind == "energy" else (1 / np.log(10.0), np.log10(factor)) if kind == "log" else (1.0, 0.0)
        axis = f"{name} [kJ/mol]" if kind == "energy" else f"log10 {name}" if kind == "log" else name
        used.append(unit if kind == "log" else "")
        mean, prior = fit.posterior.mean[i] * scale + shift, fit.problem.prior.mean[i] * scale + shift
        rows.append(Normal(name, axis, float(mean), float(fit.posterior.std[i] * scale), float(prior), float(fit.problem.prior.std[i] * scale)))
    chosen = list(range(len(rows)))
    if len(rows) > MOST_PARAMETERS:
        order = np.argsort(-fit.posterior.std / fit.problem.prior.std)
        chosen = sorted(int(i) for i in order[:MOST_PARAMETERS])
    cov = fit.posterior.cov[np.ix_(chosen, chosen)]
    said = f"{title}: posterior (blue) and prior (grey)" + (f", {len(chosen)} least certain of {len(rows)} parameters" if len(chosen) < len(rows) else "")
    drawing = corner([rows[i] for i in chosen], cov.tolist(), title=said)
    told = "; ".join(f"{', '.join(rows[i].name for i in chosen if used[i] == unit)} in {unit}" for unit in dict.fromkeys(used[i] for i in chosen if used[i]))
    return board([(drawing, told)], said, [], columns=1)


def rivals_picture(ranking: Ranking) -> str:
    """Probabilities of the rivals, and how far each is behind the best on each yardstick."""
    fitted = [r for r in ranking.rivals if r.fit is not None]
    least = min(r.aicc for r in fitted)
    panels = [
        (bars([(r.name, r.probability, 0.0, 1) for r in fitted], "probability among these", title="probability", percent=True), "Probability, all alike before (Laplace)"),
        (bars([(r.name, r.aicc - least, 0.0, 2) for r in fitted], "AICc behind the best", title="AICc"), "AICc behind the best: a needless parameter costs about 2"),
    ]
    known = [r for r in fitted if np.isfinite(r.left_out)]
    if known:
        top = max(r.left_out for r in known)
        rows = [(r.name, top - r.left_out, r.left_out_std if np.isfinite(r.left_out_std) else 0.0, 3) for r in known]
        panels.append((bars(rows, "log likelihood behind the best", title="left-out runs"), "Left-out runs: log likelihood behind the best, +/- its standard error"))
    return board(panels, "Rival models", [], columns=1)


def write_simulated(path: Path, result: Mapping[str, Any]) -> None:
    """Draw a simulation into an ``.svg`` file.

    Raises:
        InputError: another ending; StorageError: the folder can't be written.
    """
    if path.suffix.lower() != ".svg":
        raise InputError(f"can't draw into {path.name!r}", where="--plot", fix="end the name with .svg")
    write_atomic(path, simulated_picture(result).encode())


def simulated_picture(result: Mapping[str, Any]) -> str:
    """Concentrations of a simulation along its time, five species a chart, with their 95 % bands where a fit was given.

    Args:
        result: from :func:`chemwright.kinetics.models_run.simulate_models`.
    """
    rows, names = result["rows"], [s for s in result["species"] if any(row[s] for row in result["rows"])]
    unit, seconds = time_scale(rows[-1]["time"])
    time, panels = [row["time"] / seconds for row in rows], []
    for start in range(0, len(names), 5):
        part = names[start : start + 5]
        lines = [Series(s, time, [row[s] for row in rows], "line", j + 1, band=[1.96 * row.get(f"std_{s}", 0.0) for row in rows]) for j, s in enumerate(part)]
        marks = [Series(s, time[-1:], [rows[-1][s]], "points", j + 1, MARKERS[j]) for j, s in enumerate(part)]
        panels.append((xy([*lines, *marks], f"time [{unit}]", "concentration [mol/L]", title=", ".join(part), width=WIDE, height=HIGH), ", ".join(part)))
    legend = [Series(s, [], [], "points", j % 5 + 1, MARKERS[j % 5]) for j, s in enumerate(names)]
    return board(panels, f"{result['model']}, {result['reactor']}", legend)


def board(panels: Sequence[tuple[Markup, str]], title: str, legend: Sequence[Series], *, columns: int = 2) -> str:
    """Charts on one picture that stands alone, light and dark by the reader's setting.

    Args:
        panels: charts with their captions.
        title: above all.
        legend: series whose marks are explained once.
        columns: charts side by side.
    """
    columns = min(columns, len(panels))
    sizes = [_size(drawing) for drawing, _ in panels]
    cell = max(w for w, _ in sizes)
    width = max(columns * (cell + 10) + 10, 460.0)
    out, y = [Markup(f'<text x="14" y="26" class="name">{esc(title)}</text>')], 40.0
    for start in range(0, len(panels), columns):
        row = panels[start : start + columns]
        captions = 18 if any(c for _, c in row) else 0
        for k, (drawing, caption) in enumerate(row):
            x, (w, h) = 10 + k * (cell + 10), sizes[start + k]
            if caption:
                out.append(Markup(f'<text x="{x + 8:.0f}" y="{y + 12:.0f}" class="small">{esc(caption)}</text>'))
            out.append(Markup(re.sub("^<svg ", f'<svg x="{x:.0f}" y="{y + captions:.0f}" width="{w:g}" height="{h:g}" ', drawing)))
        y += captions + max(h for _, h in sizes[start : start + columns]) + 8
    for k, s in enumerate(legend):
        x, at = 20 + LEGEND * (k % int(width // LEGEND)), y + LINE * (k // int(width // LEGEND)) + 6
        out += [marker(s.marker, x, at, s.tone, 4), Markup(f'<text x="{x + 12:.0f}" y="{at + 4:.0f}" class="small">{esc(s.label)}</text>')]
    y += LINE * -(-len(legend) // int(width // LEGEND)) + (10 if legend else 0)
    style = chart_style() + f"rect.paper{{fill:#fff}}@media (prefers-color-scheme:dark){{{chart_style(dark=True)}rect.paper{{fill:#171c23}}}}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {y:.0f}" width="{width:.0f}" height="{y:.0f}" role="img" aria-label="{esc(title)}">'
    return f'{head}\n<style>{style}</style>\n<rect width="100%" height="100%" class="paper"/>\n{glue(out, chr(10))}\n</svg>\n'


def _size(drawing: Markup) -> tuple[float, float]:
    """Width and height of a drawing, from its view box."""
    found = re.match(r'<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
    assert found is not None
    return float(found.group(1)), float(found.group(2))
