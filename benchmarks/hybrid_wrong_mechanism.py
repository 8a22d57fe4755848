"""Hybrid, mechanism alone, network, Gaussian process and forest on runs whose mechanism lacks a reaction, predicted outside of the data.

Truth, designs, noise, seeds and scorer stand in ``hybrid_wrong_truth.py``, the peers in ``hybrid_wrong_peers.py``; both were committed before the method. The hybrid
gets the wrong mechanism, the formulas of the species and the 20 runs; it is told neither what is missing nor the noise. Its settings are
the package's defaults, tuned on ``hybrid_wrong_dev.py`` only. ``hybrid`` is what :func:`chemwright.kinetics.hybrid.train_hybrid` calls its best (by left-out runs);
``residual`` is its learned residual on outputs, for comparison.

Usage: python benchmarks/hybrid_wrong_mechanism.py [--dev] [--only TEXT] [--no-peers] [--out FILE.json]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import hybrid_wrong_dev
import hybrid_wrong_truth
import numpy as np
from attrs import asdict
from hybrid_wrong_peers import run_peer, settings
from hybrid_wrong_truth import Problem, problem, score

from chemwright.kinetics.hybrid import HybridModel, Settings, train_hybrid
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction
from chemwright.kinetics.runs import Run, RunSet

LITRES = 1e3  # mol/L in mol/m^3


def run_set(p: Problem, part: str) -> RunSet:
    """Training or test runs in SI; those to predict carry no readings."""
    rows = []
    for i, b in enumerate(p.train if part == "train" else p.test):
        seen = b.measured * LITRES if part == "train" else np.full_like(b.measured, np.nan)
        rows.append(Run(f"{part} {i}", "batch", b.feed * LITRES, b.temperature, b.times, seen))
    return RunSet(tuple(p.system.formulas), p.system.observed, tuple(rows))


def mechanism_of(p: Problem) -> MassAction:
    """The wrong mechanism."""
    reactions = tuple(parse_reaction(text, f"r{i + 1}") for i, text in enumerate(p.system.mechanism))
    return MassAction(Network(tuple(p.system.formulas), reactions), (hybrid_wrong_truth.T_REF,) * len(reactions))


def scored(p: Problem, model: HybridModel) -> dict[str, Any]:
    """Scores of a model on the test runs."""
    predictions = model.predict(run_set(p, "test"))
    bands = [q.interval(0.9, measurement=True) for q in predictions]
    half = [(q.interval(0.9)[1] - q.mean) / LITRES for q in predictions]
    out = score(p, [q.mean / LITRES for q in predictions], [low / LITRES for low, _ in bands], [high / LITRES for _, high in bands], half)
    return {**out, "said": model.best.words}


def one(p: Problem, peers: bool) -> dict[str, dict[str, Any]]:
    """All methods on one system and seed."""
    began = time.process_time()
    trained = train_hybrid(mechanism_of(p), run_set(p, "train"), ("rate", "residual"), formulas=p.system.formulas)
    seconds = time.process_time() - began
    rows = {"hybrid": {**scored(p, trained.best), "cpu": seconds}, "residual": scored(p, trained["residual"]), "mechanism": scored(p, trained.mechanism)}
    for name in settings(1) if peers else ():
        began = time.process_time()
        mean, low, high, said = run_peer(name, p)
        rows[name] = {**score(p, mean, low, high), "said": said, "cpu": time.process_time() - began}
    return rows


def fingerprint() -> str:
    """Hash of the settings that the hybrid is run with."""
    return hashlib.sha256(json.dumps(asdict(Settings()), sort_keys=True).encode()).hexdigest()[:16]


def summary(table: list[dict[str, Any]]) -> list[str]:
    """Means, worst cases and the target, in lines."""
    out = []
    for name in table[0]["rows"]:
        rows = [t["rows"][name] for t in table]
        rmse, cover = np.array([r["rmse"] for r in rows]), np.array([r["coverage"] for r in rows])
        out.append(
            f"{name:10s} RMSE mean {rmse.mean():.3f} worst {rmse.max():.3f}; coverage mean {cover.mean():.3f}, {cover.min():.3f} to {cover.max():.3f}; width {np.mean([r['width'] for r in rows]):.3f}"
        )
    ratio = np.array([t["rows"]["hybrid"]["rmse"] / min(r["rmse"] for n, r in t["rows"].items() if n not in ("hybrid", "residual")) for t in table])
    inside = [0.85 <= t["rows"]["hybrid"]["coverage"] <= 0.95 for t in table]
    true = [t["rows"]["hybrid"]["coverage of the truth"] for t in table]
    out.append(f"hybrid over the best of the others: mean {ratio.mean():.3f}, worst {ratio.max():.3f}; at most 0.5 in {int((ratio <= 0.5).sum())} of {len(ratio)}")
    out.append(f"coverage of the hybrid within 85 to 95 % in {sum(inside)} of {len(inside)}; of the noise-free values mean {np.mean(true):.3f}, {min(true):.3f} to {max(true):.3f}")
    return out


def main() -> None:
    """Print one block a system and seed, then the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--dev", action="store_true", help="the development systems")
    parser.add_argument("--only", default="", help="systems whose name holds this text")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    systems, seeds = (hybrid_wrong_dev.DEV, hybrid_wrong_dev.SEEDS) if args.dev else (hybrid_wrong_truth.TEST, hybrid_wrong_truth.SEEDS)
    table: list[dict[str, Any]] = []
    for system in systems:
        for seed in seeds if args.only in system.name else ():
            rows = one(problem(system, seed), not args.no_peers)
            table.append({"system": system.name, "seed": seed, "rows": rows})
            print(f"{system.name}, seed {seed} (noise {rows['hybrid']['noise']:.3f})")
            for name, r in rows.items():
                groups = " ".join(f"{g} {r[f'rmse {g}']:.3f}" for g in ("cold", "hot", "dense", "both"))
                print(f"  {name:10s} RMSE {r['rmse']:.3f} ({groups}) coverage {r['coverage']:.3f} width {r['width']:.3f}  {r['said']}", flush=True)
            if args.out is not None:
                args.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    if not table:
        sys.exit(f"no system's name holds {args.only!r}")
    print(f"settings {fingerprint()}")
    print("\n".join(summary(table)))


if __name__ == "__main__":
    main()
