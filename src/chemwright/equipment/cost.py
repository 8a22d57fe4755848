"""Capital cost: purchase-cost correlations, installation factors and the yearly charge, written once for numpy and CasADi."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.equipment.checks import require_positive
from chemwright.errors import InputError
from chemwright.model.lower import exp, is_symbolic, log1p

BASIS_INDEX = 532.9
"""CEPCI of January 2010, the basis of the purchase costs in ``Towler2013``."""


@frozen
class CostRow:
    """One purchase-cost correlation ``Ce = a + b S^n`` in USD, US Gulf Coast, January 2010.

    Args:
        equipment: key, as in ``double_pipe_exchanger``.
        name: as a person writes it.
        size_name: what the size S is, as in ``area``.
        unit: unit of S (not always SI: pumps are in L/s, refrigerators in kW).
        size_min: lower end of the range the correlation was made for, in ``unit``.
        size_max: upper end, in ``unit``.
        a: constant, USD.
        b: coefficient, USD/unit^n.
        n: exponent.
        hand_factor: installed over purchased cost (Hand 1958, as reprinted by Towler and Sinnott).
        material: material the purchase cost is for.
        note: what a reader must know.
        source: id of a :class:`~chemwright.record.Source`.
    """

    equipment: str
    name: str
    size_name: str
    unit: str
    size_min: float = field(converter=float)
    size_max: float = field(converter=float)
    a: float = field(converter=float)
    b: float = field(converter=float)
    n: float = field(converter=float)
    hand_factor: float = field(converter=float)
    material: str = "carbon steel"
    note: str = ""
    source: str = ""

    def __attrs_post_init__(self) -> None:
        if not all(np.isfinite([self.size_min, self.size_max, self.a, self.b, self.n, self.hand_factor])):
            raise InputError("a cost correlation needs finite numbers", where=self.equipment, fix="check the row")
        if not 0 <= self.size_min < self.size_max:
            raise InputError(f"size range {self.size_min:g} to {self.size_max:g} {self.unit}", where=self.equipment, fix="give 0 <= size_min < size_max")
        if self.b <= 0 or self.n <= 0:
            raise InputError(f"b = {self.b:g}, n = {self.n:g}, both > 0 expected", where=self.equipment, fix="cost grows with size")
        if self.hand_factor < 1:
            raise InputError(f"hand_factor = {self.hand_factor:g}, at least 1 expected", where=self.equipment, fix="installed cost holds the purchase cost")


def purchase_cost(row: CostRow, S: Any, index: Any = 1.0) -> Any:
    """Purchase cost ``index (a + b S^n)`` of one item, smooth in S > 0 and also used outside the range (see :func:`in_range`).

    Args:
        row: the correlation.
        S: size in ``row.unit``, float, array or CasADi symbol.
        index: cost index of the wanted year over that of January 2010 (claim ``cost_index.2025_2010``), [-].

    Returns:
        USD of the year of ``index``, in the shape of S, in ``row.material``, at the US Gulf Coast.

    Raises:
        InputError: S or index is not > 0 (symbols are not checked).

    Source: Towler and Sinnott 2013, chapter 7, Table 7.2.
    """
    require_positive(f"purchase_cost({row.equipment})", S=S, index=index)
    return index * (row.a + row.b * S**row.n)


def in_range(row: CostRow, S: Any) -> Any:
    """Whether size S, in ``row.unit``, lies in the range of the correlation; False means the cost is extrapolated.

    Returns:
        bool, or a boolean array in the shape of S. Numbers only: raises InputError on a CasADi symbol.
    """
    if is_symbolic(S):
        raise InputError("the range can't be told for a symbol", where=f"in_range({row.equipment})", fix="call it on the solved number")
    size = np.asarray(S, dtype=float)
    inside = (size >= row.size_min) & (size <= row.size_max)
    return bool(inside) if inside.ndim == 0 else inside


def installed_cost(row: CostRow, S: Any, index: Any = 1.0, material_factor: Any = 1.0) -> Any:
    """Installed cost of one item: purchase cost times ``hand_factor + material_factor - 1``.

    The factor of Hand holds for carbon steel; a dearer material is charged on the bare item alone, while piping and
    erection keep their share (they rise too where they see the fluid, so this is a low estimate for alloy piping).

    Args:
        row: the correlation.
        S: size in ``row.unit``, float, array or CasADi symbol.
        index: cost index ratio, as in :func:`purchase_cost`.
        material_factor: cost of the bare item in the chosen material over ``row.material``, [-] (304 stainless steel over carbon steel: 1.3).

    Returns:
        USD of the year of ``index``, in the shape of S.

    Raises:
        InputError: an argument is not > 0.

    Source: Hand 1958, factors as reprinted by Towler and Sinnott 2013, chapter 7.
    """
    require_positive(f"installed_cost({row.equipment})", material_factor=material_factor)
    return purchase_cost(row, S, index) * (row.hand_factor + material_factor - 1.0)


def capital_recovery_factor(rate: Any, years: Any) -> Any:
    """Yearly payment over capital, ``i / (1 - (1 + i)^-N)``; tends to 1/N as i goes to 0 and to i as N grows.

    Args:
        rate: effective interest i per year, [1/year], >= 0 for numbers, > 0 for CasADi symbols.
        years: number of yearly payments N at the end of each year, [year], > 0.

    Returns:
        [1/year], in the broadcast shape of the arguments.

    Raises:
        InputError: negative or non-finite rate, years not > 0.
    """
    require_positive("capital_recovery_factor", years=years)
    if is_symbolic(rate, years):
        return rate / (1.0 - exp(-years * log1p(rate)))
    i, n = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(years, dtype=float))
    if not (np.isfinite(i) & (i >= 0)).all():
        raise InputError(f"rate = {rate!r}, a finite number >= 0 expected", where="capital_recovery_factor", fix="give 0.12 for 12 % a year")
    safe = np.where(i > 0, i, 1.0)
    out = np.where(i > 0, safe / -np.expm1(-n * np.log1p(safe)), 1.0 / n)
    return float(out) if out.ndim == 0 else out


def annualise(capital: Any, rate: Any, years: Any) -> Any:
    """Capital as an equal yearly charge: ``capital`` times :func:`capital_recovery_factor`.

    Args:
        capital: USD.
        rate: effective interest, [1/year].
        years: years of recovery, [year].

    Returns:
        USD/year.

    Raises:
        InputError: as :func:`capital_recovery_factor`.
    """
    return capital * capital_recovery_factor(rate, years)
