"""Every rate law fitted back from its own simulated runs: parameters moved from the file's values, 1 % noise, the fitter's default search.

The truth is the start moved by random amounts (0.7 on logarithms, 5 kJ/mol on energies, 0.2 on orders); six batches of random feeds (two at each of three
temperatures where a law has energies), eight samples each to about four fifths of the slowest conversion. Fitted from the file's values with three starts. Told for each
law, over five draws of truth, feeds and noise: parameters within their 90 % interval, the largest distance in standard deviations, and how much narrower than the prior the posterior is.

Usage: python benchmarks/laws_catalogue.py [--json benchmarks/results/laws_catalogue.json] [NAME ...]
"""

from __future__ import annotations

import json
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from chemwright.errors import ConvergenceError
from chemwright.kinetics.fitting import fit_runs
from chemwright.kinetics.laws import Scheme, scheme_of
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import simulate

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from kinetics_schemes import SCHEMES

NOISE = 0.01
SAMPLES = 8
DRAWS = 5


def truth(scheme: Scheme, seed: int) -> Any:
    """Parameters moved from the start."""
    width = np.array([0.2 if n.startswith("n_") else 0.7 if not n.startswith(("Ea", "dH")) else 5e3 for n in scheme.names])
    return scheme.start.mean + np.random.default_rng(seed).normal(size=len(width)) * np.minimum(width, scheme.start.std)


def measured(scheme: Scheme) -> tuple[str, ...]:
    """Species that a laboratory reads: no activities, no sites, no enzyme."""
    return tuple(s for s in scheme.species if s not in scheme.fresh and "*" not in s and s not in ("E", "I"))


def horizon(scheme: Scheme, feed: Any, temperature: float, theta: Any) -> float:
    """Time to four fifths of what happens in ten times as long: doubled from a millisecond until the change slows down."""
    fluid = [scheme.species.index(s) for s in measured(scheme)]
    times = 1e-3 * 2.0 ** np.arange(40)
    last = times[0]
    for t in times:
        try:
            c = simulate(scheme, Run("h", "batch", feed, temperature, [t / 4, t], np.full((2, 1), np.nan)), theta)[:, fluid]
        except ConvergenceError:
            break
        change = np.max(np.abs(c - np.asarray(feed)[fluid]), axis=1)
        last = t
        if change[1] > 0.3 * np.max(np.asarray(feed)[fluid]) or (change[1] > 1.0 and change[1] < 1.3 * change[0]):
            break
    return float(last)


def runs_of(scheme: Scheme, theta: Any, seed: int) -> RunSet:
    """Six batches with noise."""
    rng = np.random.default_rng(seed + 1000)
    warm = any(n.energy is not None for n in scheme.numbers)
    out = []
    for i in range(6):
        feed = [scheme.fresh.get(s, 10.0 if s == "*" else 0.0 if "*" in s else 0.05 if s == "E" else 10 ** rng.uniform(0.7, 2.2)) for s in scheme.species]
        made = {s for law in scheme.laws for s, _ in law.reaction.products} - {s for law in scheme.laws for s, _ in law.reaction.reactants}
        feed = [0.1 * v if s in made else v for s, v in zip(scheme.species, feed, strict=True)]
        temperature = (313.0, 333.0, 353.0)[i % 3] if warm else 300.0
        times = horizon(scheme, feed, temperature, theta) * np.geomspace(0.03, 1.0, SAMPLES)
        clean = simulate(scheme, Run(f"b{i}", "batch", feed, temperature, times, np.full((SAMPLES, 1), np.nan)), theta)[:, [scheme.species.index(s) for s in measured(scheme)]]
        std = NOISE * np.max(clean, axis=0)
        out.append(Run(f"b{i}", "batch", feed, temperature, times, clean + rng.normal(size=clean.shape) * std, np.tile(std, (SAMPLES, 1))))
    return RunSet(scheme.species, measured(scheme), tuple(out))


def judge(name: str, draw: int = 0) -> dict[str, Any]:
    """One law, one draw; every law has random numbers of its own, so that the counts of all laws are independent."""
    scheme = scheme_of(tomllib.loads(SCHEMES[name]), name)
    seed = 100 * list(SCHEMES).index(name) + draw
    theta = truth(scheme, seed)
    runs = runs_of(scheme, theta, seed)
    began = time.process_time()
    fit = fit_runs(scheme, runs, starts=3, seed=seed)
    z = (fit.theta - theta) / fit.posterior.std
    narrower = fit.posterior.std / scheme.start.std
    return {
        "law": name,
        "parameters": len(theta),
        "inside_90": int(np.sum(np.abs(z) < 1.645)),
        "largest_z": float(np.max(np.abs(z))),
        "chi_square": fit.chi_square,
        "informed": int(np.sum(narrower < 0.3)),
        "worst": {n: [float(v), float(w)] for n, v, w in zip(fit.names, z, narrower, strict=True) if abs(v) > 2.5},
        "cpu_s": time.process_time() - began,
    }


def main() -> int:
    """All laws, or the named ones."""
    out = Path(sys.argv[sys.argv.index("--json") + 1]) if "--json" in sys.argv else None
    names = [a for i, a in enumerate(sys.argv[1:], 1) if not a.startswith("--") and sys.argv[i - 1] != "--json"] or list(SCHEMES)
    rows = []
    print(f"{'law':<36}{'parameters':>11}{'in 90 %':>9}{'largest z':>11}{'chi^2/dof':>11}{'informed':>10}{'CPU s':>8}")
    for name in names:
        draws = [judge(name, draw) for draw in range(DRAWS)]
        row = {
            "law": name,
            **{k: sum(d[k] for d in draws) for k in ("parameters", "inside_90", "informed", "cpu_s")},
            "largest_z": max(d["largest_z"] for d in draws),
            "chi_square": float(np.mean([d["chi_square"] for d in draws])),
            "worst": [d["worst"] for d in draws if d["worst"]],
        }
        rows.append(row)
        print(f"{name:<36}{row['parameters']:>11}{row['inside_90']:>9}{row['largest_z']:>11.2f}{row['chi_square']:>11.2f}{row['informed']:>10}{row['cpu_s']:>8.1f}", flush=True)
    total, inside = sum(r["parameters"] for r in rows), sum(r["inside_90"] for r in rows)
    print(f"{inside} of {total} parameters within their 90 % interval ({100 * inside / total:.0f} %)")
    if out is not None:
        out.write_text(json.dumps({"noise": NOISE, "inside_90": inside, "parameters": total, "laws": rows}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
