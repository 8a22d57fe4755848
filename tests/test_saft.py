"""PC-SAFT: published figures, limits and conservation laws, parameters from structure, polymers, and what it refuses."""

import json
import sys

import numpy as np
import pytest

from chemwright.errors import ConvergenceError, InputError, PropertyMissing, SubstanceError
from chemwright.thermo.saft.published import published, source, table
from chemwright.thermo.saft.record import COLUMNS, SaftParameters, stack

feos = pytest.importorskip("feos", reason="the extra saft is not installed")
from chemwright.thermo import saft  # noqa: E402
from chemwright.thermo.saft import network  # noqa: E402

NAN = float("nan")
HEXANE = SaftParameters("hexane", 0.086177, 3.0576, 3.7983, 236.77)
"""Gross and Sadowski, Ind. Eng. Chem. Res. 40 (2001) 1244, table 1."""


def test_published_table_is_whole_and_has_its_source():
    assert len({k for k in table() if k.isupper()}) == 1842
    assert source().doi == "10.1021/acs.iecr.3c02255"
    ethanol = published("LFQSCWFLJHTTHZ-UHFFFAOYSA-N")
    assert (ethanol.m, ethanol.sigma, ethanol.epsilon_k, ethanol.na, ethanol.nb) == (2.8866, 2.95772, 187.26028, 1, 1)
    assert published("XXXXXXXXXXXXXX-UHFFFAOYSA-N") is None


@pytest.mark.parametrize(
    ("smiles", "boiling", "density", "heat"),
    [("CCCCCC", 341.9, 655.0, 31560.0), ("CCO", 351.4, 785.0, 42300.0), ("c1ccccc1", 353.2, 874.0, 33830.0), ("O", 373.1, 997.0, 43990.0), ("CC(C)=O", 329.2, 784.0, 30990.0)],
    ids=lambda v: str(v),
)
def test_published_parameters_meet_handbook_figures(smiles, boiling, density, heat):
    one = saft.parameters(smiles)
    assert one.tier == "mechanism"
    assert one.source == "Esper2023"
    assert saft.boiling_temperature([one])[0] == pytest.approx(boiling, rel=0.004)
    assert (saft.liquid_density([one], 298.15, 101325.0) * one.molar_mass)[0] == pytest.approx(density, rel=0.04 if smiles == "O" else 0.02)  # water is PC-SAFT's hardest
    assert saft.enthalpy_of_vaporisation([one], 298.15)[0] == pytest.approx(heat, rel=0.04)


def test_limits_of_a_pure_substance():
    critical = saft.critical_point(HEXANE)
    assert pytest.approx(507.6, rel=0.03) == critical.T  # mean-field equations lie above the measured one
    assert np.isnan(saft.vapour_pressure([HEXANE], critical.T + 1.0)).all()
    below = saft.vapour_pressure([HEXANE], critical.T - 0.5)[0]
    assert 0.97 * critical.p < below < critical.p
    T = np.linspace(250.0, 480.0, 24)
    p = saft.vapour_pressure([HEXANE] * len(T), T)
    assert (np.diff(p) > 0).all()
    assert saft.boiling_temperature([HEXANE] * len(T), p) == pytest.approx(T, rel=1e-8)
    sat = saft.saturated_liquid_density([HEXANE] * len(T), T)
    assert saft.liquid_density([HEXANE] * len(T), T, p * 1.0000001) == pytest.approx(sat, rel=1e-6)
    # Clausius and Clapeyron, with the gas's volume from the ideal gas law at low pressure
    slope = 8.314462618 * 260.0**2 * np.diff(np.log(saft.vapour_pressure([HEXANE] * 2, [259.9, 260.1])))[0] / 0.2
    assert slope == pytest.approx(saft.enthalpy_of_vaporisation([HEXANE], 260.0)[0], rel=0.01)


def test_mixture_limits_gibbs_duhem_and_equal_fugacities():
    mix = saft.SaftMixture([saft.parameters("CCO"), HEXANE], {(0, 1): 0.02})
    for x, i in (([1.0, 0.0], 0), ([0.0, 1.0], 1)):
        assert mix.ln_gamma(x, 323.15)[i] == pytest.approx(0.0, abs=1e-6)
    h, x = 1e-4, 0.3
    up, down = (np.array(mix.ln_gamma([v, 1 - v], 323.15)) for v in (x + h, x - h))
    assert abs(np.array([x, 1 - x]) @ (up - down) / (2 * h)) < 2e-3  # at constant pressure: the excess volume's part is small
    point = mix.bubble_point([0.3, 0.7], T=323.15)
    assert point.light.sum() == pytest.approx(1.0)
    assert point.fraction_light == 0.0
    assert mix.dew_point(point.light, T=323.15).p == pytest.approx(point.p, rel=1e-6)
    assert pytest.approx(323.15, rel=1e-7) == mix.bubble_point([0.3, 0.7], p=point.p).T
    assert saft.bubble_pressures([(mix.substances[0], HEXANE)], [0.3], [323.15], [0.02]) == pytest.approx([point.p], rel=1e-6)
    arrays = mix.ln_gamma([np.array([0.1, 0.3]), np.array([0.9, 0.7])], 323.15)
    assert arrays[0][1] == pytest.approx(mix.ln_gamma([0.3, 0.7], 323.15)[0])


