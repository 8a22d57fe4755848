"""Newton steps that go downhill, for many small systems at once."""

from __future__ import annotations

import numpy as np

from chemwright.thermo.equilibrium.fluid import Array


def downhill(hessian: Array, gradient: Array) -> Array:
    """Newton's step -H^-1 g where it goes downhill, else that of the matrix with its eigenvalues made positive.

    Args:
        hessian: symmetric, scaled so that its diagonal is of the order of one, shape (n, m, m).
        gradient: shape (n, m).

    Returns:
        Steps, shape (n, m).
    """
    h = 0.5 * (hessian + np.swapaxes(hessian, 1, 2))
    try:
        step = -np.linalg.solve(h, gradient[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        step = np.full_like(gradient, np.nan)
    slope = np.sum(step * gradient, axis=1)
    bad = np.flatnonzero(~(slope < 0.0) | ~np.isfinite(slope) | (np.sum(step * step, axis=1) > 1e8 * np.sum(gradient * gradient, axis=1)))
    if bad.size:
        value, vector = np.linalg.eigh(h[bad])
        value = np.maximum(np.abs(value), 1e-6)
        step[bad] = -np.einsum("nij,nj->ni", vector, np.einsum("nij,ni->nj", vector, gradient[bad]) / value)
    return np.asarray(step)
