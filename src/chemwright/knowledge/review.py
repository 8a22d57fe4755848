"""The queue of what was mined: proposals wait in the base until a person accepts, corrects or rejects them; what is accepted becomes claims and experiments.

Nothing mined counts as known before that, unless the user sets a threshold: then proposals of at least that confidence are taken in by the rule, each
labelled ``unreviewed`` and filed with its confidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attrs import evolve, fields, frozen
from sqlalchemy import select

from chemwright.errors import ChemwrightError, InputError, did_you_mean
from chemwright.knowledge.base import audit, changes, entries
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.base.schema import STATUS_CODE, entry
from chemwright.knowledge.mining import review as rules
from chemwright.knowledge.mining.documents import Note
from chemwright.knowledge.mining.proposal import Proposal
from chemwright.knowledge.taken import records_of, source_of
from chemwright.record import Filing

Progress = Callable[[str, float | None], None]
UNREVIEWED, REVIEWED = "unreviewed", "reviewed"


@frozen
class Mined:
    """What mining a document brought.

    Args:
        document: its name.
        proposals: keys of those that wait now, in the order of the text.
        taken: how many a threshold took in at once.
        again: how many were in the base before, whatever became of them.
        refused: (key, reason) of those over the threshold that could not be filed; they wait.
        notes: what of the document was passed over.
    """

    document: str
    proposals: tuple[str, ...]
    taken: int
    again: int
    refused: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()


@frozen
class Waiting:
    """A proposal with its key in the base."""

    key: str
    proposal: Proposal


def propose(base: KnowledgeBase, proposals: Iterable[Proposal], *, threshold: float | None = None, filing: Filing | None = None) -> Mined:
    """Put proposals into the queue.

    Args:
        base: to file into.
        proposals: as :func:`chemwright.knowledge.mining.mine` gives them.
        threshold: confidence from 0 to 1 from which on they are taken in without review; None takes in nothing.
        filing: terms of what comes out of them.

    Raises:
        InputError: a threshold outside 0 to 1. StorageError: the base can't be written.
    """
    found = tuple(proposals)
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise InputError(f"threshold {threshold!r}", where="--trust", fix="give a number from 0 to 1, or none to trust only what was reviewed")
    terms = evolve(filing or Filing(), owner=base.who, status="proposed")
    keys: list[str] = []
    fresh: list[tuple[str, Proposal]] = []
    with base.writing() as connection:
        for p in found:
            [(h, new)] = entries.file_entries(connection, [p], evolve(terms, confidence=p.confidence), substances={}, properties={}, sources={})
            if new:
                fresh.append((h.hex(), p))
        if found:
            e = found[0].evidence
            audit.write(connection, base.who, "mine", e.document_hash, document=e.document, proposals=len(found), new=len(fresh))
    taken = 0
    refused: list[tuple[str, str]] = []
    for key, p in fresh:
        if threshold is not None and p.confidence >= threshold:
            try:
                take(base, key, p, by=f"threshold {threshold:g}", reviewed=False, filing=filing)
                taken += 1
                continue
            except ChemwrightError as error:
                refused.append((key, str(error)))
        keys.append(key)
    return Mined(found[0].evidence.document if found else "", tuple(keys), taken, len(found) - len(fresh), tuple(refused))


def mine_file(base: KnowledgeBase, path: Path, *, threshold: float | None = None, kinds: tuple[str, ...] = (), filing: Filing | None = None, llm: Any = None) -> Mined:
    """Read a document and put what it proposes into the queue.

    Raises:
        InputError: the file can't be read, or an unknown kind. MissingExtra: a PDF without its reader.
    """
    from chemwright.knowledge.mining import mine
    from chemwright.knowledge.mining.proposal import KINDS

    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"{kind!r} is not a kind of proposal", where="--kind", fix=did_you_mean(kind, KINDS))
    found = mine(path, kinds=kinds or KINDS, llm=llm)
    return evolve(propose(base, found, threshold=threshold, filing=filing), notes=found.notes)


def queue(base: KnowledgeBase, *, kind: str = "", limit: int | None = None) -> list[Waiting]:
    """Proposals that wait, the surest first."""
    query = select(entry).where(entry.c.kind == "proposal", entry.c.status == STATUS_CODE["proposed"]).order_by(entry.c.confidence.desc(), entry.c.pk)
    with base.reading() as connection:
        rows = connection.execute(query).all()
    out = [Waiting(f.key, f.record) for f in map(entries.entry_as_filed, rows) if not kind or f.record.kind == kind]
    return out[:limit]


def accept(base: KnowledgeBase, key: str, *, by: str, note: str = "", filing: Filing | None = None) -> list[str]:
    """Take a proposal in as it stands; the keys of what came out of it.

    Raises:
        InputError: no such proposal, reviewed already, or nobody named; ChemwrightError: what it says can't be filed (correct it).
    """
    p = _waiting(base, key)
    rules.accept(p, by=by, note=note)
    return take(base, key, p, by=by, note=note, filing=filing)


def reject(base: KnowledgeBase, key: str, *, by: str, note: str = "") -> None:
    """Refuse a proposal; it stays, so that mining the document again does not ask again.

    Raises:
        InputError: as :func:`accept`.
    """
    p = _waiting(base, key)
    rules.reject(p, by=by, note=note)
    with base.writing() as connection:
        changes.set_status(connection, by, [key], "rejected", note or "rejected in review")


def correct(base: KnowledgeBase, key: str, given: dict[str, Any], *, by: str, note: str = "", filing: Filing | None = None) -> list[str]:
    """Take a proposal in with some of its fields changed; the proposal as it was read stays beside it.

    Args:
        base: to file into.
        key: of the proposal.
        given: field to new value; texts are read as the field's type.
        by, note: who, and a remark.
        filing: terms of what comes out of it.

    Raises:
        InputError: an unknown field or a value of another type; as :func:`accept`.
    """
    p = _waiting(base, key)
    data = changed(p.data, given)
    fixed = rules.correct(p, data, by=by, note=note)
    return take(base, key, fixed, by=by, note=note or "corrected in review", filing=filing)


def changed(data: Any, given: dict[str, Any]) -> Any:
    """A mention with fields changed; of a number a text such as ``78.4`` is read, an empty text takes an optional one away.

    Raises:
        InputError: an unknown field, or a text that is no number.
    """
    known = {a.name: a for a in fields(type(data)) if a.name not in ("kind", "start")}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise InputError(f"no field {name!r} in a {data.kind}", where="correction", fix=did_you_mean(name, known))
        now = getattr(data, name)
        if isinstance(value, str) and (isinstance(now, float) or (now is None and name not in ("smiles",))):
            try:
                values[name] = float(value) if value.strip() else None
            except ValueError:
                raise InputError(f"{value!r} is no number", where=f"correction, {name}", fix="give a number such as 78.4") from None
        else:
            values[name] = value
    return evolve(data, **values)


def take(base: KnowledgeBase, key: str, proposal: Proposal, *, by: str, note: str = "", reviewed: bool = True, filing: Filing | None = None) -> list[str]:
    """File what a proposal says, and close it, in one transaction."""
    terms = filing or Filing()
    terms = evolve(terms, owner=base.who, confidence=None if reviewed else proposal.confidence)
    records = records_of(proposal, base.vocabulary)
    with base.writing() as connection:
        keys = base.file(connection, [source_of(proposal), *records], terms)[1:]
        changes.set_labels(connection, by, [k for k, r in zip(keys, records, strict=True)], add=[REVIEWED if reviewed else UNREVIEWED, "mined"])
        changes.set_status(connection, by, [key], "trusted", note or ("accepted in review" if reviewed else "over the threshold"))
        audit.write(connection, by, "take", key, records=keys)
    return keys


def _waiting(base: KnowledgeBase, key: str) -> Proposal:
    filed = base.get(key)
    if not isinstance(filed.record, Proposal):
        raise InputError(f"{key} is a {filed.kind}, no proposal", where="review", fix="chemwright kb review --list shows those that wait")
    if filed.filing.status != "proposed":
        raise InputError(
            f"it is {'accepted' if filed.filing.status == 'trusted' else filed.filing.status} already",
            where=f"proposal {key}",
            fix="chemwright kb review --list shows those that wait",
        )
    return filed.record
