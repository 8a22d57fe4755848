"""The space of a campaign: the language of its constraints, drawing from it, its features; and that nothing lists a product space."""

import subprocess
import sys

import numpy as np
import pytest

from chemwright.errors import ChemwrightError, InputError, SubstanceError, UnitError
from chemwright.experiment.build import categorical, continuous, discrete, forbidden, mixture
from chemwright.experiment.levels import decorrelated, level_features
from chemwright.experiment.rules import make_rule
from chemwright.experiment.sampling import all_rows, neighbours, repair, sample, spread
from chemwright.experiment.space import Space
from chemwright.experiment.start import distance, initial_size, space_filling
from chemwright.experiment.units import from_si, si_unit, spread_to_si, to_si
from chemwright.record import Constraint

T = continuous("temperature", "27 degC", "127 degC")  # 300.15 to 400.15 K
VARIABLES = (
    continuous("equiv", 1, 5),
    T,
    categorical("base", ["KOH", "K2CO3"]),
    continuous("flow a", "0.1 mL/min", "10 mL/min"),
    continuous("flow_b", "0.0001 L/min", "0.01 L/min"),
    discrete("n", [1, 2, 5]),
)
COLUMNS = {
    "equiv": np.array([1.0, 2.0, 3.0]),
    "temperature": np.array([300.0, 350.0, 390.0]),
    "base": np.array([0.0, 1.0, 0.0]),
    "flow a": np.array([1.0, 2.0, 3.0]) * 1e-6 / 60,
    "flow_b": np.array([1.0, 2.0, 3.0]) * 1e-6 / 60,
    "n": np.array([1.0, 2.0, 5.0]),
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("2*equiv + temperature/100 <= 5", "110"),  # in the user's degC: 2.27, 4.77, 7.17
        ("temperature <= 86 degC", "110"),
        ("temperature <= 359.15 K", "110"),
        ("temperature < 76.85", "100"),
        ('if base == "KOH" then temperature <= 360 K', "110"),
        ('not (base == "KOH" and equiv >= 3)', "110"),
        ('base in ["KOH"] or equiv**2*temperature > 1000', "101"),
        ("`flow a` + flow_b <= 4.5 mL/min", "110"),
        ("`flow a`/flow_b >= 0.5 * 2", "000"),  # without a unit: mL/min over L/min is a thousand times as much, and so below
        ("-equiv <= -2", "011"),
        ("log(equiv) < 1", "110"),
        ("1 <= equiv and equiv <= 2", "110"),
        ("temperature*equiv <= 500 K", "100"),
        ("2*temperature - 100 K <= 600 K", "110"),
        ("((((((((equiv)))))))) <= 2", "110"),
        ("max(equiv, 1, n) <= 2", "110"),
        ("sqrt(equiv - 2) <= 1", "011"),  # what can't be worked out does not hold
        ('"KOH" != base', "010"),
        ("n = 5", "001"),
    ],
)
def test_a_rule_holds_where_it_should(text, holds):
    said = "".join(str(int(x)) for x in make_rule(text, VARIABLES).holds(COLUMNS))
    if text.startswith("`flow a`/flow_b"):
        assert said == "111"
    else:
        assert said == holds


@pytest.mark.parametrize(
    ("text", "slope", "limit"),
    [
        ("2*equiv + temperature/100 <= 5", {"equiv": 2.0, "temperature": 0.01}, 7.7315),
        ("equiv >= 2", {"equiv": -1.0}, -2.0),
        ("temperature <= 86 degC", {"temperature": 1.0}, 359.15),
        ("3 - (equiv - n)/2 <= 2*3", {"equiv": -0.5, "n": 0.5}, 3.0),
    ],
)
def test_a_linear_rule_as_an_inequality(text, slope, limit):
    ((found, bound),) = make_rule(text, VARIABLES).linear()
    assert {k: v for k, v in found.items() if v} == pytest.approx(slope)
    assert bound == pytest.approx(limit)


