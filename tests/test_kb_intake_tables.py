"""Reading tables: encodings, delimiters, hostile cells, workbooks; guessing what columns mean; the wizard and its memory."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, strategies

from chemwright.errors import ChemwrightError, InputError
from chemwright.knowledge.base import open_base
from chemwright.knowledge.intake import ColumnUse, Mapping, open_table, recall, remember, start
from chemwright.knowledge.intake.blocks import batches
from chemwright.knowledge.intake.csvfile import csv_blocks
from chemwright.knowledge.intake.headers import meant, read_head
from chemwright.knowledge.intake.mapping import READINGS, ROLES
from chemwright.knowledge.intake.propose import propose_mapping
from chemwright.knowledge.intake.wizard import read_use
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.record import from_json, to_json

CHINESE = "名称;沸点 (℃);密度（g/cm3）\n乙醇;78,4;0,789\n丙酮;56,1;0,784\n"


@pytest.mark.parametrize(
    ("text", "encoding", "read_as"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "gb18030", "gb18030"),
        ("name,T [°C]\nBaryté,20\nµ,21\n", "cp1252", "cp1252"),
        ("name,T [K]\nethanol,300\nwater,301\n", "utf-16-le", "utf-16-le"),
    ],
    ids=["utf8", "utf8-mark", "utf16", "chinese-windows", "western-windows", "utf16-no-mark"],
)
def test_encodings_are_found_and_said(tmp_path: Path, text: str, encoding: str, read_as: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    table = open_table(path)
    assert table.format is not None
    assert table.format.encoding == read_as
    assert read_as in table.said
    lines = text.splitlines()
    assert table.header == tuple(lines[0].split(table.format.delimiter))
    assert [";".join(r).replace(";", table.format.delimiter) for r in table.sample()] == lines[1:]
    assert table.format.decimal == ("," if text is CHINESE else ".")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "stroke"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'a{delimiter}b\n"x{delimiter}y"{delimiter}1.5\nz{delimiter}2.5\n')
    assert open_table(path).sample() == [(f"x{delimiter}y", "1.5"), ("z", "2.5")]


def test_rows_that_do_not_fit_are_named_by_their_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n3\n\n4,5,6\n7,8\n\xff,9\n" + b"x" * 200_000 + b",1\n10,11\n")
    table = open_table(path, encoding="utf-8")
    blocks = list(table.blocks())
    rows = [int(r) for b in blocks for r in b.rows]
    rejects = sorted((r.row, r.message.split(",")[0]) for b in blocks for r in b.rejects)
    assert rows == [2, 6, 9]
    assert rejects == [(3, "1 cells"), (5, "3 cells"), (7, "not UTF-8 text"), (8, "a field of 200")]


def test_batches_are_the_same_rows_whatever_the_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f"{i},text {i}\n" for i in range(1000)))
    table = open_table(path)
    assert table.format is not None
    cut = [[b.cells(0)[0] for b in batches(csv_blocks(path, table.format, table.header, size), 300)] for size in (500, 7000, 1 << 20)]
    assert cut == [["0", "300", "600", "900"]] * 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"a,b\n1," + b"x" * (10 << 20) + b"\n", "row of 10.0 MB"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00" * 20, "zero bytes"),
        (b"a,a\n1,2\n", "occurs twice"),
        (b'a,b\n1,"2\n3,4\n5,6\n', "never closes"),
        (b"\n1,2\n", "first row is empty"),
    ],
    ids=["empty", "10-MB-field", "binary", "doubled-column", "open-quote", "no-header"],
)
def test_hostile_text_is_refused_with_its_row(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=words) as error:
        list(open_table(path).blocks())
    assert "a.csv" in error.value.where


def test_workbooks(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["name", "Tb [K]", "n"])
    sheet.append(["乙醇", 351.44, 3])
    sheet.append(["acetone", "=B2-22", 1])
    sheet.append([None, None, None])
    sheet.append(["water", 373.15, True])
    path = tmp_path / "a.xlsx"
    book.save(path)
    table = open_table(path)
    (block,) = table.blocks()
    assert [block.cells(i) for i in range(len(block))] == [("乙醇", "351.44", "3"), ("water", "373.15", "true")]
    assert [(r.row, r.column) for r in block.rejects] == [(3, "B3")]
    assert "formula" in block.rejects[0].message
    with pytest.raises(InputError, match="no sheet 'Sheat'") as error:
        open_table(path, sheet="Sheat")
    assert "Sheet" in error.value.fix


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (20 << 20))
    with pytest.raises(InputError, match="unpacks to"):
        open_table(path)


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "laughs.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>')
    with pytest.raises(InputError, match="declares a document type"):
        open_table(path)


def test_text_that_is_not_of_its_encoding_further_on_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,n\n".encode("gb18030") + "乙醇,1\n".encode("gb18030") * 50_000 + b"\xff\xff,2\n")
    with pytest.raises(InputError, match="not gb18030 text"):
        list(open_table(path).blocks())


@pytest.mark.parametrize(
    ("header", "name", "unit", "scale", "std"),
    [
        ("Tb [degC]", "normal_boiling_point", "degC", "", False),
        ("boiling point (°C)", "normal_boiling_point", "degC", "", False),
        ("density / g cm-3", "density", "g cm-3", "", False),
        ("沸点 (℃)", "normal_boiling_point", "degC", "", False),
        ("密度（g/cm3）", "density", "g/cm3", "", False),
        ("T/K", "temperature", "K", "", False),
        ("T [C]", "temperature", "degC", "", False),
        ("Temp_C", "temperature", "degC", "", False),
        ("log10(P/Pa)", "pressure", "Pa", "log10", False),
        ("ln(p/kPa)", "pressure", "kPa", "ln", False),
        ("u(density) [kg/m3]", "density", "kg/m3", "", True),
        ("density_std", "density", "", "", True),
        ("Viscosity (mPa.s)", "viscosity", "mPa s", "", False),
        ("vapor pressure, mmHg", "vapour_pressure", "mmHg", "", False),
    ],
)
def test_headers_as_people_write_them(header: str, name: str, unit: str, scale: str, std: bool) -> None:
    head = read_head(header)
    item, sure, _ = meant(head.name, head.unit, vocabulary())
    assert item is not None
    assert (item.name, head.unit, head.scale, head.std) == (name, unit, scale, std)
    assert sure >= 0.8


def _roles(header: list[str], rows: list[list[str]]) -> list[tuple[str, str, str]]:
    return [(g.use.role, g.use.property, g.use.unit) for g in propose_mapping(header, rows, vocabulary()).guesses]


def test_a_wide_table_is_understood() -> None:
    header = ["No.", "SMILES", "CAS", "Tb [degC]", "density (g/mL)", "u(density) [g/mL]", "T [degC]", "Ref"]
    rows = [["1", "CCO", "64-17-5", "78.3", "0.785", "0.001", "25", "Smith 2004 10.1021/je034"], ["2", "CC(C)=O", "67-64-1", "56.1", "0.784", "0.001", "25", "Smith 2004"]]
    proposal = propose_mapping(header, rows, vocabulary())
    assert [g.use.role for g in proposal.guesses] == ["id", "substance", "substance", "value", "value", "std", "condition", "source"]
    assert [g.use.reading for g in proposal.guesses[1:3]] == ["smiles", "cas"]
    assert proposal.guesses[5].use.of == "density (g/mL)"
    assert not proposal.questions
    assert all(g.reason for g in proposal.guesses)


def test_a_long_table_is_understood() -> None:
    header = ["compound", "what", "result", "in", "T/K"]
    rows = [["ethanol", "density", "0.785", "g/mL", "298"], ["ethanol", "boiling point", "78.3", "degC", ""]]
    assert _roles(header, rows)[:4] == [("substance", "", ""), ("property", "", ""), ("value", "", ""), ("unit", "", "")]


def test_what_is_unsure_is_asked_and_the_answer_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,Tb,zeta\nethanol,351.4,1\nwater,373.2,2\n")
    with open_base(tmp_path / "a.kb", create=True) as kb:
        wizard = start(kb, open_table(path))
        assert [q.key for q in wizard.open] == ["Tb", "zeta", "(source)"]
        with pytest.raises(InputError, match="2 questions are open"):
            wizard.mapping()
        with pytest.raises(ChemwrightError, match="is no unit of normal_boiling_point"):
            wizard.answer("Tb", "normal boiling point [kg]")
        wizard = wizard.answer("Tb", "2").answer("zeta", "ignore").answer("(source)", "Own2024")
        assert wizard.mapping().columns[1] == ColumnUse("Tb", "value", "normal_boiling_point", "degC")
        wizard = wizard.answer("Tb", "normal boiling point [K]")
        mapping = wizard.mapping()
        remember(kb, mapping)
        path.write_text("Name,TB,Zeta\nacetone,329.2,1\n")
        again = start(kb, open_table(path))
        assert not again.open
        assert again.mapping().columns[1] == ColumnUse("TB", "value", "normal_boiling_point", "K")
        assert again.mapping().source == "Own2024"
        remember(kb, again.mapping())
        assert recall(kb, ["other"]) is None


def test_a_fraction_asks_for_its_component() -> None:
    proposal = propose_mapping(["name", "density (g/mL)", "x1", "T/K"], [["water + ethanol", "0.9", "0.4", "298"]], vocabulary())
    assert proposal.guesses[2].use.role == "condition"
    assert [q.key for q in proposal.questions if "component" in q.text] == ["x1"]
    use = read_use("x1", "condition mole_fraction of ethanol", vocabulary())
    assert (use.role, use.property, use.of, use.unit) == ("condition", "mole_fraction", "ethanol", "1")


def test_a_mapping_makes_a_json_round_trip() -> None:
    mapping = Mapping((ColumnUse("a", "substance", reading="cas"), ColumnUse("b", "value", "density", "g/mL", scale="log10")), conditions={"temperature": 298.15}, source="S")
    assert from_json(to_json(mapping), Mapping) == mapping


_TEXT = strategies.text(max_size=12)
_USES = strategies.builds(
    ColumnUse,
    strategies.text(min_size=1, max_size=12).filter(str.strip),
    strategies.sampled_from(ROLES),
    _TEXT,
    _TEXT,
    strategies.sampled_from(READINGS),
    strategies.sampled_from(("", "ln")),
    _TEXT,
    strategies.booleans(),
)


@given(
    strategies.builds(
        Mapping, strategies.lists(_USES, max_size=4), _TEXT, strategies.dictionaries(_TEXT, strategies.floats(allow_nan=False, allow_infinity=False), max_size=2), _TEXT
    )
)
def test_any_mapping_makes_a_json_round_trip(mapping: Mapping) -> None:
    assert from_json(to_json(mapping), Mapping) == mapping


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ((ColumnUse("a", "substance"),), "no column is a value"),
        ((ColumnUse("a", "value", "density", "g/mL"),), "no column is a substance"),
        ((ColumnUse("s", "substance"), ColumnUse("a", "value", "density", "K")), "expected"),
        ((ColumnUse("s", "substance"), ColumnUse("a", "value", "density")), "no unit for density"),
        ((ColumnUse("s", "substance"), ColumnUse("a", "value", "density", "g/mL"), ColumnUse("b", "std", of="c")), "std of no value column"),
        ((ColumnUse("s", "substance"), ColumnUse("a", "value")), "values of no property"),
        ((ColumnUse("s", "substance"), ColumnUse("p", "property"), ColumnUse("q", "property"), ColumnUse("a", "value")), "are all the property"),
    ],
    ids=["no-value", "no-substance", "dimension", "no-unit", "std-alone", "no-property", "two-properties"],
)
def test_a_mapping_by_which_nothing_could_be_filed_is_refused(columns: tuple[ColumnUse, ...], words: str) -> None:
    with pytest.raises(ChemwrightError, match=words):
        Mapping(columns).check(vocabulary())
