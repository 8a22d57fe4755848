"""A power law over 1 + K c: saturation in a reactant, or inhibition by whatever else, before anyone knows why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from chemwright.kinetics.laws.law import PowerLaw
from chemwright.kinetics.laws.text import label
from chemwright.kinetics.network import Reaction


@frozen
class Hindered:
    """r = k prod c^n / (1 + K c_h), the simplest law of Langmuir's and Michaelis's kind; what h is, a reactant or not, is for the data to say.

    Args:
        base: the numerator.
        species: h.
        K: name of its constant, m^3/mol.
    """

    base: PowerLaw
    species: str
    K: str

    @property
    def reaction(self) -> Reaction:
        """The numerator's."""
        return self.base.reaction

    @property
    def numbers(self) -> tuple[str, ...]:
        """Those of the numerator, and K."""
        return (*self.base.numbers, self.K)

    @property
    def uses(self) -> tuple[str, ...]:
        """Those of the numerator, and h."""
        return (*self.base.uses, self.species)

    def rate(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> Any:
        """Rate, mol/(m^3 s)."""
        return self.base.rate(c, n) / (1 + n[self.K] * c[self.species])

    def equation(self) -> str:
        """``r = k c_A/(1 + K_B c_B)``."""
        return f"{self.base.equation()}/(1 + {label(self.K)} c_{self.species})"