def test_kij_is_found_again_from_the_pressures_it_gave():
    pair = (saft.parameters("CCO"), HEXANE)
    x, T = np.array([0.1, 0.4, 0.8]), np.full(3, 323.15)
    assert saft.fitted_kij(pair, x, T, saft.bubble_pressures([pair] * 3, x, T, 0.031)) == pytest.approx(0.031, abs=2e-4)


def test_two_liquids_and_one():
    mix = saft.SaftMixture([saft.parameters("O"), HEXANE])
    split = mix.flash([0.5, 0.5], 298.15, 101325.0)
    assert split.density_light < split.density_dense
    feed = split.fraction_light * split.light + (1 - split.fraction_light) * split.dense
    assert feed == pytest.approx([0.5, 0.5], abs=1e-9)
    assert saft.SaftMixture([HEXANE, saft.parameters("CCCCCCC")]).flash([0.5, 0.5], 298.15, 101325.0) is None


def test_henry_constant_is_the_slope_of_the_bubble_pressure():
    mix = saft.SaftMixture([saft.parameters("O=C=O"), HEXANE])
    h = mix.henry_constants(298.15, [0.0, 1.0])[0]
    x = 1e-5
    assert (mix.bubble_point([x, 1 - x], T=298.15).p - saft.vapour_pressure([HEXANE], 298.15)[0]) / x == pytest.approx(h, rel=0.02)


def test_predictions_from_structure_stay_the_same(request):
    stored = json.loads((request.path.parent / "data" / "saft_predictions.json").read_text(encoding="utf-8"))
    said = saft.from_structure(list(stored["parameters"]))
    assert network.network().card["sha256"] == stored["sha256"]
    for smiles, row, mine in zip(stored["parameters"], stored["parameters"].values(), said.values, strict=True):
        assert mine == pytest.approx(row, rel=1e-5), smiles
    assert said.vapour_pressure(350.0).mean == pytest.approx(stored["psat_350"], rel=1e-4)
    assert said.density(298.15).mean == pytest.approx(stored["density_298"], rel=1e-5)


def test_estimates_have_finite_intervals_that_hold_the_value():
    said = saft.from_structure(["CCCCCCCC", "CC(=O)Nc1ccc(O)cc1", "CCOC(=O)c1ccccc1"])
    for estimates in (said.vapour_pressure(380.0), said.density(298.15)):
        assert np.isfinite(estimates.high).all()
        assert (estimates.low < estimates.mean).all()
        assert (estimates.mean < estimates.high).all()
        assert (estimates.std > 0).all()


def test_no_structure_runs_away():
    strange = [
        "C" * 60,
        "F" + "C(F)(F)" * 20 + "F",
        "OCC(O)C(O)C(O)C(O)CO",
        "c1ccc2cc3ccccc3cc2c1",
        "CC#N",
        "C[Si](C)(C)O[Si](C)(C)C",
        "BrC(Br)(Br)Br",
        "O=C1OCCO1",
        "[O-][n+]1ccccc1",
    ]
    said = saft.from_structure(strange)
    m, sigma, epsilon = said.values[:, 0], said.values[:, 1], said.values[:, 2]
    assert (m >= 1.0).all()
    assert (sigma > 2.0).all()
    assert (sigma < 5.2).all()
    assert (epsilon > 110.0).all()
    assert (epsilon < 630.0).all()


def test_a_batch_survives_what_it_cannot_answer():
    said = saft.from_structure(["CCO", "[Na+].[Cl-]", "not a molecule", "C[N+](C)(C)C", "[Fe]", "CC"])
    assert [bool(w) for w in said.why] == [False, True, True, True, True, False]
    assert np.isnan(said.values[1:5]).all()
    assert np.isfinite(said.values[[0, 5]]).all()
    assert said.sets()[1] is None
    assert said.sets()[0].tier == "hybrid"
    assert not said.in_domain[1:5].any()


