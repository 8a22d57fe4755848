"""The attempts of a campaign in the laboratory, in order: what was measured, what was not and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chemwright.errors import InputError
from chemwright.experiment.campaign import Campaign
from chemwright.experiment.folder import folder_of, open_campaign
from chemwright.experiment.lab.chain import read_chain
from chemwright.experiment.units import from_si, spread_from_si


def attempts_of(path: Path, objective: str = "") -> dict[str, Any]:
    """All attempts of a campaign that have ended.

    Args:
        path: the campaign's folder.
        objective: whose figures; the first one when empty.

    Returns:
        plain data: ``objective``, ``unit``, ``goal``, and ``attempts``, each with ``id``, ``attempt``, ``station``, ``state``, ``cause``, ``why``, ``begun``, and, where the
        campaign was told one, ``value`` and ``std`` in the user's unit.

    Raises:
        InputError: it was never run in a laboratory, or has no such objective.
    """
    campaign: Campaign = open_campaign(path)
    goals = {o.name: o for o in campaign.record.objectives}
    wanted = goals.get(objective or next(iter(goals)))
    if wanted is None:
        raise InputError(f"the campaign has no objective {objective!r}", where=str(path), fix=f"one of {', '.join(goals)}")
    journal = folder_of(path) / "lab" / "journal.jsonl"
    if not journal.is_file():
        raise InputError("the campaign was not run in a laboratory", where=str(path), fix="run it with 'chemwright lab run'")
    out: list[dict[str, Any]] = []
    for _, entry in read_chain(journal):
        if entry is None or entry.get("what") not in ("measured", "failed", "told"):
            continue
        detail = entry["detail"]
        if entry["what"] == "told":
            value = detail.get("values", {}).get(wanted.name)
            last = next((a for a in reversed(out) if a["id"] == detail.get("id")), None)
            if value and last is not None:
                last |= {"value": from_si(value[0], wanted.unit), "std": spread_from_si(value[1], wanted.unit)}
        else:
            out.append({k: detail["result"][k] for k in ("id", "attempt", "station", "state", "cause", "why", "begun")})
    return {"campaign": campaign.record.name, "objective": wanted.name, "unit": wanted.unit, "goal": wanted.goal, "attempts": out}
