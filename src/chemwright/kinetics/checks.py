"""Published numbers for the room ``kinetics``: ideal reactors, regression and a steady-state optimum."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from chemwright.kinetics import flow_checks, heat_checks, law_checks
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import GAS_CONSTANT, Equilibrium, MassAction
from chemwright.kinetics.refit import REACTIONS, refitted
from chemwright.kinetics.williams_otto import Optimum, optimum
from chemwright.model.check import Check
from chemwright.model.protocol import Array
from chemwright.model.reactors import profile, stirred_tank

HOUR = 3600.0  # s
FOGLER = "H. S. Fogler, Elements of Chemical Reaction Engineering, 5th ed., Pearson 2016, Example 11-3"
FEED, FLOW, HOT, CONVERSION = 9300.0, 0.9 * 163e3 / HOUR / 9300.0, 347.3, 0.40
"""n-Butane in the feed [mol/m^3], feed [m^3/s], temperature at 40 % conversion of the adiabatic reactor [K], that conversion."""
VAN_DE_VUSSE = (50.0, 100.0, 10.0, 10.0)  # k1, k2 [1/h], k3 [L/(mol h)], feed [mol/L]


@lru_cache(maxsize=1)
def _butane() -> tuple[MassAction, Array]:
    """n-Butane to isobutane, k = 31.1 1/h at 360 K, 65.7 kJ/mol, K = 3.03 at 60 degC, -6.9 kJ/mol, with its parameters."""
    network = Network(("n", "iso"), (parse_reaction("n <-> iso"),))
    return MassAction(network, (360.0,), (Equilibrium(3.03, 333.15, -6.9e3),)), np.array([math.log(31.1 / HOUR), 65.7e3])


def _volume(outlet: Callable[[float], float]) -> float:
    """Volume [m^3] at which a reactor of that outlet concentration of n-butane (of the residence time) reaches the conversion."""
    from scipy.optimize import brentq

    tau = brentq(lambda t: 1.0 - outlet(t) / FEED - CONVERSION, 1.0, HOUR, xtol=1e-9, rtol=1e-12)
    return float(tau) * FLOW


def _tube_volume() -> float:
    """Isothermal plug flow, by integration."""
    law, theta = _butane()
    return _volume(lambda tau: float(profile(law, theta, np.array([FEED, 0.0]), HOT, tau, 2).c[-1, 0]))


def _tube_exact() -> float:
    """The same in closed form: V = v/k X_e ln(X_e/(X_e - X))."""
    k = 31.1 / HOUR * math.exp(-65.7e3 / GAS_CONSTANT * (1 / HOT - 1 / 360.0))
    balance = 3.03 * math.exp(6.9e3 / GAS_CONSTANT * (1 / HOT - 1 / 333.15))
    end = balance / (1 + balance)
    return FLOW / k * end * math.log(end / (end - CONVERSION))


def _tank_volume() -> float:
    """Stirred tank at the temperature that the adiabatic one has."""
    law, theta = _butane()
    return _volume(lambda tau: float(stirred_tank(law, theta, np.array([FEED, 0.0]), HOT, tau)[0]))


def _equilibrium() -> float:
    """Conversion of a tube long enough to end at equilibrium."""
    law, theta = _butane()
    return 1.0 - float(profile(law, theta, np.array([FEED, 0.0]), 361.0, 10 * HOUR, 2).c[-1, 0]) / FEED


@lru_cache(maxsize=1)
def _van_de_vusse() -> tuple[float, float]:
    """Dilution rate [1/h] that makes most of B in A -> B -> C, 2 A -> D, and B's concentration [mol/L], by searching over stirred tanks."""
    from scipy.optimize import minimize_scalar

    k1, k2, k3, feed = VAN_DE_VUSSE
    network = Network(("A", "B", "C", "D"), tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(("A -> B", "B -> C", "2 A -> D"))))
    theta = np.array([math.log(k1 / HOUR), math.log(k2 / HOUR), math.log(k3 / 2 / 1000.0 / HOUR), 0.0, 0.0, 0.0])  # A goes at twice the third rate
    law, inlet = MassAction(network, (400.0,) * 3), np.array([1000.0 * feed, 0.0, 0.0, 0.0])

    def loss(dilution: float) -> float:
        return -float(stirred_tank(law, theta, inlet, 400.0, HOUR / dilution)[1]) / 1000.0

    found = minimize_scalar(loss, bounds=(10.0, 300.0), method="bounded", options={"xatol": 1e-4})
    return float(found.x), -float(found.fun)


