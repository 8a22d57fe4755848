"""All steady states of a stirred tank, their stability, and the one that a start-up filled with feed reaches.

Liquid or gas, isothermal, adiabatic or jacketed (Fogler, Elements of Chemical Reaction Engineering, ch. 12); how they are looked
for stands in :mod:`chemwright.model.tank_search`.
"""

from __future__ import annotations

import math

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError
from chemwright.model.heat import OPTIONS, HeatedReactor
from chemwright.model.protocol import Array
from chemwright.model.tank_balances import Balances, GasMotion
from chemwright.model.tank_search import guesses

SETTLED = 1e-6  # of the feed, change in one residence time
ONE = 1e-7  # of the feed, within which two roots are one


@frozen(eq=False)
class TankState:
    """A steady state: c and amounts (S,), temperature and jacket temperature (K), heat received (J per m^3 of feed), stability.

    ``c`` is in mol/m^3, ``amounts`` in mol per m^3 of feed (the same of a liquid), ``swelling`` the outflow over the feed.
    ``stable`` means that every eigenvalue of the Jacobian of the unsteady balances (the jacket follows at once) has a negative real part.
    """

    c: Array
    amounts: Array
    swelling: float
    temperature: float
    jacket: float
    heat: float
    stable: bool


@frozen(eq=False)
class TankStates:
    """All steady states found, by temperature, then by how much has reacted, and the index of the one reached from a tank filled with feed."""

    states: tuple[TankState, ...]
    reached: int


def steady_states(reactor: HeatedReactor) -> TankStates:
    """All steady states of a stirred tank (a jacket with flow is well mixed).

    Raises:
        ConvergenceError: no steady state, or the start-up from the feed settles in none (it oscillates); the states are told.
    """
    heat = reactor.heat
    capacity = math.inf if heat is None else heat.capacity
    if reactor.tau == 0:
        beside = reactor.temperature if heat is None else heat.jacket
        return TankStates((TankState(reactor.c_in, reactor.c_in, 1.0, reactor.temperature, beside, 0.0, True),), 0)
    if heat is not None:
        mixed = heat.ua / (1 + heat.ua * reactor.tau / capacity)  # jacket mixed: w (T_in - T_j) = ua tau (T_j - T)
        reactor = evolve(reactor, heat=evolve(heat, ua=mixed, capacity=math.inf, counter=False))
    balances = Balances(reactor)
    begun, drift = _start_up(balances)
    roots = [x for x in (balances.newton(balances.solve_full, guess) for guess in guesses(balances)) if x is not None]
    kept: list[Array] = [] if begun is None else [begun]
    for x in roots:
        if not any(np.max(np.abs(x - k)) < ONE for k in kept):
            kept.append(x)
    order = sorted(range(len(kept)), key=lambda i: _rank(balances, kept[i]))
    states = tuple(_describe(balances, kept[i], capacity) for i in order)
    if begun is None:
        listed = [f"{s.temperature:.2f} K ({'stable' if s.stable else 'unstable'})" for s in states]
        raise ConvergenceError(
            f"the tank filled with feed settles in no steady state; steady states: {', '.join(listed) or 'none found'}",
            fix="it oscillates or is very stiff: change feed temperature, jacket or volume",
            residuals={"change in one residence time [share of the feed]": drift},
            last_good={"steady states": listed},
        )
    return TankStates(states, order.index(0))


def _rank(balances: Balances, x: Array) -> tuple[float, float]:
    """Temperature (to 1 uK, so that isothermal states are ranked by the rest), then the sum of what has reacted."""
    return round(float(balances.reactor.amounts(list(x))[1]), 6), float(np.sum(np.abs(x[:-1])))


def _start_up(balances: Balances) -> tuple[Array | None, float]:
    """The steady state reached from a tank filled with feed at the feed's temperature, ``None`` if it does not settle; and how much it still moved."""
    import casadi as ca

    gas = None if balances.reactor.gas is None else GasMotion(balances.reactor)
    symbols, ode = (balances.x, balances.full) if gas is None else (gas.y, gas.ode)
    x = np.zeros(balances.size) if gas is None else gas.place(balances.reactor.c_in)
    run = ca.integrator("start", "cvodes", {"x": symbols, "ode": ode}, 0.0, 100.0, OPTIONS)
    moved, drift = ca.Function("moved", [symbols], [ode]), math.inf
    for _ in range(10):
        try:
            x = np.array(run(x0=x)["xf"]).ravel()
        except RuntimeError:
            return None, drift
        drift = float(np.max(np.abs(np.array(moved(x)))))
        at = x
        if gas is not None:
            extents = gas.extents(x)
            at = np.append(extents, balances.closing_heat(extents))
        near = balances.newton(balances.solve_full, at)
        if near is not None and np.max(np.abs(near - at)) < SETTLED:
            return near, drift
    return None, drift


def _describe(balances: Balances, x: Array, capacity: float) -> TankState:
    """Concentrations, temperatures and stability at a root."""
    reactor, parts = balances.reactor, list(x)
    amounts, temperature = reactor.amounts(parts)
    n, swelling = np.array(amounts, dtype=float), float(reactor.swelling(amounts, temperature, parts))
    if reactor.gas is None:
        jacobian = np.array(balances.solve_full(x)[1])
    else:
        motion = GasMotion(reactor, float(np.sum(n) / np.sum(reactor.c_in)))
        jacobian = np.array(motion.look(motion.place(n / swelling))[2])
    heat = float(x[-1]) * reactor.q_ref
    jacket = reactor.temperature if reactor.heat is None else reactor.heat.jacket - heat / capacity
    stable = bool(np.max(np.linalg.eigvals(jacobian).real) < 0)
    return TankState(n / swelling, n, swelling, float(temperature), jacket, heat, stable)
