"""A case survives: killed at random moments of develop and save it loads, old or new, and a rerun ends with the same result."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chemwright.case import Case, CaseFolder
from chemwright.case.lock import hold
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
    known = {}
    for name in ("one", "two"):
        case = Case.open(tmp_path / name)
        case.decide("plant.site", name, by="A. Chemist", why="so that record and decisions can be told apart")
        known[content_hash(case.record)] = content_hash(list(case.decisions))
    target = tmp_path / "target"
    Case.open(tmp_path / "one").save(target)
    rng = random.Random(0)
    for _ in range(42):
        with start("-c", SAVER, str(tmp_path / "one"), str(tmp_path / "two"), str(target)) as saver:
            assert saver.stdout is not None
            saver.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.08))
            saver.send_signal(signal.SIGKILL)
        case = Case.open(target)
        assert known[content_hash(case.record)] == content_hash(list(case.decisions))  # both old or both new, never one of each


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


OLD = """
from chemwright.record.convert import UPGRADES
UPGRADES[("CaseRecord", 0)] = lambda old: {k: v for k, v in old.items() if k != "medium"} | {"solvent": old["medium"], "schema_version": 1}
"""


@pytest.fixture
def old_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook for a schema version 0 that called the solvent the medium."""
    from chemwright.record.convert import UPGRADES

    monkeypatch.setitem(UPGRADES, ("CaseRecord", 0), lambda old: {k: v for k, v in old.items() if k != "medium"} | {"solvent": old["medium"], "schema_version": 1})


def make_old(folder: Path) -> str:
    """Turn a case's files into those of schema version 0; returns its case.json."""
    data = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    data |= {"schema_version": 0, "medium": data.pop("solvent")}
    text = json.dumps(data, indent=1)
    (folder / "case.json").write_text(text, encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"schema_version": 0}), encoding="utf-8")
    return text


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.from_toml(write_bundled("snar", tmp_path / "snar"), tmp_path / "a.case")


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file but the lock, by name."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".lock"}


# --- schema versions


def test_an_older_case_is_upgraded_on_disk_and_its_old_files_kept(case: Case, old_form: None) -> None:
    folder = case.folder
    assert folder is not None
    old = make_old(folder)
    opened = Case.open(folder)
    assert opened.record == case.record
    assert "backup-schema-0" in opened.notes[0]
    assert (folder / "backup-schema-0" / "case.json").read_text(encoding="utf-8") == old
    assert (folder / "backup-schema-0" / "decisions.json").is_file()
    assert json.loads((folder / "case.json").read_text(encoding="utf-8"))["schema_version"] == 1
    assert (Case.open(folder).record, Case.open(folder).notes) == (case.record, [])
    make_old(folder)
    (folder / "case.json").write_text(old.replace("snar-ortho", "another"), encoding="utf-8")
    Case.open(folder)
    assert "another" in (folder / "backup-schema-0-2" / "case.json").read_text(encoding="utf-8")
    assert (folder / "backup-schema-0" / "case.json").read_text(encoding="utf-8") == old


def test_an_older_case_is_upgraded_when_its_case_file_is_developed(case: Case, old_form: None, tmp_path: Path) -> None:
    assert case.folder is not None
    make_old(case.folder)
    again = Case.from_toml(tmp_path / "snar" / "case.toml", case.folder)
    assert again.record == case.record
    assert (case.folder / "backup-schema-0" / "case.json").is_file()


def test_an_older_case_without_a_way_is_refused_and_left_alone(case: Case) -> None:
    assert case.folder is not None
    make_old(case.folder)
    before = files_of(case.folder)
    with pytest.raises(StorageError, match="schema version 0") as caught:
        Case.open(case.folder)
    assert "the chemwright that wrote it" in caught.value.fix
    assert files_of(case.folder) == before


@pytest.mark.parametrize("at", ["case.json", "decisions.json", "manifest.json", "journal.json", "backup"])
def test_an_upgrade_that_is_stopped_is_whole_and_goes_on(case: Case, old_form: None, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    folder = case.folder
    assert folder is not None
    old = make_old(folder)
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        backup = Path(target).parent.name.startswith("backup")
        if (at == "backup" and backup and Path(target).name == "decisions.json") or (not backup and Path(target).name == at):
            raise KeyboardInterrupt
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            Case.open(folder)
    assert Case.open(folder).record == case.record
    assert (folder / "backup-schema-0" / "case.json").read_text(encoding="utf-8") == old
    assert not (folder / "backup-schema-0-2").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_killed_while_upgrading_the_case_loads_and_the_backup_is_the_old_one(case: Case, old_form: None) -> None:
    folder = case.folder
    assert folder is not None
    loop = OLD + "import sys, shutil, pathlib\nfrom chemwright.case import Case\nold = pathlib.Path(sys.argv[1] + '.old')\nprint('ready', flush=True)\n"
    loop += "for n in range(10**6):\n    shutil.copytree(old, f'{sys.argv[1]}-{n}')\n    Case.open(f'{sys.argv[1]}-{n}')\n"
    text = make_old(folder)
    folder.rename(f"{folder}.old")
    rng = random.Random(2)
    for _ in range(6):
        with start("-c", loop, str(folder)) as run:
            assert run.stdout is not None
            run.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.6))
            run.send_signal(signal.SIGKILL)
        made = sorted(folder.parent.glob(f"{folder.name}-*"), key=lambda p: int(p.name.rpartition("-")[2]))
        for copy in made:
            if (copy / "manifest.json").is_file() and (copy / "decisions.json").is_file() and (copy / "case.json").stat().st_size:  # not cut off while copied
                assert Case.open(copy).record == case.record
                assert (copy / "backup-schema-0" / "case.json").read_text(encoding="utf-8") == text
            shutil.rmtree(copy)


