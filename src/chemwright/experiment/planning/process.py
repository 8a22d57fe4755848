"""A Gaussian process whose lengths, noise, additive share and outcome warp are not chosen but sampled: an ensemble of particles, all computed at once.

Covariance of particle p between two points, with r^2 = sum over terms of d_t^2 / length_t^2 and r_j^2 the same sum over the terms of variable j:

    A [ rho/J sum_j 1/(1 + r_j^2) + (1 - rho) Matern_5/2(r) ] + 1

The first part is additive (main effects of each variable), the second holds interactions; the constant 1 integrates out the mean of the standardised outcome. Hyperparameters are drawn by elliptical slice sampling
(Murray, Adams & MacKay 2010) from a Gaussian prior on their logarithms, each particle with its own bracket. The outcome is warped by Yeo and Johnson's (2000) power, whose Jacobian enters the likelihood.
"""

from __future__ import annotations

import numpy as np
from attrs import field, frozen

from chemwright.experiment.planning.domain import Array, Domain
from chemwright.experiment.planning.settings import PlanSettings

ROOT5 = 5.0**0.5
JITTER = 1e-8


def yeo_johnson(z: Array, power: Array) -> tuple[Array, Array]:
    """Warped values and the log of the warp's slope; z (n,), power (P, 1); both (P, n)."""
    p, q = power, 2.0 - power
    a = np.log1p(np.abs(z))[None, :] * np.ones_like(power)
    up = np.where(np.abs(p) < 1e-6, a, np.expm1(p * a) / np.where(np.abs(p) < 1e-6, 1.0, p))
    down = -np.where(np.abs(q) < 1e-6, a, np.expm1(q * a) / np.where(np.abs(q) < 1e-6, 1.0, q))
    positive = (z >= 0)[None, :]
    return np.where(positive, up, down), np.where(positive, (p - 1) * a, (q - 1) * a)


def yeo_johnson_inverse(w: Array, power: Array) -> Array:
    """The inverse of the warp, elementwise; w (P, ...), power broadcastable. Beyond the range of the warp the nearest end is returned."""
    p, q = power, 2.0 - power
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        up = np.where(np.abs(p) < 1e-6, np.expm1(np.clip(w, 0, 50)), np.exp(np.log(np.maximum(1 + p * w, 1e-12)) / np.where(np.abs(p) < 1e-6, 1.0, p)) - 1)
        down = np.where(np.abs(q) < 1e-6, -np.expm1(np.clip(-w, 0, 50)), 1 - np.exp(np.log(np.maximum(1 - q * w, 1e-12)) / np.where(np.abs(q) < 1e-6, 1.0, q)))
    return np.clip(np.where(w >= 0, up, down), -1e6, 1e6)


@frozen(eq=False)
class Prior:
    """Gaussian prior on the vector u of a particle: log lengths (T), log odds of the additive share, log amplitude, log noise, warp."""

    mean: Array
    std: Array

    @classmethod
    def of(cls, domain: Domain, s: PlanSettings) -> Prior:
        """The prior for a domain: lengths grow with the square root of the number of terms, so that a typical pair is as correlated in many dimensions as in few (Hvarfner 2024)."""
        t = len(domain.owner)
        mean = np.r_[np.full(t, s.length_mean + 0.5 * np.log(max(t, 1))), s.additive_mean, 0.0, s.noise_mean, 1.0]
        std = np.r_[np.full(t, s.length_std), s.additive_std, 0.5, s.noise_std, s.warp_std]
        return cls(mean, std)


def covariance(domain: Domain, d2: Array, u: Array) -> Array:
    """Covariances (P, n, m) from the terms' squared distances (T, n, m) and particles (P, T + 4)."""
    t, n, m = d2.shape
    weight = np.exp(-2.0 * u[:, :t])
    rho = 1.0 / (1.0 + np.exp(-u[:, t]))
    amplitude = np.exp(u[:, t + 1])
    r2 = (weight @ d2.reshape(t, -1)).reshape(-1, n, m)
    r = ROOT5 * np.sqrt(r2)
    k = ((1.0 - rho) * amplitude)[:, None, None] * ((1.0 + r + (5.0 / 3.0) * r2) * np.exp(-r))
    owner, axes = domain.owner, len(domain.axes)
    share = (rho * amplitude / max(axes, 1))[:, None, None]
    for j in range(axes):
        own = owner == j
        part = (weight[:, own] @ d2[own].reshape(int(own.sum()), -1)).reshape(-1, n, m)
        part += 1.0
        k += share / part
    return k + 1.0


