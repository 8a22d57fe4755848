"""Enthalpy and entropy of ideal gases, from heat capacities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.errors import PropertyMissing
from chemwright.thermo.equilibrium.fluid import R_GAS, Array

T_REF, P_REF = 298.15, 1e5
"""Where enthalpy and entropy of the pure ideal gases are zero: 298.15 K and 100000 Pa."""


@frozen(eq=False)
class IdealGas:
    """cp/R = a0 + a1 T + ... + a4 T^4 of c species between their limits, constant beyond them.

    Args:
        a: coefficients, shape (c, 5) [K^-k].
        low: lower limits of the polynomials [K], shape (c,).
        high: upper limits [K], shape (c,).
        sources: where each polynomial comes from.
    """

    a: Array
    low: Array
    high: Array
    sources: tuple[str, ...]

    @classmethod
    def from_cas(cls, cas: Sequence[str]) -> IdealGas:
        """Polynomials of the tables in `chemicals` by CAS number: Poling, Prausnitz and O'Connell (2001), else the Thermodynamics Research Center's equation, fitted here by a polynomial from 200 K to 1500 K.

        Raises:
            PropertyMissing: no table has the species.
        """
        rows = [_polynomial(c) for c in cas]
        return cls(np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), np.array([r[2] for r in rows]), tuple(r[3] for r in rows))

    def enthalpy(self, T: Array) -> Array:
        """Of each species [J/mol], shape (n, c), at temperatures T (n,) [K]; zero at 298.15 K."""
        return R_GAS * (self._integral(T, 0) - self._integral(np.array([T_REF]), 0))

    def entropy(self, T: Array, P: Array) -> Array:
        """Of each species [J/(mol K)], shape (n, c), at T (n,) [K] and P (n,) [Pa]; zero at 298.15 K and 100000 Pa."""
        return R_GAS * (self._integral(T, 1) - self._integral(np.array([T_REF]), 1) - np.log(np.asarray(P) / P_REF)[:, None])

    def _integral(self, T: Array, power: int) -> Array:
        """Integral of cp/(R T^power) up to T, with cp constant beyond the limits."""
        T = np.asarray(T, dtype=float)[:, None]
        t = np.clip(T, self.low, self.high)
        edge = sum(self.a[:, k] * t**k for k in range(5))
        if power == 0:
            return np.asarray(sum(self.a[:, k] * t ** (k + 1) / (k + 1) for k in range(5)) + edge * (T - t))
        return np.asarray(self.a[:, 0] * np.log(t) + sum(self.a[:, k] * t**k / k for k in range(1, 5)) + edge * np.log(T / t))


def _polynomial(cas: str) -> tuple[Array, float, float, str]:
    """Coefficients, limits and source of one species."""
    from chemicals import heat_capacity

    poling, trc = heat_capacity.Cp_data_Poling, heat_capacity.TRC_gas_data
    if cas in poling.index and np.isfinite(poling.at[cas, "a0"]):
        row = poling.loc[cas]
        return np.array([float(row[f"a{k}"]) for k in range(5)]), float(row["Tmin"]), float(row["Tmax"]), "Poling, Prausnitz, O'Connell 2001"
    if cas in trc.index:
        row = trc.loc[cas]
        low, high = max(float(row["Tmin"]), 200.0), min(float(row["Tmax"]), 1500.0)
        t = np.linspace(low, high, 60)
        cp = np.array([heat_capacity.TRCCp(float(v), *(float(row[f"a{k}"]) for k in range(8))) for v in t]) / R_GAS
        fit = np.polynomial.Polynomial.fit(t, cp, 4).convert().coef
        return np.pad(fit, (0, 5 - len(fit))), low, high, "Thermodynamics Research Center, fitted"
    raise PropertyMissing(f"no table gives the ideal-gas heat capacity of {cas}", where=cas, fix="make IdealGas with your own polynomial")
