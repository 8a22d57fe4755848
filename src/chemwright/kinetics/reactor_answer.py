"""What a reactor with heat answers, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chemwright.model.heat import HeatedReactor, heated_profile
from chemwright.model.heat_tank import steady_states
from chemwright.model.protocol import Array

MOLAR = 1000.0  # mol/m^3 in a mol/L
Conversion = Callable[[Array], dict[str, float]]


def answer_heated(reactor: HeatedReactor, kind: str, flow: float, species: Sequence[str], conversion: Conversion, points: int) -> dict[str, Any]:
    """Outlet, profile, hottest place or all steady states of a reactor with heat.

    Args:
        reactor: to run.
        kind: ``pfr``, ``cstr`` or ``batch``.
        flow: m^3/s, 0 for a batch.
        species: ids in the order of the feed.
        conversion: of fed species, from outlet concentrations.
        points: of the profile, >= 2.

    Returns:
        as :func:`chemwright.kinetics.reactor_file.run_reactor`.

    Raises:
        ConvergenceError: no solution within tolerance.
    """
    jacketed = reactor.heat.ua > 0
    extra: dict[str, Any] = {}
    states: list[dict[str, Any]] = []
    if kind == "cstr":
        found = steady_states(reactor)
        states = [
            {
                "temperature": s.temperature,
                "conversion": conversion(s.c),
                "outlet": _molar(s.c, species),
                "stable": s.stable,
                **({"jacket_temperature": s.jacket} if jacketed else {}),
            }
            for s in found.states
        ]
        reached = found.states[found.reached]
        time, c, temperature, jacket = np.array([reactor.tau]), reached.c[None, :], np.array([reached.temperature]), np.array([reached.jacket])
        received = reached.heat
    else:
        run = heated_profile(reactor, points)
        time, c, temperature, jacket, received = run.time, run.c, run.temperature, run.jacket, float(run.heat[-1])
        where = run.hottest[0] if kind == "batch" else run.hottest[0] * flow
        extra = {"hot_spot": {"temperature": run.hottest[1], ("time" if kind == "batch" else "volume"): where}, "runaway": run.runaway}
    axis = "time" if kind == "batch" else "volume"
    profile = {axis: (time if kind == "batch" else time * flow).tolist(), "temperature": temperature.tolist()}
    if jacketed:
        profile["jacket_temperature"] = jacket.tolist()
    c = np.maximum(c, 0.0)
    units = {"outlet": "mol/L", "conversion": "1", "temperature": "K", axis: "s" if axis == "time" else "m^3", "profile": "mol/L"}
    return {
        "outlet": _molar(c[-1], species),
        "conversion": conversion(c[-1]),
        "temperature": float(temperature[-1]),
        "profile": {**profile, **{s: (c[:, j] / MOLAR).tolist() for j, s in enumerate(species)}},
        "steady_states": states,
        "converged": True,
        "inert": [s for j, s in enumerate(species) if not np.any(reactor.law.stoichiometry[:, j])],
        **extra,
        "heat_received": received if kind == "batch" else received * flow,
        "units": {**units, "heat_received": "J/m^3" if kind == "batch" else "W"},
    }


def _molar(c: Array, species: Sequence[str]) -> dict[str, float]:
    return {s: max(0.0, float(v)) / MOLAR for s, v in zip(species, c, strict=True)}
