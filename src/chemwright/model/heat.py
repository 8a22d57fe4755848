"""Ideal reactors with heat, liquid or gas: extents of reaction and heat received, so that atoms and energy balance by construction.

With the extents xi (mol per m^3 of feed), the amounts n = c_in + nu^T xi and the heat received from a jacket Q (J per m^3 of feed),
the first law reads sum_j n_j Cp_j (T - T_in) + sum_i xi_i dH_i(T_in) = Q, so the temperature follows explicitly from (xi, Q):

    T = T_in + (Q - sum_i xi_i dH_i(T_in)) / (rho_cp + sum_j n_j Cp_j)

(Fogler, Elements of Chemical Reaction Engineering, ch. 11 and 12; Cp constant in T). The balances are

* batch and plug flow: d xi/dt = r(c, T), dQ/dt = ua (T_j - T), t the batch time or V/Q_in;
* stirred tank: xi = tau r(c, T), Q = tau ua (T_j - T).

A liquid keeps its density, c = n; a gas follows :mod:`chemwright.model.gas`. A rigid batch of gas takes internal energies in the
place of enthalpies, which :class:`Heat` is then given; one at constant pressure has d xi/dt = v r.
A jacket that flows along changes by T_j = T_j0 -/+ Q/w (co-/counter-current), w its heat capacity flow over the feed's volume flow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError
from chemwright.model.gas import GAS_CONSTANT, Gas
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw, concentrations, how_far, reason

LOWEST = 1e-6  # of (P/P_in)^2: a thousandth of the pressure counts as none
FINE = 1000  # least number of steps on which the hottest place is looked for
OPTIONS = {"reltol": 1e-9, "abstol": 1e-11, "max_num_steps": 50000, "disable_internal_warnings": True, "show_eval_warnings": False}


@frozen
class Heat:
    """Heat effects of a reactor.

    Args:
        enthalpy: of each reaction at the feed's temperature, J/mol, shape (R,).
        stream: heat capacity of the stream that does not change with its make-up, J/(m^3 K) of feed; 0 where ``species`` is given.
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
    """A batch, tube or tank, with heat or isothermal.

    Args:
        law: rates.
        theta: its parameters.
        c_in: feed, mol/m^3, shape (S,).
        temperature: of the feed, K.
        tau: residence time V/Q_in or batch time, s.
        heat: heat effects; ``None`` keeps the feed's temperature.
        gas: for a gas; ``None`` is a liquid.
        batch: whether it is a batch, whose volume (with a gas) is that of its content.
    """

    law: RateLaw
    theta: Array
    c_in: Array
    temperature: float
    tau: float
    heat: Heat | None
    gas: Gas | None = None
    batch: bool = False

    @property
    def n_reactions(self) -> int:
        """Number of extents."""
        return len(self.law.stoichiometry)

    @property
    def size(self) -> int:
        """Number of states: extents, heat and, in a bed, the square of the pressure."""
        return self.n_reactions + 1 + bool(self.gas and self.gas.drop)

    @property
    def inlet(self) -> Array:
        """The states of the feed."""
        x = np.zeros(self.size)
        x[self.n_reactions + 1 :] = 1.0
        return x

    @property
    def c_ref(self) -> float:
        """Scale of the extents, mol/m^3; 1 of a feed that holds nothing."""
        return float(np.max(np.abs(self.c_in))) or 1.0

    @property
    def q_ref(self) -> float:
        """Scale of the heat, J/m^3: of the feed's heat capacity times temperature."""
        if self.heat is None:
            return self.c_ref * GAS_CONSTANT * self.temperature
        return (self.heat.stream + float(np.dot(self.heat.species, self.c_in))) * self.temperature

    def amounts(self, x: Sequence[Any]) -> tuple[list[Any], Any]:
        """Amounts (mol per m^3 of feed) and temperature (K) from the scaled states, numbers or symbols."""
        xi = [v * self.c_ref for v in x[: self.n_reactions]]
        n = concentrations(self.law, list(self.c_in), xi)
        if self.heat is None:
            return n, self.temperature + 0.0 * x[0]
        capacity = self.heat.stream + sum(cp * v for cp, v in zip(self.heat.species, n, strict=True) if cp)
        released = sum(-h * v for h, v in zip(self.heat.enthalpy, xi, strict=True))
        return n, self.temperature + (x[self.n_reactions] * self.q_ref + released) / capacity

    def swelling(self, n: Sequence[Any], temperature: Any, x: Sequence[Any]) -> Any:
        """Volume over that of the feed; 1 of a liquid."""
        square = x[self.n_reactions + 1] if len(x) > self.n_reactions + 1 else 1.0
        return 1.0 if self.gas is None else self.gas.swelling(n, float(np.sum(self.c_in)), temperature / self.temperature, square)

    def pressure(self, n: Sequence[Any], temperature: Any, x: Sequence[Any]) -> Any:
        """Pressure of a gas, Pa."""
        assert self.gas is not None
        square = x[self.n_reactions + 1] if len(x) > self.n_reactions + 1 else 1.0
        return self.gas.pressure_at(n, float(np.sum(self.c_in)), temperature / self.temperature, square)

    def state(self, x: Sequence[Any]) -> tuple[list[Any], Any]:
        """Concentrations (mol/m^3) and temperature (K) from the scaled states."""
        n, temperature = self.amounts(x)
        v = self.swelling(n, temperature, x)
        return [a / v for a in n], temperature

    def jacket(self, x: Sequence[Any], start: Any) -> Any:
        """Temperature of a jacket (K) that is at ``start`` beside the tube's inlet."""
        assert self.heat is not None
        return start + (1 if self.heat.counter else -1) * x[self.n_reactions] * self.q_ref / self.heat.capacity

    def rise(self, x: Sequence[Any], jacket: Any) -> list[Any]:
        """What the scaled states gain in one residence time at that state."""
        n, temperature = self.amounts(x)
        v = self.swelling(n, temperature, x)
        rates = self.law.rates([a / v for a in n], temperature, list(self.theta))
        grown = v if self.batch else 1.0
        gains = [r * grown * self.tau / self.c_ref for r in rates]
        gains.append(0.0 if self.heat is None else self.heat.ua * self.tau / self.q_ref * (jacket - temperature))
        if self.gas is not None and self.gas.drop:  # v y is free of y: moles and temperature alone, so nothing blows up as y goes
            gains.append(-self.gas.drop * self.tau * sum(n) / float(np.sum(self.c_in)) * temperature / self.temperature)
        return gains


