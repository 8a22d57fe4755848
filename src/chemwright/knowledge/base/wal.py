"""SQLite's write-ahead log beside a file: whether a change that was committed to it is still whole.

SQLite drops, without a word, everything after the first frame of a log whose checksum fails, since a power cut leaves such frames too. So the log is read
here as well, by the published format (https://www.sqlite.org/fileformat2.html, section 4): a frame that belongs to this log, fails its checksum and has
committed ones at or behind it was damaged.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

_MAGIC = 0x377F0682
HEADER, _FRAME = 32, 24
Sums = tuple[int, int]


@lru_cache(maxsize=4)
def _weights(words: int) -> tuple[Any, Any, Any]:
    """How much each word of a block, and the sums before it, count in the sums after it: s0 += x0 + s1; s1 += x1 + s0, modulo 2**32."""
    f = [0, 1]  # Fibonacci's numbers: each sum is the two before it and a word
    for _ in range(words):
        f.append((f[-1] + f[-2]) & 0xFFFFFFFF)
    first = np.array(f[words - 1 :: -1], np.uint32)
    second = np.array(f[words:0:-1], np.uint32)
    return first, second, ((f[words - 1], f[words]), (f[words], f[words + 1]))


def checksum(data: bytes, order: str, before: Sums = (0, 0)) -> Sums:
    """The running checksum of the log's format after ``data`` (a multiple of 8 bytes); ``order`` is ``>`` or ``<``."""
    words = np.frombuffer(data, f"{order}u4").astype(np.uint32)
    first, second, ((a, b), (c, d)) = _weights(len(words))
    s0 = a * before[0] + b * before[1] + int(np.sum(words * first, dtype=np.uint32))
    s1 = c * before[0] + d * before[1] + int(np.sum(words * second, dtype=np.uint32))
    return s0 & 0xFFFFFFFF, s1 & 0xFFFFFFFF


def damage(path: Path) -> str:
    """What is wrong with the log of a base, in words; empty when nothing is, or there is none."""
    log = Path(f"{path}-wal")
    try:
        with log.open("rb") as stream:
            return _damage(stream, log.stat().st_size)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"its log can't be read: {error.strerror}"


def _damage(stream: Any, size: int) -> str:
    if size <= HEADER:
        return ""
    head = stream.read(HEADER)
    magic, _, page, cycle, salt0, salt1, sum0, sum1 = struct.unpack(">8I", head)
    order = ">" if magic & 1 else "<"
    if magic & ~1 != _MAGIC or page < 512 or page > 65536 or page & (page - 1) or checksum(head[:24], order) != (sum0, sum1):
        return "the beginning of its log is damaged: the newest changes can't be read"
    sums, broken = (sum0, sum1), 0
    for number in range(1, (size - HEADER) // (_FRAME + page) + 1):
        frame = stream.read(_FRAME + page)
        where, commit, s0, s1, c0, c1 = struct.unpack(">6I", frame[:_FRAME])
        own = (s0, s1) == (salt0, salt1)
        if not broken and own:
            sums = checksum(frame[_FRAME:], order, checksum(frame[:8], order, sums))
            if sums == (c0, c1) and where:
                continue
        if not broken:
            broken = number
            if own and commit:
                return f"frame {number} of its log is damaged: the newest changes are lost from there on"
            if not own and (s0 == salt0 or s1 == salt1 or cycle == 0):  # what an older round of the log left there shares no salt
                return f"frame {number} of its log is damaged: the newest changes are lost from there on"
        elif own:
            return f"frame {broken} of its log is damaged: the newest changes are lost from there on"
    return ""
