"""The ``[[reaction]]`` tables of a reactor file: text, rate constant with Arrhenius, equilibrium constant with van 't Hoff."""

from __future__ import annotations

import math
from typing import Any

from attrs import frozen

from chemwright.errors import InputError, UnitError
from chemwright.kinetics.network import Reaction, parse_reaction
from chemwright.kinetics.rates import Equilibrium
from chemwright.kinetics.reactor_toml import known_keys, quantity
from chemwright.quantity import si

MAX_REACTIONS = 200
MAX_ORDER = 9.0


@frozen
class KineticReaction:
    """A reaction with its rate: ln k (SI) at the reference temperature (K), activation energy (J/mol), equilibrium if reversible.

    ``enthalpy`` is (dH in J/mol, its temperature in K), ``None`` where the file gives none.
    """

    reaction: Reaction
    ln_k: float
    reference: float
    activation: float
    equilibrium: Equilibrium | None
    enthalpy: tuple[float, float] | None = None


def read_reactions(given: Any, temperature: float, name: str, heat: bool = False, bulk: float = 0.0) -> tuple[KineticReaction, ...]:
    """All reactions of a file.

    Args:
        given: what stands under ``reaction``.
        temperature: of the reactor or, with heat, of the feed, K; the reference where ``at`` is left out.
        name: of the file, for errors.
        heat: whether the temperature changes, so that energies are needed.
        bulk: mass of catalyst per volume, kg/m^3, where rate constants are per mass of catalyst; 0 where they are per volume.

    Raises:
        InputError: malformed table, missing or out-of-range numbers; UnitError: wrong dimension of k or K.
    """
    if not isinstance(given, list) or not given or not all(isinstance(r, dict) for r in given):
        raise InputError("'reaction' is no list of tables", where=name, fix="write every reaction under its own [[reaction]], in double brackets")
    if len(given) > MAX_REACTIONS:
        raise InputError(f"{len(given)} reactions, at most {MAX_REACTIONS} expected", where=name, fix="lump reactions")
    return tuple(_reaction(part, i, temperature, name, heat, bulk) for i, part in enumerate(given, 1))


def _reaction(part: dict[str, Any], number: int, temperature: float, name: str, heat: bool, bulk: float) -> KineticReaction:
    id = part.get("id", f"r{number}")
    where = f"{name} reaction {id}"
    if not isinstance(id, str) or not id or not id.isprintable():
        raise InputError(f"id {id!r} is no plain text", where=name, fix='write id = "r1"')
    known_keys(part, ("id", "text", "k", "K", "dH"), ("text", "k"), where)
    reaction = parse_reaction(part["text"], id, where)
    ln_k, reference, activation = _rate_constant(part["k"], reaction, temperature, f"{where} k", heat, bulk)
    if reaction.reversible and "K" not in part:
        raise InputError(f"{part['text']!r} is reversible and has no K", where=where, fix='add K = { value = 3.03, at = "333 K", dH = "-6.9 kJ/mol" }, or write \'->\'')
    if not reaction.reversible and "K" in part:
        raise InputError(f"{part['text']!r} is irreversible and has a K", where=where, fix="write '<->', or leave K out")
    enthalpy = _enthalpy(part["dH"], f"{where} dH") if "dH" in part else None
    if not reaction.reversible:
        return KineticReaction(reaction, ln_k, reference, activation, None, enthalpy)
    given = isinstance(part["K"], dict) and "dH" in part["K"]
    equilibrium = _equilibrium(part["K"], reaction, temperature, f"{where} K", heat, enthalpy)
    if given and enthalpy is not None and abs(equilibrium.dH - enthalpy[0]) > 1e-3 * max(abs(enthalpy[0]), 1.0):
        raise InputError(f"dH {enthalpy[0]:g} J/mol and K's dH {equilibrium.dH:g} J/mol disagree", where=where, fix="leave one of them out")
    if given and enthalpy is None:
        enthalpy = (equilibrium.dH, equilibrium.temperature)
    return KineticReaction(reaction, ln_k, reference, activation, equilibrium, enthalpy)


def _enthalpy(given: Any, where: str) -> tuple[float, float]:
    """dH (J/mol) and its temperature (K), 298.15 K unless told."""
    part = given if isinstance(given, dict) else {"value": given}
    known_keys(part, ("value", "at"), ("value",), where)
    at = quantity(part["at"], "K", f"{where}.at", low=10.0, high=5000.0) if "at" in part else 298.15
    return quantity(part["value"], "J/mol", where, low=-1e7, high=1e7, example="-50 kJ/mol"), at


