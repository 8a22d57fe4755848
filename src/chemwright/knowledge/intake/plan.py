"""From a block of a table to numbers in SI: properties, units, bounds and conditions, all rows at once."""

from __future__ import annotations

import math

import numpy as np
from attrs import field, frozen
from sqlalchemy import Connection

from chemwright.errors import ChemwrightError, SubstanceError
from chemwright.knowledge.intake.blocks import Block, Reject
from chemwright.knowledge.intake.columns import coded, numbers, texts
from chemwright.knowledge.intake.headers import meant, read_head, read_unit_text
from chemwright.knowledge.intake.mapping import ColumnUse, Mapping, partner
from chemwright.knowledge.intake.resolve import Resolver
from chemwright.knowledge.intake.units import conversions
from chemwright.knowledge.properties import Property
from chemwright.knowledge.vocabulary import Vocabulary
from chemwright.quantity.units import factor


@frozen
class Values:
    """Values of one column, one entry for each row that holds one.

    Args:
        at: places in the block, shape (n,).
        property: index into the plan's properties, shape (n,).
        value, std: SI, shape (n,); std is NaN where not told.
        number: as written, shape (n,).
        unit: as written, length n.
        given: number and unit as they came in, where they are not SI, length n.
    """

    at: np.ndarray = field(eq=False)
    property: np.ndarray = field(eq=False)
    value: np.ndarray = field(eq=False)
    std: np.ndarray = field(eq=False)
    number: np.ndarray = field(eq=False)
    unit: list[str] = field(eq=False)
    given: list[str] = field(eq=False)


