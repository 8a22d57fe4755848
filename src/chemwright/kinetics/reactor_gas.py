"""A gas in a reactor file: its feed by pressure and make-up, a batch's constant volume or pressure, and the packed bed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import InputError, UnitError, did_you_mean
from chemwright.kinetics.rates import GAS_CONSTANT
from chemwright.kinetics.reactor_toml import known_keys, quantity, table
from chemwright.model.gas import ergun
from chemwright.model.heat import Heat
from chemwright.model.protocol import Array

PHASES = ("liquid", "gas")
CONSTANT = ("volume", "pressure")
MAKE_UP = ("concentration", "mole_fraction", "molar_flow")
PRESSURES = (1.0, 1e9)  # Pa
AGREE = 1e-3  # largest relative gap of a pressure that is given beside concentrations
BED = ("particle_diameter", "voidage", "viscosity", "diameter", "area", "density", "molar_mass", "catalyst_density")


@frozen
class Feed:
    """A feed in SI: flow (m^3/s at feed conditions, 0 for a batch), concentrations (mol/m^3), temperature (K), pressure (Pa; 0 of a liquid)."""

    flow: float
    fed: dict[str, float]
    temperature: float
    pressure: float = 0.0


@frozen
class Bed:
    """A packed bed: fall of (P/P_in)^2 per s of V/Q_in, and mass of catalyst per volume of bed (kg/m^3), 0 when rates are per volume."""

    drop: float
    bulk: float = 0.0


def read_phase(part: dict[str, Any], kind: str, where: str) -> tuple[str, bool]:
    """Phase of the ``[reactor]`` table, and whether it is a batch of gas in a rigid vessel (which it is unless told).

    Raises:
        InputError: unknown phase, or ``constant`` where it does not belong.
    """
    if "pressure_drop" in part:
        raise InputError("'pressure_drop' is no key", where=where, fix="describe the [bed]: particle_diameter, voidage, viscosity, diameter, molar_mass")
    phase = _choice(part, "phase", PHASES, "liquid", where)
    if "constant" in part and (phase != "gas" or kind != "batch"):
        raise InputError("'constant' belongs to a batch of gas", where=f"{where} constant", fix="leave it out")
    return phase, phase == "gas" and kind == "batch" and _choice(part, "constant", CONSTANT, "volume", where) == "volume"


def _choice(part: dict[str, Any], key: str, allowed: tuple[str, ...], default: str, where: str) -> str:
    value = part.get(key, default)
    if not isinstance(value, str) or value not in allowed:
        near = did_you_mean(value, allowed) if isinstance(value, str) else ""
        raise InputError(f"{key} {value!r} is unknown, expected {' or '.join(allowed)}", where=f"{where} {key}", fix=near or f'write {key} = "{default}"')
    return value


def species_table(given: dict[str, Any], unit: str, where: str, example: str) -> dict[str, float]:
    """Numbers of species, >= 0, by name.

    Raises:
        InputError: a name that can't be a species, a number out of range; UnitError: wrong dimension.
    """
    for name in given:
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_\-']*", name) is None:
            raise InputError(f"{name!r} can't name a species", where=where, fix="begin with a letter, go on with letters, digits, _ or -")
    if unit != "1":
        return {s: quantity(v, unit, f"{where}.{s}", low=0.0, example=example) for s, v in given.items()}
    out = {}
    for s, v in given.items():
        if isinstance(v, bool) or not isinstance(v, int | float) or not 0 <= v <= 1:
            raise InputError(f"{v!r} is no fraction between 0 and 1", where=f"{where}.{s}", fix=f"give a bare number like {example}")
        out[s] = float(v)
    return out


def read_gas_feed(part: dict[str, Any], kind: str, temperature: float, heat: bool, where: str) -> Feed:
    """The ``[feed]`` table of a gas.

    Args:
        part: the table.
        kind: of the reactor.
        temperature: of an isothermal reactor, K; not used with heat, where the feed has its own.
        heat: whether the temperature changes.
        where: place, for errors.

    Raises:
        InputError: make-up missing or given twice, fractions that do not sum to 1, a pressure that contradicts the concentrations,
            missing, unknown or out-of-range keys; UnitError: wrong dimension.
    """
    given = [k for k in MAKE_UP if k in part]
    if len(given) != 1:
        what = "no make-up" if not given else " and ".join(repr(k) for k in given)
        raise InputError(f"{what} of the gas, one of 'mole_fraction', 'molar_flow' and 'concentration' expected", where=where, fix="give one of them")
    (key,) = given
    if key == "molar_flow" and kind == "batch":
        raise InputError("a batch has no flow", where=f"{where} molar_flow", fix="give mole_fraction and pressure")
    if "flow" in part and (kind == "batch" or key == "molar_flow"):
        raise InputError("a batch has no flow" if kind == "batch" else "'flow' beside 'molar_flow'", where=where, fix="leave 'flow' out")
    needed = (
        [key]
        + (["pressure"] if key != "concentration" else [])
        + (["flow"] if kind != "batch" and key != "molar_flow" else [])
        + (["temperature", "heat_capacity"] if heat else [])
    )
    known_keys(part, (*needed, "pressure"), needed, where)
    if heat:
        temperature = quantity(part["temperature"], "K", f"{where} temperature", low=100.0, high=3000.0)
    unit, example = {"concentration": ("mol/m^3", "0.02 mol/L"), "mole_fraction": ("1", "0.5"), "molar_flow": ("mol/s", "2 mol/s")}[key]
    amounts = species_table(table(part, key, where), unit, f"{where} {key}", example)
    total = sum(amounts.values())
    if not total > 0:
        raise InputError("the feed holds nothing", where=f"{where} {key}", fix=f"give at least one species a number above 0, as {example}")
    if key == "mole_fraction" and abs(total - 1) > 1e-6:
        raise InputError(f"the mole fractions sum to {total:g}, 1 expected", where=f"{where} mole_fraction", fix="name the inert gas too, or scale them")
    pressure = quantity(part["pressure"], "Pa", f"{where} pressure", low=PRESSURES[0], high=PRESSURES[1], example="5 bar") if "pressure" in part else 0.0
    follows = total * GAS_CONSTANT * temperature
    if key == "concentration":
        if pressure and abs(pressure / follows - 1) > AGREE:
            raise InputError(
                f"pressure {pressure:g} Pa, but the concentrations make {follows:g} Pa as an ideal gas",
                where=f"{where} pressure",
                fix="leave the pressure out, or give mole_fraction",
            )
        pressure = follows
    molar = pressure / (GAS_CONSTANT * temperature)
    fed = {s: v / total * molar for s, v in amounts.items()}
    flow = 0.0 if kind == "batch" else total / molar if key == "molar_flow" else _flow(part["flow"], molar, f"{where} flow")
    return Feed(flow, fed, temperature, pressure)


def _flow(given: Any, molar: float, where: str) -> float:
    """Volume flow (m^3/s) from one by volume, at the feed's conditions, or by moles."""
    try:
        flow = quantity(given, "m^3/s", where, low=0.0)
    except UnitError as error:
        try:
            flow = quantity(given, "mol/s", where, low=0.0) / molar
        except UnitError:
            raise UnitError(error.message, where=where, fix="give a flow by volume ('2 m^3/h', at the feed's conditions) or by moles ('2 mol/s')") from None
    if flow == 0.0:
        raise InputError("the flow is 0, above 0 expected", where=where, fix='give a flow, as in "2 mol/s", or use type = "batch"')
    return flow


