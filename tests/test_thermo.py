"""Activity coefficients against `thermo`, Gibbs-Duhem and limits; flashes against ideal limits, balances and the ethanol-water azeotrope."""

import casadi as ca
import numpy as np
import pytest

from chemwright.errors import ConvergenceError, InputError, PropertyMissing
from chemwright.property import pure_claims
from chemwright.record import Species
from chemwright.thermo import Ideal, PureModel, Unifac, bubble_pressure, bubble_temperature, flash_tp, h_liquid, h_vapour, ln_psat, pure_model

SPECIES = {
    "ethanol": Species("ethanol", "CCO", cas="64-17-5", molar_mass=0.04607),
    "water": Species("water", "O", cas="7732-18-5", molar_mass=0.018015),
    "amine": Species("amine", "C1COCCN1", cas="110-91-8", molar_mass=0.08712),
    "tea": Species("tea", "CCN(CC)CC", cas="121-44-8", molar_mass=0.10119),
    "SM": Species("SM", "O=[N+]([O-])c1ccc(F)cc1F", cas="446-35-5", molar_mass=0.15909),
    "benzene": Species("benzene", "c1ccccc1", cas="71-43-2", molar_mass=0.07811),
    "toluene": Species("toluene", "Cc1ccccc1", cas="108-88-3", molar_mass=0.09214),
    "salt": Species("salt", "[F-].CC[NH+](CC)CC", molar_mass=0.1212),
}


def models(*names):
    return [pure_model(SPECIES[n], pure_claims(SPECIES[n]).claims) for n in names]


def unifac(*names):
    return Unifac.from_smiles([(n, SPECIES[n].smiles) for n in names])


@pytest.mark.parametrize("names", [("ethanol", "water"), ("ethanol", "amine"), ("ethanol", "tea", "water"), ("benzene", "toluene", "ethanol", "water")], ids="-".join)
def test_unifac_agrees_with_thermo(names):
    import thermo.unifac as reference

    reference.load_group_assignments_DDBST()
    from chemwright.structure import inchikey

    groups = [reference.DDBST_UNIFAC_assignments[inchikey(SPECIES[n].smiles)] for n in names]
    model = unifac(*names)
    assert model.missing == ()
    rng = np.random.default_rng(1)
    for t in (290.0, 350.0, 425.0):
        x = rng.dirichlet(np.ones(len(names))).tolist()
        gammas = reference.UNIFAC.from_subgroups(T=t, xs=x, chemgroups=groups).gammas()
        assert np.exp(model.ln_gamma(x, t)) == pytest.approx(gammas, rel=1e-10)


@pytest.mark.parametrize("names", [("ethanol", "water", "benzene"), ("ethanol", "amine", "SM", "salt")], ids="-".join)
def test_numpy_and_casadi_agree(names):
    model, n = unifac(*names), len(names)
    x, t = ca.SX.sym("x", n), ca.SX.sym("t")
    f = ca.Function("f", [x, t], [ca.vertcat(*model.ln_gamma([x[i] for i in range(n)], t))])
    mx, mt = ca.MX.sym("x", n), ca.MX.sym("t")
    g = ca.Function("g", [mx, mt], [ca.vertcat(*model.ln_gamma([mx[i] for i in range(n)], mt))])
    rng = np.random.default_rng(2)
    points, temperatures = rng.dirichlet(np.ones(n), size=20), rng.uniform(280.0, 430.0, 20)
    batch = np.array(model.ln_gamma(list(points.T), temperatures))
    for k, (point, temperature) in enumerate(zip(points, temperatures, strict=True)):
        plain = np.array(model.ln_gamma(list(point), temperature))
        for call in (f, g):
            assert np.asarray(call(point, temperature)).ravel() == pytest.approx(plain, abs=1e-10)
        assert batch[:, k] == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("names", [("ethanol", "water", "benzene"), ("ethanol", "SM", "amine")], ids="-".join)
def test_gibbs_duhem(names):
    model, rng, h = unifac(*names), np.random.default_rng(3), 1e-5
    for _ in range(5):
        x = rng.dirichlet(np.ones(3) * 3)
        d = rng.normal(size=3)
        d -= d.mean()
        slope = (np.array(model.ln_gamma(list(x + h * d), 340.0)) - np.array(model.ln_gamma(list(x - h * d), 340.0))) / (2 * h)
        assert abs(x @ slope) < 1e-7


