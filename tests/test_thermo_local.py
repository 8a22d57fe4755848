"""NRTL, Wilson, UNIQUAC: limits, consistency, CasADi, tables, fits; excess properties, Henry constants, eutectics."""

import casadi as ca
import numpy as np
import pytest

from chemwright.errors import InputError, PropertyMissing
from chemwright.thermo.eutectic import eutectic
from chemwright.thermo.excess import excess, infinite_dilution
from chemwright.thermo.henry import henry, henry_from_model
from chemwright.thermo.local import Nrtl, Points, Uniquac, Wilson, fit_activity, local_model, read_points
from chemwright.thermo.melting import Melting
from chemwright.thermo.mixture import R, fractions, liquid_mixture, mixture, with_activity

CAS = ("67-64-1", "67-56-1", "7732-18-5")
IDS = ("acetone", "methanol", "water")
KINDS = ("nrtl", "wilson", "uniquac")


@pytest.fixture(scope="module")
def ethanol_water():
    return liquid_mixture(["ethanol", "water"], "nrtl")


@pytest.mark.parametrize("kind", KINDS)
def test_gibbs_and_duhem_hold_and_pure_limits_are_exact(kind):
    model = local_model(kind, IDS, CAS)
    x, T, h = np.array([0.2, 0.3, 0.5]), 330.0, 1e-5
    for direction in (np.array([1.0, -1.0, 0.0]), np.array([0.0, 1.0, -1.0])):
        up, down = (np.array(model.ln_gamma(list(x + s * h * direction), T)) for s in (1, -1))
        assert abs(x @ (up - down) / (2 * h)) < 1e-8
    for i in range(3):
        assert abs(model.ln_gamma([1.0 * (j == i) + 1e-15 for j in range(3)], T)[i]) < 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_floats_arrays_and_symbols_agree_and_order_does_not_matter(kind):
    model = local_model(kind, IDS, CAS)
    x = [0.2, 0.3, 0.5]
    plain = np.array(model.ln_gamma(x, 350.0))
    arrays = np.array(model.ln_gamma([np.array([v, 1.0 / 3]) for v in x], np.array([350.0, 350.0])))[:, 0]
    symbols, T = ca.SX.sym("x", 3), ca.SX.sym("T")
    f = ca.Function("f", [symbols, T], [ca.vertcat(*model.ln_gamma([symbols[i] for i in range(3)], T))])
    assert np.allclose(plain, arrays, atol=1e-13)
    assert np.allclose(plain, np.array(f(x, 350.0)).ravel(), atol=1e-12)
    turned = local_model(kind, IDS[::-1], CAS[::-1]).ln_gamma(x[::-1], 350.0)
    assert np.allclose(plain, turned[::-1], atol=1e-13)


def test_models_agree_with_thermo_on_the_same_parameters():
    from thermo import NRTL, UNIQUAC

    x, T = [0.3, 0.7], 351.0
    own = np.exp(local_model("nrtl", ("ethanol", "water"), ("64-17-5", "7732-18-5")).ln_gamma(x, T))
    b, alpha = [[0.0, -29.166654483541816], [624.8676222389441, 0.0]], [[0.0, 0.2937], [0.2937, 0.0]]
    assert np.allclose(own, NRTL(T=T, xs=x, tau_bs=b, alpha_cs=alpha).gammas(), rtol=1e-10)
    model = local_model("uniquac", ("ethanol", "water"), ("64-17-5", "7732-18-5"))
    theirs = UNIQUAC(T=T, xs=x, rs=list(model.r), qs=list(model.q), tau_bs=[list(row) for row in model.b]).gammas()
    assert np.allclose(np.exp(model.ln_gamma(x, T)), theirs, rtol=1e-10)


