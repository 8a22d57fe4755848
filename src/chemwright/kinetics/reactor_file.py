"""One ideal reactor from a ``reactor.toml``: read, checked, run, answered as plain data.

The balances are those of :mod:`chemwright.model.reactors` (isothermal liquid in tube or batch) and :mod:`chemwright.model.heat` (all
others).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import InputError, did_you_mean, near_misses
from chemwright.kinetics.network import Network
from chemwright.kinetics.rates import MassAction
from chemwright.kinetics.reactor_answer import answer_heated, tank_curves
from chemwright.kinetics.reactor_gas import Feed, read_bed, read_gas_feed, read_phase, rigid, species_table, stray_keys
from chemwright.kinetics.reactor_heat import check_isothermal, enthalpies, make_heat, read_heat, read_heat_capacity, read_mode
from chemwright.kinetics.reactor_reaction import KineticReaction, read_reactions
from chemwright.kinetics.reactor_toml import known_keys, load_toml, quantity, table
from chemwright.model.gas import Gas
from chemwright.model.heat import Heat, HeatedReactor
from chemwright.model.protocol import Array
from chemwright.model.reactors import profile

TYPES = ("pfr", "cstr", "batch")
TEMPERATURES = (10.0, 5000.0)  # K, what a rate law could possibly be meant for
MOLAR = 1000.0  # mol/m^3 in a mol/L
RESERVED = ("volume", "time", "temperature", "jacket_temperature", "pressure", "catalyst_mass")  # the profile's own columns


@frozen
class ReactorSpec:
    """An ideal reactor with its feed and rate law, in SI.

    Args:
        type: ``pfr``, ``cstr`` or ``batch``.
        size: volume in m^3, or for a batch its time in s.
        temperature: K; with heat that of the feed.
        flow: feed in m^3/s, 0 for a batch.
        feed: concentration of every species of the law (mol/m^3), in the law's order.
        law: rates; inert species belong to its network too.
        theta: parameters of the law, [ln k (SI), ..., Ea (J/mol), ...].
        heat: heat effects, ``None`` for an isothermal reactor.
        gas: pressure, and fall of it, of a gas; ``None`` for a liquid.
        bulk: catalyst per volume of a bed, kg/m^3; 0 where there is none.
    """

    type: str
    size: float
    temperature: float
    flow: float
    feed: tuple[float, ...]
    law: MassAction
    theta: tuple[float, ...]
    heat: Heat | None = None
    gas: Gas | None = None
    bulk: float = 0.0

    @property
    def species(self) -> tuple[str, ...]:
        """Species ids, in the order of ``feed``."""
        return self.law.network.species

    @property
    def residence_time(self) -> float:
        """Volume over flow, or the batch time, in s."""
        return self.size if self.type == "batch" else self.size / self.flow

    def reactor(self) -> HeatedReactor:
        """The reactor that the balances are written for."""
        return HeatedReactor(self.law, np.array(self.theta), np.array(self.feed), self.temperature, self.residence_time, self.heat, self.gas, self.type == "batch")


def read_reactor(path: str | Path) -> ReactorSpec:
    """Read a ``reactor.toml`` (its keys: docs/reference, and the example files).

    Raises:
        InputError: missing or malformed file, unknown or missing key, value out of range; the place is named.
        UnitError: unknown unit or wrong dimension, naming a unit that fits.
    """
    path = Path(path)
    data = load_toml(path)
    name = path.name
    known_keys(data, ("reactor", "feed", "reaction", "jacket", "bed"), ("reactor", "feed", "reaction"), name)
    kind, size, mode, temperature, phase, fixed = _reactor(table(data, "reactor", name), f"{name} [reactor]")
    stray_keys(data, phase, name)
    if mode == "isothermal":
        check_isothermal(data, name)
    part, where, heated = table(data, "feed", name), f"{name} [feed]", mode != "isothermal"
    feed = read_gas_feed(part, kind, temperature, heated, where) if phase == "gas" else _feed(part, kind, temperature, heated, where)
    bed = read_bed(data, kind, phase, size, feed, name)
    bulk = bed.bulk if bed else 0.0
    kinetics = read_reactions(data["reaction"], feed.temperature, name, heated, bulk)
    species = _species(feed.fed, kinetics, name)
    network = Network(species, tuple(k.reaction for k in kinetics))
    law = MassAction(network, tuple(k.reference for k in kinetics), tuple(k.equilibrium for k in kinetics))
    theta = tuple([k.ln_k for k in kinetics] + [k.activation for k in kinetics])
    gas = Gas(feed.pressure, fixed, bed.drop if bed else 0.0) if phase == "gas" else None
    spec = ReactorSpec(kind, size, feed.temperature, feed.flow, tuple(feed.fed.get(s, 0.0) for s in species), law, theta, None, gas, bulk)
    return evolve(spec, heat=_heat(data, spec, kinetics, mode, name)) if heated else spec


def _heat(data: dict[str, Any], spec: ReactorSpec, kinetics: tuple[KineticReaction, ...], mode: str, name: str) -> Heat:
    """Heat effects of an adiabatic or jacketed reactor."""
    where = f"{name} [feed] heat_capacity"
    stream, cp = read_heat_capacity(data["feed"]["heat_capacity"], spec.species, spec.feed, where)
    released = enthalpies(kinetics, spec.law.stoichiometry, cp, spec.temperature, name)
    heat = make_heat(stream, cp, released, read_heat(data, mode, spec.type, spec.size, spec.flow, name))
    return rigid(heat, spec.law.stoichiometry, spec.temperature, spec.feed, where) if spec.gas is not None and spec.gas.rigid else heat


def _reactor(part: dict[str, Any], where: str) -> tuple[str, float, str, float, str, bool]:
    """Type, size, mode, temperature (0 where it follows from the heat balance), phase, and whether it is a rigid vessel of gas."""
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        given = "no type" if kind is None else f"unknown type {kind!r}"
        raise InputError(f"{given}, expected pfr, cstr or batch", where=where, fix=did_you_mean(kind, TYPES) if isinstance(kind, str) else 'write type = "pfr"')
    batch = kind == "batch"
    key, unit = ("time", "s") if batch else ("volume", "m^3")
    other = "volume" if batch else "time"
    if other in part:
        raise InputError(f"{other!r} does not belong to a {kind}", where=where, fix=f"give its {key!r} instead, as in {key} = " + ('"2 h"' if batch else '"1.5 m^3"'))
    mode = read_mode(part, where)
    needed = ("type", key, "temperature") if mode == "isothermal" else ("type", key)
    phase, fixed = read_phase(part, kind, where)
    known_keys(part, (*needed, "mode", "phase", "constant"), needed, where)
    size = quantity(part[key], unit, f"{where} {key}", low=0.0)
    if mode != "isothermal":
        return kind, size, mode, 0.0, phase, fixed
    return kind, size, mode, quantity(part["temperature"], "K", f"{where} temperature", low=TEMPERATURES[0], high=TEMPERATURES[1]), phase, fixed


def _feed(part: dict[str, Any], kind: str, temperature: float, heat: bool, where: str) -> Feed:
    """The feed of a liquid; its temperature is the reactor's unless there is heat."""
    if kind == "batch" and "flow" in part:
        raise InputError("a batch has no flow", where=where, fix="leave 'flow' out; 'concentration' is the filling")
    keys: tuple[str, ...] = ("concentration",) if kind == "batch" else ("flow", "concentration")
    if heat:
        keys = (*keys, "temperature", "heat_capacity")
    known_keys(part, keys, keys, where)
    flow = 0.0
    if kind != "batch":
        flow = quantity(part["flow"], "m^3/s", f"{where} flow", low=0.0)
        if flow == 0.0:
            raise InputError("the flow is 0, above 0 expected", where=f"{where} flow", fix='give a flow, as in "17.5 m^3/h", or use type = "batch"')
    given = table(part, "concentration", where)
    fed = species_table(given, "mol/m^3", f"{where} concentration", "9.3 mol/L")
    return Feed(flow, fed, quantity(part["temperature"], "K", f"{where} temperature", low=100.0, high=3000.0) if heat else temperature)


