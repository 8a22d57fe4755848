"""A campaign's folder as the command line meets it: begun from its file, and kept to what the file says when that is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from attrs import evolve

from chemwright.errors import InputError
from chemwright.experiment.campaign import Campaign
from chemwright.experiment.campaign_file import read_campaign
from chemwright.experiment.store import exists, load_record, save_record, update
from chemwright.experiment.template import FILE
from chemwright.record import CampaignRecord

DEFINITION = ("name", "variables", "objectives", "constraints", "reactors", "settings", "seed", "note")


def folder_of(path: Path) -> Path:
    """The folder of a campaign, given itself or a file in it."""
    return path.parent if path.is_file() else path


def open_campaign(path: Path) -> Campaign:
    """The campaign of a folder; begun (and kept) when there is only its file; taken to what the file says where that was changed since.

    Raises:
        InputError: no campaign there, or its file does not fit the experiments that were made.
    """
    folder = folder_of(path)
    if not exists(folder):
        if not (folder / FILE).is_file():
            load_record(folder)  # says what is missing
        save_record(folder, evolve(read_campaign(folder / FILE), started=datetime.now(UTC).isoformat(timespec="seconds")))
    record = load_record(folder)
    new, words = redefined(record, folder)
    if words:
        new = update(folder, lambda old: redefined(old, folder)[0])
    return Campaign(new, words=words)


def change_campaign(path: Path, change: Callable[[Campaign], Campaign]) -> Campaign:
    """Open a campaign, change it and keep it, while no other process can; what is returned is on disk.

    Raises:
        InputError, StorageError: as opening and saving; whatever ``change`` raises leaves the folder as it was.
    """
    before = open_campaign(path)
    kept: list[Campaign] = []

    def step(record: CampaignRecord) -> CampaignRecord:
        kept.append(change(Campaign(record)))
        return kept[-1].record

    record = update(folder_of(path), step)
    return evolve(kept[-1], record=record, words=(*before.words, *kept[-1].words))


def redefined(record: CampaignRecord, folder: Path) -> tuple[CampaignRecord, tuple[str, ...]]:
    """The record as the file in the folder defines it now, and what changed; unchanged when there is no file.

    Raises:
        InputError: the file drops a variable, a level that was used or an objective that was measured, or adds a variable.
    """
    path = folder / FILE
    if not path.is_file():
        return record, ()
    file = read_campaign(path)
    changed = [name for name in DEFINITION if getattr(file, name) != getattr(record, name)]
    if not changed:
        return record, ()
    if record.trials:
        _fits(record, file)
    new = evolve(record, **{name: getattr(file, name) for name in DEFINITION})
    return new, (f"{FILE} was changed: {', '.join(changed)} {'is' if len(changed) == 1 else 'are'} as it says now",)


def _fits(record: CampaignRecord, file: CampaignRecord) -> None:
    where = FILE
    old, new = {v.name: v for v in record.variables}, {v.name: v for v in file.variables}
    for name in old:
        if name not in new:
            raise InputError(
                f"the variable {name!r} is gone, and {len(record.trials)} experiments have it",
                where=where,
                fix="put it back (low = high holds it), or begin another campaign and borrow from this one",
            )
    for name, v in new.items():
        if name not in old:
            raise InputError(
                f"the variable {name!r} is new, and {len(record.trials)} experiments lack it",
                where=where,
                fix="begin another campaign and borrow from this one (chemwright lab borrow)",
            )
        if (v.kind == "categorical") != (old[name].kind == "categorical"):
            raise InputError(f"{name!r} was {old[name].kind} and is {v.kind}", where=where, fix="begin another campaign")
        gone = sorted({t.levels[name] for t in record.trials if name in t.levels} - set(v.levels)) if v.kind == "categorical" else []
        if gone:
            raise InputError(
                f"the level {gone[0]!r} of {name!r} is gone, and an experiment has it",
                where=where,
                fix="put it back; a rule such as " + f'{name} != "{gone[0]}" keeps it from being proposed',
            )
    measured = {n for t in record.trials for n in t.results}
    lost = sorted(measured - {o.name for o in file.objectives})
    if lost:
        raise InputError(f"the objective {lost[0]!r} is gone, and it was measured", where=where, fix="put it back")
