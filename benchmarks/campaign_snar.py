"""Runs until 95 % of the true front's hypervolume: a campaign with mechanisms against black boxes, all on the judge's starts and noise (`campaign_snar_judge.py`).

Methods here (the peers' are in `campaign_snar_peers.py`):

* ``rivals``: four networks, the true one among them, each with a wide prior (rate constants 1.5 decades standard deviation about a guess that is the same for all reactions, activation
  energies 50 +/- 15 kJ/mol); none is told the true parameters;
* ``wrong``: one network alone, wrong: the over-reaction is missing;
* ``planner``: chemwright's own black box.

They see what the peers see: conditions, space-time yield and E-factor.

    python benchmarks/campaign_snar.py METHOD NOISE OUT.json [seeds]      NOISE: 0 or 1
    python benchmarks/campaign_snar.py --collect FOLDER                   FOLDER/METHOD_NOISE.json of all methods into benchmarks/results/campaign_snar.json
    python benchmarks/campaign_snar.py --table                            the table of that file, scored anew
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import campaign_snar_judge as judge
import numpy as np
from numpy.typing import NDArray

from chemwright.experiment.design import Conditions, Sample
from chemwright.experiment.mechanistic import Mechanism, MechanisticPlanner, reactor_mechanism
from chemwright.experiment.observations import Observations
from chemwright.experiment.planning import propose
from chemwright.experiment.space import Space
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction
from chemwright.model.posterior import Gaussian
from chemwright.record import Objective, Variable

Array = NDArray[np.float64]
SPECIES = ("SM", "amine", "ortho", "para", "bis")
NETWORKS = {
    "four reactions": ("SM + amine -> ortho", "SM + amine -> para", "ortho + amine -> bis", "para + amine -> bis"),
    "no over-reaction": ("SM + amine -> ortho", "SM + amine -> para"),
    "base catalysis": ("SM + 2 amine -> ortho + amine", "SM + 2 amine -> para + amine", "ortho + 2 amine -> bis + amine", "para + 2 amine -> bis + amine"),
    "solvolysis first": ("SM -> ortho", "SM -> para", "ortho + amine -> bis", "para + amine -> bis"),
}
"""Rivals; the last does not balance in the amine, as a chemist's wrong guess may not."""
VARIABLES = (
    Variable("residence_time", "continuous", "s", 30.0, 120.0),
    Variable("equivalents", "continuous", "1", 1.0, 5.0),
    Variable("concentration", "continuous", "mol/m^3", 100.0, 500.0),
    Variable("temperature", "continuous", "K", 303.15, 393.15),
)
OBJECTIVES = (Objective("space_time_yield", "maximise", reference=float(judge.REFERENCE[0])), Objective("e_factor", "minimise", reference=float(judge.REFERENCE[1])))
GUESS = {1: 1e-3, 2: 1e-6, 3: 1e-9}
"""Rate constant at 353 K by order, (m^3/mol)^(n-1)/s: about one turnover in a quarter of an hour at 1 mol/L."""


def mechanism(name: str) -> Mechanism:
    """A network in the tube with its wide prior."""
    law = MassAction(Network(SPECIES, tuple(parse_reaction(t, f"r{i + 1}") for i, t in enumerate(NETWORKS[name]))), (353.15,) * len(NETWORKS[name]))
    orders = [int(sum(n for _, n in r.reactants)) for r in law.network.reactions]
    mean = [*np.log([GUESS[n] for n in orders]), *[5e4] * len(orders)]
    prior = Gaussian(np.array(mean), np.diag([(1.5 * np.log(10)) ** 2] * len(orders) + [1.5e4**2] * len(orders)))
    return reactor_mechanism(name, law, "plug_flow", tube, reading, [v.name for v in VARIABLES], [o.name for o in OBJECTIVES], prior)


def tube(x: Any) -> Conditions:
    """Feed, temperature and residence time."""
    return Conditions([x[2], x[1] * x[2], 0.0, 0.0, 0.0], x[3], [x[0]])


def reading(sample: Sample) -> list[Any]:
    """Space-time yield [kg/(m^3 h)] and E-factor."""
    masses = judge.MASSES * 1e-3
    made = masses[2] * sample.c[2]
    return [3600 * made / sample.time, (judge.ETHANOL + sum(m * c for m, c in zip(masses, sample.c, strict=True)) - made) / made]


def to_si(x: Array) -> Array:
    """From the judge's units."""
    return np.asarray(x * np.array([60.0, 1.0, 1000.0, 1.0]) + np.array([0.0, 0.0, 0.0, 273.15]))


