"""Runs until the true model of four rivals is found with a probability above 0.95: designed for discrimination, D-optimal, random.

Every method has the same rivals, priors, first runs, noise and evidence (`kinetics_discrimination_judge.py`); only the choice of the next run differs:

* ``random``: uniform in the region;
* ``D-optimal``: most information on the parameters of the likeliest rival;
* ``ours``: most expected information on which rival is true (`chemwright.experiment.design`, criterion MI), the spread of the predictions by draws of what is known of each rival.

    python benchmarks/kinetics_discrimination.py METHOD OUT.json      one method, stored case by case
    python benchmarks/kinetics_discrimination.py --collect FOLDER   FOLDER/METHOD.json into benchmarks/results/kinetics_discrimination.json
    python benchmarks/kinetics_discrimination.py --table            the table of that file
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import kinetics_discrimination_judge as judge
import numpy as np
from numpy.typing import NDArray

from chemwright.experiment.design import Conditions, Discrimination, Information, Region, Rival, Sample, algebraic, criterion, reactor_response, search, weights
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction
from chemwright.model.lower import exp
from chemwright.model.posterior import Gaussian

Array = NDArray[np.float64]
DRAWS, POOL = 16, 64


def rivals(family: str) -> list[Rival]:
    """The four rivals of a family with their priors."""
    made = []
    for i, name in enumerate(judge.RIVALS[family]):
        mean, std = judge.prior(family, i)
        known = Gaussian(mean, np.diag(std**2))
        if family == "surface":
            names = ("ln k", "ln K1", "ln K2")[: len(mean)]
            response = algebraic(names, judge.NAMES[family], ("rate",), [judge.NOISE[family]], lambda t, x, i=i: [surface(i, [exp(v) for v in t], x)])
        else:
            species = ("A", "B", "P", "S")
            network = Network(species, tuple(parse_reaction(text, f"r{k + 1}") for k, text in enumerate(judge.REACTIONS[name])))
            response = reactor_response(MassAction(network, (judge.T_REF,) * 2), "plug_flow", tube, judge.NAMES[family], read_yield, ("yield",), [judge.NOISE[family]])
        made.append(Rival(name, response, known))
    return made


def surface(rival: int, k: list[Any], p: list[Any]) -> Any:
    """The judge's four forms, in symbols."""
    if rival == 1:
        return k[0] * p[0] * p[1] / (1 + k[1] * p[0]) ** 2
    if rival == 2:
        return k[0] * p[0] * p[1] / (1 + k[1] * p[1]) ** 2
    return k[0] * p[0] * p[1] / (1 + k[1] * p[0] + k[2] * p[1]) ** (2 if rival == 3 else 1)


def tube(x: Any) -> Conditions:
    """Feed, temperature and residence time of the tube."""
    return Conditions([x[2], x[3] * x[2], 0.0, 0.0], x[1], [x[0]])


def read_yield(sample: Sample) -> list[Any]:
    """Yield of P on A."""
    return [sample.c[2] / sample.feed[0]]


def suggest(method: str, region: Region, known: list[Rival], p: Array, seed: int) -> Array:
    """The next run of a method."""
    if method == "ours":
        alive = [i for i in range(len(known)) if p[i] > 1e-3] if np.sum(p > 1e-3) > 1 else list(np.argsort(-p)[:2])
        share = np.array([p[i] for i in alive])
        return search(Discrimination([known[i] for i in alive], share / share.sum(), "MI", draws=DRAWS, seed=seed), region, 1, pool=POOL, starts=1, seed=seed).x[0]
    best = known[int(np.argmax(p))]
    return search(Information.of(best.response, best.known, criterion("D", best.prior.std)), region, 1, pool=POOL, starts=1, seed=seed).x[0]


def case(method: str, family: str, true: int, seed: int) -> dict[str, Any]:
    """One campaign: runs made, the rival it decided for, and its probabilities run by run."""
    region = Region(judge.NAMES[family], judge.LOW[family], judge.HIGH[family])
    known, random = rivals(family), judge.random_runs(family, true, seed)
    x, y, trace = np.zeros((0, random.shape[1])), np.zeros((0, 1)), []
    for n in range(judge.BUDGET):
        if n < judge.N_START or method == "random":
            at = random[n]
        else:
            at = suggest(method, region, known, weights(known), 1000 * seed + n)
        x = np.vstack([x, at])
        y = np.vstack([y, [[judge.measure(family, true, seed, n, at)]]])
        known = [r.learn(x, y, starts=4, seed=seed) for r in known]
        trace.append(np.round(weights(known), 6).tolist())
        if n + 1 >= judge.N_START and max(trace[-1]) > judge.SURE:
            break
    decided = int(np.argmax(trace[-1])) if max(trace[-1]) > judge.SURE else -1
    return {"family": family, "true": true, "seed": seed, "runs": len(x), "decided": decided, "x": np.round(x, 6).tolist(), "p": trace}


RESULTS = Path(__file__).parent / "results" / "kinetics_discrimination.json"


def collect(folder: Path) -> None:
    """All stored cases into one file, by method."""
    RESULTS.write_text(json.dumps({path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}, separators=(",", ":")) + "\n")


def table() -> None:
    """Mean and worst number of runs, wrong and missing decisions, by family, on the cases that every method has."""
    stored = json.loads(RESULTS.read_text())
    shared = set.intersection(*(set(rows) for rows in stored.values()))
    print(
        f"{'method':12s} {'family':10s} {'cases':>5s} {'mean runs':>10s} {'after the start':>16s} {'worst':>6s} {'right':>6s} {'wrong':>6s} {'undecided':>10s} {'CPU-s a case':>13s}"
    )
    for method, rows in stored.items():
        for family in (*judge.FAMILIES, "all"):
            mine = [r for key, r in rows.items() if key in shared and family in (r["family"], "all")]
            if not mine:
                continue
            runs = np.array([r["runs"] if r["decided"] >= 0 else judge.BUDGET + 1 for r in mine])
            right = sum(r["decided"] == r["true"] for r in mine)
            none = sum(r["decided"] < 0 for r in mine)
            cpu = np.mean([r["cpu"] for r in mine])
            print(
                f"{method:12s} {family:10s} {len(mine):5d} {runs.mean():10.2f} {(runs - judge.N_START).mean():16.2f} {runs.max():6d} {right:6d} {len(mine) - right - none:6d} {none:10d} {cpu:13.1f}"
            )


def main() -> None:
    """Run one method, or print the table."""
    if sys.argv[1] == "--collect":
        collect(Path(sys.argv[2]))
        return
    if sys.argv[1] == "--table":
        table()
        return
    method, out = sys.argv[1], Path(sys.argv[2])
    stored = json.loads(out.read_text()) if out.exists() else {}
    for family in judge.FAMILIES:
        for true in range(len(judge.RIVALS[family])):
            for seed in judge.SEEDS:
                key, begin = f"{family}/{true}/{seed}", time.process_time()
                if key in stored:
                    continue
                stored[key] = {**case(method, family, true, seed), "cpu": 0.0}
                stored[key]["cpu"] = round(time.process_time() - begin, 1)
                out.write_text(json.dumps(stored))
                print(method, key, {k: stored[key][k] for k in ("runs", "decided", "cpu")}, flush=True)


if __name__ == "__main__":
    main()
