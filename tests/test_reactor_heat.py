"""Reactors with heat: Fogler's example, conservation, limits, an independent integration, multiplicity, bad files."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from chemwright.errors import ConvergenceError, InputError, UnitError
from chemwright.kinetics.reactor_file import read_reactor, run_reactor

EXAMPLES = Path(__file__).parents[1] / "examples"
FOGLER = (EXAMPLES / "fogler_adiabatic.toml").read_text(encoding="utf-8")
JACKET = (EXAMPLES / "jacketed.toml").read_text(encoding="utf-8")
THREE = """[reactor]
type = "cstr"
mode = "adiabatic"
volume = "1 m^3"
[feed]
flow = "1 m^3/h"
temperature = "300 K"
concentration = { A = "2 mol/L", S = "48 mol/L" }
heat_capacity = "80 J/(mol K)"
[[reaction]]
text = "A -> B"
dH = "-200 kJ/mol"
k = { value = "1 1/h", at = "350 K", Ea = "80 kJ/mol" }
"""
CONSTANT = 'flow = "0.5 kg/s"              # leave out flow, heat_capacity and direction for a constant temperature\nheat_capacity = "4180 J/(kg K)"\ndirection = "counter"          # co | counter\n'
RISE = 6900 / (141 + 161 / 9)


def spec(tmp_path, text):
    path = tmp_path / "reactor.toml"
    path.write_text(text, encoding="utf-8")
    return read_reactor(path)


def run(tmp_path, text, points=51):
    return run_reactor(spec(tmp_path, text), points)


def fogler(tmp_path, kind, volume):
    return run(tmp_path, FOGLER.replace('type = "pfr"', f'type = "{kind}"').replace("2.6 m^3", f"{volume} m^3"))


def rate_and_equilibrium(temperature):
    gas = 8.314462618
    return 31.1 * math.exp(-65.7e3 / gas * (1 / temperature - 1 / 360)), 3.03 * math.exp(6.9e3 / gas * (1 / temperature - 1 / 333.15))


# --- Fogler, Elements of Chemical Reaction Engineering, 5th ed., Example 11-3 ---------------------------------------------------


@pytest.mark.parametrize(("kind", "volume", "x"), [("cstr", 1.0, 0.4), ("pfr", 1.15, 0.4), ("pfr", 2.6, 0.7)])
def test_published_volumes(tmp_path, kind, volume, x):
    assert fogler(tmp_path, kind, volume)["conversion"]["A"] == pytest.approx(x, abs=6e-3)


@pytest.mark.parametrize("volume", [0.5, 1.0, 1.9, 2.0, 2.1, 5.0, 50.0])
def test_adiabatic_tank_solves_the_design_equation(tmp_path, volume):
    out = fogler(tmp_path, "cstr", volume)
    (state,) = out["steady_states"]
    assert state["stable"]
    x, t = out["conversion"]["A"], out["temperature"]
    k, kc = rate_and_equilibrium(t)
    assert t == pytest.approx(330 + RISE * x, abs=1e-5)
    assert 15.774193548 * x / (k * (1 - (1 + 1 / kc) * x)) == pytest.approx(volume, rel=1e-6)


@pytest.mark.slow
def test_adiabatic_tank_converges_at_every_volume(tmp_path):
    """Where a general simulator is known to fail (near 2 m^3): 41 volumes from 0.1 to 20 m^3, each against the design equation solved by bisection."""
    from scipy.optimize import brentq

    def gap(x, volume):
        k, kc = rate_and_equilibrium(330 + RISE * x)
        return 15.774193548 * x - volume * k * (1 - (1 + 1 / kc) * x)

    base = spec(tmp_path, FOGLER.replace('type = "pfr"', 'type = "cstr"'))
    for volume in [*np.geomspace(0.1, 20, 30), *np.linspace(1.9, 2.1, 11)]:
        out = run_reactor(evolve(base, size=float(volume)))
        assert out["conversion"]["A"] == pytest.approx(brentq(gap, 0, 0.9, args=(volume,), xtol=1e-14), abs=1e-8)
        assert len(out["steady_states"]) == 1


def test_long_tube_ends_at_adiabatic_equilibrium(tmp_path):
    out = fogler(tmp_path, "pfr", 40)
    x, t = out["conversion"]["A"], out["temperature"]
    kc = rate_and_equilibrium(t)[1]
    assert x == pytest.approx(kc / (1 + kc), rel=1e-6)
    assert x == pytest.approx(0.712, abs=3e-3)
    assert t == pytest.approx(361, abs=0.6)


def test_energy_is_conserved_along_the_tube(tmp_path):
    profile = fogler(tmp_path, "pfr", 2.6)["profile"]
    a, b, i, t = (np.array(profile[s]) for s in ("A", "B", "I", "temperature"))
    energy = (141 * a + 141 * b + 161 * i) * t + (9.3 - a) * -6900
    assert np.ptp(energy) < 1e-8 * energy[0]


def test_tube_against_an_independent_integration_in_temperature(tmp_path):
    from scipy.integrate import solve_ivp

    text = JACKET.replace("counter", "co")
    out = run(tmp_path, text)

    def slope(v, y):
        r = 0.005 * math.exp(-75e3 / 8.314462618 * (1 / y[1] - 1 / 330)) * y[0]
        q = 1e4 * (y[2] - y[1])
        flow = 1 / 3600
        return [-r / flow, (80e3 * r + q) / flow / (52000 * 78), -q / (0.5 * 4180)]

    exact = solve_ivp(slope, (0, 0.2), [2000.0, 320.0, 310.0], method="LSODA", rtol=1e-10, atol=1e-9, t_eval=[*out["profile"]["volume"][:-1], 0.2])
    assert np.allclose(np.array(out["profile"]["A"]) * 1000, exact.y[0], rtol=1e-5, atol=1e-4)
    assert np.allclose(out["profile"]["temperature"], exact.y[1], atol=1e-4)
    assert np.allclose(out["profile"]["jacket_temperature"], exact.y[2], atol=1e-4)
    assert out["hot_spot"]["temperature"] == pytest.approx(exact.y[1].max(), abs=0.3)


def test_counter_current_heat_balance_closes(tmp_path):
    out = run(tmp_path, JACKET)
    jacket, t, a = (out["profile"][k] for k in ("jacket_temperature", "temperature", "A"))
    assert jacket[-1] == pytest.approx(310, abs=1e-6)
    gained = 0.5 * 4180 * (jacket[0] - jacket[-1])
    assert gained == pytest.approx(-out["heat_received"], rel=1e-6)
    assert (2 - a[-1]) * 1000 / 3600 * 80e3 == pytest.approx(gained + 52000 * 78 / 3600 * (t[-1] - t[0]), rel=1e-6)
    assert max(t) <= out["hot_spot"]["temperature"] + 1e-12


def test_jacketed_without_exchange_is_adiabatic(tmp_path):
    adiabatic = JACKET[: JACKET.index("[jacket]")].replace("jacketed", "adiabatic") + JACKET[JACKET.index("[[reaction]]") :]
    a = run(tmp_path, adiabatic)
    for ua in ("0", "1e-9"):
        b = run(tmp_path, JACKET.replace("10 kW", f"{ua} kW"))
        assert b["temperature"] == pytest.approx(a["temperature"], abs=1e-5)
        assert b["outlet"]["A"] == pytest.approx(a["outlet"]["A"], rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("kind", ["pfr", "cstr", "batch"])
def test_strong_cooling_is_isothermal(tmp_path, kind):
    text = JACKET.replace(CONSTANT, "").replace('type = "pfr"', f'type = "{kind}"').replace("10 kW", "1e6 kW").replace('"320 K"', '"310 K"')
    if kind == "batch":
        text = text.replace('volume = "200 L"', 'time = "720 s"').replace('flow = "1 m^3/h"\n', "")
    out = run(tmp_path, text)
    k = 720 * 0.005 * math.exp(-75e3 / 8.314462618 * (1 / 310 - 1 / 330))
    assert out["temperature"] == pytest.approx(310, abs=1e-3)
    assert out["conversion"]["A"] == pytest.approx(k / (1 + k) if kind == "cstr" else 1 - math.exp(-k), rel=1e-4)


# --- steady states of a tank -------------------------------------------------------------------------------------------------


def test_three_steady_states_against_a_fine_scan(tmp_path):
    states = run(tmp_path, THREE)["steady_states"]
    t = np.linspace(290.0001, 410, 240_001)  # 350 K is no grid point
    k = np.exp(-80e3 / 8.314462618 * (1 / t - 1 / 350))
    excess = 100 * k / (1 + k) - (t - 300)  # 2000 mol/m^3 * 200 kJ/mol over 50000 mol/m^3 * 80 J/(mol K) is 100 K
    scan = t[:-1][np.sign(excess[:-1]) != np.sign(excess[1:])]
    assert [s["temperature"] for s in states] == pytest.approx(list(scan), abs=1e-3)
    assert [s["stable"] for s in states] == [True, False, True]
    assert states[1]["temperature"] == pytest.approx(350, abs=1e-6)  # k tau = 1 there
    assert states[1]["conversion"]["A"] == pytest.approx(0.5, abs=1e-8)


def test_start_up_goes_to_the_state_of_its_side(tmp_path):
    out = run(tmp_path, THREE)
    assert out["outlet"] == out["steady_states"][0]["outlet"]
    hot = run(tmp_path, THREE.replace('"300 K"', '"325 K"'))
    assert hot["temperature"] > 400
    assert hot["outlet"] == hot["steady_states"][-1]["outlet"]
    assert json.loads(json.dumps(hot, allow_nan=False)) == hot


def test_narrow_pair_of_states_beside_a_fold_is_not_missed(tmp_path):
    t = np.linspace(315, 335, 2_000_001)
    k = np.exp(-80e3 / 8.314462618 * (1 / t - 1 / 350))
    fold = float(np.max(t - 100 * k / (1 + k)))  # the hottest feed that still has a cold state
    found = [run(tmp_path, THREE.replace('"300 K"', f'"{fold + d!r} K"'))["steady_states"] for d in (-1e-3, 1e-3)]
    assert [len(f) for f in found] == [3, 1]
    assert 0 < found[0][1]["temperature"] - found[0][0]["temperature"] < 1


GRAY_SCOTT = """[reactor]
type = "cstr"
volume = "100 m^3"
temperature = "300 K"
[feed]
flow = "1 m^3/s"
concentration = { A = "1 mol/m^3", B = "0 mol/m^3" }
[[reaction]]
text = "A + 2 B -> 3 B"
k = "1 m^6/(mol^2 s)"
[[reaction]]
text = "B -> C"
k = "0.025 1/s"
"""


def test_three_states_of_an_isothermal_autocatalytic_tank(tmp_path):
    """Gray and Scott: no feed of B leaves a state without reaction, and two on an isola that no continuation from the feed meets."""
    out = run(tmp_path, GRAY_SCOTT)
    root = math.sqrt(0.25 - (1 + 0.025 * 100) ** 2 / 100)
    assert [s["outlet"]["A"] * 1000 for s in out["steady_states"]] == pytest.approx([1, 0.5 + root, 0.5 - root], abs=1e-9)
    assert [s["stable"] for s in out["steady_states"]] == [True, False, True]
    assert out["outlet"] == out["steady_states"][0]["outlet"]


def test_gray_scott_all_states_over_many_tanks():
    """Every root of the cubic, over 50 seeded tanks with and without feed of B."""
    from chemwright.kinetics.network import Network, parse_reaction
    from chemwright.kinetics.rates import MassAction
    from chemwright.model.heat import HeatedReactor
    from chemwright.model.tank_balances import Balances
    from chemwright.model.tank_search import guesses

    law = MassAction(Network(("A", "B", "C"), (parse_reaction("A + 2 B -> 3 B", "r1"), parse_reaction("B -> C", "r2"))), (300.0, 300.0))
    rng, several = np.random.default_rng(3), 0
    for _ in range(50):
        tau, decay, b = 10 ** rng.uniform(1, 3), 10 ** rng.uniform(-3, -1), rng.choice([0.0, 0.02, 0.08])
        slow = (1 + decay * tau) ** 2
        roots = (np.poly1d([-1, 1]) * slow - tau * np.poly1d([1, 0]) * np.poly1d([-1, 1 + b]) ** 2).roots
        exact = sorted({*(r.real for r in roots if abs(r.imag) < 1e-9 and 0 < r.real < 1 - 1e-12), *([1.0] if b == 0 else [])})
        if min(np.diff(exact), default=1) < 1e-3:
            continue
        balances = Balances(HeatedReactor(law, np.array([0.0, math.log(decay), 0.0, 0.0]), np.array([1.0, b, 0.0]), 300.0, tau, None))
        left = [1 - x[0] for x in (balances.newton(balances.solve_full, g) for g in guesses(balances)) if x is not None]
        assert all(min(abs(a - e) for a in left) < 1e-7 for e in exact), (tau, decay, b)
        assert all(min(abs(a - e) for e in exact) < 1e-7 for a in left), (tau, decay, b)
        several += len(exact) > 1
    assert several > 5


def test_states_that_differ_at_one_temperature_are_found_with_heat_too(tmp_path):
    """The same tank with reactions that make no heat: three states at one temperature, which a scan over temperature can't tell apart."""
    text = GRAY_SCOTT.replace('temperature = "300 K"', 'mode = "adiabatic"').replace("concentration", 'temperature = "300 K"\nheat_capacity = "80 J/(mol K)"\nconcentration')
    text = text.replace('"1 m^6/(mol^2 s)"', '{ value = "1 m^6/(mol^2 s)", Ea = "0 J/mol" }\ndH = "0 J/mol"').replace(
        '"0.025 1/s"', '{ value = "0.025 1/s", Ea = "0 J/mol" }\ndH = "0 J/mol"'
    )
    states = run(tmp_path, text)["steady_states"]
    assert [s["temperature"] for s in states] == pytest.approx([300] * 3)
    assert [s["stable"] for s in states] == [True, False, True]


