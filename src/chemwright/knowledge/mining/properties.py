"""Property values and kinetic parameters from sentences: what is measured, of what, how much, under which conditions."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import lru_cache

from attrs import frozen

from chemwright.errors import UnitError
from chemwright.knowledge.mining.chemnames import Found, chemical_names
from chemwright.knowledge.mining.nomenclature.vocabulary import table
from chemwright.knowledge.mining.proposal import KineticMention, PropertyMention
from chemwright.knowledge.mining.quantities import Quantity, fits, in_range, quantity_at
from chemwright.knowledge.mining.readings import temperatures
from chemwright.knowledge.mining.sentences import Span
from chemwright.knowledge.mining.structures import known_temperature, structure
from chemwright.quantity.units import convert

_GAP = 70
_ABOUT = re.compile(r"(?:about|ca\.?|approximately|approx\.?|around|roughly|nearly|~|≈)\s*$", re.IGNORECASE)
_LESS = re.compile(r"(?:<|≤|less than|below|at most|under|up to)\s*$", re.IGNORECASE)
_MORE = re.compile(r"(?:>|≥|more than|greater than|above|over|at least|exceeding)\s*$", re.IGNORECASE)
_BREAK = re.compile(r"[;]|\.\s|\b(?:and|whereas|while|but|NMR|IR|MS|found|calcd)\b", re.IGNORECASE)
_PRESSURE = re.compile(
    r"(?:at|/|under|and|,|\()\s*(?:a pressure of\s*)?(?:about\s*)?(?P<n>\d+(?:\.\d+)?|\.\d+)(?:\s?(?:-|–|to)\s?(?P<m>\d+(?:\.\d+)?|\.\d+))?\s?(?P<u>kPa|MPa|Pa|bar|mbar|atm|torr|Torr|mm\.?\s?Hg|mmHg|psi|mm\b)"
)
_MEDIUM = re.compile(r"\bin\s+(?:(?:pure|distilled|anhydrous|dilute|aqueous)\s+)?(?P<m>[A-Za-z][\w,()\-]*(?:\s(?:acid|acetate|chloride|alcohol|ether|glycol))?)")
_PH = re.compile(r"\bpH\s*(?:of|=|is)?\s*(\d{1,2}(?:\.\d+)?)")
#: the last word of this kind before a name says that it is a means (solvent, reagent), not what was made or measured
_INSTRUMENT = re.compile(
    r"(?:\b(?:from|with|in|into|by|using|between|through|containing|to)\b|/|:)(?:(?!\b(?:giv|gave|yield|afford|obtain|provid|furnish|produc|leav|of melting|of boiling|density|viscosity|point)\w*)[^.;=])*$",
    re.IGNORECASE,
)
_UNNAMED = re.compile(
    r"\b(?:title|desired|above|captioned|aimed) (?:compound|product)|\b(?:the|a|as|of|crude|pure|final) (?:product|compound|substance|residue)\b|\bcompound (?:number )?\d",
    re.IGNORECASE,
)


@frozen
class Measure:
    """A quantity that the miner knows.

    Args:
        kind: ``property`` or ``kinetic``.
        name: as in claims.
        words: pattern of the words for it.
        symbols: letters for it in table headers.
        unit: wanted units parted by ``|``, or ``any``.
        low: least sensible value, in the first unit that fits.
        high: greatest.
    """

    kind: str
    name: str
    words: re.Pattern[str]
    symbols: tuple[str, ...]
    unit: str
    low: float
    high: float


@lru_cache(maxsize=1)
def measures() -> tuple[Measure, ...]:
    """All known quantities (``data/mining/properties.csv``)."""
    return tuple(
        Measure(
            r["kind"],
            r["name"],
            re.compile(rf"(?<![A-Za-z])(?:{r['words']})(?![a-z])", re.IGNORECASE),
            tuple(s for s in r["symbols"].split(";") if s),
            r["unit"],
            float(r["low"]),
            float(r["high"]),
        )
        for r in table("properties")
    )


def sentence_values(sentence: Span, before: str = "") -> Iterator[tuple[PropertyMention | KineticMention, float]]:
    """Values in one sentence with their confidence.

    Args:
        sentence: the sentence.
        before: name of a substance that the text just spoke of, used when the sentence names none.
    """
    text = sentence.text
    names: tuple[Found, ...] | None = None
    taken: set[int] = set()
    for measure in measures():
        for match in measure.words.finditer(text):
            found = _value(text, match.end(), measure)
            if found is None or found[1] in taken:
                continue
            quantity, at = found
            names = chemical_names(text) if names is None else names
            taken.add(at)
            yield _mention(text, measure, match.start(), match.end(), at, quantity, names, before)


def _value(text: str, at: int, measure: Measure) -> tuple[Quantity, int] | None:
    """The first number after the words whose unit fits, within reach; a condition (``at 20 °C``) in between is stepped over."""
    position = at
    for _ in range(3):
        quantity = quantity_at(text, position, limit=_GAP)
        if quantity is None:
            return None
        begin = re.compile(r"[-−–+]?\s?[\d.]").search(text, position, position + _GAP + 60)
        if begin is None or _BREAK.search(text[at : begin.start()]):
            return None
        condition = (
            re.search(r"\bat\s*(?:about\s*)?$", text[position : begin.start()])
            and not measure.words.search(text[max(0, at - 12) : at + 1].rstrip() + " ")
            and not re.search(r"(?:melt|boil)\w* at$", text[at - 12 : begin.start()].strip())
        )
        unit = quantity.unit
        if measure.unit == "1" and unit not in ("1", "percent"):
            unit = "1" if measure.name in ("acid_dissociation_constant", "octanol_water_partition", "refractive_index", "reaction_order") and not condition else unit
        if measure.name == "specific_rotation" and unit in ("degC", "1"):
            unit = "deg"
        if unit == "1" and measure.name == "density" and 0.3 < quantity.value < 25 and "gravity" in text[max(0, at - 20) : at]:
            unit = "g/cm^3"
        ok = fits(unit, measure.unit) and in_range(quantity.value, unit, measure.unit, measure.low, measure.high)
        if measure.unit == "any" and unit == "1" and measure.name != "equilibrium_constant":
            ok = False
        if ok and not (condition and unit in ("degC", "K")):
            return Quantity(quantity.value, unit, quantity.low, quantity.high, quantity.std, quantity.end), begin.start()
        position = max(quantity.end, begin.end())
    return None


def _mention(text: str, measure: Measure, start: int, end: int, at: int, q: Quantity, names: tuple[Found, ...], before: str) -> tuple[PropertyMention | KineticMention, float]:
    """The record with its substance and conditions."""
    subject = _subject(text, names, start, end, at)
    lead = text[max(0, at - 22) : at]
    qualifier = "<" if _LESS.search(lead) else ">" if _MORE.search(lead) else "~" if _ABOUT.search(lead) else "="
    conditions = _conditions(text, measure, end, at, q)
    name, smiles = (subject.name, subject.smiles) if subject else (before, structure(before)[0] if before else "")
    confidence = 0.85 if subject and subject.smiles else 0.65 if subject else 0.5 if before else 0.4
    if _implausible(measure, smiles, q, conditions):
        confidence = 0.25
    confidence -= 0.1 * (qualifier != "=") + 0.1 * (at - end > 35)
    if measure.kind == "kinetic":
        reaction = re.search(
            r"(?:for|of)\s+(?:the\s+)?((?:[\w\-]+\s){0,4}?(?:reaction|step|hydrolysis|oxidation|hydrogenation|decomposition|esterification|isomeri[sz]ation|cracking|polymeri[sz]ation|nitration))\b",
            text,
            re.IGNORECASE,
        )
        symbol = re.search(r"\b([kKAEn](?:_?[a-z0-9]{1,4})?)\s*(?:=|is|was)\s*$", lead)
        return KineticMention(reaction.group(1).strip() if reaction else "", measure.name, symbol.group(1) if symbol else "", q.value, q.unit, q.std, conditions), max(
            0.3, confidence
        )
    medium = ""
    if measure.name in ("solubility", "specific_rotation", "acid_dissociation_constant", "enthalpy_of_solution", "diffusion_coefficient", "viscosity"):
        found = next((m for m in _MEDIUM.finditer(text, max(0, start - 40), min(len(text), at + 120)) if any(n.start <= m.start("m") < n.end for n in names)), None)
        if found:
            inside = next(n for n in names if n.start <= found.start("m") < n.end)
            medium = inside.name
            if subject is inside:
                other = [n for n in names if n is not inside]
                subject = other[0] if other else None
                name, smiles = (subject.name, subject.smiles) if subject else (before, "")
    return PropertyMention(
        substance=name,
        property=measure.name,
        value=q.value,
        unit=q.unit,
        smiles=smiles,
        std=q.std,
        low=q.low,
        high=q.high,
        qualifier=qualifier,
        conditions=conditions,
        medium=medium,
    ), max(0.2, confidence)


def _subject(text: str, names: tuple[Found, ...], start: int, end: int, at: int) -> Found | None:
    """``of X`` between the words and the number, else the last name before the words, else the first after the number."""
    between = [n for n in names if end <= n.start < at and re.search(r"\b(?:of|for)\b[^.;]{0,25}$", text[end : n.start])]
    earlier = [n for n in names if n.end <= start and not _INSTRUMENT.search(text[max(0, n.start - 120) : n.start])]
    later = [n for n in names if n.start >= at]
    if between:
        return between[0]
    if earlier:  # "the title compound, m.p. ..." speaks of something else than the name before it
        return None if _UNNAMED.search(text[earlier[-1].end : start]) else earlier[-1]
    if later and text[at : later[0].start].count(",") == 0 and re.search(r"\b(?:of|for)\b", text[at : later[0].start]):
        return later[0]
    return None


def _implausible(measure: Measure, smiles: str, q: Quantity, conditions: dict[str, float]) -> bool:
    """Whether a normal boiling or melting point lies more than 15 K from the tables': then it is likely another substance's."""
    if not smiles or measure.name not in ("melting_point", "boiling_point") or "pressure" in conditions:
        return False
    known = known_temperature(smiles, measure.name)
    return known > 0 and abs(convert(q.value, q.unit, "K") - known) > 15.0


def _conditions(text: str, measure: Measure, end: int, at: int, q: Quantity) -> dict[str, float]:
    """Temperature, pressure and pH named beside the value, in SI."""
    out: dict[str, float] = {}
    near = text[end : min(len(text), q.end + 60)]
    stop = re.search(r"[;]|\.\s", near[q.end - end :]) if q.end > end else None
    near = near[: q.end - end + stop.start()] if stop else near
    if fits("K", measure.unit) is False or measure.unit == "any":
        for reading in temperatures(near):
            place = end + reading.start
            if reading.value > 0 and not at - 1 <= place < q.end and not reading.assumed.startswith("reflux"):
                out["temperature"] = reading.value
                break
    if (match := _PRESSURE.search(near)) and not fits(q.unit, "Pa"):
        unit = re.sub(r"mm\.?\s?Hg|^mm$", "mmHg", match["u"])
        with contextlib.suppress(UnitError):
            out["pressure"] = convert((float(match["n"]) + float(match["m"] or match["n"])) / 2, {"Torr": "torr"}.get(unit, unit), "Pa")
    if match := _PH.search(near):
        out["pH"] = float(match.group(1))
    return out
