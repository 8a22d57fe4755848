"""Azeotropes, residue curves, phase diagrams as data and pictures, and `chemwright mix`."""

import csv
import importlib.util
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

from chemwright.cli import mix_commands  # noqa: F401  (it registers its commands)
from chemwright.cli.app import app
from chemwright.errors import InputError, UnitError
from chemwright.report.phase_chart import draw, write_diagram
from chemwright.thermo.ask import composition, conditions
from chemwright.thermo.azeotrope import azeotropes
from chemwright.thermo.diagram import Diagram, Line, binary
from chemwright.thermo.envelope_diagram import envelope_diagram
from chemwright.thermo.liquids import gap_diagram
from chemwright.thermo.local import Nrtl, Points
from chemwright.thermo.mixture import liquid_mixture, mixture, with_activity
from chemwright.thermo.residue import residue_curves, residue_map
from chemwright.thermo.ternary import binodal_diagram, residue_diagram

ROOT = Path(__file__).resolve().parents[1]
ATM = 101325.0


@pytest.fixture(scope="module")
def ternary():
    return liquid_mixture(["acetone", "chloroform", "methanol"], "unifac")


def ask(*words):
    return CliRunner().invoke(app, ["mix", *words])


@pytest.mark.parametrize(
    ("names", "model", "x", "T", "kind"),
    [
        (["ethanol", "water"], "unifac", 0.892, 351.3, "minimum"),  # the list of azeotropes from ThermoML, benchmarks/data/azeotropes.csv
        (["benzene", "cyclohexane"], "unifac", 0.539, 350.7, "minimum"),
        (["acetone", "chloroform"], "nrtl", 0.349, 337.7, "maximum"),
    ],
    ids=["ethanol-water", "benzene-cyclohexane", "acetone-chloroform"],
)
def test_known_azeotropes_are_found(names, model, x, T, kind):
    (found,) = azeotropes(liquid_mixture(names, model), ATM)
    assert found.kind == kind
    assert not found.hetero
    assert found.x[0] == pytest.approx(x, abs=0.02)
    assert pytest.approx(T, abs=0.5) == found.T


def test_at_an_azeotrope_vapour_and_liquid_are_alike_and_order_does_not_matter(ternary):
    found = azeotropes(ternary, ATM)
    assert sorted(len(a.names) for a in found) == [2, 2, 2, 3]
    for a in found:
        x = np.zeros(3)
        x[[ternary.names.index(n) for n in a.names]] = a.x
        T, y = ternary.bubble_temperatures(np.maximum(x, 1e-13)[None, :], ATM)
        assert np.max(np.abs(y[0] - x)) < 1e-6
        assert T[0] == pytest.approx(a.T, abs=1e-4)
    turned = azeotropes(liquid_mixture(["methanol", "acetone", "chloroform"], "unifac"), ATM)
    assert sorted(a.T for a in turned) == pytest.approx(sorted(a.T for a in found), abs=1e-4)


def test_two_azeotropes_of_one_pair_are_both_found():
    """A constructed liquid whose volatilities cross twice."""
    mix = liquid_mixture(["hexane", "cyclohexane"], "ideal")

    class Wavy:
        ids = mix.names
        missing = ()

        def ln_gamma(self, x, T):
            a, b, c = 0.0, 0.55, 0.0  # Redlich and Kister, one antisymmetric term
            d = x[0] - x[1]
            g = x[0] * x[1] * (a + b * d)
            dg = -d * (a + b * d) + 2.0 * x[0] * x[1] * b + c
            return [g + x[1] * dg, g - x[0] * dg]

    base = with_activity(mix, Wavy(), "wavy")
    z = np.stack([np.linspace(0.001, 0.999, 2000)] * 2, axis=1)
    z[:, 1] = 1 - z[:, 0]
    _, y = base.bubble_temperatures(z, ATM)
    crossings = int(np.sum(np.diff(np.sign(y[:, 0] - z[:, 0])) != 0))
    assert len(azeotropes(base, ATM)) == crossings


