"""A small multilayer perceptron with a Gaussian prior on its weights, in plain arithmetic for numpy and CasADi."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.model.lower import tanh
from chemwright.model.protocol import Array


def _array(value: Any) -> Array:
    return np.asarray(value, dtype=float)


@frozen(eq=False)
class Perceptron:
    """One hidden tanh layer: f = amplitude/sqrt(H) * v . tanh(U z + b); all of v, U, b ~ N(0, 1).

    With many units its prior tends to a Gaussian process (Neal 1996), so ``amplitude`` plays the same part.

    Args:
        n_inputs: D.
        hidden: H.
        amplitude: prior standard deviation scale of f.
        centre, scale: inputs are scaled as (x - centre)/scale, shape (D,).
    """

    n_inputs: int
    hidden: int
    amplitude: float
    centre: Array = field(converter=_array)
    scale: Array = field(converter=_array)
    smooth: bool = True

    @property
    def n_weights(self) -> int:
        """H (D + 2)."""
        return self.hidden * (self.n_inputs + 2)

    def evaluate(self, x: Any, w: Any) -> Any:
        """f(x; w) for numbers, arrays or symbols."""
        d, out = self.n_inputs, 0.0
        for i in range(self.hidden):
            at = i * (d + 2)
            a = w[at + d]
            for j in range(d):
                a = a + w[at + j] * ((x[j] - self.centre[j]) / self.scale[j])
            out = out + w[at + d + 1] * tanh(a)
        return self.amplitude / np.sqrt(self.hidden) * out

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """f (N,) and df/dw (N, n_weights)."""
        z = (x - self.centre) / self.scale
        weights = np.asarray(w).reshape(self.hidden, self.n_inputs + 2)
        u, b, v = weights[:, : self.n_inputs], weights[:, self.n_inputs], weights[:, self.n_inputs + 1]
        t = np.tanh(z @ u.T + b)
        c = self.amplitude / np.sqrt(self.hidden)
        slope = c * v * (1 - t**2)
        jac = np.concatenate([slope[:, :, None] * z[:, None, :], slope[:, :, None], c * t[:, :, None]], axis=2)
        return c * t @ v, jac.reshape(len(z), -1)

    def start(self, seed: int) -> Array:
        """A seeded draw of the weights from their prior, shrunk by ten."""
        return 0.1 * np.random.default_rng(seed).standard_normal(self.n_weights)

    def arrays(self) -> dict[str, Array]:
        """Everything as float64 arrays, for an npz file."""
        return {"shape": np.array([self.n_inputs, self.hidden], dtype=float), "amplitude": np.array(self.amplitude), "centre": self.centre, "scale": self.scale}
