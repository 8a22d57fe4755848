"""Molecules: identity, formula, molar mass, drawing and mapped reactions, with RDKit behind one small interface."""

from chemwright.structure.drawing import svg
from chemwright.structure.molecule import Molecule, inchikey, is_smiles, molecule
from chemwright.structure.reaction import parse_mapped

__all__ = ["Molecule", "inchikey", "is_smiles", "molecule", "parse_mapped", "svg"]
