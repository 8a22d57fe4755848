"""PDF to paragraphs and tables: text by pypdfium2 (Apache/BSD), ruled tables by pdfplumber (MIT); both come with ``chemwright[mine]``."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

from chemwright.errors import InputError, MissingExtra
from chemwright.knowledge.mining.documents import Block, Grid

MAX_PAGES = 2000
MAX_TABLE_PAGES = 300


def read_pdf(data: bytes, where: str) -> tuple[list[Block], list[Grid]]:
    """Paragraphs and tables of a PDF, with their pages. Scanned pages have no text and give nothing.

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
    blocks: list[Block] = []
    try:
        for number in range(pages):
            page = pdf[number]
            text_page = page.get_textpage()
            blocks += [Block(p, page=number + 1) for p in _paragraphs(text_page.get_text_bounded())]
            text_page.close()
            page.close()
    finally:
        pdf.close()
    if not blocks:
        raise InputError("the PDF has no text (scanned pages?)", where=where, fix="run it through text recognition first")
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    return blocks, _tables(pdfplumber, data)


def _tables(pdfplumber: Any, data: bytes) -> list[Grid]:
    """Ruled tables of the first pages; a page whose layout the library can't take is passed over."""
    out: list[Grid] = []
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            for number, page in enumerate(pdf.pages[:MAX_TABLE_PAGES], start=1):
                try:
                    found = page.find_tables()
                    for table in found:
                        rows = tuple(tuple(c or "" for c in row) for row in table.extract())
                        out.append(Grid(rows, _caption(page, table), number))
                except Exception:  # broken fonts and the like; the text was read by the other library
                    continue
                page.close()
    except Exception:
        return out
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