@pytest.mark.parametrize("flow", ["0.02", "0.002"])
def test_counter_current_jacket_of_weak_flow_against_an_independent_relaxation(tmp_path, flow):
    """Shooting would multiply errors by e^24 and e^239; here tube and jacket are integrated in turn, each the way it flows, until they agree."""
    from scipy.integrate import solve_ivp
    from scipy.interpolate import CubicSpline

    out = run(tmp_path, JACKET.replace("0.5 kg/s", f"{flow} kg/s"))
    assert out["profiles_found"] == 1
    w, v = float(flow) * 4180, np.linspace(0, 0.2, 4001)

    def tube(jacket):
        def slope(at, y):
            r = 0.005 * math.exp(-75e3 / 8.314462618 * (1 / y[1] - 1 / 330)) * y[0]
            return [-r * 3600, (80e3 * r + 1e4 * (jacket(at) - y[1])) * 3600 / (52000 * 78)]

        return CubicSpline(v, solve_ivp(slope, (0, 0.2), [2000.0, 320.0], method="LSODA", rtol=1e-10, atol=1e-9, t_eval=v).y[1])

    def cool(tube):
        back = solve_ivp(lambda s, y: 1e4 / w * (tube(0.2 - s) - y), (0, 0.2), [310.0], method="LSODA", rtol=1e-10, atol=1e-9, t_eval=v)
        return back.y[0][::-1]

    jacket = CubicSpline(out["profile"]["volume"], out["profile"]["jacket_temperature"])(v)
    for _ in range(60):
        new = cool(tube(CubicSpline(v, jacket)))
        moved, jacket = np.max(np.abs(new - jacket)), jacket + 0.5 * (new - jacket)
        if moved < 1e-7:
            break
    at = np.array(out["profile"]["volume"])
    assert np.allclose(CubicSpline(v, jacket)(at), out["profile"]["jacket_temperature"], atol=2e-4)
    gained = w * (out["profile"]["jacket_temperature"][0] - 310)
    assert gained == pytest.approx(-out["heat_received"], rel=1e-6)
    a, t = out["profile"]["A"], out["profile"]["temperature"]
    assert (2 - a[-1]) * 1000 / 3600 * 80e3 == pytest.approx(gained + 52000 * 78 / 3600 * (t[-1] - t[0]), rel=1e-6)


