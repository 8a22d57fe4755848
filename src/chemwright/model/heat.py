"""Ideal reactors with heat, of constant density: extents of reaction and heat received, so that atoms and energy balance by construction.

With the extents xi (mol/m^3) and the heat received from a jacket Q (J per m^3 of feed), the first law for a liquid of constant
density reads sum_j c_j Cp_j (T - T_in) + sum_i xi_i dH_i(T_in) = Q, so the temperature follows explicitly from (xi, Q):

    T = T_in + (Q - sum_i xi_i dH_i(T_in)) / (rho_cp + sum_j c_j Cp_j)

(Fogler, Elements of Chemical Reaction Engineering, ch. 11 and 12; Cp constant in T). The balances are

* batch and plug flow: d xi/dt = r(c, T), dQ/dt = ua (T_j - T), t the batch time or V/Q;
* stirred tank: xi = tau r(c, T), Q = tau ua (T_j - T).

A jacket that flows along changes by T_j = T_j0 -/+ Q/w (co-/counter-current), w its heat capacity flow over the feed's volume flow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw, concentrations

FINE = 1000  # least number of steps on which the hottest place is looked for
OPTIONS = {"reltol": 1e-9, "abstol": 1e-11, "max_num_steps": 50000, "disable_internal_warnings": True, "show_eval_warnings": False}


@frozen
class Heat:
    """Heat effects of a reactor.

    Args:
        enthalpy: of each reaction at the feed's temperature, J/mol, shape (R,).
        stream: heat capacity of the stream that does not change with its make-up, J/(m^3 K); 0 where ``species`` is given.
        species: molar heat capacities, J/(mol K), shape (S,); zeros where ``stream`` is given.
        ua: heat transfer coefficient times area over volume, W/(m^3 K); 0 is adiabatic.
        jacket: temperature of the jacket where it enters, K.
        capacity: heat capacity flow of the jacket over the volume flow of the feed, J/(m^3 K); infinite at constant jacket temperature.
        counter: whether the jacket flows against the feed (tube only).
    """

    enthalpy: tuple[float, ...]
    stream: float
    species: tuple[float, ...]
    ua: float = 0.0
    jacket: float = 298.15
    capacity: float = math.inf
    counter: bool = False


@frozen(eq=False)
class HeatedReactor:
    """A batch, tube or tank with heat.

    Args:
        law: rates.
        theta: its parameters.
        c_in: feed, mol/m^3, shape (S,).
        temperature: of the feed, K.
        tau: residence or batch time, s.
        heat: heat effects.
    """

    law: RateLaw
    theta: Array
    c_in: Array
    temperature: float
    tau: float
    heat: Heat

    @property
    def c_ref(self) -> float:
        """Scale of the extents, mol/m^3."""
        return float(np.max(np.abs(self.c_in)))

    @property
    def q_ref(self) -> float:
        """Scale of the heat, J/m^3: of the feed's heat capacity times temperature."""
        return (self.heat.stream + float(np.dot(self.heat.species, self.c_in))) * self.temperature

    def state(self, x: Sequence[Any]) -> tuple[list[Any], Any]:
        """Concentrations (mol/m^3) and temperature (K) from the scaled extents and heat, numbers or symbols."""
        xi = [v * self.c_ref for v in x[:-1]]
        c = concentrations(self.law, list(self.c_in), xi)
        capacity = self.heat.stream + sum(cp * v for cp, v in zip(self.heat.species, c, strict=True) if cp)
        released = sum(-h * v for h, v in zip(self.heat.enthalpy, xi, strict=True))
        return c, self.temperature + (x[-1] * self.q_ref + released) / capacity

    def jacket(self, x: Sequence[Any], start: Any) -> Any:
        """Temperature of a jacket (K) that is at ``start`` beside the tube's inlet."""
        return start + (1 if self.heat.counter else -1) * x[-1] * self.q_ref / self.heat.capacity

    def rise(self, x: Sequence[Any], jacket: Any) -> list[Any]:
        """What the scaled extents and heat gain in one residence time at that state."""
        c, temperature = self.state(x)
        rates = self.law.rates(c, temperature, list(self.theta))
        return [*(r * self.tau / self.c_ref for r in rates), self.heat.ua * self.tau / self.q_ref * (jacket - temperature)]


