"""Rate laws, observers and the flow model: one set of equations for numpy and CasADi, exact sensitivities, limits."""

import math

import casadi as ca
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics import Equilibrium, FlowModel, MassAction, Network, parse_reaction
from chemwright.kinetics.flow_model import check_columns
from chemwright.kinetics.observe import Observer, from_fit_scale, to_fit_scale
from chemwright.kinetics.rates import GAS_CONSTANT, Isothermal
from chemwright.model.reactors import concentrations
from chemwright.structure import molecule

SPECIES = ("SM", "amine", "ortho", "para", "bis", "HF")
TEXTS = ("SM + amine -> ortho + HF", "SM + amine -> para + HF", "ortho + amine -> bis + HF", "para + amine -> bis + HF")
SMILES = ("O=[N+]([O-])c1ccc(F)cc1F", "C1COCCN1", "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1", "O=[N+]([O-])c1ccc(N2CCOCC2)cc1F", "O=[N+]([O-])c1ccc(N2CCOCC2)cc1N1CCOCC1", "F")
# Hone et al. 2017 (React. Chem. Eng. 2, 103): k in L/(mol s) at 363.15 K, here in m^3/(mol s), and Ea in J/mol
THETA = np.array([*np.log([57.9e-5, 2.70e-5, 0.865e-5, 1.63e-5]), 33.3e3, 35.3e3, 38.9e3, 44.8e3])
RUNS = np.array([[60.0, 2.0, 300.0, 340.0], [120.0, 4.0, 200.0, 380.0], [30.0, 1.0, 500.0, 410.0]])


def snar_model(response="e_factor"):
    network = Network(SPECIES, tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(TEXTS, 1)))
    masses = tuple(molecule(s).molar_mass for s in SMILES)
    return FlowModel(MassAction(network, (363.15,) * 4), Observer(response, 0, 2, (0, 1), masses, SPECIES), 1)


def mixed_law():
    """Orders 1, 2 and 3, fractional coefficients, reversible and irreversible."""
    texts = ("A <-> B", "A + B -> C", "2 A + C -> D", "2 C <-> D", "0.5 D -> A")
    network = Network(("A", "B", "C", "D"), tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(texts)))
    return MassAction(network, (300.0, 310.0, 320.0, 330.0, 340.0), (Equilibrium(3.03, 333.15, -6.9e3), None, None, Equilibrium(0.02, 300.0, 2e4), None))


@settings(max_examples=100, deadline=None)
@given(
    c=st.lists(st.floats(1e-6, 2e4), min_size=4, max_size=4),
    temperature=st.floats(200, 900),
    ln_k=st.lists(st.floats(-30, 10), min_size=5, max_size=5),
    ea=st.lists(st.floats(0, 2e5), min_size=5, max_size=5),
)
def test_numpy_and_casadi_agree(c, temperature, ln_k, ea):
    law, theta = mixed_law(), [*ln_k, *ea]
    numbers = np.array(law.rates(c, temperature, theta))
    for kind in (ca.SX, ca.MX):
        s, t, p = kind.sym("c", 4), kind.sym("T"), kind.sym("p", 10)
        run = ca.Function("r", [s, t, p], [ca.vertcat(*law.rates(ca.vertsplit(s), t, ca.vertsplit(p)))])
        # against the larger of forward and backward rate: a difference of near-equal terms has no digits of its own
        scale = np.array(evolve(law, equilibria=()).rates(c, temperature, theta))
        assert np.allclose(np.array(run(c, temperature, theta)).ravel(), numbers, rtol=1e-10, atol=1e-10 * scale)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(1e-3, 5e3), min_size=4, max_size=4), st.floats(250, 600))
def test_arrays_give_what_numbers_give(c, temperature):
    law = mixed_law()
    theta = np.linspace(-9, 4e4, law.n_parameters) * np.array([1e-4] * 5 + [1.0] * 5)
    single = np.array(law.rates(c, temperature, theta))
    rows = np.array(law.rates([np.full(3, v) for v in c], np.full(3, temperature), theta))
    assert np.allclose(rows, single[:, None], rtol=1e-14)


def test_rates_by_hand():
    law = mixed_law()
    theta = np.array([math.log(k) for k in (1.0, 2.0, 3.0, 4.0, 5.0)] + [0.0] * 5)
    rates = law.rates([2.0, 3.0, 5.0, 7.0], 333.15, theta)
    net = 0.02 * math.exp(-2e4 / GAS_CONSTANT * (1 / 333.15 - 1 / 300))
    assert np.allclose(rates, [2 - 3 / 3.03, 2 * 6, 3 * 4 * 5, 4 * (25 - 7 / net), 5 * 7**0.5], rtol=1e-13)


def test_arrhenius_and_van_t_hoff():
    # Fogler, 5th ed., Example 11-3: k = 31.1 1/h at 360 K, E = 65.7 kJ/mol; Kc = 3.03 at 60 degC, dH = -6.9 kJ/mol
    network = Network(("A", "B"), (parse_reaction("A <-> B"),))
    law = MassAction(network, (360.0,), (Equilibrium(3.03, 333.15, -6.9e3),))
    k = math.exp(law.ln_rate_constants(330.0, [math.log(31.1), 65.7e3])[0])
    assert k == pytest.approx(31.1 * math.exp(-65.7e3 / 8.314462618 * (1 / 330 - 1 / 360)), rel=1e-12)
    assert k == pytest.approx(4.22, abs=0.02)
    assert Equilibrium(3.03, 333.15, -6.9e3).at(333.15) == pytest.approx(3.03, rel=1e-14)
    x_eq = 1 - 1 / (1 + Equilibrium(3.03, 333.15, -6.9e3).at(361.0))
    assert x_eq == pytest.approx(0.714, abs=5e-4)


