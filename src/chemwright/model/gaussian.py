"""Gaussian-process learner in weight space: f(x) = phi(x) w, w ~ N(0, I), with phi from an inducing set.

With the inducing points equal to the training points this is the exact Gaussian process (Rasmussen and Williams 2006,
ch. 2); a pivoted Cholesky stops early when the points left out add nothing. In weight space the process joins a
mechanism's parameter vector, enters CasADi, and needs no separate solver.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.model.lower import exp
from chemwright.model.protocol import Array


def _array(value: Any) -> Array:
    return np.asarray(value, dtype=float)


def squared_exponential(a: Array, b: Array, amplitude: float, lengths: Array) -> Array:
    """Kernel matrix amplitude^2 exp(-|a - b|^2 / 2) with scaled distances; a (n, D), b (m, D) -> (n, m)."""
    d2 = (((a[:, None, :] - b[None, :, :]) / lengths) ** 2).sum(-1)
    return amplitude**2 * np.exp(-0.5 * d2)


def pivoted_cholesky(kernel: Array, tolerance: float) -> list[int]:
    """Indices of a subset that leaves no diagonal residual above ``tolerance`` (greedy, deterministic)."""
    residual = np.diag(kernel).copy()
    rows: list[Array] = []
    chosen: list[int] = []
    while len(chosen) < len(residual):
        i = int(np.argmax(residual))
        if residual[i] <= tolerance:
            break
        row = (kernel[i] - sum((r[i] * r for r in rows), np.zeros(len(residual)))) / np.sqrt(residual[i])
        rows.append(row)
        residual = np.maximum(residual - row**2, 0.0)
        residual[i] = 0.0
        chosen.append(i)
    return chosen


@frozen(eq=False)
class GaussianProcess:
    """Gaussian process in weight space.

    Args:
        points: inducing points in scaled inputs, shape (m, D).
        chol_inv: inverse of the lower Cholesky factor of the kernel at the points, shape (m, m).
        amplitude: prior standard deviation of f.
        lengths: length scales in scaled inputs, shape (D,).
        centre, scale: inputs are scaled as (x - centre)/scale, shape (D,).
    """

    points: Array = field(converter=_array)
    chol_inv: Array = field(converter=_array)
    amplitude: float
    lengths: Array = field(converter=_array)
    centre: Array = field(converter=_array)
    scale: Array = field(converter=_array)
    smooth: bool = True

    @classmethod
    def on(cls, x: Array, amplitude: float, lengths: Array, centre: Array, scale: Array, tolerance: float = 1e-6) -> GaussianProcess:
        """The process with inducing points picked from the rows of ``x`` (N, D)."""
        z = (x - centre) / scale
        kernel = squared_exponential(z, z, amplitude, lengths)
        chosen = pivoted_cholesky(kernel, tolerance * amplitude**2)
        sub = kernel[np.ix_(chosen, chosen)] + 1e-10 * amplitude**2 * np.eye(len(chosen))
        inverse = np.linalg.inv(np.linalg.cholesky(sub))
        return cls(z[chosen], inverse, amplitude, lengths, centre, scale)

    @property
    def n_weights(self) -> int:
        """Number of inducing points."""
        return len(self.points)

    def features(self, x: Any) -> list[Any]:
        """phi(x), one entry a weight; x is a sequence of D floats, arrays or CasADi symbols."""
        k = []
        for point in self.points:
            d2 = 0.0
            for j, value in enumerate(point):
                d2 = d2 + (((x[j] - self.centre[j]) / self.scale[j] - value) / self.lengths[j]) ** 2
            k.append(self.amplitude**2 * exp(-0.5 * d2))
        return [sum((self.chol_inv[i, j] * k[j] for j in range(i + 1)), 0.0) for i in range(len(k))]

    def evaluate(self, x: Any, w: Any) -> Any:
        """f(x; w) for numbers, arrays or symbols."""
        return sum((phi * w[i] for i, phi in enumerate(self.features(x))), 0.0)

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """f (N,) and df/dw (N, m)."""
        z = (x - self.centre) / self.scale
        phi = squared_exponential(z, self.points, self.amplitude, self.lengths) @ self.chol_inv.T
        return phi @ w, phi

    def unexplained(self, x: Array) -> Array:
        """Prior variance of f at x that the inducing points don't carry, shape (N,)."""
        _, phi = self.design(x, np.zeros(self.n_weights))
        return np.maximum(self.amplitude**2 - (phi**2).sum(1), 0.0)

    def arrays(self) -> dict[str, Array]:
        """Everything as float64 arrays, for an npz file."""
        return {"points": self.points, "chol_inv": self.chol_inv, "amplitude": np.array(self.amplitude), "lengths": self.lengths, "centre": self.centre, "scale": self.scale}

    @classmethod
    def from_arrays(cls, data: dict[str, Array]) -> GaussianProcess:
        """Back from :meth:`arrays`."""
        return cls(data["points"], data["chol_inv"], float(data["amplitude"]), data["lengths"], data["centre"], data["scale"])
