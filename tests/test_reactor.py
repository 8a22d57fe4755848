"""Ideal reactors against closed forms, conservation, limits and each other."""

import math

import numpy as np
import pytest

from chemwright.errors import ConvergenceError
from chemwright.kinetics import Equilibrium, MassAction, Network, parse_reaction
from chemwright.model.reactors import profile, radau_collocation, stirred_tank
from chemwright.structure import molecule

TOL = 1e-6
SNAR = {
    "SM": "O=[N+]([O-])c1ccc(F)cc1F",
    "amine": "C1COCCN1",
    "ortho": "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1",
    "para": "O=[N+]([O-])c1ccc(N2CCOCC2)cc1F",
    "bis": "O=[N+]([O-])c1ccc(N2CCOCC2)cc1N1CCOCC1",
    "HF": "F",
}
SNAR_TEXTS = ("SM + amine -> ortho + HF", "SM + amine -> para + HF", "ortho + amine -> bis + HF", "para + amine -> bis + HF")
SNAR_K = (57.9e-5, 2.70e-5, 0.865e-5, 1.63e-5)  # m^3/(mol s) at 363.15 K, Hone et al. 2017
SNAR_FEED = np.array([300.0, 700.0, 0.0, 0.0, 0.0, 0.0])


def make(*texts, k, species="", equilibria=()):
    """Law at 300 K without activation energies, and its theta."""
    reactions = tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(texts))
    names = tuple(species) or tuple(dict.fromkeys(s for r in reactions for s, _ in r.reactants + r.products))
    return MassAction(Network(names, reactions), (300.0,) * len(texts), equilibria), np.array([*np.log(k)] + [0.0] * len(texts))


def tube(law, theta, feed, tau, points=51):
    return profile(law, theta, np.array(feed, dtype=float), 300.0, tau, points)


def tank(law, theta, feed, tau):
    return stirred_tank(law, theta, np.array(feed, dtype=float), 300.0, tau)


def snar():
    return make(*SNAR_TEXTS, k=SNAR_K, species=tuple(SNAR))


# --- closed forms -------------------------------------------------------------------------------------------------------------


def test_first_order_tube_and_batch():
    law, theta = make("A -> B", k=[0.7])
    out = tube(law, theta, [1000, 0], 3.0)
    exact = 1000 * np.exp(-0.7 * out.time)
    assert np.allclose(out.c[:, 0], exact, rtol=TOL)
    assert np.allclose(out.c[1:, 1], 1000 - exact[1:], rtol=TOL)


def test_first_order_tank():
    law, theta = make("A -> B", k=[0.7])
    assert np.allclose(tank(law, theta, [1000, 0], 3.0), [1000 / 3.1, 1000 * 2.1 / 3.1], rtol=1e-10)


def test_second_order_equal_feeds():
    law, theta = make("A + B -> C", k=[2e-3])
    out = tube(law, theta, [500, 500, 0], 10.0)
    assert np.allclose(out.c[:, 0], 500 / (1 + 2e-3 * 500 * out.time), rtol=TOL)


def test_second_order_unequal_feeds():
    law, theta = make("A + B -> C", k=[2e-3])
    a, b = 400.0, 700.0
    out = tube(law, theta, [a, b, 0], 4.0)
    e = np.exp((b - a) * 2e-3 * out.time)  # ln(C_B C_A0 / (C_A C_B0)) = (C_B0 - C_A0) k t
    assert np.allclose(out.c[:, 0], a * (b - a) / (b * e - a), rtol=TOL)


def test_two_of_one_kind_use_two():
    law, theta = make("2 A -> B", k=[1e-3])
    out = tube(law, theta, [1000, 0], 5.0)
    assert np.allclose(out.c[:, 0], 1000 / (1 + 2 * 1e-3 * 1000 * out.time), rtol=TOL)
    assert np.allclose(out.c[:, 0] + 2 * out.c[:, 1], 1000, rtol=1e-12)


def test_half_order():
    law, theta = make("0.5 A -> B", k=[2.0])
    out = tube(law, theta, [900, 0], 20.0)  # dA/dt = -0.5 k A^0.5, so sqrt(A) falls linearly
    assert np.allclose(out.c[:, 0], (30 - 0.25 * 2.0 * out.time) ** 2, rtol=TOL)


def test_series_maximum_of_the_intermediate():
    k1, k2 = 1.3, 0.4
    law, theta = make("A -> B", "B -> C", k=[k1, k2])
    best = math.log(k1 / k2) / (k1 - k2)
    out = tube(law, theta, [1000, 0, 0], 2 * best, points=3)
    assert out.c[1, 1] == pytest.approx(1000 * (k1 / k2) ** (k2 / (k2 - k1)), rel=TOL)
    assert out.c[1, 1] > max(out.c[0, 1], out.c[2, 1])
    fine = tube(law, theta, [1000, 0, 0], 2 * best, points=201)
    assert int(np.argmax(fine.c[:, 1])) == 100
    exact = 1000 * k1 / (k2 - k1) * (np.exp(-k1 * fine.time) - np.exp(-k2 * fine.time))
    assert np.allclose(fine.c[:, 1], exact, rtol=TOL, atol=1e-4)


def test_series_in_a_tank():
    k1, k2, tau = 1.3, 0.4, 2.0
    law, theta = make("A -> B", "B -> C", k=[k1, k2])
    assert tank(law, theta, [1000, 0, 0], tau)[1] == pytest.approx(1000 * k1 * tau / ((1 + k1 * tau) * (1 + k2 * tau)), rel=1e-10)


