"""Cantera's YAML: rates in SI whatever the units of the file, polynomials that give what the tables say, and a file back that says the same."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from attrs import evolve

from chemwright.errors import InputError
from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.exchange.cantera_rates import GAS, Units, parse_equation
from chemwright.knowledge.exchange.cantera_write import write_cantera
from chemwright.knowledge.exchange.cantera_yaml import import_cantera
from chemwright.knowledge.exchange.choose import Chosen, chosen_entries
from chemwright.knowledge.exchange.yaml_safe import dump, load
from chemwright.record import Filing

OPEN = Filing(licence="CC0-1.0", visibility="public")
POLYNOMIAL = "{model: NASA7, temperature-ranges: [200.0, 1000.0, 3500.0], data: [[3.5, 1.0e-03, 0.0, 0.0, 0.0, -1000.0, 4.0], [3.0, 1.0e-03, 0.0, 0.0, 0.0, -900.0, 6.0]]}"
MECHANISM = f"""
description: A mechanism of our own, for a test.
units: {{length: cm, time: s, quantity: mol, activation-energy: cal/mol}}
phases:
- {{name: gas, thermo: ideal-gas, species: [H2, H, OH, H2O, NO, AR], kinetics: gas}}
species:
- {{name: H2, composition: {{H: 2}}, thermo: {POLYNOMIAL}, transport: {{model: gas, geometry: linear, well-depth: 38.0, diameter: 2.92}}}}
- {{name: H, composition: {{H: 1}}, thermo: {POLYNOMIAL}}}
- {{name: OH, composition: {{O: 1, H: 1}}, thermo: {POLYNOMIAL}}}
- {{name: H2O, composition: {{H: 2, O: 1}}, thermo: {POLYNOMIAL}}}
- {{name: NO, composition: {{N: 1, O: 1}}, thermo: {POLYNOMIAL}}}
- {{name: AR, composition: {{Ar: 1}}, thermo: {{model: constant-cp}}}}
reactions:
- {{equation: H2 + OH <=> H2O + H, rate-constant: {{A: 2.16e+08, b: 1.51, Ea: 3430.0}}}}
- {{equation: H + H + M <=> H2 + M, type: three-body, rate-constant: {{A: 1.0e+18, b: -1.0, Ea: 0.0}}, efficiencies: {{H2: 0.0, NO: 2.0}}}}
- equation: H + OH (+M) <=> H2O (+M)
  type: falloff
  low-P-rate-constant: {{A: 2.2e+22, b: -2.0, Ea: 0.0}}
  high-P-rate-constant: {{A: 1.0e+13, b: 0.0, Ea: 100.0}}
  Troe: {{A: 0.7, T3: 100.0, T1: 2000.0}}
- {{equation: H2O => H + OH, rate-constant: {{A: 1.0e+13 1/s, b: 0.0, Ea: 100 kJ/mol}}}}
- equation: H2 <=> H + H
  type: pressure-dependent-Arrhenius
  rate-constants: [{{P: 0.1 atm, A: 1.0e+10, b: 0.0, Ea: 1000.0}}, {{P: 1.0e+05, A: 1.0e+11, b: 0.0, Ea: 1000.0}}]
