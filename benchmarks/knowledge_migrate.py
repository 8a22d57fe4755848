"""The shipped core from a file to PostgreSQL and back: seconds, rows, and the proof by hashes, which is part of the time.

    python benchmarks/knowledge_migrate.py postgresql://user:password@host/empty_database

The database must be empty; ``scripts/postgres.sh start`` prints the address of a private server (its database ``postgres`` will do).
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chemwright.knowledge.base import open_base
from chemwright.knowledge.base.backup import backup
from chemwright.knowledge.base.migrate import migrate
from chemwright.knowledge.base.verify import verify
from chemwright.knowledge.core import core_file


def timed(name: str, call: Callable[[], Any]) -> Any:
    begun, cpu = time.perf_counter(), time.process_time()
    out = call()
    print(f"{name:34s} {time.perf_counter() - begun:7.1f} s wall {time.process_time() - cpu:7.1f} s CPU of this process")
    return out


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    made = core_file(lambda words, _: print(f"\r{words:40s}", end="", file=sys.stderr))
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start; file of {made.stat().st_size / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as folder, open_base(made, read_only=True) as core, open_base(sys.argv[1], create=True) as server:
        there = timed("file to PostgreSQL", lambda: migrate(core, server))
        with open_base(Path(folder) / "back.kb", create=True) as file:
            back = timed("PostgreSQL to file", lambda: migrate(server, file))
            same = {k: there.hashes[k] == back.hashes[k] for k in there.hashes if k != "audit"}
            timed("backup of the file, checked", lambda: backup(file))
        for name, base in (("verify, file", Path(folder) / "back.kb"), ("verify, PostgreSQL", server)):
            verdict = timed(name, lambda base=base: verify(base))  # type: ignore[misc]
            print(f"  {'whole' if verdict.ok else verdict.problems}; {dict(verdict.checked)}")
        timed("verify --quick, file", lambda: verify(Path(folder) / "back.kb", quick=True))
        print(f"rows carried over: {sum(there.rows.values()):,}: " + ", ".join(f"{k} {n:,}" for k, n in there.rows.items() if n))
        print(f"tables with the same hash on both sides, there and back: {sum(same.values())} of {len(same)}")
    print(f"largest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
