"""Time and memory of one suggestion: six mixed variables, 100 points, two objectives, a batch of four; and a product space of 1e12 experiments.

python benchmarks/campaign_speed.py [--backend own|torch] [--case mixed|product]     # each in a process of its own, one thread; prints a JSON line
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np

from chemwright.experiment.observations import Observations
from chemwright.experiment.planning import PlanSettings, propose
from chemwright.experiment.sampling import sample
from chemwright.experiment.space import Space
from chemwright.record import Objective, Variable

SOLVENTS = ("CCO", "CC#N", "Cc1ccccc1", "CS(C)=O", "O", "CN(C)C=O", "C1CCOC1", "CCOC(C)=O")


def mixed() -> tuple[Space, int]:
    """Three numbers, a discrete one, a solvent by structure and a catalyst by name."""
    return Space.of(
        [
            Variable("temperature", low=300.0, high=400.0),
            Variable("concentration", low=10.0, high=1000.0, log=True),
            Variable("residence_time", low=60.0, high=1800.0),
            Variable("equivalents", "discrete", values=(1.0, 1.5, 2.0, 3.0)),
            Variable("solvent", "categorical", levels=SOLVENTS, smiles=SOLVENTS, encoding="descriptors"),
            Variable("catalyst", "categorical", levels=tuple("ABCDEFGH")),
        ]
    ), 2


def product() -> tuple[Space, int]:
    """Six variables of a hundred levels each."""
    return Space.of([Variable(f"v{k}", "categorical", levels=tuple(f"l{i}" for i in range(100))) for k in range(6)]), 1


def main() -> None:
    """Measure one case; the first call warms caches and is told apart."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--backend", default="own", choices=("own", "torch"))
    p.add_argument("--case", default="mixed", choices=("mixed", "product"))
    a = p.parse_args()
    space, m = {"mixed": mixed, "product": product}[a.case]()
    rng = np.random.default_rng(0)
    rows = sample(space, 100, rng)
    u = space.unit(rows)
    y = np.stack([np.sin(3 * u[:, 0]) + (u[:, 4] % 3) - (u[:, 1] - 0.4) ** 2 + 0.02 * rng.normal(size=100), u[:, 2] + 0.3 * (u[:, 5] % 2)], 1)[:, :m]
    seen = Observations(tuple(map(str, range(100))), rows, y, np.full(y.shape, np.nan), np.zeros(100, bool), np.zeros(100, np.int64), np.arange(100.0))
    goals = [Objective("yield", "maximise"), Objective("waste", "minimise")][:m]
    cpu, wall = [], []
    for seed in range(4):
        began = time.process_time(), time.perf_counter()
        propose(space, seen, goals, 4, settings=PlanSettings(backend=a.backend), seed=seed)
        cpu.append(round(time.process_time() - began[0], 2))
        wall.append(round(time.perf_counter() - began[1], 2))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"case": a.case, "backend": a.backend, "size": space.size if np.isfinite(space.size) else "infinite", "cpu_s": cpu, "wall_s": wall, "peak_mb": round(peak)}))


if __name__ == "__main__":
    main()
