"""CSV in streaming blocks through Arrow: any encoding, rows of another length and fields that are too long named by row."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chemwright.errors import InputError
from chemwright.knowledge.intake.blocks import MAX_FIELD, Block, Reject
from chemwright.knowledge.intake.encoding import Format

BLOCK_BYTES = 4 << 20
_UTF8 = ("utf-8", "utf-8-sig", "ascii")


def read_csv_header(path: Path, form: Format) -> list[str]:
    """The cells of the first row.

    Raises:
        InputError: not text of that encoding, or a first row over 1 MB.
    """
    with path.open("rb") as stream:
        head = stream.read(1 << 20)
    text = codecs.getincrementaldecoder(form.encoding)("replace").decode(head)
    line = next((x for x in text.splitlines() if x.strip()), "")
    if len(head) == 1 << 20 and "\n" not in text and "\r" not in text:
        raise InputError("the first row is over 1 MB long", where=f"{path.name}, row 1", fix="give one row for each number, parted by line ends")
    if not text.splitlines() or not text.splitlines()[0].strip():
        raise InputError("the first row is empty", where=f"{path.name}, row 1", fix="begin the file with its header")
    if len(line) > MAX_FIELD:
        raise InputError(f"the first row has {len(line):,} characters", where=f"{path.name}, row 1", fix="begin the file with its header")
    return next(csv.reader([line], delimiter=form.delimiter))


def csv_blocks(path: Path, form: Format, header: tuple[str, ...], block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Rows of a CSV file; blank lines are left out, rows of another length handed out as rejects.

    Raises:
        InputError: bytes that are not text of the encoding, a field over the block size, a quotation that never ends.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow

    odd: list[tuple[int, Reject]] = []

    def uneven(row: Any) -> str:
        if row.text.strip():
            what = f"{row.actual_columns} cells, {row.expected_columns} expected"
            mend = 'put text that holds the delimiter in "quotes"; a decimal comma makes one number into two' if row.actual_columns > row.expected_columns else "fill every column"
            odd.append((row.number, Reject(row.number, "", what, mend, (row.text[:2000],))))
        else:
            odd.append((row.number, Reject(row.number, "", "")))
        return "skip"

    utf8 = form.encoding in _UTF8
    names = [f"c{i}" for i in range(len(header))]
    kind = pa.binary() if utf8 else pa.string()
    options = {
        "read_options": arrow.ReadOptions(use_threads=False, block_size=block_bytes, column_names=names, skip_rows=1, encoding="utf8" if utf8 else form.encoding),
        "parse_options": arrow.ParseOptions(delimiter=form.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=uneven),
        "convert_options": arrow.ConvertOptions(check_utf8=not utf8, column_types=dict.fromkeys(names, kind), strings_can_be_null=False, quoted_strings_can_be_null=False),
    }
    row, last = 2, None
    try:
        with path.open("rb") as stream, arrow.open_csv(pa.PythonFile(stream, mode="r"), **options) as reader:
            for batch in reader:
                rows, row, odd, told = _numbered(batch.num_rows, row, odd)
                last = _block(batch, rows, told, header, utf8)
                yield last
    except (pa.ArrowInvalid, UnicodeError, pa.ArrowKeyError) as error:
        raise _plain(error, path, form, row, block_bytes) from None
    if odd:
        told = tuple(r for _, r in odd if r.message)
        if told:
            yield Block(tuple(pa.array([], pa.string()) for _ in header), np.zeros(0, dtype=np.int64), told)
    if last is not None and len(last):
        _closed(last, path, utf8)


def _numbered(count: int, row: int, odd: list[tuple[int, Reject]]) -> tuple[np.ndarray, int, list[tuple[int, Reject]], tuple[Reject, ...]]:
    """Row numbers of a block that begins at ``row``, next row, odd rows further on, and the rejects met within."""
    numbers: list[np.ndarray] = []
    told: list[Reject] = []
    left = count
    for k, (at, reject) in enumerate(odd):
        if at - row > left:
            odd = odd[k:]
            break
        numbers.append(np.arange(row, at))
        left -= at - row
        row = at + 1
        if reject.message:
            told.append(reject)
    else:
        odd = []
    numbers.append(np.arange(row, row + left))
    return np.concatenate(numbers), row + left, odd, tuple(told)


def _block(batch: Any, rows: np.ndarray, told: tuple[Reject, ...], header: tuple[str, ...], utf8: bool) -> Block:
    """The block with its columns as text; blank rows, overlong fields and bytes that are not UTF-8 taken out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns, rejects = list(batch.columns), list(told)
    keep = np.ones(len(rows), dtype=bool)
    for i, column in enumerate(columns):
        if len(column) and (pc.max(pc.binary_length(column)).as_py() or 0) > MAX_FIELD:
            for k in np.flatnonzero(pc.binary_length(column).to_numpy(zero_copy_only=False) > MAX_FIELD):
                keep[k] = False
                rejects.append(
                    Reject(int(rows[k]), header[i], f"a field of {len(column[int(k)].as_py()):,} bytes, at most {MAX_FIELD:,} expected", "shorten it, or file it as an asset")
                )
        if utf8:
            try:
                columns[i] = column.cast(pa.string())
            except pa.ArrowInvalid:
                columns[i] = pa.array([_text(v) for v in column.to_pylist()], pa.string())
                for k in np.flatnonzero(columns[i].is_null().to_numpy(zero_copy_only=False)):
                    keep[k] = False
                    rejects.append(Reject(int(rows[k]), header[i], "not UTF-8 text", "save the file as CSV UTF-8, or name its encoding"))
                columns[i] = columns[i].fill_null("")
    blank = np.ones(len(rows), dtype=bool)
    for column in columns:
        blank &= pc.binary_length(column).to_numpy(zero_copy_only=False) == 0
    keep &= ~blank
    if not keep.all():
        mask = pa.array(keep)
        columns, rows = [c.filter(mask) for c in columns], rows[keep]
    return Block(tuple(columns), rows, tuple(sorted(rejects, key=lambda r: r.row)))


