"""Rate laws: numpy and CasADi alike, limits, detailed balance, published figures, and what the reader refuses."""

import itertools
import math
import tomllib
import warnings

import casadi as ca
import numpy as np
import pytest

from chemwright.errors import ChemwrightError, InputError, UnitError
from chemwright.kinetics import Equilibrium, MassAction, Network, parse_reaction
from chemwright.kinetics.laws import (
    Adsorbate,
    Formation,
    Number,
    PowerLaw,
    QuasiSteady,
    Scheme,
    SurfaceRate,
    equilibrium_number,
    gas_formation,
    mass_action,
    scheme_of,
    scheme_toml,
)
from chemwright.kinetics.laws.cycles import dependent
from chemwright.kinetics.laws.number import GAS_CONSTANT
from chemwright.kinetics.laws.power import SMALL, safe_power
from chemwright.kinetics.laws.quasi_steady import eliminate
from chemwright.model.posterior import Gaussian
from chemwright.model.reactors import profile
from kinetics_schemes import SCHEMES


def read(name):
    return scheme_of(tomllib.loads(SCHEMES[name]), name)


def quick(text):
    return scheme_of(tomllib.loads(text), "x.toml")


def points(scheme, n, seed=0):
    """Random concentrations (mol/m^3), temperatures and parameters."""
    rng = np.random.default_rng(seed)
    start = scheme.start
    width = np.minimum(start.std, np.where([name.startswith("n_") for name in scheme.names], 0.3, 1e9))
    return 10 ** rng.uniform(-3, 3.5, (n, len(scheme.species))), rng.uniform(280, 380, n), start.mean + rng.normal(size=(n, len(start.mean))) * width


def gross(scheme, c, t, theta):
    """Rates' sizes: of a reversible reaction that of its larger one-way rate (a net rate has no digits of its own)."""
    values = scheme.values(t, theta)
    at = scheme.concentrations(c, values)
    return np.abs(scheme.rates(c, t, theta)) + np.array([max(map(abs, law.parts(at, values))) if isinstance(law, PowerLaw) else 0.0 for law in scheme.laws])


def compiled(scheme, kind=ca.SX):
    c, t, p = kind.sym("c", len(scheme.species)), kind.sym("T"), kind.sym("p", scheme.n_parameters)
    return ca.Function("r", [c, t, p], [ca.vertcat(*scheme.rates(ca.vertsplit(c), t, ca.vertsplit(p)))])


@pytest.mark.parametrize("name", SCHEMES)
def test_numpy_and_casadi_agree_to_1e_10(name):
    scheme = read(name)
    cs, ts, thetas = points(scheme, 25)
    functions = [compiled(scheme, kind) for kind in (ca.SX, ca.MX)]
    together = np.array(scheme.rates(cs.T, ts, thetas.T))
    for i, (c, t, theta) in enumerate(zip(cs, ts, thetas, strict=True)):
        alone = np.array(scheme.rates(c, t, theta))
        size = gross(scheme, c, t, theta)
        assert np.all(np.abs(together[:, i] - alone) <= 1e-10 * size)
        for function in functions:
            assert np.all(np.abs(np.array(function(c, t, theta)).ravel() - alone) <= 1e-10 * size)


@pytest.mark.parametrize("name", SCHEMES)
def test_slopes_are_those_of_differences_and_finite_at_zero(name):
    scheme = read(name)
    function = compiled(scheme)
    slope = function.jacobian()
    cs, ts, thetas = points(scheme, 4, seed=1)
    for c, t, theta in zip(cs, ts, thetas, strict=True):
        size = gross(scheme, c, t, theta)
        by_c, _, by_theta = (np.array(v) for v in slope(c, t, theta, 0))
        for j in range(len(c)):
            step = np.zeros(len(c))
            step[j] = 1e-4 * c[j]
            found = (np.array(function(c + step, t, theta)) - np.array(function(c - step, t, theta))).ravel() / (2 * step[j])
            assert np.all(np.abs(by_c[:, j] - found) <= 1e-5 * np.abs(found) + 1e-8 * size / c[j])
        for j in range(len(theta)):
            step = np.zeros(len(theta))
            step[j] = 1e-4 if abs(theta[j]) < 1e3 else 1.0
            found = (np.array(function(c, t, theta + step)) - np.array(function(c, t, theta - step))).ravel() / (2 * step[j])
            assert np.all(np.abs(by_theta[:, j] - found) <= 1e-5 * np.abs(found) + 1e-9 * size / step[j])
    for zeros in itertools.product((0.0, 10.0), repeat=len(scheme.species)):
        c = np.array(zeros)
        if "*" in scheme.species and c[scheme.species.index("*")] == 0:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert np.all(np.isfinite(scheme.rates(c, 300.0, scheme.start.mean)))
        assert np.all(np.isfinite(np.array(slope(c, 300.0, scheme.start.mean, 0)[0])))


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_is_hashable_named_and_readable(name):
    scheme = read(name)
    assert hash(scheme) == hash(read(name))
    assert scheme == read(name)
    assert len(scheme.names) == len(set(scheme.names)) == scheme.n_parameters == len(scheme.start.mean)
    assert np.all(scheme.start.std > 0)
    assert scheme.stoichiometry.shape == (len(scheme.laws), len(scheme.species))
    text = scheme.equation()
    assert text.count("\n") + 1 >= len(scheme.laws)
    assert all(law.reaction.id + ":" in text for law in scheme.laws)
    feed = np.array([scheme.fresh.get(s, 10.0) for s in scheme.species])
    end = profile(scheme, scheme.start.mean, feed, 320.0, 50.0, points=5).c[-1]
    assert np.all(np.isfinite(end))
    assert np.any(np.abs(end - feed) > 1e-6)