@frozen(eq=False)
class Process:
    """An ensemble conditioned on data.

    Args:
        domain: the variables.
        x: points (n, J).
        u: particles (P, T + 4).
        z: outcomes standardised by centre and scale, (n,).
        centre: location of the outcomes before the warp.
        scale: their scale.
        shift: mean of each particle's warped outcomes, (P,).
        spread: their standard deviation, (P,).
        chol: lower Cholesky factors (P, n, n).
        alpha: K^-1 w, (P, n).
        noise: noise variances of each particle, (P,).
    """

    domain: Domain
    x: Array
    u: Array
    z: Array
    centre: float
    scale: float
    shift: Array
    spread: Array
    chol: Array
    alpha: Array
    noise: Array = field()

    def cross(self, x: Array) -> tuple[Array, Array]:
        """Warped posterior mean (P, m) and L^-1 k (P, n, m) at points x (m, J)."""
        k = covariance(self.domain, self.domain.squared(self.x, x), self.u)
        mean = np.einsum("pn,pnm->pm", self.alpha, k)
        return mean, np.linalg.solve(self.chol, k) if len(self.x) < 8 else _triangular(self.chol, k)

    def marginals(self, x: Array) -> tuple[Array, Array]:
        """Warped, standardised posterior mean and std of each particle at x (m, J), both (P, m)."""
        mean, v = self.cross(x)
        own = np.exp(self.u[:, -3]) + 1.0
        return mean, np.sqrt(np.maximum(own[:, None] - (v**2).sum(1), 1e-10))

    def joint(self, x: Array) -> tuple[Array, Array]:
        """Posterior mean (P, m) and covariance (P, m, m) at x."""
        mean, v = self.cross(x)
        k = covariance(self.domain, self.domain.squared(x, x), self.u)
        return mean, k - v.transpose(0, 2, 1) @ v

    def sample(self, x: Array, n: int, rng: np.random.Generator) -> Array:
        """n joint samples of the outcome at x (m, J) in the outcomes' unit, shared evenly between the particles, shape (n, m)."""
        mean, cov = self.joint(x)
        p, m = mean.shape
        each = -(-n // p)
        chol = robust_cholesky(cov)
        w = mean[:, None, :] + rng.standard_normal((p, each, m)) @ chol.transpose(0, 2, 1)
        return self.unwarp(w).reshape(p * each, m)[:n] if p * each == n else self.unwarp(w).transpose(1, 0, 2).reshape(p * each, m)[:n]

    def unwarp(self, w: Array) -> Array:
        """From warped and standardised (P, ...) to the outcomes' unit."""
        lift = (slice(None),) + (None,) * (w.ndim - 1)
        return self.centre + self.scale * yeo_johnson_inverse(self.shift[lift] + self.spread[lift] * w, self.u[:, -1][lift])

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the outcome at x (m, J), over the whole ensemble, by nine Gauss-Hermite points of each particle."""
        mean, std = self.marginals(x)
        nodes, weights = np.polynomial.hermite_e.hermegauss(9)
        y = self.unwarp(mean[:, :, None] + std[:, :, None] * nodes)
        weights = weights / weights.sum()
        m = (y @ weights).mean(0)
        return m, np.sqrt(np.maximum(((y - m[None, :, None]) ** 2 @ weights).mean(0), 0.0))


def _triangular(chol: Array, k: Array) -> Array:
    from scipy.linalg import solve_triangular

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


class _Posterior:
    """Log likelihood of particles given the data."""

    def __init__(self, domain: Domain, x: Array, z: Array, extra: Array) -> None:
        self.domain, self.z, self.extra = domain, z, extra
        self.d2 = domain.squared(x, x)

    def warped(self, u: Array) -> tuple[Array, Array, Array, Array]:
        """Warped and standardised outcomes (P, n), their shift and spread (P,), and the log Jacobian (P,)."""
        w, slope = yeo_johnson(self.z, u[:, -1:])
        shift, spread = w.mean(1), np.maximum(w.std(1), 1e-9)
        return (w - shift[:, None]) / spread[:, None], shift, spread, slope.sum(1) - len(self.z) * np.log(spread)

    def factors(self, u: Array) -> tuple[Array, Array]:
        """Cholesky factors (P, n, n) of the covariance with noise, and the noise (P,)."""
        noise = np.exp(u[:, -2]) + 1e-6
        k = covariance(self.domain, self.d2, u)
        n = k.shape[-1]
        k[:, np.arange(n), np.arange(n)] += noise[:, None] + self.extra + JITTER * k[:, 0, 0][:, None]
        return robust_cholesky(k), noise

    def __call__(self, u: Array) -> Array:
        w, _, _, jacobian = self.warped(u)
        chol, _ = self.factors(u)
        a = _triangular(chol, w[:, :, None])[:, :, 0]
        value = -0.5 * (a**2).sum(1) - np.log(np.einsum("pii->pi", chol)).sum(1) + jacobian
        return np.where(np.isfinite(value), value, -1e300)


def slice_moves(prior: Prior, likelihood: _Posterior, u: Array, moves: int, rng: np.random.Generator) -> Array:
    """Elliptical slice sampling, each particle its own bracket, all evaluated together."""
    value = likelihood(u)
    for _ in range(moves):
        v = u - prior.mean
        nu = rng.standard_normal(u.shape) * prior.std
        level = value + np.log(rng.random(len(u)))
        angle = rng.random(len(u)) * 2 * np.pi
        low, high = angle - 2 * np.pi, angle.copy()
        open_ = np.arange(len(u))
        for _ in range(30):
            a = angle[open_, None]
            trial = prior.mean + v[open_] * np.cos(a) + nu[open_] * np.sin(a)
            found = likelihood(trial)
            ok = found > level[open_]
            u[open_[ok]], value[open_[ok]] = trial[ok], found[ok]
            open_ = open_[~ok]
            if not len(open_):
                break
            low[open_] = np.where(angle[open_] < 0, angle[open_], low[open_])
            high[open_] = np.where(angle[open_] >= 0, angle[open_], high[open_])
            angle[open_] = low[open_] + rng.random(len(open_)) * (high[open_] - low[open_])
    return u


def fit(domain: Domain, x: Array, y: Array, settings: PlanSettings, rng: np.random.Generator, std: Array | None = None) -> Process:
    """Draw the particles and condition them on the data.

    Args:
        domain: the variables.
        x: points (n, J), n at least 1.
        y: finite outcomes (n,).
        settings: sizes and priors.
        rng: the source of chance.
        std: known standard deviations of the outcomes (n,), in addition to the noise learnt.
    """
    centre, scale = float(np.mean(y)), float(np.std(y))
    scale = scale if scale > 1e-12 * max(abs(centre), 1e-12) else max(abs(centre), 1.0)
    z = (y - centre) / scale
    extra = np.zeros(len(y)) if std is None else (std / scale) ** 2
    prior = Prior.of(domain, settings)
    rows = np.arange(len(y))
    if len(rows) > settings.hyper_rows:
        best = np.argsort(-z)[: settings.hyper_rows // 3]
        rows = np.sort(np.r_[best, rng.choice(np.setdiff1d(rows, best), settings.hyper_rows - len(best), replace=False)])
    likelihood = _Posterior(domain, x[rows], z[rows], extra[rows])
    start = prior.mean + prior.std * rng.standard_normal((4 * settings.particles, len(prior.mean)))
    value = likelihood(start)
    weight = np.exp(0.5 * (value - value.max()))
    u = start[systematic(weight / weight.sum(), settings.particles, rng)]
    u = slice_moves(prior, likelihood, u, settings.moves, rng)
    full = likelihood if len(rows) == len(y) else _Posterior(domain, x, z, extra)
    w, shift, spread, _ = full.warped(u)
    chol, noise = full.factors(u)
    half = _triangular(chol, w[:, :, None])
    alpha = np.linalg.solve(chol.transpose(0, 2, 1), half)[:, :, 0]
    return Process(domain, x, u, z, centre, scale, shift, spread, chol, alpha, noise)


def systematic(weight: Array, n: int, rng: np.random.Generator) -> Array:
    """n positions drawn in proportion to the weights with one random number, so that copies are as even as can be."""
    return np.minimum(np.searchsorted(np.cumsum(weight), (np.arange(n) + rng.random()) / n), len(weight) - 1)
