"""A base that was damaged is told from one that was not, and its backup can be put in its place; nothing is lost in silence."""

import hashlib
import os
import random
import re
import shutil
import sqlite3
import struct
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from chemwright.errors import ChemwrightError, InputError, StorageError
from chemwright.knowledge.base import backup as backups_module
from chemwright.knowledge.base import open_base, upgrades, wal
from chemwright.knowledge.base.backup import backup, backup_if_due, backups, restore
from chemwright.knowledge.base.schema import DB_VERSION, metadata
from chemwright.knowledge.base.verify import verify
from chemwright.record import Claim, ExperimentRecord, Filing, Participant, Source, SubstanceRecord


def fill(path, runs=60):
    with open_base(path, create=True, who="ann") as kb:
        for i in range(3):
            kb.add(
                *(ExperimentRecord(f"{i}-{j}", f"搅拌 {j} minutes " * 10, (Participant("ethanol", "solvent"),), {"temperature": 300.0 + j}) for j in range(runs)),
                *(Claim(f"{i}-{j}", "water", "density", 900.0 + 40 * i + j / 7, "kg/m^3", note=f"note {j}") for j in range(runs)),
                Source(f"source {i}", "literature", "笔记本"),
                SubstanceRecord(f"material:{i}", "material", f"铂碳 {i}", synonyms=("platinum", f"Pt {i}")),
                filing=Filing("CC-BY-4.0", "group"),
            )
        kb.put_asset(os.urandom(30_000), "spectrum.bin")
        kb.label("material:1", add=["checked", "好"])
        kb.retract(kb.claims("water")[0].key, why="wrong")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("verify") / "whole.kb"
    fill(path)
    return path


def copied(path, folder, name="copy.kb"):
    target = folder / name
    for end in ("", "-wal"):
        if Path(f"{path}{end}").exists():
            shutil.copyfile(f"{path}{end}", f"{target}{end}")
    return target


def content(path):
    """All that is filed, read row by row past our own code."""
    connection = sqlite3.connect(path)
    try:
        tables = [*sorted(metadata.tables), "text_index"]
        # the words of the text index are compared as it compares them: without case
        return [(t, sorted(ascii(r).casefold() if t == "text_index" else ascii(r) for r in connection.execute(f'SELECT rowid, * FROM "{t}"'))) for t in tables]
    finally:
        connection.close()


def test_a_whole_base_is_whole(whole, tmp_path):
    verdict = verify(copied(whole, tmp_path))
    assert verdict.ok, str(verdict)
    assert dict(verdict.checked) == {"claim": 180, "entry": 181, "blob": 1}
    assert verdict.counts["experiment"] == 180
    assert "whole (hashes of 180 claims, 181 entries, 1 files computed again)" in str(verdict)


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999])
def test_a_truncated_file_is_found(whole, tmp_path, share):
    path = copied(whole, tmp_path)
    size = path.stat().st_size
    os.truncate(path, int(size * share))
    verdict = verify(path)
    assert not verdict.ok
    with pytest.raises(StorageError, match="no backup beside it"):
        verify(path, restore=True)


@pytest.mark.parametrize("what", ["appended", "zeros", "other", "folder of pages"])
def test_what_is_no_base_any_more_is_found(whole, tmp_path, what):
    path = copied(whole, tmp_path)
    data = path.read_bytes()
    path.write_bytes({"appended": data + b"x" * 4096, "zeros": bytes(len(data)), "other": b"PK\x03\x04" + data[4:], "folder of pages": data[:4096] * 20}[what])
    assert not verify(path).ok


def unaffected(path, before):
    try:
        return content(path) == before
    except sqlite3.Error:
        return False


