"""Azeotropes at one atmosphere: does a model find them where they are measured, none where none is, and how far off are composition and temperature?

    python benchmarks/azeotropes.py [--models unifac nrtl ...] [--only name]

The list is benchmarks/data/azeotropes.csv, made from measured boiling points by benchmarks/azeotrope_list.py before any model was scored. Every
model gets the same pure vapour pressures: chemwright's, times the factor that makes each boil where the pair's own measurements say (`measured`), or
as they are (`claims`: what a user gets without measurements; some rare substances' boiling points are then estimated). A pair that a
model has no parameters for is scored with the ideal solution and counted as not covered. Right on an azeotropic pair: an azeotrope of the same kind
(minimum or maximum) is found, homogeneous or not, anywhere; on a zeotropic one: none is. Errors of composition and temperature are means over
the azeotropic pairs that are right; `all` takes the ones that are missed with the error of the nearer pure substance.

The hybrid is scored twice: out of fold (each pair by the model trained without that pair's system; folds of benchmarks/bubble_pressure.py) and as shipped,
which saw these measurements. Peers: Dortmund and modified UNIFAC 2.0 as the package `thermo` implements them, and ChemSep's NRTL and Wilson parameters. ChemSep's were fitted to
VLE data that overlap with these measurements; UNIFAC's group parameters likewise: only what is labelled out-of-fold is free of that.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ChemwrightError, ConvergenceError
from chemwright.knowledge import resolve
from chemwright.property import pure_claims
from chemwright.record import Species
from chemwright.thermo import Ideal, PureModel, pure_model
from chemwright.thermo.azeotrope import Azeotrope, azeotropes
from chemwright.thermo.mixture import Mixture, liquid_model

HERE = Path(__file__).parent
LIST = HERE / "data" / "azeotropes.csv"
OUT = HERE / "results" / "azeotropes.json"
P = 101325.0
NAMED = (("ethanol", "water"), ("propan-2-ol", "water"), ("benzene", "cyclohexane"), ("acetone", "trichloromethane"))
Row = dict[str, str]


@frozen(eq=False)
class Peer:
    """A UNIFAC of the package `thermo` behind the protocol of an activity model, point by point."""

    ids: tuple[str, ...]
    model: Any
    missing: tuple[str, ...] = ()

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(activity coefficient) of both substances."""
        shape = np.shape(x[0])
        flat, t = np.stack([np.ravel(v) for v in x], axis=1), np.broadcast_to(T, shape).ravel()
        out = np.array([self.model.to_T_xs(float(a), [float(v) for v in z]).lngammas() for a, z in zip(t, flat, strict=True)])
        return [out[:, i].reshape(shape) for i in range(len(x))]


def peer(version: int, family: str, interactions: str) -> Callable[[Row], Any]:
    """Builder of a peer by `thermo`'s version number, with the group assignments and the interaction table that `thermo` carries."""

    def build(row: Row) -> Any:
        import thermo.unifac as u

        if not u.DDBST_UNIFAC_assignments:
            u.load_group_assignments_DDBST()
        u.load_unifac_ip()
        table = {"original": u.DDBST_UNIFAC_assignments, "modified": u.DDBST_MODIFIED_UNIFAC_assignments}[family]
        sizes = u.UFSG if version == 0 else u.DOUFSG
        groups = [{int(g): n for g, n in (table.get(row[f"inchikey{i}"]) or {}).items()} for i in (1, 2)]
        if not all(groups) or any(g not in sizes for each in groups for g in each):
            return None
        data = getattr(u, interactions)
        mains = {sizes[g].main_group_id for each in groups for g in each}
        if any(b not in data.get(a, {}) for a in mains for b in mains if a != b):
            return None
        model = u.UNIFAC.from_subgroups(T=340.0, xs=[0.5, 0.5], chemgroups=groups, version=version, interaction_data=data)
        return Peer((row["name1"], row["name2"]), model)

    return build


def own(name: str) -> Callable[[Row], Any]:
    """Builder of a model of chemwright's."""

    def build(row: Row) -> Any:
        smiles = (row["smiles1"], row["smiles2"])
        cas = tuple(resolve(s).cas for s in smiles)
        model = liquid_model(name, (row["name1"], row["name2"]), smiles, cas)
        return None if model.missing else model

    return build