def read_bed(data: dict[str, Any], kind: str, phase: str, volume: float, feed: Feed, name: str) -> Bed | None:
    """The ``[bed]`` table, ``None`` without one; Ergun's equation at the feed's conditions.

    Args:
        data: the whole file.
        kind, phase: of the reactor.
        volume: of the bed, m^3.
        feed: read before.
        name: of the file.

    Raises:
        InputError: a bed where none can be, a missing, unknown or out-of-range key; UnitError: wrong dimension.
    """
    if "bed" not in data:
        return None
    where = f"{name} [bed]"
    if kind != "pfr" or phase != "gas":
        raise InputError("a bed needs plug flow of a gas", where=where, fix='write type = "pfr" and phase = "gas", or leave [bed] out')
    part = table(data, "bed", name)
    known_keys(part, BED, ("particle_diameter", "voidage", "viscosity"), where)
    for pair in (("diameter", "area"), ("density", "molar_mass")):
        if sum(k in part for k in pair) != 1:
            raise InputError(
                f"give one of {pair[0]!r} and {pair[1]!r}",
                where=where,
                fix={"area": 'as in diameter = "5 cm"', "molar_mass": 'as in molar_mass = "29 g/mol" (mean of the feed)'}[pair[1]],
            )
    particle = quantity(part["particle_diameter"], "m", f"{where} particle_diameter", low=1e-6, high=1.0, example="3 mm")
    voidage = part["voidage"]
    if isinstance(voidage, bool) or not isinstance(voidage, int | float) or not 0.05 <= voidage <= 0.98:
        raise InputError(f"{voidage!r} is out of range, a bare number between 0.05 and 0.98 expected", where=f"{where} voidage", fix="spheres at random leave about 0.4")
    viscosity = quantity(part["viscosity"], "Pa s", f"{where} viscosity", low=1e-7, high=1.0, example="2e-5 Pa s")
    area = _area(part, where)
    density = _density(part, feed, where)
    gradient = ergun(density * feed.flow / area, density, particle, float(voidage), viscosity)
    bulk = 0.0
    if "catalyst_density" in part:
        bulk = quantity(part["catalyst_density"], "kg/m^3", f"{where} catalyst_density", low=1.0, high=3e4, example="1500 kg/m^3") * (1 - voidage)
    return Bed(2 * gradient / feed.pressure * feed.flow / area, bulk)


