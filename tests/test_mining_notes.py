"""What mining passes over is said: pages, why, and what to do."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from chemwright.cli import kb_commands, kb_mining  # noqa: F401  (they register their commands)
from chemwright.cli.app import app
from chemwright.knowledge.mining import mine
from chemwright.knowledge.mining.documents import page_list, read_document

pytest.importorskip("pypdfium2")
pytest.importorskip("pdfplumber")

BOX, FONT = "[0 0 612 792]", "3 0 R"


def _page(text="", ruled=False, picture=False, box=BOX, font=FONT):
    """Content, media box and font of a page; ``ruled`` puts a two-by-two table on it."""
    content = f"BT /F1 11 Tf 60 760 Td ({text}) Tj ET\n" if text else ""
    if ruled:
        content += "".join(f"60 {y} m 300 {y} l S\n" for y in (500, 480, 460)) + "".join(f"{x} 500 m {x} 460 l S\n" for x in (60, 180, 300))
        cells = ((65, 485, "Compound"), (185, 485, "Boiling point \\(K\\)"), (65, 465, "acetone"), (185, 465, "329.2"))
        content += "".join(f"BT /F1 10 Tf {x} {y} Td ({t}) Tj ET\n" for x, y, t in cells)
    if picture:
        content += "q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q\n"
    return content, box, font


def _pdf(pages):
    objects = {1: "<< /Type /Catalog /Pages 2 0 R >>", 3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
    kids = []
    for content, box, font in pages:
        n = max(objects) + 1
        kids.append(f"{n} 0 R")
        objects[n] = f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {n + 1} 0 R /Resources << /Font << /F1 {font} >> >> >>"
        objects[n + 1] = f"<< /Length {len(content)} >>\nstream\n{content}endstream"
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = "%PDF-1.4\n", []
    for i in range(1, len(objects) + 1):
        places.append(len(out))
        out += f"{i} 0 obj\n{objects[i]}\nendobj\n"
    table = "".join(f"{p:010d} 00000 n \n" for p in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + end).encode("latin-1")


TEXT, TABLE = _page("The boiling point of ethanol is 78.4 \\260C."), _page("More text.", ruled=True)


@pytest.fixture
def written(tmp_path):
    def write(*pages):
        path = tmp_path / "paper.pdf"
        path.write_bytes(pages[0] if isinstance(pages[0], bytes) else _pdf(pages))
        return path

    return write


@pytest.mark.parametrize(
    ("pages", "text"), [((), ""), ((3,), "3"), ((9, 7, 8, 3), "3, 7-9"), (range(301, 421), "301-420"), ((1, 1, 2), "1-2")], ids=["none", "one", "run", "long", "twice"]
)
def test_page_list(pages, text):
    assert page_list(pages) == text


def test_a_whole_document_needs_no_note(written):
    found = mine(written(TEXT, TABLE))
    assert found.notes == ()
    assert {p.data.substance for p in found if p.kind == "property"} == {"ethanol", "acetone"}
    assert found[0] == found.proposals[0]
    assert found[:2] == found.proposals[:2]
    assert len(found) == len(found.proposals)


def test_tables_past_the_cap_are_told(written, monkeypatch):
    monkeypatch.setattr("chemwright.knowledge.mining.pdf.MAX_TABLE_PAGES", 2)
    path = written(TEXT, TABLE, TABLE, TEXT, TABLE)
    found = mine(path, kinds=("property",))
    [note] = found.notes
    assert (note.what, note.pages, note.fix) == ("tables", "3-5", "split the file")
    assert "first 2 pages" in note.why
    assert [t.page for t in read_document(path).tables] == [2]
    assert {p.evidence.page for p in found if p.evidence.table} == {2}


BROKEN_FONT = _page("Text.", font="<< /Type /Font /Subtype /Type0 /BaseFont /X >>")
BROKEN_BOX = _page("Text.", box="[0 0 612]")


@pytest.mark.parametrize("broken", [BROKEN_FONT, BROKEN_BOX], ids=["font", "media box"])
def test_a_page_whose_layout_is_broken_is_told_and_spoils_no_other(written, broken):
    document = read_document(written(TABLE, broken, TABLE))
    assert [t.page for t in document.tables] == [1, 3]
    [note] = document.notes
    assert (note.what, note.pages) == ("tables", "2")
    assert "can't be read" in note.why
    assert "new PDF" in note.fix


def test_a_page_that_is_no_page_is_told(written):
    data = _pdf([TEXT, TEXT, TABLE]).replace(b"6 0 obj\n<< /Type /Page ", b"6 0 obj\n<< /Type /Pxge ")
    document = read_document(written(data))
    assert {b.page for b in document.blocks} == {1, 3}
    assert (document.notes[0].what, document.notes[0].pages) == ("text", "2")
    assert "page is broken" in document.notes[0].why


def test_a_scanned_page_among_others_is_told_an_empty_one_is_not(written):
    document = read_document(written(TEXT, _page(picture=True), _page()))
    [note] = document.notes
    assert (note.what, note.pages) == ("text", "2")
    assert "text recognition" in note.fix


def test_a_paragraph_too_long_for_a_procedure_is_told():
    text = "The ester (5 g) was dissolved in 50 ml of ethanol and stirred at 20° C. for 3 hours. " * 120
    [note] = mine(text).notes
    assert (note.what, note.pages) == ("procedures", "")
    assert str(note).startswith("procedures not read: a paragraph has more than 8000 characters; ")
    assert mine(text, kinds=("property",)).notes == ()


def test_the_command_line_shows_the_notes(written, tmp_path, monkeypatch):
    monkeypatch.setattr("chemwright.knowledge.mining.pdf.MAX_TABLE_PAGES", 1)
    path = written(TEXT, TABLE)
    base = str(tmp_path / "lab.kb")
    assert CliRunner().invoke(app, ["kb", "init", base, "--no-core"]).exit_code == 0
    answer = CliRunner().invoke(app, ["kb", "mine", str(path), "--kind", "property", "--kb", base, "--json"])
    assert answer.exit_code == 0, answer.output
    [note] = json.loads(answer.stdout)["documents"][0]["notes"]
    assert (note["what"], note["pages"], note["fix"]) == ("tables", "2", "split the file")
    shown = CliRunner().invoke(app, ["kb", "mine", str(path), "--kind", "property", "--kb", base])
    assert "tables on page 2 not read: tables are looked for on the first 1 pages only; split the file" in " ".join(shown.stdout.split())
