"""Runs from CSV: units, bad input told plainly, and the 66 bundled runs as measured."""

import csv
import os
import re
from importlib.resources import as_file
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chemwright.errors import InputError
from chemwright.knowledge import bundled_case, read_runs

HEAD = "residence_time [min],equivalents [-],concentration [mol/L],temperature [degC],e_factor [-]\n"
ROW = "1.24,2.43,0.361,64.8,2.06\n"
ROW2 = "0.81,4.59,0.484,71.6,1.94\n"


def _file(tmp_path, text, name="runs.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_si_conversion(tmp_path):
    table = read_runs(_file(tmp_path, HEAD + ROW + ROW2), "e_factor")
    assert table.columns == ("residence_time", "equivalents", "concentration", "temperature")
    assert table.units_si == ("s", "1", "mol/m^3", "K")
    assert table.rows[0] == pytest.approx((74.4, 2.43, 361.0, 337.95), rel=1e-12)
    assert table.values == (2.06, 1.94)
    assert table.row_numbers == (2, 3)
    assert table.column("temperature") == pytest.approx((337.95, 344.75))
    with pytest.raises(InputError, match="no column"):
        table.column("temprature")


SAME = {
    "byte order mark": b"\xef\xbb\xbf" + (HEAD + ROW).encode(),
    "CRLF": (HEAD + ROW).replace("\n", "\r\n"),
    "blank lines": "\n" + HEAD + "\n" + ROW + "\n\n",
    "spaces": (HEAD + ROW).replace(",", " , "),
    "quotes": '"' + HEAD.strip().replace(",", '","') + '"\n' + ROW,
    "no last newline": (HEAD + ROW).strip(),
    "other units": "residence_time [s],equivalents [1],concentration [mM],temperature [K],e_factor [%]\n74.4,2.43,361,337.95,206\n",
    "degree sign": HEAD.replace("degC", "°C") + ROW,
    "column order": "e_factor [-],residence_time [min],equivalents [-],concentration [M],temperature [degC]\n2.06,1.24,2.43,0.361,64.8\n",
    "semicolons": (HEAD + ROW).replace(",", ";"),
    "tabs": (HEAD + ROW).replace(",", "\t"),
    "UTF-16": (HEAD + ROW).encode("utf-16"),
    "UTF-16 tabs": (HEAD + ROW).replace(",", "\t").encode("utf-16"),
    "GBK": (HEAD.replace("degC", "\u2103") + ROW).encode("gbk"),
    "European Excel": HEAD.replace(",", ";") + ROW.replace(",", ";").replace(".", ","),
    "sep line": "sep=;\n" + (HEAD + ROW).replace(",", ";"),
    "exponents": HEAD + "124e-2,+2.43,.361,6.48E1,2.06\n",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_same_table_from_every_fair_spelling(tmp_path, text):
    table = read_runs(_file(tmp_path, text), "e_factor")
    assert table.rows[0] == pytest.approx((74.4, 2.43, 361.0, 337.95), rel=1e-12)
    assert table.values == pytest.approx((2.06,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + ROW, []),
        ((HEAD + ROW).encode("utf-16"), ["UTF-16"]),
        (("\u5907\u6ce8 [-]," + HEAD + "1," + ROW).encode("gbk"), ["GB18030"]),
        (HEAD.replace(",", ";") + ROW.replace(",", ";").replace(".", ","), ["1,24 on row 2 is read as 1.24"]),
        (("\u5907\u6ce8 [-];" + HEAD.replace(",", ";") + "1;" + ROW.replace(",", ";").replace(".", ",")).encode("gb18030"), ["GB18030", "decimal commas"]),
    ],
    ids=["plain", "UTF-16", "GBK", "decimal commas", "both"],
)
def test_what_is_assumed_is_said(tmp_path, text, said):
    notes = read_runs(_file(tmp_path, text), "e_factor").notes
    assert len(notes) == len(said)
    assert all(word in note and "runs.csv" in note for word, note in zip(said, notes, strict=True))


def test_row_numbers_count_the_sep_line(tmp_path):
    assert read_runs(_file(tmp_path, "sep=;\n" + (HEAD + ROW + ROW2).replace(",", ";")), "e_factor").row_numbers == (3, 4)


def test_replicates_are_welcome(tmp_path):
    assert len(read_runs(_file(tmp_path, HEAD + ROW + ROW.replace("2.06", "2.07")), "e_factor").rows) == 2


def test_other_columns_go_to_base_units(tmp_path):
    text = "time [h],c_A [mol/L],density [g/cm^3],power [kW],yield [%]\n1,2,0.8,3,85\n"
    table = read_runs(_file(tmp_path, text), "yield")
    assert table.rows == (pytest.approx((3600.0, 2000.0, 800.0, 3000.0)),)
    assert table.units_si[:2] == ("s", "mol/m^3")
    assert table.values == pytest.approx((0.85,))


def _with(column, new):
    """The good header with one column's text changed."""
    return re.sub(rf"{column} \[[^\]]*\]", new, HEAD) + ROW


BAD = {  # id: (text, words the message must hold)
    "empty file": ("", ["empty"]),
    "white file": (" \n \n", ["empty"]),
    "header only": (HEAD, ["no runs"]),
    "missing response": (_with("e_factor", "e_facter [-]"), ["e_factor", "did you mean 'e_facter'"]),
    "no unit": (_with("temperature", "temperature"), ["column 4", "unit in square brackets", "temperature [K]"]),
    "round brackets": (_with("temperature", "temperature (degC)"), ["square brackets", "temperature [K]"]),
    "empty unit": (_with("concentration", "concentration []"), ["concentration [mol/L]"]),
    "unknown unit": (_with("concentration", "concentration [mols/Lx]"), ["column 3", "concentration", "mol/m^3"]),
    "wrong dimension": (_with("residence_time", "residence_time [kg]"), ["column 1", "residence_time", "'s'"]),
    "hostile unit": (_with("equivalents", "equivalents [9**9**9]"), ["column 2"]),
    "nameless column": (_with("equivalents", "[-]"), ["column 2", "no name"]),
    "doubled column": (_with("equivalents", "concentration [M]"), ["concentration", "twice"]),
    "text": (HEAD + ROW + "0.81,4.59,high,71.6,1.94\n", ["row 3", "concentration", "'high'", "mol/L"]),
    "unit in cell": (HEAD + "1.24 min,2.43,0.361,64.8,2.06\n", ["row 2", "residence_time", "without unit"]),
    "NaN": (HEAD + "1.24,2.43,nan,64.8,2.06\n", ["row 2", "concentration", "finite"]),
    "infinite": (HEAD + "1.24,2.43,0.361,64.8,-inf\n", ["row 2", "e_factor", "finite"]),
    "overflow": (HEAD + "1e999,2.43,0.361,64.8,2.06\n", ["row 2", "residence_time", "exponent"]),
    "underscore": (HEAD + "1_2,2.43,0.361,64.8,2.06\n", ["row 2", "residence_time"]),
    "empty cell": (HEAD + "1.24,,0.361,64.8,2.06\n", ["row 2", "equivalents", "empty cell"]),
    "too few cells": (HEAD + "1.24,2.43,0.361,64.8\n", ["row 2", "4 cells, 5 expected"]),
    "decimal comma": (HEAD + "1,24,2.43,0.361,64.8,2.06\n", ["row 2", "6 cells", "decimal point"]),
    "quoted decimal comma": (HEAD + '"1,24",2.43,0.361,64.8,2.06\n', ["row 2", "decimal comma", "'1.24'"]),
    "negative time": (HEAD + "-1.24,2.43,0.361,64.8,2.06\n", ["row 2", "residence_time", "zero or more"]),
    "negative concentration": (HEAD + "1.24,2.43,-0.361,64.8,2.06\n", ["row 2", "concentration", "zero or more"]),
    "negative equivalents": (HEAD + "1.24,-2.43,0.361,64.8,2.06\n", ["row 2", "equivalents", "zero or more"]),
    "below absolute zero": (HEAD + "1.24,2.43,0.361,-300,2.06\n", ["row 2", "temperature", "0 K"]),
    "negative species": ("c_A [mol/L],e_factor [-]\n-1,2\n", ["row 2", "c_A"]),
    "per cent as fraction": ("time [s],yield [-]\n1,85\n", ["row 2", "yield", "[%]"]),
    "copied row": (HEAD + ROW + ROW2 + ROW, ["row 4", "row 2", "replicate"]),
    "response only": ("e_factor [-]\n2.06\n", ["conditions"]),
    "latin-1": ((HEAD.replace("degC", "°C") + ROW).encode("latin-1"), ["UTF-8", "row 1"]),
    "UTF-16 without mark": ((HEAD + ROW).encode("utf-16-le"), ["UTF-8"]),
    "latin-1 micro": (("time [min],width [µm],e_factor [-]\n1,2,3\n").encode("latin-1"), ["UTF-8", "row 1"]),
    "decimal comma and point": ((HEAD + ROW).replace(",", ";").replace("2.06", "2,06"), ["row 2", "'2,06'", "'1.24'", "points"]),
    "comma of two meanings": ("time [s];e_factor [-]\n1,234;2\n", ["row 2", "1.234 or 1234"]),
    "wide commas": ((HEAD + ROW).replace(",", "\uff0c"), ["header", "commas expected"]),
    "formula": (HEAD + "1.24,=A2*2,0.361,64.8,2.06\n", ["row 2", "equivalents", "'=A2*2' is a formula", "values"]),
    "spreadsheet's error": (HEAD + "1.24,#DIV/0!,0.361,64.8,2.06\n", ["row 2", "equivalents", "#DIV/0!", "error"]),
    "binary": (b"PK\x03\x04\0\0\0", ["UTF-8"]),
    "open quote": (HEAD + '"1.24,2.43,0.361,64.8,2.06\n', ["quotation"]),
    "too many columns": (",".join(f"x{i} [-]" for i in range(300)) + "\n1\n", ["300 columns"]),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD.keys())
def test_bad_file_is_told_plainly(tmp_path, text, words):
    with pytest.raises(InputError) as caught:
        read_runs(_file(tmp_path, text), "e_factor" if "yield" not in str(text) else "yield")
    said = str(caught.value)
    assert [w for w in ["runs.csv", *words] if w not in said] == [], said
    assert caught.value.fix


def test_missing_file_names_its_neighbours(tmp_path):
    _file(tmp_path, HEAD + ROW)
    with pytest.raises(InputError, match=r"did you mean 'runs\.csv'"):
        read_runs(tmp_path / "run.csv", "e_factor")
    with pytest.raises(InputError, match="not found"):
        read_runs(tmp_path / "no" / "folder.csv", "e_factor")
    with pytest.raises(InputError, match="folder"):
        read_runs(tmp_path, "e_factor")


def test_too_big(tmp_path):
    path = _file(tmp_path, HEAD + ROW)
    os.truncate(path, 21_000_000)
    with pytest.raises(InputError, match="21 MB, at most 20 MB"):
        read_runs(path, "e_factor")


def test_required_condition(tmp_path):
    with pytest.raises(InputError, match="'residence_time'") as caught:
        read_runs(_file(tmp_path, _with("residence_time", "residance_time [min]")), "e_factor", required=("residence_time", "temperature"))
    assert "residance_time" in caught.value.fix


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda s: (HEAD + s).encode("utf-8", "ignore")),
        st.text(max_size=60).map(lambda s: (s + " [min],e_factor [-]\n1,2\n").encode("utf-8", "ignore")),
    )
)
def test_any_bytes_give_a_table_or_an_input_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(data)
    try:
        table = read_runs(path, "e_factor")
    except InputError:
        return
    assert len(table.rows) == len(table.values) >= 1


