"""PDF to paragraphs and tables: text by pypdfium2 (Apache/BSD), ruled tables by pdfplumber (MIT); both come with ``chemwright[mine]``."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

from chemwright.errors import InputError, MissingExtra
from chemwright.knowledge.mining.documents import Block, Grid, Note, page_list

MAX_PAGES = 2000
MAX_TABLE_PAGES = 300


def read_pdf(data: bytes, where: str) -> tuple[list[Block], list[Grid], list[Note]]:
    """Paragraphs and tables of a PDF, with their pages, and what was passed over. Scanned pages have no text and give a note only.

    Raises:
        MissingExtra: the libraries are not installed.
        InputError: not a PDF, encrypted, more than 2,000 pages, or no text at all.
    """
    try:
        import pdfplumber
        import pypdfium2
    except ImportError:
        raise MissingExtra("reading PDF needs pypdfium2 and pdfplumber", where=where, fix="pip install 'chemwright[mine]'") from None
    try:
        pdf = pypdfium2.PdfDocument(data)
        pages = len(pdf)
    except Exception:  # the library raises its own kinds on broken and encrypted files
        raise InputError("not a readable PDF (broken or encrypted)", where=where, fix="open it in a viewer and print it to a new PDF") from None
    if pages > MAX_PAGES:
        pdf.close()
        raise InputError(f"{pages} pages, at most {MAX_PAGES} expected", where=where, fix="split the file")
    blocks, notes = _text(pypdfium2, pdf, pages)
    if not blocks:
        raise InputError("the PDF has no text (scanned pages?)", where=where, fix="run it through text recognition first")
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    tables, broken = _tables(pdfplumber, data, pages)
    if broken:
        notes.append(Note("tables", page_list(broken), "the layout of the page can't be read", "print the page to a new PDF, or type its tables into a CSV file"))
    if pages > MAX_TABLE_PAGES:
        notes.append(Note("tables", page_list(range(MAX_TABLE_PAGES + 1, pages + 1)), f"tables are looked for on the first {MAX_TABLE_PAGES} pages only", "split the file"))
    return blocks, tables, notes


def _text(pypdfium2: Any, pdf: Any, pages: int) -> tuple[list[Block], list[Note]]:
    """Paragraphs of all pages, and the pages that have none because they are broken or pictures."""
    blocks: list[Block] = []
    broken, scanned = [], []
    try:
        for number in range(1, pages + 1):
            try:
                page = pdf[number - 1]
                text_page = page.get_textpage()
                found = _paragraphs(text_page.get_text_bounded())
                text_page.close()
                if not found and any(o.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for o in page.get_objects()):
                    scanned.append(number)
                page.close()
            except pypdfium2.PdfiumError:
                broken.append(number)
                continue
            blocks += [Block(p, page=number) for p in found]
    finally:
        pdf.close()
    notes = [Note("text", page_list(broken), "the page is broken", "open the file in a viewer and print it to a new PDF")] if broken else []
    if scanned:
        notes.append(Note("text", page_list(scanned), "the page is a picture without text", "run the file through text recognition first"))
    return blocks, notes


def _tables(pdfplumber: Any, data: bytes, pages: int) -> tuple[list[Grid], list[int]]:
    """Ruled tables of the first pages, and the pages whose layout the library can't take."""
    last = min(pages, MAX_TABLE_PAGES)
    try:
        with pdfplumber.open(io.BytesIO(data), pages=list(range(1, last + 1))) as pdf:
            read = [(page.page_number, _page_tables(page)) for page in pdf.pages]
    except Exception:  # one page that can't even be opened spoils the list of all: then each by itself
        read = [one for number in range(1, last + 1) for one in _one_page(pdfplumber, data, number)]
    good = {number for number, grids in read if grids is not None}
    return [g for _, grids in read for g in grids or ()], [n for n in range(1, last + 1) if n not in good]


def _one_page(pdfplumber: Any, data: bytes, number: int) -> list[tuple[int, list[Grid] | None]]:
    try:
        with pdfplumber.open(io.BytesIO(data), pages=[number]) as pdf:
            return [(page.page_number, _page_tables(page)) for page in pdf.pages]
    except Exception:
        return []


def _page_tables(page: Any) -> list[Grid] | None:
    """Tables of a page; None when the library fails on it (broken fonts and the like; the text is read by the other library)."""
    try:
        out = [Grid(tuple(tuple(c or "" for c in row) for row in table.extract()), _caption(page, table), page.page_number) for table in page.find_tables()]
        page.close()
    except Exception:
        return None
    return out


def _caption(page: Any, table: Any) -> str:
    """The line above a table when it begins with Table."""
    x0, top, x1, _ = table.bbox
    above = page.crop((max(0, x0 - 20), max(0, top - 45), min(page.width, x1 + 20), max(1, top))).extract_text() or ""
    match = re.search(r"(?:Table|TABLE|Tab\.)\s*\d*.*", above, re.DOTALL)
    return " ".join(match.group().split()) if match else ""


def _paragraphs(text: str) -> list[str]:
    """Lines of a page joined to paragraphs: a break after a line that ends a sentence and is short, or at a blank line; words parted at a line end are joined."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    longest = sorted(len(line) for line in lines if line)[-max(1, len(lines) // 4) :][0] if any(lines) else 0
    out: list[str] = []
    now = ""
    for line in lines:
        if not line.strip():
            if now:
                out.append(now)
            now = ""
            continue
        joined = now.removesuffix("\ufffe").removesuffix("\u00ad") if now.endswith(("\ufffe", "\u00ad")) else f"{now} " if now else ""
        if now.endswith("-") and re.search(r"[a-z]{3}-$", now) and re.match(r"[a-z]{2}", line) and "," not in line[:4]:
            joined = now if re.search(r"[\d)\]]|yl-$|oxy-$", now[-12:]) else now[:-1]
        now = joined + line.strip()
        if line.endswith((".", ":")) and len(line) < 0.8 * longest:
            out.append(now)
            now = ""
    return [*out, now] if now else out
