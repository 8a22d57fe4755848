"""A log whose lines are sealed by the one before: what was written can't be changed, removed or put in between without it showing."""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from attrs import frozen

from chemwright.errors import InputError, StorageError
from chemwright.record.atomic import not_written, write_atomic

FIRST = "0" * 64
LINE = 65_536
"""Longest line, bytes."""


def now() -> str:
    """The time as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _hash(entry: dict[str, Any]) -> str:
    """SHA-256 of a line without its own hash and seal."""
    bare = {k: v for k, v in entry.items() if k not in ("hash", "seal")}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()).hexdigest()


def _seal(key: bytes, digest: str) -> str:
    return hmac.new(key, digest.encode(), hashlib.sha256).hexdigest() if key else ""


def make_key(path: Path) -> bytes:
    """The key of the seals, made when it is not there; a file of its owner alone (mode 600).

    Raises:
        StorageError: it can't be read or written, or others may read it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if os.name == "posix" and path.stat().st_mode & 0o077:
                raise StorageError(
                    "others may read the key of the audit log", where=str(path), fix="chmod 600 it; lines that were sealed while it was open to others prove less"
                ) from None
            return path.read_bytes()
        with os.fdopen(handle, "wb") as stream:
            key = secrets.token_bytes(32)
            stream.write(key)
        return key
    except OSError as error:
        raise not_written(path, error) from None


class ChainLog:
    """An append-only log, one JSON object a line, each with its number, time, the hash of the line before and its own.

    The newest number and hash stand in ``NAME.head`` beside it, so that lines cut off at the end show as well. One process at a time writes.

    ``broken`` says that a line could not be written: who acts by this log should act no longer.

    Args:
        path: the file; made when it is not there.
        key: of the seals (HMAC-SHA-256), so that nobody without it can write the chain anew; none when empty.

    Raises:
        StorageError: another process writes it, or it can't be written.
    """

    def __init__(self, path: Path, key: bytes = b"") -> None:
        self.path, self._key, self.broken = path, key, False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream: IO[bytes] = open(path, "ab", buffering=0)  # noqa: SIM115 (kept open for the life of the log)
        except OSError as error:
            raise not_written(path, error) from None
        try:
            _lock(self._stream, path)
            self.count, self.head, torn = _end(path)
        except BaseException:
            self._stream.close()
            raise
        if torn:  # a write that was cut off by a crash is kept as it is and told
            self._append(b"\n")
            self.write("lab", "torn", note="the line before was cut off while it was written")

    def write(self, who: str, what: str, **detail: Any) -> str:
        """Append a line; it is on the disk when this returns.

        Args:
            who: person or program.
            what: verb.
            detail: plain data, finite numbers.

        Returns:
            the hash of the line.

        Raises:
            StorageError: the disk is full.
        """
        entry: dict[str, Any] = {"n": self.count + 1, "at": now(), "who": who, "what": what, "detail": detail, "previous": self.head}
        entry["hash"] = _hash(entry)
        if self._key:
            entry["seal"] = _seal(self._key, entry["hash"])
        data = json.dumps(entry, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        if len(data) > LINE:
            raise InputError(f"a line of {len(data)} bytes in the log, at most {LINE} fit", where=str(self.path), fix="shorten the note")
        self._append(data)
        self.count, self.head = self.count + 1, entry["hash"]
        write_atomic(_head(self.path), json.dumps({"n": self.count, "hash": self.head}).encode())
        return str(entry["hash"])

    def _append(self, data: bytes) -> None:
        """Bytes onto the disk, all of them."""
        try:
            if self._stream.write(data) != len(data):
                raise OSError(errno.ENOSPC, "only part of a line could be written")
            os.fsync(self._stream.fileno())
        except OSError as error:
            self.broken = True
            raise not_written(self.path, error) from None

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()


def _head(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def _lock(stream: IO[bytes], path: Path) -> None:
    """One writer: the system lets go of the lock when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows: the guard's endpoint file says who is there
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StorageError(
            "another process writes this log", where=str(path), fix="end the guard that is running for this folder, or use its folder's 'chemwright lab status'"
        ) from None


def read_chain(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Line numbers of the file and their content; None for a line that is no JSON object of a chain."""
    with open(path, "rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LINE + 1), b""), 1):
            try:
                data = json.loads(line)
            except (ValueError, RecursionError):
                data = None
            yield number, data if isinstance(data, dict) and isinstance(data.get("hash"), str) and isinstance(data.get("n"), int) else None


def _end(path: Path) -> tuple[int, str, bool]:
    """Newest number and hash, and whether the last line was cut off."""
    n, head = 0, FIRST
    for _, entry in read_chain(path):
        if entry is not None:
            n, head = entry["n"], entry["hash"]
    size = path.stat().st_size
    if not size:
        return n, head, False
    with open(path, "rb") as stream:
        stream.seek(size - 1)
        return n, head, stream.read(1) != b"\n"


@frozen
class ChainVerdict:
    """What a look at a log found.

    Args:
        lines: good lines.
        head: hash of the newest one.
        problems: what is wrong, by line.
        sealed: whether every good line bears a seal that its key made; None when no key was given.
    """

    lines: int
    head: str
    problems: tuple[str, ...]
    sealed: bool | None


def verify_chain(path: Path, key: bytes = b"") -> ChainVerdict:
    """Look whether a log is whole: numbers, hashes, seals, and that nothing is missing at its end.

    Raises:
        InputError: there is no such file.
    """
    if not path.is_file():
        raise InputError("no such log", where=str(path), fix="give the folder of a campaign that was run in the laboratory")
    problems, previous, n, sealed = [], FIRST, 0, True
    torn: list[int] = []
    for number, entry in read_chain(path):
        if entry is None:
            torn.append(number)
            continue
        if torn and entry.get("what") != "torn":
            problems.append(f"line {torn[-1]}: not a line of the log")
        torn = []
        if entry["n"] != n + 1:
            problems.append(f"line {number}: number {entry['n']} follows {n}")
        if entry.get("previous") != previous:
            problems.append(f"line {number}: does not follow the line before it")
        if _hash(entry) != entry["hash"]:
            problems.append(f"line {number}: changed after it was written")
        if key and not hmac.compare_digest(str(entry.get("seal", "")), _seal(key, entry["hash"])):
            sealed = False
            problems.append(f"line {number}: its seal was not made with this key")
        n, previous = entry["n"], entry["hash"]
    if torn:
        problems.append(f"line {torn[-1]}: cut off, or not a line of the log")
    problems += _missing_end(path, n, previous)
    return ChainVerdict(n, previous, tuple(problems), sealed if key else None)


def _missing_end(path: Path, n: int, head: str) -> list[str]:
    """What the head file says beyond the log; a log one line ahead was written last before a crash."""
    try:
        kept = json.loads(_head(path).read_text(encoding="utf-8"))
        there, digest = int(kept["n"]), str(kept["hash"])
    except (OSError, ValueError, KeyError, TypeError):
        return [f"{_head(path).name} is missing or unreadable"] if n else []
    if there > n:
        return [f"{there - n} lines are missing at the end"]
    if there == n and digest != head:
        return [f"the newest line is not the one that {_head(path).name} names"]
    return [f"{_head(path).name} is {n - there} lines behind"] if n - there > 1 else []
