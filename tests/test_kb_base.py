"""The knowledge base itself, on a file and on a server alike: filing, finding, changing, the trail, and texts that mean harm."""

import hashlib
import json
import multiprocessing
import sqlite3
import threading

import pytest
from sqlalchemy import text as sql

from chemwright.errors import ChemwrightError, InputError, StorageError, SubstanceError, UnitError
from chemwright.knowledge.base import audit, open_base
from chemwright.knowledge.base.claims import ClaimRow, file_claims
from chemwright.knowledge.base.limits import MAX_NAME, MAX_TEXT
from chemwright.knowledge.properties import Property
from chemwright.record import (
    AssetRecord,
    Claim,
    Column,
    DataSetRecord,
    ExperimentRecord,
    Filing,
    ModelRecord,
    Outcome,
    Participant,
    ReactionEntry,
    SeriesRecord,
    Source,
    SubstanceRecord,
)

BOILING = Claim("b", "ethanol", "boiling_point", 78.29, "degC", 0.05, {"pressure": 101325.0}, "Perry", note="水与乙醇", method="ebulliometry", phase="liquid")


@pytest.fixture(params=["file", "server"])
def address(request, tmp_path):
    """Where a base is to be: a file, or an empty database on a real server."""
    return tmp_path / "base.kb" if request.param == "file" else request.getfixturevalue("postgres_database")()


@pytest.fixture
def kb(address):
    with open_base(address, create=True, who="ann") as base:
        yield base


def test_a_claim_comes_back_in_si_with_what_was_given(kb):
    key = kb.add(BOILING)[0]
    filed = kb.get(key)
    assert filed == kb.get(key[:8]) == kb.claims("ethanol", "boiling_point")[0]
    assert (filed.record.value, filed.record.unit, filed.record.std) == (351.44, "K", 0.05)
    assert (filed.given, filed.record.note, filed.record.source) == ("78.29 degC", "水与乙醇", "Perry")
    assert filed.record.conditions == {"pressure": 101325.0}
    assert (filed.filing.owner, filed.filing.status, filed.filing.visibility) == ("ann", "trusted", "private")


def test_what_is_said_twice_is_filed_once(kb):
    first = kb.add(BOILING, Source("Perry", "literature", "Perry's handbook"))[0]
    again = kb.add(Claim("other id", "CCO", "boiling_point", 351.44, "K", 0.05, {"pressure": 101325.0}, "Perry", note="水与乙醇", method="ebulliometry", phase="liquid"))[0]
    assert first == again
    run = ExperimentRecord("r1", participants=(Participant("64-17-5", "solvent"),))
    assert kb.add(run) == kb.add(ExperimentRecord("r1", participants=(Participant("64-17-5", "solvent"),)))
    assert kb.counts() == {"substance": 1, "claim": 1, "source": 2, "experiment": 1}


KEY = "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
RECORDS = [
    ReactionEntry("rxn", "CCO>>CC=O", (Participant(KEY, "reactant"),), {"temperature": 350.0}, "oxidation", "Perry"),
    ExperimentRecord(
        "exp", "搅拌两小时", (Participant(KEY, "solvent", volume=1e-5),), {"temperature": 300.0}, (Outcome("density", 789.0, 1.0, KEY),), settings={"well": "A1"}, extra={"x": "{}"}
    ),
    DataSetRecord("set", "kinetic", (Column("t", unit="s"), Column("c", "density", "kg/m^3", KEY)), rows=3, substances=(KEY,), conditions={"temperature": 300.0}),
    SeriesRecord("TI-101", "TI-101", "temperature", "K", points=4),
    AssetRecord("0" * 64, "text/plain", 3, "a.txt"),
    ModelRecord("model", "density", "rho = a + b T", substances=(KEY,), score={"mae": 0.1}),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: type(r).__name__)
def test_every_kind_of_entry_comes_back_as_it_was(kb, record):
    ethanol = SubstanceRecord(KEY, "molecule", "ethanol", "CCO", "C2H6O", "64-17-5", 0.0460684)
    key = kb.add(record, ethanol)[0]
    assert kb.get(key).record == record
    assert len(key) == 64