@pytest.mark.parametrize("name", SCHEMES)
def test_rates_by_local_constants_are_the_rates(name):
    scheme = read(name)
    for c, t, theta in zip(*points(scheme, 3, seed=5), strict=True):
        local = scheme.ln_rate_constants(t, theta)
        assert len(local) <= scheme.n_parameters
        assert np.allclose(scheme.rates_from(c, t, local), scheme.rates(c, t, theta), rtol=1e-9, atol=1e-12 * np.max(gross(scheme, c, t, theta)))


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_written_is_the_same_when_read(name):
    scheme = read(name)
    again = quick(scheme_toml(scheme))
    assert again.names == scheme.names
    assert again.species == scheme.species
    assert np.allclose(again.start.mean, scheme.start.mean, rtol=1e-12)
    assert np.allclose(again.start.std, scheme.start.std, rtol=1e-12)
    assert again.equation() == scheme.equation()
    for c, t, theta in zip(*points(scheme, 3, seed=6), strict=True):
        assert np.allclose(again.rates(c, t, theta), scheme.rates(c, t, theta), rtol=1e-9, atol=1e-12 * np.max(gross(scheme, c, t, theta)))


def test_a_fit_is_kept_as_the_next_prior():
    scheme = read("mass action")
    fitted = Gaussian(scheme.start.mean + 0.1, scheme.start.cov * 1e-4)
    again = quick(scheme_toml(scheme, fitted))
    assert np.allclose(again.start.mean, fitted.mean, rtol=1e-12)
    assert np.allclose(again.start.std, fitted.std, rtol=1e-12)
    shared = quick(R + 'k = { value = "1 1/s", name = "k1" }\n' + R.replace("A -> B", "B -> C") + 'k = { same_as = "k1" }')
    assert quick(scheme_toml(shared)) == shared
    with pytest.raises(InputError, match="the scheme has 4"):
        scheme_toml(scheme, Gaussian(np.zeros(2), np.eye(2)))


def test_a_scheme_of_mass_action_is_the_mass_action_law():
    network = Network(("A", "B", "C"), (parse_reaction("A + B -> C", "r1"), parse_reaction("C <-> 2 A", "r2")))
    old = MassAction(network, (310.0, 320.0), (None, Equilibrium(20.0, 300.0, -1e4)))
    numbers = (Number("k.r1", 2.0, 1.0, True, 5e4, 1e4, 310.0), Number("k.r2", 3.0, 1.0, True, 6e4, 1e4, 320.0), Number("K.r2", 20.0, 0.0, True, -1e4, 0.0, 300.0))
    new = Scheme(network.species, tuple(mass_action(r) for r in network.reactions), numbers)
    assert new.names == old.names
    theta = [0.3, -0.4, 5.5e4, 4.5e4]
    assert np.allclose(new.rates([3.0, 5.0, 2.0], 345.0, theta), old.rates([3.0, 5.0, 2.0], 345.0, theta), rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("power law", "r = k c_A^n_A c_B^0.5 c_C^(-0.5)"),
        ("Langmuir-Hinshelwood", "r = k K_A K_B c_A c_B/(1 + K_A c_A + K_B c_B + K_C c_C)^2"),
        ("Eley-Rideal", "r = k K_A c_A c_B/(1 + K_A c_A + K_C c_C)"),
        ("reversible enzyme", "r = vmax (c_S - c_P/K)/(Km (1 + c_P/Kp) + c_S)"),
        ("dissociative, two kinds of sites", "r = k K_A K_H2 (c_A c_H2 - c_P/K)/((1 + K_A c_A + K_P c_P) (1 + (K_H2 c_H2)^0.5)^2)"),
    ],
    ids=lambda v: v if " = " not in v else "",
)
def test_the_equation_is_what_a_chemist_would_write(name, text):
    assert read(name).laws[0].equation() == text