# --- a full disk


def fill(monkeypatch: pytest.MonkeyPatch, number: int, code: int = errno.ENOSPC) -> None:
    """Let the disk be full when the ``number``-th file from now on is flushed to it."""
    real, left = os.fsync, [number]

    def fsync(handle: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(code, os.strerror(code))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG], ids=["full", "quota", "too large"])
def test_a_full_disk_leaves_the_old_case_and_nothing_else(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> None:
    folder = case.folder
    assert folder is not None
    other = Case.from_toml(tmp_path / "snar" / "case.toml", tmp_path / "b.case", seed=7)
    before = files_of(folder)
    with monkeypatch.context() as patch:
        fill(patch, number, code)  # record, decisions, manifest, journal
        with pytest.raises(StorageError, match="can't write") as caught:
            other.save(folder)
    assert str(folder) in caught.value.where
    assert "space" in caught.value.fix
    assert files_of(folder) == before
    assert Case.open(folder).record == case.record
    other.save(folder)
    assert Case.open(folder).record == other.record


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes on Windows")
def test_a_limit_on_file_size_is_a_full_disk(case: Case) -> None:
    folder = case.folder
    assert folder is not None
    before = files_of(folder)
    code = "import resource, sys; from chemwright.case import Case; c = Case.open(sys.argv[1]); resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); c.save(sys.argv[1])"
    run = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "StorageError" in run.stderr
    assert "larger than this disk or account allows" in run.stderr
    assert files_of(folder) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("mount") is None, reason="mounting a small disk needs root")