@pytest.mark.slow
def test_any_flipped_byte_is_found_or_changes_nothing(whole, tmp_path):
    data, before, rng, found = whole.read_bytes(), content(whole), random.Random(7), 0
    places = [
        *rng.sample(range(100), 20),
        *rng.sample(range(100, 4096), 10),
        *(4096 * rng.randrange(1, len(data) // 4096) + rng.randrange(12) for _ in range(15)),
        *rng.sample(range(4096, len(data)), 60),
    ]
    for i, place in enumerate(places):
        path = tmp_path / f"{i}.kb"
        path.write_bytes(data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :])
        verdict = verify(path)
        found += not verdict.ok
        if verdict.ok:
            assert unaffected(path, before), f"byte {place} changed the content unseen"
    assert found > 60


@pytest.fixture(scope="module")
def with_log(tmp_path_factory):
    """A base as a killed program leaves it: the newest changes still in the log."""
    folder = tmp_path_factory.mktemp("log")
    path = folder / "log.kb"
    fill(path, runs=10)
    kb = open_base(path)
    holder = sqlite3.connect(path)  # as long as it is open, the log stays
    holder.execute("SELECT 1 FROM claim").fetchall()
    for i in range(4):
        kb.add(Claim(f"late {i}", "ethanol", "density", 700.0 + i, "kg/m^3"))
    copy = copied(path, folder, "killed.kb")
    holder.close()
    kb.close()
    assert Path(f"{copy}-wal").stat().st_size > 10_000
    return copy


@pytest.mark.slow
def test_any_flipped_byte_of_the_log_is_found(with_log, tmp_path):
    whole = copied(with_log, tmp_path, "whole.kb")
    assert verify(whole).ok
    before, rng = content(copied(with_log, tmp_path, "before.kb")), random.Random(8)
    found = 0
    log = Path(f"{with_log}-wal").read_bytes()
    frame = 24 + struct.unpack(">I", log[8:12])[0]
    frames = (len(log) - 32) // frame
    places = [*range(0, 32, 3), *(32 + frame * rng.randrange(frames) + rng.randrange(24) for _ in range(25)), *rng.sample(range(32, len(log)), 25), len(log) - 1]
    for i, place in enumerate(places):
        path = copied(with_log, tmp_path, f"{i}.kb")
        Path(f"{path}-wal").write_bytes(log[:place] + bytes([log[place] ^ (1 << rng.randrange(8))]) + log[place + 1 :])
        verdict = verify(path)
        found += not verdict.ok
        if verdict.ok:
            assert content(path) == before, f"byte {place} of the log lost changes unseen"
    assert found > 50


def test_the_checksum_of_the_log_is_the_published_one():
    def plain(data, order, sums):
        s0, s1 = sums
        words = struct.unpack(f"{order}{len(data) // 4}I", data)
        for a, b in zip(words[::2], words[1::2], strict=True):
            s0 = (s0 + a + s1) & 0xFFFFFFFF
            s1 = (s1 + b + s0) & 0xFFFFFFFF
        return s0, s1

    rng = random.Random(9)
    for size in (8, 16, 24, 512, 4096):
        data, before = rng.randbytes(size), (rng.randrange(2**32), rng.randrange(2**32))
        for order in "<>":
            assert wal.checksum(data, order, before) == plain(data, order, before)


CHANGES = {
    "a value": ("UPDATE claim SET value = value * 1.0001 WHERE pk = 5", "claim .* does not say what was filed"),
    "a name": ("UPDATE substance SET name = 'wine' WHERE name = 'ethanol'", "changed by another program"),
    "a licence": ("UPDATE claim SET licence = 'CC0' WHERE pk = 9", "changed by another program"),
    "a text": ("UPDATE entry SET body = replace(body, 'minutes', 'hours') WHERE pk = 3", "does not say what was filed"),
    "a file": ("UPDATE blob SET data = X'00'", "the file .* is damaged"),
    "a lost label": ("INSERT INTO label VALUES ('claim', 100000, 'x')", "belong to no claim"),
    "a lost text": ("DELETE FROM text_index WHERE rowid = 2", "the text index lacks 1"),
    "a removed claim": ("DELETE FROM claim WHERE pk = 7", "changed by another program"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_by_another_program_is_named(whole, tmp_path, name):
    path, (line, said) = copied(whole, tmp_path), CHANGES[name]
    connection = sqlite3.connect(path)
    connection.execute(line)
    connection.commit()
    connection.close()
    verdict = verify(path)
    assert any(re.search(said, p) for p in verdict.problems), str(verdict)


def test_a_server_is_checked_by_its_hashes(postgres_database):
    with open_base(postgres_database(), create=True) as kb:
        kb.add(Claim("a", "ethanol", "density", 789.0, "kg/m^3"), ExperimentRecord("e", "stirred"))
        kb.put_asset(b"abc", "a.txt")
        assert kb.verify().ok
        for line in ("UPDATE claim SET value = 790", "UPDATE blob SET data = 'abd'", "UPDATE entry SET body = replace(body, 'stirred', 'shaken')", "UPDATE text SET body = NULL"):
            with kb.writing() as connection:
                connection.execute(sql(line))
        assert len(kb.verify().problems) == 4
        with pytest.raises(InputError, match="run: pg_dump"):
            kb.backup()


# --- backups


def test_two_backups_are_kept_and_the_newest_whole_one_is_restored(whole, tmp_path):
    path = copied(whole, tmp_path)
    with open_base(path) as kb:
        backup(kb)
        kb.add(Claim("later", "ethanol", "density", 789.0, "kg/m^3"))
        said = []
        assert kb.backup(progress=lambda words, share: said.append(share)) == Path(f"{path}.bak")
        assert said[-1] == 1.0
        second = content(path)
        kb.add(Claim("lost", "ethanol", "density", 788.0, "kg/m^3"))
    assert [p.name for p in backups(path)] == ["copy.kb.bak", "copy.kb.bak2"]
    os.truncate(path, 30_000)
    Path(f"{path}-wal").write_bytes(b"left over")
    verdict = verify(path, restore=True)
    assert not verdict.ok
    assert "restored copy.kb.bak, made 20" in verdict.restored
    assert "is lost" in verdict.restored
    assert content(path) == second
    assert verify(path).ok
    aside = sorted(p.name for p in tmp_path.glob("copy.kb.damaged-*"))
    assert [n[-4:] for n in aside][1:] == ["-wal"]
    os.truncate(path, 30_000)
    os.truncate(f"{path}.bak", 30_000)
    assert "restored copy.kb.bak2" in restore(path)
    assert verify(path).ok
    os.remove(path)
    os.truncate(f"{path}.bak2", 0)
    with pytest.raises(StorageError, match="2 backups beside it, none of them whole"):
        restore(path)


def test_a_damaged_base_does_not_push_out_a_good_backup(whole, tmp_path):
    path = copied(whole, tmp_path)
    with open_base(path) as kb:
        backup(kb)
    good = Path(f"{path}.bak").read_bytes()
    with path.open("r+b") as stream:
        stream.seek(4096 * 3)
        stream.write(b"\xff" * 4096)
    with pytest.raises(ChemwrightError), open_base(path) as kb:
        backup(kb)
    assert Path(f"{path}.bak").read_bytes() == good
    assert list(tmp_path.glob("*.part*")) == []


def test_a_backup_is_made_when_one_is_due(whole, tmp_path, monkeypatch):
    path = copied(whole, tmp_path)
    with open_base(path) as kb:
        assert backup_if_due(kb, 1, keep=False) is None
        assert backup_if_due(kb, 1) == Path(f"{path}.bak")
        assert backup_if_due(kb, 1) is None
        assert backup_if_due(kb, backups_module.LARGE) == Path(f"{path}.bak")
        old = Path(f"{path}.bak").stat().st_mtime - 2 * backups_module.HOUR
        os.utime(f"{path}.bak", (old, old))
        assert backup_if_due(kb, 1) is not None
        assert kb.backup(tmp_path / "elsewhere.kb") == tmp_path / "elsewhere.kb"
    assert verify(tmp_path / "elsewhere.kb").ok


def test_a_backup_while_another_writes_is_one_state(whole, tmp_path):
    path = copied(whole, tmp_path)
    with open_base(path) as kb:

        def write(*_):
            kb.add(Claim(f"{random.random()}", "ethanol", "density", 700.0 + random.random(), "kg/m^3"))

        backups_module.PAGES, before = 5, backups_module.PAGES
        try:
            kb.backup(progress=write)
        finally:
            backups_module.PAGES = before
        assert len(kb.claims("ethanol")) > 3
    verdict = verify(Path(f"{path}.bak"))
    assert verdict.ok, str(verdict)
    assert verdict.counts["claim"] == 180


# --- versions


def as_version_1(path):
    """The file as the first version wrote it: no checksums, no mark."""
    connection = sqlite3.connect(path)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'audit_no%'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")
    connection.executescript("DROP TABLE checksum; DROP TABLE altered; PRAGMA application_id = 0; UPDATE meta SET value = '1' WHERE name = 'version'")
    connection.commit()
    connection.close()


def test_an_older_base_is_brought_forward_after_a_backup(whole, tmp_path):
    path = copied(whole, tmp_path)
    as_version_1(path)
    with pytest.raises(StorageError, match="open it once for writing"):
        open_base(path, read_only=True)
    with open_base(path, who="bob") as kb:
        assert kb.history()[0]["what"] == "upgrade"
        verdict = kb.verify()
        assert verdict.ok, str(verdict)
        assert len(kb.claims("water", standing=False)) == 180
    old = sqlite3.connect(f"{path}.bak")
    assert old.execute("SELECT value FROM meta WHERE name = 'version'").fetchone() == ("1",)
    old.close()


@pytest.fixture(params=["file", "server"])
def address(request, tmp_path):
    return tmp_path / "base.kb" if request.param == "file" else request.getfixturevalue("postgres_database")()


def test_an_upgrade_that_fails_leaves_the_older_base_as_it_was(address, monkeypatch):
    with open_base(address, create=True) as kb:
        kb.add(Claim("a", "ethanol", "density", 789.0, "kg/m^3"))

    def fails(connection):
        connection.execute(sql("UPDATE claim SET note = 'half'"))
        raise StorageError("no")

    from chemwright.knowledge.base import database

    monkeypatch.setattr(database, "DB_VERSION", DB_VERSION + 1)
    monkeypatch.setitem(upgrades.UPGRADES_DB, DB_VERSION, fails)
    with pytest.raises(StorageError, match="no"):
        open_base(address)
    monkeypatch.setitem(upgrades.UPGRADES_DB, DB_VERSION, lambda connection: connection.execute(sql("UPDATE claim SET method = 'told'")))
    with open_base(address) as kb:
        assert [(c.record.note, c.record.method) for c in kb.claims("ethanol")] == [("", "told")]
        assert kb.history()[0]["what"] == "upgrade"
    monkeypatch.undo()
    with pytest.raises(StorageError, match=f"is of version '{DB_VERSION + 1}', this chemwright reads {DB_VERSION}.*or a newer one"):
        open_base(address)


@pytest.mark.parametrize("version", ["", "0", "-1", "1e3", "٣", "9" * 40, "x"])
def test_a_version_that_is_none_is_refused(whole, tmp_path, version):
    path = copied(whole, tmp_path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'version'", (version,))
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="is of version"):
        open_base(path)


def test_the_digest_of_a_block_does_not_change_with_the_version_of_python(tmp_path):
    with open_base(tmp_path / "a.kb", create=True, who="ann") as kb:
        kb.add(SubstanceRecord("material:x", "material", "铂 \U0001fae8 é\"'"))
        with kb.reading() as connection:
            row = connection.execute(sql("SELECT pk, key, kind, name FROM substance")).one()
    assert hashlib.blake2b(ascii([tuple(row)]).encode(), digest_size=16).hexdigest() == "fd32cafecef18bdd1c3a90f0c5a79b9f"
