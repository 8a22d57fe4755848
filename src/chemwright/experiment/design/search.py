"""The search for designs: greedy over candidates, polish by exact gradients, exchange of runs until none gets better."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.experiment.design.region import Region
from chemwright.model.protocol import Array

Progress = Callable[[str, float | None], None]


class Worth(Protocol):
    """What runs are worth together."""

    def gains(self, chosen: Array, candidates: Array) -> Array:
        """Gain of adding each candidate (N, D) to the chosen runs (k, D), shape (N,); -inf where it can't be evaluated."""

    def gain(self, chosen: Array, x: Array) -> tuple[float, Array]:
        """Gain of adding x (D,) to the chosen runs, and its gradient (D,)."""


@frozen(eq=False)
class Design:
    """Runs to make.

    Args:
        x: conditions (n, D), in the order they were picked.
        gains: gain of each run, given the ones before it, shape (n,).
        costs: of each run, shape (n,).
        exchanges: runs that were replaced after the greedy pass.
    """

    x: Array
    gains: Array
    costs: Array
    exchanges: int = 0

    @property
    def total(self) -> float:
        """Gain of all runs together."""
        return float(self.gains.sum())


def _polish(worth: Worth, region: Region, chosen: Array, x: Array) -> tuple[Array, float]:
    """Climb from x by SLSQP with exact gradients; the start itself when nothing better is found. The aim is gain per cost."""
    from scipy.optimize import minimize

    def loss(u: Array) -> tuple[float, Array]:
        at = region.real(u)
        value, slope = worth.gain(chosen, at)
        if region.cost is not None:
            paid, dpaid = region.cost(at)
            value, slope = value / paid, slope / paid - value / paid**2 * dpaid
        return -value, -slope * region.width

    first = -loss(region.unit(x))[0]
    scale = 1 / abs(first) if np.isfinite(first) and first else 1.0  # SLSQP's tolerance is absolute, gains may be tiny
    bounds = [(0.0, 1.0 if b > a else 0.0) for a, b in zip(region.low, region.high, strict=True)]
    try:
        found = minimize(
            lambda u: tuple(scale * v for v in loss(u)), region.unit(x), jac=True, bounds=bounds, constraints=region.limits(), method="SLSQP", options={"maxiter": 25, "ftol": 1e-7}
        )
    except ConvergenceError:  # the model failed on the way: the start is an answer, the way is not
        return x, first
    at = region.real(found.x)
    if -found.fun > scale * first and region.allowed(at[None], 1e-6)[0]:
        return at, float(-found.fun / scale)
    return x, first


def _best(worth: Worth, region: Region, chosen: Array, candidates: Array, paid: Array, starts: int) -> tuple[Array, float]:
    """The best next run: all candidates first, then a climb from the best few that lie apart."""
    rate = worth.gains(chosen, candidates) / paid
    order = [int(i) for i in np.argsort(-rate, kind="stable") if np.isfinite(rate[i])]
    if not order:
        raise ConvergenceError("no candidate run can be evaluated", where="design", fix="narrow the bounds of the conditions or of the prior")
    if region.candidates is not None:
        return candidates[order[0]], float(rate[order[0]])
    apart: list[int] = []
    for i in order[:64]:
        if all(np.abs(region.unit(candidates[i]) - region.unit(candidates[j])).max() > 0.15 for j in apart):
            apart.append(i)
        if len(apart) == starts:
            break
    return max((_polish(worth, region, chosen, candidates[i]) for i in apart), key=lambda pair: pair[1])


def search(worth: Worth, region: Region, n: int, *, pool: int = 128, starts: int = 3, exchanges: int = 3, seed: int = 0, progress: Progress | None = None) -> Design:
    """n runs that are worth most together (per cost): greedy, then exchange.

    Args:
        worth: what runs are worth.
        region: where they may lie; with fixed candidates only those are used, each as often as it pays.
        n: number of runs.
        pool: candidates of the greedy pass.
        starts: climbs for each run.
        exchanges: passes in which each run in turn is taken out and chosen again.
        seed: of the candidates.
        progress: called with a text and the share done.

    Raises:
        InputError: nothing keeps the limits; ConvergenceError: nothing can be evaluated.
    """
    candidates = region.points(pool, seed)
    paid = region.price(candidates)
    x = np.zeros((0, len(region.names)))
    for i in range(n):
        x = np.vstack([x, _best(worth, region, x, candidates, paid, starts)[0]])
        if progress is not None:
            progress(f"run {i + 1} of {n}", (i + 1) / (2 * n))
    swapped = 0
    for turn in range(exchanges if n > 1 else 0):
        moved = False
        for i in range(n):
            others = np.delete(x, i, axis=0)
            now = worth.gain(others, x[i])[0] / region.price(x[i : i + 1])[0]
            new, rate = _best(worth, region, others, candidates, paid, starts)
            if rate > now + 1e-6 * (1 + abs(now)):
                x[i], moved, swapped = new, True, swapped + 1
            if progress is not None:
                progress(f"exchange {turn + 1}", 0.5 + (turn * n + i + 1) / (2 * n * exchanges))
        if not moved:
            break
    gains = np.array([worth.gain(x[:i], x[i])[0] for i in range(n)])
    return Design(x, gains, region.price(x), swapped)
