"""The file of a campaign: every key, every mistake, templates, short texts; what can't be a campaign."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_example import VARIABLES, YIELD, campaign
from chemwright.errors import InputError, UnitError
from chemwright.experiment import Campaign, continuous, discrete, forbidden, mixture, objective
from chemwright.experiment.campaign_file import CAMPAIGN, OBJECTIVE, VARIABLE, campaign_of, read_campaign
from chemwright.experiment.draft import campaign_toml
from chemwright.experiment.rules import make_rule
from chemwright.experiment.template import TEMPLATES, template
from chemwright.record import Constraint, Objective, ReactorPlace

FLOW = template("x", "flow")


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(["equiv", "base", "temperature", "<=", "==", "(", ")", "1", "360 K", "+", "*", "^", "if", "then", "and", "not", "in", "[", "]", ",", "'KOH'", "min"]),
        max_size=20,
    ).map(" ".join)
)
@settings(max_examples=150, deadline=None)
def test_no_text_of_a_rule_does_worse_than_a_plain_error(text):
    try:
        rule = make_rule(text, VARIABLES)
    except (InputError, UnitError):
        return
    held = rule.holds({"temperature": np.array([300.0, 350.0]), "base": np.array([0.0, 1.0]), "equiv": np.array([1.0, 2.0])})
    assert (held.shape, held.dtype) == ((2,), bool)
    rule.linear()


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_template_runs_as_it_stands(kind):
    record = campaign_of(tomllib.loads(template("my campaign", kind)), Path(), "campaign.toml")
    assert record.name == "my campaign"
    assert len(Campaign(record).suggest(2).last) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "temperature"', 'nme = "temperature"', "did you mean 'name'"),
        ('low = "30 degC"', 'low = "30 bar"', "[[variable]] 1 (temperature)"),
        ('high = "120 degC"', 'high = "20 degC"', "above"),
        ("equivalents + temp", "equiv + temp", "did you mean 'equivalents'"),
        ('goal = "minimise"', 'goal = "least"', "one of maximise"),
        ('cost = "40 EUR"', 'cost = "40 kg"', "currency"),
        ('high = "10 min"', 'high = "10 mn"', "unknown unit 'mn'"),
        ("log = true", 'log = true\nencoding = "hot"', "one_hot"),
        ("log = true", 'log = true\nlevels = ["a"]\nvalues = [1]', "given together"),
        ("[[objective]]", "[[objectiv]]", "did you mean 'objective'"),
        ("[campaign]", "[[campaign]]", "no table"),
        ('name = "E-factor"', 'name = "yield"', "given twice"),
        ('name = "E-factor"', 'name = "temperature"', "a variable and an objective"),
        ("# seed = 0", "seed = -1", "whole number"),
        ("# control_every = 10", "control_evry = 10", "did you mean 'control_every'"),
        ("equivalents + temperature/100 <= 6", "equivalents <= 0", "no experiment was found"),
    ],
    ids=range(16),
)
def test_what_is_wrong_in_a_campaign_file_is_said_with_its_place(tmp_path, old, new, said):
    assert old in FLOW
    (tmp_path / "campaign.toml").write_text(FLOW.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((InputError, UnitError)) as caught:
        read_campaign(tmp_path / "campaign.toml")
    assert said in str(caught.value)
    assert "campaign.toml" in str(caught.value) or "variable" in caught.value.where or "constraints" in caught.value.where


def test_a_users_own_table_of_descriptors(tmp_path):
    (tmp_path / "ligands.csv").write_text("ligand,cone angle,pKa\nPPh3,145,2.7\nPCy3,170,9.7\nXPhos,255,9.1\n", encoding="utf-8")
    text = '[campaign]\nname = "a"\n[[variable]]\nname = "ligand"\ntable = "ligands.csv"\nlevels = ["PCy3", "PPh3"]\n[[objective]]\nname = "y"\n'
    (tmp_path / "campaign.toml").write_text(text, encoding="utf-8")
    (v,) = read_campaign(tmp_path / "campaign.toml").variables
    assert (v.levels, v.columns, v.table) == (("PCy3", "PPh3"), ("cone angle", "pKa"), ((170.0, 9.7), (145.0, 2.7)))
    (tmp_path / "campaign.toml").write_text(text.replace("PPh3", "PPh33"), encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'PPh3'"):
        read_campaign(tmp_path / "campaign.toml")
    (tmp_path / "campaign.toml").write_text(text.replace("ligands.csv", "../ligands.csv"), encoding="utf-8")
    with pytest.raises(InputError, match="beside"):
        read_campaign(tmp_path / "campaign.toml")


def test_every_key_of_a_file_is_read_and_described():
    text = """
    [campaign]
    name = "all"
    cost = "40 EUR"
    budget = "1 kEUR"
    max_experiments = 30
    initial = 5
    stop_gain = "2 %"
    control_every = 8
    planner = "light"
    failures = "ignore"
    seed = 7
    note = "a note"
    [[variable]]
    name = "residence time"
    low = "30 s"
    high = 10
    unit = "min"
    log = true
    note = "of the tube"
    [[variable]]
    name = "quality"
    values = [0.5, 1]
    costs = { "0.5" = "-30 EUR" }
    fidelity = true
    [[variable]]
    name = "ligand"
    levels = ["XPhos", "PPh3"]
    costs = { XPhos = "12 EUR" }
    [[variable]]
    name = "solvent"
    levels = ["ethanol", "64-17-5 "]
    encoding = "one_hot"
    [[variable]]
    name = "acid"
    levels = ["acetic acid", "7647-01-0", "CC"]
    structures = true
    [[objective]]
    name = "yield"
    goal = "maximize"
    unit = "%"
    target = 98
    std = "2 %"
    low = 0
    high = 100
    reference = 10
    worth = "5 EUR"
    [constraints]
    rules = ["`residence time` <= 500 s"]
    [[forbidden]]
    ligand = "PPh3"
    solvent = ["ethanol"]
    [[reactor]]
    name = "R1"
    slots = 2
    limits = ["`residence time` >= 1"]
    """
    record = campaign_of(tomllib.loads(text), Path(), "campaign.toml")
    s = record.settings
    assert (s.cost, s.budget, s.currency, s.max_trials, s.initial, s.stop_gain, s.control_every, s.planner, s.failures) == (40.0, 1000.0, "EUR", 30, 5, 0.02, 8, "light", "ignore")
    assert (record.seed, record.note) == (7, "a note")
    time, quality, ligand, solvent, acid = record.variables
    assert (time.low, time.high, time.log, time.note) == (30.0, 600.0, True, "of the tube")
    assert (quality.role, quality.costs, ligand.costs, solvent.encoding) == ("fidelity", {"0.5": -30.0}, {"XPhos": 12.0}, "one_hot")
    assert (acid.encoding, acid.smiles) == ("descriptors", ("CC(=O)O", "Cl", "CC"))
    (o,) = record.objectives
    assert (o.goal, o.target, o.std, o.low, o.high, o.reference, o.worth) == (
        "maximise",
        pytest.approx(0.98),
        pytest.approx(0.02),
        0.0,
        1.0,
        pytest.approx(0.1),
        pytest.approx(500.0),
    )
    assert [c.text for c in record.constraints] == ["`residence time` <= 500 s", 'not (`ligand` in ["PPh3"] and `solvent` in ["ethanol"])']
    assert record.reactors == (ReactorPlace("R1", 2, ("`residence time` >= 1",)),)
    page = (Path(__file__).parents[1] / "docs" / "reference" / "campaign-file.md").read_text(encoding="utf-8")
    for key in (*CAMPAIGN, *VARIABLE, *OBJECTIVE, "rules", "parts", "total", "slots", "limits"):
        assert f"`{key}" in page or f"{key} =" in page, key


def test_a_file_from_short_texts():
    text = campaign_toml("a", ["T = 30 to 120 degC", "t = 0.5 to 10 min, log", "equiv = 1, 1.5, 2", "base = KOH, K2CO3", "solvent = 1,4-dioxane: C1COCCO1; water: O"], [("maximise", "yield [%]"), ("at_most", "impurity = 0.5 %")], ["equiv <= 2"], "40 EUR", "400 EUR")  # fmt: skip
    record = campaign_of(tomllib.loads(text), Path(), "campaign.toml")
    assert [(v.name, v.kind, v.unit, v.log) for v in record.variables] == [
        ("T", "continuous", "degC", False), ("t", "continuous", "min", True), ("equiv", "discrete", "1", False), ("base", "categorical", "1", False), ("solvent", "categorical", "1", False),
    ]  # fmt: skip
    assert record.variables[4].levels == ("1,4-dioxane", "water")
    assert record.objectives[1] == Objective("impurity", "at_most", "%", target=0.005)
    assert record.settings.budget == 400
    for wrong in ("T", "T = 30 degC", "solvent = a: C, b", "= 3 to 4"):
        with pytest.raises(InputError, match="--vary"):
            campaign_toml("a", [wrong], [("maximise", "y")])


@pytest.mark.parametrize(
    "make",
    [
        lambda: campaign(()),
        lambda: campaign((objective("a", "at_most", target=1),)),
        lambda: campaign((objective("base", "maximise"),)),
        lambda: campaign(variables=()),
        lambda: campaign(variables=(continuous("cost", 0, 1),)),
        lambda: campaign(variables=(continuous("a=b", 0, 1),)),
        lambda: campaign(variables=(continuous("a [K]", 0, 1),)),
        lambda: campaign((objective("std yield", "maximise"),)),
        lambda: campaign().suggest(0),
        lambda: campaign().suggest(True),
        lambda: campaign((YIELD, objective("E", "minimise"))).suggest(1).tell("t1", 5),
        lambda: objective("a", "at_most"),
        lambda: objective("a", "maximise", colour=3),
        lambda: Campaign.new("a", [continuous("x", 0, 1)], [YIELD], ["x <= -1"]),
        lambda: Campaign.new("a", [continuous("x", 0, 1), continuous("y", 0, 1)], [YIELD], [mixture(["x", "z"])]),
        lambda: Campaign.new("a", VARIABLES, [YIELD], [forbidden(base="NaOH")]),
        lambda: Campaign.new("a", [discrete("f", [1, 2], role="fidelity"), discrete("g", [1, 2], role="fidelity")], [YIELD]),
        lambda: Constraint("  "),
    ],
    ids=range(18),
)  # fmt: skip
def test_what_can_not_be_a_campaign_is_refused(make):
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.fix