@pytest.mark.parametrize("text", ["equiv*n <= 2", "equiv**2 <= 3", 'base == "KOH"', "equiv <= 1 or n <= 1", "exp(equiv) <= 3", "1/equiv <= 2"])
def test_what_is_not_linear_is_not_said_to_be(text):
    assert make_rule(text, VARIABLES).linear() is None


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("equiv", InputError, "no comparison"),
        ("equiv <= 3 K", UnitError, "different dimension"),
        ("temperature <= 360 K + 3", UnitError, "different dimension"),
        ("exp(temperature) <= 3 K", UnitError, "divide"),
        ("eqiv <= 1", InputError, "did you mean 'equiv'"),
        ('base == "NaOH"', InputError, "no level"),
        ("base <= 3", InputError, "only be compared"),
        ("base == KOH", InputError, "no variable"),
        ("equiv <= ", InputError, "the end"),
        ("2 equiv <= 3", InputError, "not expected"),
        ("(equiv <= 3) + 1 <= 2", InputError, "number is expected"),
        ('__import__("os") <= 1', InputError, "no variable"),
        ("equiv.__class__ <= 1", InputError, "not expected"),
        ("(" * 60 + "equiv" + ")" * 60 + "<= 1", InputError, "brackets"),
        ("-" * 200 + "equiv <= 1", InputError, "brackets"),
        ("equiv <= 1" + " and equiv <= 1" * 200, InputError, "characters"),
        ("equiv <= 3; n <= 2", InputError, "not expected"),
        ("5 blorbs <= equiv", InputError, "is no unit"),
        ("min(equiv) <= 1", InputError, "two or more"),
    ],
)
def test_what_is_no_rule_is_refused_in_plain_words(text, error, said):
    with pytest.raises(error) as caught:
        make_rule(text, VARIABLES, "campaign.toml, rule 1")
    assert said in str(caught.value)
    assert caught.value.where == "campaign.toml, rule 1"


def test_units_go_to_si_and_back():
    assert si_unit("mL/min") == "m^3 s^-1"
    assert to_si(25.0, "degC") == pytest.approx(298.15)
    assert from_si(to_si(0.37, "mol/L"), "mol/L") == pytest.approx(0.37)
    assert spread_to_si(2.0, "degC") == 2.0


def space():
    return Space.of(VARIABLES, [Constraint("2*equiv + temperature/100 <= 5"), forbidden(base="KOH")][:1])


def test_rows_points_features_there_and_back():
    s = space()
    rows = sample(s, 200, np.random.default_rng(0))
    assert s.feasible(rows).all()
    assert np.allclose(s.rows(s.points(rows)), rows)
    assert np.allclose(s.from_unit(s.unit(rows)), rows)
    x = s.encode(rows)
    assert x.shape == (200, s.n_features) == (200, len(s.labels))
    assert x.min() >= 0
    assert x.max() <= 1
    assert s.labels == ("equiv", "temperature", "base=KOH", "base=K2CO3", "flow a", "flow_b", "n")
    a, b = s.linear()
    assert np.all(rows @ a.T <= b + 1e-9)
    assert np.isinf(s.size)
    assert Space.of([discrete("a", [1, 2]), categorical("b", ["x", "y", "z"])]).size == 6


def test_a_log_scale_draws_as_many_in_each_decade():
    s = Space.of([continuous("c", "0.01 mol/L", "100 mol/L", log=True)])
    c = sample(s, 4000, np.random.default_rng(0))[:, 0] / 1000
    assert np.histogram(np.log10(c), bins=4, range=(-2, 2))[0].min() > 900


def test_mixtures_sum_up_within_their_bounds():
    parts = [continuous(f"x{i}", 0, 0.5) for i in range(4)]
    s = Space.of([*parts, T], [mixture([v.name for v in parts]), Constraint("x0*x1 >= 0.02"), Constraint("x2 <= 0.01")])
    rows = sample(s, 100, np.random.default_rng(1))
    assert s.feasible(rows).all()
    assert np.abs(rows[:, :4].sum(1) - 1).max() < 1e-9
    mended = repair(s, rows + np.random.default_rng(2).normal(0, 0.2, rows.shape))
    assert np.abs(mended[:, :4].sum(1) - 1).max() < 1e-9
    assert np.all((mended[:, :4] >= 0) & (mended[:, :4] <= 0.5))


