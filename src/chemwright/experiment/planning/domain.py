"""What the planner knows of a space: numbers scaled to [0, 1], categories as codes with the distances of their structures; and the squared distances that the kernel is made of.

A point is a row of floats: a number's scaled value, a category's code. Every variable contributes one or more **terms** of squared distance: a number its own; a category one in which all levels are equally far apart
(what can't be told from structure) and one per table of descriptors. Each term has its own length, learnt from the data, so that structure speaks as far as the data bear it out. Two more columns may follow, which no
experiment sets: the campaign that an experiment was borrowed from, and the time at which it was made.
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from chemwright.record.fields import as_tuple

Array: TypeAlias = NDArray[np.float64]
TASK_VARIANCE = 4.0
"""Variance of the offset of a borrowed campaign, in units of the outcomes' variance: nearly free."""


@frozen(eq=False)
class Axis:
    """One column of a point.

    Args:
        name: as the user knows it.
        levels: number of categories; 0 for a number.
        distances: squared distances between categories by their descriptors, each (K, K), on average 1 between different levels; none for numbers and plain labels.
        offset: empty for what an experiment sets; ``task`` for the campaign it came from (0 is this one), ``drift`` for the time at which it was made.
    """

    name: str
    levels: int = 0
    distances: tuple[Array, ...] = ()
    offset: str = ""

    @property
    def terms(self) -> int:
        """Number of distance terms: an offset for time has none, one for a campaign lets the campaigns differ in shape too."""
        return 0 if self.offset == "drift" else 1 + len(self.distances)


@frozen(eq=False, slots=False)
class Domain:
    """The columns in order.

    Args:
        axes: one per column of a point.
    """

    axes: tuple[Axis, ...] = field(converter=as_tuple)

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """The axis of each term, shape (T,)."""
        return np.repeat(np.arange(len(self.axes)), [a.terms for a in self.axes])

    @property
    def terms(self) -> int:
        """T, the number of distance terms."""
        return len(self.owner)

    @cached_property
    def offset_axes(self) -> tuple[Axis, ...]:
        """The columns that no experiment sets."""
        return tuple(a for a in self.axes if a.offset)

    def squared(self, x1: Array, x2: Array) -> Array:
        """Squared distances of all terms between points x1 (n, J) and x2 (m, J), shape (T, n, m)."""
        parts: list[Array] = []
        for j, axis in enumerate(self.axes):
            a, b = x1[:, j], x2[:, j]
            if axis.levels:
                i, k = a.astype(np.int64), b.astype(np.int64)
                parts.append((i[:, None] != k[None, :]).astype(np.float64))
                parts += [d[np.ix_(i, k)] for d in axis.distances]
            elif axis.terms:
                parts.append((a[:, None] - b[None, :]) ** 2)
        return np.stack(parts) if parts else np.zeros((0, len(x1), len(x2)))

    def offset_distances(self, x1: Array, x2: Array) -> Array:
        """For each offset (E, n, m): covariance of the campaigns' offsets, squared distance in time."""
        parts = []
        for j, axis in enumerate(self.axes):
            a, b = x1[:, None, j], x2[None, :, j]
            if axis.offset == "task":
                parts.append(TASK_VARIANCE * ((a == b) & (a > 0)))
            elif axis.offset == "drift":
                parts.append(9.0 * (a - b) ** 2)
        return np.stack(parts).astype(float) if parts else np.zeros((0, len(x1), len(x2)))

    def offset_variance(self, x: Array) -> Array:
        """What the campaigns' offsets add to the variance at x (m, J), shape (m,)."""
        out = np.zeros(len(x))
        for j, axis in enumerate(self.axes):
            if axis.offset == "task":
                out += TASK_VARIANCE * (x[:, j] > 0)
        return out


def descriptor_distances(table: Array) -> Array:
    """Squared distances between the rows of a table (K, d) of descriptors, scaled to a mean of 1 between different rows, shape (K, K).

    Constant columns carry nothing and drop out; the rest are standardised and rotated to principal components, so that descriptors that say the same do not count many times.
    """
    z = principal(table)
    d = ((z[:, None] - z[None]) ** 2).sum(-1)
    k = len(d)
    mean = d.sum() / max(k * (k - 1), 1)
    return np.asarray(d / mean if mean > 0 else d)


def principal(table: Array, share: float = 0.999) -> Array:
    """Standardised columns rotated to the principal components that hold ``share`` of the variance, shape (K, c); each has the square root of its spread, between counting twice and counting alike."""
    t = np.where(np.isfinite(table), table, 0.0)
    spread = t.std(0)
    live = spread > 1e-9 * np.maximum(np.abs(t).max(0, initial=0.0), 1e-12)
    if not live.any():
        return np.zeros((len(t), 0))
    z = (t[:, live] - t[:, live].mean(0)) / spread[live]
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    keep = np.cumsum(s**2) <= share * (s**2).sum()
    keep[0] = True
    return np.asarray(u[:, keep] * np.sqrt(s[keep]))