- {{equation: H + OH <=> H2O, type: Chebyshev, temperature-range: [300.0, 2000.0], pressure-range: [1.0e+03, 1.0e+06], data: [[8.0, 0.1], [-0.5, 0.02]]}}
- {{equation: H2 + NO <=> H + H + NO, type: of-tomorrow, wonder: 3}}
"""


@pytest.fixture
def base(tmp_path):
    (tmp_path / "own.yaml").write_text(MECHANISM, "utf-8")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        yield kb


def models(kb):
    with kb.reading() as connection:
        return {i.record.id.split("/")[-1]: i for _, i in chosen_entries(connection, Chosen(), "model")}


def value(item, name):
    return item.record.parameters[name].value


def test_rates_are_in_si(base, tmp_path):
    taken = import_cantera(base, tmp_path / "own.yaml", filing=OPEN)
    assert taken.records == {"model": 11, "claim": 2, "reaction": 7, "dataset": 1}
    assert sorted(taken.notes) == ["rates of the kind 'of-tomorrow' stay in the kept data", "thermodynamics of the kind 'constant-cp' stay in the kept data"]
    m = models(base)
    assert value(m["reactions 1"], "A") == pytest.approx(216.0)  # cm^3/mol to m^3/mol
    assert value(m["reactions 1"], "Ea") == pytest.approx(3430 * 4.184)
    assert m["reactions 1"].record.predicts == "rate_constant_second_order"
    assert value(m["reactions 2"], "A") == pytest.approx(1e6)  # third order: 'H + H' counts twice, M once
    assert value(m["reactions 2"], "efficiency.NO") == 2.0  # NO is a species, not a no
    assert value(m["reactions 3"], "low.A") == pytest.approx(2.2e10)
    assert value(m["reactions 3"], "high.A") == pytest.approx(1e7)
    assert value(m["reactions 4"], "Ea") == pytest.approx(1e5)  # a text with its own unit
    assert value(m["reactions 5"], "plog.0.P") == pytest.approx(10132.5)
    assert value(m["reactions 6"], "chebyshev.0.0") == pytest.approx(2.0)  # a logarithm of cm^3/(mol s)
    assert base.substance("XLYOFNOQVPJJNP-UHFFFAOYSA-N").formula == "H2O"
    diameter = base.claims("UFHFLCQGNIYNRP-UHFFFAOYSA-N", "lennard_jones_diameter")[0].record
    assert (diameter.value, diameter.unit) == (pytest.approx(2.92e-10), "m")
    t = models(base)["thermo H2"]
    assert t.record.predicts == "gas_heat_capacity"
    assert GAS * (value(t, "a.0.0") + 300.0 * value(t, "a.0.1")) == pytest.approx(31.6, abs=0.1)


def test_what_is_written_says_the_same(base, tmp_path):
    import_cantera(base, tmp_path / "own.yaml", filing=OPEN)
    write_cantera(base, tmp_path / "out.yaml", "own")
    assert load((tmp_path / "out.yaml").read_text("utf-8"), "out") == load(MECHANISM, "own")


def test_a_rate_changed_in_the_base_is_changed_in_the_file(base, tmp_path):
    import_cantera(base, tmp_path / "own.yaml", filing=OPEN)
    old = models(base)["reactions 1"]
    numbers = old.record.parameters
    new = evolve(old.record, parameters=evolve(numbers, parameters=tuple(evolve(p, value=300.0) if p.name == "A" else p for p in numbers.parameters)))
    base.supersede(old.key, by=base.add(new, filing=OPEN)[0], why="measured again")
    write_cantera(base, tmp_path / "out.yaml", "own")
    data = load((tmp_path / "out.yaml").read_text("utf-8"), "out")
    assert data["reactions"][0]["rate-constant"] == {"A": 3.0e8, "b": 1.51, "Ea": 3430.0}
    base.terms(old.key, visibility="public")
    base.terms(models(base)["reactions 2"].key, visibility="private")
    with pytest.raises(InputError, match="private"):
        write_cantera(base, tmp_path / "out.yaml", "own")
    with pytest.raises(InputError, match="no mechanism"):
        write_cantera(base, tmp_path / "out.yaml", "owm")


@pytest.mark.parametrize(
    ("told", "length", "quantity", "energy"),
    [
        ({}, 1.0, 1e3, 1e-3),
        ({"length": "cm", "quantity": "mol", "activation-energy": "kcal/mol"}, 0.01, 1.0, 4184.0),
        ({"length": "cm", "quantity": "molec", "activation-energy": "K"}, 0.01, 1 / 6.02214076e23, GAS),
        ({"activation-energy": "eV"}, 1.0, 1e3, 96485.33212),
    ],
    ids=["default", "kcal", "molecules", "eV"],
)  # fmt: skip
def test_units_of_a_file(told, length, quantity, energy):
    units = Units.of(told, "test")
    assert (units.length, units.quantity) == (length, quantity)
    assert units.energy == pytest.approx(energy, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "left", "right", "body"),
    [
        ("2 O + M <=> O2 + M", {"O": 2}, {"O2": 1}, "M"),
        ("CH2 + CH2 => 2 H + C2H2", {"CH2": 2}, {"H": 2, "C2H2": 1}, ""),
        ("N2+ + e- <=> 2 N", {"N2+": 1, "e-": 1}, {"N": 2}, ""),
        ("H + CH3 (+M) = CH4 (+M)", {"H": 1, "CH3": 1}, {"CH4": 1}, "M"),
        ("0.5 O2 + PT(S) => O(S)", {"O2": 0.5, "PT(S)": 1}, {"O(S)": 1}, ""),
    ],
)  # fmt: skip
def test_equations(text, left, right, body):
    e = parse_equation(text, "test")
    assert (dict(e.left), dict(e.right), e.body) == (left, right, body)


HOSTILE = {
    "alias": ("a: &a [1]\nphases: *a\n", "alias"),
    "program": ("phases: !!python/object/apply:os.system [ls]\n", "the tag"),
    "own tag": ("phases: !secret [1]\n", "the tag"),
    "deep": ("phases: " + "[" * 200 + "]" * 200, "nested over"),
    "no YAML": ("phases: [1, 2\nspecies: {", "no YAML"),
    "other": ("title: something else\n", "no Cantera input"),
    "no number": (MECHANISM.replace("A: 2.16e+08", "A: lots"), "lots"),
    "no equation": (MECHANISM.replace("H2 + OH <=> H2O + H,", "H2 OH,"), "no equation"),
    "unit": (MECHANISM.replace("length: cm", "length: furlong"), "furlong"),
    "no composition": (MECHANISM.replace("composition: {H: 2},", "", 1), "without name or composition"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_files_are_refused(base, tmp_path, name):
    text, message = HOSTILE[name]
    (tmp_path / "bad.yaml").write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        import_cantera(base, tmp_path / "bad.yaml")
    assert "model" not in base.counts()


def test_words_of_yaml_stay_words():
    data = {"species": ["NO", "N", "Y", "yes", "on", "~x"], "x": 1e17, "t": "2020-01-01", "b": True, "n": None}
    assert load(dump(data), "test") == data
    assert load("a: [1e5, NO, 0x10, 12:30:00, .inf]", "test")["a"] == [1e5, "NO", "0x10", "12:30:00", math.inf]


@pytest.mark.skipif("CHEMWRIGHT_CANTERA" not in os.environ, reason="the unpacked wheel 'cantera' is not there")
@pytest.mark.parametrize("name", ["gri30", "h2o2", "ptcombust", "nDodecane_Reitz", "airNASA9"])
def test_real_mechanisms_come_back_as_they_were(base, tmp_path, name):
    path = next(Path(os.environ["CHEMWRIGHT_CANTERA"]).rglob(f"{name}.yaml"))
    import_cantera(base, path, filing=OPEN)
    write_cantera(base, tmp_path / "out.yaml", name)
    assert load((tmp_path / "out.yaml").read_text("utf-8"), "out") == load(path.read_text("utf-8"), name)
