"""The guard's end of the rig: starts it, asks it, and knows when it is gone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chemwright.errors import ChemwrightError, InputError
from chemwright.experiment.lab import wire
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError
from chemwright.experiment.lab.records import Reading, Station
from chemwright.record.convert import converter, to_json

ANSWER = 20.0
"""Seconds for an answer, after which the rig counts as hung and is ended."""


class Rig:
    """The process that holds the driver, seen from the guard.

    Args:
        station: what to drive.
        log: file for what the process prints.
    """

    def __init__(self, station: Station, log: Path) -> None:
        self.station, self.log = station, log
        self._process: asyncio.subprocess.Process | None = None

    async def up(self) -> None:
        """Start the process where there is none, and connect.

        Raises:
            ConnectionLost, DeviceError: as the driver says.
        """
        if self._process is None or self._process.returncode is not None:
            with open(self.log, "ab") as errors:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "chemwright.experiment.lab.guard.rig",
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=errors,
                    limit=wire.LONGEST,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )
            await self.ask({"station": to_json(self.station, indent=None)})
        await self.ask({"do": "connect"})

    async def ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Send a message and take the answer.

        Raises:
            ConnectionLost: the device or the process is gone or hangs; DeviceError: the device refused.
        """
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise ConnectionLost("the driver is not running", where=f"station {self.station.name!r}", fix="it is started again by itself")
        try:
            process.stdin.write(wire.pack(message))
            await process.stdin.drain()
            line = await asyncio.wait_for(process.stdout.readuntil(b"\n"), ANSWER)
            reply = wire.unpack(line)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, InputError) as error:
            await self.kill()
            raise ConnectionLost(
                f"the driver's process is gone or hangs ({type(error).__name__})", where=f"station {self.station.name!r}", fix="it is started again by itself"
            ) from None
        if reply.get("ok") is not True:
            raise _error(reply.get("error"))
        return reply

    async def read(self) -> tuple[Reading, ...]:
        """Readings, each of them checked: a channel that the station does not have, or another unit, is a fault of the device.

        Raises:
            ConnectionLost, DeviceError.
        """
        raw = (await self.ask({"do": "read"})).get("readings")
        try:
            readings: tuple[Reading, ...] = converter().structure(raw, tuple[Reading, ...])
            for r in readings:
                if self.station.channel(r.channel).unit != r.unit:
                    raise InputError(f"{r.channel} came in {r.unit!r}", fix=f"the station says {self.station.channel(r.channel).unit!r}")
        except ChemwrightError as error:
            raise DeviceError(error.message, where="readings", fix=error.fix) from None
        except Exception:  # cattrs gathers errors of every kind in groups
            raise DeviceError("readings that are malformed", where="driver", fix="look into the guard's log") from None
        return readings

    async def kill(self) -> None:
        """End the process; the devices' own watchdogs then act."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._process = None

    async def down(self) -> None:
        """End the process in order: its input ends, it takes the safe state, it goes."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), ANSWER)
        except TimeoutError:
            await self.kill()


def _error(data: Any) -> ChemwrightError:
    """The error that a reply tells of."""
    said = {k: str(data.get(k, ""))[:400] for k in ("kind", "message", "where", "fix")} if isinstance(data, dict) else {"kind": "device", "message": "no reason given"}
    kind = ConnectionLost if said["kind"] == "connection" else DeviceError
    return kind(said["message"], where=said.get("where", ""), fix=said.get("fix", ""))
