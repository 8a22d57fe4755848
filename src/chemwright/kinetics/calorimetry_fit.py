"""Kinetic parameters, reaction enthalpies and the calorimeter's lag from heat-flow traces, in one fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError, InputError, did_you_mean
from chemwright.kinetics.calorimetry import HeatTrace, IntegralHeat, Lagged, ids_of, integral_heat
from chemwright.kinetics.exchanges import Alternatives, in_words, near, swapped
from chemwright.kinetics.simulate import sensitivities
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array

BASELINES = {"none": 0, "constant": 1, "linear": 2}
LEAST_LAG = 1e-3  # of the shortest step between readings: a lag that can't be seen
DEPENDENT = 1e-6  # of the largest singular value: below it enthalpies can't be told apart


@frozen(eq=False)
class HeatFit:
    """Result of a fit.

    Args:
        names: of the nonlinear parameters, ``lag`` (ln s) last where it was free.
        posterior: of them (Laplace), enthalpies and baselines marginalised.
        enthalpies, enthalpies_std: dH of every reaction, J/mol; std 0 where given, infinite where the traces can't tell.
        baselines: of each trace, coefficients over (1, t/t_end), W.
        noise: standard deviation of a reading, W.
        model: heat flow of each trace, W.
        residual: readings less model, W.
        integrals: of each trace, baseline taken off.
        predicted: heat that the fitted network gives off in each trace, J.
        notes: what can't be told, and checks that fail.
        starts: objective from each start; inf where it failed.
        alternatives: (objective above the best, parameters) of other minima that fit as well within noise.
    """

    names: tuple[str, ...]
    posterior: Gaussian
    enthalpies: dict[str, float]
    enthalpies_std: dict[str, float]
    baselines: tuple[Array, ...]
    noise: float
    model: tuple[Array, ...]
    residual: tuple[Array, ...]
    integrals: tuple[IntegralHeat, ...]
    predicted: tuple[float, ...]
    notes: tuple[str, ...]
    starts: tuple[float, ...]
    alternatives: Alternatives


def fit_heat(
    law: Any,
    traces: Sequence[HeatTrace],
    enthalpies: Mapping[str, float] | None = None,
    *,
    lag: float | None = None,
    baseline: str = "constant",
    prior: Gaussian | None = None,
    starts: int = 6,
    decades: float = 1.5,
    seed: int = 0,
    progress: Callable[[str, float | None], None] | None = None,
) -> HeatFit:
    """Fit a network to heat-flow traces; enthalpies that are not given are solved for (they are linear, as are the baselines).

    Args:
        law: rates with ``species`` and reaction ids.
        traces: isothermal heat flows over the law's species.
        enthalpies: known ones by reaction id, J/mol.
        lag: of the calorimeter, s; 0 for none, ``None`` to fit it.
        baseline: ``none``, ``constant`` or ``linear``, of each trace.
        prior: on the law's parameters; its own unless told.
        starts, decades, seed: of the search, random starts around the prior.
        progress: called with (text, share done) as starts are finished.

    Raises:
        InputError: unknown reaction or baseline, or feeds over other species; ConvergenceError: no start converged.
    """
    known = dict(enthalpies or {})
    ids = ids_of(law)
    for i in known:
        if i not in ids:
            raise InputError(f"an enthalpy of {i!r}, which is no reaction", where="enthalpies", fix=did_you_mean(i, ids))
    if baseline not in BASELINES:
        raise InputError(f"baseline {baseline!r}", where="baseline", fix=did_you_mean(baseline, BASELINES))
    for t in traces:
        if len(t.run.feed) != len(law.species):
            raise InputError(f"{len(t.run.feed)} feeds for {len(law.species)} species", where=f"run {t.run.id!r}", fix="give one for each species of the law")
    if not traces:
        raise InputError("no traces", fix="give at least one")
    problem = _Problem(law, traces, known, lag, BASELINES[baseline], prior)
    points, ends = problem.starts(starts, decades, seed), []
    for done, start in enumerate(points, 1):
        ends.append(problem.solve(start))
        if progress is not None:
            progress(f"start {done} of {len(points)}", done / (len(points) + 2))
    best = min(ends, key=lambda e: e[0])
    if not np.isfinite(best[0]):
        raise ConvergenceError(f"the fit converged from none of its {len(ends)} starts", where="heat", fix="check units, feeds, volume, and the prior of the rate constants")
    ends += [problem.solve(s) for s in swapped(law.names, best[1])]
    best = min(ends, key=lambda e: e[0])
    for _ in range(2):
        problem.sigma = problem.noise(best[1])
        best = problem.solve(best[1])
    return problem.result(best, tuple(e[0] for e in ends), near(problem.solve, [e for e in ends if np.isfinite(e[0])], best, problem.posterior(best[1]).cov))


class _Problem:
    """Residuals and slopes of one fit."""

    def __init__(self, law: Any, traces: Sequence[HeatTrace], known: dict[str, float], lag: float | None, drift: int, prior: Gaussian | None) -> None:
        self.traces, self.known, self.ids, self.drift = tuple(traces), known, ids_of(law), drift
        scale = max(float(t.run.times[-1]) for t in traces)
        shortest = min(float(np.min(np.diff(t.run.times)[np.diff(t.run.times) > 0])) for t in traces)
        fixed = None if lag is None else max(lag, LEAST_LAG * shortest)
        self.law = Lagged(law, self.ids, scale, fixed, start_lag=3 * shortest)
        own = self.law.start
        if prior is not None:
            k = len(prior.mean)
            mean, cov = own.mean.copy(), own.cov.copy()
            mean[:k], cov[:k, :k] = prior.mean, prior.cov
            own = Gaussian(mean, cov)
        self.prior, self.chol = own, np.linalg.cholesky(own.cov)
        self.runs = [evolve(t.run, feed=np.append(t.run.feed, np.zeros(len(self.ids)))) for t in traces]
        self.free = [i for i, name in enumerate(self.ids) if name not in known]
        self.data = np.concatenate([t.heat for t in traces])
        rough = np.concatenate([np.diff(t.heat, 2) for t in traces])  # a smooth trace has next to no second differences
        self.sigma = max(float(np.median(np.abs(rough), axis=0)) / 0.6745 / np.sqrt(6.0) if len(rough) else 0.0, 1e-6 * float(np.max(np.abs(self.data), initial=1e-300)))

    def starts(self, count: int, decades: float, seed: int) -> list[Array]:
        """The prior's mean and random ones around it."""
        rng = np.random.default_rng(seed)
        width = np.where(self.prior.std < 50.0, np.minimum(decades * np.log(10.0), 3 * self.prior.std), self.prior.std)
        return [self.prior.mean, *(self.prior.mean + rng.uniform(-1, 1, len(width)) * width for _ in range(max(count, 1) - 1))]

    def basis(self, theta: Array) -> tuple[Array, Array, list[Array]]:
        """Heat flow per enthalpy of every reaction (N, R), W per J/mol, its slopes (N, R, P), and the concentrations of each run."""
        r, rows, slopes, held = len(self.ids), [], [], []
        for run, trace in zip(self.runs, self.traces, strict=True):
            c, dc = sensitivities(self.law, run, theta)
            rows.append(-trace.volume / self.law.scale * c[:, -r:])
            slopes.append(-trace.volume / self.law.scale * dc[:, -r:])
            held.append(c[:, :-r])
        return np.vstack(rows), np.concatenate(slopes), held

    def lines(self) -> Array:
        """Columns of the baselines (N, traces * drift)."""
        out = np.zeros((len(self.data), len(self.traces) * self.drift))
        at = 0
        for i, t in enumerate(self.traces):
            n = len(t.heat)
            for d in range(self.drift):
                out[at : at + n, i * self.drift + d] = (t.run.times / t.run.times[-1]) ** d
            at += n
        return out

    def linear(self, heats: Array) -> tuple[Array, Array, Array, Array]:
        """Solve for free enthalpies and baselines: coefficients, residual, orthonormal basis and pseudo-inverse of the design (columns scaled)."""
        given = heats @ np.array([self.known.get(i, 0.0) for i in self.ids])
        design = np.hstack([heats[:, self.free], self.lines()])
        size = np.linalg.norm(design, axis=0)
        size = np.where(size > 0, size, 1.0)
        u, s, vt = np.linalg.svd(design / size, full_matrices=False)
        keep = s > DEPENDENT * max(float(np.max(s, initial=0.0)), 1e-300)
        inverse = (vt[keep].T / s[keep] @ u[:, keep].T) / size[:, None]
        found = inverse @ (self.data - given)
        return found, self.data - given - design @ found, u[:, keep], inverse

    def both(self, z: Array) -> tuple[Array, Array]:
        """Weighted residual, the prior's behind it, and the slopes with the linear part projected out."""
        k = len(z)
        try:
            heats, slopes, _ = self.basis(self.prior.mean + self.chol @ z)
        except ConvergenceError:
            return np.full(len(self.data) + k, 1e6), np.zeros((len(self.data) + k, k))
        found, residual, u, inverse = self.linear(heats)
        enthalpy = np.array([self.known.get(i, 0.0) for i in self.ids])
        enthalpy[self.free] = found[: len(self.free)]
        moved = np.einsum("nrp,r->np", slopes, enthalpy)
        moved = moved - u @ (u.T @ moved)
        back = inverse[: len(self.free)].T @ np.einsum("nfp,n->fp", slopes[:, self.free], residual)
        jac = -(moved + back) @ self.chol / self.sigma
        return np.concatenate([residual / self.sigma, z]), np.vstack([jac, np.eye(k)])

    def solve(self, start: Array) -> tuple[float, Array]:
        """Half the sum of squares and the parameters reached; inf where the model can't be evaluated."""
        from scipy.optimize import least_squares

        memory: dict[bytes, tuple[Array, Array]] = {}

        def both(z: Array) -> tuple[Array, Array]:
            key = z.tobytes()
            if key not in memory:
                memory.clear()
                memory[key] = self.both(z)
            return memory[key]

        result = least_squares(lambda z: both(z)[0], np.linalg.solve(self.chol, start - self.prior.mean), jac=lambda z: both(z)[1], xtol=1e-9, ftol=1e-10, gtol=1e-8, max_nfev=100)
        good = result.status > 0 and np.isfinite(result.cost) and both(result.x)[0][0] != 1e6
        return (float(result.cost) if good else float("inf")), self.prior.mean + self.chol @ result.x

    def noise(self, theta: Array) -> float:
        """From the residual, for what was fitted."""
        heats, _, _ = self.basis(theta)
        _, residual, u, _ = self.linear(heats)
        floor = 1e-9 * float(np.max(np.abs(self.data), initial=1e-300))
        return max(float(np.sqrt(np.sum(residual**2) / max(len(residual) - u.shape[1] - len(theta), 1))), floor)

    def posterior(self, theta: Array) -> Gaussian:
        """Laplace posterior, the linear part marginalised."""
        _, jac = self.both(np.linalg.solve(self.chol, theta - self.prior.mean))
        cov = self.chol @ np.linalg.inv(jac.T @ jac) @ self.chol.T
        return Gaussian(theta, 0.5 * (cov + cov.T))

    def result(self, best: tuple[float, Array], starts: tuple[float, ...], others: Alternatives) -> HeatFit:
        """Everything about the optimum."""
        theta = best[1]
        posterior = self.posterior(theta)
        heats, slopes, held = self.basis(theta)
        found, residual, _, inverse = self.linear(heats)
        f = len(self.free)
        enthalpy = {i: self.known.get(i, 0.0) for i in self.ids} | {self.ids[j]: float(v) for j, v in zip(self.free, found[:f], strict=True)}
        moved = np.einsum("nrp,r->np", slopes, np.array([enthalpy[i] for i in self.ids]))
        by_theta = -inverse[:f] @ moved
        spread = self.sigma**2 * np.sum(inverse[:f] ** 2, axis=1) + np.sum((by_theta @ posterior.cov) * by_theta, axis=1)
        std = dict.fromkeys(self.ids, 0.0) | {self.ids[j]: float(np.sqrt(v)) for j, v in zip(self.free, spread, strict=True)}
        notes = self._open(heats, std)
        notes += [in_words(self.law.names, other) + "; give an enthalpy, or feed an intermediate" for other in others]
        lag = float(np.exp(theta[-1])) if self.law.lag is None else self.law.lag
        lines, out_model, out_residual, integrals, predicted, at = self.lines() @ found[f:], [], [], [], [], 0
        for trace, c in zip(self.traces, held, strict=True):
            n = len(trace.heat)
            here = slice(at, at + n)
            out_residual.append(residual[here])
            out_model.append(trace.heat - residual[here])
            integrals.append(integral_heat(trace, lag=lag, baseline=lines[here], noise=self.sigma))
            predicted.append(self._given_off(trace, c, enthalpy))
            notes += _check(trace, integrals[-1], predicted[-1])
            at += n
        base = tuple(found[f + i * self.drift : f + (i + 1) * self.drift] for i in range(len(self.traces)))
        return HeatFit(
            self.law.names, posterior, enthalpy, std, base, self.sigma, tuple(out_model), tuple(out_residual), tuple(integrals), tuple(predicted), tuple(notes), starts, others
        )

    def _given_off(self, trace: HeatTrace, c: Array, enthalpy: Mapping[str, float]) -> float:
        """-V sum dH xi between the first and the last reading, J; the extents from the concentrations."""
        extents = np.linalg.lstsq(self.law.law.stoichiometry.T, c[-1] - c[0], rcond=None)[0]
        return float(-trace.volume * sum(enthalpy[i] * x for i, x in zip(self.ids, extents, strict=True)))

    def _open(self, heats: Array, std: dict[str, float]) -> list[str]:
        """Enthalpies that the traces tell only in combination; their std becomes infinite."""
        if not self.free:
            return []
        design = np.hstack([heats[:, self.free], self.lines()])
        size = np.linalg.norm(design, axis=0)
        _, s, vt = np.linalg.svd(design / np.where(size > 0, size, 1.0), full_matrices=True)
        s = np.append(s, np.zeros(vt.shape[0] - len(s)))
        out = []
        for v in vt[s <= DEPENDENT * s[0]]:
            names = [self.ids[j] for j, w in zip(self.free, v, strict=False) if abs(w) > 1e-4]
            for name in names:
                std[name] = float("inf")
            out.append(f"the enthalpies of {', '.join(names)} are told only in combination: give one of them, or feed an intermediate")
        return out


def _check(trace: HeatTrace, found: IntegralHeat, predicted: float) -> list[str]:
    """What the integral of a trace says against the fit."""
    out = []
    if found.left > 0.05:
        out.append(
            f"run {trace.run.id!r}: the last reading is {100 * found.left:.0f} % of the largest: the trace was cut before the heat ended, its integral is not the heat of reaction"
        )
    if abs(found.total - predicted) > max(3 * found.std, 0.03 * abs(predicted)):
        out.append(f"run {trace.run.id!r}: the trace's integral is {found.total:.4g} J, the fitted network gives off {predicted:.4g} J: check volume, baseline and lag")
    return out
