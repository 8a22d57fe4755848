"""The guard's process: ``python -m chemwright.experiment.lab.guard.main FOLDER``. It outlives a planner that is killed, and ends by itself when none comes back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict

from chemwright.errors import ChemwrightError, InputError
from chemwright.experiment.lab import wire
from chemwright.experiment.lab.chain import ChainLog, make_key, now
from chemwright.experiment.lab.guard.core import Guard
from chemwright.experiment.lab.guard.endpoint import LabFolder, audit_key_path
from chemwright.experiment.lab.guard.link import Rig
from chemwright.experiment.lab.incompatible import with_incompatibilities
from chemwright.experiment.lab.outcome import RunResult, as_data
from chemwright.experiment.lab.records import Station
from chemwright.record.convert import from_json

VERBS = ("status", "perform", "result", "abort", "clear", "beat", "end")


class Service:
    """The guard and who talks to it.

    Args:
        guard: of the station.
        token: that everyone must know who wants to talk: it stands in a file that only its owner reads.
        poll: seconds of the clock between two readings.
        grace: seconds for which the planner may be gone; then the run in hand ends and the safe state is taken.
        silence: the same for a planner that is connected and says nothing: longer, as loading a large library can hold a busy one up.
        linger: seconds without a planner after which the guard ends itself.
    """

    def __init__(self, guard: Guard, token: str, *, poll: float, grace: float, silence: float, linger: float) -> None:
        self.guard, self.token, self.poll, self.grace, self.silence, self.linger = guard, token, poll, grace, silence, linger
        self.planner: asyncio.StreamWriter | None = None
        self.heard, self.alone, self.ending = time.monotonic(), False, False
        self._turn = asyncio.Lock()  # one of tick, perform and abort at a time: the rig answers one question after the other

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, message by message, each answered."""
        known, planner = False, False
        try:
            while line := await reader.readline():
                try:
                    message = wire.unpack(line)
                    if not known:
                        known, planner = self._hello(message, writer)
                        reply: dict[str, Any] = {"ok": True, "station": self.guard.station.name}
                    else:
                        reply = {"ok": True, **await self._answer(message, planner)}
                except ChemwrightError as error:
                    reply = {"ok": False, "error": error.as_dict()}
                writer.write(wire.pack(reply))
                await writer.drain()
                if not known:
                    break
        except (OSError, ValueError, asyncio.LimitOverrunError):
            pass  # gone, or a line without end: the connection is closed
        finally:
            if self.planner is writer:
                self.planner, self.heard = None, time.monotonic()
                self.guard.log.write("guard", "planner gone", run=self.guard.run.id if self.guard.run else "")
            writer.close()

    def _hello(self, message: Mapping[str, Any], writer: asyncio.StreamWriter) -> tuple[bool, bool]:
        """Who is it? The one planner, or someone who looks on."""
        if not secrets.compare_digest(wire.text(message, "token"), self.token):
            self.guard.log.write("guard", "stranger refused")
            raise InputError("the token is wrong", where="guard", fix="only the user whose campaign it is may talk to the guard")
        if wire.text(message, "role") != "planner":
            return True, False
        if self.planner is not None and not self.planner.is_closing():
            raise InputError("another planner is at work on this station", where="guard", fix="end it, or look on with 'chemwright lab status'")
        self.planner, self.heard, self.alone = writer, time.monotonic(), False
        self.guard.log.write("planner", "hello", pid=int(wire.amount(message, "pid", 0)))
        return True, True

    async def _answer(self, message: Mapping[str, Any], planner: bool) -> dict[str, Any]:
        """Do what a message asks."""
        verb = wire.text(message, "do")
        if verb not in VERBS:
            raise InputError(f"unknown verb {verb[:40]!r}", where="guard", fix=f"known: {', '.join(VERBS)}")
        if planner:
            self.heard = time.monotonic()
        if verb == "status":
            return self.status()
        if verb == "abort":
            who, why = wire.text(message, "who"), wire.text(message, "why")
            async with self._turn:
                with contextlib.suppress(ChemwrightError):  # safe first: a full disk must not stand in the way
                    self.guard.log.write(who, "abort", why=why)
                await self.guard.interrupt("aborted", why)
        elif verb == "clear":
            who, why = wire.text(message, "who"), wire.text(message, "why")
            if not who or not why:
                raise InputError("who clears it, and why, is missing", where="guard", fix="give both: they are kept in the audit log")
            self.guard.clear(who, why)
        elif verb == "end":
            self.ending = True
        elif verb in ("perform", "result"):
            if not planner:
                raise InputError("only the planner may do that", where="guard", fix="connect as the planner")
            return await self._perform(message) if verb == "perform" else self._result(message)
        return {}

    async def _perform(self, message: Mapping[str, Any]) -> dict[str, Any]:
        id, attempt = wire.text(message, "id"), int(wire.amount(message, "attempt"))
        known = self.guard.memory.get(id, attempt)
        if known is None:
            values = message.get("setpoints")
            if not isinstance(values, dict) or not values:
                raise InputError("setpoints is not an object with channels", where="guard", fix="give channels and numbers in their units")
            points = {str(k): wire.amount(values, k) for k in values}
            wanted = RunResult(id, attempt, "begun", points, begun=now(), station=self.guard.station.name)
            async with self._turn:
                if why := await self.guard.perform(wanted, wire.amount(message, "residence", 0.0)):
                    return {"later": why, "state": self.guard.state}
        return self._result(message)

    def _result(self, message: Mapping[str, Any]) -> dict[str, Any]:
        known = self.guard.memory.get(wire.text(message, "id"), int(wire.amount(message, "attempt")))
        return {"result": None if known is None else as_data(known), "state": self.guard.state, "why": self.guard.why}

    def status(self) -> dict[str, Any]:
        """All that a person wants to see."""
        g = self.guard
        return {
            "station": g.station.name,
            "state": g.state,
            "why": g.why,
            "run": None if g.run is None else {"id": g.run.id, "attempt": g.run.attempt},
            "waiting_for": "" if g._watch is None else g._watch.waiting_for(),
            "commands": g.commands,
            "readings": [asdict(r) for r in g.readings.values()],
            "planner": self.planner is not None,
            "log": {"lines": g.log.count, "head": g.log.head},
        }

    async def run(self) -> None:
        """Tick until told to end, until nobody has come back, or until the log can't be written: what can't be written down is not done."""
        while not self.ending and not self.guard.log.broken:
            begun = time.monotonic()
            async with self._turn:
                await self.guard.tick()
                await self._watch_planner()
            await asyncio.sleep(max(self.poll - (time.monotonic() - begun), 0.001))

    async def _watch_planner(self) -> None:
        silent = time.monotonic() - self.heard
        if silent > (self.grace if self.planner is None else self.silence) and not self.alone:
            self.alone = True
            if self.planner is not None:  # it hangs: its connection is dropped, so that another one may come
                self.planner.close()
                self.planner = None
            await self.guard.interrupt("interrupted", "the planner is gone or silent")
        if self.planner is None and silent > self.linger:
            self.guard.log.write("guard", "end", why="no planner came back")
            self.ending = True