@frozen(eq=False)
class HeatProfile:
    """Along batch or tube: time (n,) s, c (n, S) mol/m^3, temperature and jacket temperature (n,) K, heat received (n,) J per m^3 of feed.

    ``hottest`` is (time, temperature) of the hottest place on a grid of at least 1000 steps; ``runaway`` see :func:`adler_enig`.
    """

    time: Array
    c: Array
    temperature: Array
    jacket: Array
    heat: Array
    hottest: tuple[float, float]
    runaway: bool | None


def temperature_bounds(reactor: HeatedReactor) -> tuple[float, float]:
    """Coldest and hottest temperature (K) that any extents with no negative concentration can bring about, by linear programming.

    Returns:
        bounds, cut to 30 % of the colder of feed and jacket below and 5000 K above.
    """
    from scipy.optimize import linprog

    nu, h = reactor.law.stoichiometry, np.array(reactor.heat.enthalpy)
    species = np.array(reactor.heat.species)

    def least(cost: Array) -> float:
        out = linprog(cost, A_ub=-nu.T, b_ub=reactor.c_in, bounds=(None, None))
        return float(out.fun) if out.status == 0 else -math.inf

    capacity = reactor.heat.stream + float(species @ reactor.c_in) + least(nu @ species)
    ends = [reactor.temperature, reactor.heat.jacket] if reactor.heat.ua > 0 else [reactor.temperature]
    if not capacity > 0:
        return 0.3 * min(ends), 5000.0
    low, high = min(ends) + least(-h) / capacity, max(ends) - least(h) / capacity
    return max(low, 0.3 * min(ends)), min(high, 5000.0)


def _integrator(reactor: HeatedReactor, steps: int) -> Any:
    """CVODES over the tube, parameter the jacket's temperature beside the inlet."""
    import casadi as ca

    x, start = ca.SX.sym("x", len(reactor.law.stoichiometry) + 1), ca.SX.sym("start")
    parts = ca.vertsplit(x)
    ode = ca.vertcat(*reactor.rise(parts, reactor.jacket(parts, start)))
    return ca.integrator("tube", "cvodes", {"x": x, "p": start, "ode": ode}, 0.0, list(np.linspace(0, 1, steps + 1)[1:]), OPTIONS)


def _integrate(run: Any, size: int, start: float) -> Array:
    """States (n, R + 1) from the inlet on.

    Raises:
        ConvergenceError: the integrator gave up.
    """
    from chemwright.model.reactors import _reason

    try:
        return np.vstack([np.zeros(size), np.array(run(x0=np.zeros(size), p=start)["xf"]).T])
    except RuntimeError as error:
        raise ConvergenceError(f"the integrator failed: {_reason(error)}", fix="check rate constants, enthalpies, units and residence time") from None


