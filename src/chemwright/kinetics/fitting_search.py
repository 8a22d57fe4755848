"""Descent of a regression problem: Gauss-Newton in a trust region, in parameters whitened by their prior.

The objective is 1/2 |(f - y)/sigma|^2 + 1/2 |z|^2 with theta = mean + L z and L L^T the prior's covariance. Steps solve
(H + mu I) dz = -g with mu so that |dz| keeps to the radius (More and Sorensen 1983, SIAM J. Sci. Stat. Comput. 4, 553). A point the integrator
can't do counts as a refused step. H is the Gauss-Newton matrix, or that plus a secant estimate of what it leaves out (Dennis, Gay and Welsch 1981,
ACM TOMS 7, 348), whichever foretold the last step better: on curved ridges, as constants make that can be exchanged for each other, Gauss-Newton creeps. The end is judged by what is left to gain, g^T H^-1 g / 2, in units of log likelihood: a number that means
the same whatever the scales, and not by a small step, which a narrow valley makes anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.kinetics.fitting_problem import Problem
from chemwright.model.protocol import Array

RADIUS, SMALLEST_RADIUS, LARGEST_RADIUS = 0.5, 1e-7, 4.0
STALLED_GAIN = 1e-4
"""Gain (log likelihood) that may be left where the integrator's own error hides it, or a curved ridge makes the steps short: one part in seventy of a
standard deviation."""


@frozen(eq=False)
class Descent:
    """Where a descent ended.

    Args:
        theta: parameters (P,).
        f, jacobian: readings by the model (N,) and slopes (N, P) there.
        cost: the objective.
        gain: what another step would gain, in log likelihood.
        status: ``converged``, ``joined`` (a known optimum), ``limit``, ``stuck``, ``failed`` (can't be integrated at the start), ``time``.
        evaluations: of the model.
    """

    theta: Array
    f: Array
    jacobian: Array
    cost: float
    gain: float
    status: str
    evaluations: int


@frozen(eq=False)
class Known:
    """An optimum found before: whitened parameters, Hessian and radius (in log likelihood) of its neighbourhood."""

    z: Array
    hessian: Array
    within: float = 0.5

    def near(self, z: Array) -> bool:
        """Whether a point lies in the neighbourhood, where only this optimum is."""
        d = z - self.z
        return bool(0.5 * d @ self.hessian @ d < self.within)


class Whitened:
    """A problem at a noise, in whitened parameters: residuals with those of the prior below, and their slopes."""

    def __init__(self, problem: Problem, sigma: Array, reltol: float) -> None:
        self.problem, self.sigma, self.reltol = problem, sigma, reltol
        self.chol = np.linalg.cholesky(problem.prior.cov)

    def z(self, theta: Array) -> Array:
        """Whitened parameters."""
        return np.asarray(np.linalg.solve(self.chol, theta - self.problem.prior.mean), dtype=float)

    def theta(self, z: Array) -> Array:
        """Parameters."""
        return np.asarray(self.problem.prior.mean + self.chol @ z, dtype=float)

    def at(self, z: Array) -> tuple[Array, Array]:
        """Readings by the model (N,) and slopes by theta (N, P)."""
        return self.problem.evaluate(self.theta(z), self.reltol)

    def quadratic(self, z: Array, f: Array, jac: Array) -> tuple[float, Array, Array]:
        """Objective, gradient (P,), Gauss-Newton Hessian (P, P)."""
        r, slope = self.parts(f, jac)
        return 0.5 * float(r @ r + z @ z), slope.T @ r + z, slope.T @ slope + np.eye(len(z))

    def parts(self, f: Array, jac: Array) -> tuple[Array, Array]:
        """Whitened residuals (N,) and their slopes by z (N, P)."""
        return (f - self.problem.y) / self.sigma, jac @ self.chol / self.sigma[:, None]


class Secant:
    """What the Gauss-Newton matrix leaves out, sum of r d2r/dz2, by symmetric rank-one updates; and whether to use it."""

    def __init__(self, n: int) -> None:
        self.matrix, self.used = np.zeros((n, n)), False

    def learn(self, step: Array, change: Array) -> None:
        """Take up that ``matrix @ step`` should be ``change``, (P,)."""
        size = abs(float(step @ self.matrix @ step))
        if size > 0:  # shrink first what an earlier, larger residual left
            self.matrix = self.matrix * min(1.0, abs(float(step @ change)) / size)
        off = change - self.matrix @ step
        across = float(off @ step)
        if abs(across) > 1e-6 * float(np.linalg.norm(off) * np.linalg.norm(step)):
            self.matrix = self.matrix + np.outer(off, off) / across

    def hessian(self, gauss_newton: Array) -> Array:
        """The matrix of the next step."""
        return gauss_newton + self.matrix if self.used else gauss_newton


def _step(hessian: Array, g: Array, radius: float) -> Array:
    """Minimiser of the quadratic in the ball; a Hessian that is not positive gives a step to the ball's edge."""
    value, vector = np.linalg.eigh(hessian)
    b, least = vector.T @ g, max(0.0, 1e-6 - float(value[0]))

    def length(mu: float) -> float:
        return float(np.linalg.norm(b / (value + mu)))

    if length(least) <= radius:
        return np.asarray(-vector @ (b / (value + least)), dtype=float)
    low, high = least, least + float(np.linalg.norm(g)) / radius
    for _ in range(60):
        middle = 0.5 * (low + high) if low > least else least + (high - least) * 1e-3
        low, high = (middle, high) if length(middle) > radius else (low, middle)
        if high - low <= 1e-2 * (high - least):
            break
    return np.asarray(-vector @ (b / (value + high)), dtype=float)


def _gain(hessian: Array, g: Array) -> float:
    """What a full step would gain; directions without a positive curvature count as if they had a tenth of the prior's."""
    value, vector = np.linalg.eigh(hessian)
    return 0.5 * float(np.sum((vector.T @ g) ** 2 / np.maximum(value, 0.1)))


def descend(
    problem: Problem,
    theta: Array,
    sigma: Array,
    *,
    reltol: float,
    tolerance: float,
    limit: int = 80,
    deadline: float = np.inf,
    known: Known | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Descent:
    """Go down from one point.

    Args:
        problem: readings and model.
        theta: where to begin.
        sigma: noise of each reading, (N,).
        reltol: of the integrator.
        tolerance: the gain (log likelihood) below which it has converged.
        limit: evaluations at most.
        deadline: of the clock, s.
        known: an optimum at which to stop early.
        clock: what the deadline is read from.
    """
    space = Whitened(problem, sigma, reltol)
    z, radius, n = space.z(theta), RADIUS, 1
    try:
        f, jac = space.at(z)
    except ConvergenceError:
        empty = np.full(len(problem.y), np.nan)
        return Descent(theta, empty, np.zeros((len(empty), len(theta))), np.inf, np.inf, "failed", 1)
    cost, g, gauss_newton = space.quadratic(z, f, jac)
    secant = Secant(len(z))
    while True:
        gain = _gain(secant.hessian(gauss_newton), g)
        status = _ended(gain, tolerance, known, z, n, limit, radius, clock() > deadline)
        if status:
            return Descent(space.theta(z), f, jac, cost, gain, status, n)
        step = _step(secant.hessian(gauss_newton), g, radius)
        n += 1
        try:
            new_f, new_jac = space.at(z + step)
            new_cost, new_g, new_gauss_newton = space.quadratic(z + step, new_f, new_jac)
        except ConvergenceError:
            radius = 0.25 * min(radius, float(np.linalg.norm(step)))
            continue
        foretold = [-float(g @ step + 0.5 * step @ h @ step) for h in (gauss_newton, gauss_newton + secant.matrix)]
        expected = foretold[1] if secant.used else foretold[0]
        secant.used = abs(foretold[1] - (cost - new_cost)) < abs(foretold[0] - (cost - new_cost))
        r, slope = space.parts(new_f, new_jac)
        secant.learn(step, (slope - space.parts(f, jac)[1]).T @ r)
        ratio = (cost - new_cost) / expected if expected > 0 else -1.0
        long = float(np.linalg.norm(step))
        if ratio < 0.2:
            radius = 0.3 * long
        elif ratio > 0.75 and long > 0.8 * radius:
            radius = min(2.5 * radius, LARGEST_RADIUS)
        if ratio > 1e-4:
            z, f, jac, cost, g, gauss_newton = z + step, new_f, new_jac, new_cost, new_g, new_gauss_newton


def _ended(gain: float, tolerance: float, known: Known | None, z: Array, n: int, limit: int, radius: float, late: bool) -> str:
    """Why a descent ends here; empty when it goes on."""
    if gain < tolerance:
        return "converged"
    if known is not None and known.near(z):
        return "joined"
    if late:
        return "time"
    if n >= limit or radius < SMALLEST_RADIUS:
        return "converged" if gain < STALLED_GAIN else "limit" if n >= limit else "stuck"
    return ""
