"""The first experiments of a campaign: spread over the space, and over the levels of every category."""

from __future__ import annotations

import numpy as np

from chemwright.experiment.sampling import all_rows, sample, spread
from chemwright.experiment.space import Array, Space

POOL = 1024
"""Allowed experiments that a start is chosen from."""
_NEW_LEVEL = 0.25  # what a level that was not tried yet is worth, in shares of the mean distance


def initial_size(space: Space) -> int:
    """How many experiments a start has when nobody says: two more than there are variables, 4 to 12, and no more than half of a small space."""
    wanted = min(12, max(4, len(space.variables) + 2))
    return int(max(1, min(wanted, space.size / 2)))


def space_filling(space: Space, n: int, seed: int, taken: Array) -> Array:
    """n allowed experiments that stand for the space, shape (n, v).

    Each next one takes most off the mean distance between an experiment of the space and the nearest chosen (or taken) one, so that no region stays far
    from all; levels that were not tried yet come first among equals.

    Args:
        space: what is allowed.
        n: how many.
        seed: of the pool.
        taken: rows that are done or under way, shape (p, v).

    Raises:
        InputError: no allowed experiment.
    """
    pool = _pool(space, n, seed)
    unit = np.linspace(0.0, 1.0, len(pool))  # breaks ties the same way everywhere
    order = np.argsort(np.random.default_rng(seed).random(len(pool)) + 0.0 * unit)
    pool = pool[order]
    apart = distance(space, pool, pool)
    nearest = distance(space, pool, taken).min(1) if len(taken) else np.full(len(pool), float(apart.max(initial=0.0)) or 1.0)
    used = {(j, x) for row in taken for j, x in enumerate(row) if space.variables[j].kind == "categorical"}
    chosen: list[int] = []
    for _ in range(n):
        gain = np.maximum(nearest[None, :] - apart, 0.0).mean(1) + _NEW_LEVEL * (nearest.mean() + 1e-12) * _new_levels(space, pool, used)
        gain[nearest <= 1e-12] = -1.0 if len(chosen) < len(pool) else 0.0  # not the same experiment again while there are others
        best = int(np.argmax(gain))
        chosen.append(best)
        nearest = np.minimum(nearest, apart[best])
        used |= {(j, x) for j, x in enumerate(pool[best]) if space.variables[j].kind == "categorical"}
    return pool[chosen]


def distance(space: Space, a: Array, b: Array) -> Array:
    """Distances between rows, shape (len(a), len(b)): every variable weighs the same, two levels without descriptors are 1 apart."""
    xa, xb = space.encode(a), space.encode(b)
    total = np.zeros((len(a), len(b)))
    for block, table in zip(space.blocks, space.tables, strict=True):
        difference = ((xa[:, None, block] - xb[None, :, block]) ** 2).sum(2)
        scale = 1.0
        if table is not None and len(table) > 1:
            between = ((table[:, None] - table[None]) ** 2).sum(2)
            scale = float(between.sum() / (len(table) * (len(table) - 1))) or 1.0
        total += difference / scale
    return np.sqrt(total)


def _pool(space: Space, n: int, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    every = all_rows(space, 4 * POOL)
    if every is not None and len(every):
        return every if len(every) <= POOL else every[rng.permutation(len(every))[:POOL]]
    rows = spread(space, POOL, seed)
    rows = rows[space.feasible(rows)]
    wanted = max(POOL // 4, 4 * n)
    return rows if len(rows) >= wanted else np.vstack([rows, sample(space, wanted - len(rows), rng)])


def _new_levels(space: Space, pool: Array, used: set[tuple[int, float]]) -> Array:
    """The share of each row's levels that were not tried yet."""
    columns = [j for j, v in enumerate(space.variables) if v.kind == "categorical"]
    if not columns:
        return np.zeros(len(pool))
    fresh = np.array([[(j, x) not in used for j, x in zip(columns, row[columns], strict=True)] for row in pool])
    return np.asarray(fresh.mean(1), float)
