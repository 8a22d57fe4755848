"""The virtual lab on OPC UA: signed and encrypted alone, users with passwords, certificates that are trusted by name; everyone else is refused.

``python -m chemwright.experiment.lab.virtual.opcua_server`` or ``chemwright lab virtual`` runs it as a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chemwright.experiment.lab.certificates import application_uri, certificate_paths, password_matches, read_private
from chemwright.experiment.lab.extra import opcua
from chemwright.experiment.lab.records import Reading
from chemwright.experiment.lab.virtual.faults import acting
from chemwright.experiment.lab.virtual.lab import VirtualLab

NAMESPACE = "urn:chemwright:lab"
LOOP = 0.02
"""Seconds of the clock between two rounds of the server."""
CHUNK = 40.0
"""Seconds of the laboratory done at a time, so that requests are answered in between on a slow machine."""


class Users:
    """Who may come in: names with scrypt hashes of their passwords, over a channel that a known certificate encrypts.

    The library's server also answers on an open channel, for discovery; a right password there would let a session in, so the channel's certificate is
    asked for here. A password is tried against a stored hash also for unknown names, so that time tells nothing.

    Args:
        stored: names and hashes.
        known: SHA-256 fingerprints of the clients' certificates.
    """

    def __init__(self, stored: Mapping[str, str], known: set[bytes]) -> None:
        from chemwright.experiment.lab.certificates import hash_password

        self._stored, self._known, self._nobody = dict(stored), known, hash_password("nobody")

    def get_user(self, iserver: Any, username: str | None = None, password: str | bytes | None = None, certificate: Any = None) -> Any:
        """The user, or None, which refuses: an open channel, a strange certificate, no name, an unknown one, a wrong password."""
        from asyncua.crypto.permission_rules import User, UserRole

        if not isinstance(certificate, bytes) or hashlib.sha256(certificate).digest() not in self._known:
            return None
        given = password.decode("utf-8", "replace") if isinstance(password, bytes) else password
        right = password_matches(given or "", self._stored.get(username or "", self._nobody))
        return User(role=UserRole.User, name=username) if right and username in self._stored and given else None


def _fingerprints(paths: list[Path]) -> set[bytes]:
    """SHA-256 fingerprints of certificates in PEM files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return {x509.load_pem_x509_certificate(p.read_bytes()).fingerprint(hashes.SHA256()) for p in paths}


def _trusted(known: set[bytes]) -> Callable[[Any, Any], Any]:
    """A validator that lets only known client certificates through, while they hold."""
    from asyncua.common.utils import ServiceError
    from cryptography.hazmat.primitives import hashes

    ua = opcua().ua

    async def check(certificate: Any, description: Any) -> None:
        if certificate.fingerprint(hashes.SHA256()) not in known:
            raise ServiceError(ua.StatusCodes.BadCertificateUntrusted)
        if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
            raise ServiceError(ua.StatusCodes.BadCertificateTimeInvalid)

    return check


def _rules() -> Any:
    """Users read and write and call; whoever has not logged in can do nothing at all."""
    from asyncua.crypto.permission_rules import SimpleRoleRuleset

    class Rules(SimpleRoleRuleset):  # type: ignore[misc]
        def check_validity(self, user: Any, action_type_id: Any, body: Any) -> bool:
            return user is not None and bool(super().check_validity(user, action_type_id, body))

    return Rules()