def test_isothermal_form_is_the_same_law():
    law = snar_model().law
    ln_k = law.ln_rate_constants(350.0, THETA)
    c = [100.0, 200.0, 30.0, 5.0, 1.0, 36.0]
    assert Isothermal(law).n_parameters == 4
    assert Isothermal(law).rates(c, 350.0, ln_k) == law.rates(c, 350.0, THETA)
    assert law.names == ("k.r1", "k.r2", "k.r3", "k.r4", "Ea.r1", "Ea.r2", "Ea.r3", "Ea.r4")
    assert np.array_equal(Isothermal(law).stoichiometry, law.stoichiometry)


@pytest.mark.parametrize("response", ["e_factor", "yield", "conversion", "c_bis"])
def test_sensitivities_against_finite_differences(response):
    model = evolve(snar_model(response), reltol=1e-11)
    y, jac = model.evaluate(THETA, RUNS)
    assert jac.shape == (3, 8)
    for i in range(8):
        h = 1e-4 if i < 4 else 1.0
        up, down = THETA.copy(), THETA.copy()
        up[i], down[i] = up[i] + h, down[i] - h
        slope = (model.evaluate(up, RUNS, jacobian=False)[0] - model.evaluate(down, RUNS, jacobian=False)[0]) / (2 * h)
        assert np.allclose(jac[:, i], slope, rtol=1e-4, atol=1e-7 * np.abs(y).max() / (1.0 if i < 4 else 1e4))


def test_one_theta_for_all_or_one_a_run():
    model = snar_model()
    single, _ = model.evaluate(THETA, RUNS)
    rows, jac = model.evaluate(np.tile(THETA, (3, 1)), RUNS)
    assert np.array_equal(single, rows)
    assert model.evaluate(THETA, RUNS, jacobian=False)[1].shape == (0, 8)
    assert jac.shape == (3, 8)


def test_no_runs():
    y, jac = snar_model().evaluate(THETA, np.zeros((0, 4)))
    assert y.shape == (0,)
    assert jac.shape == (0, 8)


def test_outlet_and_observable_agree():
    model = snar_model()
    c = model.outlet(THETA, RUNS)
    for row, out, y in zip(RUNS, c, model.evaluate(THETA, RUNS)[0], strict=True):
        assert float(model.observer.fitted(model.inlet(row), out)) == pytest.approx(y, rel=1e-6)


def test_atoms_and_mass_balance_at_the_outlet():
    model = snar_model()
    inlet = np.array([model.inlet(row) for row in RUNS])
    outlet = model.outlet(THETA, RUNS)
    atoms = np.array([[molecule(s).elements.get(e, 0) for e in "CHNOF"] for s in SMILES])
    masses = np.array(model.observer.masses)
    for weights in (atoms, masses[:, None]):
        assert np.allclose(outlet @ weights, inlet @ weights, rtol=1e-12)
    assert np.abs(outlet - inlet).max() > 10


def test_no_product_is_an_error_not_a_number():
    runs = RUNS.copy()
    runs[1, 0] = 0.0
    with pytest.raises(ConvergenceError, match="not finite"):
        snar_model().evaluate(THETA, runs)
    y, _ = snar_model("conversion").evaluate(THETA, runs)
    assert y[1] == 0.0


def test_e_factor_by_hand():
    observer = Observer("e_factor", 0, 2, (0, 1), (0.1, 0.2, 0.25), ("A", "B", "C"))
    assert observer.raw([10.0, 20.0, 0.0], [2.0, 12.0, 8.0]) == pytest.approx((1.0 + 4.0 - 2.0) / 2.0)
    assert observer.fitted([10.0, 20.0, 0.0], [2.0, 12.0, 8.0]) == pytest.approx(math.log1p(1.5))


@pytest.mark.parametrize("transform", ["log1p", "identity"])
def test_fit_scale_round_trip(transform):
    values = np.array([0.0, 0.24, 3.0, 40.0])
    assert np.allclose(from_fit_scale(transform)(to_fit_scale(transform)(values)), values, rtol=1e-14)


def test_unknown_response_gets_a_near_miss():
    with pytest.raises(InputError, match="'yeild'") as caught:
        evolve(snar_model().observer, name="yeild").raw([1.0] * 6, [1.0] * 6)
    assert "'yield'" in caught.value.fix


def test_missing_column_is_named():
    with pytest.raises(InputError, match="no column 'equivalents'"):
        check_columns(("residence_time", "concentration", "temperature"), "[experiments]")


def test_concentrations_are_feed_plus_extents():
    law = snar_model().law
    c = concentrations(law, [300.0, 600.0, 0.0, 0.0, 0.0, 0.0], [100.0, 10.0, 5.0, 1.0])
    assert np.allclose(c, [190, 484, 95, 9, 6, 116])
