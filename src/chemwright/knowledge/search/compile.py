"""From a query to SQL: each node becomes a condition on the table that is searched.

What a node means for each kind of record:

================  ==============================  =============================  =======================================
node              substances                      claims                         entries (experiments, reactions, ...)
================  ==============================  =============================  =======================================
of a substance    it is so                        its substance is so            a substance that takes part is so
property range    has a standing claim            the claim itself               a condition or outcome is in the range
role, change      takes part in such an entry     its substance does             the entry itself
source            a standing claim or entry       the claim's source             the entry's source
label, date       its own                         its own                        its own
text              its names                       its names, note                its text
tier, phase,      has such a standing claim       the claim itself               (not asked)
method
status            has such a claim                the claim itself               the entry itself
================  ==============================  =============================  =======================================
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Connection, Float, Select, and_, bindparam, cast, false, func, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chemwright.errors import InputError, SubstanceError, did_you_mean
from chemwright.knowledge.base import text as base_text
from chemwright.knowledge.base.schema import ENTRY_KINDS, STATUS_CODE, TIER_CODE, VISIBILITY_CODE, claim, entry, label, link, number, property_, source, substance, synonym
from chemwright.knowledge.conflicts import NEAR
from chemwright.knowledge.identity import identify
from chemwright.knowledge.names_zh import cas_of
from chemwright.knowledge.search import fulltext
from chemwright.knowledge.search import query as q
from chemwright.knowledge.search.dates import after, normal
from chemwright.knowledge.search.formulas import hill
from chemwright.knowledge.search.structures import StructureIndex
from chemwright.knowledge.vocabulary import Vocabulary
from chemwright.quantity.units import convert
from chemwright.record.substance import SUBSTANCE_KINDS

TABLES: dict[str, Any] = {"substance": substance, "claim": claim, "entry": entry}
NARROW = 20_000
"""So many substances, found by the cheap terms, are worth naming to the structure index."""
_HEX = re.compile(r"[0-9a-f]{6,64}")
_OF_SUBSTANCE = (q.Substance, q.Name, q.Cas, q.Formula, q.Structure, q.Substructure, q.Similar)
_BY_STRUCTURE = (q.Substructure, q.Similar, q.Transformation)
EDGE = 1e-9
"""Relative width by which the ends of a range are moved apart, so that a detour over another unit does not lose a number."""

Condition = ColumnElement[bool]


def holds(query: q.Query, kinds: tuple[type, ...]) -> bool:
    """Whether a node of these kinds is anywhere in the query."""
    if isinstance(query, kinds):
        return True
    if isinstance(query, q.And | q.Or):
        return any(holds(i, kinds) for i in query.items)
    return isinstance(query, q.Not | q.Role) and holds(query.item, kinds)


class Compiler:
    """Turns the nodes of one query into conditions; it looks up structures on the way.

    Args:
        connection: to the base.
        words: its vocabulary.
        index: its structures, up to date; only used where the query asks for structures.
        seconds: time limit of each search by structure.
    """

    def __init__(self, connection: Connection, words: Vocabulary, index: StructureIndex | None, seconds: float) -> None:
        self.connection, self.words, self.index, self.seconds = connection, words, index, seconds
        self.dialect = connection.dialect.name
        self.scores: dict[int, float] = {}
        """Similarity of the substances that a similarity node found."""

    def condition(self, query: q.Query, target: str, within: np.ndarray | None = None) -> Condition:
        """The condition on the table ``target`` (``substance``, ``claim`` or ``entry``) that a query means.

        Raises:
            InputError: a node that does not fit the target, a wrong formula, SMARTS or SMILES. TimeLimit: a search by structure took too long.
        """
        if isinstance(query, q.And):
            return self._all(query, target, within)
        if isinstance(query, q.Or):
            return or_(*(self.condition(i, target, within) for i in query.items))
        if isinstance(query, q.Not):
            return not_(self.condition(query.item, target, within))
        if isinstance(query, _OF_SUBSTANCE):
            return self._through(self._of_substance(query, within), target)
        if isinstance(query, q.Role | q.Transformation):
            entries = self._of_entry(query)
            if target == "entry":
                return entry.c.pk.in_(entries)
            taking_part = select(link.c.substance).where(link.c.entry.in_(entries))
            return (substance.c.pk if target == "substance" else claim.c.substance).in_(taking_part)
        return self._plain(query, target)

    def _all(self, query: q.And, target: str, within: np.ndarray | None) -> Condition:
        """Cheap terms first; the substances that they leave are the only ones whose structures are matched."""
        cheap = [self.condition(i, target, within) for i in query.items if not holds(i, _BY_STRUCTURE)]
        costly = [i for i in query.items if holds(i, _BY_STRUCTURE)]
        if cheap and costly and target != "entry":
            column = substance.c.pk if target == "substance" else claim.c.substance
            rows = self.connection.execute(select(column).where(*cheap).distinct().limit(NARROW + 1)).scalars().all()
            if len(rows) <= NARROW:
                left = np.array(rows, dtype=np.int64)
                within = left if within is None else np.intersect1d(left, within)
        return and_(*cheap, *(self.condition(i, target, within) for i in costly))

    def _through(self, of_substance: Condition, target: str) -> Condition:
        """A condition on the table of substances, as one on the target."""
        if target == "substance":
            return of_substance
        chosen = select(substance.c.pk).where(of_substance)
        return claim.c.substance.in_(chosen) if target == "claim" else entry.c.pk.in_(select(link.c.entry).where(link.c.substance.in_(chosen)))

    def among(self, column: ColumnElement[Any], rows: Sequence[int] | np.ndarray) -> Condition:
        """Whether a column is one of any number of keys, bound as one array."""
        values = [int(r) for r in rows]
        if not values:
            return false()
        if self.dialect == "sqlite":
            listed = func.json_each(bindparam(None, json.dumps(values))).table_valued("value")
            return column.in_(select(listed.c.value))
        return column == func.any(bindparam(None, values, type_=ARRAY(BigInteger)))

    # substances

    def _of_substance(self, query: q.Query, within: np.ndarray | None) -> Condition:
        pk = substance.c.pk
        match query:
            case q.Substance(given):
                return self._meant(given)
            case q.Name(given):
                return pk.in_(self._named(given))
            case q.Cas(given):
                return or_(substance.c.cas == given.strip(), pk.in_(select(synonym.c.substance).where(synonym.c.folded == base_text.fold(given))))
            case q.Formula(given):
                return substance.c.formula == hill(given)
            case q.Structure(smiles):
                return substance.c.key == identify(smiles, "search, structure", names=False).key
            case q.Substructure(smarts):
                return self.among(pk, self._index().substructure(smarts, within=within, seconds=self.seconds)[0])
            case q.Similar(smiles, threshold, top):
                rows, scores = self._index().similar(smiles, threshold, top, within if top is None else None)
                for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
                    self.scores[row] = max(score, self.scores.get(row, 0.0))
                return self.among(pk, rows)
        raise InputError(f"{type(query).__name__} is no query", fix="join the nodes of chemwright.knowledge.search")

    def _index(self) -> StructureIndex:
        if self.index is None:
            raise InputError("a search by structure needs the structure index", fix="call chemwright.knowledge.search.search")
        return self.index

    def _meant(self, given: str) -> Condition:
        """What a key, CAS number, name, or SMILES means: the first of these that the base knows."""
        known = select(substance.c.pk).where(substance.c.key == given)
        for select_rows in (known, select(synonym.c.substance).where(synonym.c.folded == base_text.fold(given)).distinct()):
            rows = self.connection.execute(select_rows).scalars().all()
            if rows:
                return self.among(substance.c.pk, rows)
        try:
            return substance.c.key == identify(given, "search, substance", names=False).key
        except SubstanceError:
            return false()

    def _named(self, given: str) -> Select[Any]:
        folded = base_text.fold(given)
        if not folded.endswith("*"):
            meant = {folded, cas_of(given)} - {""}  # a Chinese name is known also where the base has not been told it
            return select(synonym.c.substance).where(synonym.c.folded.in_(sorted(meant)))
        head = folded.rstrip("*")
        if self.dialect == "sqlite":  # as a range, which the index answers
            return select(synonym.c.substance).where(synonym.c.folded >= head, synonym.c.folded < head + "\U0010ffff")
        return select(synonym.c.substance).where(synonym.c.folded.startswith(head, autoescape=True))

    # reactions

    def _of_entry(self, query: q.Query) -> Select[Any]:
        """Rows of the entries that a role or a transformation holds for."""
        if isinstance(query, q.Role):
            chosen = select(link.c.entry).where(link.c.substance.in_(select(substance.c.pk).where(self.condition(query.item, "substance"))))
            return chosen if query.role == "any" else chosen.where(link.c.role == query.role)
        assert isinstance(query, q.Transformation)
        sides = query.smarts.strip().split(">")
        if len(sides) != 3 or not (sides[0] or sides[2]):
            raise InputError(f"{query.smarts[:80]!r} is no transformation", where="search, transformation", fix="write left>>right in SMARTS, as in 'C(=O)[OH].[OH]C>>C(=O)OC'")
        roles = (("reactant", "reagent"), ("reagent", "catalyst", "ligand", "base", "acid", "solvent"), ("product",))
        parts = [(part, role) for side, role in zip(sides, roles, strict=True) for part in split_parts(side)]
        found = {part: self._index().substructure(part, seconds=self.seconds)[0] for part, _ in parts}
        conditions = [entry.c.pk.in_(select(link.c.entry).where(link.c.role.in_(role), self.among(link.c.substance, found[part]))) for part, role in parts]
        return select(entry.c.pk).where(*conditions)

    # everything else

    def _plain(self, query: q.Query, target: str) -> Condition:
        table = TABLES[target]
        match query:
            case q.PropertyRange():
                return self._range(query, target)
            case q.Key(given):
                return self._key(given, target)
            case q.Label(given):
                return table.c.pk.in_(select(label.c.target).where(label.c.kind == target, label.c.label == given.strip()))  # type: ignore[no-any-return]
            case q.Since(date):
                return table.c.created >= normal(date)  # type: ignore[no-any-return]
            case q.Until(date):
                return table.c.created < after(date)  # type: ignore[no-any-return]
            case q.Visibility(given):
                return table.c.visibility == VISIBILITY_CODE[given]  # type: ignore[no-any-return]
            case q.SourceIs(given):
                return self._source(given, target)
            case q.Text(given):
                return self._text(given, target)
            case q.Kind(given):
                return self._kind(given, target)
            case q.Status(given):
                if target == "substance":
                    return substance.c.pk.in_(select(claim.c.substance).where(claim.c.status == STATUS_CODE[given]))
                return table.c.status == STATUS_CODE[given]  # type: ignore[no-any-return]
            case q.Tier(given):
                return self._of_claim(claim.c.tier == TIER_CODE[given], "tier", target)
            case q.Phase(given):
                return self._of_claim(claim.c.phase == given.strip().lower(), "phase", target)
            case q.Method(given):
                return self._of_claim(fulltext.inside(claim.c.method, given), "method", target)
        raise InputError(f"{type(query).__name__} is no query", fix="join the nodes of chemwright.knowledge.search")

    def _of_claim(self, condition: Condition, what: str, target: str) -> Condition:
        if target == "entry":
            raise InputError(f"{what} is asked of claims and substances, not of entries", where=f"search, {what}", fix="search claims, or ask for words of the text")
        return condition if target == "claim" else substance.c.pk.in_(select(claim.c.substance).where(claim.c.status == 0, condition))

    def _kind(self, given: str, target: str) -> Condition:
        if target == "claim":
            return claim.c.substance.in_(select(substance.c.pk).where(self._kind(given, "substance")))
        known = SUBSTANCE_KINDS if target == "substance" else ENTRY_KINDS
        if given not in known:
            raise InputError(f"kind {given!r}", where="search, kind", fix=did_you_mean(given, known))
        return TABLES[target].c.kind == given  # type: ignore[no-any-return]

    def _key(self, given: str, target: str) -> Condition:
        text = given.strip()
        by_substance = self._through(substance.c.key == text, target)
        if target == "substance" or not _HEX.fullmatch(text.lower()):
            return by_substance
        table, width = TABLES[target], 32 if target == "claim" else 64
        low, high = (bytes.fromhex(text.lower()[:width].ljust(width, c)) for c in "0f")
        return or_(table.c.hash.between(low, high), by_substance)

    def _source(self, given: str, target: str) -> Condition:
        text = given.strip()
        doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", text, flags=re.I)
        by_id = source.c.id.startswith(text[:-1], autoescape=True) if text.endswith("*") else source.c.id == text
        pks = select(source.c.pk).where(or_(by_id, func.lower(source.c.body).contains(json.dumps(doi).lower(), autoescape=True)) if "/" in doi else by_id)
        if target != "substance":
            return TABLES[target].c.source.in_(pks)  # type: ignore[no-any-return]
        linked = select(link.c.substance).join(entry, entry.c.pk == link.c.entry).where(entry.c.source.in_(pks), entry.c.status == 0)
        return or_(substance.c.pk.in_(select(claim.c.substance).where(claim.c.source.in_(pks), claim.c.status == 0)), substance.c.pk.in_(linked))

    def _text(self, given: str, target: str) -> Condition:
        if target != "claim":
            return TABLES[target].c.pk.in_(fulltext.targets(given, target, self.dialect))  # type: ignore[no-any-return]
        return or_(claim.c.substance.in_(fulltext.targets(given, "substance", self.dialect)), fulltext.inside(claim.c.note, given))

    # numbers

    def _range(self, query: q.PropertyRange, target: str) -> Condition:
        item = self.words.find(query.property.partition("[")[0], "search")
        low, high = (x if x is None or not query.unit else convert(x, query.unit, item.unit, f"search, {item.name}") for x in (query.low, query.high))
        if target == "entry":
            return and_(entry.c.pk.in_(self._numbers(query.property, low, high)), *(entry.c.pk.in_(self._numbers(c.name, c.low, c.high)) for c in query.conditions))
        whose = and_(claim.c.property.in_(self._family(item.name)), *_between(claim.c.value, low, high), *(self._under(c) for c in query.conditions))
        return whose if target == "claim" else substance.c.pk.in_(select(claim.c.substance).where(whose, claim.c.status == 0))

    def _family(self, name: str) -> list[int]:
        """Rows of a property and of the narrower ones that bear its name."""
        names = [p.name for p in self.words.family(name)]
        return list(self.connection.execute(select(property_.c.pk).where(property_.c.name.in_(names))).scalars())

    def _numbers(self, name: str, low: float | None, high: float | None) -> Select[Any]:
        item = self.words.find(name.partition("[")[0], "search")
        return select(number.c.entry).where(number.c.property.in_(self._family(item.name)), *_between(number.c.value, low, high))

    def _under(self, wanted: q.Condition) -> Condition:
        """A condition of a claim: it must be told."""
        head, bracket, rest = wanted.name.partition("[")
        name = self.words.find(head, "search").name + bracket + rest
        column = self._told(name)
        low, high = wanted.low, wanted.high
        if low is not None and low == high:  # one number: what counts as equal conditions everywhere
            reach = NEAR.get(name, 0.01 * abs(low))
            low, high = low - reach, low + reach
        return and_(column.is_not(None), *_between(column, low, high))

    def _told(self, name: str) -> ColumnElement[Any]:
        if name in ("temperature", "pressure"):
            return claim.c[name]
        written = func.nullif(claim.c.conditions, "")
        if self.dialect == "sqlite":
            return func.json_extract(written, "$." + json.dumps(name, ensure_ascii=False))
        return cast(cast(written, JSONB)[name].astext, Float)


def _between(column: ColumnElement[Any], low: float | None, high: float | None) -> list[Condition]:
    """The range, its ends moved apart by rounding."""
    out: list[Condition] = [] if low is None else [column >= low - EDGE * abs(low)]
    return out if high is None else [*out, column <= high + EDGE * abs(high)]


def split_parts(side: str) -> list[str]:
    """The molecules of one side of a transformation, parted by dots outside brackets."""
    out, depth = [""], 0
    for c in side:
        depth += (c in "([") - (c in ")]")
        if c == "." and depth == 0:
            out.append("")
        else:
            out[-1] += c
    return [p for p in out if p]
