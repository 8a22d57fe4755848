"""Cubic equations and flashes: against `thermo`, a textbook, limits, and what any answer must hold."""

import casadi as ca
import numpy as np
import pytest

from chemwright.property import pure_claims
from chemwright.record import Species
from chemwright.thermo import Ideal, PureModel, Unifac, pure_model
from chemwright.thermo.equilibrium import Alpha, CubicEos, GammaPhi, cubic_from_names, flash, flash_batch
from chemwright.thermo.equilibrium.liquid import AnyLiquid, liquid
from chemwright.thermo.equilibrium.rachford import many_phases, two_phases
from chemwright.thermo.equilibrium.roots import compressibility_roots

LIQUIDS = {"ethanol": ("CCO", "64-17-5"), "water": ("O", "7732-18-5"), "n-hexane": ("CCCCCC", "110-54-3"), "1-butanol": ("CCCCO", "71-36-3"), "salt": ("[F-].CC[NH+](CC)CC", "")}
KINDS = {"liquid": 0, "vapour": 1}


def gamma_phi(*names):
    species = [Species(n, LIQUIDS[n][0], cas=LIQUIDS[n][1], molar_mass=0.1) for n in names]
    return GammaPhi(Unifac.from_smiles([(s.id, s.smiles) for s in species]), [pure_model(s, pure_claims(s).claims) for s in species])


def raoult(ids, psat):
    """Vapour pressures that hold at any temperature."""
    return GammaPhi(Ideal(ids), [PureModel(i, 0.1, (float(np.log(p)), 0.0, 0.0), 1.0, 0.0, 0.0, 0.0, 0.0, 0.0) for i, p in zip(ids, psat, strict=True)])


def holds(fluid, z, answer):
    """Equal fugacities, balance, and no more Gibbs energy than the feed as one phase."""
    z = np.asarray(z) / np.sum(z)
    n = len(answer.phases)
    state = fluid.at(np.full(n, answer.T), np.full(n, answer.P))
    x = np.array([p.x for p in answer.phases])
    phi = state.ln_phi(x, np.array([KINDS[p.kind] for p in answer.phases], dtype=np.int8))
    with np.errstate(divide="ignore"):
        ln_f = (np.log(x) + phi)[:, z > 0.0]
    assert np.max(np.ptp(ln_f, axis=0)) < 1e-8
    assert np.max(np.abs(sum(p.amount * p.x for p in answer.phases) - z)) < 1e-12
    assert np.max(np.abs(x.sum(axis=1) - 1.0)) < 1e-12
    one = fluid.at(np.array([answer.T]), np.array([answer.P]))
    single = min(float(np.sum(z * (np.log(np.maximum(z, 1e-300)) + one.ln_phi(z[None], np.array([k], dtype=np.int8))[0]))) for k in (0, 1))
    assert answer.gibbs <= single + 1e-10


@pytest.mark.parametrize("form", ["PR76", "PR78", "SRK"])
def test_fugacities_and_departures_agree_with_thermo(form):
    from thermo.eos_mix import PR78MIX, PRMIX, SRKMIX

    fluid = cubic_from_names(["methane", "carbon dioxide", "n-decane"], "PR78")
    fluid = CubicEos(fluid.ids, fluid.tc, fluid.pc, (0.01, 0.22, 0.55), form, fluid.kij)  # beyond 0.491 the 1978 form differs
    rng = np.random.default_rng(1)
    for T, P in ((250.0, 1e5), (350.0, 5e6), (500.0, 3e7)):
        x = rng.dirichlet(np.ones(3))
        theirs = {"PR76": PRMIX, "PR78": PR78MIX, "SRK": SRKMIX}[form](
            T=T, P=P, zs=x.tolist(), Tcs=list(fluid.tc), Pcs=list(fluid.pc), omegas=list(fluid.omega), kijs=[list(r) for r in fluid.kij]
        )
        state = fluid.at(np.array([T]), np.array([P]))
        for kind, name in ((0, "l"), (1, "g")):
            if not hasattr(theirs, f"lnphis_{name}"):
                continue
            k = np.array([kind], dtype=np.int8)
            assert state.ln_phi(x[None], k)[0] == pytest.approx(getattr(theirs, f"lnphis_{name}"), abs=1e-8)
            assert state.compressibility(x[None], k)[0] == pytest.approx(getattr(theirs, f"Z_{name}"), rel=1e-9)
            departure = -8.31446261815324 * T**2 * float(x @ state.ln_phi_dT(x[None], k)[0])
            assert departure == pytest.approx(getattr(theirs, f"H_dep_{name}"), rel=1e-7)


