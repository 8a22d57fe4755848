"""Units at the edge: parsing of quantities and units, bounded, with dimension errors that name the fix.

Pint (BSD) does the arithmetic; it is loaded on first use only and sees names and exponents that the grammar has let through.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from numbers import Real
from typing import Any

from chemwright.errors import UnitError, did_you_mean
from chemwright.quantity.grammar import MAX_TEXT, read_unit

# Nominal exchange rates, US dollars each: rounded averages of 2024, an estimate. A price that matters carries its own currency and a claim.
EXCHANGE = {"EUR": 1.08, "CNY": 0.14}

_NUMBER = re.compile(r"\s*([+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?)(?![0-9.,])")
_MINUS = {0x2212: "-", 0x2013: "-"}  # the minus sign and the dash that word processors make of it
# what the field writes, where Pint reads it otherwise (kt is a knot, C a coulomb, rpm an angle per time) or not at all
_ALIASES = {
    "%": "percent", "M": "molar", "mM": "millimolar", "uM": "micromolar", "kt": "kilotonne", "Mt": "megatonne", "t": "tonne", "h": "hour", "hr": "hour", "hrs": "hour", "a": "year", "yr": "year", "y": "year",
    "cP": "centipoise", "d": "day", "min": "minute", "mins": "minute", "rpm": "turns_per_minute", "Celsius": "degC", "Kelvin": "kelvin", "usd": "USD", "eur": "EUR", "cny": "CNY", "RMB": "CNY",
    "ppmv": "ppm", "ppmw": "ppm", "ppbv": "ppb", "ppbw": "ppb", "bara": "bar", "barg": "bar_gauge", "psia": "psi", "psig": "psi_gauge", "gauss": "gauss_field", "GPU": "gas_permeation_unit", "Barrer": "barrer",
    "eq": "chemical_equivalent", "meq": "millichemical_equivalent",
}  # fmt: skip
# what Pint lacks: gauge pressure counts from 101325 Pa; permeability of membranes by its definition at 273.15 K and 101325 Pa
_DEFINITIONS = (
    "turns_per_minute = 1 / minute",
    "bar_gauge = 1e5 * pascal; offset: 101325",
    "psi_gauge = 6894.757293168361 * pascal; offset: 101325",
    "chemical_equivalent = mole",
    "ppb = 1e-9",
    "gas_permeation_unit = 3.346402e-10 * mole / (meter ** 2 * second * pascal)",
    "barrer = 3.346402e-16 * mole / (meter * second * pascal)",
    "gauss_field = 1e-4 * tesla",
)
_SUGGEST = (
    "kg", "g", "mg", "tonne", "kt", "mol", "mmol", "kmol", "L", "mL", "m", "cm", "mm", "um", "m^3", "s", "min", "hour", "day", "year", "K", "degC", "degF", "kelvin", "Pa", "bar", "kPa", "MPa", "atm", "mbar",
    "mmHg", "barg", "ppb", "J", "kJ", "MJ", "kcal", "W", "kW", "MW", "kWh", "M", "mol/L", "kg/m^3", "percent", "wt%", "ppm", "USD", "EUR", "CNY", "rpm", "N", "liter", "gram", "meter", "minute", "second", "mole", "watt", "joule",
)  # fmt: skip


@lru_cache(maxsize=1)
def registry() -> Any:
    """The Pint registry with the currencies and stirrer speed of the chemical industry."""
    import pint

    ureg: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)
    ureg.define("USD = [currency]")
    for name, rate in EXCHANGE.items():
        ureg.define(f"{name} = {rate} * USD")
    for definition in _DEFINITIONS:
        ureg.define(definition)
    return ureg


def parse_unit(text: str, where: str = "") -> Any:
    """The Pint unit that ``text`` names.

    Raises:
        UnitError: unknown unit (with near misses), malformed or absurd text.
    """
    if not isinstance(text, str):
        raise UnitError(f"{text!r} is not a unit", where=where, fix="give the unit as text, as in 'kg/m^3'")
    return _unit(text, where)


@lru_cache(maxsize=4096)
def _unit(text: str, where: str) -> Any:
    """Names checked one by one first, so that the error names the one that is wrong."""
    factors = read_unit(text, where)
    ureg = registry()
    if not factors:
        return ureg.dimensionless
    import pint

    for name in factors:
        try:
            ureg.parse_units(_ALIASES.get(name, name))
        except pint.errors.UndefinedUnitError:
            within = "" if name == text else f" in {text!r}"
            raise UnitError(f"unknown unit {name!r}{within}", where=where, fix=did_you_mean(name, _SUGGEST)) from None
        except Exception:  # Pint raises many kinds on odd names; all mean the same to the user
            raise UnitError(f"can't read the unit {text!r}", where=where, fix=did_you_mean(name, _SUGGEST)) from None
    terms = [_ALIASES.get(name, name) + ("" if exponent == 1.0 else f"**({exponent:.12g})") for name, exponent in factors.items() if exponent != 0.0]
    try:
        return ureg.parse_units("*".join(terms)) if terms else ureg.dimensionless
    except Exception:
        raise UnitError(f"can't read the unit {text!r}", where=where, fix="write it like 'kg/m^3', 'mol/(L min)' or 'degC'") from None


@lru_cache(maxsize=4096)
def factor(unit: str, target: str, where: str = "") -> tuple[float, float]:
    """Scale and offset so that ``x[target] = scale * x[unit] + offset``.

    Raises:
        UnitError: when the two have different dimensions; both are named.
    """
    a, b = parse_unit(unit, where), parse_unit(target, where)
    if a == b:
        return 1.0, 0.0
    if a.dimensionality != b.dimensionality:
        given, wanted = (_dimension(u) for u in (a, b))
        hint = "; C is the coulomb, write degC for the temperature" if unit.strip() == "C" else ""
        raise UnitError(f"unit {unit!r} is {given}, expected {wanted}", where=where, fix=f"give it in a unit like {target!r}{hint}")
    quantity, reach = registry().Quantity, 2.0**20  # a long lever keeps the scale exact to rounding where there is an offset
    try:
        zero = float(quantity(0.0, a).to(b).magnitude)
        scale = float(quantity(1.0, a).to(b).magnitude) if zero == 0.0 else (float(quantity(reach, a).to(b).magnitude) - zero) / reach
    except Exception:  # over- and underflow, and offset units in products that Pint refuses
        raise UnitError(f"can't convert {unit!r} to {target!r}", where=where, fix=f"give it in a unit like {target!r}") from None
    if not (math.isfinite(scale) and math.isfinite(zero)) or scale == 0.0:
        raise UnitError(f"can't convert {unit!r} to {target!r}: the factor leaves the range of numbers", where=where, fix=f"give it in a unit like {target!r}")
    return _clean(scale), zero


def _clean(scale: float) -> float:
    """A conversion factor without the rounding noise of its making: 0.001 for 0.0010000000000000002, 1/3600 as one division."""
    for short in (float(f"{scale:.12g}"), 1.0 / float(f"{1.0 / scale:.12g}") if abs(scale) > 1e-300 else scale):
        if abs(short - scale) <= 1e-15 * abs(scale):
            return short
    return scale


def _dimension(unit: Any) -> str:
    """The dimension of a Pint unit in words, as ``a [mass] / [time]``."""
    text = str(unit.dimensionality)
    return "a pure number" if text == "dimensionless" else text


_BASE = ("mass", "length", "time", "temperature", "substance", "current", "luminosity", "currency")


@lru_cache(maxsize=4096)
def dimension_text(unit: str, where: str = "") -> str:
    """The dimension of a unit as powers of base dimensions in a fixed order: ``mass length^-3``; ``none`` for a pure number.

    Raises:
        UnitError: a unit that can't be read.
    """
    powers = {key.strip("[]"): float(power) for key, power in parse_unit(unit, where).dimensionality.items()}
    names = [*(n for n in _BASE if n in powers), *sorted(set(powers) - set(_BASE))]
    return " ".join(n if powers[n] == 1.0 else f"{n}^{powers[n]:.6g}" for n in names) or "none"


def convert(value: float, unit: str, target: str, where: str = "") -> float:
    """``value`` in ``unit`` as a number in ``target``.

    Raises:
        UnitError: different dimension, or a result that is not finite.
    """
    scale, offset = factor(unit, target, where)
    out = value * scale + offset
    if isinstance(out, float) and not math.isfinite(out):
        raise UnitError(f"{value!r} {unit} in {target!r} is not a finite number", where=where, fix="give a finite number of ordinary size")
    return out


def split_quantity(text: str, where: str = "") -> tuple[float, str]:
    """``'10 kt/year'`` as ``(10.0, 'kt/year')``; the unit is not yet checked.

    Raises:
        UnitError: no number in front, not finite, or text too long.
    """
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise UnitError("a quantity is a short text such as '10 kt/year'", where=where, fix="give number and unit in one text")
    match = _NUMBER.match(text.translate(_MINUS))
    if match is None:
        raise UnitError(f"no number in front of {text!r}", where=where, fix="write number, space, unit, as in '50 degC' (decimal point, not comma)")
    number = float(match.group(1))
    if not math.isfinite(number):
        raise UnitError(f"{text!r} is not a finite number", where=where, fix="give a finite number")
    return number, text[match.end() :].strip()


def si(text: str | float, unit: str, where: str = "") -> float:
    """Number of ``text`` (``'50 degC'``, or a bare number already in ``unit``) in ``unit``, dimension-checked.

    Raises:
        UnitError: unknown unit or wrong dimension, naming the expected unit.
    """
    if isinstance(text, Real) and not isinstance(text, bool):
        number = float(text)
        if not math.isfinite(number):
            raise UnitError(f"{text!r} is not a finite number", where=where, fix="give a finite number")
        return number
    if not isinstance(text, str):
        raise UnitError(f"{text!r} is not a quantity", where=where, fix=f"give a text such as '1 {unit}'")
    number, given = split_quantity(text, where)
    if given == "" and parse_unit(unit) != registry().dimensionless:
        raise UnitError(f"{text!r} has no unit", where=where, fix=f"add a unit like {unit!r}")
    return convert(number, given, unit, where)
