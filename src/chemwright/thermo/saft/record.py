"""PC-SAFT parameters of a substance, with where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import InputError

Array = NDArray[np.float64]

COLUMNS = ("m", "sigma", "epsilon_k", "mu", "kappa_ab", "epsilon_k_ab", "na", "nb")
"""Order of the parameters in arrays, which is that of ``feos``."""


@frozen
class SaftParameters:
    """PCP-SAFT parameters of one substance (Gross and Sadowski, Ind. Eng. Chem. Res. 40 (2001) 1244 and 41 (2002) 5510; Gross and Vrabec, AIChE J. 52 (2006) 1194).

    Args:
        substance: name or SMILES as asked.
        molar_mass: [kg/mol].
        m: segments [1].
        sigma: segment diameter [A].
        epsilon_k: dispersion energy over Boltzmann's constant [K].
        mu: dipole moment [D].
        kappa_ab: association volume [1], 0 without sites.
        epsilon_k_ab: association energy over Boltzmann's constant [K].
        na, nb: sites of the two kinds.
        tier: ``mechanism`` (published or fitted parameters) or ``hybrid`` (learned ones).
        source: id of the source.
        in_domain: false where a learned set was asked of a molecule unlike those it was made from.
        note: what a reader should know.
    """

    substance: str
    molar_mass: float
    m: float
    sigma: float
    epsilon_k: float
    mu: float = 0.0
    kappa_ab: float = 0.0
    epsilon_k_ab: float = 0.0
    na: float = 0.0
    nb: float = 0.0
    tier: str = "mechanism"
    source: str = ""
    in_domain: bool = True
    note: str = ""

    def __attrs_post_init__(self) -> None:
        for name in ("molar_mass", "m", "sigma", "epsilon_k"):
            if not (0.0 < getattr(self, name) < float("inf")):
                raise InputError(f"PC-SAFT parameter {name} of {self.substance!r} is {getattr(self, name)}, a positive number was expected", where=self.substance)
        if min(self.mu, self.kappa_ab, self.epsilon_k_ab, self.na, self.nb) < 0.0:
            raise InputError(f"a PC-SAFT parameter of {self.substance!r} is negative", where=self.substance, fix="mu, kappa_ab, epsilon_k_ab, na and nb are zero or more")

    def row(self) -> list[float]:
        """The eight numbers in the order of :data:`COLUMNS`."""
        return [getattr(self, name) for name in COLUMNS]

    @classmethod
    def of(cls, substance: str, molar_mass: float, values: Sequence[float], **fields: Any) -> SaftParameters:
        """A set from its eight numbers in the order of :data:`COLUMNS`, and its other fields by name."""
        numbers: dict[str, Any] = {name: float(v) for name, v in zip(COLUMNS, values, strict=True)}
        return cls(substance, molar_mass, **numbers, **fields)


def stack(sets: Sequence[SaftParameters]) -> Array:
    """Shape (n, 8): one row a substance, for the functions that work on many at once."""
    return np.array([s.row() for s in sets], dtype=float).reshape(-1, len(COLUMNS))
