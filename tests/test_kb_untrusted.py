"""Files made to do harm: nothing in them runs, nothing in them is taken for ours, and what is wrong is said in words."""

import os
import shutil
import sqlite3
import struct
import subprocess
import sys
from contextlib import suppress

import pytest
from sqlalchemy import select

from chemwright.errors import ChemwrightError, InputError, StorageError
from chemwright.knowledge.base import open_base
from chemwright.knowledge.base.entries import stream_entries
from chemwright.knowledge.base.layout import APPLICATION_ID
from chemwright.knowledge.base.onnx import check_onnx
from chemwright.knowledge.base.schema import entry
from chemwright.knowledge.base.verify import verify
from chemwright.record import Claim, ExperimentRecord, Participant, Source, SubstanceRecord


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("untrusted") / "whole.kb"
    with open_base(path, create=True) as kb:
        kb.add(
            Claim("a", "ethanol", "density", 789.0, "kg/m^3", conditions={"temperature": 293.15, "relative_humidity": 0.5}),
            ExperimentRecord("e", "stirred", (Participant("water", "solvent"),), {"temperature": 300.0}),
            SubstanceRecord("material:x", "material", "x", composition={"Pt": 1.0}),
            Source("s", "literature", "a paper"),
        )
    return path


@pytest.fixture
def path(whole, tmp_path):
    return shutil.copyfile(whole, tmp_path / "hostile.kb")


def run(path, *lines):
    connection = sqlite3.connect(path, isolation_level=None)
    for line in lines:
        connection.execute(line)
    connection.close()


def rewritten(name, old, new):
    """The schema itself changed, as only a hostile program does."""
    return ["PRAGMA writable_schema = ON", f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}') WHERE name = '{name}'"]


SCHEMAS = {
    "trigger": ["CREATE TRIGGER evil AFTER INSERT ON claim BEGIN DELETE FROM claim; END"],
    "trigger under our name": ["DROP TRIGGER audit_no_update", "CREATE TRIGGER audit_no_update AFTER INSERT ON claim BEGIN DELETE FROM claim; END"],
    "trigger of ours, weakened": ["DROP TRIGGER audit_no_delete", "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT 1; END"],
    "trigger of ours, missing": ["DROP TRIGGER audit_no_delete"],
    "view": ["CREATE VIEW evil AS SELECT * FROM claim"],
    "view in the place of a table": ["DROP TABLE batch", "CREATE VIEW batch AS SELECT 1 AS pk, randomblob(1000000000) AS file"],
    "table": ["CREATE TABLE evil (x)"],
    "virtual table": ["CREATE VIRTUAL TABLE evil USING fts5(x)"],
    "another tokenizer": ["DROP TABLE text_index", "CREATE VIRTUAL TABLE text_index USING fts5(body, tokenize = 'porter')"],
    "generated column": ["DROP TABLE batch", "CREATE TABLE batch (pk INTEGER PRIMARY KEY, file TEXT AS (abs(pk)), part, rows, created)"],
    "check": ["DROP TABLE batch", "CREATE TABLE batch (pk INTEGER NOT NULL, file TEXT NOT NULL CHECK (abs(file)), part INTEGER NOT NULL, rows INTEGER NOT NULL, created TEXT NOT NULL, PRIMARY KEY (pk), UNIQUE (file, part))"],
    "default": ["DROP TABLE batch", "CREATE TABLE batch (pk INTEGER NOT NULL, file TEXT NOT NULL DEFAULT (randomblob(9)), part INTEGER NOT NULL, rows INTEGER NOT NULL, created TEXT NOT NULL, PRIMARY KEY (pk), UNIQUE (file, part))"],
    "other columns": ["DROP TABLE batch", "CREATE TABLE batch (a, b)"],
    "index over an expression": ["CREATE INDEX evil ON claim (abs(value))"],
    "index under our name": ["DROP INDEX label_label", "CREATE INDEX label_label ON label (lower(label))"],
    "partial index": ["DROP INDEX label_label", "CREATE INDEX label_label ON label (label) WHERE label > 'a'"],
    "no index": ["DROP INDEX claim_substance"],
    "a table hidden by its name": ["CREATE TABLE evil (x)", "PRAGMA writable_schema = ON", "UPDATE sqlite_master SET name = 'sqlite_evil', tbl_name = 'sqlite_evil', sql = 'CREATE TABLE sqlite_evil (x)' WHERE name = 'evil'"],
    "collation": rewritten("meta", "name TEXT NOT NULL", "name TEXT NOT NULL COLLATE nocase"),
    "schema that is no SQL": rewritten("claim", "CREATE TABLE", "CREATE TABEL"),
    "no mark": ["PRAGMA application_id = 0"],
    "mark of another": ["PRAGMA application_id = 252006673"],
}  # fmt: skip


