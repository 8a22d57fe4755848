"""What every model answers to: the mechanism, the learner, and the prediction they return."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Mechanism(Protocol):
    """Equations with named parameters that map run conditions to an observable."""

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names, length P."""

    def evaluate(self, theta: Array, x: Array, *, jacobian: bool = True) -> tuple[Array, Array]:
        """Observable and its exact sensitivities.

        Args:
            theta: parameters, shape (P,) or one row a run (N, P).
            x: run conditions in SI, shape (N, D).
            jacobian: whether to compute the sensitivities.

        Returns:
            y of shape (N,), dy/dtheta of shape (N, P) (empty when not asked for).
        """


class Learner(Protocol):
    """A function f(x; w) with a Gaussian prior N(0, I) on its weights w, written once for numpy and CasADi."""

    @property
    def smooth(self) -> bool:
        """Whether it may enter optimisation, control and integrators."""

    @property
    def n_weights(self) -> int:
        """Number of weights."""

    def evaluate(self, x: Any, w: Any) -> Any:
        """f at one point: x a sequence of D numbers, arrays or symbols, w of length n_weights."""

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """f (N,) and df/dw (N, n_weights) at the rows of x (N, D)."""


def _array(value: Any) -> Array:
    return np.asarray(value, dtype=float)


@frozen(eq=False)
class Prediction:
    """An answer with its uncertainty.

    Args:
        mean: shape (N,); or (n, m) at n times of m observables, and then std too.
        std: standard deviation of the observable itself, shape (N,).
        noise: standard deviation of one more measurement's noise, same scale: a number, or one an observable.
        dof: degrees of freedom behind the noise estimate; intervals use Student's t.
        in_domain: whether each point lies inside the range of the training conditions, shape (N,).
        sources: ids of the sources that it rests on.
    """

    mean: Array = field(converter=_array)
    std: Array = field(converter=_array)
    noise: float | Array = 0.0
    dof: float = float("inf")
    in_domain: NDArray[np.bool_] = field(factory=lambda: np.zeros(0, dtype=bool))
    sources: tuple[str, ...] = ()

    def interval(self, level: float = 0.9, *, measurement: bool = False) -> tuple[Array, Array]:
        """Central interval at ``level`` of the observable, or of one more measurement of it."""
        from scipy.stats import norm, t

        quantile = norm.ppf(0.5 + level / 2) if np.isinf(self.dof) else t.ppf(0.5 + level / 2, self.dof)
        width = quantile * np.sqrt(self.std**2 + (self.noise**2 if measurement else 0.0))
        return self.mean - width, self.mean + width
