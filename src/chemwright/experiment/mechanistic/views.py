"""Mechanism, hybrid and black box as one family of Gaussian models of the same readings, so that their leave-one-out likelihoods compare.

With the mechanism linearised at theta, the readings y (on the scale of the fit, run by run, objectives side by side) are Gaussian about m(theta) + J (prior mean - theta) with covariance
J C J^T + k(x, x') + noise: the first term is the mechanism with open parameters, the second a learned residual (absent in the mechanism alone). A black box has a flat level in place of the
mechanism. A run is left out by the block formula for Gaussian predictions (S. Sundararajan and S. S. Keerthi, Neural Comput. 2001, 13, 1103).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.model.protocol import Array

Indices = NDArray[Any]

LEVEL = 3.0
"""Prior standard deviation of a black box's level, in standard deviations of the readings."""


@frozen(eq=False)
class Data:
    """Readings of runs.

    Args:
        u: conditions in the unit cube (n, D).
        y: on the scale of the fit (n, M), nan where not taken.
        std: known standard deviations on that scale (n, M), nan where they are to be learned.
    """

    u: Array
    y: Array
    std: Array

    @property
    def taken(self) -> Indices:
        """Positions of the readings that were taken, in y's flat order."""
        return np.flatnonzero(np.isfinite(self.y).ravel())

    @property
    def run(self) -> Indices:
        """Run of each taken reading."""
        return self.taken // self.y.shape[1]

    @property
    def kind(self) -> Indices:
        """Objective of each taken reading."""
        return self.taken % self.y.shape[1]


@frozen(eq=False)
class View:
    """One model of the readings, linear and Gaussian.

    Args:
        data: the readings.
        base: what the model expects before any run, with the parameters at their prior mean (k,), linearised.
        jac: sensitivities of the taken readings to the parameters (k, P); none for a black box.
        prior_cov: of the parameters (P, P).
        noise: first guess of the noise of each objective (M,).
        spread: standard deviation of the readings of each objective (M,): of a black box, the scale of its residual.
        residual: whether a Gaussian process is added.
        black: whether there is no mechanism.
        h: logarithms of [noise factor, residual amplitudes (M), length scales (D)].
    """

    data: Data
    base: Array
    jac: Array
    prior_cov: Array
    noise: Array
    spread: Array
    residual: bool
    black: bool
    h: Array

    @property
    def z(self) -> Array:
        """Readings less what was expected (k,)."""
        return self.data.y.ravel()[self.data.taken] - self.base

    def variance(self, h: Array | None = None) -> Array:
        """Noise variance of each taken reading (k,): known, or the learned factor times the first guess."""
        h = self.h if h is None else h
        known = self.data.std.ravel()[self.data.taken]
        return np.where(np.isfinite(known), known, np.exp(h[0]) * self.noise[self.data.kind]) ** 2

    def mechanism_part(self) -> Array:
        """Covariance of the readings by the open parameters, or by a black box's open level (k, k)."""
        if self.black:
            same = self.data.kind[:, None] == self.data.kind[None]
            return np.asarray(same * (LEVEL * self.spread[self.data.kind])[:, None] ** 2)
        return np.asarray(self.jac @ self.prior_cov @ self.jac.T)

    def kernel(self, a: Array, ka: Indices, b: Array, kb: Indices, h: Array | None = None) -> Array:
        """Residual covariance between points a (p, D) of objectives ka (p,) and b (q, D), kb (q,): Matern-5/2, objectives apart."""
        h, m = (self.h if h is None else h), len(self.noise)
        if not self.residual:
            return np.zeros((len(a), len(b)))
        r = np.sqrt(5 * (((a[:, None] - b[None]) / np.exp(h[1 + m :])) ** 2).sum(-1) + 1e-30)
        amplitude = np.exp(h[1 : 1 + m])
        return np.asarray((ka[:, None] == kb[None]) * amplitude[ka][:, None] ** 2 * (1 + r + r**2 / 3) * np.exp(-r))

    def covariance(self, h: Array | None = None) -> Array:
        """Of the taken readings (k, k), noise included."""
        u, kind = self.data.u[self.data.run], self.data.kind
        out = self.mechanism_part() + self.kernel(u, kind, u, kind, h) + np.diag(self.variance(h))
        return np.asarray(out + 1e-10 * np.trace(out) / max(len(out), 1) * np.eye(len(out)))

    def log_evidence(self, h: Array | None = None) -> float:
        """ln of the readings' probability density."""
        chol = np.linalg.cholesky(self.covariance(h))
        half = np.linalg.solve(chol, self.z)
        return float(-0.5 * half @ half - np.log(np.diag(chol)).sum() - 0.5 * len(half) * np.log(2 * np.pi))

    def left_out(self) -> Array:
        """ln density of each run's readings given all other runs (n,); 0 for a run without readings."""
        inverse = np.linalg.inv(self.covariance())
        pull, out = inverse @ self.z, np.zeros(len(self.data.u))
        for i in np.unique(self.data.run):
            at = np.flatnonzero(self.data.run == i)
            block = inverse[np.ix_(at, at)]
            error = np.linalg.solve(block, pull[at])
            out[i] = -0.5 * error @ block @ error + 0.5 * np.linalg.slogdet(block)[1] - 0.5 * len(at) * np.log(2 * np.pi)
        return out


def hyper_prior(view: View) -> tuple[Array, Array]:
    """Mean and standard deviation of the logarithms h: noise about its first guess; a residual about a tenth (in ln units), a black box's about the spread of the readings; lengths about half the range."""
    m, d = len(view.noise), view.data.u.shape[1]
    amplitude = np.log(np.maximum(view.spread, 1e-12)) if view.black else np.log(np.maximum(0.3 * view.spread, 1e-12))
    return np.concatenate([[0.0], amplitude, np.full(d, np.log(0.5 if view.black else 0.7))]), np.concatenate([[1.2], np.full(m, 1.0), np.full(d, 0.7)])


def settle(view: View) -> View:
    """With the hyperparameters of largest evidence times prior."""
    from attrs import evolve
    from scipy.optimize import minimize

    mean, std = hyper_prior(view)
    free = np.arange(len(mean)) if view.residual else np.array([0])

    def loss(part: Array) -> float:
        h = mean.copy()
        h[free] = part
        try:
            return -view.log_evidence(h) + 0.5 * float((((h - mean) / std) ** 2).sum())
        except np.linalg.LinAlgError:
            return 1e12

    found = minimize(loss, mean[free], method="L-BFGS-B", bounds=[(m - 4 * s, m + 4 * s) for m, s in zip(mean[free], std[free], strict=True)], options={"maxiter": 60})
    h = mean.copy()
    h[free] = found.x
    return evolve(view, h=h)
