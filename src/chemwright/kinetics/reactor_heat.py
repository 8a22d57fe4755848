"""Heat in a reactor file: mode, heat capacities, enthalpies and jacket, read into :class:`chemwright.model.heat.Heat`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.reactor_reaction import KineticReaction
from chemwright.kinetics.reactor_toml import known_keys, quantity, table
from chemwright.model.heat import Heat
from chemwright.model.protocol import Array

MODES = ("isothermal", "adiabatic", "jacketed")
DIRECTIONS = ("co", "counter")


def read_mode(part: dict[str, Any], where: str) -> str:
    """The mode of the ``[reactor]`` table.

    Raises:
        InputError: unknown mode, or a temperature where it follows from the heat balance.
    """
    mode = part.get("mode", "isothermal")
    if not isinstance(mode, str) or mode not in MODES:
        fix = (did_you_mean(mode, MODES) if isinstance(mode, str) else "") or 'write mode = "adiabatic"'
        raise InputError(f"mode {mode!r} is unknown, expected isothermal, adiabatic or jacketed", where=f"{where} mode", fix=fix)
    if mode != "isothermal" and "temperature" in part:
        raise InputError(
            f"mode {mode!r}: 'temperature' does not belong here, it follows from the heat balance", where=where, fix='give [feed] temperature, or write mode = "isothermal"'
        )
    return mode


def check_isothermal(data: dict[str, Any], name: str) -> None:
    """Refuse heat data that an isothermal reactor would not use.

    Raises:
        InputError: naming the table or key.
    """
    feed = data["feed"] if isinstance(data["feed"], dict) else {}
    stray = ["[jacket]"] if "jacket" in data else [f"[feed] {k}" for k in ("temperature", "heat_capacity") if k in feed]
    if stray:
        raise InputError(f"{stray[0]} is not used by an isothermal reactor", where=name, fix='add mode = "adiabatic" or "jacketed" to [reactor], or leave it out')


def read_heat(data: dict[str, Any], mode: str, kind: str, size: float, flow: float, name: str) -> dict[str, float | bool]:
    """The ``[jacket]`` table as the exchange part of :class:`Heat`: ``ua``, ``jacket``, ``capacity``, ``counter``.

    Args:
        data: the whole file.
        mode, kind: of the reactor.
        size: volume in m^3 (batch: time).
        flow: feed, m^3/s.
        name: of the file.

    Raises:
        InputError: no jacket where one is needed, one where none is, missing or out-of-range numbers; UnitError: wrong dimension.
    """
    where = f"{name} [jacket]"
    if mode == "adiabatic":
        if "jacket" in data:
            raise InputError("an adiabatic reactor has no jacket", where=where, fix='write mode = "jacketed", or leave [jacket] out')
        return {}
    if "jacket" not in data:
        raise InputError("a jacketed reactor needs a [jacket]", where=name, fix='add [jacket] with UA_per_volume = "5 kW/(m^3 K)" and temperature = "310 K"')
    part = table(data, "jacket", name)
    known_keys(part, ("UA", "UA_per_volume", "flow", "heat_capacity", "temperature", "direction"), ("temperature",), where)
    if ("UA" in part) == ("UA_per_volume" in part):
        raise InputError("give one of 'UA' and 'UA_per_volume'", where=where, fix='as in UA_per_volume = "5 kW/(m^3 K)"')
    if "UA" in part and (kind == "batch" or size == 0.0):
        raise InputError("'UA' needs a volume, and there is none", where=f"{where} UA", fix='give UA_per_volume = "5 kW/(m^3 K)"')
    if "UA" in part:
        ua = quantity(part["UA"], "W/K", f"{where} UA", low=0.0) / size
    else:
        ua = quantity(part["UA_per_volume"], "W/(m^3 K)", f"{where} UA_per_volume", low=0.0)
    temperature = quantity(part["temperature"], "K", f"{where} temperature", low=100.0, high=3000.0)
    capacity, counter = _coolant(part, kind, flow, where)
    return {"ua": ua, "jacket": temperature, "capacity": capacity, "counter": counter}


def _coolant(part: dict[str, Any], kind: str, flow: float, where: str) -> tuple[float, bool]:
    """Heat capacity flow of the jacket over the feed's volume flow (J/(m^3 K)), and whether it flows against the feed."""
    if "flow" not in part:
        for key in ("heat_capacity", "direction"):
            if key in part:
                raise InputError(f"{key!r} without 'flow'", where=where, fix=f'add flow = "2 kg/s", or leave {key!r} out: a jacket of constant temperature')
        return math.inf, False
    if kind == "batch":
        raise InputError("the jacket of a batch has a constant temperature", where=f"{where} flow", fix="leave 'flow' out")
    if "heat_capacity" not in part:
        raise InputError("'heat_capacity' is missing beside 'flow'", where=where, fix='add heat_capacity = "4180 J/(kg K)"')
    if kind == "cstr" and "direction" in part:
        raise InputError("the jacket of a stirred tank is well mixed and has no direction", where=f"{where} direction", fix="leave 'direction' out")
    direction = part.get("direction", "co")
    if direction not in DIRECTIONS:
        raise InputError(f"direction {direction!r}, expected 'co' or 'counter'", where=f"{where} direction", fix='write direction = "counter"')
    amount = _positive(part["flow"], "kg/s", f"{where} flow") * _positive(part["heat_capacity"], "J/(kg K)", f"{where} heat_capacity")
    return amount / flow, direction == "counter"