def test_a_disk_that_really_is_full(case: Case, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        small = case.save(disk / "a.case")
        (disk / "ballast").write_bytes(b"x")
        with contextlib.suppress(OSError), open(disk / "ballast", "ab", buffering=0) as ballast:
            while True:
                ballast.write(b"x" * 4096)
        before = files_of(small)
        with pytest.raises(StorageError, match="the disk is full") as caught:
            Case.open(small).decide("plant.site", "Tianjin", by="A. Chemist", why="solvent recovery is there")
        assert str(small) in caught.value.where
        assert "free some space" in caught.value.fix
        assert files_of(small) == before
        assert Case.open(small).record == case.record
        (disk / "ballast").unlink()
        assert Case.open(small).decide("plant.site", "Tianjin", by="A. Chemist", why="solvent recovery is there").id == "d1"
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


# --- two writers

HOLDER = """
import sys, time
from chemwright.case.lock import hold
from pathlib import Path
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process works on the case."""
    with start("-c", HOLDER, str(folder)) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield other
        finally:
            other.kill()


def test_a_second_writer_is_refused_and_readers_are_not(case: Case, tmp_path: Path) -> None:
    folder = case.folder
    assert folder is not None
    CaseFolder(folder).write_step("properties", *_step(case))
    with held(folder) as other:
        begun = time.monotonic()
        refused = subprocess.run(
            [sys.executable, "-m", "chemwright", "develop", str(tmp_path / "snar" / "case.toml"), "--out", str(folder), "--json"], capture_output=True, text=True, check=False
        )
        assert refused.returncode == 2
        error = json.loads(refused.stdout)["error"]
        assert (error["kind"], error["where"]) == ("storage", str(folder))
        assert f"(pid {other.pid})" in error["message"]
        assert "wait" in error["fix"]
        assert time.monotonic() - begun < 30
        assert Case.open(folder).record == case.record
        assert set(Case.open(folder).results) == {"properties"}
        with pytest.raises(StorageError, match=f"pid {other.pid}"):
            case.decide("plant.site", "Tianjin", by="A. Chemist", why="solvent recovery is there")
        other.kill()
        other.wait()
        case.decide("plant.site", "Tianjin", by="A. Chemist", why="the killed process holds nothing")
    assert [d.choice for d in Case.open(folder).decisions if d.when] == ["Tianjin"]


def _step(case: Case) -> tuple[str, dict[str, list[str]]]:
    from chemwright.case import steps

    return steps.key_of("properties", case.record, {}), {"claims": [], "sources": []}


def test_the_lock_is_for_the_whole_of_a_computation(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = case.folder
    assert folder is not None
    seen = []

    def fit(record: object, progress: object) -> dict[str, float]:
        code = "import sys; from chemwright.case.folder import CaseFolder; CaseFolder(sys.argv[1]).write('decisions.json', b'[]')"
        seen.append(subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False).stderr)
        return {"rmse": 1.0}

    monkeypatch.setattr("chemwright.loop.fit", fit)
    case.fit()
    assert f"another process (pid {os.getpid()}) is working on this case" in seen[0]
    CaseFolder(folder).write_decisions(case.decisions)


def test_another_thread_is_refused_too(case: Case) -> None:
    folder = case.folder
    assert folder is not None
    with ThreadPoolExecutor(1) as pool, hold(folder):
        with hold(folder), pytest.raises(StorageError, match="is working on this case"):
            pool.submit(CaseFolder(folder).write, "decisions.json", b"[]").result()
        CaseFolder(folder).write_decisions(case.decisions)
    CaseFolder(folder).write_decisions(case.decisions)


def test_decisions_of_two_processes_are_both_kept(case: Case) -> None:
    folder = case.folder
    assert folder is not None
    one, two = Case.open(folder), Case.open(folder)
    one.decide("a", "1", by="A", why="x")
    two.decide("b", "2", by="B", why="y")
    assert [(d.id, d.what) for d in Case.open(folder).decisions if d.when] == [("d1", "a"), ("d2", "b")]


class Msvcrt:
    """Windows' file locking, as its documentation says: one region, one holder, PermissionError to the second."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        self.holder: int | None = None

    def locking(self, handle: int, mode: int, size: int) -> None:
        assert (os.lseek(handle, 0, os.SEEK_CUR), size) == (1 << 30, 1)
        if mode == self.LK_UNLCK:
            assert self.holder == handle
            self.holder = None
        elif self.holder is not None:
            raise PermissionError(errno.EACCES, "Permission denied")
        else:
            self.holder = handle


def test_the_lock_of_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", Msvcrt())
    with ThreadPoolExecutor(1) as pool, hold(tmp_path) as locked:
        assert locked
        with pytest.raises(StorageError, match=f"pid {os.getpid()}"):
            pool.submit(lambda: hold(tmp_path, 0.05).__enter__()).result()
    with hold(tmp_path) as locked:
        assert locked


def test_a_disk_that_cannot_lock_is_said(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def unable(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unable)
    case.decide("a", "1", by="A", why="x")
    assert "can't lock" in case.notes[-1]


# --- a folder that may be read only

READER = """
import os, sys
from pathlib import Path
from chemwright.case import Case
from chemwright.errors import StorageError
toml, locked = map(Path, sys.argv[1:3])
Case.from_toml(toml, toml.parent / "warm.case").save(toml.parent / "warm2.case")  # all that is needed is loaded now
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
case = Case.open(locked)
assert case.record.name == "snar-ortho" and case.results == {}
tried = {
    "read anew": lambda: Case.from_toml(toml, locked / "new.case"),
    "decide": lambda: case.decide("a", "b", by="c", why="d"),
    "compute": lambda: case.fit(),
    "report": lambda: Case.open(toml.parent / "warm.case").save(locked),
}
for name, attempt in tried.items():
    try:
        attempt()
    except StorageError as error:
        assert "not allowed" in error.message and str(locked) in error.where and "may write" in error.fix, (name, error)
    else:
        raise AssertionError(name)
print("refused", len(tried))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")
def test_a_read_only_folder_is_named_and_read() -> None:
    with tempfile.TemporaryDirectory() as base:  # one that another user may enter, as pytest's own are not
        path = write_bundled("snar", Path(base) / "snar")
        locked = Path(base) / "locked"
        Case.from_toml(path, locked)
        for folder in (Path(base), path.parent):
            folder.chmod(0o755)
        locked.chmod(0o555)
        run = subprocess.run([sys.executable, "-c", READER, str(path), str(locked)], capture_output=True, text=True, check=False)
        locked.chmod(0o755)
    assert (run.returncode, run.stdout) == (0, "refused 4\n"), run.stderr


def test_a_finished_case_is_developed_again_without_the_lock(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = case.folder
    assert folder is not None
    CaseFolder(folder).write_step("properties", *_step(case))
    with held(folder):
        assert Case.open(folder)._need("properties") == {"properties": {"claims": [], "sources": []}}


# --- the report


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_killed_while_writing_the_report_it_is_the_old_or_the_new(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    code = "import sys\nfrom pathlib import Path\nfrom chemwright.report import write_report\nprint('ready', flush=True)\nn = 0\nwhile True:\n    n += 1\n    write_report({'record': {'name': f'case {n % 2}'}}, Path(sys.argv[1]))\n"
    rng = random.Random(3)
    for _ in range(8):
        with start("-c", code, str(target)) as run:
            assert run.stdout is not None
            run.stdout.readline()
            time.sleep(rng.uniform(0.02, 0.2))
            run.send_signal(signal.SIGKILL)
        text = target.read_text(encoding="utf-8")
        assert text.startswith("<!DOCTYPE html>")
        assert text.endswith("</html>\n")
        assert "<title>case 0 " in text or "<title>case 1 " in text
