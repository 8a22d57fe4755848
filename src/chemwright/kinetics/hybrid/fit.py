"""Fit of a law with learned parts: bounded least squares with exact sensitivities, noise by evidence, joint Laplace posterior, left-out runs.

The noise of every observable is s_m times the given standard deviations (1 where none are given), and s_m^2 = RSS_m/(N_m - g_m) with g_m the effective number of
parameters that observable m determines: MacKay's fixed point of the evidence (1992, Neural Comput. 4, 415).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import field, frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array

Model = Callable[[Array], tuple[Array, Array]]


@frozen(eq=False)
class Data:
    """Observations in one row.

    Args:
        y: observed values, shape (N,).
        std: their relative noise, shape (N,): given standard deviations, or ones.
        observable: place of the observable of each, shape (N,).
        run: place of the run of each, shape (N,).
        count: how many observables there are, also those without a reading; 0 for as many as have one.
        floor: the smallest noise factor: readings that all agree, as zeros do, are not known without end.
    """

    y: Array
    std: Array
    observable: Array
    run: Array
    count: int = 0
    floor: float = 1e-12

    @property
    def n_observables(self) -> int:
        """How many observables there are."""
        return self.count or (int(self.observable.max()) + 1 if len(self.observable) else 0)

    def spread(self) -> Array:
        """Standard deviation of each observable's readings over their relative noise, shape (m,); 1 where there is none."""
        rows = [(self.y / self.std)[self.observable == m] for m in range(self.n_observables)]
        return np.array([max(float(np.std(r)), self.floor) if len(r) else 1.0 for r in rows])

    def typical_std(self) -> Array:
        """Relative noise of each observable's readings, root mean square, shape (m,); 1 where there is none."""
        rows = [self.std[self.observable == m] for m in range(self.n_observables)]
        return np.array([float(np.sqrt(np.mean(r**2))) if len(r) else 1.0 for r in rows])


@frozen(eq=False)
class Fit:
    """A maximum a posteriori fit with its Laplace posterior.

    Args:
        posterior, prior: Gaussians on the K parameters.
        jacobian: dy/dphi at the optimum, shape (N, K).
        residual: observed minus predicted, shape (N,).
        scales: noise factor of each observable, shape (m,).
        sigma: noise standard deviation of each observation, shape (N,).
        log_evidence: Laplace's approximation with the noise at its optimum.
        starts: objective reached from each start, inf where it failed.
        nfev: evaluations of the model with sensitivities.
    """

    posterior: Gaussian
    prior: Gaussian
    jacobian: Array
    residual: Array
    scales: Array
    sigma: Array
    log_evidence: float
    starts: tuple[float, ...]
    nfev: int

    @property
    def effective_parameters(self) -> float:
        """How many parameters the data determine."""
        return float(self.leverage().sum())

    def leverage(self) -> Array:
        """Diagonal of the hat matrix, shape (N,)."""
        w = self.jacobian / self.sigma[:, None]
        return np.einsum("ni,ij,nj->n", w, self.posterior.cov, w)

    @property
    def dof(self) -> float:
        """Degrees of freedom behind the noise."""
        return max(len(self.residual) - self.effective_parameters, 1.0)

    def left_out(self, groups: Array) -> tuple[Array, Array, float]:
        """Errors of each group of observations predicted from the others, by one Gauss-Newton step (exact for a linear model).

        Args:
            groups: label of each observation, shape (N,): its run for leave-run-out.

        Returns:
            errors (N,), standard deviation of those predictions with noise (N,), and the log predictive density summed over the groups.
        """
        chol = np.linalg.cholesky(self.prior.cov)
        w, r = self.jacobian @ chol / self.sigma[:, None], self.residual / self.sigma
        z = np.linalg.solve(chol, self.posterior.mean - self.prior.mean)
        error, std, density = np.zeros(len(w)), np.zeros(len(w)), 0.0
        for g in np.unique(groups):
            rows, rest = groups == g, groups != g
            # a step from the whole fit, not a division by 1 - leverage, which is lost in round-off where a run alone tells something
            remaining = np.eye(w.shape[1]) + w[rest].T @ w[rest]
            step = np.linalg.solve(remaining, w[rest].T @ r[rest] - z)
            e = r[rows] - w[rows] @ step
            cov = np.eye(int(rows.sum())) + w[rows] @ np.linalg.solve(remaining, w[rows].T)
            error[rows], std[rows] = e * self.sigma[rows], np.sqrt(np.diag(cov)) * self.sigma[rows]
            half = 0.5 * e @ np.linalg.solve(cov, e) + 0.5 * np.linalg.slogdet(cov)[1]
            density -= float(half + np.log(self.sigma[rows]).sum() + 0.5 * rows.sum() * np.log(2 * np.pi))
        return error, std, density


