"""What is stored of a structure for searching: two fingerprints, the codes of its atom environments, and the meaning of codes that it was first to have.

Layout of the column ``pattern``: 256 bytes of pattern fingerprint; number of codes (u16) and codes (u64 each); then for each defined code its place (u16),
the centre's type (u64), the number of neighbours (u8) and for each its bond (u16) and type (u64), all little-endian. Both columns are empty where the
structure can't be read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

BYTES = 256
Definition = tuple[int, tuple[tuple[int, int], ...]]
_COUNT, _HEAD, _NEIGHBOUR = struct.Struct("<H"), struct.Struct("<HQB"), struct.Struct("<HQ")


@frozen
class Row:
    """One structure as it is stored: the two columns."""

    pattern: bytes = b""
    morgan: bytes = b""


def rows_of(head: Mapping[str, Any], body: bytes, known: set[int]) -> list[Row]:
    """Rows from a matcher's answer to ``fingerprint``; codes that are not in ``known`` are defined in the row and added to it."""
    out: list[Row] = []
    place = 0
    environs = iter(head["environments"])
    for size in head["sizes"]:
        if size < 0:
            out.append(Row())
            continue
        prints = body[2 * BYTES * place : 2 * BYTES * (place + 1)]
        place += 1
        out.append(Row(prints[:BYTES] + _codes(next(environs), known), prints[BYTES:]))
    return out


def _codes(environs: Sequence[Any], known: set[int]) -> bytes:
    parts = [_COUNT.pack(len(environs)), np.array([e[0] for e in environs], dtype="<u8").tobytes()]
    for i, (code, centre, around) in enumerate(environs):
        if code not in known:
            known.add(code)
            parts.append(_HEAD.pack(i, centre, len(around)) + b"".join(_NEIGHBOUR.pack(bond, other) for bond, other in around))
    return b"".join(parts)


def codes_in(patterns: Iterable[bytes]) -> tuple[np.ndarray, np.ndarray, dict[int, Definition], dict[int, int]]:
    """The codes of many rows.

    Returns:
        number of codes of each row; all codes, row after row; what is defined of them; type to the row that defines an atom of it. A row of another
        length than it says counts as having none.
    """
    counts: list[int] = []
    parts: list[bytes] = []
    defined: dict[int, Definition] = {}
    types: dict[int, int] = {}
    for row, blob in enumerate(patterns):
        n = _COUNT.unpack_from(blob, BYTES)[0] if len(blob) >= BYTES + 2 else 0
        end = BYTES + 2 + 8 * n
        if len(blob) < end:
            n, end = 0, len(blob)
        counts.append(n)
        parts.append(blob[BYTES + 2 : end] if n else b"")
        if n and len(blob) > end:
            _definitions(blob, end, np.frombuffer(parts[-1], dtype="<u8"), row, defined, types)
    return np.array(counts, dtype=np.int64), np.frombuffer(b"".join(parts), dtype="<u8"), defined, types


def _definitions(blob: bytes, at: int, codes: np.ndarray, row: int, defined: dict[int, Definition], types: dict[int, int]) -> None:
    while at + _HEAD.size <= len(blob):
        place, centre, n = _HEAD.unpack_from(blob, at)
        at += _HEAD.size
        if place >= len(codes) or at + n * _NEIGHBOUR.size > len(blob):
            return
        around = tuple(_NEIGHBOUR.unpack_from(blob, at + k * _NEIGHBOUR.size) for k in range(n))
        at += n * _NEIGHBOUR.size
        defined.setdefault(int(codes[place]), (centre, around))
        types.setdefault(centre, row)