R = '[[reaction]]\ntext = "A -> B"\n'

# limits


@pytest.mark.parametrize("n", [0.0, 0.3, 0.5, 1.5, -1.0])
def test_a_broken_power_is_the_power_above_and_finite_below(n):
    for c in (1e-3, 1.0, 1e4):
        assert safe_power(c, n) == pytest.approx(c**n, rel=abs(n - 1) * (SMALL / c) ** 2 + 1e-14)
    x = ca.SX.sym("x")
    slope = ca.Function("s", [x], [ca.jacobian(safe_power(x, n), x)])
    assert math.isfinite(float(slope(0.0)))
    if n >= 0:
        assert safe_power(0.0, n) == 0.0
        assert safe_power(-1e-9, n) < 0  # an overshoot of the integrator is pulled back


def test_a_half_order_batch_ends_where_its_solution_ends():
    """-dc/dt = k c^(1/2): c^(1/2) falls linearly and reaches zero at 2 c0^(1/2)/k."""
    scheme = quick('[[reaction]]\ntext = "A -> B"\nlaw = "power"\norders = { A = 0.5 }\nk = "1 mM^0.5/s"')
    c = profile(scheme, np.zeros(1), np.array([100.0, 0.0]), 300.0, 30.0, points=31).c
    exact = np.maximum(10.0 - 0.5 * np.arange(31), 0.0) ** 2
    assert np.max(np.abs(c[:, 0] - exact)) < 1e-3
    assert np.min(c) > -1e-6


def test_infinite_dilution_and_saturation_of_a_surface():
    scheme = read("Langmuir-Hinshelwood")
    values = scheme.values(300.0, scheme.start.mean)
    thin, (k, ka, kb) = 1e-6, (values["k.r1"], values["K_A"], values["K_B"])
    assert scheme.rates([thin, thin, 0.0], 300.0, scheme.start.mean)[0] == pytest.approx(k * ka * kb * thin**2, rel=1e-6)
    crowded = 1e9  # A covers all: order -1 in A
    assert scheme.rates([crowded, 1.0, 0.0], 300.0, scheme.start.mean)[0] == pytest.approx(k * kb / (ka * crowded), rel=1e-5)
    law = scheme.laws[0]
    at = scheme.concentrations([3.0, 5.0, 7.0], values)
    covered = [a.covered(at, values) * law.empty(at, values, "") for a in law.adsorbed]
    assert sum(covered) + law.empty(at, values, "") == pytest.approx(1.0)


def test_michaelis_menten_limits_and_half_saturation():
    scheme = quick('[[reaction]]\ntext = "S -> P"\nlaw = "michaelis_menten"\nvmax = "1.33 mol/(L s)"\nKm = "0.0266 mol/L"')
    # Fogler, Elements of Chemical Reaction Engineering, 3rd ed., example 7-7 (urea and urease): data, and his parameters by Lineweaver and Burk
    for urea, rate in ((0.2, 1.08), (0.02, 0.55), (0.01, 0.38), (0.005, 0.2), (0.002, 0.09)):
        assert scheme.rates([urea * 1e3, 0.0], 300.0, scheme.start.mean)[0] / 1e3 == pytest.approx(rate, rel=0.1)
    assert scheme.rates([26.6, 0.0], 300.0, scheme.start.mean)[0] == pytest.approx(665.0)
    assert scheme.rates([1e9, 0.0], 300.0, scheme.start.mean)[0] == pytest.approx(1330.0, rel=1e-6)


def test_michaelis_menten_is_the_quasi_steady_enzyme():
    """E + S <-> ES -> E + P with the enzyme at a steady state: V = k2 E0, Km = (k-1 + k2)/k1 (Briggs and Haldane 1925)."""
    steps = quick(
        '[[reaction]]\ntext = "S + E <-> ES"\nk = "2 L/(mol s)"\nK = "4 L/mol"\n[[reaction]]\ntext = "ES -> P + E"\nk = "3 1/s"\n'
        '[[quasi_steady]]\nspecies = ["E", "ES"]\ntotal = "10 mmol/L"'
    )
    law = quick('[[reaction]]\ntext = "S -> P"\nlaw = "michaelis_menten"\nvmax = "30 mmol/(L s)"\nKm = "1.75 mol/L"')
    for s in (1e-3, 1.0, 300.0, 1e5):
        assert steps.rates([s, 5.0], 300.0, steps.start.mean) == pytest.approx([law.rates([s, 5.0], 300.0, law.start.mean)[0]] * 2, rel=1e-10)


