"""Backups of a base in a file: a checked copy beside it, the one before kept too; and putting one back in the place of a damaged file."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chemwright.errors import InputError, StorageError
from chemwright.knowledge.base.engine import file_of
from chemwright.knowledge.base.trouble import first_line, mend, place

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

Progress = Callable[[str, float | None], None]
ENDINGS = (".bak", ".bak2")
HOUR = 3600.0
LARGE = 10_000
"""Rows; a change of more is backed up at once, a smaller one when the last backup is over an hour old."""
PAGES = 2_000


def backups(path: Path) -> list[Path]:
    """The backups of a file that exist, newest first."""
    return [p for p in (Path(f"{path}{end}") for end in ENDINGS) if p.is_file()]


def backup(base: KnowledgeBase, to: str | Path | None = None, *, check: bool = True, progress: Progress | None = None) -> Path:
    """Copy a base while others read and write it; the copy is checked before it takes the place of an older one.

    Args:
        base: in a file.
        to: file of the copy; ``<file>.bak`` when None, the one before becoming ``<file>.bak2``.
        check: verify the copy (quickly) first; one that is damaged is thrown away and older backups stay.
        progress: called with words and the fraction done.

    Returns:
        the copy's path.

    Raises:
        InputError: the base is on a server (the message holds the command to use). StorageError: no room, no rights, or the base is damaged.
    """
    from chemwright.knowledge.base.verify import verify

    path = base.path
    if path is None:
        raise InputError(
            "a base on PostgreSQL is backed up by its server", where=place(base.address), fix=f"run: pg_dump --format=custom --file=backup.dump {_without_password(base.address)}"
        )
    target = Path(to) if to is not None else Path(f"{path}{ENDINGS[0]}")
    draft = Path(f"{target}.part-{os.getpid()}")
    try:
        _copy(path, draft, progress)
        if check:
            verdict = verify(draft, quick=True)
            if not verdict.ok:
                raise StorageError(f"was not backed up, for it is damaged: {verdict.problems[0]}", where=str(path), fix=f"chemwright kb verify {path} --restore")
        if to is None and target.exists():
            os.replace(target, f"{path}{ENDINGS[1]}")
        os.replace(draft, target)
        _sync(target.parent)
    except OSError as error:
        raise StorageError(f"no backup: {error.strerror or error}", where=str(target), fix="make room, or check the rights to the folder") from None
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                Path(f"{draft}{end}").unlink()
    return target


def _copy(path: Path, draft: Path, progress: Progress | None) -> None:
    tell = progress or (lambda _, __: None)
    try:
        with closing(sqlite3.connect(path, timeout=60.0)) as source, closing(sqlite3.connect(draft)) as copy:
            source.execute("BEGIN")  # one state, however long it takes
            source.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
            source.backup(copy, pages=PAGES, progress=lambda _, left, of: tell("backing up", 1.0 - left / max(of, 1)))
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StorageError(f"no backup: {first_line(error)}", where=str(path), fix=mend(str(error))) from None
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    """Make the new name last over a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _keep(file: Path, aside: Path) -> None:
    """Give a file a second name, so that there is no moment without it; where the disk knows no second names, move it."""
    try:
        os.link(file, aside)
    except OSError:
        os.replace(file, aside)


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    scheme, _, user = head.partition("://")
    return f"{scheme}://{user.partition(':')[0]}@{tail}" if at else url


def backup_if_due(base: KnowledgeBase, rows: int = 0, *, keep: bool = True, progress: Progress | None = None) -> Path | None:
    """Back up at the end of an import or before a change of the tables, when it is worth it.

    Args:
        base: any; a server's is left to its server.
        rows: how many rows changed.
        keep: False turns it off.
        progress: as of :func:`backup`.

    Returns:
        the copy's path, or None where none was due.

    Raises:
        StorageError: as :func:`backup`.
    """
    if not keep or base.path is None:
        return None
    last = backups(base.path)
    age = time.time() - last[0].stat().st_mtime if last else float("inf")
    return backup(base, progress=progress) if rows >= LARGE or age > HOUR else None


def restore(path: str | Path, progress: Progress | None = None) -> str:
    """Put the newest backup that is whole in the place of a damaged file, which is kept beside it.

    Args:
        path: the damaged file.
        progress: called with words and the fraction done.

    Returns:
        what was done and what is lost, in words.

    Raises:
        InputError: a server's base. StorageError: no backup, or none that is whole; nothing is changed then.
    """
    from chemwright.knowledge.base.verify import verify

    file = file_of(path)
    if file is None:
        raise InputError("a base on PostgreSQL is restored by its server", where=place(str(path)), fix="run: pg_restore --clean --dbname=... backup.dump")
    there = backups(file)
    good = next((p for p in there if verify(p, progress=progress).ok), None)
    if good is None:
        raise StorageError(
            f"{len(there)} backups beside it, none of them whole" if there else "no backup beside it",
            where=str(file),
            fix=f"put a copy of your own in its place; backups are looked for at {file}{ENDINGS[0]}",
        )
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = next(p for p in (Path(f"{file}.damaged-{stamp}{n}") for n in ("", *(f"-{i}" for i in range(1, 100)))) if not p.exists())
    draft = Path(f"{file}.part-{os.getpid()}")
    try:
        _copy(good, draft, progress)
        for end in ("-wal", "-shm", "-journal"):
            if Path(f"{file}{end}").exists():
                os.replace(f"{file}{end}", f"{aside}{end}")
        if file.exists():
            _keep(file, aside)
        os.replace(draft, file)
        _sync(file.parent)
    except OSError as error:
        raise StorageError(f"not restored: {error.strerror or error}", where=str(file), fix=f"make room or check the rights; the backup is {good}") from None
    finally:
        with suppress(OSError):
            draft.unlink()
    made = datetime.fromtimestamp(good.stat().st_mtime, UTC).isoformat(timespec="seconds")
    return f"restored {good.name}, made {made}: what was filed after that is lost (how much, a damaged file can't say); the damaged file is kept as {aside.name}"
