"""The virtual lab: advances by seconds, takes set points, gives readings; its own clock, so that a slow machine makes it late but never wrong."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from attrs import evolve, field, frozen

from chemwright.experiment.lab.records import Reading, Station
from chemwright.experiment.lab.virtual.faults import Fault, acting
from chemwright.experiment.lab.virtual.tube import Tube
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw
from chemwright.record.fields import as_tuple, number, within

ML_MIN = 1e-6 / 60
"""m^3/s in one mL/min."""
AMBIENT = 20.0  # degC
BACK_PRESSURE = 5.0  # bar, of the regulator
RESISTANCE = 0.25  # bar per mL/min at ambient temperature


@frozen
class LabSetup:
    """How the virtual lab is built.

    Args:
        species: of the rate law, in its order.
        feeds: what the two pumps bring, mol/L.
        volume: of the tube, mL.
        heater: time constant of the heater, s; its fastest change is 1.5 K a second.
        pump: time constant of the pumps, s.
        sample_every, sample_delay: of the analyser, s: between samples, and from a sample to its result.
        noise: standard deviation of one reading: flows and pressure as a share, temperature in K, concentrations as a share plus 1 mmol/L.
        watchdog: seconds of the clock without a word from a driver after which the lab makes itself safe; 0 never.
        faults: what goes wrong.
        seed: of the noise.
    """

    species: tuple[str, ...]
    feeds: dict[str, dict[str, float]]
    volume: float = 5.0
    heater: float = 40.0
    pump: float = 3.0
    sample_every: float = 30.0
    sample_delay: float = 60.0
    noise: dict[str, float] = field(factory=lambda: {"flow": 0.005, "pressure": 0.005, "temperature": 0.05, "concentration": 0.01})
    watchdog: float = field(default=5.0, converter=number, validator=within(0.0))
    faults: tuple[Fault, ...] = field(default=(), converter=as_tuple)
    seed: int = 0


class VirtualLab:
    """A flow reactor that behaves.

    Args:
        station: its channels.
        setup: how it is built.
        law, theta: what reacts.
        epoch: time stamp of its start, seconds since 1970.
        diary: file that gets a line for each run that is begun or left and each safe state: what really happened, for tests to hold against what others wrote down.
    """

    def __init__(self, station: Station, setup: LabSetup, law: RateLaw, theta: Sequence[float], *, epoch: float = 0.0, diary: Path | None = None) -> None:
        self.station, self.setup, self.epoch, self.diary = station, setup, epoch, diary
        self.now, self.starts, self.faults = 0.0, 0, setup.faults
        self.commands = {s.channel: s.value for s in station.safe()}
        self.flows = dict.fromkeys(setup.feeds, 0.0)
        self.temperature = AMBIENT
        self.clogging = 0.0
        self.silent = 0.0
        self.safe_states = 0
        self._rng = np.random.default_rng(setup.seed)
        self._tube = Tube(law, theta, setup.volume * 1e-6, [0.0] * len(setup.species))
        self._next_sample = 0.0
        self._samples: list[tuple[float, dict[str, float]]] = []
        self._analysis: tuple[float, dict[str, float]] | None = None
        self._kept: dict[str, Reading] = {}

    def command(self, values: Mapping[str, float]) -> None:
        """Take set points, in the channels' units."""
        self.commands.update(values)
        self.silent = 0.0

    def hear(self) -> None:
        """Someone is there."""
        self.silent = 0.0

    def start(self, run: str) -> None:
        """A run begins; faults that wait for it get their time."""
        self.starts += 1
        self.faults = tuple(evolve(f, after=0, begin=self.now + f.begin) if f.after == self.starts else f for f in self.faults)
        self._note("run", run=run)

    def abort(self, why: str = "asked for") -> None:
        """The safe state."""
        self.commands = {s.channel: s.value for s in self.station.safe()}
        self.safe_states += 1
        self._note("safe", why=why)

    def is_safe(self) -> bool:
        """Whether the commands are those of the safe state."""
        return all(self.commands[s.channel] == s.value for s in self.station.safe())

    def advance(self, seconds: float, clock: float = 0.0) -> None:
        """Let time pass.

        Args:
            seconds: of the laboratory.
            clock: of the wall clock that it took, for the watchdog.
        """
        self.silent += clock
        if self.setup.watchdog and self.silent > self.setup.watchdog and not self.is_safe():
            self.abort("watchdog: no driver is heard")
        end = self.now + seconds
        while self.now < end - 1e-9:
            self._step(min(self._stride(), end - self.now))

    def _stride(self) -> float:
        """Seconds of one step: short against the residence time, long when nothing flows."""
        flow = sum(self.flows.values()) + sum(self.commands[f] for f in self.flows)
        return min(max(0.03 * self.setup.volume / flow * 60, 0.5), 5.0) if flow > 0.01 else 5.0

    def _step(self, h: float) -> None:
        s, faults = self.setup, self.faults
        self.now += h
        for name in self.flows:
            blocked = acting(faults, "blocked_pump", self.now, name)
            wanted = self.commands[name] * (blocked.size if blocked else 1.0)
            self.flows[name] += (wanted - self.flows[name]) * (1 - math.exp(-h / s.pump))
        if acting(faults, "heater_stuck", self.now) is None:
            change = (self.commands["temperature"] - self.temperature) * (1 - math.exp(-h / s.heater))
            self.temperature += min(max(change, -1.5 * h), 1.5 * h)
        clog = acting(faults, "clogging", self.now)
        self.clogging = self.clogging + clog.size * h / 3600 if clog else 0.0
        leak = acting(faults, "leak", self.now)
        flow = sum(self.flows.values()) * (1 - (leak.size if leak else 0.0))
        self._tube.advance(h, flow * ML_MIN, self._feed(), self.temperature + 273.15)
        if self.now >= self._next_sample:
            self._next_sample = self.now + s.sample_every
            self._samples.append((self.now, dict(zip(s.species, (self._tube.out / 1000).tolist()))))
        while self._samples and self._samples[0][0] + s.sample_delay <= self.now:
            at, true = self._samples.pop(0)
            share = s.noise["concentration"]
            noisy = {n: max(v + self._rng.normal() * (share * v + (1e-3 if share else 0.0)), 0.0) for n, v in true.items()}
            self._analysis = (at, noisy)

    def _feed(self) -> Array:
        """Concentrations of the mixed feeds, mol/m^3."""
        total = sum(self.flows.values())
        mixed = np.zeros(len(self.setup.species))
        for name, flow in self.flows.items():
            for species, c in self.setup.feeds[name].items():
                mixed[self.setup.species.index(species)] += 1000 * c * flow / total if total > 0 else 0.0
        return mixed

    def true_pressure(self) -> float:
        """bar: the regulator, the tube's resistance (less where hot), what clogs it, less what leaks."""
        flow = sum(self.flows.values())
        leak = acting(self.faults, "leak", self.now)
        thin = 1 / (1 + 0.015 * (self.temperature - AMBIENT))  # liquids grow thin: a plain shape, not a substance's viscosity
        return BACK_PRESSURE * (1 - (leak.size if leak else 0.0)) * (1 if flow > 0 else 0.2) + RESISTANCE * flow * thin * (1 + self.clogging) + (self.clogging if flow > 0 else 0.0)

    def read(self) -> tuple[Reading, ...]:
        """Readings of all channels that are read, in their units, with the lab's time stamps."""
        noise, now = self.setup.noise, self.epoch + self.now
        raw: dict[str, float | None] = {f"{n}_measured": max(q * (1 + noise["flow"] * self._rng.normal()), 0.0) for n, q in self.flows.items()}
        raw["temperature_measured"] = self.temperature + noise["temperature"] * self._rng.normal()
        raw["pressure"] = self.true_pressure() * (1 + noise["pressure"] * self._rng.normal())
        out = []
        for c in self.station.read_channels:
            if c.kind == "result":
                r = (
                    Reading(c.name, unit=c.unit, at=now, quality="waiting")
                    if self._analysis is None
                    else Reading(c.name, self._analysis[1][c.name], c.unit, self.epoch + self._analysis[0])
                )
            else:
                r = Reading(c.name, raw[c.name], c.unit, now)
            out.append(self._spoilt(r))
        return tuple(out)

    def _spoilt(self, r: Reading) -> Reading:
        """A reading as its sensor gives it when that is faulty."""
        faults = self.faults
        if acting(faults, "sensor_silent", self.now, r.channel):
            return Reading(r.channel, None, r.unit, r.at, "bad", "the sensor does not answer")
        if acting(faults, "sensor_nan", self.now, r.channel):
            return Reading(r.channel, math.nan, r.unit, r.at)
        if acting(faults, "sensor_frozen", self.now, r.channel) and r.channel in self._kept:
            return Reading(r.channel, self._kept[r.channel].value, r.unit, r.at)
        drift = acting(faults, "sensor_drift", self.now, r.channel)
        if drift is not None and r.value is not None:
            r = Reading(r.channel, r.value * (1 + drift.size * (self.now - drift.begin) / 3600), r.unit, r.at)
        self._kept[r.channel] = r
        return r

    def _note(self, what: str, **more: str) -> None:
        if self.diary is None:
            return
        with open(self.diary, "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"what": what, "at": round(self.now, 2), **more}) + "\n")
            stream.flush()
            os.fsync(stream.fileno())


def snar_lab(time_factor: float = 1.0, *, faults: Sequence[Fault] = (), seed: int = 0, watchdog: float = 5.0, epoch: float = 0.0, diary: Path | None = None) -> VirtualLab:
    """The virtual lab with the chemistry of the bundled case."""
    from chemwright.experiment.lab.virtual.snar import FEEDS, SPECIES, VOLUME, chemistry, station

    law, theta = chemistry()
    return VirtualLab(station(time_factor=time_factor), LabSetup(SPECIES, FEEDS, VOLUME, watchdog=watchdog, faults=tuple(faults), seed=seed), law, theta, epoch=epoch, diary=diary)
