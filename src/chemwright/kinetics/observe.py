"""Observables of a reactor run: what the experiments measured, as a function of concentrations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.model.lower import log1p

OBSERVABLES = ("e_factor", "yield", "conversion")


@frozen
class Observer:
    """An observable of a run.

    Args:
        name: ``e_factor``, ``yield``, ``conversion`` or ``c_<species>`` (mol/m^3).
        key: index of the limiting reactant.
        target: index of the product.
        feeds: indices of the species counted as fed material in the E-factor (solvent and base left out).
        masses: molar masses of all species, kg/mol.
        species: ids, for ``c_<species>``.
    """

    name: str
    key: int
    target: int
    feeds: tuple[int, ...]
    masses: tuple[float, ...]
    species: tuple[str, ...]

    @property
    def transform(self) -> str:
        """Scale the fit uses: ``log1p`` for the E-factor, ``identity`` otherwise."""
        return "log1p" if self.name == "e_factor" else "identity"

    def raw(self, c_in: Sequence[Any], c: Sequence[Any]) -> Any:
        """The observable in its own unit, from inlet and outlet concentrations (mol/m^3).

        The E-factor is mass of waste per mass of product (Sheldon 2007, Green Chem. 9, 1273): fed reactants that are
        not in the product, over the product.

        Raises:
            InputError: unknown name.
        """
        if self.name == "e_factor":
            fed = sum(self.masses[j] * c_in[j] for j in self.feeds)
            made = self.masses[self.target] * c[self.target]
            return (fed - made) / made
        if self.name == "yield":
            return c[self.target] / c_in[self.key]
        if self.name == "conversion":
            return 1 - c[self.key] / c_in[self.key]
        if self.name.startswith("c_") and self.name[2:] in self.species:
            return c[self.species.index(self.name[2:])]
        raise InputError(f"unknown response {self.name!r}", where="[experiments] response", fix=did_you_mean(self.name, [*OBSERVABLES, *(f"c_{s}" for s in self.species)]))

    def fitted(self, c_in: Sequence[Any], c: Sequence[Any]) -> Any:
        """The observable on the scale of the fit."""
        value = self.raw(c_in, c)
        return log1p(value) if self.transform == "log1p" else value


def to_fit_scale(transform: str) -> Callable[[Any], Any]:
    """Map from the observable's own unit to the scale of the fit."""
    import numpy as np

    return np.log1p if transform == "log1p" else (lambda v: v)


def from_fit_scale(transform: str) -> Callable[[Any], Any]:
    """Map from the scale of the fit back to the observable's own unit."""
    import numpy as np

    return np.expm1 if transform == "log1p" else (lambda v: v)
