"""Killed at any moment, or out of room: the base opens, is whole, holds whole batches only, and a rerun files nothing twice."""

import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from chemwright.errors import StorageError
from chemwright.knowledge.base import open_base
from chemwright.knowledge.base.backup import backups, restore
from chemwright.knowledge.base.migrate import migrate
from chemwright.knowledge.base.verify import verify
from chemwright.record import Claim, ExperimentRecord

HERE = os.path.dirname(__file__)
BATCHES, SIZE = 24, 40

# what an importer does: a batch is one transaction with a row that says it is done; a batch that is done is not done again
FILING = """
import sys
from sqlalchemy import insert, select
from chemwright.knowledge.base import audit, open_base
from chemwright.knowledge.base.claims import ClaimRow, full_claims
from chemwright.knowledge.base.schema import batch
from chemwright.record import Claim, ExperimentRecord, Filing, Participant

from chemwright.knowledge.identity import identify
identify("ethanol")  # what loads late is loaded before the first fork

def write(address, batches, size):
    with open_base(address, create=True, who="importer") as kb:
        for part in range(batches):
            with kb.writing() as c:
                if c.execute(select(batch.c.pk).where(batch.c.file == "f", batch.c.part == part)).scalar():
                    continue
                pk = c.execute(insert(batch).values(file="f", part=part, rows=size, created=audit.now())).inserted_primary_key[0]
                kb.file(c, [
                    Claim(f"{part}", "water", "density", 900.0 + part, "kg/m^3"),
                    *(ExperimentRecord(f"{part}-{i}", "搅拌 " * 20, (Participant("ethanol", "solvent"),), {"temperature": 300.0 + i}) for i in range(size)),
                ], Filing(owner="importer"), pk)
                names = c.execute(full_claims().limit(1)).one()
                row = (names.substance, names.property, names.source)
                kb.add_rows(c, [ClaimRow(*row, (names.subject, "density", names.source_id), 800.0 + part + i / size) for i in range(size)], Filing(), pk)
                audit.write(c, kb.who, "import", "f", part=part)

work = lambda: write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
"""


# the program is forked anew for each moment, so that its imports are paid for once; it is killed from outside all the same
FORKED = """
import os, signal, time
for line in sys.stdin:
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    end = time.monotonic() + float(line)
    while not (done := os.waitpid(child, os.WNOHANG)[0]) and time.monotonic() < end:
        time.sleep(0.001)
    if not done:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    print("finished" if done else "killed", flush=True)
"""


