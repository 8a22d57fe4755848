"""Campaigns as users meet them: suggesting, stopping, reactors, transfer, where it stands."""

import math

import attrs
import numpy as np
import pytest

import chemwright as cw
from campaign_example import QUICK, SPREAD, VARIABLES, YIELD, campaign, planned, settings_of
from chemwright.errors import InputError
from chemwright.experiment import Campaign, categorical, continuous, discrete, forbidden, objective
from chemwright.experiment.observations import observe
from chemwright.record import CampaignSettings, ReactorPlace, from_json, to_json


def test_the_top_package_offers_it_lazily():
    assert cw.Campaign is Campaign
    assert "Campaign" in dir(cw)


def test_a_campaign_is_frozen_and_each_step_returns_a_new_one():
    c = campaign()
    d = c.suggest(3)
    assert c.trials == ()
    assert [t.id for t in d.open] == list(d.last) == ["t1", "t2", "t3"]
    e = d.tell("t2", "85 %")
    assert d.trial("t2").state == "open"
    assert (e.trial("t2").state, e.trial("t2").results) == ("done", {"yield": pytest.approx(0.85)})
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        c.record = d.record
    assert from_json(to_json(e.record), type(e.record)) == e.record


def test_a_table_in_the_users_units():
    (row,) = campaign().tell(settings_of("353.15 K"), "0.85 1", cost=3, reactor="R1", note="clear").table()
    assert row["settings"] == {"temperature": {"value": pytest.approx(80), "unit": "degC"}, "base": "KOH", "equiv": {"value": 1.5, "unit": "1"}}
    assert (row["results"], row["cost"], row["reactor"], row["note"], row["state"]) == ({"yield": 85.0}, 3.0, "R1", "clear", "done")


def test_the_same_seed_proposes_the_same_and_batches_differ():
    assert [t.point for t in campaign(seed=1).suggest(4).trials] == [t.point for t in campaign(seed=1).suggest(4).trials]
    assert [t.point for t in campaign(seed=1).suggest(4).trials] != [t.point for t in campaign(seed=2).suggest(4).trials]
    c = campaign().suggest(3).suggest(3)
    assert len({tuple(t.point.values()) for t in c.trials}) == 6
    assert [t.batch for t in c.trials] == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize(
    "truth",
    [lambda p: 0, lambda p: 42, lambda p: "nan" if p["equiv"] == 2 else 30, lambda p: 30 if p["base"] == "KOH" else 60],
    ids=["all zero", "constant", "some nan", "two levels"],
)
def test_odd_figures_are_survived(truth):
    c = planned(campaign(settings=QUICK), truth)
    assert len(c.trials) == 6
    assert all(t.state in ("done", "abandoned") for t in c.trials)
    assert len(c.suggest(2).last) == 2
    status = c.status()
    if truth({"base": "", "equiv": 1}) in (0, 42):
        assert any("in all 6 experiments: nothing can be learned" in w for w in status["words"])


def test_all_failed_is_survived_and_said():
    c = campaign(settings=QUICK).suggest(3)
    for name in c.last:
        c = c.fail(name, "clogged")
    assert c.best() is None
    assert "all 3 experiments so far failed" in c.status()["words"][0]
    d = c.suggest(2)
    assert len(d.last) == 2
    assert not {tuple(d.trial(t).point.values()) for t in d.last} & {tuple(t.point.values()) for t in c.trials}


def test_one_point_one_constant_variable_and_duplicates_are_survived():
    held = (*VARIABLES[:2], continuous("pressure", "2 bar", "2 bar"), categorical("vessel", ["only"]))
    c = Campaign.new("test", held, [YIELD], settings=CampaignSettings(initial=1))
    c = c.tell({"temperature": 50, "base": "KOH", "pressure": 2, "vessel": "only"}, 20)
    c = c.suggest(2)
    assert [t.numbers["pressure"] for t in c.open] == pytest.approx([2e5, 2e5])
    for _ in range(4):
        c = c.tell({"temperature": 50, "base": "KOH", "pressure": 2, "vessel": "only"}, 20)
    assert len(c.suggest(2).last) == 2
    assert c.status()["counts"]["done"] == 5


