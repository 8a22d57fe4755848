"""Real roots of cubic equations of state, many at once."""

from __future__ import annotations

import numpy as np

from chemwright.thermo.equilibrium.fluid import Array


def compressibility_roots(A: Array, B: Array, d1: float, d2: float) -> tuple[Array, Array]:
    """Smallest and largest root Z > B of Z^3 + a Z^2 + b Z + c = 0, the form of P v/(R T) of (v + d1 b)(v + d2 b) equations.

    The number of real roots is told by the discriminant, which keeps its digits at low pressure where the trigonometric form loses them; each root is then refined by Newton's method.

    Args:
        A: a P/(R T)^2 [1], shape (n,).
        B: b P/(R T) [1], shape (n,).
        d1, d2: the equation's constants, 1 + sqrt(2) and 1 - sqrt(2) for Peng and Robinson, 1 and 0 for Soave.

    Returns:
        Liquid-like and vapour-like compressibility factor, shape (n,) each, the same where there is one root only.
    """
    u, w = d1 + d2, d1 * d2
    a = (u - 1.0) * B - 1.0
    b = A + (w - u) * B * B - u * B
    c = -B * (A + w * B * (1.0 + B))
    three = (a * a * b * b - 4.0 * b**3 - 4.0 * a**3 * c - 27.0 * c * c + 18.0 * a * b * c) > 0.0
    q = (a * a - 3.0 * b) / 9.0
    r = (a * (2.0 * a * a - 9.0 * b) + 27.0 * c) / 54.0
    root = np.sqrt(np.maximum(q, 0.0))
    angle = np.arccos(np.clip(r / np.maximum(root**3, 1e-300), -1.0, 1.0))
    s = -np.sign(r) * np.cbrt(np.abs(r) + np.sqrt(np.maximum(r * r - q**3, 0.0)))
    single = s + np.divide(q, s, out=np.zeros_like(s), where=s != 0.0) - a / 3.0
    high = np.where(three, -2.0 * root * np.cos((angle + 2.0 * np.pi) / 3.0) - a / 3.0, single)
    low = np.where(three, -2.0 * root * np.cos(angle / 3.0) - a / 3.0, single)
    small = three & (np.abs(b) < 1e-3)  # far below the critical pressure Z^3 is nothing beside Z^2 in a liquid, and the cosine has lost its digits
    low = np.where(small, 2.0 * (c / a) / (-b / a + np.sqrt(np.maximum((b / a) ** 2 - 4.0 * (c / a), 0.0))), low)
    high, low = _refine(high, a, b, c, B), _refine(low, a, b, c, B)
    low = np.where(low > B, low, high)
    return np.minimum(low, high), high


def _refine(z: Array, a: Array, b: Array, c: Array, floor: Array) -> Array:
    """Newton's steps where they are small against the distance to the hard core."""
    for _ in range(3):
        slope = (3.0 * z + 2.0 * a) * z + b
        step = np.divide(((z + a) * z + b) * z + c, slope, out=np.zeros_like(z), where=slope != 0.0)
        z = np.where(np.abs(step) < 0.3 * np.abs(z - floor), z - step, z)
    return z