def test_collocation_agrees_with_shooting_where_that_is_well_conditioned(tmp_path, monkeypatch):
    shot = run(tmp_path, JACKET)
    monkeypatch.setattr("chemwright.model.counter_current.SHOT", 0.0)
    collocated = run(tmp_path, JACKET)
    for key in ("temperature", "jacket_temperature", "A"):
        assert np.allclose(shot["profile"][key], collocated["profile"][key], atol=1e-5, rtol=0)


AUTOTHERMAL = """[reactor]
type = "pfr"
mode = "jacketed"
volume = "1 m^3"
[feed]
flow = "1 L/s"
temperature = "300 K"
concentration = { A = "1 mol/L", S = "49 mol/L" }
heat_capacity = "80 J/(mol K)"
[jacket]
UA_per_volume = "20 kW/(m^3 K)"
temperature = "300 K"
flow = "1 kg/s"
heat_capacity = "4000 J/(kg K)"
direction = "counter"
[[reaction]]
text = "A -> B"
dH = "-120 kJ/mol"
k = { value = "0.01 1/s", at = "340 K", Ea = "100 kJ/mol" }
"""


def test_autothermal_tube_has_three_profiles(tmp_path, monkeypatch):
    """Heat carried back by the jacket ignites the tube: cold, middle and hot profile; the cold one is reported, by both methods."""
    shot = run(tmp_path, AUTOTHERMAL)
    assert shot["profiles_found"] == 3
    assert max(shot["profile"]["temperature"]) < 320
    monkeypatch.setattr("chemwright.model.counter_current.SHOT", 0.0)
    monkeypatch.setattr("chemwright.model.counter_current.HOPELESS", 0.0)
    collocated = run(tmp_path, AUTOTHERMAL)
    assert collocated["profiles_found"] == 3
    assert collocated["temperature"] == pytest.approx(shot["temperature"], abs=1e-4)


