"""A trained hybrid: models with their weights, predictions with spread and domain, and the house's one Hybrid made of the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import InputError
from chemwright.kinetics.hybrid.fit import Fit
from chemwright.kinetics.hybrid.law import HybridLaw
from chemwright.kinetics.hybrid.problem import References
from chemwright.kinetics.hybrid.residual import OutputResidual, rows_of
from chemwright.kinetics.observables import Observable
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import names_of, readings
from chemwright.model.hybrid import Hybrid
from chemwright.model.posterior import Gaussian, MapFit
from chemwright.model.protocol import Array, Prediction

KINDS = ("mechanism", "rate", "rate_factor", "missing_rate", "residual", "closure")


@frozen(eq=False)
class Member:
    """One model of a trained hybrid.

    Args:
        law: mechanism and what is learned inside of it.
        fit: on [theta, w], then the residual's weights.
        weight: its share of the answer.
        words: what was learned, in words.
        residual: the learned residual on outputs, if any.
    """

    law: HybridLaw
    fit: Fit
    weight: float
    words: str
    residual: OutputResidual | None = None


def _members(value: Any) -> tuple[Member, ...]:
    return tuple(value)


@frozen(eq=False)
class HybridModel:
    """A mechanism with its learned part, trained on runs.

    Args:
        kind: one of :data:`KINDS`.
        species, observables: of the runs.
        members: models, the best first; their weights sum to one.
        references: what it was trained on.
        log_evidence: of the best member.
        left_out: log predictive density of left-out runs, best member.
        left_out_rmse: root mean square error on left-out runs over the spread of the data, by observable then over all.
        coverage: share of the readings of left-out runs within their 90 % intervals.
        typical_std: of each observable's readings as they were given, shape (m,); the fit's noise factors stand on it.
        sources: ids of what it rests on.
    """

    kind: str
    species: tuple[str, ...]
    observables: tuple[Observable, ...]
    members: tuple[Member, ...] = field(converter=_members)
    references: References
    log_evidence: float
    left_out: float
    left_out_rmse: float
    coverage: float
    typical_std: Array
    sources: tuple[str, ...] = ()

    @property
    def best(self) -> Member:
        """The member of most evidence."""
        return self.members[0]

    @property
    def law(self) -> HybridLaw:
        """The best member's rate law: reactors, tanks and collocation take it unchanged, with :attr:`theta`."""
        return self.best.law

    @property
    def theta(self) -> Array:
        """The best member's parameters [theta, w] of its law."""
        return self.best.fit.posterior.mean[: self.law.n_parameters]

    @property
    def cov(self) -> Array:
        """Joint posterior covariance of :attr:`theta`."""
        n = self.law.n_parameters
        return self.best.fit.posterior.cov[:n, :n]

    def predict(self, runs: RunSet | Run | Sequence[Run]) -> list[Prediction]:
        """Readings at the times of each run, one Prediction a run: mean and std (n, m), noise (m,), domain (n,).

        The spread holds the joint posterior of mechanism and learned part and how far the models of the answer differ.

        Args:
            runs: over the species of the training; their readings are not used.

        Raises:
            ConvergenceError: a run can't be integrated.
        """
        given = (runs,) if isinstance(runs, Run) else tuple(runs.runs if isinstance(runs, RunSet) else runs)
        out = []
        for run in given:
            if len(run.feed) != len(self.species):
                raise InputError(f"{len(run.feed)} feeds for {len(self.species)} species", where=f"run {run.id!r}", fix=f"give {', '.join(self.species)}")
            blank = evolve(run, observed=np.full((len(run.times), len(self.observables)), np.nan), std=None)
            rows = [self._member(m, blank) for m in self.members]
            w = np.array([m.weight for m in self.members])
            mean = np.einsum("k,kij->ij", w, np.stack([r[0] for r in rows]))
            var = np.einsum("k,kij->ij", w, np.stack([r[1] + (r[0] - mean) ** 2 for r in rows]))
            noise = self.typical_std * np.sqrt(np.einsum("k,kj->j", w, np.stack([m.fit.scales**2 for m in self.members])))
            out.append(Prediction(mean, np.sqrt(var), noise, self.best.fit.dof, self.references.inside(run), self.sources))
        return out

    def _member(self, m: Member, run: Run) -> tuple[Array, Array]:
        """Mean and variance (n, m) of one member."""
        runs = RunSet(self.species, self.observables, (run,))
        n = m.law.n_parameters
        y, jac = readings(m.law, runs, run, m.fit.posterior.mean[:n])
        var: Array = np.zeros(y.shape)
        if m.residual is not None:
            x = rows_of(runs, taken=False)
            f, df = m.residual.design(x, m.fit.posterior.mean[n:])
            y = y + f.reshape(y.shape)
            jac = np.concatenate([jac, df.reshape(*y.shape, -1)], axis=2)
            var = m.residual.unexplained(x).reshape(y.shape)
        return y, np.einsum("nmi,ij,nmj->nm", jac, m.fit.posterior.cov, jac) + var

    def hybrid(self, reactor: str = "batch") -> Hybrid:
        """The best member as the house's one Hybrid: conditions are rows [feed (S) mol/m^3, temperature K, time s, place of the observable].

        It evaluates, predicts and enters forecasts as any other; its mechanism holds the law for reactors and flowsheets.
        """
        m, n = self.best, self.law.base.n_parameters
        mechanism = RunMechanism(m.law, self.species, self.observables, reactor)
        f = m.fit
        sigma = float(np.sqrt(np.mean(f.sigma**2)))
        even = sigma / f.sigma  # MapFit has one noise for all
        fit = MapFit(f.posterior, f.prior, f.jacobian * even[:, None], f.residual * even, sigma, 0.0, f.starts, f.nfev)
        base = Gaussian(f.prior.mean[:n], f.prior.cov[:n, :n])
        corners = np.vstack([np.concatenate([self.references.low, [0.0]]), np.concatenate([self.references.high, [len(self.observables) - 1.0]])])
        if m.residual is not None:
            return Hybrid(mechanism, base, m.residual, "residual", sigma=sigma, fit=fit, x_train=corners, sources=self.sources)
        if not m.law.parts:
            return Hybrid(mechanism, base, sigma=sigma, fit=fit, x_train=corners, sources=self.sources)
        return Hybrid(mechanism, base, LearnedRates(m.law), "closure", sigma=sigma, fit=fit, x_train=corners, sources=self.sources)


