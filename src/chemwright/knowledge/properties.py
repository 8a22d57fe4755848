"""One property of the vocabulary, and the reading of a table of them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from attrs import field, fields, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.record.fields import filled, one_of, optional_number

KINDS = ("number", "category", "text")
SCALES = ("linear", "log")
SCATTER_KINDS = ("relative", "absolute")
CATEGORIES = (
    "thermophysics", "phase_equilibrium", "reaction", "catalysis", "fluid_flow", "heat_transfer", "mass_transfer", "interface", "particle", "material", "electrochemistry", "spectroscopy",
    "safety", "toxicity", "environment", "economics", "equipment", "plant", "quality",
)  # fmt: skip
# conditions that are words, not numbers, or that only their source defines; all others are properties themselves
CONDITIONS = (
    "atmosphere", "capacity", "composition", "cooling_rate", "heating_rate", "layer_thickness", "load", "loading", "medium", "package_size", "phase", "quantity", "region", "salinity", "scan_rate", "size",
    "solvent", "space_velocity", "species", "time_horizon",
)  # fmt: skip
PHASES = ("gas", "liquid", "solid")
_NUMBERS = ("low", "high", "low_usual", "high_usual", "scatter")
_SPLIT = {"conditions": " ", "phases": " ", "aliases": ";", "values": ";"}
_NEEDED = ("name", "unit", "description")


@frozen
class Property:
    """A property that claims may be about.

    Args:
        name: the field's term in snake_case, as in ``boiling_point``; a user's own has a group in front, ``group:name``.
        symbol: customary symbol, or empty.
        unit: SI unit of numbers; ``"1"`` for none.
        kind: ``number``, ``category`` (one of ``values``) or ``text``.
        low: smallest value that is possible at all, in ``unit``, or None.
        high: largest value that is possible at all, or None.
        low_usual: below this a value is suspicious, or None.
        high_usual: above this a value is suspicious, or None.
        scale: ``linear`` or ``log``: where scatter and slips of unit are judged.
        scatter: customary standard deviation between sources (an estimate), or None.
        scatter_kind: ``relative``, or ``absolute`` in ``unit`` (a difference, for temperatures).
        conditions: names of the conditions that the property depends on: properties, or out of :data:`CONDITIONS`.
        parent: name of the wider property this one is a kind of, or empty.
        category: one of :data:`CATEGORIES`.
        aliases: other names, unique over the vocabulary.
        zh: Chinese term.
        description: one sentence with definition and convention.
        values: allowed words of a category.
        dimension: powers of the base dimensions, as ``mass length^-3``; ``none`` for a pure number.
        phases: the :data:`PHASES` it is given for, or empty for any.

    Raises:
        InputError: an unknown kind, scale or category, or bounds out of order.
    """

    name: str = field(validator=filled)
    symbol: str = ""
    unit: str = "1"
    kind: str = field(default="number", validator=one_of(KINDS))
    low: float | None = field(default=None, converter=optional_number)
    high: float | None = field(default=None, converter=optional_number)
    low_usual: float | None = field(default=None, converter=optional_number)
    high_usual: float | None = field(default=None, converter=optional_number)
    scale: str = field(default="linear", validator=one_of(SCALES))
    scatter: float | None = field(default=None, converter=optional_number)
    scatter_kind: str = field(default="relative", validator=one_of(SCATTER_KINDS))
    conditions: tuple[str, ...] = ()
    parent: str = ""
    category: str = field(default="quality", validator=one_of(CATEGORIES))
    aliases: tuple[str, ...] = ()
    zh: str = ""
    description: str = ""
    values: tuple[str, ...] = ()
    dimension: str = ""
    phases: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        where = f"property {self.name!r}"
        order = [x for x in (self.low, self.low_usual, self.high_usual, self.high) if x is not None]
        if not all(math.isfinite(x) for x in order) or order != sorted(order):
            raise InputError("bounds must be finite and in the order low, low_usual, high_usual, high", where=where, fix="sort them, or leave one empty")
        if self.scatter is not None and not (math.isfinite(self.scatter) and self.scatter > 0):
            raise InputError(f"scatter {self.scatter!r}, expected a number > 0", where=where, fix="give a standard deviation, or leave it empty")
        if self.scale == "log" and (self.low is None or self.low < 0 or self.scatter_kind == "absolute"):
            raise InputError("a log scale needs low >= 0 and a relative scatter", where=where, fix="give them, or use the linear scale")
        if (self.kind == "category") != bool(self.values):
            raise InputError("a category lists its values, and nothing else does", where=where, fix="fill or empty the values")

    def check(self, value_si: float | str) -> str:
        """What is impossible about a value in ``unit``, or ``''``."""
        if self.kind == "number":
            if isinstance(value_si, bool) or not isinstance(value_si, Real) or not math.isfinite(value_si):
                return f"{self.name} {value_si!r} is not a finite number"
            return self._outside(value_si, self.low, self.high, "can't be")
        if not isinstance(value_si, str) or not value_si.strip():
            return f"{self.name} {value_si!r} is not a text"
        if self.values and value_si not in self.values:
            return f"{self.name} {value_si!r} is not one of {', '.join(self.values)}"
        return ""

    def suspicion(self, value: float | str) -> str:
        """What is impossible or unusual about a value in ``unit``, or ``''``."""
        found = self.check(value)
        if found or isinstance(value, str):
            return found
        return self._outside(value, self.low_usual, self.high_usual, "is seldom")

    def _outside(self, value: float, low: float | None, high: float | None, verb: str) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        if low is not None and value < low:
            return f"{self.name} {value:.6g}{unit} {verb} below {low:g}{unit}"
        if high is not None and value > high:
            return f"{self.name} {value:.6g}{unit} {verb} above {high:g}{unit}"
        return ""


COLUMNS = tuple(f.name for f in fields(Property))


def read_properties(text: str, where: str, columns: Mapping[str, str] | None = None) -> tuple[Property, ...]:
    """Properties from CSV text with a header of :data:`COLUMNS`; ``columns`` gives values where the table has no such column.

    Raises:
        InputError: text that is no CSV, an unknown, doubled or missing column, a row of another length, or a cell out of range; file, row and column are named.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    given = dict(columns or {})
    out = []
    try:
        header = _header(next(rows, []), given, where)
        for cells in rows:
            place = f"{where}, row {rows.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise InputError(f"{len(cells)} cells, the header has {len(header)}", where=place, fix='put text with a comma in "quotes"')
            out.append(_property({**given, **dict(zip(header, cells))}, place))
    except csv.Error as error:
        raise InputError(f"can't be read as CSV: {error}", where=f"{where}, row {rows.line_num}", fix="save it as comma-separated UTF-8 text") from None
    return tuple(out)


