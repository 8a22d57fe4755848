"""Which change of a case's inputs moved the plant's figures: each substituted alone, the operating point held, and what is left over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import evolve

from chemwright.errors import ConvergenceError
from chemwright.flowsheet.numbers import ACTIVITY, KINETICS
from chemwright.flowsheet.plant import FIGURES, Operating, Plant
from chemwright.loop.explain import cause_text, solved
from chemwright.loop.steps import plant_of
from chemwright.model.protocol import Array
from chemwright.record import CaseRecord

TOGETHER, MOVED = "these acting on each other", "operating point chosen anew"
_SPEC = ("capacity", "hours", "activity")


def attribute(before: CaseRecord, after: CaseRecord, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, list[dict[str, Any]]], str]:
    """Share out the change of every figure over the inputs that changed.

    Each changed input is put into the older plant alone, its operating point (temperature, time, ratios) held, and the plant is solved
    again. What all of them do together beyond the sum of the single changes, and what choosing the operating point anew then changed,
    are rows of their own; a figure's rows sum to its change.

    Args:
        before, after: the records.
        old, new: results of properties, fit and design of both.

    Returns:
        figure -> rows of cause, id, change, how (``solved``, or ``linear`` where the plant with that one change has no solution and its
        sensitivity stands in) and of a number also before, after, unit; and why there are none, or empty.
    """
    if (before.species, before.solvent, before.reactions, before.plant.base) != (after.species, after.solvent, after.reactions, after.plant.base):
        return {}, "not shared out over the changes: species, solvent, base or reactions differ, so the two plants have different equations"
    plant, point = solved(before, old["properties"], old["fit"], old["design"])
    last, chosen = solved(after, new["properties"], new["fit"], new["design"])
    rows = [*_numbers(plant, point, last), *_settings(before, after, old, new, point)]
    try:
        held = _vector(last.solve(point.design, start=point.unknowns))
    except ConvergenceError:
        return {}, "not shared out over the changes: the newer plant does not solve at the older operating point"
    start = _vector(point)
    alone = sum((r["change"] for r in rows), np.zeros(len(FIGURES)))
    rows.append({"cause": TOGETHER, "id": "", "change": held - start - alone, "how": "solved"})
    rows.append({"cause": MOVED, "id": "", "change": _vector(chosen) - held, "how": "solved"})
    return {f: _of(rows, i, float(start[i])) for i, f in enumerate(FIGURES)}, ""


def _vector(point: Operating) -> Array:
    return np.array([point.figures[f] for f in FIGURES])


def _of(rows: list[dict[str, Any]], i: int, scale: float) -> list[dict[str, Any]]:
    """One figure's rows, largest first; changes below 1e-9 of the figure are rounding of the solution."""
    one = [{**r, "change": float(r["change"][i])} for r in rows if abs(r["change"][i]) > 1e-9 * abs(scale)]
    return sorted(one, key=lambda r: -abs(r["change"]))


def _numbers(plant: Plant, point: Operating, last: Plant) -> list[dict[str, Any]]:
    """Every claim whose value differs, put into the older plant alone."""
    new = dict(zip(last.numbers.names, last.numbers.mean, strict=True))
    jac: Array | None = None
    rows = []
    for i, (name, value) in enumerate(zip(plant.numbers.names, plant.numbers.mean, strict=True)):
        if name.startswith((f"{KINETICS}.", ACTIVITY)) or name not in new or new[name] == value:
            continue
        p = plant.numbers.mean.copy()
        p[i] = new[name]
        try:
            change, how = _vector(plant.solve(point.design, p, point.unknowns)) - _vector(point), "solved"
        except ConvergenceError:
            jac = plant.sensitivities(point)[2] if jac is None else jac
            change, how = jac[: len(FIGURES), i] * (new[name] - value), "linear"
        a, b = plant.numbers.claims[name], last.numbers.claims[name]
        rows.append({"cause": cause_text(name, plant), "id": name, "before": a.value, "after": b.value, "unit": a.unit, "change": change, "how": how})
    return rows


def _settings(before: CaseRecord, after: CaseRecord, old: Mapping[str, Any], new: Mapping[str, Any], point: Operating) -> list[dict[str, Any]]:
    """Capacity, hours and the kinetics (runs, prior and what was fitted from them), each put into the older plant alone."""
    trials: list[tuple[str, str, CaseRecord, Mapping[str, Any]]] = []
    for name in _SPEC:
        value = getattr(after.plant, name)
        if value != getattr(before.plant, name):
            trials.append((name, f"plant.{name}", evolve(before, plant=evolve(before.plant, **{name: value})), old["fit"]))
    if old["fit"]["hybrid"] != new["fit"]["hybrid"]:
        trials.append(("kinetics (runs and prior)", KINETICS, evolve(before, prior=after.prior, experiments=after.experiments, sources=after.sources), new["fit"]))
    rows = []
    for cause, id, record, fit in trials:
        trial = plant_of(record, old["properties"], dict(fit))
        try:
            change = _vector(trial.solve(point.design, start=point.unknowns)) - _vector(point)
        except ConvergenceError:  # then it is part of what all changes do together
            continue
        rows.append({"cause": cause, "id": id, "change": change, "how": "solved"})
    return rows
