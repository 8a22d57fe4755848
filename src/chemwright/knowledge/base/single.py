"""One claim as a person types it, with what the base has to say to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chemwright.errors import ChemwrightError, InputError, PropertyMissing, did_you_mean
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.base.prepare import check_conditions, in_si
from chemwright.quantity import Value
from chemwright.quantity.units import si
from chemwright.record import Claim, Filing, Source, content_hash


def read_condition(base: KnowledgeBase, text: str) -> tuple[str, float]:
    """``NAME=VALUE`` as a vocabulary name and an SI number.

    Raises:
        InputError: no such form or name; UnitError: wrong dimension.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"{text!r} is no condition", where="--at", fix="write name=value, as temperature=25degC")
    item = base.vocabulary.find(name.strip(), "--at")
    number = float(value) if item.unit == "1" and _plain(value) else si(value, item.unit, f"--at {name.strip()}")
    return item.name, number


def _plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def add_claim(
    base: KnowledgeBase, substance: str, property_name: str, value: str, at: Iterable[str] = (), *, source: str = "", kind: str = "experiment", tier: str = "measured", phase: str = "",
    method: str = "", note: str = "", licence: str = "", visibility: str = "private",
) -> dict[str, Any]:  # fmt: skip
    """File a claim and compare it with what is known.

    Args:
        base: to add to.
        substance, property_name: as the user names them.
        value: quantity with unit and, after ``+/-``, its standard uncertainty.
        at: conditions, ``NAME=VALUE``.
        source, kind: citation and kind of the source; its id is made from it.
        tier, phase, method, note: as in :class:`Claim`.
        licence, visibility: as in :class:`Filing`.

    Returns:
        ``key``, ``substance``, ``property``, ``value``, ``std``, ``unit``, ``conditions``, ``suspicion``, and ``known``: value, std and note of the consensus before it, or None.

    Raises:
        ChemwrightError: what can't be read, or is impossible; nothing is filed then.
    """
    item = base.vocabulary.find(property_name, "property")
    if item.kind == "text":
        raise InputError(f"{item.name} is words, not a number", where="property", fix="file it as the note of another claim")
    given = _quantity(value, item.kind, item.values, item.unit)
    conditions = check_conditions(dict(read_condition(base, text) for text in at), base.vocabulary, "--at")
    origin = Source(f"{kind}:{content_hash([source, kind])[:10]}", kind, source) if source else None
    claim = Claim("new", substance, item.name, given.value, given.unit, given.std, conditions, origin.id if origin else "", tier, note, phase, method)
    number, _, _ = in_si(claim, item, f"value of {item.name}")
    known = _known(base, substance, item.name, conditions)
    suspicion = "; ".join(s for s in (item.suspicion(number), _against(known, number, item)) if s)
    filing = Filing(licence=licence, visibility=visibility, suspicion=suspicion)
    records = [claim] if origin is None else [origin, claim]
    key = base.add(*records, filing=filing)[-1]
    filed = base.get(key)
    r = filed.record
    return {
        "key": key, "substance": r.subject, "property": r.property, "value": r.value, "std": r.std, "unit": r.unit, "given": filed.given, "conditions": r.conditions, "suspicion": filed.filing.suspicion,
        "known": known,
    }  # fmt: skip


def _quantity(value: str, kind: str, words: tuple[str, ...], unit: str) -> Value:
    if kind != "category":
        return Value(float(value)) if unit == "1" and _plain(value) else Value.parse(value, where="value")
    if value not in words:
        raise InputError(f"{value!r} is none of {', '.join(words)}", where="value", fix=did_you_mean(value, words))
    return Value(float(words.index(value)))


def _known(base: KnowledgeBase, substance: str, name: str, conditions: dict[str, float]) -> dict[str, Any] | None:
    """The consensus before the new claim, where there is one under its conditions."""
    from chemwright.knowledge.conflicts import consensus_of

    try:
        a = consensus_of(base, substance, _normal(name, conditions), {k: v for k, v in conditions.items() if k != "pressure" or name not in ("boiling_point",)})
    except PropertyMissing:
        return None
    except ChemwrightError:  # a substance that is new to the base, or several temperatures
        return None
    return {"value": a.value, "std": a.std, "note": a.note}


def _normal(name: str, conditions: dict[str, float]) -> str:
    """A boiling point at one atmosphere is a normal boiling point."""
    from chemwright.knowledge.conflicts import ATMOSPHERE

    return "normal_boiling_point" if name == "boiling_point" and ATMOSPHERE[0] <= conditions.get("pressure", 101325.0) <= ATMOSPHERE[1] else name


def _against(known: dict[str, Any] | None, number: float, item: Any) -> str:
    """What is odd about a number beside the consensus."""
    if known is None:
        return ""
    from chemwright.knowledge.base.claims import Filed
    from chemwright.knowledge.consensus import JOINT, expected_std

    probe = Filed("", "claim", Claim("x", "x", item.name, number or 1e-300, item.unit), Filing())
    u = expected_std(probe, item)
    u = u * abs(number) if item.scale == "log" else u
    apart = abs(number - known["value"]) / max((u**2 + known["std"] ** 2) ** 0.5, 1e-300)
    return f"{apart:.1f} joint standard deviations from the consensus {known['value']:.6g} {item.unit}" if apart > JOINT else ""