def test_substances_are_found_by_any_of_their_names(kb):
    kb.add(SubstanceRecord(KEY, "molecule", "ethanol", "CCO", "C2H6O", "64-17-5", 0.0460684, ("酒精", "EtOH", "Äthanol", "spirit of wine")))
    kb.add(SubstanceRecord("material:Pt/C", "material", "铂碳催化剂", composition={"Pt": 0.05, "C": 0.95}, basis="mass", note="湿"))
    for name in (KEY, "64-17-5", "ETHANOL", "酒精", "etoh", "äthanol", "Spirit  of Wine", "CCO", "OCC"):
        assert kb.substance(name).key == KEY
    assert kb.substance("铂碳催化剂").composition == {"Pt": 0.05, "C": 0.95}
    with pytest.raises(SubstanceError, match="not in the base"):
        kb.substance("acetone")
    kb.add(SubstanceRecord("material:other", "material", "other", synonyms=("酒精",)))
    with pytest.raises(SubstanceError, match="2 substances are called"):
        kb.substance("酒精")


def test_standing_terms_and_labels_change_and_are_told_in_the_trail(kb):
    old, new = kb.add(BOILING, Claim("c", "ethanol", "boiling_point", 351.5, "K"))
    kb.label(old, new, KEY, add=["合成", "checked"])
    kb.label(old, remove=["checked"])
    assert kb.get(old).filing.labels == ("合成",)
    kb.supersede(old, by=new, why="new thermometer")
    assert (kb.get(old).filing.status, kb.get(old).replaced_by) == ("superseded", new)
    assert [c.key for c in kb.claims("ethanol")] == [new]
    kb.retract(new, why="wrong sample")
    assert kb.claims("ethanol") == []
    assert len(kb.claims("ethanol", standing=False)) == 2
    kb.judge(new, status="trusted", why="it was the right one after all")
    kb.terms(new, licence="CC-BY-4.0", visibility="public")
    filed = kb.get(new)
    assert (filed.filing.licence, filed.filing.visibility) == ("CC-BY-4.0", "public")
    assert [h["what"] for h in kb.history(new)] == ["terms", "trusted", "retracted", "label"]
    assert json.loads(kb.history(new)[2]["detail"]) == {"before": "trusted", "why": "wrong sample"}
    assert kb.verify().ok


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda kb, key: kb.retract(key, why=" "), "needs a reason"),
        (lambda kb, key: kb.supersede(key, by=key, why="x"), "can't replace itself"),
        (lambda kb, key: kb.retract("abcdef12", why="x"), "no record with the key"),
        (lambda kb, key: kb.retract("'; --", why="x"), "is no key"),
        (lambda kb, key: kb.judge(key, status="trustd", why="x"), "did you mean 'trusted'"),
        (lambda kb, key: kb.terms(key, visibility="open"), "visibility 'open'"),
        (lambda kb, key: kb.label(key, add=["a\nb"]), "printable"),
        (lambda kb, key: kb.label(key, add=[" "]), "printable"),
    ],
    ids=["no reason", "by itself", "unknown", "no key", "near miss", "visibility", "control", "empty"],
)
def test_a_change_that_makes_no_sense_is_refused_and_changes_nothing(kb, call, said):
    key = kb.add(BOILING)[0]
    lines = len(kb.history())
    with pytest.raises(InputError, match=said):
        call(kb, key)
    assert kb.get(key).filing.status == "trusted"
    assert len(kb.history()) == lines


@pytest.mark.parametrize(
    ("claim", "error", "said"),
    [
        (Claim("c", "ethanol", "boiling_pont", 351.0, "K"), InputError, "boiling_point"),
        (Claim("c", "ethanol", "boiling_point", 351.0, "Pa"), UnitError, "boiling_point|temperature|K"),
        (Claim("c", "ethanol", "boiling_point", -5.0, "K"), InputError, "below|smallest|impossible"),
        (Claim("c", "ethanol", "boiling_point", 351.0, "K", conditions={"presure": 1.0}), InputError, "pressure"),
        (Claim("c", "ethanol", "boiling_point", 351.0, "K", conditions={"temperature": -1.0}), InputError, "temperature"),
        (Claim("c", "67-56-2", "boiling_point", 351.0, "K"), SubstanceError, "check digit"),
    ],
    ids=["property", "dimension", "bounds", "condition", "condition bounds", "subject"],
)
def test_a_wrong_claim_says_what_was_meant_and_nothing_of_its_transaction_stays(kb, claim, error, said):
    kb.add(BOILING)
    before, lines = kb.counts(), len(kb.history())
    with pytest.raises(error, match=said):
        kb.add(Claim("good", "water", "boiling_point", 373.15, "K"), SubstanceRecord("material:new", "material", "new"), Source("new", "literature", "new"), claim)
    assert kb.counts() == before
    assert len(kb.history()) == lines
    with pytest.raises(SubstanceError):
        kb.substance("new")


