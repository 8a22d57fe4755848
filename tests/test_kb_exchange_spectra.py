"""JCAMP-DX: every form of numbers gives the same spectrum, checks are errors, and what is written reads back to the last digit."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from chemwright.errors import InputError
from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.exchange.arrays import columns_of
from chemwright.knowledge.exchange.choose import Chosen, chosen_entries
from chemwright.knowledge.exchange.jcamp import import_jcamp, write_jcamp
from chemwright.knowledge.exchange.jcamp_numbers import ordinates, read_line
from chemwright.record import Filing

OPEN = Filing(licence="CC0-1.0", visibility="public")
HEAD = "##TITLE= ethanol\n##JCAMP-DX= 4.24\n##DATA TYPE= INFRARED SPECTRUM\n##ORIGIN= own\n##OWNER= nobody\n##CAS REGISTRY NO= 64-17-5\n"
AXES = "##XUNITS= 1/CM\n##YUNITS= TRANSMITTANCE\n##XFACTOR= 1\n##YFACTOR= 0.001\n##FIRSTX= 400\n##LASTX= 411\n##NPOINTS= 12\n##FIRSTY= 0.100\n##XYDATA= (X++(Y..Y))\n"
VALUES = [100, 101, 102, 103, 103, 103, 90, -12, 0, 0, 7, 19]
BODIES = {
    "AFFN": "400 100 101 102 103 103 103\n406 90 -12 0 0 7 19\n",
    "PAC": "400+100+101+102+103+103+103\n406+90-12+0+0+7+19\n",
    "SQZ": "400A00A01A02A03A03A03\n406I0a2@@GA9\n",
    "SQZ and DUP": "400A00A01A02A03U\n406I0a2@TGA9\n",
    "DIF": "400A00JJJ%%\n405A03j3j02J2%PJ2\n411A9\n",
    "DIF and DUP": "400A00JU%T\n405A03j3j02J2%PJ2\n411A9\n",
}


def spectra(kb):
    with kb.reading() as connection:
        return [i for _, i in chosen_entries(connection, Chosen(), "dataset")]


def numbers(kb, item):
    return columns_of(kb.asset(item.record.asset), "test")


@pytest.fixture
def base(tmp_path):
    with open_base(tmp_path / "a.kb", create=True) as kb:
        yield kb


@pytest.mark.parametrize("form", BODIES)
def test_all_forms_of_numbers_give_one_spectrum(base, tmp_path, form):
    (tmp_path / "s.jdx").write_text(HEAD + AXES + BODIES[form] + "##END=\n", "utf-8")
    taken = import_jcamp(base, tmp_path / "s.jdx", filing=OPEN)
    assert taken.notes == ()
    (item,) = spectra(base)
    data = numbers(base, item)
    assert data["y"] == pytest.approx([v * 0.001 for v in VALUES])
    assert data["x"] == pytest.approx([100.0 * (400 + i) for i in range(12)])  # 1/m
    assert [c.property for c in item.record.columns] == ["wavenumber", "transmittance"]
    assert base.substance(item.record.columns[1].substance).cas == "64-17-5"
    assert next(h["what"] for h in base.history()) == "import"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("400A00JJJ%%\n405A04j3j02J2%PJ2\n411A9\n", "check of ordinates fails.*104.*103"),
        ("400A00A01&5\n", "no number of JCAMP-DX"),
        ("400JJJ\n", "difference without a value"),
        ("400A00z5\n", "no number of JCAMP-DX"),
        ("400A00S9999999\n", "repeat of"),
        ("", "without numbers"),
    ],
    ids=["check", "sign", "difference first", "letter", "repeat", "empty"],
)  # fmt: skip
def test_damage_is_an_error_with_its_line(base, tmp_path, body, message):
    (tmp_path / "s.jdx").write_text(HEAD + AXES + body + "##END=\n", "utf-8")
    with pytest.raises(InputError, match=message):
        import_jcamp(base, tmp_path / "s.jdx")
    assert spectra(base) == []


def test_a_count_that_does_not_agree_is_told(base, tmp_path):
    (tmp_path / "s.jdx").write_text(HEAD + AXES.replace("NPOINTS= 12", "NPOINTS= 13\n##DELTAX= 1") + BODIES["AFFN"] + "##END=\n", "utf-8")
    assert any("NPOINTS says 13" in n for n in import_jcamp(base, tmp_path / "s.jdx").notes)


def test_peaks_pages_and_links(base, tmp_path):
    peaks = "##TITLE= peaks\n##JCAMP-DX= 5.00\n##DATA TYPE= MASS SPECTRUM\n##XUNITS= M/Z\n##YUNITS= RELATIVE ABUNDANCE\n##NPOINTS= 3\n##PEAK TABLE= (XY..XY)\n31,100; 45,51.5\n46 21.6\n##END=\n"
    pages = (
        "##TITLE= FID\n##JCAMP-DX= 5.00\n##DATA TYPE= NMR FID\n##DATA CLASS= NTUPLES\n##NTUPLES= NMR FID\n##SYMBOL= X, R, I, N\n##VAR_DIM= 4, 4, 4, 2\n##UNITS= SECONDS, ARBITRARY UNITS, ARBITRARY UNITS\n"
        "##FIRST= 0, 1, 5, 1\n##LAST= 0.3, 4, 8, 2\n##FACTOR= 0.1, 1, 2\n##PAGE= N=1\n##DATA TABLE= (X++(R..R)), XYDATA\n0 1 2 3 4\n##PAGE= N=2\n##DATA TABLE= (X++(I..I)), XYDATA\n0A B C D\n##END NTUPLES= NMR FID\n##END=\n"
    )
    (tmp_path / "s.dx").write_text("##TITLE= all\n##JCAMP-DX= 5.00\n##DATA TYPE= LINK\n##BLOCKS= 2\n" + peaks + pages + "##END=\n", "utf-8")
    import_jcamp(base, tmp_path / "s.dx", filing=OPEN)
    found = {json.loads(i.record.extra["jcamp"])["page"]: numbers(base, i) for i in spectra(base)}
    assert found[""] == {"x": [31.0, 45.0, 46.0], "y": [100.0, 51.5, 21.6]}
    assert found["N=1 R"]["y"] == [1.0, 2.0, 3.0, 4.0]
    assert found["N=2 I"] == {"x": pytest.approx([0.0, 0.1, 0.2, 0.3]), "y": [2.0, 4.0, 6.0, 8.0]}


def test_what_is_written_reads_back_and_carries_no_label_of_a_stranger(base, tmp_path):
    evil = HEAD.replace("##ORIGIN= own", "##ORIGIN= own\nof us $$ never mind\n##INSTRUMENT PARAMETERS= a\n ##END= b")
    (tmp_path / "s.jdx").write_text(evil + AXES + BODIES["DIF"].replace("A00JJJ", "A00JJ?").replace("405A03", "405 103") + "##END=\n", "utf-8")
    with pytest.raises(InputError):
        import_jcamp(base, tmp_path / "s.jdx")
    (tmp_path / "s.jdx").write_text(HEAD + AXES + BODIES["AFFN"].replace("-12", "?") + "##END=\n", "utf-8")
    import_jcamp(base, tmp_path / "s.jdx", filing=OPEN)
    (item,) = spectra(base)
    write_jcamp(base, tmp_path / "t.jdx", item.key)
    with open_base(tmp_path / "b.kb", create=True) as other:
        import_jcamp(other, tmp_path / "t.jdx", filing=OPEN)
        (again,) = spectra(other)
        a, b = numbers(base, item), numbers(other, again)
        assert a["x"] == b["x"]
        assert [v for v in a["y"] if not math.isnan(v)] == [v for v in b["y"] if not math.isnan(v)]
        assert math.isnan(b["y"][7])
    base.terms(item.key, visibility="private")
    with pytest.raises(InputError, match="private"):
        write_jcamp(base, tmp_path / "t.jdx", item.key)


@pytest.mark.parametrize("text", ["", "nothing of the kind", "##TITLE= x\n##END=\n"], ids=["empty", "other", "no version"])
def test_other_files_are_refused(base, tmp_path, text):
    (tmp_path / "s.jdx").write_text(text, "utf-8")
    with pytest.raises(InputError):
        import_jcamp(base, tmp_path / "s.jdx")


def test_one_line_in_five_forms():
    """Plain, packed, squeezed, as differences, and with repeats."""
    expected = [1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0]
    for text in ("599.860 1 2 3 3 2 1 0 -1 -2 -3", "599.860+1+2+3+3+2+1+0-1-2-3", "599.860ABCCBA@abc", "599.860AJJ%jjjjjj", "599.860AJT%jX"):
        line = read_line(text, "test")
        assert line is not None
        assert line.ys == expected, text
    assert ordinates(["1AJJ", "3CJ", "4D"], "test", 1)[0] == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.skipif("CHEMWRIGHT_JCAMP" not in os.environ, reason="the source package of the library jcamp is not there")
@pytest.mark.parametrize("name", ["BRUKAFFN.DX", "BRUKDIF.DX", "BRUKPAC.DX", "BRUKSQZ.DX", "TESTFID.DX", "PE1800.DX"])
def test_real_files(base, tmp_path, name):
    """The standard's own test files: one spectrum in four forms, and others."""
    folder = next(Path(os.environ["CHEMWRIGHT_JCAMP"]).rglob("BRUKAFFN.DX")).parent
    import_jcamp(base, folder / name, filing=OPEN)
    first = numbers(base, spectra(base)[0])
    if name in ("BRUKPAC.DX", "BRUKSQZ.DX"):
        import_jcamp(base, folder / "BRUKAFFN.DX", filing=OPEN)
        assert first == numbers(base, spectra(base)[-1])
    write_jcamp(base, tmp_path / "t.jdx", spectra(base)[0].key)
    with open_base(tmp_path / "b.kb", create=True) as other:
        import_jcamp(other, tmp_path / "t.jdx", filing=OPEN)
        assert numbers(other, spectra(other)[0]) == first
