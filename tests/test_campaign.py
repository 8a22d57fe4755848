"""Campaigns as users meet them: suggesting, telling, what survives, where it stands. A cheap planner where its choices don't matter."""

import math
import tomllib
from pathlib import Path

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chemwright as cw
from chemwright.errors import InputError, UnitError
from chemwright.experiment import Campaign, categorical, continuous, discrete, forbidden, mixture, objective
from chemwright.experiment.campaign_file import CAMPAIGN, OBJECTIVE, VARIABLE, campaign_of, read_campaign
from chemwright.experiment.draft import campaign_toml
from chemwright.experiment.drift import corrected, drift_of
from chemwright.experiment.observations import observe, pooled
from chemwright.experiment.replicates import noise_of
from chemwright.experiment.rules import make_rule
from chemwright.experiment.template import TEMPLATES, template
from chemwright.record import CampaignSettings, Constraint, Objective, ReactorPlace, from_json, to_json

SPREAD = CampaignSettings(planner="space_filling")
VARIABLES = (continuous("temperature", "30 degC", "120 degC"), categorical("base", ["KOH", "K2CO3", "Et3N"]), discrete("equiv", [1, 1.5, 2]))
YIELD = objective("yield", "maximise", "%", low=0, high=100)


def campaign(objectives=(YIELD,), settings=SPREAD, variables=VARIABLES, **more):
    return Campaign.new("test", variables, objectives, settings=settings, **more)


def settings_of(temperature="80 degC", base="KOH", equiv=1.5):
    return {"temperature": temperature, "base": base, "equiv": equiv}


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


def test_the_same_seed_proposes_the_same_and_batches_differ():
    assert [t.point for t in campaign(seed=1).suggest(4).trials] == [t.point for t in campaign(seed=1).suggest(4).trials]
    assert [t.point for t in campaign(seed=1).suggest(4).trials] != [t.point for t in campaign(seed=2).suggest(4).trials]
    c = campaign().suggest(3).suggest(3)
    assert len({tuple(t.point.values()) for t in c.trials}) == 6
    assert [t.batch for t in c.trials] == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize(
    ("given", "stored", "std"),
    [("85 %", 0.85, None), (85, 0.85, None), ("85 +/- 2 %", 0.85, 0.02), ("85 ± 2", 0.85, 0.02), ("0.85 1", 0.85, None), (cw.Value(85, "%", 3), 0.85, 0.03), (np.float64(12.5), 0.125, None), ("0.4 %", 0.004, None), (101, 1.01, None)],
    ids=str,
)  # fmt: skip
def test_figures_come_in_the_users_unit(given, stored, std):
    t = campaign().suggest(1).tell("t1", given).trials[0]
    assert t.results["yield"] == pytest.approx(stored)
    assert t.stds.get("yield") == (None if std is None else pytest.approx(std))


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (0.85, InputError, "could be 0.85 % or 85 %"),
        ("0.85", InputError, "could be"),
        (150, InputError, "above what"),
        (-20, InputError, "below what"),
        ("85 bar", UnitError, "'bar'"),
        ("much", InputError, "number"),
        (True, InputError, "no number"),
        (math.inf, InputError, "finite"),
        ([1], InputError, "no number"),
    ],
    ids=str,
)
def test_figures_that_can_not_be_are_refused(given, error, said):
    with pytest.raises(error, match=said) as caught:
        campaign().suggest(1).tell("t1", {"yield": given})
    assert caught.value.where == "tell, yield"
    assert caught.value.fix


def test_units_may_differ_between_batches_when_they_are_written():
    c = campaign().tell(settings_of("80 degC"), "80 %").tell(settings_of("353.15 K", "K2CO3"), "0.7 1").tell(settings_of("176 degF", "Et3N"), 60)
    assert [t.numbers["temperature"] for t in c.trials] == pytest.approx([353.15] * 3)
    assert [t.results["yield"] for t in c.trials] == pytest.approx([0.8, 0.7, 0.6])
    with pytest.raises(InputError, match=r"could be 353\.15 degC or 353\.15 K"):
        c.tell(settings_of(353.15), 80)


def test_contradictory_replicates_are_flagged_and_worded():
    c = campaign()
    rng = np.random.default_rng(0)
    for k, base in enumerate(("KOH", "K2CO3", "Et3N")):
        for equiv in (1, 1.5, 2):
            for _ in range(2):
                c = c.tell(settings_of(base=base, equiv=equiv), 50 + 10 * k + rng.normal(0, 1), when=0)
    assert c.status()["words"] == ["temperature had one value in all experiments: its effect is not known"]
    c = c.tell(settings_of("60 degC"), 20, when=0).tell(settings_of("60 degC"), 70, when=0)
    (words,) = [w for w in c.status()["words"] if "same experiment" in w]
    assert words.startswith("t19 and t20 are the same experiment and gave yield 20 and 70 %")
    noise = noise_of(c.seen, 0, None)
    assert noise.std == pytest.approx(0.01, rel=0.6)  # the contradictory pair is left out
    assert noise.contradictory == (("t19", "t20"),)
    assert c.best().std == pytest.approx(noise.std / math.sqrt(2))