# thermodynamics


@pytest.mark.parametrize("name", ["mass action", "cycle", "dissociative, two kinds of sites", "reversible enzyme", "surface steps"])
def test_no_reversible_reaction_runs_at_equilibrium(name):
    """The point where every Q is K is found from chemical potentials that the K's imply; every reversible rate is zero there."""
    scheme = read(name)
    for t in (290.0, 350.0):
        theta = points(scheme, 1, seed=int(t))[2][0]
        values = scheme.values(t, theta)
        reversible = [i for i, law in enumerate(scheme.laws) if getattr(law, "K", "")]
        ln_k = np.log([values[scheme.laws[i].K] for i in reversible])
        ln_c = np.linalg.lstsq(scheme.stoichiometry[reversible], ln_k, rcond=None)[0]
        assert np.allclose(scheme.stoichiometry[reversible] @ ln_c, ln_k, atol=1e-9)  # a cycle against detailed balance has no solution
        c = np.exp(ln_c)
        rates, hot = scheme.rates(c, t, theta), scheme.rates(2 * c + 1, t, theta)
        assert all(abs(rates[i]) <= 1e-9 * (abs(hot[i]) + 1e-3) for i in reversible)


def test_haldane_holds_for_the_reversible_enzyme():
    scheme = read("reversible enzyme")
    v = scheme.values(300.0, scheme.start.mean)
    back = -scheme.rates([0.0, 1e12], 300.0, scheme.start.mean)[0]  # its maximum rate
    assert v["K.r1"] == pytest.approx(v["vmax.r1"] * v["Kp.r1"] / (back * v["Km.r1"]), rel=1e-9)


def test_a_cycle_keeps_its_constants_tied_at_every_temperature():
    scheme = read("cycle")
    assert [t.name for t in scheme.ties] == ["K.r3"]
    for t in (270.0, 300.0, 420.0):
        v = scheme.values(t, scheme.start.mean + 0.3)
        assert v["K.r3"] == pytest.approx(v["K.r1"] * v["K.r2"], rel=1e-12)


def test_dependent_reactions_are_found_with_their_coefficients():
    reactions = [parse_reaction(t, f"r{i}") for i, t in enumerate(("A <-> 2 B", "B <-> C", "A <-> 2 C", "2 D <-> A", "D <-> C"))]
    assert dependent(reactions) == {2: {0: 1.0, 1: 2.0}, 4: {0: 0.5, 1: 1.0, 3: 0.5}}


@pytest.mark.parametrize(("third", "heat", "good"), [(6.0, 5, True), (6.1, 5, True), (12.0, 5, False), (6.0, 9, False)], ids=["exact", "rounded", "wrong K", "wrong dH"])
def test_constants_of_a_cycle_may_not_contradict(third, heat, good):
    text = "".join(
        f'[[reaction]]\ntext = "{t}"\nk = "1 1/s"\nK = {{ value = {k}, at = "300 K", dH = "{h} kJ/mol" }}\n'
        for t, k, h in (("A <-> B", 2.0, 3), ("B <-> C", 3.0, 2), ("A <-> C", third, heat))
    )
    if good:
        assert quick(text).values(300.0, quick(text).start.mean)["K.r3"] == pytest.approx(6.0)
        return
    with pytest.raises(InputError, match=r"contradict.*r1, r2.*leave K of r3 out"):
        quick(text)


@pytest.mark.parametrize(("celsius", "published"), [(300.0, 4.34e-3), (500.0, 1.45e-5), (600.0, 2.25e-6)])
def test_ammonia_by_formation_data(celsius, published):
    """Kp (atm^-2) of N2 + 3 H2 = 2 NH3 in S. S. Zumdahl, Chemistry, 8th ed., ch. 20, problem 36; ours from enthalpies, entropies and heat capacities of the ideal gases."""
    reaction = parse_reaction("N2 + 3 H2 <-> 2 NH3", "r1")
    data = {"N2": gas_formation("7727-37-9"), "H2": gas_formation("1333-74-0"), "NH3": gas_formation("7664-41-7")}
    t = celsius + 273.15
    number = equilibrium_number(reaction, data, t)
    kp = number.value * (101325.0 / (GAS_CONSTANT * t)) ** 2
    assert kp == pytest.approx(published, rel=0.1)  # 0.3 kJ/mol between tables of the enthalpy of formation is 8 % here
    near = equilibrium_number(reaction, data, t + 5.0)
    assert number.at(t + 5.0, number.start, number.energy) == pytest.approx(near.value, rel=1e-3)  # van 't Hoff beside the reference


