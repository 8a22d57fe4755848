"""The query language: what is printed reads back as the same query, and errors say where and what was meant."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chemwright.errors import ChemwrightError, InputError, UnitError
from chemwright.knowledge.search.parse import MAX_QUERY, parse
from chemwright.knowledge.search.query import (
    FIELDS,
    And,
    Condition,
    Label,
    Name,
    Not,
    Or,
    PropertyRange,
    Role,
    Similar,
    Since,
    SourceIs,
    Status,
    Substance,
    Substructure,
    Text,
    Tier,
    Until,
    reaction,
)  # fmt: skip
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.record.claim import TIERS
from chemwright.record.experiment import ROLES
from chemwright.record.filing import STATUSES, VISIBILITIES


def at(name, low, high):
    return (Condition(name, low, high),)


CASES = {
    'substructure:"c1ccccc1C(=O)O" and boiling_point > 400 K and not label:doubtful': And((Substructure("c1ccccc1C(=O)O"), PropertyRange("boiling_point", 400, None, "K"), Not(Label("doubtful")))),
    "substructure:c1ccccc1C(=O)O": Substructure("c1ccccc1C(=O)O"),
    "boiling_point 350..360 K at pressure 100000 Pa +- 5 %": PropertyRange("boiling_point", 350, 360, "K", at("pressure", 95000.0, 105000.0)),
    "density > 900 kg/m3 at temperature 20..30 degC": PropertyRange("density", 900, None, "kg/m3", at("temperature", 293.15, 303.15)),
    "name:ethanol or cas:64-17-5": Or((Name("ethanol"), FIELDS["cas"]("64-17-5"))),
    'similar:"CCO" >= 0.6': Similar("CCO", 0.6),
    "similar:CCO >= 0.6 top 50": Similar("CCO", 0.6, 50),
    "product:ethanol": Role("product", Substance("ethanol")),
    "product:(substructure:c1ccccc1 or name:x)": Role("product", Or((Substructure("c1ccccc1"), Name("x")))),
    'text:"加热回流"': Text("加热回流"),
    "加热 回流": And((Text("加热"), Text("回流"))),
    "since:2024-01-01": Since("2024-01-01"),
    "heated under reflux": And((Text("heated"), Text("under"), Text("reflux"))),
    "a or b c": Or((Text("a"), And((Text("b"), Text("c"))))),
    "a AND (b OR c)": And((Text("a"), Or((Text("b"), Text("c"))))),
    "a & b | !c": Or((And((Text("a"), Text("b"))), Not(Text("c")))),
    "bp > 100 degC": PropertyRange("boiling_point", 100, None, "degC"),
    "沸点 > 400 K": PropertyRange("boiling_point", 400, None, "K"),
    "boiling_point 77 degC..90 degC": PropertyRange("boiling_point", 77, 90, "degC"),
    "boiling_point = 351.5 K +- 0.5 K": PropertyRange("boiling_point", 351, 352, "K"),
    "boiling_point 351.5 +- 0.5": PropertyRange("boiling_point", 351, 352),
    "heat_capacity ≥ 75 J/(mol K) and x": And((PropertyRange("heat_capacity", 75, None, "J/(mol K)"), Text("x"))),
    "(density>900 kg/m3)": PropertyRange("density", 900, None, "kg/m3"),
    "solubility < 0.1 at ph 6..8, temperature > 0 degC": PropertyRange("solubility", None, 0.1, "", (Condition("ph", 6, 8), Condition("temperature", 273.15))),
    "solubility < 0.1 at mole_fraction[water] 0.5..1": PropertyRange("solubility", None, 0.1, "", at("mole_fraction[water]", 0.5, 1)),
    "has:density at temperature": PropertyRange("density", conditions=at("temperature", None, None)),
    r'name:"a \"quoted\" name"': Name('a "quoted" name'),
    r'structure:"F/C=C\F"': FIELDS["structure"]("F/C=C\\F"),
    "source:Wag*": SourceIs("Wag*"),
    "density": Text("density"),
    "ethanol 95": And((Text("ethanol"), Text("95"))),
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_reads(text):
    assert parse(text) == CASES[text]
    assert parse(str(CASES[text])) == CASES[text]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("boilng_point > 3 K", 1, "boiling_point"), ("name:a and nam:x", 12, "name:"), ("nane:x", 1, "name:"), ("densty 3..4 kg/m3", 1, "density"), ("density > 3 at temprature 3 K", 16, "temperature"),
        ("name:", 6, "quotes"), ("(a", 1, "')'"), ("a)", 2, "')'"), ('a "b', 3, "not closed"), ('""', 1, "empty"), ("boiling_point > K", 17, "number"), ("since:yesterday", 7, "2024-05-31"),
        ("similar:CCO >= 3", 9, "0 to 1"), ("similar:CCO top 0", 18, "top 50"), ("density 3..1", 1, "smaller"), ("and", 1, "term"), ("a and", 6, "term"), ("a or or b", 6, "term"), ("status:trustd", 8, "trusted"),
        ("tier:measurd", 6, "measured"), ("density > 1 at temperature 30..20 degC", 16, "smaller"), ("boiling_point > 1e999 K", 22, "large"), ("not", 4, "term"),
    ],
)  # fmt: skip
def test_errors_say_where_and_what(text, place, said):
    with pytest.raises(InputError) as caught:
        parse(text)
    assert f"character {place}" in caught.value.where
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["boiling_point > 3 kg", "density > 900 kg/m3 at temperature 20 Pa", "ph 6..8 ethanol", "density 1 kg..2 kg/m3", "density 1 kg/m3 +- 3 K"])
def test_units_are_checked_where_the_query_is_read(text):
    with pytest.raises(UnitError, match="character"):
        parse(text)


@pytest.mark.parametrize("text", ["", "  ", "x" * (MAX_QUERY + 1), "(" * 200 + "a" + ")" * 200, "not " * 200 + "a", None, 3], ids=range(7))
def test_bounds(text):
    with pytest.raises(InputError):
        parse(text)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)
NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)
PROPERTIES = [(p.name, p.unit) for p in vocabulary() if p.kind == "number"][::9]
DATES = st.dates().map(str) | st.sampled_from(["2024", "2024-05", "2024-05-31T14:30"])


def ends(pair):
    low, high = pair
    return (high, low) if low is not None and high is not None and low > high else (low, high)


ENDS = st.tuples(st.none() | NUMBERS, st.none() | NUMBERS).map(ends)
CONDITIONS = st.lists(st.tuples(st.sampled_from(["temperature", "pressure", "ph", "mole_fraction[a-b]"]), ENDS).map(lambda c: Condition(c[0], *c[1])), max_size=3).map(tuple)


@st.composite
def ranges(draw):
    name, unit = draw(st.sampled_from(PROPERTIES))
    low, high = draw(ENDS)
    return PropertyRange(name, low, high, "" if (low, high) == (None, None) else draw(st.sampled_from(["", unit])), draw(CONDITIONS))


LEAVES = st.one_of(
    *(WORDS.map(FIELDS[f]) for f in ("substance", "name", "key", "cas", "formula", "structure", "substructure", "transformation", "source", "label", "text", "kind", "method", "phase")),
    st.sampled_from(STATUSES).map(Status), st.sampled_from(TIERS).map(Tier), st.sampled_from(VISIBILITIES).map(FIELDS["visibility"]), DATES.map(Since), DATES.map(Until),
    st.builds(Similar, WORDS, st.floats(0, 1), st.none() | st.integers(1, 1000)), ranges(),
)  # fmt: skip
QUERIES = st.recursive(
    LEAVES,
    lambda q: st.one_of(
        st.lists(q, min_size=2, max_size=3).map(And), st.lists(q, min_size=2, max_size=3).map(Or), q.map(Not), st.builds(Role, st.sampled_from(("any", *ROLES)), q)
    ),
    max_leaves=8,
)


@given(QUERIES)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_printed_reads_back(query):
    assert parse(str(query)) == query


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["and", "or", "not", "(", ")", ":", '"', "density", ">", "3", "..", "K", "at", "name", "similar", "top", "+-", "%", ",", "a"]), max_size=12).map(
        " ".join
    )
)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text):
    try:
        query = parse(text)
    except ChemwrightError:
        return
    assert parse(str(query)) == query


def test_python_operators():
    a, b, c = Name("a"), Name("b"), Name("c")
    assert (a & b) & c == And((a, b, c))
    assert a | b & ~c == Or((a, And((b, Not(c)))))
    assert ~~a == a
    assert str((a | b) & c) == "(name:a or name:b) and name:c"


def test_reactions_in_python():
    assert reaction(product="ethanol") == Role("product", Substance("ethanol"))
    assert str(reaction(product="ethanol", catalyst=Name("Pd"))) == "product:ethanol and catalyst:(name:Pd)"
    with pytest.raises(InputError, match="role"):
        reaction(sauce="x")
    with pytest.raises(InputError, match="product"):
        reaction()


@pytest.mark.parametrize(
    "make", [lambda: And((Name("a"),)), lambda: Similar("C", 2.0), lambda: PropertyRange("density", 3, 1), lambda: Name(""), lambda: Since("soon"), lambda: Role("x", Name("a"))]
)
def test_nodes_are_checked_when_made(make):
    with pytest.raises(InputError):
        make()


def test_own_properties_are_read():
    from attrs import evolve

    own = vocabulary().with_own([evolve(vocabulary().find("density"), name="lab:hardness", aliases=(), zh="", parent="", symbol="")])
    query = parse("lab:hardness > 3 kg/m3 at temperature 300 K", own)
    assert query == PropertyRange("lab:hardness", 3, None, "kg/m3", at("temperature", 300, 300))
    assert parse(str(query), own) == query
    with pytest.raises(InputError, match=re.escape("no field 'lab'")):
        parse("lab:hardness > 3")
