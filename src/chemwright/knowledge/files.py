"""Text files that a user gives: found, bounded, and decoded, or a plain error."""

from __future__ import annotations

import codecs
import re
import stat
from pathlib import Path

from chemwright.errors import InputError, did_you_mean

MAX_BYTES = 20_000_000
_UTF8 = "save it as UTF-8 (in Excel: 'CSV UTF-8', in Notepad: encoding UTF-8)"


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without byte order mark.

    Raises:
        InputError: missing (near misses in the folder), a folder, unreadable, empty, over 20 MB, or in another encoding.
    """
    data = read_bytes(path, "`chemwright new` writes an example to start from")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:4096]:
        raise InputError("not UTF-8 text (it looks like UTF-16 or a binary file)", where=path.name, fix=_UTF8)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(path, data, error) from None


def read_any_text(path: Path) -> tuple[str, str]:
    """The text of a file as spreadsheet programs write it: UTF-8, UTF-16 with byte order mark, or GB18030 (GBK, GB2312).

    Text that is not UTF-8 is taken as Chinese only when all of it is in the common characters of GB 2312, where no byte beyond ASCII
    stands before an ASCII one: so a degree sign or a micro from a Western code page is refused, not read as a Chinese character.

    Returns:
        The text, and a note that says which encoding was taken; empty for UTF-8.

    Raises:
        InputError: as :func:`read_text`.
    """
    data = read_bytes(path)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), f"{path.name} is read as UTF-16, as its byte order mark says"
        except UnicodeDecodeError:
            raise InputError("not UTF-16 text, though it begins with the byte order mark of UTF-16", where=path.name, fix=_UTF8) from None
    if b"\0" in data[:4096]:
        raise InputError("not UTF-8 text (it looks like UTF-16 without byte order mark, or a binary file)", where=path.name, fix=_UTF8)
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        try:
            text = data.decode("gb18030")
            text.encode("gb2312")
        except UnicodeError:
            raise _not_utf8(path, data, error) from None
        if re.search(r"[^\S\r\n\t \u3000]|[\0-\x08\x0e-\x1f\x7f]", text):
            raise _not_utf8(path, data, error) from None
        return text, f"{path.name} is not UTF-8: it is read as GB18030 (GBK), which fits all of it"


def read_bytes(path: Path, start: str = "give a header with units and one row for each run") -> bytes:
    """The bytes of a file.

    Args:
        path: the file.
        start: what to do about an empty one.

    Raises:
        InputError: missing (near misses in the folder), a folder, unreadable, empty, or over 20 MB.
    """
    try:
        if path.is_dir():
            raise InputError("is a folder, a file is expected", where=str(path), fix="name the CSV file in it")
        mode, size = path.stat().st_mode, path.stat().st_size
        if not stat.S_ISREG(mode):  # a device or a pipe has no end
            raise InputError("is no regular file", where=str(path), fix="copy what it gives into a file first")
        if size > MAX_BYTES:
            raise InputError(f"{size / 1e6:.0f} MB, at most {MAX_BYTES / 1e6:.0f} MB expected", where=path.name, fix="keep the runs needed, or split the file")
        data = path.read_bytes()
    except FileNotFoundError:
        near = [p.name for p in sorted(path.parent.glob("*"))[:500]] if path.parent.is_dir() else []
        raise InputError("file not found", where=str(path), fix=did_you_mean(path.name, near) or "check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise InputError(f"can't be read: {getattr(error, 'strerror', None) or error}", where=str(path), fix="check the path and the rights to it") from None
    if not data.strip():
        raise InputError("the file is empty", where=path.name, fix=start)
    return data


def _not_utf8(path: Path, data: bytes, error: UnicodeDecodeError) -> InputError:
    row = data.count(b"\n", 0, error.start) + 1
    return InputError("not UTF-8 text", where=f"{path.name}, row {row}", fix=f"{_UTF8}; a degree sign from an older code page is the usual cause")
