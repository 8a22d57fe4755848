"""Explain: the variance of a plant figure shared out over its causes, down to the single run."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.errors import InputError, did_you_mean
from chemwright.flowsheet.numbers import ACTIVITY, KINETICS
from chemwright.loop.steps import plant_of
from chemwright.record import CaseRecord


def solved(record: CaseRecord, properties: dict[str, Any], fit: dict[str, Any], design: dict[str, Any]) -> tuple[Any, Any]:
    """The plant and its chosen operating point, solved again from the stored unknowns."""
    plant = plant_of(record, properties, fit)
    return plant, plant.solve(design["conditions"], start=np.array(design["unknowns"]))


def explain(record: CaseRecord, properties: dict[str, Any], fit: dict[str, Any], design: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Shapley shares of the variance of every figure, over the roots of the ledger.

    The kinetic posterior's share is split further over its prior and the single runs (``details``).

    Returns:
        figure -> causes, largest share first; a figure's shares sum to one. ``effect`` is what one standard uncertainty of the cause does to
        the figure in its unit: signed for a single number, the size alone (``sign`` false) for a block of several.
    """
    from chemwright.flowsheet.tables import figures_with_std
    from chemwright.model.root import data_shares
    from chemwright.model.shapley import shapley_linear

    plant, point = solved(record, properties, fit, design)
    ledger = plant.numbers.ledger
    figures, _, rows = figures_with_std(plant, point)
    roots = {r.id: r for r in ledger.roots}
    out: dict[str, list[dict[str, Any]]] = {}
    for name, row in zip(figures, rows, strict=True):
        shares = shapley_linear(row, ledger.cov(), ledger.groups())
        causes = []
        for root_id, share in sorted(shares.items(), key=lambda kv: (-kv[1], kv[0])):
            root = roots[root_id]
            entry: dict[str, Any] = {
                "cause": cause_text(root_id, plant),
                "tier": root.tier,
                "source": root.source,
                "share": share,
                "root": root_id,
                "details": [],
                **effect(row[ledger.index(root_id)], root.cov),
            }
            if root_id == KINETICS:
                parts = data_shares(root, row[ledger.index(root_id)])
                entry["details"] = [{"cause": p.row_id, "source": p.source, "share": p.share * share} for p in sorted(parts, key=lambda p: -p.share)]
            causes.append(entry)
        out[name] = causes
    return out


def effect(slope: Any, cov: Any) -> dict[str, Any]:
    """What one standard uncertainty of a root does to a figure, by the linear sensitivities.

    Args:
        slope: of the figure to the root's numbers, (k,). cov: their covariance, (k, k).
    """
    slope, cov = np.asarray(slope), np.asarray(cov)
    if len(slope) == 1:
        return {"effect": float(slope[0] * np.sqrt(cov[0, 0])), "sign": True}
    return {"effect": float(np.sqrt(max(0.0, float(slope @ cov @ slope)))), "sign": False}


def cause_text(root_id: str, plant: Any) -> str:
    """A root in words."""
    if root_id == KINETICS:
        return f"kinetics ({len(plant.problem.y)} runs and prior)"
    names = {s.id: s.name or s.id for s in plant.record.species}
    if root_id.startswith(ACTIVITY):
        a, b = root_id.removeprefix(ACTIVITY).split("|")
        return f"liquid activity of {names.get(a, a)} with {names.get(b, b)}"
    claim = plant.numbers.claims[root_id]
    names = {s.id: s.name or s.id for s in plant.record.species} | {s.cas: s.name or s.id for s in plant.record.species if s.cas}
    return f"{claim.property.replace('_', ' ')} of {names.get(claim.subject, claim.subject.replace('_', ' '))}"


def causes_of(result: dict[str, list[dict[str, Any]]], figure: str) -> list[dict[str, Any]]:
    """The causes of one figure; ``plant.cost`` means ``cost``.

    Raises:
        InputError: unknown figure, with near misses.
    """
    key = figure.removeprefix("plant.")
    if key not in result:
        raise InputError(f"unknown figure {figure!r}", fix=did_you_mean(key, result))
    return result[key]
