"""Units in which a property is customarily given, by its dimension: what a bare number may have been meant in."""

from __future__ import annotations

from functools import lru_cache

from chemwright.knowledge.properties import Property
from chemwright.quantity.units import dimension_text, factor

_CUSTOMARY = (
    "K", "degC", "degF", "Pa", "kPa", "MPa", "bar", "mbar", "mmHg", "atm", "psi", "kg/m^3", "g/cm^3", "lb/ft^3", "g/L", "mg/L", "J/mol", "kJ/mol", "cal/mol", "kcal/mol", "J/(mol K)", "kJ/(mol K)", "cal/(mol K)",
    "J/kg", "kJ/kg", "MJ/kg", "cal/g", "kcal/kg", "J/(kg K)", "kJ/(kg K)", "cal/(g K)", "Pa s", "mPa s", "P", "uPa s", "m^2/s", "mm^2/s", "cm^2/s", "N/m", "mN/m", "m^3/mol", "cm^3/mol", "L/mol", "m^3/kmol", "kg/mol", "g/mol",
    "W/(m K)", "mW/(m K)", "cal/(cm s K)", "mol/m^3", "mol/L", "mmol/L", "umol/L", "mol/kg", "mmol/kg", "m", "cm", "mm", "um", "nm", "angstrom", "inch", "s", "min", "h", "day", "1", "percent", "m/s", "cm/s", "ft/s", "C m", "debye",
    "Pa^(1/2)", "MPa^(1/2)", "1/s", "1/min", "1/h", "m^2/kg", "m^2/g", "m^3/s", "mL/min", "L/h", "kg/s", "kg/h", "J", "kJ", "kcal", "W", "kW", "V", "mV", "S/m", "mS/cm", "uS/cm",
)  # fmt: skip


@lru_cache(maxsize=1)
def _by_dimension() -> dict[str, tuple[str, ...]]:
    out: dict[str, list[str]] = {}
    for unit in _CUSTOMARY:
        out.setdefault(dimension_text(unit), []).append(unit)
    return {k: tuple(v) for k, v in out.items()}


def customary(item: Property) -> tuple[str, ...]:
    """Customary units of a property's dimension, its own unit among them when it is customary."""
    return _by_dimension().get(item.dimension or dimension_text(item.unit), ())


@lru_cache(maxsize=4096)
def conversions(unit: str) -> tuple[tuple[str, float, float], ...]:
    """(unit, scale, offset) to the SI unit ``unit`` from every customary unit of its dimension."""
    return tuple((u, *factor(u, unit)) for u in _by_dimension().get(dimension_text(unit), ()))