def test_own_properties(kb, address):
    kb.add_property(Property("ours:shine", low=0.0, high=1.0, zh="光泽", aliases=("gloss of ours",)))
    key = kb.add(Claim("x", "ethanol", "ours:shine", 0.5))[0]
    assert kb.get(key).record.property == "ours:shine"
    with open_base(address, read_only=True) as other:
        assert other.vocabulary.find("光泽").name == "ours:shine"
        assert other.claims(property_name="gloss of ours")[0].key == key
    for item, said in ((Property("shine"), "ours:|group"), (Property("ours:x", unit="no unit at all"), "unit"), (Property("boiling_point"), "boiling_point|group")):
        with pytest.raises(ChemwrightError, match=said):
            kb.add_property(item)


def test_files_are_kept_once_by_content(kb):
    data = bytes(range(256)) * 40_000  # more than one part
    record = kb.put_asset(data, "谱图 'x'.bin", note="raw")
    assert record.sha256 == hashlib.sha256(data).hexdigest()
    assert kb.put_asset(data, "谱图 'x'.bin", note="raw") == record
    assert kb.asset(record.sha256) == data
    assert kb.asset(kb.put_asset(b"", "empty").sha256) == b""
    assert kb.counts()["asset"] == 2
    with pytest.raises(StorageError, match="no such file"):
        kb.asset("0" * 64)


def test_sources_are_completed_but_never_overwritten(kb):
    kb.add(BOILING)
    assert kb.sources()["Perry"].citation == ""
    kb.add(Source("Perry", "literature", "Perry's handbook, 8th ed."))
    assert kb.sources()["Perry"].citation == "Perry's handbook, 8th ed."
    with pytest.raises(InputError, match="filed already as"):
        kb.add(Source("Perry", "literature", "another Perry"))


# --- the trail


@pytest.mark.parametrize("line", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit WHERE pk = 1", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_trail(kb, line):
    kb.add(BOILING)
    with pytest.raises(StorageError, match="append-only"), kb.writing() as connection:
        connection.execute(sql(line))
    assert [h["what"] for h in kb.history()] == ["add", "init"]


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET detail = '{}' WHERE what = 'add'", "DELETE FROM audit WHERE what = 'add'", "UPDATE audit SET at = '1999' WHERE what = 'init'"]
)
def test_a_trail_that_was_changed_all_the_same_is_found(kb, change):
    kb.add(BOILING)
    kb.label(KEY, add=["x"])
    with kb.writing() as connection:
        for line in audit._FREE_SQLITE if kb.path else audit._FREE_POSTGRES:
            connection.execute(sql(line))
        connection.execute(sql(change))
        audit.protect(connection)
    verdict = kb.verify()
    assert any("audit trail was changed at line" in p for p in verdict.problems)


# --- texts that mean harm

HOSTILE = {
    "sql": "x'); DROP TABLE claim; -- \" ; SELECT 1",
    "placeholders": "%s %(x)s :x ? {0} $1 \\N \\. \t\r\n",
    "emoji": "👩🏽‍🔬🧪 \U0001f1e8\U0001f1f3",
    "chinese": "氯化钠（食盐）在25 ℃下的溶解度，𠮷",
    "right to left": "\u202eevil\u202c مرحبا",
    "copy": "\\.\n\\N\t\b\v",
    "formula": '=HYPERLINK("x")',
    "markup": "<script>alert(1)</script>&amp;",
}


