"""How many reactions the data show, and which stoichiometries lie in what they show.

The changes of all samples, each species over its noise, lie in the row space of the stoichiometric matrix; their singular value
decomposition tells its dimension, and a proposed reaction is tested as a target in it (Bonvin and Rippin 1990, Chem. Eng. Sci. 45, 3417;
target testing: Malinowski 1991, Factor Analysis in Chemistry, 2nd ed., ch. 3).
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.kinetics.discover.series import Series
from chemwright.model.protocol import Array

REJECT = 1e-3
"""A remainder or a target is taken for more than noise below this probability."""


@frozen(eq=False)
class Subspace:
    """What the data span.

    Args:
        measured: species of the columns.
        noise: their standard deviations (m,), mol/m^3.
        singular: singular values of the changes over their noise, (m,); about sqrt(N) for noise alone.
        remainder: probability that what is left is noise after 0, 1, ... reactions, (m,).
        rank: number of independent reactions seen.
        basis: their row space over the noise, shape (m, rank).
        dof: degrees of freedom of the noise estimate.
    """

    measured: tuple[str, ...]
    noise: Array
    singular: Array
    remainder: Array
    rank: int
    basis: Array
    dof: float

    @property
    def full(self) -> bool:
        """Whether every change of the measured species lies in it, so that no target can fail."""
        return self.rank == len(self.measured)

    def probability(self, change: Array) -> float:
        """Probability that a change of the measured species (m,) differs from the subspace by noise alone; 0 for no change at all."""
        from scipy.stats import f

        target = change / self.noise
        if not np.any(target) or self.rank == 0:
            return 0.0
        if self.full:
            return 1.0
        inside = self.basis.T @ target
        off = float(np.sum((target - self.basis @ inside) ** 2))
        # the basis is known to about 1/singular value, in each direction outside of it
        spread = float(np.sum((inside / self.singular[: self.rank]) ** 2))
        if spread <= 0:
            return 0.0
        free = len(target) - self.rank
        return float(f.sf(off / spread / free, free, max(self.dof, 1.0)))

    def accepts(self, change: Array) -> bool:
        """Whether a change passes as one of the subspace."""
        return self.probability(change) > REJECT


def subspace_of(series: Series) -> Subspace:
    """The subspace that the changes span, its dimension the smallest whose remainder may be noise."""
    from scipy.stats import f

    scaled = series.scaled
    n, m = scaled.shape
    _, singular, rows = np.linalg.svd(scaled, full_matrices=False)
    remainder = np.array([f.sf(float(np.sum(singular[k:] ** 2)) / ((n - k) * (m - k)), (n - k) * (m - k), max(series.dof, 1.0)) for k in range(m)])
    passed = np.flatnonzero(remainder > REJECT)
    rank = int(passed[0]) if len(passed) else m
    return Subspace(series.measured, series.noise, singular, remainder, rank, rows[:rank].T, series.dof)
