"""The virtual lab in the driver's own process: for trying things out, and for tests that need no network."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

from chemwright.errors import InputError
from chemwright.experiment.lab.drivers import number_option, option
from chemwright.experiment.lab.protocol import ConnectionLost, Polled
from chemwright.experiment.lab.records import Reading, Setpoint, Station
from chemwright.experiment.lab.virtual.faults import Fault, acting
from chemwright.experiment.lab.virtual.lab import VirtualLab, snar_lab
from chemwright.record.convert import converter


def read_faults(text: str) -> tuple[Fault, ...]:
    """Faults from a JSON list, as ``[{"kind": "blocked_pump", "target": "flow_b", "begin": 3600, "length": 900}]``.

    Raises:
        InputError: malformed.
    """
    try:
        out: tuple[Fault, ...] = converter().structure(json.loads(text), tuple[Fault, ...])
    except Exception as error:  # cattrs gathers errors of every kind in groups
        raise InputError(
            f"these are no faults: {str(error)[:200]}", where="faults", fix='write [{"kind": "blocked_pump", "target": "flow_b", "begin": 3600, "length": 900}]'
        ) from None
    return out


class VirtualDriver(Polled):
    """Options: ``seed``, ``faults`` (JSON), ``diary`` (a file). Its time runs while it is asked, at the station's factor."""

    def __init__(self, station: Station) -> None:
        super().__init__(station, 0.02)
        diary = Path(option(station, "diary")) if station.driver.get("diary") else None
        self.lab: VirtualLab = snar_lab(
            station.time_factor, faults=read_faults(station.driver.get("faults", "[]")), seed=int(number_option(station, "seed", 0)), watchdog=0.0, epoch=time.time(), diary=diary
        )
        self._last = time.monotonic()

    def _pass_time(self) -> None:
        now = time.monotonic()
        self.lab.advance(min(now - self._last, 1.0) * self.station.time_factor, now - self._last)
        self._last = now
        if acting(self.lab.faults, "connection", self.lab.now):
            raise ConnectionLost("the virtual lab is off the network", where="virtual lab", fix="wait: the fault ends by itself")

    def connect(self) -> None:
        """As :meth:`Driver.connect`."""
        self._pass_time()

    def start(self, run: str) -> None:
        """As :meth:`Driver.start`."""
        self.lab.start(run)

    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """As :meth:`Driver.set`."""
        self._pass_time()
        self.lab.command({s.channel: s.value for s in setpoints})

    def read(self) -> tuple[Reading, ...]:
        """As :meth:`Driver.read`."""
        self._pass_time()
        self.lab.hear()
        return self.lab.read()

    def abort(self) -> None:
        """As :meth:`Driver.abort`."""
        self.lab.abort()

    def close(self) -> None:
        """As :meth:`Driver.close`."""
        self.lab.abort("closed")