def heated_profile(reactor: HeatedReactor, points: int = 51) -> HeatProfile:
    """Batch or plug flow with heat from inlet to outlet.

    Args:
        reactor: with a non-zero feed.
        points: of the profile, >= 2.

    Raises:
        ConvergenceError: the integrator or the search for a counter-current jacket's end gave up, or a concentration went negative.
    """
    stride = math.ceil(FINE / (points - 1))
    size = len(reactor.law.stoichiometry) + 1
    if reactor.tau == 0:
        reactor = evolve(reactor, heat=evolve(reactor.heat, ua=0.0))
    start = reactor.heat.jacket
    if reactor.heat.counter and reactor.heat.ua > 0 and math.isfinite(reactor.heat.capacity):
        start = counter_current_start(reactor)
    x = _integrate(_integrator(reactor, stride * (points - 1)), size, start)
    columns, temperature = reactor.state(list(x.T))
    c = np.array(np.broadcast_arrays(*columns)).T
    if not np.all(c >= -1e-7 * reactor.c_ref):
        raise ConvergenceError(f"a concentration fell to {np.min(c):.3g} mol/m^3", fix="check rate constants and orders")
    jacket = np.broadcast_to(reactor.jacket(list(x.T), start), temperature.shape)
    time = np.linspace(0.0, reactor.tau, len(x))
    top = int(np.argmax(temperature))
    pick = slice(None, None, stride)
    hottest = (float(time[top]), float(temperature[top]))
    runaway = adler_enig(reactor, x[: top + 1], start)
    return HeatProfile(time[pick], c[pick], temperature[pick], jacket[pick], x[pick, -1] * reactor.q_ref, hottest, runaway)


def counter_current_start(reactor: HeatedReactor) -> float:
    """Temperature (K) with which a counter-current jacket leaves, beside the tube's inlet, by shooting.

    All temperatures between the bounds are scanned for changes of sign and refined by Brent's method; of several solutions the
    coldest is taken.

    Raises:
        ConvergenceError: no solution, or its heat balance does not close to 1e-6 K (shooting is ill-conditioned where the jacket
            has far less heat capacity flow than the heat it passes on).
    """
    from scipy.optimize import brentq

    run, size = _integrator(reactor, 1), len(reactor.law.stoichiometry) + 1

    def miss(start: float) -> float:
        try:
            x = _integrate(run, size, start)[-1]
        except ConvergenceError:
            return math.nan
        return float(reactor.jacket(list(x), start)) - reactor.heat.jacket

    low, high = temperature_bounds(reactor)
    grid = np.unique([*np.linspace(low - 1.0, high + 1.0, 61), reactor.heat.jacket, reactor.temperature])
    values = np.array([miss(t) for t in grid])
    for k in range(len(grid) - 1):
        if values[k] * values[k + 1] <= 0:  # NaN never is
            root = float(brentq(miss, grid[k], grid[k + 1], xtol=1e-13, rtol=1e-15, maxiter=200))
            if abs(miss(root)) < 1e-6:
                return root
    raise ConvergenceError("no end temperature of the counter-current jacket closes its heat balance to 1e-6 K", fix="give the jacket more flow, a lower UA, or run it co-current")


def adler_enig(reactor: HeatedReactor, x: Array, start: float) -> bool | None:
    """Whether the temperature curves upwards against the extent before its maximum.

    The criterion of J. Adler and J. W. Enig, Combustion and Flame 8 (1964) 97-103, for one exothermic reaction beside a jacket of
    constant temperature: d2T/dX2 > 0 somewhere before the hottest place is runaway.

    Args:
        reactor: tube or batch.
        x: states (n, R + 1) up to the hottest place.
        start: jacket temperature, K.

    Returns:
        ``None`` where the criterion does not apply (several reactions, endothermic, adiabatic, a jacket that changes, or no maximum).
    """
    heat = reactor.heat
    if len(heat.enthalpy) != 1 or heat.enthalpy[0] >= 0 or heat.ua <= 0 or math.isfinite(heat.capacity):
        return None
    if len(x) < 5:
        return False
    rise = reactor.rise(list(x.T), start)
    c, temperature = reactor.state(list(x.T))
    capacity = heat.stream + sum(cp * v for cp, v in zip(heat.species, c, strict=True))
    extra = float(reactor.law.stoichiometry[0] @ np.array(heat.species))  # dCp of the reaction
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (reactor.q_ref / reactor.c_ref * rise[1] / rise[0] - heat.enthalpy[0] - (temperature - reactor.temperature) * extra) / capacity
    slope = slope[np.isfinite(slope) & (slope > 0)]
    return bool(np.any(np.diff(slope) > 1e-7 * np.max(slope, initial=0.0)))
