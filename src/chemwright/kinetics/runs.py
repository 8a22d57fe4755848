"""Kinetic runs in SI: what was fed, at which temperature, and what was read when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.observables import Observable, check_species, concentration
from chemwright.model.protocol import Array
from chemwright.record.fields import as_tuple

REACTORS = ("batch", "plug_flow", "stirred_tank")


def _row(values: Any) -> Array:
    return np.atleast_1d(np.asarray(values, dtype=float))


def _table(values: Any) -> Array:
    return np.atleast_2d(np.asarray(values, dtype=float))


def _optional_table(values: Any) -> Array | None:
    return None if values is None else _table(values)


@frozen(eq=False)
class TemperatureProfile:
    """A measured temperature: straight lines between times (s, increasing) and values (K); constant before and after."""

    times: Array = field(converter=_row)
    values: Array = field(converter=_row)

    def __attrs_post_init__(self) -> None:
        if len(self.times) != len(self.values) or len(self.times) < 2:
            raise InputError(f"{len(self.times)} times and {len(self.values)} temperatures", where="temperature", fix="give one temperature for each time, two or more")
        if not np.all(np.diff(self.times) > 0):
            raise InputError("the times of the temperature do not increase", where="temperature", fix="sort them, one temperature for each time")
        if not (np.all(np.isfinite(self.values)) and np.all(self.values > 0)):
            raise InputError("a temperature is not above 0 K", where="temperature", fix="give absolute temperatures")

    def at(self, time: Array | float) -> Array:
        """Temperature (K) at times (s)."""
        return np.asarray(np.interp(time, self.times, self.values), dtype=float)


@frozen(eq=False)
class Run:
    """One run.

    Args:
        id: unique in its set.
        reactor: ``batch``; ``plug_flow`` or ``stirred_tank`` with residence times as ``times``, each a steady state of its own.
        feed: concentrations at the start (batch) or inlet, shape (S,), mol/m^3.
        temperature: K; or a profile, of a batch only.
        times: sampling or residence times, shape (n,), s, not decreasing.
        observed: readings, shape (n, m), SI, nan where none was taken.
        std: their standard deviations where known, shape (n, m); ``None`` when the fit shall estimate the noise.
        where: file and rows it came from, for messages.
    """

    id: str
    reactor: str
    feed: Array = field(converter=_row)
    temperature: float | TemperatureProfile
    times: Array = field(converter=_row)
    observed: Array = field(converter=_table)
    std: Array | None = field(default=None, converter=_optional_table)
    where: str = ""

    def __attrs_post_init__(self) -> None:
        place = self.where or f"run {self.id!r}"
        if self.reactor not in REACTORS:
            raise InputError(f"{self.reactor!r} is not a reactor", where=place, fix=did_you_mean(self.reactor, REACTORS))
        if isinstance(self.temperature, TemperatureProfile):
            if self.reactor != "batch":
                raise InputError(f"a temperature that changes with time, in a {self.reactor}", where=place, fix="a flow reactor has one temperature: give each its own run")
        elif not (np.isfinite(self.temperature) and self.temperature > 0):
            raise InputError(f"the temperature is {self.temperature!r} K", where=place, fix="give an absolute temperature above 0 K")
        self._check_arrays(place)

    def _check_arrays(self, place: str) -> None:
        """Shapes and signs."""
        if not (np.all(np.isfinite(self.feed)) and np.all(self.feed >= 0)):
            raise InputError("a feed concentration is negative or not a number", where=place, fix="give mol/m^3, 0 for what is not fed")
        if not (len(self.times) and np.all(np.isfinite(self.times)) and np.all(self.times >= 0)):
            raise InputError("a time is negative or not a number", where=place, fix="count from the start of the reaction, in seconds")
        if np.any(np.diff(self.times) < 0):
            raise InputError("the times go back", where=place, fix="sort the samples by time, or give a second run its own id")
        if len(self.observed) != len(self.times):
            raise InputError(f"{len(self.times)} times and {len(self.observed)} rows of readings", where=place, fix="give one row for each time, nan where nothing was read")
        if np.any(np.isinf(self.observed)):
            raise InputError("a reading is infinite", where=place, fix="leave it out, or write nan")
        if self.std is not None:
            if self.std.shape != self.observed.shape:
                raise InputError(f"std has shape {self.std.shape}, the readings {self.observed.shape}", where=place, fix="give one for each reading")
            if not np.all(self.std[np.isfinite(self.observed)] > 0):
                raise InputError("a reading's standard deviation is not above zero", where=place, fix="give a positive one, or none at all to have it estimated")

    @property
    def n_readings(self) -> int:
        """Readings that were taken."""
        return int(np.isfinite(self.observed).sum())

    @property
    def mean_temperature(self) -> float:
        """K; of a profile the mean over the samples."""
        return float(np.mean(self.temperature.at(self.times))) if isinstance(self.temperature, TemperatureProfile) else float(self.temperature)


def _observables(values: Sequence[Observable | str]) -> tuple[Observable, ...]:
    return tuple(concentration(v) if isinstance(v, str) else v for v in values)


@frozen(eq=False)
class RunSet:
    """Runs over the same species and readings.

    Args:
        species: in the order of every feed.
        observables: what the columns of ``observed`` are; a text means the concentration of that species.
        runs: the runs.
        notes: what was assumed in reading them.
    """

    species: tuple[str, ...] = field(converter=as_tuple)
    observables: tuple[Observable, ...] = field(converter=_observables)
    runs: tuple[Run, ...] = field(converter=as_tuple)
    notes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.runs:
            raise InputError("no runs", fix="give at least one run")
        check_species(self.observables, self.species)
        seen: set[str] = set()
        for run in self.runs:
            place = run.where or f"run {run.id!r}"
            if run.id in seen:
                raise InputError(f"two runs are called {run.id!r}", where=place, fix="give each run its own id")
            seen.add(run.id)
            if len(run.feed) != len(self.species):
                raise InputError(f"{len(run.feed)} feed concentrations, {len(self.species)} species", where=place, fix="give one for each species, 0 for what is not fed")
            if run.observed.shape[1] != len(self.observables):
                raise InputError(
                    f"{run.observed.shape[1]} readings a row, {len(self.observables)} observables", where=place, fix="give a column for each, nan where it was not read"
                )

    @property
    def n_readings(self) -> int:
        """Readings in all."""
        return sum(r.n_readings for r in self.runs)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the runs."""
        return tuple(r.id for r in self.runs)

    def __getitem__(self, id: str) -> Run:
        """One run.

        Raises:
            InputError: no such run, with near misses.
        """
        for run in self.runs:
            if run.id == id:
                return run
        raise InputError(f"no run {id!r}", fix=did_you_mean(id, self.ids))

    def only(self, ids: Sequence[str]) -> RunSet:
        """The runs of these ids, in the set's order."""
        return evolve(self, runs=tuple(r for r in self.runs if r.id in ids))

    def without(self, ids: Sequence[str]) -> RunSet:
        """The other runs."""
        return evolve(self, runs=tuple(r for r in self.runs if r.id not in ids))

    def over(self, species: Sequence[str]) -> RunSet:
        """The same runs over a network's species: feeds reordered, zero for those the runs don't name.

        Raises:
            InputError: something is fed, or read, that the network has not.
        """
        if tuple(species) == self.species:
            return self
        check_species(self.observables, species)
        for j, name in enumerate(self.species):
            if name not in species:
                fed = next((r for r in self.runs if r.feed[j] > 0), None)
                if fed is not None:
                    raise InputError(f"{name!r} is fed and is not in the network", where=fed.where or f"run {fed.id!r}", fix=did_you_mean(name, species) or "add it to a reaction")
        index = [self.species.index(s) if s in self.species else -1 for s in species]
        pick = [evolve(r, feed=np.array([r.feed[j] if j >= 0 else 0.0 for j in index])) for r in self.runs]
        return evolve(self, species=tuple(species), runs=tuple(pick))
