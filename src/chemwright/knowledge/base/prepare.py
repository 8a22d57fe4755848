"""From a Claim in any unit to the row that is filed: property and bounds checked, number brought to SI, suspicion said."""

from __future__ import annotations

from collections.abc import Mapping

from chemwright.errors import InputError
from chemwright.knowledge.base.claims import ClaimRow
from chemwright.knowledge.properties import Property
from chemwright.knowledge.vocabulary import Vocabulary
from chemwright.quantity.units import convert, factor
from chemwright.record import Claim


def check_conditions(conditions: Mapping[str, float], words: Vocabulary, where: str) -> dict[str, float]:
    """Conditions under their vocabulary names; ``mole_fraction[KEY]`` and the like keep their bracket.

    Raises:
        InputError: an unknown name (near misses), or a number that is impossible.
    """
    out: dict[str, float] = {}
    for name, value in conditions.items():
        head, bracket, rest = name.partition("[")
        item = words.find(head, f"{where}, condition {name!r}")
        wrong = item.check(value)
        if wrong:
            raise InputError(wrong, where=f"{where}, condition {name!r}", fix=f"give it in {item.unit}")
        out[item.name + bracket + rest] = value
    return out


def claim_row(claim: Claim, words: Vocabulary, rows: tuple[int, int, int], where: str = "") -> ClaimRow:
    """The row of a claim.

    Args:
        claim: ``subject`` is the substance's key, ``property`` any name of the vocabulary, the value in any unit of the right dimension.
        words: vocabulary.
        rows: of substance, property and source.
        where: place to name in an error.

    Raises:
        InputError: impossible value or condition; UnitError: wrong dimension.
    """
    item = words.find(claim.property, where)
    value, std, given = in_si(claim, item, where)
    wrong = item.check(value)
    if wrong:
        raise InputError(wrong, where=where or f"claim {claim.id!r}", fix=f"check number and unit; expected in {item.unit}")
    conditions = check_conditions(claim.conditions, words, where or f"claim {claim.id!r}")
    return ClaimRow(*rows, (claim.subject, item.name, claim.source), value, std, conditions, claim.tier, claim.phase, claim.method, given, claim.note, item.suspicion(value))


def in_si(claim: Claim, item: Property, where: str = "") -> tuple[float, float | None, str]:
    """Value and std in the property's SI unit, and what was given where that was another unit.

    Raises:
        UnitError: wrong dimension.
    """
    if claim.unit == item.unit:
        return claim.value, claim.std, ""
    value = float(f"{convert(claim.value, claim.unit, item.unit, where):.12g}")  # without the rounding noise of the conversion
    std = None if claim.std is None else float(f"{claim.std * abs(factor(claim.unit, item.unit, where)[0]):.12g}")
    return value, std, f"{claim.value:.12g} {claim.unit}"
