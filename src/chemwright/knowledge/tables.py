"""Measured runs from a CSV file with units in its header, checked cell by cell and converted to SI."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import frozen

from chemwright.errors import InputError, UnitError, did_you_mean, near_misses
from chemwright.knowledge.cells import read_lines, read_number
from chemwright.knowledge.files import read_any_text
from chemwright.quantity.units import factor, parse_unit, registry

TARGETS = {
    "residence_time": "s", "time": "s", "equivalents": "1", "concentration": "mol/m^3", "temperature": "K", "e_factor": "1",
    "yield": "1", "conversion": "1", "flow": "m^3/s", "volume": "m^3",
}  # fmt: skip
_NOT_NEGATIVE = frozenset({"residence_time", "time", "equivalents", "concentration", "e_factor", "flow", "volume"})
_FRACTIONS = frozenset({"yield", "conversion"})
_HEAD = re.compile(r"^(?P<name>[^\[\]]*?)\s*\[(?P<unit>[^\[\]]*)\]$")


@frozen
class Table:
    """Runs in SI.

    Args:
        columns: names of the conditions, in the file's order, the response apart.
        units_si: SI unit of each column.
        rows: shape (n, len(columns)).
        response: name of the measured column.
        response_unit: its SI unit.
        values: measured values, shape (n,).
        row_numbers: line of the file each run stands on (the header is line 1), shape (n,).
        notes: what was assumed in reading: an encoding that is not UTF-8, decimal commas.
    """

    columns: tuple[str, ...]
    units_si: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    response: str
    response_unit: str
    values: tuple[float, ...]
    row_numbers: tuple[int, ...]
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> tuple[float, ...]:
        """One condition's values in SI, shape (n,).

        Raises:
            InputError: no such column, with near misses.
        """
        if name not in self.columns:
            raise InputError(f"no column {name!r} in the table", fix=did_you_mean(name, self.columns))
        index = self.columns.index(name)
        return tuple(row[index] for row in self.rows)


@frozen
class _Column:
    """A header cell read: name, unit as written, SI unit, and the way there."""

    name: str
    unit: str
    target: str
    scale: float
    offset: float


def read_runs(path: str | Path, response: str, *, required: Sequence[str] = ()) -> Table:
    """Read measured runs, for example with the header ``residence_time [min],temperature [degC],e_factor [-]``.

    Args:
        path: CSV file of at most 20 MB in UTF-8, UTF-16 with byte order mark or GB18030; columns parted by commas, semicolons or tabs (see
            :mod:`chemwright.knowledge.cells`). What had to be assumed is said in the table's notes.
        response: name of the measured column.
        required: names of conditions that must be there.

    Raises:
        InputError: file missing, empty, too big or in another encoding; a column missing, doubled, or with a missing, unknown or
            wrong-dimension unit; a cell that is empty, not a finite number or out of range; two rows alike in all columns.
            File, line, column, expected unit and mend are named.
    """
    name = Path(path).name
    text, encoding = read_any_text(Path(path))
    lines, decimals = read_lines(text, name)
    header = lines[0][1]
    columns = [_column(cell, f"{name}, header, column {i}") for i, cell in enumerate(header, start=1)]
    names = [c.name for c in columns]
    for i, key in enumerate(names):
        if key in names[:i]:
            raise InputError(f"column {key!r} occurs twice", where=f"{name}, header", fix="keep one of them")
    for wanted in (response, *required):
        if wanted not in names:
            unit = TARGETS.get(wanted, "1").replace("mol/m^3", "mol/L")
            raise InputError(
                f"no column {wanted!r} (for example '{wanted} [{unit}]'); the file has {', '.join(names)}",
                where=name,
                fix=did_you_mean(wanted, names) if near_misses(wanted, names) else f"add the column {wanted!r}",
            )
    if len(names) < 2:
        raise InputError("the file holds the response only", where=name, fix="add the conditions of each run as columns")
    table = [(line, _row(cells, columns, f"{name}, row {line}")) for line, cells in lines[1:]]
    _no_copies(table, name)
    at = names.index(response)
    keep = [i for i in range(len(names)) if i != at]
    return Table(
        columns=tuple(names[i] for i in keep),
        units_si=tuple(columns[i].target for i in keep),
        rows=tuple(tuple(row[i] for i in keep) for _, row in table),
        response=response,
        response_unit=columns[at].target,
        values=tuple(row[at] for _, row in table),
        row_numbers=tuple(line for line, _ in table),
        notes=tuple(note for note in (encoding, decimals) if note),
    )


def _column(cell: str, where: str) -> _Column:
    """Read ``name [unit]`` and find its SI unit."""
    match = _HEAD.match(cell)
    name = (match.group("name") if match else re.split(r"[\[(]", cell)[0]).strip()
    target = TARGETS.get(name) or ("mol/m^3" if name.startswith("c_") else None)
    expected = f"a unit like {target!r}" if target not in (None, "1") else "a unit in brackets, '[-]' for none"
    if not name:
        raise InputError("a column has no name", where=where, fix="write 'name [unit]', for example 'temperature [degC]'")
    if match is None or not match.group("unit").strip():
        hint = target.replace("mol/m^3", "mol/L") if target not in (None, "1") else "-"
        raise InputError(f"column {cell!r} has no unit in square brackets", where=where, fix=f"write '{name} [{hint}]'" if target else f"write '{name} [unit]', '[-]' for none")
    unit = match.group("unit").strip()
    try:
        if target is None:
            target = _base_unit(unit, where)
        scale, offset = factor(unit, target, where)
    except UnitError as error:
        raise InputError(f"column {name!r}: {error.message}; expected {expected}", where=where, fix=error.fix) from None
    return _Column(name, unit, target, scale, offset)


def _base_unit(unit: str, where: str) -> str:
    """The unit in SI base units, as text that the unit parser reads."""
    base = registry().Quantity(1.0, parse_unit(unit, where)).to_base_units().units
    return f"{base:~C}".replace("**", "^") or "1"


def _row(cells: list[str], columns: list[_Column], where: str) -> tuple[float, ...]:
    """One run in SI."""
    if len(cells) != len(columns):
        hint = "a decimal comma makes one number into two: write a decimal point" if len(cells) > len(columns) else "fill every column"
        raise InputError(f"{len(cells)} cells, {len(columns)} expected", where=where, fix=hint)
    return tuple(_cell(cell, column, f"{where}, column {column.name!r}") for cell, column in zip(cells, columns, strict=True))


def _cell(cell: str, column: _Column, where: str) -> float:
    """One number in SI, checked."""
    value = read_number(cell, column.unit, where) * column.scale + column.offset
    if not math.isfinite(value):
        raise InputError(f"{cell!r} is not a finite number", where=where, fix="check the exponent")
    for wrong, expected in _RANGES:
        if wrong(column.name, value):
            raise InputError(f"{cell} {column.unit} is out of range, {expected} expected", where=where, fix="check the value and the unit in the header")
    return value


_RANGES: tuple[tuple[Callable[[str, float], bool], str], ...] = (
    (lambda name, value: (name in _NOT_NEGATIVE or name.startswith("c_")) and value < 0, "zero or more"),
    (lambda name, value: name == "temperature" and value <= 0, "an absolute temperature above 0 K"),
    (lambda name, value: name in _FRACTIONS and not -0.2 <= value <= 1.5, "a fraction from 0 to 1 (or per cent, with '[%]' in the header)"),
)


def _no_copies(table: list[tuple[int, tuple[float, ...]]], name: str) -> None:
    """Refuse rows alike in every column; runs alike in their conditions only are replicates and welcome."""
    seen: dict[tuple[float, ...], int] = {}
    for line, row in table:
        if row in seen:
            raise InputError(
                f"row {line} repeats row {seen[row]} in all columns", where=f"{name}, row {line}", fix="delete one; true replicates carry another column, such as 'replicate [-]'"
            )
        seen[row] = line
