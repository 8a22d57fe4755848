"""From fragments to canonical SMILES: double bonds settled, valences checked, stereo labels met."""

from __future__ import annotations

import re
from typing import Any

from chemwright.errors import SubstanceError
from chemwright.knowledge.mining.nomenclature.fragment import Fragment, settle


def finish(fragments: list[Fragment]) -> str:
    """Canonical SMILES of one or several fragments.

    Raises:
        SubstanceError: double bonds that can't be placed, an overrun valence, or a bond left open.
    """
    from rdkit import Chem, rdBase

    texts = []
    for given in fragments:
        fragment = given.copy()
        settle(fragment)
        mol, index = _graph(fragment)
        with rdBase.BlockLogs():
            try:
                Chem.SanitizeMol(mol)
            except Exception as error:  # RDKit raises its own kinds
                raise SubstanceError("the name builds an impossible valence", fix="give the structure as SMILES") from error
            labelled = _stereo(mol, fragment, index)
            texts.append(str(Chem.MolToSmiles(labelled)))
    from chemwright.structure import molecule

    return molecule(".".join(texts)).smiles


def _graph(fragment: Fragment) -> tuple[Any, dict[int, int]]:
    """The RDKit molecule and the map from fragment atoms to its atoms."""
    from rdkit import Chem

    orders = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE}
    mol, index = Chem.RWMol(), {}
    for i, (symbol, charge) in enumerate(fragment.atoms):
        if symbol == "*":
            continue
        atom = Chem.Atom(symbol)
        atom.SetFormalCharge(charge)
        if symbol in ("Na", "K", "Li", "Cs", "Ag", "Ca", "Mg", "Zn", "Ba"):
            atom.SetNoImplicit(True)
        index[i] = mol.AddAtom(atom)
    for i, j, order in fragment.bonds:
        if mol.GetBondBetweenAtoms(index[i], index[j]) is None:
            mol.AddBond(index[i], index[j], orders[order])
    return mol, index


def _stereo(mol: Any, fragment: Fragment, index: dict[int, int]) -> Any:
    """Set R, S, E and Z where the name says so; labels that can't be placed are left out (the skeleton is still right)."""
    from rdkit import Chem

    mol = Chem.Mol(mol)
    wanted = [w for _, text in fragment.wanted for w in _labels(text)]
    for locant, label in wanted:
        atom = index.get(fragment.locants.get(locant, -1)) if locant else None
        if label in "RS":
            centres = [a for a, _ in Chem.FindMolChiralCenters(mol, includeUnassigned=True, useLegacyImplementation=True)]
            place = atom if atom in centres else centres[0] if len(centres) == 1 else None
            if place is not None:
                _centre(mol, place, label)
        else:
            _double(mol, atom, label)
    return mol


def _labels(text: str) -> list[tuple[str, str]]:
    """``2r,3s`` as pairs of locant and label; racemic and rotation signs give none."""
    if text in ("cis", "trans", "rac", "dl", "erythro", "threo", "endo", "exo", "syn", "anti", "d", "l") or "±" in text or "rs" in text or "+/-" in text:
        return []
    return [(m[1] or "", m[2].upper()) for m in re.finditer(r"(?:^|,|\b)(\d+[a-z]?'*)?([rsez])(?=,|$|\b)", text)]


def _centre(mol: Any, place: int, label: str) -> None:
    from rdkit import Chem

    atom = mol.GetAtomWithIdx(place)
    for tag in (Chem.ChiralType.CHI_TETRAHEDRAL_CW, Chem.ChiralType.CHI_TETRAHEDRAL_CCW):
        atom.SetChiralTag(tag)
        Chem.AssignStereochemistry(mol, cleanIt=False, force=True)
        if atom.HasProp("_CIPCode") and atom.GetProp("_CIPCode") == label:
            return


def _double(mol: Any, atom: int | None, label: str) -> None:
    from rdkit import Chem

    for bond in mol.GetBonds():
        if bond.GetBondType() != Chem.BondType.DOUBLE or bond.IsInRing():
            continue
        a, b = bond.GetBeginAtom(), bond.GetEndAtom()
        sides = [[n.GetIdx() for n in x.GetNeighbors() if n.GetIdx() != y.GetIdx()] for x, y in ((a, b), (b, a))]
        if not all(sides) or (atom is not None and atom not in (a.GetIdx(), b.GetIdx())) or bond.GetStereo() != Chem.BondStereo.STEREONONE:
            continue
        bond.SetStereoAtoms(sides[0][0], sides[1][0])
        for stereo in (Chem.BondStereo.STEREOCIS, Chem.BondStereo.STEREOTRANS):
            bond.SetStereo(stereo)
            copy = Chem.Mol(mol)
            Chem.AssignStereochemistry(copy, cleanIt=True, force=True)
            if copy.GetBondWithIdx(bond.GetIdx()).GetStereo() == (Chem.BondStereo.STEREOE if label == "E" else Chem.BondStereo.STEREOZ):
                return
        return