def test_a_heteroazeotrope_is_flagged_and_its_three_phases_are_in_equilibrium():
    mix = liquid_mixture(["1-butanol", "water"], "nrtl")
    (found,) = azeotropes(mix, ATM)
    assert found.hetero
    assert pytest.approx(365.8, abs=1.0) == found.T  # measured 365.65-365.85 K at 101.3 kPa, doi:10.1021/je700411p, doi:10.1016/j.jct.2014.07.021
    one, other = (np.array(v) for v in found.liquids)
    assert np.allclose(np.log(one) + mix.ln_gamma(one, found.T), np.log(other) + mix.ln_gamma(other, found.T), atol=1e-8)
    assert mix.partial(one, found.T).sum() == pytest.approx(ATM, rel=1e-8)
    assert min(one[0], other[0]) < found.x[0] < max(one[0], other[0])


def test_a_ternary_heteroazeotrope_lies_on_its_tie_line():
    mix = liquid_mixture(["ethanol", "water", "benzene"], "unifac")
    found = next(a for a in azeotropes(mix, ATM) if len(a.names) == 3)
    assert found.hetero
    assert pytest.approx(338.0, abs=1.5) == found.T  # 64.9 degC in handbook tables
    one, other, y = (np.array(v) for v in (*found.liquids, found.x))
    assert np.allclose(np.log(one) + mix.ln_gamma(one, found.T), np.log(other) + mix.ln_gamma(other, found.T), atol=1e-7)
    assert np.max(np.abs(mix.bubble_pressures(one, found.T)[1] - y)) < 1e-7
    assert np.linalg.matrix_rank(np.stack([other - one, y - one]), tol=1e-6) == 1


def test_ideal_mixtures_have_none_and_bad_questions_are_refused():
    mix = liquid_mixture(["benzene", "toluene"], "ideal")
    assert azeotropes(mix, ATM) == ()
    with pytest.raises(InputError, match="positive"):
        azeotropes(mix, -1.0)
    with pytest.raises(InputError, match="2 to 6"):
        azeotropes(liquid_mixture(["benzene"], "ideal"), ATM)


def test_a_residue_curve_follows_rayleighs_equation():
    """Ideal binary: the closed form of the relation of compositions, with the boiling temperature's change left in by a fine integration."""
    from scipy.integrate import solve_ivp

    mix = liquid_mixture(["benzene", "toluene", "ethylbenzene"], "ideal")
    (curve,) = residue_curves(mix, np.array([[0.4, 0.3, 0.3]]), ATM)

    def motion(_, z):
        x = np.append(z, 1 - z.sum())
        return (x - mix.bubble_temperatures(x[None, :], ATM)[1][0])[:2]

    sol = solve_ivp(motion, (0.0, 1.5), [0.4, 0.3], rtol=1e-10, atol=1e-12)
    end = np.append(sol.y[:, -1], 1 - sol.y[:, -1].sum())
    assert np.min(np.max(np.abs(curve - end), axis=1)) < 0.006  # between two points of the curve, 0.012 apart
    T, _ = mix.bubble_temperatures(np.maximum(curve, 1e-12), ATM)
    assert np.all(np.diff(T) > -1e-6)  # a residue only gets hotter


def test_a_residue_map_is_complete_and_drawn_with_what_a_reader_needs(ternary):
    d = residue_diagram(ternary, ATM, 6)
    assert d.facts["complete"]
    assert d.facts["boundaries"] == 4
    kinds = {tuple(p["substances"]): p["kind"] for p in d.facts["points"]}
    assert kinds[("acetone", "chloroform", "methanol")] == "saddle"
    assert kinds[("acetone", "chloroform")] == "stable node"
    text = draw(d)
    for word in ("distillation boundary", "unstable node", "stable node", "saddle", "residue curves", "acetone (329"):
        assert word in text
    with pytest.raises(InputError, match="3 expected"):
        residue_diagram(liquid_mixture(["ethanol", "water"], "ideal"), ATM)