class LabServer:
    """A virtual lab and its OPC UA server.

    Args:
        lab: the lab.
        url: as ``opc.tcp://127.0.0.1:4840/lab``; the loopback unless you want otherwise.
        keys: folder that :func:`chemwright.experiment.lab.certificates.make_certificates` made.
    """

    def __init__(self, lab: VirtualLab, url: str, keys: Path) -> None:
        self.lab, self.url, self.keys = lab, url, keys
        self._nodes: dict[str, Any] = {}
        self._beat, self._beaten, self._dirty = None, -1, {}  # type: tuple[Any, int, dict[str, float]]

    async def _make(self) -> Any:
        """A server with its nodes, not started."""
        Server, ua = opcua().Server, opcua().ua

        paths = certificate_paths(self.keys)
        known = _fingerprints([Path(paths["client_certificate"])])
        server = Server(user_manager=Users(json.loads(read_private(Path(paths["users"]))), known))
        await server.init()
        await server.set_application_uri(application_uri("server"))
        server.set_endpoint(self.url)
        server.set_server_name("chemwright virtual lab")
        server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt], permission_ruleset=_rules())
        server.set_identity_tokens([ua.UserNameIdentityToken])
        server.set_certificate_validator(_trusted(known))
        read_private(Path(paths["server_key"]))
        await server.load_certificate(paths["server_certificate"])
        await server.load_private_key(paths["server_key"])
        index = await server.register_namespace(NAMESPACE)
        folder = await server.nodes.objects.add_object(index, self.lab.station.name)
        for c in self.lab.station.channels:
            node = await folder.add_variable(ua.NodeId(c.address or c.name, index), c.name, 0.0, varianttype=ua.VariantType.Double)
            await node.add_property(ua.NodeId(f"{c.address or c.name}.unit", index), "unit", c.unit)
            if c.kind == "set":
                await node.set_writable()
            self._nodes[c.name] = node
        self._beat = await folder.add_variable(ua.NodeId("heartbeat", index), "heartbeat", 0, varianttype=ua.VariantType.Int64)
        await self._beat.set_writable()
        await folder.add_method(ua.NodeId("start", index), "start", self._start, [ua.VariantType.String], [])
        await folder.add_method(ua.NodeId("abort", index), "abort", self._abort, [], [])
        return server

    async def _start(self, parent: Any, run: Any) -> list[Any]:
        self.lab.start(str(run.Value)[:100])
        return []

    async def _abort(self, parent: Any) -> list[Any]:
        self.lab.abort("a driver asks")
        await self._show_commands()
        return []

    async def _show_commands(self) -> None:
        """After a safe state the nodes show what holds, not what was asked before."""
        for name, value in self.lab.commands.items():
            await self._write(name, value)

    async def _write(self, name: str, value: float) -> None:
        ua = opcua().ua

        await self._nodes[name].write_value(ua.Variant(float(value), ua.VariantType.Double))

    async def _publish(self, readings: tuple[Reading, ...]) -> None:
        ua = opcua().ua

        for r in readings:
            good = r.quality in ("good", "missing")
            status = ua.StatusCodes.Good if good else ua.StatusCodes.BadWaitingForInitialData if r.quality == "waiting" else ua.StatusCodes.BadSensorFailure
            value = ua.Variant(float("nan") if r.value is None else r.value, ua.VariantType.Double)
            await self._nodes[r.channel].write_value(ua.DataValue(value, ua.StatusCode(status), datetime.fromtimestamp(r.at, UTC).replace(tzinfo=None)))

    async def _take(self) -> None:
        """Commands and heartbeat that came over the wire."""
        beat = await self._beat.read_value()
        if beat != self._beaten:
            self._beaten = beat
            self.lab.hear()
        wanted = {c.name: float(await self._nodes[c.name].read_value()) for c in self.lab.station.set_channels}
        changed = {k: v for k, v in wanted.items() if v != self.lab.commands[k] and v == v}
        if changed:
            self.lab.command(changed)

    async def run(self, ready: Callable[[], None] | None = None) -> None:
        """Serve for ever; a fault of the connection takes the server off the network while the lab goes on."""
        server, told = None, False
        last = time.monotonic()
        try:
            while True:
                now = time.monotonic()
                passed, last = now - last, now
                if acting(self.lab.faults, "dead", self.lab.now):
                    os._exit(3)
                gone = acting(self.lab.faults, "connection", self.lab.now) is not None
                if gone and server is not None:
                    await server.stop()
                    server = None
                elif not gone and server is None:
                    server = await self._make()
                    await self._show_commands()
                    await server.start()
                    self._beaten = -1
                if server is not None:
                    await self._take()
                before = self.lab.safe_states
                self.lab.advance(min(passed * self.lab.station.time_factor, CHUNK), passed)
                if server is not None:
                    if self.lab.safe_states != before:
                        await self._show_commands()
                    await self._publish(self.lab.read())
                    if ready is not None and not told:
                        told = True
                        ready()
                await asyncio.sleep(max(LOOP - (time.monotonic() - now), 0.001))
        finally:
            if server is not None:
                with contextlib.suppress(Exception):
                    await server.stop()


def serve(lab: VirtualLab, url: str, keys: Path, ready: Callable[[], None] | None = None) -> None:
    """Run the lab's server until interrupted."""
    logging.getLogger("asyncua").setLevel(logging.ERROR)
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(LabServer(lab, url, keys).run(ready))