def test_a_told_noise_judges_a_single_pair():
    c = campaign((objective("yield", "maximise", "%", std=2),))
    c = c.tell(settings_of(), 50).tell(settings_of(), 53)
    assert noise_of(c.seen, 0, 0.02).contradictory == ()
    assert noise_of(c.tell(settings_of(), 75).seen, 0, 0.02).contradictory == (("t1", "t2", "t3"),)


def test_replicates_are_pooled_with_their_weights():
    c = campaign().tell(settings_of(), "50 +/- 1 %").tell(settings_of(), "56 +/- 2 %").tell(settings_of("90 degC"), "40 %")
    assert [t.origin for t in c.trials] == ["user", "replicate", "user"]
    one = pooled(c.seen)
    assert one.values[:, 0] == pytest.approx([(50 / 1 + 56 / 4) / 1.25 / 100, 0.4])
    assert one.stds[0, 0] == pytest.approx(0.01 * math.sqrt(1 / 1.25))
    assert one.counts.tolist() == [2, 1]


def planned(c, truth, batches=2, n=3):
    """Let it run with its own planner."""
    for b in range(batches):
        c = c.suggest(n)
        for name in c.last:
            c = c.tell(name, truth(c.trial(name).point), when=3600.0 * b)
    return c


QUICK = CampaignSettings(initial=3)


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


def test_a_nan_of_the_only_figure_counts_as_not_run():
    c = campaign().suggest(2).tell("t1", math.nan)
    assert c.trial("t1").state == "abandoned"
    assert "tell it as failed if its conditions were to blame" in c.words[0]
    two = campaign((YIELD, objective("E-factor", "minimise"))).suggest(1).tell("t1", {"yield": 50, "E-factor": ""})
    assert two.trial("t1").results == {"yield": 0.5}
    assert np.isnan(two.seen.values[0, 1])


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


def test_a_setting_outside_is_data_a_far_one_a_slip():
    c = campaign().tell(settings_of("125 degC"), 40)
    assert any("t1 is learned from although temperature is outside its bounds" in w for w in c.status()["words"])
    assert all(t.numbers["temperature"] <= 393.15 + 1e-9 for t in c.suggest(5).open)
    with pytest.raises(InputError, match="far outside"):
        campaign().tell(settings_of("300 degC"), 40)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**settings_of(base="NaOH"), "yield": 1}, "no level of 'base'"),
        ({"temperature": 80, "base": "KOH", "yield": 2}, "'equiv' is not told"),
        ({**settings_of(), "yeild": 2}, "did you mean 'yield'"),
        (settings_of(), "nothing is told"),
        ({"id": "t7", "yield": 2}, "there is no experiment 't7'"),
        ({**settings_of("nan"), "yield": 2}, "no value"),
        ({**settings_of(), "yield": 2, "failed": "perhaps"}, "yes nor no"),
        ({**settings_of(), "yield": 2, "cost": "-3"}, "no cost"),
        ({**settings_of(), "yield": 2, "std yield": "-1"}, "standard deviation"),
    ],
    ids=range(9),
)
def test_what_can_not_be_told_is_refused_and_nothing_is_entered(row, said):
    c = campaign()
    with pytest.raises(InputError, match=said) as caught:
        c.tell_rows([{**settings_of(), "yield": 5}, row], where=["a.csv, row 2", "a.csv, row 3"])
    assert caught.value.where.startswith("a.csv, row 3")
    assert c.trials == ()


def test_telling_twice_changes_nothing_and_otherwise_needs_replace():
    c = campaign().suggest(1).tell("t1", 80, when=5)
    again = c.tell("t1", "80 %", when=9)
    assert again.record == c.record
    assert again.words == ("t1 was told so before: nothing changed",)
    with pytest.raises(InputError, match="t1 was told before"):
        c.tell("t1", 81)
    assert c.tell("t1", 81, replace=True).trial("t1").results == {"yield": 0.81}
    assert c.fail("t1", replace=True).trial("t1").state == "failed"


