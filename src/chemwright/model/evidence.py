"""Hyperparameters by evidence: noise and kernel widths that maximise the marginal likelihood of the linearised hybrid.

With the mechanism linearised at theta0, z = y - m(theta0) + J (theta0 - mean) is Gaussian with covariance
J C J^T + s k s^T + sigma^2 I (Rasmussen and Williams 2006, eq. 5.8, with the mechanism's parameters marginalised). Log-normal
priors keep the widths sensible when runs are few.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.model.gaussian import squared_exponential
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array


@frozen
class Widths:
    """Log-normal priors (median, sd of the logarithm) of noise, amplitude and length scales."""

    noise: tuple[float, float] = (0.02, 0.3)
    amplitude: tuple[float, float] = (0.1, 1.0)
    length: tuple[float, float] = (1.5, 0.5)

    @property
    def noise_dof(self) -> float:
        """Degrees of freedom that the prior on the noise is worth: 1/(2 s^2) for a log-normal of width s."""
        return 0.5 / self.noise[1] ** 2


@frozen(eq=False)
class Hyper:
    """Chosen noise standard deviation, amplitude and length scales (D,) in scaled inputs, with the log evidence."""

    sigma: float
    amplitude: float
    lengths: Array
    log_evidence: float


def _terms(cov: Array, z: Array) -> float:
    chol = np.linalg.cholesky(cov + 1e-12 * np.trace(cov) / len(z) * np.eye(len(z)))
    half = np.linalg.solve(chol, z)
    return float(-0.5 * half @ half - np.log(np.diag(chol)).sum() - 0.5 * len(z) * np.log(2 * np.pi))


def choose(z: Array, jac: Array, prior: Gaussian, slope: Array | None, scaled: Array, widths: Widths, start: Hyper | None = None) -> Hyper:
    """Maximise evidence times prior by L-BFGS.

    Args:
        z: linearised observations (N,) with the prior mean's prediction taken off.
        jac: mechanism sensitivities (N, P).
        prior: of the mechanism's parameters.
        slope: dy/df at each run (N,), or ``None`` for the mechanism alone.
        scaled: scaled conditions (N, D).
        widths: priors of the hyperparameters.
        start: where to begin.
    """
    from scipy.optimize import minimize

    d = scaled.shape[1]
    base = jac @ prior.cov @ jac.T

    def split(h: Array) -> tuple[float, float, Array]:
        return float(np.exp(h[0])), (float(np.exp(h[1])) if slope is not None else 0.0), np.exp(h[2:])

    def evidence(h: Array) -> float:
        sigma, amplitude, lengths = split(h)
        cov = base + sigma**2 * np.eye(len(z))
        if slope is not None:
            cov = cov + slope[:, None] * squared_exponential(scaled, scaled, amplitude, lengths) * slope
        return _terms(cov, z)

    def loss(h: Array) -> float:
        penalty = ((h[0] - np.log(widths.noise[0])) / widths.noise[1]) ** 2
        if slope is not None:
            penalty += ((h[1] - np.log(widths.amplitude[0])) / widths.amplitude[1]) ** 2 + (((h[2:] - np.log(widths.length[0])) / widths.length[1]) ** 2).sum()
        return -evidence(h) + 0.5 * penalty

    h0 = np.log(np.concatenate([[widths.noise[0]], [widths.amplitude[0]] + [widths.length[0]] * d if slope is not None else []]))
    if start is not None:
        h0 = np.log(np.concatenate([[start.sigma], [start.amplitude, *start.lengths] if slope is not None else []]))
    out = minimize(loss, h0, method="L-BFGS-B", bounds=[(v - 4, v + 4) for v in h0])
    sigma, amplitude, lengths = split(out.x)
    return Hyper(sigma, amplitude, lengths, evidence(out.x))
