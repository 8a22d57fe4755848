"""The one JSON that ``develop`` prints, from the steps' results."""

from __future__ import annotations

from typing import Any

from chemwright.record import CaseRecord


def summary(record: CaseRecord, results: dict[str, Any]) -> dict[str, Any]:
    """Case, kinetics, design, explain and next in the published layout (docs/reference/results.md); no report path and no meta."""
    fit, design = results["fit"], results["design"]
    return {
        "case": {"name": record.name, "target": record.target, "capacity": {"value": record.plant.capacity, "unit": "kg/s"}, "purity": record.plant.purity, "seed": record.seed},
        "kinetics": {k: fit[k] for k in ("parameters", "rmse", "loo", "n", "converged", "coverage", "starts", "sampler", "information")},
        "design": {k: design[k] for k in ("cost", "e_factor", "co2e", "pmi", "purity", "front", "chosen", "conditions", "at_bounds", "balances", "monte_carlo", "converged")},
        "explain": results["explain"],
        "next": results["next"],
    }
