"""Experiments to begin with: spread evenly over the space, far from each other and from those already made."""

from __future__ import annotations

import numpy as np

from chemwright.experiment.planning.domain import Array
from chemwright.experiment.planning.search import LISTED, without
from chemwright.experiment.planning.structures import domain_of
from chemwright.experiment.sampling import all_rows, sample, spread
from chemwright.experiment.space import Space

DRAWN = 2_000


def spread_rows(space: Space, known: Array, n: int, seed: int, pool: Array | None = None) -> Array:
    """n allowed rows, each the farthest from the known ones and from those before it (distances of structures for molecules), shape (n, v); fewer when the space has no more."""
    rng = np.random.default_rng(seed)
    listed = all_rows(space, LISTED) if pool is None else pool
    if listed is None:
        even = spread(space, 1024, seed)
        listed = np.vstack([even[space.feasible(even)], sample(space, max(64, n), rng)])
    rows = without(listed, known, space)
    if len(rows) > DRAWN:
        rows = rows[rng.choice(len(rows), DRAWN, replace=False)]
    domain, x = domain_of(space), space.unit(rows)
    near = np.full(len(rows), np.inf)
    for row in space.unit(known) if len(known) else ():
        near = np.minimum(near, domain.squared(x, row[None]).sum(0)[:, 0])
    middle = domain.squared(x, x[rng.integers(0, len(x), 200)]).sum(0).mean(1) if len(x) else np.zeros(0)
    chosen: list[int] = []
    for _ in range(min(n, len(rows))):
        pick = int(np.argmin(middle)) if not chosen and not len(known) else int(np.argmax(near))
        chosen.append(pick)
        near = np.minimum(near, domain.squared(x, x[pick][None]).sum(0)[:, 0])
        near[chosen] = -1.0
    return rows[np.array(chosen, np.int64)]
