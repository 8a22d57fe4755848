"""Documents to blocks of text and tables: plain text in any usual encoding, HTML, XML (JATS articles, USPTO patents), PDF. Sizes are bounded; nothing in a document is run or fetched."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import frozen

from chemwright.errors import InputError, did_you_mean

MAX_BYTES = 60_000_000
MAX_FIELD = 200_000
MAX_BLOCKS = 50_000
SUFFIXES = (".pdf", ".txt", ".text", ".md", ".html", ".htm", ".xhtml", ".xml", ".nxml")


@frozen
class Block:
    """A paragraph.

    Args:
        text: white space made single.
        start: its first character in the document's text.
        page: from 1, or 0.
        heading: the heading above it, or empty.
    """

    text: str
    start: int = 0
    page: int = 0
    heading: str = ""


@frozen
class Grid:
    """A table.

    Args:
        rows: cells as text, header rows first, every row as long as the longest.
        caption: title of the table, or empty.
        page: from 1, or 0.
    """

    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    page: int = 0


@frozen
class Note:
    """What was passed over while a document was read.

    Args:
        what: ``text``, ``tables`` or ``procedures``.
        pages: the pages it is about, as ``3, 7-9``; empty where a document has none.
        why: why it was passed over.
        fix: what to do about it.
    """

    what: str
    pages: str
    why: str
    fix: str

    def __str__(self) -> str:
        """One line."""
        where = f" on page{'s' if ',' in self.pages or '-' in self.pages else ''} {self.pages}" if self.pages else ""
        return f"{self.what}{where} not read: {self.why}; {self.fix}"


def page_list(pages: Iterable[int]) -> str:
    """Page numbers as text, runs of them drawn together: ``3, 7-9``."""
    runs: list[list[int]] = []
    for n in sorted(set(pages)):
        if runs and n == runs[-1][1] + 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


@frozen
class Document:
    """What a file holds.

    Args:
        name: title to name it by.
        digest: SHA-256 (hex) of its bytes.
        blocks: paragraphs in order; the document's text is these joined by two line ends.
        tables: tables in order.
        notes: what was passed over.
    """

    name: str
    digest: str
    blocks: tuple[Block, ...]
    tables: tuple[Grid, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def text(self) -> str:
        """All paragraphs; offsets of blocks and evidence count in it."""
        return "\n\n".join(b.text for b in self.blocks)


def document(name: str, digest: str, blocks: list[Block], tables: list[Grid], notes: Sequence[Note] = ()) -> Document:
    """A document with its offsets counted; an overlong paragraph is cut into pieces.

    Raises:
        InputError: more than 50,000 paragraphs.
    """
    out: list[Block] = []
    start = 0
    for block in blocks:
        clean = " ".join(block.text.split())
        for at in range(0, len(clean), MAX_FIELD):
            piece = clean[at : at + MAX_FIELD]
            out.append(Block(piece, start, block.page, block.heading[:300]))
            start += len(piece) + 2
        if len(out) > MAX_BLOCKS:
            raise InputError(f"more than {MAX_BLOCKS} paragraphs", where=name, fix="split the file")
    grids = [Grid(tuple(tuple(" ".join(c.split())[:2000] for c in row) for row in t.rows), " ".join(t.caption.split())[:500], t.page) for t in tables if len(t.rows) > 1]
    return Document(name, digest, tuple(b for b in out if b.text), tuple(_square(g) for g in grids), tuple(notes))


def _square(grid: Grid) -> Grid:
    width = max(len(r) for r in grid.rows)
    return Grid(tuple(r + ("",) * (width - len(r)) for r in grid.rows), grid.caption, grid.page)


def read_document(source: Path | str, name: str = "") -> Document:
    """Read a file (:class:`~pathlib.Path`) or a text (``str``).

    Raises:
        InputError: missing, empty, too big (60 MB), of an unknown kind, undecodable or hostile (XML entities), or a text that is a file name.
        MissingExtra: a PDF without ``chemwright[mine]``.
    """
    if isinstance(source, str):
        return _from_text(source, name or "text")
    data = _bytes(source)
    title, suffix = name or source.name, source.suffix.lower()
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith(b"%PDF-") or suffix == ".pdf":
        from chemwright.knowledge.mining.pdf import read_pdf

        return document(title, digest, *read_pdf(data, title))
    if suffix not in SUFFIXES:
        raise InputError(f"files of kind {suffix or 'no suffix'!r} are not read", where=source.name, fix="give a .pdf, .txt, .html or .xml file")
    text = decode(data, source.name)
    if suffix in (".html", ".htm", ".xhtml") or re.match(r"\s*(?:<!doctype html|<html)", text, re.IGNORECASE):
        from chemwright.knowledge.mining.markup import read_html

        return document(title, digest, *read_html(text, source.name))
    if suffix in (".xml", ".nxml"):
        from chemwright.knowledge.mining.markup import read_xml

        return document(title, digest, *read_xml(data, source.name))
    return document(title, digest, _paragraphs(text), [])


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InputError("is a folder, a file is expected", where=str(path), fix="name the file in it")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{size / 1e6:.0f} MB, at most {MAX_BYTES / 1e6:.0f} MB expected", where=path.name, fix="split the file")
        data = path.read_bytes()
    except FileNotFoundError:
        near = [p.name for p in sorted(path.parent.glob("*"))[:500]] if path.parent.is_dir() else []
        raise InputError("file not found", where=str(path), fix=did_you_mean(path.name, near) or "check the path") from None
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=str(path), fix="check the path and the rights to it") from None
    if not data.strip():
        raise InputError("the file is empty", where=path.name, fix="give a file with text")
    return data


def _from_text(text: str, name: str) -> Document:
    if "\n" not in text and len(text) < 300 and text.strip().lower().endswith(SUFFIXES) and " " not in text.strip():
        raise InputError(f"{text.strip()!r} looks like a file name, a text is expected", fix="give a pathlib.Path to read a file")
    if not text.strip():
        raise InputError("the text is empty", where=name, fix="give a text to mine")
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        raise InputError(f"{len(data) / 1e6:.0f} MB, at most {MAX_BYTES / 1e6:.0f} MB expected", where=name, fix="split the text")
    return document(name, hashlib.sha256(data).hexdigest(), _paragraphs(text), [])


def _paragraphs(text: str) -> list[Block]:
    """Paragraphs parted by blank lines; a short line without full stop is the heading of what follows."""
    out, heading = [], ""
    for piece in re.split(r"\n[ \t\r]*\n|\f", text.replace("\r\n", "\n")):
        clean = " ".join(piece.split())
        if not clean:
            continue
        if len(clean) < 120 and not clean.endswith((".", ";", ":")) and len(clean.split()) < 14:
            heading = clean
        out.append(Block(clean, heading="" if heading == clean else heading))
    return out


def decode(data: bytes, where: str) -> str:
    """Bytes as text: by byte order mark, by declaration, as UTF-8, else as GB 18030 when that gives Chinese text, else as Windows-1252.

    Raises:
        InputError: a binary file.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _strict(data, encoding, where)
    nulls = data[:4000].count(0)
    if nulls:
        even, odd = data[:4000:2].count(0), data[1:4000:2].count(0)
        if nulls > len(data[:4000]) // 4 and min(even, odd) * 8 < max(even, odd):
            return _strict(data, "utf-16-be" if even > odd else "utf-16-le", where)
        raise InputError("a binary file, text expected", where=where, fix="give a .pdf, .txt, .html or .xml file")
    if declared := re.search(rb"(?:charset|encoding)\s*=\s*[\"']?([A-Za-z0-9_\-]{2,20})", data[:2000]):
        name = declared.group(1).decode("ascii").lower()
        if name in ("utf-8", "utf8", "gbk", "gb2312", "gb18030", "iso-8859-1", "windows-1252", "latin-1", "us-ascii", "big5", "shift_jis", "iso-8859-15"):
            try:
                return data.decode({"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252"}.get(name, name))
            except UnicodeDecodeError:
                pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _paired(data):
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return data.decode("cp1252", "replace")


def _paired(data: bytes) -> bool:
    """Whether most bytes above 127 stand in pairs, as in Chinese text and not in Western text of an old code page."""
    high = re.findall(rb"[\x81-\xfe]+", data[:200_000])
    total = sum(map(len, high))
    return total >= 4 and sum(len(run) for run in high if len(run) >= 2) > 0.8 * total


def _strict(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(f"not {encoding.upper()} text, though it begins so", where=where, fix="save the file anew as UTF-8") from None
