"""The learned properties by name: estimates, card, measured neighbours, and what drove an answer."""

from __future__ import annotations

import difflib
from typing import Any

from attrs import frozen

from chemwright.errors import PropertyMissing
from chemwright.property.answer import Driver, Estimates, Neighbour
from chemwright.property.learned import drivers, estimating, neighbours
from chemwright.property.learned.store import store
from chemwright.structure.features import Features


def models() -> tuple[str, ...]:
    """Names (of the vocabulary) of the properties that can be estimated from structure."""
    return tuple(p["name"] for p in store().card["properties"] if p["shipped"])


@frozen
class Learned:
    """One learned property.

    Args:
        name: in the vocabulary.
        unit: SI unit of all that is answered.
        card: training data, held-out figures, calibration, as stored beside the weights.
    """

    name: str
    unit: str
    card: dict[str, Any]

    def predict(self, features: Features) -> Estimates:
        """Estimates for a batch; NaN and out of domain where a molecule could not be read. All properties of one batch come from a single pass."""
        return estimating.estimates(features, [self.name])[self.name]

    def neighbours(self, smiles: str, k: int = 3) -> tuple[Neighbour, ...]:
        """The ``k`` most similar molecules with a figure of this property to learn from, by Tanimoto similarity of Morgan fingerprints of radius 2.

        Raises:
            SubstanceError: not a SMILES.
        """
        return neighbours.nearest(self.name, smiles, k)

    def drivers(self, smiles: str) -> tuple[Driver, ...]:
        """What the molecule's parts do to the estimate: the change when each is put in place of hydrogen, largest first.

        Raises:
            SubstanceError: not a SMILES.
        """
        return drivers.drivers(self.name, smiles)


def load(name: str) -> Learned:
    """The learned property ``name``.

    Raises:
        PropertyMissing: none of that name, with near misses.
    """
    for row in store().card["properties"]:
        if row["name"] == name and row["shipped"]:
            return Learned(name, row["unit"], row)
    near = difflib.get_close_matches(name, models(), 3)
    raise PropertyMissing(f"no learned model of {name!r}", fix=f"did you mean {' or '.join(near)}?" if near else "chemwright.property.learned.models() names those there are")
