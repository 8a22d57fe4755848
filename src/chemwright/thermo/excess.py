"""Excess properties of a liquid from any activity model, and activity coefficients at infinite dilution."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.errors import InputError
from chemwright.thermo.mixture import Array, Mixture, R

STEP = 0.05
"""Half distance [K] of the four-point derivative in temperature; its error is below 1e-8 of the value, of rounding and of truncation alike."""
TRACE = 1e-10


@frozen(eq=False)
class Excess:
    """Excess properties along compositions.

    Args:
        gE: excess Gibbs energy [J/mol], shape (...).
        hE: excess enthalpy [J/mol], by Gibbs and Helmholtz.
        sE: excess entropy [J/(mol K)].
    """

    gE: Array
    hE: Array
    sE: Array


def excess(mix: Mixture, x: Array, T: float) -> Excess:
    """gE = R T sum x_i ln gamma_i, hE = -R T^2 d(gE/RT)/dT at constant x, sE = (hE - gE)/T.

    A model whose parameters were fitted to one temperature's boiling points alone gives gE well and hE only roughly.

    Args:
        mix: mixture.
        x: mole fractions, shape (..., n).
        T: temperature [K].

    Raises:
        InputError: T not positive.
    """
    if not T > 0.0:
        raise InputError(f"a temperature of {T:g} K must be positive", where="T", fix="give it in kelvin, or as '25 degC'")
    x = np.asarray(x, dtype=float)

    def reduced(t: float) -> Array:
        return np.asarray(np.sum(x * mix.ln_gamma(x, t), axis=-1))

    slope = (8.0 * (reduced(T + STEP) - reduced(T - STEP)) - reduced(T + 2 * STEP) + reduced(T - 2 * STEP)) / (12.0 * STEP)
    g, h = R * T * reduced(T), -R * T * T * slope
    return Excess(g, h, (h - g) / T)


def infinite_dilution(mix: Mixture, T: float) -> Array:
    """Activity coefficients at infinite dilution [1], shape (n, n): of substance i (row) in pure j (column); the diagonal is 1.

    Raises:
        InputError: T not positive.
    """
    if not T > 0.0:
        raise InputError(f"a temperature of {T:g} K must be positive", where="T", fix="give it in kelvin, or as '25 degC'")
    out = np.ones((mix.n, mix.n))
    for j in range(mix.n):
        for i in range(mix.n):
            if i != j:
                x = np.zeros(mix.n)
                x[i], x[j] = TRACE, 1.0 - TRACE
                out[i, j] = float(np.exp(mix.ln_gamma(x, T)[i]))
    return out
