"""What the planner knows of a space: numbers scaled to [0, 1], categories as codes with the distances of their structures, mixtures; and the squared distances that the kernel is made of.

A point is a row of floats: a number's scaled value, a category's code. Every variable contributes one or more **terms** of squared distance: a number its own; a category one in which all levels are equally far apart
(what can't be told from structure) and one per table of descriptors. Each term has its own length, learnt from the data, so that the structure speaks as far as the data bear it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]


@frozen(eq=False)
class Axis:
    """One variable.

    Args:
        name: as the user knows it.
        levels: number of categories; 0 for a number.
        distances: squared distances between categories by their descriptors, each (K, K), on average 1 between different levels; none for numbers and plain labels.
        grid: the values a discrete number may take, scaled, rising; none when it is continuous.
        mixture: whether it is a part of a mixture whose parts sum to a constant.
    """

    name: str
    levels: int = 0
    distances: tuple[Array, ...] = ()
    grid: Array | None = None
    mixture: bool = False

    @property
    def terms(self) -> int:
        """Number of distance terms."""
        return 1 + len(self.distances)


@frozen(eq=False)
class Domain:
    """The variables in order.

    Args:
        axes: one per column of a point.
    """

    axes: tuple[Axis, ...] = field(converter=tuple)

    @property
    def owner(self) -> NDArray[np.int64]:
        """The axis of each term, shape (T,)."""
        return np.repeat(np.arange(len(self.axes)), [a.terms for a in self.axes])

    def squared(self, x1: Array, x2: Array) -> Array:
        """Squared distances of all terms between points x1 (n, J) and x2 (m, J), shape (T, n, m)."""
        parts: list[Array] = []
        for j, axis in enumerate(self.axes):
            a, b = x1[:, j], x2[:, j]
            if axis.levels:
                i, k = a.astype(np.int64), b.astype(np.int64)
                parts.append((i[:, None] != k[None, :]).astype(np.float64))
                parts += [d[np.ix_(i, k)] for d in axis.distances]
            else:
                parts.append((a[:, None] - b[None, :]) ** 2)
        return np.stack(parts) if parts else np.zeros((0, len(x1), len(x2)))


def descriptor_distances(table: Array) -> Array:
    """Squared distances between the rows of a table (K, d) of descriptors, scaled to a mean of 1 between different rows, shape (K, K).

    Constant columns carry nothing and drop out; the rest are standardised and rotated to principal components, so that descriptors that say the same count once.
    """
    z = principal(table)
    d = ((z[:, None] - z[None]) ** 2).sum(-1)
    k = len(d)
    mean = d.sum() / max(k * (k - 1), 1)
    return d / mean if mean > 0 else d


def principal(table: Array, share: float = 0.999) -> Array:
    """Standardised columns rotated to principal components that hold ``share`` of the variance, shape (K, c); each keeps the square root of its spread, between counting twice and counting alike."""
    t = np.where(np.isfinite(table), table, np.nan)
    mean = np.where(np.isfinite(t).any(0), np.nanmean(np.where(np.isfinite(t).any(0), t, 0.0), 0), 0.0)
    t = np.where(np.isfinite(t), t, mean)
    spread = t.std(0)
    z = (t[:, spread > 1e-9] - t[:, spread > 1e-9].mean(0)) / spread[spread > 1e-9]
    if z.shape[1] == 0:
        return np.zeros((len(table), 0))
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    keep = np.cumsum(s**2) <= share * (s**2).sum()
    keep[0] = True
    return u[:, keep] * np.sqrt(s[keep])


def levels_of(cells: Sequence[object]) -> tuple[list[object], Array]:
    """Distinct values in order of first sight, and the code of each cell."""
    seen: dict[object, int] = {}
    codes = [seen.setdefault(c, len(seen)) for c in cells]
    return list(seen), np.array(codes, float)