@frozen(eq=False)
class Swapped:
    """A binary model whose two substances stand the other way round."""

    ids: tuple[str, ...]
    model: Any
    missing: tuple[str, ...] = ()

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(activity coefficient) of both substances."""
        return list(self.model.ln_gamma(list(x)[::-1], T))[::-1]


def folds() -> Any:
    """Coefficients of every pair from the hybrid that never saw the pair: what `training/activity_hybrid.py folds` keeps, and its list of pairs."""
    if not _FOLDS:
        sys.path.insert(0, str(HERE.parent / "training"))
        import activity_data

        kept = Path(os.environ.get("CHEMWRIGHT_TRAINING_CACHE", tempfile.gettempdir())) / "activity-folds.npz"
        if not kept.is_file():
            sys.exit(f"no {kept.name}: run python training/activity_hybrid.py folds, with CHEMWRIGHT_TRAINING_CACHE naming the same folder")
        data = activity_data.load()
        with np.load(kept, allow_pickle=False) as arrays:
            _FOLDS.update(theta=np.array(arrays["theta_system"]), place={p: n for n, p in enumerate(data.pairs)})
    return _FOLDS


_FOLDS: dict[str, Any] = {}


def out_of_fold(row: Row) -> Any:
    """The hybrid as trained without this pair; a pair that is in no training data gets the shipped one, which never saw it, or, before there is one, the base."""
    from chemwright.thermo.hybrid.descriptors import features
    from chemwright.thermo.hybrid.excess import PairExcess
    from chemwright.thermo.hybrid.model import HybridActivity, base_models

    kept = folds()
    sides = sorted("12", key=lambda i: row[f"inchikey{i}"])
    place = kept["place"].get(tuple(row[f"inchikey{i}"] for i in sides))
    species = [(row[f"name{i}"], row[f"smiles{i}"]) for i in sides]
    if place is None:
        try:
            return own("hybrid")(row)
        except FileNotFoundError:
            theta = (0.0,) * 5
    else:
        theta = tuple(float(v) for v in kept["theta"][place])
    excess = PairExcess(tuple(features(s).size for _, s in species), ((0, 1),), (theta,))
    model = HybridActivity(tuple(k for k, _ in species), (), base_models(species), excess, np.zeros((5, 5)))
    return model if sides == ["1", "2"] else Swapped(model.ids[::-1], model)


MODELS: dict[str, Callable[[Row], Any]] = {
    "hybrid-out-of-fold": out_of_fold,
    "hybrid": own("hybrid"),
    "ideal": own("ideal"),
    "unifac": own("unifac"),
    "dortmund": own("dortmund"),
    "unifac2": own("unifac2"),
    "dortmund2": own("dortmund2"),
    "psrk": own("psrk"),
    "nrtl": own("nrtl"),
    "wilson": own("wilson"),
    "uniquac": own("uniquac"),
    "thermo-dortmund-2016": peer(1, "modified", "DOUFIP2016"),
    "thermo-unifac-2": peer(0, "original", "UF2IP"),
    "thermo-modified-unifac-2": peer(1, "modified", "DOUF2IP"),
}


def substance(row: Row, i: str) -> PureModel:
    """Pure model from claims; for one without a usable vapour pressure Trouton's slope through the measured boiling point."""
    tb = float(row[f"Tb{i}_K"])
    found = resolve(row[f"smiles{i}"])
    species = Species(row[f"name{i}"], found.smiles, found.name, found.cas, found.formula, found.molar_mass)
    model = pure_model(species, pure_claims(species).claims)
    ratio = float(model.psat(tb)) / P
    if not 0.05 < ratio < 20.0:
        return evolve(model, antoine=(math.log(P) + 10.7, 10.7 * tb, 0.0), psat_factor=1.0)
    return model