@frozen(eq=False)
class HeatProfile:
    """Along batch or tube: time (n,) s, c (n, S) mol/m^3, temperature and jacket temperature (n,) K, heat received (n,) J per m^3 of feed.

    ``amounts`` (n, S) are mol per m^3 of feed, ``swelling`` (n,) the volume over the feed's, ``pressure`` (n,) Pa or ``None`` of a liquid.
    ``hottest`` is (time, temperature) of the hottest place on a grid of at least 1000 steps; ``runaway`` see
    :func:`chemwright.model.runaway.adler_enig`; ``solutions`` is the number of profiles found beside a counter-current jacket, this
    one the one whose jacket leaves coldest.
    """

    time: Array
    c: Array
    amounts: Array
    swelling: Array
    temperature: Array
    jacket: Array
    pressure: Array | None
    heat: Array
    hottest: tuple[float, float]
    runaway: bool | None
    solutions: int = 1


def temperature_bounds(reactor: HeatedReactor) -> tuple[float, float]:
    """Coldest and hottest temperature (K) that any extents with no negative amount can bring about, by linear programming.

    Returns:
        bounds, cut to 30 % of the colder of feed and jacket below and 5000 K above; the feed's temperature twice of an isothermal reactor.
    """
    from scipy.optimize import linprog

    if reactor.heat is None:
        return reactor.temperature, reactor.temperature
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


class Tube:
    """The integrator of a tube or batch: CVODES over one residence time, parameter the jacket's temperature beside the inlet."""

    def __init__(self, reactor: HeatedReactor, steps: int = 1) -> None:
        import casadi as ca

        self.reactor = reactor
        self.x, self.start = ca.SX.sym("x", reactor.size), ca.SX.sym("start")
        parts = ca.vertsplit(self.x)
        beside = self.start if reactor.heat is None else reactor.jacket(parts, self.start)
        self.ode = ca.vertcat(*reactor.rise(parts, beside))
        self.run = ca.integrator("tube", "cvodes", {"x": self.x, "p": self.start, "ode": self.ode}, 0.0, list(np.linspace(0, 1, steps + 1)[1:]), OPTIONS)

    def states(self, start: float) -> Array:
        """States (n, size) from the inlet on.

        Raises:
            ConvergenceError: the integrator gave up; the last good place is told.
        """
        try:
            return np.vstack([self.reactor.inlet, np.array(self.run(x0=self.reactor.inlet, p=start)["xf"]).T])
        except RuntimeError as error:
            done, x = how_far(self.x, self.start, self.ode, self.reactor.inlet, start)
            raise ConvergenceError(
                f"the integrator failed: {reason(error)}", fix="check rate constants, enthalpies, units and residence time", last_good=describe(self.reactor, x, done)
            ) from None