def _rate_constant(given: Any, reaction: Reaction, temperature: float, where: str, heat: bool, bulk: float) -> tuple[float, float, float]:
    """ln k (SI), reference temperature, activation energy."""
    part, at, activation = _arrhenius(given, "Ea", temperature, where, heat)
    order = sum(n for _, n in reaction.reactants)
    if order > MAX_ORDER:
        raise InputError(f"overall order {order:g}, at most {MAX_ORDER:g} expected", where=where, fix="write the reaction in elementary steps")
    unit, shown = ("1/s", "1/s") if order == 1 else (f"mM^{1 - order:g}/s", rate_unit(order))
    if bulk:
        unit, shown = f"mM^{1 - order:g} m^3/(kg s)" if order != 1 else "m^3/(kg s)", catalyst_rate_unit(order)
    k = _number(part["value"], unit, shown, f"a rate constant of order {order:g}" + (" per mass of catalyst" if bulk else ""), where)
    return math.log(k * (bulk or 1.0)), at, activation


def _equilibrium(given: Any, reaction: Reaction, temperature: float, where: str, heat: bool, enthalpy: tuple[float, float] | None) -> Equilibrium:
    part, at, slope = _arrhenius(given, "dH", temperature, where, heat, enthalpy[0] if enthalpy else None)
    net = sum(n for _, n in reaction.products) - sum(n for _, n in reaction.reactants)
    if abs(net) > MAX_ORDER:
        raise InputError(f"net order {net:g}, at most {MAX_ORDER:g} expected", where=where, fix="write the reaction in elementary steps")
    value = part["value"]
    if net == 0 and isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value!r}"
    customary = {0.0: "1", 1.0: "mol/L", -1.0: "L/mol"}
    shown = customary.get(net, f"(mol/L)^{net:g}")
    return Equilibrium(_number(value, "1" if net == 0 else f"mM^{net:g}", shown, f"K of {str(reaction)!r}", where), at, slope)


def _arrhenius(given: Any, slope: str, temperature: float, where: str, heat: bool, known: float | None = None) -> tuple[dict[str, Any], float, float]:
    """The table, its reference temperature (K) and its energy ``Ea`` or ``dH`` (J/mol).

    Raises:
        InputError: no energy (``known`` included) where the reference is another temperature than the reactor's, or that changes.
    """
    part = given if isinstance(given, dict) else {"value": given}
    known_keys(part, ("value", "at", slope), ("value",), where)
    at = quantity(part["at"], "K", f"{where}.at", low=10.0, high=5000.0) if "at" in part else temperature
    if slope in part:
        return part, at, quantity(part[slope], "J/mol", f"{where}.{slope}", low=0.0 if slope == "Ea" else -1e7, high=1e7)
    if known is not None:
        return part, at, known
    if heat:
        raise InputError(f"the temperature changes, and there is no {slope!r}", where=where, fix=f'add {slope} = "50 kJ/mol" ("0 kJ/mol" if it is constant)')
    if abs(at - temperature) > 1e-9 * temperature:
        raise InputError(
            f"given at {at:g} K for a reactor at {temperature:g} K, without {slope!r}", where=where, fix=f'add {slope} = "50 kJ/mol", or the value at {temperature:g} K'
        )
    return part, at, 0.0


def rate_unit(order: float) -> str:
    """The customary unit of a rate constant of that overall order: ``L/(mol s)`` for 2."""
    m = order - 1
    power = "" if abs(m) == 1 else f"^{abs(m):g}"
    return "1/s" if m == 0 else (f"L{power}/(mol{power} s)" if m > 0 else f"mol{power}/(L{power} s)")


def catalyst_rate_unit(order: float) -> str:
    """The same per mass of catalyst: ``L^2/(mol kg s)`` for 2."""
    m = order - 1
    if m == 0:
        return "L/(kg s)"
    power = "" if abs(m) == 1 else f"^{abs(m):g}"
    litres = 1 + m
    volume = "1" if litres == 0 else "L" if litres == 1 else f"L^{litres:g}"
    return f"{volume}/(mol{power} kg s)" if m > 0 else ("mol/(kg s)" if order == 0 else f"L^{litres:g} mol{power}/(kg s)")


def _number(value: Any, unit: str, shown: str, what: str, where: str) -> float:
    """A positive number with its dimension checked; errors name the unit that a chemist writes."""
    fix = f"{what} needs a unit such as {shown!r}" if shown != "1" else f"{what} is a pure number"
    if not isinstance(value, str):
        raise InputError(f"{value!r} is no quantity", where=where, fix=f"{fix}, in a text like '1 {shown}'" if shown != "1" else fix)
    try:
        number = si(value, unit, where)
    except UnitError as error:
        known = error.message.split(", expected")[0]
        raise UnitError(f"{known}, expected one like {shown!r}" if shown != "1" else f"{known}, expected a pure number", where=where, fix=fix) from None
    if not number > 0:
        raise InputError(f"{value!r} is not above 0", where=where, fix="leave the reaction out, or give a positive number")
    return number
