"""Filing what a reader gives: in parts of bounded size, each one transaction with its line in the audit trail; a file read twice changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from sqlalchemy import Connection, func, select, update

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.base import audit
from chemwright.knowledge.base.entries import KIND_OF
from chemwright.knowledge.base.schema import batch, claim, entry, substance
from chemwright.knowledge.base.substances import insert_ignore
from chemwright.record import Filing, Source, SubstanceRecord

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

PART = 1000
MAX_WEIGHT = 64_000_000
Progress = Callable[[str, float | None], None] | None


@frozen
class Taken:
    """What an import did.

    Args:
        file: name of what was read.
        form: format, as ``ord``.
        records: kind to the number of records the file held, substances and sources apart.
        new: kind to the number that the base did not hold before.
        notes: what was left out or supposed, in words, with how often.
    """

    file: str
    form: str
    records: dict[str, int]
    new: dict[str, int]
    notes: tuple[str, ...] = ()


def take(
    kb: KnowledgeBase,
    records: Iterable[Any],
    *,
    file: str,
    form: str,
    filing: Filing | None = None,
    notes: dict[str, int] | None = None,
    size: int = PART,
    progress: Progress = None,
) -> Taken:
    """File records in parts.

    Args:
        kb: to file into.
        records: claims, sources, substances and entries, or lists of them that stay together: a record with the substances and the source it names.
            A pair ``(bytes, record)`` also keeps the bytes as the asset that the record names.
        file: name and hash of what is read: its parts are known by it.
        form: format, for the audit trail.
        filing: terms for all of them; private and trusted when None.
        notes: what the reader leaves out, counted while it reads.
        size: records (or lists of them) filed in one transaction; fewer where they are long.
        progress: called with what is going on.

    Raises:
        ChemwrightError: a record that can't be filed; its part is not filed, those before it are, and reading the mended file goes on from there.
    """
    terms = evolve(filing or Filing(), owner=(filing.owner if filing else "") or kb.who)
    counts: dict[str, int] = {}
    new: dict[str, int] = {}
    for number, part in enumerate(_parts(records, size)):
        with kb.writing() as connection:
            before = _rows(connection)
            pk = _batch(connection, file, number)
            plain = _with_assets(connection, part)
            kb.file(connection, plain, terms, pk)
            after = _rows(connection)
            for kind, rows in _gained(connection, before, after).items():
                new[kind] = new.get(kind, 0) + rows
            filed = [KIND_OF.get(type(r), "claim") for r in plain if not isinstance(r, Source | SubstanceRecord)]
            for kind in filed:
                counts[kind] = counts.get(kind, 0) + 1
            connection.execute(update(batch).where(batch.c.pk == pk).values(rows=len(filed)))
            audit.write(connection, kb.who, "import", file, format=form, part=number, records=len(filed))
        if progress is not None:
            progress(f"{file.split('  ')[-1]}: {sum(counts.values())} records", None)
    said = tuple(f"{what} ({n} times)" if n > 1 else what for what, n in (notes or {}).items())
    return Taken(file.split("  ")[-1], form, counts, new, said)


def _parts(records: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Records part by part, bounded in number and in characters; of one substance or source in a part the first counts."""
    flat: list[Any] = []
    seen: set[tuple[type, str]] = set()
    groups = weight = 0
    for group in records:
        for item in group if isinstance(group, list) else [group]:
            if isinstance(item, Source | SubstanceRecord):
                key = (type(item), item.id if isinstance(item, Source) else item.key)
                if key in seen:
                    continue
                seen.add(key)
            flat.append(item)
            weight += len(item[0]) if isinstance(item, tuple) else sum(len(t) for t in getattr(item, "extra", {}).values())
        groups += 1
        if groups >= size or weight >= MAX_WEIGHT:
            yield flat
            flat, seen, groups, weight = [], set(), 0, 0
    if flat:
        yield flat


def _with_assets(connection: Connection, part: Sequence[Any]) -> list[Any]:
    from chemwright.knowledge.base import blobs

    out = []
    for item in part:
        if isinstance(item, tuple):
            blobs.put(connection, item[0])
            item = item[1]
        out.append(item)
    return out


def _batch(connection: Connection, file: str, part: int) -> int:
    connection.execute(insert_ignore(connection, batch), {"file": file, "part": part, "rows": 0, "created": audit.now()})
    return int(connection.execute(select(batch.c.pk).where(batch.c.file == file, batch.c.part == part)).scalar_one())


def _rows(connection: Connection) -> dict[str, int]:
    return {t.name: int(connection.execute(select(func.max(t.c.pk))).scalar() or 0) for t in (substance, claim, entry)}


def _gained(connection: Connection, before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    out: dict[str, int] = {}
    for table in (substance, claim):
        if after[table.name] > before[table.name]:
            out[table.name] = int(connection.execute(select(func.count()).select_from(table).where(table.c.pk > before[table.name])).scalar_one())
    if after["entry"] > before["entry"]:
        out |= {k: int(n) for k, n in connection.execute(select(entry.c.kind, func.count()).where(entry.c.pk > before["entry"]).group_by(entry.c.kind))}
    return out


def file_name(path: Path) -> str:
    """Hash and name of a file, under which its parts are known.

    Raises:
        InputError: missing (near misses in the folder), a folder, or unreadable.
    """
    return f"{digest(path)[:32]}  {path.name}"


def digest(path: Path) -> str:
    """SHA-256 of a file in hexadecimal.

    Raises:
        InputError: missing (near misses in the folder), a folder, or unreadable.
    """
    hasher = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                hasher.update(block)
    except FileNotFoundError:
        near = [p.name for p in sorted(path.parent.glob("*"))[:500]] if path.parent.is_dir() else []
        raise InputError("file not found", where=str(path), fix=did_you_mean(path.name, near) or "check the path") from None
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=str(path), fix="name a file that you may read") from None
    return hasher.hexdigest()


def count(notes: dict[str, int], what: str) -> None:
    """One more of what is left out."""
    notes[what] = notes.get(what, 0) + 1