@pytest.mark.parametrize("form", ["PR78", "SRK"])
def test_derivatives_against_differences(form):
    fluid = cubic_from_names(["methane", "ethanol", "water"], form)
    rng = np.random.default_rng(2)
    T, P, x = np.array([300.0, 450.0, 600.0]), np.array([1e5, 8e6, 2e7]), rng.dirichlet(np.ones(3), 3)
    for kind in (0, 1):
        k = np.full(3, kind, dtype=np.int8)
        _, jac = fluid.at(T, P).ln_phi_jacobian(x, k)
        assert np.max(np.abs(jac - np.swapaxes(jac, 1, 2))) < 1e-9  # second derivatives of one function
        assert np.max(np.abs(np.einsum("nij,nj->ni", jac, x))) < 1e-9  # Gibbs and Duhem
        for j in range(3):
            up, down = ((x + h * np.eye(3)[j]) / (1.0 + h) for h in (1e-6, -1e-6))
            assert jac[:, :, j] == pytest.approx((fluid.at(T, P).ln_phi(up, k) - fluid.at(T, P).ln_phi(down, k)) / 2e-6, rel=1e-4, abs=1e-4)
        by_t = (fluid.at(T + 1e-3, P).ln_phi(x, k) - fluid.at(T - 1e-3, P).ln_phi(x, k)) / 2e-3
        assert fluid.at(T, P).ln_phi_dT(x, k) == pytest.approx(by_t, rel=1e-5, abs=1e-8)
        by_p = (fluid.at(T, P * 1.000001).ln_phi(x, k) - fluid.at(T, P * 0.999999).ln_phi(x, k)) / (2e-6 * P[:, None])
        assert fluid.at(T, P).ln_phi_dP(x, k) == pytest.approx(by_p, rel=1e-5, abs=1e-12)


@pytest.mark.parametrize(
    ("alpha", "tr"),
    [
        (Alpha.mathias_copeman([[0.7, -0.2, 0.4]]), 0.7),
        (Alpha.mathias_copeman([[0.7, -0.2, 0.4]]), 1.3),
        (Alpha.twu91([[0.38, 0.85, 2.1]]), 0.7),
        (Alpha.twu91([[0.38, 0.85, 2.1]]), 1.3),
    ],
    ids=["Mathias-Copeman below", "above", "Twu below", "above "],
)
def test_alpha_functions(alpha, tr):
    value, slope = alpha.root(np.array([[tr]]))
    if alpha.twu is not None:
        el, m, n = alpha.twu[0]
        assert value[0, 0] ** 2 == pytest.approx(tr ** (n * (m - 1.0)) * np.exp(el * (1.0 - tr ** (m * n))), rel=1e-12)
    else:
        u, (c1, c2, c3) = 1.0 - np.sqrt(tr), alpha.c[0]
        assert value[0, 0] == pytest.approx(1.0 + c1 * u + (c2 * u**2 + c3 * u**3 if tr < 1.0 else 0.0), rel=1e-12)
    up, down = (alpha.root(np.array([[tr + h]]))[0][0, 0] for h in (1e-6, -1e-6))
    assert slope[0, 0] == pytest.approx((up - down) / 2e-6, rel=1e-6)
    assert alpha.root(np.array([[1.0]]))[0][0, 0] == pytest.approx(1.0, abs=1e-14)


def test_roots_are_roots_at_any_pressure():
    rng = np.random.default_rng(3)
    B = 10.0 ** rng.uniform(-10.0, 2.0, 4000)
    A = B * rng.uniform(0.1, 60.0, 4000)
    for d1, d2 in ((1.0 + 2.0**0.5, 1.0 - 2.0**0.5), (1.0, 0.0)):
        low, high = compressibility_roots(A, B, d1, d2)
        assert np.all(low > B)
        assert np.all(high >= low)
        for z in (low, high):
            left, right = z + d1 * B, z + d2 * B
            gap = 1.0 / (z - B) - A / (left * right) - 1.0  # of the pressure, over P
            slope = -1.0 / (z - B) ** 2 + A * (left + right) / (left * right) ** 2
            far = np.abs(slope) * (z - B) ** 2 > 1e-2  # from where two roots meet
            assert np.mean(far) > 0.95
            assert np.max(np.abs(gap / slope / (z - B))[far]) < 1e-12 / 1e-2


