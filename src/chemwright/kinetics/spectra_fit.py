"""Kinetic parameters and pure spectra from absorbance-time matrices, in one fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics.exchanges import Alternatives, in_words, near, swapped
from chemwright.kinetics.simulate import sensitivities, simulate
from chemwright.kinetics.spectra import Ambiguity, Projection, SpectraSet, ambiguities, components, noise_by_components, project, residual_slopes, stacked
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array

ROUNDS = 2  # of the noise from the residual
Progress = Callable[[str, float | None], None] | None


@frozen(eq=False)
class SpectraFit:
    """Result of a fit.

    Args:
        names: of the parameters.
        species: of the network.
        posterior: of the parameters (Laplace), the spectra's uncertainty included.
        objective: half the sum of weighted squares at the optimum, prior included.
        coefficients, coefficients_std: molar absorption coefficients (S, W), m^2/mol, with standard deviations (0 where known or held at zero).
        concentrations: at all times, shape (N, S).
        residual: shape (N, W).
        noise: standard deviation at each wavelength, shape (W,).
        ambiguities: spectra that the data leave open.
        seen, expected: independent species in the absorbances, and in the fitted concentrations that absorb.
        alternatives: (objective above the best, parameters) of other minima that fit as well within noise.
        starts: objective from every start, inf where it failed.
    """

    names: tuple[str, ...]
    species: tuple[str, ...]
    posterior: Gaussian
    objective: float
    coefficients: Array
    coefficients_std: Array
    concentrations: Array
    residual: Array
    noise: Array
    ambiguities: tuple[Ambiguity, ...]
    seen: int
    expected: int
    alternatives: Alternatives
    starts: tuple[float, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user must know before using the spectra."""
        out = [str(a) for a in self.ambiguities]
        if self.seen > self.expected:
            out.append(f"the absorbances show {self.seen} independent species, the network has {self.expected} that absorb: a species or a drift is missing")
        elif self.seen < self.expected:
            out.append(f"the absorbances show {self.seen} independent species, fewer than the {self.expected} fitted: some spectra are alike, or a species stays below the noise")
        out += [in_words(self.names, other) + "; give a pure spectrum" for other in self.alternatives]
        return tuple(out)

    @property
    def misfit(self) -> float:
        """Root mean square of the residual over the noise; near 1 when the noise was estimated, above when the model lacks something."""
        return float(np.sqrt(np.mean((self.residual / self.noise) ** 2)))


def concentrations_of(law: Any, data: SpectraSet, theta: Array, slopes: bool = True) -> tuple[Array, Array]:
    """Concentrations (N, S) of all runs and their slopes (N, S, P) (empty unless asked for).

    Raises:
        ConvergenceError: a run can't be integrated.
    """
    if slopes:
        return stacked([sensitivities(law, run, theta) for run in data.runs])
    return np.vstack([simulate(law, run, theta) for run in data.runs]), np.zeros((0, len(data.species), len(theta)))


def fit_spectra(
    law: Any, data: SpectraSet, prior: Gaussian | None = None, *, noise: Array | None = None, starts: int = 8, decades: float = 1.5, seed: int = 0, progress: Progress = None
) -> SpectraFit:
    """Fit a network to absorbance-time matrices; pure spectra that are not known are solved for, none negative.

    Args:
        law: rates over the set's species.
        data: absorbances.
        prior: on the parameters; the law's own unless told.
        noise: standard deviation at each wavelength (W,); ``None``: estimated from the residual.
        starts: the prior's mean, and random ones around it.
        decades: half width of the random starts, for parameters on a logarithm; energies spread by their prior.
        seed: of the starts.
        progress: called with (text, share done) as starts are finished.

    Raises:
        InputError: species that differ, or no start given; ConvergenceError: no start converged.
    """
    if tuple(law.species) != data.species:
        raise InputError(f"spectra over {', '.join(data.species)}, a law over {', '.join(law.species)}", where="species", fix="give both the same species in the same order")
    given = prior or law.start
    sigma = np.asarray(noise, dtype=float) if noise is not None else noise_by_components(data.data, len(data.species) + 1)
    problem = _Problem(law, data, given)
    points = _starts(given, starts, decades, seed)
    ends = []
    for i, start in enumerate(points):
        ends.append(problem.solve(start, sigma))
        if progress is not None:
            progress(f"start {i + 1} of {len(points)}", (i + 1) / (len(points) + 2))
    best = _best(ends)
    for other in swapped(law.names, best[1]):
        ends.append(problem.solve(other, sigma))
    best = _best(ends)
    for _ in range(0 if noise is not None else ROUNDS):
        sigma = problem.noise(best[1])
        best = problem.solve(best[1], sigma)
        if not np.isfinite(best[0]):
            raise ConvergenceError("the fit did not converge with the estimated noise", where="spectra", fix="give the noise")
    alternatives = near(lambda start: problem.solve(start, sigma), [e for e in ends if np.isfinite(e[0])], best, problem.posterior(best[1], sigma).cov)
    return problem.result(best, sigma, noise, alternatives, tuple(e[0] for e in ends))


def _best(ends: list[tuple[float, Array]]) -> tuple[float, Array]:
    found = min(ends, key=lambda e: e[0])
    if not np.isfinite(found[0]):
        raise ConvergenceError(f"the fit converged from none of its {len(ends)} starts", where="spectra", fix="check units, feeds, and the prior of the rate constants")
    return found


def _starts(prior: Gaussian, count: int, decades: float, seed: int) -> list[Array]:
    """The prior's mean, then uniform draws on logarithms within the decades; of other parameters within their prior."""
    rng = np.random.default_rng(seed)
    width = np.where(prior.std < 50.0, np.minimum(decades * np.log(10.0), 3 * prior.std), prior.std)
    return [prior.mean, *(prior.mean + rng.uniform(-1, 1, len(width)) * width for _ in range(max(count, 1) - 1))]


