"""What users tell of their experiments, matched to what was proposed: by its name, by its settings, or as an experiment of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from chemwright.errors import InputError, UnitError, did_you_mean
from chemwright.experiment.reading import NOTHING, read_quantity, read_result, read_setting
from chemwright.record import CampaignRecord, Trial

ID = ("id", "trial", "experiment")
BESIDE = ("failed", "state", "cost", "reactor", "note", "when", "batch", "origin")
YES = ("1", "true", "yes", "y", "x", "failed")
NO = ("", "0", "false", "no", "n", "done", "-", "open")


@frozen
class Told:
    """One experiment as it was told.

    Args:
        id: of the trial, or empty.
        settings: numbers (SI) and levels; for a trial with an id only those that differed need be there.
        results, stds: figures, SI.
        failed: whether it failed.
        cost, reactor, note: beside.
        missing: objectives for which nothing was measured.
    """

    id: str = ""
    settings: dict[str, float | str] = field(factory=dict)
    results: dict[str, float] = field(factory=dict)
    stds: dict[str, float] = field(factory=dict)
    failed: bool = False
    cost: float | None = None
    reactor: str = ""
    note: str = ""
    missing: tuple[str, ...] = ()


def read_told(record: CampaignRecord, row: Mapping[str, Any], where: str) -> Told:
    """One experiment from names and values as the user wrote them.

    Names are those of variables, objectives, ``std <objective>``, ``id``, ``failed``, ``cost``, ``reactor`` and ``note``.

    Raises:
        InputError: an unknown name or level, a value that can't be. UnitError: a wrong unit.
    """
    variables, objectives = {v.name: v for v in record.variables}, {o.name: o for o in record.objectives}
    settings: dict[str, float | str] = {}
    results: dict[str, float] = {}
    stds: dict[str, float] = {}
    missing = []
    given: dict[str, Any] = {}
    for name, value in row.items():
        place = f"{where}, {name}"
        if name in variables:
            if not (value is None or (isinstance(value, str) and not value.strip())):
                settings[name] = read_setting(variables[name], value, place)
        elif name in objectives:
            read = read_result(objectives[name], value, place)
            if read is None:
                missing.append(name)
            else:
                results[name] = read[0]
                if read[1] is not None:
                    stds[name] = read[1]
        elif name.startswith("std ") and name[4:] in objectives:
            spread = _spread(value, objectives[name[4:]].unit, place)
            if spread is not None:
                stds[name[4:]] = spread
        elif name.lower() in ID:
            given["id"] = "" if value is None else str(value).strip()
        elif name.lower() in BESIDE:
            given[name.lower()] = value
        else:
            known = [*variables, *objectives, "id", "failed", "cost", "reactor", "note"]
            raise InputError(f"{name!r} is neither a variable nor an objective", where=where, fix=did_you_mean(name, known))
    return Told(
        given.get("id", ""), settings, results, {k: v for k, v in stds.items() if k in results}, _failed(given, where), _cost(given.get("cost"), f"{where}, cost"),
        str(given.get("reactor") or ""), str(given.get("note") or ""), tuple(missing),
    )  # fmt: skip


def chosen(record: CampaignRecord, row: Mapping[str, Any], where: str = "plan") -> dict[str, float | str]:
    """All settings of an experiment that is to be run, SI numbers and levels.

    Raises:
        InputError: an unknown name, one left out, a value out of its bounds. UnitError: a wrong unit.
    """
    names = [v.name for v in record.variables]
    for name in row:
        if name not in names:
            raise InputError(f"{name!r} is no variable", where=where, fix=did_you_mean(name, names))
    for name in names:
        if name not in row:
            raise InputError(f"{name!r} is not told", where=where, fix="give all settings")
    return {v.name: read_setting(v, row[v.name], f"{where}, {v.name}", strict=True) for v in record.variables}


def _spread(value: Any, unit: str, where: str) -> float | None:
    """A standard deviation in SI from a number in ``unit`` or a text; None when empty or nan."""
    from chemwright.experiment.units import dimension, spread_to_si
    from chemwright.quantity import split_quantity

    if value is None or (isinstance(value, str) and value.strip().lower() in NOTHING) or value != value:
        return None
    number, given = split_quantity(value, where) if isinstance(value, str) else (float(value), "")
    if given and dimension(given, where) != dimension(unit):
        raise UnitError(f"{value!r} is given in {given!r}, a unit like {unit!r} is expected", where=where, fix=f"give it in {unit}")
    if not 0 <= number < math.inf:
        raise InputError(f"{value!r} is no standard deviation", where=where, fix="give a number of zero or more")
    return float(spread_to_si(number, given or unit))


def _failed(given: Mapping[str, Any], where: str) -> bool:
    for key in ("failed", "state"):
        value = given.get(key)
        if isinstance(value, bool):
            return value
        text = str(value or "").strip().lower()
        if key == "state" and text in ("abandoned",):
            raise InputError("an abandoned experiment has nothing to tell", where=f"{where}, state", fix="leave the row out")
        if text in YES:
            return True
        if text not in NO:
            raise InputError(f"{value!r} is neither yes nor no", where=f"{where}, {key}", fix="write yes or leave it empty")
    return False


def _cost(value: Any, where: str) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    read = read_quantity(value, "1", where) if not isinstance(value, str) else read_quantity(value.split()[0], "1", where)
    if read is None or read[0] < 0:
        raise InputError(f"{value!r} is no cost", where=where, fix="give a number of zero or more")
    return read[0]


def entered(record: CampaignRecord, told: Told, where: str, *, when: float | None, replace: bool = False) -> tuple[Trial, list[str]]:
    """The trial that a told experiment makes, new or changed, and what should be said about it.

    Raises:
        InputError: an unknown trial, one that was told otherwise before, a setting left out, nothing told.
    """
    words: list[str] = []
    trial = _match(record, told, where)
    if trial is None:
        trial = _own(record, told, where)
    elif trial.state in ("done", "failed"):
        beside = told.note not in ("", trial.note) or told.cost not in (None, trial.cost) or told.reactor not in ("", trial.reactor)
        if _same(trial, told) and not (replace and beside):
            return trial, [f"{trial.id} was told so before: nothing changed"]
        if not replace:
            raise InputError(
                f"{trial.id} was told before ({_shown(record, trial)})",
                where=where,
                fix="tell it again with replace (--replace) to correct it, or give its settings instead of its name for a repeat",
            )
    if told.failed and told.results:
        words.append(f"{trial.id} failed: its figures are kept beside it and not learned from")
    if not told.failed and not told.results:
        if not told.missing:
            raise InputError(f"nothing is told of {trial.id}", where=where, fix=f"give {' or '.join(o.name for o in record.objectives)}, or say that it failed")
        words.append(f"{trial.id} gave no figure: it counts as abandoned; tell it as failed if its conditions were to blame")
    state = "failed" if told.failed else "done" if told.results else "abandoned"
    changed = {k: v for k, v in told.settings.items() if trial.point.get(k) != v}
    if changed and trial.state == "open" and trial.origin != "user":
        words.append(f"{trial.id} is kept with the settings told: {', '.join(sorted(changed))}")
    return evolve(
        trial,
        numbers={**trial.numbers, **{k: v for k, v in changed.items() if not isinstance(v, str)}},
        levels={**trial.levels, **{k: v for k, v in changed.items() if isinstance(v, str)}},
        state=state,
        results=told.results,
        stds=told.stds,
        cost=trial.cost if told.cost is None else told.cost,
        reactor=told.reactor or trial.reactor,
        when=when,
        note=told.note or trial.note,
    ), words


def _match(record: CampaignRecord, told: Told, where: str) -> Trial | None:
    """The trial that is meant: by name, else an open one with these settings."""
    if told.id:
        found = next((t for t in record.trials if t.id == told.id), None)
        if found is None and told.settings and len(told.settings) == len(record.variables):
            return None  # an experiment of the user's own under the user's own name
        if found is None:
            raise InputError(f"there is no experiment {told.id!r}", where=where, fix=did_you_mean(told.id, [t.id for t in record.trials][-24:]) or "see the campaign's status")
        return found
    lacking = [v.name for v in record.variables if v.name not in told.settings]
    if lacking:
        raise InputError(f"{lacking[0]!r} is not told", where=where, fix="name the experiment by its id, or give all settings")
    return next((t for t in record.trials if t.state == "open" and _equal(t.point, told.settings)), None)


def _equal(a: Mapping[str, float | str], b: Mapping[str, float | str]) -> bool:
    """Whether two points are the same to the digits that a table shows."""
    for name, x in a.items():
        y = b[name]
        if isinstance(x, str) or isinstance(y, str):
            if x != y:
                return False
        elif abs(x - y) > 2e-4 * max(abs(x), abs(y)):
            return False
    return True


def _own(record: CampaignRecord, told: Told, where: str) -> Trial:
    twin = next((t for t in record.trials if t.state in ("done", "failed") and _equal(t.point, told.settings)), None)
    same = {} if twin is None else twin.point
    numbers = {k: (float(same[k]) if k in same else v) for k, v in told.settings.items() if not isinstance(v, str)}
    levels = {k: v for k, v in told.settings.items() if isinstance(v, str)}
    return Trial(told.id or next_id(record.trials), numbers, levels, origin="user" if twin is None else "replicate")


def next_id(trials: Sequence[Trial], more: int = 0) -> str:
    """The next free name: t1, t2, ..."""
    taken = {t.id for t in trials}
    k = len(trials) + 1 + more
    while f"t{k}" in taken:
        k += 1
    return f"t{k}"


def _same(trial: Trial, told: Told) -> bool:
    settings = all(_equal({k: trial.point[k]}, {k: v}) for k, v in told.settings.items())
    return settings and trial.results == told.results and (trial.state == "failed") == told.failed


def _shown(record: CampaignRecord, trial: Trial) -> str:
    """What was told, in the user's units."""
    from chemwright.experiment.standing import shown

    return "failed" if trial.state == "failed" else ", ".join(f"{o.name} {shown(o, trial.results[o.name])}" for o in record.objectives if o.name in trial.results)
