"""Melting diagrams of two substances that don't mix as solids: liquidus lines and the eutectic point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.errors import InputError
from chemwright.thermo.melting import Melting, melting
from chemwright.thermo.mixture import Array, Mixture, R

GRID = np.concatenate([[1e-4, 1e-3], np.linspace(0.004, 0.996, 249), [1 - 1e-3, 1 - 1e-4]])
COLDEST = 60.0


@frozen(eq=False)
class Eutectic:
    """Liquidus of a binary.

    Args:
        names: of the two substances.
        x: mole fraction of the first, shape (m,).
        T: temperature [K] below which a solid forms, shape (m,); the higher of the two lines.
        branches: each substance's own line [K] over x, shape (2, m).
        point: (x, T) of the eutectic.
        melting: of each.
    """

    names: tuple[str, ...]
    x: Array
    T: Array
    branches: Array
    point: tuple[float, float]
    melting: tuple[Melting, ...]


def eutectic(mix: Mixture, known: Sequence[Melting] = ()) -> Eutectic:
    """Liquidus of a binary by ln(x_i gamma_i) = -Hfus/R (1/T - 1/Tm).

    Simplification: the solids are pure, and the difference of the heat capacities of solid and liquid is left out (small within some ten kelvin below
    the melting point; Prausnitz, Lichtenthaler, Gomes de Azevedo, Molecular Thermodynamics, 3rd ed., eq. 11-13 without its last two terms).

    Args:
        mix: two substances.
        known: melting point and heat of fusion of each; from tables, the heat else estimated, when left out.

    Raises:
        InputError: not two substances, or melting data that are not positive; PropertyMissing: no melting data.
    """
    if mix.n != 2:
        raise InputError(f"{mix.n} substances, 2 expected", where="melting diagram", fix="name two substances")
    data = tuple(known) or tuple(melting(s) for s in mix.smiles)
    if len(data) != 2 or any(not (m.T > 0.0 and m.heat > 0.0) for m in data):
        raise InputError("melting points and enthalpies of fusion must be positive, one of each substance", where="melting", fix="give kelvin and J/mol")
    branches = np.stack([_branch(mix, i, data[i]) for i in range(2)])
    difference = branches[0] - branches[1]
    k = int(np.argmax(difference > 0.0))
    if k == 0:
        point = (float(GRID[0]), float(branches[1, 0]))
    else:
        share = -difference[k - 1] / (difference[k] - difference[k - 1])
        point = (float(GRID[k - 1] + share * (GRID[k] - GRID[k - 1])), float(branches[0, k - 1] + share * (branches[0, k] - branches[0, k - 1])))
    return Eutectic(mix.names, GRID, branches.max(axis=0), branches, point, data)


def _branch(mix: Mixture, i: int, m: Melting) -> Array:
    """Temperature [K] at which substance i begins to crystallise, over GRID; bisection, as the error falls with T."""
    x = np.stack([GRID, 1.0 - GRID], axis=1)
    low, high = np.full(len(GRID), COLDEST), np.full(len(GRID), m.T)
    for _ in range(60):
        T = 0.5 * (low + high)
        f = np.log(x[:, i]) + mix.ln_gamma(x, T)[:, i] + m.heat / R * (1.0 / T - 1.0 / m.T)
        low, high = np.where(f > 0.0, T, low), np.where(f > 0.0, high, T)
    return np.asarray(0.5 * (low + high))
