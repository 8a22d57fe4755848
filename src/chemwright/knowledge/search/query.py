"""The query as a tree of frozen nodes; joined in Python by ``&``, ``|`` and ``~``, and printed in the query language that :mod:`.parse` reads."""

from __future__ import annotations

import math
import re
from typing import Any

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.record.claim import TIERS
from chemwright.record.experiment import ROLES
from chemwright.record.fields import as_tuple, filled, optional_number
from chemwright.record.filing import STATUSES, VISIBILITIES

_BARE = re.compile(r"[\w.+-]+")
KEYWORDS = ("and", "or", "not", "at", "top")


class Query:
    """A question; one of the nodes below."""

    def __and__(self, other: Query) -> And:
        return And((*_parts(self, And), *_parts(other, And)))

    def __or__(self, other: Query) -> Or:
        return Or((*_parts(self, Or), *_parts(other, Or)))

    def __invert__(self) -> Query:
        return self.item if isinstance(self, Not) else Not(self)

    def __str__(self) -> str:
        return _print(self)


def _parts(query: Query, kind: type) -> tuple[Query, ...]:
    return query.items if isinstance(query, kind) else (query,)  # type: ignore[attr-defined,no-any-return]


def _queries(instance: Any, attribute: Any, value: Any) -> None:
    if len(value) < 2 or not all(isinstance(v, Query) for v in value):
        raise InputError("two or more queries are joined", where=type(instance).__name__, fix="join them: Name('ethanol') & Label('checked')")


def _one_of(known: tuple[str, ...]) -> Any:
    def check(instance: Any, attribute: Any, value: str) -> None:
        if value not in known:
            raise InputError(f"{attribute.name} {value!r}", where=f"search, {type(instance).__name__.lower()}", fix=did_you_mean(str(value), known))

    return check


def _fraction(instance: Any, attribute: Any, value: float) -> None:
    if not (math.isfinite(value) and 0.0 <= value <= 1.0):
        raise InputError(f"similarity {value!r}", where="search, similar", fix="give 0 to 1, as in similar:CCO >= 0.6")


def _date(instance: Any, attribute: Any, value: str) -> None:
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2}(T\d{2}(:\d{2}(:\d{2})?)?)?)?)?", value):
        raise InputError(f"date {value[:40]!r}", where=f"search, {type(instance).__name__.lower()}", fix="write it as 2024, 2024-05, 2024-05-31 or 2024-05-31T14:30")


@frozen(str=False)
class And(Query):
    """All of them hold."""

    items: tuple[Query, ...] = field(converter=as_tuple, validator=_queries)


@frozen(str=False)
class Or(Query):
    """At least one of them holds."""

    items: tuple[Query, ...] = field(converter=as_tuple, validator=_queries)


@frozen(str=False)
class Not(Query):
    """It does not hold."""

    item: Query


@frozen(str=False)
class Substance(Query):
    """The substance that a key, CAS number, name, synonym or SMILES means."""

    text: str = field(validator=filled)


@frozen(str=False)
class Name(Query):
    """A name or synonym, capitals and kinds of dash apart; ``*`` at its end stands for anything."""

    text: str = field(validator=filled)


@frozen(str=False)
class Key(Query):
    """Key of a substance or record; of a record its first digits will do."""

    text: str = field(validator=filled)


@frozen(str=False)
class Cas(Query):
    """CAS number."""

    text: str = field(validator=filled)


@frozen(str=False)
class Formula(Query):
    """Molecular formula, the elements in any order."""

    text: str = field(validator=filled)


@frozen(str=False)
class Structure(Query):
    """Exactly this structure, given as SMILES; compared by its standard InChIKey."""

    smiles: str = field(validator=filled)


@frozen(str=False)
class Substructure(Query):
    """A part of the structure, as SMARTS; a SMILES of the part will do."""

    smarts: str = field(validator=filled)


@frozen(str=False)
class Similar(Query):
    """Tanimoto similarity of Morgan fingerprints (radius 2, 2048 bits) to a SMILES of at least ``threshold``; only the ``top`` most similar where given."""

    smiles: str = field(validator=filled)
    threshold: float = field(default=0.0, converter=float, validator=_fraction)
    top: int | None = None


@frozen(str=False)
class Role(Query):
    """A substance takes part in a reaction or experiment: as ``product``, ``reactant`` or another role, or in ``any``."""

    role: str = field(validator=_one_of(("any", *ROLES)))
    item: Query


@frozen(str=False)
class Transformation(Query):
    """``left>>right`` in SMARTS: each part on the left is in a reactant or reagent, each on the right in a product."""

    smarts: str = field(validator=filled)


@frozen(str=False)
class Condition:
    """What a condition must be, in SI: ``low`` to ``high`` included; ``None`` leaves a side open."""

    name: str = field(validator=filled)
    low: float | None = field(default=None, converter=optional_number)
    high: float | None = field(default=None, converter=optional_number)


def _conditions(given: Any) -> tuple[Condition, ...]:
    return tuple(Condition(k, *v) for k, v in given.items()) if isinstance(given, dict) else tuple(given)


@frozen(str=False)
class PropertyRange(Query):
    """A number of a property within a range, its ends included, under conditions that must be told.

    Args:
        property: vocabulary name.
        low, high: in ``unit``; ``None`` leaves a side open.
        unit: any unit of the right dimension; empty for SI.
        conditions: name to (low, high) in SI, or :class:`Condition` s.
    """

    property: str = field(validator=filled)
    low: float | None = field(default=None, converter=optional_number)
    high: float | None = field(default=None, converter=optional_number)
    unit: str = ""
    conditions: tuple[Condition, ...] = field(default=(), converter=_conditions)

    def __attrs_post_init__(self) -> None:
        for what, low, high in ((self.property, self.low, self.high), *((c.name, c.low, c.high) for c in self.conditions)):
            if any(x is not None and not math.isfinite(x) for x in (low, high)) or (low is not None and high is not None and low > high):
                raise InputError(f"{what} from {low} to {high}", where="search", fix="give two finite numbers, the smaller one first")


