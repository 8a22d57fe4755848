"""Mining as a whole: procedures, proposals and their JSON, review, and the classifiers that ship."""

import hashlib
import json
from importlib.resources import files

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from chemwright.errors import InputError
from chemwright.knowledge.mining import (
    Evidence,
    KineticMention,
    ProcedureMention,
    PropertyMention,
    Proposal,
    Reading,
    SubstanceMention,
    accept,
    correct,
    mine,
    reject,
    trusted,
)
from chemwright.knowledge.mining.chemnames import chemical_names
from chemwright.knowledge.mining.context import amounts_of, read
from chemwright.knowledge.mining.proposal import QUALIFIERS, ROLES, STATUSES
from chemwright.knowledge.mining.structures import known_temperature
from chemwright.knowledge.mining.transformations import products
from chemwright.knowledge.mining.trees import Trees
from chemwright.record import from_json, to_json

PREPARATION = (
    "To a solution of 4-nitrobenzaldehyde (1.51 g, 10.0 mmol) in THF (30 mL) was added sodium borohydride (0.38 g, 10 mmol) at 0 °C. The mixture was stirred at room temperature for 2 h. "
    "The reaction was quenched with water (20 mL) and extracted with ethyl acetate (3 x 20 mL). The organic layer was dried over MgSO4 and concentrated. "
    "The residue was recrystallized from ethanol to give 4-nitrobenzyl alcohol (1.38 g, 90% yield) as a white solid, m.p. 92-94 °C."
)
REFLUX = (
    "A mixture of 2-aminopyridine (9.4 g, 0.1 mol), benzyl bromide (17.1 g, 0.1 mol) and potassium carbonate (13.8 g) in toluene (100 ml) was heated under reflux for 6 hours. "
    "After cooling the mixture was filtered and the filtrate was evaporated."
)

text = st.text(max_size=10)
name = st.text(min_size=1, max_size=10)
finite = st.floats(allow_nan=False, allow_infinity=False)
share = st.floats(0.0, 1.0)
positive = st.none() | st.floats(0.0, 1e300)
conditions = st.dictionaries(name, finite, max_size=2)
readings = st.builds(Reading, value=finite, low=st.none() | finite, high=st.none() | finite, text=text, assumed=text, start=st.integers(0, 99), confidence=share)
substances = st.builds(
    SubstanceMention,
    name=name,
    smiles=text,
    role=st.sampled_from(ROLES),
    amount=text,
    moles=positive,
    mass=positive,
    volume=positive,
    equivalents=positive,
    found_by=text,
    confidence=share,
)
properties = st.builds(
    PropertyMention, substance=text, property=name, value=finite, unit=text, std=positive, qualifier=st.sampled_from(QUALIFIERS), conditions=conditions, medium=text
)
kinetics = st.builds(KineticMention, reaction=text, parameter=name, symbol=text, value=finite, unit=text, std=positive, conditions=conditions)
some = st.lists(substances, max_size=2)
procedures = st.builds(
    ProcedureMention,
    reactants=some,
    solvents=some,
    products=some,
    temperatures=st.lists(readings, max_size=2),
    times=st.lists(readings, max_size=2),
    yields=st.lists(readings, max_size=2),
)
evidence = st.builds(
    Evidence, document=text, document_hash=text, text=text, start=st.integers(-1, 99), end=st.integers(-1, 99), page=st.integers(0, 9), table=st.integers(0, 9), heading=text
)
proposals = st.builds(
    Proposal,
    data=substances | properties | kinetics | procedures,
    evidence=evidence,
    confidence=share,
    status=st.sampled_from(STATUSES),
    method=text,
    by=text,
    note=text,
    corrects=text,
)


@settings(max_examples=60, deadline=None)
@given(proposals)
def test_a_proposal_makes_the_round_trip_through_json(proposal):
    assert from_json(to_json(proposal), Proposal) == proposal
    assert len(proposal.id) == 16


