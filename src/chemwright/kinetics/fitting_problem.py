"""The regression problem of a rate law on runs: readings in one vector, the model of them with its slopes, priors and first noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import ConvergenceError, InputError, did_you_mean
from chemwright.kinetics.network import Network
from chemwright.kinetics.runs import RunSet
from chemwright.kinetics.simulate import names_of, readings, species_of
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw

DECADE = math.log(10.0)
LN_K_STD, EA_MEAN, EA_STD = 3 * DECADE, 70e3, 50e3
"""The prior of mass action where none is given: ln k within three decades of the data's own time scale, Ea 70 +/- 50 kJ/mol."""
NOISE_START, NOISE_FLOOR = 0.05, 1e-4
"""First noise and least noise, as shares of the range of an observable's readings."""
NOISES = ("constant", "relative")
SMALL = 0.05
"""Share of an observable's largest reading below which relative noise falls no further: no detector's noise goes to zero."""


def kinds_of(law: RateLaw | Sequence[str]) -> tuple[str, ...]:
    """What each parameter is: ``log`` (fitted on its logarithm), ``energy`` (J/mol) or ``plain``.

    As the law's ``numbers`` say, where it has them; else by name: constants begin with k or K, energies with Ea or dH.
    """
    names = tuple(law) if isinstance(law, Sequence) else names_of(law)
    told = {n.name: "log" if n.log else "plain" for n in getattr(law, "numbers", ())}

    def kind(name: str) -> str:
        if name in told:
            return told[name]
        if name[:2] in ("Ea", "dH"):
            return "energy"
        return "log" if name[:1] in ("k", "K") and (len(name) == 1 or not name[1].isalpha()) else "plain"

    return tuple(kind(n) for n in names)


def default_prior(law: RateLaw, runs: RunSet) -> Gaussian:
    """A prior where the user gives none: the law's own, or for mass action a wide one about the time scale of the sampling.

    Raises:
        InputError: a law without a prior of its own that is not mass action.
    """
    own = getattr(law, "start", None)
    if isinstance(own, Gaussian):
        return own
    network = getattr(law, "network", None)
    if not isinstance(network, Network) or law.n_parameters != 2 * len(network.reactions):
        raise InputError("this rate law has no prior of its own", where="prior", fix="give prior=Gaussian(mean, cov) over its parameters")
    times = np.concatenate([r.times for r in runs.runs])
    middle = float(np.exp(np.mean(np.log(times[times > 0])))) if np.any(times > 0) else 1.0
    feed = float(np.median([r.feed.max() for r in runs.runs])) or 1.0
    order = np.array([sum(n for _, n in r.reactants) for r in network.reactions])
    n = len(order)
    mean = np.concatenate([-np.log(middle) - (order - 1) * np.log(feed), np.full(n, EA_MEAN)])
    return Gaussian(mean, np.diag([LN_K_STD**2] * n + [EA_STD**2] * n))