def test_maps_count_up_with_and_without_azeotropes():
    for names, model in (
        (["ethanol", "water", "benzene"], "unifac"),  # a ternary heteroazeotrope below three binary ones
        (["benzene", "toluene", "ethylbenzene"], "ideal"),
        (["acetone", "methanol", "water"], "nrtl"),
    ):
        assert residue_map(liquid_mixture(names, model), ATM, starts=4).complete
    d = Diagram("residue", "t", "", "", (Line("l", np.array([0.1, 0.2]), np.array([0.1, 0.2])),), ("a", "b", "c"), facts={"caution": ["two liquids"]})
    assert "Note: two liquids" in draw(d)


@pytest.mark.parametrize(("kind", "at"), [("txy", {"P": ATM}), ("pxy", {"T": 343.0}), ("xy", {"P": ATM}), ("gamma", {"T": 343.0}), ("excess", {"T": 298.15})])
def test_every_binary_diagram_draws_well_formed(kind, at, tmp_path):
    d = binary(kind, mixture(["ethanol", "water"], "nrtl"), **at)
    file = tmp_path / "d.svg"
    write_diagram(file, d)
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    said = " ".join("".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "ethanol" in said
    assert "[" in said
    assert "prefers-color-scheme:dark" in file.read_text(encoding="utf-8")
    json.dumps(d.as_data(), allow_nan=False)


def test_measured_points_lie_on_top_and_far_ones_are_refused():
    points = Points.of([351.5, 360.0], [0.9, 0.1], P=[101000.0, 50000.0], y1=[0.9, 0.4], name="p.csv")
    d = binary("txy", mixture(["ethanol", "water"], "nrtl"), P=ATM, points=points, source="doi:10.1/x & <y>")
    measured = [s for s in d.lines if s.role == "measured"]
    assert [len(s.x) for s in measured] == [1, 1]
    text = draw(d)
    assert text.rindex("<circle") > text.rindex("<polyline")
    assert "doi:10.1/x &amp; &lt;y&gt;" in text
    with pytest.raises(InputError, match=r"no point of p.csv lies within 2 %"):
        binary("txy", mixture(["ethanol", "water"], "nrtl"), P=1e6, points=points)


def test_a_line_that_is_cut_is_drawn_in_pieces():
    d = Diagram("henry", "t", "T [K]", "y [-]", (Line("l", np.array([1.0, 2.0, np.nan, 3.0, 4.0]), np.array([1.0, 2.0, np.nan, 3.0, 4.0])),))
    assert draw(d).count("<polyline") == 2
    assert d.as_data()["lines"][0]["x"][2] is None
    with pytest.raises(InputError, match="svg"):
        write_diagram(Path("x.png"), d)


def test_ternary_liquids_are_in_equilibrium_and_inside_the_triangle():
    mix = liquid_mixture(["water", "ethyl acetate", "ethanol"], "unifac")
    d = binodal_diagram(mix, 303.15, feeds=14)
    for tie in d.facts["tie_lines"]:
        a, b = (np.array(tie[k]) for k in ("liquid_1", "liquid_2"))
        assert a.sum() == pytest.approx(1.0)
        both = np.minimum(a, b) > 1e-12
        assert np.allclose((np.log(a[both]) + mix.ln_gamma(a, 303.15)[both]), (np.log(b[both]) + mix.ln_gamma(b, 303.15)[both]), atol=1e-6)
    with pytest.raises(InputError, match="all proportions"):
        binodal_diagram(liquid_mixture(["water", "methanol", "ethanol"], "unifac"), 303.15, feeds=8)
    assert "ethyl acetate" in draw(d)


def test_a_gap_closes_where_a_symmetric_liquid_becomes_critical():
    """tau equal both ways: the critical point of a symmetric liquid lies at x = 0.5 and ends the gap there."""
    names = ("cyclohexane", "methanol")
    mix = with_activity(liquid_mixture(list(names), "ideal"), Nrtl(names, [[0, 0], [0, 0]], [[0, 400.0], [400.0, 0]], alpha=[[0, 0.2], [0.2, 0]]), "symmetric")
    d = gap_diagram(mix, 250.0, 450.0, steps=41)
    x = np.array(d.facts["x1"], dtype=float)
    assert np.nanmax(np.abs(x[:, 0] + x[:, 1] - 1.0)) < 1e-6
    assert np.isnan(x[-1]).all()
    assert np.nanmax(np.diff(x[:, 0][np.isfinite(x[:, 0])])) > 0
    with pytest.raises(InputError, match="empty range"):
        gap_diagram(mix, 300.0, 200.0)


def test_an_equation_of_state_draws_pressures_and_an_envelope():
    mix = mixture(["carbon dioxide", "propane"], "pr")
    p, y = mix.bubble_pressures(np.array([[0.0, 1.0], [0.3, 0.7], [1.0, 0.0]]), 273.15)
    assert p[0] == pytest.approx(473.9e3, rel=0.01)  # measured 473.9 and 3478.5 kPa, doi:10.1016/j.fluid.2005.09.006
    assert p[2] == pytest.approx(3478.5e3, rel=0.01)
    assert y[1, 0] > 0.7
    d = envelope_diagram(mix, (0.3, 0.7))
    assert d.facts["critical"][0]["T"] == pytest.approx(350.0, abs=3.0)
    with pytest.raises(InputError, match="cubic equation"):
        envelope_diagram(liquid_mixture(["ethanol", "water"], "ideal"), (0.5, 0.5))
    with pytest.raises(InputError, match="needs a composition"):
        envelope_diagram(mix, ())
    with pytest.raises(InputError, match="no activity coefficients"):
        binary("gamma", mix, T=300.0)


def test_conditions_are_told_apart_by_their_unit():
    assert conditions(["1 atm", "80 degC"]) == (353.15, 101325.0)
    for texts, said in ((["5 m"], "neither"), (["-3 K"], "absolute zero"), (["1 atm", "2 bar"], "two pressures"), (["0 bar"], "vacuum")):
        with pytest.raises((InputError, UnitError), match=said):
            conditions(texts)
    with pytest.raises(UnitError):
        conditions(["300"])
    mix = liquid_mixture(["ethanol", "water"], "ideal")
    assert composition("0.3", mix, "--x") == pytest.approx((0.3, 0.7))
    for text, said in (("", "no composition"), ("a,b", "no list of numbers"), ("0.5,0.6", "sum to 1.1"), ("30,70", "sum to 100")):
        with pytest.raises(InputError, match=said):
            composition(text, mix, "--x")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["bubble", "ethanol", "water", "--x", "0.3,0.7", "--at", "1 atm", "--model", "nrtl"], "vapour"),
        (["dew", "ethanol", "water", "--x", "0.3,0.7", "--at", "360 K", "--model", "nrtl"], "liquid"),
        (["flash", "1-butanol", "water", "--x", "0.2,0.8", "--at", "360 K", "--at", "1 atm", "--model", "nrtl"], "phases"),
        (["stability", "1-butanol", "water", "--x", "0.2,0.8", "--at", "300 K", "--model", "nrtl"], "stable"),
        (["gamma", "ethanol", "water", "--x", "0.3,0.7", "--at", "25 degC", "--model", "nrtl"], "infinite_dilution"),
        (["azeotropes", "ethanol", "water", "--at", "1 atm", "--model", "nrtl"], "azeotropes"),
        (["henry", "oxygen", "methane", "--at", "25 degC"], "rows"),
        (["solubility", "naphthalene", "benzene", "--at", "25 degC", "--model", "unifac"], "mass_per_mass"),
    ],
    ids=lambda v: v[0] if isinstance(v, list) else "",
)
def test_each_verb_prints_json_and_a_table(words, key):
    run = ask(*words, "--json")
    assert run.exit_code == 0, run.output
    data = json.loads(run.stdout)
    assert key in data
    if words[0] == "flash":
        z = sum(p["amount"] * np.array(p["x"]) for p in data["phases"])
        assert z == pytest.approx([0.2, 0.8], abs=1e-10)
    if words[0] == "solubility":
        assert data["x"] == pytest.approx(0.2946, rel=0.05)  # E. L. Heric, C. D. Posey, J. Chem. Eng. Data 9 (1964) 35, as NIST SRD 106 (59_119) quotes it
    assert ask(*words).exit_code == 0


