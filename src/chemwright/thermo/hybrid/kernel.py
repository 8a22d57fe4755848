"""How alike two pairs of molecules are: the covariance of the coefficients of the excess function, before any data.

A molecule is compared with another by descriptors and groups at two lengths, and by identity; a pair with another as products of these, summed over both ways to match them
(with a minus for the antisymmetric coefficients). To this come terms linear in what the members of the UNIFAC family say of the pair, so that the data decide how much each is
believed. Every term but the linear ones vanishes as the two molecules of a pair become alike, and those vanish too when they are the same.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]
CLIP, CLIP_SLOPE = 6.0, 2.0


@frozen
class Width:
    """Widths and lengths, all [1]: of molecules' kernels (constant, long, short, identity and the two lengths), of the terms of a pair, and of each coefficient."""

    constant: float
    long: float
    short: float
    identity: float
    length_long: float
    length_short: float
    length_alike: float
    linear: float
    linear_slope: float
    local: float
    pair: float
    length_pair: float
    A0: float
    B0: float
    A1: float
    B1: float
    C: float


@frozen(eq=False)
class Molecules:
    """m molecules: keys, and coordinates of shape (m, d) in which distances are measured (scaled and weighted already)."""

    keys: tuple[str, ...]
    at: Array


@frozen(eq=False)
class Pairs:
    """n pairs of molecules: indices of shape (n,), and features of shape (n, 4, families) from :func:`chemwright.thermo.hybrid.descriptors.pair_features`."""

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    features: Array

    def take(self, rows: NDArray[np.int64]) -> Pairs:
        """The pairs at these places."""
        return Pairs(self.i[rows], self.j[rows], self.features[rows])


def squared(a: Array, b: Array) -> Array:
    """Squared distances between the rows of two arrays, shape (len(a), len(b))."""
    out: Array = np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2.0 * a @ b.T, 0.0)
    return out


def alike(a: Molecules, b: Molecules, w: Width) -> Array:
    """Covariance between molecules, one on the diagonal of a set with itself, shape (len(a), len(b))."""
    distance = squared(a.at, b.at)
    same = np.array([[p == q for q in b.keys] for p in a.keys], dtype=float)
    total = w.constant**2 + w.long**2 + w.short**2 + w.identity**2
    near = w.long**2 * np.exp(-distance / (2 * w.length_long**2)) + w.short**2 * np.exp(-distance / (2 * w.length_short**2))
    out: Array = (w.constant**2 + near + w.identity**2 * same) / total
    return out


def unlike(molecules: Molecules, pairs: Pairs, w: Width) -> Array:
    """0 for a pair of one molecule with itself, towards 1 for pairs of unlike ones, shape (n,)."""
    gap = ((molecules.at[pairs.i] - molecules.at[pairs.j]) ** 2).sum(1)
    out: Array = np.sqrt(1.0 - np.exp(-gap / (2 * w.length_alike**2)))
    return out


def covariances(one: tuple[Molecules, Pairs], two: tuple[Molecules, Pairs], w: Width) -> list[Array]:
    """Covariance of A0, B0, A1, B1 and C between the pairs of two sets, five arrays of shape (n1, n2)."""
    (m1, p1), (m2, p2) = one, two
    like = alike(m1, m2, w)
    straight = like[np.ix_(p1.i, p2.i)] * like[np.ix_(p1.j, p2.j)]
    crossed = like[np.ix_(p1.i, p2.j)] * like[np.ix_(p1.j, p2.i)]
    scale = np.outer(unlike(m1, p1, w), unlike(m2, p2, w))
    symmetric, antisymmetric = scale * (straight + crossed) / 2, scale * (straight - crossed) / 2
    f, g = (np.concatenate([np.clip(p.features[:, :2], -CLIP, CLIP), np.clip(p.features[:, 2:], -CLIP_SLOPE, CLIP_SLOPE)], 1) for p in (p1, p2))
    near = np.exp(-squared(_signature(f), _signature(g)) / (2 * w.length_pair**2))
    local = w.linear**2 * (1 - w.local + w.local * near)
    slope = w.linear_slope**2
    return [
        w.A0**2 * (symmetric + local * (f[:, 0] @ g[:, 0].T) + w.pair**2 * scale * near),
        w.B0**2 * (antisymmetric + local * (f[:, 1] @ g[:, 1].T)),
        w.A1**2 * (symmetric + slope * (f[:, 2] @ g[:, 2].T)),
        w.B1**2 * (antisymmetric + slope * (f[:, 3] @ g[:, 3].T)),
        w.C**2 * symmetric,
    ]


def _signature(f: Array) -> Array:
    """Features that don't change when the molecules of a pair are exchanged."""
    return np.hstack([f[:, 0], np.abs(f[:, 1])])