def test_a_pair_without_parameters_is_named_not_taken_as_ideal():
    with pytest.raises(PropertyMissing, match=r"acetone \+ decane") as caught:
        local_model("nrtl", ("acetone", "decane"), ("67-64-1", "124-18-5"))
    assert "mix fit" in caught.value.fix
    with pytest.raises(InputError, match="did you mean 'nrtl'"):
        local_model("nrlt", ("a",), ("b",))
    with pytest.raises(InputError, match="2 x 2"):
        Nrtl(("a", "b"), [[0.0]], [[0.0]], alpha=[[0.0]])
    with pytest.raises(InputError, match="3 expected"):
        local_model("wilson", IDS, CAS).ln_gamma([0.5, 0.5], 300.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_finds_the_parameters_that_made_the_points(kind):
    mix = liquid_mixture(["ethanol", "water"], kind)
    x = np.linspace(0.02, 0.98, 25)
    T, y = mix.bubble_temperatures(np.stack([x, 1 - x], axis=1), 101325.0)
    rng = np.random.default_rng(0)
    points = Points.of(T + 0.02 * rng.normal(size=25), x, P=101325.0, y1=y[:, 0])
    fit = fit_activity(kind, points, mix.pure, terms=1, cas=mix.cas, alpha=0.2937, std={"T": 0.02, "x": 1e-4, "P": 1e-4})
    again = with_activity(mix, fit.model, "fit")
    z = np.stack([np.linspace(0.05, 0.95, 10)] * 2, axis=1)
    z[:, 1] = 1 - z[:, 0]
    assert np.max(np.abs(again.bubble_temperatures(z, 101325.0)[0] - mix.bubble_temperatures(z, 101325.0)[0])) < 0.05
    assert 0.5 < fit.noise < 1.6
    assert all(fit.informed)
    assert fit.errors["bubble pressure"][1] < 0.2
    assert np.all(np.linalg.eigvalsh(fit.covariance) > 0)
    assert set(fit.as_data()["parameters"]) == {"b12", "b21"}


def test_covariance_covers_the_truth():
    """The true parameter lies within two standard uncertainties in about 95 % of fits to points with known noise."""
    mix = liquid_mixture(["ethanol", "water"], "wilson")
    truth = Wilson(("ethanol", "water"), [[0, 0], [0, 0]], [[0, -180.0], [-480.0, 0]])
    now, x, inside = with_activity(mix, truth, "t"), np.linspace(0.05, 0.95, 12), []
    T, _ = now.bubble_temperatures(np.stack([x, 1 - x], axis=1), 101325.0)
    for seed in range(30):
        noisy = Points.of(T + 0.1 * np.random.default_rng(seed).normal(size=12), x, P=101325.0)
        fit = fit_activity("wilson", noisy, mix.pure, terms=1, std={"T": 0.1, "x": 1e-6, "P": 1e-6})
        inside.append(abs(fit.values[0] + 180.0) < 2 * np.sqrt(fit.covariance[0, 0]))
    assert sum(inside) >= 25


def test_a_fit_to_activity_coefficients_two_liquids_and_heats(tmp_path):
    mix = liquid_mixture(["1-butanol", "water"], "ideal")
    true = Nrtl(mix.names, [[0, 0.5], [1.0, 0]], [[0, 50.0], [700.0, 0]], alpha=[[0, 0.4], [0.4, 0]])
    m = with_activity(mix, true, "true")
    rows = [f"{T},0.3,{np.exp(m.ln_gamma([0.3, 0.7], T))[0]:.6f},{excess(m, np.array([0.3, 0.7]), T).hE:.4f}" for T in (300.0, 320.0, 340.0, 360.0)]
    file = tmp_path / "points.csv"
    file.write_text("T [K],x1,gamma1,hE [J/mol]\n" + "\n".join(rows) + "\n", encoding="utf-8")
    fit = fit_activity("nrtl", read_points(file), mix.pure, terms=1, alpha=0.4)
    assert set(fit.errors) == {"activity coefficient", "excess enthalpy"}
    liquids = tmp_path / "liquids.csv"
    liquids.write_text("T [K],x1,xx1\n293.2,0.0202,0.4936\n313.2,0.0171,0.4696\n", encoding="utf-8")
    gap = fit_activity("nrtl", read_points(liquids), mix.pure, terms=1, alpha=0.4)
    z = np.log(np.array([[0.0171, 0.9829], [0.4696, 0.5304]])) + np.array([gap.model.ln_gamma(v, 313.2) for v in ([0.0171, 0.9829], [0.4696, 0.5304])])
    assert np.max(np.abs(z[0] - z[1])) < 0.25  # b/T alone can't follow both sides at two temperatures


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("T [K],P [kPa],x1\n", "no runs"),
        ("T,P [kPa],x1\n350,101,0.5\n", r"'T' has no unit"),
        ("T [kPa],P [kPa],x1\n350,101,0.5\n", r"expected \[temperature"),
        ("T [K],P [K],x1\n350,101,0.5\n", "column 'P'"),
        ("T [K],P [kPa]\n350,101\n", "no column 'x1'"),
        ("T [K],x1\n350,0.5\n", "nothing measured"),
        ("T [K],P [kPa],x1,z1\n350,101,0.5,1\n", "unknown column 'z1'"),
        ("T [K],P [kPa],x1,x1\n350,101,0.5,0.5\n", "occurs twice"),
        ("T [K],P [kPa],x1,x3\n350,101,0.5,0.1\n", "mixture has 2"),
        ("T [K],P [kPa],x1\n350,101,0.5\n350,101,1.5\n", r"row 3, column 'x1'"),
        ("T [K],P [kPa],x1\n-5,101,0.5\n", r"row 2, column 'T'"),
        ("T [K],P [kPa],x1\n350,101,half\n", r"row 2, column 'x1'"),
        ("T [K],P [kPa],x1,x2\n350,101,0.5,0.6\n", r"row 2, x"),
        ("T [K],P [kPa],x1\n350,,0.5\n", "nothing measured in this row"),
        ("T [K],P [kPa],x1\n350,101\n", "2 cells, 3 expected"),
    ],
)
def test_a_bad_file_of_points_is_told_with_row_and_fix(tmp_path, text, said):
    file = tmp_path / "p.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        read_points(file)
    assert "p.csv" in caught.value.where
    assert caught.value.fix


