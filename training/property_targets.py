"""From figures to what the network learns: scaled residuals on a robust ridge, and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import property_data as data
from attrs import frozen
from numpy.typing import NDArray

from chemwright.structure.features import DESCRIPTORS

Array = NDArray[np.float64]
TRUST = {1: 0.5, 0: 0.25}
"""Weight of a figure of one source, and of one that sources disagree on, against that of a consensus."""
REFERENCE = 3000.0
"""A property of this many figures has weight one in sum; rarer ones have more per figure, commoner ones less, by the square root."""


@frozen(eq=False)
class Linear:
    """Robust ridge of every property on standardised descriptors: coefficients (d + 1, tasks), mean and scatter of what it leaves."""

    middle: Array
    scale: Array
    coefficients: Array
    scatter: Array

    def inputs(self, descriptors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Descriptors standardised and held within eight scatters, shape (n, d)."""
        return np.clip((descriptors - self.middle) / self.scale, -8.0, 8.0).astype(np.float32)

    def baseline(self, inputs: NDArray[np.float32]) -> Array:
        """The ridge's estimate on the learning scale, shape (n, tasks)."""
        return inputs @ self.coefficients[:-1] + self.coefficients[-1]


def table(compounds: Sequence[data.Compound]) -> tuple[Array, NDArray[np.float32]]:
    """Values on the learning scale (NaN where there is none) and the trust in them, both (n, tasks)."""
    y = np.full((len(compounds), len(data.TASKS)), np.nan)
    trust = np.zeros(y.shape, np.float32)
    for i, c in enumerate(compounds):
        for j, task in enumerate(data.TASKS):
            if (f := c.figures.get(task.name)) is not None:
                y[i, j] = np.log(f.value) if task.scale == "log" else f.value
                trust[i, j] = TRUST.get(f.agreeing, 1.0)
    return y, trust


def linear(descriptors: NDArray[np.float32], y: Array, trust: NDArray[np.float32], rows: NDArray[np.int64], strength: float = 3.0) -> Linear:
    """Ridges fitted to ``rows`` by iterated reweighting, so that a gross error counts little."""
    x = descriptors[rows].astype(np.float64)
    middle, scale = x.mean(0), x.std(0)
    scale[scale < 1e-9] = 1.0
    out = Linear(middle, scale, np.zeros((len(DESCRIPTORS) + 1, y.shape[1])), np.ones(y.shape[1]))
    z = out.inputs(descriptors)[rows].astype(np.float64)
    z = np.concatenate([z, np.ones((len(z), 1))], 1)
    for j in range(y.shape[1]):
        have = np.isfinite(y[rows, j])
        if have.sum() < 30:
            continue
        a, t, w0 = z[have], y[rows, j][have], trust[rows, j][have].astype(np.float64)
        w, c, s = w0, np.zeros(z.shape[1]), 1.0
        penalty = strength * np.eye(z.shape[1])
        penalty[-1, -1] = 0.0
        for _ in range(6):
            c = np.linalg.solve((a * w[:, None]).T @ a + penalty, (a * w[:, None]).T @ t)
            r = t - a @ c
            s = 1.4826 * float(np.median(np.abs(r))) + 1e-40
            w = w0 / np.maximum(1.0, np.abs(r) / (2.0 * s))
        out.coefficients[:, j], out.scatter[j] = c, max(s, 1e-40)
    return out


def weights(trust: NDArray[np.float32], rows: NDArray[np.int64], more: Mapping[str, float]) -> NDArray[np.float32]:
    """Weights (n, tasks) of the loss; ``more`` multiplies those of single properties."""
    n = (trust[rows] > 0).sum(0)
    per = np.where(n > 0, np.sqrt(REFERENCE / np.maximum(n, 50)), 0.0)
    for j, task in enumerate(data.TASKS):
        per[j] *= more.get(task.name, 1.0)
    return (trust * per).astype(np.float32)