@contextmanager
def killer(code, *arguments):
    """A function that runs a program and kills it after some seconds; it gives whether the program had not finished by itself."""
    process = subprocess.Popen([sys.executable, "-c", code + FORKED, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE)

    def kill_after(seconds):
        process.stdin.write(f"{seconds}\n")
        process.stdin.flush()
        return {"killed\n": True, "finished\n": False}[process.stdout.readline()]

    try:
        yield kill_after
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(60)


def whole_batches(path):
    """How many batches are there; each of them must be complete."""
    with open_base(path) as kb, kb.reading() as c:
        done = c.execute(sql("SELECT pk, part FROM batch ORDER BY part")).all()
        for table, expected in (("claim", SIZE + 1), ("entry", SIZE)):
            counts = dict(c.execute(sql(f"SELECT batch, count(*) FROM {table} GROUP BY batch")).all())
            assert counts == dict.fromkeys([pk for pk, _ in done], expected)
        assert [part for _, part in done] == list(range(len(done)))
        assert c.execute(sql("SELECT count(*) FROM audit WHERE what = 'import'")).scalar() == len(done)
    return len(done)


def written(path):
    with killer(FILING, path, BATCHES, SIZE) as kill_after:
        while kill_after(60.0):
            pass


@pytest.mark.slow
def test_killed_while_filing(tmp_path):
    rng, path, cut, most = random.Random(3), tmp_path / "a.kb", 0, 0
    with killer(FILING, path, BATCHES, SIZE) as kill_after:
        begun = time.monotonic()
        assert not kill_after(60.0)
        took = time.monotonic() - begun
        for moment in range(30):
            if moment % 3 == 0:  # begin anew now and then, or all would soon be filed
                for end in ("", "-wal", "-shm"):
                    Path(f"{path}{end}").unlink(missing_ok=True)
            cut += kill_after(rng.uniform(0.0, 0.3 * took))
            if path.exists() and path.stat().st_size:
                verdict = verify(path)
                if verdict.problems == ("holds no knowledge base",):
                    continue  # killed before the base was made
                assert verdict.ok, str(verdict)
                most = max(most, whole_batches(path))
    assert cut >= 20
    assert most > 0
    for _ in range(2):
        written(path)
        assert whole_batches(path) == BATCHES
    assert verify(path).ok


BACKING = """
import sys
from chemwright.knowledge.base import open_base
from chemwright.knowledge.base import backup
backup.PAGES = 1
def work():
    kb = open_base(sys.argv[1])
    for i in range(1000):
        backup.backup(kb) if sys.argv[2] == "backup" else backup.restore(sys.argv[1])
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    path = tmp_path_factory.mktemp("killed") / "filled.kb"
    written(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("what", ["backup", "restore"])
def test_killed_while_backing_up_or_restoring(filled, tmp_path, what):
    rng, path = random.Random(4), shutil.copyfile(filled, tmp_path / "a.kb")
    with open_base(path) as kb:
        kb.backup()
    with killer(BACKING, path, what) as kill_after:
        for _ in range(12):
            assert kill_after(rng.uniform(0.0, 0.4))
            assert verify(path).ok
            assert whole_batches(path) == BATCHES
            assert backups(path)
            assert all(verify(p, quick=True).ok for p in backups(path))
    assert "restored" in restore(path)
    assert verify(path).ok


MIGRATING = """
import sys
from chemwright.knowledge.base import open_base
from chemwright.knowledge.base.migrate import migrate
def work():
    source, target = open_base(sys.argv[1], read_only=True), open_base(sys.argv[2], create=True)
    migrate(source, target)
"""


@pytest.mark.slow
@pytest.mark.parametrize("to", ["file", "server"])
def test_killed_while_migrating(filled, tmp_path, to, request):
    address = tmp_path / "target.kb" if to == "file" else request.getfixturevalue("postgres_database")()
    rng = random.Random(5)
    open_base(address, create=True).close()
    with killer(MIGRATING, filled, address) as kill_after:
        for _ in range(8):
            cut = kill_after(rng.uniform(0.0, 0.4))
            with open_base(address) as target:
                if target.counts()["claim"]:  # committed, told or not
                    assert target.history()[0]["what"] == "migrate"
                    break
                assert cut
                assert [line["what"] for line in target.history()] == ["init"]
    with open_base(address) as target, open_base(filled, read_only=True) as source:
        if target.counts()["claim"] == 0:
            migrate(source, target)
        assert target.counts() == source.counts()
        assert target.verify().ok


FULL = """
import resource, signal, sys
from chemwright.errors import StorageError
from chemwright.knowledge.base import open_base
from chemwright.record import ExperimentRecord
kb = open_base(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    if sys.argv[3] == "backup":
        kb.backup()
    elif sys.argv[3] == "asset":
        kb.put_asset(bytes(range(256)) * 40_000, "big.bin")
    else:
        kb.add(*(ExperimentRecord(f"big {i}", "x" * 20_000) for i in range(400)))
except StorageError as error:
    print("storage:", error)
"""


@pytest.mark.parametrize("what", ["records", "asset", "backup"])
def test_a_disk_without_room_is_told_and_changes_nothing(filled, tmp_path, what):
    path = shutil.copyfile(filled, tmp_path / "a.kb")
    with open_base(path) as kb:
        before = kb.counts()
    limit = 100_000 if what == "backup" else path.stat().st_size + 200_000
    done = subprocess.run([sys.executable, "-c", FULL, str(path), str(limit), what], capture_output=True, text=True, check=True, cwd=HERE)
    assert done.stdout.startswith("storage:"), done.stdout + done.stderr
    assert "room" in done.stdout
    verdict = verify(path)
    assert verdict.ok, str(verdict)
    assert not list(tmp_path.glob("*.part*"))
    with open_base(path) as kb:
        assert kb.counts() == before
        kb.add(ExperimentRecord("after", "room again"), Claim("a", "ethanol", "density", 789.0, "kg/m^3"))


def test_a_full_disk_is_told_and_changes_nothing(filled, tmp_path):
    """On a real file system of a few MB, where this may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.getuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        with open_base(disk / "a.kb", create=True) as kb:
            kb.add(Claim("a", "ethanol", "density", 789.0, "kg/m^3"))
            with pytest.raises(StorageError, match="room"):
                kb.add(*(ExperimentRecord(f"big {i}", "x" * 20_000) for i in range(400)))
            with pytest.raises(StorageError, match="room"):
                kb.put_asset(os.urandom(5_000_000), "big.bin")
            assert kb.counts()["claim"] == 1
            kb.add(Claim("b", "ethanol", "density", 788.0, "kg/m^3"))
        assert verify(disk / "a.kb").ok
    finally:
        subprocess.run(["umount", str(disk)], check=True)
