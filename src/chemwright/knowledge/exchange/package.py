"""Packages: records, files, terms and citations in one zip that another knowledge base takes in without loss."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.knowledge.base import audit, blobs, sources
from chemwright.knowledge.exchange.choose import choose
from chemwright.knowledge.exchange.crate import CRATE, About, citation, metadata, readme
from chemwright.knowledge.exchange.package_rows import Leaving, claim_rows, entry_rows, leaving, property_rows, substance_rows
from chemwright.knowledge.exchange.rights import Purpose, Refused, refuse
from chemwright.knowledge.exchange.taking import Progress
from chemwright.knowledge.exchange.writing import replacing
from chemwright.record import Source, to_json
from chemwright.record.fields import as_tuple

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from chemwright.knowledge.base.database import KnowledgeBase

MANIFEST = "manifest-sha256.txt"


@frozen
class Package:
    """What was written.

    Args:
        file: where.
        records: kind to number.
        files: number of assets.
        left_out: what may not leave, when the user asked to leave that out.
        nameless: substances whose names stayed here, because they are filed for fewer people than the package is for.
    """

    file: str
    records: dict[str, int]
    files: int
    left_out: tuple[Refused, ...] = field(default=(), converter=as_tuple)
    nameless: int = 0


def export_package(
    kb: KnowledgeBase,
    path: str | Path,
    selection: Iterable[Any] | None = None,
    *,
    purpose: Purpose | None = None,
    leave_out: bool = False,
    title: str = "",
    description: str = "",
    progress: Progress = None,
) -> Package:
    """Write a package.

    Args:
        kb: base to read.
        path: zip file to write.
        selection: keys or results of a search; everything when None.
        purpose: for whom; for the public when None. Private records never leave.
        leave_out: write the rest when some records may not leave, instead of refusing.
        title, description: what it says of itself.
        progress: called as it goes on.

    Raises:
        InputError: nothing to write, or records that may not leave, each with the reason; StorageError: the file can't be written.
    """
    purpose, out = purpose or Purpose(), Path(path)
    with kb.reading() as connection:
        known = sources.read_sources(connection)
        what = leaving(kb, connection, choose(connection, selection), known, purpose)
        if not leave_out:
            refuse(what.refused, f"export to {out.name}")
        if what.empty:
            fix = "change the terms of what you may share: chemwright kb share" if what.refused else "widen the selection"
            raise InputError("nothing may leave" if what.refused else "nothing to write", where=f"export to {out.name}", fix=fix)
        with replacing(out) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            box = Box(archive)
            nameless = _write_data(kb, connection, box, what, known, progress)
            about = About(title or out.stem, description or f"Records of a knowledge base of {kb.who}", kb.who, audit.now(), dict(box.licences), dict(box.counts), purpose.target)
            _write_about(box, about, [known[i] for i in sorted(box.cited)], len(what.refused))
    with kb.writing() as connection:
        audit.write(
            connection, kb.who, "export", out.name, format="package", records=box.counts, audience=purpose.target, commercial=purpose.commercial, left_out=len(what.refused)
        )
    return Package(str(out), box.counts, len(what.files), what.refused, nameless)


class Box:
    """A zip being written, with every file's size and hash, and what was counted."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.files: dict[str, tuple[int, str]] = {}
        self.counts: dict[str, int] = {}
        self.licences: dict[str, int] = {}
        self.cited: set[str] = set()

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Write a file piece by piece."""
        hasher, size = hashlib.sha256(), 0
        with self._open(name) as stream:
            for part in parts:
                hasher.update(part)
                size += len(part)
                stream.write(part)
        self.files[name] = (size, hasher.hexdigest())

    def _open(self, name: str) -> IO[bytes]:
        member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # no date of today: the same records make the same bytes
        member.compress_type = zipfile.ZIP_DEFLATED
        return self.archive.open(member, "w", force_zip64=True)

    def lines(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows as JSON, one a line."""
        self.write(name, (json.dumps(r, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for r in rows))

    def counted(self, rows: Iterable[dict[str, Any]], kind: str = "") -> Iterable[dict[str, Any]]:
        """The same rows, counted by kind and licence, their sources remembered."""
        for row in rows:
            name = kind or row["kind"]
            self.counts[name] = self.counts.get(name, 0) + 1
            if kind in ("", "claim"):
                licence = row["filing"]["licence"]
                self.licences[licence] = self.licences.get(licence, 0) + 1
                self.cited.add(row["record"].get("source", ""))
            yield row


def _write_data(kb: KnowledgeBase, connection: Connection, box: Box, what: Leaving, known: dict[str, Source], progress: Progress) -> int:
    """Records and files; the number of substances that go without their names."""
    for name, rows, kind in (("claims", claim_rows(kb, connection, what), "claim"), ("entries", entry_rows(connection, what), "")):
        if progress is not None:
            progress(f"writing {name}", None)
        box.lines(f"data/{name}.jsonl", box.counted(rows, kind))
    box.cited &= set(known)
    hidden = [0]
    box.lines("data/substances.jsonl", box.counted(substance_rows(connection, what, hidden), "substance"))
    box.lines("data/properties.jsonl", box.counted(property_rows(kb), "property"))
    box.lines("data/sources.jsonl", box.counted(({"record": json.loads(to_json(known[i], indent=None))} for i in sorted(box.cited)), "source"))
    for n, sha in enumerate(what.files):
        if progress is not None:
            progress(f"file {n + 1} of {len(what.files)}", (n + 1) / len(what.files))
        box.write(f"assets/{sha}", blobs.parts(connection, sha))
    return hidden[0]


def _write_about(box: Box, about: About, cited: list[Source], left_out: int) -> None:
    """What the package says of itself, and last the manifest of all files before it."""
    box.write("README.md", [readme(about, left_out).encode()])
    box.write("CITATION.cff", [citation(about, cited).encode()])
    box.write("references.bib", ["\n\n".join(s.as_bibtex() for s in cited).encode() + b"\n"])
    box.write(CRATE, [metadata(about, box.files, cited).encode()])
    manifest = "".join(f"{sha}  {name}\n" for name, (_, sha) in sorted(box.files.items()))
    box.write(MANIFEST, [manifest.encode()])
