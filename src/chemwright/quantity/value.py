"""Value: a number with unit, standard uncertainty and source."""

from __future__ import annotations

import math

from attrs import field, frozen

from chemwright.errors import UnitError
from chemwright.quantity.grammar import MAX_TEXT
from chemwright.quantity.units import convert, factor, parse_unit, split_quantity

_MARKS = ("+/-", "±")


def _number(value: float) -> float:
    """As float, without the sign of zero (equal records shall have equal text)."""
    try:
        return float(value) + 0.0
    except (TypeError, ValueError, OverflowError):
        raise UnitError(f"{value!r} is not a number", fix="give a finite number") from None


def _optional(value: float | None) -> float | None:
    return None if value is None else _number(value)


def _finite(instance: object, attribute: object, value: float) -> None:
    if not math.isfinite(value):
        raise UnitError(f"{value!r} is not a finite number", fix="give a finite number")


def _std(instance: object, attribute: object, value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise UnitError(f"standard uncertainty {value!r}", fix="give a finite number >= 0, or none")


@frozen
class Value:
    """A physical quantity.

    Args:
        value: magnitude in ``unit``.
        unit: unit text; ``"1"`` for none.
        std: standard uncertainty in ``unit`` (a difference, so no offset), or ``None`` when unknown.
        source: id of a :class:`~chemwright.record.Source`, or empty.
    """

    value: float = field(converter=_number, validator=_finite)
    unit: str = "1"
    std: float | None = field(default=None, converter=_optional, validator=_std)
    source: str = ""

    @classmethod
    def parse(cls, text: str, *, unit: str | None = None, where: str = "") -> Value:
        """Read ``'10 kt/year'``, ``'10 +/- 2 kt/year'``, ``'50 degC +/- 2 K'`` or ``'5 EUR/kg +/- 10 %'``; with ``unit`` the dimension is checked and the value converted.

        Raises:
            UnitError: malformed text, unknown unit, wrong dimension.
        """
        if not isinstance(text, str) or len(text) > 2 * MAX_TEXT:
            raise UnitError("a quantity is a short text such as '10 +/- 2 kt/year'", where=where, fix="give number and unit in one text")
        mark = next((m for m in _MARKS if m in text), None)
        std: float | None = None
        if mark is None:
            number, given = split_quantity(text, where)
        else:
            left, right = text.split(mark, 1)
            number, given = split_quantity(left, where)
            std, std_unit = split_quantity(right, where)
            if given and std_unit:
                relative = std_unit == "%" and not parse_unit(given, where).dimensionless
                std *= abs(number) / 100 if relative else abs(factor(std_unit, given, where)[0])
            given = given or std_unit
        if std is not None and not (std >= 0 and math.isfinite(std)):
            raise UnitError(f"standard uncertainty {std!r} in {text!r}", where=where, fix="give a finite number >= 0 after +/-")
        given = "1" if given in ("", "-") else given
        factor(given, given if unit is None else unit, where)
        out = cls(number, given, std)
        return out if unit is None else out.to(unit, where=where)

    def to(self, unit: str, *, where: str = "") -> Value:
        """The same quantity in another unit.

        Raises:
            UnitError: different dimension.
        """
        scale, _ = factor(self.unit, unit, where)
        std = None if self.std is None else self.std * abs(scale)
        return Value(convert(self.value, self.unit, unit, where), unit, std, self.source)

    def __str__(self) -> str:
        """As a person writes it: value, +/-, unit, rounded to the uncertainty."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.std is None or self.std == 0:
            return f"{self.value:.6g}{unit}"
        digits = max(0, 1 - math.floor(math.log10(self.std)))
        if digits > 6 or abs(self.value) >= 1e7 or self.std >= 1e7:
            return f"{self.value:.6g} +/- {self.std:.2g}{unit}"
        return f"{self.value:.{digits}f} +/- {self.std:.{digits}f}{unit}"