def test_constants_from_formation_data_close_every_cycle_and_know_their_std():
    data = {s: Formation(h, e, std=500.0) for s, h, e in (("A", 0.0, 0.0), ("B", -5e3, 10.0), ("C", -9e3, -4.0))}
    ks = [equilibrium_number(parse_reaction(t, "r"), data, 310.0) for t in ("A <-> B", "B <-> C", "A <-> C")]
    assert ks[0].value * ks[1].value == pytest.approx(ks[2].value, rel=1e-12)
    assert ks[0].std == pytest.approx(500 * math.sqrt(2) / (GAS_CONSTANT * 310.0))
    scheme = quick(
        'temperature = "310 K"\n[formation]\nA = { dHf = "0 J/mol", S = "0 J/(mol K)" }\nB = { dHf = "-5 kJ/mol", dGf = "-7.9815 kJ/mol" }\n[[reaction]]\ntext = "A <-> B"\nk = "1 1/s"\nK = "formation"'
    )
    assert scheme.values(310.0, scheme.start.mean)["K.r1"] == pytest.approx(ks[0].value, rel=1e-4)


def test_an_ester_by_formation_data_is_as_sure_as_it_says():
    """Acetic acid and ethanol: K = 4 has been known since Berthelot and Pean de Saint-Gilles 1862; liquids' tables are good to a factor of a few, and the prior says so."""
    scheme = quick(
        'temperature = "298.15 K"\n[formation]\nacid = { cas = "64-19-7", phase = "liquid" }\nalcohol = { cas = "64-17-5", phase = "liquid" }\n'
        'ester = { cas = "141-78-6", phase = "liquid" }\nwater = { cas = "7732-18-5", phase = "liquid" }\n'
        '[[reaction]]\ntext = "acid + alcohol <-> ester + water"\nk = "1e-6 L/(mol s)"\nK = "formation"'
    )
    number = next(n for n in scheme.numbers if n.name == "K.r1")
    assert "K.r1" in scheme.names  # free, with the width of the tables
    assert 1.0 < number.std < 2.0
    assert abs(math.log(number.value / 4.0)) < 2 * number.std
    with pytest.raises(InputError, match="changes the number of moles"):
        equilibrium_number(parse_reaction("A <-> 2 B", "r"), {s: Formation(0.0, 0.0, "liquid") for s in "AB"}, 300.0)


# acids and bases


@pytest.mark.parametrize(
    ("acid", "ions", "total", "pH"),
    [
        ('pKa = 4.76\nforms = ["HA", "Am"]\ncharge = 0', "", 0.1, 2.88),  # 0.1 M acetic acid
        ('pKa = 9.25\nforms = ["BH", "B"]\ncharge = 1', "", 0.1, 11.12),  # 0.1 M ammonia
        ('pKa = [2.15, 7.20, 12.35]\nforms = ["H3", "H2", "H1", "H0"]\ncharge = 0', "Na = 1", 0.1, 9.73),  # 0.1 M Na2HPO4: h^2 = (K2 K3 C + K2 Kw)/(K2 + C)
        ('pKa = 4.76\nforms = ["HA", "Am"]\ncharge = 0', "", 1e-12, 7.0),  # nothing but water
    ],
    ids=["acetic acid", "ammonia", "disodium phosphate", "pure water"],
)
def test_pH_of_known_solutions(acid, ions, total, pH):
    text = f'[[reaction]]\ntext = "X -> Y"\nlaw = "power"\norders = {{ H = 1 }}\nk = "1 1/s"\n[[acid_base]]\nspecies = "T"\n{acid}\n[solution]\npKw = 14.0\nions = {{ {ions} }}\n'
    scheme = quick(text)
    c = {"T": total * 1e3, "Na": 2 * total * 1e3}
    got = scheme.concentrations([c.get(s, 0.0) for s in scheme.species], scheme.values(298.15, scheme.start.mean))
    assert -math.log10(got["H"] / 1e3) == pytest.approx(pH, abs=0.02)


def test_charge_is_balanced_and_forms_sum_up_everywhere():
    scheme = read("acid and base")
    cs, ts, thetas = points(scheme, 200, seed=3)
    values = scheme.values(ts, thetas.T)
    at = scheme.concentrations(cs.T, values)
    assert np.allclose(at["amineH"] + at["amine_free"], at["amine"], rtol=1e-12)
    charge = at["H"] + at["amineH"] - at["OH"] - at["HX"]
    assert np.all(np.abs(charge) <= 1e-12 * (at["H"] + at["amineH"] + at["OH"] + at["HX"]))


