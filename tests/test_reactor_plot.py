"""Pictures of reactors: well-formed, complete, every steady state marked, in SVG and HTML."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chemwright.cli.app import app
from chemwright.kinetics.reactor_file import read_reactor, run_reactor, tank_curves_of
from test_reactor_heat import FOGLER, GRAY_SCOTT, THREE

EXAMPLES = Path(__file__).parents[1] / "examples"
SVG = "{http://www.w3.org/2000/svg}"
MUSHROOM = GRAY_SCOTT.replace("0 mol/m^3", "0.03 mol/m^3").replace("0.025 1/s", "0.02 1/s").replace("100 m^3", "10 m^3")


def draw(tmp_path, text, name="reactor.svg"):
    (tmp_path / "reactor.toml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["reactor", str(tmp_path / "reactor.toml"), "--plot", str(tmp_path / name)])
    assert result.exit_code == 0, result.stderr
    return (tmp_path / name).read_text(encoding="utf-8")


def texts(svg):
    return [t.text for t in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gas_bed", ["A", "B and C", "reactor", "jacket", "hottest place", "pressure", "pressure [bar]"]),
        ("counter_current", ["A", "B", "reactor", "jacket", "temperature [K]"]),
        ("fogler_isothermal", ["A", "B", "reactor", "volume [m^3]"]),
    ],
)
def test_profiles_of_the_examples(tmp_path, name, said):
    svg = draw(tmp_path, (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"))
    assert set(said) <= set(texts(svg))
    assert "var(" not in svg  # colours stand in place for viewers without CSS variables
    for line in ET.fromstring(svg).iter(f"{SVG}polyline"):
        assert len(line.get("points").split()) == 51


def marks(svg):
    return [e for e in ET.fromstring(svg).iter() if e.tag in (f"{SVG}circle", f"{SVG}rect") and e.get("class", "").startswith(("m ", "stroke "))]


@pytest.mark.parametrize("text", [THREE, GRAY_SCOTT, MUSHROOM], ids=["van Heerden", "isola", "mushroom"])
def test_all_three_states_are_marked(tmp_path, text):
    svg = draw(tmp_path, text)
    assert len(marks(svg)) == 3 + 3  # and once each in the legend
    assert {"reached by a start-up filled with feed", "stable", "unstable"} <= set(texts(svg))
    assert any("3 steady states, 2 stable" in (t or "") for t in texts(svg))


def test_heat_curves_cross_at_the_states(tmp_path):
    (tmp_path / "reactor.toml").write_text(THREE, encoding="utf-8")
    spec = read_reactor(tmp_path / "reactor.toml")
    curves = {k: np.array(v) for k, v in tank_curves_of(spec).items()}
    gap = curves["made"] - curves["removed"]
    crossings = curves["temperature"][:-1][gap[:-1] * gap[1:] < 0]
    assert crossings == pytest.approx([s["temperature"] for s in run_reactor(spec)["steady_states"]], abs=1.0)


def test_the_branch_goes_round_its_folds_to_the_end(tmp_path):
    """A long step once landed on the other limb beyond a fold and ran back: the branch must pass all four folds and leave at long residence times."""
    (tmp_path / "reactor.toml").write_text(MUSHROOM, encoding="utf-8")
    curves = tank_curves_of(read_reactor(tmp_path / "reactor.toml"))
    ln = np.log(curves["residence_time"])
    turns = int(np.sum(np.diff(np.sign(np.diff(ln))) != 0))
    assert turns == 4
    assert ln[-1] - np.log(10.0) > 6
    assert min(curves["A"]) < 1e-4 < max(curves["A"])


@pytest.mark.parametrize("text", [FOGLER, THREE], ids=["tube", "tank"])
def test_page_asks_nothing_of_the_network(tmp_path, text):
    page = draw(tmp_path, text, "reactor.html")
    assert page.startswith("<!DOCTYPE html>")
    assert "<figcaption>" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_other_endings_are_refused(tmp_path):
    (tmp_path / "reactor.toml").write_text(FOGLER, encoding="utf-8")
    result = CliRunner().invoke(app, ["reactor", str(tmp_path / "reactor.toml"), "--plot", str(tmp_path / "reactor.png")])
    assert result.exit_code == 2
    assert ".svg or .html" in result.stderr
    assert not (tmp_path / "reactor.png").exists()