def describe(reactor: HeatedReactor, x: Array, done: float) -> dict[str, float]:
    """A place along the tube or batch in words."""
    n, temperature = reactor.amounts(list(x))
    said = {"time (of a tube V/Q) [s]": done * reactor.tau, "share of the whole": done, "temperature [K]": float(temperature)}
    if reactor.gas is not None:
        said["pressure [Pa]"] = float(reactor.pressure(n, temperature, list(x)))
    return said


def heated_profile(reactor: HeatedReactor, points: int = 51) -> HeatProfile:
    """Batch or plug flow from inlet to outlet.

    Args:
        reactor: with a non-zero feed.
        points: of the profile, >= 2.

    Raises:
        ConvergenceError: the integrator or the search for a counter-current jacket's end gave up, a concentration went negative, or the
            pressure ends inside the bed.
    """
    from chemwright.model.counter_current import counter_current
    from chemwright.model.runaway import adler_enig

    stride = math.ceil(FINE / (points - 1))
    heat = reactor.heat
    if reactor.tau == 0 and heat is not None:
        reactor = evolve(reactor, heat=evolve(heat, ua=0.0))
        heat = reactor.heat
    start, solutions = reactor.temperature if heat is None else heat.jacket, 1
    if heat is not None and heat.counter and heat.ua > 0 and math.isfinite(heat.capacity):
        x, start, solutions = counter_current(reactor, stride * (points - 1))
    else:
        x = Tube(reactor, stride * (points - 1)).states(start)
    rows = list(x.T)
    amounts, temperature = reactor.amounts(rows)
    n = np.array(np.broadcast_arrays(*amounts)).T
    _check(reactor, x, n)
    swelling = np.broadcast_to(reactor.swelling(amounts, temperature, rows), temperature.shape)
    pressure = None if reactor.gas is None else np.broadcast_to(reactor.pressure(amounts, temperature, rows), temperature.shape)
    jacket = np.full(temperature.shape, start) if heat is None else np.broadcast_to(reactor.jacket(rows, start), temperature.shape)
    time = np.linspace(0.0, reactor.tau, len(x))
    top = int(np.argmax(temperature))
    pick = slice(None, None, stride)
    return HeatProfile(
        time[pick],
        n[pick] / swelling[pick, None],
        n[pick],
        swelling[pick],
        temperature[pick],
        jacket[pick],
        None if pressure is None else pressure[pick],
        x[pick, reactor.n_reactions] * reactor.q_ref,
        (float(time[top]), float(temperature[top])),
        adler_enig(reactor, x[: top + 1], start),
        solutions,
    )


def _check(reactor: HeatedReactor, x: Array, n: Array) -> None:
    """Refuse a run whose pressure ends inside the bed, or with a negative amount."""
    if x.shape[1] > reactor.n_reactions + 1 and np.any(x[:, -1] <= LOWEST):
        k = int(np.argmax(x[:, -1] <= LOWEST))
        a, b = x[k - 1, -1], x[k, -1]
        done = (k - 1 + float((a - LOWEST) / (a - b))) / (len(x) - 1)
        raise ConvergenceError(
            f"the pressure falls to zero inside the bed, after {100 * done:.1f} % of its length",
            fix="a shorter or wider bed, larger particles, a higher pressure or less flow",
            last_good=describe(reactor, x[k - 1], (k - 1) / (len(x) - 1)),
            residuals={"length of bed that gets no flow [share of the whole]": 1 - done},
        )
    good = np.all(n >= -1e-7 * reactor.c_ref, axis=1)  # NaN fails too
    if not np.all(good):
        k = int(np.argmin(good))
        raise ConvergenceError(
            f"a concentration fell to {np.min(n):.3g} mol/m^3",
            fix="check rate constants and orders",
            last_good=describe(reactor, x[max(k - 1, 0)], max(k - 1, 0) / (len(x) - 1)),
            residuals={"most negative amount [mol per m^3 of feed]": float(np.min(n))},
        )