def test_the_acid_that_is_set_free_uses_up_the_amine():
    """Without another base the amine is bound by the acid made: half of it reacts, then the rate falls to nearly nothing."""
    scheme = read("acid and base")
    c = profile(scheme, scheme.start.mean, np.array([100.0, 100.0, 0.0, 0.0]), 300.0, 3.6e4, points=3).c
    assert 0.48 < c[1, 2] / 100 < 0.53
    assert c[2, 2] - c[1, 2] < 2.0


# quasi-steady species


def bodenstein():
    texts = ("Br2 -> 2 Br", "Br + H2 -> HBr + H", "H + Br2 -> HBr + Br", "H + HBr -> H2 + Br", "2 Br -> Br2")
    laws = tuple(mass_action(parse_reaction(t, f"r{i}")) for i, t in enumerate(texts, 1))
    return laws, tuple(Number(f"k.r{i}", v, 1.0) for i, v in enumerate((1e-8, 1e1, 1e6, 1e5, 1e6), 1))


def test_hydrogen_bromide_by_quasi_steady_state_is_the_textbook_law():
    """d[HBr]/dt = 2 k2 (k1/k5)^(1/2) [H2] [Br2]^(1/2)/(1 + k4 [HBr]/(k3 [Br2])) (Bodenstein and Lind 1907; Laidler, Chemical Kinetics, 3rd ed. 1987, p. 291)."""
    laws, numbers = bodenstein()
    scheme = Scheme(("H2", "Br2", "HBr"), laws, numbers, quasi_steady=(QuasiSteady(("Br", "H")),))
    rng = np.random.default_rng(0)
    for _ in range(300):
        theta, c = scheme.start.mean + rng.normal(size=5) * 8, 10 ** rng.uniform(-8, 4, 3)
        k1, k2, k3, k4, k5 = np.exp(theta)
        br = math.sqrt(k1 / k5 * c[1])
        at = scheme.concentrations(c, scheme.values(300.0, theta))
        assert at["Br"] == pytest.approx(br, rel=1e-9)
        assert at["H"] == pytest.approx(k2 * br * c[0] / (k3 * c[1] + k4 * c[2]), rel=1e-9)


def test_a_quasi_steady_chain_follows_the_full_integration():
    laws, numbers = bodenstein()
    steady = Scheme(("H2", "Br2", "HBr"), laws, numbers, quasi_steady=(QuasiSteady(("Br", "H")),))
    full = Scheme(("H2", "Br2", "HBr", "Br", "H"), laws, numbers)
    tau = 1e5
    a = profile(steady, steady.start.mean, np.array([10.0, 10.0, 0.0]), 300.0, tau, points=11).c
    b = profile(full, full.start.mean, np.array([10.0, 10.0, 0.0, 0.0, 0.0]), 300.0, tau, points=11).c
    assert a[-1, 2] > 4.5  # a quarter has reacted
    assert np.max(np.abs(a - b[:, :3])) < 5e-3 * 10.0


@pytest.mark.parametrize("seed", range(3))
def test_radicals_are_balanced_for_rate_constants_of_any_size(seed):
    """Pyrolysis like that of ethane: three radicals, 24 decades of rate constants; production and loss agree."""
    texts = ("A -> 2 M", "M + A -> CH4 + E", "E -> P + H", "H + A -> H2 + E", "2 E -> B", "M + H -> CH4", "H + E -> A", "2 M -> A")
    laws = tuple(mass_action(parse_reaction(t, f"r{i}")) for i, t in enumerate(texts, 1))
    scheme = Scheme(("A", "CH4", "P", "H2", "B"), laws, tuple(Number(law.k, 1.0, 1.0) for law in laws), quasi_steady=(QuasiSteady(("M", "E", "H")),))
    rng = np.random.default_rng(seed)
    theta = np.array([-15, 5, 0, 15, 15, 15, 15, 15.0])[:, None] + rng.normal(size=(8, 200)) * 3
    rates = np.array(scheme.rates(10 ** rng.uniform(-3, 4, (5, 200)), 300.0, theta))
    nu = scheme.network.stoichiometry[:, 5:]
    made, lost = np.maximum(nu, 0).T @ rates, np.maximum(-nu, 0).T @ rates
    assert np.max(np.abs(np.log(made / lost))) < 1e-8


