"""Published numbers for gases, beds, counter-current jackets and tanks with several states."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import GAS_CONSTANT, MassAction
from chemwright.model.check import Check
from chemwright.model.gas import Gas, ergun
from chemwright.model.heat import Heat, HeatedReactor, heated_profile
from chemwright.model.heat_tank import TankState, TankStates, steady_states

ISOTHERMAL_BOOK = "H. S. Fogler, Elements of Chemical Reaction Engineering, 3rd ed., Prentice Hall 1999, ch. 4"
ATM, FOOT, POUND, HOUR = 101325.0, 0.3048, 0.45359237, 3600.0
KLATT = "H. Chen, A. Kremling, F. Allgoewer, Proc. 3rd European Control Conference, Rome 1995, 3247-3252 (benchmark of K.-U. Klatt and S. Engell)"
GRAY = "closed form (roots of a cubic); scheme of P. Gray and S. K. Scott, Chem. Eng. Sci. 1984, 39, 1087-1097"
EXCHANGER = "closed form (effectiveness of a counter-current exchanger)"
TRANSFER, RATIO = 30.0, 0.8
"""Transfer units of the weaker stream, and the ratio of the heat capacity flows, of the exchanger without reaction."""
CUBIC = (100.0, 0.025)  # Gray and Scott's residence time and decay, in units of the feed and the autocatalysis


def _ethane_volume() -> float:
    """Tube (ft^3) that cracks 80 % of 0.425 lbmol/s of ethane at 1100 K and 6 atm, first order with k = 3.07 1/s, two moles from one."""
    from scipy.optimize import brentq

    law = MassAction(Network(("E", "Y", "H"), (parse_reaction("E -> Y + H"),)), (1100.0,))
    fed = 6 * ATM / (GAS_CONSTANT * 1100.0)
    flow = 0.425 * POUND * 1000.0 / fed

    def gap(volume: float) -> float:
        reactor = HeatedReactor(law, np.array([math.log(3.07), 0.0]), np.array([fed, 0.0, 0.0]), 1100.0, volume * FOOT**3 / flow, None, Gas(6 * ATM))
        return float(1 - heated_profile(reactor, 2).amounts[-1, 0] / fed - 0.8)

    return float(brentq(gap, 10.0, 200.0, xtol=1e-6))


def _bed_pressure() -> float:
    """Pressure (atm) after 60 ft of packed pipe: 104.4 lb/h at 10 atm, 500 degF; particles of 0.0208 ft, voidage 0.45."""
    area, density, viscosity = 0.01414 * FOOT**2, 0.413 * POUND / FOOT**3, 0.0673 * POUND / FOOT / HOUR
    flux = 104.4 * POUND / HOUR / area
    drop = 2 * ergun(flux, density, 0.0208 * FOOT, 0.45, viscosity) / (10 * ATM) * flux / density
    law = MassAction(Network(("air", "B"), (parse_reaction("air -> B"),)), (533.15,))
    fed = 10 * ATM / (GAS_CONSTANT * 533.15)
    reactor = HeatedReactor(law, np.array([-60.0, 0.0]), np.array([fed, 0.0]), 533.15, 60 * FOOT * density / flux, None, Gas(10 * ATM, drop=drop))
    pressure = heated_profile(reactor, 2).pressure
    return math.nan if pressure is None else float(pressure[-1] / ATM)


@lru_cache(maxsize=1)
def _klatt() -> TankState:
    """The benchmark's cooled tank at its main operating point: 14.19 1/h, feed of 5.1 mol/L at 104.9 degC, jacket at 112.9 degC."""
    reactions = tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(("A -> B", "B -> C", "2 A -> D")))
    law = MassAction(Network(("A", "B", "C", "D"), reactions), (400.0,) * 3)
    slow, fast = 9758.3, 8560.0
    ln_k = [math.log(1.287e12 / HOUR) - slow / 400.0] * 2 + [math.log(9.043e9 / 2 / 1000.0 / HOUR) - fast / 400.0]  # A goes at twice the third rate
    theta = np.array([*ln_k, *(GAS_CONSTANT * e for e in (slow, slow, fast))])
    heat = Heat((4200.0, -11000.0, -2 * 41850.0), 934.2 * 3010.0, (0.0,) * 4, 4032e3 / HOUR * 0.215 / 0.01, 386.05)
    (state,) = steady_states(HeatedReactor(law, theta, np.array([5100.0, 0.0, 0.0, 0.0]), 378.05, HOUR / 14.19, heat)).states
    return state


