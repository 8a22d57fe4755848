"""Choosing a batch by joint samples of the outcomes: each next point is the one that adds most to the expected best of what is known, what is under way, and what is already in the batch.

One objective and several are the same sum. For several, the hypervolume that a set of points dominates is the mean over directions l of the unit sphere of (max over points of min_j y_j / l_j)^M, times a constant
(Zhang & Golovin 2020): in each direction one number is to be improved.
"""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen

from chemwright.experiment.planning.domain import Array


@frozen(eq=False)
class Batch:
    """What was chosen.

    Args:
        chosen: positions of the candidates.
        gains: what each adds to the expected best (one objective: in its unit; several: hypervolume), given those before it.
    """

    chosen: tuple[int, ...]
    gains: tuple[float, ...]


def greedy(values: Array, best: Array, n: int, weight: Array | None = None, power: float = 1.0) -> Batch:
    """Choose n candidates one after the other.

    Args:
        values: what is to be improved, in each joint sample (and direction), (S, m).
        best: the best of each so far, (S,).
        n: how many, at most m.
        weight: factor of each candidate (m,): its chance to succeed, over its cost.
        power: improvement is raised to it in the choice; gains are told without.
    """
    best, m = best.copy(), values.shape[1]
    chosen: list[int] = []
    gains: list[float] = []
    for _ in range(min(n, m)):
        rise = np.maximum(values - best[:, None], 0.0)
        gain = rise.mean(0)
        score = gain if power == 1.0 else ((rise / max(float(rise.max()), 1e-300)) ** power).mean(0)
        score = score if weight is None else score * weight
        score = np.where(np.isin(np.arange(m), chosen), -np.inf, score)
        pick = int(np.argmax(score))
        chosen.append(pick)
        gains.append(float(gain[pick]))
        best = np.maximum(best, values[:, pick])
    return Batch(tuple(chosen), tuple(gains))


def directions(m: int, n: int, seed: int = 0) -> Array:
    """n directions on the positive part of the unit sphere in m dimensions, (n, m): even angles for two, seeded for more."""
    if m == 1:
        return np.ones((1, 1))
    if m == 2:
        angle = (np.arange(n) + 0.5) / n * (np.pi / 2)
        return np.stack([np.cos(angle), np.sin(angle)], 1)
    from scipy.stats import norm
    from scipy.stats.qmc import Sobol

    draws = Sobol(m, seed=seed).random_base2(math.ceil(math.log2(n)))[:n]
    z = np.abs(norm.ppf(np.clip(draws, 1e-6, 1 - 1e-6)))
    return np.asarray(z / np.linalg.norm(z, axis=1, keepdims=True))


def volume_constant(m: int) -> float:
    """pi^(m/2) / (2^m Gamma(m/2 + 1)): the share of the unit ball that lies in the positive part, by which the mean over directions becomes a volume."""
    return math.pi ** (m / 2) / (2**m * math.gamma(m / 2 + 1))


def scalars(merit: Array, reference: Array, scale: Array, sphere: Array) -> Array:
    """What each direction is to improve: merit (S, m, M), higher is better, to (S L, m), in units of hypervolume with merits in units of ``scale``."""
    if merit.shape[2] == 1:
        return merit[:, :, 0]
    above = np.maximum((merit - reference) / scale, 0.0)
    parts = [np.min(above / np.maximum(direction, 1e-9), axis=2) ** merit.shape[2] for direction in sphere]
    return volume_constant(merit.shape[2]) * np.concatenate(parts)


def hypervolume(front: Array, reference: Array) -> float:
    """Exact hypervolume of points (n, M), higher is better, above a reference: by slicing along the last objective."""
    points = front[(front > reference).all(1)]
    if len(points) == 0:
        return 0.0
    if points.shape[1] == 1:
        return float(points.max() - reference[0])
    order = np.argsort(-points[:, -1], kind="stable")
    levels = np.r_[points[order, -1], reference[-1]]
    total = 0.0
    for k in range(len(points)):
        height = levels[k] - levels[k + 1]
        if height > 0:
            total += height * hypervolume(points[order[: k + 1], :-1], reference[:-1])
    return total


def non_dominated(merit: Array) -> np.ndarray:
    """Which points (n, M) no other one beats in all, (n,)."""
    better = np.asarray((merit[None] >= merit[:, None]).all(axis=2) & (merit[None] > merit[:, None]).any(axis=2))
    return np.asarray(~np.any(better, axis=1))