@frozen(eq=False)
class Problem:
    """Readings of all runs in one vector of length N, those not taken left out.

    Args:
        law: rates.
        runs: over the law's species.
        prior: on the parameters.
        y: readings, SI, (N,).
        column, run, sample: index of the observable, of the run, and of the sample in the run, (N,).
        std: known standard deviations (N,), or ``None``.
        weight: what the noise of each observable is a multiple of, (N,): 1, or the size of the reading.
    """

    law: RateLaw
    runs: RunSet
    prior: Gaussian
    y: Array
    column: Any
    run: Any
    sample: Any
    std: Array | None
    weight: Array
    count: dict[str, int] = field(factory=lambda: {"evaluations": 0, "failures": 0})

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names."""
        return names_of(self.law)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What each parameter is, as :func:`kinds_of` has it."""
        return kinds_of(self.law)

    @property
    def time(self) -> Array:
        """Time of each reading, s."""
        return np.array([self.runs.runs[i].times[k] for i, k in zip(self.run, self.sample, strict=True)])

    @property
    def n_columns(self) -> int:
        """Number of observables."""
        return len(self.runs.observables)

    def evaluate(self, theta: Array, reltol: float, slopes: bool = True) -> tuple[Array, Array]:
        """Readings by the model (N,) and slopes (N, P), empty when not asked for.

        Raises:
            ConvergenceError: a run can't be integrated with these parameters.
        """
        self.count["evaluations"] += 1
        f, jac = np.empty(len(self.y)), np.empty((len(self.y) if slopes else 0, self.law.n_parameters))
        at = 0
        try:
            for run in self.runs.runs:
                y, s = readings(self.law, self.runs, run, theta, slopes=slopes, reltol=reltol)
                taken = np.isfinite(run.observed)
                n = int(taken.sum())
                f[at : at + n] = y[taken]
                if slopes:
                    jac[at : at + n] = s[taken]
                at += n
        except ConvergenceError:
            self.count["failures"] += 1
            raise
        if not (np.all(np.isfinite(f)) and np.all(np.isfinite(jac))):
            self.count["failures"] += 1
            raise ConvergenceError("a reading or its slope is not finite", fix="check the rate constants' prior")
        return f, jac

    def spread(self) -> Array:
        """Range of each observable's readings, (m,); where all are equal, their size, or 1."""
        out = np.ones(self.n_columns)
        for j in range(self.n_columns):
            y = self.y[self.column == j]
            out[j] = np.ptp(y) or np.abs(y).max(initial=0.0) or 1.0
        return out

    def first_sigma(self) -> Array:
        """Noise to begin with, (N,): the known one, or a share of the range."""
        return self.std if self.std is not None else NOISE_START * self.unit()[self.column] * self.weight

    @property
    def relative(self) -> bool:
        """Whether the noise grows with the reading."""
        return bool(np.any(self.weight != 1.0))

    def unit(self) -> Array:
        """What first and least noise are shares of, (m,): the ranges, or 1 where the weights carry the size."""
        return np.ones(self.n_columns) if self.relative else self.spread()


def with_fresh(law: RateLaw, runs: RunSet) -> RunSet:
    """The runs with what a feed holds of a law's species that are no substances: an activity of 1, where the runs feed none."""
    fresh: dict[str, float] = getattr(law, "fresh", {})
    if not fresh:
        return runs
    first = np.array([fresh.get(s, 0.0) for s in runs.species])
    return evolve(runs, runs=tuple(evolve(r, feed=np.where(r.feed > 0, r.feed, first)) for r in runs.runs))


def problem_of(law: RateLaw, runs: RunSet, prior: Gaussian | None = None, noise: str = "constant") -> Problem:
    """The problem of a law on runs; ``noise`` is ``constant``, or ``relative`` to the readings.

    Raises:
        InputError: an unknown noise, species that don't fit, a prior of another size, or fewer readings than one.
    """
    runs = with_fresh(law, runs.over(species_of(law, runs.species)))
    prior = prior or default_prior(law, runs)
    if noise not in NOISES:
        raise InputError(f"noise {noise!r}", where="noise", fix=did_you_mean(noise, NOISES))
    if len(prior.mean) != law.n_parameters or prior.cov.shape != (law.n_parameters,) * 2:
        raise InputError(f"a prior on {len(prior.mean)} parameters for a law with {law.n_parameters}", where="prior", fix=f"give one over {', '.join(names_of(law))}")
    taken = [np.argwhere(np.isfinite(r.observed)) for r in runs.runs]
    y = np.concatenate([r.observed[np.isfinite(r.observed)] for r in runs.runs])
    if not len(y):
        raise InputError("no readings in any run", where="runs", fix="give at least one reading")
    with_std = [r.std is not None for r in runs.runs]
    if any(with_std) and not all(with_std):
        bad = runs.runs[with_std.index(False)]
        raise InputError("a run without standard deviations, where others have them", where=bad.where or f"run {bad.id!r}", fix="give them for all runs, or for none")
    std = np.concatenate([r.std[np.isfinite(r.observed)] for r in runs.runs if r.std is not None]) if all(with_std) else None
    at = np.concatenate(taken)
    weight = np.ones(len(y))
    if noise == "relative":
        largest = np.array([np.abs(y[at[:, 1] == j]).max(initial=0.0) or 1.0 for j in range(len(runs.observables))])
        weight = np.maximum(np.abs(y), SMALL * largest[at[:, 1]])
    return Problem(law, runs, prior, y, at[:, 1], np.repeat(np.arange(len(taken)), [len(t) for t in taken]), at[:, 0], std, weight)