def test_pc_saft_answers_under_the_names_given():
    pytest.importorskip("feos")
    mix = mixture(["hexane", "ethanol"], "pcsaft")
    P, y = mix.bubble_pressures(np.array([[0.5, 0.5]]), 330.0)
    T, again = mix.bubble_temperatures(np.array([[0.5, 0.5]]), float(P[0]))
    assert T[0] == pytest.approx(330.0, abs=1e-3)
    assert np.allclose(y, again, atol=1e-5)
    run = ask("bubble", "hexane", "ethanol", "--x", "0.5,0.5", "--at", "330 K", "--model", "pcsaft", "--json")
    assert json.loads(run.stdout)["P"] == pytest.approx(P[0], rel=1e-4)
    flashed = json.loads(ask("flash", "hexane", "ethanol", "--x", "0.5,0.5", "--at", "330 K", "--at", f"{float(P[0]) * 0.97:.1f} Pa", "--model", "pcsaft", "--json").stdout)
    assert sum(p["amount"] for p in flashed["phases"]) == pytest.approx(1.0)
    with pytest.raises(InputError, match="cubic equation"):
        envelope_diagram(mix, (0.5, 0.5))


def test_drawing_and_fitting_from_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = ask("ethanol", "water", "--at", "1 atm", "--diagram", "xy", "--model", "nrtl", "--out", "a.svg", "--json")
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["facts"]["azeotropes"][0]["x1"] == pytest.approx(0.88, abs=0.02)
    assert (tmp_path / "a.svg").is_file()
    data = ROOT / "docs" / "gallery" / "data" / "ethanol-water-101kPa.csv"
    run = ask("fit", str(data), "ethanol", "water", "--terms", "2", "--out", "fit.svg", "--json")
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["errors"]["bubble pressure"]["mean_absolute_error"] < 1.0
    assert "measured" in (tmp_path / "fit.svg").read_text(encoding="utf-8")
    assert ask("fit", str(data), "ethanol", "water").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ethanol", "water", "--at", "1 atm", "--model", "nrtll"], "did you mean 'nrtl'"),
        (["ethanol", "water", "--at", "1 atm", "--diagram", "txyz"], "did you mean 'txy'"),
        (["ethanol", "water", "--diagram", "txy"], "needs a pressure"),
        (["ethanol", "water", "--at", "1 atm", "--out", "a.png"], ".svg"),
        (["ethanol", "--at", "1 atm"], "2 expected"),
        (["azeotropes", "ethanol", "water"], "need a pressure"),
        (["azeotropes", "ethanol", "water", "--at", "1 atm", "--model", "pr"], "equation of state"),
        (["bubble", "ethanol", "water", "--x", "0.5,0.5"], "a temperature or a pressure"),
        (["flash", "ethanol", "water", "--x", "0.5,0.5", "--at", "350 K"], "a temperature and a pressure"),
        (["bubble", "ethanol", "wateer", "--x", "0.5,0.5", "--at", "1 atm"], "water"),
        (["bubble", "ethanol", "ethanol", "--x", "0.5,0.5", "--at", "1 atm"], "twice"),
        (["henry", "argon", "--in", "decane"], "no table"),
        (["solubility", "naphthalene", "--at", "25 degC", "--model", "unifac"], "one substance alone"),
        (["solubility", "naphthalene", "ethanol", "water", "--at", "25 degC", "--model", "unifac"], "composition of the solvents"),
        (["fit", "missing.csv", "ethanol", "water"], "missing.csv"),
        (["azeotropes", "sodium chloride", "water", "--at", "1 atm"], "leave out sodium chloride"),
        (["ethanol", "water", "--diagram", "lle", "--model", "nrtl"], "all proportions"),
    ],
    ids=lambda v: "-".join(v[:2]) if isinstance(v, list) else "",
)
def test_bad_questions_get_one_plain_message(words, said):
    run = ask(*words, "--json")
    assert run.exit_code == 2
    error = json.loads(run.stdout)["error"]
    assert said in f"{error['message']} {error['fix']} {error['where']}"