def test_two_phases_keep_a_trace_of_a_phase():
    z = np.array([[0.5, 0.5 - 1e-9, 1e-9]])
    beta, amounts = two_phases(z, np.log(np.array([[1.0 - 1e-9, 1.0 - 2e-9, 3.0]])))
    assert 0.0 < beta[0] < 1.0
    assert np.max(np.abs(amounts.sum(axis=1) - z)) < 1e-15
    k = amounts[0, 1] / amounts[0, 0]
    assert k / k[0] == pytest.approx(np.array([1.0, 1.0 - 1e-9, 3.0]), rel=1e-8)
    assert two_phases(z, np.log(np.array([[0.5, 0.5, 0.5]])))[0][0] == 0.0
    assert two_phases(z, np.log(np.array([[2.0, 2.0, 2.0]])))[0][0] == 1.0


def test_many_phases_agree_with_two():
    rng = np.random.default_rng(4)
    z, phi = rng.dirichlet(np.ones(4), 20), rng.normal(size=(20, 2, 4))
    _, two = two_phases(z, phi[:, 0] - phi[:, 1])
    many = many_phases(z, phi, np.full((20, 2), 0.5))
    assert np.max(np.abs(two - many)) < 1e-9


def test_textbook_flash_of_three_liquids_by_raoult():
    # Smith, Van Ness, Abbott, Introduction to Chemical Engineering Thermodynamics, 7th ed., example 10.5: acetone, acetonitrile, nitromethane at 80 degC and 110 kPa
    fluid = raoult(("acetone", "acetonitrile", "nitromethane"), (195.75e3, 97.84e3, 50.32e3))
    out = flash(fluid, [0.45, 0.35, 0.20], 353.15, 110e3)
    assert out.vapour_fraction == pytest.approx(0.7364, abs=2e-4)
    assert out.phases[0].x == pytest.approx([0.5087, 0.3389, 0.1524], abs=2e-4)
    assert out.phases[1].x == pytest.approx([0.2859, 0.3810, 0.3331], abs=2e-4)
    holds(fluid, [0.45, 0.35, 0.20], out)


@pytest.mark.parametrize(("T", "P"), [(350.0, 2e6), (300.0, 8e6)], ids=str)
def test_flash_agrees_with_thermo(T, P):
    from thermo import CEOSGas, CEOSLiquid, ChemicalConstantsPackage, FlashVL, HeatCapacityGas, PropertyCorrelationsPackage
    from thermo.eos_mix import PRMIX

    fluid, z = cubic_from_names(["methane", "propane", "n-decane"], "PR76"), [0.6, 0.3, 0.1]
    numbers = {"Tcs": list(fluid.tc), "Pcs": list(fluid.pc), "omegas": list(fluid.omega), "kijs": [list(r) for r in fluid.kij]}
    heat = [HeatCapacityGas(CASRN="", poly_fit=(50.0, 2000.0, [0.0, 40.0])) for _ in z]
    constants = ChemicalConstantsPackage(Tcs=numbers["Tcs"], Pcs=numbers["Pcs"], omegas=numbers["omegas"], MWs=[16.0, 44.0, 142.0], CASs=["74-82-8", "74-98-6", "124-18-5"])
    gas, fluid_l = (c(PRMIX, numbers, HeatCapacityGases=heat, T=T, P=P, zs=z) for c in (CEOSGas, CEOSLiquid))
    theirs = FlashVL(constants, PropertyCorrelationsPackage(constants, HeatCapacityGases=heat, skip_missing=True), liquid=fluid_l, gas=gas).flash(T=T, P=P, zs=z)
    ours = flash(fluid, z, T, P)
    assert ours.vapour_fraction == pytest.approx(theirs.VF, abs=1e-6)
    assert ours.phases[1].x == pytest.approx(theirs.phases[1].zs, abs=1e-6)
    holds(fluid, z, ours)


@pytest.mark.parametrize("z", [(0.3, 0.2, 0.5), (0.6, 0.05, 0.35)], ids=str)
def test_three_phases_of_hexane_ethanol_water(z):
    fluid = gamma_phi("n-hexane", "ethanol", "water")
    cold = flash(fluid, z, 298.15, 101325.0)
    assert [p.kind for p in cold.phases] == ["liquid", "liquid"]
    holds(fluid, z, cold)
    temperatures = np.linspace(330.0, 332.0, 81)
    batch = flash_batch(fluid, np.tile(z, (81, 1)), temperatures, 101325.0)
    three = np.flatnonzero(batch.count == 3)
    assert three.size > 0  # boils as vapour and two liquids over some range
    for k in three:
        assert [p.kind for p in batch[k].phases] == ["vapour", "liquid", "liquid"]
        holds(fluid, z, batch[k])
    assert np.all(np.diff(batch.vapour_fraction) > -1e-9)


