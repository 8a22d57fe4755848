"""What the pictures of a campaign show, as plain data in the user's units: trace, front, what each variable does, where experiments fail."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from chemwright.experiment.prior import Planner
from chemwright.experiment.replicates import noise_of
from chemwright.experiment.space import Array, Space
from chemwright.experiment.standing import merit, pushed, true_ones
from chemwright.experiment.units import from_si, spread_from_si
from chemwright.record import CampaignRecord, Objective, Trial, Variable

if TYPE_CHECKING:
    from chemwright.experiment.campaign import Campaign

STEPS = 41
"""Points along a variable in a slice."""
MOST_LEVELS = 24
"""Levels that a slice shows at most, the best expected first."""


def picture_data(campaign: Campaign, progress: Callable[[str, float | None], None] | None = None) -> dict[str, Any]:
    """All that the pictures need."""
    if progress is not None:
        progress("reading the trace", 0.1)
    record = campaign.record
    out: dict[str, Any] = {
        "name": record.name,
        "status": campaign.status(),
        "traces": [trace(campaign, j) for j in range(len(record.objectives))],
        "front": front(campaign),
        "parallel": parallel(campaign),
        "slices": [],
    }
    if progress is not None:
        progress("learning what each variable does", 0.4)
    out["slices"], out["success"] = slices(campaign)
    out["charts"] = [
        name
        for name, there in (
            ("trace", True),
            ("front", out["front"]),
            ("parallel coordinates", out["parallel"]["lines"]),
            ("slices", out["slices"]),
            ("chance of success", out["success"]),
        )
        if there
    ]
    if progress is not None:
        progress("drawn", 1.0)
    return out


def trace(campaign: Campaign, j: int) -> dict[str, Any]:
    """One objective over the experiments in the order in which they ended: measured, expected when proposed, best so far among those that keep to the limits."""
    record, o = campaign.record, campaign.record.objectives[j]
    noise = noise_of(campaign.seen, j, o.std).std
    rows: list[dict[str, Any]] = []
    best, best_score = None, -math.inf
    ended = [t for t in record.trials if t.state in ("done", "failed")]
    for n, t in enumerate(sorted(ended, key=lambda t: t.when if t.when is not None else math.inf), 1):
        value = t.results.get(o.name) if t.state == "done" else None
        if value is not None and _limits_kept(record, t) and true_ones(record, [t.id])[0]:
            score = float(merit(o, np.array(value)))
            if score > best_score:
                best, best_score = value, score
        std = t.stds.get(o.name, noise)
        rows.append({
            "n": n, "id": t.id, "state": t.state, "origin": t.origin, "batch": t.batch,
            "value": _shown(o, value), "std": _spread(o, std if value is not None else None),
            "expected": _shown(o, t.mean.get(o.name)), "expected_std": _spread(o, t.std.get(o.name)), "best": _shown(o, best),
        })  # fmt: skip
    return {"objective": o.name, "unit": o.unit, "goal": o.goal, "target": _shown(o, o.target), **_possible(o), "pushed": j in pushed(record.objectives), "rows": rows}


def _limits_kept(record: CampaignRecord, t: Trial) -> bool:
    return all(o.name in t.results and float(merit(o, np.array(t.results[o.name]))) >= -1e-12 for o in record.objectives if o.goal in ("at_least", "at_most"))


def front(campaign: Campaign) -> dict[str, Any] | None:
    """The first two objectives against each other, with the front; None for one objective."""
    record = campaign.record
    wanted = pushed(record.objectives)
    if len(wanted) < 2:
        return None
    x, y = (record.objectives[j] for j in wanted[:2])
    best = {t.id for group in campaign.front() for t in group}
    points = [
        {"id": t.id, "x": _shown(x, t.results[x.name]), "y": _shown(y, t.results[y.name]), "front": t.id in best, "kept": _limits_kept(record, t)}
        for t in record.trials
        if t.state == "done" and x.name in t.results and y.name in t.results
    ]
    return {"x": {"name": x.name, "unit": x.unit, "goal": x.goal}, "y": {"name": y.name, "unit": y.unit, "goal": y.goal}, "more": len(wanted) > 2, "points": points}


def parallel(campaign: Campaign) -> dict[str, Any]:
    """Every ended experiment as a line over all variables and objectives, each scaled to [0, 1]."""
    record, space = campaign.record, campaign.space
    ended = [t for t in record.trials if t.state in ("done", "failed")]
    unit = space.unit(space.rows([t.point for t in ended])) if ended else np.zeros((0, len(space.variables)))
    axes: list[dict[str, Any]] = []
    for j, v in enumerate(record.variables):
        if v.kind == "categorical":
            axes.append({"name": v.name, "levels": list(v.levels)})
            unit[:, j] /= max(1, len(v.levels) - 1)
        else:
            axes.append({"name": v.name, "unit": v.unit, "low": _from(v, space.low[j]), "high": _from(v, space.high[j])})
    columns = []
    for o in record.objectives:
        y = np.array([t.results.get(o.name, np.nan) if t.state == "done" else np.nan for t in ended], float)
        seen = y[np.isfinite(y)]
        low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
        axes.append({"name": o.name, "unit": o.unit, "low": _shown(o, low), "high": _shown(o, high), "objective": True})
        columns.append((y - low) / (high - low) if high > low else np.where(np.isfinite(y), 0.5, np.nan))
    score = _score(record, ended)
    lines = [
        {
            "id": t.id,
            "failed": t.state == "failed",
            "score": None if not math.isfinite(score[i]) else float(score[i]),
            "at": [float(np.clip(x, -0.05, 1.05)) if math.isfinite(x) else None for x in (*unit[i], *(c[i] for c in columns))],
        }
        for i, t in enumerate(ended)
    ]
    return {"axes": axes, "lines": lines}


def _score(record: CampaignRecord, ended: list[Trial]) -> Array:
    """Rank of each experiment by its mean merit, from 0 to 1; nan for failures."""
    parts = []
    for j in pushed(record.objectives):
        o = record.objectives[j]
        m = merit(o, np.array([t.results.get(o.name, np.nan) if t.state == "done" else np.nan for t in ended], float))
        order = np.full(len(m), np.nan)
        good = np.flatnonzero(np.isfinite(m))
        order[good] = np.argsort(np.argsort(m[good])) / max(1, len(good) - 1)
        parts.append(order)
    return np.asarray(np.mean(parts, axis=0)) if len(ended) else np.zeros(0)


def slices(campaign: Campaign) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the model expects along each variable through the best experiment, all else held; and the chance of success likewise when any failed."""
    from chemwright.experiment.planning import PlanSettings
    from chemwright.experiment.planning.propose import usable
    from chemwright.experiment.planning.surrogate import learn

    record, space = campaign.record, campaign.space
    if not usable(campaign.seen):
        return [], []
    prior = campaign.prior
    mean_of = None if prior is None or isinstance(prior, Planner) else lambda rows: np.asarray(prior.prior_mean(space.points(rows))[0], float)
    model = learn(space, campaign.seen, record.objectives, PlanSettings(), record.seed, mean_of)
    base = _base(campaign)
    out, success = [], []
    for k, v in enumerate(record.variables):
        rows = along(space, base, k)
        if len(rows) < 2:
            continue
        mean, std = model.predict(rows)
        chance = model.chance(rows)
        if v.kind == "categorical" and len(rows) > MOST_LEVELS:
            j = pushed(record.objectives)[0]
            keep = np.sort(np.argsort(-merit(record.objectives[j], mean[:, j]))[:MOST_LEVELS])
            rows, mean, std, chance = rows[keep], mean[keep], std[keep], chance[keep]
        axis = _axis(v, rows[:, k])
        allowed = space.feasible(rows).tolist()
        at = base[k] if v.kind != "categorical" else None
        for j, o in enumerate(record.objectives):
            if np.isfinite(mean[:, j]).all():
                out.append({
                    "variable": v.name, "unit": v.unit, "kind": v.kind, "log": v.log, "objective": o.name, "objective_unit": o.unit, "x": axis, **_possible(o), "at": None if at is None else _from(v, at), "level": v.levels[round(base[k])] if v.levels else None,
                    "mean": [_shown(o, m) for m in mean[:, j]], "std": [_spread(o, s) for s in std[:, j]], "allowed": allowed,
                    "seen": [(_from(v, t.point[v.name]), _shown(o, t.results[o.name])) for t in record.trials if t.state == "done" and o.name in t.results],
                })  # fmt: skip
        if campaign.seen.own.failed.any():
            fates = [(_from(v, t.point[v.name]), t.state == "failed") for t in record.trials if t.state in ("done", "failed")]
            success.append({"variable": v.name, "unit": v.unit, "kind": v.kind, "log": v.log, "x": axis, "chance": [float(c) for c in chance], "allowed": allowed, "seen": fates})
    return out, success