class _Problem:
    """Residuals, slopes and solutions of one fit; remembers the last point."""

    def __init__(self, law: Any, data: SpectraSet, prior: Gaussian) -> None:
        self.law, self.data, self.prior = law, data, prior
        self.chol = np.linalg.cholesky(prior.cov)
        self.last: tuple[bytes, tuple[Array, Array, Projection]] | None = None

    def at(self, theta: Array) -> tuple[Array, Array, Projection]:
        """Concentrations, slopes and projection at a point."""
        key = theta.tobytes()
        if self.last is None or self.last[0] != key:
            c, dc = concentrations_of(self.law, self.data, theta)
            self.last = (key, (c, dc, project(self.data, c)))
        found: tuple[Array, Array, Projection] = self.last[1]
        return found

    def both(self, z: Array, sigma: Array) -> tuple[Array, Array]:
        """Weighted residual with the prior's behind it, and slopes, over the prior's whitened parameters."""
        theta = self.prior.mean + self.chol @ z
        k = len(z)
        try:
            c, dc, found = self.at(theta)
        except ConvergenceError:
            return np.full(self.data.data.size + k, 1e6), np.zeros((self.data.data.size + k, k))
        slopes = residual_slopes(self.data, c, dc, found) / sigma[:, None]
        return np.concatenate([(found.residual / sigma).ravel(), z]), np.vstack([slopes.reshape(-1, k) @ self.chol, np.eye(k)])

    def solve(self, start: Array, sigma: Array) -> tuple[float, Array]:
        """Half the sum of squares and the parameters reached; inf where the model can't be evaluated."""
        from scipy.optimize import least_squares

        memory: dict[bytes, tuple[Array, Array]] = {}

        def both(z: Array) -> tuple[Array, Array]:
            key = z.tobytes()
            if key not in memory:
                memory.clear()
                memory[key] = self.both(z, sigma)
            return memory[key]

        result = least_squares(lambda z: both(z)[0], np.linalg.solve(self.chol, start - self.prior.mean), jac=lambda z: both(z)[1], xtol=1e-9, ftol=1e-10, gtol=1e-8, max_nfev=100)
        good = result.status > 0 and np.isfinite(result.cost) and not np.all(both(result.x)[0][: self.data.data.size] == 1e6)
        return (float(result.cost) if good else float("inf")), self.prior.mean + self.chol @ result.x

    def noise(self, theta: Array) -> Array:
        """Noise at each wavelength from the residual, for the numbers that were fitted."""
        _, _, found = self.at(theta)
        n, w = found.residual.shape
        lost = found.free.sum(0) + len(theta) / w
        raw = np.sqrt((found.residual**2).sum(0) / np.maximum(n - lost, 1.0))
        floor = 1e-9 * float(np.max(np.abs(self.data.data), initial=1e-300))
        return np.maximum(raw, max(0.05 * float(np.median(raw)), floor))

    def posterior(self, theta: Array, sigma: Array) -> Gaussian:
        """Laplace posterior of the parameters, the spectra marginalised."""
        _, slopes = self.both(np.linalg.solve(self.chol, theta - self.prior.mean), sigma)
        cov = self.chol @ np.linalg.inv(slopes.T @ slopes) @ self.chol.T
        return Gaussian(theta, 0.5 * (cov + cov.T))

    def result(self, best: tuple[float, Array], sigma: Array, given: Array | None, alternatives: Alternatives, starts: tuple[float, ...]) -> SpectraFit:
        """Everything about the optimum."""
        c, dc, found = self.at(best[1])
        posterior = self.posterior(best[1], sigma)
        open_spectra = ambiguities(self.data, c)
        absorbing = [j for j, s in enumerate(self.data.species) if np.any(found.coefficients[j] > 0)]
        scaled = c[:, absorbing] / np.maximum(np.linalg.norm(c[:, absorbing], axis=0), 1e-300)
        expected = int(np.linalg.matrix_rank(scaled, tol=1e-6)) if absorbing else 0
        std = self._coefficients_std(c, dc, found, sigma, posterior)
        return SpectraFit(
            tuple(self.law.names),
            self.data.species,
            posterior,
            best[0],
            found.coefficients,
            std,
            c,
            found.residual,
            sigma,
            open_spectra,
            components(self.data, given)[0],
            expected,
            alternatives,
            starts,
        )

    def _coefficients_std(self, c: Array, dc: Array, found: Projection, sigma: Array, posterior: Gaussian) -> Array:
        """Standard deviations (S, W): noise at known concentrations, and the parameters' through dE = G^-1 (dC^T r - C^T dC E); infinite where left open."""
        length = self.data.path_length
        index = [self.data.species.index(s) for s in self.data.unknown]
        out = np.zeros_like(found.coefficients)
        for w in range(out.shape[1]):
            chosen = [i for i, free in zip(index, found.free[:, w], strict=True) if free]
            if not chosen:
                continue
            a, da = length * c[:, chosen], length * dc[:, chosen]
            gram = np.linalg.pinv(a.T @ a)
            moved = length * np.einsum("nsp,s->np", dc, found.coefficients[:, w])
            by_theta = gram @ (np.einsum("nup,n->up", da, found.residual[:, w]) - a.T @ moved)
            out[chosen, w] = np.sqrt(np.maximum(np.diag(gram) * sigma[w] ** 2 + np.sum((by_theta @ posterior.cov) * by_theta, axis=1), 0.0))
        for a_ in ambiguities(self.data, c):
            for s, _ in a_.weights:
                out[self.data.species.index(s)] = np.inf
        return out