def test_activity_of_the_pure_and_of_the_infinitely_dilute():
    model = unifac("ethanol", "water")
    for i in (0, 1):
        x = [0.0, 0.0]
        x[i] = 1.0
        assert model.ln_gamma(x, 330.0)[i] == pytest.approx(0.0, abs=1e-12)
        assert 0.5 < model.ln_gamma(x, 330.0)[1 - i] < 3.0  # both deviate positively, finite at x = 0


def test_species_without_groups_are_named_and_ideal():
    model = unifac("ethanol", "SM", "water", "salt")
    assert model.missing == ("SM", "salt")
    out = model.ln_gamma([0.3, 0.2, 0.4, 0.1], 330.0)
    assert out[1] == out[3] == 0.0
    pair = unifac("ethanol", "water").ln_gamma([3 / 7, 4 / 7], 330.0)
    assert [out[0], out[2]] == pytest.approx(pair, abs=1e-10)
    assert np.all(np.isfinite(model.ln_gamma([0.0, 1.0, 0.0, 0.0], 330.0)))


def test_a_missing_interaction_leaves_the_later_species_out():
    assert unifac("ethanol", "amine", "tea").missing == ("tea",)
    assert unifac("SM", "ethanol").ln_gamma([0.5, 0.5], 330.0) == [0.0, 0.0]


def test_wrong_number_of_fractions():
    with pytest.raises(InputError, match="2 expected"):
        unifac("ethanol", "water").ln_gamma([1.0], 300.0)
    with pytest.raises(InputError):
        Ideal(("a",)).ln_gamma([0.5, 0.5], 300.0)


@pytest.mark.parametrize("name", ["ethanol", "water", "amine", "tea", "benzene", "toluene"])
def test_the_pure_boil_at_their_boiling_point(name):
    claim = {c.property: c for c in pure_claims(SPECIES[name]).claims}
    point = bubble_temperature([1.0], 101325.0, models(name), Ideal((name,)))
    slope = claim["vapour_pressure_B"].value / (point.T + claim["vapour_pressure_C"].value) ** 2
    assert abs(point.T - claim["boiling_point"].value) < np.hypot(claim["boiling_point"].std, claim["vapour_pressure_factor"].std / slope)


def test_benzene_toluene_is_raoult():
    pair, ideal = models("benzene", "toluene"), Ideal(("benzene", "toluene"))
    point = bubble_temperature([0.5, 0.5], 101325.0, pair, ideal)
    boils, back = point.T, bubble_pressure([0.5, 0.5], point.T, pair, ideal).P
    assert boils == pytest.approx(365.3, abs=0.7)  # 92.1 degC in textbooks' T-x-y diagrams
    assert point.y[0] == pytest.approx(0.71, abs=0.02)
    assert back == pytest.approx(101325.0, rel=1e-9)
    assert pair[1].psat(370.0) < bubble_pressure([0.5, 0.5], 370.0, pair, ideal).P < pair[0].psat(370.0)


def test_ethanol_water_near_its_azeotrope():
    pair, model = models("ethanol", "water"), unifac("ethanol", "water")
    point = bubble_temperature([0.89, 0.11], 101325.0, pair, model)
    boils, lean = point.T, bubble_temperature([0.1, 0.9], 101325.0, pair, model).T
    assert boils == pytest.approx(351.3, abs=1.5)
    assert point.y[0] == pytest.approx(0.89, abs=0.02)
    assert lean == pytest.approx(359.9, abs=2.0)  # measured 86.7 degC


@pytest.mark.parametrize("z", [(0.2, 0.8), (0.5, 0.5), (0.02, 0.98)], ids=str)
def test_flash_closes_its_balance_and_fugacities(z):
    pair, model = models("ethanol", "water"), unifac("ethanol", "water")
    low = bubble_temperature(z, 101325.0, pair, model).T
    out = flash_tp(z, low + 0.5, 101325.0, pair, model)
    x, y = np.array(out.x), np.array(out.y)
    assert 0.0 < out.beta < 1.0
    assert np.max(np.abs(np.array(z) - (1 - out.beta) * x - out.beta * y)) < 1e-12
    assert x.sum() == pytest.approx(1.0, abs=1e-12)
    gamma = np.exp(model.ln_gamma(list(x), low + 0.5))
    assert x * gamma * np.array([m.psat(low + 0.5) for m in pair]) == pytest.approx(y * 101325.0, rel=1e-9)
    assert out.residual < 1e-11


