"""Claims and experiments as CSV, and any records as JSON lines: whole files, formula cells made harmless, only what may leave."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chemwright.errors import InputError
from chemwright.knowledge.base import audit, sources
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.exchange.choose import Chosen, choose, chosen_claims, chosen_entries
from chemwright.knowledge.exchange.rights import Purpose, Refused, refuse, refused_among
from chemwright.knowledge.exchange.writing import Written, cell, replacing
from chemwright.record import to_json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from chemwright.knowledge.base.database import KnowledgeBase

CLAIM_COLUMNS = ("key", "subject", "property", "value", "unit", "std", "conditions", "phase", "method", "tier", "source", "given", "note", "status", "licence", "labels")
EXPERIMENT_COLUMNS = (
    "key",
    "id",
    "reaction",
    "participants",
    "conditions",
    "outcomes",
    "settings",
    "procedure",
    "operator",
    "instrument",
    "started",
    "source",
    "note",
    "status",
    "licence",
    "labels",
)


def write_claims_csv(kb: KnowledgeBase, path: str | Path, selection: Iterable[Any] | None = None, *, purpose: Purpose | None = None, leave_out: bool = False) -> Written:
    """Write claims as CSV: UTF-8 with byte order mark, numbers in SI.

    Args:
        kb: base to read.
        path: file to write.
        selection: keys or results of a search; every claim when None.
        purpose: for whom; for the public when None.
        leave_out: write the rest when some may not leave, instead of refusing.

    Raises:
        InputError: nothing to write, or records that may not leave; StorageError: the file can't be written.
    """
    return _write(kb, Path(path), selection, "claims", lambda items: _csv(CLAIM_COLUMNS, (_claim_row(i) for i in items)), purpose or Purpose(changed=True), leave_out)


def write_experiments_csv(kb: KnowledgeBase, path: str | Path, selection: Iterable[Any] | None = None, *, purpose: Purpose | None = None, leave_out: bool = False) -> Written:
    """Write experiments as CSV, lists within a cell as JSON; otherwise as :func:`write_claims_csv`."""
    return _write(
        kb, Path(path), selection, "experiments", lambda items: _csv(EXPERIMENT_COLUMNS, (_experiment_row(i) for i in items)), purpose or Purpose(changed=True), leave_out
    )


def write_jsonl(kb: KnowledgeBase, path: str | Path, selection: Iterable[Any] | None = None, *, purpose: Purpose | None = None, leave_out: bool = False) -> Written:
    """Write claims and entries as JSON, one record with its filing a line; otherwise as :func:`write_claims_csv`."""
    return _write(kb, Path(path), selection, "records", lambda items: (_json_line(i) for i in items), purpose or Purpose(), leave_out)


def _items(kb: KnowledgeBase, connection: Connection, chosen: Chosen, what: str) -> Iterator[Filed]:
    if what != "experiments":
        yield from (item for _, item in chosen_claims(kb, connection, chosen))
    if what != "claims":
        yield from (item for _, item in chosen_entries(connection, chosen, "experiment" if what == "experiments" else None))


def _write(
    kb: KnowledgeBase, path: Path, selection: Iterable[Any] | None, what: str, form: Callable[[Iterable[Filed]], Iterable[str]], purpose: Purpose, leave_out: bool
) -> Written:
    counts: dict[str, int] = {}
    refused: list[Refused] = []
    with kb.reading() as connection:
        known = sources.read_sources(connection)
        chosen = choose(connection, selection)
        for item in _items(kb, connection, chosen, what):
            why = refused_among([item], known, purpose)
            refused += why
            counts[item.kind] = counts.get(item.kind, 0) + (not why)
        if not leave_out:
            refuse(refused, f"export to {path.name}")
        if not sum(counts.values()):
            raise InputError(
                "nothing may leave" if refused else f"no {what} to write",
                where=f"export to {path.name}",
                fix="change the terms of what you may share" if refused else "widen the selection",
            )
        allowed = (item for item in _items(kb, connection, chosen, what) if not refused_among([item], known, purpose))
        with replacing(path) as stream:
            for text in form(allowed):
                stream.write(text.encode("utf-8", "replace"))
    with kb.writing() as connection:
        audit.write(connection, kb.who, "export", path.name, format=path.suffix.lstrip("."), records=counts, audience=purpose.target, left_out=len(refused))
    return Written(str(path), {k: n for k, n in counts.items() if n}, (), refused)


def _csv(columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row.get(c, "")) for c in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _plain(value: Any) -> str:
    return json.dumps(json.loads(to_json(value, indent=None)), ensure_ascii=False, sort_keys=True) if value else ""


def _filed(item: Filed) -> dict[str, Any]:
    return {"key": item.key, "status": item.filing.status, "licence": item.filing.licence, "labels": "; ".join(item.filing.labels)}


def _claim_row(item: Filed) -> dict[str, Any]:
    r = item.record
    return (
        {n: getattr(r, n) for n in ("subject", "property", "value", "unit", "std", "phase", "method", "tier", "source", "note")}
        | {"conditions": _plain(r.conditions), "given": item.given}
        | _filed(item)
    )


def _experiment_row(item: Filed) -> dict[str, Any]:
    r = item.record
    lists = {n: _plain(getattr(r, n)) for n in ("participants", "conditions", "outcomes", "settings")}
    return {n: getattr(r, n) for n in ("id", "reaction", "procedure", "operator", "instrument", "started", "source", "note")} | lists | _filed(item)


def _json_line(item: Filed) -> str:
    row = {
        "key": item.key,
        "kind": item.kind,
        "record": json.loads(to_json(item.record, indent=None)),
        "filing": json.loads(to_json(item.filing, indent=None)),
        "created": item.created,
        "given": item.given,
    }
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
