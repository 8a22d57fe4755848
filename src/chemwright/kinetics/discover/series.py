"""Concentration-time data laid out for the search: changes since the feed, smoothed curves, and the noise of each species."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.errors import InputError
from chemwright.kinetics.discover.smooth import smooth
from chemwright.kinetics.observables import Linear
from chemwright.kinetics.runs import RunSet, TemperatureProfile
from chemwright.model.protocol import Array

LEAST_SAMPLES = 5


@frozen(eq=False)
class Course:
    """One batch run: sample times (n,), changes of the measured species (n, m), smoothed changes on a grid (G,), (G, m), feed (S,), temperature K."""

    id: str
    times: Array
    change: Array
    grid: Array
    curve: Array
    feed: Array
    temperature: float


@frozen(eq=False)
class Series:
    """All runs over the species; ``columns`` are the places of the measured ones, ``noise`` (m,) their standard deviations with ``dof`` degrees of freedom in all."""

    species: tuple[str, ...]
    columns: tuple[int, ...]
    courses: tuple[Course, ...]
    noise: Array
    dof: float
    notes: tuple[str, ...] = ()

    @property
    def measured(self) -> tuple[str, ...]:
        """Names of the measured species."""
        return tuple(self.species[j] for j in self.columns)

    @property
    def scaled(self) -> Array:
        """All changes over their noise, shape (N, m)."""
        return np.vstack([c.change for c in self.courses]) / self.noise


def series_of(runs: RunSet) -> Series:
    """Lay out the batch (or plug-flow) runs of a set.

    A species counts as measured when a column is its concentration and no run lacks it altogether; gaps within a run are bridged by the smoothed curve.

    Raises:
        InputError: a stirred tank, no measured concentration, or too few samples.
    """
    linear = [(i, o.terms[0][0]) for i, o in enumerate(runs.observables) if isinstance(o, Linear) and len(o.terms) == 1 and o.terms[0][1] == 1.0 and not o.offset]
    whole = [(i, s) for i, s in linear if all(np.isfinite(r.observed[:, i]).sum() >= LEAST_SAMPLES for r in runs.runs)]
    if not whole:
        raise InputError(
            "no species is measured often enough in every run",
            where="runs",
            fix=f"a network is sought from concentrations: {LEAST_SAMPLES} samples or more of a species in each run",
        )
    notes = [f"{s} is left out: fewer than {LEAST_SAMPLES} readings in a run" for i, s in linear if (i, s) not in whole]
    courses, rss, free = [], np.zeros(len(whole)), np.zeros(len(whole))
    for run in runs.runs:
        if run.reactor == "stirred_tank":
            raise InputError("a stirred tank shows no course in time", where=run.where or f"run {run.id!r}", fix="give batch or plug-flow runs")
        keep = np.concatenate([[run.times[0] > 0], np.diff(run.times) > 0])
        times, observed = run.times[keep], run.observed[keep]
        change, curve, grid = np.empty((len(times), len(whole))), [], np.zeros(0)
        for k, (i, s) in enumerate(whole):
            there = np.isfinite(observed[:, i])
            if there.sum() < LEAST_SAMPLES:
                raise InputError(f"{int(there.sum())} distinct times of {s}", where=run.where or f"run {run.id!r}", fix=f"sample {LEAST_SAMPLES} times or more")
            start = float(run.feed[runs.species.index(s)])
            fitted = smooth(times[there], observed[there, i], start)
            rss[k] += fitted.rss
            free[k] += fitted.free
            grid = np.linspace(0.0, times[-1], len(fitted.grid)) ** 1.0
            fine = np.interp(grid, fitted.grid, fitted.fine) - start
            curve.append(fine)
            change[:, k] = np.where(there, observed[:, i] - start, np.interp(times, grid, fine))
        heat = run.mean_temperature if isinstance(run.temperature, TemperatureProfile) else float(run.temperature)
        courses.append(Course(run.id, times, change, grid, np.array(curve).T, run.feed, heat))
    spread = np.abs(np.vstack([c.change for c in courses])).max(axis=0)
    noise = np.maximum(np.sqrt(rss / free), 1e-6 * max(float(spread.max()), 1e-30))
    return Series(runs.species, tuple(runs.species.index(s) for _, s in whole), tuple(courses), noise, float(free.sum()), tuple(notes))