def _species(fed: dict[str, float], kinetics: tuple[KineticReaction, ...], where: str) -> tuple[str, ...]:
    """Fed species, then the others in the order of the reactions; misspelt ones are told from inert ones.

    Raises:
        InputError: a fed name that no reaction has but nearly has, a reactant that is neither fed nor made, a reserved name.
    """
    reacting = list(dict.fromkeys(s for k in kinetics for s, _ in k.reaction.reactants + k.reaction.products))
    unfed = [s for s in reacting if s not in fed]
    for name in fed:
        if name not in reacting and near_misses(name, unfed):
            raise InputError(f"species {name!r} is fed but in no reaction", where=f"{where} [feed] concentration", fix=did_you_mean(name, unfed))
    _check_reachable(fed, kinetics, where)
    species = tuple(dict.fromkeys([*fed, *reacting]))
    for name in species:
        if name in RESERVED:
            raise InputError(f"{name!r} can't name a species: the profile has a column of that name", where=where, fix="rename the species")
    return species


def _check_reachable(fed: dict[str, float], kinetics: tuple[KineticReaction, ...], where: str) -> None:
    """Every reaction must be able to run from what is declared in the feed (a declared 0 counts).

    Raises:
        InputError: naming the first reactant that is neither fed nor made.
    """
    present, waiting = set(fed), list(kinetics)
    while waiting:
        sides = [({s for s, _ in k.reaction.reactants}, {s for s, _ in k.reaction.products}) for k in waiting]
        runs = [left <= present or (k.reaction.reversible and right <= present) for k, (left, right) in zip(waiting, sides, strict=True)]
        if not any(runs):
            reaction = waiting[0].reaction
            name = next(s for s, _ in reaction.reactants if s not in present)
            fix = did_you_mean(name, fed) if near_misses(name, fed) else f'add {name} = "1 mol/L" (or "0 mol/L") to the feed\'s concentration'
            raise InputError(f"reactant {name!r} is neither fed nor made", where=f"{where} reaction {reaction.id}", fix=fix)
        present.update(*(left | right for go, (left, right) in zip(runs, sides, strict=True) if go))
        waiting = [k for go, k in zip(runs, waiting, strict=True) if not go]


