"""Published numbers for reactors with heat: Fogler's adiabatic n-butane example, and a tank with three steady states."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import Equilibrium, MassAction
from chemwright.model.check import Check
from chemwright.model.heat import Heat, HeatedReactor, heated_profile
from chemwright.model.heat_tank import TankStates, steady_states

FOGLER = "H. S. Fogler, Elements of Chemical Reaction Engineering, 5th ed., Pearson 2016, Example 11-3"
FEED, FLOW = 9300.0, 0.9 * 163e3 / 3600.0 / 9300.0
"""n-Butane in the feed [mol/m^3], feed [m^3/s]."""
MIDDLE = 350.0
"""Temperature [K] of the middle steady state, by construction at half conversion."""


def _butane(volume: float) -> HeatedReactor:
    """The adiabatic reactor of the example at a volume (m^3)."""
    network = Network(("n", "iso", "i-pentane"), (parse_reaction("n <-> iso"),))
    law = MassAction(network, (360.0,), (Equilibrium(3.03, 333.15, -6.9e3),))
    theta = np.array([math.log(31.1 / 3600.0), 65.7e3])
    return HeatedReactor(law, theta, np.array([FEED, 0.0, FEED / 9]), 330.0, volume / FLOW, Heat((-6.9e3,), 0.0, (141.0, 141.0, 161.0)))


def _volume(conversion: float, tank: bool) -> float:
    """Volume (m^3) at which the adiabatic tank or tube reaches a conversion."""
    from scipy.optimize import brentq

    def gap(volume: float) -> float:
        reactor = _butane(volume)
        if tank:
            found = steady_states(reactor)
            left = found.states[found.reached].c[0]
        else:
            left = heated_profile(reactor, 2).c[-1, 0]
        return float(1 - left / FEED - conversion)

    return float(brentq(gap, 0.2, 10.0, xtol=1e-4))


def _end(volume: float = 40.0) -> tuple[float, float]:
    """Conversion and temperature (K) where a long adiabatic tube ends: equilibrium."""
    run = heated_profile(_butane(volume), 2)
    return float(1 - run.c[-1, 0] / FEED), float(run.temperature[-1])


@lru_cache(maxsize=1)
def _three() -> TankStates:
    """An adiabatic tank made to have its middle steady state at 350 K and half conversion: k tau = 1 there, adiabatic rise 100 K, feed at 300 K."""
    network = Network(("A", "B"), (parse_reaction("A -> B"),))
    tau = 600.0
    law = MassAction(network, (MIDDLE,))
    heat = Heat((-2.0e5,), 4.0e6, (0.0, 0.0))
    return steady_states(HeatedReactor(law, np.array([math.log(1.0 / tau), 9.0e4]), np.array([2000.0, 0.0]), 300.0, tau, heat))


CHECKS: tuple[Check, ...] = (
    Check("n-butane-adiabatic.cstr", "kinetics", "volume of an adiabatic tank for 40 % conversion", "m^3", 1.0, 0.03, "the book gives two digits", FOGLER, lambda: _volume(0.4, True)),
    Check("n-butane-adiabatic.pfr", "kinetics", "volume of an adiabatic tube for 40 % conversion", "m^3", 1.15, 0.01, "rounding of the book", FOGLER, lambda: _volume(0.4, False)),
    Check("n-butane-adiabatic.equilibrium-x", "kinetics", "conversion at adiabatic equilibrium", "1", 0.71, 0.006, "the book gives two digits", FOGLER, lambda: _end()[0]),
    Check("n-butane-adiabatic.equilibrium-t", "kinetics", "temperature at adiabatic equilibrium", "K", 361.0, 0.7, "the book rounds its heat capacities", FOGLER, lambda: _end()[1]),
    Check("three-states.count", "kinetics", "number of steady states of an exothermic tank", "1", 3.0, 0.0, "a count", "analytic: constructed (k tau = 1 and X = 1/2 at 350 K)", lambda: float(len(_three().states))),
    Check("three-states.middle", "kinetics", "temperature of the middle one", "K", MIDDLE, 1e-4, "analytic", "analytic: constructed (k tau = 1 and X = 1/2 at 350 K)", lambda: float(_three().states[1].temperature)),
    Check("three-states.unstable", "kinetics", "number of unstable ones", "1", 1.0, 0.0, "a count", "slope condition of van Heerden, Ind. Eng. Chem. 1953, 45, 1242", lambda: float(sum(not s.stable for s in _three().states))),
)  # fmt: skip
