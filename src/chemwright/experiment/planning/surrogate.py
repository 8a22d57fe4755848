"""From what a campaign has seen to one ensemble per objective, and from ensembles to predictions and joint samples in the objectives' own units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen

from chemwright.experiment.observations import Observations, pooled
from chemwright.experiment.planning.domain import Array, Axis, Domain
from chemwright.experiment.planning.failure import Success, learn_success
from chemwright.experiment.planning.process import Process, fit, location
from chemwright.experiment.planning.settings import PlanSettings
from chemwright.experiment.planning.structures import domain_of
from chemwright.experiment.space import Space
from chemwright.record import Objective

PriorMean: TypeAlias = Callable[[Array], Array]
"""What a mechanism expects: rows (n, v) to figures (n, m) in SI."""
MISFIT = 0.05
"""A mechanism is never held truer than to this share of the spread of the figures, however well it fits a few."""


@frozen(eq=False)
class Surrogate:
    """What is believed of each objective, and of success.

    Args:
        space: of the campaign.
        domain: the kernel's view of it, with a column for borrowed campaigns and for time where they matter.
        objectives: M of them.
        processes: one each; None where nothing was measured yet.
        prior_mean: what a mechanism expects, or None: the processes are of the difference to it.
        success: chance of success, or None where nothing failed.
        now: the scaled time at which predictions are made.
        sizes: what the figures were divided by before they were fitted, 1 but for figures so large or small that their squares can't be held, (M,).
    """

    space: Space
    domain: Domain
    objectives: tuple[Objective, ...]
    processes: tuple[Process | None, ...]
    prior_mean: PriorMean | None
    success: Success | None
    now: float
    sizes: Array

    def inputs(self, rows: Array) -> Array:
        """Points of the domain for rows (n, v) of this campaign, made now."""
        extra = [np.full((len(rows), 1), self.now if a.offset == "drift" else 0.0) for a in self.domain.offset_axes]
        return np.hstack([self.space.unit(rows), *extra])

    def few(self, n: int) -> Surrogate:
        """With n particles each: rougher and faster."""
        return evolve(self, processes=tuple(p and p.few(n) for p in self.processes))

    def predict(self, rows: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the figures at rows (n, v), both (n, M); nan where nothing is known of an objective."""
        x, base = self.inputs(rows), self._base(rows)
        mean, std = np.full((len(rows), len(self.objectives)), np.nan), np.full((len(rows), len(self.objectives)), np.nan)
        for j, process in enumerate(self.processes):
            if process is not None:
                for part in np.array_split(np.arange(len(x)), max(1, -(-len(x) // 2000))):
                    mean[part, j], std[part, j] = process.predict(x[part])
        return self._bounded(mean * self.sizes + base), std * self.sizes

    def sample(self, rows: Array, n: int, rng: np.random.Generator) -> Array:
        """Joint samples of the figures at rows, (S, n, M), S at least n and the same for all objectives; objectives of which nothing is known are left at nan."""
        x, base = self.inputs(rows), self._base(rows)
        drawn = [None if p is None else p.sample(x, n, rng) for p in self.processes]
        size = min([len(d) for d in drawn if d is not None], default=n)
        out = np.stack([np.full((size, len(rows)), np.nan) if d is None else d[:size] for d in drawn], 2)
        return self._bounded(out * self.sizes + base)

    def chance(self, rows: Array) -> Array:
        """Chance of success at rows, (n,)."""
        return np.ones(len(rows)) if self.success is None else self.success.chance(self.inputs(rows))

    def _base(self, rows: Array) -> Array:
        return np.zeros((len(rows), len(self.objectives))) if self.prior_mean is None else expected(self.prior_mean, rows, len(self.objectives))

    def _bounded(self, figures: Array) -> Array:
        low = np.array([-np.inf if o.low is None else o.low for o in self.objectives])
        high = np.array([np.inf if o.high is None else o.high for o in self.objectives])
        return np.clip(figures, low, high)


def expected(prior_mean: PriorMean, rows: Array, m: int) -> Array:
    """The mechanism's figures (n, m); where it fails to give one, 0 of what the others average."""
    raw = np.asarray(prior_mean(rows), float).reshape(len(rows), m)
    middle = np.array([np.mean(c[np.isfinite(c)]) if np.isfinite(c).any() else 0.0 for c in raw.T])
    return np.where(np.isfinite(raw), raw, middle)


def learn(space: Space, seen: Observations, objectives: Sequence[Objective], settings: PlanSettings, seed: int, prior_mean: PriorMean | None = None) -> Surrogate:
    """Fit everything to the observations.

    Args:
        space: of the campaign.
        seen: ended experiments; figures that are nan are not used, whatever else the experiment gave.
        objectives: in the order of the figures.
        settings: sizes and priors.
        seed: of the ensemble.
        prior_mean: what a mechanism expects.
    """
    drift = _drifts(seen, settings)
    seen = seen if drift else pooled(seen)
    axes, columns, now = [*domain_of(space).axes], [space.unit(seen.rows)], 0.0
    if (seen.task > 0).any():
        axes.append(Axis("campaign", len(seen.tasks), offset="task"))
        columns.append(seen.task[:, None].astype(float))
    if drift:
        start, end = np.nanmin(seen.when), np.nanmax(seen.when)
        now = 1.0
        axes.append(Axis("time", offset="drift"))
        columns.append(np.nan_to_num((seen.when - start) / max(end - start, 1e-12), nan=0.0)[:, None])
    domain, x = Domain(tuple(axes)), np.hstack(columns)
    base = np.zeros_like(seen.values) if prior_mean is None or not len(seen) else expected(prior_mean, seen.rows, len(objectives))
    plan = settings if prior_mean is None else evolve(settings, warp_std=0.0)
    processes, sizes = [], np.ones(len(objectives))
    for j in range(len(objectives)):
        ok = np.isfinite(seen.values[:, j]) & ~seen.failed
        sizes[j] = _size((seen.values - base)[ok, j])
        y, std = (seen.values - base)[ok, j] / sizes[j], seen.stds[ok, j] / sizes[j]
        variance = np.where(np.isfinite(std), std, 0.0) ** 2
        counts = np.where(np.isfinite(std), 1, seen.counts[ok]).astype(float)
        least = 0.0 if prior_mean is None or not ok.any() else MISFIT * location(seen.values[ok, j])[1] / sizes[j]
        processes.append(fit(domain, x[ok], y, plan, np.random.default_rng([seed, j]), variance, counts, least) if ok.any() else None)
    own = seen.task == 0
    return Surrogate(space, domain, tuple(objectives), tuple(processes), prior_mean, learn_success(domain, x[own], seen.failed[own]), now, sizes)


def _size(y: Array) -> float:
    top = float(np.abs(y).max(initial=0.0))
    return top if top > 1e100 or 0 < top < 1e-100 else 1.0


def _drifts(seen: Observations, settings: PlanSettings) -> bool:
    """Whether time enters the model: only where it is asked for, or where experiments repeated at different times can tell it from chance."""
    own = seen.own
    when = own.when[np.isfinite(own.when)]
    if settings.drift == "off" or len(when) < 4 or np.ptp(when) <= 0:
        return False
    if settings.drift == "on":
        return True
    repeats = len(own) - len(pooled(own))
    return repeats >= 3