def test_a_quasi_steady_surface_keeps_its_sites():
    scheme = read("quasi-steady surface")
    cs, ts, thetas = points(scheme, 100, seed=4)
    values = scheme.values(ts, thetas.T)
    at = scheme.concentrations(cs.T, values)
    assert np.allclose(at["*"] + at["A*"] + at["B*"], 10.0, rtol=1e-9)
    rates = np.array([law.rate(at, values) for law in scheme.laws])
    size = np.abs(rates) + np.array([np.maximum(*np.broadcast_arrays(*law.parts(at, values))) for law in scheme.laws])
    nu = scheme.network.stoichiometry[:, 3:]
    assert np.all(np.abs(nu.T @ rates) <= 1e-8 * (np.abs(nu).T @ size))


@pytest.mark.parametrize("name", ["radical chain", "quasi-steady surface", "acid and base"])
def test_an_integrator_may_overshoot_zero(name):
    scheme = read(name)
    function = compiled(scheme)
    for j in range(len(scheme.species)):
        c = np.full(len(scheme.species), 10.0)
        c[j] = -1e-6
        assert np.all(np.isfinite(scheme.rates(c, 300.0, scheme.start.mean)))
        assert np.all(np.isfinite(np.array(function.jacobian()(c, 300.0, scheme.start.mean, 0)[0])))


def test_the_same_surface_with_fast_steps_is_langmuir_and_hinshelwood():
    """Adsorption at equilibrium and a slow surface reaction: the steps give r = k K_A c_A (K_B c_B)^(1/2)/(1 + ...)^2."""
    steps = quick(
        '[[reaction]]\ntext = "A + * <-> A*"\nk = "1e9 L/(mol s)"\nK = "10 L/mol"\n[[reaction]]\ntext = "B2 + 2 * <-> 2 B*"\nk = "1e9 L^2/(mol^2 s)"\nK = "20 L/mol"\n'
        '[[reaction]]\ntext = "A* + B* -> AB + 2 *"\nk = "1 L/(mol s)"\n[[quasi_steady]]\nspecies = ["*", "A*", "B*"]\ntotal = "10 mmol/L"'
    )
    law = SurfaceRate(parse_reaction("A + 0.5 B2 -> AB", "s"), "k", (Adsorbate("A", "K_A", 1.0), Adsorbate("B2", "K_B", 1.0, True)))
    closed = Scheme(("A", "B2", "AB"), (law,), (Number("k", 1e-3 * 100, 1.0), Number("K_A", 0.01, 1.0), Number("K_B", 0.02, 1.0)))
    for c in ([50.0, 30.0, 0.0], [500.0, 3.0, 0.0], [1.0, 400.0, 0.0]):
        assert steps.rates(c, 300.0, steps.start.mean)[2] == pytest.approx(closed.rates(c, 300.0, closed.start.mean)[0], rel=1e-5)


def test_elimination_solves():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(4, 4)) + 4 * np.eye(4), rng.normal(size=4)
    assert np.allclose(eliminate([list(r) for r in a], list(b)), np.linalg.solve(a, b))


def test_deactivation_by_time_and_its_solution():
    """a = 1/(1 + k t) for order 2 without a poison; then ln(c/c0) = -(k1/k) ln(1 + k t)."""
    scheme = quick('[[reaction]]\ntext = "A -> B"\nk = "0.02 1/s"\nactivity = "a"\n[[deactivation]]\nactivity = "a"\norder = 2\nk = "0.05 1/s"')
    assert scheme.fresh == {"a": 1.0}
    c = profile(scheme, scheme.start.mean, np.array([5.0, 0.0, 1.0]), 300.0, 100.0, points=6).c
    t = np.linspace(0, 100, 6)
    assert np.allclose(c[:, 2], 1 / (1 + 0.05 * t), rtol=1e-6)
    assert np.allclose(c[:, 0], 5 * (1 + 0.05 * t) ** (-0.4), rtol=1e-6)


