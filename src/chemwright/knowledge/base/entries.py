"""Entries: every record that is no claim and no substance, as JSON with the links and numbers it is searched by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, fields
from sqlalchemy import Connection, Select, insert, select

from chemwright.errors import InputError
from chemwright.knowledge.base import audit, text
from chemwright.knowledge.base.claims import Filed, filing_of
from chemwright.knowledge.base.limits import MAX_BODY, check_name, check_record
from chemwright.knowledge.base.schema import STATUS_CODE, VISIBILITY_CODE, entry, link, number
from chemwright.knowledge.base.substances import insert_ignore
from chemwright.knowledge.base.trouble import row_of
from chemwright.knowledge.mining.proposal import Proposal
from chemwright.record import (
    AssetRecord,
    DataSetRecord,
    Decision,
    ExperimentRecord,
    Filing,
    ModelRecord,
    ReactionEntry,
    SeriesRecord,
    content_hash,
    from_json,
    to_json,
)

TYPES: dict[str, type] = {
    "reaction": ReactionEntry,
    "experiment": ExperimentRecord,
    "dataset": DataSetRecord,
    "series": SeriesRecord,
    "asset": AssetRecord,
    "model": ModelRecord,
    "decision": Decision,
    "proposal": Proposal,
}
KIND_OF = {t: k for k, t in TYPES.items()}


def kind_of(record: Any) -> str:
    """The kind of entry that a record is.

    Raises:
        InputError: no entry.
    """
    if type(record) not in KIND_OF:
        raise InputError(f"{type(record).__name__} is no record that a knowledge base holds", fix="give one of " + ", ".join(t.__name__ for t in KIND_OF))
    return KIND_OF[type(record)]


def entry_hash(record: Any) -> bytes:
    """32 bytes that are the same for the same record in every knowledge base."""
    return bytes.fromhex(content_hash([kind_of(record), record]))


def links_of(record: Any) -> list[tuple[str, str]]:
    """(substance key, role) of everything a record is about."""
    if isinstance(record, ReactionEntry | ExperimentRecord):
        out = [(p.substance, p.role) for p in record.participants]
        return out + ([(o.substance, "product") for o in record.outcomes if o.substance] if isinstance(record, ExperimentRecord) else [])
    if isinstance(record, DataSetRecord):
        return [(s, "about") for s in dict.fromkeys([*record.substances, *(c.substance for c in record.columns if c.substance)])]
    if isinstance(record, ModelRecord):
        return [(s, "about") for s in record.substances]
    return []


def keyed(record: Any, keys: Mapping[str, str]) -> Any:
    """The record with its substances under their keys, however they were named: one experiment has one hash."""
    if isinstance(record, ReactionEntry | ExperimentRecord):
        record = evolve(record, participants=tuple(evolve(p, substance=keys.get(p.substance, p.substance), name=p.name or _name(p.substance, keys)) for p in record.participants))
        if isinstance(record, ExperimentRecord):
            record = evolve(record, outcomes=tuple(evolve(o, substance=keys.get(o.substance, o.substance)) for o in record.outcomes))
    elif isinstance(record, DataSetRecord):
        columns = tuple(evolve(c, substance=keys.get(c.substance, c.substance)) for c in record.columns)
        record = evolve(record, substances=tuple(keys.get(s, s) for s in record.substances), columns=columns)
    elif isinstance(record, ModelRecord):
        record = evolve(record, substances=tuple(keys.get(s, s) for s in record.substances))
    return record


def _name(given: str, keys: Mapping[str, str]) -> str:
    """What was written for a substance, where that was not its key."""
    return given if keys.get(given, given) != given else ""


def numbers_of(record: Any) -> list[tuple[str, float]]:
    """(vocabulary name, SI value) of the conditions and outcomes that a record is searched by."""
    if isinstance(record, ExperimentRecord):
        return [*record.conditions.items(), *((o.property, o.value) for o in record.outcomes)]
    if isinstance(record, ReactionEntry | DataSetRecord):
        return list(record.conditions.items())
    return []


def words_of(record: Any) -> str:
    """All text of a record that a person may search for."""
    parts: list[str] = []
    for a in fields(type(record)):
        value = getattr(record, a.name)
        if isinstance(value, str) and a.name not in ("asset", "sha256"):
            parts.append(value)
        elif isinstance(value, dict) and a.name == "settings":
            parts += [f"{k} {v}" for k, v in value.items()]
        elif a.name in ("participants", "columns"):
            parts += [str(getattr(p, "name", "")) for p in value]
    if isinstance(record, Proposal):
        parts.append(record.evidence.text)
    return "\n".join(p for p in parts if p)


def file_entries(
    connection: Connection, records: Sequence[Any], filing: Filing, *, substances: dict[str, int], properties: dict[str, int], sources: dict[str, int], batch: int = 0
) -> list[tuple[bytes, bool]]:
    """File entries.

    Args:
        connection: in a transaction that writes.
        records: of the kinds in :data:`TYPES`.
        filing: terms for all of them.
        substances, properties, sources: rows of every key, name and id that they mention.
        batch: import that they came with.

    Returns:
        for each its hash and whether it was new.
    """
    hashes = [entry_hash(r) for r in records]
    known: set[bytes] = set()
    for i in range(0, len(hashes), 500):
        known |= set(connection.execute(select(entry.c.hash).where(entry.c.hash.in_(hashes[i : i + 500]))).scalars())
    created, done = audit.now(), set(known)
    fresh: list[tuple[bytes, Any]] = []
    for h, r in zip(hashes, records, strict=True):
        if h not in done:
            done.add(h)
            fresh.append((h, r))
    terms = {
        "licence": filing.licence,
        "visibility": VISIBILITY_CODE[filing.visibility],
        "owner": filing.owner,
        "status": STATUS_CODE[filing.status],
        "suspicion": filing.suspicion,
    }
    bodies = {h: _body(r) for h, r in fresh}
    rows = [
        {
            "hash": h, "kind": kind_of(r), "id": str(getattr(r, "id", None) or getattr(r, "sha256", None) or h.hex()[:16]), "body": bodies[h],
            "source": sources.get(getattr(r, "source", "")), "confidence": getattr(r, "confidence", filing.confidence), "created": created, "batch": batch, **terms,
        }
        for h, r in fresh
    ]  # fmt: skip
    if rows:
        connection.execute(insert(entry), rows)
        pks = _pks(connection, [h for h, _ in fresh])
        _index(connection, [(pks[h], r) for h, r in fresh], substances, properties)
    new = {h for h, _ in fresh}
    return [(h, h in new) for h in hashes]


def _body(record: Any) -> str:
    where = f"{kind_of(record)} {str(getattr(record, 'id', ''))[:60]!r}"
    check_name(str(getattr(record, "id", "") or ""), where, "id")
    check_record(record, where)
    body = to_json(record, indent=None)
    if len(body) > MAX_BODY:
        raise InputError(f"{len(body):,} characters as JSON, at most {MAX_BODY:,} expected", where=where, fix="keep long texts and tables as assets and name them in the record")
    return body


def _pks(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, int]:
    out: dict[bytes, int] = {}
    for i in range(0, len(hashes), 500):
        out |= {bytes(h): int(pk) for h, pk in connection.execute(select(entry.c.hash, entry.c.pk).where(entry.c.hash.in_(hashes[i : i + 500])))}
    return out


def _index(connection: Connection, items: list[tuple[int, Any]], substances: dict[str, int], properties: dict[str, int]) -> None:
    links = [{"entry": pk, "substance": substances[k], "role": role} for pk, r in items for k, role in dict.fromkeys(links_of(r))]
    if links:
        connection.execute(insert_ignore(connection, link), links)
    numbers = [{"entry": pk, "property": properties[n], "value": v} for pk, r in items for n, v in numbers_of(r)]
    if numbers:
        connection.execute(insert(number), numbers)
    by_kind: dict[str, list[tuple[int, str]]] = {}
    for pk, r in items:
        by_kind.setdefault("entry", []).append((pk, words_of(r)))
    for kind, bodies in by_kind.items():
        text.index(connection, kind, bodies)


def stream_entries(connection: Connection, query: Select[Any], size: int = 1000) -> Iterator[Filed]:
    """Entries of a query on the whole ``entry`` table one by one, in bounded memory."""
    with connection.execute(query, execution_options={"yield_per": size}) as result:
        for row in result:
            yield entry_as_filed(row)


def entry_as_filed(row: Any, labels: Iterable[str] = ()) -> Filed:
    """A row of the ``entry`` table as a record with its filing."""
    with row_of("entry", row.pk):
        try:
            record: Any = from_json(row.body, TYPES[row.kind], where=f"{row.kind} {row.id}")
            key, by = memoryview(row.hash).hex(), memoryview(row.replaced_by).hex() if row.replaced_by else ""
            return Filed(key, row.kind, record, filing_of(row, tuple(labels)), row.created, by)
        except InputError as error:
            raise ValueError(error.message) from None
