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
    bad = np.flatnonzero(~(slope < 0.0) | ~np.isfinite(slope))
    if bad.size:
        value, vector = np.linalg.eigh(h[bad])
        value = np.maximum(np.abs(value), 1e-12)
        step[bad] = -np.einsum("nij,nj->ni", vector, np.einsum("nij,ni->nj", vector, gradient[bad]) / value)
    return np.asarray(step)


def limited(hessian: Array, gradient: Array, radius: Array) -> Array:
    """Steps -(H + mu I)^-1 g of a length of at most the radius, mu as small as that and a positive definite matrix allow (the trust region of Levenberg, Marquardt and others).

    Args:
        hessian: shape (n, m, m).
        gradient: shape (n, m).
        radius: shape (n,).
    """
    value, vector = np.linalg.eigh(0.5 * (hessian + np.swapaxes(hessian, 1, 2)))
    part = np.einsum("nij,ni->nj", vector, gradient)
    least = np.maximum(-value[:, 0], 0.0)
    low = np.log(least * 1e-6 + 1e-12)
    high = np.log(np.linalg.norm(gradient, axis=1) / radius + 1e-12) + 1.0
    high = np.maximum(high, low + 1.0)
    for _ in range(40):
        middle = 0.5 * (low + high)
        length = np.linalg.norm(part / (value + (least + np.exp(middle))[:, None]), axis=1)
        low, high = np.where(length > radius, middle, low), np.where(length > radius, high, middle)
    return np.asarray(-np.einsum("nij,nj->ni", vector, part / (value + (least + np.exp(high))[:, None])))