def from_si(x: Array) -> Array:
    """To the judge's units."""
    return np.asarray((x - np.array([0.0, 0.0, 0.0, 273.15])) / np.array([60.0, 1.0, 1000.0, 1.0]))


def campaign(method: str, seed: int, noise: float) -> tuple[Array, list[str]]:
    """Conditions until 95 % is reached or the budget is spent (judge's units), and the planner's words."""
    space = Space.of(VARIABLES, [])
    planner = None if method == "planner" else MechanisticPlanner([mechanism(n) for n in (NETWORKS if method == "rivals" else ["no over-reaction"])])
    x = to_si(judge.starts(seed))
    y = np.array([judge.measure(from_si(row), seed, i, noise)[0] for i, row in enumerate(x)])
    words: list[str] = []
    while len(x) < judge.BUDGET and judge.trace(from_si(x))[-1] < judge.SHARE:
        n = len(x)
        seen = Observations(tuple(f"run-{i}" for i in range(n)), x, y, np.full_like(y, np.nan), np.zeros(n, bool), np.zeros(n, np.int64), np.arange(n, dtype=float))
        found = planner.propose(space, seen, OBJECTIVES, 1, seed=1000 * seed + n) if planner else propose(space, seen, OBJECTIVES, 1, seed=1000 * seed + n)
        words.append(found.notes[0] if found.notes else "")
        x = np.vstack([x, found.rows])
        y = np.vstack([y, judge.measure(from_si(x[-1]), seed, n, noise)[0]])
    return from_si(x), words


RESULTS = Path(__file__).parent / "results" / "campaign_snar.json"


def collect(folder: Path) -> None:
    """All stored campaigns into one file: conditions by method, noise and seed."""
    found = {
        path.stem: {seed: {"x": np.round(c["x"], 5).tolist(), "cpu": c["cpu"]} for seed, c in json.loads(path.read_text()).items()} for path in sorted(folder.glob("*_[01].json"))
    }
    RESULTS.write_text(json.dumps(found, separators=(",", ":")) + "\n")


def table() -> None:
    """Runs to 95 %, mean and worst over the seeds; a campaign that did not get there counts one more than the budget, so its mean is a lower bound."""
    print(f"{'method':12s} {'noise':>6s} {'seeds':>5s} {'mean runs':>10s} {'worst':>6s} {'reached':>8s} {'share at 6':>11s} {'at 10':>7s} {'at 20':>7s} {'CPU-s a run':>12s}")
    everything = json.loads(RESULTS.read_text())
    for noise in (0, 1):
        for key in (k for k in everything if k.endswith(str(noise))):
            stored = list(everything[key].values())
            traces = [judge.trace(np.array(s["x"])) for s in stored]
            runs = np.array([judge.runs_to(t) if t[-1] >= judge.SHARE else judge.BUDGET + 1 for t in traces])
            at = [np.mean([t[min(k, len(t)) - 1] for t in traces]) for k in (6, 10, 20)]
            cost = np.mean([s["cpu"] / max(len(s["x"]) - judge.N_START, 1) for s in stored])
            got = f"{int((runs <= judge.BUDGET).sum())}/{len(runs)}"
            print(f"{key[:-2]:12s} {noise * judge.NOISE:6.3f} {len(runs):5d} {runs.mean():10.1f} {runs.max():6d} {got:>8s} {at[0]:11.3f} {at[1]:7.3f} {at[2]:7.3f} {cost:12.1f}")


def main() -> None:
    """Run one method over the seeds, or print the table."""
    if sys.argv[1] == "--collect":
        collect(Path(sys.argv[2]))
        return
    if sys.argv[1] == "--table":
        table()
        return
    method, noise, out = sys.argv[1], judge.NOISE * int(sys.argv[2]), Path(sys.argv[3])
    stored = json.loads(out.read_text()) if out.exists() else {}
    for seed in [int(s) for s in sys.argv[4].split(",")] if len(sys.argv) > 4 else judge.SEEDS:
        if str(seed) in stored:
            continue
        begin = time.process_time()
        x, words = campaign(method, seed, noise)
        stored[str(seed)] = {"x": np.round(x, 9).tolist(), "cpu": round(time.process_time() - begin, 1), "words": words}
        out.write_text(json.dumps(stored))
        print(method, noise, seed, "runs to 95 %:", judge.runs_to(judge.trace(x)), "cpu", stored[str(seed)]["cpu"], words[-1][:120] if words else "", flush=True)


if __name__ == "__main__":
    main()
