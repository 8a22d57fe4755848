"""Workbooks, with their bounds checked before anything is unpacked: entries, sizes, ratio; formulas are refused, the cell named."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from chemwright.errors import InputError, MissingExtra, did_you_mean
from chemwright.knowledge.intake.blocks import MAX_COLUMNS, MAX_FIELD, Block, Reject

MAX_ENTRIES = 2000
MAX_UNPACKED = 1 << 29
MAX_RATIO = 300
ROWS = 10_000


def check_archive(path: Path) -> None:
    """Refuse an archive that would unpack to more than it may.

    Raises:
        InputError: not a workbook, too many entries, over 512 MB unpacked, or packed over 300 to 1.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            items = archive.infolist()
            declared = [i.filename for i in items[:MAX_ENTRIES] if i.filename.endswith((".xml", ".rels")) and b"<!" in archive.open(i).read(2000).replace(b"<!--", b"")]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        raise InputError("is no XLSX workbook, or is damaged", where=path.name, fix="save it anew as XLSX, or as CSV UTF-8") from None
    unpacked = sum(i.file_size for i in items)
    worst = max((i.file_size / max(i.compress_size, 1) for i in items if i.file_size > 1 << 20), default=0.0)
    if len(items) > MAX_ENTRIES or unpacked > MAX_UNPACKED or worst > MAX_RATIO:
        raise InputError(
            f"unpacks to {unpacked / 2**20:,.0f} MB in {len(items)} parts, packed up to {worst:.0f} to 1",
            where=path.name,
            fix=f"at most {MAX_UNPACKED >> 20} MB, {MAX_ENTRIES} parts and {MAX_RATIO} to 1 are read; save the table as CSV",
        )
    if declared:
        raise InputError(
            f"declares a document type in {declared[0][:60]!r}, which no spreadsheet program does", where=path.name, fix="don't trust this file; ask its sender for CSV"
        )
    if not any(i.filename == "xl/workbook.xml" for i in items):
        raise InputError("is an archive, but no XLSX workbook", where=path.name, fix="save the table as XLSX or CSV")


def _open(path: Path) -> Any:
    check_archive(path)
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("XLSX needs openpyxl", where=path.name, fix="pip install 'chemwright[exchange]', or save the table as CSV") from None
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl leaves out don't matter for numbers
            return openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # a damaged workbook raises many kinds
        raise InputError(f"can't be read as a workbook: {str(error)[:150]}", where=path.name, fix="save it anew as XLSX, or as CSV UTF-8") from None


def sheets(path: Path) -> tuple[str, ...]:
    """Names of the worksheets."""
    book = _open(path)
    try:
        return tuple(s.title for s in book.worksheets)
    finally:
        book.close()


def read_header(path: Path, sheet: str = "") -> tuple[str, list[str]]:
    """Name of the sheet and the cells of its first row.

    Raises:
        InputError: no such sheet (near misses), no rows, or a formula in the header. MissingExtra: openpyxl is not there.
    """
    book = _open(path)
    try:
        names = [s.title for s in book.worksheets]
        if sheet and sheet not in names:
            raise InputError(f"no sheet {sheet[:60]!r}", where=path.name, fix=did_you_mean(sheet, names) or "known: " + ", ".join(names[:20]))
        if not names:
            raise InputError("the workbook has no worksheet", where=path.name, fix="save the table as XLSX or CSV")
        chosen = sheet or names[0]
        for row in book[chosen].iter_rows(max_row=1, max_col=MAX_COLUMNS + 1):
            return chosen, [_cell(c, path.name)[0] for c in row]
        raise InputError("the sheet is empty", where=f"{path.name}, sheet {chosen!r}", fix="begin it with a header row")
    finally:
        book.close()


def xlsx_blocks(path: Path, sheet: str, width: int) -> Iterator[Block]:
    """Rows of a sheet; rows with a formula, an error or an overlong cell are handed out as rejects.

    Raises:
        InputError: not a workbook that can be read.
    """
    book = _open(path)
    try:
        rows: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for at, row in enumerate(book[sheet].iter_rows(min_row=2, max_col=width), start=2):
            cells = [_cell(c, path.name) for c in row] + [("", "")] * (width - len(row))
            bad = next(((i, what) for i, (_, what) in enumerate(cells) if what), None)
            texts = [t for t, _ in cells]
            if bad:
                rejects.append(Reject(at, f"{_letters(bad[0])}{at}", bad[1], "paste the cells as values", tuple(texts)))
            elif any(t.strip() for t in texts):
                rows.append(texts)
                numbers.append(at)
            if len(rows) >= ROWS:
                yield _block(rows, numbers, rejects)
                rows, numbers, rejects = [], [], []
        if rows or rejects:
            yield _block(rows, numbers, rejects, width)
    finally:
        book.close()


def _block(rows: list[list[str]], numbers: list[int], rejects: list[Reject], width: int = 0) -> Block:
    import pyarrow as pa

    columns = tuple(pa.array(c, pa.string()) for c in zip(*rows)) if rows else tuple(pa.array([], pa.string()) for _ in range(width))
    return Block(columns, np.asarray(numbers, dtype=np.int64), tuple(rejects))


def _cell(cell: Any, where: str) -> tuple[str, str]:
    """Text of a cell, and what is wrong with it."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
        return str(value)[:2000], f"a formula {str(value)[:60]!r}, a value expected"
    if cell.data_type == "e":
        return str(value), f"an error {value!r}, a value expected"
    if isinstance(value, bool):
        return ("true" if value else "false"), ""
    if isinstance(value, float):
        return (repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)), ""
    if isinstance(value, datetime | date):
        return value.isoformat(), ""
    text = str(value)
    return (text, "") if len(text) <= MAX_FIELD else (text[:2000], f"a field of {len(text):,} characters, at most {MAX_FIELD:,} expected")


def _letters(index: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    out = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        out = chr(65 + rest) + out
    return out
