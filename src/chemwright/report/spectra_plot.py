"""Pictures of fits to spectra (pure spectra with their bands, concentrations over time, noise) and to heat-flow traces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chemwright.report.chart import Series
from chemwright.report.reactor_plot import MOST, Chart, write_charts


def write_spectra_plot(path: Path, result: dict[str, Any], title: str) -> None:
    """Draw the answer of :func:`chemwright.kinetics.spectra_answer.spectra_answer`.

    Args:
        path: ends with ``.svg`` or ``.html``.
        result: the answer.
        title: of the page.

    Raises:
        InputError: another ending; StorageError: the folder can't be written.
    """
    tones = {s: i % MOST + 1 for i, s in enumerate(result["spectra"])}
    spectra: list[Series] = []
    for s, found in result["spectra"].items():
        if any(found["coefficient"]):
            band = [1.645 * v for v in found["std"]] if found["std"] else ()
            label = f"{s}{' (given)' if found['known'] else '' if found['std'] else ' (open, see the notes)'}"
            spectra.append(Series(label, result["wavelengths"], found["coefficient"], "line", tones[s], band=band, dash=int(not found["std"])))
    charts: list[Chart] = [(spectra, "wavelength [nm]", "molar absorption coefficient [L/(mol cm)]", "Pure spectra, bands of 90 %")]
    for run in result["runs"]:
        lines = [Series(s, run["time"], c, "line", tones[s]) for s, c in run["concentration"].items()]
        charts.append((lines, "time [s]", "concentration [mol/m^3]", f"Run {run['id']}, misfit {run['misfit']:.2f} of the noise"))
    charts.append(
        ([Series("noise", result["wavelengths"], [1e3 * v for v in result["noise"]], "line", 1)], "wavelength [nm]", "noise [mAU]", "Standard deviation of an absorbance")
    )
    write_charts(path, charts, title)


def write_heat_plot(path: Path, result: dict[str, Any], title: str) -> None:
    """Draw the answer of :func:`chemwright.kinetics.calorimetry_file.heat_answer`: each trace with the fit, and what they leave.

    Args:
        path: ends with ``.svg`` or ``.html``.
        result: the answer.
        title: of the page.

    Raises:
        InputError: another ending; StorageError: the folder can't be written.
    """
    charts: list[Chart] = []
    for t in result["traces"]:
        measured = Series("measured", t["time"], [1e3 * v for v in t["heat_flow"]], "points", 1)
        fitted = Series("network through the calorimeter, with its baseline", t["time"], [1e3 * v for v in t["model"]], "line", 2)
        caption = f"Run {t['id']}: integral {t['heat']:.4g} J, heat of the fitted network {t['heat_of_the_network']:.4g} J"
        charts.append(([measured, fitted], "time [s]", "heat flow [mW]", caption))
        left = [1e3 * (a - b) for a, b in zip(t["heat_flow"], t["model"], strict=True)]
        charts.append(([Series("measured less fitted", t["time"], left, "points", 3)], "time [s]", "residual [mW]", f"Residual, noise {1e3 * result['noise']:.3g} mW"))
    write_charts(path, charts, title)
