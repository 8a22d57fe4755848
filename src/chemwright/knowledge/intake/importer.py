"""Claims from a table into the base: batch by batch, each whole or not at all, resumable, with what is doubtful said and what is wrong set aside."""

from __future__ import annotations

import gc
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, field, frozen

from chemwright.errors import InputError
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.intake.blocks import BATCH, Block, Reject, TableFile, batches, open_table
from chemwright.knowledge.intake.filer import Filer
from chemwright.knowledge.intake.mapping import Mapping
from chemwright.knowledge.intake.plan import Plan
from chemwright.knowledge.intake.rejects import RejectsFile
from chemwright.knowledge.intake.resolve import Resolver
from chemwright.record import Filing, Source, content_hash

Progress = Callable[[str, float | None], None]
_SHOWN = 20


@frozen
class ImportReport:
    """What an import did.

    Args:
        file: name of the table.
        read_as: encoding, delimiter and decimal it was read with.
        rows: rows of the table, the header apart.
        claims: claims taken in by this run; known: claims that were there already.
        substances: substances filed anew.
        empty: value cells that are blank.
        rejected: rows not taken, for the reasons in ``rejects`` (the first 20) and in the file ``rejects_file``.
        suspicious: claims with a suspicion by kind, and the first 20 in words.
        parts: batches filed by this run; done_before: batches that an earlier run had filed.
        seconds: of wall clock.
    """

    file: str
    read_as: str
    rows: int = 0
    claims: int = 0
    known: int = 0
    substances: int = 0
    empty: int = 0
    rejected: int = 0
    suspicious: dict[str, int] = field(factory=dict)
    suspicions: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    rejects_file: str = ""
    parts: int = 0
    done_before: int = 0
    seconds: float = 0.0


def import_claims(
    kb: KnowledgeBase,
    path: str | Path | TableFile,
    mapping: Mapping,
    *,
    source: Source | None = None,
    filing: Filing | None = None,
    on_error: str = "stop",
    rejects: str | Path | None = None,
    batch_rows: int = BATCH,
    progress: Progress | None = None,
    structure_seconds: float = 5.0,
) -> ImportReport:
    """File the claims of a table.

    Args:
        kb: open for writing.
        path: CSV or XLSX file, or a table opened with its own format.
        mapping: what its columns mean.
        source: of rows whose source no column names; goes before the mapping's.
        filing: terms for all claims; private and trusted when None.
        on_error: ``stop`` at the first row that can't be taken (batches before it stay), or ``skip`` such rows and write them to the rejects file.
        rejects: that file; beside the table, as ``data.rejects.csv``, when None.
        batch_rows: rows of one transaction. The same rows in the same batches are what a second run skips.
        progress: called with words and the share done.
        structure_seconds: that reading one structure may take.

    Returns:
        an :class:`ImportReport`.

    Raises:
        InputError: a mapping that does not fit, a row that can't be taken with ``stop``, or over half of the first batch wrong; file, row and column are named.
        StorageError: the base can't be written.
    """
    started = time.monotonic()
    table = path if isinstance(path, TableFile) else open_table(path)
    if on_error not in ("stop", "skip"):
        raise InputError(f"on_error {on_error!r}", where="import", fix="'stop' or 'skip'")
    if tuple(c.header for c in mapping.columns) != table.header:
        raise InputError("the mapping is of another header", where=table.path.name, fix="map this table: its columns are " + ", ".join(map(repr, table.header[:20])))
    mapping.check(kb.vocabulary, table.path.name)
    terms = evolve(filing or Filing(), owner=(filing.owner if filing else "") or kb.who)
    sha = _sha256(table.path, progress)
    mark = content_hash([mapping, source, batch_rows, table.sheet])[:16]
    name = f"{table.path.name} {sha} {mark}"
    plan = Plan(mapping, kb.vocabulary, table.format.decimal if table.format else ".")
    filer = Filer(kb, plan, Resolver(limit=structure_seconds), terms, source, name)
    beside = table.path.with_name(table.path.stem + ".rejects.csv") if rejects is None else Path(rejects)
    with _uncollected(), RejectsFile(beside if on_error == "skip" else None, table.header) as set_aside:
        report = _run(table, filer, set_aside, on_error, batch_rows, progress)
    filer.finish(report.rows, report.rejected)
    return evolve(report, rejects_file=str(beside) if set_aside.count and on_error == "skip" else "", seconds=round(time.monotonic() - started, 3))