def score(name: str, rows: list[Row], anchored: bool) -> dict[str, Any]:
    """Figures of one model over the list, and what went wrong."""
    start = time.perf_counter()
    right = {"azeotropic": 0, "zeotropic": 0}
    count = {k: sum(r["kind"] == k for r in rows) for k in right}
    on_covered = {"azeotropic": (0, 0), "zeotropic": (0, 0)}
    covered, dx, dT, all_dx, wrong, named = 0, [], [], [], [], {}
    for row in rows:
        pure = tuple(substance(row, i) for i in "12")
        if anchored:
            pure = tuple(evolve(m, psat_factor=m.psat_factor * P / float(m.psat(float(row[f"Tb{i}_K"])))) for m, i in zip(pure, "12", strict=True))
        names = (row["name1"], row["name2"])
        try:
            activity = MODELS[name](row)
        except ChemwrightError:
            activity = None
        covered += activity is not None
        mix = Mixture(names, (row["smiles1"], row["smiles2"]), ("", ""), pure, activity or Ideal(names), name)
        try:
            found: tuple[Azeotrope, ...] | None = azeotropes(mix, P)
        except ConvergenceError:
            found = None
        good, error = judged(row, found)
        right[row["kind"]] += good
        if activity is not None:
            on_covered[row["kind"]] = (on_covered[row["kind"]][0] + good, on_covered[row["kind"]][1] + 1)
        if row["kind"] == "azeotropic":
            x = float(row["x1"])
            all_dx.append(abs(error[0]) if error else min(x, 1.0 - x))
            if error:
                dx.append(abs(error[0]))
                dT.append(abs(error[1]))
            if names in NAMED:
                named[" + ".join(names)] = {"x1": round(x + error[0], 4), "T": round(float(row["T_K"]) + error[1], 2), "measured": [x, float(row["T_K"])]} if error else None
        if not good:
            wrong.append(" + ".join(names))
    return {
        "model": name,
        "pure": "measured" if anchored else "claims",
        "pairs": count,
        "covered": covered,
        "right": right,
        "right_percent": {k: round(100.0 * right[k] / max(count[k], 1), 1) for k in right},
        "composition_mae": round(float(np.mean(dx)), 4) if dx else None,
        "composition_median": round(float(np.median(dx)), 4) if dx else None,
        "right_covered": {k: list(v) for k, v in on_covered.items()},
        "composition_mae_all": round(float(np.mean(all_dx)), 4) if all_dx else None,
        "temperature_mae_K": round(float(np.mean(dT)), 3) if dT else None,
        "named": named,
        "wrong": wrong,
        "seconds": round(time.perf_counter() - start, 1),
    }


def judged(row: Row, found: tuple[Azeotrope, ...] | None) -> tuple[bool, tuple[float, float] | None]:
    """Whether the model is right, and its errors in x1 and T [K]."""
    if row["kind"] == "zeotropic":
        return found == (), None
    kind = "minimum" if float(row["margin_K"]) > 0 else "maximum"
    errors = [(a.x[0] - float(row["x1"]), a.T - float(row["T_K"])) for a in found or () if a.kind == kind]
    return bool(errors), min(errors, key=lambda e: abs(e[0]), default=None)


def main() -> None:
    """Print the table and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--pure", nargs="+", default=["measured", "claims"], choices=["measured", "claims"])
    parser.add_argument("--first", type=int, default=0, help="only so many pairs of each kind")
    args = parser.parse_args()
    with LIST.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    if args.first:
        rows = [r for k in ("azeotropic", "zeotropic") for r in [q for q in rows if q["kind"] == k][: args.first]]
    results = json.loads(OUT.read_text(encoding="utf-8"))["results"] if OUT.is_file() and not args.first else []
    print(f"{len(rows)} pairs\nmodel                      pure      covered  azeotropic  zeotropic   x MAE  (median)   all    T MAE [K]")
    for name in args.models:
        for pure in args.pure:
            r = score(name, rows, pure == "measured")
            results = [q for q in results if (q["model"], q["pure"]) != (name, pure)] + [r]
            print(
                f"{name:26s} {pure:9s} {r['covered']:4d}     {r['right_percent']['azeotropic']:5.1f} %    {r['right_percent']['zeotropic']:5.1f} %   "
                f"{r['composition_mae']}  ({r['composition_median']})  {r['composition_mae_all']}  {r['temperature_mae_K']}   [{r['seconds']} s]",
                flush=True,
            )
            if not args.first:
                OUT.write_text(json.dumps({"benchmark": "azeotropes at 101.325 kPa", "results": results}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