@pytest.mark.parametrize(("field", "value"), [("confidence", 1.2), ("status", "sure"), ("confidence", float("nan"))], ids=["over one", "status", "nan"])
def test_wrong_proposals_are_refused_by_name(field, value):
    good = Proposal(SubstanceMention("water"), Evidence("a", "0", "water"), 0.5)
    with pytest.raises(InputError, match=field):
        evolve(good, **{field: value})


def _procedure(text):
    (found,) = mine(text, kinds=("procedure",))
    return found


def test_a_preparation_is_read_with_roles_amounts_and_places():
    found = _procedure("Example 1\n\n" + PREPARATION)
    data = found.data
    assert [(s.name, s.moles) for s in data.reactants] == [("4-nitrobenzaldehyde", 0.01)]
    assert [(s.name, s.smiles) for s in data.reagents] == [("sodium borohydride", "[BH4-].[Na+]")]
    assert [(s.name, s.volume) for s in data.solvents] == [("THF", pytest.approx(3e-5))]
    assert [s.name for s in data.products] == ["4-nitrobenzyl alcohol"]
    assert {s.name for s in data.workup} == {"water", "ethyl acetate", "MgSO4", "ethanol"}
    assert data.temperatures[0].value == 298.15
    assert data.times[0].value == 7200.0
    assert data.yields[0].value == 90.0
    whole = "Example 1\n\n" + PREPARATION
    for item in (*data.reactants, *data.solvents, *data.products):
        assert whole[item.start : item.start + len(item.name)] == item.name
    for reading in (*data.temperatures, *data.times, *data.yields):
        assert whole[reading.start : reading.start + len(reading.text)] == reading.text
    assert whole[found.evidence.start : found.evidence.end] == found.evidence.text == PREPARATION
    assert found.method == "classifier"
    assert found.status == "proposed"
    assert 0.4 < found.confidence < 1.0


def test_reflux_is_the_boiling_point_of_the_solvent_and_says_so():
    data = _procedure(REFLUX).data
    (reflux,) = (r for r in data.temperatures if "reflux" in r.text)
    assert reflux.value == pytest.approx(383.75, abs=0.5)
    assert "toluene" in reflux.assumed
    assert known_temperature("no smiles", "boiling_point") == 0.0


def test_a_yield_from_amounts_says_that_it_is_computed():
    text = PREPARATION.replace(", 90% yield", "")
    (reading,) = _procedure(text).data.yields
    assert reading.value == pytest.approx(90.1, abs=0.1)
    assert reading.assumed.startswith("computed")


def test_mining_twice_gives_equal_proposals_and_ids_are_unique():
    first, second = mine(PREPARATION), mine(PREPARATION)
    assert first == second
    assert len({p.id for p in first}) == len(first)
    assert {p.kind for p in first} == {"substance", "property", "procedure"}
    assert all(p.status == "proposed" for p in first)


def test_text_without_chemistry_proposes_nothing():
    assert mine("The committee met on Monday and adjourned. The weather was fine, and everyone went home early.").proposals == ()


def test_an_unknown_kind_is_refused():
    with pytest.raises(InputError, match="colour"):
        mine("water", kinds=("colour",))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("washed with ethyl acetate/hexane and dried over sodium sulfate", ["ethyl acetate", "hexane", "sodium sulfate"]),
        ("ethyl 4-(2-chloroethyl)-3-nitrobenzoate (2 g) in tetrahydrofuran", ["ethyl 4-(2-chloroethyl)-3-nitrobenzoate", "tetrahydrofuran"]),
        ("The mixture was stirred and filtered.", []),
    ],
    ids=["mixture", "systematic", "plain"],
)
def test_names_in_text(text, names):
    found = chemical_names(text)
    assert [f.name for f in found] == names
    assert all(text[f.start : f.end] == f.name for f in found)


