"""The outcome's warp: Yeo and Johnson's (2000) power, which straightens a skewed outcome, forth and back."""

from __future__ import annotations

import numpy as np

from chemwright.experiment.planning.domain import Array

_FLAT = 1e-6


def warp(z: Array, power: Array) -> tuple[Array, Array]:
    """Warped values and the log of the warp's slope; z (n,), power (P, 1) with 1 for none; both (P, n)."""
    p, q = power, 2.0 - power
    a = np.log1p(np.abs(z))[None, :] * np.ones_like(power)
    up = np.where(np.abs(p) < _FLAT, a, np.expm1(p * a) / np.where(np.abs(p) < _FLAT, 1.0, p))
    down = -np.where(np.abs(q) < _FLAT, a, np.expm1(q * a) / np.where(np.abs(q) < _FLAT, 1.0, q))
    positive = (z >= 0)[None, :]
    return np.where(positive, up, down), np.where(positive, (p - 1) * a, (q - 1) * a)


def unwarp(w: Array, power: Array) -> Array:
    """The inverse, elementwise; power broadcasts against w. Beyond the range of the warp the outcome is held at a million spreads."""
    p, q = power, 2.0 - power
    flat_p, flat_q = np.abs(p) < _FLAT, np.abs(q) < _FLAT
    with np.errstate(over="ignore"):
        up = np.where(flat_p, np.expm1(np.clip(w, 0, 50)), np.exp(np.log(np.maximum(1 + p * w, 1e-12)) / np.where(flat_p, 1.0, p)) - 1)
        down = np.where(flat_q, -np.expm1(np.clip(-w, 0, 50)), 1 - np.exp(np.log(np.maximum(1 - q * w, 1e-12)) / np.where(flat_q, 1.0, q)))
    return np.clip(np.where(w >= 0, up, down), -1e6, 1e6)
