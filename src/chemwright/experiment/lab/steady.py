"""Is it steady? Windows of readings, a test of drift against noise, and the mean with its standard error; plain Python, as the guard needs to stay light."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import pairwise

from attrs import frozen

from chemwright.experiment.lab.records import Channel, Reading, Station

MOST = 5000
"""Readings that a window keeps at the most."""
Z_95 = 1.6449  # one-sided 95 % point of the normal distribution


@frozen
class Level:
    """What a channel came to over the steady window.

    Args:
        channel: its name.
        mean: in ``unit``.
        std: standard error of the mean.
        scatter: standard deviation of one reading.
        n: readings in the window.
        unit: of the numbers.
    """

    channel: str
    mean: float
    std: float
    scatter: float
    n: int
    unit: str


def drift(times: Sequence[float], values: Sequence[float]) -> float:
    """Change over the window by least squares, in the unit of the values."""
    n = len(times)
    if n < 2:
        return 0.0
    t0, v0 = sum(times) / n, sum(values) / n
    spread = sum((t - t0) ** 2 for t in times)
    if spread == 0:
        return 0.0
    return sum((t - t0) * (v - v0) for t, v in zip(times, values)) / spread * (times[-1] - times[0])


def without_trend(values: Sequence[float]) -> bool:
    """Whether readings scatter about a level: the ratio of the mean square successive difference to the variance is not low at 5 %.

    The ratio of independent readings has mean 2n/(n-1) and variance 4 n^2 (n-2) / ((n-1)^3 (n+1)) (J. von Neumann, Ann. Math. Statist. 12 (1941) 367),
    taken as normal here. Fewer than four readings never pass.
    """
    n = len(values)
    if n < 4:
        return False
    mean = sum(values) / n
    variance = sum((v - mean) ** 2 for v in values) / n
    if variance == 0:
        return True
    ratio = sum((b - a) ** 2 for a, b in pairwise(values)) / (n - 1) / variance
    return ratio > 2 * n / (n - 1) - Z_95 * math.sqrt(4 * n * n * (n - 2) / ((n - 1) ** 3 * (n + 1)))


class SteadyWatch:
    """Gathers readings of one run and says when all is steady, or that it won't be.

    Results count only once the watched channels (temperature, say) are steady, stand at their set points, and what was fed since then has
    had time to arrive: so many seconds or residence times.

    Args:
        station: whose rule and channels.
        least: seconds of the laboratory before a result counts.
        started: time stamp at which the set points were commanded.
    """

    def __init__(self, station: Station, least: float, started: float) -> None:
        self.rule, self.least, self.started = station.steady, least, started
        self.channels: tuple[Channel, ...] = tuple(c for c in station.read_channels if c.tolerance is not None or c.kind == "result")
        self._windows: dict[str, deque[tuple[float, float]]] = {c.name: deque(maxlen=MOST) for c in self.channels}
        self._missing = dict.fromkeys(self._windows, 0)
        self._equal = dict.fromkeys(self._windows, 0)
        self._newest = dict.fromkeys(self._windows, -math.inf)
        self._last: dict[str, float | None] = dict.fromkeys(self._windows)
        self._results = {c.name for c in self.channels if c.kind == "result"}
        self._steady = all(name in self._results for name in self._windows)

    def not_yet(self, at: float) -> None:
        """At this time stamp the set points are not reached: what came before does not count."""
        self.started = max(self.started, at)
        for name in self._results:
            self._windows[name].clear()

    def add(self, readings: Iterable[Reading]) -> None:
        """Take in what was read; a time stamp seen before is no new reading, one from before the run counts for nothing."""
        for r in readings:
            if r.channel not in self._windows or r.quality == "waiting":
                continue
            if not r.usable:
                self._missing[r.channel] += 1
                continue
            assert r.value is not None
            self._missing[r.channel] = 0
            if r.at <= self._newest[r.channel] or r.at < self.started:
                continue
            self._newest[r.channel] = r.at
            self._equal[r.channel] = self._equal[r.channel] + 1 if r.value == self._last[r.channel] and r.value != 0 else 0  # zero again and again is a substance that is not there
            self._last[r.channel] = r.value
            if r.channel not in self._results or r.at >= self.started + self.least:
                self._put(self._windows[r.channel], r.at, r.value)
        if not self._steady:
            self._steady = not any(self._unsteady(c) for c in self.channels if c.name not in self._results)
            if not self._steady:
                self.not_yet(max((t for n, t in self._newest.items() if n not in self._results), default=-math.inf))

    def _put(self, window: deque[tuple[float, float]], at: float, value: float) -> None:
        """The newest reading in, those out that neither the span nor the number of samples needs."""
        window.append((at, value))
        while len(window) > self.rule.samples and at - window[1][0] >= self.rule.span:
            window.popleft()

    def trouble(self) -> str:
        """What makes the run useless, in words; empty while nothing does."""
        for name, n in self._missing.items():
            if n >= self.rule.missing:
                return f"{name} gave no number {n} times in a row"
        for c in self.channels:
            if self.rule.frozen and self._equal[c.name] + 1 >= self.rule.frozen:
                return f"{c.name} gave the same {self._last[c.name]:g} {c.unit} {self._equal[c.name] + 1} times in a row: a frozen sensor"
        return ""

    def waiting_for(self) -> str:
        """The channel that is not steady yet and why; empty when all are."""
        return next((why for c in self.channels if (why := self._unsteady(c))), "")

    def _unsteady(self, c: Channel) -> str:
        window = self._windows[c.name]
        if len(window) < self.rule.samples:
            return f"{c.name}: {len(window)} of {self.rule.samples} readings"
        times, values = [t for t, _ in window], [v for _, v in window]
        if times[-1] - times[0] < self.rule.span:
            return f"{c.name}: readings over {times[-1] - times[0]:.3g} of {self.rule.span:g} s"
        change = abs(drift(times, values))
        if change > (c.tolerance or 0.0) and not without_trend(values):
            return f"{c.name} still moves by {change:.3g} {c.unit} over its window"
        return ""

    def levels(self) -> tuple[Level, ...]:
        """Means and standard errors over the windows, of all channels that have readings."""
        out = []
        for c in self.channels:
            values = [v for _, v in self._windows[c.name]]
            if not values:
                continue
            n, mean = len(values), sum(values) / len(values)
            scatter = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1)) if n > 1 else 0.0
            out.append(Level(c.name, mean, scatter / math.sqrt(n), scatter, n, c.unit))
        return tuple(out)
