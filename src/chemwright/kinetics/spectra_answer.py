"""The answer of a fit to spectra as plain data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chemwright.kinetics.spectra_file import SpectraProblem
from chemwright.kinetics.spectra_fit import SpectraFit


def spectra_answer(problem: SpectraProblem, fit: SpectraFit) -> dict[str, Any]:
    """Parameters, spectra, fit quality and notes, ready for JSON (no number that is not finite)."""
    parameters = []
    for name, mean, std in zip(fit.names, fit.posterior.mean, fit.posterior.std, strict=True):
        number = next((n for n in problem.law.numbers if n.name == name and n.log), None)
        row: dict[str, Any] = {"name": name, "mean": float(mean), "std": float(std), "scale": "ln, SI" if number is not None else "J/mol" if name.startswith(("Ea", "dH")) else "1"}
        if number is not None:
            row |= {"value": math.exp(float(mean)), "relative_std": float(std)}
        parameters.append(row)
    correlation = fit.posterior.cov / np.outer(fit.posterior.std, fit.posterior.std)
    spectra = {}
    for j, s in enumerate(fit.species):
        std = fit.coefficients_std[j]
        spectra[s] = {
            "coefficient": (fit.coefficients[j] * 10.0).tolist(),
            "std": None if not np.all(np.isfinite(std)) else (std * 10.0).tolist(),
            "known": s in problem.data.known,
        }
    return {
        "equations": problem.law.equation().splitlines(),
        "parameters": parameters,
        "correlation": correlation.tolist(),
        "wavelengths": problem.data.wavelengths.tolist(),
        "spectra": spectra,
        "units": {"wavelengths": "nm", "coefficient": "L/(mol cm)", "concentration": "mol/m^3", "time": "s"},
        "noise": fit.noise.tolist(),
        "misfit": fit.misfit,
        "independent_species": {"seen": fit.seen, "fitted": fit.expected},
        "starts": {"tried": len(fit.starts), "at_the_best": sum(v < min(fit.starts) + 0.01 for v in fit.starts)},
        "runs": _runs(problem, fit),
        "notes": list(fit.notes),
    }


def _runs(problem: SpectraProblem, fit: SpectraFit) -> list[dict[str, Any]]:
    out, at = [], 0
    for run in problem.data.runs:
        n = len(run.times)
        c = fit.concentrations[at : at + n]
        rms = float(np.sqrt(np.mean((fit.residual[at : at + n] / fit.noise) ** 2)))
        out.append({"id": run.id, "time": run.times.tolist(), "concentration": {s: c[:, j].tolist() for j, s in enumerate(fit.species)}, "misfit": rms})
        at += n
    return out
