"""Candidates: every experiment of a small space; in a large one those that a local search from many starts finds, without listing it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chemwright.experiment.observations import groups
from chemwright.experiment.planning.domain import Array
from chemwright.experiment.sampling import all_rows, neighbours, sample
from chemwright.experiment.space import Space

Scores = Callable[[Array], Array]
"""Rows (n, v) to scores (H, n) under H ways of weighing what is expected against what is unknown; higher is better."""
LISTED = 20_000
STARTS = 1_200
KEPT = 8
ROUNDS = 9


def candidates(space: Space, scores: Scores, known: Array, best: Array, n: int, rng: np.random.Generator, pool: Array | None = None) -> Array:
    """Up to n rows worth a closer look, none of them known, shape (m, v); empty when a finite space has no unknown row left.

    Args:
        space: of the campaign.
        scores: several ways to rank rows.
        known: rows tried or under way (k, v).
        best: the best of them (b, v), around which the search also begins.
        n: how many.
        rng: the source of chance.
        pool: the rows to choose from, or None for the whole space.
    """
    listed = all_rows(space, LISTED) if pool is None else pool
    rows = without(listed, known, space) if listed is not None else _searched(space, scores, best, rng)
    if listed is None:
        rows = without(rows, known, space)
    if len(rows) <= n:
        return rows
    return rows[ranked(scores(rows), n)]


def ranked(scores: Array, n: int) -> np.ndarray:
    """n positions: the first of every way to rank, then the second of each, and so on."""
    order = np.argsort(-scores, axis=1, kind="stable")
    found = dict.fromkeys(int(i) for place in order.T[:n] for i in place)
    return np.array(list(found)[:n], np.int64)


def without(rows: Array, known: Array, space: Space) -> Array:
    """Distinct rows that are not known (to 1e-9 of each range)."""
    both = np.vstack([known.reshape(-1, rows.shape[1]), rows])
    width = np.where(space.high > space.low, space.high - space.low, 1.0)
    firsts = np.array([g[0] for g in groups((both - space.low) / width)], np.int64)
    return rows[firsts[firsts >= len(known)] - len(known)]


def _searched(space: Space, scores: Scores, best: Array, rng: np.random.Generator) -> Array:
    """Climb from random starts and from the best known, one or a few settings at a time, in ever smaller steps; numbers, discrete values and levels alike."""
    rows = np.vstack([sample(space, STARTS, rng), *(neighbours(space, b, 40, rng, 0.15) for b in best)])
    value = scores(rows)
    for k in range(ROUNDS):
        keep = ranked(value, KEPT * len(value))
        new = np.vstack([neighbours(space, rows[i], 10, rng, 0.3 * 0.6**k) for i in keep])
        if len(new) == 0:
            continue
        stay = ranked(value, 60 * len(value))
        rows, value = np.vstack([rows[stay], new]), np.hstack([value[:, stay], scores(new)])
    return rows
