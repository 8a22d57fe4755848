"""Readings smoothed: one cubic spline a series, through the feed, its stiffness by generalised cross-validation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from attrs import frozen

from chemwright.model.protocol import Array

FEED_WEIGHT = 1e4  # the feed is known: its residual weighs so much more than a reading's
GRID = 61
STIFFNESS = np.logspace(-9, 1, 21)


@frozen(eq=False)
class Smooth:
    """A smoothed series: on ``grid`` (s, shape (G,)) and at the samples; ``rss`` and ``free`` tell the noise."""

    grid: Array
    fine: Array
    at_samples: Array
    rss: float
    free: float


@lru_cache(maxsize=256)
def _hats(times: tuple[float, ...]) -> tuple[Array, list[tuple[Array, Array]]]:
    """Of the times (the first is 0): the fine grid, and for every stiffness the matrices from series to samples and to the grid."""
    from scipy.interpolate import make_smoothing_spline

    t = np.sqrt(np.array(times) / times[-1])  # rates are fastest at the start
    grid = np.linspace(0.0, 1.0, GRID)
    weight = np.ones(len(t))
    weight[0] = FEED_WEIGHT
    out = []
    for stiffness in STIFFNESS:
        splines = [make_smoothing_spline(t, row, w=weight, lam=stiffness) for row in np.eye(len(t))]
        out.append((np.array([s(t) for s in splines]).T, np.array([s(grid) for s in splines]).T))
    return grid**2 * times[-1], out


def smooth(times: Array, values: Array, start: float) -> Smooth:
    """One series.

    Args:
        times: s, increasing and above 0, shape (n,) with n >= 4.
        values: (n,).
        start: value at time 0, known.
    """
    t = np.concatenate([[0.0], times])
    y = np.concatenate([[start], values])
    grid, hats = _hats(tuple(float(v) for v in t))
    best: Smooth | None = None
    score = np.inf
    for at, fine in hats:
        free = len(times) - (np.trace(at) - at[0, 0])
        if free < 1.0:
            continue
        rss = float(np.sum((y - at @ y)[1:] ** 2))
        gcv = rss / free**2
        if gcv < score:
            score, best = gcv, Smooth(grid, fine @ y, at @ y, rss, float(free))
    assert best is not None
    return best
