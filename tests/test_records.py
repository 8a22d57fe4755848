"""Records: JSON there and back is the same record, equal records have equal hashes, and what is wrong is refused by name."""

import json
import math

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chemwright.errors import InputError
from chemwright.quantity import Value
from chemwright.record import (
    SCHEMA_VERSION,
    CampaignRecord,
    CampaignSettings,
    CaseRecord,
    Claim,
    Constraint,
    Decision,
    Experiments,
    Objective,
    Parameter,
    ParameterSet,
    PlantSpec,
    ReactionRecord,
    ReactorPlace,
    Source,
    Species,
    Trial,
    Variable,
    content_hash,
    from_json,
    to_json,
)
from chemwright.record.campaign import ENCODINGS, STATES
from chemwright.record.case import REACTORS
from chemwright.record.claim import KINDS, TIERS
from chemwright.record.convert import UPGRADES

text = st.text(max_size=12)
key = st.text(min_size=1, max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(0.0, 1e300)
std = st.none() | positive
conditions = st.dictionaries(key, finite, max_size=3)
texts = st.lists(text, max_size=3)


def several(records, name="id", most=3):
    return st.lists(records, max_size=most, unique_by=lambda r: getattr(r, name))


values = st.builds(Value, finite, text, std, text)
sources = st.builds(Source, id=key, kind=st.sampled_from(KINDS), citation=text, doi=text, year=st.integers(0, 2100), licence=text, bibtex=text)
claims = st.builds(Claim, id=key, subject=text, property=text, value=finite, unit=text, std=std, conditions=conditions, source=text, tier=st.sampled_from(TIERS), note=text)
parameters = st.builds(Parameter, name=key, value=finite, unit=text, std=positive) | st.builds(
    Parameter, name=key, value=st.floats(1e-300, 1e300), unit=text, std=positive, log=st.just(True)
)
sets = st.builds(ParameterSet, name=key, source=sources, parameters=several(parameters, "name"), conditions=conditions, common_shift_sd=positive, note=text)
species = st.builds(Species, id=key, smiles=text, name=text, cas=text, formula=text, molar_mass=positive)
reactions = st.builds(ReactionRecord, id=key, text=key, options=conditions)
decisions = st.builds(Decision, id=key, what=text, choice=text, by=text, why=text, when=text, evidence=texts)
plants = st.builds(
    PlantSpec, capacity=st.floats(1e-9, 1e6), purity=st.floats(1e-6, 1.0), reactor=st.sampled_from(REACTORS), objectives=texts, base=text, hours=st.floats(1.0, 8784.0)
)  # fmt: skip


@st.composite
def experiments(draw):
    columns = draw(st.lists(key, max_size=3, unique=True))
    n = draw(st.integers(0, 3))
    row = st.lists(finite, min_size=len(columns), max_size=len(columns))
    rows = draw(st.lists(row, min_size=n, max_size=n))
    ids = draw(st.sampled_from([(), tuple(f"run {i}" for i in range(n))]))
    return Experiments(columns, rows, draw(text), draw(st.lists(finite, min_size=n, max_size=n)), draw(text), draw(st.sampled_from(REACTORS)), ids)


cases = st.builds(
    CaseRecord,
    name=key,
    target=text,
    species=several(species),
    solvent=text,
    reactions=several(reactions),
    plant=plants,
    prior=st.none() | sets,
    experiments=st.none() | experiments(),
    claims=several(claims, most=2),
    sources=several(sources, most=2),
    seed=st.integers(0, 2**31),
)  # fmt: skip


@st.composite
def variables(draw):
    kind, name, unit = draw(st.sampled_from(("continuous", "discrete", "categorical"))), draw(key), draw(text)
    costs, role, note = draw(conditions), draw(st.sampled_from(("setting", "fidelity"))), draw(text)
    if kind == "continuous":
        low, high = sorted(draw(st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=2)))
        return Variable(name, kind, unit, low=low, high=high, log=draw(st.booleans()), costs=costs, role=role, note=note)
    if kind == "discrete":
        return Variable(name, kind, unit, values=sorted(draw(st.sets(finite.map(lambda x: x + 0.0), min_size=1, max_size=4))), costs=costs, role=role, note=note)
    levels, encoding = draw(st.lists(key, min_size=1, max_size=3, unique=True)), draw(st.sampled_from(ENCODINGS))
    smiles = draw(st.lists(text, min_size=len(levels), max_size=len(levels))) if encoding == "descriptors" else ()
    columns = draw(st.lists(key, min_size=1, max_size=2)) if encoding == "table" else ()
    table = [draw(st.lists(finite, min_size=len(columns), max_size=len(columns))) for _ in levels] if columns else ()
    return Variable(name, kind, unit, levels=levels, encoding=encoding, smiles=smiles, columns=columns, table=table, costs=costs, role=role, note=note)


