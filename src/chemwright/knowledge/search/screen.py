"""Fingerprints of many molecules as arrays, one word of all molecules after the other, and the screens made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.knowledge.search.stored import BYTES

WORDS = BYTES // 8
BLOCK = 1 << 16
"""Molecules that are compared at once, so that what is between stays in the cache."""


@frozen(eq=False)
class Segment:
    """Molecules that follow one another in the base.

    Args:
        pks: rows in the table of substances, ascending, shape (n,).
        pattern, morgan: fingerprints, shape (32, n), 64 bits a word.
        weight: bits set in ``morgan``, shape (n,).
        codes: distinct environment codes, ascending, shape (m,).
        starts: where each code's molecules begin in ``holders``, shape (m + 1,).
        holders: molecules (0 to n - 1) that hold each code.
    """

    pks: np.ndarray
    pattern: np.ndarray
    morgan: np.ndarray
    weight: np.ndarray
    codes: np.ndarray
    starts: np.ndarray
    holders: np.ndarray

    def __len__(self) -> int:
        return len(self.pks)


def segment(pks: Sequence[int], patterns: Sequence[bytes], morgans: Sequence[bytes], counts: np.ndarray, codes: np.ndarray) -> Segment:
    """A segment from stored rows that can be read (see :mod:`chemwright.knowledge.search.stored`)."""
    morgan = _columns([m[:BYTES] for m in morgans])
    weight = np.zeros(len(pks), dtype=np.uint16)
    for word in morgan:
        weight += np.bitwise_count(word)
    holders = np.repeat(np.arange(len(pks), dtype=np.int32), counts)
    return Segment(np.array(pks, dtype=np.int64), _columns([p[:BYTES] for p in patterns]), morgan, weight, *_postings(codes, holders))


def _columns(rows: Sequence[bytes]) -> np.ndarray:
    return np.ascontiguousarray(np.frombuffer(b"".join(rows), dtype="<u8").reshape(-1, WORDS).T)


def _postings(codes: np.ndarray, holders: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.argsort(codes, kind="stable")
    distinct, starts = np.unique(codes[order], return_index=True)
    return distinct, np.append(starts, len(codes)), holders[order]


def joined(a: Segment, b: Segment) -> Segment:
    """Two segments as one, ``b`` after ``a``."""
    codes = np.concatenate([np.repeat(s.codes, np.diff(s.starts)) for s in (a, b)])
    holders = np.concatenate([a.holders, b.holders + np.int32(len(a))])
    pks, weight = np.concatenate([a.pks, b.pks]), np.concatenate([a.weight, b.weight])
    pattern, morgan = np.concatenate([a.pattern, b.pattern], axis=1), np.concatenate([a.morgan, b.morgan], axis=1)
    return Segment(pks, pattern, morgan, weight, *_postings(codes, holders))


def holding(part: Segment, bits: np.ndarray) -> np.ndarray:
    """Mask of the molecules whose pattern fingerprint holds all ``bits`` (32 words)."""
    ok = np.ones(len(part), dtype=bool)
    for j in np.flatnonzero(bits):
        ok &= (part.pattern[j] & bits[j]) == bits[j]
    return ok


def tanimoto(part: Segment, bits: np.ndarray, threshold: float, top: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Molecules with a Tanimoto similarity to ``bits`` of at least ``threshold``: (places, similarities); with ``top``, at least the so many most similar of them.

    With a bits in a molecule and b in the query no similarity is above min(a, b) / max(a, b), so that molecules out of reach are not compared
    (Swamidass and Baldi 2007, doi:10.1021/ci600358f).
    """
    own = int(np.bitwise_count(bits).sum())
    words = np.flatnonzero(bits)
    places, scores = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    for start in range(0, len(part), BLOCK):
        weight = part.weight[start : start + BLOCK].astype(np.float32)
        reach = np.flatnonzero((weight >= np.float32(threshold * own - 0.01)) & (weight * np.float32(threshold) <= own + 0.01))
        few = len(reach) < len(weight) // 4  # picked out one by one they are quicker then
        common = np.zeros(len(reach) if few else len(weight), dtype=np.uint16)
        for j in words:
            column = part.morgan[j, start : start + BLOCK]
            common += np.bitwise_count((column[reach] if few else column) & bits[j])
        total = (weight[reach] if few else weight) + np.float32(own) - common
        score = np.divide(common, total, out=np.zeros(len(common), dtype=np.float32), where=total > 0)
        near = np.flatnonzero(score >= np.float32(threshold))
        places, scores = np.concatenate([places, (reach[near] if few else near) + start]), np.concatenate([scores, score[near]])
        if top is not None and len(places) > top:
            least = np.partition(scores, len(scores) - top)[len(scores) - top]
            places, scores, threshold = places[scores >= least], scores[scores >= least], max(threshold, float(least))
    return places, scores
