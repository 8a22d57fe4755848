"""Drift: whether figures move with time although nothing was changed, from repeated experiments and from a model of the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from attrs import evolve, frozen

from chemwright.experiment.observations import Observations, groups
from chemwright.experiment.space import Array, Space

LEVEL = 0.01
DAY = 86400.0
_LENGTHS = (0.3, 0.6, 1.2, 2.4)
_NOISES = (0.003, 0.03, 0.1, 0.3)


@frozen
class Drift:
    """A steady drift of one objective.

    Args:
        slope: change per day, SI.
        std: its standard error.
        chance: of so large a slope without drift.
        basis: ``controls`` (repeated experiments), ``model`` (all experiments, beside a smooth function of the settings), or empty when nothing tells.
        n: measurements it rests on.
    """

    slope: float = 0.0
    std: float = math.inf
    chance: float = 1.0
    basis: str = ""
    n: int = 0

    @property
    def real(self) -> bool:
        """Whether it is told from none at 1 %."""
        return self.chance < LEVEL


def drift_of(seen: Observations, objective: int, space: Space) -> Drift:
    """The drift of an objective: by repeats where there are at least three degrees of freedom in time, by a model of all experiments otherwise (at least 8).

    Args:
        seen: what was seen, replicates not pooled.
        objective: its column.
        space: for the features of the model.
    """
    own = seen.where((seen.task == 0) & ~seen.failed & np.isfinite(seen.values[:, objective]) & np.isfinite(seen.when))
    if len(own) < 4 or np.ptp(own.when) <= 0:
        return Drift()
    y, day = own.values[:, objective], (own.when - own.when.max()) / DAY
    by_repeats = _repeats(own, y, day)
    return by_repeats if by_repeats.basis else _model(space.encode(own.rows), y, day)


@frozen
class Step:
    """A batch that reads high or low.

    Args:
        batch: its number.
        size: above (below when negative) the mean of all batches, SI.
        std: its standard error.
        chance: of batches that differ as these do without any effect.
    """

    batch: int
    size: float
    std: float
    chance: float


def step_of(seen: Observations, objective: int, batch: Sequence[int], noise: float | None = None) -> Step | None:
    """The batch that stands out most, by experiments repeated in several batches; None when the batches agree (at 1 %), or nothing tells.

    Figures are laid out as a level for each experiment and an effect for each batch; an F test (chi-square where the noise is known) judges all effects at once.

    Args:
        seen: what was seen, replicates not pooled.
        objective: its column.
        batch: of each row of ``seen``.
        noise: known std of a measurement, SI, or None.
    """
    from scipy.stats import chi2, f

    use = (seen.task == 0) & ~seen.failed & np.isfinite(seen.values[:, objective])
    own, number = seen.where(use), np.asarray(batch)[use]
    sets = [g for g in groups(own.rows) if len(np.unique(number[g])) > 1]
    if not sets:
        return None
    rows = np.concatenate(sets)
    level = np.repeat(np.arange(len(sets)), [len(g) for g in sets])
    names, effect = np.unique(number[rows], return_inverse=True)
    y = own.values[rows, objective]
    plain = np.eye(len(sets))[level]
    full = np.hstack([plain, np.eye(len(names))[effect]])
    r0, r1 = (y - m @ np.linalg.pinv(m) @ y for m in (plain, full))
    rank = int(np.linalg.matrix_rank(full))
    extra, free = rank - len(sets), len(y) - rank
    explained = float(r0 @ r0 - r1 @ r1)
    if extra < 1 or (noise is None and free < 2):
        return None
    variance = noise**2 if noise is not None else float(r1 @ r1) / free
    chance = float(chi2.sf(explained / variance, extra)) if noise is not None else float(f.sf(explained / extra / max(variance, 1e-300), extra, free))
    if chance >= LEVEL:
        return None
    inverse = np.linalg.pinv(full.T @ full)
    sizes = (inverse @ full.T @ y)[len(sets) :]
    errors = np.sqrt(np.maximum(np.diag(inverse)[len(sets) :], 0.0) * variance)
    sizes = sizes - sizes.mean()
    worst = int(np.argmax(np.abs(sizes)))
    return Step(int(names[worst]), float(sizes[worst]), float(errors[worst]), chance)


def corrected(seen: Observations, drifts: list[Drift]) -> Observations:
    """The observations as they would be now: figures with a real drift are moved to the time of the last one, known stds widened by what the slope is unsure of."""
    if not any(d.real for d in drifts):
        return seen
    values, stds = seen.values.copy(), seen.stds.copy()
    own = (seen.task == 0) & np.isfinite(seen.when)
    last = seen.when[own].max()
    for j, d in enumerate(drifts):
        if d.real:
            days = (last - seen.when[own]) / DAY
            values[own, j] += d.slope * days
            stds[own, j] = np.sqrt(stds[own, j] ** 2 + (d.std * days) ** 2)
    return evolve(seen, values=values, stds=stds)


def _repeats(own: Observations, y: Array, day: Array) -> Drift:
    """Slope within groups of repeats: each group has a level of its own."""
    top = bottom = 0.0
    parts = []
    for g in groups(own.rows):
        if len(g) > 1:
            t, v = day[g] - day[g].mean(), y[g] - y[g].mean()
            top, bottom = top + float(t @ v), bottom + float(t @ t)
            parts.append((t, v))
    n = sum(len(t) for t, _ in parts)
    free = n - len(parts) - 1
    if free < 2 or bottom <= 0:
        return Drift()
    slope = top / bottom
    rest = sum(float(((v - slope * t) ** 2).sum()) for t, v in parts)
    return _judged(slope, math.sqrt(rest / free / bottom), free, "controls", n)


def _model(x: Array, y: Array, day: Array) -> Drift:
    """Slope beside a Gaussian process of the settings, whose length and noise are the likeliest of a small grid; generalised least squares."""
    n = len(y)
    if n < 8 or np.ptp(y) == 0:
        return Drift()
    z = (y - y.mean()) / y.std()
    design = np.column_stack([np.ones(n), day])
    d2 = ((x[:, None] - x[None]) ** 2).sum(2) / max(1, x.shape[1])
    best, found = -math.inf, Drift()
    for length in _LENGTHS:
        kernel = np.exp(-0.5 * d2 / length**2)
        for noise in _NOISES:
            k = kernel + (noise + 1e-9) * np.eye(n)
            inverse = np.linalg.inv(k)
            information = design.T @ inverse @ design
            if np.linalg.cond(information) > 1e12:
                continue
            beta = np.linalg.solve(information, design.T @ inverse @ z)
            rest = z - design @ beta
            variance = float(rest @ inverse @ rest) / (n - 2)
            likelihood = -0.5 * (np.linalg.slogdet(k)[1] + np.linalg.slogdet(information)[1] + (n - 2) * math.log(max(variance, 1e-300)))
            if likelihood > best:
                error = math.sqrt(max(variance, 0.0) * float(np.linalg.inv(information)[1, 1]))
                best, found = likelihood, _judged(float(beta[1]) * y.std(), error * y.std(), n - 2, "model", n)
    return found


def _judged(slope: float, std: float, free: int, basis: str, n: int) -> Drift:
    from scipy.stats import t

    if std <= 0:
        return Drift(slope, 0.0, 0.0 if slope else 1.0, basis, n)
    return Drift(slope, std, float(2 * t.sf(abs(slope) / std, free)), basis, n)
