"""Flashes at given enthalpy and entropy, bubble and dew points, envelopes: round trips, limits, measured azeotropes, `thermo`."""

import numpy as np
import pytest

from chemwright.errors import ConvergenceError, InputError, PropertyMissing
from chemwright.thermo.equilibrium import Caloric, IdealGas, bubble_point, cubic_from_names, dew_point, flash, flash_batch, flash_ph, flash_ps, phase_envelope, saturation_points
from test_equilibrium import gamma_phi, holds

CAS = {
    "water": "7732-18-5",
    "ethanol": "64-17-5",
    "1-butanol": "71-36-3",
    "n-hexane": "110-54-3",
    "methane": "74-82-8",
    "propane": "74-98-6",
    "n-decane": "124-18-5",
    "benzene": "71-43-2",
    "toluene": "108-88-3",
}


def caloric(fluid):
    return Caloric(fluid, IdealGas.from_cas([CAS[i] for i in fluid.ids]))


CASES = {
    "pure water": (lambda: cubic_from_names(["water"]), [1.0], (300.0, 600.0), 1e5),
    "wide boiling": (lambda: cubic_from_names(["methane", "propane", "n-decane"]), [0.4, 0.3, 0.3], (200.0, 650.0), 2e6),
    "narrow boiling": (lambda: cubic_from_names(["benzene", "toluene"]), [0.999, 0.001], (300.0, 420.0), 1e5),
    "hexane and water": (lambda: cubic_from_names(["n-hexane", "water"]), [0.5, 0.5], (300.0, 450.0), 3e5),
    "butanol and water": (lambda: gamma_phi("1-butanol", "water"), [0.2, 0.8], (330.0, 420.0), 1e5),
}