@frozen(str=False)
class SourceIs(Query):
    """Said by a source: its id (``*`` at the end stands for anything) or its DOI."""

    text: str = field(validator=filled)


@frozen(str=False)
class Label(Query):
    """Labelled so."""

    text: str = field(validator=filled)


@frozen(str=False)
class Since(Query):
    """Filed at this date (UTC) or later."""

    date: str = field(validator=[filled, _date])


@frozen(str=False)
class Until(Query):
    """Filed at this date (UTC) or earlier; the whole day, month or year counts."""

    date: str = field(validator=[filled, _date])


@frozen(str=False)
class Text(Query):
    """Words of the full text, all of them; a word that ends in ``*`` stands for its beginning."""

    text: str = field(validator=filled)


@frozen(str=False)
class Status(Query):
    """Standing of a record: without this, only those that count as known are found."""

    text: str = field(validator=_one_of(STATUSES))


@frozen(str=False)
class Tier(Query):
    """How a claim's number came about."""

    text: str = field(validator=_one_of(TIERS))


@frozen(str=False)
class Kind(Query):
    """Kind of substance or entry, as ``polymer`` or ``series``."""

    text: str = field(validator=filled)


@frozen(str=False)
class Method(Query):
    """How a claim or data set was measured or computed: these words are in it."""

    text: str = field(validator=filled)


@frozen(str=False)
class Phase(Query):
    """Phase that a claim is about."""

    text: str = field(validator=filled)


@frozen(str=False)
class Visibility(Query):
    """Who may see the record."""

    text: str = field(validator=_one_of(VISIBILITIES))


FIELDS: dict[str, type] = {
    "substance": Substance,
    "name": Name,
    "key": Key,
    "cas": Cas,
    "formula": Formula,
    "structure": Structure,
    "substructure": Substructure,
    "similar": Similar,
    "transformation": Transformation,
    "has": PropertyRange,
    "source": SourceIs,
    "label": Label,
    "since": Since,
    "until": Until,
    "text": Text,
    "status": Status,
    "tier": Tier,
    "kind": Kind,
    "method": Method,
    "phase": Phase,
    "visibility": Visibility,
}
"""Fields of the query language; the roles of :data:`ROLES` and ``any`` are fields too."""
_FIELD_OF = {t: name for name, t in FIELDS.items()}


def reaction(*, product: str | Query = "", reactant: str | Query = "", transformation: str = "", **roles: str | Query) -> Query:
    """Reactions and experiments by who takes part, and by what changes into what.

    Args:
        product, reactant: a substance (key, CAS number, name, SMILES) or a query for substances.
        transformation: ``left>>right`` in SMARTS.
        roles: further roles, as ``catalyst="palladium"``, or ``any=...`` for whichever role.

    Raises:
        InputError: nothing given, or an unknown role.
    """
    given = {"product": product, "reactant": reactant, **roles}
    parts: list[Query] = [Role(role, Substance(what) if isinstance(what, str) else what) for role, what in given.items() if what]
    if transformation:
        parts.append(Transformation(transformation))
    if not parts:
        raise InputError("a reaction is searched by product, reactant, another role, or transformation", where="search", fix="give one: reaction(product='ethyl acetate')")
    return parts[0] if len(parts) == 1 else And(parts)


def quoted(text: str) -> str:
    """A value as the query language writes it: in quotes unless it is a plain word."""
    if _BARE.fullmatch(text) and text.lower() not in KEYWORDS and not text.startswith("-"):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _print(query: Query, inner: bool = False) -> str:
    if isinstance(query, And | Or):
        text = f" {'and' if isinstance(query, And) else 'or'} ".join(_print(q, True) for q in query.items)
        return f"({text})" if inner else text
    if isinstance(query, Not):
        return f"not {_print(query.item, True)}"
    if isinstance(query, Role):
        return f"{query.role}:{quoted(query.item.text)}" if isinstance(query.item, Substance) else f"{query.role}:({_print(query.item)})"
    if isinstance(query, Similar):
        return f"similar:{quoted(query.smiles)}" + (f" >= {query.threshold!r}" if query.threshold else "") + ("" if query.top is None else f" top {query.top}")
    if isinstance(query, PropertyRange):
        return _range(query)
    value = next(getattr(query, a) for a in ("text", "smiles", "smarts", "date") if hasattr(query, a))
    return f"{_FIELD_OF[type(query)]}:{quoted(value)}"


def _range(query: PropertyRange) -> str:
    unit = f" {quoted_unit(query.unit)}" if query.unit else ""
    head = f"has:{query.property}" if query.low is None and query.high is None else query.property + _ends(query.low, query.high, unit)
    if not query.conditions:
        return head
    return f"{head} at " + ", ".join(c.name + _ends(c.low, c.high, "") for c in query.conditions)


def _ends(low: float | None, high: float | None, unit: str) -> str:
    if low is not None and high is not None:
        return f" {low!r}..{high!r}{unit}" if low != high else f" = {low!r}{unit}"
    if low is None and high is None:
        return ""
    return f" >= {low!r}{unit}" if high is None else f" <= {high!r}{unit}"


def quoted_unit(unit: str) -> str:
    """A unit in quotes where it has blanks or begins with what is no letter."""
    return unit if re.fullmatch(r"[^\W\d_][^\s\"(),&|]*", unit) and unit.lower() not in KEYWORDS else quoted(unit) if not _BARE.fullmatch(unit) else f'"{unit}"'