def test_a_corner_that_chance_does_not_find_is_found():
    names = [f"x{i}" for i in range(6)]
    s = Space.of([continuous(n, 0, 1) for n in names], [Constraint(f"{' + '.join(names)} <= 0.05"), Constraint("x0 >= 0.01"), Constraint("x1 >= 0.01")])
    rows = sample(s, 100, np.random.default_rng(0))
    assert s.feasible(rows).all()
    assert len(np.unique(rows, axis=0)) == 100


def test_when_nothing_is_allowed_the_rule_in_the_way_is_named():
    with pytest.raises(InputError, match=r"equiv <= 0\.5"):
        sample(Space.of(VARIABLES, [Constraint("equiv <= 0.5")]), 3, np.random.default_rng(0))


def test_neighbours_are_near_and_allowed():
    s = space()
    row = sample(s, 1, np.random.default_rng(0))[0]
    near = neighbours(s, row, 200, np.random.default_rng(1))
    assert len(near) > 50
    assert s.feasible(near).all()
    assert np.median(distance(s, near, row[None])) < 0.6 * np.median(distance(s, sample(s, 200, np.random.default_rng(2)), row[None]))


def test_all_rows_only_where_they_are_few():
    s = Space.of([discrete("a", [1, 2, 3]), categorical("b", ["x", "y"])], [forbidden(b="x"), Constraint("a <= 2")])
    assert all_rows(s, 10).tolist() == [[1, 1], [2, 1]]
    assert all_rows(s, 5) is None
    assert all_rows(space(), 10**9) is None


