"""The steps: shares that sum to one, forecasts that come true, results that repeat."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chemwright import loop
from chemwright.errors import InputError
from chemwright.loop.verify import realise
from chemwright.record import to_json


def test_shares_sum_to_one(snar_results) -> None:
    for causes in snar_results["explain"].values():
        assert sum(c["share"] for c in causes) == pytest.approx(1.0, abs=1e-6)
        assert all(c["share"] >= 0 for c in causes)
        for cause in causes:
            if cause["details"]:
                assert sum(d["share"] for d in cause["details"]) == pytest.approx(cause["share"], abs=1e-9)


def test_every_cause_has_a_source(snar_results) -> None:
    assert all(c["source"] and c["tier"] for causes in snar_results["explain"].values() for c in causes)


def test_kinetics_goes_down_to_the_run(snar_results) -> None:
    kinetics = next(c for c in snar_results["explain"]["purity"] if c["root"] == "kinetics")
    assert len(kinetics["details"]) == 67  # 66 runs and the prior


def test_linear_std_is_near_the_sampled_one(snar_results) -> None:
    check = snar_results["design"]["monte_carlo"]
    assert check["failed"] == 0
    for figure in ("cost", "e_factor", "co2e"):
        assert check[figure]["std"] == pytest.approx(check[figure]["linear_std"], rel=0.15)


def test_next_is_ranked_and_bounded(snar_results) -> None:
    rows = snar_results["next"]
    worth = [r["per_cost"] for r in rows]
    assert worth == sorted(worth, reverse=True)
    assert all(0 <= r["expected_reduction"] <= 1 for r in rows)
    assert {"flow_run", "crystallisation_test", "solubility", "quote_sm"} <= {r["id"] for r in rows}


def test_budget_leaves_the_dear_ones_out(snar, snar_results) -> None:
    rows = loop.next_experiments(snar, *(snar_results[k] for k in ("properties", "fit", "design", "explain")), figure="plant.e_factor", budget=500.0)
    assert rows
    assert all(r["cost"] <= 500 for r in rows)


def test_unknown_figure_gets_near_misses(snar, snar_results) -> None:
    with pytest.raises(InputError, match="e_factor"):
        loop.next_experiments(snar, *(snar_results[k] for k in ("properties", "fit", "design", "explain")), figure="efactor")
    with pytest.raises(InputError, match="cost"):
        loop.causes_of(snar_results["explain"], "plant.costs")


@pytest.mark.slow
@pytest.mark.parametrize("figure", ["cost", "e_factor", "purity"])
def test_the_forecast_comes_true_without_linearising(snar, snar_results, figure: str) -> None:
    rows = loop.next_experiments(snar, *(snar_results[k] for k in ("properties", "fit", "design", "explain")), figure=figure)
    real = realise(snar, snar_results, rows[0], figure, n=20, seed=0)
    assert real.mean == pytest.approx(real.forecast, rel=0.3)
    assert real.mean > np.median([r["expected_reduction"] for r in rows])


@pytest.mark.slow
def test_a_flow_run_teaches_what_was_forecast(snar, snar_results) -> None:
    rows = loop.next_experiments(snar, *(snar_results[k] for k in ("properties", "fit", "design", "explain")), figure="purity")
    run = next(r for r in rows if r["id"] == "flow_run")
    real = realise(snar, snar_results, run, "purity", n=10, seed=0)
    assert real.information > 0
    assert real.information == pytest.approx(real.forecast, rel=1.0)


def test_summary_has_the_published_keys_and_is_plain_json(snar, snar_results) -> None:
    data = loop.summary(snar, snar_results)
    assert set(data) == {"case", "kinetics", "design", "explain", "next"}
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert {"parameters", "rmse", "loo", "n", "converged"} <= set(data["kinetics"])
    assert {"cost", "e_factor", "co2e", "front"} <= set(data["design"])


def test_steps_repeat_to_the_last_digit(snar, snar_results) -> None:
    properties, fit = snar_results["properties"], snar_results["fit"]
    assert loop.properties(snar) == properties
    again = loop.design(snar, properties, fit)
    assert to_json(again) == to_json(snar_results["design"])


def test_a_claim_of_the_case_takes_the_place_of_a_default(snar, snar_results) -> None:
    from attrs import evolve

    from chemwright.record import Claim

    quote = Claim("price.446-35-5", "446-35-5", "price", 30.0, "USD/kg", 0.5, tier="measured", source="quote")
    dear = evolve(snar, claims=(*snar.claims, quote))
    design = loop.design(dear, snar_results["properties"], snar_results["fit"], points=2, draws=5)
    assert design["cost"]["value"] > snar_results["design"]["cost"]["value"] + 5
    assert design["cost"]["std"] < snar_results["design"]["cost"]["std"]
