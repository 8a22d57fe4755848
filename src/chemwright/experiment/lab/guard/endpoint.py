"""Where the guard of a folder is found: a socket of its own, a file that only its owner reads, and the files beside it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from attrs import frozen

from chemwright.experiment.lab import wire
from chemwright.record.atomic import write_atomic

OPTIONS = {"poll": 0.5, "grace": 10.0, "silence": 60.0, "linger": 120.0}
"""Of the guard, seconds of the clock: between readings; for a planner that is gone; for one that is connected and silent; until it ends itself."""


def user_folder() -> Path:
    """The folder of this user's keys; ``CHEMWRIGHT_KEYS`` puts it elsewhere."""
    given = os.environ.get("CHEMWRIGHT_KEYS")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CONFIG_HOME") or (os.environ.get("APPDATA") if os.name == "nt" else None)
    return Path(base or Path.home() / ".config") / "chemwright" / "lab"


def audit_key_path() -> Path:
    """The key that seals this user's audit logs."""
    return user_folder() / "audit.key"


@frozen
class LabFolder:
    """The files of one station's guard, in one folder."""

    path: Path

    @property
    def station(self) -> Path:
        """The station as JSON."""
        return self.path / "station.json"

    @property
    def audit(self) -> Path:
        """The audit log."""
        return self.path / "audit.jsonl"

    @property
    def log(self) -> Path:
        """What the processes print."""
        return self.path / "guard.log"

    @property
    def endpoint(self) -> Path:
        """Where the guard listens, and its token."""
        return self.path / "guard.json"

    def options(self) -> dict[str, float]:
        """Options of the guard, those of ``guard-options.json`` before the usual ones."""
        try:
            given = json.loads((self.path / "guard-options.json").read_text(encoding="utf-8"))
            return {k: float(given.get(k, v)) for k, v in OPTIONS.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return dict(OPTIONS)

    async def listen(self, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> tuple[asyncio.Server, dict[str, Any]]:
        """Listen on a Unix socket, or on the loopback where there are none; never on a network."""
        if hasattr(asyncio, "start_unix_server"):
            path = _socket_path(self.path)
            path.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(serve, path, limit=wire.LONGEST)
            os.chmod(path, 0o600)
            return server, {"socket": str(path)}
        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=wire.LONGEST)
        return server, {"port": server.sockets[0].getsockname()[1]}

    def announce(self, data: dict[str, Any]) -> None:
        """Write the endpoint file, for its owner alone."""
        handle = os.open(self.endpoint, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(handle, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(data, stream)

    def forget(self) -> None:
        """Remove the endpoint file and the socket."""
        if hasattr(asyncio, "start_unix_server"):
            _socket_path(self.path).unlink(missing_ok=True)
        self.endpoint.unlink(missing_ok=True)

    def write(self, station: str, options: dict[str, float]) -> None:
        """Write what a guard needs before it is started."""
        write_atomic(self.station, station.encode())
        write_atomic(self.path / "guard-options.json", json.dumps(options).encode())


def _socket_path(folder: Path) -> Path:
    """A short path, as sockets' paths are limited to about 100 characters, in a folder of this user alone."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or Path(tempfile.gettempdir()) / f"chemwright-{user}")
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    if base.stat().st_uid != user:
        raise PermissionError(f"{base} belongs to someone else")
    return base / f"guard-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}.sock"
