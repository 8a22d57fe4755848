"""SiLA 2: devices whose features are read from the devices themselves, over TLS with the server's certificate known beforehand."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chemwright.errors import ChemwrightError, InputError
from chemwright.experiment.lab.certificates import read_private
from chemwright.experiment.lab.drivers import number_option, option
from chemwright.experiment.lab.extra import missing_extra
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError, Polled
from chemwright.experiment.lab.records import Channel, Reading, Setpoint, Station

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def address_of(channel: Channel) -> tuple[str, ...]:
    """``Feature.Command.Parameter`` of a channel that is commanded, ``Feature.Property`` of one that is read.

    Raises:
        InputError: another form.
    """
    parts = tuple(channel.address.split("."))
    if len(parts) != (3 if channel.kind == "set" else 2) or not all(p.isidentifier() and not p.startswith("_") for p in parts):
        form = "Feature.Command.Parameter" if channel.kind == "set" else "Feature.Property"
        raise InputError(
            f"{channel.address!r} is no address of SiLA 2", where=f"channel {channel.name!r}, address", fix=f"write {form}, as the device's feature definition names them"
        )
    return parts


class SilaDriver(Polled):
    """Options: ``host``, ``port`` (50052); ``certificate``, the server's in PEM; ``client_key`` and ``client_certificate`` where it asks for them; ``insecure = "yes"`` for a
    simulator on this machine, nowhere else. ``start`` and ``abort``, where given, are commands as ``Feature.Command``; the set points of the safe state are sent in any case.
    """

    def __init__(self, station: Station) -> None:
        super().__init__(station, number_option(station, "poll", 0.5))
        self.host, self.port = option(station, "host"), int(number_option(station, "port", 50052))
        self.insecure = station.driver.get("insecure") == "yes"
        if self.insecure and self.host not in LOOPBACK:
            raise InputError("an open connection to another machine", where=f"station {station.name!r}, driver", fix="give the server's certificate, and leave insecure out")
        self.addresses = {c.name: address_of(c) for c in station.channels}
        self._client: Any = None

    def connect(self) -> None:
        """As :meth:`Driver.connect`: a feature, command or property that the device does not have is told at once."""
        try:
            from sila2.client import SilaClient
        except ImportError:
            raise missing_extra("sila2", "sila") from None
        except TypeError:  # the protocol buffers of ord_schema and of sila2 refuse each other
            raise DeviceError("sila2 can't be loaded beside ord_schema", where=self._place(), fix="run the station in a process of its own, as `chemwright lab run` does") from None
        self._drop()
        keys: dict[str, Any] = {"insecure": True}
        if not self.insecure:
            keys = {"root_certs": Path(option(self.station, "certificate")).expanduser().read_bytes()}
            if self.station.driver.get("client_key"):
                keys["private_key"] = read_private(Path(option(self.station, "client_key")).expanduser())
                keys["cert_chain"] = Path(option(self.station, "client_certificate")).expanduser().read_bytes()
        self._client = self._try(lambda: SilaClient(self.host, self.port, **keys))
        for name, parts in self.addresses.items():
            if not hasattr(getattr(self._client, parts[0], None), parts[1]):
                raise DeviceError(f"the device has no {'.'.join(parts[:2])}", where=f"{self._place()}, channel {name!r}", fix="compare with its feature definition")

    def _place(self) -> str:
        return f"{self.host}:{self.port}"

    def _try(self, work: Callable[[], Any]) -> Any:
        """One question; what the library raises becomes one of our errors."""
        from sila2.framework import SilaConnectionError, SilaError

        try:
            return work()
        except ChemwrightError:
            raise
        except SilaConnectionError as error:
            raise ConnectionLost(f"no answer ({type(error).__name__})", where=self._place(), fix="look whether the device is on; reaching it is tried again by itself") from None
        except SilaError as error:
            raise DeviceError(f"the device refused: {str(error)[:200]}", where=self._place(), fix="compare with its feature definition") from None
        except Exception as error:  # gRPC's own, of many kinds
            raise ConnectionLost(
                f"no answer ({type(error).__name__}: {str(error)[:100]})", where=self._place(), fix="look whether the device is on and its certificate is the one given"
            ) from None

    def _command(self, address: str, **parameters: Any) -> None:
        feature, _, command = address.partition(".")
        self._try(lambda: getattr(getattr(self._need(), feature), command)(**parameters))

    def _need(self) -> Any:
        if self._client is None:
            raise ConnectionLost("not connected", where=self._place(), fix="connect first")
        return self._client

    def start(self, run: str) -> None:
        """As :meth:`Driver.start`."""
        if self.station.driver.get("start"):
            self._command(option(self.station, "start"))

    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """As :meth:`Driver.set`."""
        for s in setpoints:
            feature, command, parameter = self.addresses[s.channel]
            self._command(f"{feature}.{command}", **{parameter: s.value})

    def read(self) -> tuple[Reading, ...]:
        """As :meth:`Driver.read`: a property that the device refuses is a bad reading and leaves the others."""
        out = []
        for c in self.station.read_channels:
            feature, name = self.addresses[c.name]
            try:
                value = self._try(lambda f=feature, n=name: getattr(getattr(self._need(), f), n).get())  # type: ignore[misc]
            except DeviceError as error:
                out.append(Reading(c.name, None, c.unit, time.time(), "bad", error.message[:200]))
                continue
            out.append(Reading(c.name, value, c.unit, time.time()))
        return tuple(out)

    def abort(self) -> None:
        """As :meth:`Driver.abort`: the device's own command first, then every set point of the safe state, whatever fails on the way."""
        refused: ChemwrightError | None = None
        if self.station.driver.get("abort"):
            try:
                self._command(option(self.station, "abort"))
            except (ConnectionLost, DeviceError) as error:
                refused = error
        super().abort()
        if refused is not None:
            raise refused

    def _drop(self) -> None:
        self._client = None

    def close(self) -> None:
        """As :meth:`Driver.close`."""
        self.abort()
        self._drop()