def test_too_few_points_and_wrong_models_are_refused(ethanol_water):
    points = Points.of([350.0], [0.5], P=1e5)
    with pytest.raises(InputError, match="1 points for 2 parameters"):
        fit_activity("nrtl", points, ethanol_water.pure)
    with pytest.raises(InputError, match="did you mean 'wilson'"):
        fit_activity("wilsn", points, ethanol_water.pure)
    with pytest.raises(InputError, match="1 named"):
        fit_activity("wilson", points, ethanol_water.pure[:1])
    with pytest.raises(InputError, match="alpha of 2"):
        fit_activity("nrtl", Points.of([350.0, 351.0], [0.5, 0.4], P=1e5), ethanol_water.pure, alpha=2.0)


def test_excess_properties_keep_gibbs_and_helmholtz(ethanol_water):
    x = np.array([[0.3, 0.7], [0.6, 0.4]])
    e = excess(ethanol_water, x, 340.0)
    assert np.allclose(e.gE, e.hE - 340.0 * e.sE, rtol=1e-12)
    t = np.array([339.0, 341.0])
    numeric = -R * 340.0**2 * np.sum(x[0] * (ethanol_water.ln_gamma(x[0], t[1]) - ethanol_water.ln_gamma(x[0], t[0]))) / 2.0
    assert e.hE[0] == pytest.approx(numeric, rel=1e-4)
    g = infinite_dilution(ethanol_water, 340.0)
    assert np.allclose(np.diag(g), 1.0)
    assert np.log(g[0, 1]) == pytest.approx(ethanol_water.ln_gamma(np.array([1e-9, 1 - 1e-9]), 340.0)[0], abs=1e-6)
    with pytest.raises(InputError, match="positive"):
        excess(ethanol_water, x, 0.0)


def test_henry_constants_from_the_table_and_by_a_model():
    h = henry("oxygen")
    assert h.constant(298.15) == pytest.approx(4.3e9, rel=0.05)  # R. Battino and others, J. Phys. Chem. Ref. Data 12 (1983) 163: 4.3e9 Pa
    assert h.enthalpy(298.15) < 0.0
    assert h.solubility(298.15, 101325.0) == pytest.approx(101325.0 / h.constant(298.15))
    with pytest.raises(PropertyMissing, match="argon in decane"):
        henry("argon", "decane")
    with pytest.raises(InputError, match="negative"):
        h.solubility(298.15, -1.0)
    mix = liquid_mixture(["ethanol", "water"], "nrtl")
    _, values = henry_from_model(0, 1, mix, [298.15])
    assert values[0] == pytest.approx(infinite_dilution(mix, 298.15)[0, 1] * mix.pure[0].psat(298.15), rel=1e-6)


