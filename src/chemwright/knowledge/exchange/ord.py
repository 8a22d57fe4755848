"""Read the Open Reaction Database: data sets become experiments, each with its whole message kept so that it can be written back as it was."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from chemwright.errors import InputError
from chemwright.knowledge.exchange.ord_compounds import Compounds
from chemwright.knowledge.exchange.ord_map import experiment_of, unchanged
from chemwright.knowledge.exchange.ord_wire import Head, messages, read_dataset
from chemwright.knowledge.exchange.taking import Progress, Taken, count, file_name, take
from chemwright.record import DataSetRecord, ExperimentRecord, Filing, content_hash

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

MESSAGE, WIRE, STAMP, HEAD = "ord", "ord.wire", "ord.mapped", "ord.dataset"


def import_ord(kb: KnowledgeBase, path: str | Path, *, filing: Filing | None = None, progress: Progress = None) -> Taken:
    """Import a data set of the Open Reaction Database.

    Args:
        kb: base to file into.
        path: ``.pb``, ``.pb.gz``, ``.pbtxt`` or ``.json`` of a Dataset message.
        filing: terms for all of it; give its licence here (the database's own files are CC-BY-SA-4.0, which no message says).
        progress: called after each 500 reactions.

    Returns:
        what was filed, and what the mapped fields leave out (the message itself holds it).

    Raises:
        InputError: not such a file, or broken within; MissingExtra: ``ord-schema`` is missing.
    """
    file = Path(path)
    messages()
    name = file_name(file)
    notes: dict[str, int] = {}
    head, reactions = read_dataset(file)
    return take(kb, _records(head, reactions, file, notes), file=f"ord:{name}", form="ord", filing=filing, notes=notes, size=500, progress=progress)


def _records(head: Head, reactions: Iterator[Any], file: Path, notes: dict[str, int]) -> Iterator[Any]:
    compounds = Compounds()
    dataset = head.dataset_id or file.name.split(".")[0]
    total = 0
    for total, reaction in enumerate(reactions, start=1):
        try:
            mapped = experiment_of(reaction, compounds, dataset=dataset, number=total)
        except InputError as error:
            raise InputError(error.message, where=f"{file.name}, reaction {total} {reaction.reaction_id!r}", fix=error.fix) from None
        if "left_out" in mapped.experiment.settings:
            count(notes, "a number beyond its property's bounds stays in the message only")
        yield [mapped.source, *mapped.substances, kept(mapped.experiment, reaction)]
    yield DataSetRecord(id=dataset, kind="other", rows=total, note="\n".join(p for p in (head.name, head.description) if p), extra={HEAD: _head_text(head)})


def _head_text(head: Head) -> str:
    data = {"name": head.name, "description": head.description, "dataset_id": head.dataset_id, "reaction_ids": list(head.reaction_ids)}
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def kept(record: ExperimentRecord, reaction: Any) -> ExperimentRecord:
    """The record with its whole message, and a stamp by which a later change of the mapped fields shows.

    JSON has one NaN where a file may hold others (sign and payload); a message with one keeps its bytes too.
    """
    text = message_text(reaction)
    extra = {MESSAGE: text, STAMP: content_hash(unchanged(record))}
    if '"NaN"' in text:
        extra[WIRE] = base64.b64encode(reaction.SerializeToString(deterministic=True)).decode()
    return evolve(record, extra=extra)


def message_text(reaction: Any) -> str:
    """A message as canonical JSON: the schema's field names, keys sorted, no spaces."""
    from google.protobuf import json_format

    data = json_format.MessageToDict(reaction, preserving_proto_field_name=True)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def kept_message(record: ExperimentRecord) -> Any | None:
    """The message that a record keeps; None when it never had one.

    Raises:
        InputError: it can't be read.
    """
    where = f"experiment {record.id!r}"
    if WIRE in record.extra:
        from google.protobuf.message import DecodeError

        _, Reaction = messages()
        try:
            return Reaction.FromString(base64.b64decode(record.extra[WIRE], validate=True))
        except (ValueError, DecodeError) as error:
            raise InputError(f"the kept message can't be read: {str(error)[:100]}", where=where, fix="file the reaction anew from its data set") from None
    return message_of(record.extra[MESSAGE], where) if MESSAGE in record.extra else None


def message_of(text: str, where: str = "") -> Any:
    """The Reaction message of its JSON.

    Raises:
        InputError: it is none.
    """
    from google.protobuf import json_format

    _, Reaction = messages()
    try:
        return json_format.Parse(text, Reaction())
    except (json_format.ParseError, RecursionError) as error:
        raise InputError(f"the kept message can't be read: {str(error)[:100]}", where=where, fix="file the reaction anew from its data set") from None
