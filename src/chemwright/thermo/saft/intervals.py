"""How far a vapour pressure or density from learned parameters may be off: a scale learned on molecules that a member had not seen, and a conformal factor on it.

|ln(measured/said)| of the members on the molecules left out of their training (ThermoML points of the training folds) is regressed, as a logarithm, on what is known beforehand
(:data:`DRIVERS`); the factor is the 90 % quantile of the ratio, each molecule counting once (split conformal prediction; Vovk, Gammerman, Shafer, Algorithmic
Learning in a Random World, 2005). Outside the domain the scale is multiplied by ``WIDER``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chemwright.thermo.saft.network import Inputs, SaftNetwork
from chemwright.thermo.saft.record import Array

DRIVERS = ("one", "rarest surrounding", "ln heavy atoms", "hetero share", "sites", "distance from boiling")
WIDER = 2.0
LARGEST = 6.0
"""No interval is wider than exp(+-6)."""


def rarity(inputs: Inputs, molecules: Array) -> Array:
    """Minus log10 of how many training molecules have the rarest of a molecule's surroundings, which is zero for one that isn't in the vocabulary."""
    log = np.where(inputs.counts > 0, np.log10(molecules)[None, :], np.inf).min(1, initial=4.0)
    return -np.where(inputs.unknown > 0, 0.7, np.minimum(log, 4.0))


def in_domain(inputs: Inputs, most_heavy: float) -> NDArray[np.bool_]:
    """Molecules no larger than those learned from, with at most one atom in a surrounding that isn't in the vocabulary."""
    return (inputs.unknown <= 1.0) & (inputs.heavy <= most_heavy)


def drivers(inputs: Inputs, of: NDArray[np.int64], molecules: Array, distance: Array) -> Array:
    """Shape (rows, drivers): of each row's molecule, and how far the row is from boiling (see :func:`distance`)."""
    plain = np.column_stack([np.ones(len(inputs.heavy)), rarity(inputs, molecules), np.log(inputs.heavy), inputs.hetero, inputs.nb > 0])
    return np.column_stack([plain[of], distance])


def distance(kind: str, boiling: Array, T: Array) -> Array:
    """Boiling temperature over T less one for vapour pressures, T over it for densities; held between -0.5 and 2."""
    tb = np.where(np.isfinite(boiling), boiling, 1.5 * T)
    return np.clip(tb / T - 1.0 if kind == "psat" else T / tb, -0.5, 2.0)


def half_width(net: SaftNetwork, kind: str, table: Array, inside: NDArray[np.bool_]) -> Array:
    """Half the width of the 90 % interval of ln(property).

    Args:
        net: the network with its calibration.
        kind: ``psat`` or ``density``.
        table: shape (rows, drivers).
        inside: whether each row's molecule is in the domain.
    """
    scale = np.exp(np.clip(table @ net.calibration[f"{kind}.scale"], -7.0, 3.0))
    return np.minimum(net.calibration[f"{kind}.factor"] * scale * np.where(inside, 1.0, WIDER), LARGEST)


def calibrate(table: Array, off: Array, of: NDArray[np.int64]) -> tuple[Array, float]:
    """Coefficients of the scale and the conformal factor, from |ln| deviations of molecules that were left out.

    Args:
        table: shape (rows, drivers).
        off: absolute ln deviations, shape (rows,).
        of: molecule of each row; each counts once.
    """
    _, inverse, n = np.unique(of, return_inverse=True, return_counts=True)
    w = 1.0 / n[inverse]
    y = np.log(np.maximum(off, 1e-3))
    ridge = 1e-2 * np.eye(table.shape[1])
    coefficients = np.linalg.solve(table.T @ (table * w[:, None]) + ridge, table.T @ (y * w))
    ratio = off / np.exp(np.clip(table @ coefficients, -7.0, 3.0))
    order = np.argsort(ratio)
    share = np.cumsum(w[order]) / (w.sum() + 1.0)
    return np.asarray(coefficients, dtype=np.float64), float(ratio[order][min(int(np.searchsorted(share, 0.9)), len(ratio) - 1)])
