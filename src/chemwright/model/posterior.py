"""Maximum a posteriori estimation with a Gaussian prior, its Laplace posterior, and a sampler that checks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.model.protocol import Array

Model = Callable[[Array], tuple[Array, Array]]


@frozen(eq=False)
class Gaussian:
    """A multivariate normal: mean (K,), covariance (K, K)."""

    mean: Array
    cov: Array

    @property
    def std(self) -> Array:
        """Marginal standard deviations, shape (K,)."""
        return np.sqrt(np.diag(self.cov))

    def sample(self, n: int, seed: int) -> Array:
        """n seeded draws, shape (n, K)."""
        chol = np.linalg.cholesky(self.cov)
        return self.mean + np.random.default_rng(seed).standard_normal((n, len(self.mean))) @ chol.T


@frozen(eq=False)
class MapFit:
    """Result of a fit.

    Args:
        posterior: Laplace approximation at the optimum.
        prior: the prior used.
        jacobian: dy/dtheta at the optimum, shape (N, K).
        residual: observed minus predicted, shape (N,).
        sigma: noise standard deviation used.
        objective: half the sum of squares, prior included.
        starts: objective reached from every start (inf where it failed).
        nfev: model evaluations in all.
    """

    posterior: Gaussian
    prior: Gaussian
    jacobian: Array
    residual: Array
    sigma: float
    objective: float
    starts: tuple[float, ...]
    nfev: int

    @property
    def effective_parameters(self) -> float:
        """Number of parameters the data determine: trace of the hat matrix."""
        w = self.jacobian / self.sigma
        return float(np.trace(w @ self.posterior.cov @ w.T))

    def information(self) -> Array:
        """Eigenvalues of the whitened data information matrix, largest first: above 1, the data beat the prior."""
        chol = np.linalg.cholesky(self.prior.cov)
        w = self.jacobian @ chol / self.sigma
        return np.asarray(np.linalg.eigvalsh(w.T @ w)[::-1], dtype=float)


def fit_map(model: Model, y: Array, sigma: float, prior: Gaussian, starts: Sequence[Array] | None = None) -> MapFit:
    """Minimise 1/2 |(y - f)/sigma|^2 + 1/2 |theta - mean|^2_prior with exact sensitivities (scipy's trust-region solver).

    Args:
        model: theta (K,) -> (f (N,), df/dtheta (N, K)); may raise ConvergenceError where it can't be evaluated.
        y: observations (N,).
        sigma: noise standard deviation.
        prior: Gaussian prior on theta.
        starts: starting points; the prior mean when none are given.

    Raises:
        ConvergenceError: no start converged.
    """
    from scipy.optimize import least_squares

    if len(y) == 0:
        raise InputError("no observation to fit", fix="add at least one run")
    k = len(prior.mean)
    chol = np.linalg.cholesky(prior.cov)
    chol_inv = np.linalg.inv(chol)
    seen: dict[bytes, tuple[Array, Array]] = {}
    broken: dict[bytes, ConvergenceError] = {}
    nfev = 0

    def both(z: Array) -> tuple[Array, Array]:
        nonlocal nfev
        key = z.tobytes()
        if key not in seen:
            nfev += 1
            seen.clear()
            try:
                f, jac = model(prior.mean + chol @ z)
            except ConvergenceError as error:
                broken[key] = error
                f, jac = np.full(len(y), 1e6), np.zeros((len(y), k))
            seen[key] = (np.concatenate([(f - y) / sigma, z]), np.vstack([jac @ chol / sigma, np.eye(k)]))
        return seen[key]

    best, reached, lost = None, [], []
    for start in starts if starts is not None else [prior.mean]:
        result = least_squares(
            lambda z: both(z)[0], chol_inv @ (np.asarray(start, dtype=float) - prior.mean), jac=lambda z: both(z)[1], xtol=1e-9, ftol=1e-10, gtol=1e-8, max_nfev=200
        )
        ok = result.status > 0 and bool(np.isfinite(result.cost)) and result.x.tobytes() not in broken  # flat where the model can't be evaluated: no optimum
        if not ok:
            lost.append(result)
        reached.append(float(result.cost) if ok else float("inf"))
        if ok and (best is None or result.cost < best.cost * (1 - 1e-12)):
            best = result
    if best is None:
        raise _lost(lost, [broken.get(r.x.tobytes()) for r in lost], prior, chol)
    residual, jac = both(best.x)
    n = len(y)
    hessian = jac[n:].T @ jac[n:] + jac[:n].T @ jac[:n]
    cov = chol @ np.linalg.inv(hessian) @ chol.T
    posterior = Gaussian(prior.mean + chol @ best.x, 0.5 * (cov + cov.T))
    return MapFit(posterior, prior, jac[:n] @ chol_inv * sigma, -residual[:n] * sigma, sigma, float(best.cost), tuple(reached), nfev)


def _lost(ends: Sequence[Any], errors: Sequence[ConvergenceError | None], prior: Gaussian, chol: Any) -> ConvergenceError:
    """Why no start converged: the best end among those where the model could be evaluated, else what the model said."""
    fix = "check the units of the runs and the prior's reference temperature"
    good = [r for r, e in zip(ends, errors, strict=True) if e is None]
    if not good:
        said = next((e for e in errors if e is not None), None)
        return ConvergenceError(
            f"the fit converged from none of its {len(ends)} starts: the model can't be evaluated ({said.message if said else 'no start'})",
            fix=fix,
            residuals=said.residuals if said else {},
            last_good={**(said.last_good if said else {}), "parameters of the prior": prior.mean.tolist()},
        )
    end = min(good, key=lambda r: float(r.cost))
    return ConvergenceError(
        f"the fit converged from none of its {len(ends)} starts in {end.nfev} evaluations each at most",
        fix=f"{fix}; begin from the last good point",
        residuals={"half the sum of weighted squares": float(end.cost), "its largest slope": float(end.optimality)},
        last_good={"parameters": (prior.mean + chol @ end.x).tolist()},
    )


@frozen
class SamplerCheck:
    """How far the Laplace posterior is from the true one, by importance sampling.

    Args:
        n: draws.
        effective: effective sample size of the weighted draws.
        mean_shift: largest |weighted mean - Laplace mean| over Laplace std.
        std_ratio_min, std_ratio_max: weighted std over Laplace std, smallest and largest.
    """

    n: int
    effective: float
    mean_shift: float
    std_ratio_min: float
    std_ratio_max: float


def check_posterior(predict: Callable[[Array], Array], y: Array, fit: MapFit, *, n: int = 200, seed: int = 0, inflate: float = 1.15) -> SamplerCheck:
    """Weigh draws of a widened Laplace posterior by the exact posterior (importance sampling).

    Args:
        predict: thetas (n, K) -> predictions (n, N).
        y: observations (N,).
        fit: the fit to check.
        n: draws.
        seed: of the draws.
        inflate: factor on the standard deviations of the proposal.
    """
    k = len(fit.prior.mean)
    chol = np.linalg.cholesky(fit.posterior.cov)
    unit = np.random.default_rng(seed).standard_normal((n, k))
    theta = fit.posterior.mean + inflate * unit @ chol.T
    f = predict(theta)
    prior_z = np.linalg.solve(np.linalg.cholesky(fit.prior.cov), (theta - fit.prior.mean).T)
    log_w = -0.5 * (((y - f) / fit.sigma) ** 2).sum(1) - 0.5 * (prior_z**2).sum(0) + 0.5 * (unit**2).sum(1)
    weight = np.exp(log_w - log_w.max())
    weight /= weight.sum()
    mean = weight @ theta
    std = np.sqrt(weight @ (theta - mean) ** 2)
    ratio = std / fit.posterior.std
    return SamplerCheck(n, float(1 / (weight**2).sum()), float(np.max(np.abs(mean - fit.posterior.mean) / fit.posterior.std)), float(ratio.min()), float(ratio.max()))
