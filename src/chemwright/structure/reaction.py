"""Atom-mapped reaction SMILES, checked atom by atom."""

from __future__ import annotations

from typing import Any

from chemwright.errors import BalanceError, SubstanceError
from chemwright.structure.molecule import describe, parse

MAX_REACTION = 2000
_FIX = "map the reaction anew: every product atom carries a number that one reactant atom of the same element carries"


def parse_mapped(rxn_smiles: str) -> tuple[list[str], list[str]]:
    """Reactants and products of an atom-mapped reaction ``A.B>agents>C.D``.

    Agents are read past. Reactant atoms that appear in no product (leaving groups left out) are allowed here; the element
    balance is the network's check.

    Returns:
        Canonical SMILES without maps: reactants, products, in the order written; a repeated molecule is repeated.

    Raises:
        SubstanceError: not a reaction SMILES, or one of its molecules is no valid SMILES.
        BalanceError: a product atom without map, a map used twice on one side, a map that no reactant has, or an element that changes.
    """
    text = rxn_smiles.strip() if isinstance(rxn_smiles, str) else ""
    if len(text) > MAX_REACTION:
        raise SubstanceError(f"reaction SMILES of {len(text)} characters, at most {MAX_REACTION} expected", fix="give one reaction step")
    parts = text.split(">")
    if len(parts) != 3 or not parts[0] or not parts[2]:
        raise SubstanceError(f"{text[:80]!r} is not a reaction SMILES", fix="write it as reactants>>products, molecules parted by '.'")
    left, right = ([parse(s, f"{side} {i + 1} of the reaction") for i, s in enumerate(part.split("."))] for side, part in (("reactant", parts[0]), ("product", parts[2])))
    source, made = _maps(left, "reactants", all_mapped=False), _maps(right, "products", all_mapped=True)
    for number, element in made.items():
        if number not in source:
            raise BalanceError(f"atom map {number} ({element}) of the products is in no reactant", where=text[:80], fix=_FIX)
        if source[number] != element:
            raise BalanceError(f"atom map {number} is {source[number]} in the reactants and {element} in the products", where=text[:80], fix=_FIX)
    return [describe(g).smiles for g in left], [describe(g).smiles for g in right]


def _maps(graphs: list[Any], side: str, *, all_mapped: bool) -> dict[int, str]:
    """Element symbol by atom map on one side of a reaction."""
    out: dict[int, str] = {}
    for graph in graphs:
        for atom in graph.GetAtoms():
            number, element = int(atom.GetAtomMapNum()), str(atom.GetSymbol())
            if number == 0:
                if all_mapped and element != "H":
                    raise BalanceError(f"a {element} atom of the {side} has no atom map", fix=_FIX)
                continue
            if number in out:
                raise BalanceError(f"atom map {number} occurs twice in the {side}", fix=_FIX)
            out[number] = element
    return out