def test_costs_and_budget():
    variables = (categorical("ligand", ["a", "b"], costs={"b": 30}), continuous("x", 0, 1))
    c = Campaign.new("test", variables, [YIELD], settings=CampaignSettings(planner="space_filling", cost=10, currency="EUR", budget=65))
    c = c.suggest(4)
    assert sum(t.cost for t in c.open) == c.spent <= 65
    assert len(c.open) < 4
    assert "beyond the budget" in c.words[-1]
    for t in c.open:
        assert t.cost == (40.0 if t.levels["ligand"] == "b" else 10.0)
        c = c.tell(t.id, 5, cost=t.cost + 1)
    while not c.verdict.stop:
        c = c.suggest(1)
        if not c.last:
            break
        c = c.tell(c.last[0], 5)
    assert c.spent <= 65
    more = c.suggest(1, anyway=True)
    assert len(more.last) == 1


def test_stop_by_number_target_and_space():
    c = campaign(settings=CampaignSettings(planner="space_filling", max_trials=3)).suggest(5)
    assert len(c.last) == 3
    assert c.suggest(1).words == ("nothing is proposed: all 3 experiments are made or under way",)
    reached = campaign((objective("yield", "maximise", "%", target=90),)).tell(settings_of(), 91)
    assert reached.verdict.rule == "target"
    assert "t1 reaches what was wanted: yield 91 %" in reached.verdict.words
    limited = campaign((objective("yield", "maximise", "%", target=90), objective("impurity", "at_most", "%", target=1)))
    assert not limited.tell(settings_of(), {"yield": 95, "impurity": 2}).verdict.stop
    assert limited.tell(settings_of(), {"yield": 95, "impurity": "0.5 %"}).verdict.stop
    small = Campaign.new("s", [categorical("a", ["x", "y"])], [YIELD], settings=CampaignSettings(initial=1))
    small = small.tell({"a": "x"}, 5).tell({"a": "y"}, 6).suggest(1)
    assert small.last == ()
    assert "every" in small.words[-1]
    few = Campaign.new("s", [categorical("a", ["x", "y", "z"])], [YIELD], settings=CampaignSettings(initial=1)).tell({"a": "x"}, 5).suggest(5)
    assert len(few.last) == 2
    assert few.words[-1] == "2 of 5 are proposed: the space holds no more that were not tried"


@pytest.mark.parametrize(("worth", "ends"), [(0.001, True), (1000.0, False)])
def test_stop_when_nothing_is_worth_its_cost(worth, ends):
    c = campaign((objective("yield", "maximise", "%", worth=worth),), CampaignSettings(initial=4, cost=40, currency="EUR"))
    c = planned(c, lambda p: 20 + 20 * (p["base"] == "KOH") + (p["temperature"] - 303) / 3, batches=2, n=4)
    c = c.suggest(1)
    assert (c.last == ()) == ends
    assert any(w.endswith("and costs 40") and "EUR" in w for w in c.words)


def test_stop_when_the_gain_is_a_small_share():
    c = planned(campaign(settings=CampaignSettings(initial=4, stop_gain=1.0)), lambda p: 20 + 20 * (p["base"] == "KOH"), batches=2, n=4)
    assert c.suggest(1).last == ()
    assert len(c.suggest(1, anyway=True).last) == 1