objectives = st.builds(
    Objective, name=key, goal=st.sampled_from(("maximise", "minimise")), unit=text, target=st.none() | finite, std=std, low=st.none() | st.floats(-1e9, 0), high=st.none() | st.floats(1, 1e9), reference=st.none() | finite, worth=std
) | st.builds(Objective, name=key, goal=st.sampled_from(("target", "at_least", "at_most")), target=finite)  # fmt: skip
constraints = st.builds(Constraint, text=st.just("a <= 1"), name=text) | st.builds(
    Constraint, kind=st.just("mixture"), parts=st.lists(key, min_size=2, max_size=3, unique=True), total=finite
)
trials = st.builds(
    Trial, id=key, numbers=conditions, levels=st.dictionaries(key, text, max_size=2), state=st.sampled_from(STATES), results=conditions, stds=conditions, cost=std, reactor=text, batch=st.integers(0, 99),
    when=st.none() | finite, origin=text, mean=conditions, std=conditions, note=text,
)  # fmt: skip
places = st.builds(ReactorPlace, name=key, slots=st.integers(1, 9), limits=texts)
campaign_settings = st.builds(
    CampaignSettings, initial=st.integers(0, 99), cost=positive, currency=text, budget=std, max_trials=st.none() | st.integers(1, 99), stop_gain=st.floats(0.0, 1.0), control_every=st.integers(0, 9)
)  # fmt: skip
campaigns = st.builds(
    CampaignRecord, name=key, variables=several(variables(), "name"), objectives=several(objectives, "name", 2), constraints=st.lists(constraints, max_size=2), reactors=several(places, "name", 2),
    settings=campaign_settings, trials=several(trials), borrowed=st.lists(trials, max_size=1), batches=st.integers(0, 9), seed=st.integers(0, 2**31), started=text, note=text,
)  # fmt: skip

RECORDS = {
    Value: values,
    Source: sources,
    Claim: claims,
    Parameter: parameters,
    ParameterSet: sets,
    Species: species,
    ReactionRecord: reactions,
    Experiments: experiments(),
    PlantSpec: plants,
    Decision: decisions,
    CaseRecord: cases,
    Variable: variables(),
    Objective: objectives,
    Constraint: constraints,
    Trial: trials,
    ReactorPlace: places,
    CampaignSettings: campaign_settings,
    CampaignRecord: campaigns,
}


def named(argument):
    return getattr(argument, "__name__", None)


@pytest.mark.parametrize("kind", RECORDS, ids=named)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_json_round_trip_and_hash(kind, data):
    record = data.draw(RECORDS[kind])
    written = to_json(record)
    back = from_json(written, kind)
    assert back == record
    assert type(back) is kind
    assert to_json(back) == written
    shuffled = json.dumps(dict(reversed(json.loads(written).items())))
    assert content_hash(from_json(shuffled, kind)) == content_hash(record)


def example_case():
    source = Source("Me2024", "estimate", "an estimate")
    return CaseRecord(
        name="a",
        target="CCO",
        species=[Species("A", "CCO", molar_mass=0.046)],
        solvent="water",
        reactions=[ReactionRecord("r1", "A -> B", {"k": 1})],
        plant=PlantSpec(1, 0.98),
        prior=ParameterSet("P", source, [Parameter("k.r1", 1, "1/s", 1, True)], {"temperature": 363.15}),
        experiments=Experiments(["temperature"], [[300]], "e_factor", [1]),
        claims=[Claim("c1", "A", "price", 1, "USD/kg", 0)],
        sources=[source],
    )  # fmt: skip