@pytest.mark.parametrize("feed", [[1000.0, 0.0], [0.0, 1000.0], [200.0, 800.0]])
def test_reversible_reaction_ends_at_equilibrium(feed):
    law, theta = make("A <-> B", k=[1.0], equilibria=(Equilibrium(3.0, 300.0),))
    assert np.allclose(tube(law, theta, feed, 60.0).c[-1], [250, 750], rtol=TOL)
    assert np.allclose(tank(law, theta, feed, 1e9), [250, 750], rtol=TOL)


def test_association_ends_at_equilibrium():
    law, theta = make("A + B <-> C", k=[1e-2], equilibria=(Equilibrium(5e-3, 300.0),))  # m^3/mol
    c = tube(law, theta, [600, 500, 0], 1e3).c[-1]
    assert c[2] / (c[0] * c[1]) == pytest.approx(5e-3, rel=TOL)


@pytest.mark.parametrize("damkohler", [1e-6, 0.1, 2.0, 1e3, 1e8])
def test_second_order_tank_solves_its_quadratic(damkohler):
    law, theta = make("A + B -> C", k=[1e-3])
    c = tank(law, theta, [1000, 1000, 0], damkohler)
    exact = 1000 * 2 / (1 + math.sqrt(1 + 4 * damkohler))  # of C^2 Da + C - 1 = 0, the form without cancellation
    assert c[0] == pytest.approx(exact, rel=TOL)
    assert c[2] == pytest.approx(1000 - exact, rel=TOL, abs=1e-9)


@pytest.mark.parametrize("damkohler", [1e9, 1e12])
def test_very_fast_reaction_in_a_tank(damkohler):
    law, theta = make("A -> B", k=[1.0])
    c = tank(law, theta, [1000, 0], damkohler)
    assert c[1] == pytest.approx(1000, rel=1e-8)
    assert 0 <= c[0] < 1e-5


# --- limits, conservation, cross-checks --------------------------------------------------------------------------------------


def test_many_tanks_make_a_tube():
    law, theta = make("A + B -> C", "C -> D", k=[2e-3, 0.3])
    feed, tau = [500.0, 600.0, 0.0, 0.0], 4.0
    plug, error = tube(law, theta, feed, tau).c[-1], []
    for n in (10, 20, 40):
        c = np.array(feed)
        for _ in range(n):
            c = tank(law, theta, c, tau / n)
        error.append(np.abs(c - plug).max())
    assert error[0] / error[1] == pytest.approx(2, rel=0.1)  # first order in 1/n
    assert error[1] / error[2] == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("feed", [[300.0, 700.0], [0.0, 0.0]])
def test_zero_residence_time_and_zero_feed_change_nothing(feed):
    law, theta = make("A + B -> C", k=[1e-3])
    tau = 0.0 if any(feed) else 50.0
    assert np.array_equal(tube(law, theta, [*feed, 0.0], tau).c[-1], [*feed, 0.0])
    assert np.array_equal(tank(law, theta, [*feed, 0.0], tau), [*feed, 0.0])


def test_atoms_and_mass_balance_for_snar():
    law, theta = snar()
    molecules = [molecule(s) for s in SNAR.values()]
    weights = np.array([[*(m.elements.get(e, 0) for e in "CHNOF"), m.molar_mass] for m in molecules])
    for c in (tube(law, theta, SNAR_FEED, 60.0).c, tank(law, theta, SNAR_FEED, 60.0)[None, :]):
        assert np.allclose(c @ weights, SNAR_FEED @ weights, rtol=1e-12, atol=0)
        assert c[-1, 2] > 100


def collocated(law, theta, feed, tau, elements):
    """Outlet of the tube by Radau collocation on a mesh that is fine where the reaction is fast."""
    import casadi as ca

    r, scale = len(law.stoichiometry), float(np.max(feed))
    mesh = [((e + 1) / elements) ** 1.5 for e in range(elements)]
    v = ca.SX.sym("v", 3 * r * elements)
    equations, outlet = radau_collocation(law, list(theta), list(feed), 300.0, tau, scale, ca.reshape(v, r, 3 * elements), mesh)
    solve = ca.rootfinder("solve", "newton", {"x": v, "g": ca.vertcat(*equations)}, {"abstol": 1e-12})
    return np.array(ca.Function("c", [v], [ca.vertcat(*outlet)])(solve(x0=0)["x"])).ravel()


def test_radau_collocation_against_cvodes():
    law, theta = snar()
    exact = tube(law, theta, SNAR_FEED, 20.0).c[-1]  # 99.5 % conversion
    ten, thirty = (collocated(law, theta, SNAR_FEED, 20.0, n) for n in (10, 30))
    assert np.abs(ten - exact).max() < 1e-6 * SNAR_FEED.max()
    assert np.allclose(thirty, exact, rtol=1e-6)
    for tau in (2.0, 6.0):
        assert np.allclose(collocated(law, theta, SNAR_FEED, tau, 10), tube(law, theta, SNAR_FEED, tau).c[-1], rtol=1e-6)


def test_radau_collocation_is_of_fifth_order():
    law, theta = make("A -> B", k=[1.0])
    error = [abs(collocated(law, theta, np.array([1.0, 0.0]), 4.0, n)[0] - math.exp(-4.0)) for n in (4, 8, 16)]
    assert error[0] / error[1] > 20
    assert error[1] / error[2] > 20


def test_too_stiff_is_an_error_not_a_number():
    law, theta = make("2 A -> B", "B <-> C", k=[1e-3, 1.0], equilibria=(None, Equilibrium(2.0, 300.0)))
    with pytest.raises(ConvergenceError, match="integrator"):
        tube(law, theta, [1000, 0, 0], 1e15)
