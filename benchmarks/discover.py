"""Networks proposed from concentration-time data, on truth systems committed before: rank, exact network, orders, and the error outside of the runs beside a forest and a network of neurons.

    python benchmarks/discover.py [--development] [--json benchmarks/results/discover.json]

Data and scorer: ``discover_truth.py``. The two peers learn (feed, temperature, time) -> measured concentrations from the same samples; they propose no network, so they stand beside the last column alone.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from discover_truth import DEVELOPMENT, DEVELOPMENT_SEEDS, SEEDS, TEST, Problem, Reaction, problem, relative_error, score

from chemwright.errors import ChemwrightError
from chemwright.kinetics.discover.propose import Candidate, Proposal, propose
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import simulate


def runs_of(p: Problem) -> RunSet:
    """The readings, SI."""
    rows = [Run(f"run {i + 1}", "batch", b.feed * 1e3, b.temperature, b.times, b.measured * 1e3) for i, b in enumerate(p.runs)]
    return RunSet(tuple(p.system.formulas), p.system.observed, rows)


def keyed(network: Candidate) -> dict[Reaction, dict[str, float]]:
    """As the scorer knows it."""

    def side(terms: tuple[tuple[str, float], ...]) -> tuple[tuple[str, int], ...]:
        return tuple(sorted((s, round(n)) for s, n in terms))

    return {(side(t.reaction.reactants), side(t.reaction.products)): dict(t.orders) for t in network.terms}


def outside(p: Problem, found: Proposal) -> list[np.ndarray]:
    """The best model on the outside runs, mol/L."""
    best = found.networks[0]
    return [simulate(best.scheme, Run("x", "batch", b.feed * 1e3, b.temperature, b.times, b.measured * 1e3), best.fit.theta)[:, p.columns] / 1e3 for b in p.outside]


def peer(p: Problem, kind: str) -> list[np.ndarray]:
    """A forest or a network of neurons on the same samples."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def rows(batches: tuple) -> np.ndarray:
        return np.vstack([np.column_stack([np.tile([*b.feed, b.temperature], (len(b.times), 1)), b.times, np.sqrt(b.times)]) for b in batches])

    y = np.vstack([b.measured for b in p.runs])
    scale = np.maximum(y.std(0), 0.1 * y.std(0).max())
    model = (
        RandomForestRegressor(300, random_state=0)
        if kind == "forest"
        else make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(32, 32), alpha=1e-2, solver="lbfgs", max_iter=2000, random_state=0))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(rows(p.runs), (y / scale).squeeze())
        out = np.reshape(model.predict(rows(p.outside)), (-1, y.shape[1])) * scale
    return np.split(out, len(p.outside))


def one(p: Problem) -> dict:
    """All scores of a problem."""
    start = time.process_time()
    said = ""
    try:
        found = propose(runs_of(p), p.system.formulas)
        row = score(p, found.subspace.rank, [keyed(n) for n in found.networks], outside(p, found))
        said = "; ".join(f"{t.reaction} {dict(t.orders)}" for t in found.networks[0].terms)
    except ChemwrightError as error:
        row, said = score(p, -1, [], None), f"failed: {error}"
    out = {"system": p.system.name, "seed": p.seed} | row | {"cpu": time.process_time() - start, "found": said}
    for kind in ("forest", "neurons"):
        # not capped: nothing is known of a peer's network
        out[kind] = relative_error(p, peer(p, kind))
    return out


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--development", action="store_true", help="the development systems instead")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    systems, seeds = (DEVELOPMENT, DEVELOPMENT_SEEDS) if args.development else (TEST, SEEDS)
    rows = [one(problem(s, seed)) for s in systems for seed in seeds]
    for r in rows:
        print(f"{r['system'][:48]:48} {r['seed']:3} rank {r['rank']:.0f} first {r['first']:.0f} three {r['three']:.0f} orders {r['orders']:.0f} "
              f"outside {r['error']:.3f} (forest {r['forest']:.2f}, neurons {r['neurons']:.2f}) {r['cpu']:5.1f} s  {r['found'] if not r['orders'] else ''}", flush=True)  # fmt: skip
    mean = {k: float(np.mean([r[k] for r in rows])) for k in ("rank", "first", "three", "orders", "error", "forest", "neurons", "cpu")}
    worst = {k: float(np.max([r[k] for r in rows])) for k in ("error", "forest", "neurons", "cpu")}
    median = {k: float(np.median([r[k] for r in rows])) for k in ("error", "forest", "neurons", "cpu")}
    print(json.dumps({"n": len(rows), "mean": mean, "median": median, "worst": worst}, indent=1))
    if args.json:
        args.json.write_text(json.dumps({"benchmark": "discover", "rows": rows, "n": len(rows), "mean": mean, "median": median, "worst": worst}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