def _van_de_vusse_exact() -> tuple[float, float]:
    """The same in closed form: at the optimum (k3 f + k1 - k2) a^2 + 2 k2 f a - k2 f^2 = 0 for a, what is left of the feed f."""
    k1, k2, k3, feed = VAN_DE_VUSSE
    curve = k3 * feed + k1 - k2
    a = (-k2 * feed + math.sqrt((k2 * feed) ** 2 + curve * k2 * feed**2)) / curve
    dilution = (k1 * a + k3 * a**2) / (feed - a)
    return dilution, k1 * a / (dilution + k2)


@lru_cache(maxsize=1)
def _williams_otto() -> Optimum:
    """The optimum, found once."""
    return optimum()


def _butane_checks() -> tuple[Check, ...]:
    """Fogler's isomerisation of n-butane."""
    tube, tank = "volume of an isothermal tube at 347.3 K for X = 0.40", "volume of a stirred tank at 347.3 K for X = 0.40 (mass balance of the adiabatic example)"
    rounding = "temperature rounded to 0.1 K (0.4 % in the volume), intermediate results to three digits (about 1 %), two digits given"
    return (
        Check(
            "n-butane.isothermal-pfr", "kinetics", tube, "m^3", _tube_exact(), 1e-6, "relative tolerance of the integrator 1e-9", f"analytic; kinetics of {FOGLER}", _tube_volume
        ),
        Check("n-butane.cstr", "kinetics", tank, "m^3", 0.99, 0.02, rounding, FOGLER, _tank_volume),
        Check("n-butane.equilibrium", "kinetics", "equilibrium conversion at 361 K", "1", 0.714, 0.002, "three digits, and 333 or 333.15 K for 60 degC", FOGLER, _equilibrium),
    )


def _refit_checks() -> tuple[Check, ...]:
    """Hone's rate constants, each as the fit of the start that came out worst has it."""
    source = "C. A. Hone et al., React. Chem. Eng. 2017, 2, 103-108 (2,4-difluoronitrobenzene and pyrrolidine, 90 degC)"
    because = "5 %, about five standard errors of the least certain constant at 2 % noise"

    def worst(i: int, published: float) -> Callable[[], float]:
        def run() -> float:
            ratio = refitted()[:, i]
            return published * float(ratio[np.argmax(np.abs(ratio - 1.0))])

        return run

    values = (0.579, 0.0270, 0.00865, 0.0163)
    return tuple(
        Check(f"hone2017.k-r{i + 1}", "kinetics", f"k of {REACTIONS[i]} refitted from starts 3 decades off, worst of 4", "L/(mol s)", k, 0.05 * k, because, source, worst(i, k))
        for i, k in enumerate(values)
    )


def _optimum_checks() -> tuple[Check, ...]:
    """Van de Vusse's and Williams and Otto's reactors."""
    vusse = "analytic (derivative of the balance); reaction scheme of J. G. van de Vusse, Chem. Eng. Sci. 1964, 19, 994, constants as in textbooks of process control"
    forbes = "J. F. Forbes and T. E. Marlin, Comput. Chem. Eng. 1996, 20, 717-734 (formulation); optimum as commonly quoted for it, no one paper pinned down"
    dilution, most = _van_de_vusse_exact()
    flat = "search in a flat optimum: 1e-8 in the concentration is 0.01 in the dilution rate"
    return (
        Check(
            "van-de-vusse.yield",
            "kinetics",
            "largest concentration of B of an isothermal stirred tank",
            "mol/L",
            most,
            1e-6,
            "tolerance of the solver",
            vusse,
            lambda: _van_de_vusse()[1],
        ),
        Check("van-de-vusse.dilution", "kinetics", "dilution rate there", "1/h", dilution, 0.05, flat, vusse, lambda: _van_de_vusse()[0]),
        Check("williams-otto.feed", "kinetics", "feed of B at the optimum", "kg/s", 4.787, 0.001, "printed digits", forbes, lambda: _williams_otto().feed_b),
        Check("williams-otto.temperature", "kinetics", "temperature at the optimum", "degC", 89.70, 0.01, "printed digits", forbes, lambda: _williams_otto().temperature - 273.15),
        Check(
            "williams-otto.profit",
            "kinetics",
            "profit at the optimum",
            "1/s",
            190.99,
            0.05,
            "the rate constants circulate with four and with five digits, 0.03 apart in the profit; half a last digit of the price of B is 0.02",
            forbes,
            lambda: _williams_otto().profit,
        ),
    )


CHECKS: tuple[Check, ...] = (*_butane_checks(), *heat_checks.CHECKS, *flow_checks.CHECKS, *law_checks.CHECKS, *_refit_checks(), *_optimum_checks())
