"""Pictures of a trained hybrid: what was learned with its band, parity, and how much of a run is mechanism and how much learned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chemwright.errors import InputError
from chemwright.report.chart import Series
from chemwright.report.reactor_plot import MOST, Chart, write_charts

HALF = 1.645  # standard deviations of a 90 % interval


def write_hybrid_plot(path: Path, result: dict[str, Any], title: str) -> None:
    """Draw the answer of :func:`chemwright.kinetics.hybrid.answer.hybrid_answer`.

    Args:
        path: ends with ``.svg`` or ``.html``.
        result: the answer.
        title: of the page.

    Raises:
        InputError: another ending; StorageError: the folder can't be written.
    """
    write_charts(path, hybrid_charts(result), title)


def check_ending(path: Path | None) -> None:
    """Refuse a picture's name before the work is done.

    Raises:
        InputError: it ends neither with .svg nor with .html.
    """
    if path is not None and path.suffix.lower() not in (".svg", ".html"):
        raise InputError(f"can't draw into {path.name!r}", where="--plot", fix="end the name with .svg or .html")


def hybrid_charts(result: dict[str, Any]) -> list[Chart]:
    """Learned parts, parity of each reading, and the first runs over time."""
    charts = [learned_chart(part) for part in result["learned"]]
    charts += [parity(result, name) for name in next(iter(result["runs"]))["readings"]]
    for run in [r for r in result["runs"] if "curve" in r][:2]:
        charts += over_time(run, str(result["best"]))
    return charts


def learned_chart(part: dict[str, Any], truth: Sequence[float] = ()) -> Chart:
    """A learned factor or rate along its main driver, within and beyond the data; the truth where it is known."""
    along = part["along"]
    name = along["input"]
    x_label = "temperature [K]" if name == "T" else f"{name} [mol/m^3]"
    x, y, std = along["x"], along["value"], along["std"]
    inside = [i for i, v in enumerate(x) if along["data_low"] <= v <= along["data_high"]]
    series = [
        Series("90 % band", x, y, "line", 2, band=[HALF * s for s in std], dash=1),
        Series("learned, where data are", [x[i] for i in inside], [y[i] for i in inside], "line", 1),
    ]
    if truth:
        series.append(Series("truth (dashed)", x, truth, "line", 3, dash=1))
    y_label = f"rate [{part['unit']}]" if part["unit"] != "1" else "factor"
    return series, x_label, y_label, f"Learned: {part['name']}, the other inputs at their means"


def parity(result: dict[str, Any], name: str) -> Chart:
    """Predicted against measured, hybrid and mechanism alone."""
    series = []
    for label, key, tone, mark in (("mechanism alone", "mechanism", 3, "ring"), ("hybrid", "hybrid", 1, "circle")):
        pairs = [(m, p) for run in result["runs"] for m, p in zip(run["readings"][name]["measured"], run["readings"][name][key], strict=True) if m is not None]
        series.append(Series(label, [m for m, _ in pairs], [p for _, p in pairs], "points", tone, mark))
    ends = [v for s in series for v in (*s.x, *s.y)]
    series.insert(0, Series("equal", [min(ends), max(ends)], [min(ends), max(ends)], "line", 2, dash=1))
    return series, f"measured {name}", f"predicted {name}", f"Parity of {name}"


def over_time(run: dict[str, Any], kind: str) -> list[Chart]:
    """One run: measured and predicted; and the share of what was learned."""
    curve, names = run["curve"], list(run["curve"]["hybrid"])[: MOST - 1]
    lines: list[Series] = []
    for i, name in enumerate(names):
        lines.append(Series(f"{name}, hybrid", curve["time"], curve["hybrid"][name], "line", i + 1))
        lines.append(Series(f"{name}, without", curve["time"], curve["mechanism"][name], "line", i + 1, dash=1))
        lines.append(Series(name, run["time"], [v if v is not None else float("nan") for v in run["readings"][name]["measured"]], "points", i + 1))
    share = [Series(name, curve["time"], [100 * v for v in curve["share"][name]], "line", i + 1) for i, name in enumerate(names)]
    where = f"run {run['id']}, {run['temperature']:.1f} K"
    begin = where[0].upper() + where[1:]
    return [
        (lines, "time [s]", "reading [SI]", f"{begin}: {kind.replace('_', ' ')} hybrid (dashed: without the learned part)"),
        (share, "time [s]", "learned share [%]", f"How much of the change since the feed is learned, {where}"),
    ]