def test_an_ideal_eutectic_is_the_closed_form():
    mix = liquid_mixture(["naphthalene", "biphenyl"], "ideal")
    melting = (Melting(353.35, 0.5, 19010.0, 200.0), Melting(342.0, 0.5, 18570.0, 200.0))
    e = eutectic(mix, melting)
    for i, m in enumerate(melting):
        x = e.x if i == 0 else 1 - e.x
        closed = 1.0 / (1.0 / m.T - R / m.heat * np.log(x))
        ok = closed > 70.0
        assert np.max(np.abs(e.branches[i][ok] - closed[ok])) < 1e-6
    assert e.point[0] == pytest.approx(0.445, abs=0.02)  # measured: 0.445 at 312.8 K, Lee and Warner, J. Am. Chem. Soc. 57 (1935) 318
    assert e.point[1] == pytest.approx(312.8, abs=2.0)
    with pytest.raises(InputError, match="positive"):
        eutectic(mix, (Melting(-1.0, 1.0, 1.0, 1.0), Melting(1.0, 1.0, 1.0, 1.0)))


def test_mixtures_refuse_what_makes_none():
    for bad, said in ((["ethanol", "ethanol"], "twice"), ([], "empty mixture"), ([" "], "empty mixture")):
        with pytest.raises(InputError, match=said):
            mixture(bad)
    with pytest.raises(InputError, match="did you mean 'unifac'"):
        mixture(["ethanol", "water"], "unifak")
    with pytest.raises(InputError, match="equation of state"):
        liquid_mixture(["ethanol", "water"], "pr")
    for values, said in (((0.5, 0.6), "sum to 1.1"), ((0.5,), "2 expected"), ((-0.1, 1.1), "negative"), ((float("nan"), 1.0), "finite")):
        with pytest.raises(InputError, match=said):
            fractions(values, ("a", "b"))
    assert fractions((0.5, 0.5005), ("a", "b"))[0] == pytest.approx(0.5 / 1.0005)


def test_uniquac_needs_sizes():
    with pytest.raises(PropertyMissing, match="volume and surface"):
        fit_activity("uniquac", Points.of([350.0, 351.0], [0.5, 0.4], P=1e5), liquid_mixture(["ethanol", "water"], "ideal").pure)
    assert isinstance(local_model("uniquac", ("e", "w"), ("64-17-5", "7732-18-5")), Uniquac)


def test_fits_of_two_liquids_are_drawn_and_of_three_substances_are_not(tmp_path):
    from chemwright.thermo.ask_diagram import drawn, fitted

    liquids = tmp_path / "liquids.csv"
    liquids.write_text("T [K],x1,xx1\n293.15,0.158,0.892\n298.15,0.177,0.876\n303.15,0.190,0.841\n", encoding="utf-8")  # doi:10.1021/je8001688
    data, picture = fitted(liquids, ["cyclohexane", "methanol"], "nrtl", terms=1)
    assert picture is not None
    assert picture.kind == "lle"
    assert "two liquids" in drawn("lle", ["cyclohexane", "methanol"], "hybrid").facts["caution"][0]
    overlaid = drawn("lle", ["cyclohexane", "methanol"], "unifac", points=liquids)
    assert [len(line.x) for line in overlaid.lines if line.role == "measured"] == [6]
    with pytest.raises(InputError, match="can't be laid"):
        drawn("eutectic", ["naphthalene", "biphenyl"], "unifac", points=liquids)
    assert data["errors"]["difference of ln(activity), two liquids"]["points"] == 6
    mix = liquid_mixture(list(IDS), "nrtl")
    x = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    T, _ = mix.bubble_temperatures(x, 101325.0)
    file = tmp_path / "three.csv"
    file.write_text("T [K],P [kPa],x1,x2\n" + "\n".join(f"{t:.4f},101.325,{a:.6f},{b:.6f}" for t, (a, b, _) in zip(T, x, strict=True)) + "\n", encoding="utf-8")
    data, picture = fitted(file, list(IDS), "nrtl", terms=1)
    assert picture is None
    assert data["errors"]["bubble pressure"]["mean_absolute_error"] < 1.0
