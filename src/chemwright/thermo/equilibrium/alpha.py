"""Temperature dependence of the attraction in a cubic equation of state."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.thermo.equilibrium.fluid import Array


@frozen(eq=False)
class Alpha:
    """sqrt(alpha) of c species as a function of the reduced temperature.

    Polynomial: 1 + c1 (1 - sqrt(Tr)) + c2 (1 - sqrt(Tr))^2 + c3 (1 - sqrt(Tr))^3, the last two below the critical temperature only: Soave, Chem. Eng. Sci. 27 (1972) 1197, with c2 = c3 = 0; Mathias and Copeman, Fluid Phase
    Equilib. 13 (1983) 91. Where l, m, n are given, alpha = Tr^(n (m - 1)) exp(l (1 - Tr^(m n))): Twu and others, Fluid Phase Equilib. 69 (1991) 33.

    Args:
        c: coefficients [1], shape (c, 3).
        twu: l, m, n [1], shape (c, 3), rows of NaN where the polynomial holds; None for all polynomial.
    """

    c: Array
    twu: Array | None = None

    @classmethod
    def soave(cls, form: str, omega: Array) -> Alpha:
        """Soave's function with the polynomial in the acentric factor (c,) of "PR76", "PR78" or "SRK"."""
        if form == "SRK":
            m = 0.480 + 1.574 * omega - 0.176 * omega**2
        else:
            m = 0.37464 + 1.54226 * omega - 0.26992 * omega**2
            if form == "PR78":
                m = np.where(omega > 0.491, 0.379642 + 1.48503 * omega - 0.164423 * omega**2 + 0.016666 * omega**3, m)
        return cls(np.stack([m, 0.0 * m, 0.0 * m], axis=1))

    @classmethod
    def mathias_copeman(cls, c: Sequence[Sequence[float]]) -> Alpha:
        """From coefficients (c, 3)."""
        return cls(np.asarray(c, dtype=float))

    @classmethod
    def twu91(cls, lmn: Sequence[Sequence[float]]) -> Alpha:
        """From l, m, n (c, 3)."""
        table = np.asarray(lmn, dtype=float)
        return cls(np.zeros_like(table), table)

    def root(self, tr: Array) -> tuple[Array, Array]:
        """sqrt(alpha) [1] and its derivative to Tr, both of the shape of tr, (n, c)."""
        root = np.sqrt(tr)
        u = 1.0 - root
        c2, c3 = (np.where(u > 0.0, self.c[:, k], 0.0) for k in (1, 2))
        value = 1.0 + u * (self.c[:, 0] + u * (c2 + u * c3))
        slope = -0.5 / root * (self.c[:, 0] + u * (2.0 * c2 + 3.0 * u * c3))
        if self.twu is not None:
            given = np.isfinite(self.twu[:, 0])
            el, m, n = np.where(given, self.twu.T, 1.0)
            half = np.exp(0.5 * (n * (m - 1.0) * np.log(tr) + el * (1.0 - tr ** (m * n))))
            steep = half * 0.5 * (n * (m - 1.0) / tr - el * m * n * tr ** (m * n - 1.0))
            value, slope = np.where(given, half, value), np.where(given, steep, slope)
        return np.where(value < 0.0, -value, value), np.where(value < 0.0, -slope, slope)
