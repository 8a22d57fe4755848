"""What a user asks a design of, as texts with units: what may be varied, what is read, and how well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.design.reactor_response import REACTORS, Conditions, Sample, reactor_response
from chemwright.experiment.design.region import Region
from chemwright.experiment.design.response import Response
from chemwright.kinetics.laws import Scheme
from chemwright.kinetics.observables import Observable, State, check_species
from chemwright.model.protocol import Array
from chemwright.quantity import si, split_quantity

MAX_SAMPLES, MAX_RUNS = 12, 40


@frozen(eq=False)
class Asked:
    """A region of runs over the species of a network.

    Args:
        reactor: ``batch``, ``plug_flow`` or ``stirred_tank``.
        species: of the network.
        region: over feed.X [mol/m^3] of each species that is fed, temperature [K], then time [s] or time.1, time.2, ...
        samples: of a run.
        base: feed of the species that are no substances (activities), (S,).
    """

    reactor: str
    species: tuple[str, ...]
    region: Region
    samples: int
    base: Array

    def setting(self, x: Sequence[Any]) -> Conditions:
        """Conditions of a run; ``x`` as the region has it."""
        feed: list[Any] = list(self.base)
        names = self.region.names
        for name, value in zip(names, x, strict=True):
            if name.startswith("feed."):
                feed[self.species.index(name[5:])] = value
        at = names.index("temperature")
        return Conditions(feed, x[at], list(x[at + 1 :]))

    def response(self, scheme: Scheme, readings: Sequence[Observable], noise: Sequence[float]) -> Response:
        """A network's readings of a run in the region, with their noise (SI).

        Raises:
            InputError: a reading of a species that the network has not.
        """
        check_species(readings, scheme.species, "--read")

        def read(sample: Sample) -> list[Any]:
            state = State(dict(zip(scheme.species, sample.feed, strict=True)), dict(zip(scheme.species, sample.c, strict=True)), sample.rates, sample.temperature)
            return [o.value(state) for o in readings]

        return reactor_response(scheme, self.reactor, self.setting, self.region.names, read, [o.name for o in readings], noise)


def span(text: str, unit: str, where: str) -> tuple[float, float]:
    """``'40..90 degC'`` or ``'60 degC'`` as two SI numbers.

    Raises:
        InputError, UnitError: not a number or range with a unit that fits; the place is named.
    """
    low, dots, high = text.partition("..")
    if not dots:
        value = si(text.strip(), unit, where)
        return value, value
    tail = split_quantity(high.strip(), where)[1]
    first = low.strip() if re.search(r"[A-Za-z%]", re.sub(r"[eE][+-]?\d+", "", low)) else f"{low.strip()} {tail}"
    a, b = si(first, unit, where), si(high.strip(), unit, where)
    if not a <= b:
        raise InputError(f"the range {text!r} goes down", where=where, fix="write the lower end first")
    return a, b


def asked(
    scheme: Scheme, reactor: str, feed: Sequence[str], temperature: str, time: str, samples: int, limits: Sequence[str] = (), run_cost: float = 0.0, hour_cost: float = 0.0
) -> Asked:
    """The region of runs from texts.

    Args:
        scheme: the network.
        reactor: which one.
        feed: ``'A=0.1..1 mol/L'`` for each species that is fed.
        temperature, time: ranges or single values.
        samples: sampling times of a batch, placed by the design.
        limits: ``'A + 2 B <= 1.5 mol/L'`` on the feeds.
        run_cost, hour_cost: of a run, and of each hour to its last sample.

    Raises:
        InputError, UnitError: naming the option.
    """
    if reactor not in REACTORS:
        raise InputError(f"{reactor!r} is not a reactor", where="--reactor", fix=did_you_mean(reactor, REACTORS))
    if not 1 <= samples <= MAX_SAMPLES or (samples > 1 and reactor != "batch"):
        raise InputError(f"{samples} samples of a {reactor}", where="--samples", fix=f"1 to {MAX_SAMPLES} of a batch; a flow reactor's run is one steady state")
    bounds: dict[str, tuple[float, float]] = {}
    for text in feed:
        name, equals, amount = (part.strip() for part in text.partition("="))
        if not equals or name not in scheme.species:
            raise InputError(f"{text!r} is no feed of the network", where="--feed", fix=did_you_mean(name, scheme.species) if equals else "write it as A=0.1..1 mol/L")
        low, high = bounds[f"feed.{name}"] = span(amount, "mol/m^3", f"--feed {name}")
        if low < 0 or high <= 0:
            raise InputError(f"a feed of {amount}", where=f"--feed {name}", fix="give amounts of 0 or more, the upper end above 0")
    if not bounds:
        raise InputError("nothing is fed", where="--feed", fix='add --feed "A=0.1..1 mol/L"')
    bounds["temperature"] = span(temperature, "K", "--temperature")
    start, end = span(time, "s", "--time")
    if not start > 0:
        raise InputError(f"times from {start:g} s", where="--time", fix="begin above zero, as 1..30 min")
    if bounds["temperature"][0] <= 0:
        raise InputError("a temperature at or below 0 K", where="--temperature", fix="check sign and unit")
    bounds |= {"time": (start, end)} if samples == 1 else {f"time.{i + 1}": (start, end) for i in range(samples)}
    names = tuple(bounds)
    linear = [_limit(text, names, scheme.species) for text in limits]
    for i in range(samples - 1):
        row = np.zeros(len(names))
        row[len(names) - samples + i], row[len(names) - samples + i + 1] = 1.0, -1.0
        linear.append((row, 0.0))
    low, high = np.array(list(bounds.values())).T
    cost = None if not run_cost and not hour_cost else _cost(len(names), run_cost, hour_cost)
    base = np.array([scheme.fresh.get(s, 0.0) for s in scheme.species])
    return Asked(
        reactor, scheme.species, Region(names, low, high, tuple(linear), cost=cost, rising=tuple(range(len(names) - samples, len(names))) if samples > 1 else ()), samples, base
    )


def _limit(text: str, names: tuple[str, ...], species: Sequence[str]) -> tuple[Array, float]:
    """``'A + 2 B <= 1.5 mol/L'`` as a row and a bound."""
    left, sign, right = text.partition("<=")
    if not sign:
        raise InputError(f"no <= in {text!r}", where="--limit", fix="write it as A + 2 B <= 1.5 mol/L")
    row = np.zeros(len(names))
    for term in re.findall(r"[+-]?[^+-]+", left.replace(" ", "")):
        found = re.fullmatch(r"([+-]?)(\d+(?:\.\d+)?)?\*?([A-Za-z_][A-Za-z0-9_']*)", term)
        if found is None or f"feed.{found[3]}" not in names:
            raise InputError(f"can't read {term!r} in {text!r}", where="--limit", fix=did_you_mean(found[3], species) if found else "write it as A + 2 B <= 1.5 mol/L")
        row[names.index(f"feed.{found[3]}")] += (-1.0 if found[1] == "-" else 1.0) * float(found[2] or 1)
    return row, si(right.strip(), "mol/m^3", "--limit")


def _cost(n: int, run: float, hour: float) -> Any:
    if not (np.isfinite(run) and np.isfinite(hour) and run >= 0 and hour >= 0 and run + hour > 0):
        raise InputError(f"costs {run:g} and {hour:g}", where="--run-cost", fix="give costs of 0 or more")

    def cost(x: Array) -> tuple[float, Array]:
        slope = np.zeros(n)
        slope[-1] = hour / 3600
        return run + hour * float(x[-1]) / 3600, slope

    return cost