async def _main(folder: LabFolder) -> None:
    station = with_incompatibilities(from_json(folder.station.read_text(encoding="utf-8"), Station, where=str(folder.station)))
    log = ChainLog(folder.audit, make_key(audit_key_path()))
    log.write("guard", "begin guarding", station=station.name, pid=os.getpid(), forbidden=[f.name for f in station.envelope.forbidden][:50], accepted=station.envelope.accepted)
    options = folder.options()
    guard = Guard(station, Rig(station, folder.log), log)
    service = Service(guard, secrets.token_hex(16), poll=options["poll"], grace=options["grace"], silence=options["silence"], linger=options["linger"])
    server, endpoint = await folder.listen(service.serve)
    folder.announce({**endpoint, "token": service.token, "pid": os.getpid()})
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            loop.add_signal_handler(name, lambda: setattr(service, "ending", True))
    try:
        await service.run()
    finally:
        try:
            await guard.interrupt("interrupted", "the guard ends")
        finally:  # even where the log can't be written any more, as on a full disk
            await guard.rig.down()
            with contextlib.suppress(ChemwrightError):
                log.write("guard", "end guarding")
            log.close()
            server.close()
            folder.forget()


def main() -> None:
    """Guard the station of a folder."""
    asyncio.run(_main(LabFolder(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
