"""Published numbers and closed forms for rate laws, equilibrium constants and proton transfer."""

from __future__ import annotations

import math

import numpy as np

from chemwright.kinetics.laws import Acid, AcidBase, Adsorbate, Number, QuasiSteady, Scheme, SurfaceRate, equilibrium_number, gas_formation, mass_action
from chemwright.kinetics.network import parse_reaction
from chemwright.model.check import Check
from chemwright.model.gas import GAS_CONSTANT

ZUMDAHL = "S. S. Zumdahl and S. A. Zumdahl, Chemistry, 8th ed., Brooks/Cole 2010, ch. 20, problem 36"
LAIDLER = "closed form, K. J. Laidler, Chemical Kinetics, 3rd ed., Harper and Row 1987, p. 291"
TABLES = "enthalpies of formation of ammonia differ by 0.35 kJ/mol between tables, which is 0.06 at 300 degC"


def _ammonia(celsius: float) -> float:
    """log10 of Kp (atm^-2) of N2 + 3 H2 = 2 NH3 from formation data."""
    reaction = parse_reaction("N2 + 3 H2 <-> 2 NH3", "r1")
    data = {"N2": gas_formation("7727-37-9"), "H2": gas_formation("1333-74-0"), "NH3": gas_formation("7664-41-7")}
    t = celsius + 273.15
    return math.log10(equilibrium_number(reaction, data, t).value * (101325.0 / (GAS_CONSTANT * t)) ** 2)


def _bromide() -> float:
    """Our rate of the bromine chain over the closed form, at rate constants that make a chain of 1e6."""
    texts = ("Br2 -> 2 Br", "Br + H2 -> HBr + H", "H + Br2 -> HBr + Br", "H + HBr -> H2 + Br", "2 Br -> Br2")
    k = (1e-10, 1e2, 1e8, 1e7, 1e4)
    laws = tuple(mass_action(parse_reaction(t, f"r{i}")) for i, t in enumerate(texts, 1))
    scheme = Scheme(("H2", "Br2", "HBr"), laws, tuple(Number(law.k, v) for law, v in zip(laws, k, strict=True)), quasi_steady=(QuasiSteady(("Br", "H")),))
    h2, br2, hbr = 10.0, 5.0, 2.0
    made = float(np.asarray(scheme.rates([h2, br2, hbr], 500.0, [])) @ scheme.stoichiometry[:, 2])
    return made / (2 * k[1] * math.sqrt(k[0] / k[4]) * h2 * math.sqrt(br2) / (1 + k[3] * hbr / (k[2] * br2)))


def _acetic() -> float:
    """pH of 0.1 mol/L of an acid of pKa 4.76."""
    solution = AcidBase((Acid("T", ("HA", "Am"), ("Ka",), 0),), water="Kw")
    h = solution.forms({"T": 100.0}, {"Ka": 10**-1.76, "Kw": 1e-8})["H"]
    return -math.log10(float(h) / 1e3)


def _saturation() -> float:
    """Where a rate k K_A K_B c_A c_B/(1 + K_A c_A)^2 has its maximum over c_A, times K_A."""
    law = SurfaceRate(parse_reaction("A + B -> C", "r1"), "k", (Adsorbate("A", "K_A", 1.0),), (("B", 1.0),), powers=(("", 2.0),))
    c = np.linspace(0.5, 2.0, 15001)
    rate = law.rate({"A": c, "B": 1.0}, {"k": 1.0, "K_A": 1.0})
    return float(c[int(np.argmax(rate))])


PH = -math.log10((-(10**-4.76) + math.sqrt(10**-9.52 + 4 * 10**-4.76 * 0.1)) / 2)
CHECKS: tuple[Check, ...] = (
    Check("ammonia.300", "kinetics", "log10 of Kp of ammonia at 300 degC, from formation data", "1", math.log10(4.34e-3), 0.06, TABLES, ZUMDAHL, lambda: _ammonia(300.0)),
    Check("ammonia.500", "kinetics", "the same at 500 degC", "1", math.log10(1.45e-5), 0.06, TABLES, ZUMDAHL, lambda: _ammonia(500.0)),
    Check("ammonia.600", "kinetics", "the same at 600 degC", "1", math.log10(2.25e-6), 0.06, TABLES, ZUMDAHL, lambda: _ammonia(600.0)),
    Check("hydrogen-bromide.rate", "kinetics", "rate of the bromine chain by quasi-steady state over the textbook's law", "1", 1.0, 1e-9, "analytic", LAIDLER, _bromide),
    Check("acetic-acid.ph", "kinetics", "pH of 0.1 mol/L of an acid of pKa 4.76", "1", PH, 1e-6, "the closed form leaves out the solvent's own protons, 1e-9", "analytic: h^2 + Ka h - Ka C = 0", _acetic),
    Check("langmuir.maximum", "kinetics", "K_A c_A at the maximum of a surface reaction with one blocking reactant", "1", 1.0, 2e-4, "step of the search", "analytic: d/dx of x/(1 + x)^2", _saturation),
)  # fmt: skip
