"""The Williams-Otto reactor: a benchmark of steady-state optimisation, as a rate law on mass fractions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.model.lower import exp
from chemwright.model.protocol import Array
from chemwright.model.reactors import concentrations, stirred_tank

ARRHENIUS = ((1.6599e6, 6666.7), (7.2117e8, 8333.3), (2.6745e12, 11111.0))
"""Frequency factors [1/s] and activation temperatures [K] of A + B -> C, B + C -> P + E, C + P -> G."""
FEED_A, HOLDUP = 1.8275, 2105.0
"""Feed of A [kg/s] and mass in the reactor [kg]."""
SPECIES = ("A", "B", "C", "E", "P", "G")


@frozen
class WilliamsOttoLaw:
    """Rates (1/s) on mass fractions; the coefficients are masses (molar masses of A, B and P are equal, of C and E twice, of G three times that)."""

    @property
    def stoichiometry(self) -> Array:
        """Mass of each species made by one mass of the first reactant, shape (3, 6); the rows sum to zero."""
        return np.array([[-1.0, -1.0, 2.0, 0.0, 0.0, 0.0], [0.0, -1.0, -2.0, 2.0, 1.0, 0.0], [0.0, 0.0, -1.0, 0.0, -0.5, 1.5]])

    @property
    def n_parameters(self) -> int:
        """None: the constants are the benchmark's."""
        return 0

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates in 1/s from mass fractions ``c`` and temperature in K."""
        k1, k2, k3 = (factor * exp(-activation / temperature) for factor, activation in ARRHENIUS)
        return [k1 * c[0] * c[1], k2 * c[1] * c[2], k3 * c[2] * c[4]]


@frozen
class Optimum:
    """Feed of B [kg/s], temperature [K] and profit [1/s, the benchmark's money]."""

    feed_b: float
    temperature: float
    profit: float


def inlet(feed_b: Any) -> list[Any]:
    """Mass fractions of the joint feed."""
    total = FEED_A + feed_b
    return [FEED_A / total, feed_b / total, 0.0, 0.0, 0.0, 0.0]


def profit(feed_b: Any, out: Sequence[Any]) -> Any:
    """Value of P and E less the price of A and B, per second, from the outlet's mass fractions."""
    total = FEED_A + feed_b
    return 1143.38 * out[4] * total + 25.92 * out[3] * total - 76.23 * FEED_A - 114.34 * feed_b


def optimum() -> Optimum:
    """Feed of B and temperature of largest profit, by IPOPT; the profit is that of the reactor solved again by :func:`stirred_tank`.

    Formulation: J. F. Forbes and T. E. Marlin, Comput. Chem. Eng. 1996, 20, 717-734, after T. J. Williams and R. E. Otto, 1960.

    Raises:
        ConvergenceError: IPOPT found no optimum.
    """
    import casadi as ca

    law = WilliamsOttoLaw()
    feed_b, temperature, xi = ca.SX.sym("feed_b"), ca.SX.sym("temperature"), ca.SX.sym("xi", 3)
    out = concentrations(law, inlet(feed_b), ca.vertsplit(xi))
    balance = ca.vertcat(*law.rates(out, temperature, ())) * HOLDUP / (FEED_A + feed_b) - xi
    problem = {"x": ca.vertcat(feed_b, temperature, xi), "f": -profit(feed_b, out), "g": balance}
    solve = ca.nlpsol("williams_otto", "ipopt", problem, {"ipopt.print_level": 0, "ipopt.sb": "yes", "print_time": False})
    found = solve(x0=[4.0, 350.0, 0.2, 0.15, 0.05], lbx=[2.0, 330.0, 0.0, 0.0, 0.0], ubx=[8.0, 390.0, 1.0, 1.0, 1.0], lbg=0.0, ubg=0.0)
    if not solve.stats()["success"]:
        raise ConvergenceError(f"IPOPT ended with {solve.stats()['return_status']}", where="Williams-Otto reactor", fix="report it: the problem is fixed")
    b, t = (float(v) for v in np.array(found["x"]).ravel()[:2])
    mixed = stirred_tank(law, np.zeros(0), np.array(inlet(b)), t, HOLDUP / (FEED_A + b))
    return Optimum(b, t, float(profit(b, list(mixed))))
