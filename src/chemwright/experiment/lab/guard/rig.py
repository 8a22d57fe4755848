"""The process that holds a driver: what comes from devices is read here, so that nothing malformed reaches the guard but as one checked line of JSON.

Started by the guard as ``python -m chemwright.experiment.lab.guard.rig``; it speaks on its standard input and output. When the guard
is gone, or silent for too long, the devices are brought to their safe state.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Mapping
from typing import IO, Any

from attrs import asdict

from chemwright.errors import ChemwrightError, InputError
from chemwright.experiment.lab import wire
from chemwright.experiment.lab.protocol import Driver
from chemwright.experiment.lab.records import Setpoint, Station
from chemwright.record.convert import from_json

SILENCE = 15.0
"""Seconds without a word from the guard after which the safe state is taken."""


def answer(driver: Driver, message: Mapping[str, Any]) -> dict[str, Any]:
    """Do what a message asks.

    Raises:
        ChemwrightError: what the driver raises; InputError: an unknown verb or malformed set points.
    """
    verb = wire.text(message, "do")
    if verb == "connect":
        driver.connect()
    elif verb == "start":
        driver.start(wire.text(message, "run"))
    elif verb == "set":
        driver.set(_setpoints(driver.station, message.get("setpoints")))
    elif verb == "read":
        return {"readings": [asdict(r) for r in driver.read()]}
    elif verb == "stop":
        driver.stop()
    elif verb == "abort":
        driver.abort()
    elif verb == "close":
        driver.close()
    elif verb != "beat":
        raise InputError(f"unknown verb {verb[:40]!r}", where="laboratory", fix="use the chemwright of the same version on both sides")
    return {}


def _setpoints(station: Station, values: Any) -> tuple[Setpoint, ...]:
    """Set points in the units of their channels."""
    if not isinstance(values, dict):
        raise InputError("setpoints is not an object", where="laboratory message", fix="give channels and numbers")
    return tuple(Setpoint(name, wire.amount(values, name), station.channel(name).unit) for name in values)


def serve(driver: Driver, lines: IO[bytes], out: IO[bytes], silence: float = SILENCE) -> None:
    """Answer messages until their end; the safe state is taken when they end or stop coming."""
    safe = True
    while True:
        if not select.select([lines], [], [], silence)[0]:
            if not safe:
                safe = _to_safety(driver)
            continue
        line = lines.readline(wire.LONGEST + 1)
        if not line.endswith(b"\n"):
            break
        try:
            message = wire.unpack(line)
            reply = {"ok": True, **answer(driver, message)}
            safe = message["do"] == "abort" or (safe and message["do"] not in ("set", "start"))
        except ChemwrightError as error:
            reply = {"ok": False, "error": error.as_dict()}
        except Exception as error:  # a driver's library may raise anything: the guard is told, and decides
            reply = {"ok": False, "error": {"kind": "device", "message": f"{type(error).__name__}: {error}"[:400], "where": "driver", "fix": "look into the guard's log"}}
        out.write(wire.pack(reply))
        out.flush()
    _to_safety(driver)


def _to_safety(driver: Driver) -> bool:
    """Try to reach the safe state; whether it was reached."""
    try:
        driver.abort()
        return True
    except Exception as error:  # whatever it is: there is nobody left to tell, and the device's own watchdog remains
        print(f"the safe state was not reached: {error}", file=sys.stderr)
        return False


def main() -> None:
    """Take the station from the first line, then serve."""
    import signal

    from chemwright.experiment.lab.drivers import make_driver

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt at the terminal is the planner's; the guard then ends this process in order
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the messages
    lines = os.fdopen(0, "rb")  # one message is on the way at a time, so none hides in the buffer from select
    first = wire.unpack(lines.readline(wire.LONGEST + 1))
    driver = make_driver(from_json(wire.text(first, "station", longest=wire.LONGEST), Station, where="station"))
    out.write(wire.pack({"ok": True}))
    out.flush()
    serve(driver, lines, out)
    os._exit(0)  # threads of a client library shall not keep the process


if __name__ == "__main__":
    main()
