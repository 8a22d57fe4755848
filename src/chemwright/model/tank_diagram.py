"""Curves to draw a stirred tank's steady states on: van Heerden's heat diagram, and the branch over the residence time."""

from __future__ import annotations

import math

import numpy as np
from attrs import evolve, frozen

from chemwright.model.heat import HeatedReactor, temperature_bounds
from chemwright.model.protocol import Array
from chemwright.model.tank_balances import Balances
from chemwright.model.tank_search import branch


@frozen(eq=False)
class HeatDiagram:
    """Heat made by the reactions and taken away by stream and jacket (J per m^3 of feed, shape (n,)) at temperatures (n,) K.

    At each temperature the material balance holds; where the curves cross, so does the energy balance.
    """

    temperature: Array
    made: Array
    removed: Array


def heat_diagram(reactor: HeatedReactor, points: int = 241) -> HeatDiagram:
    """The diagram of C. van Heerden (Ind. Eng. Chem. 45 (1953) 1242) of an adiabatic or jacketed tank; temperatures without a material balance are NaN.

    Args:
        reactor: a tank with heat and a residence time above 0.
        points: on the temperature axis.
    """
    heat = reactor.heat
    assert heat is not None
    mixed = heat.ua / (1 + heat.ua * reactor.tau / heat.capacity)
    reactor = evolve(reactor, heat=evolve(heat, ua=mixed, capacity=math.inf, counter=False))
    balances = Balances(reactor)
    low, high = temperature_bounds(reactor)
    margin = 0.04 * max(high - low, 10.0)
    temperature = np.linspace(low - margin, high + margin, points)
    made, removed = np.full(points, np.nan), np.full(points, np.nan)
    near: Array | None = None
    for k, t in enumerate(temperature):
        near = balances.extents(float(t), near)
        if near is None:
            continue
        capacity = heat.stream + float(np.dot(heat.species, reactor.c_in + near * reactor.c_ref @ reactor.law.stoichiometry))
        made[k] = float(-np.dot(heat.enthalpy, near)) * reactor.c_ref
        removed[k] = capacity * (t - reactor.temperature) - mixed * reactor.tau * (heat.jacket - t)
    return HeatDiagram(temperature, made, removed)


def residence_branch(reactor: HeatedReactor) -> tuple[Array, Array]:
    """Residence times (n,) s and amounts (n, S) mol per m^3 of feed along the branch that begins with a tank too short to react."""
    path = branch(Balances(reactor))
    return reactor.tau * np.exp(path[:, -1]), reactor.c_in + path[:, : reactor.n_reactions] * reactor.c_ref @ reactor.law.stoichiometry
