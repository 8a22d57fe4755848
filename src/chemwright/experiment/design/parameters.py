"""Designs for a model's parameters or for a figure that hangs on them: D-, A-, E-, I-, G-optimal and the variance of g(theta)."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen

from chemwright.errors import ConvergenceError
from chemwright.experiment.design.criteria import Criterion
from chemwright.experiment.design.response import Response
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array


@frozen(eq=False)
class Information:
    """What runs are worth for the parameters of one response, averaged over draws of what is known (robust; one draw at the mean is the local design).

    Args:
        response: the model.
        draws: parameters (K, P) at which the sensitivities are taken.
        precision: what is known already, (P, P).
        criterion: gain of an information matrix.
    """

    response: Response
    draws: Array
    precision: Array
    criterion: Criterion
    _seen: dict[bytes, Array | None] = field(factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, response: Response, known: Gaussian, criterion: Criterion, *, draws: int = 1, seed: int = 0) -> Information:
        """From a prior or posterior; ``draws`` = 1 takes the sensitivities at its mean, more average over a seeded quasi-random sample of it."""
        return cls(response, spread(known, draws, seed), np.asarray(np.linalg.inv(known.cov)), criterion)

    def _rows(self, theta: Array, x: Array) -> Array | None:
        """Whitened sensitivities (m, P) at one x (D,), kept; ``None`` where they can't be evaluated."""
        key = theta.tobytes() + x.tobytes()
        if key not in self._seen:
            try:
                self._seen[key] = self.response.whitened(theta, x[None])[0]
            except ConvergenceError:
                self._seen[key] = None
        return self._seen[key]

    def _matrices(self, chosen: Array) -> list[Array]:
        """Information of what is known and the chosen runs, one a draw; a run that can't be evaluated at a draw adds nothing there."""
        out = []
        for theta in self.draws:
            rows = [j for j in (self._rows(theta, x) for x in chosen) if j is not None]
            out.append(self.precision + sum((j.T @ j for j in rows), np.zeros_like(self.precision)))
        return out

    def gains(self, chosen: Array, candidates: Array) -> Array:
        """Mean gain of adding each candidate (N, D); -inf where a draw can't be evaluated."""
        before = self._matrices(chosen)
        total = np.zeros(len(candidates))
        for theta, m in zip(self.draws, before, strict=True):
            base = self.criterion.value(m)
            for i, x in enumerate(candidates):
                j = self._rows(theta, x)
                total[i] += self.criterion.value(m + j.T @ j) - base if j is not None else -np.inf
        return np.asarray(total / len(self.draws))

    def gain(self, chosen: Array, x: Array) -> tuple[float, Array]:
        """Mean gain of adding x (D,) and its exact gradient (D,)."""
        value, slope = 0.0, np.zeros(len(x))
        for theta, m in zip(self.draws, self._matrices(chosen), strict=True):
            j, dj = self.response.whitened_slopes(theta, x)
            after = m + j.T @ j
            value += self.criterion.value(after) - self.criterion.value(m)
            slope += 2 * np.einsum("mp,mpd->d", j @ self.criterion.slope(after), dj)
        return value / len(self.draws), slope / len(self.draws)


def spread(known: Gaussian, draws: int, seed: int) -> Array:
    """The mean alone (1), or a quasi-random normal sample (draws, P) of what is known."""
    from scipy.stats import norm
    from scipy.stats.qmc import Sobol

    if draws <= 1:
        return known.mean[None]
    u = Sobol(len(known.mean), seed=seed).random_base2(int(np.ceil(np.log2(draws))))[:draws]
    return np.asarray(known.mean + norm.ppf(np.clip(u, 1e-6, 1 - 1e-6)) @ np.linalg.cholesky(known.cov).T)


def after(response: Response, known: Gaussian, x: Array) -> Gaussian:
    """What will be known once the runs x (n, D) are made, by the linear forecast at the mean."""
    j = response.whitened(known.mean, x).reshape(-1, len(known.mean))
    cov = np.linalg.inv(np.linalg.inv(known.cov) + j.T @ j)
    return Gaussian(known.mean, 0.5 * (cov + cov.T))