def along(space: Space, base: Array, k: int) -> Array:
    """Rows from one, with variable k going through its range; the other parts of its mixture share what is left in their proportions. Shape (n, v)."""
    v = space.variables[k]
    if v.kind == "continuous":
        unit = np.repeat(space.unit(base), STEPS, axis=0)
        unit[:, k] = np.linspace(0.0, 1.0, STEPS)
        values = space.from_unit(unit)[:, k] if space.low[k] < space.high[k] else space.low[[k]]
    else:
        values = np.array(v.values) if v.kind == "discrete" else np.arange(len(v.levels), dtype=float)
    rows = np.repeat(base[None], len(values), axis=0)
    rows[:, k] = values
    for mixture in space.mixtures:
        if k in mixture.columns:
            others = [c for c in mixture.columns if c != k]
            left, shares = mixture.total - values, base[others]
            shares = shares / shares.sum() if shares.sum() > 0 else np.full(len(others), 1.0 / len(others))
            rows[:, others] = left[:, None] * shares
    inside = np.all((rows >= space.low - 1e-9) & (rows <= space.high + 1e-9), axis=1)
    return rows[inside]


def _base(campaign: Campaign) -> Array:
    """The experiment that slices go through: the best, else the first on the front, else any that gave a figure."""
    best = campaign.best() if len(pushed(campaign.record.objectives)) == 1 else None
    group = campaign.front()
    trial = campaign.trial(best.ids[0]) if best is not None else group[len(group) // 2][0] if group else next((t for t in campaign.trials if t.state == "done"), None)
    if trial is None:  # only borrowed ones gave a figure
        return campaign.seen.rows[0]
    return np.clip(campaign.space.rows([trial.point])[0], campaign.space.low, campaign.space.high)


def _axis(v: Variable, column: Array) -> list[Any]:
    return [v.levels[round(x)] for x in column] if v.kind == "categorical" else [_from(v, x) for x in column]


def _from(v: Variable, x: Any) -> Any:
    return x if isinstance(x, str) else float(from_si(x, v.unit))


def _shown(o: Objective, x: float | None) -> float | None:
    return None if x is None or not math.isfinite(x) else float(from_si(x, o.unit))


def _possible(o: Objective) -> dict[str, float | None]:
    """What is possible at all, where the user said it."""
    return {"low": _shown(o, o.low), "high": _shown(o, o.high)}


def _spread(o: Objective, x: float | None) -> float | None:
    return None if x is None or not math.isfinite(x) else float(spread_from_si(x, o.unit))
