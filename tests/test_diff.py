"""Which changed input moved a figure: each alone, together, and the operating point; the rows sum to the change."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from attrs import evolve

from chemwright import loop
from chemwright.case.compare import compare
from chemwright.cli.tables import changes
from chemwright.loop.attribute import MOVED, TOGETHER, attribute
from chemwright.record import Claim, Source


@pytest.fixture(scope="module")
def changed(snar, snar_results):
    """Twice the capacity, another price, another purge; the fit still holds."""
    claims = (
        Claim("price.446-35-5", "446-35-5", "price", 17.2, "USD/kg", 0.5, source="offer"),
        Claim("plant.purge", "plant", "purge_fraction", 0.10, "1", 0.01, source="offer"),
    )
    record = evolve(
        snar, plant=evolve(snar.plant, capacity=2 * snar.plant.capacity), claims=(*snar.claims, *claims), sources=(*snar.sources, Source("offer", "literature", "an offer"))
    )
    design = loop.design(record, snar_results["properties"], snar_results["fit"], points=1, draws=2)
    return record, {"properties": snar_results["properties"], "fit": snar_results["fit"], "design": design}


def test_rows_sum_to_the_change_and_name_the_inputs(snar, snar_results, changed):
    record, results = changed
    found, note = attribute(snar, record, snar_results, results)
    assert note == ""
    for figure, rows in found.items():
        assert sum(r["change"] for r in rows) == pytest.approx(results["design"][figure]["value"] - snar_results["design"][figure]["value"], abs=1e-7)
    cost = {r["id"] or r["cause"]: r for r in found["cost"]}
    assert {"plant.capacity", "price.446-35-5", "plant.purge", MOVED} <= set(cost)
    assert cost["plant.capacity"]["change"] < 0 < cost["price.446-35-5"]["change"]
    assert (cost["price.446-35-5"]["after"], cost["price.446-35-5"]["unit"]) == (17.2, "USD/kg")
    assert {r["id"] for r in found["e_factor"]} <= {"plant.purge", ""}  # a price or a size makes no waste
    assert abs(cost.get(TOGETHER, {"change": 0.0})["change"]) < 0.01 * abs(sum(r["change"] for r in found["cost"]))


def test_a_price_moves_the_cost_by_what_is_bought(snar, snar_results):
    """At the operating point held, cost is linear in a price: the slope is kilograms bought a kilogram of product."""
    claim = Claim("price.446-35-5", "446-35-5", "price", 17.2, "USD/kg", 0.5, source="offer")
    record = evolve(snar, claims=(*snar.claims, claim))
    rows, _ = attribute(snar, record, snar_results, snar_results)
    (row,) = [r for r in rows["cost"] if r["id"] == "price.446-35-5"]
    streams = {s["name"]: s for s in snar_results["design"]["streams"]}
    bought = streams["fresh"]["mass"]["SM"] / streams["product"]["mass_flow"]
    assert row["change"] == pytest.approx((17.2 - row["before"]) * bought, rel=0.02)


def test_other_kinetics_are_one_cause(snar, snar_results):
    assert attribute(snar, snar, snar_results, snar_results) == ({f: [] for f in ("cost", "e_factor", "co2e", "pmi", "purity")}, "")
    hybrid = snar_results["fit"]["hybrid"]
    faster = {**hybrid, "mean": [hybrid["mean"][0] + 0.3, *hybrid["mean"][1:]]}  # ln k of r1, the wanted reaction
    rows, _ = attribute(snar, snar, snar_results, {**snar_results, "fit": {**snar_results["fit"], "hybrid": faster}})
    assert [r["id"] for r in rows["e_factor"]] == ["kinetics"]
    assert rows["e_factor"][0]["change"] < 0


def test_other_chemistry_is_not_shared_out(snar, snar_results):
    other = evolve(snar, solvent="amine")
    assert attribute(snar, other, snar_results, snar_results)[0] == {}
    found = compare(*(SimpleNamespace(record=r, results=snar_results) for r in (snar, other)))
    assert "solvent" in found["note"]
    assert all(f["because"] == [] for f in found["figures"])


def test_compare_says_why(snar, snar_results, changed):
    record, results = changed
    found = compare(SimpleNamespace(record=snar, results=snar_results), SimpleNamespace(record=record, results=results))
    assert found["figures"][0]["because"][0]["id"] == "plant.capacity"
    lines = {head: (a, b) for head, a, b in changes(found["changed"])}
    assert lines["claims[price.446-35-5]"] == ("-", "17.2 USD/kg")
    assert lines["sources[offer]"] == ("-", "an offer")
    assert "plant.capacity" in lines
    back = {head: (a, b) for head, a, b in changes(compare(SimpleNamespace(record=record, results={}), SimpleNamespace(record=snar, results={}))["changed"])}
    assert back["claims[price.446-35-5]"] == ("17.2 USD/kg", "-")
