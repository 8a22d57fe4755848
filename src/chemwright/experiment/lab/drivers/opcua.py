"""OPC UA: signed and encrypted (Basic256Sha256), with user and password, the server's certificate known beforehand."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from chemwright.errors import ChemwrightError
from chemwright.experiment.lab.certificates import application_uri, certificate_paths, read_private
from chemwright.experiment.lab.drivers import number_option, option
from chemwright.experiment.lab.extra import opcua
from chemwright.experiment.lab.protocol import ConnectionLost, DeviceError, Polled
from chemwright.experiment.lab.records import Reading, Setpoint, Station

T = TypeVar("T")


class OpcUaDriver(Polled):
    """A station behind an OPC UA server.

    Options: ``url``; ``keys``, the folder with ``server-certificate.pem`` (the server's, which is trusted and no other), ``client-certificate.pem``, ``client-key.pem`` and
    ``password.json``; ``namespace``, its address; ``timeout`` in s. The addresses of the channels are the text parts of their node ids. The server has a variable
    ``heartbeat`` that is counted up at each reading, and methods ``start(run)`` and ``abort()``.
    """

    def __init__(self, station: Station) -> None:
        super().__init__(station, number_option(station, "poll", 0.5))
        opcua()
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self.url, self.keys = option(station, "url"), Path(option(station, "keys")).expanduser()
        self.timeout = number_option(station, "timeout", 4.0)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="opcua").start()
        self._client: Any = None
        self._nodes: dict[str, Any] = {}
        self._beat = 0

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run on the client's own thread; whatever a dead line raises becomes one error."""
        ua = opcua().ua

        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(2 * self.timeout + 1)
        except ChemwrightError:
            raise
        except (ua.uaerrors.BadUserAccessDenied, ua.uaerrors.BadIdentityTokenRejected, ua.uaerrors.BadIdentityTokenInvalid, ua.uaerrors.BadCertificateUntrusted) as error:
            raise DeviceError(
                f"the server refuses us ({type(error).__name__})", where=self.url, fix="check user, password and whether the server trusts this client's certificate"
            ) from None
        except (ua.uaerrors.BadTypeMismatch, ua.uaerrors.BadOutOfRange, ua.uaerrors.BadNotWritable, ua.uaerrors.BadNodeIdUnknown) as error:
            raise DeviceError(f"the server refused a command ({type(error).__name__})", where=self.url, fix="compare the station's addresses with the server's nodes") from None
        except Exception as error:  # the client library raises errors of many kinds when a line is dead
            future.cancel()
            raise ConnectionLost(
                f"no answer ({type(error).__name__}: {str(error)[:120]})", where=self.url, fix="look whether the server runs; reaching it is tried again by itself"
            ) from None

    def connect(self) -> None:
        """As :meth:`Driver.connect`; units are compared before anything is commanded."""
        self._drop()
        self._do(self._connect())

    async def _connect(self) -> None:
        Client, ua = opcua().Client, opcua().ua
        from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

        paths = certificate_paths(self.keys)
        who = json.loads(read_private(Path(paths["password"])))
        read_private(Path(paths["client_key"]))
        client = Client(self.url, timeout=self.timeout)
        client.application_uri = application_uri("client")
        await client.set_security(
            SecurityPolicyBasic256Sha256,
            paths["client_certificate"],
            paths["client_key"],
            server_certificate=paths["server_certificate"],
            mode=ua.MessageSecurityMode.SignAndEncrypt,
        )
        client.set_user(str(who["user"]))
        client.set_password(str(who["password"]))
        await client.connect()
        self._client = client
        index = await client.get_namespace_index(option(self.station, "namespace", "urn:chemwright:lab"))
        node = {n: client.get_node(ua.NodeId(n, index)) for n in ("heartbeat", "start", "abort")}
        addresses = {c.name: c.address or c.name for c in self.station.channels}
        self._nodes = {**node, **{n: client.get_node(ua.NodeId(a, index)) for n, a in addresses.items()}}
        self._parent = await self._nodes["abort"].get_parent()
        units = await client.read_attributes([client.get_node(ua.NodeId(f"{a}.unit", index)) for a in addresses.values()])
        for c, found in zip(self.station.channels, units):
            told = found.Value.Value if found.Value is not None else None
            if found.StatusCode.is_good() and told != c.unit:
                raise DeviceError(
                    f"{c.name} is in {told!r} on the server, in {c.unit!r} in the station", where=self.url, fix="write the server's unit into the station, with limits in that unit"
                )

    def start(self, run: str) -> None:
        """As :meth:`Driver.start`."""
        self._do(self._call("start", run))

    async def _call(self, method: str, *arguments: Any) -> None:
        self._need()
        await self._parent.call_method(self._nodes[method].nodeid, *arguments)

    def _need(self) -> Any:
        if self._client is None:
            raise ConnectionLost("not connected", where=self.url, fix="connect first")
        return self._client

    def set(self, setpoints: Sequence[Setpoint]) -> None:
        """As :meth:`Driver.set`: one request writes all, a second one reads them back."""
        self._do(self._set(setpoints))

    async def _set(self, setpoints: Sequence[Setpoint]) -> None:
        client, nodes = self._need(), [self._nodes[s.channel] for s in setpoints]
        await client.write_values(nodes, [s.value for s in setpoints])
        back = await client.read_values(nodes)
        for s, value in zip(setpoints, back):
            if value != s.value:
                raise DeviceError(
                    f"{s.channel} was commanded to {s.value:g} {s.unit} and stands at {value!r}",
                    where=self.url,
                    fix="look whether someone else commands the device, or it is in local mode",
                )

    def read(self) -> tuple[Reading, ...]:
        """As :meth:`Driver.read`; time stamps are those of the source."""
        return self._do(self._read())

    async def _read(self) -> tuple[Reading, ...]:
        ua = opcua().ua

        client, channels = self._need(), self.station.read_channels
        self._beat += 1
        await self._nodes["heartbeat"].write_value(ua.Variant(self._beat, ua.VariantType.Int64))
        values = await client.read_attributes([self._nodes[c.name] for c in channels])
        return tuple(_reading(c.name, c.unit, v) for c, v in zip(channels, values))

    def abort(self) -> None:
        """As :meth:`Driver.abort`."""
        self._do(self._call("abort"))

    def close(self) -> None:
        """As :meth:`Driver.close`."""
        if self._client is not None:
            self.abort()
        self._drop()

    def _drop(self) -> None:
        """Let go of a connection, dead or alive."""
        client, self._client = self._client, None
        if client is not None:
            future = asyncio.run_coroutine_threadsafe(client.disconnect(), self._loop)
            try:
                future.result(min(self.timeout, 1.0))
            except Exception:  # a dead line raises what it likes: it is let go of either way
                future.cancel()


def _reading(name: str, unit: str, found: Any) -> Reading:
    """A data value of OPC UA as a reading."""
    ua = opcua().ua

    stamp = found.SourceTimestamp or found.ServerTimestamp
    at = stamp.replace(tzinfo=UTC).timestamp() if isinstance(stamp, datetime) else 0.0
    raw = found.Value.Value if found.Value is not None else None
    value = float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw) else None
    status = found.StatusCode
    if status.value == ua.StatusCodes.BadWaitingForInitialData:
        return Reading(name, None, unit, at, "waiting")
    quality = "good" if status.is_good() else "uncertain" if status.is_uncertain() else "bad"
    return Reading(name, value if quality != "bad" else None, unit, at, quality, "" if status.is_good() else status.name)
