"""A campaign on disk: a folder with a journal, to which every change is added before anything else is written, and a snapshot to read quickly.

``journal.jsonl`` is the truth: one line an event, flushed to disk; it is only ever added to. The first line holds the whole campaign, the others the
trials that are new or changed. ``campaign.json`` is a snapshot after some of the events. A kill at any time leaves at most one torn last line, which was
never reported as saved, and is cut off by the next writer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from chemwright.errors import InputError, StorageError, near_misses
from chemwright.record import CampaignRecord, Trial, content_hash, from_json, to_json
from chemwright.record.atomic import not_written, write_atomic
from chemwright.record.fields import as_tuple
from chemwright.record.lock import hold

JOURNAL = "journal.jsonl"
SNAPSHOT = "campaign.json"
EVERY = 16
"""Events after which the snapshot is written anew."""
MAX_BYTES = 200_000_000


@frozen
class Event:
    """A change of a campaign.

    Args:
        number: from 0.
        kind: ``begin`` and ``change`` carry the whole campaign (its beginning; another definition), ``trials`` what is new.
        campaign: of the first two kinds.
        trials: new or changed ones.
        batches: calls of suggest so far.
        when: ISO 8601 time, or empty.
    """

    number: int
    kind: str
    campaign: CampaignRecord | None = None
    trials: tuple[Trial, ...] = field(default=(), converter=as_tuple)
    batches: int = 0
    when: str = ""


def load_record(folder: Path) -> CampaignRecord:
    """The campaign of a folder, with all that its journal holds.

    Raises:
        InputError: no campaign there (with near misses), or a line that can't be read. StorageError: the folder can't be read.
    """
    return _read(folder)[0]


def exists(folder: Path) -> bool:
    """Whether a folder holds a campaign."""
    return (folder / JOURNAL).is_file()


def save_record(folder: Path, record: CampaignRecord) -> Path:
    """Add to a folder what it does not hold yet of a campaign; it is made when missing.

    Raises:
        StorageError: another campaign is there, it has moved on, another process is writing, or the folder can't be written.
    """
    with hold(folder, what="campaign"):
        if not exists(folder):
            _append(folder, Event(0, "begin", record, batches=record.batches, when=record.started), end=0)
            _write_snapshot(folder, record)
            return folder
        old, number, end = _read(folder)
        event = _difference(old, record, number, folder)
        if event is not None:
            _commit(folder, record, event, end)
    return folder


def update(folder: Path, change: Callable[[CampaignRecord], CampaignRecord]) -> CampaignRecord:
    """Read, change and keep a campaign while no other process can; what the change returns is on disk when this returns.

    Raises:
        InputError, StorageError: as reading and saving; whatever ``change`` raises leaves the folder as it was.
    """
    with hold(folder, wait=30.0, what="campaign"):
        old, number, end = _read(folder)
        new = change(old)
        event = _difference(old, new, number, folder)
        if event is not None:
            _commit(folder, new, event, end)
        return new


def _read(folder: Path) -> tuple[CampaignRecord, int, int]:
    """The campaign, the number of its events, and where the last whole line of the journal ends."""
    path = folder / JOURNAL
    lines, end = _lines(path)
    record, number = _from_snapshot(folder, lines)
    for i, line in enumerate(lines):
        if i < number:
            continue
        where = f"{path.parent.name}/{JOURNAL}, line {i + 1}"
        event = from_json(line, Event, where=where)
        if event.number != i or (i == 0) != (event.kind == "begin"):
            raise InputError(f"event {event.number} stands where event {i} is expected", where=where, fix="restore the journal from a copy")
        record = replayed(record, event, where)
    if record is None:
        raise InputError("the journal is empty", where=str(path), fix="restore it from a copy, or start anew in another folder")
    return record, len(lines), end


def _lines(path: Path) -> tuple[list[str], int]:
    """Whole lines of the journal, and where the last ends: a torn line at the end was never saved."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"more than {MAX_BYTES // 1_000_000} MB", where=str(path), fix="is it the journal of a campaign?")
        data = path.read_bytes()
    except FileNotFoundError:
        near = near_misses(path.parent.name, [p.parent.name for p in path.parent.parent.glob(f"*/{JOURNAL}")]) if path.parent.parent.is_dir() else []
        raise InputError(
            "there is no campaign here", where=str(path.parent), fix=f"did you mean {near[0]!r}?" if near else "check the path; `chemwright lab new` begins one"
        ) from None
    except OSError as error:
        raise StorageError(f"can't be read: {error.strerror}", where=str(path), fix="check the path and the rights to it") from None
    end = data.rfind(b"\n") + 1
    try:
        return data[:end].decode().splitlines(), end
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=str(path), fix="restore the journal from a copy") from None


