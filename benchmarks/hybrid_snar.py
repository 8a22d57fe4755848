"""Mechanism, learner and Hybrid on the 66 real flow runs: errors on the E-factor and coverage of 90 % intervals, every fold refitted.

Splits (fixed by the task, not chosen here): leave one out; the first 18 runs against the rest (the campaign's start against its
optimiser's choices); runs below 120 degC against those at or above. Every fold refits parameters, noise and kernel widths from its training runs alone; the input scaling
of the learners is the range of the training runs. The peer is scikit-learn's Gaussian process on the same runs.

Usage: python benchmarks/hybrid_snar.py [--loo] [--json]     (the leave-one-out refits take about five minutes)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.stats import norm

from chemwright.case.read import read_case
from chemwright.kinetics import Problem, problem_of
from chemwright.kinetics.regress import Scaling, learner_alone, train_hybrid, train_mechanism
from chemwright.knowledge import write_bundled
from chemwright.model.evidence import Widths


def split(problem: Problem, train: Any, test: Any, mechanism_start: Any = None, hyper_start: Any = None) -> tuple[dict, Any, Any]:
    """Predictions and 90 % half-widths of the three models on the test runs, fit scale."""
    x, y, widths = problem.x[train], problem.y[train], Widths()
    scaling = Scaling.of(x)
    mechanism = train_mechanism(problem.model, problem.prior, x, y, widths, mechanism_start)
    hybrid, hyper = train_hybrid(mechanism, x, y, widths, scaling, start=hyper_start)
    gp, _ = learner_alone(x, y, scaling)
    out = {}
    for name, model in (("mechanism", mechanism), ("hybrid", hybrid)):
        p = model.predict(problem.x[test])
        low, high = p.interval(0.9, measurement=True)
        out[name] = (p.mean, (high - low) / 2)
    mean, std = gp(problem.x[test])
    out["learner"] = (mean, norm.ppf(0.95) * std)
    return out, mechanism, hyper


def score(problem: Problem, test: Any, out: dict) -> dict:
    """RMSE of the E-factor, coverage and mean width on ln(1 + E)."""
    rows = {}
    for name, (mean, half) in out.items():
        error = np.expm1(mean) - problem.raw[test]
        covered = np.abs(mean - problem.y[test]) <= half
        rows[name] = {"rmse": float(np.sqrt(np.mean(error**2))), "coverage": float(covered.mean()), "mean_width": float(np.mean(2 * half)), "n": len(test)}
    return rows


def run(loo: bool) -> dict:
    """All splits."""
    with TemporaryDirectory() as folder:
        problem = problem_of(read_case(Path(write_bundled("snar", Path(folder) / "snar"))))
    everything = np.arange(len(problem.y))
    cold = problem.x[:, 3] < 273.15 + 120.0
    splits = {"first 18 -> rest": (everything[:18], everything[18:]), "below 120 degC -> above": (everything[cold], everything[~cold])}
    table = {name: score(problem, test, split(problem, train, test)[0]) for name, (train, test) in splits.items()}
    if loo:
        full, mechanism, hyper = split(problem, everything, everything)
        parts: dict = {name: ([], []) for name in full}
        for i in everything:
            out, _, _ = split(problem, np.delete(everything, i), [i], [mechanism.fit.posterior.mean], hyper)
            for name, (mean, half) in out.items():
                parts[name][0].append(mean[0])
                parts[name][1].append(half[0])
            print(f"\rleave-one-out {i + 1} of {len(everything)}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        table["leave one out"] = score(problem, everything, {name: (np.array(m), np.array(h)) for name, (m, h) in parts.items()})
    return table


def main() -> None:
    """Print the table."""
    table = run("--loo" in sys.argv)
    if "--json" in sys.argv:
        print(json.dumps(table, indent=1))
        return
    print(f"{'split':26s} {'model':10s} {'n':>3s} {'RMSE of E':>10s} {'coverage of 90 %':>17s} {'band of 2 sd':>15s} {'mean width, ln(1+E)':>20s}")
    for name, rows in table.items():
        for model in ("mechanism", "learner", "hybrid"):
            r = rows[model]
            band = 2 * np.sqrt(0.09 / r["n"])
            print(f"{name:26s} {model:10s} {r['n']:3d} {r['rmse']:10.4f} {r['coverage']:17.3f} {0.9 - band:7.3f}-{min(1, 0.9 + band):6.3f} {r['mean_width']:20.4f}")


if __name__ == "__main__":
    main()