def test_reactors_have_slots_and_limits_of_their_own():
    places = (ReactorPlace("cold", 2, ("temperature <= 60 degC",)), ReactorPlace("hot", 1, ("temperature >= 90 degC", 'base != "Et3N"')))
    c = campaign(reactors=places).suggest(5)
    assert sorted(t.reactor for t in c.open) == ["cold", "cold", "hot"]
    assert "3 of 5 are proposed" in c.words[0]
    for t in c.open:
        assert (t.numbers["temperature"] <= 333.15 + 1e-6) if t.reactor == "cold" else (t.numbers["temperature"] >= 363.15 - 1e-6)
    assert c.suggest(1).last == ()
    hot = next(t.id for t in c.open if t.reactor == "hot")
    d = c.tell(hot, 5).suggest(3)
    assert [d.trial(t).reactor for t in d.last] == ["hot"]
    with pytest.raises(InputError, match="no reactor 'hto'"):
        c.suggest(1, reactor="hto")
    with pytest.raises(InputError, match="constraints"):
        campaign(reactors=[ReactorPlace("none", 1, ("temperature <= 0 degC",))])


def test_a_pending_experiment_is_not_proposed_again():
    c = planned(campaign(settings=QUICK), lambda p: 20 + 20 * (p["base"] == "KOH"), 1).suggest(3).suggest(3)
    assert len({tuple(t.point.values()) for t in c.trials}) == len(c.trials)


def test_experiments_of_ones_own_may_be_planned_and_repeated():
    c = campaign(settings=CampaignSettings(cost=7)).plan(settings_of())
    assert (c.trials[0].origin, c.trials[0].state, c.spent) == ("user", "open", 7.0)
    d = c.tell("t1", 50).plan("t1", 2)
    assert [t.point for t in d.open] == [c.trials[0].point] * 2
    assert {t.origin for t in d.open} == {"replicate"}
    for wrong, said in (
        ({**settings_of(), "equiv": 1.7}, "'equiv' takes 1, 1.5, 2"),
        ({**settings_of("130 degC")}, "outside 30 to 120"),
        ({"base": "KOH"}, "not told"),
        ({**settings_of(), "pH": 7}, "no variable"),
    ):
        with pytest.raises(InputError, match=said):
            c.plan(wrong)
    with pytest.raises(InputError, match="not allowed"):
        campaign(constraints=[forbidden(base="KOH")]).plan(settings_of())


def test_warm_start_borrows_under_an_offset():
    rich = (YIELD, objective("E-factor", "minimise"))
    old = Campaign.new("old", (*VARIABLES, categorical("stirrer", ["a", "b"])), rich, settings=SPREAD)
    for k, base in enumerate(("KOH", "K2CO3", "Et3N")):
        old = old.tell({**settings_of(base=base), "stirrer": "a"}, {"yield": 30 + k, "E-factor": 5})
    c = campaign(variables=(VARIABLES[0], categorical("base", ["KOH", "K2CO3"]), VARIABLES[2], discrete("scale", [10])), settings=CampaignSettings()).warm_start(old)
    assert [t.id for t in c.record.borrowed] == ["old:t1", "old:t2"]
    assert any("Et3N" in w for w in c.words)
    assert any("stirrer varied there" in w for w in c.words)
    assert observe(c.record, c.space).task.tolist() == [1, 1]
    assert c.best() is None
    d = c.suggest(1)
    assert d.trial("t1").origin == "planner"  # no start is needed: there is something to learn from
    with pytest.raises(InputError, match="no experiment of 'old' fits"):
        c.warm_start(old)
    with pytest.raises(InputError, match="measured none of"):
        campaign((objective("purity", "maximise", "%"),)).warm_start(old)
    with pytest.raises(InputError, match="did not have it"):
        campaign(variables=(*VARIABLES, discrete("scale", [10, 20]))).warm_start(old)


def test_a_mechanism_as_prior_mean_is_asked_and_believed():
    class Mechanism:
        def prior_mean(self, points):
            mean = np.array([[1 - ((p["temperature"] - 350) / 50) ** 2] for p in points])
            return mean, np.full(mean.shape, 0.1)

    c = Campaign.new("m", [continuous("temperature", "30 degC", "120 degC")], [YIELD], prior=Mechanism())
    c = c.suggest(1)
    assert c.trials[0].numbers["temperature"] == pytest.approx(350, abs=20)
    assert c.tell("t1", 90).suggest(1).last == ("t2",)
    with pytest.raises(InputError, match="prior_mean"):
        Campaign.new("m", [continuous("temperature", "30 degC", "120 degC")], [YIELD], prior=3)


