"""What a reactor answers, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chemwright.model.heat import HeatedReactor, HeatProfile, heated_profile
from chemwright.model.heat_tank import TankState, steady_states
from chemwright.model.protocol import Array
from chemwright.model.tank_diagram import heat_diagram, residence_branch

MOLAR = 1000.0  # mol/m^3 in a mol/L
Conversion = Callable[[Array], dict[str, float]]


def answer_heated(reactor: HeatedReactor, kind: str, flow: float, species: Sequence[str], conversion: Conversion, points: int, bulk: float = 0.0) -> dict[str, Any]:
    """Outlet, profile, hottest place or all steady states of a reactor.

    Args:
        reactor: to run.
        kind: ``pfr``, ``cstr`` or ``batch``.
        flow: m^3/s, 0 for a batch.
        species: ids in the order of the feed.
        conversion: of fed species, from amounts at the outlet (mol per m^3 of feed).
        points: of the profile, >= 2.
        bulk: catalyst per volume, kg/m^3.

    Returns:
        as :func:`chemwright.kinetics.reactor_file.run_reactor`.

    Raises:
        ConvergenceError: no solution within tolerance.
    """
    extra: dict[str, Any] = {}
    states: list[dict[str, Any]] = []
    if kind == "cstr":
        found = steady_states(reactor)
        states = [_state(reactor, s, species, conversion) for s in found.states]
        run = _as_profile(reactor, found.states[found.reached])
    else:
        run = heated_profile(reactor, points)
        if reactor.heat is not None:
            spot = {"temperature": run.hottest[1], ("time" if kind == "batch" else "volume"): run.hottest[0] * (1.0 if kind == "batch" else flow)}
            extra = {"hot_spot": spot, "runaway": run.runaway}
        if reactor.heat is not None and reactor.heat.counter:
            extra["profiles_found"] = run.solutions
    axis, scale = ("time", 1.0) if kind == "batch" else ("volume", flow)
    profile = {axis: (run.time * scale).tolist(), "temperature": run.temperature.tolist()}
    units = {"outlet": "mol/L", "conversion": "1", "temperature": "K", axis: "s" if axis == "time" else "m^3", "profile": "mol/L"}
    if _jacketed(reactor):
        profile["jacket_temperature"] = run.jacket.tolist()
    if bulk:
        profile["catalyst_mass"], units["catalyst_mass"] = (run.time * scale * bulk).tolist(), "kg"
    if run.pressure is not None:
        profile["pressure"] = run.pressure.tolist()
        extra |= {"pressure": float(run.pressure[-1]), "swelling": float(run.swelling[-1])}
        units |= {"pressure": "Pa", "swelling": "1"}
        if kind != "batch":
            extra["molar_flow"], units["molar_flow"] = {s: max(0.0, float(v)) * flow for s, v in zip(species, run.amounts[-1], strict=True)}, "mol/s"
    if reactor.heat is not None:
        extra["heat_received"] = float(run.heat[-1]) * (1.0 if kind == "batch" else flow)
        units["heat_received"] = "J/m^3" if kind == "batch" else "W"
    c = np.maximum(run.c, 0.0)
    return {
        "outlet": _molar(c[-1], species),
        "conversion": conversion(np.maximum(run.amounts[-1], 0.0)),
        "temperature": float(run.temperature[-1]),
        "profile": {**profile, **{s: (c[:, j] / MOLAR).tolist() for j, s in enumerate(species)}},
        "steady_states": states,
        "converged": True,
        "inert": [s for j, s in enumerate(species) if not np.any(reactor.law.stoichiometry[:, j])],
        **extra,
        "units": units,
    }


def tank_curves(reactor: HeatedReactor, flow: float, species: Sequence[str]) -> dict[str, list[float]]:
    """Curves to draw a tank's steady states on: with heat ``temperature`` (K), ``made`` and ``removed`` (kW); else ``residence_time`` and ``own`` (s) and what is left of a reactant (mol/L)."""
    if reactor.tau == 0 or not np.any(reactor.c_in):
        return {}
    if reactor.heat is not None:
        found = heat_diagram(reactor)
        kept = np.isfinite(found.made)
        return {
            "temperature": found.temperature[kept].tolist(),
            "made": (found.made[kept] * flow / 1000.0).tolist(),
            "removed": (found.removed[kept] * flow / 1000.0).tolist(),
        }
    time, amounts = residence_branch(reactor)
    near = np.abs(np.log(time / reactor.tau)) < np.log(1e3)
    used = [j for j in range(len(species)) if reactor.c_in[j] > 0 and np.any(reactor.law.stoichiometry[:, j] < 0)]
    if not used or not np.any(near):
        return {}
    key = max(used, key=lambda j: float(reactor.c_in[j]))
    swelling = np.array([float(reactor.swelling(list(n), reactor.temperature, ())) for n in amounts[near]])
    return {"residence_time": time[near].tolist(), "own": [reactor.tau], species[key]: (amounts[near, key] / swelling / MOLAR).tolist()}


def _jacketed(reactor: HeatedReactor) -> bool:
    return reactor.heat is not None and reactor.heat.ua > 0


def _state(reactor: HeatedReactor, state: TankState, species: Sequence[str], conversion: Conversion) -> dict[str, Any]:
    """A steady state as plain data."""
    return {
        "temperature": state.temperature,
        "conversion": conversion(state.amounts),
        "outlet": _molar(state.c, species),
        "stable": state.stable,
        **({"jacket_temperature": state.jacket} if _jacketed(reactor) else {}),
    }


def _as_profile(reactor: HeatedReactor, state: TankState) -> HeatProfile:
    """A tank as a profile of one point."""
    one = np.array([1.0])
    pressure = None if reactor.gas is None else one * reactor.gas.pressure
    return HeatProfile(
        one * reactor.tau,
        state.c[None, :],
        state.amounts[None, :],
        one * state.swelling,
        one * state.temperature,
        one * state.jacket,
        pressure,
        one * state.heat,
        (reactor.tau, state.temperature),
        None,
    )


def _molar(c: Array, species: Sequence[str]) -> dict[str, float]:
    return {s: max(0.0, float(v)) / MOLAR for s, v in zip(species, c, strict=True)}
