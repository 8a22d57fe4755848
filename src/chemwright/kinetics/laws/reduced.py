"""The same rates in as few extents as the network has independent reactions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array


@frozen
class Reduced:
    """A rate law with its reactions replaced by independent ones: nu = L B, rates L^T r.

    A mechanism of 325 steps over 53 species has at most 53 less its elements independent reactions: reactors that count
    extents then integrate as many states. Concentrations and their slopes are the same.

    Args:
        law: any rate law.
    """

    law: Any

    @property
    def stoichiometry(self) -> Array:
        """B, shape (rank, S)."""
        return _split(self.law)[1].copy()

    @property
    def n_parameters(self) -> int:
        """As the law."""
        return int(self.law.n_parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """As the law."""
        return tuple(self.law.names)

    @property
    def species(self) -> tuple[str, ...]:
        """As the law."""
        return tuple(self.law.species)

    @property
    def start(self) -> Gaussian:
        """As the law."""
        start: Gaussian = self.law.start
        return start

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates of the independent reactions, mol/(m^3 s)."""
        shares, all_rates = _split(self.law)[0], self.law.rates(c, temperature, theta)
        return [sum((shares[i, j] * all_rates[i] for i in range(len(shares)) if shares[i, j]), 0.0 * c[0]) for j in range(shares.shape[1])]


@lru_cache(maxsize=32)
def _split(law: Any) -> tuple[Array, Array]:
    """L (R, rank) and B (rank, S): B in reduced row echelon form, L the columns of nu at its pivots."""
    nu = np.asarray(law.stoichiometry, dtype=float)
    rows, pivots = nu.copy(), []
    at = 0
    for j in range(nu.shape[1]):
        if at == len(rows):
            break
        best = at + int(np.argmax(np.abs(rows[at:, j])))
        if abs(rows[best, j]) < 1e-9:
            continue
        rows[[at, best]] = rows[[best, at]]
        rows[at] = rows[at] / rows[at, j]
        for i in range(len(rows)):
            if i != at:
                rows[i] = rows[i] - rows[i, j] * rows[at]
        rows[np.abs(rows) < 1e-12] = 0.0
        pivots.append(j)
        at += 1
    return nu[:, pivots], rows[:at]
