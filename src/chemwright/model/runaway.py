"""Runaway of a tube or batch beside a jacket of constant temperature, told from the shape of its temperature curve."""

from __future__ import annotations

import math

import numpy as np

from chemwright.model.heat import HeatedReactor
from chemwright.model.protocol import Array


def adler_enig(reactor: HeatedReactor, x: Array, start: float) -> bool | None:
    """Whether the temperature curves upwards against the extent before its maximum.

    The criterion of J. Adler and J. W. Enig, Combustion and Flame 8 (1964) 97-103, for one exothermic reaction beside a jacket of
    constant temperature: d2T/dX2 > 0 somewhere before the hottest place is runaway. It is a statement on the path in the plane of
    temperature and extent, so it holds for a gas whose volume changes as for a liquid.

    Args:
        reactor: tube or batch.
        x: states (n, size) up to the hottest place.
        start: jacket temperature, K.

    Returns:
        ``None`` where the criterion does not apply (isothermal, several reactions, endothermic, adiabatic, a jacket that changes).
    """
    heat = reactor.heat
    if heat is None or len(heat.enthalpy) != 1 or heat.enthalpy[0] >= 0 or heat.ua <= 0 or math.isfinite(heat.capacity):
        return None
    if len(x) < 5:
        return False
    rise = reactor.rise(list(x.T), start)
    n, temperature = reactor.amounts(list(x.T))
    capacity = heat.stream + sum(cp * v for cp, v in zip(heat.species, n, strict=True))
    extra = float(reactor.law.stoichiometry[0] @ np.array(heat.species))  # dCp of the reaction
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (reactor.q_ref / reactor.c_ref * rise[1] / rise[0] - heat.enthalpy[0] - (temperature - reactor.temperature) * extra) / capacity
    slope = slope[np.isfinite(slope) & (slope > 0)]
    return bool(np.any(np.diff(slope) > 1e-7 * np.max(slope, initial=0.0)))
