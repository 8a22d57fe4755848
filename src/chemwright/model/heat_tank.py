"""All steady states of a stirred tank with heat, their stability, and the one that a start-up filled with feed reaches.

The material balance is solved at every temperature of a grid and the energy balance followed for changes of sign (van Heerden's
diagram of heat made against heat removed; Fogler, Elements of Chemical Reaction Engineering, ch. 12). At each temperature one
solution of the material balance is followed, so states that differ at equal temperature (autocatalysis) may be missed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError
from chemwright.model.heat import OPTIONS, HeatedReactor, temperature_bounds
from chemwright.model.protocol import Array

SETTLED = 1e-6  # of the feed, change in one residence time


@frozen(eq=False)
class TankState:
    """A steady state: c (S,) mol/m^3, temperature and jacket temperature (K), heat received (J per m^3 of feed), stability.

    ``stable`` means that every eigenvalue of the Jacobian of the unsteady balances (extents and heat; the jacket follows at
    once) has a negative real part.
    """

    c: Array
    temperature: float
    jacket: float
    heat: float
    stable: bool


@frozen(eq=False)
class TankStates:
    """All steady states, by temperature, and the index of the one reached from a tank filled with feed."""

    states: tuple[TankState, ...]
    reached: int


class _Balances:
    """The tank's unsteady balances in scaled extents and heat, with their Jacobian, and the material balance alone."""

    def __init__(self, reactor: HeatedReactor) -> None:
        import casadi as ca

        self.reactor, self.size = reactor, len(reactor.law.stoichiometry) + 1
        x, t = ca.SX.sym("x", self.size), ca.SX.sym("T")
        parts = ca.vertsplit(x)
        self.full = ca.vertcat(*reactor.rise(parts, reactor.heat.jacket)) - x
        self.x = x
        self.solve_full = ca.Function("full", [x], [self.full, ca.jacobian(self.full, x)])
        xi = x[:-1]
        c = reactor.state([*parts[:-1], 0.0])[0]
        rates = reactor.law.rates(c, t, list(reactor.theta))
        self.material = ca.vertcat(*rates) * reactor.tau / reactor.c_ref - xi
        self.solve_material = ca.Function("material", [xi, t], [self.material, ca.jacobian(self.material, xi)])
        self.start = ca.integrator("material", "cvodes", {"x": xi, "p": t, "ode": self.material}, 0.0, 200.0, OPTIONS)
        heat = reactor.heat.ua * reactor.tau / reactor.q_ref * (reactor.heat.jacket - t)
        state = ca.vertcat(xi, heat)
        self.excess = ca.Function("excess", [xi, t], [reactor.state(ca.vertsplit(state))[1] - t, state])

    def newton(self, function: Any, x: Array, *rest: float) -> Array | None:
        """Newton from a near guess; ``None`` unless it converges to concentrations that are not negative."""
        for _ in range(30):
            residual, jacobian = (np.array(v) for v in function(x, *rest))
            if not (np.all(np.isfinite(residual)) and np.all(np.isfinite(jacobian))):
                return None
            step = np.linalg.lstsq(jacobian, residual, rcond=None)[0].ravel()
            x = x - step
            if np.max(np.abs(step)) < 1e-11:
                extents = x[: self.size - 1] * self.reactor.c_ref
                return x if np.all(self.reactor.c_in + extents @ self.reactor.law.stoichiometry >= -1e-7 * self.reactor.c_ref) else None
        return None

    def extents(self, temperature: float, guess: Array | None) -> Array | None:
        """Scaled extents at that temperature; ``None`` where the material balance can't be solved."""
        if guess is not None:
            near = self.newton(self.solve_material, guess, temperature)
            if near is not None:
                return near
        try:
            started = np.array(self.start(x0=np.zeros(self.size - 1), p=temperature)["xf"]).ravel()
        except RuntimeError:
            return None
        return self.newton(self.solve_material, started, temperature)


