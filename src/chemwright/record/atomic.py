"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from chemwright.errors import StorageError

PART = ".part"
"""Ending of a file that is not in its place yet; one that nobody is writing any more can be removed."""

_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the quota on this disk is used up", errno.EFBIG: "the file would be larger than this disk or account allows"}
_LOCKED = {errno.EACCES: "not allowed", errno.EPERM: "not allowed", errno.EROFS: "the disk is read-only"}


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file through a temporary neighbour that is flushed to disk first: a reader, or a crash, sees the old file or the new one.

    Args:
        path: the file; its folder is made when it is not there.
        data: its bytes.

    Raises:
        StorageError: the folder can't be written, or its disk is full; the old file is as it was then.
    """
    _into_place(stage(path, data), path)


def stage(path: Path, data: bytes) -> Path:
    """The temporary neighbour of a file, whole and on disk, not yet in its place.

    Raises:
        StorageError: as :func:`write_atomic`; nothing is left behind.
    """
    with _draft(path) as (stream, temporary):
        stream.write(data)
    return temporary


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write bit by bit, which takes its place when all is written: a reader sees the old file or the whole new one.

    Raises:
        StorageError: as :func:`write_atomic`; nothing is left behind.
    """
    with _draft(path) as (stream, temporary):
        yield stream
    _into_place(temporary, path)


@contextmanager
def _draft(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A temporary neighbour to write, flushed to disk at the end; removed when anything fails."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
        with os.fdopen(handle, "w+b") as stream:
            yield stream, Path(temporary)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
    except OSError as error:
        remove(temporary)
        raise not_written(path, error) from None
    except BaseException:
        remove(temporary)
        raise


def _into_place(temporary: Path, path: Path) -> None:
    """Move a finished draft over the file; the draft is removed when that fails."""
    try:
        os.replace(temporary, path)
    except OSError as error:
        remove(temporary)
        raise not_written(path, error) from None
    except BaseException:
        remove(temporary)
        raise


def not_written(path: Path, error: OSError) -> StorageError:
    """What stood in the way of writing a file, and the mend."""
    code = error.errno or 0
    reason = _FULL.get(code) or _LOCKED.get(code)
    said = f"{reason} ({error.strerror})" if reason else str(error.strerror or error)
    if code in _FULL:
        fix = "free some space there, or choose a folder on another disk, and run the command again: what was there is unchanged, finished steps are kept"
    else:
        fix = "choose a folder you may write to, on a disk with space left"
    return StorageError(f"can't write {path.name}: {said}", where=str(path.parent), fix=fix)


def remove(path: Path | str | None) -> None:
    """Remove a temporary file, where that is possible."""
    if path is not None:
        with suppress(OSError):
            os.unlink(path)
