"""What the columns of a table mean: substance, property with its unit, condition, source ... Kept in the base, so that the next table with this header needs no questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen
from sqlalchemy import delete, insert, select

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.base import audit
from chemwright.knowledge.base.schema import meta
from chemwright.knowledge.vocabulary import Vocabulary, folded
from chemwright.quantity.units import factor, parse_unit
from chemwright.record import content_hash, from_json, to_json
from chemwright.record.claim import TIERS
from chemwright.record.fields import as_tuple, filled, finite, named_numbers, one_of

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

ROLES = ("substance", "property", "value", "unit", "std", "condition", "phase", "method", "source", "note", "label", "tier", "id", "ignore")
READINGS = ("any", "name", "cas", "smiles", "inchikey")
SCALES = ("", "log10", "ln")
NUMBERS = ("value", "std", "condition")


@frozen
class ColumnUse:
    """What one column means.

    Args:
        header: its name as written.
        role: one of :data:`ROLES`.
        property: of a value, std or condition: its vocabulary name; empty for the value of a long table, whose property another column names.
        unit: of a number; empty where another column says it.
        reading: of a substance: one of :data:`READINGS`.
        scale: ``log10`` or ``ln`` when the column holds a logarithm of the number in ``unit``.
        of: of a std: header of the value it belongs to; of a fraction: the component it is of.
        relative: of a std: whether it is a fraction of the value.
    """

    header: str = field(validator=filled)
    role: str = field(default="ignore", validator=one_of(ROLES))
    property: str = ""
    unit: str = ""
    reading: str = field(default="any", validator=one_of(READINGS))
    scale: str = field(default="", validator=one_of(SCALES))
    of: str = ""
    relative: bool = False


@frozen
class Mapping:
    """What all columns of a table mean, and what holds for all its rows.

    Args:
        columns: one for each column, in order.
        substance: of all rows, where no column names one: a name, CAS number or SMILES.
        conditions: vocabulary names to SI numbers that hold for all rows.
        source: id of the source where no column names one.
        phase, method, tier: of all rows, where no column says.
        schema_version: of the stored form.

    Raises:
        InputError: two columns where one is expected, a std without its value, no value or no substance at all.
    """

    columns: tuple[ColumnUse, ...] = field(converter=as_tuple)
    substance: str = ""
    conditions: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    source: str = ""
    phase: str = ""
    method: str = ""
    tier: str = field(default="measured", validator=one_of(TIERS))
    schema_version: int = 1

    def with_role(self, role: str) -> tuple[ColumnUse, ...]:
        """The columns of a role."""
        return tuple(c for c in self.columns if c.role == role)

    @property
    def long(self) -> bool:
        """Whether a column names the property of each row."""
        return bool(self.with_role("property"))

    def check(self, words: Vocabulary, where: str = "mapping") -> None:
        """Refuse a mapping by which nothing could be filed.

        Raises:
            InputError, UnitError: what is missing, doubled or of another dimension; the column is named.
        """
        for role in ("property", "unit", "phase", "method", "source", "tier", "id"):
            if len(self.with_role(role)) > 1:
                raise InputError(f"columns {', '.join(repr(c.header) for c in self.with_role(role))} are all the {role}", where=where, fix="let one be it and ignore the others")
        values = self.with_role("value")
        if not values:
            raise InputError("no column is a value", where=where, fix="say which column holds the numbers, and of which property")
        if not self.with_role("substance") and not self.substance:
            raise InputError("no column is a substance", where=where, fix="say which column names it, or give one substance for all rows")
        if self.long and len(values) > 1:
            raise InputError(f"a column names the property, and {len(values)} columns are values", where=where, fix="one value column, or no property column")
        for column in self.columns:
            _check_column(column, self, words, f"{where}, column {column.header!r}")


def _check_column(column: ColumnUse, mapping: Mapping, words: Vocabulary, where: str) -> None:
    if column.role == "std" and not column.property and not (mapping.long and not column.of):
        _partner(column, mapping, where)
    if column.role == "value" and not column.property and not mapping.long:
        raise InputError("holds values of no property", where=where, fix="name the property, or the column that names it")
    if column.role == "condition" and not column.property:
        raise InputError("is a condition without a name", where=where, fix="name it, as 'temperature'")
    if column.role not in NUMBERS or not column.property:
        return
    item = words.find(column.property, where)
    if item.kind != "number":
        raise InputError(f"{item.name} is a {item.kind}, a number is expected", where=where, fix="ignore the column, or keep it as a note")
    if column.unit and not (column.role == "std" and column.relative):
        parse_unit(column.unit, where)
        factor(column.unit, item.unit, where)
    elif not column.unit and not mapping.with_role("unit") and item.unit != "1":
        raise InputError(f"no unit for {item.name}", where=where, fix=f"name it, as '{item.unit}'")


def _partner(column: ColumnUse, mapping: Mapping, where: str) -> ColumnUse:
    """The value column that a std belongs to."""
    values = mapping.with_role("value")
    for value in values:
        if value.header == column.of:
            return value
    if not column.of and len(values) == 1:
        return values[0]
    raise InputError("is the std of no value column", where=where, fix=did_you_mean(column.of, [v.header for v in values]) or "name the column of its value")


def partner(column: ColumnUse, mapping: Mapping) -> ColumnUse:
    """The value column that a std column belongs to.

    Raises:
        InputError: none.
    """
    if column.property and not column.of:
        same = [v for v in mapping.with_role("value") if v.property == column.property]
        if len(same) == 1:
            return same[0]
    return _partner(column, mapping, f"column {column.header!r}")


def header_key(header: Sequence[str]) -> str:
    """What a header is remembered by: capitals, blanks and hyphens don't count, the order of columns does."""
    return content_hash([folded(h) for h in header])


def remember(kb: KnowledgeBase, mapping: Mapping) -> None:
    """Keep a mapping in the base under its header; one that was kept before gives way."""
    name = f"mapping:{header_key([c.header for c in mapping.columns])}"
    with kb.writing() as connection:
        connection.execute(delete(meta).where(meta.c.name == name))
        connection.execute(insert(meta).values(name=name, value=to_json(mapping, indent=None)))
        audit.write(connection, kb.who, "mapping", name, columns=len(mapping.columns))


def recall(kb: KnowledgeBase, header: Sequence[str]) -> Mapping | None:
    """The mapping kept for this header, with its headers as they are written now; None when there is none."""
    from attrs import evolve

    name = f"mapping:{header_key(header)}"
    with kb.reading() as connection:
        body = connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar()
    if body is None:
        return None
    kept = from_json(str(body), Mapping, where="kept mapping")
    now = {old.header: new for old, new in zip(kept.columns, header, strict=True)}
    return evolve(kept, columns=tuple(evolve(c, header=now[c.header], of=now.get(c.of, c.of)) for c in kept.columns))
