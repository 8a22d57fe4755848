"""Numbers of rate laws in a TOML file: values with units, energies, and how free each is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from chemwright.errors import InputError, UnitError, did_you_mean
from chemwright.kinetics.laws.number import DECADE, Number
from chemwright.kinetics.reactor_toml import known_keys, quantity
from chemwright.quantity import si

DECADES = 1.5  # prior width of a rate or adsorption constant that the file says nothing of
ENERGY_STD = 2e4  # J/mol, likewise of an activation energy
HEAT_STD = 1.5e4  # J/mol, of a heat of adsorption


@define
class Numbers:
    """Collects the numbers of a file while its laws are read.

    Args:
        temperature: reference where a number names none, K; ``None``: it must name one when it has an energy.
        found: by name.
    """

    temperature: float | None
    found: dict[str, Number] = field(factory=dict)

    def constant(self, given: Any, name: str, unit: str, shown: str, where: str, *, slope: str = "Ea", free: bool = True) -> str:
        """Read a positive constant and return its name.

        Args:
            given: text with unit, or a table with ``value`` and ``at``, the slope, ``decades`` or ``factor`` or ``fixed``, ``name``, or ``same_as`` alone.
            name: unless the table gives one.
            unit, shown: SI unit, and the unit that a chemist writes.
            where: for errors.
            slope: ``Ea`` or ``dH``.
            free: whether it is free when the file does not say.

        Raises:
            InputError, UnitError: malformed, unknown key, out of range.
        """
        part = given if isinstance(given, dict) else {"value": given}
        if "same_as" in part:
            known_keys(part, ("same_as",), ("same_as",), where)
            return self.same(part["same_as"], where)
        known_keys(part, ("value", "at", slope, f"{slope}_std", "decades", "factor", "fixed", "name"), ("value",), where)
        name = _text(part.get("name", name), f"{where}.name")
        value = positive(part["value"], unit, shown, where)
        std = _width(part, where, free)
        fixed = std == 0
        energy = quantity(part[slope], "J/mol", f"{where}.{slope}", low=-1e7, high=1e7, example="50 kJ/mol") if slope in part else None
        energy_std = 0.0
        if energy is not None and not fixed:
            energy_std = ENERGY_STD if slope == "Ea" else HEAT_STD
        if f"{slope}_std" in part:
            if energy is None:
                raise InputError(f"{slope}_std without {slope}", where=where, fix=f'add {slope} = "50 kJ/mol"')
            energy_std = quantity(part[f"{slope}_std"], "J/mol", f"{where}.{slope}_std", low=0.0, high=1e7, example="10 kJ/mol")
        at = quantity(part["at"], "K", f"{where}.at", low=10.0, high=5000.0, example="333 K") if "at" in part else self.temperature
        if energy is not None and at is None:
            raise InputError(f"has {slope!r} and no temperature that its value belongs to", where=where, fix='add at = "333 K", or temperature = "333 K" for all')
        return self.add(Number(name, value, std, True, energy, energy_std, at or 298.15), where)

    def plain(self, given: Any, name: str, where: str, *, low: float, high: float, std: float) -> float | str:
        """A number without unit: itself where it is fixed, its name where it is fitted (``"free"``, or ``{ start = 1.0, std = 0.5 }``)."""
        if isinstance(given, int | float) and not isinstance(given, bool):
            return _bounded(given, low, high, where)
        if given == "free":
            given = {"start": 1.0}
        if not isinstance(given, dict):
            raise InputError(f"{given!r} is no number", where=where, fix='give a number, "free", or { start = 1.0, std = 0.5 }')
        if "same_as" in given:
            known_keys(given, ("same_as",), ("same_as",), where)
            return self.same(given["same_as"], where)
        known_keys(given, ("start", "std", "name"), ("start",), where)
        start = _bounded(given["start"], low, high, f"{where}.start")
        width = _bounded(given.get("std", std), 1e-9, 1e3, f"{where}.std")
        return self.add(Number(_text(given.get("name", name), where), start, width, False), where)

    def add(self, number: Number, where: str) -> str:
        """Keep a number; its name must be new."""
        if number.name in self.found:
            raise InputError(f"the number {number.name!r} is given twice", where=where, fix=f'write {{ same_as = "{number.name}" }}, or give another name')
        self.found[number.name] = number
        return number.name

    def same(self, name: Any, where: str) -> str:
        """A number that stands further up."""
        if not isinstance(name, str) or name not in self.found:
            raise InputError(f"no number {name!r} stands above", where=where, fix=did_you_mean(str(name), self.found))
        return name


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 60 or not value.isprintable():
        raise InputError(f"{value!r} is no name", where=where, fix='write a short text, as in name = "k_a"')
    return value


def _bounded(value: Any, low: float, high: float, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"{value!r}, expected a number from {low:g} to {high:g}", where=where, fix="give such a number")
    return float(value)


def _width(part: Mapping[str, Any], where: str, free: bool) -> float:
    """Prior standard deviation of the logarithm."""
    told = [k for k in ("decades", "factor", "fixed") if k in part]
    if len(told) > 1:
        raise InputError(f"{' and '.join(told)} together", where=where, fix="say one of them")
    if "fixed" in part:
        if not isinstance(part["fixed"], bool):
            raise InputError(f"fixed = {part['fixed']!r}", where=where, fix="write true or false")
        return 0.0 if part["fixed"] else DECADES * DECADE
    if "decades" in part:
        return _bounded(part["decades"], 1e-6, 20.0, f"{where}.decades") * DECADE
    if "factor" in part:
        return math.log(_bounded(part["factor"], 1.0 + 1e-9, 1e20, f"{where}.factor"))
    return DECADES * DECADE if free else 0.0


def positive(value: Any, unit: str, shown: str, where: str) -> float:
    """A positive number with its dimension checked; errors name the unit that a chemist writes."""
    if unit == "1" and isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value!r}"
    like = f"give a text like '1 {shown}'" if shown != "1" else "give a pure number"
    if not isinstance(value, str):
        raise InputError(f"{value!r} has no unit", where=where, fix=like)
    try:
        number = si(value, unit, where)
    except UnitError as error:
        known = error.message.split(", expected")[0]
        raise UnitError(f"{known}, expected {'a unit like ' + repr(shown) if shown != '1' else 'a pure number'}", where=where, fix=like) from None
    if not number > 0:
        raise InputError(f"{value!r} is not above 0", where=where, fix="give a positive number, or leave the term out")
    return number