def steady_states(reactor: HeatedReactor) -> TankStates:
    """All steady states of an adiabatic or jacketed stirred tank (a jacket with flow is well mixed).

    Raises:
        ConvergenceError: no steady state, or the start-up from the feed settles in none (it oscillates).
    """
    heat, capacity = reactor.heat, reactor.heat.capacity
    mixed = heat.ua / (1 + heat.ua * reactor.tau / capacity)  # jacket mixed: w (T_in - T_j) = ua tau (T_j - T)
    if reactor.tau == 0:
        return TankStates((TankState(reactor.c_in, reactor.temperature, heat.jacket, 0.0, True),), 0)
    balances = _Balances(evolve(reactor, heat=evolve(heat, ua=mixed, capacity=math.inf, counter=False)))
    roots = [x for x in (balances.newton(balances.solve_full, guess) for guess in _scan(balances)) if x is not None]
    begun = _start_up(balances)
    if begun is not None:
        roots.append(begun)
    kept: list[Array] = []
    for x in roots:
        if not any(np.max(np.abs(x - k)) < 1e-7 for k in kept):
            kept.append(x)
    states = sorted((_describe(balances, x, capacity) for x in kept), key=lambda s: s.temperature)
    if begun is None:
        listed = ", ".join(f"{s.temperature:.2f} K ({'stable' if s.stable else 'unstable'})" for s in states) or "none found"
        raise ConvergenceError(
            f"the tank filled with feed settles in no steady state; steady states: {listed}", fix="it oscillates or is very stiff: change feed temperature, jacket or volume"
        )
    reached = _describe(balances, begun, capacity).temperature
    return TankStates(tuple(states), int(np.argmin([abs(s.temperature - reached) for s in states])))


def _scan(balances: _Balances) -> list[Array]:
    """Guesses of all steady states: changes of sign and near misses of the energy balance over temperature."""
    from scipy.optimize import brentq, minimize_scalar

    low, high = temperature_bounds(balances.reactor)
    grid = np.linspace(low - 1.0, high + 1.0, int(np.clip((high - low) / 0.5, 300, 2000)))
    known: list[Array | None] = []
    for t in grid:
        known.append(balances.extents(float(t), known[-1] if known else None))

    def excess(t: float, near: Array | None) -> float:
        xi = balances.extents(t, near)
        return math.nan if xi is None else float(balances.excess(xi, t)[0])

    values = [excess(float(t), xi) for t, xi in zip(grid, known, strict=True)]
    brackets = [(float(grid[k]), float(grid[k + 1]), known[k]) for k in range(len(grid) - 1) if values[k] * values[k + 1] <= 0]
    for k in range(1, len(grid) - 1):  # two roots between grid points show as a dip of |excess| that does not reach zero
        a, b, c = values[k - 1 : k + 2]
        if a * b > 0 and b * c > 0 and abs(b) <= min(abs(a), abs(c)):
            sign, near = math.copysign(1.0, b), known[k]
            dip = minimize_scalar(lambda t, s=sign, n=near: s * excess(t, n), bounds=(grid[k - 1], grid[k + 1]), method="bounded", options={"xatol": 1e-9})
            if dip.fun <= 0:
                brackets += [(float(grid[k - 1]), float(dip.x), near), (float(dip.x), float(grid[k + 1]), near)]
    guesses = []
    for a, b, near in brackets:
        t = float(brentq(excess, a, b, args=(near,), xtol=1e-10))
        xi = balances.extents(t, near)
        if xi is not None and abs(float(balances.excess(xi, t)[0])) < 1e-3:  # a jump between branches is no root
            guesses.append(np.array(balances.excess(xi, t)[1]).ravel())
    return guesses


def _start_up(balances: _Balances) -> Array | None:
    """The steady state reached from a tank filled with feed at the feed's temperature; ``None`` if it does not settle."""
    import casadi as ca

    x = np.zeros(balances.size)
    run = ca.integrator("start", "cvodes", {"x": balances.x, "ode": balances.full}, 0.0, 100.0, OPTIONS)
    for _ in range(10):
        try:
            x = np.array(run(x0=x)["xf"]).ravel()
        except RuntimeError:
            return None
        near = balances.newton(balances.solve_full, x)
        if near is not None and np.max(np.abs(near - x)) < SETTLED:
            return near
    return None


def _describe(balances: _Balances, x: Array, capacity: float) -> TankState:
    """Concentrations, temperatures and stability at a root."""
    reactor = balances.reactor
    c, temperature = reactor.state(list(x))
    eigenvalues = np.linalg.eigvals(np.array(balances.solve_full(x)[1]))
    heat = float(x[-1]) * reactor.q_ref
    return TankState(np.array(c, dtype=float), float(temperature), reactor.heat.jacket - heat / capacity, heat, bool(np.max(eigenvalues.real) < 0))
