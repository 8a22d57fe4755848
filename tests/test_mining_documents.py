"""Documents: encodings, HTML, XML, PDF, and files that mean harm."""

import sys

import pytest

from chemwright.errors import InputError, MissingExtra
from chemwright.knowledge.mining.documents import read_document

TEXT = "The boiling point of ethanol is 78.4 °C.\n\nSecond paragraph."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_give_the_same_text(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert [b.text for b in read_document(path).blocks] == TEXT.split("\n\n")


def test_chinese_text_in_gbk(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("乙醇的沸点为78.4摄氏度。".encode("gbk"))
    assert read_document(path).blocks[0].text == "乙醇的沸点为78.4摄氏度。"


def test_offsets_count_in_the_document():
    document = read_document(TEXT + "\n\n  Third   one. ")
    assert [document.text[b.start : b.start + len(b.text)] for b in document.blocks] == [b.text for b in document.blocks]


def test_html_tables_captions_and_headings_without_scripts(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(
        "<html><head><style>p{}</style></head><body><script>var x='evil'</script><h2>Results</h2><p>One &amp; two.</p>"
        "<table><caption>Table 1. Data</caption><tr><th colspan=2>A</th><th>B</th></tr><tr><td>1<td>2<td>3</tr></table><p>After</body></html>",
        encoding="utf-8",
    )
    document = read_document(path)
    assert [b.text for b in document.blocks] == ["Results", "One & two.", "After"]
    assert document.blocks[1].heading == "Results"
    assert document.tables[0].caption == "Table 1. Data"
    assert document.tables[0].rows == (("A", "", "B"), ("1", "2", "3"))


def test_patent_and_article_xml(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE us-patent-grant SYSTEM "us.dtd" [ ]><us-patent-grant><description><heading>EXAMPLE 1</heading><p id="1">A <i>mixture</i> was stirred.</p>'
        "<tables><table><tgroup><tbody><row><entry>T (K)</entry><entry>k (1/s)</entry></row><row><entry>300</entry><entry>0.1</entry></row></tbody></tgroup></table></tables></description></us-patent-grant>",
        encoding="utf-8",
    )
    document = read_document(path)
    assert [b.text for b in document.blocks] == ["EXAMPLE 1", "A mixture was stirred."]
    assert document.tables[0].rows == (("T (K)", "k (1/s)"), ("300", "0.1"))


BOMB = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><l>&c;</l>'
READER = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><l>&x;</l>'


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.xml", BOMB.encode(), "entities"),
        ("a.xml", READER.encode(), "entities"),
        ("a.xml", BOMB.encode("utf-16"), "entities"),
        ("a.xml", b"<a><b></a>", "well-formed"),
        ("a.xml", b"<a>" * 5000, "nested"),
        ("a.html", b"<div>" * 5000, "nested"),
        ("a.txt", b"\x00\x01\x02\x03" * 100, "binary"),
        ("a.txt", b"  ", "empty"),
        ("a.doc", b"hello", "not read"),
        ("a.pdf", b"%PDF-1.4 rubbish", "PDF"),
        ("a.txt", b"\xff\xfea", "UTF-16"),
    ],
    ids=["bomb", "external entity", "bomb in UTF-16", "broken", "deep xml", "deep html", "binary", "empty", "kind", "broken pdf", "half UTF-16"],
)
def test_hostile_and_broken_files_end_in_one_plain_error(tmp_path, name, data, what):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=what) as caught:
        read_document(tmp_path / name)
    assert caught.value.fix
    assert name in str(caught.value)


def test_a_file_name_given_as_text_is_noticed():
    with pytest.raises(InputError, match="file name"):
        read_document("paper.pdf")


def test_missing_file_names_near_misses(tmp_path):
    (tmp_path / "paper.txt").write_text("x")
    with pytest.raises(InputError, match=r"paper\.txt"):
        read_document(tmp_path / "papr.txt")


def test_one_field_of_ten_megabytes_is_cut(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"a" * 10_000_000)
    document = read_document(path)
    assert len(document.blocks) == 50
    assert sum(len(b.text) for b in document.blocks) == 10_000_000


def _pdf(lines, ruled):
    """A one-page PDF with lines of text and, when asked, a ruled two-by-two table."""
    content = "BT /F1 11 Tf 60 760 Td 14 TL " + " ".join(f"({t}) Tj T*" for t in lines) + " ET\n"
    if ruled:
        content += "".join(f"60 {y} m 300 {y} l S\n" for y in (500, 480, 460)) + "".join(f"{x} 500 m {x} 460 l S\n" for x in (60, 180, 300))
        cells = ((65, 485, "Compound"), (185, 485, "Boiling point \\(K\\)"), (65, 465, "acetone"), (185, 465, "329.2"))
        content += "".join(f"BT /F1 10 Tf {x} {y} Td ({t}) Tj ET\n" for x, y, t in cells)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}endstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = "%PDF-1.4\n", []
    for i, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{i} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{p:010d} 00000 n \n" for p in places)
    return (out + f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n").encode("latin-1")


def test_without_the_pdf_libraries_the_pip_line_is_given(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    (tmp_path / "a.pdf").write_bytes(_pdf(["text"], ruled=False))
    with pytest.raises(MissingExtra, match="pip install") as caught:
        read_document(tmp_path / "a.pdf")
    assert "chemwright[mine]" in caught.value.fix


def test_pdf_text_and_ruled_table(tmp_path):
    from chemwright.knowledge.mining import mine

    path = tmp_path / "paper.pdf"
    path.write_bytes(_pdf(["The boiling point of ethanol is 78.4 \\260C.", "It was measured twice."], ruled=True))
    document = read_document(path)
    assert "The boiling point of ethanol is 78.4 °C." in document.blocks[0].text
    assert document.blocks[0].page == 1
    assert document.tables[0].rows == (("Compound", "Boiling point (K)"), ("acetone", "329.2"))
    found = {(p.data.substance, p.data.value, p.evidence.page, p.evidence.table) for p in mine(path, kinds=("property",))}
    assert found == {("ethanol", 78.4, 1, 0), ("acetone", 329.2, 1, 1)}
