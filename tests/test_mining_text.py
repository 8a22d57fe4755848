"""Sentences, numbers with units, property values in sentences and tables."""

import pytest

from chemwright.knowledge.mining.documents import Grid
from chemwright.knowledge.mining.properties import sentence_values
from chemwright.knowledge.mining.quantities import house_unit, quantity_at
from chemwright.knowledge.mining.readings import amounts, percentages, temperatures, times
from chemwright.knowledge.mining.sentences import Span, sentences
from chemwright.knowledge.mining.tables import table_values


def test_abbreviations_decimals_and_degrees_do_not_end_a_sentence():
    text = "To 5.0 g. of aniline in 20 ml. ether (cf. Ex. 2) was added HCl at 0 °C. The mixture was kept at approx. 20° C. for 2 hrs. and filtered. Yield 1.2 g."
    parts = [s.text for s in sentences(text)]
    assert len(parts) == 3
    assert parts[1].startswith("The mixture")
    assert parts[2] == "Yield 1.2 g."
    assert all(text[s.start : s.end] == s.text for s in sentences(text))


@pytest.mark.parametrize(
    ("text", "celsius"),
    [
        ("-78 °C", [-78.0]),
        ("at 50°-60° C.", [55.0]),
        ("0 °C. to rt", [0.0, 25.0]),
        ("between 20 and 30 °C", [25.0]),
        ("from -10 to 10° C", [0.0]),
        ("at room temperature", [25.0]),
        ("in an ice bath", [0.0]),
        ("212 °F", [100.0]),
        ("heated to 393 K", [119.85]),
        ("5°-7°C.", [6.0]),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_temperatures(text, celsius):
    assert [r.value - 273.15 for r in temperatures(text)] == pytest.approx(celsius)


def test_what_is_assumed_is_said_and_the_words_stand_where_they_should():
    text = "kept at room temperature overnight, then refluxed"
    room, reflux = temperatures(text)
    (night,) = times(text)
    assert "298.15" in room.assumed
    assert reflux.assumed == "reflux"
    assert (night.low, night.high) == (28800.0, 57600.0)
    assert "overnight" in night.assumed
    assert all(text[r.start : r.start + len(r.text)] == r.text for r in (room, reflux, night))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("for 2 h", [2.0]),
        ("1.5-2 h", [1.75]),
        ("30 min", [0.5]),
        ("half an hour", [0.5]),
        ("one hour", [1.0]),
        ("2 1/2 hours", [2.5]),
        ("22 and a half hours", [22.5]),
        ("3 days", [72.0]),
        ("0 °C and 15 hours at 20 °C", [15.0]),
        ("1 hour 30 minutes", [1.5]),
        ("1H, 9H (m, 2H)", []),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_times(text, hours):
    assert [r.value / 3600.0 for r in times(text)] == pytest.approx(hours)


@pytest.mark.parametrize(
    ("text", "values"),
    [("(85 %)", [85.0]), ("85% yield", [85.0]), ("80-85% of theory", [82.5]), ("in quantitative yield", [100.0]), ("yield: 1.2 g, 85%", [85.0]), ("98% ee", [])],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_percentages(text, values):
    assert [r.value for r in percentages(text)] == values


def test_amounts_are_in_si():
    assert [(k, pytest.approx(v)) for k, v, _, _ in amounts("(1.51 g, 10.0 mmol, 1.1 eq) in 30 mL")] == [("mass", 1.51e-3), ("moles", 0.01), ("equivalents", 1.1), ("volume", 3e-5)]


@pytest.mark.parametrize(
    ("written", "house"),
    [
        ("kJ mol-1", "kJ/mol"),
        ("kJ/mol", "kJ/mol"),
        ("m3/(kmol s)", "m^3/(kmol*s)"),
        ("L mol−1 s−1", "L/(mol*s)"),
        ("g/100 mL", "g/dL"),
        ("°C", "degC"),
        ("W/m/K", "W/(m*K)"),
        ("g/mL at", ""),
        ("hello", ""),
    ],
    ids=lambda v: v,
)
def test_units_come_in_the_house_spelling(written, house):
    assert house_unit(written) == house


@pytest.mark.parametrize(
    ("text", "value", "unit", "std"),
    [
        ("3.2 × 10^-4 s-1", 3.2e-4, "1/s", None),
        ("52.3 ± 1.2 kJ/mol", 52.3, "kJ/mol", 1.2),
        ("2.0E9 1/s", 2.0e9, "1/s", None),
        ("1,234.5 kg/m3", 1234.5, "kg/m^3", None),
        ("182-4 °C", 183.0, "degC", 2.0 / 12**0.5),
    ],
    ids=["power", "uncertainty", "exponent", "thousands", "short range"],
)
def test_quantities(text, value, unit, std):
    q = quantity_at(text, 0)
    assert q.value == pytest.approx(value)
    assert q.unit == unit
    assert q.std == (None if std is None else pytest.approx(std))


SENTENCES = {
    "The boiling point of ethanol is 78.4 °C at 101.3 kPa.": ("ethanol", "boiling_point", 78.4, "degC", {"pressure": 101300.0}),
    "The density of acetone at 25 °C is 784.5 kg/m3.": ("acetone", "density", 784.5, "kg/m^3", {"temperature": 298.15}),
    "Benzoic acid was obtained, m.p. 120-122 °C.": ("Benzoic acid", "melting_point", 121.0, "degC", {}),
    "Toluene has a viscosity of 0.56 mPa s at 25 °C.": ("Toluene", "viscosity", 0.56, "mPa*s", {"temperature": 298.15}),
    "The pKa of acetic acid is 4.76.": ("acetic acid", "acid_dissociation_constant", 4.76, "1", {}),
    "The heat of vaporization of water is 40.65 kJ/mol.": ("water", "enthalpy_of_vaporisation", 40.65, "kJ/mol", {}),
}


@pytest.mark.parametrize("text", SENTENCES)
def test_property_sentences(text):
    ((mention, confidence),) = sentence_values(Span(0, len(text), text))
    found = (mention.substance, mention.property, mention.value, mention.unit)
    assert found == SENTENCES[text][:4]
    assert mention.conditions == pytest.approx(SENTENCES[text][4])
    assert mention.smiles
    assert 0.5 < confidence <= 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Recrystallization from acetone gave white needles, m.p. 181-186 °C.",
        "It was washed with water to give the title compound, mp 280 °C.",
        "4-Chloroaniline (14.6 g) gave the product (4.4 g); m.p. 191-192 °C.",
    ],
    ids=["solvent", "wash", "reactant"],
)
def test_a_melting_point_is_not_given_to_the_solvent_or_reactant_before_it(text):
    ((mention, confidence),) = sentence_values(Span(0, len(text), text))
    assert mention.substance == ""
    assert confidence <= 0.5


def test_a_value_far_from_the_tables_is_doubted():
    text = "Acetone melted, m.p. 181 °C."
    ((mention, confidence),) = sentence_values(Span(0, len(text), text))
    assert mention.substance == "Acetone"
    assert confidence < 0.3


def test_solubility_knows_its_medium():
    text = "The solubility of benzoic acid in water is 3.4 g/L at 25 °C."
    ((mention, _),) = sentence_values(Span(0, len(text), text))
    assert (mention.substance, mention.medium, mention.value, mention.unit) == ("benzoic acid", "water", 3.4, "g/L")


@pytest.mark.parametrize(
    "text",
    ["1H NMR (400 MHz) 7.2 (m, 5H).", "The melting point was not determined.", "The density was measured at 25 °C.", "The boiling point of ethanol is 99999 °C."],
    ids=["nmr", "no value", "condition only", "no sense"],
)
def test_sentences_without_a_value_give_none(text):
    assert list(sentence_values(Span(0, len(text), text))) == []


def test_kinetic_table_with_powers_uncertainty_and_logarithm():
    grid = Grid(
        (
            ("Reaction", "A (s-1)", "Ea (kJ/mol)", "10^3 k (min-1)", "ln A (s-1)"),
            ("A → B", "3.1×10^7", "52.4 ± 1.1", "4.2", "17.25"),
        ),
        "Table 1. Kinetic parameters of the hydrolysis at 50 °C",
    )
    found = {(m.parameter, header): (m, row, column) for m, _, row, column, header in table_values(grid)}
    assert found["pre_exponential_factor", "A (s-1)"][0].value == 3.1e7
    energy = found["activation_energy", "Ea (kJ/mol)"][0]
    assert (energy.value, energy.std, energy.unit, energy.reaction) == (52.4, 1.1, "kJ/mol", "A → B")
    constant, row, column = found["rate_constant", "10^3 k (min-1)"]
    assert (constant.value, constant.unit, row, column) == (0.0042, "1/min", 2, 4)
    assert constant.conditions == {"temperature": pytest.approx(323.15)}
    assert found["pre_exponential_factor", "ln A (s-1)"][0].value == pytest.approx(3.1e7, rel=0.01)


@pytest.mark.parametrize("turned", [False, True], ids=["rows are substances", "columns are substances"])
def test_property_table_either_way_round(turned):
    rows = (("Compound", "Boiling point (K)", "ρ / kg m-3"), ("acetone", "329.2", "784"), ("toluene", "383.8", "862"))
    grid = Grid(tuple(zip(*rows, strict=True)) if turned else rows)
    found = {(m.substance, m.property): (m.value, m.smiles, grid.rows[r - 1][c - 1]) for m, _, r, c, _ in table_values(grid)}
    assert found["toluene", "boiling_point"] == (383.8, "Cc1ccccc1", "383.8")
    assert found["acetone", "density"] == (784.0, "CC(C)=O", "784")
    assert len(found) == 4


def test_a_table_of_something_else_gives_nothing():
    assert list(table_values(Grid((("Year", "Sales"), ("2001", "17"))))) == []
