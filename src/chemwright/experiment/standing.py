"""Where a campaign stands: the best so far, the front, and whether it should end."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.observations import Observations, pooled
from chemwright.experiment.space import Array
from chemwright.experiment.units import from_si
from chemwright.record import CampaignRecord, Objective


@frozen
class Best:
    """The best experiment so far.

    Args:
        ids: of the trials that were made there (repeats are taken together).
        point: its settings, SI.
        values: figures by objective, SI, the mean over repeats.
        std: standard error of the objective asked for, SI; None when the noise isn't known.
        objective: asked for.
    """

    ids: tuple[str, ...]
    point: dict[str, float | str]
    values: dict[str, float]
    std: float | None
    objective: str


def merit(o: Objective, values: Array) -> Array:
    """Figures so that more is better: maximise y, minimise -y, target -|y - target|; for limits the distance kept (negative: broken)."""
    target = o.target or 0.0
    if o.goal == "maximise":
        return values
    if o.goal == "minimise":
        return -values
    if o.goal == "target":
        return -np.abs(values - target)
    return values - target if o.goal == "at_least" else target - values


def pushed(objectives: Sequence[Objective]) -> list[int]:
    """Positions of the objectives that are not mere limits."""
    return [j for j, o in enumerate(objectives) if o.goal not in ("at_least", "at_most")]


def kept(objectives: Sequence[Objective], values: Array) -> NDArray[np.bool_]:
    """Which rows of figures (n, m) keep to all limits; one not measured does not."""
    ok = np.ones(len(values), bool)
    for j, o in enumerate(objectives):
        if o.goal in ("at_least", "at_most"):
            ok &= merit(o, values[:, j]) >= -1e-12
    return ok


def true_ones(record: CampaignRecord, ids: Sequence[str]) -> NDArray[np.bool_]:
    """Which trials were made at the highest fidelity, the others being mere screens; all where the campaign has no fidelity."""
    v = next((v for v in record.variables if v.role == "fidelity"), None)
    if v is None:
        return np.ones(len(ids), bool)
    truth = v.levels[-1] if v.levels else v.values[-1] if v.values else v.high
    points = {t.id: t.point for t in record.trials}
    return np.array([points[i][v.name] == truth for i in ids], bool)


def best_of(record: CampaignRecord, seen: Observations, std: float | None, objective: str | None = None) -> Best | None:
    """The best experiment by one objective, among those that keep to the limits, at the highest fidelity; None when there is none.

    Args:
        record: the campaign.
        seen: its observations.
        std: of one measurement of the objective, SI, or None.
        objective: by name; the first that is no limit when None.

    Raises:
        InputError: an unknown objective.
    """
    names = [o.name for o in record.objectives]
    name = objective or names[pushed(record.objectives)[0]]
    if name not in names:
        raise InputError(f"no objective {name!r}", where="objective", fix=did_you_mean(name, names))
    j = names.index(name)
    own = pooled(seen.own)
    ok = kept(record.objectives, own.values) & np.isfinite(own.values[:, j]) & ~own.failed & true_ones(record, own.ids)
    if not ok.any():
        return None
    score = np.where(ok, merit(record.objectives[j], own.values[:, j]), -np.inf)
    i = int(np.argmax(score))
    first = next(t for t in record.trials if t.id == own.ids[i])
    same = tuple(t.id for t in record.trials if t.state == "done" and t.point == first.point)
    values = {n: float(v) for n, v in zip(names, own.values[i], strict=True) if math.isfinite(v)}
    error = None if std is None else std / math.sqrt(max(1, int(own.counts[i])))
    return Best(same, first.point, values, error, name)


def front_of(record: CampaignRecord, seen: Observations) -> list[tuple[str, ...]]:
    """Ids of the experiments that no other beats in all objectives (repeats taken together), among those that keep to the limits; best first by the first objective."""
    own = pooled(seen.own)
    columns = pushed(record.objectives)
    score = np.column_stack([merit(record.objectives[j], own.values[:, j]) for j in columns]) if len(own) else np.zeros((0, len(columns)))
    ok = kept(record.objectives, own.values) & np.isfinite(score).all(1) & ~own.failed & true_ones(record, own.ids)
    at = np.flatnonzero(ok)
    beaten = [bool(np.any(np.all(score[at] >= score[i], axis=1) & np.any(score[at] > score[i], axis=1))) for i in at]
    chosen = sorted((int(i) for i, b in zip(at, beaten, strict=True) if not b), key=lambda i: -score[i, 0])
    points = {t.id: t.point for t in record.trials}
    return [tuple(t.id for t in record.trials if t.state == "done" and t.point == points[own.ids[i]]) for i in chosen]


@frozen
class Verdict:
    """Whether a campaign should end.

    Args:
        stop: so.
        rule: ``budget``, ``max_trials``, ``target``, ``worth``, ``space``, or empty.
        words: one sentence that says why, or what is left.
    """

    stop: bool
    rule: str = ""
    words: str = ""


def verdict_of(record: CampaignRecord, seen: Observations, spent: float, cheapest: float) -> Verdict:
    """Stop rules that need no model: budget, number of experiments, target reached."""
    settings = record.settings
    made = sum(t.state in ("done", "failed", "open") for t in record.trials)
    if settings.max_trials is not None and made >= settings.max_trials:
        return Verdict(True, "max_trials", f"all {settings.max_trials} experiments are made or under way")
    if settings.budget is not None and spent + cheapest > settings.budget * (1 + 1e-12):
        return Verdict(True, "budget", f"{spent:g} of {settings.budget:g} {settings.currency} are spent or bound, the cheapest experiment costs {cheapest:g}")
    reached = _target(record, seen)
    if reached:
        return Verdict(True, "target", reached)
    left = "" if settings.budget is None else f"{settings.budget - spent:g} of {settings.budget:g} {settings.currency} are left"
    return Verdict(False, "", left)


def _target(record: CampaignRecord, seen: Observations) -> str:
    """Words when some experiment meets every target and limit; empty otherwise, or when nothing but limits has a target."""
    goals = [j for j in pushed(record.objectives) if record.objectives[j].target is not None and record.objectives[j].goal != "target"]
    if not goals or len(goals) < len(pushed(record.objectives)):
        return ""
    own = pooled(seen.own)
    ok = kept(record.objectives, own.values) & ~own.failed & true_ones(record, own.ids)
    for j in goals:
        o = record.objectives[j]
        sign = 1.0 if o.goal == "maximise" else -1.0
        ok &= sign * (own.values[:, j] - (o.target or 0.0)) >= -1e-12
    at = np.flatnonzero(ok)
    if len(at) == 0:
        return ""
    said = ", ".join(f"{record.objectives[j].name} {shown(record.objectives[j], own.values[at[0], j])}" for j in goals)
    return f"{own.ids[at[0]]} reaches what was wanted: {said}"


def shown(o: Objective, value: float, digits: int = 4) -> str:
    """A figure in the user's unit."""
    return f"{from_si(value, o.unit):.{digits}g}" + ("" if o.unit == "1" else f" {o.unit}")
