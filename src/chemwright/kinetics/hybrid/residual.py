"""The learned residual on outputs: what the mechanism leaves over, as processes over the conditions of a run, kept in the null space of the elements where possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.kinetics.observables import Linear
from chemwright.kinetics.runs import RunSet
from chemwright.model.gaussian import GaussianProcess
from chemwright.model.protocol import Array


def _array(value: Any) -> Array:
    return np.asarray(value, dtype=float)


@frozen(eq=False)
class OutputResidual:
    """f(x) of x = [feed (S), temperature, time, place of the observable]: ramp(t) sum_k V[k, m] g_k(feed, T, t), zero at t = 0.

    All g_k share one Gaussian process in weight space; row k of V says what a change along the k-th conserving direction does to the observables.

    Args:
        process: over the inputs ``columns`` of x.
        columns: which of feed, temperature and time vary.
        outputs: V, shape (q, m).
        ramp_time: s; ramp = t/(t + ramp_time).
    """

    process: GaussianProcess
    columns: tuple[int, ...]
    outputs: Array = field(converter=_array)
    ramp_time: float
    smooth: bool = True

    @property
    def n_weights(self) -> int:
        """Inducing points times directions."""
        return self.process.n_weights * len(self.outputs)

    def evaluate(self, x: Any, w: Any) -> Any:
        """f at one point; the observable's place has to be a number."""
        phi = self.process.features([x[j] for j in self.columns])
        ramp, m, n = x[-2] / (x[-2] + self.ramp_time), int(x[-1]), len(phi)
        return sum((ramp * float(v[m]) * phi[i] * w[k * n + i] for k, v in enumerate(self.outputs) for i in range(n)), 0.0)

    def _shape(self, x: Array) -> tuple[Array, Array]:
        """Ramp times V at each row (N, q), and the process' inputs (N, D)."""
        ramp = x[:, -2] / (x[:, -2] + self.ramp_time)
        return ramp[:, None] * self.outputs.T[x[:, -1].astype(int)], x[:, list(self.columns)]

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """f (N,) and df/dw (N, n_weights)."""
        by_direction, inputs = self._shape(x)
        _, phi = self.process.design(inputs, np.zeros(self.process.n_weights))
        full = (by_direction[:, :, None] * phi[:, None, :]).reshape(len(x), -1)
        return full @ np.asarray(w, dtype=float), full

    def unexplained(self, x: Array) -> Array:
        """Prior variance of f that the inducing points don't carry, shape (N,): it brings the width back away from the data."""
        by_direction, inputs = self._shape(x)
        return np.asarray((by_direction**2).sum(1) * self.process.unexplained(inputs))


def rows_of(runs: RunSet, taken: bool = True) -> Array:
    """x of all readings (that were taken), in the order of :func:`chemwright.kinetics.hybrid.problem.observations`, shape (N, S + 3)."""
    out = []
    for r in runs.runs:
        for k, t in enumerate(r.times):
            for m in range(len(runs.observables)):
                if not taken or np.isfinite(r.observed[k, m]):
                    heat = float(r.temperature) if isinstance(r.temperature, float | int) else r.mean_temperature
                    out.append([*r.feed, heat, t, m])
    return np.array(out)


def output_directions(runs: RunSet, basis: Array | None) -> Array:
    """V of :class:`OutputResidual`: what the conserving directions (q, S) do to the observables, or one residual an observable where they are not linear."""
    linear = [o for o in runs.observables if isinstance(o, Linear)]
    if basis is None or len(linear) < len(runs.observables):
        return np.eye(len(runs.observables))
    weights = np.zeros((len(runs.species), len(linear)))
    for m, o in enumerate(linear):
        for s, w in o.terms:
            weights[runs.species.index(s), m] += w
    v = basis @ weights
    # directions that no observable sees would be learned from nothing
    _, sizes, rows = np.linalg.svd(v, full_matrices=False)
    return np.asarray(rows[sizes > 1e-8 * max(float(sizes.max(initial=0.0)), 1e-300)], dtype=float)


def residual_on(runs: RunSet, outputs: Array, amplitude: float, length: float, limit: int = 25) -> OutputResidual:
    """A residual whose inducing points are picked from the rows of the data.

    Args:
        runs: the data.
        outputs: V.
        amplitude: prior standard deviation of each g, in units of the observables.
        length: length scale in half-ranges of the inputs.
        limit: of the inducing points.
    """
    rows = rows_of(runs)
    varying: Sequence[int] = [j for j in range(rows.shape[1] - 1) if np.ptp(rows[:, j]) > 0]
    inputs = np.unique(rows[:, list(varying)], axis=0)
    low, high = inputs.min(0), inputs.max(0)
    centre, scale = (low + high) / 2, (high - low) / 2
    process = GaussianProcess.on(inputs, amplitude, np.full(len(varying), length), centre, scale, tolerance=1e-4)
    if process.n_weights > limit:
        kept = centre + process.points[:limit] * scale
        process = GaussianProcess.on(kept, amplitude, np.full(len(varying), length), centre, scale, tolerance=1e-8)
    return OutputResidual(process, tuple(varying), outputs, 0.1 * float(rows[:, -2].max()))
