"""Other readings of a number that stands apart: in another unit, as a logarithm, per gram, with the decimal point elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from chemwright.knowledge.intake.units import conversions
from chemwright.knowledge.properties import Property
from chemwright.quantity.units import dimension_text, factor

_PER_GRAM = {
    "mass length^2 time^-2 substance^-1": ("J/kg", "J/g", "cal/g"),
    "mass length^2 time^-2 temperature^-1 substance^-1": ("J/(kg K)", "J/(g K)", "cal/(g K)"),
    "length^3 substance^-1": ("m^3/kg", "cm^3/g"),
}
_PER_MOLE = {"length^2 time^-2": ("J/mol", "kJ/mol", "cal/mol"), "length^2 time^-2 temperature^-1": ("J/(mol K)", "cal/(mol K)")}
_SHIFTS = (3, -3, 1, -1, 2, -2, 6, -6)

Reading = tuple[str, str, float]
"""Kind, words, and the number in SI by this reading."""


def explain(number: float, unit: str, value: float, item: Property, molar_mass: float, distance: Callable[[float], float], near: float) -> Reading | None:
    """The likeliest reading by which a number agrees with the others, or None.

    Args:
        number, unit: as written.
        value: in SI by that reading.
        item: the property.
        molar_mass: kg/mol, 0 where unknown.
        distance: robust z of a value in SI from the others.
        near: z that counts as agreement.
    """
    for candidates in (_units(number, unit, item), _logs(number, unit, item), _amounts(number, unit, item, molar_mass), _shifts(value, item)):
        fitting = [(distance(c[2]), rank, c) for rank, c in enumerate(candidates) if math.isfinite(c[2]) and not item.check(c[2])]
        fitting = [f for f in fitting if f[0] <= near]
        if fitting:
            return min(fitting, key=lambda f: (round(f[0], 1), f[1]))[2]
    return None


def _units(number: float, unit: str, item: Property) -> Iterator[Reading]:
    own = factor(unit, item.unit)
    for other, scale, offset in conversions(item.unit):
        if abs(scale / own[0] - 1) < 1e-9 and abs(offset - own[1]) < 1e-9:
            continue
        shown = {"degC": "°C", "degF": "°F"}.get(other, other)
        if other == "degC" and item.unit == "K":
            yield "unit", f"looks as if given in {shown}, not {unit}: {number:.6g} + 273.15", number + 273.15
        elif other != "1":
            yield "unit", f"looks as if given in {shown}, not {'1' if unit in ('', '-') else unit}: {number:.6g} {shown}", number * scale + offset
        else:
            yield "unit", f"looks as if given as a fraction, not in {unit}: {number:.6g}", number


def _logs(number: float, unit: str, item: Property) -> Iterator[Reading]:
    units = dict.fromkeys([unit or item.unit, item.unit, *(u for u, *_ in conversions(item.unit))])
    for other in units if -60 < number < 60 else ():
        scale, offset = factor(other, item.unit)
        if offset == 0.0:
            shown = "" if other == "1" else f" {other}"
            yield "log", f"looks like a log10: 10^{number:.6g}{shown}", 10.0**number * scale
            yield "log", f"looks like a natural logarithm: e^{number:.6g}{shown}", math.exp(number) * scale


def _amounts(number: float, unit: str, item: Property, molar_mass: float) -> Iterator[Reading]:
    dimension = item.dimension or dimension_text(item.unit)
    if molar_mass <= 0:
        return
    for table, power, words in ((_PER_GRAM, 1, "times"), (_PER_MOLE, -1, "over")):
        units = table.get(dimension, ())
        for other in units:
            yield "molar", f"looks as if given in {other}, not {unit}: {number:.6g} {words} the molar mass", number * factor(other, units[0])[0] * molar_mass**power


def _shifts(value: float, item: Property) -> Iterator[Reading]:
    kelvin = item.unit == "K" and item.scatter_kind == "absolute"
    for power in (1, -1) if kelvin else _SHIFTS:
        what = f"looks a factor {10 ** abs(power):,} too {'small' if power > 0 else 'large'}"
        yield "decimal", f"{what}: {value * 10.0**power:.6g}", value * 10.0**power
    if value and (item.low is None or item.low < 0):
        yield "sign", f"looks as if its sign were lost: {-value:.6g}", -value
