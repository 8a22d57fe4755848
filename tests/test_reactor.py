"""Ideal reactors against closed forms, conservation, limits and each other; reactor files good and bad."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from chemwright.errors import ChemwrightError, ConvergenceError, InputError, UnitError
from chemwright.kinetics import Equilibrium, MassAction, Network, parse_reaction
from chemwright.kinetics.reactor_file import ReactorSpec, read_reactor, run_reactor
from chemwright.kinetics.reactor_reaction import rate_unit
from chemwright.model.reactors import profile, radau_collocation, stirred_tank
from chemwright.structure import molecule

TOL = 1e-6
EXAMPLE = Path(__file__).parents[1] / "examples" / "fogler_isothermal.toml"
GOOD = """[reactor]
type = "pfr"
volume = "1.5 m^3"
temperature = "330 K"
[feed]
flow = "17.5 m^3/h"
concentration = { A = "9.3 mol/L", B = "0 mol/L" }
[[reaction]]
text = "A <-> B"
k = { value = "31.1 1/h", at = "360 K", Ea = "65.7 kJ/mol" }
K = { value = 3.03, at = "333.15 K", dH = "-6.9 kJ/mol" }
"""
SNAR = {
    "SM": "O=[N+]([O-])c1ccc(F)cc1F",
    "amine": "C1COCCN1",
    "ortho": "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1",
    "para": "O=[N+]([O-])c1ccc(N2CCOCC2)cc1F",
    "bis": "O=[N+]([O-])c1ccc(N2CCOCC2)cc1N1CCOCC1",
    "HF": "F",
}
SNAR_TEXTS = ("SM + amine -> ortho + HF", "SM + amine -> para + HF", "ortho + amine -> bis + HF", "para + amine -> bis + HF")
SNAR_K = (57.9e-5, 2.70e-5, 0.865e-5, 1.63e-5)  # m^3/(mol s) at 363.15 K, Hone et al. 2017
SNAR_FEED = np.array([300.0, 700.0, 0.0, 0.0, 0.0, 0.0])


def make(*texts, k, species="", equilibria=()):
    """Law at 300 K without activation energies, and its theta."""
    reactions = tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(texts))
    names = tuple(species) or tuple(dict.fromkeys(s for r in reactions for s, _ in r.reactants + r.products))
    return MassAction(Network(names, reactions), (300.0,) * len(texts), equilibria), np.array([*np.log(k)] + [0.0] * len(texts))


def tube(law, theta, feed, tau, points=51):
    return profile(law, theta, np.array(feed, dtype=float), 300.0, tau, points)


def tank(law, theta, feed, tau):
    return stirred_tank(law, theta, np.array(feed, dtype=float), 300.0, tau)


def snar():
    return make(*SNAR_TEXTS, k=SNAR_K, species=tuple(SNAR))


def write(tmp_path, text, name="reactor.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def run(tmp_path, text, points=51):
    return run_reactor(read_reactor(write(tmp_path, text)), points)


# --- closed forms -------------------------------------------------------------------------------------------------------------


def test_first_order_tube_and_batch():
    law, theta = make("A -> B", k=[0.7])
    out = tube(law, theta, [1000, 0], 3.0)
    exact = 1000 * np.exp(-0.7 * out.time)
    assert np.allclose(out.c[:, 0], exact, rtol=TOL)
    assert np.allclose(out.c[1:, 1], 1000 - exact[1:], rtol=TOL)


def test_first_order_tank():
    law, theta = make("A -> B", k=[0.7])
    assert np.allclose(tank(law, theta, [1000, 0], 3.0), [1000 / 3.1, 1000 * 2.1 / 3.1], rtol=1e-10)


def test_second_order_equal_feeds():
    law, theta = make("A + B -> C", k=[2e-3])
    out = tube(law, theta, [500, 500, 0], 10.0)
    assert np.allclose(out.c[:, 0], 500 / (1 + 2e-3 * 500 * out.time), rtol=TOL)


def test_second_order_unequal_feeds():
    law, theta = make("A + B -> C", k=[2e-3])
    a, b = 400.0, 700.0
    out = tube(law, theta, [a, b, 0], 4.0)
    e = np.exp((b - a) * 2e-3 * out.time)  # ln(C_B C_A0 / (C_A C_B0)) = (C_B0 - C_A0) k t
    assert np.allclose(out.c[:, 0], a * (b - a) / (b * e - a), rtol=TOL)


def test_two_of_one_kind_use_two():
    law, theta = make("2 A -> B", k=[1e-3])
    out = tube(law, theta, [1000, 0], 5.0)
    assert np.allclose(out.c[:, 0], 1000 / (1 + 2 * 1e-3 * 1000 * out.time), rtol=TOL)
    assert np.allclose(out.c[:, 0] + 2 * out.c[:, 1], 1000, rtol=1e-12)


def test_half_order():
    law, theta = make("0.5 A -> B", k=[2.0])
    out = tube(law, theta, [900, 0], 20.0)  # dA/dt = -0.5 k A^0.5, so sqrt(A) falls linearly
    assert np.allclose(out.c[:, 0], (30 - 0.25 * 2.0 * out.time) ** 2, rtol=TOL)


def test_series_maximum_of_the_intermediate():
    k1, k2 = 1.3, 0.4
    law, theta = make("A -> B", "B -> C", k=[k1, k2])
    best = math.log(k1 / k2) / (k1 - k2)
    out = tube(law, theta, [1000, 0, 0], 2 * best, points=3)
    assert out.c[1, 1] == pytest.approx(1000 * (k1 / k2) ** (k2 / (k2 - k1)), rel=TOL)
    assert out.c[1, 1] > max(out.c[0, 1], out.c[2, 1])
    fine = tube(law, theta, [1000, 0, 0], 2 * best, points=201)
    assert int(np.argmax(fine.c[:, 1])) == 100
    exact = 1000 * k1 / (k2 - k1) * (np.exp(-k1 * fine.time) - np.exp(-k2 * fine.time))
    assert np.allclose(fine.c[:, 1], exact, rtol=TOL, atol=1e-4)


def test_series_in_a_tank():
    k1, k2, tau = 1.3, 0.4, 2.0
    law, theta = make("A -> B", "B -> C", k=[k1, k2])
    assert tank(law, theta, [1000, 0, 0], tau)[1] == pytest.approx(1000 * k1 * tau / ((1 + k1 * tau) * (1 + k2 * tau)), rel=1e-10)


@pytest.mark.parametrize("feed", [[1000.0, 0.0], [0.0, 1000.0], [200.0, 800.0]])
def test_reversible_reaction_ends_at_equilibrium(feed):
    law, theta = make("A <-> B", k=[1.0], equilibria=(Equilibrium(3.0, 300.0),))
    assert np.allclose(tube(law, theta, feed, 60.0).c[-1], [250, 750], rtol=TOL)
    assert np.allclose(tank(law, theta, feed, 1e9), [250, 750], rtol=TOL)


def test_association_ends_at_equilibrium():
    law, theta = make("A + B <-> C", k=[1e-2], equilibria=(Equilibrium(5e-3, 300.0),))  # m^3/mol
    c = tube(law, theta, [600, 500, 0], 1e3).c[-1]
    assert c[2] / (c[0] * c[1]) == pytest.approx(5e-3, rel=TOL)


@pytest.mark.parametrize("damkohler", [1e-6, 0.1, 2.0, 1e3, 1e8])
def test_second_order_tank_solves_its_quadratic(damkohler):
    law, theta = make("A + B -> C", k=[1e-3])
    c = tank(law, theta, [1000, 1000, 0], damkohler)
    exact = 1000 * 2 / (1 + math.sqrt(1 + 4 * damkohler))  # of C^2 Da + C - 1 = 0, the form without cancellation
    assert c[0] == pytest.approx(exact, rel=TOL)
    assert c[2] == pytest.approx(1000 - exact, rel=TOL, abs=1e-9)


@pytest.mark.parametrize("damkohler", [1e9, 1e12])
def test_very_fast_reaction_in_a_tank(damkohler):
    law, theta = make("A -> B", k=[1.0])
    c = tank(law, theta, [1000, 0], damkohler)
    assert c[1] == pytest.approx(1000, rel=1e-8)
    assert 0 <= c[0] < 1e-5


# --- limits, conservation, cross-checks --------------------------------------------------------------------------------------


def test_many_tanks_make_a_tube():
    law, theta = make("A + B -> C", "C -> D", k=[2e-3, 0.3])
    feed, tau = [500.0, 600.0, 0.0, 0.0], 4.0
    plug, error = tube(law, theta, feed, tau).c[-1], []
    for n in (10, 20, 40):
        c = np.array(feed)
        for _ in range(n):
            c = tank(law, theta, c, tau / n)
        error.append(np.abs(c - plug).max())
    assert error[0] / error[1] == pytest.approx(2, rel=0.1)  # first order in 1/n
    assert error[1] / error[2] == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("feed", [[300.0, 700.0], [0.0, 0.0]])
def test_zero_residence_time_and_zero_feed_change_nothing(feed):
    law, theta = make("A + B -> C", k=[1e-3])
    tau = 0.0 if any(feed) else 50.0
    assert np.array_equal(tube(law, theta, [*feed, 0.0], tau).c[-1], [*feed, 0.0])
    assert np.array_equal(tank(law, theta, [*feed, 0.0], tau), [*feed, 0.0])


def test_atoms_and_mass_balance_for_snar():
    law, theta = snar()
    molecules = [molecule(s) for s in SNAR.values()]
    weights = np.array([[*(m.elements.get(e, 0) for e in "CHNOF"), m.molar_mass] for m in molecules])
    for c in (tube(law, theta, SNAR_FEED, 60.0).c, tank(law, theta, SNAR_FEED, 60.0)[None, :]):
        assert np.allclose(c @ weights, SNAR_FEED @ weights, rtol=1e-12, atol=0)
        assert c[-1, 2] > 100


def collocated(law, theta, feed, tau, elements):
    """Outlet of the tube by Radau collocation on a mesh that is fine where the reaction is fast."""
    import casadi as ca

    r, scale = len(law.stoichiometry), float(np.max(feed))
    mesh = [((e + 1) / elements) ** 1.5 for e in range(elements)]
    v = ca.SX.sym("v", 3 * r * elements)
    equations, outlet = radau_collocation(law, list(theta), list(feed), 300.0, tau, scale, ca.reshape(v, r, 3 * elements), mesh)
    solve = ca.rootfinder("solve", "newton", {"x": v, "g": ca.vertcat(*equations)}, {"abstol": 1e-12})
    return np.array(ca.Function("c", [v], [ca.vertcat(*outlet)])(solve(x0=0)["x"])).ravel()


def test_radau_collocation_against_cvodes():
    law, theta = snar()
    exact = tube(law, theta, SNAR_FEED, 20.0).c[-1]  # 99.5 % conversion
    ten, thirty = (collocated(law, theta, SNAR_FEED, 20.0, n) for n in (10, 30))
    assert np.abs(ten - exact).max() < 1e-6 * SNAR_FEED.max()
    assert np.allclose(thirty, exact, rtol=1e-6)
    for tau in (2.0, 6.0):
        assert np.allclose(collocated(law, theta, SNAR_FEED, tau, 10), tube(law, theta, SNAR_FEED, tau).c[-1], rtol=1e-6)


def test_radau_collocation_is_of_fifth_order():
    law, theta = make("A -> B", k=[1.0])
    error = [abs(collocated(law, theta, np.array([1.0, 0.0]), 4.0, n)[0] - math.exp(-4.0)) for n in (4, 8, 16)]
    assert error[0] / error[1] > 20
    assert error[1] / error[2] > 20


def test_too_stiff_is_an_error_not_a_number():
    law, theta = make("2 A -> B", "B <-> C", k=[1e-3, 1.0], equilibria=(None, Equilibrium(2.0, 300.0)))
    with pytest.raises(ConvergenceError, match="integrator"):
        tube(law, theta, [1000, 0, 0], 1e15)


# --- the published case --------------------------------------------------------------------------------------------------------


def fogler(temperature):
    """k (1/h) and K of n-butane isomerisation (Fogler, 5th ed., Example 11-3)."""
    gas = 8.314462618
    return 31.1 * math.exp(-65.7e3 / gas * (1 / temperature - 1 / 360)), 3.03 * math.exp(6.9e3 / gas * (1 / temperature - 1 / 333.15))


def test_example_file_against_the_design_equation():
    out = run_reactor(read_reactor(EXAMPLE))
    k, kc = fogler(330.0)
    x_eq = kc / (1 + kc)
    x = out["conversion"]["A"]
    # V = F_A0 X_e / (k C_A0) ln(X_e / (X_e - X)) for a reversible first-order reaction in a tube; F_A0 / C_A0 = 17.5 m^3/h
    assert 17.5 * x_eq / k * math.log(x_eq / (x_eq - x)) == pytest.approx(1.5, rel=TOL)
    assert x == pytest.approx(x_eq * (1 - math.exp(-k * 1.5 / 17.5 / x_eq)), rel=TOL)
    assert x == pytest.approx(0.2879, abs=5e-5)
    assert out["outlet"]["A"] == pytest.approx(9.3 * (1 - x), rel=1e-12)
    assert out["outlet"]["A"] + out["outlet"]["B"] == pytest.approx(9.3, rel=1e-12)


@pytest.mark.parametrize(("x", "temperature"), [(0.2, 338.7), (0.4, 347.3), (0.6, 356.0)])
def test_volume_for_a_conversion_along_foglers_line(tmp_path, x, temperature):
    k, kc = fogler(temperature)
    flow = 0.9 * 163 / 9.3  # F_A0 = 146.7 kmol/h of n-butane at 9.3 mol/L
    text = GOOD.replace("17.5 m^3/h", f"{flow!r} m^3/h").replace("330 K", f"{temperature} K")
    x_eq = kc / (1 + kc)
    volume = flow / k * x_eq * math.log(1 / (1 - x / x_eq))
    assert run(tmp_path, text.replace("1.5 m^3", f"{volume!r} m^3"))["conversion"]["A"] == pytest.approx(x, rel=TOL)
    volume = flow / k * x / (1 - x / x_eq)
    text = text.replace('"pfr"', '"cstr"').replace("1.5 m^3", f"{volume!r} m^3")
    assert run(tmp_path, text)["conversion"]["A"] == pytest.approx(x, rel=TOL)


def test_published_tank_volume(tmp_path):
    # Fogler: a CSTR for X = 0.4 takes 1.0 m^3 (0.99); its adiabatic steady state is isothermal at 330 + 43.3 * 0.4 = 347.3 K
    text = GOOD.replace("17.5 m^3/h", f"{146.7 / 9.3!r} m^3/h").replace("330 K", "347.3 K").replace('"pfr"', '"cstr"').replace("1.5 m^3", "0.99 m^3")
    assert run(tmp_path, text)["conversion"]["A"] == pytest.approx(0.40, abs=3e-3)


# --- reactor files ---------------------------------------------------------------------------------------------------------------


def test_output_has_the_agreed_form(tmp_path):
    out = run(tmp_path, GOOD, points=11)
    assert list(out) == ["outlet", "conversion", "temperature", "profile", "steady_states", "converged", "inert", "units"]
    assert list(out["profile"]) == ["volume", "temperature", "A", "B"]
    assert all(len(v) == 11 for v in out["profile"].values())
    assert out["profile"]["volume"][0] == 0.0
    assert out["profile"]["volume"][-1] == pytest.approx(1.5, rel=1e-14)
    assert out["profile"]["A"][-1] == out["outlet"]["A"]
    assert set(out["conversion"]) == {"A"}
    assert out["converged"] is True
    assert out["steady_states"] == []
    assert out["temperature"] == 330.0
    assert json.loads(json.dumps(out, allow_nan=False)) == out


def test_tank_lists_its_steady_state(tmp_path):
    out = run(tmp_path, GOOD.replace('"pfr"', '"cstr"'))
    assert out["steady_states"] == [{"temperature": 330.0, "conversion": out["conversion"], "outlet": out["outlet"]}]
    assert out["profile"]["volume"] == pytest.approx([1.5], rel=1e-14)


def test_batch_is_the_tube_in_time(tmp_path):
    text = GOOD.replace('"pfr"', '"batch"').replace('volume = "1.5 m^3"', f'time = "{1.5 / 17.5!r} h"').replace('flow = "17.5 m^3/h"\n', "")
    out = run(tmp_path, text)
    assert out["outlet"]["A"] == pytest.approx(run(tmp_path, GOOD)["outlet"]["A"], rel=1e-9)
    assert out["profile"]["time"][-1] == pytest.approx(3600 * 1.5 / 17.5, rel=1e-12)
    assert "volume" not in out["profile"]


def test_units_and_reference_temperature_are_free(tmp_path):
    other = GOOD.replace("330 K", "56.85 degC").replace("1.5 m^3", "1500 L").replace("17.5 m^3/h", "291.6666666666667 L/min").replace("9.3 mol/L", "9300 mol/m^3")
    other = other.replace("31.1 1/h", "0.008638888888888889 1/s").replace("65.7 kJ/mol", "65700 J/mol").replace("value = 3.03", 'value = "3.03"')
    assert run(tmp_path, other)["outlet"]["A"] == pytest.approx(run(tmp_path, GOOD)["outlet"]["A"], rel=1e-12)


def test_constants_at_the_reactor_temperature_need_no_energies(tmp_path):
    text = GOOD.replace(', at = "360 K", Ea = "65.7 kJ/mol"', "").replace(', at = "333.15 K", dH = "-6.9 kJ/mol"', ', at = "330 K"')
    spec = read_reactor(write(tmp_path, text))
    assert spec.theta == (math.log(31.1 / 3600), 0.0)
    assert spec.law.t_ref == (330.0,)
    assert isinstance(spec, ReactorSpec)


SECOND = """[reactor]
type = "cstr"
volume = "2 L"
temperature = "90 degC"
[feed]
flow = "10 mL/min"
concentration = { SM = "0.5 mol/L", amine = "1 mol/L", EtOH = "10 mol/L" }
[[reaction]]
id = "r1"
text = "SM + amine -> P + HF"
k = { value = "0.0579 L/(mol s)", at = "363.15 K", Ea = "33.3 kJ/mol" }
"""


def test_second_order_with_an_inert(tmp_path):
    out = run(tmp_path, SECOND)
    a, b, kt = 0.5, 1.0, 0.0579 * 2 / (10e-3 / 60)
    x = (a + b + 1 / kt - math.sqrt((a + b + 1 / kt) ** 2 - 4 * a * b)) / 2
    assert out["outlet"]["P"] == pytest.approx(x, rel=TOL)
    assert out["conversion"]["SM"] == pytest.approx(x / a, rel=TOL)
    assert out["outlet"]["EtOH"] == 10.0
    assert out["inert"] == ["EtOH"]
    assert set(out["conversion"]) == {"SM", "amine"}


def test_association_constant_with_its_unit(tmp_path):
    text = SECOND.replace("SM + amine -> P + HF", "SM + amine <-> P").replace("2 L", "1e6 m^3") + 'K = "4 L/mol"\n'
    out = run(tmp_path, text)["outlet"]
    assert out["P"] / (out["SM"] * out["amine"]) == pytest.approx(4.0, rel=TOL)


def test_zero_feed_and_zero_volume(tmp_path):
    empty = run(tmp_path, GOOD.replace("9.3 mol/L", "0 mol/L"))
    assert empty["outlet"] == {"A": 0.0, "B": 0.0}
    assert empty["conversion"] == {}
    assert run(tmp_path, GOOD.replace("1.5 m^3", "0 m^3"))["conversion"]["A"] == 0.0


def test_reverse_reaction_converts_the_product(tmp_path):
    out = run(tmp_path, GOOD.replace('A = "9.3 mol/L", B = "0 mol/L"', 'B = "9.3 mol/L"'))
    assert set(out["conversion"]) == {"B"}
    assert out["outlet"]["A"] > 0


@pytest.mark.parametrize(("order", "unit"), [(1, "1/s"), (2, "L/(mol s)"), (3, "L^2/(mol^2 s)"), (0.5, "mol^0.5/(L^0.5 s)"), (1.5, "L^0.5/(mol^0.5 s)")])
def test_rate_unit(order, unit):
    assert rate_unit(order) == unit


BAD = {
    "unknown type": ('"pfr"', '"pfrr"', InputError, "unknown type 'pfrr'", "'pfr'"),
    "no type": ('type = "pfr"\n', "", InputError, "no type", "pfr"),
    "type of another kind": ('"pfr"', "[1]", InputError, "unknown type", ""),
    "adiabatic": ('temperature = "330 K"', 'temperature = "330 K"\nmode = "adiabatic"', InputError, "'adiabatic'.*not", "isothermal"),
    "misspelt mode": ('temperature = "330 K"', 'temperature = "330 K"\nmode = "isotermal"', InputError, "'isotermal'", "did you mean 'isothermal'"),
    "missing volume": ('volume = "1.5 m^3"\n', "", InputError, "'volume' is missing", "volume"),
    "negative volume": ('"1.5 m^3"', '"-1.5 m^3"', InputError, "out of range", ""),
    "volume in kg": ('"1.5 m^3"', '"1.5 kg"', UnitError, "'kg'", "m\\^3"),
    "volume without unit": ('"1.5 m^3"', "1.5", InputError, "no unit", "1 m\\^3"),
    "volume is not a number": ('"1.5 m^3"', '"nan m^3"', InputError, "no number", ""),
    "volume is infinite": ('"1.5 m^3"', '"1e999 m^3"', InputError, "not a finite number", ""),
    "volume is absurd in SI": ('"1.5 m^3"', '"1e308 km^3"', UnitError, "not a finite number", ""),
    "time for a tube": ('volume = "1.5 m^3"', 'time = "2 h"', InputError, "'time' does not belong to a pfr", "volume"),
    "batch with volume": ('type = "pfr"', 'type = "batch"', InputError, "'volume' does not belong to a batch", "time"),
    "temperature below zero": ('"330 K"', '"-300 degC"', InputError, "out of range", ""),
    "temperature in C": ('"330 K"', '"330 C"', UnitError, "'C'", "degC"),
    "unknown key": ("volume =", "volum =", InputError, "'volum'", "did you mean 'volume'"),
    "unknown table": ("[feed]", "[fed]", InputError, "'fed'", "did you mean 'feed'"),
    "no reaction": ("[[reaction]]", "[feed.reaction]", InputError, "'reaction'", ""),
    "single brackets": ("[[reaction]]", "[reaction]", InputError, "no list of tables", "double brackets"),
    "reactor is a number": ('[reactor]\ntype = "pfr"\nvolume = "1.5 m^3"\ntemperature = "330 K"\n', "reactor = 3\n", InputError, "'reactor' is no table", ""),
    "zero flow": ('"17.5 m^3/h"', '"0 m^3/h"', InputError, "flow is 0", "batch"),
    "negative flow": ('"17.5 m^3/h"', '"-1 m^3/h"', InputError, "out of range", ""),
    "mass flow": ('"17.5 m^3/h"', '"17.5 kg/h"', UnitError, "'kg/h'", ""),
    "negative concentration": ('"0 mol/L"', '"-1 mol/L"', InputError, "out of range", "9.3 mol/L"),
    "concentration by mass": ('"9.3 mol/L"', '"9.3 g/L"', UnitError, "'g/L'", "mol/m\\^3"),
    "concentration is a text": ('{ A = "9.3 mol/L", B = "0 mol/L" }', '"9.3 mol/L"', InputError, "'concentration' is no table", ""),
    "species with a space": ('B = "0', '"B b" = "0', InputError, "'B b' can't name a species", "letter"),
    "id of two lines": ("text =", 'id = "r\\n1"\ntext =', InputError, "no plain text", "r1"),
    "misspelt species": ('B = "0 mol/L"', 'b = "0 mol/L"', InputError, "species 'b' is fed but in no reaction", "did you mean 'B'"),
    "reversible without K": ('K = { value = 3.03, at = "333.15 K", dH = "-6.9 kJ/mol" }\n', "", InputError, "reversible and has no K", "add K"),
    "irreversible with K": ("A <-> B", "A -> B", InputError, "irreversible and has a K", "<->"),
    "no arrow": ("A <-> B", "A + B", InputError, "no single arrow", ""),
    "reaction text is a number": ('"A <-> B"', "7", InputError, "a reaction is a text", ""),
    "k of second order": ('"31.1 1/h"', '"31.1 L/(mol s)"', UnitError, "expected one like '1/s'", "order 1 needs a unit such as '1/s'"),
    "k without unit": ('"31.1 1/h"', "31.1", InputError, "no quantity", "1/s"),
    "k is zero": ('"31.1 1/h"', '"0 1/h"', InputError, "not above 0", ""),
    "k is negative": ('"31.1 1/h"', '"-3 1/h"', InputError, "not above 0", ""),
    "no Ea away from at": (', Ea = "65.7 kJ/mol"', "", InputError, "without 'Ea'", "add Ea"),
    "negative Ea": ('"65.7 kJ/mol"', '"-65.7 kJ/mol"', InputError, "out of range", ""),
    "Ea in kelvin": ('"65.7 kJ/mol"', '"7900 K"', UnitError, "'K'", "J/mol"),
    "no dH away from at": (', dH = "-6.9 kJ/mol"', "", InputError, "without 'dH'", "add dH"),
    "misspelt dH": ("dH =", "dh =", InputError, "unknown key 'dh'", "did you mean 'dH'"),
    "K with a unit it has not": ("value = 3.03", 'value = "3.03 mol/L"', UnitError, "expected a pure number", ""),
    "K is not a number": ("value = 3.03", "value = nan", UnitError, "nan", ""),
    "K is zero": ("value = 3.03", "value = 0", InputError, "not above 0", ""),
    "K is true": ("value = 3.03", "value = true", InputError, "no quantity", ""),
    "K of changing mole number": ("A <-> B", "2 A <-> B", UnitError, "expected one like 'L/\\(mol s\\)'", ""),
    "not TOML": ("[feed]", "[feed", InputError, "not valid TOML", ""),
    "key twice": ('type = "pfr"', 'type = "pfr"\ntype = "cstr"', InputError, "not valid TOML", ""),
    "order too high": ("A <-> B", "12 A <-> B", InputError, "overall order 12", "elementary"),
}


@pytest.mark.parametrize(("old", "new", "kind", "message", "fix"), BAD.values(), ids=BAD.keys())
def test_bad_files_get_one_plain_message(tmp_path, old, new, kind, message, fix):
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(kind, match=message) as caught:
        read_reactor(path)
    assert caught.value.where.startswith("reactor.toml")
    assert re.search(fix, caught.value.fix)
    assert caught.value.fix
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message", "fix"),
    [
        ('amine = "1 mol/L", ', "", "'amine' is neither fed nor made", "add amine"),
        ('amine = "1', 'amin = "1', "'amin' is fed but in no reaction", "'amine'"),
        ('amine = "1', 'Amine = "1', "'Amine' is fed but in no reaction", "'amine'"),
        ("P + HF", "P + time", "'time' can't name a species", "rename"),
        ('SM = "0.5 mol/L", amine = "1 mol/L", EtOH = "10 mol/L"', "", "'SM' is neither fed nor made", "add SM"),
    ],
    ids=["reactant from nowhere", "misspelt reactant", "capital letter", "reserved name", "no feed"],
)
def test_species_of_feed_and_reactions_must_meet(tmp_path, old, new, message, fix):
    with pytest.raises(InputError, match=message) as caught:
        read_reactor(write(tmp_path, SECOND.replace(old, new)))
    assert fix in caught.value.fix


def test_reactions_that_only_feed_each_other(tmp_path):
    extra = '[[reaction]]\ntext = "{} -> {}"\nk = "1 1/s"\n'
    with pytest.raises(InputError, match="'X' is neither fed nor made"):
        read_reactor(write(tmp_path, SECOND + extra.format("X", "Y") + extra.format("Y", "X")))
    chain = SECOND + extra.format("Y", "Z") + extra.format("P", "Y")  # any order will do
    assert run_reactor(read_reactor(write(tmp_path, chain)))["outlet"]["Z"] > 0


def test_toml_error_names_the_line(tmp_path):
    with pytest.raises(InputError) as caught:
        read_reactor(write(tmp_path, GOOD.replace('flow = "17.5 m^3/h"', "flow = 17.5 m^3/h")))
    assert caught.value.where == "reactor.toml, line 6"


def test_equilibrium_constant_of_changing_mole_number_needs_its_unit(tmp_path):
    text = SECOND.replace("SM + amine -> P + HF", "SM + amine <-> P") + "K = 4\n"
    with pytest.raises(InputError, match="4 is no quantity") as caught:
        read_reactor(write(tmp_path, text))
    assert "'L/mol'" in caught.value.fix


def test_second_reaction_with_the_same_id(tmp_path):
    text = SECOND + SECOND[SECOND.index("[[reaction]]") :]
    with pytest.raises(InputError, match="share an id"):
        read_reactor(write(tmp_path, text))


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "missing"), (b"\xff\xfe[\x00", "UTF-8"), (b"x = " + b"[" * 5000, "nested|TOML"), (b"#" * 1_100_000, "more than"), (b"x = 1\n", "unknown key 'x'")],
    ids=["empty", "utf-16", "deep", "big", "other"],
)
def test_odd_files(tmp_path, data, message):
    path = tmp_path / "reactor.toml"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_reactor(path)


def test_missing_file_and_folder(tmp_path):
    write(tmp_path, GOOD)
    with pytest.raises(InputError, match="not found") as caught:
        read_reactor(tmp_path / "reacter.toml")
    assert "'reactor.toml'" in caught.value.fix
    with pytest.raises(InputError, match="folder"):
        read_reactor(tmp_path)


def test_unconverged_run_raises(tmp_path):
    text = GOOD.replace("A <-> B", "2 A <-> B").replace("31.1 1/h", "1e40 L/(mol s)").replace("value = 3.03", 'value = "1 L/mol"')
    with pytest.raises(ConvergenceError):
        run(tmp_path, text)


def test_too_few_points(tmp_path):
    with pytest.raises(ChemwrightError, match="at least 2"):
        run(tmp_path, GOOD, points=1)


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    path = tmp_path / "reactor.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert run_reactor(read_reactor(path)) == run(tmp_path, GOOD)
