"""The chance that an experiment succeeds, learnt from which ones failed."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from scipy.stats import norm

from chemwright.experiment.planning.domain import Array, Domain
from chemwright.experiment.planning.kernel import TAIL, covariance
from chemwright.experiment.planning.process import robust_cholesky, triangular

HOPE = 0.6
"""Prior mean of the success score, in which a success is +1 and a failure -1: a chance of success of about 0.7 where nothing is known."""


@frozen(eq=False)
class Success:
    """A Gaussian process on the score of success, averaged over a few lengths by their likelihood."""

    domain: Domain
    x: Array
    u: Array
    weight: Array
    chol: Array
    alpha: Array

    def chance(self, x: Array) -> Array:
        """Probability of success at x (m, J), shape (m,)."""
        k = covariance(self.domain, self.x, x, self.u) - 1.0
        mean = HOPE + np.einsum("pn,pnm->pm", self.alpha, k)
        variance = np.maximum(np.exp(self.u[:, self.domain.terms + 1])[:, None] - (triangular(self.chol, k) ** 2).sum(1), 1e-9)
        return np.asarray(self.weight @ norm.cdf(2.0 * mean / np.sqrt(1.0 + variance)))


def learn_success(domain: Domain, x: Array, failed: np.ndarray) -> Success | None:
    """The chance of success from experiments x (n, J) and whether they failed (n,); None where none did."""
    if not failed.any():
        return None
    t = domain.terms
    plain = np.zeros(t + TAIL + sum(a.offset == "drift" for a in domain.axes))
    plain[t + TAIL :] = -30.0
    plain[t] = -2.0
    u = np.repeat(plain[None], 3, axis=0)
    u[:, :t] = np.log(np.array([0.25, 0.5, 1.0]))[:, None] + 0.5 * np.log(max(t, 1))
    score = np.where(failed, -1.0, 1.0) - HOPE
    k = covariance(domain, x, x, u) - 1.0
    k[:, np.arange(len(x)), np.arange(len(x))] += 0.2
    chol = robust_cholesky(k)
    half = triangular(chol, np.repeat(score[None, :, None], 3, axis=0))[:, :, 0]
    evidence = -0.5 * (half**2).sum(1) - np.log(np.einsum("pii->pi", chol)).sum(1)
    weight = np.exp(evidence - evidence.max())
    alpha = np.stack([np.linalg.solve(c.T, h) for c, h in zip(chol, half, strict=True)])
    return Success(domain, x, u, weight / weight.sum(), chol, alpha)