BIG = """
import resource, sys
import numpy as np
from chemwright.experiment import Campaign
from chemwright.experiment.build import categorical, objective
c = Campaign.new("big", [categorical(f"c{i}", [f"l{k}" for k in range(100)]) for i in range(6)], [objective("y", "maximise")])
assert c.space.size == 1e12
for batch in range(2):
    c = c.suggest(8)
    for name in c.last:
        c = c.tell(name, float(sum(hash(v) % 7 for v in map(len, c.trial(name).levels.values()))) + len(name), when=batch)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def test_a_space_of_1e12_in_less_than_1_gb():
    done = subprocess.run([sys.executable, "-c", BIG], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1024


SOLVENTS = {
    "ethanol": "CCO",
    "acetonitrile": "CC#N",
    "DMF": "CN(C)C=O",
    "toluene": "Cc1ccccc1",
    "DMSO": "CS(C)=O",
    "water": "O",
    "THF": "C1CCOC1",
    "butanol": "CCCCO",
    "DCM": "ClCCl",
}


def test_molecules_enter_by_descriptors_that_tell_them_apart():
    v = categorical("solvent", SOLVENTS)
    x, names = level_features(v)
    assert x.shape == (9, len(names))
    assert 2 <= len(names) <= 8
    assert all(n.startswith("solvent:") for n in names)
    assert np.allclose(x.min(0), 0)
    assert np.allclose(x.max(0), 1)
    assert len(np.unique(x.round(9), axis=0)) == 9
    apart = distance(Space.of([v]), np.arange(9.0)[:, None], np.arange(9.0)[:, None])
    of = list(SOLVENTS)
    assert apart[of.index("ethanol"), of.index("butanol")] < apart[of.index("ethanol"), of.index("toluene")]


def test_levels_that_look_alike_get_a_column_of_their_own():
    v = categorical("s", ["R", "S", "other"], columns=["a"], table=[[1], [1], [3]])
    x, names = level_features(v)
    assert names == ("s:a", "s=S")
    assert len(np.unique(x, axis=0)) == 3
    same, _ = level_features(categorical("s", ["a", "b"], columns=["c"], table=[[1], [1]]))
    assert np.array_equal(same, np.eye(2))


def test_descriptors_that_repeat_each_other_are_dropped():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(20, 3))
    raw = np.column_stack([base, base @ rng.normal(size=(3, 10)), np.ones(20)])
    assert len(decorrelated(raw)) <= 3
    assert 13 not in decorrelated(raw)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: Space.of([categorical("s", {"a": "CC(", "b": "CCO"})]), SubstanceError, "level 1"),
        (lambda: Space.of([]), InputError, "without variables"),
        (lambda: Space.of([T, categorical("a", ["x"])], [mixture(["temperature", "a"])]), InputError, "part of a mixture"),
        (lambda: Space.of([continuous("a", 0, 0.2), continuous("b", 0, 0.2)], [mixture(["a", "b"])]), InputError, "can sum to"),
        (lambda: Space.of([T], [mixture(["temperature", "b"])]), InputError, "no variable"),
        (lambda: categorical("a", ["x"], costs={"y": 1}), InputError, "no level"),
        (lambda: continuous("a", "3 bar", "5 K"), UnitError, "bar"),
        (lambda: continuous("a", 5, 3), InputError, "above"),
        (lambda: continuous("a", 0, 3, log=True), InputError, "logarithmic"),
        (lambda: discrete("a", []), InputError, "values"),
        (lambda: categorical("a", ["x", "x"]), InputError, "twice"),
        (lambda: space().rows([{"equiv": 1.0}]), InputError, "does not say"),
        (lambda: space().with_rules(["temperatur <= 3"], "reactor 'R1'"), InputError, "reactor 'R1'"),
    ],
    ids=range(13),
)
def test_what_can_not_be_a_space_is_refused(make, error, said):
    with pytest.raises(error) as caught:
        make()
    assert said in str(caught.value)
    assert isinstance(caught.value, ChemwrightError)
    assert caught.value.fix


def test_a_step_leaves_what_the_laboratory_can_set():
    v = continuous("T", "30 degC", "121 degC", step="5 K")
    assert v.kind == "discrete"
    assert from_si(np.array(v.values), "degC") == pytest.approx(np.arange(30, 121, 5))
    assert len(continuous("c", "0.1 mol/L", "0.5 mol/L", step=0.1).values) == 5
    for step in ("0 K", "200 K", "0.001 K", "5 bar"):
        with pytest.raises((InputError, UnitError)):
            continuous("T", "30 degC", "121 degC", step=step)


def test_costs_of_levels_and_values_add_up():
    s = Space.of([categorical("ligand", ["a", "b"], costs={"b": 12}), discrete("n", ["1 h", "2 h"], costs={"2 h": 3}), T])
    assert s.cost(s.rows([{"ligand": "a", "n": 3600.0, "temperature": 330.0}, {"ligand": "b", "n": 7200.0, "temperature": 330.0}]), 40.0).tolist() == [40.0, 55.0]


def test_a_start_covers_levels_and_ranges_and_keeps_to_the_rules():
    s = Space.of([T, continuous("equiv", 1, 5), categorical("base", ["a", "b", "c"]), discrete("n", [1, 2, 3, 4])], [Constraint("equiv + n <= 7")])
    rows = space_filling(s, 12, 3, np.zeros((0, 4)))
    assert s.feasible(rows).all()
    assert [int((rows[:, 2] == k).sum()) for k in range(3)] == [4, 4, 4]
    assert set(rows[:, 3]) == {1, 2, 3, 4}
    assert np.histogram(s.unit(rows)[:, 0], bins=4, range=(0, 1))[0].min() >= 2
    nearest = np.sort(distance(s, rows, rows), axis=1)[:, 1].min()
    random = [np.sort(distance(s, r, r), axis=1)[:, 1].min() for r in (sample(s, 12, np.random.default_rng(k)) for k in range(30))]
    assert nearest > np.quantile(random, 0.9)
    assert np.array_equal(rows, space_filling(s, 12, 3, np.zeros((0, 4))))
    more = space_filling(s, 3, 4, rows)
    assert distance(s, more, rows).min() > 0.05


def test_a_start_in_a_small_space_repeats_nothing_before_all_is_tried():
    s = Space.of([categorical("a", ["x", "y"]), discrete("b", [1, 2, 3])])
    assert len(np.unique(space_filling(s, 6, 0, np.zeros((0, 2))), axis=0)) == 6
    assert initial_size(s) == 3
    assert len(space_filling(s, 8, 0, np.zeros((0, 2)))) == 8
    assert spread(s, 5, 0).shape == (5, 2)
