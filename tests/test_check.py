"""`check`: our numbers beside published ones; every one passes, says its source, and a wrong one fails the command."""

import json
import math

import pytest
from attrs import evolve
from typer.testing import CliRunner

from chemwright.cli.app import app
from chemwright.errors import ConvergenceError, InputError
from chemwright.loop.check import all_checks, run_checks
from chemwright.model.check import Check, run_check

CHECK = Check("group.one", "model", "a number", "1", 2.0, 0.1, "because", "analytic", lambda: 2.05)
QUICK = (
    "ishigami",
    "correlated-gaussian",
    "property",
    "thermo",
    "n-butane",
    "n-butane-adiabatic",
    "three-states",
    "van-de-vusse",
    "ammonia",
    "hydrogen-bromide",
    "acetic-acid",
    "langmuir",
    "williams-otto",
    "gas",
    "packed-bed",
    "klatt-engell",
    "gray-scott",
    "counter-current",
)


def run(*arguments):
    return CliRunner().invoke(app, ["check", *arguments])


@pytest.fixture
def fake(monkeypatch):
    """A good, a wrong and a failing check in the place of the real ones."""

    def fails():
        raise ConvergenceError("no luck", fix="try again")

    checks = (CHECK, evolve(CHECK, name="group.two", run=lambda: 2.11), evolve(CHECK, name="other.three", run=fails))
    monkeypatch.setattr("chemwright.loop.check.all_checks", lambda: checks)


@pytest.mark.parametrize("group", QUICK)
def test_published_numbers_come_out(group):
    outcomes = run_checks(group)
    assert outcomes
    assert [(o.check.name, o.ours, o.error) for o in outcomes if not o.passed] == []


def test_hones_constants_come_back_from_three_decades_away():
    outcomes = run_checks("hone2017")
    assert len(outcomes) == 4
    for o in outcomes:
        assert o.passed
        assert o.ours != o.check.published  # computed, not copied
    assert sum(o.seconds for o in outcomes) < 60


def test_every_check_says_where_its_number_stands_and_why_its_tolerance():
    checks = all_checks()
    assert len(checks) >= 30
    assert len({c.name for c in checks}) == len(checks)
    assert {c.room for c in checks} >= {"model", "property", "thermo", "kinetics"}
    for c in checks:
        assert c.source
        assert c.because
        assert c.tolerance <= max(0.06 * abs(c.published), 0.02), c.name


def test_groups_cover_all_checks():
    names = {c.name for c in all_checks()}
    assert {c.name for g in (*QUICK, "hone2017") for c in all_checks() if g in (c.room, c.name.partition(".")[0])} == names


def test_the_tolerance_is_inclusive_and_what_is_not_a_number_fails():
    assert run_check(evolve(CHECK, tolerance=0.5, run=lambda: 2.5)).passed
    assert not run_check(evolve(CHECK, run=lambda: 1.89)).passed
    nan = run_check(evolve(CHECK, run=lambda: math.nan))
    assert (nan.ours, nan.passed, nan.error) == (None, False, "the result is nan")
    with pytest.raises(ZeroDivisionError):
        run_check(evolve(CHECK, run=lambda: 1 / 0))


@pytest.mark.parametrize("change", [{"source": ""}, {"because": ""}, {"published": math.nan}, {"tolerance": -1.0}, {"tolerance": math.inf}], ids=str)
def test_a_check_without_source_reason_or_number_is_refused(change):
    with pytest.raises(InputError, match=r"group\.one"):
        evolve(CHECK, **change)


def test_progress_is_told():
    told = []
    run_checks("correlated-gaussian", lambda text, fraction: told.append((text, fraction)))
    assert told == [("correlated-gaussian.shapley-x1", 0.0)]


def test_one_that_fails_fails_the_command(fake):
    result = run("--json")
    assert result.exit_code == 1
    out = json.loads(result.stdout)
    assert (out["passed"], out["failed"]) == (1, 2)
    assert {"name", "room", "ours", "published", "tolerance", "unit", "passed", "source", "seconds"} <= set(out["checks"][0])
    assert [c["passed"] for c in out["checks"]] == [True, False, False]
    assert out["checks"][2]["ours"] is None
    assert "no luck" in out["checks"][2]["error"]
    human = run()
    assert human.exit_code == 1
    for text in ("group.two", "FAILED", "no luck", "1 passed, 2 failed"):
        assert text in human.stdout


def test_only_takes_a_name_a_group_or_a_room(fake):
    assert run("--only", "group.one").exit_code == 0
    assert len(json.loads(run("--only", "group", "--json").stdout)["checks"]) == 2
    assert len(json.loads(run("--only", "model", "--json").stdout)["checks"]) == 3
    wrong = run("--only", "group.on", "--json")
    assert wrong.exit_code == 2
    assert "'group.one'" in json.loads(wrong.stdout)["error"]["fix"]


def test_a_real_check_at_the_command_line():
    result = run("--only", "azeotrope.ethanol-water")
    assert result.exit_code == 0
    assert "351.2" in result.stdout
    assert "Horsley" in " ".join(result.stdout.split())
    assert "1 passed, 0 failed" in result.stdout