def everywhere(t):
    """Records with a text in every field that takes one."""
    name = f"n {t}"
    return [
        Source(f"s {t}", "literature", t, t, 2000, t, t),
        SubstanceRecord(f"material:{t}", "material", name, synonyms=(t,), note=t),
        Claim(f"c {t}", f"material:{t}", "density", 1000.0, "kg/m^3", source=f"s {t}", note=t, phase=t, method=t),
        ExperimentRecord(f"e {t}", t, (Participant(f"material:{t}", "solvent", t, note=t),), {}, (Outcome("density", 1.0, method=t),), t, t, t, t, {t: t}, (), f"s {t}", t, {t: t}),
        ReactionEntry(f"r {t}", t, (), {}, t, f"s {t}", t),
        SeriesRecord(f"t {t}", t, "temperature", "K", t, t, 0, (), t, f"s {t}", t),
        AssetRecord("1" * 64, t, 1, t, f"s {t}", t),
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_in_any_field_comes_back_as_it_was(kb, name):
    t = HOSTILE[name]
    records = everywhere(t)
    keys = kb.add(*records, filing=Filing(licence=t, owner=t, suspicion=t))
    claim, experiment = kb.get(keys[2]), kb.get(keys[3])
    assert (claim.record.note, claim.record.phase, claim.record.method, claim.record.source) == (t, t, t, f"s {t}")
    assert (claim.filing.licence, claim.filing.owner, claim.filing.suspicion) == (t, t, t)
    assert experiment.record == records[3]
    assert [kb.get(k).record for k in keys[4:]] == records[4:]
    assert kb.sources()[f"s {t}"] == records[0]
    assert kb.substance(f"material:{t}").name == f"n {t}"
    assert kb.substance(f"n {t}").note == t
    kb.retract(keys[2], why=t)
    assert json.loads(kb.history(keys[2])[0]["detail"])["why"] == t
    assert kb.history(t) == []
    assert kb.counts()["claim"] == 1
    verdict = kb.verify()
    assert verdict.ok, str(verdict)


def replaced(record, old, new):
    """The record with one text put for another in all its fields."""
    from attrs import evolve, fields

    return evolve(record, **{a.name: getattr(record, a.name).replace(old, new) for a in fields(type(record)) if isinstance(getattr(record, a.name), str)})


@pytest.mark.parametrize("kind", ["claim", "experiment", "source", "substance"])
@pytest.mark.parametrize(
    ("bad", "said"),
    [("\0", r"U\+0000"), ("\ud800", "surrogate"), ("\x1f", r"U\+001F"), ("Ω" * (MAX_TEXT + 1), "characters in one field")],
    ids=["NUL", "surrogate", "separator", "10 MB"],
)
def test_a_text_that_a_database_can_not_keep_is_refused_in_words(kb, kind, bad, said):
    before = kb.counts()
    record = {
        "claim": Claim("c", "ethanol", "density", 1000.0, "kg/m^3", note=f"a{bad}"),
        "experiment": ExperimentRecord("e", f"a{bad}"),
        "source": Source("s", "literature", f"a{bad}"),
        "substance": SubstanceRecord("material:x", "material", "x", note=f"a{bad}"),
    }[kind]
    with pytest.raises(InputError, match=said):
        kb.add(Claim("good", "ethanol", "density", 789.0, "kg/m^3"), record)
    assert kb.counts() == before


@pytest.mark.parametrize(("bad", "said"), [("\0", r"U\+0000"), ("\udfff", "surrogate")], ids=["NUL", "surrogate"])
def test_prepared_rows_are_held_to_the_same(kb, bad, said):
    kb.add(BOILING)
    row = ClaimRow(1, 1, 1, ("a", "b", "c"), 1.0, note=f"x{bad}")
    with pytest.raises(InputError, match=said), kb.writing() as connection:
        file_claims(connection, [row], Filing())
    assert kb.counts()["claim"] == 1


def test_long_names_are_kept_and_found_and_long_keys_refused(kb):
    name = "".join(hashlib.sha256(str(i).encode()).hexdigest() for i in range(200))  # 12,800 characters that no index page holds
    kb.add(SubstanceRecord("material:long", "material", name, synonyms=(name[::-1],)))
    assert kb.substance(name).key == kb.substance(name[::-1].upper()).key == "material:long"
    for record in (SubstanceRecord("material:" + "é" * MAX_NAME, "material", "x"), Source("s" * (MAX_NAME + 1), "literature"), ExperimentRecord("e" * (MAX_NAME + 1))):
        with pytest.raises(InputError, match="bytes of key"):
            kb.add(record)


def test_two_million_chinese_characters_are_indexed_as_far_as_the_index_holds(kb):
    text = "".join(chr(0x4E00 + int.from_bytes(hashlib.sha256(str(i).encode()).digest()[:4], "big") % 20_000) for i in range(200_000))
    key = kb.add(ExperimentRecord("long", text))[0]
    assert kb.get(key).record.procedure == text
    assert kb.verify().ok


# --- many at once


def _write(address, who, count):
    with open_base(address, who=who) as base:
        for i in range(count):
            base.add(Claim(f"{who}{i}", "ethanol", "density", 700.0 + i, "kg/m^3", note=who), Claim(f"s{i}", "water", "density", 900.0 + i, "kg/m^3", note="shared"))


def test_two_processes_write_at_once_and_a_reader_sees_whole_states(kb, address):
    kb.add(BOILING)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(str(address), who, 15)) for who in ("left", "right")]
    with kb.reading() as connection:
        count = "SELECT count(*) FROM claim"
        first = connection.execute(sql(count)).scalar()
        for w in writers:
            w.start()
        while any(w.is_alive() for w in writers):
            with open_base(address, read_only=True) as other, other.reading() as c:
                notes = [n for (n,) in c.execute(sql("SELECT note FROM claim"))]
                assert len([n for n in notes if n == "shared"]) <= len([n for n in notes if n in ("left", "right")])
            assert connection.execute(sql(count)).scalar() == first  # one state for as long as it reads
    for w in writers:
        w.join(60)
        assert w.exitcode == 0
    assert kb.counts()["claim"] == 1 + 15 + 30
    assert kb.verify().ok


