"""Checks of what a flash is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chemwright.errors import InputError
from chemwright.thermo.equilibrium.fluid import Array

SUM_TOLERANCE = 1e-6
ABSENT = 1e-100
"""Stands in for zero while a flash runs; set back to zero in its answer."""
T_RANGE, P_RANGE = (1.0, 1e4), (1e-3, 1e11)


def fractions(z: Any, ids: Sequence[str]) -> Array:
    """Mole fractions (n, c) that sum to one.

    Args:
        z: shape (c,) or (n, c); must sum to one within 1e-6.
        ids: c species keys.

    Raises:
        InputError: empty, wrong length, not finite, negative, or another sum.
    """
    try:
        out = np.array(z, dtype=float, ndmin=2)
    except (TypeError, ValueError) as e:
        raise InputError(f"mole fractions are not numbers: {e}", where="z", fix=f"give a number for each of {', '.join(ids)}") from e
    if out.size == 0:
        raise InputError("no mole fractions given", where="z", fix=f"give one for each of {', '.join(ids)}")
    if out.ndim != 2 or out.shape[1] != len(ids):
        raise InputError(f"mole fractions of shape {np.shape(z)} given, {len(ids)} a feed expected", where="z", fix=f"give one for each of {', '.join(ids)}")
    for test, what in ((~np.isfinite(out), "not a finite number"), (out < 0.0, "negative")):
        if np.any(test):
            row, i = (int(v) for v in np.argwhere(test)[0])
            raise InputError(f"mole fraction {out[row, i]!r} of {ids[i]!r} is {what}", where=f"z, feed {row}", fix="give mole fractions from 0 to 1")
    total = np.sum(out, axis=1)
    off = np.flatnonzero(np.abs(total - 1.0) > SUM_TOLERANCE)
    if off.size:
        raise InputError(f"mole fractions sum to {total[off[0]]:.9g}, not to one", where=f"z, feed {off[0]}", fix="divide amounts by their sum first")
    return np.asarray(out / total[:, None])


def condition(value: Any, n: int, name: str) -> Array:
    """Temperatures [K] (name "T") or pressures [Pa] ("P"), shape (n,), from one or n numbers.

    Raises:
        InputError: not a number, wrong length, not positive, beyond what any model here means.
    """
    unit, what, (low, high) = ("K", "temperature", T_RANGE) if name == "T" else ("Pa", "pressure", P_RANGE)
    try:
        out = np.array(value, dtype=float).reshape(-1)
    except (TypeError, ValueError) as e:
        raise InputError(f"{what} {value!r} is not a number", where=name, fix=f"give {unit}") from e
    if out.size not in (1, n):
        raise InputError(f"{out.size} values of {what} for {n} feeds", where=name, fix=f"give one, or one for each of the {n} feeds")
    bad = np.flatnonzero(~(out > 0.0))
    if bad.size:
        raise InputError(f"{what} {out[bad[0]]:.6g} {unit} is not positive", where=name, fix="give kelvin, as degC + 273.15" if unit == "K" else "give pascal, absolute")
    bad = np.flatnonzero(~((out >= low) & (out <= high)))
    if bad.size:
        raise InputError(f"{what} {out[bad[0]]:.6g} {unit} is beyond {low:g} to {high:g} {unit}", where=name, fix=f"check the unit: {unit} expected")
    return np.broadcast_to(out, (n,)).copy()