class Plan:
    """A mapping made ready for blocks: which column is what, and what property texts and units turned out to mean.

    Args:
        mapping: checked.
        words: vocabulary.
        decimal: of numbers in the table.
    """

    def __init__(self, mapping: Mapping, words: Vocabulary, decimal: str = ".") -> None:
        self.mapping, self.words, self.decimal = mapping, words, decimal
        self.place = {c.header: i for i, c in enumerate(mapping.columns)}
        self.components: dict[str, str] = {}
        self.properties: list[Property] = []
        self._index: dict[str, int] = {}
        self._named: dict[str, tuple[int, str] | None] = {}
        self._factors: dict[tuple[int, str], tuple[float, float] | str] = {}

    def name_components(self, connection: Connection, resolver: Resolver) -> None:
        """Find the keys of the components that fractions are of.

        Raises:
            SubstanceError: a component that means no substance.
        """
        for use in self.mapping.with_role("condition"):
            if use.of and use.of not in self.components:
                known = resolver.resolve(connection, [use.of])[use.of]
                if known.record is None:
                    raise SubstanceError(known.error, where=f"component of column {use.header!r}", fix=known.fix)
                self.components[use.of] = known.record.key

    def index(self, name: str) -> int:
        """Index of a property in this plan."""
        item = self.words.find(name)
        if item.name not in self._index:
            self._index[item.name] = len(self.properties)
            self.properties.append(item)
        return self._index[item.name]

    def values(self, block: Block, use: ColumnUse, rejects: list[Reject]) -> tuple[Values, int]:
        """Values of one column in SI within physical bounds, and how many of its cells are blank."""
        n = len(block)
        number, blank = numbers(block.columns[self.place[use.header]], self.decimal, block.rows, use.header, rejects)
        which, units = self._meaning(block, use, rejects, ~blank)
        scale, offset = np.full(n, np.nan), np.zeros(n)
        for (k, unit), rows in _groups(which, units):
            found = self._factor(k, unit) if k >= 0 else "unknown property"
            if isinstance(found, str):
                if k >= 0:
                    rejects += [Reject(int(block.rows[i]), use.header, found, f"give it in a unit like {self.properties[k].unit!r}") for i in rows if not blank[i]]
            else:
                scale[rows], offset[rows] = found
        with np.errstate(over="ignore", invalid="ignore"):
            raw = np.power(10.0, number) if use.scale == "log10" else np.exp(number) if use.scale == "ln" else number
            value = raw * scale + offset
        ok = np.isfinite(value) & (which >= 0)
        lost = np.isfinite(number) & ~blank & np.isfinite(scale) & ~np.isfinite(value)
        rejects += [Reject(int(block.rows[i]), use.header, f"{number[i]:g} {units[i]} is out of the range of numbers", "check the number") for i in np.flatnonzero(lost)]
        ok &= self._bounded(block, use, value, which, number, units, ok, rejects)
        std = self._std(block, use, value, scale, rejects)
        at = np.flatnonzero(ok)
        given = [f"{use.scale} = {number[i]:.12g} {units[i]}".strip() if use.scale else _given(number[i], units[i], self.properties[which[i]]) for i in at]
        return Values(at, which[at], value[at], std[at], number[at], [units[i] for i in at], given), int(blank.sum())

    def _meaning(self, block: Block, use: ColumnUse, rejects: list[Reject], wanted: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """Property (index, -1 where unknown) and unit of each row."""
        n = len(block)
        unit_column = self.mapping.with_role("unit")
        units = [use.unit] * n
        if unit_column:
            codes, cells = coded(block.columns[self.place[unit_column[0].header]])
            read = [(read_unit_text(c) or c) if c else use.unit for c in cells]
            units = [read[c] for c in codes]
        if use.property:
            k = self.index(use.property)
            return np.full(n, k, dtype=np.int64), [u or ("1" if self.properties[k].unit == "1" else "") for u in units]
        column = self.mapping.with_role("property")[0]
        codes, cells = coded(block.columns[self.place[column.header]])
        found = [self._property(c) for c in cells]
        for code, cell in enumerate(cells):
            if found[code] is None:
                fix = self.words._hint(cell) if cell else "fill it in"
                rejects += [Reject(int(block.rows[i]), column.header, f"no property {cell[:60]!r} in the vocabulary", fix) for i in np.flatnonzero((codes == code) & wanted)]
        index = np.array([-1 if f is None else f[0] for f in found], dtype=np.int64)[codes]
        own = ["" if f is None else f[1] for f in found]
        return index, [u or own[c] or ("1" if index[i] >= 0 and self.properties[index[i]].unit == "1" else "") for i, (u, c) in enumerate(zip(units, codes, strict=True))]

    def _property(self, text: str) -> tuple[int, str] | None:
        """Index of the property that a cell names, and the unit it carries."""
        if text not in self._named:
            item, unit = (self.words.find(text), "") if text in self.words else (None, "")
            if item is None and text and len(text) <= 200:
                head = read_head(text)
                found, sure, _ = meant(head.name, head.unit, self.words)
                item, unit = (found, head.unit) if sure >= 0.8 and not head.scale and not head.std else (None, "")
            self._named[text] = None if item is None or item.kind != "number" else (self.index(item.name), unit)
        return self._named[text]

    def _factor(self, k: int, unit: str) -> tuple[float, float] | str:
        """Scale and offset of a unit to SI, or what is wrong with it."""
        if (k, unit) not in self._factors:
            item = self.properties[k]
            if not unit and item.unit != "1":
                self._factors[k, unit] = f"no unit for {item.name}"
            else:
                try:
                    self._factors[k, unit] = factor(unit, item.unit)
                except ChemwrightError as error:
                    self._factors[k, unit] = f"{error.message} for {item.name}"
        return self._factors[k, unit]

    def _bounded(
        self, block: Block, use: ColumnUse, value: np.ndarray, which: np.ndarray, number: np.ndarray, units: list[str], ok: np.ndarray, rejects: list[Reject]
    ) -> np.ndarray:
        """Mask of the values that are possible at all."""
        if not self.properties:
            return ok
        low = np.array([-np.inf if p.low is None else p.low for p in self.properties])[which]
        high = np.array([np.inf if p.high is None else p.high for p in self.properties])[which]
        inside: np.ndarray = (value >= low) & (value <= high)
        for i in np.flatnonzero(ok & ~inside):
            item = self.properties[which[i]]
            rejects.append(Reject(int(block.rows[i]), use.header, f"{number[i]:.12g} {units[i]}: {item.check(float(value[i]))}", usual_unit(float(number[i]), units[i], item)))
        return inside

    def _std(self, block: Block, use: ColumnUse, value: np.ndarray, scale: np.ndarray, rejects: list[Reject]) -> np.ndarray:
        """Standard uncertainties in SI of a value column; NaN where there are none."""
        for column in self.mapping.with_role("std"):
            if partner(column, self.mapping).header != use.header:
                continue
            number, _ = numbers(block.columns[self.place[column.header]], self.decimal, block.rows, column.header, rejects)
            for i in np.flatnonzero(number < 0):
                rejects.append(Reject(int(block.rows[i]), column.header, f"std {number[i]:g} is negative", "give 0 or more, or leave it empty"))
            if column.relative:
                return np.abs(value) * number * factor(column.unit or "1", "1")[0]
            if use.scale and not column.unit:
                return np.abs(value) * number * (math.log(10.0) if use.scale == "log10" else 1.0)
            if column.unit and column.property:
                return number * abs(factor(column.unit, self.words.find(column.property).unit)[0])
            return number * np.abs(scale)
        return np.full(len(block), np.nan)

    def conditions(self, block: Block, rejects: list[Reject]) -> list[tuple[str, np.ndarray]]:
        """Name and SI numbers (NaN where blank) of every condition column; impossible ones are added to the rejects."""
        out = []
        for use in self.mapping.with_role("condition"):
            item = self.words.find(use.property)
            number, blank = numbers(block.columns[self.place[use.header]], self.decimal, block.rows, use.header, rejects)
            by, plus = factor(use.unit or "1", item.unit)
            with np.errstate(over="ignore", invalid="ignore"):
                raw = np.power(10.0, number) if use.scale == "log10" else np.exp(number) if use.scale == "ln" else number
                value = raw * by + plus
            for i in np.flatnonzero(~blank & np.isfinite(number)):
                if (item.low is not None and value[i] < item.low) or (item.high is not None and value[i] > item.high) or not np.isfinite(value[i]):
                    rejects.append(
                        Reject(int(block.rows[i]), use.header, f"{number[i]:.12g} {use.unit}: {item.check(float(value[i]))}", f"check number and unit; expected in {item.unit}")
                    )
            out.append((item.name if not use.of else f"{item.name}[{self.components[use.of]}]", value))
        return out

    def words_of(self, block: Block, role: str, constant: str, rejects: list[Reject]) -> list[str]:
        """Cells of the column of a role; the constant of the mapping where there is none."""
        found = self.mapping.with_role(role)
        if not found:
            return [constant] * len(block)
        return [t or constant for t in texts(block.columns[self.place[found[0].header]], block.rows, found[0].header, rejects)]


def _given(number: float, unit: str, item: Property) -> str:
    return "" if unit == item.unit else f"{number:.12g} {unit}"


def _groups(which: np.ndarray, units: list[str]) -> list[tuple[tuple[int, str], np.ndarray]]:
    """Rows of each (property, unit)."""
    names = {u: i for i, u in enumerate(dict.fromkeys(units))}
    codes = np.fromiter((names[u] for u in units), dtype=np.int64, count=len(units))
    both = which * len(names) + codes
    texts = list(names)
    order = np.argsort(both, kind="stable")
    cuts = np.flatnonzero(np.diff(both[order])) + 1
    return [((int(which[rows[0]]), texts[codes[rows[0]]]), rows) for rows in np.split(order, cuts) if len(rows)]


def usual_unit(number: float, unit: str, item: Property) -> str:
    """What to do about an impossible number: the unit in which it would be usual, where there is one."""
    usual = [u for u, by, plus in conversions(item.unit) if u != unit and not item.suspicion(number * by + plus) and item.low_usual is not None and item.high_usual is not None]
    hint = f"; in {' or '.join(usual[:2])} it would be usual" if usual and unit not in usual else ""
    return f"check number and unit{hint}"
