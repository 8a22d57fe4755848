"""Pictures of a design: what is left open after the runs, or what each rival expects of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chemwright.quantity import convert
from chemwright.record.atomic import write_atomic
from chemwright.report.bar_chart import bars
from chemwright.report.kinetics_plot import board
from chemwright.report.text import Markup

MOST_PANELS = 12


def write_design(folder: Path, result: dict[str, Any]) -> list[Path]:
    """Draw the answer of :func:`chemwright.experiment.design.run.designed` into a folder.

    Args:
        folder: made when absent; a picture in it of the same name is replaced.
        result: the answer.

    Raises:
        StorageError: the folder can't be written.
    """
    path = folder / "design.svg"
    write_atomic(path, design_picture(result).encode())
    return [path]


def design_picture(result: dict[str, Any]) -> str:
    """The rivals' expectations run by run, or the share of each parameter's standard deviation that the runs leave."""
    if "rivals" in result:
        return board(_rivals(result), "What each rival expects of the next runs (whisker: noise)", [], columns=1)
    rows = [(p["name"], p["std_after"] / p["std"], 0.0, 1) for p in result["parameters"]]
    if "figure" in result:
        rows.append(("the figure", result["figure"]["std_after"] / max(result["figure"]["std"], 1e-300), 0.0, 2))
    panel = bars(rows, "standard deviation after the runs, share of that now", title="share left", percent=True)
    return board([(panel, f"{len(result['runs'])} runs, best for {result['meaning']}")], "What the next runs leave open", [], columns=1)


def conditions(result: dict[str, Any], run: dict[str, Any]) -> str:
    """A run's settings in one line."""
    parts = []
    for name, value in run.items():
        if name.startswith("feed."):
            parts.append(f"{name[5:]} {value:.3g} mol/L")
        elif name == "temperature":
            parts.append(f"{value:.0f} °C")
        elif name.startswith("time"):
            parts.append(f"{value:.0f} s")
    return f"run {run['run']}: {', '.join(parts)}"


def _rivals(result: dict[str, Any]) -> list[tuple[Markup, str]]:
    """A panel for each run and reading."""
    out = []
    readings = {r["name"]: r for r in result["readings"]}
    for i, run in enumerate(result["runs"]):
        for name in result["expected"][result["rivals"][0]["name"]][i]:
            reading = readings.get(name) or readings[name.rsplit(".", 1)[0]]
            scale = convert(1.0, "mol/m^3", "mol/L") if reading["unit"] == "mol/m^3" else 1.0
            unit = "mol/L" if reading["unit"] == "mol/m^3" else reading["unit"]
            rows = [(r["name"], result["expected"][r["name"]][i][name] * scale, reading["noise"] * scale, 1 + k % 5) for k, r in enumerate(result["rivals"])]
            out.append((bars(rows, name if unit == "1" else f"{name} [{unit}]", title=name), conditions(result, run)))
    return out[:MOST_PANELS]
