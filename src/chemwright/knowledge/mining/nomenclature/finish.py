"""From fragments to canonical SMILES: double bonds settled, valences checked, stereo labels met."""

from __future__ import annotations

from typing import Any

from chemwright.errors import SubstanceError
from chemwright.knowledge.mining.nomenclature.fragment import Fragment, settle
from chemwright.knowledge.mining.nomenclature.stereo import place


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
            place(mol, [([index[a] for a in atoms if a in index], label) for atoms, label in fragment.wanted])
            texts.append(str(Chem.MolToSmiles(mol)))
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
