"""Quantities of the Open Reaction Database: a number with an enumerated unit, to SI and back."""

from __future__ import annotations

from typing import Any

FACTORS: dict[str, dict[str, float]] = {
    "Time": {"DAY": 86400.0, "HOUR": 3600.0, "MINUTE": 60.0, "SECOND": 1.0},
    "Mass": {"KILOGRAM": 1.0, "GRAM": 1e-3, "MILLIGRAM": 1e-6, "MICROGRAM": 1e-9},
    "Moles": {"MOLE": 1.0, "MILLIMOLE": 1e-3, "MICROMOLE": 1e-6, "NANOMOLE": 1e-9},
    "Volume": {"LITER": 1e-3, "MILLILITER": 1e-6, "MICROLITER": 1e-9, "NANOLITER": 1e-12},
    "Pressure": {
        "BAR": 1e5,
        "ATMOSPHERE": 101325.0,
        "PSI": 6894.757293168,
        "KPSI": 6894757.293168,
        "PASCAL": 1.0,
        "KILOPASCAL": 1e3,
        "TORR": 101325.0 / 760.0,
        "MM_HG": 133.322387415,
    },
    "Length": {"CENTIMETER": 1e-2, "MILLIMETER": 1e-3, "METER": 1.0, "INCH": 0.0254, "FOOT": 0.3048},
}
"""Message and unit to its size in SI (exact by definition, BIPM 2019; psi from lbf and inch)."""
CUSTOMARY = {"Time": "HOUR", "Mass": "GRAM", "Moles": "MILLIMOLE", "Volume": "MILLILITER", "Pressure": "KILOPASCAL", "Temperature": "CELSIUS"}


def single(value: float) -> float:
    """The number that a 4-byte float of the schema was written for: seven digits hold it."""
    return float(f"{value:.7g}")


def to_si(quantity: Any) -> float | None:
    """A quantity message in SI (K, Pa, s, kg, mol, m^3, m); None without a value or unit, or when it is not finite."""
    kind = quantity.DESCRIPTOR.name
    unit = quantity.DESCRIPTOR.fields_by_name["units"].enum_type.values_by_number[quantity.units].name if quantity.units in _numbers(quantity) else "UNSPECIFIED"
    if not quantity.HasField("value") or unit == "UNSPECIFIED" or quantity.value - quantity.value != 0.0:
        return None
    value = single(quantity.value)
    if kind == "Temperature":
        kelvin = {"CELSIUS": value + 273.15, "KELVIN": value, "FAHRENHEIT": (value + 459.67) * 5.0 / 9.0}[unit]
        return _round(kelvin)
    return _round(value * FACTORS[kind][unit])


def _numbers(quantity: Any) -> Any:
    return quantity.DESCRIPTOR.fields_by_name["units"].enum_type.values_by_number


def _round(value: float) -> float:
    """Without the noise of the conversion."""
    return float(f"{value:.9g}")


def fill(quantity: Any, value: float, unit: str = "") -> None:
    """Write an SI number into a quantity message, in its customary unit or the one that stands there already."""
    kind = quantity.DESCRIPTOR.name
    there = _numbers(quantity).get(quantity.units)
    name = unit or (there.name if there is not None and there.name != "UNSPECIFIED" else CUSTOMARY[kind])
    if kind == "Temperature":
        shown = {"CELSIUS": value - 273.15, "KELVIN": value, "FAHRENHEIT": value * 9.0 / 5.0 - 459.67}[name]
    else:
        shown = value / FACTORS[kind][name]
    quantity.value = _round(shown)
    quantity.units = quantity.DESCRIPTOR.fields_by_name["units"].enum_type.values_by_name[name].number
