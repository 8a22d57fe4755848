"""What users write for a number or a level, read into SI; what could be meant in two ways is asked back, never guessed."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from chemwright.errors import InputError, UnitError, did_you_mean
from chemwright.experiment.units import dimension, from_si, spread_to_si, to_si
from chemwright.quantity import Value, split_quantity
from chemwright.record import Objective, Variable

NOTHING = ("", "-", "na", "n/a", "nan", "none", "null", "nd", "n.d.")
"""What stands for a figure that was not measured."""
# units that a bare number is most often meant in by mistake, by the dimension's usual unit
_OTHERS = (
    "K",
    "degC",
    "degF",
    "s",
    "min",
    "hour",
    "1",
    "%",
    "Pa",
    "kPa",
    "MPa",
    "bar",
    "L",
    "mL",
    "mol/m^3",
    "mol/L",
    "mmol/L",
    "mL/min",
    "L/min",
    "L/hour",
    "mm",
    "cm",
    "m",
    "g",
    "kg",
    "mg",
)
NOISE = 0.05
"""Share of its possible range that a figure may lie beyond it: measurements scatter."""
FAR = 1.0
"""Widths of its range that a told setting may lie outside: beyond, a slip of unit is likelier than an experiment."""


def read_quantity(value: Any, unit: str, where: str) -> tuple[float, float | None, bool] | None:
    """An SI number, its standard deviation if told, and whether its unit was written; None where nothing was measured (nan, empty).

    Args:
        value: a number in ``unit``, a text such as ``'85 %'`` or ``'85 +/- 2 %'``, or a :class:`Value`.
        unit: the unit that is meant when none is written.
        where: for messages.

    Raises:
        InputError: no number, or infinity. UnitError: another dimension, an unknown unit.
    """
    if value is None or (isinstance(value, str) and value.strip().lower() in NOTHING):
        return None
    if isinstance(value, Value):
        told = value.to(unit, where=where)
        return to_si(told.value, unit), None if told.std is None else spread_to_si(told.std, unit), True
    if isinstance(value, bool):
        raise InputError(f"{value!r} is no number", where=where, fix="give a number, or a text with number and unit")
    if isinstance(value, Real):
        number = float(value)
        if math.isnan(number):
            return None
        if math.isinf(number):
            raise InputError(f"{value!r} is not a finite number", where=where, fix="give a finite number, or nan where nothing was measured")
        return to_si(number, unit, where), None, False
    if not isinstance(value, str):
        raise InputError(f"{value!r} is no number", where=where, fix="give a number, or a text with number and unit")
    return _from_text(value.strip(), unit, where)


def _from_text(text: str, unit: str, where: str) -> tuple[float, float | None, bool]:
    try:
        if "+/-" in text or "±" in text:
            number, _ = split_quantity(text.split("+/-")[0].split("±")[0], where)
            bare = not any(c.isalpha() or c in "%°" for c in text)
            told = Value.parse(f"{text} {unit}" if bare and unit != "1" else text, where=where)
            if told.unit == "1" and unit != "1" and not bare:
                raise UnitError(f"{text!r} has no unit", where=where, fix=f"write it like '{number:g} +/- 1 {unit}'")
            told = told.to(unit, where=where)
            return to_si(told.value, unit), None if told.std is None else spread_to_si(told.std, unit), not bare
        number, given = split_quantity(text, where)
    except UnitError as error:
        if error.fix and "expected" in error.message:
            raise
        raise InputError(error.message, where=where, fix=error.fix) from None
    if given:
        if dimension(given, where) != dimension(unit):
            raise UnitError(f"{text!r} is given in {given!r}, a unit like {unit!r} is expected", where=where, fix=f"give it in {unit}" if unit != "1" else "give a plain number")
        return to_si(number, given, where), None, True
    return to_si(number, unit, where), None, False


def read_setting(v: Variable, value: Any, where: str, *, strict: bool = False) -> float | str:
    """A setting of an experiment that was made: an SI number, or a level.

    Args:
        v: the variable.
        value: as the user wrote it.
        where: for messages.
        strict: whether it must be one that the campaign may propose (bounds, values).

    Raises:
        InputError: nothing given, an unknown level, a number far outside the range, or one that means two things. UnitError: a wrong unit.
    """
    if v.kind == "categorical":
        level = str(value).strip() if value is not None else ""
        if level in v.levels:
            return level
        folded = {name.casefold(): name for name in v.levels}
        if level.casefold() in folded:
            return folded[level.casefold()]
        near = did_you_mean(level, v.levels)
        raise InputError(
            f"{level!r} is no level of {v.name!r}", where=where, fix=f"{near}; a new level is added to the campaign's file first" if near else "add it to the campaign's file first"
        )
    read = read_quantity(value, v.unit, where)
    if read is None:
        raise InputError(f"no value for {v.name!r}", where=where, fix="every setting of an experiment must be told")
    number, _, written = read
    low, high = (v.values[0], v.values[-1]) if v.kind == "discrete" else (float(v.low or 0.0), float(v.high or 0.0))
    slack = 1e-9 * max(abs(low), abs(high))
    if low - slack <= number <= high + slack:
        if v.kind == "discrete":
            closest = min(v.values, key=lambda x: abs(x - number))
            if abs(closest - number) <= 1e-6 * max(abs(closest), abs(number)):
                return closest
            if strict:
                raise InputError(f"{v.name!r} takes {', '.join(f'{from_si(x, v.unit):g}' for x in v.values[:12])}", where=where, fix="give one of them")
        return number
    _outside(v, value, number, low, high, where, written, strict)
    return number


def _outside(v: Variable, value: Any, number: float, low: float, high: float, where: str, written: bool, strict: bool) -> None:
    """Refuse a number outside the bounds when it is likelier a slip than an experiment.

    Raises:
        InputError: so.
    """
    unit = "" if v.unit == "1" else f" {v.unit}"
    span = f"{from_si(low, v.unit):g} to {from_si(high, v.unit):g}{unit}"
    if not written:
        bare = float(from_si(number, v.unit))
        for other in _OTHERS:
            if other != v.unit and dimension(other) == dimension(v.unit) and low <= to_si(bare, other) <= high:
                raise InputError(
                    f"{value!r} could be {bare:g} {v.unit} or {bare:g} {other}: the first is outside {span}, the second within",
                    where=where,
                    fix=f"write the unit, as in '{bare:g} {other}'",
                )
    if strict:
        raise InputError(f"{value!r} is outside {span}", where=where, fix="give a value within, or widen the bounds in the campaign's file")
    width = high - low if high > low else max(abs(high), abs(low), 1e-300)
    if number < low - FAR * width or number > high + FAR * width:
        raise InputError(f"{value!r} is far outside {span}", where=where, fix="check the unit; if the experiment was made so, widen the bounds in the campaign's file first")


def read_result(o: Objective, value: Any, where: str) -> tuple[float, float | None] | None:
    """A measured figure in SI with its std if told; None where it was not measured (empty, nan).

    Raises:
        InputError: no number, one that can't be, or one that means two things. UnitError: a wrong unit.
    """
    read = read_quantity(value, o.unit, where)
    if read is None:
        return None
    number, std, written = read
    unit = "" if o.unit == "1" else f" {o.unit}"
    if not written and dimension(o.unit) == dimension("1"):
        _fraction(o, value, float(from_si(number, o.unit)), where)
    room = max(4.0 * (std or o.std or 0.0), NOISE * ((o.high - o.low) if o.low is not None and o.high is not None else abs(o.high or o.low or 0.0)))
    for bound, beyond in ((o.low, "below"), (o.high, "above")):
        if bound is not None and (number < bound - room if beyond == "below" else number > bound + room):
            raise InputError(
                f"{value!r} is {beyond} what {o.name!r} can be ({from_si(bound, o.unit):g}{unit})",
                where=where,
                fix="check the number and its unit; a calibration that allows it belongs into low and high of the objective",
            )
    return number, std


def _fraction(o: Objective, value: Any, bare: float, where: str) -> None:
    """A bare number of a percentage that looks like a fraction, or of a fraction that looks like a percentage.

    Raises:
        InputError: so.
    """
    percent = abs(to_si(1.0, o.unit) - 0.01) < 1e-12
    if percent and 0 < bare < 1:
        raise InputError(f"{value!r} could be {bare:g} % or {100 * bare:g} %", where=where, fix=f"write '{bare:g} %' or '{100 * bare:g} %'")
    if not percent and o.high is not None and o.high <= 1.0 and 1.0 < bare <= 100.0:
        raise InputError(f"{value!r} is above 1; {bare:g} % would be {bare / 100:g}", where=where, fix=f"write '{bare:g} %' if that is meant")