def example_campaign():
    return CampaignRecord(
        "a",
        [Variable("T", low=300, high=400, unit="degC"), Variable("n", "discrete", values=[1, 2]), Variable("base", "categorical", levels=["KOH"], encoding="table", columns=["pKa"], table=[[14]], costs={"KOH": 1})],
        [Objective("yield", target=0.95, std=0.01, low=0, high=1, reference=0, worth=10)],
        [Constraint("n <= 2"), Constraint(kind="mixture", parts=["a", "b"])],
        [ReactorPlace("R1", 2, ["T <= 350 K"])],
        CampaignSettings(budget=10, max_trials=9),
        [Trial("t1", {"T": 350, "n": 1}, {"base": "KOH"}, "done", {"yield": 0.5}, {"yield": 0.01}, 1, when=3, mean={"yield": 0.4}, std={"yield": 0.1})],
    )  # fmt: skip


EXAMPLES = {
    Value: Value(1, "m", 0.1),
    Source: Source("Me2024", "estimate"),
    Claim: Claim("c1", "A", "price", 1.0, "USD/kg"),
    Parameter: Parameter("k", 1.0),
    ParameterSet: example_case().prior,
    Species: Species("A", "CCO"),
    ReactionRecord: ReactionRecord("r1", "A -> B"),
    Experiments: example_case().experiments,
    PlantSpec: PlantSpec(1.0, 0.98),
    Decision: Decision("d1", "plant.reactor", "pfr"),
    CaseRecord: example_case(),
    Variable: example_campaign().variables[2],
    Objective: example_campaign().objectives[0],
    Trial: example_campaign().trials[0],
    ReactorPlace: example_campaign().reactors[0],
    CampaignRecord: example_campaign(),
}


@pytest.mark.parametrize("kind", EXAMPLES, ids=named)
def test_unknown_field_is_refused_with_its_name_and_place(kind):
    data = json.loads(to_json(EXAMPLES[kind])) | {"colour": "red"}
    with pytest.raises(InputError, match="colour") as caught:
        from_json(json.dumps(data), kind, where="case.json")
    assert caught.value.where == "case.json"


@pytest.mark.parametrize("kind", EXAMPLES, ids=named)
def test_missing_field_is_refused_with_its_name(kind):
    required = next(a.name for a in attrs.fields(kind) if a.default is attrs.NOTHING)
    data = json.loads(to_json(EXAMPLES[kind]))
    del data[required]
    with pytest.raises(InputError, match=f"missing field '{required}'"):
        from_json(json.dumps(data), kind)


def number_places(data, path=()):
    """The path of every number that is not a whole number by type."""
    if isinstance(data, dict):
        return [p for k, v in data.items() if k not in ("seed", "schema_version", "year") for p in number_places(v, (*path, k))]
    if isinstance(data, list):
        return [p for i, v in enumerate(data) for p in number_places(v, (*path, i))]
    return [path] if isinstance(data, float) else []


PLACES = [(kind, place) for kind in EXAMPLES for place in number_places(json.loads(to_json(EXAMPLES[kind])))]


@pytest.mark.parametrize(("kind", "place"), PLACES, ids=[f"{k.__name__}-{'.'.join(map(str, p))}" for k, p in PLACES])
@pytest.mark.parametrize("bad", [math.nan, math.inf, "1.0", True], ids=["nan", "inf", "text", "true"])
def test_every_number_of_every_record_refuses_what_is_not_finite_or_not_a_number(kind, place, bad):
    data = json.loads(to_json(EXAMPLES[kind]))
    inner = data
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = bad
    with pytest.raises(InputError):
        from_json(json.dumps(data), kind)


def test_1e999_is_not_a_number():
    with pytest.raises(InputError, match="not a finite number"):
        from_json('{"value": 1e999}', Value)