@pytest.mark.parametrize("name", CASES)
def test_round_trip_through_enthalpy_and_entropy(name):
    make, z, (low, high), P = CASES[name]
    model = caloric(make())
    T = np.linspace(low, high, 7)
    batch = flash_batch(model.fluid, np.tile(z, (7, 1)), T, P)
    H, S = model.of_batch(batch)
    assert np.all(np.diff(H) > 0.0)
    assert np.all(np.diff(S) > 0.0)
    for back in (flash_ph(model, np.tile(z, (7, 1)), P, H, T_low=150.0), flash_ps(model, np.tile(z, (7, 1)), P, S, T_low=150.0)):
        assert [b.T for b in back] == pytest.approx(T, abs=1e-6)
        assert [b.vapour_fraction for b in back] == pytest.approx(batch.vapour_fraction, abs=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_any_enthalpy_between_is_met_by_phases_in_equilibrium(name):
    make, z, (low, high), P = CASES[name]
    model = caloric(make())
    ends = model.of_batch(flash_batch(model.fluid, np.tile(z, (2, 1)), np.array([low, high]), P))[0]
    goals = np.linspace(ends[0], ends[1], 14)
    for goal, answer in zip(goals, flash_ph(model, np.tile(z, (14, 1)), P, goals, T_low=150.0), strict=True):
        assert model.of(answer)[0] == pytest.approx(goal, abs=1e-7 * (ends[1] - ends[0]))
        holds(model.fluid, z, answer)


def test_phases_where_enthalpy_jumps():
    water = caloric(cubic_from_names(["water"]))
    boils = bubble_point(water.fluid, [1.0], P=1e5).T
    h = water.of_phases(np.array([boils] * 2), np.array([1e5] * 2), np.ones((2, 1)), np.array([0, 1], dtype=np.int8))[0]
    half = flash_ph(water, [1.0], 1e5, float(np.mean(h)))[0]
    assert pytest.approx(boils, abs=1e-6) == half.T
    assert half.vapour_fraction == pytest.approx(0.5, abs=1e-6)
    pair = caloric(cubic_from_names(["n-hexane", "water"]))
    three = flash_ph(pair, [0.5, 0.5], 3e5, float(np.mean(pair.of_batch(flash_batch(pair.fluid, [[0.5, 0.5]] * 2, [369.5, 371.0], 3e5))[0])), T_low=150.0)[0]
    assert [p.kind for p in three.phases] == ["vapour", "liquid", "liquid"]  # two species, three phases: one temperature


def test_heat_of_vaporisation_and_ideal_gas():
    water = caloric(cubic_from_names(["water"]))
    h = water.of_phases(np.array([373.15] * 2), np.array([101325.0] * 2), np.ones((2, 1)), np.array([0, 1], dtype=np.int8))[0]
    assert h[1] - h[0] == pytest.approx(40650.0, rel=0.05)  # handbook 40.65 kJ/mol at the normal boiling point; Peng and Robinson are good for a few per cent
    gas = IdealGas.from_cas([CAS["water"], CAS["methane"]])
    assert (gas.enthalpy(np.array([299.15])) - gas.enthalpy(np.array([297.15])))[0] / 2.0 == pytest.approx([33.6, 35.7], rel=0.01)  # tabulated cp at 298.15 K
    low = water.of_phases(np.array([400.0]), np.array([1e-2]), np.ones((1, 1)), np.array([1], dtype=np.int8))
    assert low[0][0] == pytest.approx(gas.enthalpy(np.array([400.0]))[0, 0], abs=1e-3)
    with pytest.raises(PropertyMissing, match="ideal-gas heat capacity"):
        IdealGas.from_cas(["0-00-0"])


def test_entropy_is_consistent_with_enthalpy():
    fluid = caloric(cubic_from_names(["methane", "propane"]))
    x, T, h = np.array([[0.4, 0.6]] * 3), np.array([349.99, 350.0, 350.01]), 0.01
    H, S = fluid.of_phases(T, np.full(3, 3e6), x, np.ones(3, dtype=np.int8))
    assert (H[2] - H[0]) / (2 * h) == pytest.approx(350.0 * (S[2] - S[0]) / (2 * h), rel=1e-7)  # dh = T ds at constant pressure


def test_bubble_and_dew_of_a_pair_and_their_flash():
    fluid, z = cubic_from_names(["methane", "propane", "n-decane"], "PR76"), [0.6, 0.3, 0.1]
    dew = dew_point(fluid, z, T=350.0)
    assert pytest.approx(37301.285, rel=1e-6) == dew.P  # `thermo` 0.6.1, PRMIX, same constants
    assert pytest.approx(439.88407, abs=1e-4) == dew_point(fluid, z, P=1e6).T  # likewise
    for point, kinds in ((dew, {"vapour"}), (bubble_point(fluid, z, T=350.0), {"liquid"})):
        inside, outside = flash(fluid, z, 350.0, point.P * (1.001 if point is dew else 0.999)), flash(fluid, z, 350.0, point.P * (0.999 if point is dew else 1.001))
        assert len(inside.phases) == 2
        assert {p.kind for p in outside.phases} == kinds
        trace = min(inside.phases, key=lambda p: p.amount)
        assert trace.x == pytest.approx(point.incipient, abs=1e-2)


def test_pure_substance_boils_at_one_temperature():
    fluid = cubic_from_names(["water"])
    low, high = saturation_points(fluid, [1.0], P=101325.0)
    assert low.T == high.T == pytest.approx(373.15, abs=2.0)
    assert saturation_points(fluid, [1.0], T=700.0) == []
    back = bubble_point(fluid, [1.0], T=low.T)
    assert pytest.approx(101325.0, rel=1e-8) == back.P
    with pytest.raises(ConvergenceError, match="no bubble point"):
        bubble_point(fluid, [1.0], T=700.0)


def test_azeotropes_boil_and_condense_at_one_temperature():
    fluid = gamma_phi("ethanol", "water")
    bubble, dew = bubble_point(fluid, [0.894, 0.106], P=101325.0), dew_point(fluid, [0.894, 0.106], P=101325.0)
    assert pytest.approx(dew.T, abs=1e-3) == bubble.T
    assert pytest.approx(351.3, abs=1.5) == bubble.T  # Horsley, Azeotropic Data III: 95.6 % ethanol by mass, 78.2 degC
    two = bubble_point(gamma_phi("1-butanol", "water"), [0.2, 0.8], P=101325.0)
    assert len(two.rest) == 2  # it boils as two liquids
    assert pytest.approx(365.9, abs=1.5) == two.T  # Horsley: 92.7 degC
    assert two.incipient[1] == pytest.approx(0.75, abs=0.03)  # Horsley: 57.5 % butanol by mass


@pytest.mark.parametrize(
    ("names", "z"),
    [
        (["methane", "propane"], [0.9, 0.1]),
        (["methane", "propane", "n-decane"], [0.6, 0.3, 0.1]),
        (["methane", "ethane", "propane", "n-butane", "nitrogen"], [0.7, 0.12, 0.08, 0.05, 0.05]),
    ],
    ids=["binary", "ternary", "natural gas"],
)
def test_envelopes_hold_at_every_point(names, z):
    fluid = cubic_from_names(names, "SRK")
    line = phase_envelope(fluid, z)
    assert line.ended == "P_end"
    assert np.all(line.stable)
    assert len(line.critical) == 1
    assert line.cricondenbar is not None
    assert line.cricondentherm is not None
    assert line.cricondenbar[1] >= line.critical[0][1]
    assert line.cricondentherm[0] >= line.critical[0][0]
    assert np.max(line.T) <= line.cricondentherm[0] + 1e-6
    T, P = line.critical[0]
    state, x = fluid.at(np.array([T]), np.array([P])), np.array([z])
    _, jac = state.ln_phi_jacobian(x, state.stable_kind(x))
    root = np.sqrt(x[0])
    assert abs(np.linalg.eigvalsh(np.eye(len(z)) + root[:, None] * root * jac[0])[0]) < 1e-4  # the stability limit, apart from the way it was found
    for k in range(5, len(line.T), max(len(line.T) // 6, 1)):
        inside = [len(flash(fluid, z, float(line.T[k]) * f, float(line.P[k]) * g).phases) for f, g in ((1.002, 1.0), (0.998, 1.0), (1.0, 1.004), (1.0, 0.996))]
        assert {1, 2} <= set(inside)  # the line parts one phase from two


def test_a_line_that_a_third_phase_takes_over_says_so():
    line = phase_envelope(cubic_from_names(["n-hexane", "water"]), [0.5, 0.5])
    assert line.ended == "lost"
    assert line.stable[0]
    assert not line.stable[-1]


def test_lines_say_what_they_can_t_do():
    fluid = cubic_from_names(["methane", "propane"])
    with pytest.raises(InputError, match="two species"):
        phase_envelope(fluid, [1.0, 0.0])
    with pytest.raises(InputError, match="no critical point"):
        phase_envelope(gamma_phi("ethanol", "water"), [0.5, 0.5])
    with pytest.raises(InputError, match="one of T and P"):
        saturation_points(fluid, [0.5, 0.5], T=300.0, P=1e5)
    with pytest.raises(InputError, match="rise"):
        saturation_points(fluid, [0.5, 0.5], T=300.0, bounds=(1e6, 1e5))
    model = caloric(fluid)
    with pytest.raises(InputError, match="is not met between"):
        flash_ph(model, [0.5, 0.5], 1e5, 1e9)
    with pytest.raises(InputError, match="finite"):
        flash_ph(model, [0.5, 0.5], 1e5, float("nan"))
