"""Reaction networks read from text or from mapped SMILES, with the element balance checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen

from chemwright.errors import BalanceError, InputError, did_you_mean
from chemwright.model.protocol import Array

_TERM = re.compile(r"^\s*(\d+(?:\.\d+)?)?\s*([A-Za-z_*][A-Za-z0-9_\-'*]*)\s*$")


@frozen
class Reaction:
    """One reaction: coefficients of reactants and products (positive), reversible or not."""

    id: str
    reactants: tuple[tuple[str, float], ...]
    products: tuple[tuple[str, float], ...]
    reversible: bool = False

    def __str__(self) -> str:
        """As text, 'A + 2 B -> C'."""

        def side(terms: tuple[tuple[str, float], ...]) -> str:
            return " + ".join(f"{n:g} {s}" if n != 1 else s for s, n in terms)

        return f"{side(self.reactants)} {'<->' if self.reversible else '->'} {side(self.products)}"


def parse_reaction(text: str, id: str = "r1", where: str = "") -> Reaction:
    """Read ``'SM + amine -> ortho + HF'``, ``'A <-> B'`` or ``'2 A -> B'``.

    Raises:
        InputError: no arrow, an empty side, or a term that is not 'coefficient species'.
    """
    if not isinstance(text, str) or len(text) > 500:
        raise InputError("a reaction is a text of at most 500 characters", where=where, fix="write it like 'A + B -> C'")
    arrow = next((a for a in ("<=>", "<->", "=>", "->") if a in text), None)
    if arrow is None or text.count(arrow) != 1:
        raise InputError(f"no single arrow in {text!r}", where=where, fix="write it like 'A + B -> C', or 'A <-> B' when reversible")

    def side(part: str) -> tuple[tuple[str, float], ...]:
        found: dict[str, float] = {}
        for term in re.split(r"\s\+\s|\+(?=\s*[A-Za-z\d])", part):
            match = _TERM.match(term)
            if match is None:
                raise InputError(f"can't read the term {term.strip()!r} in {text!r}", where=where, fix="write 'coefficient species', as in '2 A'")
            coefficient = float(match.group(1) or 1)
            if not 0 < coefficient <= 100:
                raise InputError(f"coefficient {coefficient:g} in {text!r}", where=where, fix="use a number above 0 and at most 100")
            found[match.group(2)] = found.get(match.group(2), 0.0) + coefficient
        return tuple(found.items())

    left, right = text.split(arrow)
    return Reaction(id, side(left), side(right), arrow in ("<=>", "<->"))


def reaction_from_smiles(text: str, ids: Mapping[str, str], id: str = "r1") -> Reaction:
    """A reaction from mapped reaction SMILES.

    Args:
        text: ``reactants>>products`` with atom maps.
        ids: canonical SMILES to species id.
        id: of the reaction.

    Raises:
        InputError: a molecule that no species of the case is; SubstanceError, BalanceError from the structure room.
    """
    from chemwright.structure import parse_mapped

    left, right = parse_mapped(text)

    def side(molecules: Sequence[str]) -> tuple[tuple[str, float], ...]:
        found: dict[str, float] = {}
        for smiles in molecules:
            if smiles not in ids:
                raise InputError(f"{smiles!r} in reaction {id!r} is none of the case's species", where=id, fix=did_you_mean(smiles, ids) or "add it under [species]")
            found[ids[smiles]] = found.get(ids[smiles], 0.0) + 1
        return tuple(found.items())

    return Reaction(id, side(left), side(right))


@frozen
class Network:
    """Reactions over an ordered set of species.

    Args:
        species: ids, in the order of all concentration vectors.
        reactions: the reactions.
    """

    species: tuple[str, ...]
    reactions: tuple[Reaction, ...] = field()

    @reactions.validator
    def _known(self, attribute: object, value: tuple[Reaction, ...]) -> None:
        if not value:
            raise InputError("a network needs at least one reaction", fix="add a [[reaction]] with text = 'A -> B'")
        if len({r.id for r in value}) != len(value):
            raise InputError("two reactions share an id", where="[[reaction]]", fix="give every reaction its own id")
        for reaction in value:
            for name, _ in reaction.reactants + reaction.products:
                if name not in self.species:
                    raise InputError(f"species {name!r} in {str(reaction)!r} is not declared", where=f"reaction {reaction.id}", fix=did_you_mean(name, self.species))

    @property
    def stoichiometry(self) -> Array:
        """nu, shape (R, S): negative for what is used up."""
        nu = np.zeros((len(self.reactions), len(self.species)))
        for i, reaction in enumerate(self.reactions):
            for name, n in reaction.reactants:
                nu[i, self.species.index(name)] -= n
            for name, n in reaction.products:
                nu[i, self.species.index(name)] += n
        return nu

    def check_balance(self, elements: Mapping[str, Mapping[str, int]]) -> None:
        """Check that atoms balance in every reaction.

        Args:
            elements: species id to element counts.

        Raises:
            BalanceError: naming the reaction and what is missing on which side.
        """
        for reaction in self.reactions:
            total: dict[str, float] = {}
            for sign, terms in ((-1, reaction.reactants), (1, reaction.products)):
                for name, n in terms:
                    for element, count in elements[name].items():
                        total[element] = total.get(element, 0.0) + sign * n * count
            off = {e: v for e, v in total.items() if abs(v) > 1e-9}
            if off:
                words = ", ".join(f"{abs(v):g} {e} {'missing' if v < 0 else 'too many'} on the right" for e, v in sorted(off.items()))
                raise BalanceError(
                    f"reaction {reaction.id} '{reaction}' does not balance: {words}", where=f"reaction {reaction.id}", fix="add the missing by-product, or check the structures"
                )
