"""What PC-SAFT parameters from structure learn from, gathered once into one npz file: never a molecule of the exam's test fold.

    CHEMWRIGHT_THERMOML=... CHEMWRIGHT_ESPER=.../SI_pcp-saft_parameters.csv python training/saft_data.py rows.npz

Rows (kind, molecule, T, p, value, weight): vapour pressures and densities of ThermoML (at most ``MOST`` a molecule, spread over temperature), and from the tables
of `chemicals` (MIT) normal boiling points, points of vapour-pressure curves, densities near room temperature and enthalpies of vaporisation. Test molecules
(`benchmarks/pcsaft_data.py`: fold 0 by the first block of the InChIKey) are left out of every source, the published parameters among them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from pcsaft_data import LEAST_PRESSURE, TEST, Points, densities, fold, selected, vapour_pressures

from chemwright.knowledge.core import curves, readings

PSAT, DENSITY, BOILING, HVAP = 0, 1, 2, 3
MOST = 24
ATMOSPHERE = 101325.0


class Rows:
    """Rows of measurements and the molecules they are of."""

    def __init__(self) -> None:
        self.smiles: dict[str, str] = {}
        self.rows: list[tuple[int, str, float, float, float, float]] = []

    def add(self, kind: int, key: str, smiles: str, T: float, p: float, value: float, weight: float) -> None:
        """One measurement, unless its molecule is in the test fold."""
        if fold(key) != TEST and value > 0 and np.isfinite(value):
            self.smiles.setdefault(key, smiles)
            self.rows.append((kind, key, T, p, value, weight))

    def save(self, path: str) -> None:
        """As one npz."""
        keys = sorted(self.smiles)
        index = {k: i for i, k in enumerate(keys)}
        table = np.array([(k, index[key], T, p, v, w) for k, key, T, p, v, w in self.rows])
        np.savez_compressed(path, key=np.array(keys), smiles=np.array([self.smiles[k] for k in keys]), rows=table)
        print({name: int((table[:, 0] == kind).sum()) for name, kind in (("psat", PSAT), ("density", DENSITY), ("boiling", BOILING), ("hvap", HVAP))}, len(keys), "molecules")


def spread(points: Points, most: int = MOST) -> np.ndarray:
    """Indices of at most ``most`` rows a molecule, at evenly spaced ranks of temperature."""
    out = []
    order = np.lexsort((points.T, points.of))
    for rows in np.split(order, np.flatnonzero(np.diff(points.of[order])) + 1):
        out.append(rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int))])
    return np.concatenate(out)


def thermoml(rows: Rows) -> None:
    """The measured points, weight 1."""
    for kind, points in ((PSAT, vapour_pressures()), (DENSITY, densities())):
        points = points.rows(points.value >= LEAST_PRESSURE) if kind == PSAT else points
        for i in spread(points):
            m = points.of[i]
            rows.add(kind, points.key[m], points.smiles[m], float(points.T[i]), float(points.p[i]), float(points.value[i]), 1.0)


class Identity:
    """CAS number to (first block of the InChIKey, SMILES) of selected molecules, from the identifiers of `chemicals`."""

    def __init__(self) -> None:
        from chemicals.identifiers import pubchem_db

        self.db = pubchem_db
        self.db.finish_loading()
        self.seen: dict[int, tuple[str, str] | None] = {}

    def __call__(self, cas: int) -> tuple[str, str] | None:
        """Nothing for a substance that isn't known or isn't selected."""
        from rdkit import Chem, rdBase

        if cas not in self.seen:
            text = str(cas)
            found: Any = self.db.search_CAS(f"{text[:-3]}-{text[-3:-1]}-{text[-1]}", autoload=False)
            self.seen[cas] = None
            if found and found.InChI_key:
                with rdBase.BlockLogs():
                    mol = Chem.MolFromSmiles(found.smiles)
                if mol is not None and selected(mol):
                    self.seen[cas] = (found.InChI_key[:14], Chem.MolToSmiles(mol, isomericSmiles=False))
        return self.seen[cas]


def tables(rows: Rows) -> None:
    """Boiling points (median of the sources, unless they differ by over 3 %), curves, densities and enthalpies of vaporisation."""
    who = Identity()
    said: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for r in readings.direct():
        if r.property in ("normal_boiling_point", "melting_point", "density", "liquid_molar_volume", "enthalpy_of_vaporisation"):
            said[r.property, r.cas][r.source] = r.value
    for (name, cas), values in said.items():
        found = who(cas)
        if found is None:
            continue
        key, smiles = found
        v = np.array(list(values.values()))
        middle = float(np.median(v))
        if name == "normal_boiling_point" and np.ptp(v) < 0.03 * middle and middle < 1000.0 and not under_vacuum(smiles, middle):
            rows.add(BOILING, key, smiles, middle, ATMOSPHERE, middle, 1.0 if len(v) > 1 and np.ptp(v) < 0.01 * middle else 0.5)
        melts = said.get(("melting_point", cas), {})
        liquid = max(melts.values(), default=0.0 if name == "liquid_molar_volume" else 1e3) < 293.0
        if name in ("density", "liquid_molar_volume") and liquid and set(values) & {"CRC", "CAS-CommonChemistry"}:
            density = middle if name == "density" else molar_mass(smiles) / middle
            if 400.0 < density < 4000.0:
                rows.add(DENSITY, key, smiles, 294.0, 2.0 * ATMOSPHERE, density, 0.4)
        if name == "enthalpy_of_vaporisation" and np.ptp(v) < 0.05 * middle and set(values) & {"CRC", "Gharagheizi"}:
            rows.add(HVAP, key, smiles, 298.15, np.nan, middle, 0.3)
    for r in curves.fitted():
        if r.property in ("vapour_pressure", "liquid_molar_volume") and (found := who(r.cas)) and r.temperature:
            if r.property == "vapour_pressure" and 10.0 * LEAST_PRESSURE < r.value < 1e6:
                rows.add(PSAT, *found, r.temperature, np.nan, r.value, 0.3)
            elif r.property == "liquid_molar_volume" and 200.0 < r.temperature < 400.0:
                rows.add(DENSITY, *found, r.temperature, 1e6, molar_mass(found[1]) / r.value, 0.3)


ALKANES = {1: 111.7, 2: 184.6, 3: 231.1, 4: 272.7, 5: 309.2, 6: 341.9, 7: 371.6, 8: 398.8, 10: 447.3, 12: 489.5, 14: 526.7, 16: 560.0, 18: 589.9, 20: 616.9, 24: 664.0, 30: 723.0}
"""Normal boiling points [K] of the normal alkanes, by carbon atoms (CRC Handbook)."""


def under_vacuum(smiles: str, boiling: float) -> bool:
    """Whether a molecule is said to boil more than 15 % below the normal alkane of as many atoms (fluorine not counted): tables leave the pressure unsaid."""
    from rdkit.Chem import MolFromSmiles

    symbols = [a.GetSymbol() for a in MolFromSmiles(smiles).GetAtoms()]
    if "Si" in symbols or "B" in symbols:
        return False
    n = len(symbols) - symbols.count("F")
    return boiling < 0.85 * float(np.interp(n, list(ALKANES), list(ALKANES.values())))


def molar_mass(smiles: str) -> float:
    """kg/mol."""
    from rdkit.Chem import Descriptors, MolFromSmiles

    return float(Descriptors.MolWt(MolFromSmiles(smiles))) * 1e-3


if __name__ == "__main__":
    gathered = Rows()
    thermoml(gathered)
    tables(gathered)
    gathered.save(sys.argv[1])
