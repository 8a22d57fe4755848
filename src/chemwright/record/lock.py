"""One writer at a time on a folder (of a case, of a campaign), held by the operating system, so that a killed process leaves nothing locked.

Readers take no lock. The holder's process id stands in the lock file, for the message to the second one only: whether the folder is
locked is decided by the lock itself (``flock``, on Windows ``msvcrt.locking``), never by the file being there.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import define

from chemwright.errors import StorageError
from chemwright.record.atomic import not_written

LOCK = ".lock"
WAIT = 1.0  # s; a write takes less, a computation more
_FAR = 1 << 30  # the byte that Windows locks: beyond the process id, which others may read
_BUSY = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK)


@define
class _Hold:
    """An open lock file of this thread; ``locked`` is false where the disk can't lock."""

    handle: int
    locked: bool
    depth: int = 1


_HELD: dict[tuple[str, int, int], _Hold] = {}  # by folder, process and thread: the same thread may enter again


@contextmanager
def hold(folder: Path, wait: float | None = None, what: str = "case") -> Iterator[bool]:
    """Be the only writer of a folder (made when missing); the same thread may enter again.

    Args:
        folder: to be held.
        wait: for another writer to finish, in s; :data:`WAIT` when None.
        what: it is, for the message to the second one.

    Yields:
        Whether the system holds the lock: false on a disk that can't lock files.

    Raises:
        StorageError: another process, or another thread, is writing; or the folder can't be written.
    """
    key = (os.path.realpath(folder), os.getpid(), threading.get_ident())
    mine = _HELD.get(key)
    if mine is None:
        mine = _HELD[key] = _acquire(folder, WAIT if wait is None else wait, what)
    else:
        mine.depth += 1
    try:
        yield mine.locked
    finally:
        mine.depth -= 1
        if mine.depth == 0:
            del _HELD[key]
            _release(mine)


def _acquire(folder: Path, wait: float, what: str) -> _Hold:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise not_written(folder / LOCK, error) from None
    end = time.monotonic() + wait
    try:
        while (locked := _try(handle)) is None:
            if time.monotonic() >= end:
                raise StorageError(
                    f"another process{_holder(handle)} is working on this {what}",
                    where=str(folder),
                    fix="wait until it has finished, or work on a copy in another folder (--out); results that are finished can be read meanwhile",
                )
            time.sleep(0.02)
    except BaseException:
        os.close(handle)
        raise
    _sign(handle, f"{os.getpid()}\n")
    return _Hold(handle, locked)


def _release(hold: _Hold) -> None:
    _sign(hold.handle, "")
    if hold.locked:
        with suppress(OSError):
            _unlock(hold.handle)
    os.close(hold.handle)


def _try(handle: int) -> bool | None:
    """True when the lock is ours, None when another has it, False when this disk can't lock."""
    try:
        try:
            import fcntl
        except ImportError:  # Windows
            import msvcrt

            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return None if error.errno in _BUSY else False
    return True


def _unlock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:
        import msvcrt

        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _sign(handle: int, text: str) -> None:
    """Write who holds the lock; a full disk must not stop the holder."""
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, text.encode())


def _holder(handle: int) -> str:
    with suppress(OSError, ValueError):
        os.lseek(handle, 0, os.SEEK_SET)
        return f" (pid {int(os.read(handle, 32))})"
    return ""