def test_single_phases():
    pair, model = models("ethanol", "water"), unifac("ethanol", "water")
    cold = flash_tp([0.4, 0.6], 320.0, 101325.0, pair, model)
    assert (cold.beta, cold.x) == (0.0, (0.4, 0.6))
    assert sum(cold.y) == pytest.approx(1.0)
    hot = flash_tp([4.0, 6.0], 420.0, 101325.0, pair, model)
    assert (hot.beta, hot.y) == (1.0, (0.4, 0.6))
    assert sum(hot.x) == pytest.approx(1.0)
    alone = flash_tp([1.0], 300.0, 101325.0, models("ethanol"), Ideal(("ethanol",)))
    assert alone.beta == 0.0


def test_solvent_leaves_the_salt_behind():
    names = ("ethanol", "amine", "tea", "SM", "salt")
    out = flash_tp([0.85, 0.03, 0.02, 0.05, 0.05], 365.0, 101325.0, models(*names), unifac(*names))
    assert 0.5 < out.beta < 0.95
    assert out.y[4] < 1e-25
    assert out.x[4] == pytest.approx(0.05 / (1 - out.beta), rel=1e-9)


def test_flash_and_bubble_point_by_random_feeds_stay_consistent():
    names = ("benzene", "toluene", "ethanol")
    three, model, rng = models(*names), unifac(*names), np.random.default_rng(4)
    for z in rng.dirichlet(np.ones(3), size=10):
        t = bubble_temperature(z, 2e5, three, model).T
        assert flash_tp(z, t - 0.1, 2e5, three, model).beta == 0.0
        assert flash_tp(z, t + 0.1, 2e5, three, model).beta > 0.0


def test_bad_input_and_no_answer():
    pair, ideal = models("ethanol", "water"), Ideal(("ethanol", "water"))
    for bad in ([1.0], [0.0, 0.0], [-0.1, 1.1], [float("nan"), 1.0]):
        with pytest.raises(InputError):
            flash_tp(bad, 350.0, 101325.0, pair, ideal)
    with pytest.raises(InputError):
        flash_tp([0.5, 0.5], -3.0, 101325.0, pair, ideal)
    with pytest.raises(ConvergenceError, match="does not boil"):
        bubble_temperature([1.0], 101325.0, models("salt"), Ideal(("salt",)))
    with pytest.raises(ConvergenceError, match="did not converge"):
        flash_tp([0.5, 0.5], 354.0, 101325.0, pair, unifac("ethanol", "water"), max_iter=2)


def test_enthalpy_path_and_lowering():
    assert h_liquid(-2e5, 100.0, 298.15) == -2e5
    assert h_vapour(-2e5, 100.0, 3e4, 350.0) - h_liquid(-2e5, 100.0, 350.0) == pytest.approx(3e4)
    t = ca.SX.sym("t")
    model = models("ethanol")[0]
    f = ca.Function("f", [t], [model.psat(t), model.h_liquid(t), model.h_vapour(t), ln_psat(*model.antoine, t)])
    grid = np.linspace(280.0, 430.0, 7)
    for k, value in enumerate((model.psat(grid), model.h_liquid(grid), model.h_vapour(grid), ln_psat(*model.antoine, grid))):
        assert [float(f(g)[k]) for g in grid] == pytest.approx(value, rel=1e-10)


def test_a_model_needs_every_claim_and_a_molar_mass():
    ethanol = SPECIES["ethanol"]
    given = pure_claims(ethanol).claims
    assert isinstance(pure_model(ethanol, given), PureModel)
    with pytest.raises(PropertyMissing, match="boiling_point"):
        pure_model(ethanol, given[1:])
    with pytest.raises(InputError, match="molar mass"):
        pure_model(Species("ethanol", "CCO"), given)