def test_tank_with_a_mixed_jacket(tmp_path):
    out = run(tmp_path, JACKET.replace('type = "pfr"', 'type = "cstr"').replace('direction = "counter"          # co | counter\n', ""))
    (state,) = out["steady_states"]
    duty = 0.5 * 4180 * (state["jacket_temperature"] - 310)
    assert duty == pytest.approx(10e3 * 0.2 * (out["temperature"] - state["jacket_temperature"]), rel=1e-8)
    assert duty == pytest.approx(-out["heat_received"], rel=1e-8)
    made = (2 - out["outlet"]["A"]) * 1000 / 3600 * 80e3
    assert made == pytest.approx(duty + 52000 * 78 / 3600 * (out["temperature"] - 320), rel=1e-8)


def test_oscillating_tank_is_refused_with_its_states(tmp_path):
    # k tau = 1.5 (X = 0.6) at 330 K, cooling 3 times the through-flow's: trace -2.5 - 4 + 0.6 * 13 > 0, so the only state is an unstable focus
    text = THREE.replace("adiabatic", "jacketed").replace('"1 1/h", at = "350 K", Ea = "80 kJ/mol"', '"1.5 1/h", at = "330 K", Ea = "58.9 kJ/mol"')
    text = text.replace("-200 kJ/mol", "-400 kJ/mol").replace("[[reaction]]", '[jacket]\nUA_per_volume = "3333.333333 W/(m^3 K)"\ntemperature = "300 K"\n[[reaction]]')
    with pytest.raises(ConvergenceError, match=r"settles in no steady state; steady states: 330\.00 K \(unstable\)"):
        run(tmp_path, text)


