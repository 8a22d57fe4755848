"""Where a campaign stands, as plain data in the user's units; what the command line prints and the pages draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from chemwright.experiment.drift import Drift, Step, drift_of, step_of
from chemwright.experiment.replicates import noise_of
from chemwright.experiment.standing import pushed
from chemwright.experiment.units import from_si, spread_from_si
from chemwright.record import CampaignRecord, Objective, Trial

if TYPE_CHECKING:
    from chemwright.experiment.campaign import Campaign


def status_of(campaign: Campaign) -> dict[str, Any]:
    """See :meth:`~chemwright.experiment.campaign.Campaign.status`."""
    record, seen = campaign.record, campaign.seen
    counts = {s: sum(t.state == s for t in record.trials) for s in ("open", "done", "failed", "abandoned")}
    verdict = campaign.verdict
    words: list[str] = []
    figures = []
    batch = {t.id: t.batch for t in record.trials}
    for j, o in enumerate(record.objectives):
        scale = float(spread_from_si(1.0, o.unit))
        noise = noise_of(seen, j, o.std, o.name, scale, "" if o.unit == "1" else f" {o.unit}")
        drift = drift_of(seen, j, campaign.space)
        words += noise.words
        step = None if drift.real else step_of(seen, j, [batch.get(i, 0) for i in seen.ids], o.std)
        if drift.real:
            words.append(_drifting(o, drift))
        elif step is not None:
            words.append(_stepping(o, step))
        figures.append(
            {
                "name": o.name, "goal": o.goal, "unit": o.unit, "target": None if o.target is None else float(from_si(o.target, o.unit)),
                "noise": None if noise.std is None else float(spread_from_si(noise.std, o.unit)), "noise_freedom": noise.freedom, "noise_from": "told" if o.std is not None else "repeats" if noise.freedom else "",
                "contradictory": [list(ids) for ids in noise.contradictory],
                "drift": {"per_day": float(spread_from_si(drift.slope, o.unit)), "std": float(spread_from_si(drift.std, o.unit)) if math.isfinite(drift.std) else None, "chance": drift.chance, "basis": drift.basis, "real": drift.real},
            }
        )  # fmt: skip
    words += _oddities(campaign)
    best = campaign.best() if len(pushed(record.objectives)) == 1 else None
    return {
        "name": record.name,
        "counts": counts,
        "borrowed": len(record.borrowed),
        "batches": record.batches,
        "spent": campaign.spent,
        "budget": record.settings.budget,
        "currency": record.settings.currency,
        "objectives": figures,
        "best": None
        if best is None
        else {"ids": list(best.ids), "settings": settings_of(record, best.point), "values": _figures(record, best.values), "std": _std(record, best.objective, best.std)},
        "front": [trial_data(record, group[0]) for group in campaign.front()] if len(pushed(record.objectives)) > 1 else [],
        "open": [trial_data(record, t) for t in campaign.open],
        "verdict": {"stop": verdict.stop, "rule": verdict.rule, "words": verdict.words},
        "words": words,
    }


def trial_data(record: CampaignRecord, t: Trial) -> dict[str, Any]:
    """A trial as plain data in the user's units."""
    units = {o.name: o for o in record.objectives}
    return {
        "id": t.id, "state": t.state, "settings": settings_of(record, t.point), "results": _figures(record, t.results), "stds": {n: float(spread_from_si(x, units[n].unit)) for n, x in t.stds.items() if n in units},
        "expected": _figures(record, t.mean), "expected_std": {n: float(spread_from_si(x, units[n].unit)) for n, x in t.std.items() if n in units},
        "cost": t.cost, "reactor": t.reactor, "batch": t.batch, "origin": t.origin, "when": t.when, "note": t.note,
    }  # fmt: skip


def settings_of(record: CampaignRecord, point: dict[str, float | str]) -> dict[str, Any]:
    """Settings by name, each with its unit: ``{"value": 80.0, "unit": "degC"}``; levels as texts."""
    out: dict[str, Any] = {}
    for v in record.variables:
        x = point[v.name]
        out[v.name] = x if isinstance(x, str) else {"value": _clean(float(from_si(x, v.unit))), "unit": v.unit}
    return out


def _clean(x: float) -> float:
    """Without the rounding noise of a conversion there and back."""
    return float(f"{x:.12g}")


def _figures(record: CampaignRecord, values: dict[str, float]) -> dict[str, float]:
    return {o.name: _clean(float(from_si(values[o.name], o.unit))) for o in record.objectives if o.name in values}


def _std(record: CampaignRecord, name: str, std: float | None) -> float | None:
    o = next(o for o in record.objectives if o.name == name)
    return None if std is None else _clean(float(spread_from_si(std, o.unit)))


def _drifting(o: Objective, d: Drift) -> str:
    unit = "" if o.unit == "1" else f" {o.unit}"
    basis = "repeated experiments say" if d.basis == "controls" else "a model of all experiments says"
    return f"{o.name} drifts: {basis} {spread_from_si(d.slope, o.unit):+.3g} +/- {spread_from_si(d.std, o.unit):.2g}{unit} a day (chance of that without drift {d.chance:.1g})"


def _stepping(o: Objective, s: Step) -> str:
    unit = "" if o.unit == "1" else f" {o.unit}"
    way = "higher" if s.size > 0 else "lower"
    return f"{o.name} reads {abs(spread_from_si(s.size, o.unit)):.3g} +/- {spread_from_si(s.std, o.unit):.2g}{unit} {way} in batch {s.batch} than on average, by repeated experiments (chance of that without an effect {s.chance:.1g})"


def _oddities(campaign: Campaign) -> list[str]:
    """What a user should know of the data: nothing that varies, nothing but failures, experiments outside the space."""
    record, seen = campaign.record, campaign.seen.own
    out = []
    if len(seen) and seen.failed.all():
        out.append(f"all {len(seen)} experiments so far failed: the next are chosen as far from them as can be")
    for j, o in enumerate(record.objectives):
        y = seen.values[np.isfinite(seen.values[:, j]), j]
        if len(y) > 2 and np.ptp(y) == 0:
            out.append(f"{o.name} was {from_si(y[0], o.unit):g}{'' if o.unit == '1' else ' ' + o.unit} in all {len(y)} experiments: nothing can be learned from it yet")
    for k, v in enumerate(record.variables):
        if len(seen) > 3 and len(np.unique(seen.rows[:, k])) == 1 and campaign.space.low[k] < campaign.space.high[k]:
            out.append(f"{v.name} had one value in all experiments: its effect is not known")
    for i in range(len(seen)):
        if broken := campaign.space.broken(seen.rows[i]):
            out.append(
                f"{seen.ids[i]} is learned from although {broken[0]}: its like is not proposed"
                if "outside" in broken[0]
                else f"{seen.ids[i]} is learned from although it breaks {broken[0]!r}"
            )
    return out
