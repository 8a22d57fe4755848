"""Next: candidate measurements in every tier, ranked by what they are expected to take off a figure's variance per cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.errors import InputError, did_you_mean
from chemwright.flowsheet.numbers import KINETICS
from chemwright.kinetics.flow_model import COLUMNS
from chemwright.loop.explain import solved
from chemwright.loop.next_flow import best_flow_run
from chemwright.loop.next_liquid import boiling_points
from chemwright.model.forecast import Candidate, rank
from chemwright.model.protocol import Array
from chemwright.record import CaseRecord

PAIRS = "activity:pairs"
"""A measurement that informs the pairs of a learned liquid."""


def candidates(plant: Any, g: Array, record: CaseRecord) -> tuple[list[Candidate], dict[str, dict[str, Any]]]:
    """Every measurement that could be made, with its gradient on the ledger and its noise.

    Args:
        plant: the plant.
        g: gradient of the figure on the ledger (K,), to pick the best flow run.
        record: the case.
    """
    from chemwright.equipment import load_measurements

    ledger = plant.numbers.ledger
    size = len(ledger.mean())
    out: list[Candidate] = []
    facts: dict[str, dict[str, Any]] = {}
    for m in load_measurements():
        if m.informs.startswith("experiment:"):
            best, row = best_flow_run(plant, g, record.seed)
            out.append(Candidate(m.id, m.description, m.tier, m.cost, row, plant.hybrid.sigma, by="laboratory"))
            facts[m.id] = {"informs": KINETICS, "conditions": dict(zip(COLUMNS, best.tolist(), strict=True))}
            continue
        if m.informs == PAIRS:
            for candidate, fact in boiling_points(plant, g, m):
                out.append(candidate)
                facts[candidate.id] = fact
            continue
        if m.informs not in plant.numbers.claims or m.informs not in {r.id for r in ledger.roots}:
            continue
        j = np.zeros(size)
        j[ledger.index(m.informs)] = 1.0
        mean = plant.numbers.mean[plant.numbers.index(m.informs)]
        scale = 1.0 if m.noise_unit == "relative" else _scale(m.noise_unit, plant.numbers.claims[m.informs].unit)
        sigma = m.std_noise * abs(mean) if m.noise_unit == "relative" else m.std_noise * scale
        out.append(Candidate(m.id, m.description, m.tier, m.cost, j, sigma, by="laboratory"))
        facts[m.id] = {"informs": m.informs, "conditions": {}}
    return out, facts


def _scale(noise_unit: str, claim_unit: str) -> float:
    from chemwright.flowsheet.numbers import si_unit
    from chemwright.quantity import convert

    return convert(1.0, noise_unit, si_unit(claim_unit))


def next_experiments(
    record: CaseRecord,
    properties: dict[str, Any],
    fit: dict[str, Any],
    design: dict[str, Any],
    explain: dict[str, Any] | None = None,
    figure: str = "cost",
    budget: float | None = None,
) -> list[dict[str, Any]]:
    """Candidate measurements, best per cost first.

    Args:
        record, properties, fit, design, explain: the case and its earlier steps.
        figure: whose variance is to shrink.
        budget: in USD; dearer ones are left out.

    Raises:
        InputError: unknown figure.
    """
    from chemwright.flowsheet.plant import FIGURES
    from chemwright.flowsheet.tables import figures_with_std

    figure = figure.removeprefix("plant.")
    if figure not in FIGURES:
        raise InputError(f"unknown figure {figure!r}", where="figure", fix=did_you_mean(figure, FIGURES))
    plant, point = solved(record, properties, fit, design)
    figures, _, rows = figures_with_std(plant, point)
    g = rows[FIGURES.index(figure)]
    options, facts = candidates(plant, g, record)
    ranked = rank(options, g, plant.numbers.ledger.cov(), budget)
    return [
        {
            "experiment": r.candidate.description, "id": r.candidate.id, "tier": r.candidate.tier, "cost": r.candidate.cost, "expected_reduction": r.reduction, "per_cost": r.per_cost, "noise": float(np.ravel(r.candidate.sigma)[0]),
            "std_after": float(figures[figure]["std"] * np.sqrt(max(0.0, 1 - r.reduction))), **facts[r.candidate.id],
        }
        for r in ranked
    ]  # fmt: skip