@pytest.mark.parametrize("read_only", [True, False], ids=["read", "write"])
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_is_not_ours_is_refused_before_a_row_is_read(path, name, read_only):
    run(path, *SCHEMAS[name])
    with pytest.raises(StorageError) as caught:
        open_base(path, read_only=read_only)
    assert caught.value.fix
    assert str(path) in str(caught.value)
    assert not verify(path).ok


def test_the_file_is_marked_as_ours(path):
    assert struct.unpack(">I", path.read_bytes()[68:72]) == (APPLICATION_ID,)


ROWS = {
    "tier": ("UPDATE claim SET tier = 77", "table claim, row 1"),
    "negative tier": ("UPDATE claim SET tier = -1", "table claim, row 1"),
    "status": ("UPDATE claim SET status = -2", "table claim, row 1"),
    "visibility as text": ("UPDATE claim SET visibility = 'public'", "table claim, row 1"),
    "conditions": ("UPDATE claim SET conditions = '{'", "table claim, row 1"),
    "conditions of another kind": ("UPDATE claim SET conditions = '[1, 2]'", "table claim, row 1"),
    "conditions nested": ("UPDATE claim SET conditions = replace(hex(zeroblob(50000)), '0', '[')", "table claim, row 1"),
    "value as text": ("UPDATE claim SET value = 'much'", "table claim, row 1"),
    "value not finite": ("UPDATE claim SET value = 9e999", "table claim, row 1"),
    "value as bytes": ("UPDATE claim SET value = x'00'", "table claim, row 1"),
    "temperature as text": ("UPDATE claim SET temperature = 'hot'", "table claim, row 1"),
    "hash as number": ("UPDATE claim SET hash = 100000000000", "table claim, row 1"),
    "hash as text": ("UPDATE claim SET hash = 'text'", "table claim, row 1"),
    "replaced by a number": ("UPDATE claim SET replaced_by = 3", "table claim, row 1"),
    "note not UTF-8": ("UPDATE claim SET note = CAST(x'ff00fe' AS TEXT)", "could not decode|table claim"),
    "hash of entry as number": ("UPDATE entry SET hash = 9000000000000000000", "table entry, row 1"),
    "kind of entry": ("UPDATE entry SET kind = 'evil'", "table entry, row 1"),
    "body": ("UPDATE entry SET body = '{\"id\": 3}'", "table entry, row 1"),
    "body of another kind": ("UPDATE entry SET body = '[]'", "table entry, row 1"),
    "body with a field more": ('UPDATE entry SET body = \'{"id": "e", "__class__": "os.system"}\'', "table entry, row 1"),
    "source": ("UPDATE source SET body = 'x'", "table source"),
    "composition": ("UPDATE substance SET body = '{\"composition\": [1]}' WHERE key = 'material:x'", "table substance, row"),
    "substance kind": ("UPDATE substance SET kind = 'evil' WHERE key = 'material:x'", "table substance, row"),
    "molar mass": ("UPDATE substance SET molar_mass = 'heavy' WHERE key = 'material:x'", "table substance, row"),
    "own property": ("UPDATE property SET body = '{\"name\": 3}'", "table property"),
}


def read_all(path):
    with open_base(path, read_only=True) as kb:
        for filed in kb.claims("ethanol", standing=False):
            kb.get(filed.key)
        with kb.reading() as connection:
            list(stream_entries(connection, select(entry)))
        kb.sources()
        kb.substance("material:x")


def test_the_rows_can_all_be_read(path):
    read_all(path)


@pytest.mark.parametrize("call", ["status", "visibility"])
def test_a_change_of_a_damaged_row_names_it(path, call):
    with open_base(path) as kb:
        key = kb.claims("ethanol")[0].key
    run(path, f"UPDATE claim SET {call} = 77")
    with open_base(path) as kb, pytest.raises(StorageError, match="table claim, row 1"):
        kb.retract(key, why="x") if call == "status" else kb.terms(key, licence="x")


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_no_chemwright_wrote_is_named(path, name):
    line, said = ROWS[name]
    run(path, line)
    with pytest.raises(StorageError, match=f"(?i){said}"):
        read_all(path)
    assert not verify(path).ok


def patched(path, at, data):
    whole = bytearray(path.read_bytes())
    whole[at : at + len(data)] = data
    path.write_bytes(whole)


