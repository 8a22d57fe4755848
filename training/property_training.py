"""Train the networks of the learned scalar properties, and put together what ships.

    CHEMWRIGHT_WHEELS=folder python training/property_training.py train PART --runs FOLDER    PART: random0 ... random4, scaffold, scaffoldhash (hash0), hash1 ... hash4; with + between them, any of these together
    python training/property_training.py ship --runs FOLDER                                   joins the five random folds' networks into data/property

A part leaves its test molecules out of every property (of a scaffold part: every molecule that has one of the test's scaffolds), trains, and keeps the predictions on what it left out.
The shipped model is the mean of the five random folds' networks; its intervals come from the predictions of each on the fold it never saw.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import property_data as data  # noqa: E402
import property_doubt as doubts  # noqa: E402
import property_net as nets  # noqa: E402
import property_targets as targets  # noqa: E402

from chemwright.property.learned.graphs import Graphs  # noqa: E402
from chemwright.structure.features import Features, featurise  # noqa: E402

SHAPE = {"width": 128, "depth": 4, "hidden": 256, "dropout": 0.05}
EPOCHS, SIZE, RATE, WARM = 16, 128, 2e-3, 0.6
MORE = {"normal_boiling_point": 1.5, "melting_point": 1.5, "critical_temperature": 1.5, "aqueous_solubility_log": 1.5, "hydration_free_energy": 1.5}

SCAFFOLD_SETS = ("normal_boiling_point", "freesolv", "aqsoldb")


def everything(runs: Path) -> tuple[list[data.Compound], Features]:
    """All molecules and their features; kept in ``runs`` between parts of one training, for its own use only."""
    import pickle

    kept = runs / "molecules.pkl"
    if kept.exists():
        compounds, features = pickle.loads(kept.read_bytes())
    else:
        found = data.compounds()
        compounds = [found[k] for k in sorted(found)]
        features = featurise([c.smiles for c in compounds])
        runs.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps((compounds, features)))
    return compounds, features


def held_out(compounds: list[data.Compound], part: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which molecules a part never trains on, shape (n,)."""
    if "+" in part:
        return np.logical_or.reduce([held_out(compounds, p) for p in part.split("+")])
    if part.startswith("random"):
        return np.array([data.fold(c.key) == int(part[6:]) for c in compounds])
    if part == "all":
        return np.zeros(len(compounds), np.bool_)
    scaffolds = {c.key: data.scaffold(c.smiles) for c in compounds}
    if "hash" in part:
        gone = data.scaffold_fold(scaffolds, which=0 if part == "scaffoldhash" else int(part[4:]))
        return np.array([scaffolds[c.key] in gone for c in compounds])
    assert part == "scaffold", part
    known = {c.key: c for c in compounds}
    out: set[str] = set()
    for name in SCAFFOLD_SETS:
        out |= data.scaffold_test({k: scaffolds[k] for k in data.scored(known, name)})
    gone = {scaffolds[k] for k in out}
    return np.array([scaffolds[c.key] in gone for c in compounds])


def train(part: str, runs: Path, epochs: int = EPOCHS, inner: bool = False, seed: int = 0, tag: str = "", warm: str = "", doubt: str = "", **shape: Any) -> None:
    """Train one part; with ``inner`` one fold of its training molecules is held out as well and reported, for tuning; with ``warm`` the round of that tag goes on at :data:`WARM` of its rate.

    With ``doubt``, a part, figures that the networks which left them and that part out contradict lose weight (``property_doubt``).
    """
    torch.set_num_threads(1)
    compounds, features = everything(runs)
    graphs = Graphs.of_features(features)
    y, trust = targets.table(compounds)
    left_out = held_out(compounds, part)
    judged = left_out if not inner else ~left_out & np.array([data.fold(c.key) == 1 for c in compounds])
    rows = np.flatnonzero(features.ok & ~left_out & ~judged)
    given = trust
    if doubt:
        trust = doubts.trusted(y, doubts.unseen(doubts.beside(doubt, runs), left_out | judged, y.shape[1]), trust)
        doubts.told(y[rows], given[rows], trust[rows], [t.name for t in data.TASKS])
    line = targets.linear(features.descriptors, y, trust, rows)
    inputs = line.inputs(features.descriptors)
    base = line.baseline(inputs)
    scaled = ((y - base) / line.scatter).astype(np.float32)
    weight = targets.weights(trust, rows, MORE)

    def watch(epoch: int, loss: float, net: nets.Net, seconds: float) -> None:
        if inner and epoch % 6 == 5:
            report(net.eval())
        print(f"{part} epoch {epoch} loss {loss:.3f} {seconds:.0f} s", flush=True)

    at = np.flatnonzero(judged & features.ok)

    def report(net: nets.Net) -> None:
        centre, _ = nets.predict(net, graphs, inputs, at)
        for name in ("normal_boiling_point", "melting_point", "critical_temperature", "aqueous_solubility_log", "hydration_free_energy"):
            j = [t.name for t in data.TASKS].index(name)
            good = given[at, j] >= 1
            e = base[at, j][good] + centre[good, j] * line.scatter[j] - y[at, j][good]
            print(f"   {name[:20]:20s} n {good.sum():5d} mae {np.abs(e).mean():9.3f} rmse {np.sqrt((e**2).mean()):9.3f} median {np.median(np.abs(e)):9.3f}")

    melting = [t.name for t in data.TASKS].index("melting_point")
    seldom = (given[:, melting] > 0) & (given[:, melting] < 1) & ((given > 0).sum(1) == 1)  # nothing but a melting point from one source: a fifth of the work for little
    start, before = None, 0
    if warm:
        with np.load(runs / f"{part}{warm.removeprefix('-')}.npz", allow_pickle=False) as a:
            start = {n.removeprefix("net."): a[n] for n in a.files if n.startswith("net.")}
            before = int(a["epochs"])
    rate = WARM * RATE if warm else RATE
    net = nets.train(graphs, inputs, scaled, weight, rows, seldom=seldom, start=start, epochs=epochs, seed=seed, size=SIZE, rate=rate, watch=watch, **(SHAPE | shape))
    centre, spread = nets.predict(net, graphs, inputs, at)
    if len(at):
        report(net)
    weights = {k: v.detach().numpy().astype(np.float32) for k, v in net.state_dict().items()}
    np.savez(
        runs / f"{part}{tag}.npz", epochs=np.array(before + epochs), rows=at, centre=base[at] + centre * line.scatter, width=np.exp(spread) * line.scatter, middle=line.middle, scale=line.scale, coefficients=line.coefficients, scatter=line.scatter,
        keys=np.array([compounds[i].key for i in at]), **{f"net.{k}": v for k, v in weights.items()},
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "ship"))
    parser.add_argument("part", nargs="?", default="all")
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--inner", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tag", default="", help="what the part's file is called after its name")
    parser.add_argument("--warm", default="", help="tag of the round to go on from; '-' for the one without")
    parser.add_argument("--doubt", default="", help="part whose networks beside it (PART+random0 ...) tell which figures to trust less")
    given = parser.parse_args()
    if given.what == "train":
        train(given.part, given.runs, given.epochs, given.inner, given.seed, given.tag, given.warm, given.doubt)
    else:
        import property_ship

        property_ship.ship(given.runs, given.tag)
        property_ship.fixture()


if __name__ == "__main__":
    main()
