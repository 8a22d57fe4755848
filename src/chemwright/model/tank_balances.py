"""The balances of a stirred tank as functions with Jacobians, and its motion in time: what search, stability and start-up share."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.model.heat import OPTIONS, HeatedReactor
from chemwright.model.protocol import Array


class Balances:
    """Steady balances in scaled extents and heat, with their Jacobian, and the material balance alone.

    Of a liquid, ``full`` is also the motion in time of a tank (in residence times) and its Jacobian decides on stability; for a gas,
    whose outflow follows what the tank's constant volume can't hold, see :class:`GasMotion`.
    """

    def __init__(self, reactor: HeatedReactor) -> None:
        import casadi as ca

        self.reactor, self.size = reactor, reactor.n_reactions + 1
        x, t, ln_tau = ca.SX.sym("x", self.size), ca.SX.sym("T"), ca.SX.sym("ln_tau")
        parts = ca.vertsplit(x)
        beside = reactor.temperature if reactor.heat is None else reactor.heat.jacket
        rise = ca.vertcat(*reactor.rise(parts, beside))
        self.x, self.full = x, rise - x
        self.solve_full = ca.Function("full", [x], [self.full, ca.jacobian(self.full, x)])
        longer = ca.exp(ln_tau) * rise - x  # every gain is proportional to the residence time
        self.solve_longer = ca.Function("longer", [x, ln_tau], [longer, ca.jacobian(longer, ca.vertcat(x, ln_tau))])
        if reactor.heat is None:
            return
        xi = x[:-1]
        n = reactor.amounts([*parts[:-1], 0.0])[0]
        v = reactor.swelling(n, t, parts)
        rates = reactor.law.rates([a / v for a in n], t, list(reactor.theta))
        self.material = ca.vertcat(*rates) * reactor.tau / reactor.c_ref - xi
        self.solve_material = ca.Function("material", [xi, t], [self.material, ca.jacobian(self.material, xi)])
        self.start = ca.integrator("material", "cvodes", {"x": xi, "p": t, "ode": self.material}, 0.0, 200.0, OPTIONS)
        state = ca.vertcat(xi, reactor.heat.ua * reactor.tau / reactor.q_ref * (reactor.heat.jacket - t))
        self.excess = ca.Function("excess", [xi, t], [reactor.amounts(ca.vertsplit(state))[1] - t, state])

    def physical(self, x: Array) -> bool:
        """Whether no amount is negative beyond round-off."""
        extents = x[: self.size - 1] * self.reactor.c_ref
        return bool(np.all(self.reactor.c_in + extents @ self.reactor.law.stoichiometry >= -1e-7 * self.reactor.c_ref))

    def newton(self, function: Any, x: Array, *rest: float) -> Array | None:
        """Newton from a near guess; ``None`` unless it converges to amounts that are not negative."""
        for _ in range(30):
            residual, jacobian = (np.array(v) for v in function(x, *rest))
            if not (np.all(np.isfinite(residual)) and np.all(np.isfinite(jacobian))):
                return None
            step = np.linalg.lstsq(jacobian, residual, rcond=None)[0].ravel()
            x = x - step
            if np.max(np.abs(step)) < 1e-11:
                return x if self.physical(x) else None
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

    def closing_heat(self, extents: Array) -> float:
        """Scaled heat received at which a tank with those scaled extents has a heat balance, by its linearity in both."""
        r, heat = self.reactor, self.reactor.heat
        if heat is None or heat.ua == 0:
            return 0.0
        without, unit = (float(r.amounts([*extents, q])[1]) for q in (0.0, 1.0))
        factor = heat.ua * r.tau / r.q_ref
        return factor * (heat.jacket - without) / (1 + factor * (unit - without))


class GasMotion:
    """Motion in time (in residence times V/Q_in) of a tank of constant volume and pressure that holds a gas.

    States are the concentrations; the ideal-gas law gives the temperature from their sum, T = T_in sum(c_in)/sum(c), and the outflow
    is what keeps the pressure. Isothermal, the sum is fixed and the last species follows from it. The content's heat capacity, where
    that of the stream is given as a whole, goes with 1/(T grown), ``grown`` the moles over those fed; it moves only the pace.
    """

    def __init__(self, reactor: HeatedReactor, grown: float = 1.0) -> None:
        import casadi as ca

        self.reactor, heat = reactor, reactor.heat
        c_in, nu, tau, t_in = reactor.c_in, reactor.law.stoichiometry, reactor.tau, reactor.temperature
        fed = float(np.sum(c_in))
        y = ca.SX.sym("y", len(c_in) - (heat is None))
        scaled = [*ca.vertsplit(y), *([1.0 - ca.sum1(y)] if heat is None else [])]
        c = [v * fed for v in scaled]
        total = sum(c)
        temperature = t_in * fed / total
        rates = [r * tau for r in reactor.law.rates(c, temperature, list(reactor.theta))]
        warming: Any = 0.0
        if heat is not None:
            species = np.array(heat.species)
            away = temperature - t_in
            made = sum(-r * (h + float(row @ species) * away) for r, h, row in zip(rates, heat.enthalpy, nu, strict=True))
            held = sum(cp * v for cp, v in zip(heat.species, c, strict=True)) + heat.stream * t_in / temperature / grown
            warming = (made - (heat.stream + float(species @ c_in)) * away + tau * heat.ua * (heat.jacket - temperature)) / held
        outflow = (fed + sum(r * float(np.sum(row)) for r, row in zip(rates, nu, strict=True))) / total + warming / temperature
        change = [c_in[j] - outflow * c[j] + sum(r * nu[i, j] for i, r in enumerate(rates)) for j in range(len(c_in))]
        self.y, self.ode = y, ca.vertcat(*change[: y.numel()]) / fed
        self.look = ca.Function("look", [y], [ca.vertcat(*c), outflow, ca.jacobian(self.ode, y)])
        self.fed = fed

    def place(self, c: Array) -> Array:
        """States from concentrations."""
        return np.asarray(c, dtype=float)[: self.y.numel()] / self.fed

    def extents(self, y: Array) -> Array:
        """Scaled extents near a steady state, from what leaves."""
        c, outflow, _ = (np.array(v).ravel() for v in self.look(y))
        return np.linalg.lstsq(self.reactor.law.stoichiometry.T, c * outflow[0] - self.reactor.c_in, rcond=None)[0] / self.reactor.c_ref
