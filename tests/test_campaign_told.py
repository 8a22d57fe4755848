"""What users tell a campaign: units, repeats, failures, drift; what is odd is survived or refused in plain words."""

import math

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chemwright as cw
from campaign_example import YIELD, campaign, settings_of
from chemwright.errors import InputError, UnitError
from chemwright.experiment import objective
from chemwright.experiment.drift import corrected, drift_of
from chemwright.experiment.observations import pooled
from chemwright.experiment.replicates import noise_of
from chemwright.record import CampaignSettings, from_json, to_json


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


def test_a_nan_of_the_only_figure_counts_as_not_run():
    c = campaign().suggest(2).tell("t1", math.nan)
    assert c.trial("t1").state == "abandoned"
    assert "tell it as failed if its conditions were to blame" in c.words[0]
    two = campaign((YIELD, objective("E-factor", "minimise"))).suggest(1).tell("t1", {"yield": 50, "E-factor": ""})
    assert two.trial("t1").results == {"yield": 0.5}
    assert np.isnan(two.seen.values[0, 1])


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
    assert c.tell("t1", "80 %", when=9, replace=True).record == c.record
    assert c.tell("t1", "80 %", note="clear", replace=True).trial("t1").note == "clear"
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
