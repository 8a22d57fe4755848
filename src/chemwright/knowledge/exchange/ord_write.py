"""Write experiments for the Open Reaction Database: what came from it as it came, with later changes over it; everything else from its fields."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chemwright.errors import InputError
from chemwright.knowledge.base import audit, sources, substances
from chemwright.knowledge.base.schema import entry, substance
from chemwright.knowledge.exchange.choose import Chosen, choose, chosen_entries
from chemwright.knowledge.exchange.ord import HEAD, STAMP, kept_message
from chemwright.knowledge.exchange.ord_build import build, overlay
from chemwright.knowledge.exchange.ord_map import unchanged
from chemwright.knowledge.exchange.ord_wire import Head, form_of, messages, write_dataset
from chemwright.knowledge.exchange.rights import Purpose, Refused, refuse, refused_among
from chemwright.knowledge.exchange.taking import Progress
from chemwright.knowledge.exchange.writing import Written, replacing
from chemwright.record import ExperimentRecord, Source, SubstanceRecord, content_hash
from chemwright.record.filing import STANDING

if TYPE_CHECKING:
    from chemwright.knowledge.base.claims import Filed
    from chemwright.knowledge.base.database import KnowledgeBase


def write_ord(
    kb: KnowledgeBase,
    path: str | Path,
    selection: Iterable[Any] | None = None,
    *,
    dataset: str = "",
    purpose: Purpose | None = None,
    leave_out: bool = False,
    email: str = "",
    progress: Progress = None,
) -> Written:
    """Write experiments as one data set.

    Args:
        kb: base to read.
        path: ``.pb``, ``.pb.gz``, ``.pbtxt`` or ``.json``.
        selection: keys or results of a search; every experiment when None.
        dataset: only those of this data set of the Open Reaction Database; its name and description are written too.
        purpose: for whom; for the public when None.
        leave_out: write the rest when some may not leave, instead of refusing.
        email: of the person who writes; the database asks for it, of records that did not come from it.
        progress: called as it goes on.

    Returns:
        what was written, with what the validation of ``ord-schema`` says of messages made here.

    Raises:
        InputError: nothing to write, or records that may not leave; StorageError: the file can't be written.
    """
    out, purpose = Path(path), purpose or Purpose(changed=True)
    form = form_of(out)
    messages()
    notes: dict[str, int] = {}
    with kb.reading() as connection:
        known = sources.read_sources(connection)
        rows = _of_dataset(connection, dataset) if dataset and selection is None else choose(connection, selection)
        allowed, refused = _sorted_out(connection, rows, dataset, known, purpose)
        if not leave_out:
            refuse(refused, f"export to {out.name}")
        if not allowed:
            raise InputError("no experiment to write", where=f"export to {out.name}", fix="none of them may leave" if refused else "select experiments, or check the data set's id")
        head = _head(connection, dataset, [key for key, _ in allowed])
        by = {"time": audit.now(), "username": kb.who, "email": email}
        stream = _messages(connection, tuple(pk for _, pk in allowed), known, by, notes, progress)
        with replacing(out) as plain:
            if out.name.lower().endswith(".gz"):
                with gzip.GzipFile(fileobj=plain, mode="wb", mtime=0, filename="") as packed:
                    written = write_dataset(packed, form, head, stream)  # type: ignore[arg-type]
            else:
                written = write_dataset(plain, form, head, stream)
    with kb.writing() as connection:
        audit.write(connection, kb.who, "export", out.name, format="ord", records=written, audience=purpose.target, left_out=len(refused))
    return Written(str(out), {"experiment": written}, tuple(f"{w} ({n} times)" if n > 1 else w for w, n in notes.items()), refused)


def _of_dataset(connection: Connection, dataset: str) -> Chosen:
    """Rows whose text names the data set, so that the others need not be read."""
    named = select(entry.c.pk).where(entry.c.kind == "experiment", entry.c.body.contains(f'"dataset": {json.dumps(dataset, ensure_ascii=False)}', autoescape=True))
    return Chosen((), tuple(connection.execute(named.order_by(entry.c.pk)).scalars()), ())


def _sorted_out(connection: Connection, rows: Chosen, dataset: str, known: dict[str, Source], purpose: Purpose) -> tuple[list[tuple[str, int]], list[Refused]]:
    """(key, row) of the experiments that may leave, and those that may not."""
    allowed: list[tuple[str, int]] = []
    refused: list[Refused] = []
    for pk, item in chosen_entries(connection, rows, "experiment"):
        if dataset and item.record.settings.get("dataset") != dataset:
            continue
        if item.filing.status not in STANDING:
            continue
        why = refused_among([item], known, purpose)
        refused += why
        if not why:
            allowed.append((item.key, pk))
    return allowed, refused


def _head(connection: Connection, dataset: str, keys: list[str]) -> Head:
    if dataset:
        for (body,) in connection.execute(select(entry.c.body).where(entry.c.kind == "dataset", entry.c.id == dataset)):
            said = json.loads(json.loads(body)["extra"].get(HEAD, "{}"))
            if said:
                return Head(said["name"], said["description"], said["dataset_id"], tuple(said["reaction_ids"]))
    return Head("Experiments of a chemwright knowledge base", f"{len(keys)} experiments", "ord_dataset-" + content_hash(sorted(keys))[:32])


def _messages(connection: Connection, rows: tuple[int, ...], known: dict[str, Source], by: dict[str, str], notes: dict[str, int], progress: Progress) -> Iterator[Any]:
    for n, (_, item) in enumerate(chosen_entries(connection, Chosen((), rows, ()), "experiment"), start=1):
        message, said = message_for(item, lambda keys: substances_of(connection, keys), known, by)
        for what in said:
            notes[what] = notes.get(what, 0) + 1
        if progress is not None and n % 500 == 0:
            progress(f"{n} of {len(rows)} experiments", n / len(rows))
        yield message


def message_for(item: Filed, look_up: Any, known: dict[str, Source], by: dict[str, str]) -> tuple[Any, list[str]]:
    """The message of an experiment, and what it has no place for.

    Args:
        item: the experiment as filed.
        look_up: gives the substances of a list of keys.
        known: sources by id.
        by: ``time``, ``username`` and ``email`` of who writes.
    """
    record: ExperimentRecord = item.record
    message = kept_message(record)
    if message is not None:
        if record.extra.get(STAMP) == content_hash(unchanged(record)):
            return message, []
        return message, overlay(message, record, look_up(_keys(record)))
    message, lost = build(record, look_up(_keys(record)), known.get(record.source), by)
    return message, lost + [f"validation: {e}" for e in findings(message)]


def _keys(record: ExperimentRecord) -> list[str]:
    return list(dict.fromkeys([*(p.substance for p in record.participants), *(o.substance for o in record.outcomes if o.substance)]))


def substances_of(connection: Connection, keys: list[str]) -> dict[str, SubstanceRecord]:
    """Substances by key."""
    rows = list(connection.execute(select(substance.c.pk).where(substance.c.key.in_(keys))).scalars())
    return {s.key: s for s in substances.read(connection, rows, names=False)}


def findings(message: Any) -> list[str]:
    """What the validation of ``ord-schema`` finds wrong with a message; the message stays as it is."""
    from ord_schema import validations

    copy = type(message).FromString(message.SerializeToString())
    output = validations.validate_message(copy, raise_on_error=False, options=validations.ValidationOptions(validate_ids=True))
    return [str(e).split("\n")[-1][:200] for e in output.errors]
