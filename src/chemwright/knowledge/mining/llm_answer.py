"""The one form a language model may answer in, and the check of every answer against the paragraph it was given."""

from __future__ import annotations

from typing import Any

from chemwright.knowledge.mining.documents import Block
from chemwright.knowledge.mining.properties import measures
from chemwright.knowledge.mining.proposal import Evidence, KineticMention, ProcedureMention, PropertyMention, Proposal, Reading, SubstanceMention
from chemwright.knowledge.mining.quantities import fits, in_range, quantity_at
from chemwright.knowledge.mining.readings import percentages, temperatures, times
from chemwright.knowledge.mining.structures import known_temperature, structure

MAX_FINDINGS = 60
_TEXTS = ("quote", "substance", "property", "value_text", "at_text", "reaction", "temperature_text", "time_text", "yield_text")
_LISTS = ("reactants", "reagents", "catalysts", "solvents", "products")
_KIND = ("substance", "property", "procedure", "kinetic")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["findings"],
    "properties": {
        "findings": {
            "type": "array",
            "maxItems": MAX_FINDINGS,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", *_TEXTS, *_LISTS],
                "properties": {
                    "kind": {"type": "string", "enum": list(_KIND)},
                    **{name: {"type": "string", "maxLength": 2000} for name in _TEXTS},
                    **{name: {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 250}} for name in _LISTS},
                },
            },
        }
    },
}


def findings(answer: Any, block: Block, document: str, digest: str, kinds: tuple[str, ...], model: str, confidence: float) -> list[Proposal]:
    """The findings that hold: right form, quote and every text literally in the paragraph, numbers read from it by us and within sense."""
    if not isinstance(answer, dict) or set(answer) != {"findings"} or not isinstance(answer["findings"], list):
        return []
    out = []
    for item in answer["findings"][:MAX_FINDINGS]:
        if not _formed(item) or item["kind"] not in kinds or not _literal(item, block.text):
            continue
        at = block.text.index(item["quote"])
        mention = {"substance": _substance, "property": _value, "kinetic": _value, "procedure": _procedure}[item["kind"]](item, block, at)
        if mention is not None:
            where = Evidence(document, digest, item["quote"], block.start + at, block.start + at + len(item["quote"]), block.page, heading=block.heading)
            out.append(Proposal(mention, where, confidence, method=f"language model: {model}"))
    return out


def _formed(item: Any) -> bool:
    """Exactly the fields of the schema, of the right types and lengths."""
    return (
        isinstance(item, dict)
        and set(item) == {"kind", *_TEXTS, *_LISTS}
        and item["kind"] in _KIND
        and all(isinstance(item[k], str) and len(item[k]) <= 2000 for k in _TEXTS)
        and all(isinstance(item[k], list) and len(item[k]) <= 20 and all(isinstance(n, str) and 0 < len(n) <= 250 for n in item[k]) for k in _LISTS)
    )


def _literal(item: dict[str, Any], text: str) -> bool:
    """The quote stands in the paragraph, and every other text (the name of the property apart) in the paragraph too, numbers in the quote itself."""
    quote = item["quote"]
    if len(quote) < 3 or quote not in text:
        return False
    inside = all(item[k] in quote for k in ("value_text", "at_text") if item[k])
    return (
        inside
        and all(item[k] in text for k in ("substance", "reaction", "temperature_text", "time_text", "yield_text") if item[k])
        and all(n in text for k in _LISTS for n in item[k])
    )


def _named(name: str, role: str, text: str, start: int) -> SubstanceMention:
    smiles, how = structure(name)
    return SubstanceMention(name=name, smiles=smiles, role=role, found_by=how, start=start + text.index(name), confidence=0.5)


def _substance(item: dict[str, Any], block: Block, at: int) -> SubstanceMention | None:
    return _named(item["substance"], "", block.text, block.start) if item["substance"] else None


def _value(item: dict[str, Any], block: Block, at: int) -> PropertyMention | KineticMention | None:
    """A value whose number and unit our own grammar reads from the text the model points at."""
    measure = next((m for m in measures() if m.name == item["property"] and m.kind == item["kind"]), None)
    quantity = quantity_at(item["value_text"], 0) if measure is not None else None
    if measure is None or quantity is None or not fits(quantity.unit, measure.unit) or not in_range(quantity.value, quantity.unit, measure.unit, measure.low, measure.high):
        return None
    if measure.unit == "any" and quantity.unit == "1" and measure.name != "equilibrium_constant":
        return None
    held = next((r.value for r in temperatures(item["at_text"]) if r.value > 0), None)
    conditions = {} if held is None else {"temperature": held}
    if measure.kind == "kinetic":
        return KineticMention(item["reaction"], measure.name, "", quantity.value, quantity.unit, quantity.std, conditions)
    smiles = structure(item["substance"])[0] if item["substance"] else ""
    return PropertyMention(item["substance"], measure.name, quantity.value, quantity.unit, smiles, quantity.std, quantity.low, quantity.high, "=", conditions)


def _procedure(item: dict[str, Any], block: Block, at: int) -> ProcedureMention | None:
    lists = {k: tuple(_named(n, k[:-1], block.text, block.start) for n in item[k]) for k in _LISTS}
    if not lists["reactants"] and not lists["products"]:
        return None
    warm = []
    for r in temperatures(item["temperature_text"]):
        boiling = next((b for s in lists["solvents"] if (b := known_temperature(s.smiles, "boiling_point") if s.smiles else 0.0)), 0.0)
        value = r.value or boiling
        if value > 0:
            warm.append(_reading(r, value, item["temperature_text"], block))
    long = [_reading(r, r.value, item["time_text"], block) for r in times(item["time_text"])]
    much = [_reading(r, r.value, item["yield_text"], block) for r in percentages(item["yield_text"]) if r.value <= 110.0]
    return ProcedureMention(lists["reactants"], lists["reagents"], lists["catalysts"], lists["solvents"], (), lists["products"], tuple(warm), tuple(long), tuple(much))


def _reading(r: Reading, value: float, text: str, block: Block) -> Reading:
    return Reading(value, r.low, r.high, r.text, r.assumed, block.start + block.text.index(text) + r.start, 0.5)