def test_told_settings_find_their_open_trial_and_what_was_really_set_is_kept():
    c = campaign().suggest(2)
    point = c.trial("t2").point
    d = c.tell({"temperature": f"{point['temperature']:.2f} K", "base": point["base"], "equiv": point["equiv"]}, 50)
    assert [t.state for t in d.trials] == ["open", "done"]
    e = c.tell({"id": "t1", "temperature": "77 degC", "yield": 30})
    assert e.trial("t1").numbers["temperature"] == pytest.approx(350.15)
    assert e.words == ("t1 is kept with the settings told: temperature",)


def test_abandon():
    c = campaign().suggest(2).abandon("t1", "no catalyst left")
    assert (c.trial("t1").state, c.spent) == ("abandoned", 1.0)
    assert c.abandon("t1").record == c.record
    with pytest.raises(InputError, match="has ended"):
        c.tell("t2", 5).abandon("t2")
    with pytest.raises(InputError, match="no experiment 't3'"):
        c.abandon("t3")


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


def test_controls_come_back_and_show_drift():
    c = campaign(settings=CampaignSettings(planner="space_filling", control_every=3))
    day = 0.0
    while len(c.trials) < 20:
        c = c.suggest(1)
        t = c.trial(c.last[0])
        c = c.tell(t.id, 50 + 5 * (t.levels["base"] == "KOH") - 2.0 * day + 0.05 * math.sin(37 * day), when=86400 * day)
        day += 0.5
    controls = [t.id for t in c.trials if t.origin == "control"]
    assert len(controls) == 4
    assert all(c.trial(t).point == c.trial("t1").point for t in controls)
    found = drift_of(c.seen, 0, c.space)
    assert found.basis == "controls"
    assert found.slope == pytest.approx(-0.02, rel=0.1)
    assert any(w.startswith(("yield drifts: repeated experiments say -2", "yield drifts: repeated experiments say -1.9")) for w in c.status()["words"])
    mended = corrected(c.seen, [found])
    same = [i for i, t in enumerate(mended.ids) if t in ("t1", *controls)]
    assert np.ptp(mended.values[same, 0]) < 0.1 * np.ptp(c.seen.values[same, 0])


def test_drift_is_seen_by_the_model_without_controls_and_not_where_there_is_none():
    rng = np.random.default_rng(3)
    flat, sloped = campaign(), campaign()
    for k in range(24):
        p = settings_of(f"{rng.uniform(30, 120):.3f} degC", ["KOH", "K2CO3", "Et3N"][k % 3], [1, 1.5, 2][k % 2])
        y = 40 + 10 * (p["base"] == "KOH") + 0.2 * float(p["temperature"].split()[0]) + rng.normal(0, 0.5)
        flat, sloped = flat.tell(p, y, when=86400.0 * k), sloped.tell(p, y - 0.5 * k, when=86400.0 * k)
    assert not drift_of(flat.seen, 0, flat.space).real
    found = drift_of(sloped.seen, 0, sloped.space)
    assert (found.basis, found.real) == ("model", True)
    assert found.slope == pytest.approx(-0.005, abs=3 * found.std)


def test_a_batch_that_reads_low_is_told():
    rng, c = np.random.default_rng(5), campaign()
    for batch in range(5):
        for base in ("KOH", "K2CO3", "Et3N"):
            c = c.plan(settings_of(base=base))
            c = c.tell(c.last[0], 50 + 5 * (base == "KOH") - 6 * (batch == 2) + rng.normal(0, 0.5), when=86400.0 * (batch != 4) * batch)
        c = attrs.evolve(c, record=attrs.evolve(c.record, trials=tuple(attrs.evolve(t, batch=1 + i // 3) for i, t in enumerate(c.trials))))
    (words,) = [w for w in c.status()["words"] if "batch" in w]
    assert words.startswith("yield reads ")
    assert "lower in batch 3" in words
    flat = attrs.evolve(c, record=attrs.evolve(c.record, trials=tuple(attrs.evolve(t, results={"yield": 0.5 + 0.001 * math.sin(97 * i)}) for i, t in enumerate(c.trials))))
    assert not any("batch" in w for w in flat.status()["words"])


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


@given(st.text(max_size=30) | st.floats() | st.integers() | st.none() | st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_value_told_does_worse_than_a_plain_error(value):
    c = campaign()
    for row in ({**settings_of(), "yield": value}, {**settings_of(value), "yield": 50}, {**settings_of(base=value), "yield": 50}, {"id": value, "yield": 50}):
        try:
            told = c.tell(row)
        except (InputError, UnitError):
            continue
        assert len(told.trials) == 1
        from_json(to_json(told.record), type(told.record))


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_template_runs_as_it_stands(kind):
    record = campaign_of(tomllib.loads(template("my campaign", kind)), Path(), "campaign.toml")
    assert record.name == "my campaign"
    assert len(Campaign(record).suggest(2).last) == 2


FLOW = template("x", "flow")


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