# what the reader refuses


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("", InputError, "'reaction' is missing"),
        ("reactions = 1", InputError, "did you mean 'reaction'"),
        (R, InputError, "'k' is missing"),
        (R + "k = 1.0", InputError, "has no unit.*1 1/s"),
        (R + 'k = "1 L/(mol s)"', UnitError, "expected a unit like '1/s'"),
        (R + 'k = "-1 1/s"', InputError, "not above 0"),
        (R + 'k = "1 1/s"\nlaw = "mass_acton"', InputError, "did you mean 'mass_action'"),
        (R + 'k = { value = "1 1/s", Ea = "50 kJ/mol" }', InputError, "no temperature that its value belongs to"),
        (R + 'k = { value = "1 1/s", decades = 1, fixed = true }', InputError, "decades and fixed together"),
        (R + 'k = { value = "1 1/s", Ea_sd = "1 kJ/mol" }', InputError, "did you mean 'Ea_std'"),
        (R + 'k = "1 1/s"\norders = { A = 1 }', InputError, "unknown key 'orders'"),
        (R + 'k = "1 1/s"\nK = 2.0', InputError, "irreversible and has a K"),
        (R.replace("->", "<->") + 'k = "1 1/s"', InputError, "reversible and has no K"),
        (R + 'k = "1 1/s"\nactivity = "a"\nspecies = ["A"]', InputError, "unknown key 'species'"),
        ('species = ["A", "C"]\n' + R + 'k = "1 1/s"', InputError, "species 'B' is not listed"),
        (R + 'k = "1 1/s"\nlaw = "power"\norders = { A = "loose" }', InputError, 'give a number, "free"'),
        (R.replace("->", "<->") + 'k = "1 mM^0.5/s"\nlaw = "power"\norders = { A = 0.5 }\nK = 2.0', InputError, "no limit at zero A"),
        (R + 'k = "1 mol/(L s)"\nlaw = "langmuir_hinshelwood"\nadsorbed = ["A"]', InputError, "no adsorption constant of 'A'"),
        ('[adsorption]\nA = "1 L/mol"\n' + R + 'k = "1 1/s"', InputError, "no law uses the number 'K_A'"),
        (R + 'law = "michaelis_menten"\nKm = "1 mmol/L"', InputError, "vmax, or by kcat and enzyme"),
        (
            R + 'law = "michaelis_menten"\nKm = "1 mmol/L"\nvmax = "1 mmol/(L s)"\ninhibition = [{ by = "I", kind = "competitve", K = "1 mM" }]',
            InputError,
            "did you mean 'competitive'",
        ),
        (R + 'k = "1 1/s"\n[[quasi_steady]]\nspecies = ["B"]', InputError, "nothing uses up the quasi-steady 'B'"),
        (R + 'k = { value = "1 1/s", name = "k1" }\n' + R.replace("A -> B", "B -> C") + 'k = { same_as = "k2" }', InputError, "no number 'k2' stands above. known: k1"),
        (
            R.replace("A -> B", "A + E -> F") + 'k = "1 L/(mol s)"\n' + R.replace("A -> B", "F -> B + E") + 'k = "1 1/s"\n[[quasi_steady]]\nspecies = ["E", "F"]',
            InputError,
            "nothing makes or ends.*total",
        ),
        (R + R.replace("B", "C"), InputError, "'k' is missing"),
        (R.replace("A -> B", "A + 2 * -> A*") + 'k = "1 L^2/(mol^2 s)"', InputError, "2 sites on the left and 1 on the right"),
        (R + 'id = "x"\nk = "1 1/s"\n' + R + 'id = "x"\nk = "1 1/s"', ChemwrightError, "given twice"),
        (R + 'k = "1 1/s"\n[solution]\nions = { B = 0 }', InputError, "charge 0"),
        (R + 'k = "1 1/s"\n[formation]\nA = 3', InputError, "no table"),
    ],
)
def test_what_the_reader_refuses(text, error, match):
    with pytest.raises(error, match=match):
        quick(text)


def test_a_shared_constant_is_one_parameter():
    scheme = quick(R + 'k = { value = "1 1/s", name = "k1" }\n' + R.replace("A -> B", "B -> C") + 'k = { same_as = "k1" }')
    assert scheme.names == ("k1",)


JUNK = (None, True, -1, 0, 1e400, 3.7, "", "x", "1 parsec", "1e999 1/s", [], [[]], {}, {"value": {}}, {"a": 1}, ["A", 1], "A", "nan", {"value": "1 1/s", "name": 3})


def places(value, path=()):
    """Every place of nested tables and lists."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*path, key))


@pytest.mark.parametrize("name", SCHEMES)
def test_junk_anywhere_in_a_file_is_refused_in_words_or_means_something(name):
    good = tomllib.loads(SCHEMES[name])
    for path in places(good):
        for junk in JUNK:
            if not path or junk is None:
                continue
            bad = tomllib.loads(SCHEMES[name])
            holder = bad
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = junk
            try:
                scheme_of(bad, "x.toml")
            except ChemwrightError as error:
                assert error.message  # noqa: PT017
        holder = bad = tomllib.loads(SCHEMES[name])
        for key in path[:-1]:
            holder = holder[key]
        if path:
            del holder[path[-1]]
            try:
                scheme_of(bad, "x.toml")
            except ChemwrightError as error:
                assert error.fix or error.where  # noqa: PT017