# --- runaway, enthalpies, bad files ------------------------------------------------------------------------------------------


def test_adler_enig_tells_a_runaway(tmp_path):
    constant = JACKET.replace(CONSTANT, "").replace('"320 K"', '"310 K"')
    assert run(tmp_path, constant.replace("10 kW", "50 kW"))["runaway"] is False
    assert run(tmp_path, constant.replace("10 kW", "1 kW").replace("-80", "-250"))["runaway"] is True
    assert run(tmp_path, JACKET)["runaway"] is None


def test_enthalpy_of_the_equilibrium_serves_the_heat_balance(tmp_path):
    text = FOGLER.replace('dH = "-6.9 kJ/mol"\n', "").replace('at = "333.15 K" }', 'at = "333.15 K", dH = "-6.9 kJ/mol" }')
    assert run(tmp_path, text)["temperature"] == pytest.approx(fogler(tmp_path, "pfr", 2.6)["temperature"], rel=1e-12)


def test_kirchhoff_changes_the_enthalpy_with_temperature(tmp_path):
    heat = spec(tmp_path, FOGLER.replace('B = "141 J', 'B = "151 J')).heat
    assert heat.enthalpy[0] == pytest.approx(-6900 + 10 * (330 - 298.15))


def test_zero_volume_changes_nothing(tmp_path):
    for kind in ("pfr", "cstr"):
        assert fogler(tmp_path, kind, 0)["temperature"] == 330


