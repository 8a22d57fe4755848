"""The rows of a package: which records leave with which substances and files, each as plain data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen
from sqlalchemy import Connection, Table, select

from chemwright.knowledge.base import changes, substances
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.base.schema import blob, claim, entry, link, substance
from chemwright.knowledge.exchange.choose import BLOCK, Chosen, chosen_claims, chosen_entries
from chemwright.knowledge.exchange.rights import Purpose, Refused
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.record import DataSetRecord, ExperimentRecord, ModelRecord, SeriesRecord, Source, SubstanceRecord, to_json
from chemwright.record.fields import as_tuple
from chemwright.record.filing import VISIBILITIES

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

_SHA = re.compile(r"[0-9a-f]{64}")
_INSIDE = re.compile(r"\[([^\]]+)\]")


@frozen
class Leaving:
    """What leaves.

    Args:
        chosen: rows of claims, entries and substances.
        files: hashes of the files that go along.
        refused: what may not leave, and why.
        purpose: for whom.
    """

    chosen: Chosen
    files: tuple[str, ...]
    refused: tuple[Refused, ...] = field(converter=as_tuple)
    purpose: Purpose

    @property
    def empty(self) -> bool:
        """Whether nothing leaves."""
        return not (self.chosen.claims or self.chosen.entries or self.chosen.substances)


def assets_of(record: Any) -> tuple[str, ...]:
    """Hashes of the files that a record names."""
    if isinstance(record, ExperimentRecord | SeriesRecord):
        named = record.assets
    elif isinstance(record, DataSetRecord | ModelRecord):
        named = (record.asset,)
    else:
        named = (str(getattr(record, "sha256", "")),)
    return tuple(s for s in named if _SHA.fullmatch(s))


def leaving(kb: KnowledgeBase, connection: Connection, chosen: Chosen, known: dict[str, Source], purpose: Purpose) -> Leaving:
    """Sort out what of a selection may leave.

    Args:
        kb: base.
        connection: to read from.
        chosen: the selection.
        known: sources by id.
        purpose: for whom.
    """
    refused: list[Refused] = []
    rows: dict[str, list[int]] = {"claim": [], "entry": []}
    needed: set[int] = set()
    mentioned: set[str] = set()
    for pk, item in chosen_claims(kb, connection, chosen):
        if why := _why(item, known, purpose):
            refused.append(Refused(item.kind, item.key, why))
        else:
            rows["claim"].append(pk)
            mentioned |= {k for name in item.record.conditions for k in _INSIDE.findall(name)}
    files: dict[str, None] = {}
    locked = _locked(connection, known, purpose)
    for pk, item in chosen_entries(connection, chosen):
        named = assets_of(item.record)
        why = _why(item, known, purpose) or next((f"its file {s[:12]} may not leave: {locked[s]}" for s in named if s in locked), "")
        if why:
            refused.append(Refused(item.kind, item.key, why))
        else:
            rows["entry"].append(pk)
            files |= dict.fromkeys(named)
            mentioned |= {k for name in getattr(item.record, "conditions", {}) for k in _INSIDE.findall(name)}
    there = _in_chunks(connection, blob, blob.c.sha256, blob.c.sha256, list(files))
    rows["entry"] = sorted({*rows["entry"], *(int(pk) for pk in _in_chunks(connection, entry, entry.c.pk, entry.c.id, list(files), entry.c.kind == "asset"))})
    needed |= set(_in_chunks(connection, claim, claim.c.substance, claim.c.pk, rows["claim"])) | set(_in_chunks(connection, link, link.c.substance, link.c.entry, rows["entry"]))
    own, shut = _own(connection, chosen, purpose)
    needed |= own
    needed |= _parts(connection, needed, mentioned)
    return Leaving(Chosen(tuple(rows["claim"]), tuple(rows["entry"]), tuple(sorted(needed))), tuple(sorted(set(there))), [*refused, *shut], purpose)


def _why(item: Filed, known: dict[str, Source], purpose: Purpose) -> str:
    return purpose.refusal(item.filing.licence, item.filing.visibility, known.get(str(getattr(item.record, "source", ""))))


def _locked(connection: Connection, known: dict[str, Source], purpose: Purpose) -> dict[str, str]:
    """Files whose own record may not leave, and why."""
    out: dict[str, str] = {}
    for _, item in chosen_entries(connection, Chosen(), "asset"):
        if why := _why(item, known, purpose):
            out[item.record.sha256] = why
    return out


def _in_chunks(connection: Connection, table: Table, wanted: Any, by: Any, values: Sequence[Any], *conditions: Any) -> list[Any]:
    out: list[Any] = []
    for i in range(0, len(values), BLOCK):
        out += connection.execute(select(wanted).select_from(table).where(by.in_(list(values[i : i + BLOCK])), *conditions).distinct()).scalars().all()
    return out


def _open(visibility: int, purpose: Purpose) -> bool:
    return VISIBILITIES[visibility] == "public" or (VISIBILITIES[visibility] == "group" and purpose.target == "group")


def _own(connection: Connection, chosen: Chosen, purpose: Purpose) -> tuple[set[int], list[Refused]]:
    """Substances that were chosen themselves: of everything the open ones, of a selection all, or they are refused."""
    query = select(substance.c.pk, substance.c.key, substance.c.visibility)
    if chosen.substances is None:
        return {int(r.pk) for r in connection.execute(query) if _open(r.visibility, purpose)}, []
    own: set[int] = set()
    shut = []
    for i in range(0, len(chosen.substances), BLOCK):
        for r in connection.execute(query.where(substance.c.pk.in_(chosen.substances[i : i + BLOCK]))):
            if _open(r.visibility, purpose):
                own.add(int(r.pk))
            else:
                shut.append(Refused("substance", r.key, "it is private" if VISIBILITIES[r.visibility] == "private" else "it is for the group only"))
    return own, shut


def _parts(connection: Connection, rows: Iterable[int], mentioned: set[str]) -> set[int]:
    """Substances that mixtures are made of, and those that conditions name in brackets."""
    keys = set(mentioned)
    for r in substances.read(connection, sorted(rows), names=False):
        if r.kind == "mixture":
            keys |= set(r.composition) | set(r.key.removeprefix("mixture:").split("@")[0].split("+"))
    return {int(pk) for pk in _in_chunks(connection, substance, substance.c.pk, substance.c.key, sorted(keys))}


def _plain(record: Any) -> Any:
    return json.loads(to_json(record, indent=None))


def _row(item: Filed) -> dict[str, Any]:
    return {"key": item.key, "kind": item.kind, "record": _plain(item.record), "filing": _plain(item.filing), "created": item.created, "replaced_by": item.replaced_by}


def claim_rows(kb: KnowledgeBase, connection: Connection, what: Leaving) -> Iterator[dict[str, Any]]:
    """The claims."""
    for _, item in chosen_claims(kb, connection, what.chosen):
        yield _row(item) | {"given": item.given}


def entry_rows(connection: Connection, what: Leaving) -> Iterator[dict[str, Any]]:
    """The entries."""
    for _, item in chosen_entries(connection, what.chosen):
        yield _row(item)


def substance_rows(connection: Connection, what: Leaving, hidden: list[int]) -> Iterator[dict[str, Any]]:
    """The substances; of those filed for fewer people than the package is for, identity and structure alone.

    ``hidden[0]`` counts the ones whose names stay.
    """
    rows = what.chosen.substances or ()
    for i in range(0, len(rows), BLOCK):
        part = list(rows[i : i + BLOCK])
        filed = {
            r.pk: r
            for r in connection.execute(select(substance.c.pk, substance.c.licence, substance.c.visibility, substance.c.owner, substance.c.created).where(substance.c.pk.in_(part)))
        }
        labels = changes.labels_of(connection, "substance", part)
        for pk, record in zip(part, substances.read(connection, part), strict=True):
            r, words = filed[pk], labels.get(pk, ())
            if not _open(r.visibility, what.purpose):
                bare = _bare(record)
                hidden[0] += int(bare != record or bool(words))
                record, words = bare, ()
            yield {
                "record": _plain(record),
                "filing": {"licence": r.licence, "visibility": VISIBILITIES[r.visibility], "owner": r.owner, "labels": list(words)},
                "created": r.created,
            }


def _bare(record: SubstanceRecord) -> SubstanceRecord:
    """What the key says, and the structure behind it."""
    return evolve(record, name="" if record.kind not in ("name", "material") else record.name, synonyms=(), note="", cas="" if record.smiles else record.cas)


def property_rows(kb: KnowledgeBase) -> Iterator[dict[str, Any]]:
    """Properties of the base's own."""
    shipped = vocabulary()
    for item in kb.vocabulary:
        if item.name not in shipped:
            yield {"record": _plain(item)}