def test_butanol_and_water_part_and_boil_together():
    fluid = gamma_phi("1-butanol", "water")
    out = flash(fluid, [0.2, 0.8], 300.0, 101325.0)
    assert len(out.liquids) == 2
    rich = max(out.liquids, key=lambda p: p.x[0])
    assert 0.4 < rich.x[0] < 0.6  # measured near 0.49 at 25 degC
    holds(fluid, [0.2, 0.8], out)


@pytest.mark.parametrize("offset", [1e-2, 1e-4, 1e-6], ids=str)
def test_near_the_critical_point(offset):
    fluid, z = cubic_from_names(["methane", "n-butane"], "PR78"), [0.7, 0.3]
    from chemwright.thermo.equilibrium import phase_envelope

    T, P = phase_envelope(fluid, z).critical[0]
    inside, outside = flash(fluid, z, T, P * (1.0 - offset)), flash(fluid, z, T, P * (1.0 + 1e-2))
    assert len(outside.phases) == 1
    if offset > 1e-5:
        assert len(inside.phases) == 2
        assert np.max(np.abs(inside.phases[0].x - inside.phases[1].x)) > 1e-4  # no trivial answer
    holds(fluid, z, inside)


def test_pure_and_absent_species():
    fluid = cubic_from_names(["propane", "n-butane", "water"], "PR78")
    alone = cubic_from_names(["propane"], "PR78")
    for T, P in ((300.0, 5e5), (300.0, 2e6), (400.0, 1e7)):
        a, b = flash(alone, [1.0], T, P), flash(fluid, [1.0, 0.0, 0.0], T, P)
        assert [p.kind for p in a.phases] == [p.kind for p in b.phases]
        assert pytest.approx(b.phases[0].Z, rel=1e-10) == a.phases[0].Z
        assert b.phases[0].x.tolist() == [1.0, 0.0, 0.0]
    pair = flash(cubic_from_names(["propane", "n-butane"], "PR78"), [0.5, 0.5], 300.0, 5e5)
    three = flash(fluid, [0.5, 0.5, 0.0], 300.0, 5e5)
    assert three.vapour_fraction == pytest.approx(pair.vapour_fraction, abs=1e-10)


def test_batch_is_the_single_flashes_and_rows_don_t_mix():
    fluid = cubic_from_names(["methane", "propane", "n-decane", "water"], "PR78")
    rng = np.random.default_rng(5)
    z, T, P = rng.dirichlet(np.ones(4), 30), rng.uniform(280.0, 420.0, 30), np.exp(rng.uniform(np.log(1e5), np.log(1e7), 30))
    batch = flash_batch(fluid, z, T, P)
    for k in range(30):
        one = flash(fluid, z[k], T[k], P[k])
        assert len(one.phases) == batch.count[k]
        assert one.gibbs == pytest.approx(batch.gibbs[k], abs=1e-11)
        holds(fluid, z[k], batch[k])
    assert np.all(np.isnan(batch.x[batch.kinds < 0]))


def test_shortcuts_of_unifac_change_nothing():
    names = ["ethanol", "water", "n-hexane", "salt"]
    model = Unifac.from_smiles([(n, LIQUIDS[n][0]) for n in names])
    assert model.missing == ("salt",)
    rng = np.random.default_rng(6)
    x, T = rng.dirichlet(np.ones(4), 7), rng.uniform(290.0, 400.0, 7)
    quick, plain = liquid(model, T), AnyLiquid(model, T, True)
    assert type(quick) is not type(plain)
    assert quick.ln_gamma(x) == pytest.approx(plain.ln_gamma(x), abs=1e-12)
    assert quick.slopes(x) == pytest.approx(plain.slopes(x), abs=1e-9)
    assert AnyLiquid(model, T, False).slopes(x) == pytest.approx(plain.slopes(x), rel=1e-5, abs=1e-6)
    rows = np.array([3, 3, 0])
    assert quick.take(rows).ln_gamma(x[rows]) == pytest.approx(quick.ln_gamma(x)[rows], abs=1e-14)
    assert float(ca.DM(model.ln_gamma([0.2, 0.3, 0.4, 0.1], 300.0)[0])) == pytest.approx(
        liquid(model, np.array([300.0])).ln_gamma(np.array([[0.2, 0.3, 0.4, 0.1]]))[0, 0], abs=1e-12
    )
