"""Text files of other programs: bounded, and decoded as their format says."""

from __future__ import annotations

from pathlib import Path

from chemwright.errors import InputError, did_you_mean

MAX_BYTES = 50_000_000


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file.

    Raises:
        InputError: missing (near misses in the folder), a folder, unreadable, empty, or over the limit.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError:
        near = [p.name for p in sorted(path.parent.glob("*"))[:500]] if path.parent.is_dir() else []
        raise InputError("file not found", where=str(path), fix=did_you_mean(path.name, near) or "check the path") from None
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=str(path), fix="name a file that you may read") from None
    if len(data) > limit:
        raise InputError(f"over {limit / 1e6:.0f} MB", where=path.name, fix="split it")
    if not data.strip():
        raise InputError("the file is empty", where=path.name, fix="check that it was saved")
    return data


def read_utf8(path: Path, limit: int = MAX_BYTES) -> str:
    """The text of a UTF-8 file, with or without byte order mark.

    Raises:
        InputError: as :func:`read_bytes`, or in another encoding.
    """
    data = read_bytes(path, limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", where=f"{path.name}, line {_line(data, error.start)}", fix="save it as UTF-8") from None


def read_old(path: Path, limit: int = MAX_BYTES) -> str:
    """The text of a file whose format is older than UTF-8: that where it is, else Latin-1, where every byte is a character."""
    data = read_bytes(path, limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
