"""Pictures of a vessel of gas: temperature, and the species that matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chemwright.report.chart import Series
from chemwright.report.reactor_plot import MOST, Chart, write_charts


def write_gas_plot(path: Path, result: dict[str, Any], title: str) -> None:
    """Draw the answer of :func:`chemwright.kinetics.gas_answer.gas_answer`.

    Args:
        path: ends with ``.svg`` or ``.html``.
        result: the answer.
        title: of the page.

    Raises:
        InputError: another ending; StorageError: the folder can't be written.
    """
    change = {s: max(x) - min(x) for s, x in result["fractions"].items() if min(x) < 0.8 * max(x)}  # a gas that only thins out would hide the others
    shown = sorted(change, key=lambda s: -change[s])[: 2 * MOST]
    time = [1e3 * t for t in result["time"]]
    delay = result["ignition_delay"]
    said = f"Temperature; ignition after {1e3 * delay:.4g} ms" if delay is not None else "Temperature"
    charts: list[Chart] = [([Series("gas", time, result["temperature"], "line", 2)], "time [ms]", "temperature [K]", said)]
    for words, names in (("The species that change most", shown[:MOST]), ("The next ones", shown[MOST:])):
        lines = [Series(s, time, result["fractions"][s], "line", i % MOST + 1) for i, s in enumerate(names)]
        if lines:
            charts.append((lines, "time [ms]", "mole fraction", words))
    write_charts(path, charts, title)
