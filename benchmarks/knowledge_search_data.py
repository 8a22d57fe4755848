"""Data of the search benchmark: real molecules from the tables of ``chemicals``, completed by a documented enumeration, and seeded claims.

The identifier tables that ``chemicals`` (MIT) carries hold 76,500 rows, of which 76,406 distinct structures are read by RDKit: fewer than 100,000. Beyond
them, molecules are enumerated: in order of the table, on the aromatic C-H atoms of each molecule in turn one substituent of :data:`SUBSTITUENTS` is set.
These are no known substances; they have the ring systems and functional groups of real ones. Their key is the canonical SMILES, not the InChIKey, to save hours.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chemwright.knowledge.base.claims import ClaimRow
from chemwright.record import SubstanceRecord

TABLES = (
    "chemical identifiers pubchem small.tsv",
    "chemical identifiers pubchem large.tsv",
    "chemical identifiers example user db.tsv",
    "Inorganic db.tsv",
    "Anion db.tsv",
    "Cation db.tsv",
)
SUBSTITUENTS = ("C", "F", "Cl", "OC", "C#N", "N(C)C", "C(F)(F)F", "C(=O)O", "S(C)(=O)=O", "C1CC1", "N1CCOCC1", "c1ccccc1")
MAX_ATOMS = 60
"""Heavy atoms of a molecule that is enumerated on; the tables' own molecules are taken at any size."""

# property, condition ranges in SI, median, spread of ln(value)
CLAIMED = (
    ("density", {"temperature": (273.15, 373.15), "pressure": (1e5, 1e7)}, 950.0, 0.20),
    ("viscosity", {"temperature": (273.15, 373.15)}, 1.5e-3, 0.90),
    ("boiling_point", {"pressure": (1e3, 2e5)}, 460.0, 0.18),
    ("vapour_pressure", {"temperature": (273.15, 473.15)}, 3e3, 2.00),
    ("solubility", {"temperature": (278.15, 353.15), "ph": (2.0, 12.0)}, 5e-3, 1.50),
)


def table_molecules() -> Iterator[tuple[str, str, str, tuple[str, ...], Any]]:
    """(InChIKey, CAS number, canonical SMILES, up to three names, RDKit molecule) of each distinct structure of the tables, in their order."""
    import chemicals
    from rdkit import Chem, rdBase

    seen: set[str] = set()
    with rdBase.BlockLogs():
        for name in TABLES:
            path = Path(chemicals.__file__).parent / "Identifiers" / name
            for line in path.read_text(encoding="utf-8").splitlines():
                cells = line.split("\t")
                mol = Chem.MolFromSmiles(cells[4])
                if mol is None or mol.GetNumAtoms() == 0:
                    continue
                smiles = Chem.MolToSmiles(mol)
                if smiles not in seen:
                    seen.add(smiles)
                    yield cells[6], cells[1], smiles, tuple(n for n in cells[7:10] if n), mol


def enumerated(parents: list[str], seen: set[str]) -> Iterator[tuple[str, Any]]:
    """Canonical SMILES and graphs of new molecules: every parent with the first substituent at its first site, then with the second, and so on; sites after substituents."""
    from rdkit import Chem, rdBase

    groups = [Chem.MolFromSmiles(s) for s in SUBSTITUENTS]
    with rdBase.BlockLogs():
        for site in range(8):
            for group in groups:
                for parent in parents:
                    mol = Chem.MolFromSmiles(parent)
                    sites = [a.GetIdx() for a in mol.GetAtoms() if a.GetIsAromatic() and a.GetSymbol() == "C" and a.GetTotalNumHs() == 1]
                    if site >= len(sites):
                        continue
                    joined = Chem.RWMol(Chem.CombineMols(mol, group))
                    joined.AddBond(sites[site], mol.GetNumAtoms(), Chem.BondType.SINGLE)
                    atom = joined.GetAtomWithIdx(sites[site])
                    atom.SetNumExplicitHs(0)
                    try:
                        Chem.SanitizeMol(joined)
                    except Chem.MolSanitizeException:
                        continue
                    smiles = Chem.MolToSmiles(joined)
                    if smiles not in seen:
                        seen.add(smiles)
                        yield smiles, joined


def substances(n: int) -> Iterator[SubstanceRecord]:
    """``n`` substances: those of the tables first, then enumerated ones."""
    from rdkit.Chem import rdMolDescriptors

    seen: set[str] = set()
    parents: list[str] = []
    keys: set[str] = set()
    count = 0
    for key, cas, smiles, names, mol in table_molecules():
        if count == n:
            return
        count += 1
        seen.add(smiles)
        sites = sum(1 for a in mol.GetAtoms() if a.GetIsAromatic() and a.GetSymbol() == "C" and a.GetTotalNumHs() == 1)
        if sites and mol.GetNumAtoms() <= MAX_ATOMS:
            parents.append(smiles)
        key = key if key and key not in keys else f"smiles:{smiles}"  # a few rows have no InChIKey, or share one
        keys.add(key)
        formula, mass = str(rdMolDescriptors.CalcMolFormula(mol)), float(rdMolDescriptors._CalcMolWt(mol)) * 1e-3
        yield SubstanceRecord(key, "salt" if "." in smiles else "molecule", names[0] if names else "", smiles, formula, cas, mass, names[1:])
    for smiles, mol in enumerated(parents, seen):
        if count == n:
            return
        count += 1
        yield SubstanceRecord(f"smiles:{smiles}", "molecule", "", smiles, str(rdMolDescriptors.CalcMolFormula(mol)), "", float(rdMolDescriptors._CalcMolWt(mol)) * 1e-3)


def claims(n: int, substance_rows: list[tuple[int, str]], property_rows: dict[str, int], source_row: int, seed: int = 20_240_601) -> Iterator[ClaimRow]:
    """``n`` claims with conditions: substances drawn evenly, values log-normal about the medians of :data:`CLAIMED`; made numbers, not measurements."""
    draw = random.Random(seed)
    for _ in range(n):
        name, ranges, median, spread = CLAIMED[draw.randrange(len(CLAIMED))]
        pk, key = substance_rows[draw.randrange(len(substance_rows))]
        conditions = {k: draw.uniform(low, high) for k, (low, high) in ranges.items()}
        value = median * 2.718281828459045 ** (spread * draw.gauss(0.0, 1.0))
        yield ClaimRow(pk, property_rows[name], source_row, (key, name, "seeded"), value, 0.01 * value, conditions)