def test_a_measured_boiling_point_and_density_are_met():
    said = saft.from_structure(["CCCCCCCC", "CCOC(C)=O", "CCCCO"])
    met = said.anchored(boiling=[398.8, NAN, 390.9], density=[NAN, 894.0, NAN])
    assert saft.boiling_temperature(met.values)[[0, 2]] == pytest.approx([398.8, 390.9], rel=1e-6)
    assert met.density(298.15).mean[1] == pytest.approx(894.0, rel=1e-6)
    absurd = said.anchored(boiling=[100.0, NAN, NAN])
    assert absurd.values == pytest.approx(said.values)


def test_no_molecule_boils_below_what_is_asked_and_what_boils_above_stays():
    smiles = ["[O-][n+]1ccccc1", "CCCCCCCC", "[Na+].[Cl-]"]
    free, kept = saft.from_structure(smiles, NAN), saft.from_structure(smiles, [500.0, 300.0, 400.0])
    before, after = saft.boiling_temperature(free.values[:2]), saft.boiling_temperature(kept.values[:2])
    assert before[0] < 500.0
    assert after[0] == pytest.approx(500.0, rel=1e-6)
    assert after[1] == before[1] > 300.0
    assert kept.why[2]
    assert np.isnan(kept.values[2]).all()


def test_the_equation_keeps_to_the_learned_boiling_point():
    smiles = ["[O-][n+]1ccccc1", "O=C1OCCO1", "CCCCCCCC"]
    free, kept = (saft.boiling_temperature(saft.from_structure(smiles, least).values) for least in (NAN, None))
    assert (kept >= free - 1e-9).all()
    assert free[0] < 420.0
    assert kept[0] > 480.0  # pyridine N-oxide is said to boil at 543 K
    assert kept[2] == pytest.approx(398.8, rel=0.02)


@pytest.mark.parametrize(
    ("unit", "T", "density"),
    [("*CC(*)c1ccccc1", 450.0, 975.0), ("*CC*", 450.0, 767.0), ("*CC(*)C", 450.0, 765.0), ("*[Si](C)(C)O*", 300.0, 970.0)],
    ids=["polystyrene", "polyethylene", "polypropylene", "polydimethylsiloxane"],
)
def test_polymer_melts(unit, T, density):
    chain = saft.polymer(unit, 100.0)
    assert chain.molar_mass == 100.0
    assert "polymer" in chain.note
    assert (saft.liquid_density([chain], T, 101325.0) * 100.0)[0] == pytest.approx(density, rel=0.04)
    longer = saft.polymer(unit, 200.0)
    assert longer.m / 200.0 == pytest.approx(chain.m / 100.0, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: saft.polymer("*CC", 10.0), InputError, "no repeat unit"),
        (lambda: saft.polymer("*CC*", 0.05), InputError, "shorter than"),
        (lambda: saft.parameters("[Na+].[Cl-]"), PropertyMissing, "no PC-SAFT parameters"),
        (lambda: saft.parameters("CC(=O)[O-]"), PropertyMissing, "an ion"),
        (lambda: saft.parameters("XXXXXXXXXXXXXX-UHFFFAOYSA-N"), PropertyMissing, "no published"),
        (lambda: saft.parameters("nonsense"), SubstanceError, "not a valid SMILES"),
        (lambda: saft.vapour_pressure([HEXANE], -5.0), InputError, "positive and finite"),
        (lambda: saft.SaftMixture([]), InputError, "without components"),
        (lambda: saft.SaftMixture([HEXANE], {(0, 3): 0.1}), InputError, "pair"),
        (lambda: saft.SaftMixture([HEXANE, HEXANE]).bubble_point([0.6, 0.6], T=300.0), InputError, "sum to one"),
        (lambda: saft.SaftMixture([HEXANE, HEXANE]).bubble_point([0.5, 0.5]), InputError, "either a temperature or a pressure"),
        (lambda: saft.SaftMixture([HEXANE, HEXANE]).bubble_point([0.5, 0.5], T=900.0), ConvergenceError, "finds no bubble point"),
        (lambda: SaftParameters("x", 0.1, -1.0, 3.0, 200.0), InputError, "positive number"),
    ],
)
def test_plain_errors(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_a_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "feos", None)
    with pytest.raises(InputError, match=r"chemwright\[saft\]"):
        saft.vapour_pressure([HEXANE], 300.0)


def test_rows_and_columns():
    assert stack([HEXANE]).shape == (1, len(COLUMNS))
    assert SaftParameters.of("hexane", 0.086177, HEXANE.row()) == HEXANE