def test_what_is_taken_as_ideal_is_said():
    data = json.loads(ask("bubble", "ethanol", "water", "--x", "0.3,0.7", "--at", "5 MPa", "--model", "nrtl", "--json").stdout)
    assert "ideal gas" in data["notes"][0]
    data = json.loads(ask("bubble", "sodium chloride", "water", "--x", "0.1,0.9", "--at", "1 atm", "--model", "unifac", "--json").stdout)
    assert data["notes"] == ["sodium chloride: no parameters in unifac, treated as ideal"]
    assert sum(data["vapour"]) == pytest.approx(1.0)


def test_the_hybrid_says_how_sure_it_is():
    data = json.loads(ask("bubble", "ethanol", "water", "--x", "0.3,0.7", "--at", "1 atm", "--json").stdout)
    assert data["model"] == "hybrid"
    assert 0.1 < data["T_std"] < 3.0
    mix = liquid_mixture(["ethanol", "water"], "hybrid")
    z = np.array([[0.3, 0.7]])
    T, _ = mix.bubble_temperatures(z, ATM)
    P = [mix.bubble_pressures(z, T + h)[0][0] for h in (-0.01, 0.01)]
    slope = (np.log(P[1]) - np.log(P[0])) / 0.02
    assert mix.temperature_std(z, T)[0] == pytest.approx(mix.ln_pressure_std(z, T)[0] / slope, rel=0.05)
    d = binary("txy", mix, P=ATM)
    (band,) = [s for s in d.lines if s.role == "band"]
    assert np.all(band.y_std > 0)
    assert '<polygon points="' in draw(d)
    (found,) = azeotropes(mix, ATM)
    assert found.x[0] == pytest.approx(0.892, abs=0.02)  # measured, benchmarks/data/azeotropes.csv


