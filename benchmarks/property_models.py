"""The learned scalar properties on molecules they never saw, beside Joback's groups and boosted trees on the same molecules; intervals; speed.

    CHEMWRIGHT_WHEELS=folder python benchmarks/property_models.py --runs FOLDER [--trees] [--speed]

``--runs`` is the folder in which ``training/property_training.py train`` left its parts (random0 ... random4, scaffold, scaffoldhash); ``--tag _x,_w`` takes the first of these rounds that is there.
Random rows: each molecule is predicted by the networks of the fold that left it out, in every property. Scaffold rows: networks that never saw a molecule with one of the test's scaffolds. The intervals of all
rows use the quantiles of the (other) random folds, with no molecule of the row among them. Trees (LightGBM on descriptors and hashed Morgan counts) are a
peer, not in the product. The figures go to benchmarks/results/property_models.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import property_data as data
import property_intervals as intervals
import property_score as scoring
from attrs import asdict
from numpy.typing import NDArray

from chemwright.property.learned.graphs import Graphs

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "training"))

import property_targets as targets

Array = NDArray[np.float64]
HEAD = ("normal_boiling_point", "melting_point", "critical_temperature", "huuskonen", "aqsoldb", "freesolv")
SCAFFOLD = ("normal_boiling_point", "freesolv", "aqsoldb")
KCAL = {"freesolv", "hydration_free_energy"}


class Bench:
    """Molecules, figures and held-out predictions, once for all rows."""

    def __init__(self, runs: Path, tag: str = "") -> None:
        from property_training import everything

        self.compounds, self.features = everything(runs)
        self.graphs = Graphs.of_features(self.features)
        self.y, self.trust = targets.table(self.compounds)
        parts = {p: intervals.stem(p, runs, tag) for p in (*(f"random{k}" for k in range(data.FOLDS)), "scaffold", "scaffoldhash")}
        held = {p: intervals.held_out([s], runs, self.features, self.graphs, self.trust)[0] for p, s in parts.items() if s}
        self.rounds = {p: s for p, s in parts.items() if s}
        self.random = [held[p] for p in held if p.startswith("random")]
        self.scaffold, self.hashed = held.get("scaffold"), held.get("scaffoldhash")
        self.known = {c.key: c for c in self.compounds}
        self.at = {c.key: i for i, c in enumerate(self.compounds)}

    def truth(self, name: str) -> dict[int, float]:
        """Rows of a scored set and their values on the learning scale."""
        scored = data.scored(self.known, name)
        if len(scored) < 150 and name not in data.SETS:  # hardly any has two sources: single ones are scored, and the row says so
            scored = {c.key: c.figures[name].value for c in self.compounds if name in c.figures and c.figures[name].agreeing >= 1}
        log = data.TASKS[intervals.column(name)].scale == "log"
        return {self.at[k]: float(np.log(v)) if log else v for k, v in scored.items()}

    def row(self, name: str, held: Sequence[intervals.HeldOut]) -> dict[str, Any]:
        """The figures of one set on what ``held`` holds out; the errors on all else that the random folds held out set the intervals."""
        j, truth = intervals.column(name), self.truth(name)
        parts = []
        for h in held:
            found = intervals.quantiles(*self._ratios([o.without(h.rows) for o in self.random if o is not h], j, truth))
            take = np.array([i for i, r in enumerate(h.rows) if int(r) in truth], np.int64)
            c, d = h.centre[take, j], h.in_domain[take, j]
            parts.append((np.array([truth[int(r)] for r in h.rows[take]]), c, h.width[take, j] * intervals.factor(found, h.novelty[take, j], d, h.rings[take]), d))
        y, c, half, d = (np.concatenate(p) for p in zip(*parts, strict=True))
        if name in KCAL:
            y, c, half = y / data.KCAL, c / data.KCAL, half / data.KCAL
        return asdict(scoring.score(y, c, c - half, c + half, d)) | {"median": float(np.median(np.abs(c - y)))}

    def _ratios(self, held: Sequence[intervals.HeldOut], j: int, truth: dict[int, float]) -> tuple[Array, Array, NDArray[np.bool_], NDArray[np.bool_]]:
        ratios, novelty, flags, rings = [], [], [], []
        for h in held:
            take = np.array([i for i, r in enumerate(h.rows) if int(r) in truth], np.int64)
            y = np.array([truth[int(r)] for r in h.rows[take]])
            ratios.append(np.abs(h.centre[take, j] - y) / h.width[take, j])
            novelty.append(h.novelty[take, j])
            flags.append(h.in_domain[take, j])
            rings.append(h.rings[take])
        return np.concatenate(ratios), np.concatenate(novelty), np.concatenate(flags), np.concatenate(rings)

    def random_row(self, name: str) -> dict[str, Any]:
        return self.row(name, self.random)

    def mean_error(self, name: str, among: set[int]) -> float:
        """Mean absolute error on the scored molecules that are ``among`` these rows."""
        j, truth = intervals.column(name), self.truth(name)
        errors = [abs(float(h.centre[i, j]) - truth[int(r)]) for h in self.random for i, r in enumerate(h.rows) if int(r) in truth and int(r) in among]
        return float(np.mean(errors))

    def scaffold_row(self, name: str, part: intervals.HeldOut) -> dict[str, Any]:
        scored = data.scored(self.known, name)
        test = data.scaffold_test({k: data.scaffold(self.known[k].smiles) for k in scored})
        keep = np.array([self.compounds[int(r)].key in test for r in part.rows])
        return self.row(name, [part.without(part.rows[~keep])])


def told(name: str, split: str, row: dict[str, Any]) -> str:
    low, high = scoring.coverage_band(row["n"])
    unit = "kcal/mol" if name in KCAL else ("ln " if data.TASKS[intervals.column(name)].scale == "log" else "") + data.TASKS[intervals.column(name)].unit
    right = "yes" if low <= row["coverage"] <= high else "NO "
    return (
        f"{name[:40]:40s} {split:8s} {row['n']:6d} MAE {row['mae']:10.4g} RMSE {row['rmse']:10.4g} median {row['median']:10.4g} {unit:12s} | 90 % covers {100 * row['coverage']:5.1f} (in {low:.3f}-{high:.3f} {right}) "
        f"width {row['width']:10.4g} in/out of domain {row['width_in']:.4g}/{row['width_out']:.4g}, {100 * row['in_domain']:.0f} % in"
    )


def trees(bench: Bench, name: str) -> dict[str, float]:
    """LightGBM on the same folds: descriptors and hashed Morgan counts, trained on every figure of the property by its trust."""
    import lightgbm
    from rdkit import Chem
    from rdkit.Chem import rdFingerprintGenerator

    j, truth = intervals.column(name), bench.truth(name)
    rows = np.flatnonzero(bench.trust[:, j] > 0)
    make = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    counts = np.stack([make.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(bench.compounds[i].smiles)) for i in rows])
    x = np.concatenate([bench.features.descriptors[rows], counts], 1).astype(np.float32)
    y, w = bench.y[rows, j], bench.trust[rows, j]
    of = np.array([data.fold(bench.compounds[i].key) for i in rows])
    good = np.array([int(i) in truth for i in rows])
    errors = []
    for k in range(data.FOLDS):
        tr, te = of != k, (of == k) & good
        model = lightgbm.LGBMRegressor(
            n_estimators=500, learning_rate=0.06, num_leaves=48, subsample=0.7, subsample_freq=1, colsample_bytree=0.4, objective="l1", n_jobs=1, verbose=-1
        )
        model.fit(x[tr], y[tr], sample_weight=w[tr])
        errors.append(model.predict(x[te]) - np.array([truth[int(i)] for i in rows[te]]))
    e = np.concatenate(errors)
    e = e / data.KCAL if name in KCAL else e
    return {"n": len(e), "mae": float(np.abs(e).mean()), "rmse": float(np.sqrt((e**2).mean()))}


CORE = (
    "normal_boiling_point",
    "melting_point",
    "critical_temperature",
    "critical_pressure",
    "critical_volume",
    "acentric_factor",
    "enthalpy_of_vaporisation",
    "liquid_molar_volume",
)


def speed(smiles: Sequence[str]) -> dict[str, float]:
    """Molecules a second from SMILES to intervals, in this process and by two processes over chunks."""
    from concurrent.futures import ProcessPoolExecutor

    from chemwright.property.learned import models, screening

    screening.screen(smiles[:64], CORE)
    out = {}
    for label, names in (("8 core properties", CORE), ("all properties", models())):
        began, cpu = time.perf_counter(), time.process_time()
        screening.screen(smiles[:2000], names)
        out[f"{label}, one process, per wall s"] = 2000 / (time.perf_counter() - began)
        out[f"{label}, one process, per CPU s"] = 2000 / (time.process_time() - cpu)
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(screening.screen, [list(smiles[:8])] * 4, [names] * 4))
            began = time.perf_counter()
            list(pool.map(screening.screen, [list(smiles[k : k + 500]) for k in range(0, 6000, 500)], [names] * 12))
            out[f"{label}, two processes, per wall s"] = 6000 / (time.perf_counter() - began)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--tag", default="")
    parser.add_argument("--trees", action="store_true")
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_args()
    bench = Bench(given.runs, given.tag)
    stored = scoring.RESULTS / "property_models.json"
    before = json.loads(stored.read_text(encoding="utf-8")) if stored.exists() else {}
    found: dict[str, Any] = {"rounds": bench.rounds, "random": {}, "scaffold": {}, "scaffold_hash": {}}
    found |= {k: before[k] for k in ("trees", "speed") if k in before}  # not a matter of the networks' training: measured anew only when asked for
    more = [t.name for t in data.TASKS if t.name not in (*HEAD, "aqueous_solubility_log", "hydration_free_energy") and (bench.trust[:, intervals.column(t.name)] > 0).sum() >= 250]
    for name in (*HEAD, *more):
        found["random"][name] = row = bench.random_row(name)
        print(told(name, "random", row), flush=True)
    for name in SCAFFOLD:
        if bench.scaffold is not None:
            found["scaffold"][name] = row = bench.scaffold_row(name, bench.scaffold)
            print(told(name, "scaffold", row), flush=True)
    estimates = scoring.joback_all(bench.known, given.runs / "joback.json")
    for name in HEAD:
        if bench.hashed is not None:
            found["scaffold_hash"][name] = row = bench.row(name, [bench.hashed])
            print(told(name, "sc.hash", row), flush=True)
    found["joback"] = scoring.baseline(bench.known, estimates)
    for name, base in found["joback"].items():
        base["ours"] = ours = bench.mean_error(name, {bench.at[k] for k, e in estimates.items() if scoring.JOBACK[name] in e})
        print(
            f"{name[:40]:40s} Joback   {base['n']:6d} MAE {base['mae']:10.4g} RMSE {base['rmse']:10.4g}  answers {100 * base['answered']:.0f} %; ours on the same molecules MAE {ours:.4g}"
        )
    if given.trees:
        found["trees"] = {name: trees(bench, name) for name in (HEAD[0], HEAD[2], "freesolv")}
        for name, base in found["trees"].items():
            print(f"{name[:40]:40s} trees    {base['n']:6d} MAE {base['mae']:10.4g} RMSE {base['rmse']:10.4g}")
    if given.speed:
        found["speed"] = speed([c.smiles for c in bench.compounds[::5]])
        for label, value in found["speed"].items():
            print(f"{label}: {value:.0f} molecules/s")
    stored.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
