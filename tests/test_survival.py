"""A case survives: killed at random moments of develop and save it loads, old or new, and a rerun ends with the same result."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chemwright.case import Case
from chemwright.errors import StorageError
from chemwright.knowledge import write_bundled
from chemwright.record import content_hash

SAVER = """
import sys
from chemwright.case import Case
folder = sys.argv[3]
cases = [Case.open(p) for p in sys.argv[1:3]]
print("ready", flush=True)
while True:
    for case in cases:
        case.save(folder)
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_killed_while_saving_the_case_is_the_old_or_the_new(tmp_path: Path) -> None:
    path = write_bundled("snar", tmp_path / "snar")
    for name, seed in (("one", 1), ("two", 2)):
        Case.from_toml(path, tmp_path / name, seed=seed)
    known = {content_hash(Case.open(tmp_path / name).record) for name in ("one", "two")}
    target = tmp_path / "target"
    Case.open(tmp_path / "one").save(target)
    rng = random.Random(0)
    for _ in range(42):
        with start("-c", SAVER, str(tmp_path / "one"), str(tmp_path / "two"), str(target)) as saver:
            assert saver.stdout is not None
            saver.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.08))
            saver.send_signal(signal.SIGKILL)
        assert content_hash(Case.open(target).record) in known


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_killed_while_developing_a_rerun_gives_the_same_result(tmp_path: Path) -> None:
    path = write_bundled("snar", tmp_path / "snar")
    rng = random.Random(1)
    out = tmp_path / "killed"
    for k in range(8):
        with start("-m", "chemwright", "develop", str(path), "--out", str(out)) as run:
            time.sleep(rng.uniform(0.5, 4.0 + 3.0 * k))
            run.send_signal(signal.SIGKILL)
        if (out / "case.json").exists():
            assert Case.open(out).record.name == "snar-ortho"
    ends = [
        subprocess.run([sys.executable, "-m", "chemwright", "develop", str(path), "--out", str(tmp_path / name), "--json"], capture_output=True, text=True, check=True)
        for name in ("killed", "whole")
    ]
    killed, whole = (json.loads(e.stdout) for e in ends)
    for result in (killed, whole):
        del result["meta"], result["report"]
    assert killed == whole


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root writes everywhere; run as another user")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    path = write_bundled("snar", tmp_path / "snar")
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    with pytest.raises(StorageError, match="locked"):
        Case.from_toml(path, locked / "a.case")
