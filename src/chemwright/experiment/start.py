"""The first experiments of a campaign: spread over the space, and over the levels of every category."""

from __future__ import annotations

import numpy as np

from chemwright.experiment.sampling import all_rows, repair, sample, spread
from chemwright.experiment.space import Array, Space

POOL = 1024
"""Allowed experiments kept at hand, to stand in where a drawn one is not allowed."""
DESIGNS = 64
"""Designs that are drawn, of which the best is taken."""


def initial_size(space: Space) -> int:
    """How many experiments a start has when nobody says: two more than there are variables, 4 to 12, and no more than half of a small space."""
    wanted = min(12, max(4, len(space.variables) + 2))
    return int(max(1, min(wanted, space.size / 2)))


def space_filling(space: Space, n: int, seed: int, taken: Array) -> Array:
    """n allowed experiments that stand for the space, shape (n, v).

    Latin hypercubes are drawn, in which each variable takes n values spread evenly over its range, and each level of a category equally often (those that
    are taken least come first); the one whose experiments are farthest from each other and from what is taken is kept.

    Args:
        space: what is allowed.
        n: how many.
        seed: of the draws.
        taken: rows that are done or under way, shape (p, v).

    Raises:
        InputError: no allowed experiment.
    """
    rng = np.random.default_rng(seed)
    pool = _pool(space, n, rng, seed)
    best, score = pool[:0], -1.0
    for _ in range(DESIGNS):
        rows = _allowed(space, repair(space, space.from_unit(_hypercube(space, n, taken, rng))), pool, rng)
        apart = distance(space, rows, np.vstack([taken, rows]))
        apart[np.arange(n), len(taken) + np.arange(n)] = np.inf
        reached = float(apart.min()) + 1e-3 * float(np.sort(apart, axis=1)[:, 0].mean())
        if reached > score:
            best, score = rows, reached
    return _unlike(space, best, taken, pool)


def _hypercube(space: Space, n: int, taken: Array, rng: np.random.Generator) -> Array:
    """Scaled rows (n, v): each number once in each of n equal parts of its range, each level as often as the others; those taken least first."""
    out = np.empty((n, len(space.variables)))
    for j, v in enumerate(space.variables):
        parts = (rng.permutation(n) + rng.random(n)) / n
        if v.kind == "continuous":
            out[:, j] = parts
            continue
        choices = np.arange(len(v.levels)) if v.kind == "categorical" else np.array(v.values)
        used = np.array([(taken[:, j] == c).sum() if len(taken) else 0 for c in choices], float)
        picked = []
        for _ in range(n):
            k = int(np.argmin(used + 0.5 * rng.random(len(used))))
            used[k] += 1
            picked.append(k)
        rows = np.repeat(space.low[None], n, axis=0)
        rows[:, j] = choices[rng.permutation(picked)]
        out[:, j] = space.unit(rows)[:, j]
    return out


def _allowed(space: Space, rows: Array, pool: Array, rng: np.random.Generator) -> Array:
    """The rows, with those that are not allowed in the place of a near one of the pool that is."""
    bad = np.flatnonzero(~space.feasible(rows))
    if len(bad):
        some = pool[rng.permutation(len(pool))[:256]]
        rows[bad] = some[np.argmin(distance(space, rows[bad], some), axis=1)]
    return rows


def _unlike(space: Space, rows: Array, taken: Array, pool: Array) -> Array:
    """The rows, with one that repeats another (or what is taken) in the place of the farthest of the pool; a small space may leave repeats."""
    for i in range(len(rows)):
        others = np.vstack([taken, rows[:i], rows[i + 1 :]])
        if len(others) and distance(space, rows[[i]], others).min() < 1e-12:
            rows[i] = pool[int(np.argmax(distance(space, pool, others).min(1)))]
    return rows


def distance(space: Space, a: Array, b: Array) -> Array:
    """Distances between rows, shape (len(a), len(b)): every variable weighs the same, two levels without descriptors are 1 apart."""
    xa, xb = space.encode(a), space.encode(b)
    total = np.zeros((len(a), len(b)))
    for block, table in zip(space.blocks, space.tables, strict=True):
        difference = ((xa[:, None, block] - xb[None, :, block]) ** 2).sum(2)
        n = 1 if table is None else len(table)
        scale = 1.0 if table is None or n < 2 else float(2.0 * table.var(0).sum() * n / (n - 1)) or 1.0  # the mean over pairs of different levels
        total += difference / scale
    return np.sqrt(total)


def _pool(space: Space, n: int, rng: np.random.Generator, seed: int) -> Array:
    every = all_rows(space, 4 * POOL)
    if every is not None and len(every):
        return every if len(every) <= POOL else every[rng.permutation(len(every))[:POOL]]
    rows = spread(space, POOL, seed)
    rows = rows[space.feasible(rows)]
    wanted = max(POOL // 4, 4 * n)
    return rows if len(rows) >= wanted else np.vstack([rows, sample(space, wanted - len(rows), rng)])