def test_a_near_miss_of_a_verb_is_no_substance():
    run = ask("azeotrop", "ethanol", "water")
    assert run.exit_code != 0
    assert "azeotropes" in str(run.output) + str(run.exception)


def test_the_gallery_draws_again_and_its_page_names_every_source(tmp_path):
    """The shortened form: three of the pictures; the page that is kept holds them all."""
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "scripts" / "gallery.py")
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    gallery.main(["--out", str(tmp_path), "--only", "benzene-cyclohexane-txy", "naphthalene-biphenyl-melting", "gases-in-water"])
    assert len(list(tmp_path.glob("*.svg"))) == 3
    page = (ROOT / "docs" / "gallery" / "README.md").read_text(encoding="utf-8")
    assert len(gallery.PICTURES) >= 10
    for p in gallery.PICTURES:
        assert f"({p.name}.svg)" in page
        assert (ROOT / "docs" / "gallery" / f"{p.name}.svg").is_file()
    with (ROOT / "docs" / "gallery" / "data" / "sources.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            assert row["doi"].startswith("10.")
            assert row["doi"] in page


def test_the_list_of_azeotropes_is_what_the_rule_says():
    with (ROOT / "benchmarks" / "data" / "azeotropes.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    kinds = [r["kind"] for r in rows]
    assert kinds.count("azeotropic") >= 40
    assert kinds.count("zeotropic") >= 40
    assert all(r["source"] for r in rows)
    names = {frozenset((r["name1"], r["name2"])) for r in rows if r["kind"] == "azeotropic"}
    assert {frozenset(p) for p in (("ethanol", "water"), ("propan-2-ol", "water"), ("benzene", "cyclohexane"), ("acetone", "trichloromethane"))} <= names