def _shared() -> Path:
    folder = os.environ.get("CHEMWRIGHT_DATA")
    return (Path(folder) if folder else Path(__file__).resolve().parents[2] / "shared" / "data") / "olympus" / "snar" / "data.csv"


def test_bundled_runs_are_the_measured_ones():
    if not _shared().is_file():
        pytest.skip("the shared data folder is absent: set CHEMWRIGHT_DATA to compare the bundled runs with it")
    measured = [[float(c) for c in row] for row in csv.reader(_shared().read_text().splitlines()) if row]
    with as_file(bundled_case("snar") / "runs.csv") as path:
        table = read_runs(path, "e_factor")
    assert len(measured) == len(table.rows) == 66
    for row, si, value in zip(measured, table.rows, table.values, strict=True):
        assert (si[0] / 60, si[1], si[2] / 1000, si[3] - 273.15, value) == pytest.approx(tuple(row), rel=1e-12)


def test_bundled_runs_read_without_the_shared_folder():
    with as_file(bundled_case("snar") / "runs.csv") as path:
        table = read_runs(path, "e_factor", required=("residence_time", "equivalents", "concentration", "temperature"))
    assert len(table.rows) == 66
    assert min(table.values) == 0.24
    assert min(table.column("equivalents")) == 1.0
    assert max(table.column("temperature")) == pytest.approx(413.15)
