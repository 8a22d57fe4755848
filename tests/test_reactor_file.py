"""Reactor files: the published case, the agreed output, units, and one plain message for every bad file."""

import json
import math
import re
from pathlib import Path

import pytest

from chemwright.errors import ChemwrightError, ConvergenceError, InputError, UnitError
from chemwright.kinetics.reactor_file import ReactorSpec, read_reactor, run_reactor
from chemwright.kinetics.reactor_reaction import rate_unit

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


def write(tmp_path, text, name="reactor.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def run(tmp_path, text, points=51):
    return run_reactor(read_reactor(write(tmp_path, text)), points)


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
    assert out["steady_states"] == [{"temperature": 330.0, "conversion": out["conversion"], "outlet": out["outlet"], "stable": True}]
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
