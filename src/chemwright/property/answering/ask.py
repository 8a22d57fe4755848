"""Questions about properties of substances, answered from the best of four tiers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from chemwright.errors import InputError
from chemwright.property.answer import TIERS, Answer
from chemwright.property.answering import column as col
from chemwright.property.answering.catalogue import ATMOSPHERE, ROOM, Asked, chosen
from chemwright.property.answering.column import Column
from chemwright.property.answering.facts import Facts, subject
from chemwright.property.answering.found import Found, figures_of, found, own_figures
from chemwright.property.answering.learnt import Learnt
from chemwright.property.answering.sheet import Sheet
from chemwright.property.answering.telling import answer_of, hazard_hints, with_reasons

T_MOST, P_MOST = 5000.0, 1e9


@frozen
class Asking:
    """Answers with the substances they are about, and what the sources stand for: id to citation."""

    substances: tuple[Found, ...]
    answers: tuple[Answer, ...]
    sources: dict[str, str]


def properties(
    substances: str | Iterable[str],
    properties: str | Iterable[str] | None = None,
    T: float | str | None = None,
    P: float | str | None = None,
    kb: str | Path | None = None,
    neighbours: bool = False,
    drivers: bool = False,
    tier: str = "",
) -> list[Answer]:
    """Properties of substances: measured where measured, else by equation, by equation on learned inputs, or learned.

    Args:
        substances: names, CAS numbers or SMILES.
        properties: names in the vocabulary, or short ones as ``logP``; all that can be asked for when left out.
        T: temperature, in K or with a unit as ``"80 degC"``; 298.15 K when left out.
        P: pressure, in Pa or with a unit as ``"1 bar"``; 101325 Pa when left out.
        kb: file or address of a knowledge base whose claims count beside the shipped figures.
        neighbours: also give measured molecules that are near.
        drivers: also give what drove each answer.
        tier: answer from this tier only.

    Returns:
        For each substance in turn an answer for each property; an answer without value says why.

    Raises:
        SubstanceError: an unknown substance, with near misses; InputError: an unknown property or tier, or conditions that can't be.
    """
    return list(asked(substances, properties, T, P, kb, neighbours, drivers, tier).answers)


def asked(
    substances: str | Iterable[str],
    names: str | Iterable[str] | None = None,
    T: float | str | None = None,
    P: float | str | None = None,
    kb: str | Path | None = None,
    neighbours: bool = False,
    drivers: bool = False,
    tier: str = "",
    where: str = "",
) -> Asking:
    """As :func:`properties`, with the substances and sources beside the answers."""
    texts = [substances] if isinstance(substances, str) else list(substances)
    if not texts:
        raise InputError("no substance given", where=where, fix="give names, CAS numbers or SMILES, as in: ethanol 110-91-8 CCN")
    items = chosen([names] if isinstance(names, str) else names, where)
    t, p = conditions(T, P, where)
    check_tier(tier, where)
    who = [found(text, where or str(text)) for text in texts]
    figures = figures_of([f.place for f in who])
    cited: dict[str, str] = {}
    if kb is not None:
        own, cited = _own(kb, who)
        figures = {i: [*figures.get(i, ()), *own.get(i, ())] for i in {*figures, *own}}
    sheet = Sheet(Facts([subject(f.smiles) for f in who]), figures, t, p, learnt=Learnt([f.smiles for f in who]))
    answers = [a for i in range(len(who)) for a in _answers(sheet, who[i], i, items, tier, neighbours, drivers)]
    return Asking(tuple(who), tuple(answers), _cited({s for a in answers for s in a.sources}, cited))


def conditions(T: float | str | None, P: float | str | None, where: str = "") -> tuple[float, float]:
    """Temperature [K] and pressure [Pa] from numbers or texts.

    Raises:
        InputError: not a temperature or pressure, not positive, or beyond anything that makes sense.
    """
    t = ROOM if T is None else _si(T, "K", "temperature", where)
    p = ATMOSPHERE if P is None else _si(P, "Pa", "pressure", where)
    if not (math.isfinite(t) and 0.0 < t <= T_MOST):
        raise InputError(f"temperature {t:g} K, expected above 0 and up to {T_MOST:g} K", where=where, fix="give a temperature as 350 K or 80 degC")
    if not (math.isfinite(p) and 0.0 < p <= P_MOST):
        raise InputError(f"pressure {p:g} Pa, expected above 0 and up to {P_MOST:g} Pa", where=where, fix="give a pressure as 1 bar or 101325 Pa")
    return t, p


_PLAIN = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z]+)\s*")
_SCALES = {
    "K": {"K": (1.0, 0.0), "degC": (1.0, 273.15)},
    "Pa": {"Pa": (1.0, 0.0), "kPa": (1e3, 0.0), "MPa": (1e6, 0.0), "bar": (1e5, 0.0), "mbar": (100.0, 0.0), "atm": (ATMOSPHERE, 0.0)},
}


def _si(text: float | str, unit: str, what: str, where: str) -> float:
    """A number, or a text with a unit; the common ones without loading the registry of units (a second)."""
    match = _PLAIN.fullmatch(text) if isinstance(text, str) else None
    if match is not None and match[2] in _SCALES[unit]:
        scale, offset = _SCALES[unit][match[2]]
        return float(match[1]) * scale + offset
    from chemwright.quantity.units import si

    return si(text, unit, where or what)


def check_tier(tier: str, where: str = "") -> None:
    """Refuse what is no tier.

    Raises:
        InputError: not one of :data:`TIERS`, nor empty.
    """
    if tier and tier not in TIERS:
        raise InputError(f"tier {tier!r}", where=where, fix=f"one of {', '.join(TIERS)}")


def column_of(sheet: Sheet, item: Asked, tier: str = "") -> Column:
    """The figures of a sheet for a property, from one tier or the best."""
    t = sheet.T
    if not tier:
        return sheet.answer(item.name, t)
    if tier == "measured":
        return sheet.measured(item.name, t)
    if tier == "learned":
        return sheet.learned(item.name, t)
    code = TIERS.index(tier)
    return col.best([col.only(c, code) for c in sheet.equations(item.name, t)], sheet.n)


def _answers(sheet: Sheet, who: Found, i: int, items: Sequence[Asked], tier: str, neighbours: bool, drivers: bool) -> list[Answer]:
    out = []
    for item in items:
        if item.name == "ghs_hazard_statements":
            out.append(hazard_hints(sheet, who.text, i))
            continue
        c = column_of(sheet, item, tier)
        a = answer_of(sheet, item, c, who.text, i)
        out.append(with_reasons(a, sheet, item, c, i, neighbours=neighbours, drivers=drivers) if neighbours or drivers else a)
    return [evolve(a, note=a.note or (f"no figure of the tier {tier}" if tier and a.value is None else "")) for a in out]


def _own(kb: str | Path, who: Sequence[Found]) -> tuple[dict[int, Any], dict[str, str]]:
    from chemwright.knowledge.base.database import open_base

    base = open_base(kb, read_only=True)
    try:
        figures = own_figures(base, [f.smiles for f in who], [f.cas or f.name for f in who])
        used = {f.source for fs in figures.values() for f in fs}
        return figures, {k: s.citation for k, s in base.sources().items() if k in used}
    finally:
        base.close()


def _cited(ids: Iterable[str], own: dict[str, str]) -> dict[str, str]:
    from chemwright.knowledge.core.readings import sources
    from chemwright.property.answering.methods import SOURCES

    known = {s.id: s.citation for s in sources()} | SOURCES | own
    return {i: known.get(i, i) for i in sorted(ids)}
