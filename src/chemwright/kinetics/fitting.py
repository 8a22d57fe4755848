"""Fit of a rate law to runs: many starts, exact sensitivities, noise estimated for each observable, posterior, likelihoods.

The noise of each observable is normal with its own standard deviation, known reading by reading or estimated with the parameters: it is set
to its residuals' root mean square, corrected for the parameters that they determined, until both agree (the fixed point of
restricted maximum likelihood). The likelihoods by which models are compared use the plain maximum-likelihood noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics.fitting_problem import DECADE, NOISE_FLOOR, Problem, problem_of
from chemwright.kinetics.fitting_search import Descent, Known, Whitened, descend
from chemwright.kinetics.runs import RunSet
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw

COARSE, FINE = 1e-4, 1e-8
"""Relative tolerance of the integrator: while searching, and at the end."""
FIRST_GAIN, SEARCH_GAIN, END_GAIN = 0.1, 1e-2, 1e-6
"""What another step may still gain, in log likelihood, where a first descent, a search and a fit end."""
BLUR = 10.0
"""By how much the first descent takes the noise larger: where the readings are flat in the parameters (all has reacted before the first sample,
or nothing before the last), their slopes are the integrator's own error, and the prior has to lead the way back."""
END_LIMIT = 250
NEARER = (1.0, 0.6, 0.3, 0.1)
POLISHED, NOISE_ROUNDS, NOISE_SETTLED = 3, 30, 1e-3
EA_LOW, EA_HIGH = 20e3, 120e3
SAME = 0.5
"""Distance between optima, in log likelihood, within which they are one."""

Progress = Callable[[str, float | None], None]


@frozen
class Start:
    """One start: how it ended, the optimum it reached (0 the best, then by rank, -1 none), its objective while searching, evaluations, CPU seconds."""

    status: str
    optimum: int
    objective: float
    evaluations: int
    cpu: float


@frozen(eq=False)
class RunFit:
    """A converged fit.

    Args:
        problem: law, runs, prior, readings.
        posterior: Laplace approximation at the optimum.
        sigma: noise standard deviation of each reading, (N,).
        f, jacobian: readings by the model (N,), slopes by the parameters (N, P).
        gain: what another step would gain, in log likelihood.
        starts: what each start came to.
        optima: objectives of the different optima, best first, less the best.
        cpu: seconds in all.
    """

    problem: Problem
    posterior: Gaussian
    sigma: Array
    f: Array
    jacobian: Array
    gain: float
    starts: tuple[Start, ...]
    optima: tuple[float, ...]
    cpu: float
    notes: tuple[str, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names."""
        return self.problem.names

    @property
    def theta(self) -> Array:
        """Parameters at the optimum, (P,)."""
        return self.posterior.mean

    @property
    def runs(self) -> RunSet:
        """The runs."""
        return self.problem.runs

    @property
    def correlation(self) -> Array:
        """Posterior correlations, (P, P)."""
        std = self.posterior.std
        return np.asarray(self.posterior.cov / np.outer(std, std), dtype=float)

    @property
    def residual(self) -> Array:
        """Readings less model, (N,)."""
        return np.asarray(self.problem.y - self.f, dtype=float)

    @property
    def leverage(self) -> Array:
        """Share of each reading that its own fit takes up, (N,): 0 to 1."""
        w = self.jacobian / self.sigma[:, None]
        return np.asarray(np.einsum("np,pq,nq->n", w, self.posterior.cov, w), dtype=float)

    @property
    def noise(self) -> dict[str, float]:
        """Noise standard deviation of each observable: SI, or a share of the reading where it is relative; the root mean square of the given ones where they were known."""
        share = self.sigma / self.problem.weight
        return {o.name: float(np.sqrt(np.mean(share[self.problem.column == j] ** 2))) for j, o in enumerate(self.runs.observables)}

    @property
    def chi_square(self) -> float:
        """Sum of squares over the known noise, over the degrees of freedom; 1 by construction where the noise is estimated."""
        r = self.residual / self.sigma
        return float(r @ r / max(len(r) - self.leverage.sum(), 1.0))

    @property
    def n_estimated(self) -> int:
        """Numbers estimated: parameters, and noises where they were not known."""
        return len(self.theta) + (0 if self.problem.std is not None else self.problem.n_columns)

    @property
    def log_likelihood(self) -> float:
        """Log density of the readings at the optimum, the noise at its maximum-likelihood value."""
        return log_likelihood(self.problem, self.residual)

    @property
    def aicc(self) -> float:
        """Akaike's criterion with the correction for few readings (Hurvich and Tsai 1989, Biometrika 76, 297); inf with too few of them."""
        n, k = len(self.problem.y), self.n_estimated
        return float(-2 * self.log_likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1)) if n > k + 1 else float("inf")

    @property
    def bic(self) -> float:
        """Schwarz's criterion (1978, Ann. Statist. 6, 461)."""
        return float(-2 * self.log_likelihood + self.n_estimated * np.log(len(self.problem.y)))


