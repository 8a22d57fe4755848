"""Absorbance-time matrices from known networks: bands of Gaussian shape, noise that depends on the wavelength. Written before the fit it judges; nothing of the fit is used here."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
WAVELENGTHS = np.linspace(300.0, 700.0, 81)  # nm
# bands of each species: (centre nm, width nm, height m^2/mol)
BANDS = {"A": ((360, 30, 900), (450, 25, 200)), "B": ((420, 35, 700), (560, 40, 400)), "C": ((500, 45, 800),), "D": ((330, 25, 600), (620, 50, 500))}


def pure(name: str, axis: Array = WAVELENGTHS) -> Array:
    """Molar absorption coefficients (W,), m^2/mol; zeros for a name without bands."""
    return np.sum([h * np.exp(-0.5 * ((axis - c) / w) ** 2) for c, w, h in BANDS.get(name, ())], axis=0) + 0.0 * axis


def noise(level: float, axis: Array = WAVELENGTHS) -> Array:
    """Standard deviations (W,): five times the level at the short end, where the lamp is weak."""
    return level * (1 + 4 * np.exp(-(axis - axis[0]) / 40.0))


def consecutive(times: Array, feed: float, k1: float, k2: float) -> Array:
    """A -> B -> C from A alone, in closed form, (n, 3)."""
    a = feed * np.exp(-k1 * times)
    b = feed * k1 / (k2 - k1) * (np.exp(-k1 * times) - np.exp(-k2 * times))
    return np.stack([a, b, feed - a - b], axis=1)


def second_order(times: Array, a0: float, b0: float, k: float) -> Array:
    """A + B -> C, in closed form, (n, 3)."""
    d = b0 - a0
    x = a0 * b0 * (np.exp(k * d * times) - 1) / (b0 * np.exp(k * d * times) - a0) if d else a0 * a0 * k * times / (1 + a0 * k * times)
    return np.stack([a0 - x, b0 - x, x], axis=1)


def measured(c: Array, species: tuple[str, ...], level: float, seed: int, path_length: float = 0.01) -> Array:
    """Absorbances (n, W) with noise."""
    clean = path_length * c @ np.array([pure(s) for s in species])
    rng = np.random.default_rng(seed)
    found: Array = clean + rng.normal(size=clean.shape) * noise(level)
    return found


def case(level: float, seed: int) -> dict[str, Any]:
    """The standard case: A -> B -> C, k1 = 0.02/s, k2 = 0.006/s, two runs of 0.10 and 0.05 mol/m^3."""
    times = np.linspace(0.0, 600.0, 61)
    runs = [consecutive(times, feed, 0.02, 0.006) for feed in (0.10, 0.05)]
    return {"times": times, "feeds": (0.10, 0.05), "k": (0.02, 0.006), "absorbance": tuple(measured(c, ("A", "B", "C"), level, seed + i) for i, c in enumerate(runs))}
