"""How a text file is encoded, what parts its columns, and how its decimals are written: found from its beginning, and said."""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path

from attrs import frozen

from chemwright.errors import InputError

SAMPLE = 1 << 18
MAX_LINE = 50_000
DELIMITERS = (",", ";", "\t", "|")
_PAIR = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]")
_HIGH = re.compile(rb"[\x80-\xff]")
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")


@frozen
class Format:
    """How a text table is written.

    Args:
        encoding: Python's name of it.
        delimiter: between cells.
        decimal: ``.`` or ``,``.
        reason: why the encoding is assumed, in words.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    reason: str = "valid UTF-8"


def sniff(path: Path, *, encoding: str = "", delimiter: str = "", decimal: str = "") -> Format:
    """The format of a text table; what is given is taken as it is.

    Raises:
        InputError: a binary file, an unknown encoding, or text that none of the encodings fits.
    """
    with path.open("rb") as stream:
        head = stream.read(SAMPLE)
        whole = len(head) < SAMPLE
    name, reason = (_known(encoding, path.name), "as told") if encoding else guess_encoding(head, path.name, whole=whole)
    text = codecs.getincrementaldecoder(name)("replace").decode(head, whole)
    lines = [line for line in text.splitlines()[: None if whole else -1][:50] if len(line) <= MAX_LINE]
    parted = delimiter or guess_delimiter(lines)
    if len(parted) != 1 or parted in '"\r\n':
        raise InputError(f"delimiter {parted!r}", where=path.name, fix="give one character, such as ',' or ';'")
    return Format(name, parted, decimal or guess_decimal(lines, parted), reason)


def _known(encoding: str, where: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise InputError(f"no encoding {encoding[:40]!r}", where=where, fix="give utf-8, utf-16, gb18030 or cp1252") from None


def guess_encoding(head: bytes, where: str, *, whole: bool = True) -> tuple[str, str]:
    """Name of the encoding of a file's beginning and why.

    Raises:
        InputError: neither a byte order mark nor text in UTF-8, UTF-16, GB18030 or Windows-1252.
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(mark):
            return name, "byte order mark"
    if b"\0" in head:
        zeros = (head[0::2].count(0), head[1::2].count(0))
        if max(zeros) > 0.3 * len(head) / 2 and min(zeros) < 0.02 * len(head):
            return ("utf-16-le", "every second byte is zero") if zeros[1] > zeros[0] else ("utf-16-be", "every second byte is zero")
        if head.count(0) > 0.01 * len(head):
            raise InputError("is not text (it holds zero bytes)", where=where, fix="save the table as CSV UTF-8 or XLSX")
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head, whole)
        return "utf-8", "valid UTF-8"
    except UnicodeDecodeError:
        pass
    # a Chinese text has its high bytes in pairs; an accent or a degree sign from Windows stands alone, though GB18030 would swallow it with the letter behind
    high, paired = len(_HIGH.findall(head)), 2 * len(_PAIR.findall(head))
    if paired >= 0.8 * high and _decodes(head, "gb18030", whole):
        return "gb18030", "not UTF-8, its high bytes come in pairs"
    if _decodes(head, "cp1252", whole):
        return "cp1252", "not UTF-8, its high bytes stand alone"
    if _decodes(head, "gb18030", whole):
        return "gb18030", "not UTF-8"
    raise InputError("is text of no known encoding", where=where, fix="save it as 'CSV UTF-8', or name its encoding")


def _decodes(head: bytes, name: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)("strict").decode(head, whole)
    except UnicodeDecodeError:
        return False
    return True


def guess_delimiter(lines: list[str]) -> str:
    """The character that parts most lines into the same number of cells; a comma when none does."""
    best, found = (0.0, 0), ","
    for mark in DELIMITERS:
        counts = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        if counts and counts[0] > 1:
            score = (sum(c == counts[0] for c in counts) / len(counts), counts[0])
            if score > best:
                best, found = score, mark
    return found


def guess_decimal(lines: list[str], delimiter: str) -> str:
    """``,`` where numbers are written so and none with a point; never where the comma parts the cells."""
    if delimiter == ",":
        return "."
    cells = [c.strip() for row in csv.reader(lines[1:], delimiter=delimiter) for c in row]
    comma, point = sum(bool(_COMMA_NUMBER.fullmatch(c)) for c in cells), sum(bool(_POINT_NUMBER.fullmatch(c)) for c in cells)
    return "," if comma and not point else "."
