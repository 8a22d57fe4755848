"""What every driver can do, in nine verbs; and the two that most of them share."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

from chemwright.errors import ChemwrightError
from chemwright.experiment.lab.records import Reading, Setpoint, Station
from chemwright.experiment.lab.steady import Level, SteadyWatch


class ConnectionLost(ChemwrightError):
    """A device can't be reached, or no longer."""

    kind = "connection"


class DeviceError(ChemwrightError):
    """A device refused a command or reported a fault."""

    kind = "device"


class Unsteady(ChemwrightError):
    """A run came to no steady state in its time, or its readings are of no use."""

    kind = "unsteady"


class Driver(Protocol):
    """One station's devices. A driver keeps no rules of its own: what may be commanded is decided before, by the guard."""

    station: Station

    def connect(self) -> None:
        """Reach the devices and take control.

        Raises:
            ConnectionLost: out of reach; DeviceError: refused, or the devices are not those of the station.
        """

    def start(self, run: str) -> None:
        """Say that a run begins, by its name."""

    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """Command channels; all of them or none.

        Raises:
            ConnectionLost: out of reach; DeviceError: refused.
        """

    def read(self) -> tuple[Reading, ...]:
        """Newest reading of every channel that is read; one without a number has its quality say so. Also tells the devices that someone is there.

        Raises:
            ConnectionLost: out of reach.
        """

    def wait_steady(self, residence: float = 0.0) -> tuple[Level, ...]:
        """Wait until all is steady; the levels it came to.

        Raises:
            Unsteady: it did not, in the time that the station allows.
        """

    def stop(self) -> None:
        """End the run."""

    def abort(self) -> None:
        """Bring the devices to their safe state at once."""

    def close(self) -> None:
        """Leave the safe state behind and let go of the devices."""


class Polled(ABC):
    """Waiting by reading again and again: for drivers whose devices don't tell by themselves.

    Args:
        station: whose channels are driven.
        poll: seconds of the clock between two readings.
    """

    def __init__(self, station: Station, poll: float = 0.5) -> None:
        self.station, self.poll = station, poll

    @abstractmethod
    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """As :meth:`Driver.set`."""

    @abstractmethod
    def read(self) -> tuple[Reading, ...]:
        """As :meth:`Driver.read`."""

    def abort(self) -> None:
        """As :meth:`Driver.abort`, for devices without a command of their own for it: every set point of the safe state is tried, whatever the others say."""
        first = None
        for s in self.station.safe():
            try:
                self.set([s])
            except (ConnectionLost, DeviceError) as error:
                first = first or error
        if first is not None:
            raise first

    def wait_steady(self, residence: float = 0.0) -> tuple[Level, ...]:
        """As :meth:`Driver.wait_steady`."""
        rule = self.station.steady
        first = max((r.at for r in self.read()), default=0.0)
        watch = SteadyWatch(self.station, max(rule.least, rule.volumes * residence), first)
        end = time.monotonic() + rule.limit / self.station.time_factor
        while time.monotonic() < end:
            watch.add(self.read())
            if trouble := watch.trouble():
                raise Unsteady(trouble, where=f"station {self.station.name!r}", fix="look at the device; the run is no datum")
            if not watch.waiting_for():
                return watch.levels()
            time.sleep(self.poll)
        raise Unsteady(
            f"not steady after {rule.limit:g} s: {watch.waiting_for()}",
            where=f"station {self.station.name!r}",
            fix="raise 'limit' or the tolerance of the channel, or look for a drift",
        )

    def stop(self) -> None:  # noqa: B027  (nothing to say is an answer, not a gap)
        """Most devices need no word at the end of a run."""
