"""Runs as the data of a fit: observations in one row, models of them for any law, references and a default prior."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import InputError
from chemwright.kinetics.hybrid.fit import Data, Model
from chemwright.kinetics.observables import CONCENTRATION
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import names_of, readings, simulate
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw

RELTOL = 1e-7


@frozen(eq=False)
class References:
    """What concentrations, temperatures and rates are measured against.

    Args:
        c: of each species, mol/m^3: the largest feed for all species, so that powers compare; for a condition its own largest value.
        temperature: K.
        rate: mol/(m^3 s), the largest feed over a typical run.
        low, high: range of feeds (S,), temperature and time in the runs, shape (S + 2,).
    """

    c: Array
    temperature: float
    rate: float
    low: Array
    high: Array

    def inside(self, run: Run) -> NDArray[np.bool_]:
        """Whether each time of a run lies within the range of the runs that were learned from, shape (n,)."""
        state = np.concatenate([run.feed, [run.mean_temperature]])
        slack = 1e-9 * (1 + np.abs(self.high[:-1]))
        ok = bool(np.all((state >= self.low[:-1] - slack) & (state <= self.high[:-1] + slack)))
        return np.asarray(ok & (run.times <= self.high[-1] * (1 + 1e-9)), dtype=bool)


def references(runs: RunSet, conditions: tuple[str, ...] = ()) -> References:
    """From the runs; ``conditions`` are pseudo-species that hold operating conditions."""
    feeds = np.stack([r.feed for r in runs.runs])
    heat = np.array([r.mean_temperature for r in runs.runs])
    times = np.array([r.times[-1] for r in runs.runs])
    place = [runs.species.index(c) for c in conditions]
    real = [j for j in range(len(runs.species)) if j not in place]
    top = float(feeds[:, real].max(initial=0.0)) or 1.0
    c = np.full(len(runs.species), top)
    for j in place:
        c[j] = float(feeds[:, j].max()) or 1.0
    low, high = np.concatenate([feeds.min(0), [heat.min(), 0.0]]), np.concatenate([feeds.max(0), [heat.max(), times.max()]])
    typical = float(np.median(times)) or 1.0
    return References(c, float(1 / np.mean(1 / heat)), top / typical, low, high)


def default_prior(law: RateLaw, ref: References, n_species: int) -> Gaussian:
    """The law's own ``start``; for mass action ln k about a typical run's pace (sd 4) and Ea 70 +/- 30 kJ/mol.

    Raises:
        InputError: another law without a start.
    """
    start: Any = getattr(law, "start", None)
    if start is not None:
        return Gaussian(np.array(start.mean, dtype=float), np.array(start.cov, dtype=float))
    names = names_of(law)
    if not all(n.startswith(("k.", "Ea.")) for n in names):
        raise InputError("the law has no prior of its own", where="prior", fix="give prior = Gaussian(mean, cov) over its parameters")
    # ln k such that the reaction runs at the reference rate with all its reactants at the reference concentration
    probe = np.array([0.0 if n.startswith("k.") else 70e3 for n in names])
    unit = np.array([abs(float(r)) for r in law.rates([float(c) for c in ref.c], ref.temperature, list(probe))])
    ln_k = iter(np.log(3 * ref.rate / np.where(unit > 0, unit, 1.0)))
    mean = np.array([next(ln_k) if n.startswith("k.") else 70e3 for n in names])
    return Gaussian(mean, np.diag([16.0 if n.startswith("k.") else 30e3**2 for n in names]))


def observations(runs: RunSet) -> Data:
    """All readings that were taken, run by run, time by time; of a single run each sample counts as a run that can be left out.

    Raises:
        InputError: none was.
    """
    y, std, observable, run, sample = [], [], [], [], 0
    for i, r in enumerate(runs.runs):
        for k, row in enumerate(r.observed):
            sample += 1
            for m, value in enumerate(row):
                if np.isfinite(value):
                    y.append(value)
                    std.append(1.0 if r.std is None else r.std[k, m])
                    observable.append(m)
                    run.append(i if len(runs.runs) > 1 else sample)
    if not y:
        raise InputError("no reading in any run", where="runs", fix="add a column of readings")
    largest = max(float(np.max(np.abs(y))), max(float(r.feed.max()) for r in runs.runs) if all(o.unit == CONCENTRATION for o in runs.observables) else 0.0)
    return Data(np.array(y), np.array(std), np.array(observable), np.array(run), len(runs.observables), 1e-6 * (largest or 1.0) / float(np.median(std)))


def model_of(law: RateLaw, runs: RunSet, reltol: float = RELTOL) -> Model:
    """phi -> predictions of the readings that were taken (N,), sensitivities (N, K)."""
    taken = [np.isfinite(r.observed) for r in runs.runs]

    def model(phi: Array) -> tuple[Array, Array]:
        pairs = [readings(law, runs, r, phi, reltol=reltol) for r in runs.runs]
        return np.concatenate([y[t] for (y, _), t in zip(pairs, taken, strict=True)]), np.concatenate([j[t] for (_, j), t in zip(pairs, taken, strict=True)])

    return model


def models_of(runs: RunSet) -> Callable[[RateLaw], Model]:
    """:func:`model_of` with the runs fixed."""
    return lambda law: model_of(law, runs)


def visited(law: RateLaw, runs: RunSet, theta: Array) -> Array:
    """States [c, T] at all sampling times, shape (N, S + 1)."""
    rows = []
    for r in runs.runs:
        c = simulate(law, r, theta)
        heat = np.full(len(c), r.temperature) if isinstance(r.temperature, float) else r.temperature.at(r.times)  # type: ignore[union-attr]
        rows.append(np.hstack([c, heat[:, None]]))
    return np.vstack(rows)
