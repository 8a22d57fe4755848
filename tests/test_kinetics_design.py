"""``chemwright kinetics design``: tables, JSON, pictures, what is asked wrongly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from chemwright.cli import kinetics_design, main  # noqa: F401  (it registers its command)
from chemwright.cli.app import app
from chemwright.errors import InputError
from chemwright.experiment.design.ask import asked, span
from chemwright.experiment.design.run import Wish, designed
from chemwright.kinetics.models_file import read_models

RIVALS = """
species = ["A", "B", "P", "S"]
temperature = "70 degC"

[[reaction]]
id = "r1"
text = "A + B -> P"
k = { value = "5e-3 L/(mol s)", decades = 0.4, Ea = "60 kJ/mol", Ea_std = "10 kJ/mol" }

[[model]]
name = "decay"
[[model.reaction]]
id = "r2"
text = "P -> S"
k = { value = "5e-4 1/s", decades = 0.4, Ea = "80 kJ/mol", Ea_std = "10 kJ/mol" }

[[model]]
name = "over-reaction"
[[model.reaction]]
id = "r2"
text = "P + B -> S"
k = { value = "1e-3 L/(mol s)", decades = 0.4, Ea = "80 kJ/mol", Ea_std = "10 kJ/mol" }
"""
RUNS = """run,time [min],temperature [degC],feed_A [mol/L],feed_B [mol/L],P [mol/L]
one,5,60,0.5,0.5,0.19
one,20,60,0.5,0.5,0.29
two,10,80,0.5,0.5,0.29
two,30,80,0.5,0.5,0.21
"""
WISH = Wish(feed=("A=0.1..1 mol/L", "B=0.1..2 mol/L"), temperature="40..90 degC", time="1..30 min", read=("P",), runs=1, robust=1)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A file of two rivals."""
    path = tmp_path / "rivals.toml"
    path.write_text(RIVALS)
    return path


def options(*more: str) -> list[str]:
    """The region of :data:`WISH` on the command line."""
    return ["--feed", "A=0.1..1 mol/L", "--feed", "B=0.1..2 mol/L", "--temperature", "40..90 degC", "--time", "1..30 min", "-n", "1", "--robust", "1", *more]


def test_rivals_are_told_apart_by_a_table_json_and_picture(models: Path, tmp_path: Path) -> None:
    """Exit 0; the table names run and rivals; the JSON holds what both expect; the picture stands alone."""
    shown = CliRunner().invoke(app, ["kinetics", "design", str(models), *options("--read", "P", "--plot", str(tmp_path / "plot"))])
    assert shown.exit_code == 0, shown.output
    assert "over-reaction" in shown.output
    assert "0.693 nats that are open" in " ".join(shown.output.split())
    assert (tmp_path / "plot" / "design.svg").read_text().startswith("<svg xmlns=")
    told = CliRunner().invoke(app, ["kinetics", "design", str(models), *options("--read", "P", "--criterion", "BH", "--json")])
    result = json.loads(told.stdout)
    assert result["criterion"] == "BH"
    run = result["runs"][0]
    assert 0.1 <= run["feed.A"] <= 1
    assert 40 <= run["temperature"] <= 90
    assert set(result["expected"]) == {"decay", "over-reaction"}


def test_three_samples_of_a_batch_are_placed_in_order_and_leave_less_open(models: Path) -> None:
    """D-optimal: times rise, every parameter is surer after, and information is positive."""
    result = designed(models, None, Wish(**{**as_dict(WISH), "model": "decay", "samples": 3, "read": ("P", "S")}))
    run = result["runs"][0]
    assert run["time.1"] <= run["time.2"] + 1e-6
    assert run["time.2"] <= run["time.3"] + 1e-6
    assert result["gain"] > 1
    assert all(p["std_after"] <= p["std"] * (1 + 1e-9) for p in result["parameters"])
    assert len(result["expected"][0]) == 6


def test_a_figure_gets_surer(models: Path) -> None:
    """The yield at given conditions: its standard deviation falls by more than half with one run, and the conditions are told."""
    wish = Wish(
        **{**as_dict(WISH), "model": "decay", "figure": "yield(P/A)", "at": ("temperature=80 degC", "time=20 min", "A=0.5 mol/L", "B=1 mol/L"), "noise": ("P=0.005 mol/L",)}
    )
    result = designed(models, None, wish)
    assert result["criterion"] == "figure"
    assert result["figure"]["std_after"] < 0.5 * result["figure"]["std"]
    assert result["figure"]["what"] == "yield(P/A) at temperature=80 degC, time=20 min, A=0.5 mol/L, B=1 mol/L"