def test_two_processes_may_make_the_same_base(address):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_make, [str(address)] * 4)
    with open_base(address) as base:
        assert [h["what"] for h in base.history()] == ["init"]


def test_the_switch_to_the_log_waits_also_where_sqlite_does_not(tmp_path):
    """Seen once in CI: two that switch a new file to its log at once were told that it is locked, without any waiting."""
    from chemwright.knowledge.base.engine import keep_log

    holder = sqlite3.connect(tmp_path / "a.kb", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    other = sqlite3.connect(tmp_path / "a.kb", timeout=0, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("PRAGMA journal_mode = WAL")
    letting_go = threading.Timer(0.3, holder.execute, ["ROLLBACK"])
    letting_go.start()
    keep_log(other)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    letting_go.join()
    holder.close()
    other.close()


def _make(address):
    open_base(address, create=True).close()


def test_a_base_opened_for_reading_refuses_to_write(kb, address):
    with open_base(address, read_only=True) as other, pytest.raises(StorageError, match=r"read-?only"):
        other.add(BOILING)
    assert kb.counts()["claim"] == 0


def test_a_locked_file_says_who_to_wait_for(tmp_path, monkeypatch):
    from chemwright.knowledge.base import engine

    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    with open_base(tmp_path / "a.kb", create=True) as base:
        holder = sqlite3.connect(tmp_path / "a.kb", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="another program is writing"):
            base.add(BOILING)
        holder.close()


@pytest.mark.parametrize("name", ["plain.kb", "催化 剂.kb", "a?b#c%20d&x=1.kb", 'it\'s "quoted".kb'])
def test_a_file_may_have_any_name(tmp_path, name):
    with open_base(tmp_path / name, create=True) as base:
        base.add(BOILING)
        base.backup()
    assert sorted(p.name for p in tmp_path.iterdir()) == [name, f"{name}.bak"]
    with open_base(tmp_path / name, read_only=True) as base:
        assert base.counts()["claim"] == 1
        assert base.verify().ok


def test_a_base_in_a_folder_that_is_not_ours_can_be_read(tmp_path, monkeypatch):
    with open_base(tmp_path / "a.kb", create=True) as base:
        base.add(BOILING)
    monkeypatch.setattr("os.access", lambda *_: False)
    with open_base(tmp_path / "a.kb", read_only=True) as base, base.reading() as connection:
        assert connection.execute(sql("SELECT count(*) FROM claim")).scalar() == 1
        assert [p.name for p in tmp_path.iterdir()] == ["a.kb"]


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("mysql://host/x", InputError, "no knowledge base at 'mysql'"),
        ("postgresql://ann:s3cret@127.0.0.1:1/none", StorageError, "that the server runs"),
        ("postgresql://ann:s3cret@host:port/none", InputError, "can't be read as an address"),
    ],
    ids=["scheme", "no server", "malformed"],
)
def test_a_wrong_address_is_told_without_its_password(url, error, said):
    with pytest.raises(error, match=said) as caught:
        open_base(url, create=True)
    assert "s3cret" not in str(caught.value)
