"""A trained hybrid as plain data, for JSON, tables and pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve

from chemwright.kinetics.hybrid.explain import explain, learned_values, shares
from chemwright.kinetics.hybrid.law import MissingRate
from chemwright.kinetics.hybrid.problem import visited
from chemwright.kinetics.hybrid.train import Hybrids
from chemwright.kinetics.hybrid.trained import HybridModel
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import names_of

CURVE, RUNS_DRAWN = 41, 4


def hybrid_answer(hybrids: Hybrids, runs: RunSet, *, symbolic: bool = False, seed: int = 0) -> dict[str, Any]:
    """All that is to say of the hybrids that were trained.

    Args:
        hybrids: from :func:`chemwright.kinetics.hybrid.train_hybrid`.
        runs: what they were trained on.
        symbolic: offer laws by symbolic regression too.
        seed: of it.
    """
    best = hybrids.best
    explained = explain(best, runs, symbolic=symbolic, seed=seed)
    n = best.law.base.n_parameters
    std = np.sqrt(np.diag(best.cov))
    learned = [
        {
            "name": e.name,
            "words": e.words,
            "drivers": [{"input": name, "share": share} for name, share in e.drivers],
            "laws": [{"law": law.text, "size": law.size, "error": law.error, "source": law.source} for law in e.laws],
            **_curve(best, runs, i, e.drivers[0][0] if e.drivers else "T"),
        }
        for i, e in enumerate(explained)
    ]
    return {
        "best": best.kind,
        "said": best.best.words,
        "kinds": [{k: (float(v) if isinstance(v, float) else v) for k, v in row.items()} for row in hybrids.table()],
        "models": [{"weight": m.weight, "learned": m.words, "log_evidence": m.fit.log_evidence} for m in best.members],
        "parameters": [{"name": name, "value": float(v), "std": float(s)} for name, v, s in zip(names_of(best.law)[:n], best.theta[:n], std[:n], strict=True)],
        "noise": {o.name: {"value": float(s), "unit": o.unit} for o, s in zip(best.observables, best.best.fit.scales * best.typical_std, strict=True)},
        "learned": learned,
        "runs": [_run(hybrids, runs, r) for r in runs.runs],
    }


def _curve(model: HybridModel, runs: RunSet, part: int, driver: str) -> dict[str, Any]:
    """The learned part along its main driver, the other inputs at their means where it matters; and the range of the data."""
    states = visited(model.law, runs, model.theta)
    value = model.law.learned(states, model.theta)[part][0]
    rows = states[value > 1e-3 * value.max()] if value.max() > 0 else states
    j = [*model.species, "T"].index(driver)
    low, high = float(rows[:, j].min()), float(rows[:, j].max())
    room = 0.25 * (high - low)
    grid = np.linspace(max(low - room, 0.0 if driver != "T" else 1.0), high + room, CURVE)
    at = np.tile(rows.mean(0), (CURVE, 1))
    at[:, j] = grid
    mean, std = learned_values(model, at, part)
    missing = isinstance(model.law.parts[part], MissingRate)
    return {
        "unit": "mol/(m^3 s)" if missing else "1",
        "along": {"input": driver, "x": grid.tolist(), "value": mean.tolist(), "std": std.tolist(), "data_low": low, "data_high": high},
    }


def _run(hybrids: Hybrids, runs: RunSet, run: Run) -> dict[str, Any]:
    """Readings and predictions at the samples, and curves in between."""
    best = hybrids.best
    at, alone = best.predict(run)[0], hybrids.mechanism.predict(run)[0]
    out: dict[str, Any] = {"id": run.id, "temperature": run.mean_temperature, "time": run.times.tolist(), "readings": {}}
    low, high = at.interval(0.9, measurement=True)
    for m, o in enumerate(runs.observables):
        seen = [float(v) if np.isfinite(v) else None for v in run.observed[:, m]]
        out["readings"][o.name] = {
            "measured": seen,
            "hybrid": at.mean[:, m].tolist(),
            "low": low[:, m].tolist(),
            "high": high[:, m].tolist(),
            "mechanism": alone.mean[:, m].tolist(),
        }
    if run.id in [r.id for r in runs.runs[:RUNS_DRAWN]] and run.reactor != "stirred_tank":
        times = np.linspace(0.0, float(run.times[-1]), CURVE)[1:]
        fine = evolve(run, times=times, observed=np.full((len(times), len(runs.observables)), np.nan), std=None)
        split = shares(best, fine)[0]
        out["curve"] = {"time": times.tolist(), "mechanism": {}, "hybrid": {}, "share": {}}
        for m, o in enumerate(runs.observables):
            out["curve"]["hybrid"][o.name] = split.total[:, m].tolist()
            out["curve"]["mechanism"][o.name] = split.mechanism[:, m].tolist()
            out["curve"]["share"][o.name] = split.share[:, m].tolist()
    return out
