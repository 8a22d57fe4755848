"""Tie lines between two liquids of a mixture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chemwright.thermo.mixture import Array, Mixture

DRY = 1e9
"""Pressure [Pa] at which nothing boils, so that a flash sees liquids only."""


def tie_lines(mix: Mixture, T: float, feeds: int = 28, chosen: Sequence[int] = (0, 1, 2)) -> list[tuple[Array, Array]]:
    """Pairs of liquids in equilibrium, each of shape (n,), for feeds spread over the triangle of three of the substances; a feed whose flash fails gives none.

    Args:
        mix: mixture of three or more.
        T: temperature [K].
        feeds: steps along a side of the triangle.
        chosen: which three.
    """
    from chemwright.thermo.equilibrium import flash_batch

    grid = np.array([(i, j, feeds - i - j) for i in range(feeds + 1) for j in range(feeds + 1 - i)], dtype=float) / feeds
    grid = grid[np.sum(grid > 0.0, axis=1) >= 2]
    z = np.zeros((len(grid), mix.n))
    z[:, list(chosen)] = grid
    batch = flash_batch(mix.fluid, z, T, DRY, max_phases=3, strict=False)
    return [(batch.x[k, 0], batch.x[k, 1]) for k in range(len(grid)) if batch.count[k] == 2]