def test_a_prior_that_plans_is_left_to_it():
    from chemwright.experiment.planning import propose

    asked = []

    class Planner:
        def prior_mean(self, points):
            return np.zeros((len(points), 1)), np.ones((len(points), 1))

        def propose(self, space, seen, objectives, n, *, pending=None, settings=None, seed=0, base_cost=1.0):
            asked.append((len(seen), n, len(pending), base_cost))
            return attrs.evolve(propose(space, seen, objectives, n, pending=pending, settings=settings, seed=seed), notes=("the mechanism plans",))

    c = campaign(settings=CampaignSettings(cost=5), prior=Planner()).suggest(2).tell("t1", 50).suggest(1)
    assert asked == [(0, 2, 0, 5.0), (1, 1, 1, 5.0)]
    assert c.words[0] == "the mechanism plans"


def test_a_fidelity_with_its_costs_is_used():
    cheap = discrete("fidelity", [0.5, 1.0], costs={0.5: -8.0}, role="fidelity")
    c = Campaign.new("f", [continuous("x", 0, 1), cheap], [YIELD], settings=CampaignSettings(initial=4, cost=10, currency="EUR"))
    c = planned(c, lambda p: 60 - 100 * (p["x"] - 0.4) ** 2 - 5 * (p["fidelity"] < 1), batches=3, n=4)
    assert {t.cost for t in c.trials} <= {2.0, 10.0}
    assert {t.numbers["fidelity"] for t in c.trials} == {0.5, 1.0}
    c = c.tell({"x": 0.9, "fidelity": 0.5}, 99)
    assert c.trial(c.best().ids[0]).numbers["fidelity"] == 1.0  # a screen is not the best, however good it looks


def test_two_objectives_a_front_and_a_limit():
    two = (YIELD, objective("E-factor", "minimise"), objective("impurity", "at_most", "%", target=1))
    c = campaign(two)
    for temperature, y, e, i in ((40, 30, 5, "0.5 %"), (60, 50, 9, "0.5 %"), (80, 45, 10, "0.5 %"), (100, 90, 2, 5), (50, 30, 7, "0.1 %")):
        c = c.tell(settings_of(f"{temperature} degC"), {"yield": y, "E-factor": e, "impurity": i})
    assert [[t.id for t in group] for group in c.front()] == [["t2"], ["t1"]]
    assert c.best("E-factor").ids == ("t1",)
    with pytest.raises(InputError, match="did you mean 'yield'"):
        c.best("yeild")
    planned_ = Campaign.new("p", VARIABLES, two, settings=QUICK)
    planned_ = planned(planned_, lambda p: {"yield": 20 + 20 * (p["base"] == "KOH"), "E-factor": 5 + p["equiv"], "impurity": f"{p['equiv'] / 2} %"})
    assert len(planned_.suggest(2).last) == 2


def test_a_target_is_met_from_both_sides():
    c = campaign((objective("viscosity", "target", "mPa s", target=5),))
    for temperature, v in ((40, 9), (60, 5.5), (80, 4), (100, 1)):
        c = c.tell(settings_of(f"{temperature} degC"), v)
    assert c.best().ids == ("t2",)


def test_it_finds_the_best_of_a_small_world():
    def truth(p):
        return 100 * math.exp(-(((p["temperature"] - 365) / 30) ** 2)) * (0.6 + 0.4 * (p["base"] == "K2CO3")) * (0.8 + 0.1 * p["equiv"])

    c = planned(Campaign.new("w", VARIABLES, [YIELD], seed=4), truth, batches=5, n=4)
    assert c.best().values["yield"] > 0.95
    assert c.trial(c.best().ids[0]).levels["base"] == "K2CO3"