def _header(cells: list[str], given: Mapping[str, str], where: str) -> list[str]:
    """The names of the columns, checked together with those given apart."""
    header = [cell.strip() for cell in cells]
    place = f"{where}, header"
    for i, name in enumerate([*header, *given]):
        if name not in COLUMNS:
            raise InputError(f"column {name!r} is unknown", where=place, fix=did_you_mean(name, COLUMNS))
        if name in header[:i] and i < len(header):
            raise InputError(f"column {name!r} occurs twice", where=place, fix="keep one of them")
    for name in _NEEDED:
        if name not in header and name not in given:
            raise InputError(f"no column {name!r}", where=place, fix=f"add it: needed are {', '.join(_NEEDED)}")
    return header


def _property(row: Mapping[str, str], where: str) -> Property:
    values: dict[str, Any] = {}
    for name, cell in row.items():
        cell = cell.strip()
        if name in _NUMBERS:
            values[name] = _number(cell, f"{where}, column {name}")
        elif name in _SPLIT:
            values[name] = tuple(part.strip() for part in cell.split(_SPLIT[name]) if part.strip())
        elif cell:
            values[name] = cell
        elif name in _NEEDED:
            raise InputError("the cell is empty", where=f"{where}, column {name}", fix=f"fill in the {name}")
    try:
        return Property(**values)
    except InputError as error:
        raise InputError(f"{error.where}: {error.message}" if error.where else error.message, where=where, fix=error.fix) from None


def _number(cell: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        return float(cell)
    except ValueError:
        raise InputError(f"{cell!r} is not a number", where=where, fix="give a number such as 273.15 or 1e-9, or leave it empty") from None
