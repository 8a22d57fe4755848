"""A pump, or anything else, on a serial line that speaks lines of text: a plain example on the terminal devices of Linux and macOS, without another package.

The address of a channel that is commanded is the line to send, with ``{value}`` where the number goes, as ``1 FLOW {value}``; the device answers ``OK``. The address
of a channel that is read is the question, as ``1 FLOW?``; the device answers a number.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Sequence

from chemwright.errors import InputError
from chemwright.experiment.lab.drivers import number_option, option
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError, Polled
from chemwright.experiment.lab.records import Reading, Setpoint, Station

LONGEST = 200
"""Bytes of an answer."""


class SerialPumps(Polled):
    """Options: ``port``, as ``/dev/ttyUSB0``; ``baud`` (9600); ``timeout`` in s (1)."""

    def __init__(self, station: Station) -> None:
        super().__init__(station, number_option(station, "poll", 0.5))
        self.port, self.timeout = option(station, "port"), number_option(station, "timeout", 1.0)
        for c in station.set_channels:
            if "{value}" not in c.address:
                raise InputError(f"{c.address!r} has no {{value}}", where=f"channel {c.name!r}, address", fix="write the line to send, as '1 FLOW {value}'")
        self._line = -1

    def connect(self) -> None:
        """As :meth:`Driver.connect`."""
        try:
            import termios
            import tty
        except ImportError:
            raise InputError("this driver needs Linux or macOS", where="driver serial", fix="use the driver modbus, or write one of your own") from None
        self._drop()
        speed = getattr(termios, f"B{int(number_option(self.station, 'baud', 9600))}", None)
        if speed is None:
            raise InputError("no such baud rate", where=f"station {self.station.name!r}, driver", fix="give one that serial lines have, as 9600 or 115200")
        try:
            self._line = os.open(self.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            tty.setraw(self._line)
            settings = termios.tcgetattr(self._line)
            settings[4] = settings[5] = speed
            termios.tcsetattr(self._line, termios.TCSANOW, settings)
        except (OSError, termios.error) as error:
            self._drop()
            raise ConnectionLost(f"can't be opened: {error}", where=self.port, fix="check the cable, the name of the port and your right to use it") from None

    def _ask(self, text: str) -> str:
        """Send a line, take a line."""
        if self._line < 0:
            raise ConnectionLost("not connected", where=self.port, fix="connect first")
        try:
            self._flush()
            os.write(self._line, text.encode("ascii") + b"\r\n")
            data, end = b"", time.monotonic() + self.timeout
            while not data.endswith((b"\n", b"\r")) and len(data) <= LONGEST:
                if not select.select([self._line], [], [], max(end - time.monotonic(), 0.0))[0]:
                    raise ConnectionLost(f"no answer to {text!r}", where=self.port, fix="look whether the device is on")
                data += os.read(self._line, LONGEST)
        except OSError as error:
            raise ConnectionLost(f"the line is gone: {error}", where=self.port, fix="check the cable") from None
        return data.decode("ascii", "replace").strip()

    def _flush(self) -> None:
        """Throw away what came unasked."""
        while select.select([self._line], [], [], 0.0)[0]:
            if not os.read(self._line, 4096):
                break

    def start(self, run: str) -> None:
        """As :meth:`Driver.start`: such devices know no runs."""

    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """As :meth:`Driver.set`."""
        for s in setpoints:
            answer = self._ask(self.station.channel(s.channel).address.replace("{value}", f"{s.value:.6g}"))
            if answer.upper() != "OK":
                raise DeviceError(f"{s.channel} {s.value:g} {s.unit} was answered by {answer[:60]!r}", where=self.port, fix="compare the address with the device's manual")

    def read(self) -> tuple[Reading, ...]:
        """As :meth:`Driver.read`."""
        out = []
        for c in self.station.read_channels:
            answer = self._ask(c.address)
            try:
                out.append(Reading(c.name, float(answer.split()[0]), c.unit, time.time()))
            except (ValueError, IndexError):
                out.append(Reading(c.name, None, c.unit, time.time(), "bad", answer[:60]))
        return tuple(out)

    def _drop(self) -> None:
        if self._line >= 0:
            os.close(self._line)
        self._line = -1

    def close(self) -> None:
        """As :meth:`Driver.close`."""
        self.abort()
        self._drop()