def noise_of(problem: Problem, residual: Array, hat: Array) -> Array:
    """Noise of each reading (N,): known, or each observable's root mean square over what its parameters left free.

    Args:
        problem: the readings.
        residual: readings less model, (N,).
        hat: share of each reading that the fit takes up, (N,); zeros for maximum likelihood.
    """
    if problem.std is not None:
        return problem.std
    out, floor, scaled = np.empty(len(residual)), NOISE_FLOOR * problem.unit(), residual / problem.weight
    for j in range(problem.n_columns):
        mine = problem.column == j
        free = max(float(np.sum(1 - hat[mine])), 1e-3 * max(int(mine.sum()), 1))
        out[mine] = max(float(np.sqrt(np.sum(scaled[mine] ** 2) / free)), floor[j])
    return out * problem.weight


def log_likelihood(problem: Problem, residual: Array) -> float:
    """Log density of the readings: known noise, or each observable's maximum-likelihood one."""
    sigma = noise_of(problem, residual, np.zeros(len(residual)))
    return float(-0.5 * np.sum((residual / sigma) ** 2 + np.log(2 * np.pi * sigma**2)))


def starting_points(prior: Gaussian, names: Sequence[str], kinds: Sequence[str], n: int, decades: float, seed: int) -> list[Array]:
    """The prior's mean, then n - 1 seeded points: constants off by up to ``decades`` each, energies of activation within 20 to 120 kJ/mol, the rest as the prior draws."""
    rng, kind = np.random.default_rng(seed), np.array(kinds)
    out, std = [prior.mean.copy()], prior.std
    for _ in range(n - 1):
        theta = prior.mean + std * rng.standard_normal(len(std))
        log = kind == "log"
        theta[log] = prior.mean[log] + rng.uniform(-decades, decades, int(log.sum())) * DECADE
        active = np.array([k.startswith("Ea") for k in names]) & (std > 10e3)
        theta[active] = rng.uniform(EA_LOW, EA_HIGH, int(active.sum()))
        fixed = std < 1e-3 * np.where(log, 1.0, np.where(kind == "energy", 1e4, 1.0))
        theta[fixed] = prior.mean[fixed]
        out.append(theta)
    return out


