"""What a base holds, as plain data to show: a substance with its claims and their consensus, a record whole, counts, the vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from chemwright.errors import InputError, SubstanceError
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.base.schema import claim, label, property_, source
from chemwright.knowledge.conflicts import grouped
from chemwright.knowledge.consensus import agreement
from chemwright.knowledge.vocabulary import own_properties, vocabulary
from chemwright.record import to_json
from chemwright.record.convert import converter
from chemwright.record.filing import STATUSES


def profile(base: KnowledgeBase, what: str, property_name: str = "", *, standing: bool = True) -> dict[str, Any]:
    """A substance with everything that is claimed of it, or a record by its key.

    Args:
        base: to look into.
        what: name, CAS number, SMILES or key of a substance; or six or more digits of a record's key.
        property_name: only this one.
        standing: leave out what does not count as known.

    Raises:
        SubstanceError: nothing of that name or key. InputError: unknown property.
    """
    try:
        found = base.substance(what)
    except SubstanceError as error:
        try:
            return record_of(base.get(what), base)
        except InputError:
            raise error from None
    said = base.claims(found.key, property_name or None, standing=standing)
    rows = []
    for item in base.vocabulary:
        mine = [c for c in said if c.record.property == item.name]
        for group in grouped(mine, item) if mine else ():
            counted = [c for c in group if c.filing.status == "trusted"]
            a = agreement(counted, item) if counted else None
            first = group[0].record
            rows.append(
                {
                    "property": item.name, "unit": item.unit, "conditions": {k: v for k, v in first.conditions.items() if all(k in c.record.conditions for c in group)}, "phase": first.phase,
                    "value": a.value if a else None, "std": a.std if a else None, "settled": a.settled if a else False, "claims": [line(c, a is not None and c in a.conflicting) for c in group],
                }
            )  # fmt: skip
    return {"kind": "substance", "substance": converter().unstructure(found), "properties": rows}


def line(filed: Filed, conflicting: bool = False) -> dict[str, Any]:
    """A claim in one line."""
    r, f = filed.record, filed.filing
    return {
        "key": filed.key, "value": r.value, "std": r.std, "unit": r.unit, "given": filed.given, "conditions": r.conditions, "source": r.source, "tier": r.tier, "status": f.status,
        "labels": list(f.labels), "suspicion": f.suspicion, "conflicting": conflicting, "note": r.note,
    }  # fmt: skip


def record_of(filed: Filed, base: KnowledgeBase) -> dict[str, Any]:
    """One record whole, with its filing and its lines in the audit trail."""
    import json

    return {
        "kind": filed.kind, "key": filed.key, "record": json.loads(to_json(filed.record)), "filing": json.loads(to_json(filed.filing)), "created": filed.created, "replaced_by": filed.replaced_by,
        "given": filed.given, "history": [{k: h[k] for k in ("at", "who", "what", "detail")} for h in base.history(filed.key)],
    }  # fmt: skip


def statistics(base: KnowledgeBase) -> dict[str, Any]:
    """Counts of everything: by kind, by property, by source, by standing, by label."""
    with base.reading() as connection:
        by_property = connection.execute(
            select(property_.c.name, func.count(), func.count(func.distinct(claim.c.substance))).join(claim, claim.c.property == property_.c.pk).group_by(property_.c.name)
        ).all()
        by_source = connection.execute(select(source.c.id, func.count()).join(claim, claim.c.source == source.c.pk).group_by(source.c.id)).all()
        by_status = connection.execute(select(claim.c.status, func.count()).group_by(claim.c.status)).all()
        suspicious = connection.execute(select(func.count()).select_from(claim).where(claim.c.suspicion != "")).scalar_one()
        labels = connection.execute(select(label.c.label, func.count()).group_by(label.c.label)).all()
    return {
        "counts": dict(base.counts()),
        "properties": [{"property": n, "claims": int(k), "substances": int(s)} for n, k, s in sorted(by_property, key=lambda r: (-r[1], r[0]))],
        "sources": [{"source": n, "claims": int(k)} for n, k in sorted(by_source, key=lambda r: (-r[1], r[0]))],
        "standing": {STATUSES[s]: int(k) for s, k in by_status},
        "suspicious": int(suspicious),
        "labels": {n: int(k) for n, k in labels},
    }


def vocabulary_rows(url: str, text: str = "", category: str = "") -> list[dict[str, Any]]:
    """Properties whose name, alias, Chinese name or description holds a text.

    Args:
        url: of a base whose own names count too, or empty.
        text: part of a name; empty for all.
        category: only this one; empty for all.

    Raises:
        InputError: unknown category.
    """
    words = vocabulary()
    if url:
        from chemwright.knowledge.base.database import open_base

        with open_base(url, read_only=True) as base:
            words = base.vocabulary
    items = words.in_category(category) if category else tuple(words)
    wanted = text.casefold().replace(" ", "_")
    found = [p for p in items if not wanted or any(wanted in t.casefold().replace(" ", "_") for t in (p.name, p.zh, *p.aliases))]
    if not found and text:
        found = [words.find(text)]
    return [
        {
            "name": p.name,
            "symbol": p.symbol,
            "unit": p.unit,
            "low": p.low,
            "high": p.high,
            "conditions": list(p.conditions),
            "category": p.category,
            "zh": p.zh,
            "description": p.description,
        }
        for p in found
    ]


def add_properties(base: KnowledgeBase, path: Path) -> list[str]:
    """Add the user's own properties of a CSV file.

    Raises:
        InputError: the file or a row can't be read, or a name is taken; nothing is added then.
    """
    from chemwright.knowledge.files import read_text

    items = own_properties(read_text(path), path.name)
    base.vocabulary.with_own(items)
    for item in items:
        base.add_property(item)
    return [i.name for i in items]