# review -----------------------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposal():
    return Proposal(PropertyMention("water", "boiling_point", 100.0, "degC"), Evidence("a", "0", "water boils at 100 °C", 0, 21), 0.8)


def test_review_accepts_rejects_and_corrects(proposal):
    yes = accept(proposal, by="A. Chemist")
    assert (yes.status, yes.by, yes.id) == ("accepted", "A. Chemist", proposal.id)
    no = reject(proposal, by="A. Chemist", note="other compound")
    assert (no.status, no.note) == ("rejected", "other compound")
    better = correct(proposal, evolve(proposal.data, value=99.97), by="A. Chemist")
    assert (better.status, better.data.value, better.corrects, better.evidence) == ("corrected", 99.97, proposal.id, proposal.evidence)
    assert better.id != proposal.id


def test_nothing_is_trusted_before_review_or_above_a_threshold_the_user_sets(proposal):
    yes, no = accept(proposal, by="me"), reject(proposal, by="me")
    assert trusted([proposal, yes, no]) == (yes,)
    assert trusted([proposal, no], threshold=0.7) == (proposal,)
    assert trusted([proposal], threshold=0.9) == ()
    with pytest.raises(InputError, match="threshold"):
        trusted([proposal], threshold=7.0)


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda p: accept(accept(p, by="me"), by="me"), "already"),
        (lambda p: accept(p, by=" "), "reviewer"),
        (lambda p: correct(p, p.data, by="me"), "changes nothing"),
        (lambda p: correct(p, SubstanceMention("water"), by="me"), "can't be corrected into"),
    ],
    ids=["twice", "nobody", "same", "other kind"],
)
def test_review_refuses_what_makes_no_sense(proposal, act, what):
    with pytest.raises(InputError, match=what):
        act(proposal)


# what ships -------------------------------------------------------------------------------------------------------------------------------------------


def test_the_classifiers_are_those_of_their_card():
    folder = files("chemwright") / "data" / "mining"
    card = json.loads((folder / "classifiers.json").read_text(encoding="utf-8"))
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("classifiers.npz", "solvents.npz")} == card["sha256"]


def test_predictions_stay_the_same():
    """Figures of the classifiers that ship: a change of the weights or of a feature shows here."""
    data = _procedure(PREPARATION).data
    got = [data.temperatures[0].confidence, data.times[0].confidence, data.yields[0].confidence, data.solvents[0].confidence, data.reactants[0].confidence]
    assert got == pytest.approx(PREDICTIONS, abs=0.005)


PREDICTIONS = [0.9295, 0.9945, 0.9718, 0.9916, 0.9601]


# yields that amounts give ---------------------------------------------------------------------------------------------------------------------------------

UNNAMED = (
    "To a solution of aniline (0.93 g, 10 mmol) and triethylamine (1.2 g) in dichloromethane (20 ml) was added benzoyl chloride (1.41 g, 10 mmol) at 0 °C and the mixture was stirred for 2 h. "
    "The mixture was washed with water, dried and evaporated to give the title compound (1.77 g) as white crystals."
)
NAMED = (
    "4-nitrobenzaldehyde (1.51 g) was dissolved in methanol (30 ml) and sodium borohydride (0.38 g) was added. After stirring for 1 h the mixture was poured into water and extracted with ether. "
    "Evaporation gave 4-nitrobenzyl alcohol (1.38 g) as a solid."
)


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [(NAMED, 100 * (1.38 / 153.14) / (1.51 / 151.12), "4-nitrobenzyl alcohol"), (UNNAMED, 100 * (1.77 / 197.24) / 0.010, "not named, taken as that of acylation")],
    ids=["named", "title compound"],
)
def test_a_yield_is_computed_from_amounts_and_says_so(text, value, why):
    found = _procedure(text).data.yields[0]
    assert found.value == pytest.approx(value, abs=0.2)
    assert why in found.assumed
    assert found.text in text