def fit_runs(
    law: RateLaw,
    runs: RunSet,
    prior: Gaussian | None = None,
    *,
    starts: int | Sequence[Array] = 20,
    decades: float = 3.0,
    seed: int = 0,
    noise: str = "constant",
    time_limit: float = 300.0,
    progress: Progress | None = None,
) -> RunFit:
    """Fit a rate law to runs.

    Args:
        law: rates; its ``species`` (or its network's) are matched to the runs' by name.
        runs: what was fed and read.
        prior: on the parameters; the law's own ``start``, or a wide one about the runs' time scale, when left out.
        starts: how many starting points, or the points themselves.
        decades: by how much the starts' rate constants are off, each way.
        seed: of the starting points.
        noise: ``constant`` for each observable, or ``relative`` to its readings; without meaning where the runs give standard deviations.
        time_limit: s; when it is reached no new start is made.
        progress: called with words and the share done.

    Raises:
        InputError: runs, law and prior that don't fit each other.
        ConvergenceError: no start converged (within the time limit): a plain message with the best point reached, and no answer.
    """
    problem = problem_of(law, runs, prior, noise)
    points = starting_points(problem.prior, problem.names, problem.kinds, starts, decades, seed) if isinstance(starts, int) else [np.asarray(p, dtype=float) for p in starts]
    if not points:
        raise InputError("no starting point", where="starts", fix="give one or more")
    begun, deadline = time.process_time(), time.monotonic() + time_limit
    rows, found = _search(problem, points, deadline, progress)
    best, ends = _polish(problem, found, deadline)
    space = Whitened(problem, best[1], FINE)
    hessian = space.quadratic(space.z(best[0].theta), best[0].f, best[0].jacobian)[2]
    cov = space.chol @ np.linalg.inv(hessian) @ space.chol.T
    merged = [s if s.optimum < 0 else _renumbered(s, ends) for s in rows]
    values = sorted({round(v, 6) for v in ends.values()})
    return RunFit(
        problem,
        Gaussian(best[0].theta, 0.5 * (cov + cov.T)),
        best[1],
        best[0].f,
        best[0].jacobian,
        best[0].gain,
        tuple(merged),
        tuple(values),
        time.process_time() - begun,
        _notes(len(points), rows),
    )


def _renumbered(start: Start, ends: dict[int, float]) -> Start:
    """The start with its optimum's rank among those polished; the others, worse while searching, share the number after."""
    rank = sorted(ends, key=lambda i: ends[i])
    return evolve(start, optimum=rank.index(start.optimum) if start.optimum in ends else len(ends))


def _search(problem: Problem, points: list[Array], deadline: float, progress: Progress | None) -> tuple[list[Start], list[tuple[Descent, Known]]]:
    """Coarse descents from every start at the first noise; the different optima, in the order found."""
    sigma = problem.first_sigma()
    space = Whitened(problem, sigma, COARSE)
    rows: list[Start] = []
    found: list[tuple[Descent, Known]] = []
    lost: list[Descent] = []
    for i, point in enumerate(points):
        if i and time.monotonic() > deadline:
            break
        if progress is not None:
            progress("starts", i / len(points))
        begun = time.process_time()
        best = min(found, key=lambda f: f[0].cost)[1] if found else None
        end = _from(problem, point, sigma, deadline, best)
        number = -1
        if end.status in ("converged", "joined"):
            z = space.z(end.theta)
            number = next((k for k, (_, known) in enumerate(found) if known.near(z)), len(found))
            if number == len(found):
                found.append((end, Known(z, space.quadratic(z, end.f, end.jacobian)[2], SAME)))
        else:
            lost.append(end)
        rows.append(Start(end.status, number, end.cost, end.evaluations, time.process_time() - begun))
    if not found:
        raise _lost(problem, lost, len(points))
    return rows, found


def _from(problem: Problem, point: Array, sigma: Array, deadline: float, best: Known | None) -> Descent:
    """Down from one start: with blurred readings first, then as they are."""
    for share in NEARER:  # where a start can't be integrated, nearer to the prior's mean
        at = problem.prior.mean + share * (point - problem.prior.mean)
        first = descend(problem, at, BLUR * sigma, reltol=COARSE, tolerance=FIRST_GAIN, deadline=deadline)
        if first.status != "failed":
            break
    if first.status in ("failed", "time"):
        return first
    end = descend(problem, first.theta, sigma, reltol=COARSE, tolerance=SEARCH_GAIN, deadline=deadline, known=best)
    return evolve(end, evaluations=first.evaluations + end.evaluations)


def _polish(problem: Problem, found: list[tuple[Descent, Known]], deadline: float) -> tuple[tuple[Descent, Array], dict[int, float]]:
    """The best optima with their own noise at fine tolerances; the best of them, and by how much each is worse."""
    order = sorted(range(len(found)), key=lambda i: found[i][0].cost)[:POLISHED]
    ends: dict[int, tuple[Descent, Array]] = {}
    for i in order:
        try:
            ends[i] = settle(problem, found[i][0].theta, deadline=deadline + 60.0)
        except ConvergenceError:
            if i == order[-1] and not ends:
                raise
    worth = {i: _objective(problem, *end) for i, end in ends.items()}
    least = min(worth, key=lambda i: worth[i])
    return ends[least], {i: v - worth[least] for i, v in worth.items()}


