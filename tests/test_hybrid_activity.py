"""The hybrid activity model: thermodynamic consistency, agreement of its forms, domain, uncertainty, and sharpening by a user's points."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path

import casadi as ca
import numpy as np
import pytest
from attrs import evolve

from chemwright.errors import InputError
from chemwright.property import pure_claims
from chemwright.record import Species
from chemwright.thermo import HybridActivity, Unifac, activity_model, bubble_pressure, fit, pure_model
from chemwright.thermo.hybrid.descriptors import features, pair_features
from chemwright.thermo.hybrid.excess import PairExcess
from chemwright.thermo.hybrid.learned import pack, shipped, unpack

SMILES = {"ethanol": "CCO", "water": "O", "benzene": "c1ccccc1", "cyclohexane": "C1CCCCC1", "acetone": "CC(C)=O", "amide": "CC(=O)N(C)C", "salt": "[Na+].[Cl-]", "silver": "[Ag]"}
FIXTURE = Path(__file__).parent / "data" / "hybrid_activity.json"


def model(*names) -> HybridActivity:
    return activity_model([(n, SMILES[n]) for n in names])


def excess_gibbs(m, n, t):
    n = np.asarray(n, float)
    return float(n @ np.array(m.ln_gamma(list(n / n.sum()), t)))


@pytest.mark.parametrize("names", [("ethanol", "water"), ("acetone", "benzene", "ethanol"), ("amide", "water", "cyclohexane", "ethanol")], ids="-".join)
def test_ln_gamma_is_the_exact_derivative_of_one_gibbs_energy(names):
    m, rng, h = model(*names), np.random.default_rng(1), 1e-5
    for t in (290.0, 345.0, 410.0):
        n = rng.dirichlet(np.ones(len(names)) * 2)
        slope = [(excess_gibbs(m, n + h * e, t) - excess_gibbs(m, n - h * e, t)) / (2 * h) for e in np.eye(len(names))]
        assert m.ln_gamma(list(n), t) == pytest.approx(slope, abs=2e-9 / h * 1e-3)


@pytest.mark.parametrize("names", [("ethanol", "water"), ("acetone", "benzene", "ethanol")], ids="-".join)
def test_gibbs_duhem_to_1e8_by_automatic_differentiation(names):
    m, n = model(*names), len(names)
    x, t = ca.SX.sym("x", n), ca.SX.sym("t")
    g = ca.vertcat(*m.ln_gamma([x[i] for i in range(n)], t))
    slope = ca.Function("f", [x, t], [ca.jacobian(g, x).T @ x])  # sum over k of x_k d ln(gamma_k)/d x_j: the same for all j along the simplex
    rng = np.random.default_rng(2)
    for _ in range(10):
        out = np.asarray(slope(rng.dirichlet(np.ones(n)), rng.uniform(280.0, 420.0))).ravel()
        assert np.ptp(out) < 1e-8


def test_numpy_and_casadi_agree():
    m = model("ethanol", "water", "benzene")
    x, t = ca.MX.sym("x", 3), ca.MX.sym("t")
    f = ca.Function("f", [x, t], [ca.vertcat(*m.ln_gamma([x[i] for i in range(3)], t))])
    rng = np.random.default_rng(3)
    points, temperatures = rng.dirichlet(np.ones(3), size=20), rng.uniform(280.0, 420.0, 20)
    batch = np.array(m.ln_gamma(list(points.T), temperatures))
    for k in range(20):
        assert np.asarray(f(points[k], temperatures[k])).ravel() == pytest.approx(batch[:, k], abs=1e-10)


def test_onnx_agrees():
    onnxruntime = pytest.importorskip("onnxruntime")
    learned = shipped()
    session = onnxruntime.InferenceSession(str(files("chemwright") / "data" / "activity" / "hybrid.onnx"), providers=["CPUExecutionProvider"])
    pairs = [("ethanol", "water"), ("benzene", "cyclohexane"), ("amide", "acetone")]
    for a, b in pairs:
        asked = learned.asked([SMILES[a], SMILES[b]], [(0, 1)])
        at = asked[0].at
        same = np.array([[float(k == q) for q in learned.molecules.keys] for k in asked[0].keys])
        out = session.run(None, {"first": at[:1], "second": at[1:], "first_is": same[:1], "second_is": same[1:], "features": asked[1].features})[0]
        assert out[0] == pytest.approx(learned.mean(asked)[0], abs=1e-9)


def test_the_order_of_species_does_not_matter():
    x, names = [0.2, 0.5, 0.3], ("ethanol", "water", "benzene")
    one, back = model(*names), model(*names[::-1])
    assert one.ln_gamma(x, 330.0) == pytest.approx(back.ln_gamma(x[::-1], 330.0)[::-1], abs=1e-10)
    assert [float(s[0]) for s in one.ln_gamma_std(x, 330.0)] == pytest.approx([float(s[0]) for s in back.ln_gamma_std(x[::-1], 330.0)[::-1]], abs=1e-8)


def test_limits():
    m = model("ethanol", "water")
    pure, near = m.ln_gamma([1.0, 0.0], 330.0), m.ln_gamma([1.0 - 1e-9, 1e-9], 330.0)
    assert pure[0] == 0.0 or pure[0] == pytest.approx(0.0, abs=1e-14)
    assert pure == pytest.approx(near, abs=1e-7)
    assert float(m.ln_gamma_std([1.0, 0.0], 330.0)[0][0]) == pytest.approx(0.0, abs=1e-9)
    twins = activity_model([("a", "CCO"), ("b", "OCC")])  # one substance under two names is ideal with itself, and surely so
    assert twins.ln_gamma([0.3, 0.7], 350.0) == pytest.approx([0.0, 0.0], abs=1e-12)
    assert max(float(s[0]) for s in twins.ln_gamma_std([0.3, 0.7], 350.0)) < 1e-6


def test_outside_the_domain_is_said_and_wide():
    m = model("ethanol", "salt")
    assert m.missing == ("salt",)
    assert dict(m.outside) == {"salt": "ion or salt"}
    assert float(model("silver", "water").ln_gamma_std([0.5, 0.5], 330.0)[1][0]) > 3 * float(model("ethanol", "water").ln_gamma_std([0.5, 0.5], 330.0)[1][0])
    assert model("silver", "water").outside[0][0] == "silver"
    assert model("ethanol", "water").outside == ()
    with pytest.raises(InputError, match="2 expected"):
        model("ethanol", "water").ln_gamma([1.0], 330.0)


def test_a_missing_species_is_ideal_and_leaves_the_others_alone():
    three, two = model("ethanol", "water", "salt"), model("ethanol", "water")
    out = three.ln_gamma([0.24, 0.36, 0.4], 330.0)
    assert out[2] == pytest.approx(0.0, abs=1e-11)
    assert out[:2] == pytest.approx(two.ln_gamma([0.4, 0.6], 330.0), abs=1e-9)
    assert np.all(np.isfinite(three.ln_gamma([0.0, 0.0, 1.0], 330.0)))


def test_predictions_stay_the_same():
    kept = json.loads(FIXTURE.read_text(encoding="utf-8"))
    for row in kept:
        m = activity_model([("1", row["first"]), ("2", row["second"])])
        assert m.ln_gamma([0.3, 0.7], 340.0) == pytest.approx(row["ln_gamma"], abs=1e-6)
        assert [float(s[0]) for s in m.ln_gamma_std([0.3, 0.7], 340.0)] == pytest.approx(row["std"], rel=1e-4)


def test_the_file_makes_a_round_trip():
    learned = shipped()
    again = unpack(pack(learned), learned.card)
    for name, stamp in learned.card["sha256"].items():
        assert hashlib.sha256((files("chemwright") / "data" / "activity" / name).read_bytes()).hexdigest() == stamp
    asked = learned.asked(["CCO", "O"], [(0, 1)])
    assert again.mean(asked) == pytest.approx(learned.mean(asked), abs=1e-12)


def test_features_turn_their_signs():
    a, b = pair_features("CCO", "O"), pair_features("O", "CCO")
    assert a[[0, 2]] == pytest.approx(b[[0, 2]])
    assert a[[1, 3]] == pytest.approx(-b[[1, 3]])
    assert features("CCO").outside == ""
    assert features("O").size < features("CCCCCCCC").size


# --- sharpening


def pures():
    table = {"ethanol": Species("ethanol", "CCO", cas="64-17-5", molar_mass=0.04607), "water": Species("water", "O", cas="7732-18-5", molar_mass=0.01802)}
    return [pure_model(s, pure_claims(s).claims) for s in table.values()]


def truth(m, by):
    """The model with other coefficients: what a measurement would follow."""
    theta = (np.array(m.excess.theta) + by).tolist()
    return evolve(m, excess=PairExcess(m.excess.size, m.excess.pairs, tuple(tuple(row) for row in theta)))


def test_gammas_at_both_ends_sharpen_the_model():
    m = model("amide", "cyclohexane")
    real = truth(m, [0.3, -0.15, 0.0, 0.0, 0.0])
    rows = [{"T": 330.0, "x": x, "gamma": list(np.exp(real.ln_gamma([x, 1.0 - x], 330.0)))} for x in (0.0, 0.2, 0.5, 0.8, 1.0)]
    ours = fit([("amide", SMILES["amide"]), ("cyclohexane", SMILES["cyclohexane"])], rows)
    for x in (0.1, 0.4, 0.9):
        point = [x, 1.0 - x]
        assert ours.ln_gamma(point, 330.0) == pytest.approx(real.ln_gamma(point, 330.0), abs=0.05)
        assert all(a[0] <= b[0] + 1e-12 for a, b in zip(ours.ln_gamma_std(point, 330.0), m.ln_gamma_std(point, 330.0), strict=True))
    assert isinstance(ours, HybridActivity)


def test_pressures_sharpen_and_one_slip_does_little():
    m, pure = model("ethanol", "water"), pures()
    real = truth(m, [0.12, 0.05, 0.0, 0.0, 0.0])
    points = [(x, bubble_pressure([x, 1.0 - x], 340.0, pure, real)) for x in (0.1, 0.25, 0.4, 0.6, 0.75, 0.9)]
    rows = [{"T": 340.0, "x": [x, 1.0 - x], "P": p.P} for x, p in points] + [{"T": 340.0, "x": [0.5, 0.5], "P": 1.5 * points[2][1].P}]
    before = [abs(bubble_pressure([x, 1 - x], 340.0, pure, m).P / p.P - 1) for x, p in points]
    ours = fit(m, rows, pure)
    after = [abs(bubble_pressure([x, 1 - x], 340.0, pure, ours).P / p.P - 1) for x, p in points]
    assert np.mean(after) < 0.5 * np.mean(before)
    assert np.mean(after) < 0.01


def test_vapour_compositions_and_any_model():
    unifac, pure = Unifac.from_smiles([("ethanol", "CCO"), ("water", "O")]), pures()
    real = truth(model("ethanol", "water"), [0.1, 0.1, 0.0, 0.0, 0.0])
    rows = []
    for x in (0.05, 0.2, 0.5, 0.8):
        p = bubble_pressure([x, 1.0 - x], 345.0, pure, real)
        rows.append({"T": 345.0, "x": {"ethanol": x, "water": 1.0 - x}, "P": p.P, "y": list(p.y)})
    ours = fit(unifac, rows, pure)
    for row in rows:
        computed = bubble_pressure([row["x"]["ethanol"], row["x"]["water"]], 345.0, pure, ours).P
        assert computed == pytest.approx(row["P"], rel=0.01)


BAD = [
    ([], "no points"),
    ([{"T": 330.0, "x": [0.5, 0.6], "gamma": [1.0, 1.0]}], "sum to 1.1"),
    ([{"T": -3.0, "x": [0.5, 0.5], "gamma": [1.0, 1.0]}], "row 1, T"),
    ([{"T": 330.0, "x": [0.5, 0.5]}], "nothing measured"),
    ([{"T": 330.0, "x": [0.5, 0.5], "gama": [1.0, 1.0]}], "no field 'gama'"),
    ([{"T": 330.0, "x": [0.5, 0.5, 0.0], "gamma": [1.0, 1.0]}], "2 numbers expected"),
    ([{"T": 330.0, "x": [-0.5, 1.5], "gamma": [1.0, 1.0]}], "between 0 and 1"),
    ([{"T": 330.0, "x": {"ethanol": 1.0, "wather": 0.0}, "gamma": [1.0, 1.0]}], "no species 'wather'"),
    ([{"T": 330.0, "x": [0.5, 0.5], "gamma": [0.0, 1.0]}], "positive number"),
    ([{"T": 330.0, "x": [0.5, 0.5], "P": 1e5}], "pure models given"),
    ([{"T": float("nan"), "x": [0.5, 0.5], "P": 1e5}], "row 1, T"),
    ([{"T": 330.0, "x": "half", "P": 1e5}], "2 numbers expected"),
]


@pytest.mark.parametrize(("rows", "words"), BAD, ids=[w for _, w in BAD])
def test_bad_points(rows, words):
    with pytest.raises(InputError, match=words):
        fit(model("ethanol", "water"), rows)


def test_a_pure_substance_can_not_be_fitted():
    with pytest.raises(InputError, match="pure substance"):
        fit([("water", "O")], [{"T": 330.0, "x": [1.0], "gamma": [1.0]}])