@lru_cache(maxsize=1)
def _gray_scott() -> TankStates:
    """A + 2 B -> 3 B, B -> C in an isothermal tank fed with A alone."""
    tau, decay = CUBIC
    network = Network(("A", "B", "C"), (parse_reaction("A + 2 B -> 3 B", "r1"), parse_reaction("B -> C", "r2")))
    theta = np.array([0.0, math.log(decay), 0.0, 0.0])
    return steady_states(HeatedReactor(MassAction(network, (300.0, 300.0)), theta, np.array([1.0, 0.0, 0.0]), 300.0, tau, None))


def _gray_scott_exact() -> float:
    """What is left of A at the middle state: the larger root of a (1 - a) = (1 + decay tau)^2 / tau."""
    tau, decay = CUBIC
    return 0.5 + math.sqrt(0.25 - (1 + decay * tau) ** 2 / tau)


def _exchanger() -> float:
    """Temperature (K) with which a counter-current jacket of weak flow leaves a tube without reaction, by collocation."""
    law = MassAction(Network(("A", "B"), (parse_reaction("A -> B"),)), (350.0,))
    capacity = 4.0e6
    heat = Heat((0.0,), capacity, (0.0, 0.0), TRANSFER * RATIO * capacity / 1000.0, 300.0, RATIO * capacity, True)
    reactor = HeatedReactor(law, np.array([-60.0, 0.0]), np.array([1000.0, 0.0]), 350.0, 1000.0, heat)
    return float(heated_profile(reactor, 2).jacket[0])


def _exchanger_exact() -> float:
    """The same from effectiveness and transfer units."""
    left = math.exp(-TRANSFER * (1 - RATIO))
    return 300.0 + 50.0 * (1 - left) / (1 - RATIO * left)


CHECKS: tuple[Check, ...] = (
    Check("gas.ethane-pfr", "kinetics", "volume of a tube that cracks 80 % of ethane to ethylene and hydrogen", "ft^3", 80.7, 0.2, "the book rounds the feed's concentration to three digits", f"{ISOTHERMAL_BOOK}, Example 4-4 (ethylene from ethane); its constants read again, the answer as they give it by the printed closed form", _ethane_volume),
    Check("packed-bed.pressure", "kinetics", "pressure at the end of a packed pipe, Ergun", "atm", 2.65, 0.02, "the gradient has three digits, and little of the pressure is left: 0.1 % of one is 0.7 % of the other", f"{ISOTHERMAL_BOOK}, example on pressure drop in a packed bed; pipe, flow and particles read again, density, viscosity and answer as commonly quoted", _bed_pressure),
    Check("klatt-engell.a", "kinetics", "concentration of A in a cooled tank with van de Vusse's reactions", "mol/L", 2.14, 0.005, "printed digits", KLATT, lambda: float(_klatt().c[0]) / 1000.0),
    Check("klatt-engell.b", "kinetics", "concentration of B there", "mol/L", 1.09, 0.005, "printed digits", KLATT, lambda: float(_klatt().c[1]) / 1000.0),
    Check("klatt-engell.temperature", "kinetics", "temperature there", "degC", 114.2, 0.05, "printed digits", KLATT, lambda: _klatt().temperature - 273.15),
    Check("gray-scott.count", "kinetics", "number of steady states of an isothermal autocatalytic tank", "1", 3.0, 0.0, "a count", GRAY, lambda: float(len(_gray_scott().states))),
    Check("gray-scott.middle", "kinetics", "A left at the middle one", "mol/m^3", _gray_scott_exact(), 1e-8, "tolerance of Newton's method", GRAY, lambda: float(_gray_scott().states[1].c[0])),
    Check("gray-scott.unstable", "kinetics", "number of unstable ones", "1", 1.0, 0.0, "a count", GRAY, lambda: float(sum(not s.stable for s in _gray_scott().states))),
    Check("counter-current.exchanger", "kinetics", "temperature of a counter-current jacket where it leaves, 30 transfer units", "K", _exchanger_exact(), 1e-5, "tolerance of the collocation 1e-8 of the temperature", EXCHANGER, _exchanger),
)  # fmt: skip