def test_a_stated_yield_is_preferred_to_one_from_amounts():
    found = _procedure(PREPARATION.replace("1.38 g", "0.69 g")).data.yields[0]
    assert (found.value, found.assumed) == (90.0, "")


@pytest.mark.parametrize(
    ("reactants", "text", "name", "grams"),
    [
        (("CC(=O)Cl", "Nc1ccccc1"), "", "acylation", 135.17),
        (("O=C=Nc1ccccc1", "Nc1ccccc1"), "", "addition to isocyanate", 212.25),
        (("COC(=O)c1ccccc1",), "with NaOH", "hydrolysis of methyl ester", 122.12),
        (("O=[N+]([O-])c1ccccc1",), "hydrogenated", "reduction of nitro", 93.13),
        (("CC(C)(C)OC(=O)N1CCCCC1",), "trifluoroacetic acid", "removal of Boc", 85.15),
        (("O=C(Cl)c1ccccc1", "Cl.NCc1ccccc1"), "", "acylation", 211.26),
        (("O=Cc1ccccc1", "NCc1ccccc1"), "sodium borohydride", "reductive amination", 197.28),
        (("CC(=O)OC(C)=O", "Nc1ccccc1"), "", "acylation by anhydride", 135.17),
    ],
    ids=["amide", "urea", "acid", "aniline", "Boc", "salt", "amine", "anhydride"],
)
def test_transformations_give_the_mass_of_the_product(reactants, text, name, grams):
    masses = [1e3 * g.molar_mass for g in products(text, reactants) if g.name == name]
    assert any(m == pytest.approx(grams, abs=0.02) for m in masses)


def test_a_transformation_wants_its_reagent():
    assert not [g for g in products("in ethanol", ("COC(=O)c1ccccc1",)) if g.name == "hydrolysis of methyl ester"]


# amounts ----------------------------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("810 g (4.82 mol) of 1-dodecene, 900 g (14.52 mol) of ethylene glycol and water", "1-dodecene", {"mass": 0.810, "moles": 4.82}),
        ("a solution of aniline (see Preparation 3(a)) (9.3 g, 100 mmol) in ether", "aniline", {"mass": 9.3e-3, "moles": 0.1}),
        ("2.0 g aniline in 50 ml of ether", "aniline", {"mass": 2.0e-3}),
        ("aniline, 2.0 g, was added to ether", "aniline", {"mass": 2.0e-3}),
    ],
    ids=["list", "brackets in brackets", "before", "comma"],
)
def test_amounts_go_to_the_name_they_belong_to(text, name, expected):
    c = read(text)
    mention = next(f for f in c.names if f.name == name)
    assert {kind: value for kind, value, *_ in amounts_of(c, mention)} == pytest.approx(expected)


# trees ------------------------------------------------------------------------------------------------------------------------------------------------------


def test_trees_walk_to_their_leaves():
    """One tree by hand: x0 <= 0.5 -> -1, else x1 <= 2 -> 1, else 3; a second tree of one leaf that adds 0.25."""
    small = Trees(
        start=np.array([0, 5]), column=np.array([0, -1, 1, -1, -1, -1]), limit=np.array([0.5, 0, 2.0, 0, 0, 0]), left=np.array([1, 1, 3, 3, 4, 5]), right=np.array([2, 1, 4, 3, 4, 5]),
        value=np.array([0, -1.0, 0, 1.0, 3.0, 0.25]), base=0.0, codes={"head=": 0.1, "head=in": 0.8},
    )  # fmt: skip
    rows = np.array([[0.5, 9.0], [0.6, 2.0], [0.6, 2.1]])
    assert small.probabilities(rows) == pytest.approx(1 / (1 + np.exp(-np.array([-0.75, 1.25, 3.25]))))
    assert (small.code("head", "in"), small.code("head", "never seen"), len(small.probabilities(rows[:0]))) == (0.8, 0.1, 0)
