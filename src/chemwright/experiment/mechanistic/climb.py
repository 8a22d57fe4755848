"""The expected improvement of a campaign on its mechanism, climbed with exact gradients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.experiment.mechanistic.mechanism import Mechanism
from chemwright.experiment.planning.acquire import directions, scalars, volume_constant
from chemwright.experiment.planning.merit import Wanted
from chemwright.model.protocol import Array


@frozen(eq=False)
class Improvement:
    """Mean improvement over draws and directions: the expected hypervolume improvement, or the expected improvement of one figure.

    Args:
        wanted: goals and limits.
        reference, scale: of each merit (R,).
        sphere: directions (L, R).
        best: the best so far of each draw and direction, (L S,), as :func:`~chemwright.experiment.planning.acquire.scalars` orders them.
    """

    wanted: Wanted
    reference: Array
    scale: Array
    sphere: Array
    best: Array

    @classmethod
    def of(cls, wanted: Wanted, reference: Array, scale: Array, known: Array) -> Improvement:
        """From draws (S, k, M) of the figures at the runs so far (and those under way)."""
        sphere = directions(len(reference), 64)
        values = scalars(_merit(wanted, known), reference, scale, sphere)
        kept = np.tile(wanted.kept(np.nan_to_num(known)), (len(values) // len(known), 1))
        floor = float(reference[0]) if len(reference) == 1 else 0.0
        return cls(wanted, reference, scale, sphere, np.where(kept, values, floor).max(1, initial=floor))

    def gains(self, figures: Array) -> Array:
        """Mean improvement (N,) of draws (S, N, M)."""
        values = scalars(_merit(self.wanted, figures), self.reference, self.scale, self.sphere)
        kept = np.tile(self.wanted.kept(np.nan_to_num(figures)), (len(values) // len(figures), 1))
        return np.asarray((np.maximum(values - self.best[:, None], 0.0) * kept).mean(0))

    def climb(self, draws: Sequence[tuple[int, Mechanism, Array]], total: int, x: Array, low: Array, high: Array, linear: tuple[Array, Array]) -> Array:
        """From x (D,) to a better point by SLSQP on the mechanisms' draws alone; x itself when none is found.

        Args:
            draws: (position among all draws, mechanism, parameters) of each draw that is a mechanism's.
            total: draws in all.
            x: start, SI.
            low, high: bounds (D,).
            linear: A, b of A x <= b.
        """
        from scipy.optimize import minimize

        width = np.where(high > low, high - low, 1.0)

        def loss(u: Array) -> tuple[float, Array]:
            at = low + np.clip(u, 0, 1) * width
            value, slope = 0.0, np.zeros(len(u))
            for i, mechanism, theta in draws:
                y, dy = mechanism.response.gradients(theta, at)
                gain, rate = self._one(i, total, mechanism, y, dy)
                value, slope = value + gain, slope + rate
            return -value, -slope * width

        a, b = linear
        limits = [{"type": "ineq", "fun": lambda u, r=r, c=c: (c - r @ (low + u * width)) / max(np.abs(r * width).max(), 1e-300)} for r, c in zip(a, b, strict=True)]
        try:
            first = -loss((x - low) / width)[0]
            if first <= 0:
                return x
            scaled = 1.0 / first
            found = minimize(
                lambda u: tuple(scaled * v for v in loss(u)), (x - low) / width, jac=True, method="SLSQP", bounds=[(0.0, float(h > lo)) for lo, h in zip(low, high, strict=True)], constraints=limits,
                options={"maxiter": 12, "ftol": 1e-4},
            )  # fmt: skip
        except ConvergenceError:
            return x
        at = low + np.clip(found.x, 0, 1) * width
        return np.asarray(at if -found.fun > 1.0 and np.all(a @ at <= b + 1e-9 * (1 + np.abs(b))) else x)

    def _one(self, i: int, total: int, mechanism: Mechanism, y: Array, dy: Array) -> tuple[float, Array]:
        """Improvement of one draw, over all draws and directions, and its gradient."""
        figures = mechanism.from_fit(y)
        dfigures = dy * np.array([f if s == "log" else 1.0 for f, s in zip(figures, mechanism.scales, strict=True)])[:, None]
        if not bool(self.wanted.kept(figures[None])[0]):
            return 0.0, np.zeros(dy.shape[1])
        merit = _merit(self.wanted, figures[None])[0]
        signs = np.array([_sign(self.wanted, j, figures[j]) for j in self.wanted.raised])
        dmerit = dfigures[list(self.wanted.raised)] * signs[:, None]
        rows = np.arange(len(self.sphere)) * total + i
        m = len(self.reference)
        if m == 1:
            ahead = merit[0] - self.best[rows[0]]
            return (max(ahead, 0.0) / total, dmerit[0] * (ahead > 0) / total)
        above = np.maximum((merit - self.reference) / self.scale, 0.0) / np.maximum(self.sphere, 1e-9)
        least = np.argmin(above, axis=1)
        low = above[np.arange(len(above)), least]
        ahead = volume_constant(m) * low**m - self.best[rows]
        on = (ahead > 0) & (low > 0)
        factor = volume_constant(m) * m * low ** (m - 1) / np.maximum(self.sphere[np.arange(len(above)), least], 1e-9) * on
        slope = (factor[:, None] * dmerit[least] / self.scale[least][:, None]).sum(0)
        return float(np.maximum(ahead, 0.0).sum() / len(rows) / total), slope / len(rows) / total


def _merit(wanted: Wanted, figures: Array) -> Array:
    return np.nan_to_num(wanted.merit(figures), nan=-1e300)


def _sign(wanted: Wanted, j: int, figure: float) -> float:
    o = wanted.objectives[j]
    if o.goal == "target":
        return -1.0 if figure > (o.target or 0.0) else 1.0
    return 1.0 if o.goal == "maximise" else -1.0
