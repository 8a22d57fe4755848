"""Structures read in bulk and in bounded time: two processes for many, one for those that may hang the toolkit, none for a few plain ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from chemwright.errors import StorageError

LIMIT = 5.0
MANY = 3000
START = 60.0
WINDOW = 64
_RING = re.compile(r"%\d\d|\d")

Job = tuple[str, str]
"""A structure and its kind: ``smiles``, ``polymer`` or ``mol``."""


def may_hang(text: str, kind: str = "smiles") -> bool:
    """Whether a structure is long or knotted enough to be read in a process of its own."""
    if kind == "mol":
        return text.count("\n") > 160
    return len(text) > 200 or len(_RING.findall(re.sub(r"\[[^\]]*\]", "", text))) > 24 or text.count("@") > 24


def read_structures(jobs: Sequence[Job], *, limit: float = LIMIT, processes: int = 2, many: int = MANY, progress: Callable[[float], None] | None = None) -> list[dict[str, Any]]:
    """What each structure is, in the order given.

    Args:
        jobs: structures.
        limit: seconds that one may take.
        processes: for many.
        many: number of plain structures from which on processes are started.
        progress: called with the share done.

    Returns:
        for each a dict with ``key``, ``kind``, ``smiles``, ``formula``, ``molar_mass``, or with ``error`` and ``fix``.
    """
    from chemwright.knowledge.intake.structure_worker import describe

    out: list[dict[str, Any]] = [{} for _ in jobs]
    odd = [i for i, job in enumerate(jobs) if may_hang(*job)]
    plain = [i for i, job in enumerate(jobs) if not may_hang(*job)]
    if len(plain) < many:
        for i in plain:
            out[i] = describe(*jobs[i])
        apart = odd
    else:
        apart = list(range(len(jobs)))
    if not apart:
        return out
    count = min(processes, os.cpu_count() or 1) if len(apart) >= many else 1
    workers = [_Worker([(i, jobs[i]) for i in apart[k::count]], out, limit) for k in range(count)]
    try:
        for w in workers:
            w.thread.start()
        while any(w.thread.is_alive() for w in workers):
            for w in workers:
                w.thread.join(0.1)
                w.watch()
            if progress is not None:
                progress(sum(w.done for w in workers) / len(apart))
    finally:
        for w in workers:
            w.stop()
    failed = next((w.error for w in workers if w.error is not None), None)
    if failed is not None:
        raise StorageError(f"the process that reads structures can't run: {failed}", where="structures", fix="check that Python may start processes here")
    return out


class _Worker:
    """A process that answers, the thread that talks to it, and the watch over its time."""

    def __init__(self, jobs: list[tuple[int, Job]], out: list[dict[str, Any]], limit: float) -> None:
        self.jobs, self.out, self.limit = jobs, out, limit
        self.done, self.last, self.stopped = 0, 0.0, False
        self.error: Exception | None = None
        self.process: subprocess.Popen[str] | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _start(self) -> subprocess.Popen[str]:
        home = str(Path(__file__).resolve().parents[3])
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH", "")])]), "PYTHONIOENCODING": "utf-8"}
        line = [sys.executable, "-m", "chemwright.knowledge.intake.structure_worker", str(self.limit)]
        self.last = time.monotonic() + START  # loading the toolkit is no structure's fault
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=env)
        return self.process

    def _run(self) -> None:
        try:
            process, fresh = self._start(), True
            while self.done < len(self.jobs) and not self.stopped:
                window = self.jobs[self.done : self.done + WINDOW]
                answered = self._ask(process, window)
                fresh = fresh and not answered
                if answered == len(window) or self.stopped:
                    continue
                if fresh and process.wait() not in (-14, -9):
                    raise OSError(f"it ended with status {process.returncode}")
                i, (text, _) = window[answered]  # the one it died on
                self.out[i] = {"error": f"{text[:80]!r} took the toolkit over {self.limit:g} s, or broke it", "fix": "check the structure; give its InChIKey or name instead"}
                self.done += 1
                self._end(process)
                process = self._start()
        except (OSError, ValueError) as error:
            self.error = None if self.stopped else error
        finally:
            self.stop()

    def _ask(self, process: subprocess.Popen[str], window: list[tuple[int, Job]]) -> int:
        """Answers received before the process ended."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write("".join(json.dumps(job) + "\n" for _, job in window))
            process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass
        for count, (i, _) in enumerate(window):
            line = process.stdout.readline()
            if not line:
                return count
            self.out[i] = json.loads(line)
            self.done, self.last = self.done + 1, time.monotonic()
        return len(window)

    def watch(self) -> None:
        """End the process when it has been silent for too long (where the system has no alarm clock of its own)."""
        if self.process is not None and time.monotonic() - self.last > self.limit + 2.0:
            self.process.kill()

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def stop(self) -> None:
        """Let go of the process."""
        self.stopped = True
        if self.process is not None:
            self._end(self.process)
            self.process = None
