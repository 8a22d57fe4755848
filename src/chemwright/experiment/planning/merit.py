"""What is wanted, as numbers to be raised: goals, limits, and the state of a campaign so far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.experiment.planning.domain import Array
from chemwright.record import Objective

LIMITS = ("at_least", "at_most")


@frozen(eq=False)
class Wanted:
    """The objectives split into those that are raised and those that are limits.

    Args:
        raised: positions of the first.
        limits: positions of the others.
        objectives: all of them.
    """

    raised: tuple[int, ...]
    limits: tuple[int, ...]
    objectives: tuple[Objective, ...]

    @classmethod
    def of(cls, objectives: Sequence[Objective]) -> Wanted:
        """Split them."""
        limits = tuple(j for j, o in enumerate(objectives) if o.goal in LIMITS)
        return cls(tuple(j for j in range(len(objectives)) if j not in limits), limits, tuple(objectives))

    def merit(self, figures: Array) -> Array:
        """Figures (..., M) to what is raised (..., R); for a campaign with limits alone, the least room to any limit (..., 1)."""
        if not self.raised:
            return self.room(figures).min(-1)[..., None]
        parts = []
        for j in self.raised:
            o, y = self.objectives[j], figures[..., j]
            parts.append(y if o.goal == "maximise" else -y if o.goal == "minimise" else -np.abs(y - (o.target or 0.0)))
        return np.stack(parts, -1)

    def room(self, figures: Array) -> Array:
        """How far each limit is kept (negative: broken), (..., number of limits)."""
        parts = [(figures[..., j] - (self.objectives[j].target or 0.0)) * (1.0 if self.objectives[j].goal == "at_least" else -1.0) for j in self.limits]
        return np.stack(parts, -1) if parts else np.zeros((*figures.shape[:-1], 0))

    def kept(self, figures: Array) -> np.ndarray:
        """Whether all limits are kept, (...,)."""
        return np.asarray((self.room(figures) >= 0).all(-1) if self.raised else np.ones(figures.shape[:-1], bool))

    def reference(self, merits: Array) -> tuple[Array, Array]:
        """Where hypervolume is counted from, and the scale of each merit, from the merits seen (n, R): what the user told, else a tenth of the front's range below its worst."""
        low, high = merits.min(0), merits.max(0)
        scale = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
        reference = low - 0.1 * scale
        for k, j in enumerate(self.raised):
            o = self.objectives[j]
            if o.reference is not None:
                reference[k] = self.merit(np.where(np.arange(len(self.objectives)) == j, o.reference, 0.0))[k]
        return reference, scale
