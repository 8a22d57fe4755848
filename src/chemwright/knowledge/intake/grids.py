"""Wells and grids of plates: 24 to 1536 wells, one grid for each factor of a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from chemwright.errors import InputError, did_you_mean

FORMATS = {96: (8, 12), 384: (16, 24), 1536: (32, 48), 24: (4, 6), 48: (6, 8)}
_WELL = re.compile(r"([A-Z]{1,2})0*([1-9]\d?)", re.I)


def well(text: str, wells: int = 1536, where: str = "") -> str:
    """``A1`` for ``a01``; rows after Z are ``AA`` to ``AF``.

    Raises:
        InputError: no well of such a plate.
    """
    match = _WELL.fullmatch(text.strip())
    rows, columns = FORMATS[wells]
    if match is None or not 1 <= int(match[2]) <= columns or not 0 <= row_number(match[1]) < rows:
        raise InputError(f"{text[:20]!r} is no well of a plate of {wells}", where=where, fix=f"wells go from A1 to {row_letters(rows - 1)}{columns}")
    return f"{match[1].upper()}{int(match[2])}"


def row_letters(index: int) -> str:
    """``A`` for row 0, ``AA`` for row 26."""
    return chr(65 + index) if index < 26 else "A" + chr(65 + index - 26)


def row_number(letters: str) -> int:
    """0 for row ``A``, 26 for ``AA``."""
    up = letters.upper()
    return ord(up) - 65 if len(up) == 1 else 26 * (ord(up[0]) - 64) + ord(up[1]) - 65


def read_grids(rows: Iterable[Sequence[str]], where: str = "plate") -> tuple[dict[str, dict[str, str]], int]:
    """Grids of a sheet: blocks headed by the factor's name beside the column numbers 1, 2, 3 ..., rows A, B, C ... below.

    Args:
        rows: cells of the sheet from its first row on.
        where: place to name in an error.

    Returns:
        factor to well to cell (blank cells left out), and the number of wells of the smallest plate format that holds them all.

    Raises:
        InputError: no grid, a factor that occurs twice, a row that is doubled, or cells beyond any plate.
    """
    out: dict[str, dict[str, str]] = {}
    name, columns = "", []
    seen: set[str] = set()
    rows_needed = columns_needed = 0
    for line, cells in enumerate(rows, start=1):
        cells = [str(c).strip() for c in cells]
        head = _column_numbers(cells[1:])
        if head:
            name, columns, seen = cells[0] or "value", head, set()
            if name in out:
                raise InputError(f"the grid {name[:60]!r} occurs twice", where=f"{where}, row {line}", fix="name each grid by its factor, one plate for each sheet")
            out[name] = {}
        elif name and cells and re.fullmatch(r"[A-Za-z]|A[A-Fa-f]", cells[0]):
            letters = cells[0].upper()
            if letters in seen:
                raise InputError(f"row {letters} occurs twice in the grid {name[:60]!r}", where=f"{where}, row {line}", fix="delete or rename one")
            seen.add(letters)
            for column, cell in zip(columns, cells[1:], strict=False):
                if cell:
                    out[name][f"{letters}{column}"] = cell
            rows_needed, columns_needed = max(rows_needed, row_number(letters) + 1), max(columns_needed, *columns)
        elif any(cells):
            name = ""
    if not out:
        raise InputError("no grid was found", where=where, fix="head each grid by 'factor, 1, 2, 3, ...' and begin its rows with A, B, C, ...")
    fitting = [n for n in (96, 384, 1536) if FORMATS[n][0] >= rows_needed and FORMATS[n][1] >= columns_needed]
    if not fitting:
        raise InputError(f"{rows_needed} rows and {columns_needed} columns fit no plate", where=where, fix="the largest plate has 32 rows and 48 columns")
    return out, fitting[0]


def _column_numbers(cells: Sequence[str]) -> list[int]:
    """1, 2, 3 ... when that is what the cells are."""
    filled = [c for c in cells if c]
    numbers = [int(float(c)) for c in filled if re.fullmatch(r"\d{1,2}(\.0)?", c)]
    return numbers if len(numbers) == len(filled) and len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) else []


def wells_of_grids(grids: Mapping[str, Mapping[str, str]], factors: Iterable[str] | None = None) -> list[dict[str, str]]:
    """One row for each well that any grid fills, as a list would hold it: ``{"well": "A1", "base": ...}``.

    Args:
        grids: from :func:`read_grids`.
        factors: names of the grids wanted; all of them when None.

    Raises:
        InputError: a factor without its grid, with near misses.
    """
    wanted = list(grids) if factors is None else list(factors)
    for name in wanted:
        if name not in grids:
            raise InputError(f"no grid {name[:60]!r}", where="plate", fix=did_you_mean(name, list(grids)))
    names = sorted({w for name in wanted for w in grids[name]}, key=lambda w: (row_number(re.sub(r"\d", "", w)), int(re.sub(r"\D", "", w))))
    return [{"well": w} | {name: grids[name].get(w, "") for name in wanted} for w in names]
