"""A user's measured points of a mixture, checked: temperature, composition, and pressure, vapour composition or activity coefficients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import InputError, did_you_mean

Array = NDArray[np.float64]
FIELDS = ("T", "x", "P", "y", "gamma")
SUM_TOLERANCE = 2e-3


@frozen(eq=False)
class Points:
    """n points of m species: T [K] (n,), x [1] (n, m), and P [Pa] (n,), y [1] (n, m), ln gamma [1] (n, m), NaN where not measured."""

    T: Array
    x: Array
    P: Array
    y: Array
    ln_gamma: Array


def read_points(rows: Sequence[Mapping[str, Any]], ids: tuple[str, ...]) -> Points:
    """Check and gather points.

    Args:
        rows: one mapping a point: ``T`` [K], ``x`` [1], and at least one of ``P`` [Pa], ``y`` [1], ``gamma`` [1]. Compositions and coefficients are sequences in the order of
            ``ids`` or mappings by id; of a binary, one number is that of the first species. ``gamma`` may hold ``None`` where one is not measured.
        ids: species keys.

    Raises:
        InputError: names the row, the field, what was expected and the fix.
    """
    if not rows:
        raise InputError("no points given", where="data", fix="give at least one, as {'T': 350.0, 'x': [0.4, 0.6], 'P': 101325.0}")
    n, m = len(rows), len(ids)
    t, p = np.zeros(n), np.full(n, np.nan)
    x, y, g = np.zeros((n, m)), np.full((n, m), np.nan), np.full((n, m), np.nan)
    for k, row in enumerate(rows):
        where = f"row {k + 1}"
        for name in row:
            if name not in FIELDS:
                raise InputError(f"no field {name!r}", where=where, fix=did_you_mean(str(name), FIELDS) or f"fields are {', '.join(FIELDS)}")
        t[k] = _number(row.get("T"), f"{where}, T", "K")
        x[k] = _fractions(row.get("x"), ids, f"{where}, x")
        if row.get("P") is not None:
            p[k] = _number(row["P"], f"{where}, P", "Pa")
        if row.get("y") is not None:
            y[k] = _fractions(row["y"], ids, f"{where}, y")
        if row.get("gamma") is not None:
            g[k] = [math.nan if v is None else math.log(_number(v, f"{where}, gamma", "1")) for v in _listed(row["gamma"], ids, f"{where}, gamma")]
        if np.isnan(p[k]) and np.isnan(y[k]).all() and np.isnan(g[k]).all():
            raise InputError("nothing measured", where=where, fix="give P, y or gamma")
    return Points(t, x, p, y, g)


def _number(value: Any, where: str, unit: str) -> float:
    """A positive, finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer) or not math.isfinite(value) or value <= 0:
        raise InputError(f"{value!r} given, a positive number in {unit} expected", where=where, fix=f"give a plain number in {unit}")
    return float(value)


def _listed(value: Any, ids: tuple[str, ...], where: str) -> list[Any]:
    """Values in the order of the species."""
    if isinstance(value, Mapping):
        for key in value:
            if key not in ids:
                raise InputError(f"no species {key!r}", where=where, fix=did_you_mean(str(key), ids) or f"species are {', '.join(ids)}")
        return [value.get(key) for key in ids]
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray) or len(value) != len(ids):
        raise InputError(f"{value!r} given, {len(ids)} numbers expected", where=where, fix=f"one each of {', '.join(ids)}")
    return list(value)


def _fractions(value: Any, ids: tuple[str, ...], where: str) -> Array:
    """Mole fractions that sum to one (scaled where they miss it by rounding)."""
    if len(ids) == 2 and isinstance(value, int | float | np.floating) and not isinstance(value, bool):
        value = [value, 1.0 - value]
    numbers = [0.0 if v is None else v for v in _listed(value, ids, where)]
    if any(isinstance(v, bool) or not isinstance(v, int | float | np.floating | np.integer) or not math.isfinite(v) or v < 0 for v in numbers):
        raise InputError(f"{value!r} given, mole fractions between 0 and 1 expected", where=where, fix="give plain numbers")
    total = float(sum(numbers))
    if abs(total - 1.0) > SUM_TOLERANCE:
        raise InputError(f"mole fractions sum to {total:.6g}, 1 expected", where=where, fix="are they per cent, or mass fractions?")
    return np.array(numbers, dtype=float) / total
