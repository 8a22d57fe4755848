"""Whether a base is whole, from the file's first bytes to the last content hash; and, on demand, its backup put in its place."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from chemwright.errors import ChemwrightError, StorageError
from chemwright.knowledge.base import audit, checksums, contents, wal
from chemwright.knowledge.base.engine import MAGIC, file_of
from chemwright.knowledge.base.trouble import failures, first_line, place
from chemwright.record.fields import as_tuple

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

Progress = Callable[[str, float | None], None]
MOST = 20
"""Problems of one kind that are listed."""
_PLURAL = {"claim": "claims", "entry": "entries", "blob": "files"}
SAMPLE = 50
"""A quick check looks at one in so many."""

_ODD: tuple[type[Exception], ...] = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError)
"""What reading damaged rows may raise below SQLAlchemy."""


@frozen
class Verdict:
    """What :func:`verify` found.

    Args:
        where: file or server.
        problems: in words; empty when the base is whole.
        checked: how many records of each kind were computed again.
        counts: how many records there are; empty when they could not be counted.
        quick: whether only a sample was looked at.
        restored: what was restored and what is lost by it, in words; empty when nothing was.
    """

    where: str
    problems: tuple[str, ...] = field(default=(), converter=as_tuple)
    checked: Mapping[str, int] = {}
    counts: Mapping[str, int] = {}
    quick: bool = False
    restored: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems

    def __str__(self) -> str:
        """The verdict as a person reads it."""
        seen = ", ".join(f"{n:,} {_PLURAL.get(k, k)}" for k, n in self.checked.items() if n)
        found = "whole" if self.ok else f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        head = f"{self.where}: {found}" + (f" ({'a sample: ' if self.quick else ''}hashes of {seen} computed again)" if seen else "")
        return "\n".join([head, *(f"- {p}" for p in self.problems), *([self.restored] if self.restored else [])])


def verify(base: KnowledgeBase | str | Path, restore: bool = False, *, quick: bool = False, progress: Progress | None = None) -> Verdict:
    """Look whether a base is whole.

    Looked at: the file's header and length, its log, its tables (only ours), SQLite's own check of pages and indexes, the checksums of rows in blocks,
    every content hash of claims and entries and files, the audit trail, loose labels, the text index. Nothing is written but for a restore.

    Args:
        base: an open base, a file's path, or a server's address.
        restore: put the newest whole backup in the place of a damaged file (which is kept beside it). Close the base in all programs first.
        quick: pages, header, log and trail in full, records as a sample (one in fifty).
        progress: called with words and the fraction done, where it is known.

    Returns:
        the verdict; of the damaged file, also when a backup was restored.

    Raises:
        StorageError: there is no such file, or nothing whole to restore.
    """
    from chemwright.knowledge.base import backup

    address = base if isinstance(base, str | Path) else base.address
    path, where = file_of(address), place(str(address))
    if path is not None and not path.is_file() and not restore:
        raise StorageError("no knowledge base there", where=where, fix="check the path; a backup beside it is put there by: chemwright kb verify FILE --restore")
    tell = progress or (lambda _, __: None)
    checked: dict[str, int] = {}
    counts: dict[str, int] = {}
    problems: list[str] = []
    for found in _file(path) if path is not None else ():
        problems.append(found)
    if not problems:  # a file whose bytes are wrong is not opened: SQLite would tidy up its log, and what is left in it
        _inside(base, problems, checked, counts, tell, SAMPLE if quick else 1)
    verdict = Verdict(where, problems, checked, counts, quick)
    if problems and restore and path is not None:
        if not isinstance(base, str | Path):
            base.close()
        return Verdict(where, problems, checked, counts, quick, backup.restore(path, progress))
    return verdict


def _file(path: Path) -> Iterator[str]:
    """Problems of the file's bytes."""
    if not path.is_file():
        yield "the file is gone"
        return
    size = path.stat().st_size
    head, wrong = _head(path)
    if wrong:
        yield f"can't be read: {wrong}"
        return
    log = wal.damage(path)
    if log:
        yield log
    bare = _size(path, "-wal") <= wal.HEADER  # with a log, header and length may lag behind
    if size == 0 and not bare:
        return
    if len(head) < 100 or not head.startswith(MAGIC):
        yield "is empty" if size == 0 else "is no SQLite database, or its beginning is damaged"
        return
    page, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    page = 65536 if page == 1 else page
    if bare and pages and head[24:28] == head[92:96] and size != page * pages:
        yield f"is {size:,} bytes long, its header says {page * pages:,}: {'the end is missing' if size < page * pages else 'something was appended'}"


