"""Where what is known disagrees: claims gathered under equal conditions, their consensus, and the list of those in conflict."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Select, or_, select

from chemwright.errors import InputError
from chemwright.knowledge.base import substances
from chemwright.knowledge.base.claims import Filed, as_filed, full_claims
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.base.schema import claim, property_, substance
from chemwright.knowledge.consensus import Agreement, agreement
from chemwright.knowledge.properties import Property

Progress = Callable[[str, float | None], None]
NEAR = {"temperature": 0.5}
"""Differences within which two conditions count as equal, absolute in SI; others count as equal within 1 %."""
ATMOSPHERE = (99e3, 103.5e3)


@frozen
class Conflict:
    """Claims on one property of one substance that do not agree."""

    substance: str
    name: str
    property: str
    unit: str
    conditions: dict[str, float]
    agreement: Agreement

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON and tables."""
        a = self.agreement
        said = [{"source": c.record.source, "value": c.record.value, "std": c.record.std, "key": c.key, "agrees": c in a.agreeing} for c in (*a.agreeing, *a.conflicting)]
        return {
            "substance": self.substance, "name": self.name, "property": self.property, "unit": self.unit, "conditions": self.conditions, "value": a.value, "std": a.std, "settled": a.settled,
            "sources": a.sources, "distance": a.worst, "claims": said,
        }  # fmt: skip


def consensus_of(base: KnowledgeBase, name: str, property_name: str, conditions: Mapping[str, float] | None = None) -> Agreement:
    """What the base knows of a property of a substance.

    Args:
        base: to ask.
        name: of the substance: key, CAS number, name or SMILES.
        property_name: any name of the vocabulary.
        conditions: SI; claims under other ones are left out. A condition that claims don't tell is taken to hold for any.

    Raises:
        SubstanceError: not in the base. InputError: unknown property. PropertyMissing: no standing claim under these conditions.
    """
    item = base.vocabulary.find(property_name)
    found = base.substance(name)
    wanted = dict(conditions or {})
    with base.reading() as connection:
        rows = connection.execute(_standing(item).where(substance.c.key == found.key)).all()
    said = [as_filed(r, item.unit) for r in rows]
    fitting = [c for c in said if all(k not in c.record.conditions or _equal(k, c.record.conditions[k], v) for k, v in wanted.items())]
    if not wanted and "temperature" in item.conditions and len(fitting) > 1:
        spread = {round(c.record.conditions["temperature"], 1) for c in fitting if "temperature" in c.record.conditions}
        if len(spread) > 1:
            some = ", ".join(f"{t:g} K" for t in sorted(spread)[:8])
            raise InputError(f"{item.name} of {found.name or name} is known at {len(spread)} temperatures", where="consensus", fix=f"say which, as --at 298.15K; known: {some}")
    return agreement(fitting, item)


def find_conflicts(base: KnowledgeBase, property_name: str = "", *, limit: int | None = None, progress: Progress | None = None) -> list[Conflict]:
    """Every group of claims that does not agree, the farthest apart first.

    Args:
        base: to ask.
        property_name: any name of the vocabulary; its whole family counts (``normal_boiling_point`` under ``boiling_point``). All properties when empty.
        limit: most to return.
        progress: told how far it is.

    Raises:
        InputError: unknown property.
    """
    items = _family(base, property_name)
    out: list[Conflict] = []
    for done, item in enumerate(items):
        if progress is not None:
            progress(item.name, done / len(items))
        for group in groups(base, item):
            a = agreement(group, item)
            if a.conflicting:
                first = group[0].record
                shared = {k: v for k, v in first.conditions.items() if all(k in c.record.conditions for c in group)}
                out.append(Conflict(first.subject, "", item.name, item.unit, shared, a))
    out.sort(key=lambda c: (-c.agreement.worst, c.substance, c.property))
    out = out[:limit]
    return _named(base, out)


def groups(base: KnowledgeBase, item: Property) -> Iterator[list[Filed]]:
    """Standing claims on a property that may be compared: one substance, one phase, equal conditions, at least two sources."""
    with base.reading() as connection:
        query = _standing(item).order_by(claim.c.substance, claim.c.temperature, claim.c.pressure, claim.c.pk)
        result = connection.execute(query, execution_options={"yield_per": 5000})
        together: list[Any] = []
        for row in result:
            if together and row.substance != together[0].substance:
                yield from _split(together, item)
                together = []
            together.append(row)
        yield from _split(together, item)


