"""Packages: nothing is lost on the way from one base to another, nothing leaves that may not, and a hostile file is refused before a byte of it is used."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from hashlib import sha256

import pytest
from attrs import evolve

from chemwright.errors import InputError
from chemwright.knowledge.base.changes import labels_of
from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.base.schema import substance as substance_table
from chemwright.knowledge.base.substances import read as read_substances
from chemwright.knowledge.exchange.arrays import columns_of, with_columns
from chemwright.knowledge.exchange.choose import Chosen, chosen_claims, chosen_entries
from chemwright.knowledge.exchange.package import MANIFEST, export_package
from chemwright.knowledge.exchange.package_read import import_package, is_package
from chemwright.knowledge.exchange.rights import TABLE, Purpose, known
from chemwright.knowledge.exchange.tables import write_claims_csv, write_experiments_csv, write_jsonl
from chemwright.knowledge.identity import material, mixture, molecular, polymer
from chemwright.knowledge.properties import Property
from chemwright.record import Claim, DataSetRecord, ExperimentRecord, Filing, ModelRecord, Outcome, Participant, ReactionEntry, SeriesRecord, Source
from chemwright.record.dataset import Column
from chemwright.record.parameters import Parameter, ParameterSet

OPEN = Filing(licence="CC-BY-4.0", visibility="public", labels=(), suspicion="")
PAPER = Source("Li2023", "literature", "Li, W. (李伟) 化工学报 2023", "10.1000/li2023", 2023)


@pytest.fixture
def base(tmp_path):
    """A base with a record of nearly every kind, in two languages."""
    with open_base(tmp_path / "a.kb", create=True, who="li") as kb:
        kb.add_property(Property("lab:foam_index", unit="m", category="quality"))
        ethanol, water = molecular("CCO", name="乙醇", synonyms=("ethanol", "酒精", "Äthanol")), molecular("O", name="水", cas="7732-18-5")
        mixed = mixture({ethanol.key: 0.4, water.key: 0.6}, name="乙醇水溶液")
        data, series = with_columns(
            DataSetRecord("vle", "phase_equilibrium", (Column("T", "temperature", "K"), Column("P", "pressure", "Pa")), substances=(ethanol.key,), source="Li2023"),
            {"T": [300.0, 310.5], "P": [9000.0, 1.5e4]},
        )
        kb.add(
            PAPER, ethanol, water, mixed, polymer("*CC(*)c1ccccc1", name="polystyrene"), material("氧化铝催化剂", {"Al": 0.4, "O": 0.6}),
            Claim("a", "乙醇", "boiling_point", 78.4, "degC", 0.2, {"pressure": 101325.0}, "Li2023", note="=HYPERLINK(\"x\")"),
            Claim("b", mixed.key, "density", 913.0, "kg/m^3", 1.5, {"temperature": 298.15, f"mole_fraction[{water.key}]": 0.6}, "Li2023", phase="liquid"),
            Claim("c", "乙醇", "lab:foam_index", 3.0, "mm", source="Li2023"),
            ReactionEntry("r", "CCO>>CC=O", (Participant(ethanol.key),), {"temperature": 350.0}, "脱氢", "Li2023"),
            ExperimentRecord("e1", "加入乙醇，搅拌。", (Participant(ethanol.key, "reactant", "乙醇", 0.1),), {"temperature": 350.0}, (Outcome("yield", 0.87, 0.01, ethanol.key),), source="Li2023", settings={"well": "=A1"}),
            SeriesRecord("TI-101", "TI-101", "temperature", "K", source="Li2023"),
            ModelRecord("m", "vapour_pressure", "Antoine", ParameterSet("m", PAPER, (Parameter("A", 10.1), Parameter("B", 1500.0, "K"))), (ethanol.key,), source="Li2023"),
            filing=OPEN,
        )  # fmt: skip
        kb.put_asset(data, "vle.parquet", filing=OPEN)
        kb.add(series, filing=evolve(OPEN, confidence=0.7, suspicion="a kink at 305 K", status="proposed"))
        keys = {getattr(i.record, "id", "") if i.kind != "claim" else i.record.property: i.key for i in everything(kb)}
        kb.label(keys["e1"], ethanol.key, add=["重要", "pilot"])
        new = kb.add(Claim("d", "乙醇", "boiling_point", 351.44, "K", 0.05, {"pressure": 101325.0}, "Li2023"), filing=OPEN)[0]
        kb.supersede(keys["boiling_point"], by=new, why="better thermometer")
        kb.retract(keys["r"], why="wrong product")
        yield kb


def everything(kb):
    with kb.reading() as connection:
        return [i for _, i in chosen_claims(kb, connection, Chosen())] + [i for _, i in chosen_entries(connection, Chosen())]


def names(kb):
    with kb.reading() as connection:
        rows = list(connection.execute(substance_table.select().order_by(substance_table.c.key)))
        records = read_substances(connection, [r.pk for r in rows])
        labels = labels_of(connection, "substance", [r.pk for r in rows])
        return [(r.key, x, r.licence, r.visibility, r.owner, r.created, labels.get(r.pk, ())) for r, x in zip(rows, records, strict=True)]


def test_a_base_goes_over_without_loss(base, tmp_path):
    made = export_package(base, tmp_path / "p.zip", title="酒精数据")
    assert made.records["claim"] == 4
    assert made.files == 1
    assert is_package(tmp_path / "p.zip")
    with open_base(tmp_path / "b.kb", create=True, who="other") as other:
        taken = import_package(other, tmp_path / "p.zip")
        assert taken.new["claims"] == 4
        before, after = ({i.key: i for i in everything(kb)} for kb in (base, other))
        assert before == after  # keys are content hashes; records, filings, labels, dates, what replaced them, numbers as they came in
        assert names(base) == names(other)
        assert {k: s for k, s in base.sources().items() if k != "unknown"} == {k: s for k, s in other.sources().items() if k != "unknown"}
        assert other.vocabulary.find("lab:foam_index").unit == "m"
        asset = next(i.record for i in everything(other) if i.kind == "dataset").asset
        assert columns_of(other.asset(asset), "x") == {"T": [300.0, 310.5], "P": [9000.0, 1.5e4]}
        assert next(h["what"] for h in other.history()) == "import"
        assert import_package(other, tmp_path / "p.zip").new == {}  # twice is once
        assert export_package(other, tmp_path / "q.zip", title="酒精数据").records == made.records
    assert base.history()[0]["what"] == "export"


def test_the_crate_tells_what_it_is(base, tmp_path):
    export_package(base, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        graph = {x["@id"]: x for x in json.loads(archive.read("ro-crate-metadata.json"))["@graph"]}
        assert graph["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
        assert graph["./"]["license"] == [{"@id": "https://creativecommons.org/licenses/by/4.0/"}]
        assert graph["https://doi.org/10.1000/li2023"]["@type"] == "ScholarlyArticle"
        for name in archive.namelist():
            if name in graph:
                assert graph[name].get("sha256", sha256(archive.read(name)).hexdigest()) == sha256(archive.read(name)).hexdigest()
        assert "doi = {10.1000/li2023}" in archive.read("references.bib").decode()
        assert archive.read("CITATION.cff").decode().startswith("cff-version: 1.2.0")
        told = dict(reversed(line.split("  ", 1)) for line in archive.read(MANIFEST).decode().splitlines())
        assert set(told) == set(archive.namelist()) - {MANIFEST}


def test_a_selection_takes_what_it_needs_and_no_more(base, tmp_path):
    key = next(i.key for i in everything(base) if i.kind == "claim" and i.record.property == "density")
    export_package(base, tmp_path / "p.zip", [key])
    with open_base(tmp_path / "b.kb", create=True) as other:
        import_package(other, tmp_path / "p.zip")
        assert [i.key for i in everything(other)] == [key]
        assert {r.name for _, r, *_ in names(other)} == {"乙醇水溶液", "乙醇", "水"}


@pytest.mark.parametrize(
    ("licence", "visibility", "purpose", "why"),
    [
        ("CC-BY-4.0", "private", Purpose(), "private"),
        ("CC-BY-4.0", "private", Purpose("group"), "private"),
        ("CC-BY-4.0", "group", Purpose(), "for the group only"),
        ("CC-BY-4.0", "group", Purpose("group"), ""),
        ("CC-BY-4.0", "public", Purpose(), ""),
        ("proprietary", "public", Purpose(), "forbids"),
        ("proprietary", "group", Purpose("group"), ""),
        ("no-redistribution", "group", Purpose("group"), "forbids"),
        ("CC-BY-NC-4.0", "public", Purpose(), ""),
        ("CC-BY-NC-4.0", "public", Purpose(commercial=True), "commercial"),
        ("CC-BY-ND-4.0", "public", Purpose(), ""),
        ("CC-BY-ND-4.0", "public", Purpose(changed=True), "another form"),
        ("", "public", Purpose(), "unknown"),
        ("", "public", Purpose(allow_unknown=("unknown",)), ""),
        ("House licence 3", "public", Purpose(), "not in the table"),
        ("House licence 3", "public", Purpose(allow_unknown=("House licence 3",)), ""),
        ("cc by 4.0", "public", Purpose(), ""),
    ],
)  # fmt: skip
def test_who_may_have_what(licence, visibility, purpose, why):
    said = purpose.refusal(licence, visibility)
    assert (why in said) if why else said == ""


def test_what_a_source_forbids_stays_though_the_record_says_otherwise():
    assert "forbids" in Purpose().refusal("CC-BY-4.0", "public", Source("x", "database", licence="proprietary"))
    assert Purpose().refusal("", "public", Source("x", "database", licence="CC0-1.0")) == ""
    assert known("Apache 2.0") == "Apache-2.0"
    assert all(t.url or n in ("proprietary", "no-redistribution") for n, t in TABLE.items())


def test_an_export_that_may_not_be_says_which_records_and_why(base, tmp_path):
    key = base.add(Claim("s", "乙醇", "viscosity", 1.07e-3, "Pa s", source="Li2023"))[0]
    with pytest.raises(InputError, match=r"1 because it is private.*" + key[:12]):
        export_package(base, tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()
    made = export_package(base, tmp_path / "p.zip", leave_out=True)
    assert [r.key for r in made.left_out] == [key]
    assert key.encode() not in zipfile.ZipFile(tmp_path / "p.zip").read("data/claims.jsonl")
    with pytest.raises(InputError, match="may not leave"):
        write_claims_csv(base, tmp_path / "c.csv", [key])


def test_names_of_a_private_substance_stay_here_until_it_is_opened(tmp_path):
    with open_base(tmp_path / "a.kb", create=True) as kb:
        secret = molecular("CCCl", name="CW-0815", synonyms=("project moonlight",))
        kb.add(secret, filing=Filing())
        kb.add(Source("s", "experiment", "notebook 3"), Claim("a", secret.key, "density", 900.0, "kg/m^3", source="s"), filing=OPEN)
        assert export_package(kb, tmp_path / "p.zip").nameless == 1
        assert b"moonlight" not in b"".join(zipfile.ZipFile(tmp_path / "p.zip").read(n) for n in zipfile.ZipFile(tmp_path / "p.zip").namelist())
        kb.terms(secret.key, visibility="public")
        assert export_package(kb, tmp_path / "p.zip").nameless == 0


def test_a_private_file_holds_back_what_rests_on_it(tmp_path):
    with open_base(tmp_path / "a.kb", create=True) as kb:
        data, record = with_columns(DataSetRecord("d", columns=(Column("x"),)), {"x": [1.0]})
        kb.put_asset(data, "secret.parquet", filing=Filing())
        key = kb.add(record, filing=OPEN)[0]
        with pytest.raises(InputError, match=r"its file .* may not leave"):
            export_package(kb, tmp_path / "p.zip", [key])


def rebuilt(path, change=None, *, manifest=True, extra=()):
    """A package with some of its files changed, the manifest made to agree."""
    with zipfile.ZipFile(path) as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
    files |= {n: f(files.get(n, b"")) for n, f in (change or {}).items()}
    if manifest:
        files[MANIFEST] = "".join(f"{sha256(b).hexdigest()}  {n}\n" for n, b in sorted(files.items()) if n != MANIFEST).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, b in files.items():
            archive.writestr(n, b)
        for info, b in extra:
            archive.writestr(info, b)
    path.write_bytes(out.getvalue())


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def stretched(line):
    row = json.loads(line)
    row["record"]["value"] = row["record"]["value"] * 2
    return json.dumps(row).encode()


HOSTILE = {
    "traversal": ({"change": {"../evil.txt": lambda _: b"x"}}, "has no place"),
    "absolute": ({"change": {"/etc/cron.d/evil": lambda _: b"x"}}, "has no place"),
    "backslash": ({"extra": [("data\\..\\evil", b"x")]}, "has no place"),
    "drive": ({"change": {"C:evil": lambda _: b"x"}}, "has no place"),
    "link": ({"extra": [(link("assets/" + "0" * 64), b"/etc/passwd")]}, "is a link"),
    "twice": ({"extra": [("data/claims.jsonl", b"{}")]}, "comes twice"),
    "bomb": ({"change": {"assets/" + "0" * 64: lambda _: b"\0" * 30_000_000}}, "times its size"),
    "changed": ({"change": {"data/claims.jsonl": lambda b: b.replace(b"kg/m^3", b"kg/m^4")}, "manifest": False}, "not as its sender wrote it"),
    "not told of": ({"change": {"assets/" + "0" * 64: lambda _: b"x"}, "manifest": False}, "not in the manifest"),
    "no manifest": ({"change": {MANIFEST: lambda _: b"nonsense"}, "manifest": False}, "line 1 can't be read"),
    "wrong asset": ({"change": {"assets/" + "0" * 64: lambda _: b"x"}}, "not the file that its name says"),
    "claim with another value": ({"change": {"data/claims.jsonl": lambda b: b"\n".join([stretched(b.split(b"\n")[0]), *b.split(b"\n")[1:]])}}, "does not agree with its key"),
    "key of another structure": ({"change": {"data/substances.jsonl": lambda b: b.replace(b'"smiles":"CCO"', b'"smiles":"CCCO"')}}, "has the key"),
    "no JSON": ({"change": {"data/entries.jsonl": lambda _: b"[" * 100_000}}, "no record in it"),
    "missing source": ({"change": {"data/sources.jsonl": lambda _: b""}}, "which is not in the package"),
    "of tomorrow": ({"change": {"ro-crate-metadata.json": lambda b: b.replace(b'"version": "1"', b'"version": "2"')}}, "no package of version 1"),
    "infinity": ({"change": {"data/claims.jsonl": lambda b: b.replace(b"913.0", b"Infinity")}}, "finite"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_package_is_refused_and_nothing_is_filed(base, tmp_path, name):
    path = tmp_path / "p.zip"
    export_package(base, path)
    how, message = HOSTILE[name]
    with pytest.warns(UserWarning, match="Duplicate") if name == "twice" else open(path, "rb"):
        rebuilt(path, **how)
    with open_base(tmp_path / "b.kb", create=True) as other:
        before = (dict(other.counts()), len(other.history()))
        with pytest.raises(InputError, match=message):
            import_package(other, path)
        assert (dict(other.counts()), len(other.history())) == before
    assert not list(tmp_path.glob("**/evil*"))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut short", b"no zip at all"], ids=["empty", "cut", "other"])
def test_no_zip_is_said_plainly(tmp_path, data):
    (tmp_path / "p.zip").write_bytes(data)
    with open_base(tmp_path / "b.kb", create=True) as kb, pytest.raises(InputError, match="no zip"):
        import_package(kb, tmp_path / "p.zip")


def test_an_unknown_sender_s_records_can_wait_for_review(base, tmp_path):
    export_package(base, tmp_path / "p.zip")
    with open_base(tmp_path / "b.kb", create=True) as other:
        import_package(other, tmp_path / "p.zip", status="proposed")
        assert {i.filing.status for i in everything(other)} == {"proposed"}


def test_tables_are_harmless_and_whole(base, tmp_path):
    write_claims_csv(base, tmp_path / "c.csv")
    text = (tmp_path / "c.csv").read_text("utf-8-sig")
    assert '"\'=HYPERLINK(""x"")"' in text  # a formula becomes a text
    assert "351.44" in text
    write_experiments_csv(base, tmp_path / "e.csv")
    assert "加入乙醇" in (tmp_path / "e.csv").read_text("utf-8-sig")
    write_jsonl(base, tmp_path / "r.jsonl")
    assert len((tmp_path / "r.jsonl").read_text("utf-8").splitlines()) == len(everything(base))


def test_the_longest_field_goes_over(tmp_path):
    with open_base(tmp_path / "a.kb", create=True) as kb:
        kb.add(ExperimentRecord("long", settings={"log": "".join(f"{i:07d} " for i in range(249_000))}), filing=OPEN)
        export_package(kb, tmp_path / "p.zip")
        with open_base(tmp_path / "b.kb", create=True) as other:
            import_package(other, tmp_path / "p.zip")
            assert everything(kb) == everything(other)
