"""The planner's end of the guard: finds or starts it, says that it lives, asks."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from chemwright.errors import ChemwrightError, InputError, StorageError
from chemwright.experiment.lab import wire
from chemwright.experiment.lab.certificates import read_private
from chemwright.experiment.lab.guard.endpoint import LabFolder
from chemwright.experiment.lab.outcome import RunResult, from_data
from chemwright.experiment.lab.protocol import ConnectionLost
from chemwright.experiment.lab.records import Station
from chemwright.record.convert import to_json

START = 40.0
"""Seconds that a guard may take to be there."""


class GuardError(ChemwrightError):
    """The guard refused a message."""

    kind = "guard"


class GuardClient:
    """A connection to the guard of a folder.

    Args:
        folder: of the station.
        role: ``planner`` (one at a time; its silence leads to the safe state) or ``viewer``.
        beat: seconds between signs of life.

    Raises:
        ConnectionLost: no guard is there; GuardError: another planner is at work.
    """

    def __init__(self, folder: LabFolder, role: str = "viewer", beat: float = 1.0) -> None:
        self.folder, self.role = folder, role
        self._lock = threading.Lock()
        try:
            where = json.loads(read_private(folder.endpoint))
            self._socket = _connect(where)
        except (StorageError, OSError, ValueError, KeyError, TypeError):
            raise ConnectionLost("no guard is running", where=str(folder.path), fix="start one with 'chemwright lab run'") from None
        self._stream = self._socket.makefile("rb")
        self._stop = threading.Event()
        try:
            self.station = str(self.ask({"token": str(where["token"]), "role": role, "pid": os.getpid()}).get("station", ""))
        except BaseException:
            self.close()
            raise
        if role == "planner":
            threading.Thread(target=self._beat, args=(beat,), daemon=True, name="beat").start()

    def _beat(self, every: float) -> None:
        """Say that the planner lives, while it thinks."""
        while not self._stop.wait(every):
            with contextlib.suppress(ChemwrightError):
                self.ask({"do": "beat"})

    def ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Send a message and take the answer.

        Raises:
            ConnectionLost: the guard is gone; GuardError: it refused.
        """
        with self._lock:
            try:
                self._socket.sendall(wire.pack(message))
                line = self._stream.readline(wire.LONGEST + 1)
            except (OSError, ValueError):
                line = b""
        if not line.endswith(b"\n"):
            raise ConnectionLost("the guard is gone", where=str(self.folder.path), fix="run the campaign again: it starts a new one")
        reply = wire.unpack(line)
        if reply.get("ok") is not True:
            said = reply.get("error")
            data = said if isinstance(said, dict) else {}
            raise GuardError(str(data.get("message", "refused")), where=str(data.get("where", "")), fix=str(data.get("fix", "")))
        return reply

    def perform(self, id: str, attempt: int, setpoints: Mapping[str, float], residence: float = 0.0) -> RunResult | None:
        """Have an attempt begun, unless it was before; what is known of it, or None when the station can't begin it now.

        Args:
            id: of the experiment.
            attempt: from 1; one that was begun is never begun again, whoever asks.
            setpoints: channels and values in their units.
            residence: s, for the waiting rule.
        """
        reply = self.ask({"do": "perform", "id": id, "attempt": attempt, "setpoints": dict(setpoints), "residence": residence})
        return _result(reply)

    def result(self, id: str, attempt: int) -> RunResult | None:
        """What is known of an attempt."""
        return _result(self.ask({"do": "result", "id": id, "attempt": attempt}))

    def status(self) -> dict[str, Any]:
        """State, readings, commands, the run in hand."""
        return {k: v for k, v in self.ask({"do": "status"}).items() if k != "ok"}

    def abort(self, who: str, why: str) -> None:
        """The safe state, now."""
        self.ask({"do": "abort", "who": who, "why": why})

    def clear(self, who: str, why: str) -> None:
        """A person says that a tripped interlock may be forgotten."""
        self.ask({"do": "clear", "who": who, "why": why})

    def end(self, wait: float = 30.0) -> None:
        """End the guard: safe state, then gone; back when it is, or after ``wait`` seconds."""
        self.ask({"do": "end"})
        until = time.monotonic() + wait
        while self.folder.endpoint.exists() and time.monotonic() < until:
            time.sleep(0.02)

    def close(self) -> None:
        """Leave; a guard left by its planner takes the safe state after its grace."""
        self._stop.set()
        self._stream.close()
        self._socket.close()


def _connect(where: Mapping[str, Any]) -> socket.socket:
    if "socket" in where:
        out = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address: Any = str(where["socket"])
    else:
        out = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        address = ("127.0.0.1", int(where["port"]))
    out.settimeout(60.0)
    try:
        out.connect(address)
    except OSError:
        out.close()
        raise
    return out


def _result(reply: Mapping[str, Any]) -> RunResult | None:
    data = reply.get("result")
    return from_data(data) if isinstance(data, dict) else None


def guarded(folder: LabFolder, station: Station, options: Mapping[str, float] | None = None) -> GuardClient:
    """Connect as the planner to the guard of a folder, started first where there is none.

    The guard is a process of its own session: what ends the planner does not end it.

    Raises:
        InputError: a guard with another station is running; StorageError: it did not come up.
    """
    from chemwright.experiment.lab.incompatible import with_incompatibilities

    with_incompatibilities(station)  # what is wrong with the materials is said here, not in the guard's log
    try:
        client = GuardClient(folder, "planner")
    except ConnectionLost:
        pass
    else:
        if folder.station.read_text(encoding="utf-8") != to_json(station):
            client.close()
            raise InputError(
                "a guard is running with another description of the station", where=str(folder.path), fix="wait until it has ended, or end it with 'chemwright lab stop'"
            )
        return client
    folder.path.mkdir(parents=True, exist_ok=True)
    folder.write(to_json(station), dict(options or {}))
    folder.forget()
    with open(folder.log, "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "chemwright.experiment.lab.guard.main", str(folder.path.resolve())],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    threading.Thread(target=process.wait, daemon=True, name="reap").start()  # it outlives us as a rule; where it does not, no zombie stays
    end = time.monotonic() + START
    while time.monotonic() < end:
        if folder.endpoint.exists():
            with contextlib.suppress(ConnectionLost):
                return GuardClient(folder, "planner")
        if process.poll() is not None:
            break
        time.sleep(0.05)
    tail = folder.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or [""]
    raise StorageError(f"the guard did not come up: {tail[0][:200]}", where=str(folder.path), fix=f"look into {folder.log.name}")
