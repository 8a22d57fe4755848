"""Choosing a batch by joint samples of the outcome: each next point is the one that adds most to the expected best of what is known and what is already in the batch."""

from __future__ import annotations

import numpy as np

from chemwright.experiment.planning.domain import Array


def greedy_improvement(samples: Array, best: Array, n: int, power: float = 1.0, cost: Array | None = None) -> tuple[list[int], list[float]]:
    """Positions of n candidates and what each adds.

    Args:
        samples: joint samples of merit (S, m), higher is better.
        best: the best merit so far in each sample (S,), so that noise in what was measured counts.
        n: how many, at most m.
        power: improvement is raised to this power; above 1 rewards the chance of a large gain.
        cost: cost of each candidate (m,), by which the gain is divided.
    """
    best = best.copy()
    chosen: list[int] = []
    worth: list[float] = []
    for _ in range(min(n, samples.shape[1])):
        gain = (np.maximum(samples - best[:, None], 0.0) ** power).mean(0)
        score = gain / cost if cost is not None else gain.copy()
        score[chosen] = -np.inf
        pick = int(np.argmax(score))
        chosen.append(pick)
        worth.append(float(gain[pick]))
        best = np.maximum(best, samples[:, pick])
    return chosen, worth