_READ = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read(100))"


def _head(path: Path) -> tuple[bytes, str]:
    """The first 100 bytes, or why they can't be had.

    Read by a process of its own: closing a file drops the locks that SQLite holds on it anywhere in this process (POSIX), and a writer elsewhere would then
    tidy up the log under a reader here.
    """
    done = subprocess.run([sys.executable, "-I", "-S", "-c", _READ, str(path)], capture_output=True, check=False)
    return done.stdout, done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]


def _size(path: Path, end: str) -> int:
    try:
        return Path(f"{path}{end}").stat().st_size
    except OSError:
        return 0


def _inside(base: KnowledgeBase | str | Path, problems: list[str], checked: dict[str, int], counts: dict[str, int], tell: Progress, every: int) -> None:
    """Open and look; whatever goes wrong is a problem in words."""
    from chemwright.knowledge.base.database import open_base

    def seen(kind: str, count: int) -> None:
        checked[kind] = count
        tell(f"checking {_PLURAL.get(kind, kind)}: {count:,}", None)

    opened = None
    try:
        kb = opened = open_base(base, read_only=True) if isinstance(base, str | Path) else open_base(base.address, read_only=True)
        with kb.reading() as connection:
            parts: list[tuple[str, Callable[[], Iterable[str]]]] = [
                ("the audit trail", lambda: _trail(connection)),
                ("the rows", lambda: contents.wrong_contents(connection, seen, every)),
                ("labels and texts", lambda: contents.loose_ends(connection)),
            ]
            if connection.dialect.name == "sqlite":
                parts = [("the pages", lambda: _pages(connection, every)), ("the checksums", lambda: checksums.broken(connection, every)), *parts]
            for name, check in parts:
                tell(f"checking {name}", None)
                problems.extend(_told(name, check))
        if not problems:
            counts.update(kb.counts())
            problems.extend(_told("the text index", lambda: _index(kb)))
    except _anything() as error:
        problems.append(error.message if isinstance(error, ChemwrightError) else first_line(error))
    finally:
        if opened is not None:
            opened.close()


def _anything() -> tuple[type[Exception], ...]:
    """What looking at a damaged base may raise."""
    return (ChemwrightError, *failures(), *_ODD)


def _told(name: str, check: Callable[[], Iterable[str]]) -> list[str]:
    """The first problems that a check finds; a check that can't go on is one more."""
    out: list[str] = []
    try:
        for problem in check():
            out.append(problem)
            if len(out) >= MOST:
                out.append(f"{name}: more of the same")
                break
    except _anything() as error:
        out.append(f"{name}: {error if isinstance(error, ChemwrightError) else first_line(error)}")
    return out


def _pages(connection: Connection, every: int) -> Iterator[str]:
    check = "integrity_check" if every == 1 else "quick_check"
    for (said,) in connection.exec_driver_sql(f"PRAGMA {check}({MOST})"):
        if said != "ok":
            yield f"SQLite says: {' '.join(str(said).replace('*** in database main ***', '').split())[:200]}"
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"table {row[0]}, row {row[1]}: names a row of {row[2]} that is not there"


def _trail(connection: Connection) -> Iterator[str]:
    line = audit.broken_at(connection)
    if line is not None:
        yield f"the audit trail was changed at line {line}"


def _index(kb: Any) -> Iterator[str]:
    """The full-text index against the texts it was made from: SQLite's own check, which is written as an INSERT but changes nothing."""
    if kb.path is None:
        return
    with kb.engine.connect().execution_options(reads=True) as connection:
        connection.exec_driver_sql("PRAGMA query_only = OFF")
        try:
            connection.exec_driver_sql("INSERT INTO text_index(text_index) VALUES ('integrity-check')")
        except SQLAlchemyError as error:
            said = str(getattr(error, "orig", error))
            if "locked" not in said and "readonly" not in said:
                yield f"the text index is damaged: {said[:100]}"
        connection.rollback()