@pytest.mark.parametrize("broken", ["", "{", "[]", "null", "3", '"x"', "[" * 100000, '{"value": ' + "9" * 5000 + "}", '{"value": NaN}'], ids=range(9))
def test_broken_json_is_an_input_error(broken):
    with pytest.raises(InputError):
        from_json(broken, Value, where="a.json")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Source("", "estimate"),
        lambda: Source("A", "rumour"),
        lambda: Claim("", "A", "price", 1.0),
        lambda: Claim("c", "A", "price", math.nan),
        lambda: Claim("c", "A", "price", "1.0"),
        lambda: Claim("c", "A", "price", 1.0, std=-1.0),
        lambda: Claim("c", "A", "price", 1.0, conditions={"temperature": math.inf}),
        lambda: Claim("c", "A", "price", 1.0, tier="guessed"),
        lambda: Parameter("k", 0.0, log=True),
        lambda: Parameter("k", 1.0, std=-1.0),
        lambda: ParameterSet("P", Source("A", "estimate"), (Parameter("k", 1.0), Parameter("k", 2.0))),
        lambda: Species("A", "CCO", molar_mass=-1.0),
        lambda: Experiments(("a", "b"), ((1.0,),), "y", (1.0,)),
        lambda: Experiments(("a",), ((1.0,),), "y", (1.0, 2.0)),
        lambda: Experiments(("a", "a"), ((1.0, 1.0),), "y", (1.0,)),
        lambda: Experiments(("a",), ((1.0,),), "y", (1.0,), ids=("x", "y")),
        lambda: Experiments(("a",), ((math.nan,),), "y", (1.0,)),
        lambda: Experiments(("a",), ((1.0,),), "y", (1.0,), reactor="bucket"),
        lambda: PlantSpec(0.0, 0.98),
        lambda: PlantSpec(1.0, 98.0),
        lambda: PlantSpec(1.0, 0.98, hours=9000.0),
        lambda: attrs.evolve(example_case(), schema_version=SCHEMA_VERSION + 1),
        lambda: attrs.evolve(example_case(), name=""),
        lambda: attrs.evolve(example_case(), species=example_case().species * 2),
        lambda: attrs.evolve(example_case(), claims=example_case().claims * 2),
        lambda: to_json({"a": math.nan}),
        lambda: to_json({"a": object()}),
        lambda: content_hash({"a": "\ud800"}),
    ],
    ids=range(28),
)  # fmt: skip
def test_what_can_not_be_is_refused_when_made(make):
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.fix


def test_records_are_frozen_and_do_not_share_their_dicts():
    conditions_ = {"temperature": 300}
    claim = Claim("c", "A", "price", 1, conditions=conditions_)
    conditions_["temperature"] = 400
    assert claim.conditions == {"temperature": 300.0}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        claim.value = 2.0


def test_hash_is_of_the_content():
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
    assert to_json({"a": {"z", "b", "y"}}, indent=None) == '{"a": ["b", "y", "z"]}'
    assert content_hash(PlantSpec(1, 0.5)) == content_hash(PlantSpec(1.0, 0.5))
    assert content_hash(Value(-0.0)) == content_hash(Value(0.0))


def test_unknown_names_get_near_misses():
    case = example_case()
    assert case.species_by_id("A").smiles == "CCO"
    with pytest.raises(InputError, match="known: A"):
        case.species_by_id("Q")
    assert "k.r1" in case.prior
    assert case.prior["k.r1"].value == 1.0
    with pytest.raises(InputError, match=r"did you mean 'k\.r1'"):
        case.prior["k.r2"]
    with pytest.raises(InputError, match="did you mean 'solvent'"):
        from_json(json.dumps(json.loads(to_json(case)) | {"solvant": "x"}), CaseRecord)


def test_bibtex_is_made_when_none_is_given():
    made = Source("Hone2017", "literature", "Hone et al., React. Chem. Eng.", year=2017).as_bibtex()
    assert made.startswith("@misc{Hone2017,")
    assert "year = {2017}" in made
    assert Source("X", "literature", bibtex="@article{X}").as_bibtex() == "@article{X}"


def test_claim_as_value():
    assert Claim("c", "A", "price", 2, "USD/kg", 0.5, source="S").as_value() == Value(2.0, "USD/kg", 0.5, "S")


def test_upgrade_hook_brings_old_text_to_the_new_form(monkeypatch):
    data = json.loads(to_json(example_case()))
    data |= {"schema_version": 0, "medium": data.pop("solvent")}
    monkeypatch.setitem(UPGRADES, ("CaseRecord", 0), lambda old: {k: v for k, v in old.items() if k != "medium"} | {"solvent": old["medium"], "schema_version": 1})
    assert from_json(json.dumps(data), CaseRecord) == example_case()
    monkeypatch.setitem(UPGRADES, ("CaseRecord", 0), lambda old: old)
    with pytest.raises(InputError, match="does not move on"):
        from_json(json.dumps(data), CaseRecord)
    with pytest.raises(InputError, match="schema version 9"):
        from_json(json.dumps(data | {"schema_version": 9, "solvent": "w"}), CaseRecord)