@frozen(eq=False)
class LearnedRates:
    """All learned parts of a law as one learner of the state; its value is that of the first part."""

    law: HybridLaw
    smooth: bool = True

    @property
    def n_weights(self) -> int:
        """Of all parts."""
        return self.law.n_parameters - self.law.base.n_parameters

    def evaluate(self, x: Any, w: Any) -> Any:
        """The first part's factor or rate at a state [c, T]."""
        first = self.law.parts[0]
        return first.value(x, [w[i] for i in range(first.n_weights)])

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """The first part's value (N,) and its slopes (N, n_weights) at states."""
        theta = np.concatenate([np.zeros(self.law.base.n_parameters), w])
        value, slope = self.law.learned(x, theta)[0]
        return value, np.hstack([slope, np.zeros((len(x), self.n_weights - slope.shape[1]))])


@frozen(eq=False)
class RunMechanism:
    """A rate law in an ideal reactor as a Mechanism: rows x = [feed (S), temperature, time, place of the observable] to readings."""

    law: HybridLaw
    species: tuple[str, ...]
    observables: tuple[Observable, ...]
    reactor: str = "batch"

    @property
    def names(self) -> tuple[str, ...]:
        """The law's."""
        return names_of(self.law)

    def evaluate(self, theta: Array, x: Array, *, jacobian: bool = True) -> tuple[Array, Array]:
        """Readings (N,) and sensitivities (N, P); theta (P,) or one row each (N, P).

        Raises:
            ConvergenceError: a run can't be integrated.
        """
        p = self.law.n_parameters
        each = np.broadcast_to(np.asarray(theta, dtype=float), (len(x), p))
        y, jac = np.zeros(len(x)), np.zeros((len(x) if jacobian else 0, p))
        groups: dict[bytes, list[int]] = {}
        for i, row in enumerate(x):
            groups.setdefault(np.concatenate([row[:-2], each[i]]).tobytes(), []).append(i)
        for rows in groups.values():
            times, place = np.unique(x[rows, -2], return_inverse=True)
            s, i = len(self.species), rows[0]
            run = Run("row", self.reactor, x[i, :s], float(x[i, s]), times, np.full((len(times), len(self.observables)), np.nan))
            value, slope = readings(self.law, RunSet(self.species, self.observables, (run,)), run, each[i], slopes=jacobian)
            which = x[rows, -1].astype(int)
            y[rows] = value[place, which]
            if jacobian:
                jac[rows] = slope[place, which]
        return y, jac