HEADERS = {
    "page count": (28, b"\xff\xff\xff\xff"),
    "page size": (16, b"\x00\x03"),
    "free list": (32, b"\x00\x00\x00\x02\x00\x00\xff\xff"),
    "reserved space": (20, b"\xff"),
    "schema format": (44, b"\x00\x00\x00\x63"),
    "encoding": (56, b"\x00\x00\x00\x03"),
    "UTF-16": (56, b"\x00\x00\x00\x02"),
    "write version": (18, b"\x09\x09"),
    "cells of the schema": (100, b"\x05\xff\xff\xff\xff"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_lies_is_no_way_in(path, name):
    patched(path, *HEADERS[name])
    assert not verify(path).ok
    with suppress(ChemwrightError):
        open_base(path, read_only=True).close()


def test_bytes_at_random_never_crash_the_reader(whole, tmp_path):
    code = """
import random, sys
from chemwright.errors import ChemwrightError
sys.path.insert(0, sys.argv[3])
from test_kb_untrusted import read_all
from chemwright.knowledge.base.schema import entry
from chemwright.knowledge.base.verify import verify
data, rng = open(sys.argv[1], "rb").read(), random.Random(11)
for i in range(40):
    bad = bytearray(data)
    for _ in range(rng.choice((1, 20, 2000))):
        bad[rng.randrange(len(bad))] = rng.randrange(256)
    path = f"{sys.argv[2]}/{i}.kb"
    open(path, "wb").write(bad)
    verify(path)
    try:
        read_all(path)
    except ChemwrightError:
        pass
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code, str(whole), str(tmp_path), os.path.dirname(__file__)], capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "done\n", done.stderr[-2000:]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 can't set the defensive switch")
def test_the_defensive_switch_is_on(path):
    with open_base(path) as kb, kb.reading() as connection:
        assert connection.connection.driver_connection.getconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE)


def test_no_other_file_can_be_attached(path, tmp_path):
    with open_base(path) as kb, kb.reading() as connection:
        raw = connection.connection.driver_connection
        raw.rollback()
        with pytest.raises(sqlite3.OperationalError, match="too many attached"):
            raw.execute(f"ATTACH '{tmp_path / 'other.db'}' AS other")


# --- ONNX


def pb(number, payload):
    """A field of a protobuf message: bytes, or a number."""
    if isinstance(payload, int):
        return bytes([number << 3, payload])
    size, out = len(payload), b""
    while True:
        out += bytes([size & 127 | (128 if size > 127 else 0)])
        size >>= 7
        if not size:
            break
    tag = number << 3 | 2
    head = bytes([tag]) if tag < 128 else bytes([tag & 127 | 128, tag >> 7])
    return head + out + payload


def model(tensor):
    return pb(1, 8) + pb(7, pb(1, pb(4, b"Add")) + pb(5, tensor) + pb(2, b"graph"))


INLINE = pb(1, 3) + pb(2, 1) + pb(8, b"w") + pb(9, bytes(12))


def test_a_model_with_its_data_inside_is_kept(path):
    with open_base(path) as kb:
        assert kb.put_asset(model(INLINE), "good.onnx").size == len(model(INLINE))


@pytest.mark.parametrize(
    "data",
    [
        model(INLINE + pb(13, pb(1, b"location") + pb(2, b"../../secret"))),
        model(INLINE + pb(14, 1)),
        pb(7, pb(1, pb(5, pb(5, INLINE + pb(14, 1))))),
        pb(7, pb(1, pb(5, pb(6, pb(5, INLINE + pb(13, b"")))))),
        pb(7, b"") + pb(25, pb(7, pb(5, pb(10, INLINE + pb(14, 1))))),
        pb(7, pb(15, pb(1, INLINE + pb(14, 1)))),
        pb(7, b"") + pb(20, pb(1, pb(5, INLINE + pb(14, 1)))),
    ],
    ids=["external data", "data location", "attribute", "subgraph", "function", "sparse", "training"],
)
def test_a_model_with_its_data_elsewhere_is_refused(path, data):
    with open_base(path) as kb:
        with pytest.raises(InputError, match="keeps data in another file"):
            kb.put_asset(data, "model.bin", media_type="application/onnx")
        assert "asset" not in kb.counts()


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 20, pb(7, b"")[:1], model(INLINE)[:-3], b"PK\x03\x04" + bytes(40), pb(1, 8)], ids=["empty", "ones", "cut", "cut late", "zip", "no graph"]
)
def test_what_is_no_model_is_refused(data):
    with pytest.raises(InputError):
        check_onnx(data, "x.onnx")


def test_a_model_nested_without_end_is_refused():
    inner = b""
    for _ in range(60):
        inner = pb(1, pb(5, pb(6, inner)))
    with pytest.raises(InputError, match="nested too deeply"):
        check_onnx(pb(7, inner), "x.onnx")
