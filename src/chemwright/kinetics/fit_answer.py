"""Fits and rankings as plain data, for JSON, tables and pictures: constants in units that a chemist writes, words for what is loose or odd."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chemwright.errors import ConvergenceError
from chemwright.kinetics.diagnose import diagnose, sentences
from chemwright.kinetics.fitting import FINE, RunFit
from chemwright.kinetics.identify import loose_parameters, profile, weaknesses
from chemwright.kinetics.laws import PowerLaw
from chemwright.kinetics.network import Network
from chemwright.kinetics.reactor_reaction import rate_unit
from chemwright.kinetics.rivals import Ranking
from chemwright.kinetics.runs import Run, RunSet, TemperatureProfile
from chemwright.kinetics.simulate import read, readings, sensitivities
from chemwright.model.protocol import Array
from chemwright.quantity import convert

LEVEL = 1.96
SHOWN = {"mol/m^3": ("mol/L", 1e-3), "1": ("1", 1.0), "W/m^3": ("W/L", 1e-3)}
CURVE_POINTS = 60


def units_of(law: Any) -> dict[str, tuple[str, float]]:
    """Unit that a chemist writes of each rate constant, and what one SI unit is in it; those that are not told are in SI."""
    orders: dict[str, float] = {}
    laws = getattr(law, "laws", ())
    for part in laws:
        if isinstance(part, PowerLaw) and not any(isinstance(n, str) for _, n in part.orders):
            orders[part.k] = sum(float(n) for _, n in part.orders if not isinstance(n, str))
    network = getattr(law, "network", None)
    if not laws and isinstance(network, Network):
        orders = {f"k.{r.id}": sum(n for _, n in r.reactants) for r in network.reactions}
    return {k: (rate_unit(n), 1000.0 ** (n - 1)) for k, n in orders.items()}


def parameters(fit: RunFit) -> list[dict[str, Any]]:
    """Each parameter: value and 95 % interval in its unit, relative standard error of a constant or standard error of an energy."""
    units, out = units_of(fit.problem.law), []
    for name, kind, mean, std, prior_std in zip(fit.names, fit.problem.kinds, fit.theta, fit.posterior.std, fit.problem.prior.std, strict=True):
        low, high = mean - LEVEL * std, mean + LEVEL * std
        row: dict[str, Any] = {"name": name, "kind": kind, "fitted": float(mean), "fitted_std": float(std), "informed": bool(std < 0.5 * prior_std)}
        if kind == "log":
            unit, factor = units.get(name, ("SI", 1.0))
            row |= {"value": _exp(mean) * factor, "unit": unit, "low": _exp(low) * factor, "high": _exp(high) * factor, "relative_std": float(std)}
        elif kind == "energy":
            row |= {"value": mean / 1000, "unit": "kJ/mol", "low": low / 1000, "high": high / 1000, "std": std / 1000}
        else:
            row |= {"value": float(mean), "unit": "1", "low": float(low), "high": float(high), "std": float(std)}
        out.append({k: float(v) if isinstance(v, np.floating) else v for k, v in row.items()})
    return out


def _exp(x: float) -> float:
    return math.exp(min(max(float(x), -700.0), 700.0))


def fit_answer(fit: RunFit, name: str = "", *, profiles: bool = True) -> dict[str, Any]:
    """All that is to say of a fit.

    Args:
        fit: a fit.
        name: of the model.
        profiles: also profile likelihoods of the loose parameters.
    """
    diagnosis = diagnose(fit)
    shown = {o.name: SHOWN.get(o.unit, (o.unit, 1.0)) for o in fit.runs.observables}
    told, units = [], units_of(fit.problem.law)
    for parameter in loose_parameters(fit) if profiles else ():
        try:
            told.append(profile(fit, parameter, units.get(parameter, ("SI", 1.0))))
        except ConvergenceError:
            continue
    statuses = [s.status for s in fit.starts]
    return {
        "model": name,
        "readings": len(fit.problem.y),
        "runs": len(fit.runs.runs),
        "parameters": parameters(fit),
        "correlation": [[round(float(v), 4) for v in row] for row in fit.correlation],
        "noise": {
            k: {"value": v if fit.problem.relative else v * shown[k][1], "unit": "of the reading" if fit.problem.relative else shown[k][0], "known": fit.problem.std is not None}
            for k, v in fit.noise.items()
        },
        "log_likelihood": fit.log_likelihood,
        "aicc": fit.aicc if math.isfinite(fit.aicc) else None,
        "bic": fit.bic,
        "starts": {
            "made": len(statuses),
            "at_the_best": sum(s.optimum == 0 for s in fit.starts),
            "other_optima": len(fit.optima) - 1,
            "lost": sum(s.optimum < 0 for s in fit.starts),
            "next_optimum_behind": fit.optima[1] if len(fit.optima) > 1 else None,
        },
        "cpu": fit.cpu,
        "identifiability": [w.words for w in weaknesses(fit)],
        "profiles": [{"name": p.name, "low": p.low, "high": p.high, "words": p.words} for p in told],
        "diagnostics": {
            "ok": diagnosis.ok,
            "words": sentences(diagnosis.tests),
            "tests": [{"name": t.name, "of": t.observable, "statistic": t.statistic, "p": t.p, "ok": t.ok} for t in diagnosis.tests],
            "odd": [o.words for o in diagnosis.odd],
            "leverage": [{"run": r, "of": o, "time": t, "leverage": h} for r, o, t, h in diagnosis.leverage],
            "pure_error": {k: v * shown[k][1] for k, v in diagnosis.pure_error.items()},
        },
        "notes": list(fit.notes),
        "residuals": residuals(fit),
    }


def residuals(fit: RunFit) -> list[dict[str, Any]]:
    """One row a reading: where, read, computed, and the residual in standard deviations."""
    names = [(o.name, *SHOWN.get(o.unit, (o.unit, 1.0))) for o in fit.runs.observables]
    p, out = fit.problem, []
    for i, (r, j, time) in enumerate(zip(p.run, p.column, p.time, strict=True)):
        name, unit, factor = names[j]
        row = {"run": fit.runs.runs[r].id, "time": float(time), "of": name, "read": float(p.y[i]) * factor, "computed": float(fit.f[i]) * factor, "unit": unit}
        out.append(row | {"deviation": float(fit.residual[i] / fit.sigma[i])})
    return out


def ranking_answer(ranking: Ranking, *, fits: bool = True) -> dict[str, Any]:
    """All that is to say of a comparison."""

    def plain(v: float) -> float | None:
        return v if math.isfinite(v) else None

    best = next(r for r in ranking.rivals if r.fit is not None)
    rows = [
        {
            "model": r.name,
            "parameters": len(r.fit.theta) if r.fit is not None else None,
            "aicc": plain(r.aicc),
            "aicc_behind": plain(r.aicc - min(q.aicc for q in ranking.rivals)),
            "akaike_weight": plain(r.weight),
            "bic": plain(r.bic),
            "log_likelihood": r.fit.log_likelihood if r.fit is not None else None,
            "left_out": plain(r.left_out),
            "left_out_std": plain(r.left_out_std),
            "ln_bayes_factor_to_best": plain(r.ln_evidence - best.ln_evidence),
            "probability": r.probability,
            "failure": r.failure,
        }
        for r in ranking.rivals
    ]
    out: dict[str, Any] = {"ranking": rows, "words": list(ranking.words), "sure": ranking.sure}
    return out | {"fits": [fit_answer(r.fit, r.name, profiles=False) for r in ranking.rivals if r.fit is not None]} if fits else out


def curves(fit: RunFit, run: Run, points: int = CURVE_POINTS) -> tuple[Array, Array, Array]:
    """A run's readings by the model along its time, and their standard deviations from the parameters: (n,), (n, m), (n, m).

    Args:
        fit: a fit.
        run: one of its runs.
        points: along the run; half of them even on the times, half on their logarithms.
    """
    end = float(run.times[-1]) or 1.0
    first = float(run.times[run.times > 0][0]) if np.any(run.times > 0) else end
    fine = np.unique(np.concatenate([np.linspace(0.0, end, points // 2), np.geomspace(max(first / 10, end * 1e-6), end, points - points // 2)]))
    dense = Run(run.id, run.reactor, run.feed, run.temperature, fine, np.full((len(fine), len(fit.runs.observables)), np.nan), where=run.where)
    c, dc = sensitivities(fit.problem.law, dense, fit.theta, reltol=FINE)
    y, s = read(fit.problem.law, fit.runs.observables, fit.runs.species, dense, fit.theta, c, dc)
    return fine, y, np.sqrt(np.einsum("nmp,pq,nmq->nm", s, fit.posterior.cov, s).clip(0.0))


def simulated(law: Any, runs: RunSet, theta: Array, cov: Array | None = None) -> list[dict[str, Any]]:
    """What a model with given parameters says of runs: one row a sample, readings in the units shown, standard deviations where a covariance is given."""
    names = [(o.name, *SHOWN.get(o.unit, (o.unit, 1.0))) for o in runs.observables]
    out = []
    for run in runs.runs:
        y, s = readings(law, runs, run, theta, slopes=cov is not None)
        std = np.sqrt(np.einsum("nmp,pq,nmq->nm", s, cov, s).clip(0.0)) if cov is not None else None
        heat = run.temperature.at(run.times) if isinstance(run.temperature, TemperatureProfile) else np.full(len(run.times), run.temperature)
        for k, time in enumerate(run.times):
            row: dict[str, Any] = {"run": run.id, "time": float(time), "temperature": convert(float(heat[k]), "K", "degC")}
            for j, (name, _, factor) in enumerate(names):
                row[name] = float(y[k, j]) * factor
                if std is not None:
                    row[f"std_{name}"] = float(std[k, j]) * factor
            out.append(row)
    return out
