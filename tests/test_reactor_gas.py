"""Gases: closed forms with volume change, an independent integration in molar flows, elements and energy, Ergun's equation, tanks, bad files."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from chemwright.errors import ConvergenceError, InputError, UnitError
from chemwright.kinetics.reactor_file import read_reactor, run_reactor

R = 8.314462618
EXAMPLES = Path(__file__).parents[1] / "examples"
BED = (EXAMPLES / "gas_bed.toml").read_text(encoding="utf-8")
FIRST = """[reactor]
type = "pfr"
phase = "gas"
volume = "100 L"
temperature = "1000 K"
[feed]
mole_fraction = { A = 0.8, I = 0.2, B = 0 }
pressure = "3 bar"
flow = "5 mol/s"
[[reaction]]
text = "A -> 3 B"
k = "2 1/s"
"""
SECOND = FIRST.replace("A -> 3 B", "2 A -> B").replace('"2 1/s"', '"0.05 m^3/(mol s)"')
HOT = """[reactor]
type = "pfr"
phase = "gas"
mode = "jacketed"
volume = "1 m^3"
[feed]
molar_flow = { A = "2 mol/s", I = "1 mol/s", B = "0 mol/s" }
pressure = "2 bar"
temperature = "900 K"
heat_capacity = { A = "160 J/(mol K)", B = "70 J/(mol K)", I = "35 J/(mol K)" }
[jacket]
UA_per_volume = "3 kW/(m^3 K)"
temperature = "1000 K"
flow = "0.5 kg/s"
heat_capacity = "1100 J/(kg K)"
direction = "co"
[[reaction]]
text = "A -> 2 B"
dH = { value = "80 kJ/mol", at = "298.15 K" }
k = { value = "0.5 1/s", at = "950 K", Ea = "200 kJ/mol" }
"""
BATCH = """[reactor]
type = "batch"
phase = "gas"
mode = "adiabatic"
time = "20 s"
[feed]
mole_fraction = { A = 0.3, I = 0.7, B = 0 }
pressure = "1 bar"
temperature = "600 K"
heat_capacity = { A = "60 J/(mol K)", B = "55 J/(mol K)", I = "30 J/(mol K)" }
[[reaction]]
text = "2 A -> B"
dH = { value = "-120 kJ/mol", at = "600 K" }
k = { value = "0.002 m^3/(mol s)", at = "600 K", Ea = "40 kJ/mol" }
"""
ISOTHERMAL_BATCH = FIRST.replace('"pfr"', '"batch"').replace('volume = "100 L"', 'time = "0.5 s"').replace('flow = "5 mol/s"\n', "")
EMPTY_BED = """[bed]
particle_diameter = "2 mm"
voidage = 0.4
viscosity = "3e-5 Pa s"
area = "0.08 m^2"
density = "2 kg/m^3"
"""


def spec(tmp_path, text):
    path = tmp_path / "reactor.toml"
    path.write_text(text, encoding="utf-8")
    return read_reactor(path)


def run(tmp_path, text, points=51):
    return run_reactor(spec(tmp_path, text), points)


# --- closed forms (Levenspiel, Chemical Reaction Engineering, 3rd ed., table 5.1 and eqs. 5.11-5.22) --------------------------------


def test_first_order_tube_with_volume_change(tmp_path):
    x = run(tmp_path, FIRST)["conversion"]["A"]
    epsilon, volume_flow = 0.8 * 2, 5 * R * 1000 / 3e5
    assert volume_flow / 2 * ((1 + epsilon) * -math.log(1 - x) - epsilon * x) == pytest.approx(0.1, rel=1e-7)


def test_second_order_tube_with_volume_change(tmp_path):
    x = run(tmp_path, SECOND)["conversion"]["A"]
    epsilon, c, volume_flow = -0.8 / 2, 0.8 * 3e5 / (R * 1000), 5 * R * 1000 / 3e5
    form = 2 * epsilon * (1 + epsilon) * math.log(1 - x) + epsilon**2 * x + (1 + epsilon) ** 2 * x / (1 - x)
    assert volume_flow * form / (2 * 0.05 * c) == pytest.approx(0.1, rel=1e-7)  # A goes at twice the rate


def test_first_order_tank_with_volume_change(tmp_path):
    out = run(tmp_path, FIRST.replace('"pfr"', '"cstr"'))
    x, volume_flow = out["conversion"]["A"], 5 * R * 1000 / 3e5
    assert volume_flow * x * (1 + 1.6 * x) / (2 * (1 - x)) == pytest.approx(0.1, rel=1e-9)
    assert out["swelling"] == pytest.approx(1 + 1.6 * x, rel=1e-9)
    assert [s["stable"] for s in out["steady_states"]] == [True]


@pytest.mark.parametrize("constant", ["volume", "pressure"])
def test_first_order_batch_does_not_feel_the_volume(tmp_path, constant):
    out = run(tmp_path, ISOTHERMAL_BATCH.replace("[feed]", f'constant = "{constant}"\n[feed]'))
    x = 1 - math.exp(-1.0)
    assert out["conversion"]["A"] == pytest.approx(x, rel=1e-8)
    assert out["pressure"] == pytest.approx(3e5 * (1 if constant == "pressure" else 1 + 1.6 * x), rel=1e-8)
    assert out["swelling"] == pytest.approx(1 if constant == "volume" else 1 + 1.6 * x, rel=1e-8)
    assert "molar_flow" not in out


def test_no_change_of_moles_is_a_liquid(tmp_path):
    gas = run(tmp_path, FIRST.replace("A -> 3 B", "A -> B"))
    concentration = {s: x * 3e5 / (R * 1000) for s, x in (("A", 0.8), ("I", 0.2), ("B", 0.0))}
    feed = "concentration = { " + ", ".join(f'{s} = "{c} mol/m^3"' for s, c in concentration.items()) + f' }}\nflow = "{5 * R * 1000 / 3e5} m^3/s"\n'
    text = FIRST.replace("A -> 3 B", "A -> B").replace('phase = "gas"\n', "")
    liquid = run(tmp_path, text[: text.index("mole_fraction")] + feed + text[text.index("[[reaction]]") :])
    assert gas["outlet"]["A"] == pytest.approx(liquid["outlet"]["A"], rel=1e-7)


def test_one_feed_three_ways(tmp_path):
    a = run(tmp_path, FIRST)
    flows = FIRST.replace("mole_fraction = { A = 0.8, I = 0.2, B = 0 }", 'molar_flow = { A = "4 mol/s", I = "1 mol/s", B = "0 mol/s" }').replace('flow = "5 mol/s"\n', "")
    molar = 3e5 / (R * 1000)
    given = FIRST.replace("mole_fraction = { A = 0.8, I = 0.2, B = 0 }", f'concentration = {{ A = "{0.8 * molar} mol/m^3", I = "{0.2 * molar} mol/m^3" }}')
    for text in (flows, given, given.replace('pressure = "3 bar"\n', ""), FIRST.replace("5 mol/s", f"{5 / molar} m^3/s")):
        assert run(tmp_path, text)["molar_flow"] == pytest.approx(a["molar_flow"], rel=1e-9)


# --- heat --------------------------------------------------------------------------------------------------------------------


def hot_slope(jacketed):
    """Molar flows, temperature, jacket temperature over the volume, written from the differential balances (Fogler, ch. 12)."""

    def slope(v, y):
        a, b, t, tj = y
        c = 2e5 / (R * t) * a / (a + b + 1.0)
        rate = 0.5 * math.exp(-200e3 / R * (1 / t - 1 / 950)) * c
        q = 3e3 * (tj - t) if jacketed else 0.0
        dh = 80e3 + (2 * 70 - 160) * (t - 298.15)
        return [-rate, 2 * rate, (q - rate * dh) / (160 * a + 70 * b + 35.0), -q / (0.5 * 1100)]

    return slope


@pytest.mark.parametrize("mode", ["adiabatic", "jacketed"])
def test_tube_against_an_independent_integration_in_molar_flows(tmp_path, mode):
    text = HOT if mode == "jacketed" else (HOT[: HOT.index("[jacket]")] + HOT[HOT.index("[[reaction]]") :]).replace("jacketed", "adiabatic")
    out = run(tmp_path, text)
    exact = solve_ivp(hot_slope(mode == "jacketed"), (0, 1.0), [2.0, 0.0, 900.0, 1000.0], method="LSODA", rtol=1e-11, atol=1e-11, t_eval=[*out["profile"]["volume"][:-1], 1.0])
    assert out["molar_flow"]["A"] == pytest.approx(exact.y[0, -1], rel=1e-6)
    assert np.allclose(out["profile"]["temperature"], exact.y[2], atol=1e-4)
    if mode == "jacketed":
        assert np.allclose(out["profile"]["jacket_temperature"], exact.y[3], atol=1e-4)
    total = exact.y[0] + exact.y[1] + 1.0
    assert np.allclose(np.array(out["profile"]["A"]) * 1000, 2e5 / (R * exact.y[2]) * exact.y[0] / total, rtol=1e-5)


def test_atoms_and_energy_balance_along_the_tube(tmp_path):
    out = run(tmp_path, HOT)
    p = {k: np.array(v) for k, v in out["profile"].items()}
    c = p["A"] + p["B"] + p["I"]
    inert = 1.0 / p["I"]  # mol/s of inert gas over its concentration: the volume flow
    flow = {s: p[s] * inert for s in ("A", "B", "I")}
    assert np.allclose(2 * flow["A"] + flow["B"], 4.0, rtol=1e-12)  # A holds twice the atoms of B
    assert np.allclose(c * 1000 * R * p["temperature"], 2e5, rtol=1e-12)
    enthalpy = 160 * flow["A"] * (p["temperature"] - 298.15) + 70 * flow["B"] * (p["temperature"] - 298.15) + 35 * (p["temperature"] - 298.15) + (2 - flow["A"]) * 80e3
    given = 0.5 * 1100 * (p["jacket_temperature"][0] - p["jacket_temperature"])
    assert np.allclose(enthalpy - enthalpy[0], given, atol=1e-6 * abs(enthalpy[0]))
    assert out["heat_received"] == pytest.approx(given[-1], rel=1e-9)


@pytest.mark.parametrize("constant", ["volume", "pressure"])
def test_adiabatic_batch_against_an_independent_integration(tmp_path, constant):
    out = run(tmp_path, BATCH.replace("[feed]", f'constant = "{constant}"\n[feed]'))
    total = 1e5 / (R * 600)
    a0 = 0.3 * total
    fixed = constant == "volume"

    def slope(t, y):
        a, b, temperature = y  # mol per m^3 at the start
        grown = 1.0 if fixed else (a + b + 0.7 * total) / total * temperature / 600
        rate = 0.002 * math.exp(-40e3 / R * (1 / temperature - 1 / 600)) * (a / grown) ** 2 * grown
        cp = 60 * a + 55 * b + 21 * total
        dh = -120e3 + (55 - 120) * (temperature - 600)
        if fixed:
            cp, dh = cp - R * (a + b + 0.7 * total), dh + R * temperature
        return [-2 * rate, rate, -dh * rate / cp]

    exact = solve_ivp(slope, (0, 20), [a0, 0.0, 600.0], method="LSODA", rtol=1e-11, atol=1e-12).y[:, -1]
    assert out["conversion"]["A"] == pytest.approx(1 - exact[0] / a0, rel=1e-6)
    assert out["temperature"] == pytest.approx(exact[2], abs=1e-4)
    moles = (exact[0] + exact[1] + 0.7 * total) / total
    assert out["pressure"] == pytest.approx(1e5 * (moles * exact[2] / 600 if fixed else 1.0), rel=1e-6)


def test_runaway_of_a_gas_batch(tmp_path):
    jacket = '[jacket]\nUA_per_volume = "{} W/(m^3 K)"\ntemperature = "600 K"\n[[reaction]]'
    text = BATCH.replace("adiabatic", "jacketed").replace('Ea = "40 kJ/mol"', 'Ea = "150 kJ/mol"')
    assert run(tmp_path, text.replace("[[reaction]]", jacket.format(1000)))["runaway"] is False
    assert run(tmp_path, text.replace("[[reaction]]", jacket.format(0.1)))["runaway"] is True
    assert run(tmp_path, BATCH)["runaway"] is None


# --- tanks -------------------------------------------------------------------------------------------------------------------


def gas_tank(feed_temperature):
    """An exothermic tank with several states: A -> B + C diluted, adiabatic."""
    return f"""[reactor]