def _area(part: dict[str, Any], where: str) -> float:
    """Empty cross-section, m^2."""
    if "area" in part:
        return quantity(part["area"], "m^2", f"{where} area", low=1e-8, high=1e4, example="0.01 m^2")
    return float(np.pi / 4 * quantity(part["diameter"], "m", f"{where} diameter", low=1e-4, high=100.0, example="5 cm") ** 2)


def _density(part: dict[str, Any], feed: Feed, where: str) -> float:
    """Of the feed, kg/m^3, from itself or from the mean molar mass."""
    if "density" in part:
        return quantity(part["density"], "kg/m^3", f"{where} density", low=1e-4, high=2e3, example="1.2 kg/m^3")
    return quantity(part["molar_mass"], "kg/mol", f"{where} molar_mass", low=1e-3, high=1.0, example="29 g/mol") * sum(feed.fed.values())


def rigid(heat: Heat, stoichiometry: Array, temperature: float, feed: Sequence[float], where: str) -> Heat:
    """Heat effects at constant volume: Cp - R and dU = dH - R T dn of an ideal gas in the place of Cp and dH.

    Raises:
        InputError: a heat capacity of R or less.
    """
    species = tuple(cp - GAS_CONSTANT for cp in heat.species)
    if heat.stream + float(np.dot(species, feed)) <= 0 or (heat.stream == 0.0 and min(species) <= 0):
        raise InputError("a heat capacity at constant pressure of R (8.314 J/(mol K)) or less", where=where, fix="no gas has less than 20.8 J/(mol K)")
    inner = tuple(h - GAS_CONSTANT * temperature * float(np.sum(row)) for h, row in zip(heat.enthalpy, stoichiometry, strict=True))
    return evolve(heat, species=species, enthalpy=inner)


def stray_keys(data: Mapping[str, Any], phase: str, name: str) -> None:
    """Refuse what only a gas has in the file of a liquid.

    Raises:
        InputError: naming table and key.
    """
    feed = data.get("feed")
    if phase == "gas" or not isinstance(feed, dict):
        return
    for key in ("pressure", "mole_fraction", "molar_flow"):
        if key in feed:
            raise InputError(f"[feed] {key!r} is of a gas", where=name, fix='write phase = "gas" under [reactor], or give concentration and flow')