BAD = {
    "mode": (FOGLER, '"adiabatic" ', '"adiabatik" ', InputError, "'adiabatik' is unknown", "'adiabatic'"),
    "temperature of the reactor": (FOGLER, "volume =", 'temperature = "330 K"\nvolume =', InputError, "does not belong here", "feed"),
    "pressure drop": (FOGLER, "volume =", 'pressure_drop = "1 bar"\nvolume =', InputError, "is no key", "bed"),
    "no feed temperature": (FOGLER, 'temperature = "330 K"\n', "", InputError, "'temperature' is missing", "temperature"),
    "no heat capacity": (JACKET, 'heat_capacity = "78 J/(mol K)"', "", InputError, "'heat_capacity' is missing", "heat"),
    "heat capacity by mass": (JACKET, "78 J/(mol K)", "78 J/(kg K)", UnitError, "J/\\(kg K\\)", "J/"),
    "zero heat capacity": (JACKET, "78 J/(mol K)", "0 J/(mol K)", InputError, "is 0", "1 J"),
    "species lacks heat capacity": (FOGLER, ', I = "161 J/(mol K)"', "", InputError, "no heat capacity of 'I'", "add I"),
    "unknown species": (FOGLER, 'I = "161', 'Q = "161', InputError, "unknown species 'Q'", "known"),
    "no dH": (JACKET, 'dH = "-80 kJ/mol"\n', "", InputError, "'dH' is missing", "add dH"),
    "dH in K": (JACKET, "-80 kJ/mol", "-80 K", UnitError, "'K'", "J/mol"),
    "dH disagrees": (FOGLER, 'at = "333.15 K" }', 'at = "333.15 K", dH = "-9 kJ/mol" }', InputError, "disagree", "one of them"),
    "no Ea": (JACKET, ', Ea = "75 kJ/mol"', "", InputError, "no 'Ea'", "0 kJ/mol"),
    "no jacket": (JACKET, "[jacket]", "[jackets]", InputError, "unknown key 'jackets'", "'jacket'"),
    "jacket of an adiabatic": (JACKET, 'mode = "jacketed"', 'mode = "adiabatic"', InputError, "has no jacket", "jacketed"),
    "jacket of an isothermal": (JACKET, 'mode = "jacketed"', 'temperature = "320 K"', InputError, "is not used", "jacketed"),
    "both UA": (JACKET, "UA_per_volume =", 'UA = "2 kW/K"\nUA_per_volume =', InputError, "one of 'UA'", "UA_per_volume"),
    "UA without area": (JACKET, "10 kW/(m^3 K)", "10 kW/(m^2 K)", UnitError, "m\\^2", "W"),
    "negative UA": (JACKET, "10 kW/(m^3 K)", "-10 kW/(m^3 K)", InputError, "out of range", ""),
    "direction": (JACKET, '"counter"  ', '"cross"  ', InputError, "'cross'", "counter"),
    "direction of a tank": (JACKET, 'type = "pfr"', 'type = "cstr"', InputError, "no direction", "leave"),
    "direction without flow": (JACKET, 'flow = "0.5 kg/s" ', "", InputError, "without 'flow'", "add flow"),
    "jacket volume flow": (JACKET, "0.5 kg/s", "0.5 m^3/s", UnitError, "m\\^3/s", "kg/s"),
    "jacket without temperature": (JACKET, 'temperature = "310 K" ', "", InputError, "'temperature' is missing", ""),
    "empty feed": (THREE, '"2 mol/L", S = "48 mol/L"', '"0 mol/L"', InputError, "holds nothing", "concentration"),
}


@pytest.mark.parametrize(("text", "old", "new", "kind", "message", "fix"), BAD.values(), ids=BAD.keys())
def test_bad_files_get_one_plain_message(tmp_path, text, old, new, kind, message, fix):
    import re

    assert old in text
    with pytest.raises(kind, match=message) as caught:
        spec(tmp_path, text.replace(old, new, 1))
    assert caught.value.where.startswith("reactor.toml")
    assert re.search(fix, caught.value.fix)
    assert "\n" not in str(caught.value)