type = "cstr"
phase = "gas"
mode = "adiabatic"
volume = "1 m^3"
[feed]
mole_fraction = {{ A = 0.1, I = 0.9, B = 0, C = 0 }}
pressure = "1 bar"
flow = "1 mol/s"
temperature = "{feed_temperature} K"
heat_capacity = {{ A = "60 J/(mol K)", B = "30 J/(mol K)", C = "30 J/(mol K)", I = "30 J/(mol K)" }}
[[reaction]]
text = "A -> B + C"
dH = {{ value = "-100 kJ/mol", at = "298.15 K" }}
k = {{ value = "1 1/s", at = "700 K", Ea = "120 kJ/mol" }}
"""


def tank_gap(t, feed):
    """Energy balance of that tank at a temperature, the conversion following from the material balance."""
    x = (t - feed) * (0.1 * 60 + 0.9 * 30) / (0.1 * 100e3)
    volume_flow = 1.0 * R * t / 1e5 * (1 + 0.1 * x)
    return x - math.exp(-120e3 / R * (1 / t - 1 / 700)) * (0.1 * (1 - x) / volume_flow) / 0.1 * 1.0


def test_three_states_of_a_gas_tank_against_a_fine_scan(tmp_path):
    feed = 520.0
    t = np.linspace(feed + 1e-6, feed + 302.99, 60_001)
    gap = np.array([tank_gap(v, feed) for v in t])
    scan = [brentq(tank_gap, a, b, args=(feed,), xtol=1e-12) for a, b, p, q in zip(t[:-1], t[1:], gap[:-1], gap[1:], strict=True) if p * q < 0]
    states = run(tmp_path, gas_tank(feed))["steady_states"]
    assert len(scan) == 3
    assert [s["temperature"] for s in states] == pytest.approx(scan, abs=1e-5)
    assert [s["stable"] for s in states] == [True, False, True]


def test_gas_tank_stability_by_its_motion_from_nearby(tmp_path):
    """Moles and temperature in a tank of constant volume and pressure, integrated from each state moved by a thousandth."""
    feed = 520.0
    states = run(tmp_path, gas_tank(feed))["steady_states"]

    def slope(_, y):
        a, other, t = y  # mol in 1 m^3; I, B and C share their heat capacity
        rate = math.exp(-120e3 / R * (1 / t - 1 / 700)) * a
        capacity = 60 * a + 30 * other
        warming = (rate * 100e3 - (0.1 * 60 + 0.9 * 30) * (t - feed)) / capacity
        out = (1.0 + rate) / (a + other) + warming / t  # 1/s: keeps a + other = P V/(R T)
        return [0.1 - out * a - rate, 0.9 - out * other + 2 * rate, warming]

    for state in states:
        a, t = state["outlet"]["A"] * 1000, state["temperature"]
        total = 1e5 / (R * t)
        assert np.allclose(slope(0, [a, total - a, t]), 0, atol=1e-5)
        moved = t * 1.001
        end = solve_ivp(slope, (0, 4000), [a, 1e5 / (R * moved) - a, moved], method="LSODA", rtol=1e-9, atol=1e-10).y[2, -1]
        assert bool(abs(end - t) < 0.01) is state["stable"]


# --- bed ---------------------------------------------------------------------------------------------------------------------


def test_pressure_of_a_bed_without_change_of_moles(tmp_path):
    text = FIRST[: FIRST.index("[[reaction]]")] + EMPTY_BED + FIRST[FIRST.index("[[reaction]]") :].replace("3 B", "B")
    out = run(tmp_path, text)
    flux = 2 * 5 * R * 1000 / 3e5 / 0.08
    beta = flux * 0.6 / (2 * 2e-3 * 0.4**3) * (150 * 0.6 * 3e-5 / 2e-3 + 1.75 * flux)
    length = np.array(out["profile"]["volume"]) / 0.08
    assert np.allclose(np.array(out["profile"]["pressure"]), 3e5 * np.sqrt(1 - 2 * beta / 3e5 * length), rtol=1e-7)
    assert 0.8e5 < out["pressure"] < 2.9e5


def test_bed_example_against_an_independent_integration(tmp_path):
    out = run_reactor(read_reactor(EXAMPLES / "gas_bed.toml"))
    area, total = math.pi / 4 * 0.12**2, 2.0
    rho = 0.043 * 5e5 / (R * 600)
    flux = 0.043 * total / area
    bulk = 1400 * 0.58

    def slope(v, y):
        x, t, p = y
        n = total + x
        c = p / (R * t) * (0.8 - x) / n
        rate = 0.6e-3 * bulk * math.exp(-90e3 / R * (1 / t - 1 / 600)) * c
        dh = 60e3 + (90 + 75 - 160) * (t - 298.15)
        capacity = 160 * (0.8 - x) + 165 * x + 31 * 1.2
        here = rho * (p / 5e5) * (600 / t) * (total / n)
        drop = flux / (here * 3e-3) * 0.58 / 0.42**3 * (150 * 0.58 * 3e-5 / 3e-3 + 1.75 * flux)
        return [rate, (40e3 * (640 - t) - rate * dh) / capacity, -drop / area]

    exact = solve_ivp(slope, (0, 0.02), [0.0, 600.0, 5e5], method="LSODA", rtol=1e-11, atol=1e-11).y[:, -1]
    assert out["conversion"]["A"] == pytest.approx(exact[0] / 0.8, rel=1e-6)
    assert out["temperature"] == pytest.approx(exact[1], abs=1e-4)
    assert out["pressure"] == pytest.approx(exact[2], rel=1e-6)
    assert out["profile"]["catalyst_mass"][-1] == pytest.approx(0.02 * bulk)
    assert json.loads(json.dumps(out, allow_nan=False)) == out


def test_pressure_that_ends_inside_the_bed_says_where(tmp_path):
    text = FIRST[: FIRST.index("[[reaction]]")] + EMPTY_BED.replace("0.08", "0.05") + FIRST[FIRST.index("[[reaction]]") :].replace("3 B", "B")
    with pytest.raises(ConvergenceError, match="falls to zero inside the bed") as caught:
        run(tmp_path, text)
    flux = 2 * 5 * R * 1000 / 3e5 / 0.05
    beta = flux * 0.6 / (2 * 2e-3 * 0.4**3) * (150 * 0.6 * 3e-5 / 2e-3 + 1.75 * flux)
    share = 3e5 / (2 * beta) / (0.1 / 0.05)
    assert float(re.search(r"after ([\d.]+) %", caught.value.message).group(1)) == pytest.approx(100 * share, abs=0.06)
    assert caught.value.last_good["share of the whole"] == pytest.approx(share, abs=0.002)


def test_ergun_in_its_two_limits():
    from chemwright.model.gas import ergun

    assert ergun(1e-6, 1.0, 1e-3, 0.4, 1e-5) == pytest.approx(150 * 1e-5 * 1e-6 * 0.36 / (1e-6 * 0.064), rel=1e-4)  # Blake and Kozeny
    assert ergun(1e3, 1.0, 1e-3, 0.4, 1e-9) == pytest.approx(1.75 * 1e6 * 0.6 / (1e-3 * 0.064), rel=1e-6)  # Burke and Plummer


BAD = {
    "phase": (FIRST, '"gas"', '"gaz"', InputError, "'gaz' is unknown", "'gas'"),
    "two make-ups": (FIRST, "pressure =", 'concentration = { A = "1 mol/L" }\npressure =', InputError, "'concentration' and 'mole_fraction'", "one of them"),
    "no make-up": (FIRST, "mole_fraction = { A = 0.8, I = 0.2, B = 0 }\n", "", InputError, "no make-up", "one of them"),
    "fractions": (FIRST, "I = 0.2", "I = 0.1", InputError, "sum to 0.9", "inert"),
    "fraction with unit": (FIRST, "A = 0.8", 'A = "0.8"', InputError, "no fraction", "bare number"),
    "no pressure": (FIRST, 'pressure = "3 bar"\n', "", InputError, "'pressure' is missing", "pressure"),
    "misspelt pressure": (FIRST, "pressure =", "presure =", InputError, "unknown key 'presure'", "'pressure'"),
    "pressure in K": (FIRST, "3 bar", "3 K", UnitError, "'K'", ""),
    "pressure out of range": (FIRST, "3 bar", "1e9 bar", InputError, "out of range", "5 bar"),
    "flow by mass": (FIRST, "5 mol/s", "5 kg/s", UnitError, "kg/s", "by moles"),
    "no flow": (FIRST, 'flow = "5 mol/s"\n', "", InputError, "'flow' is missing", "flow"),
    "zero flow": (FIRST, "5 mol/s", "0 mol/s", InputError, "the flow is 0", "2 mol/s"),
    "flow of a batch": (ISOTHERMAL_BATCH, "pressure =", 'flow = "1 mol/s"\npressure =', InputError, "no flow", "leave"),
    "flow twice": (HOT, "pressure =", 'flow = "1 mol/s"\npressure =', InputError, "beside 'molar_flow'", "leave"),
    "constant of a tube": (FIRST, 'volume = "100 L"', 'volume = "100 L"\nconstant = "volume"', InputError, "batch of gas", "leave"),
    "constant": (ISOTHERMAL_BATCH, 'time = "0.5 s"', 'time = "0.5 s"\nconstant = "presure"', InputError, "'presure' is unknown", "'pressure'"),
    "pressure of a liquid": (FIRST, 'phase = "gas"\n', "", InputError, "is of a gas", 'phase = "gas"'),
    "species": (FIRST, "I = 0.2", '"2I" = 0.2', InputError, "can't name a species", "letter"),
    "species named pressure": (FIRST, "I = 0.2", "pressure = 0.2", InputError, "column of that name", "rename"),
    "heat capacity below R": (BATCH, '"60 J', '"8 J', InputError, "of R", "20.8"),
    "bed of a tank": (BED, 'type = "pfr"', 'type = "cstr"', InputError, "plug flow of a gas", "pfr"),
    "bed key": (BED, "voidage", "voidige", InputError, "unknown key 'voidige'", "'voidage'"),
    "voidage": (BED, "0.42", "1.2", InputError, "out of range", "0.4"),
    "no viscosity": (BED, 'viscosity = "3e-5 Pa s"\n', "", InputError, "'viscosity' is missing", "viscosity"),
    "particle in g": (BED, "3 mm", "3 g", UnitError, "'g'", ""),
    "area and diameter": (BED, "diameter = \"12 cm\"", 'area = "0.01 m^2"\ndiameter = "12 cm"', InputError, "one of 'diameter' and 'area'", "5 cm"),
    "no density": (BED, 'molar_mass = "43 g/mol"', "", InputError, "one of 'density' and 'molar_mass'", "29 g/mol"),
    "k per volume beside catalyst": (BED, "0.6 L/(kg s)", "0.6 1/s", UnitError, "1/s", "per mass of catalyst"),
    "contradicting pressure": (FIRST.replace("mole_fraction = { A = 0.8, I = 0.2, B = 0 }", 'concentration = { A = "0.02 mol/L" }'), "3 bar", "2 bar", InputError, "as an ideal gas", "leave"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "kind", "message", "fix"), BAD.values(), ids=BAD.keys())
def test_bad_files_get_one_plain_message(tmp_path, text, old, new, kind, message, fix):
    assert old in text
    with pytest.raises(kind, match=message) as caught:
        spec(tmp_path, text.replace(old, new, 1))
    assert caught.value.where.startswith("reactor.toml")
    assert re.search(fix, caught.value.fix)
    assert "\n" not in str(caught.value)