def _standing(item: Property) -> Select[Any]:
    """Standing claims on a property; a boiling point at one atmosphere is a normal boiling point."""
    here = property_.c.name == item.name
    if item.name == "normal_boiling_point":
        here = or_(here, (property_.c.name == "boiling_point") & claim.c.pressure.between(*ATMOSPHERE))
    return full_claims().where(here, claim.c.status == 0)


def _split(rows: Sequence[Any], item: Property) -> Iterator[list[Filed]]:
    """The rows of one substance, already in the order of temperature and pressure, parted where conditions differ."""
    parts: list[list[Any]] = []
    for row in rows:
        if parts and _together(parts[-1][0], row):
            parts[-1].append(row)
        else:
            parts.append([row])
    for part in parts:
        if len({r.source for r in part}) > 1:
            yield [as_filed(r, item.unit) for r in part]


def _together(a: Any, b: Any) -> bool:
    if a.phase and b.phase and a.phase != b.phase:
        return False
    for name in ("temperature", "pressure"):
        x, y = getattr(a, name), getattr(b, name)
        if (x is None) != (y is None) and name == "temperature":
            return False
        if x is not None and y is not None and not _equal(name, x, y):
            return False
    return a.conditions == b.conditions or _others_equal(a.conditions, b.conditions)


def grouped(claims: Sequence[Filed], item: Property) -> list[list[Filed]]:
    """Claims on one property of one substance, parted where their conditions or phases differ; single ones too."""
    parts: list[list[Filed]] = []
    for c in sorted(claims, key=lambda c: (c.record.conditions.get("temperature", -1.0), c.record.conditions.get("pressure", -1.0), c.key)):
        if parts and _alike(parts[-1][0], c):
            parts[-1].append(c)
        else:
            parts.append([c])
    return parts


def _alike(a: Filed, b: Filed) -> bool:
    x, y = a.record, b.record
    if x.phase and y.phase and x.phase != y.phase:
        return False
    names = (x.conditions.keys() | y.conditions.keys()) - {"pressure"}
    if any((n in x.conditions) != (n in y.conditions) or not _equal(n, x.conditions[n], y.conditions[n]) for n in names):
        return False
    return "pressure" not in x.conditions or "pressure" not in y.conditions or _equal("pressure", x.conditions["pressure"], y.conditions["pressure"])


def _others_equal(a: str, b: str) -> bool:
    x, y = json.loads(a or "{}"), json.loads(b or "{}")
    return x.keys() == y.keys() and all(_equal(k, x[k], y[k]) for k in x)


def _equal(name: str, a: float, b: float) -> bool:
    return abs(a - b) <= NEAR[name] if name in NEAR else abs(a - b) <= 0.01 * max(abs(a), abs(b))


def _family(base: KnowledgeBase, name: str) -> list[Property]:
    """A property with all below it; all properties that the base holds claims on when no name is given."""
    if name:
        names = {i.name for i in base.vocabulary.family(name)}
    else:
        names = {p.name for p in base.vocabulary}
    with base.reading() as connection:
        held = set(connection.execute(select(property_.c.name).where(property_.c.pk.in_(select(claim.c.property).distinct()))).scalars())
    return [p for p in base.vocabulary if p.name in names & held]


def _named(base: KnowledgeBase, conflicts: list[Conflict]) -> list[Conflict]:
    """The same with the substances' names."""
    keys = list(dict.fromkeys(c.substance for c in conflicts))
    with base.reading() as connection:
        rows = []
        for i in range(0, len(keys), 500):
            rows += list(connection.execute(select(substance.c.pk).where(substance.c.key.in_(keys[i : i + 500]))).scalars())
        names = {s.key: s.name for s in substances.read(connection, rows, names=False)}
    return [Conflict(c.substance, names.get(c.substance, ""), c.property, c.unit, c.conditions, c.agreement) for c in conflicts]


__all__ = ["Conflict", "consensus_of", "find_conflicts", "groups"]