def _run(table: TableFile, filer: Filer, set_aside: RejectsFile, on_error: str, batch_rows: int, progress: Progress | None) -> ImportReport:
    total = Counter[str]()
    kinds: Counter[str] = Counter()
    suspicions: list[str] = []
    told: list[str] = []
    size = table.path.stat().st_size
    seen = 0
    for number, block in enumerate(_counted(batches(table.blocks(), batch_rows))):
        part = filer.prepare(block, _structures(progress, number))
        bad = sorted(part.rejects, key=lambda r: r.row)
        if bad and on_error == "stop":
            raise _stopped(bad[0], table, number)
        wrong = {r.row for r in bad}
        if number == 0 and len(wrong) > max(10, 0.5 * (len(block) + len(block.rejects))):
            raise InputError(
                f"{len(wrong)} of the first {len(block)} rows can't be taken, as {_words(bad[0], table)}", where=table.path.name, fix="check the mapping and the units"
            )
        where = {int(row): k for k, row in enumerate(block.rows)}
        set_aside.write(bad, {r.row: block.cells(where[r.row]) for r in bad if r.row in where})
        done = filer.file(number, part)
        total.update(
            rows=len(block) + len(block.rejects),
            empty=part.empty,
            rejected=len(wrong),
            claims=done.claims,
            known=done.known,
            substances=done.substances,
            parts=int(done.new),
            before=int(not done.new),
        )
        kinds.update(s.kind for s in done.suspicions.values())
        suspicions += [f"row {row}: {s.text}" for row, s in list(done.suspicions.items())[: _SHOWN - len(suspicions)]]
        told += [_words(r, table) for r in bad[: _SHOWN - len(told)]]
        seen += sum(c.nbytes for c in block.columns)
        if progress:
            progress(f"{total['rows']:,} rows, {total['claims']:,} claims", min(0.99, seen / size) if table.format else None)
    return ImportReport(
        table.path.name, table.said, total["rows"], total["claims"], total["known"], total["substances"], total["empty"], total["rejected"], dict(kinds.most_common()), tuple(suspicions), tuple(told),
        parts=total["parts"], done_before=total["before"],
    )  # fmt: skip


@contextmanager
def _uncollected() -> Iterator[None]:
    """The garbage collector at rest: a batch makes millions of objects without cycles, and each full collection walks the tables of names (a fifth of the time)."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _structures(progress: Progress | None, number: int) -> Callable[[float], None] | None:
    """What tells of the structures read in a batch."""
    return None if progress is None else lambda share: progress(f"part {number + 1}: structures", share)


def _counted(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks, and an error when there is none."""
    some = False
    for block in blocks:
        some = True
        yield block
    if not some:
        raise InputError("the table has no rows", where="import", fix="give at least one row below the header")


def _words(r: Reject, table: TableFile) -> str:
    return f"row {r.row}" + (f", column {r.column!r}" if r.column else "") + f": {r.message}"


def _stopped(r: Reject, table: TableFile, number: int) -> InputError:
    before = f"; {number} batches before it are filed, and a second run goes on from there" if number else ""
    where = f"{table.path.name}, row {r.row}" + (f", column {r.column!r}" if r.column else "")
    return InputError(r.message, where=where, fix=f"{r.fix or 'correct the row'}{before}. Or skip such rows: they go to a file of their own")


def _sha256(path: Path, progress: Progress | None) -> str:
    if progress:
        progress(f"reading {path.name}", None)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


__all__ = ["ImportReport", "import_claims"]
