"""Take a package into a base: all of it is checked first, then all of it is filed, or nothing."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve
from sqlalchemy import Connection, Table, bindparam, func, select, update

from chemwright.errors import InputError
from chemwright.knowledge.base import audit, blobs, claims, entries, sources, substances
from chemwright.knowledge.base.prepare import claim_row
from chemwright.knowledge.base.schema import batch, claim, entry, label, source, substance
from chemwright.knowledge.base.substances import insert_ignore
from chemwright.knowledge.exchange.archive_check import MAX_MANIFEST, check_hashes, look_through, read
from chemwright.knowledge.exchange.crate import CRATE, FORMAT_VERSION, version_of
from chemwright.knowledge.exchange.package import MANIFEST
from chemwright.knowledge.exchange.taking import Progress, Taken, file_name
from chemwright.knowledge.identity import molecular
from chemwright.knowledge.properties import Property
from chemwright.record import Claim, Filing, Source, SubstanceRecord, from_json

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

NAMES = re.compile(
    r"README\.md|CITATION\.cff|references\.bib|ro-crate-metadata\.json|manifest-sha256\.txt|data/|assets/|data/(?:sources|properties|substances|claims|entries)\.jsonl|assets/[0-9a-f]{64}"
)
MAX_LINE = 64 * 2**20
CHUNK = 5000
T = TypeVar("T")


def is_package(path: Path) -> bool:
    """Whether a file is a zip with the manifest of a package."""
    try:
        with zipfile.ZipFile(path) as archive:
            return MANIFEST in archive.namelist() and "ro-crate-metadata.json" in archive.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def import_package(kb: KnowledgeBase, path: str | Path, *, status: str | None = None, progress: Progress = None) -> Taken:
    """Take a package in.

    Args:
        kb: base to file into.
        path: zip that :func:`export_package` wrote, here or elsewhere.
        status: file every claim and entry with this standing, as ``proposed`` for a package whose sender you don't know; as the sender had it when None.
        progress: called as it goes on.

    Returns:
        what it held and what of it was new; what the base held before keeps its own filing, labels are added.

    Raises:
        InputError: not a package, changed or damaged, or a record that does not agree with its key; nothing is filed then.
    """
    file = Path(path)
    name = file_name(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise InputError(f"is no zip that can be read: {str(error)[:80]}", where=file.name, fix="fetch it anew, or give a package that chemwright wrote") from None
    with archive:
        files = look_through(archive, file, NAMES)
        if CRATE not in files:
            raise InputError(f"no {CRATE} in it", where=file.name, fix="give a package that chemwright wrote: chemwright kb export")
        check_hashes(archive, files, file, MANIFEST, progress)
        if files[CRATE].file_size > MAX_MANIFEST or version_of(read(archive, CRATE, file).decode("utf-8", "replace")) != FORMAT_VERSION:
            raise InputError(f"is no package of version {FORMAT_VERSION}", where=file.name, fix="use the chemwright that wrote it, or a newer one")
        with kb.writing() as connection:
            taking = _Taking(kb, connection, archive, file, name, status)
            counts, new = taking.all(progress)
            audit.write(connection, kb.who, "import", name, format="package", records=counts, new=new, status=status or "")
    kb.forget_vocabulary()
    return Taken(file.name, "package", counts, new)


class _Taking:
    """One import within one transaction."""

    def __init__(self, kb: KnowledgeBase, connection: Connection, archive: zipfile.ZipFile, path: Path, name: str, status: str | None) -> None:
        self.kb, self.connection, self.archive, self.path, self.status = kb, connection, archive, path, status
        connection.execute(insert_ignore(connection, batch), {"file": f"package:{name}", "part": 0, "rows": 0, "created": audit.now()})
        self.batch = int(connection.execute(select(batch.c.pk).where(batch.c.file == f"package:{name}", batch.c.part == 0)).scalar_one())

    def all(self, progress: Progress) -> tuple[dict[str, int], dict[str, int]]:
        """File everything: (what there was, what was new)."""
        counts: dict[str, int] = {}
        new: dict[str, int] = {}
        for name, table, step in (
            ("properties", None, self._properties),
            ("sources", source, self._sources),
            ("substances", substance, self._substances),
            ("claims", claim, self._claims),
            ("entries", entry, self._entries),
        ):
            before = self._rows(table)
            seen = 0
            for chunk in self._chunks(name):
                step(chunk)
                seen += len(chunk)
                if progress is not None:
                    progress(f"{name}: {seen}", None)
            if seen:
                counts[name] = seen
                new[name] = self._rows(table) - before
        self._files()
        self.connection.execute(update(batch).where(batch.c.pk == self.batch).values(rows=sum(counts.values())))
        return counts, {k: v for k, v in new.items() if v}

    def _rows(self, table: Table | None) -> int:
        return 0 if table is None else int(self.connection.execute(select(func.count()).select_from(table)).scalar_one())

    def _chunks(self, name: str) -> Iterator[list[tuple[str, dict[str, Any]]]]:
        """Rows in chunks that are bounded in number and in bytes."""
        chunk: list[tuple[str, dict[str, Any]]] = []
        size = 0
        for where, row, length in self._lines(f"data/{name}.jsonl"):
            chunk.append((where, row))
            size += length
            if len(chunk) >= CHUNK or size >= MAX_LINE:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk

    def _lines(self, name: str) -> Iterator[tuple[str, dict[str, Any], int]]:
        """(place, row, bytes) of a file of rows."""
        if name not in self.archive.namelist():
            return
        with self.archive.open(name) as stream:
            number = 0
            while line := stream.readline(MAX_LINE + 1):
                number += 1
                where = f"{self.path.name}, {name}, line {number}"
                if len(line) > MAX_LINE:
                    raise InputError(f"a line of over {MAX_LINE / 2**20:.0f} MiB", where=where, fix="ask its sender for a new export")
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError):
                    row = None
                if not isinstance(row, dict) or not isinstance(row.get("record"), dict):
                    raise InputError("no record in it", where=where, fix="ask its sender for a new export")
                yield where, row, len(line)

    def _properties(self, chunk: list[tuple[str, dict[str, Any]]]) -> None:
        for where, row in chunk:
            item = _record(row, Property, where)
            if item.name not in self.kb.vocabulary:
                sources.add_own_property(self.connection, item)
            elif self.kb.vocabulary.find(item.name) != item:
                raise InputError(f"the property {item.name!r} has another meaning here", where=where, fix="ask its sender to name it otherwise")
        self.words = sources.own_vocabulary(self.connection)

    def _sources(self, chunk: list[tuple[str, dict[str, Any]]]) -> None:
        sources.ensure_sources(self.connection, [_record(row, Source, where) for where, row in chunk])

    def _substances(self, chunk: list[tuple[str, dict[str, Any]]]) -> None:
        groups: dict[Filing, list[SubstanceRecord]] = {}
        labels: dict[str, list[str]] = {}
        created = []
        records = [(_record(row, SubstanceRecord, where), row, where) for where, row in chunk]
        there = set(self.connection.execute(select(substance.c.key).where(substance.c.key.in_([r.key for r, _, _ in records]))).scalars()) if records else set()
        for record, row, where in records:
            if record.key not in there:
                _check_key(record, where)
                created.append({"row_key": record.key, "row_created": str(row.get("created", ""))})
            filing = _filing(row, where)
            labels[record.key] = list(filing.labels)
            groups.setdefault(evolve(filing, labels=()), []).append(record)
        rows: dict[str, int] = {}
        for filing, group in groups.items():
            rows |= substances.ensure(self.connection, group, filing, self.batch)
        if created:
            self.connection.execute(update(substance).where(substance.c.key == bindparam("row_key")).values(created=bindparam("row_created")), created)
        self._label("substance", {rows[k]: words for k, words in labels.items()})

    def _claims(self, chunk: list[tuple[str, dict[str, Any]]]) -> None:
        records = [(_record(row, Claim, where), row, where) for where, row in chunk]
        words = self._words()
        subjects = self._found(substance, substance.c.key, {r.subject for r, _, _ in records}, "substance")
        known = self._found(source, source.c.id, {r.source for r, _, _ in records}, "source")
        properties = sources.ensure_properties(self.connection, {words.find(r.property, where).name for r, _, where in records})
        groups: dict[Filing, list[claims.ClaimRow]] = {}
        keep: dict[str, tuple[dict[str, Any], list[str]]] = {}
        for record, row, where in records:
            filing = self._standing(_filing(row, where))
            name = words.find(record.property, where).name
            made = claim_row(record, words, (subjects[record.subject], properties[name], known[record.source]), where)
            self._agree(claims.content_key(made).hex(), row, where)
            groups.setdefault(evolve(filing, labels=()), []).append(evolve(made, given=str(row.get("given", "")), suspicion=""))
            keep[str(row["key"])] = (row, list(filing.labels))
        for filing, group in groups.items():
            claims.file_claims(self.connection, group, filing, self.batch)
        self._after(claim, "claim", keep)

    def _entries(self, chunk: list[tuple[str, dict[str, Any]]]) -> None:
        groups: dict[Filing, list[Any]] = {}
        keep: dict[str, tuple[dict[str, Any], list[str]]] = {}
        words = self._words()
        for where, row in chunk:
            kind = str(row.get("kind", ""))
            if kind not in entries.TYPES:
                raise InputError(f"{kind[:40]!r} is no kind of record", where=where, fix="use a newer chemwright, or ask its sender for a new export")
            record: Any = _record(row, entries.TYPES[kind], where)
            self._agree(entries.entry_hash(record).hex(), row, where)
            filing = self._standing(_filing(row, where))
            groups.setdefault(evolve(filing, labels=()), []).append(record)
            keep[str(row["key"])] = (row, list(filing.labels))
        for filing, group in groups.items():
            subjects = self._found(substance, substance.c.key, {k for r in group for k, _ in entries.links_of(r)}, "substance")
            known = self._found(source, source.c.id, {s for r in group if (s := str(getattr(r, "source", "")))}, "source")
            names = {n: words.find(n.partition("[")[0], f"{self.path.name}, condition {n!r}").name for r in group for n, _ in entries.numbers_of(r)}
            properties = sources.ensure_properties(self.connection, names.values())
            entries.file_entries(self.connection, group, filing, substances=subjects, properties={n: properties[w] for n, w in names.items()}, sources=known, batch=self.batch)
        self._after(entry, "entry", keep)

    def _words(self) -> Any:
        return getattr(self, "words", None) or self.kb.vocabulary

    def _standing(self, filing: Filing) -> Filing:
        return filing if self.status is None else evolve(filing, status=self.status)

    def _agree(self, key: str, row: dict[str, Any], where: str) -> None:
        if key != row.get("key"):
            raise InputError("the record does not agree with its key", where=where, fix="don't use this file; ask its sender for a new export")

    def _found(self, table: Table, column: Any, names: set[str], what: str) -> dict[str, int]:
        out: dict[str, int] = {}
        wanted = sorted(names)
        for i in range(0, len(wanted), 500):
            out |= {str(k): int(pk) for k, pk in self.connection.execute(select(column, table.c.pk).where(column.in_(wanted[i : i + 500])))}
        if missing := names - set(out):
            raise InputError(f"a record names the {what} {sorted(missing)[0][:80]!r}, which is not in the package", where=self.path.name, fix="ask its sender for a new export")
        return out

    def _after(self, table: Table, kind: str, keep: dict[str, tuple[dict[str, Any], list[str]]]) -> None:
        """What bulk filing does not write: when it was first filed, what replaced it, its labels."""
        hashes = [bytes.fromhex(k) for k in keep]
        rows: dict[str, tuple[int, int]] = {}
        for i in range(0, len(hashes), 500):
            query = select(table.c.hash, table.c.pk, table.c.batch).where(table.c.hash.in_(hashes[i : i + 500]))
            rows |= {bytes(h).hex(): (int(pk), int(b)) for h, pk, b in self.connection.execute(query)}
        own = [
            {"row": rows[k][0], "first": str(row.get("created", "")) or audit.now(), "by": _hex(row.get("replaced_by"))} for k, (row, _) in keep.items() if rows[k][1] == self.batch
        ]
        if own:
            self.connection.execute(update(table).where(table.c.pk == bindparam("row")).values(created=bindparam("first"), replaced_by=bindparam("by")), own)
        self._label(kind, {rows[k][0]: labels for k, (_, labels) in keep.items()})

    def _label(self, kind: str, words: dict[int, list[str]]) -> None:
        rows = [{"kind": kind, "target": pk, "label": w} for pk, some in words.items() for w in some]
        if rows:
            self.connection.execute(insert_ignore(self.connection, label), rows)

    def _files(self) -> None:
        for name in self.archive.namelist():
            if name.startswith("assets/") and name != "assets/" and blobs.put(self.connection, read(self.archive, name, self.path)) != name.removeprefix("assets/"):
                raise InputError(f"{name!r} is not the file that its name says", where=self.path.name, fix="don't use this file; ask its sender for a new export")


def _hex(text: Any) -> bytes | None:
    try:
        return bytes.fromhex(str(text or "")) or None
    except ValueError:
        return None


def _record(row: dict[str, Any], kind: type[T], where: str) -> T:
    return from_json(json.dumps(row["record"]), kind, where=where)


def _filing(row: dict[str, Any], where: str) -> Filing:
    return from_json(json.dumps(row.get("filing") or {}), Filing, where=where)


def _check_key(record: SubstanceRecord, where: str) -> None:
    """A structure and an InChIKey that don't belong together would poison every later search.

    Raises:
        InputError: they don't.
    """
    if record.kind in ("molecule", "salt") and record.smiles and not record.key.startswith("smiles:"):
        made = molecular(record.smiles).key
        if made != record.key:
            raise InputError(
                f"the structure {record.smiles[:80]!r} has the key {made}, not {record.key[:40]!r}", where=where, fix="don't use this file; ask its sender for a new export"
            )