def _write_snapshot(folder: Path, record: CampaignRecord) -> None:
    """The campaign after all events of the journal, with the hash of both."""
    lines, _ = _lines(folder / JOURNAL)
    data = {"events": len(lines), "journal": content_hash(lines), "hash": content_hash(record), "campaign": json.loads(to_json(record))}
    write_atomic(folder / SNAPSHOT, json.dumps(data, indent=1, ensure_ascii=False).encode())


def _from_snapshot(folder: Path, lines: list[str]) -> tuple[CampaignRecord | None, int]:
    """The snapshot's campaign and the events it holds; none when it is missing, damaged, or not of this journal: the journal is the truth."""
    try:
        data = json.loads((folder / SNAPSHOT).read_bytes())
        record = from_json(json.dumps(data["campaign"]), CampaignRecord)
        events = int(data["events"])
        if not 0 < events <= len(lines) or content_hash(record) != data["hash"] or content_hash(lines[:events]) != data["journal"]:
            return None, 0
        return record, events
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return None, 0


def replayed(record: CampaignRecord | None, event: Event, where: str) -> CampaignRecord:
    """The campaign after an event.

    Raises:
        InputError: an event that does not fit.
    """
    if event.kind in ("begin", "change"):
        if event.campaign is None:
            raise InputError(f"the event {event.kind!r} lacks the campaign", where=where, fix="restore the journal from a copy")
        return event.campaign
    if record is None:
        raise InputError("the journal does not begin with a campaign", where=where, fix="restore it from a copy")
    changed = {t.id: t for t in event.trials}
    old = {t.id for t in record.trials}
    trials = [changed.get(t.id, t) for t in record.trials] + [t for t in event.trials if t.id not in old]
    return evolve(record, trials=tuple(trials), batches=event.batches)


def _difference(old: CampaignRecord, new: CampaignRecord, number: int, folder: Path) -> Event | None:
    """The event that leads from what is on disk to a campaign; None when nothing changed.

    Raises:
        StorageError: the campaign does not follow from what is on disk.
    """
    if old == new:
        return None
    if old.name != new.name or old.started != new.started:
        raise StorageError(f"another campaign is here: {old.name!r}", where=str(folder), fix="save into another folder")
    mine = {t.id: t for t in new.trials}
    for t in old.trials:
        if t.id not in mine or (t.state != "open" and mine[t.id].state == "open") or old.batches > new.batches:
            raise StorageError(f"the campaign on disk has moved on ({t.id} is {t.state} there)", where=str(folder), fix="load it again and repeat the change")
    before = {t.id: t for t in old.trials}
    trials = tuple(t for t in new.trials if before.get(t.id) != t)
    event = Event(number, "trials", trials=trials, batches=new.batches)
    if replayed(old, event, str(folder)) == new:
        return event
    return Event(number, "change", new, batches=new.batches)


def _commit(folder: Path, record: CampaignRecord, event: Event, end: int) -> None:
    _append(folder, event, end)
    if event.kind == "change" or (event.number + 1) % EVERY == 0:
        _write_snapshot(folder, record)


def _append(folder: Path, event: Event, end: int) -> None:
    """Add a line to the journal, on disk when this returns; a torn line behind ``end`` goes."""
    path = folder / JOURNAL
    line = (to_json(event, indent=None) + "\n").encode()
    try:
        path.touch()
        with open(path, "r+b") as stream:
            stream.truncate(end)
            stream.seek(end)
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        if end == 0:
            _sync_folder(folder)
    except OSError as error:
        raise not_written(path, error) from None


def _sync_folder(folder: Path) -> None:
    """The new file's name on disk too, where the system can."""
    try:
        handle: Any = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
