"""Text files that a user gives: found, bounded, and decoded, or a plain error."""

from __future__ import annotations

import codecs
from pathlib import Path

from chemwright.errors import InputError, did_you_mean

MAX_BYTES = 20_000_000


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without byte order mark.

    Raises:
        InputError: missing (near misses in the folder), a folder, unreadable, empty, over 20 MB, or in another encoding.
    """
    if path.is_dir():
        raise InputError("is a folder, a file is expected", where=str(path), fix="name the CSV file in it")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{size / 1e6:.0f} MB, at most {MAX_BYTES / 1e6:.0f} MB expected", where=path.name, fix="keep the runs needed, or split the file")
        data = path.read_bytes()
    except FileNotFoundError:
        near = [p.name for p in sorted(path.parent.glob("*"))[:500]] if path.parent.is_dir() else []
        raise InputError("file not found", where=str(path), fix=did_you_mean(path.name, near) or "check the path") from None
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=str(path), fix="check the path and the rights to it") from None
    if not data.strip():
        raise InputError("the file is empty", where=path.name, fix="give a header with units and one row for each run")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:4096]:
        raise InputError("not UTF-8 text (it looks like UTF-16 or a binary file)", where=path.name, fix="save it as 'CSV UTF-8'")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise InputError("not UTF-8 text", where=f"{path.name}, row {row}", fix="save it as 'CSV UTF-8'; a degree sign from an older code page is the usual cause") from None