def fit_laplace(
    model: Model, data: Data, prior: Gaussian, nonnegative: Sequence[int] = (), starts: Sequence[Array] = (), *, scales: Array | None = None, rounds: int = 3, max_nfev: int = 60
) -> Fit:
    """Best fit from several starts; noise and fit alternate from the best of them.

    Args:
        model: phi (K,) -> (predictions (N,), sensitivities (N, K)); may raise ConvergenceError.
        data: observations.
        prior: on phi; half-normal at the places in ``nonnegative``, whose prior has to be independent of the others.
        starts: starting points; the prior mean when none are given.
        scales: noise factors to begin with, shape (m,); from the spread of the data when left out.
        rounds: of noise and fit.
        max_nfev: evaluations in one optimisation.

    Raises:
        ConvergenceError: no start gave a finite fit. InputError: no observation.
    """
    if not len(data.y):
        raise InputError("no observation to fit", where="runs", fix="add at least one run with a measured value")
    chol: Array = np.asarray(np.linalg.cholesky(prior.cov), dtype=float)
    lower = np.full(len(prior.mean), -np.inf)
    for i in nonnegative:
        lower[i] = -prior.mean[i] / chol[i, i]
    task = _Task(model, data, prior, chol, lower, max_nfev)
    s: Array = np.maximum(0.1 * data.spread(), 1e4 * data.floor) if scales is None else np.array(scales, dtype=float)
    reached, best = [], None
    for start in starts if len(starts) else [prior.mean]:
        found = task.optimise(np.asarray(np.linalg.solve(chol, np.asarray(start, dtype=float) - prior.mean), dtype=float), s)
        reached.append(float("inf") if found is None else found[1])
        if found is not None and (best is None or found[1] < best[1] * (1 - 1e-9)):
            best = found
    if best is None:
        raise ConvergenceError(f"the fit converged from none of its {len(reached)} starts", fix="check units, feeds and the prior of the rate constants")
    z = best[0]
    for _ in range(rounds):
        new = task.noise(z, s)
        settled = bool(np.all(np.abs(np.log(new / s)) < 0.02))
        s = new
        if settled:
            break
        again = task.optimise(z, s)
        z = z if again is None else again[0]
    return task.result(z, s, tuple(reached))


@frozen(eq=False)
class _Task:
    """One fit: the model in whitened coordinates phi = mean + L z."""

    model: Model
    data: Data
    prior: Gaussian
    chol: Array
    lower: Array
    max_nfev: int
    count: list[int] = field(factory=lambda: [0])

    def both(self, z: Array) -> tuple[Array, Array]:
        """Predictions and whitened sensitivities; a model that can't be evaluated is far from everything."""
        self.count[0] += 1
        try:
            f, jac = self.model(self.prior.mean + self.chol @ z)
        except ConvergenceError:
            return np.full(len(self.data.y), 1e6), np.zeros((len(self.data.y), len(z)))
        return f, jac @ self.chol

    def optimise(self, z: Array, s: Array) -> tuple[Array, float] | None:
        """Optimum and objective from one start at fixed noise."""
        from scipy.optimize import least_squares

        sigma = s[self.data.observable.astype(int)] * self.data.std
        kept: dict[bytes, tuple[Array, Array]] = {}

        def look(at: Array) -> tuple[Array, Array]:
            key = at.tobytes()
            if key not in kept:
                kept.clear()
                f, jac = self.both(at)
                kept[key] = (np.concatenate([(f - self.data.y) / sigma, at]), np.vstack([jac / sigma[:, None], np.eye(len(at))]))
            return kept[key]

        start = np.maximum(z, self.lower + 1e-3)
        out = least_squares(lambda a: look(a)[0], start, jac=lambda a: look(a)[1], bounds=(self.lower, np.inf), xtol=1e-7, ftol=1e-8, gtol=1e-7, max_nfev=self.max_nfev)
        return (out.x, float(out.cost)) if np.isfinite(out.cost) and out.cost < 1e9 else None

    def cov(self, jac: Array, sigma: Array) -> Array:
        """Posterior covariance in whitened coordinates."""
        w = jac / sigma[:, None]
        return np.asarray(np.linalg.inv(w.T @ w + np.eye(w.shape[1])))

    def noise(self, z: Array, s: Array) -> Array:
        """The fixed point's next noise factors."""
        place = self.data.observable.astype(int)
        f, jac = self.both(z)
        sigma = s[place] * self.data.std
        w = jac / sigma[:, None]
        lever = np.einsum("ni,ij,nj->n", w, self.cov(jac, sigma), w)
        out = []
        for m in range(len(s)):
            rows = place == m
            r = ((self.data.y - f) / self.data.std)[rows]
            out.append(max(float(np.sqrt(r @ r / max(rows.sum() - lever[rows].sum(), 0.5))), self.data.floor) if len(r) else s[m])
        return np.array(out, dtype=float)

    def result(self, z: Array, s: Array, starts: tuple[float, ...]) -> Fit:
        """Posterior and evidence at the optimum."""
        from scipy.stats import norm

        f, jac = self.both(z)
        sigma = s[self.data.observable.astype(int)] * self.data.std
        cov = self.cov(jac, sigma)
        r = (self.data.y - f) / sigma
        evidence = -0.5 * r @ r - 0.5 * z @ z - np.log(sigma).sum() - 0.5 * len(r) * np.log(2 * np.pi) + 0.5 * np.linalg.slogdet(cov)[1]
        for i in np.flatnonzero(np.isfinite(self.lower)):
            evidence += np.log(2 * norm.cdf((z[i] - self.lower[i]) / np.sqrt(cov[i, i])))
        full = self.chol @ cov @ self.chol.T
        posterior = Gaussian(self.prior.mean + self.chol @ z, 0.5 * (full + full.T))
        return Fit(posterior, self.prior, np.asarray(np.linalg.solve(self.chol.T, jac.T).T, dtype=float), r * sigma, s, sigma, float(evidence), starts, self.count[0])
