"""Tables as a stream of blocks of text columns, from CSV or XLSX, in bounded memory; rows that don't fit are handed out beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.intake.encoding import Format, sniff

MAX_COLUMNS = 1000
MAX_FIELD = 100_000
BATCH = 50_000


@frozen
class Reject:
    """A row that was not taken: its number in the file (the header is row 1), column, what is wrong, the fix, and its cells."""

    row: int
    column: str
    message: str
    fix: str = ""
    cells: tuple[str, ...] = ()


@frozen
class Block:
    """Rows of a table.

    Args:
        columns: one Arrow array of strings for each column, all of one length.
        rows: row numbers in the file, the header being row 1, shape (n,).
        rejects: rows met on the way that have no place in the columns.
    """

    columns: tuple[Any, ...]
    rows: np.ndarray = field(eq=False)
    rejects: tuple[Reject, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def cut(self, start: int, stop: int) -> Block:
        """Rows ``start`` to ``stop``, with the rejects only when they begin at 0."""
        return Block(tuple(c.slice(start, stop - start) for c in self.columns), self.rows[start:stop], self.rejects if start == 0 else ())

    def cells(self, i: int) -> tuple[str, ...]:
        """The cells of the i-th row."""
        return tuple(c[i].as_py() for c in self.columns)


@frozen
class TableFile:
    """A table to be read: where, how it is written, and its header.

    Args:
        path: CSV, TSV or XLSX file.
        format: of text; None for a workbook.
        header: names of the columns as written.
        sheet: of a workbook.
    """

    path: Path
    format: Format | None
    header: tuple[str, ...]
    sheet: str = ""

    @property
    def said(self) -> str:
        """How it is read, in words."""
        if self.format is None:
            return f"workbook, sheet {self.sheet!r}"
        parted = {"\t": "tab"}.get(self.format.delimiter, repr(self.format.delimiter))
        return f"{self.format.encoding} ({self.format.reason}), cells parted by {parted}, decimal {self.format.decimal!r}"

    def blocks(self) -> Iterator[Block]:
        """Its rows, block by block.

        Raises:
            InputError: what can't be read at all; row and column are named.
        """
        if self.format is None:
            from chemwright.knowledge.intake.xlsx import xlsx_blocks

            return xlsx_blocks(self.path, self.sheet, len(self.header))
        from chemwright.knowledge.intake.csvfile import csv_blocks

        return csv_blocks(self.path, self.format, self.header)

    def sample(self, rows: int = 200) -> list[tuple[str, ...]]:
        """Cells of the first rows."""
        for block in self.blocks():
            return [block.cells(i) for i in range(min(rows, len(block)))]
        return []


def open_table(path: str | Path, *, encoding: str = "", delimiter: str = "", decimal: str = "", sheet: str = "") -> TableFile:
    """A table with its header read and its format found.

    Args:
        path: ``.csv``, ``.tsv``, ``.txt`` or ``.xlsx``.
        encoding, delimiter, decimal: of text, where they are known.
        sheet: of a workbook; its first one when empty.

    Raises:
        InputError: no such file, empty, no header, a doubled or missing column name, another format. MissingExtra: XLSX without openpyxl.
    """
    file = Path(path)
    if not file.is_file():
        near = [p.name for p in sorted(file.parent.glob("*"))[:500]] if file.parent.is_dir() else []
        raise InputError("is a folder" if file.is_dir() else "file not found", where=str(file), fix=did_you_mean(file.name, near) or "check the path")
    if file.stat().st_size == 0:
        raise InputError("the file is empty", where=file.name, fix="give a header and one row for each number")
    if file.suffix.lower() in (".xlsx", ".xlsm"):
        from chemwright.knowledge.intake.xlsx import read_header

        name, header = read_header(file, sheet)
        return TableFile(file, None, checked_header(header, file.name), name)
    if file.suffix.lower() in (".xls", ".ods", ".zip", ".gz", ".pdf"):
        raise InputError(f"{file.suffix} files are not read as tables", where=file.name, fix="save the table as CSV UTF-8 or XLSX")
    from chemwright.knowledge.intake.csvfile import read_csv_header

    form = sniff(file, encoding=encoding, delimiter=delimiter, decimal=decimal)
    return TableFile(file, form, checked_header(read_csv_header(file, form), file.name))


def checked_header(cells: Sequence[str], where: str) -> tuple[str, ...]:
    """Column names, each there once; an empty name becomes ``column 3``.

    Raises:
        InputError: no name at all, over 1,000 columns, a name twice.
    """
    names = [" ".join(str(c).split()) for c in cells]
    while names and not names[-1]:
        names.pop()
    if not any(names) or len(names) > MAX_COLUMNS:
        raise InputError(f"a header of {len(names)} columns", where=f"{where}, row 1", fix=f"give 1 to {MAX_COLUMNS} column names in the first row")
    out = [n or f"column {i}" for i, n in enumerate(names, start=1)]
    for i, name in enumerate(out):
        if name in out[:i]:
            raise InputError(f"column {name[:60]!r} occurs twice", where=f"{where}, row 1", fix="rename one of them")
        if len(name) > 300:
            raise InputError(f"a column name of {len(name)} characters", where=f"{where}, row 1", fix="is the header missing? The first row names the columns")
    return tuple(out)


def batches(blocks: Iterator[Block], size: int = BATCH) -> Iterator[Block]:
    """The same rows in blocks of exactly ``size`` (the last may be shorter), so that part 3 of a file is always the same rows."""
    import pyarrow as pa

    held: list[Block] = []
    count = 0

    def joined() -> Block:
        columns = tuple(pa.concat_arrays(parts) for parts in zip(*(b.columns for b in held), strict=True))
        return Block(columns, np.concatenate([b.rows for b in held]), tuple(r for b in held for r in b.rejects))

    for block in blocks:
        held.append(block)
        count += len(block)
        while count >= size:
            whole = joined()
            yield whole.cut(0, size)
            held, count = [Block(*attrs_of(whole.cut(size, count)))], count - size
    if held and (count or any(b.rejects for b in held)):
        yield joined()


def attrs_of(block: Block) -> tuple[tuple[Any, ...], np.ndarray]:
    """Columns and row numbers of a block."""
    return block.columns, block.rows
