"""A Gaussian process whose lengths, noise, additive share and outcome warp are not chosen but sampled: an ensemble of particles, all computed at once.

Hyperparameters are drawn by elliptical slice sampling (Murray, Adams & MacKay 2010) from a Gaussian prior, each particle with its own bracket, started from prior draws weighted by the square root of their likelihood.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from scipy.linalg import solve_triangular

from chemwright.experiment.planning.domain import Array, Domain
from chemwright.experiment.planning.kernel import Prior, covariance, from_distances, own_variance
from chemwright.experiment.planning.settings import PlanSettings
from chemwright.experiment.planning.warp import unwarp, warp


@frozen(eq=False)
class Process:
    """An ensemble conditioned on data.

    Args:
        domain: the variables.
        x: points (n, J).
        u: particles (P, H).
        centre: location of the outcomes before the warp.
        scale: their scale.
        shift: mean of each particle's warped outcomes, (P,).
        spread: their standard deviation, (P,).
        chol: lower Cholesky factors of the covariance with noise (P, n, n).
        alpha: K^-1 w, (P, n).
    """

    domain: Domain
    x: Array
    u: Array
    centre: float
    scale: float
    shift: Array
    spread: Array
    chol: Array
    alpha: Array

    def few(self, n: int) -> Process:
        """The first n particles: rougher and faster."""
        k = slice(0, n)
        return Process(self.domain, self.x, self.u[k], self.centre, self.scale, self.shift[k], self.spread[k], self.chol[k], self.alpha[k])

    @property
    def noise_std(self) -> float:
        """Standard deviation of a measurement that the ensemble holds likely, in the outcomes' unit (where there is no warp)."""
        t = self.domain.terms
        return float(self.scale * np.mean(np.exp(0.5 * self.u[:, t + 2]) * self.spread))

    def cross(self, x: Array) -> tuple[Array, Array]:
        """Warped posterior mean (P, m) and L^-1 k (P, n, m) at points x (m, J)."""
        k = covariance(self.domain, self.x, x, self.u)
        return np.einsum("pn,pnm->pm", self.alpha, k), triangular(self.chol, k)

    def marginals(self, x: Array) -> tuple[Array, Array]:
        """Warped, standardised posterior mean and std of each particle at x (m, J), both (P, m)."""
        mean, v = self.cross(x)
        return mean, np.sqrt(np.maximum(own_variance(self.domain, x, self.u) - (v**2).sum(1), 1e-10))

    def joint(self, x: Array) -> tuple[Array, Array]:
        """Posterior mean (P, m) and covariance (P, m, m) at x, warped and standardised."""
        mean, v = self.cross(x)
        return mean, covariance(self.domain, x, x, self.u) - v.transpose(0, 2, 1) @ v

    def sample(self, x: Array, n: int, rng: np.random.Generator) -> Array:
        """Joint samples of the outcome at x (m, J) in its unit, as many from each particle, n or a few more in all, shape (n', m). Halves are mirror images, which steadies their mean."""
        mean, cov = self.joint(x)
        p, m = mean.shape
        half = max(1, -(-n // (2 * p)))
        noise = rng.standard_normal((p, half, m))
        noise = np.concatenate([noise, -noise], 1)
        w = mean[:, None, :] + noise @ robust_cholesky(cov).transpose(0, 2, 1)
        return self.to_outcome(w).transpose(1, 0, 2).reshape(-1, m)

    def to_outcome(self, w: Array) -> Array:
        """From warped and standardised (P, ...) to the outcomes' unit."""
        lift = (slice(None),) + (None,) * (w.ndim - 1)
        power = self.u[:, self.domain.terms + 3]
        return self.centre + self.scale * unwarp(self.shift[lift] + self.spread[lift] * w, power[lift])

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the noiseless outcome at x (m, J), over the whole ensemble, by seven Gauss-Hermite points of each particle."""
        mean, std = self.marginals(x)
        nodes, weights = np.polynomial.hermite_e.hermegauss(7)
        y = self.to_outcome(mean[:, :, None] + std[:, :, None] * nodes)
        weights = weights / weights.sum()
        m = (y @ weights).mean(0)
        return m, np.sqrt(np.maximum(((y - m[None, :, None]) ** 2 @ weights).mean(0), 0.0))


def triangular(chol: Array, k: Array) -> Array:
    """chol^-1 k for each particle; (P, n, n) and (P, n, m)."""
    return np.stack([solve_triangular(c, b, lower=True, check_finite=False) for c, b in zip(chol, k, strict=True)])


def robust_cholesky(cov: Array) -> Array:
    """Cholesky factors of (P, m, m), with as much jitter as it takes."""
    eye = np.eye(cov.shape[-1])
    size = np.maximum(np.einsum("pii->pi", cov).mean(-1), 1e-12)[:, None, None]
    for jitter in (1e-8, 1e-6, 1e-4, 1e-2):
        try:
            return np.asarray(np.linalg.cholesky(cov + jitter * size * eye))
        except np.linalg.LinAlgError:
            continue
    return np.asarray(np.sqrt(np.maximum(np.einsum("pii->pi", cov), 1e-12))[:, :, None] * eye)


class Likelihood:
    """Log likelihood of particles, given standardised outcomes z (n,) at x (n, J), known noise variances and the number of measurements each stands for."""

    def __init__(self, domain: Domain, x: Array, z: Array, extra: Array, counts: Array) -> None:
        self.domain, self.x, self.z, self.extra, self.counts = domain, x, z, extra, counts
        self.d2, self.offsets = domain.squared(x, x), domain.offset_distances(x, x)

    def warped(self, u: Array) -> tuple[Array, Array, Array, Array]:
        """Warped and standardised outcomes (P, n), their shift and spread (P,), and the log Jacobian (P,)."""
        power = u[:, self.domain.terms + 3]
        w, slope = warp(self.z, power[:, None])
        shift, spread = w.mean(1), w.std(1)
        spread = np.where(spread > 1e-9, spread, 1.0)
        return (w - shift[:, None]) / spread[:, None], shift, spread, slope.sum(1) - len(self.z) * np.log(spread)

    def factors(self, u: Array) -> Array:
        """Cholesky factors (P, n, n) of the covariance with noise."""
        noise = np.exp(np.clip(u[:, self.domain.terms + 2], -14.0, 5.0))
        k = from_distances(self.domain, self.d2, self.offsets, u)
        n = k.shape[-1]
        k[:, np.arange(n), np.arange(n)] += noise[:, None] / self.counts + self.extra
        return robust_cholesky(k)

    def __call__(self, u: Array) -> Array:
        """Log likelihood of each particle (P, H), up to a constant, (P,)."""
        w, _, _, jacobian = self.warped(u)
        chol = self.factors(u)
        a = triangular(chol, w[:, :, None])[:, :, 0]
        value = -0.5 * (a**2).sum(1) - np.log(np.einsum("pii->pi", chol)).sum(1) + jacobian
        return np.where(np.isfinite(value), value, -1e300)


def slice_moves(prior: Prior, likelihood: Likelihood, u: Array, moves: int, rng: np.random.Generator) -> Array:
    """Elliptical slice sampling of the particles (P, H), each with its own bracket, all evaluated together."""
    u, value = u.copy(), likelihood(u)
    for _ in range(moves):
        v = u - prior.mean
        nu = rng.standard_normal(u.shape) * prior.std
        level = value + np.log(rng.random(len(u)))
        angle = rng.random(len(u)) * 2 * np.pi
        low, high = angle - 2 * np.pi, angle.copy()
        left = np.arange(len(u))
        for _ in range(25):
            a = angle[left, None]
            trial = prior.mean + v[left] * np.cos(a) + nu[left] * np.sin(a)
            found = likelihood(trial)
            ok = found > level[left]
            u[left[ok]], value[left[ok]] = trial[ok], found[ok]
            left = left[~ok]
            if not len(left):
                break
            low[left] = np.where(angle[left] < 0, angle[left], low[left])
            high[left] = np.where(angle[left] >= 0, angle[left], high[left])
            angle[left] = low[left] + rng.random(len(left)) * (high[left] - low[left])
    return u


def fit(
    domain: Domain, x: Array, y: Array, settings: PlanSettings, rng: np.random.Generator, variance: Array | None = None, counts: Array | None = None, least: float = 0.0
) -> Process:
    """Draw the particles and condition them on the data.

    Args:
        domain: the variables.
        x: points (n, J), n at least 1.
        y: finite outcomes (n,).
        settings: sizes and priors.
        rng: the source of chance.
        variance: known variances of the outcomes (n,), besides the noise that is learnt.
        counts: measurements that each outcome is the mean of (n,).
        least: the scale of the outcomes is not taken to be less.
    """
    centre, scale = location(y)
    scale = max(scale if np.ptp(y) > 0 or least == 0 else 0.0, least)
    z = np.clip((y - centre) / scale, -1e3, 1e3)
    extra = np.zeros(len(y)) if variance is None else np.minimum((np.sqrt(variance) / scale) ** 2, 1e6)
    counts = np.ones(len(y)) if counts is None else counts
    prior = Prior.of(domain, settings)
    rows = learning_rows(z, settings.hyper_rows, rng)
    likelihood = Likelihood(domain, x[rows], z[rows], extra[rows], counts[rows])
    start = prior.mean + prior.std * rng.standard_normal((4 * settings.particles, len(prior.mean)))
    value = likelihood(start)
    weight = np.exp(0.5 * (value - value.max()))
    u = start[systematic(weight / weight.sum(), settings.particles, rng)]
    u = slice_moves(prior, likelihood, u, settings.moves, rng)
    u = u[rng.permutation(len(u))]
    full = likelihood if len(rows) == len(y) else Likelihood(domain, x, z, extra, counts)
    w, shift, spread, _ = full.warped(u)
    chol = full.factors(u)
    half = triangular(chol, w[:, :, None])
    alpha = np.stack([solve_triangular(c.T, h, lower=False, check_finite=False)[:, 0] for c, h in zip(chol, half, strict=True)])
    return Process(domain, x, u, centre, scale, shift, spread, chol, alpha)


def location(y: Array) -> tuple[float, float]:
    """Centre and scale of outcomes; a scale of 1 (or of their size) where they are all alike."""
    top = float(np.abs(y).max(initial=0.0)) or 1.0
    centre, scale = top * float(np.mean(y / top)), top * float(np.std(y / top))
    return centre, scale if scale > 1e-14 * top else top


def learning_rows(z: Array, most: int, rng: np.random.Generator) -> np.ndarray:
    """Rows from which the hyperparameters are learnt: all, or the best third and chance for the rest."""
    if len(z) <= most:
        return np.arange(len(z))
    best = np.argsort(-z, kind="stable")[: most // 3]
    return np.sort(np.r_[best, rng.choice(np.setdiff1d(np.arange(len(z)), best), most - len(best), replace=False)])


def systematic(weight: Array, n: int, rng: np.random.Generator) -> np.ndarray:
    """n positions drawn in proportion to the weights with one random number, so that copies are as even as can be."""
    return np.minimum(np.searchsorted(np.cumsum(weight), (np.arange(n) + rng.random()) / n), len(weight) - 1)
