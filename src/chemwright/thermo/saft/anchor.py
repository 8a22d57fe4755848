"""Parameters that meet a measurement: epsilon for a normal boiling point, sigma for a density, the rest as they were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chemwright.thermo.saft.engine import evaluated
from chemwright.thermo.saft.record import Array

ATMOSPHERE = 101325.0
STEPS = 12
FURTHEST = 0.35
"""Largest change of ln epsilon and ln sigma: a measurement that asks for more contradicts the structure and is not followed."""


def anchor(values: Array, boiling: Array, density: Array, T: float, p: float) -> Array:
    """Solve for ln epsilon and ln sigma in turn, by Newton's steps on many molecules at once.

    Args:
        values: parameters, shape (n, 8).
        boiling: normal boiling points [K], nan where not known.
        density: molar densities [mol/m^3] at T and p, nan where not known.
        T, p: [K], [Pa].

    Returns:
        New parameters, shape (n, 8); a molecule that does not get there within :data:`FURTHEST` keeps those it had.
    """
    out = values.copy()
    knows_tb, knows_rho = np.isfinite(boiling), np.isfinite(density)
    for _ in range(STEPS):
        if knows_rho.any():
            rows = np.flatnonzero(knows_rho)
            said, grad = evaluated("liquid_density", out[rows], np.column_stack([np.full(len(rows), T), np.full(len(rows), p)]), derivatives=True)
            _step(out, rows, 1, np.log(density[rows] * 1e-3 / said), grad, said)
        if knows_tb.any():
            rows = np.flatnonzero(knows_tb)
            said, grad = evaluated("boiling_temperature", out[rows], np.full(len(rows), ATMOSPHERE), derivatives=True)
            _step(out, rows, 2, np.log(boiling[rows] / said), grad, said)
    return np.where(_sound(values, out)[:, None], out, values)


def _step(out: Array, rows: NDArray[np.int64], column: int, gap: Array, grad: Array | None, said: Array) -> None:
    """One Newton step in the logarithm of a parameter, at most 10 %; rows without an answer stay."""
    assert grad is not None
    slope = grad[:, column] * out[rows, column] / said
    change = np.clip(gap / slope, -0.1, 0.1)
    out[rows, column] *= np.exp(np.where(np.isfinite(change), change, 0.0))


def _sound(before: Array, after: Array) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        moved = np.abs(np.log(after[:, 1:3] / before[:, 1:3])).max(1)
    return np.isfinite(moved) & (moved < FURTHEST)
