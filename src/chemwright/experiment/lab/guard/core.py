"""What the guard does at each tick: read, look at the interlocks, move the set points on, and carry the run in hand through; every step in the audit log."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from chemwright.errors import ChemwrightError
from chemwright.experiment.lab.chain import ChainLog, now
from chemwright.experiment.lab.envelope import Interlock, next_steps, refusals
from chemwright.experiment.lab.guard.link import Rig
from chemwright.experiment.lab.guard.memory import Memory
from chemwright.experiment.lab.outcome import RunResult, disagreement, open_closure
from chemwright.experiment.lab.protocol import ConnectionLost
from chemwright.experiment.lab.records import Reading, Station
from chemwright.experiment.lab.steady import SteadyWatch

LATE = 5.0
"""Time limits by our own clock are so many times those by the device's."""
RETRY = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds of the clock between attempts to reach a device again; the last one is kept up."""


class Guard:
    """One station under guard.

    ``state`` is ``ready``; ``running``; ``down`` (the device is out of reach); ``held`` (an interlock tripped, a person must clear it).

    Args:
        station: with the rules of incompatible materials already among its forbidden commands.
        rig: its driver.
        log: audit log.
    """

    def __init__(self, station: Station, rig: Rig, log: ChainLog) -> None:
        self.station, self.rig, self.log = station, rig, log
        self.memory = Memory(log)
        self.state, self.why = "down", "not connected yet"
        self.commands = {s.channel: s.value for s in station.safe()}
        self.goal = dict(self.commands)
        self.readings: dict[str, Reading] = {}
        self.run: RunResult | None = None
        self._watch: SteadyWatch | None = None
        self._residence = 0.0
        self._since: dict[str, float] = {}
        self._reached: float | None = None
        self._over: dict[str, float] = {}
        self._seen: dict[str, tuple[float, float]] = {}
        self._begun, self._device_begun, self._fresh = 0.0, 0.0, False
        self._anew = False  # the first commands of a run are all given, changed or not
        self._failures, self._next_try = 0, 0.0

    def clock(self) -> float:
        """Seconds of the laboratory by our own clock."""
        return time.monotonic() * self.station.time_factor

    def device_time(self) -> float:
        """Newest time stamp of the device: what a run waits for is counted in its time, which may lag behind ours where it is simulated."""
        return max((r.at for r in self.readings.values()), default=0.0)

    async def tick(self) -> None:
        """One round; no error leaves it but one of the guard's own disk."""
        try:
            if self.state == "down":
                if time.monotonic() < self._next_try:
                    return
                await self._connect()
            await self._read()
            await self._interlocks()
            if self.state in ("ready", "running"):
                await self._advance()
        except ConnectionLost as error:
            self._lost(str(error))
        except ChemwrightError as error:
            await self._device_error(error)

    async def _connect(self) -> None:
        await self.rig.up()
        await self._safe("connected: the safe state comes first")
        self.state, self.why, self._failures = ("held" if self.memory.held else "ready"), self.memory.held, 0
        self._seen = {}
        self.log.write("guard", "connected", station=self.station.name)

    def _lost(self, why: str) -> None:
        """The device is out of reach: the run is lost, the device's own watchdog makes it safe, and reaching it again goes on."""
        if self.state != "down":
            self.log.write("guard", "connection lost", why=why[:400])
            self._end("connection", why)
        self.state, self.why = "down", why
        self.commands = {s.channel: s.value for s in self.station.safe()}
        self.goal = dict(self.commands)
        self.readings = {}
        self._next_try = time.monotonic() + RETRY[min(self._failures, len(RETRY) - 1)]
        self._failures += 1

    async def _device_error(self, error: ChemwrightError) -> None:
        """A device refused: the run is over, the safe state is tried."""
        self.log.write("guard", "device error", why=str(error)[:400])
        self._end("device", str(error))
        try:
            await self._safe("a device refused")
        except ChemwrightError as second:
            self._lost(str(second))

    async def _safe(self, why: str) -> None:
        """The safe state at once, past all rates."""
        await self.rig.ask({"do": "abort"})
        self.commands = {s.channel: s.value for s in self.station.safe()}
        self.goal = dict(self.commands)
        self._since = dict.fromkeys(self.commands, self.clock())
        self.log.write("guard", "safe state", why=why[:400])

    async def _read(self) -> None:
        got, self._fresh = await self.rig.read(), True
        self.readings.update({r.channel: r for r in got})
        now = (self.device_time(), time.monotonic())
        self._seen.update({r.channel: now for r in got if r.usable or r.channel not in self._seen})
        if self._watch is not None:
            self._watch.add(self.readings.values())

    async def _interlocks(self) -> None:
        """Trip what must trip; a station that is held stays so."""
        for lock in self.station.envelope.interlocks:
            why = self._tripped(lock)
            if not why or self.state == "held":
                continue
            self.memory.hold(lock.name, why)
            try:
                await self._trip(lock)
            finally:
                self._end("interlock", f"interlock {lock.name!r}: {why}")
            self.state, self.why = "held", self.memory.held

    async def _trip(self, lock: Interlock) -> None:
        if not lock.then:
            await self._safe(f"interlock {lock.name}")
            return
        await self.rig.ask({"do": "set", "setpoints": lock.then})
        self.commands.update(lock.then)
        self.goal = dict(self.commands)

    def _tripped(self, lock: Interlock) -> str:
        name, at = lock.when.channel, self.device_time()
        seen, clock = self._seen.get(name, (at, time.monotonic()))
        dark = max(at - seen, time.monotonic() - clock)
        if lock.blind and dark > lock.blind:
            return f"no number from {name} for {dark:.3g} s"
        r = self.readings.get(name)
        if r is None or not r.usable or r.value is None or not lock.when.holds(r.value):
            self._over.pop(lock.name, None)
            return ""
        since = self._over.setdefault(lock.name, at)
        return f"{lock.when} for {at - since:.3g} s: it is {r.value:.4g} {r.unit}" if at - since >= lock.seconds else ""

    async def perform(self, result: RunResult, residence: float) -> str:
        """Begin a run; why not, in words, when it can't be begun now. Each attempt is begun once, ever."""
        if self.state != "ready" or self.run is not None:
            return self.why or "a run is in hand"
        self.memory.begin(result)
        self.run, self._residence, self._watch, self._reached = result, residence, None, None
        self._begun, self._device_begun = self.clock(), self.device_time()
        known = {c.name for c in self.station.set_channels}
        unknown = [name for name in result.setpoints if name not in known]
        reasons = [f"no channel {name!r} that is commanded" for name in unknown] or refusals(self._without_rates(), result.setpoints, self.commands, {})
        if reasons:
            self.log.write("guard", "refused", run=result.id, reasons=reasons[:8])
            self._end("refused", "; ".join(reasons)[:400])
            return ""
        self.state, self._anew = "running", True
        self.goal = {**self.commands, **result.setpoints}
        try:
            await self.rig.ask({"do": "start", "run": f"{result.id}#{result.attempt}"})
        except ConnectionLost as error:
            self._lost(str(error))
        except ChemwrightError as error:
            await self._device_error(error)
        return ""

    def _without_rates(self) -> Any:
        from attrs import evolve

        return evolve(self.station.envelope, limits=tuple(evolve(x, per_second=None) for x in self.station.envelope.limits))

    async def _advance(self) -> None:
        """Move commands toward the goal, each step checked; then look at the run in hand."""
        if self.commands != self.goal or self._anew:
            at = self.clock()
            elapsed = {name: at - self._since.get(name, self._begun) for name in self.goal}
            steps = {k: v for k, v in next_steps(self.station.envelope, self.goal, self.commands, elapsed).items() if self._anew or v != self.commands.get(k)}
            self._anew = False
            await self._command(steps, elapsed)
        if self.run is not None:
            await self._look(self.run)

    async def _command(self, steps: Mapping[str, float], elapsed: Mapping[str, float]) -> None:
        """Give commands that the envelope allows; the run ends when it does not."""
        if not steps:
            return
        if reasons := refusals(self.station.envelope, steps, self.commands, elapsed):
            self.log.write("guard", "refused", commands=dict(steps), reasons=reasons[:8])
            await self._fail("refused", "; ".join(reasons)[:400])
            return
        self.log.write("guard", "command", setpoints=dict(steps))
        await self.rig.ask({"do": "set", "setpoints": dict(steps)})
        at, self._fresh = self.clock(), False
        self.commands.update(steps)
        self._since.update(dict.fromkeys(steps, at))

    async def _look(self, run: RunResult) -> None:
        """Is the run in hand at its set points, faulty, steady, out of time?"""
        at, limit = self.device_time(), self.station.steady.limit
        late = at - self._device_begun > limit or self.clock() - self._begun > LATE * limit  # the second where a device's clock stands still
        if late:
            waiting = "the set points were not reached" if self._watch is None else self._watch.waiting_for()
            await self._fail("timeout", f"not steady after {max(at - self._device_begun, 0.0):.4g} s: {waiting}")
            return
        if self.commands != self.goal or not self._fresh:  # what was read before the last command says nothing about it
            return
        if self._reached is None:
            self._reached = at
            self._watch = SteadyWatch(self.station, max(self.station.steady.least, self.station.steady.volumes * self._residence), at)
        assert self._watch is not None
        usable = {name: r for name, r in self.readings.items() if r.usable}
        if disagreement(self.station, self.commands, usable):
            self._watch.not_yet(at)
        if fault := disagreement(self.station, self.commands, usable, at - self._reached):
            await self._fail("fault", fault)
        elif trouble := self._watch.trouble():
            await self._fail("sensor", trouble)
        elif not self._watch.waiting_for():
            levels = self._watch.levels()
            if open_ := open_closure(self.station, self.commands, levels):
                await self._fail("fault", open_)
                return
            self._end("", "", levels=levels)
            await self.rig.ask({"do": "stop"})
            self.goal = {s.channel: s.value for s in self.station.standby()}

    async def _fail(self, cause: str, why: str) -> None:
        """The run is no datum: safe first, then said."""
        try:
            await self._safe(f"run failed: {why}")
        finally:
            self._end(cause, why)

    def _end(self, cause: str, why: str, *, levels: tuple[Any, ...] = ()) -> None:
        """Write down what became of the run in hand; the log holds it before anyone is told."""
        if self.run is None:
            return
        self.memory.end(self.run, "failed" if cause else "measured", cause, why, levels, now())
        self.run, self._watch, self._reached = None, None, None
        if self.state == "running":
            self.state = "ready"

    async def interrupt(self, cause: str, why: str) -> None:
        """End the run in hand and take the safe state: the planner is gone, or a person says so."""
        lost = ""
        if self.state != "down":
            try:
                await self._safe(why)
            except ChemwrightError as error:
                lost = str(error)
        self._end(cause, why)
        if lost:
            self._lost(lost)

    def clear(self, who: str, why: str) -> None:
        """A person says that a tripped interlock may be forgotten; it trips again when its condition still holds."""
        self.memory.clear(who, why)
        self._over.clear()
        self._seen = {}
        if self.state == "held":
            self.state, self.why = "ready", ""