def _positive(value: Any, unit: str, where: str) -> float:
    number = quantity(value, unit, where, low=0.0)
    if number == 0.0:
        raise InputError(f"{value!r} is 0, above 0 expected", where=where, fix=f"give a value like '1 {unit}'")
    return number


def read_heat_capacity(given: Any, species: Sequence[str], feed: Sequence[float], where: str) -> tuple[float, tuple[float, ...]]:
    """Heat capacity of the feed as ``stream`` (J/(m^3 K)) and ``species`` (J/(mol K)) of :class:`Heat`.

    Args:
        given: a text (per mole of all feed together, then constant per volume) or a table with every species.
        species: ids.
        feed: concentrations, mol/m^3.
        where: place, for errors.

    Raises:
        InputError: a species missing or unknown, a value not above 0, or a feed that holds nothing; UnitError: wrong dimension.
    """
    total = float(np.sum(feed))
    if total == 0.0:
        raise InputError("the feed holds nothing, so it has no heat capacity", where=where, fix="give a concentration above 0, solvent included")
    if not isinstance(given, dict):
        return total * _positive(given, "J/(mol K)", where), (0.0,) * len(species)
    for key in given:
        if key not in species:
            raise InputError(f"unknown species {key!r}", where=where, fix=did_you_mean(key, species))
    for key in species:
        if key not in given:
            raise InputError(f"no heat capacity of {key!r}", where=where, fix=f'add {key} = "140 J/(mol K)"')
    return 0.0, tuple(_positive(given[s], "J/(mol K)", f"{where}.{s}") for s in species)


def enthalpies(kinetics: Sequence[KineticReaction], stoichiometry: Array, cp: Sequence[float], temperature: float, name: str) -> tuple[float, ...]:
    """Reaction enthalpies (J/mol) at the feed's temperature, by Kirchhoff's law where the species' heat capacities are known.

    Raises:
        InputError: a reaction without dH.
    """
    out = []
    for k, nu in zip(kinetics, stoichiometry, strict=True):
        if k.enthalpy is None:
            raise InputError("'dH' is missing, the heat balance needs it", where=f"{name} reaction {k.reaction.id}", fix='add dH = "-50 kJ/mol" to the reaction')
        value, at = k.enthalpy
        out.append(value + float(nu @ np.array(cp)) * (temperature - at))
    return tuple(out)


def make_heat(stream: float, species: tuple[float, ...], enthalpy: tuple[float, ...], exchange: dict[str, Any]) -> Heat:
    """The parts together."""
    return Heat(enthalpy, stream, species, **exchange)
