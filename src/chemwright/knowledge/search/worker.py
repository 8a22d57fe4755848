"""The handle on a matcher: a process of its own that is asked, waited for, and ended when it takes too long."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from typing import Any

from chemwright.errors import ChemwrightError
from chemwright.knowledge.search.matcher import LENGTHS, send

START_SECONDS = 60.0


class TimeLimit(ChemwrightError):
    """A search by structure took longer than it may."""

    kind = "time-limit"


class Worker:
    """One matcher process; it is started at the first question and ends with this object."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.generation = 0
        """How often it was started: what it was told before is gone with each start."""

    def __del__(self) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def start(self) -> None:
        """Start the process where none runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from chemwright.knowledge.search.matcher import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        self.generation += 1

    def post(self, head: dict[str, Any], body: bytes = b"") -> None:
        """Ask without waiting."""
        self.start()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            send(self._process.stdin, head, body)  # type: ignore[arg-type]
        except OSError:
            self.stop()
            raise TimeLimit("the structure matcher ended unexpectedly", fix="try again with a smaller pattern; the machine may be short of memory") from None

    def take(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        """The answer to what was posted.

        Args:
            deadline: on the clock of ``time.monotonic``.

        Raises:
            TimeLimit: it did not come in time, or the process ended; it is stopped then.
        """
        try:
            head_size, body_size = LENGTHS.unpack(self._read(LENGTHS.size, deadline))
            return json.loads(self._read(head_size, deadline)), self._read(body_size, deadline)
        except BaseException:
            self.stop()
            raise

    def ask(self, head: dict[str, Any], body: bytes = b"", seconds: float = START_SECONDS) -> tuple[dict[str, Any], bytes]:
        """Post and take."""
        self.post(head, body)
        return self.take(time.monotonic() + seconds)

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        parts: list[bytes] = []
        with selectors.DefaultSelector() as ready:
            ready.register(handle, selectors.EVENT_READ)
            while size > 0:
                if not ready.select(max(0.0, deadline - time.monotonic())):
                    raise TimeLimit("the structure search took longer than its time limit", fix="make the pattern narrower, restrict it by other terms, or raise the time limit")
                part = os.read(handle, min(size, 1 << 20))
                if not part:
                    raise TimeLimit("the structure matcher ended unexpectedly", fix="try again with a smaller pattern; the machine may be short of memory")
                parts.append(part)
                size -= len(part)
        return b"".join(parts)