def _text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _closed(block: Block, path: Path, utf8: bool) -> None:
    """Refuse a quotation that runs to the end of the file and has swallowed rows."""
    final = block.cells(len(block) - 1)
    if utf8 and any(c.endswith(("\n", "\r")) and c.strip().count("\n") for c in final) and _quotes(path) % 2:
        raise InputError("a quotation mark opens and never closes", where=f"{path.name}, row {block.rows[-1]}", fix='close it with a second ", or double the mark inside a text')


def _quotes(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(part.count(b'"') for part in iter(lambda: stream.read(1 << 20), b""))


def _plain(error: Exception, path: Path, form: Format, row: int, block_bytes: int) -> InputError:
    """Arrow's error as ours."""
    said = str(error)
    if "straddl" in said:
        line, size = _longest(path, block_bytes)
        what = f"a row of {size / 2**20:.1f} MB" if size else "a row that does not end"
        return InputError(
            f"{what}, at most {block_bytes / 2**20:.0f} MB expected",
            where=f"{path.name}, row {line or row}",
            fix="shorten its fields, close a quotation mark, or file a long text as an asset",
        )
    if isinstance(error, UnicodeError) or "decode" in said or "UTF" in said:
        return InputError(
            f"not {form.encoding} text", where=f"{path.name}, after row {row - 1}", fix="name the right encoding (utf-8, utf-16, gb18030, cp1252), or save it as CSV UTF-8"
        )
    return InputError(f"can't be read as CSV: {said[:200]}", where=f"{path.name}, after row {row - 1}", fix="check delimiter and quotation marks there")


def _longest(path: Path, limit: int) -> tuple[int, int]:
    """Number and size of the first line over the limit; (0, 0) when there is none. Reads in bounded memory."""
    line, size = 1, 0
    with path.open("rb") as stream:
        while data := stream.read(1 << 20):
            pieces = data.split(b"\n")
            for k, piece in enumerate(pieces):
                size += len(piece)
                if k < len(pieces) - 1:
                    if size > limit // 2:
                        return line, size
                    line, size = line + 1, 0
    return (line, size) if size > limit // 2 else (0, 0)
