"""A table of runs as text: which character parts the columns, which the decimals, and what a cell that is no number is instead."""

from __future__ import annotations

import csv
import math
import re

from chemwright.errors import InputError

MAX_COLUMNS = 200
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)
_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_FORMULA = re.compile(r"=|[+@-]\s*[A-Za-z$(]")
_ERROR = re.compile(r"#(?:DIV/0!|REF!|VALUE!|N/A|NAME\?|NUM!|NULL!|SPILL!|#+)", re.I)

Line = tuple[int, list[str]]


def read_lines(text: str, name: str) -> tuple[list[Line], str]:
    """Header and rows as cells with their line numbers; blank lines are passed over.

    Columns are parted by commas, or, where the header has none, by semicolons or tabs, as spreadsheet programs of other countries
    write them; a first line ``sep=;`` counts. Only then a decimal comma can be told from the end of a cell.

    Returns:
        The lines, cells stripped, decimal commas made points; and a note when there were any, else empty.

    Raises:
        InputError: not readable as CSV, no header, no runs, too many columns, or commas that could mean two things.
    """
    split = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(split) if line.strip()), 0)
    mark = split[first].strip() if split else ""
    if re.fullmatch(r"sep=[,;\t]?", mark, re.I):
        separator, skip = mark[4:] or "\t", first + 1
    else:
        separator, skip = next((s for s in ",;\t" if s in mark), ","), 0
    out: list[Line] = []
    reader = csv.reader(split[skip:], delimiter=separator, strict=True)
    try:
        for cells in reader:
            if any(c.strip() for c in cells):
                out.append((skip + reader.line_num, [c.strip() for c in cells]))
                if len(out) == 1:
                    _check_header(cells, name)
    except csv.Error as error:
        raise InputError(f"not a readable CSV file: {error}", where=f"{name}, row {skip + reader.line_num}", fix="check the quotation marks on this line") from None
    if not out:
        raise InputError("the file is empty", where=name, fix="give a header with units and one row for each run")
    if len(out) == 1:
        raise InputError("the file has a header and no runs", where=name, fix="add one row for each run")
    return (out, "") if separator == "," else _pointed(out, name)


def _check_header(cells: list[str], name: str) -> None:
    if len(cells) > MAX_COLUMNS:
        raise InputError(f"{len(cells)} columns, at most {MAX_COLUMNS} expected", where=f"{name}, header", fix="keep the conditions and the response")
    if len(cells) == 1 and (found := re.search(r"[\uff0c\uff1b\u3001|]", cells[0])):
        raise InputError(f"the columns are parted by {found.group()!r}, commas expected", where=f"{name}, header", fix="save as comma-separated CSV with decimal points")


def _pointed(lines: list[Line], name: str) -> tuple[list[Line], str]:
    """The lines with decimal commas made points, where all of them can be nothing else."""
    commas = [(row, cell) for row, cells in lines[1:] for cell in cells if _COMMA.fullmatch(cell)]
    if not commas:
        return lines, ""
    row, cell = commas[0]
    points = [(r, c) for r, cells in lines[1:] for c in cells if _POINT.fullmatch(c)]
    if points:
        raise InputError(
            f"{cell!r} has a decimal comma, {points[0][1]!r} on row {points[0][0]} a point", where=f"{name}, row {row}", fix="use one of them throughout: decimal points"
        )
    if all(_THOUSANDS.fullmatch(c) for _, c in commas):
        meant = (cell.replace(",", "."), cell.replace(",", ""))
        raise InputError(f"{cell!r} could be {meant[0]} or {meant[1]}", where=f"{name}, row {row}", fix=f"write {meant[0]!r} or {meant[1]!r}")
    out = lines[:1] + [(r, [c.replace(",", ".") if _COMMA.fullmatch(c) else c for c in cells]) for r, cells in lines[1:]]
    return out, f"{name} has decimal commas: {cell} on row {row} is read as {cell.replace(',', '.')}"


def read_number(cell: str, unit: str, where: str) -> float:
    """The number in a cell.

    Args:
        cell: its text, stripped.
        unit: of the column, for the message.
        where: file, row and column.

    Raises:
        InputError: empty, a formula, a spreadsheet's error, a text, or not finite.
    """
    wanted = "a number without unit" if unit in ("-", "1") else f"a number in {unit}"
    if not cell:
        raise InputError(f"empty cell, {wanted} expected", where=where, fix="fill in the value or delete the row")
    shown = cell if len(cell) <= 60 else cell[:57] + "..."
    if _NUMBER.fullmatch(cell):
        value = float(cell)
        if not math.isfinite(value):
            raise InputError(f"{shown!r} is not a finite number", where=where, fix="check the exponent")
        return value
    if _COMMA.fullmatch(cell):
        raise InputError(f"{shown!r} has a decimal comma", where=where, fix=f"write {shown.replace(',', '.')!r}")
    fix = "write digits with a decimal point, without unit, or delete the row"
    what = "is not a number"
    if re.fullmatch(r"[+-]?(nan|inf|infinity)", cell, re.I):
        what = "is not a finite number"
    elif _ERROR.fullmatch(cell):
        what, fix = "is a spreadsheet's error, not a number", "mend the formula there, save as CSV again, or delete the row"
    elif _FORMULA.match(cell):
        what, fix = "is a formula, not a number", "in the spreadsheet copy the column, paste it as values, and save as CSV again"
    raise InputError(f"{shown!r} {what}, {wanted} expected", where=where, fix=fix)
