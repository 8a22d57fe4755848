"""Cubic equations with an activity model inside: derivatives, the limit of an ideal liquid, ethanol and water under pressure; near the true critical point."""

import numpy as np
import pytest

from chemwright.errors import InputError
from chemwright.thermo import Ideal, Unifac
from chemwright.thermo.equilibrium import CubicEos, GexCubic, bubble_point, cubic_from_names, flash, flash_batch, phase_envelope
from test_equilibrium import holds

SPECIES = [("acetone", "CC(C)=O"), ("water", "O"), ("ethanol", "CCO")]


@pytest.fixture(scope="module")
def three():
    return GexCubic(cubic_from_names([s for s, _ in SPECIES], "SRK"), Unifac.from_smiles(SPECIES))


@pytest.mark.parametrize("kind", [0, 1], ids=["liquid", "vapour"])
def test_derivatives(three, kind):
    rng = np.random.default_rng(1)
    T, P, x, k = np.array([300.0, 400.0, 520.0]), np.array([1e5, 1e6, 5e6]), rng.dirichlet(np.ones(3), 3), np.full(3, kind, dtype=np.int8)
    state = three.at(T, P)
    phi, jac = state.ln_phi_jacobian(x, k)
    assert np.max(np.abs(jac - np.swapaxes(jac, 1, 2))) < 1e-10
    assert np.max(np.abs(np.einsum("nij,nj->ni", jac, x))) < 1e-10
    for j in range(3):
        up, down = ((x + h * np.eye(3)[j]) / (1.0 + h) for h in (1e-6, -1e-6))
        assert jac[:, :, j] == pytest.approx((state.ln_phi(up, k) - state.ln_phi(down, k)) / 2e-6, abs=1e-6)
    assert state.ln_phi_dT(x, k) == pytest.approx((three.at(T + 1e-3, P).ln_phi(x, k) - three.at(T - 1e-3, P).ln_phi(x, k)) / 2e-3, abs=1e-8)
    by_p = (three.at(T, P * 1.000001).ln_phi(x, k) - three.at(T, P * 0.999999).ln_phi(x, k)) / (2e-6 * P[:, None])
    assert state.ln_phi_dP(x, k) * P[:, None] == pytest.approx(by_p * P[:, None], abs=1e-7)
    assert phi == pytest.approx(state.ln_phi(x, k), abs=1e-14)
    assert state.take(np.array([2, 0])).ln_phi(x[[2, 0]], k[:2]) == pytest.approx(phi[[2, 0]], abs=1e-14)


def test_pure_limit_is_the_plain_equation(three):
    state, plain = three.at(np.array([350.0]), np.array([1e5])), three.eos.at(np.array([350.0]), np.array([1e5]))
    k = np.zeros(1, dtype=np.int8)
    for j in range(3):
        x = np.eye(3)[[j]]
        assert state.ln_phi(x, k)[0, j] == pytest.approx(plain.ln_phi(x, k)[0, j], abs=1e-10)


def test_ethanol_and_water_under_pressure():
    names = [("ethanol", "CCO"), ("water", "O")]
    fluid = GexCubic(cubic_from_names(["ethanol", "water"], "SRK"), Unifac.from_smiles(names))
    near = bubble_point(fluid, [0.9, 0.1], P=101325.0)
    assert pytest.approx(351.3, abs=1.5) == near.T  # Horsley, Azeotropic Data III
    out = flash(fluid, [0.3, 0.7], 430.0, 1e6)
    assert [p.kind for p in out.phases] == ["vapour", "liquid"]
    holds(fluid, [0.3, 0.7], out)


def test_what_does_not_fit_is_said(three):
    with pytest.raises(InputError, match="are not those"):
        GexCubic(three.eos, Ideal(("a", "b", "c")))
    with pytest.raises(InputError, match="no use for interaction parameters"):
        GexCubic(CubicEos(("a", "b"), (300.0, 400.0), (4e6, 4e6), (0.1, 0.1), kij=((0.0, 0.1), (0.1, 0.0))), Ideal(("a", "b")))
    with pytest.raises(InputError, match="must be negative"):
        GexCubic(three.eos, three.activity, 0.5)


@pytest.mark.parametrize("names", [("methane", "propane"), ("carbon dioxide", "n-hexane", "nitrogen"), ("ethylene", "n-octane", "hydrogen sulfide", "ethane")], ids="-".join)
def test_within_a_hair_of_the_critical_point(names):
    fluid, z = cubic_from_names(names, "PR78"), np.full(len(names), 1.0 / len(names))
    T, P = phase_envelope(fluid, z).critical[0]
    rng = np.random.default_rng(2)
    off = 10.0 ** rng.uniform(-7.0, -2.0, (30, 2)) * rng.choice([-1, 1], (30, 2))
    batch = flash_batch(fluid, np.tile(z, (30, 1)), T * (1.0 + off[:, 0]), P * (1.0 + off[:, 1]))
    assert set(batch.count) == {1, 2}
    for k in range(30):
        holds(fluid, z, batch[k])
