"""Measured points of a mixture from a CSV file: boiling, vapour composition, activity coefficients, two liquids, excess enthalpy; units in the header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import InputError, UnitError, did_you_mean
from chemwright.knowledge.cells import read_lines, read_number
from chemwright.knowledge.files import read_any_text
from chemwright.quantity.units import factor

Array = NDArray[np.float64]
NAMES = {"T": "T", "temperature": "T", "P": "P", "pressure": "P", "hE": "hE", "excess_enthalpy": "hE"}
UNITS = {"T": "K", "P": "Pa", "hE": "J/mol"}
_HEAD = re.compile(r"^(?P<name>[^\[\]]*?)\s*(?:\[(?P<unit>[^\[\]]*)\])?$")
_FRACTION = re.compile(r"^(?P<kind>x|y|gamma|xx)(?P<i>[1-9])$")


@frozen(eq=False)
class Points:
    """Measured points in SI; what a row lacks is nan.

    Args:
        T: [K], shape (m,).
        P: [Pa], shape (m,).
        x, y: liquid and vapour mole fractions, shape (m, n).
        gamma: activity coefficients [1], shape (m, n).
        xx: mole fractions of a second liquid in equilibrium with x, shape (m, n).
        hE: excess enthalpy [J/mol], shape (m,).
        rows: line of the file of each, shape (m,).
        name: of the file.
    """

    T: Array
    P: Array
    x: Array
    y: Array
    gamma: Array
    xx: Array
    hE: Array
    rows: tuple[int, ...] = ()
    name: str = ""

    @property
    def n(self) -> int:
        """How many substances."""
        return int(self.x.shape[1])

    @classmethod
    def of(cls, T: Sequence[float], x1: Sequence[float], *, P: Sequence[float] | float | None = None, y1: Sequence[float] | None = None, name: str = "") -> Points:
        """Points of a binary from arrays: T [K], x1, P [Pa] and y1 where measured."""
        x = np.asarray(x1, dtype=float)
        y = np.full(len(x), np.nan) if y1 is None else np.asarray(y1, dtype=float)
        p = np.full(len(x), np.nan) if P is None else np.broadcast_to(np.asarray(P, dtype=float), x.shape).copy()
        empty = np.full((len(x), 2), np.nan)
        t = np.broadcast_to(np.asarray(T, dtype=float), x.shape).copy()
        return cls(t, p, np.stack([x, 1.0 - x], axis=1), np.stack([y, 1.0 - y], axis=1), empty, empty.copy(), np.full(len(x), np.nan), tuple(range(1, len(x) + 1)), name)


def read_points(path: str | Path, n: int = 2) -> Points:
    """Read points, for example with the header ``T [degC],P [kPa],x1,y1``.

    Columns: ``T [unit]`` (needed), ``P [unit]``, mole fractions ``x1`` ... of the liquid (needed), ``y1`` ... of the vapour, ``xx1`` ... of a second
    liquid, activity coefficients ``gamma1`` ..., excess enthalpy ``hE [J/mol]``. The last fraction may be left out. Empty cells were not measured.

    Args:
        path: CSV file (see :mod:`chemwright.knowledge.cells` for separators and encodings).
        n: substances in the mixture, numbered as they are named.

    Raises:
        InputError: the file is missing or empty; a column is unknown, doubled, or lacks its unit or has one of another dimension; a cell is no number
            or out of range; fractions don't sum to one; a row has nothing measured. File, row, column and mend are named.
    """
    text, _ = read_any_text(Path(path))
    name = Path(path).name
    lines, _ = read_lines(text, name)
    columns = [_column(cell, f"{name}, header, column {i}", n) for i, cell in enumerate(lines[0][1], 1)]
    heads = [c[0] for c in columns]
    for i, head in enumerate(heads):
        if head in heads[:i]:
            raise InputError(f"column {head!r} occurs twice", where=f"{name}, header", fix="keep one of them")
    for needed, hint in (("T", "T [K]"), ("x1", "x1")):
        if needed not in heads:
            raise InputError(f"no column {hint!r}; the file has {', '.join(heads)}", where=name, fix=f"add the column {hint!r}")
    if not set(heads) & ({"P", "hE"} | {f"{k}{i}" for k in ("gamma", "xx") for i in range(1, n + 1)}):
        raise InputError("nothing measured: no column P, gamma1, xx1 or hE", where=name, fix="add the pressure, as 'P [kPa]'")
    data = [(line, _row(cells, columns, f"{name}, row {line}")) for line, cells in lines[1:]]
    if not data:
        raise InputError("the file has a header and no rows", where=name, fix="add the points, one a row")
    table = {h: np.array([row[i] for _, row in data]) for i, h in enumerate(heads)}
    rows = tuple(line for line, _ in data)
    blocks = {kind: _block(kind, table, n, name, rows) for kind in ("x", "y", "xx")}
    nan = np.full(len(data), np.nan)
    gamma = np.stack([table.get(f"gamma{i}", nan) for i in range(1, n + 1)], axis=1)
    points = Points(table["T"], table.get("P", nan), blocks["x"], blocks["y"], gamma, blocks["xx"], table.get("hE", nan), rows, name)
    for k, line in enumerate(rows):
        if np.any(np.isnan(points.x[k])):
            raise InputError("no liquid mole fraction", where=f"{name}, row {line}, column 'x1'", fix="fill it, or delete the row")
        if np.isnan(points.P[k]) and np.isnan(points.hE[k]) and np.all(np.isnan(points.gamma[k])) and np.any(np.isnan(points.xx[k])):
            raise InputError("nothing measured in this row", where=f"{name}, row {line}", fix="fill P, gamma, xx or hE, or delete the row")
    return points


def _column(cell: str, where: str, n: int) -> tuple[str, float, float]:
    """(name, scale, offset) of a header cell."""
    match = _HEAD.match(cell.strip())
    given = match.group("name").strip() if match else cell
    unit = (match.group("unit") or "").strip() if match else ""
    fraction = _FRACTION.match(given)
    if fraction and int(fraction.group("i")) <= n:
        if unit in ("", "-", "1", "mol/mol"):
            return given, 1.0, 0.0
        try:
            return given, factor(unit, "1", where)[0], 0.0
        except UnitError as error:
            raise InputError(f"column {given!r}: {error.message}", where=where, fix="give mole fractions without a unit, or in '%'") from None
    if fraction:
        raise InputError(f"column {given!r} belongs to a substance number {fraction.group('i')}; the mixture has {n}", where=where, fix=f"number them 1 to {n}")
    name = NAMES.get(given)
    if name is None:
        known = ["T", "P", "hE", *(f"{k}{i}" for k in ("x", "y", "xx", "gamma") for i in range(1, n + 1))]
        raise InputError(f"unknown column {given!r}", where=where, fix=did_you_mean(given, known) or f"known: {', '.join(known)}")
    if not unit:
        raise InputError(f"column {given!r} has no unit in square brackets", where=where, fix=f"write '{given} [{'kPa' if name == 'P' else UNITS[name]}]'")
    try:
        return (name, *factor(unit, UNITS[name], where))
    except UnitError as error:
        raise InputError(f"column {given!r}: {error.message}", where=where, fix=error.fix) from None


def _row(cells: Sequence[str], columns: Sequence[tuple[str, float, float]], where: str) -> list[float]:
    """One point in SI; empty cells are nan."""
    if len(cells) != len(columns):
        raise InputError(f"{len(cells)} cells, {len(columns)} expected", where=where, fix="fill every column, leave what was not measured empty between commas")
    out = []
    for cell, (name, scale, offset) in zip(cells, columns, strict=True):
        at = f"{where}, column {name!r}"
        value = np.nan if not cell.strip() else read_number(cell, "", at) * scale + offset
        low, high = _RANGES.get(name.rstrip("123456789"), (-np.inf, np.inf))
        if not np.isnan(value) and not low <= value <= high:
            raise InputError(f"{cell} is out of range: {value:g}, {low:g} to {high:g} expected in SI", where=at, fix="check the value and the unit in the header")
        if name == "T" and np.isnan(value):
            raise InputError("no temperature", where=at, fix="fill it, or delete the row")
        out.append(float(value))
    return out


_RANGES = {"T": (50.0, 2000.0), "P": (1e-3, 1e9), "x": (0.0, 1.0), "y": (0.0, 1.0), "xx": (0.0, 1.0), "gamma": (1e-6, 1e9), "hE": (-1e5, 1e5)}


def _block(kind: str, table: dict[str, Array], n: int, name: str, rows: tuple[int, ...]) -> Array:
    """Mole fractions of one phase, shape (m, n): the last one completed, or all checked to sum to one."""
    given = [f"{kind}{i}" for i in range(1, n + 1) if f"{kind}{i}" in table]
    m = len(rows)
    if not given:
        return np.full((m, n), np.nan)
    if len(given) < n - 1:
        raise InputError(f"{len(given)} of the columns {kind}1 to {kind}{n}", where=name, fix=f"give at least {n - 1} of them")
    out = np.stack([table.get(f"{kind}{i}", np.full(m, np.nan)) for i in range(1, n + 1)], axis=1)
    if len(given) == n - 1:
        lacking = next(i for i in range(n) if f"{kind}{i + 1}" not in table)
        out[:, lacking] = 1.0 - np.nansum(out, axis=1) + 0.0 * np.sum(np.delete(out, lacking, axis=1), axis=1)
    for line, row in zip(rows, out, strict=True):
        if not np.any(np.isnan(row)) and (abs(row.sum() - 1.0) > 5e-3 or row.min() < -1e-9):
            raise InputError(
                f"mole fractions {', '.join(f'{v:g}' for v in row)} don't make one composition", where=f"{name}, row {line}, {kind}", fix="they must sum to 1; check for per cent"
            )
    return out
