"""The hybrid activity model inside a plant: what it does not know reaches cost and the list of experiments."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve

from chemwright.case import Case, demo_case
from chemwright.errors import InputError
from chemwright.flowsheet.liquid import FACTOR, LearnedLiquid, pair_id
from chemwright.flowsheet.numbers import ACTIVITY, Lookup
from chemwright.loop.steps import plant_of
from chemwright.record import ACTIVITIES
from chemwright.thermo.choose import KINDS


@pytest.fixture(scope="module")
def plant(snar, snar_results):
    record = evolve(snar, plant=evolve(snar.plant, activity="hybrid"))
    return plant_of(record, snar_results["properties"], snar_results["fit"])


def test_the_case_knows_the_models_that_thermo_has():
    assert set(ACTIVITIES) == {"unifac" if k == "original" else k for k in KINDS}


def test_coefficients_are_roots_and_move_ln_gamma_by_the_models_own_sensitivity(plant):
    liquid, numbers = plant.activity, plant.numbers
    assert isinstance(liquid, LearnedLiquid)
    x = [np.array([1.0 / len(liquid.ids)]) for _ in liquid.ids]
    base = np.array(liquid.on(Lookup(numbers, numbers.mean)).ln_gamma(x, 345.0), dtype=float).reshape(len(x))
    assert base == pytest.approx(np.array(liquid.model.ln_gamma(x, 345.0), dtype=float).reshape(len(x)), abs=1e-12)
    name = f"{pair_id(liquid.ids[0], liquid.ids[1])}.A0"
    moved = numbers.mean.copy()
    moved[numbers.index(name)] += 1e-3
    change = np.array(liquid.on(Lookup(numbers, moved)).ln_gamma(x, 345.0), dtype=float).reshape(len(x)) - base
    slope = liquid.model.sensitivity(x, 345.0)[:, 0, 0] * 1e-3
    assert change == pytest.approx(slope, abs=1e-9)


def test_the_symbols_agree_with_numbers(plant):
    import casadi as ca

    liquid, numbers = plant.activity, plant.numbers
    p, x = ca.SX.sym("p", len(numbers.mean)), ca.SX.sym("x", len(liquid.ids))
    gamma = ca.Function("g", [x, p], [ca.vertcat(*liquid.on(Lookup(numbers, ca.vertsplit(p))).ln_gamma(ca.vertsplit(x), 350.0))])
    z = np.linspace(1.0, 2.0, len(liquid.ids))
    z /= z.sum()
    assert np.array(gamma(z, numbers.mean)).ravel() == pytest.approx(np.array(liquid.model.ln_gamma([np.array(v) for v in z], 350.0), dtype=float).ravel(), abs=1e-10)


def test_the_factor_on_the_solvent_is_what_the_model_leaves_open(plant):
    assert plant.numbers.claims[FACTOR].std == pytest.approx(plant.activity.model.floor)
    assert {r.id for r in plant.numbers.ledger.roots if r.id.startswith(ACTIVITY)} == {r.id for r in plant.activity.roots()}


@pytest.mark.parametrize(("given", "meant"), [("hybird", "hybrid"), ("UNIFAC", "unifac"), ("dortmnd", "dortmund")], ids=["letters swapped", "capitals", "letter lost"])
def test_an_unknown_model_is_refused_with_the_near_one(tmp_path, given, meant):
    path = demo_case(tmp_path / "case")
    path.write_text(path.read_text(encoding="utf-8").replace("[plant]\n", f'[plant]\nactivity = "{given}"\n'), encoding="utf-8")
    with pytest.raises(InputError, match=r"unknown activity model") as caught:
        Case.from_toml(path)
    assert meant in str(caught.value)
    assert "[plant] activity" in str(caught.value)


@pytest.mark.slow
def test_a_plant_on_the_hybrid_liquid_names_pairs_to_measure(snar, snar_results, plant):
    from chemwright import loop
    from chemwright.loop.verify import realise

    record = plant.record
    design = loop.design(record, snar_results["properties"], snar_results["fit"])
    assert design["converged"]
    results = {**snar_results, "design": design}
    causes = loop.explain(record, snar_results["properties"], snar_results["fit"], design)
    assert any(c["root"].startswith(ACTIVITY) and c["share"] > 0 for c in causes["cost"])
    assert sum(c["share"] for c in causes["cost"]) == pytest.approx(1.0)
    rows = loop.next_experiments(record, snar_results["properties"], snar_results["fit"], design)
    pairs = [r for r in rows if r["informs"].startswith(ACTIVITY)]
    assert pairs
    assert all(0 < r["expected_reduction"] < 1 for r in pairs)
    assert realise(record, results, pairs[0], n=4).information == pytest.approx(pairs[0]["expected_reduction"], rel=0.5)
