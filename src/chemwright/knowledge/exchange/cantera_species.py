"""Species of a mechanism as substances: a structure where name and composition leave no doubt, else a name within the mechanism."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chemwright.knowledge.identity import molecular
from chemwright.record import SubstanceRecord

STRUCTURES = {
    "H2": "[H][H]", "H": "[H]", "O": "[O]", "O2": "O=O", "OH": "[OH]", "H2O": "O", "HO2": "[O]O", "H2O2": "OO", "O3": "[O-][O+]=O", "C": "[C]", "CH": "[CH]", "CH3": "[CH3]", "CH4": "C",
    "CO": "[C-]#[O+]", "CO2": "O=C=O", "HCO": "[CH]=O", "CH2O": "C=O", "CH2OH": "[CH2]O", "CH3O": "C[O]", "CH3OH": "CO", "C2H": "[C]#C", "C2H2": "C#C", "C2H3": "[CH]=C", "C2H4": "C=C",
    "C2H5": "[CH2]C", "C2H6": "CC", "C3H8": "CCC", "CH3CHO": "CC=O", "CH2CO": "C=C=O", "N": "[N]", "N2": "N#N", "NH3": "N", "NH2": "[NH2]", "NH": "[NH]", "NO": "[N]=O", "NO2": "[O]N=O",
    "N2O": "[N-]=[N+]=O", "HNO": "N=O", "HCN": "C#N", "CN": "[C]#N", "N2H4": "NN", "AR": "[Ar]", "Ar": "[Ar]", "HE": "[He]", "He": "[He]", "NE": "[Ne]", "Kr": "[Kr]", "CL2": "ClCl", "Cl2": "ClCl",
    "HCL": "Cl", "HCl": "Cl", "H2S": "S", "SO2": "O=S=O", "SO3": "O=S(=O)=O", "SIH4": "[SiH4]", "SiH4": "[SiH4]", "CH3OCH3": "COC", "C2H5OH": "CCO", "HNO3": "O[N+](=O)[O-]", "HF": "F", "F2": "FF",
}  # fmt: skip
"""Species that mechanisms call alike and that are one substance; CH2 (two spin states), C3H6 and the like (isomers) are not among them."""


def hill(composition: Mapping[str, float]) -> str:
    """The Hill formula of a composition by element; the electron ``E`` is a charge."""
    atoms = {e: n for e, n in composition.items() if e != "E" and n}
    order: list[str] = [e for e in ("C", "H") if e in atoms] if "C" in atoms else []
    order += sorted(e for e in atoms if e not in order)
    text = "".join(e + (f"{atoms[e]:g}" if atoms[e] != 1 else "") for e in order)
    charge = -float(composition.get("E", 0.0))
    return text + ("" if not charge else ("+" if charge > 0 else "-") + (f"{abs(charge):g}" if abs(charge) != 1 else ""))


def species_of(name: str, composition: Mapping[str, float], mechanism: str) -> SubstanceRecord:
    """The substance of a species.

    Args:
        name: in the mechanism, as ``CH2(S)``.
        composition: atoms by element.
        mechanism: name of the mechanism, which a species without a structure of its own is named after.
    """
    if name in STRUCTURES:
        found = molecular(STRUCTURES[name])
        if found.formula == hill(composition):
            return found
    formula = hill(composition)
    return SubstanceRecord(
        f"name:{name} ({mechanism})".casefold() + _tag(name),
        "name",
        f"{name} ({mechanism})",
        "",
        formula,
        "",
        _mass(composition),
        note=f"species {name} of the mechanism {mechanism}",
    )


def _tag(name: str) -> str:
    """What keeps apart ``CO`` and ``Co``, whose folded names are one."""
    capitals = "".join("1" if c.isupper() else "0" for c in name)
    return "" if name == name.upper() else f" #{int(capitals or '0', 2):x}"


def _mass(composition: Mapping[str, float]) -> float:
    from rdkit import Chem, rdBase

    table: Any = Chem.GetPeriodicTable()
    try:
        with rdBase.BlockLogs():
            return float(sum(n * table.GetAtomicWeight(e.capitalize()) for e, n in composition.items() if e != "E")) * 1e-3
    except RuntimeError:
        return 0.0