def test_runs_that_were_made_come_first(models: Path, tmp_path: Path) -> None:
    """With --after the rivals are fitted: their probabilities are no longer alike, and the noise is the fit's."""
    data = tmp_path / "runs.csv"
    data.write_text(RUNS)
    result = designed(models, data, Wish(**{**as_dict(WISH), "read": ()}))
    assert result["after"] == 2
    assert result["readings"][0]["name"] == "P"
    p = [r["probability"] for r in result["rivals"]]
    assert sum(p) == pytest.approx(1)
    assert abs(p[0] - p[1]) > 1e-3


def test_limits_and_costs_are_kept(models: Path) -> None:
    """A + B at most 0.8 mol/L; hours cost, so the run is short of the longest."""
    wish = Wish(**{**as_dict(WISH), "model": "decay", "limits": ("A + B <= 0.8 mol/L",), "run_cost": 1.0, "hour_cost": 200.0})
    run = designed(models, None, wish)["runs"][0]
    assert run["feed.A"] + run["feed.B"] <= 0.8 + 1e-6
    assert run["cost"] == pytest.approx(1 + 200 * run["time"] / 3600)
    assert run["time"] < 1500


def as_dict(wish: Wish) -> dict[str, Any]:
    """Fields of a wish."""
    from attrs import asdict

    return asdict(wish)


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("40..90 degC", "K", 313.15, 363.15),
        ("1 min..2 h", "s", 60, 7200),
        ("0.5 mol/L", "mol/m^3", 500, 500),
        ("1e-2..1e-1 mol/L", "mol/m^3", 10, 100),
        ("-10..5 degC", "K", 263.15, 278.15),
    ],
)
def test_ranges_are_read(text: str, unit: str, low: float, high: float) -> None:
    """One unit for both ends, or one each; exponents and signs."""
    assert span(text, unit, "x") == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"feed": ("X=1 mol/L",)}, "no feed of the network"),
        ({"feed": ()}, "nothing is fed"),
        ({"feed": ("A=1..0.1 mol/L",)}, "goes down"),
        ({"time": "0..30 min"}, "begin above zero"),
        ({"temperature": "40..90 kg"}, "kg"),
        ({"read": ()}, "nothing is read"),
        ({"read": ("Q",)}, "has not"),
        ({"criterion": "Z"}, "unknown criterion"),
        ({"criterion": "D"}, "2"),
        ({"criterion": "MI", "model": "decay"}, "one model"),
        ({"samples": 3, "reactor": "plug_flow"}, "one steady state"),
        ({"limits": ("A * B <= 1 mol/L",)}, "can't read"),
        ({"noise": ("Q=1 mol/L",)}, "is not read"),
        ({"model": "decay", "figure": "yield(P/A)", "at": ("pressure=1 bar",)}, "no condition"),
        ({"limits": ("A <= 0.01 mol/L",)}, "no condition keeps"),
    ],
    ids=lambda v: str(v)[:28] if isinstance(v, dict) else "",
)
def test_what_is_asked_wrongly_is_told(models: Path, change: dict[str, Any], words: str) -> None:
    """Plain messages that name the option."""
    from chemwright.errors import ChemwrightError

    with pytest.raises(ChemwrightError, match=words):
        designed(models, None, Wish(**{**as_dict(WISH), **change}))


def test_constants_that_nobody_gave_need_runs(tmp_path: Path) -> None:
    """Without k and without runs there is no scale to design on."""
    path = tmp_path / "bare.toml"
    path.write_text('[[reaction]]\ntext = "A -> P"\n')
    with pytest.raises(InputError, match="gives no k"):
        designed(path, None, Wish(**{**as_dict(WISH), "feed": ("A=1 mol/L",)}))


def test_the_command_ends_with_one_message_for_an_error(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1 or 2, nothing on stdout but JSON when asked."""
    with pytest.raises(SystemExit) as ended:
        main(["kinetics", "design", str(models), *options("--read", "Q")])
    assert ended.value.code == 2
    assert "Q" in capsys.readouterr().err


def test_the_region_of_a_scheme(models: Path) -> None:
    """Names, bounds, and feeds set in the species' order."""
    scheme = read_models(models).named("decay")[1]
    region = asked(scheme, "batch", ["B=0.2..1 mol/L"], "50 degC", "1..5 min", 2)
    assert region.region.names == ("feed.B", "temperature", "time.1", "time.2")
    conditions = region.setting(np.array([500.0, 323.15, 60.0, 120.0]))
    assert conditions.feed[scheme.species.index("B")] == 500.0
    assert conditions.times == [60.0, 120.0]
