"""Stereo labels of names: reading them, and setting the geometry that RDKit's CIP labeller then calls by that label."""

from __future__ import annotations

import re
from typing import Any

_NONE = ("rac", "dl", "erythro", "threo", "endo", "exo", "syn", "anti")


def labels(text: str) -> list[tuple[str, str]]:
    """``2r,3s`` as pairs of locant and label; cis and trans count as Z and E of a double bond; D and L as R and S at position 2; racemic and rotation signs give none."""
    if text in ("cis", "trans"):
        return [("", "Z" if text == "cis" else "E")]
    if text in ("d", "l"):
        return [("2", "R" if text == "d" else "S")]
    if text in _NONE or "±" in text or "rs" in text or "+/-" in text:
        return []
    return [(m[1] or "", m[2].upper()) for m in re.finditer(r"(?:^|,)(\d+[a-z]?'*)?([rsez])(?=,|$)", text)]


def place(mol: Any, wanted: list[tuple[list[int], str]]) -> None:
    """Set what can be set; a label that finds no place is left out (the skeleton is right all the same).

    Args:
        mol: sanitised RDKit molecule, changed in place.
        wanted: candidate atoms, likeliest first, and label.
    """
    from rdkit import Chem

    if not wanted:
        return
    Chem.AssignStereochemistry(mol, cleanIt=True, force=True)
    for atoms, label in wanted:
        if label in "RS":
            open_centres = [a for a, tag in Chem.FindMolChiralCenters(mol, includeUnassigned=True, useLegacyImplementation=True) if tag == "?"]
            found = next((a for a in atoms if a in open_centres), None)
            if found is not None:
                _centre(mol, found, label)
        else:
            _double(mol, atoms, label)


def _centre(mol: Any, atom: int, label: str) -> None:
    from rdkit import Chem
    from rdkit.Chem import rdCIPLabeler

    centre = mol.GetAtomWithIdx(atom)
    for tag in (Chem.ChiralType.CHI_TETRAHEDRAL_CW, Chem.ChiralType.CHI_TETRAHEDRAL_CCW):
        centre.SetChiralTag(tag)
        centre.ClearProp("_CIPCode")
        rdCIPLabeler.AssignCIPLabels(mol)
        if centre.HasProp("_CIPCode") and centre.GetProp("_CIPCode") == label:
            return


def _double(mol: Any, atoms: list[int], label: str) -> None:
    from rdkit import Chem
    from rdkit.Chem import rdCIPLabeler

    for bond in mol.GetBonds():
        a, b = bond.GetBeginAtom(), bond.GetEndAtom()
        sides = [[n.GetIdx() for n in x.GetNeighbors() if n.GetIdx() != y.GetIdx()] for x, y in ((a, b), (b, a))]
        if bond.GetBondType() != Chem.BondType.DOUBLE or bond.IsInRing() or not all(sides) or bond.GetStereo() in (Chem.BondStereo.STEREOCIS, Chem.BondStereo.STEREOTRANS):
            continue
        if a.GetIdx() not in atoms and b.GetIdx() not in atoms:
            continue
        bond.SetStereoAtoms(sides[0][0], sides[1][0])
        for stereo in (Chem.BondStereo.STEREOCIS, Chem.BondStereo.STEREOTRANS):
            bond.SetStereo(stereo)
            bond.ClearProp("_CIPCode")
            rdCIPLabeler.AssignCIPLabels(mol)
            if bond.HasProp("_CIPCode") and bond.GetProp("_CIPCode") == label:
                return
        bond.SetStereo(Chem.BondStereo.STEREONONE)
