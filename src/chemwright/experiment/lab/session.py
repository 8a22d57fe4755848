"""What ``chemwright lab run`` does: the campaign's folder, a guard for each station, the loop, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, evolve

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.lab.bench import Bench, known_figures
from chemwright.experiment.lab.book import CampaignBook
from chemwright.experiment.lab.chain import make_key, read_chain, verify_chain
from chemwright.experiment.lab.guard.client import GuardClient, guarded
from chemwright.experiment.lab.guard.endpoint import LabFolder, audit_key_path
from chemwright.experiment.lab.journal import Journal
from chemwright.experiment.lab.protocol import ConnectionLost
from chemwright.experiment.lab.runner import Loop, RunOptions, Say, Summary

FOLDERED = ("folder", "sheet")


def built_in_bench(driver: str, speed: float = 1.0, **options: str) -> Bench:
    """The bench of the virtual lab, in this machine's own processes (``virtual``) or behind OPC UA (``opcua``).

    Raises:
        InputError: another driver: its station has to be described.
    """
    if driver not in ("virtual", "opcua"):
        raise InputError(f"the driver {driver!r} needs the file of a station", where="--station", fix="write one with 'chemwright lab station', and edit it")
    from chemwright.experiment.lab.virtual.snar import bench

    return bench("virtual", speed, **{"driver": driver, **options})


def check_bench(book: CampaignBook, bench: Bench) -> None:
    """A bench must take every variable of the campaign and give every objective.

    Raises:
        InputError: it does not; what is missing is named.
    """
    record, where = book.campaign.record, f"station {bench.station.name!r}"
    for o in record.objectives:
        if o.name not in known_figures([bench]):
            raise InputError(f"the station gives no figure for the objective {o.name!r}", where=where, fix=did_you_mean(o.name, known_figures([bench])) or "add a [[figure]]")
    taken = {c.name for c in bench.station.set_channels} | ({"residence_time", "equivalents"} if bench.recipe.kind == "flow" else set())
    for v in record.variables:
        if v.name not in taken:
            raise InputError(f"the station does not take the variable {v.name!r}", where=where, fix=did_you_mean(v.name, taken))
        channel = next((c for c in bench.station.set_channels if c.name == v.name), None)
        if v.levels and (channel is None or set(v.levels) - set(channel.levels)):
            raise InputError(f"the channel {v.name!r} does not have all levels of the variable", where=where, fix=f"give it levels = {list(v.levels)}")


def run_campaign(path: Path, benches: Sequence[Bench], options: RunOptions, guard: Mapping[str, float], say: Say, *, keep_guard: bool = False) -> dict[str, Any]:
    """Run a campaign on its stations until it is over or as many experiments have ended as were asked for.

    Args:
        path: the campaign's folder.
        benches: its stations.
        options: of the loop.
        guard: options of the guards.
        say: told what happens.
        keep_guard: leave the guards at the end, for another call that follows soon.

    Returns:
        plain data: what was done, and where the campaign stands.

    Raises:
        InputError: the stations don't fit the campaign; StationsHeld, ConnectionLost, StorageError: it can't go on; the next call goes on where it was.
    """
    names = [b.station.name for b in benches]
    if len(set(names)) != len(names):
        raise InputError("two stations have the same name", where="--station", fix="name them apart")
    book = CampaignBook(path)
    for bench in benches:
        check_bench(book, bench)
    journal = Journal(book.lab / "journal.jsonl")
    clients: list[GuardClient] = []
    try:
        for bench in benches:
            prepared = _with_folder(bench, book.lab)
            clients.append(guarded(LabFolder(book.lab / bench.station.name), prepared.station, guard))
        summary = Loop(book, list(zip(benches, clients)), journal, options, say).run()
        if not keep_guard:
            for client in clients:
                client.end()
    finally:
        for client in clients:
            client.close()
        journal.close()
    return _answer(book, summary)


def _with_folder(bench: Bench, lab: Path) -> Bench:
    """Drivers that exchange files get a folder in the campaign's own where none is named."""
    if bench.station.driver.get("driver") in FOLDERED and not bench.station.driver.get("folder"):
        folder = lab / bench.station.name / "drop"
        folder.mkdir(parents=True, exist_ok=True)
        return evolve(bench, station=evolve(bench.station, driver={**bench.station.driver, "folder": str(folder.resolve())}))
    return bench


def _answer(book: CampaignBook, summary: Summary) -> dict[str, Any]:
    return {"run": asdict(summary), "campaign": book.campaign.status(), "lab": str(book.lab)}


def stations_of(path: Path) -> list[LabFolder]:
    """Folders of the stations of a campaign.

    Raises:
        InputError: it was never run in a laboratory.
    """
    lab = path if (path / "station.json").is_file() else (path.parent if path.is_file() else path) / "lab"
    found = [LabFolder(p) for p in ([lab] if (lab / "station.json").is_file() else sorted(lab.iterdir()) if lab.is_dir() else []) if (p / "station.json").is_file()]
    if not found:
        raise InputError("no station was run here", where=str(path), fix="give the folder of a campaign that was run with 'chemwright lab run'")
    return found


def live(path: Path) -> list[dict[str, Any]]:
    """State of each station of a campaign; ``off`` where no guard is running."""
    out: list[dict[str, Any]] = []
    for folder in stations_of(path):
        try:
            client = GuardClient(folder)
        except ConnectionLost:
            out.append({"station": folder.path.name, "state": "off", "why": "no guard is running", "run": None, "readings": [], "commands": {}})
            continue
        try:
            out.append(client.status())
        finally:
            client.close()
    return out


def tell_guards(path: Path, verb: str, who: str, why: str, station: str = "") -> list[str]:
    """Have guards abort, clear or end; the stations that heard it.

    Raises:
        InputError: no such station, or no guard is running.
    """
    heard = []
    for folder in stations_of(path):
        if station and folder.path.name != station:
            continue
        try:
            client = GuardClient(folder)
        except ConnectionLost:
            continue
        try:
            if verb == "end":
                client.end()
            else:
                (client.abort if verb == "abort" else client.clear)(who, why)
            heard.append(folder.path.name)
        finally:
            client.close()
    if not heard:
        raise InputError(
            f"no guard {'of ' + repr(station) + ' ' if station else ''}is running", where=str(path), fix="nothing is to be done: without a guard a station is in its safe state"
        )
    return heard


def audit(path: Path, last: int = 20) -> dict[str, Any]:
    """The audit logs of a campaign: whether they are whole, and their newest lines.

    Raises:
        InputError: there are none.
    """
    key_path = audit_key_path()
    key = make_key(key_path) if key_path.exists() else b""
    logs = []
    for folder in stations_of(path):
        verdict = verify_chain(folder.audit, key)
        lines = [entry for _, entry in read_chain(folder.audit) if entry is not None][-last:] if last else []
        shown = [{k: e[k] for k in ("n", "at", "who", "what", "detail")} for e in lines]
        logs.append(
            {
                "station": folder.path.name,
                "file": str(folder.audit),
                "lines": verdict.lines,
                "head": verdict.head,
                "problems": list(verdict.problems),
                "sealed": verdict.sealed,
                "last": shown,
            }
        )
    return {"logs": logs, "ok": not any(x["problems"] for x in logs)}