def run_reactor(spec: ReactorSpec, points: int = 51) -> dict[str, Any]:
    """Outlet, conversion and profile of a reactor.

    Args:
        spec: from :func:`read_reactor`.
        points: of the profile along tube or time, >= 2 (a stirred tank has one).

    Returns:
        ``outlet`` (mol/L), ``conversion`` of each fed species that is used up, ``temperature`` (K), ``profile`` (columns
        ``volume`` in m^3 or ``time`` in s, ``temperature``, one a species in mol/L), ``steady_states`` (of a stirred tank: all of them,
        each with ``stable``; ``outlet`` is the one that a start-up filled with feed arrives at), ``converged``, ``inert`` and ``units``;
        of a gas also ``pressure`` (Pa), ``swelling`` (volume over the feed's), ``molar_flow`` (mol/s, not of a batch) and the column
        ``pressure``; of a bed with catalyst the column ``catalyst_mass`` (kg); beside a counter-current jacket ``profiles_found``;
        with heat also ``heat_received`` (W, of a batch J/m^3), ``hot_spot`` and ``runaway`` of tube and batch (``None`` where the
        criterion, :func:`chemwright.model.runaway.adler_enig`, does not apply) and the column ``jacket_temperature``; plain floats and lists.

    Raises:
        ConvergenceError: no solution within tolerance.
        InputError: fewer than two points.
    """
    if points < 2:
        raise InputError(f"{points} points of the profile, at least 2 expected", where="run_reactor")
    c_in, theta = np.array(spec.feed), np.array(spec.theta)
    if spec.heat is not None or spec.gas is not None or spec.type == "cstr":
        return answer_heated(spec.reactor(), spec.type, spec.flow, spec.species, lambda n: _conversion(spec, c_in, n), points, spec.bulk)
    run = profile(spec.law, theta, c_in, spec.temperature, spec.residence_time, points)
    c = np.maximum(run.c, 0.0)  # round-off below zero; the solvers refuse more than that
    outlet = {s: float(v) / MOLAR for s, v in zip(spec.species, c[-1], strict=True)}
    conversion = _conversion(spec, c_in, c[-1])
    axis = "time" if spec.type == "batch" else "volume"
    along = run.time if spec.type == "batch" else run.time * spec.flow
    columns = {s: (c[:, j] / MOLAR).tolist() for j, s in enumerate(spec.species)}
    return {
        "outlet": outlet,
        "conversion": conversion,
        "temperature": spec.temperature,
        "profile": {axis: along.tolist(), "temperature": [spec.temperature] * len(along), **columns},
        "steady_states": [],
        "converged": True,
        "inert": [s for j, s in enumerate(spec.species) if not np.any(spec.law.stoichiometry[:, j])],
        "units": {"outlet": "mol/L", "conversion": "1", "temperature": "K", axis: "s" if axis == "time" else "m^3", "profile": "mol/L"},
    }


def tank_curves_of(spec: ReactorSpec) -> dict[str, list[float]]:
    """Curves on which a tank's steady states can be drawn (:func:`chemwright.kinetics.reactor_answer.tank_curves`); empty of a tube or batch."""
    return tank_curves(spec.reactor(), spec.flow, spec.species) if spec.type == "cstr" else {}


def _conversion(spec: ReactorSpec, c_in: Array, c_out: Array) -> dict[str, float]:
    """1 - out/in of the fed species that are used up; a reactant that nothing happens to has 0."""
    nu = spec.law.stoichiometry
    out = {}
    for j, s in enumerate(spec.species):
        used = c_out[j] < c_in[j] * (1 - 1e-9) or (np.any(nu[:, j] < 0) and c_out[j] <= c_in[j] * (1 + 1e-9))
        if c_in[j] > 0 and np.any(nu[:, j]) and used:
            out[s] = max(0.0, float(1 - c_out[j] / c_in[j]))
    return out
