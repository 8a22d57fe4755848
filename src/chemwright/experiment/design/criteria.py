"""What a set of runs is worth for parameters or predictions: functions of the information matrix, larger is better, with exact slopes.

Names follow A. C. Atkinson, A. N. Donev and R. D. Tobias, Optimum Experimental Designs, with SAS (Oxford, 2007), ch. 10. All are taken of M = prior precision + information of the runs, so
they are finite before the first run (Bayesian optimality; K. Chaloner and I. Verdinelli, Stat. Sci. 1995, 10, 273).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from attrs import frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.model.protocol import Array

TIE = 1e-3


class Criterion(Protocol):
    """A concave-minded gain of an information matrix."""

    def value(self, m: Array) -> float:
        """Gain of the information matrix m (P, P), in nats."""

    def slope(self, m: Array) -> Array:
        """Its derivative with respect to m, symmetric (P, P)."""


@frozen
class Determinant:
    """D: half the log-determinant, the expected information on all parameters in nats; no unit of a parameter matters."""

    def value(self, m: Array) -> float:
        """1/2 ln det m."""
        return float(np.log(np.diag(np.linalg.cholesky(m))).sum())

    def slope(self, m: Array) -> Array:
        """m^-1 / 2."""
        return np.asarray(0.5 * np.linalg.inv(m))


@frozen(eq=False)
class Trace:
    """A, c and I: minus half the logarithm of trace(W m^-1), the variance summed over parameters or predictions.

    W = diag(1/scale^2) gives A, W = g g^T the variance of one figure with gradient g, W = G^T G the mean over predictions.
    """

    weight: Array

    def value(self, m: Array) -> float:
        """-1/2 ln trace(W m^-1)."""
        return float(-0.5 * np.log(max(np.trace(np.linalg.solve(m, self.weight)), 1e-300)))

    def slope(self, m: Array) -> Array:
        """1/2 m^-1 W m^-1 / trace(W m^-1)."""
        inverse = np.linalg.inv(m)
        inner = inverse @ self.weight @ inverse
        return np.asarray(0.5 * inner / max(np.trace(self.weight @ inverse), 1e-300))


@frozen(eq=False)
class Smallest:
    """E: half the logarithm of the smallest eigenvalue of the information in scaled parameters, theta/scale: the worst direction.

    While there are fewer readings than parameters no run can raise it; a thousandth of D tells those runs apart.
    """

    scale: Array

    def value(self, m: Array) -> float:
        """1/2 ln of the smallest eigenvalue, and a thousandth of D."""
        return float(0.5 * np.log(np.linalg.eigvalsh(self.scale[:, None] * m * self.scale)[0])) + TIE * Determinant().value(m)

    def slope(self, m: Array) -> Array:
        """Of the smallest eigenvalue (a subgradient where it is double)."""
        size, vectors = np.linalg.eigh(self.scale[:, None] * m * self.scale)
        v = self.scale * vectors[:, 0]
        return np.asarray(0.5 * np.outer(v, v) / size[0] + TIE * Determinant().slope(m))


@frozen(eq=False)
class Worst:
    """G: minus half the logarithm of the largest variance among predictions with gradients G (q, P)."""

    gradients: Array

    def _variances(self, m: Array) -> Array:
        return np.einsum("qp,pq->q", self.gradients, np.linalg.solve(m, self.gradients.T))

    def value(self, m: Array) -> float:
        """-1/2 ln max g m^-1 g."""
        return float(-0.5 * np.log(self._variances(m).max()))

    def slope(self, m: Array) -> Array:
        """Of the largest (a subgradient where two are equal)."""
        variances = self._variances(m)
        v = np.linalg.solve(m, self.gradients[int(np.argmax(variances))])
        return np.asarray(0.5 * np.outer(v, v) / variances.max())


def figure(gradient: Array) -> Trace:
    """The variance of one figure with this gradient on the parameters (P,): what a plant's cost, or any g(theta), needs."""
    return Trace(np.outer(gradient, gradient))


MEANING: Mapping[str, str] = {
    "D": "all parameters together (determinant)",
    "A": "the mean variance of the parameters, each in units of its prior spread (trace)",
    "E": "the least known combination of parameters (eigenvalue)",
    "I": "the mean variance of predictions over the region",
    "G": "the largest variance of a prediction over the region",
}


def criterion(name: str, scale: Array, predictions: Array | None = None) -> Criterion:
    """A criterion by its letter.

    Args:
        name: D, A, E, I or G.
        scale: prior standard deviations (P,): A and E measure each parameter in them.
        predictions: gradients (q, P) of the predictions that I and G are about.

    Raises:
        InputError: unknown letter, or no predictions.
    """
    letter = name.upper()
    if letter == "D":
        return Determinant()
    if letter == "A":
        return Trace(np.diag(1 / np.asarray(scale) ** 2))
    if letter == "E":
        return Smallest(np.asarray(scale))
    if letter in ("I", "G"):
        if predictions is None:
            raise InputError(f"criterion {letter} without predictions", where="criterion", fix="give the gradients of the predictions that shall be surer")
        return Trace(predictions.T @ predictions) if letter == "I" else Worst(predictions)
    raise InputError(f"unknown criterion {name!r}", where="criterion", fix=did_you_mean(name, MEANING) or f"one of {', '.join(MEANING)}")