def _objective(problem: Problem, end: Descent, sigma: Array) -> float:
    """Minus the log posterior density but for a constant."""
    z = Whitened(problem, sigma, FINE).z(end.theta)
    return float(-log_likelihood(problem, problem.y - end.f) + 0.5 * z @ z)


def settle(problem: Problem, theta: Array, sigma: Array | None = None, *, deadline: float = np.inf) -> tuple[Descent, Array]:
    """Fine descents and estimates of the noise in turn, until both stay.

    Args:
        problem: readings and model.
        theta: where to begin.
        sigma: first noise of each reading (N,); from the residuals at ``theta`` when left out.
        deadline: of the monotonic clock.

    Returns:
        The descent's end and the noise of each reading (N,).

    Raises:
        ConvergenceError: it does not settle.
    """
    if sigma is None:
        sigma = noise_of(problem, problem.y - problem.evaluate(theta, FINE, False)[0], np.zeros(len(problem.y)))
    for _ in range(NOISE_ROUNDS):
        end = descend(problem, theta, sigma, reltol=FINE, tolerance=END_GAIN, limit=END_LIMIT, deadline=deadline)
        if end.status != "converged":
            raise _unsettled(problem, end)
        space = Whitened(problem, sigma, FINE)
        slope = end.jacobian @ space.chol / sigma[:, None]
        hat = np.einsum("np,pq,nq->n", slope, np.linalg.inv(slope.T @ slope + np.eye(slope.shape[1])), slope)
        new = noise_of(problem, problem.y - end.f, hat)
        if np.max(np.abs(new / sigma - 1)) < NOISE_SETTLED:
            return end, sigma
        theta, sigma = end.theta, new
    raise ConvergenceError(
        "parameters and noise do not settle on each other", where="fit", fix="give the standard deviations of the readings", last_good={"parameters": theta.tolist()}
    )


def _unsettled(problem: Problem, end: Descent) -> ConvergenceError:
    """A descent that did not converge, in words."""
    why = {
        "limit": "too many steps",
        "stuck": "no step is small enough: the model is not smooth there",
        "time": "the time limit was reached",
        "failed": "the model can't be integrated there",
    }
    return ConvergenceError(
        f"the fit did not converge: {why.get(end.status, end.status)}",
        where="fit",
        fix="simplify the network (a step much faster than the samples can be an equilibrium), narrow the prior, or give more time",
        residuals={"log likelihood that another step would gain": end.gain},
        last_good={"parameters": dict(zip(problem.names, end.theta.tolist(), strict=True))},
    )


def _lost(problem: Problem, ends: list[Descent], n: int) -> ConvergenceError:
    """No start converged, in words that say what stood in the way."""
    kinds = [e.status for e in ends]
    best = min(ends, key=lambda e: e.cost)
    share = problem.count["failures"] / max(problem.count["evaluations"], 1)
    why = "the time limit was reached first" if "time" in kinds else "the steps run out" if "limit" in kinds else "no step is small enough"
    if share > 0.3:
        why = f"the integrator fails at {100 * share:.0f} % of the points tried, which a stiff or near-singular network does"
    return ConvergenceError(
        f"the fit converged from none of {len(ends)} starts ({n} planned): {why}",
        where="fit",
        fix="check units and times; simplify the network (a step much faster than the samples can be an equilibrium), narrow the prior, or give more time",
        residuals={"log likelihood that another step would gain, best start": best.gain if np.isfinite(best.gain) else float("nan")},
        last_good={"parameters": dict(zip(problem.names, best.theta.tolist(), strict=True))} if np.isfinite(best.cost) else {},
    )


def _notes(planned: int, rows: Sequence[Start]) -> tuple[str, ...]:
    """What a reader of the fit must know about its search."""
    out = []
    if len(rows) < planned:
        out.append(f"the time limit was reached after {len(rows)} of {planned} starts")
    lost = sum(r.optimum < 0 for r in rows)
    if lost:
        out.append(f"{lost} of {len(rows)} starts did not converge")
    return tuple(out)
