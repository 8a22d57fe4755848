"""The run loop: asks the campaign what to do, has the guards do it on one or several stations at once, tells the campaign, and takes up where it was after any end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from attrs import evolve, field, frozen

from chemwright.errors import ChemwrightError
from chemwright.experiment.lab.bench import Bench
from chemwright.experiment.lab.guard.client import GuardClient
from chemwright.experiment.lab.journal import Journal, Progress
from chemwright.experiment.lab.outcome import RunResult
from chemwright.experiment.lab.protocol import ConnectionLost

Say = Callable[[str, float | None], None]


@frozen
class Ask:
    """An experiment that the campaign wants: its id, its point (SI numbers and levels) and the reactor it was meant for, or empty."""

    id: str
    point: dict[str, float | str]
    reactor: str = ""


class Book(Protocol):
    """The campaign on the disk. Each verb that changes it has done so on the disk when it returns, and does nothing the second time."""

    def unfinished(self) -> Sequence[Ask]:
        """Experiments that were proposed and have no answer yet, oldest first."""

    def suggest(self, n: int, reactors: Sequence[str]) -> str:
        """Propose up to n more; why not, when the campaign is over."""

    def tell(self, id: str, values: Mapping[str, tuple[float, float]]) -> None:
        """The answer of an experiment: SI means and standard errors by objective."""

    def fail(self, id: str, why: str, *, conditions: bool) -> None:
        """No answer: because of what was asked for (``conditions``), or because the equipment gave up."""

    def done(self) -> int:
        """Experiments that have ended."""


@frozen
class RunOptions:
    """How the loop behaves.

    Args:
        most: experiments to end in this call; None until the campaign says stop.
        attempts: at one experiment before it is given up as the equipment's fault.
        pause: seconds of the clock after a fault before the next attempt; doubled after each further one.
        patience: seconds of the clock for which all stations may be out of work (down, held) before the loop ends with a plain message.
        poll: seconds of the clock between two looks.
    """

    most: int | None = None
    attempts: int = 4
    pause: float = 2.0
    patience: float = 600.0
    poll: float = 0.1


class StationsHeld(ChemwrightError):
    """No station can work: out of reach for too long, or an interlock waits for a person."""

    kind = "laboratory"


@frozen(eq=False)
class _Place:
    bench: Bench
    client: GuardClient
    work: list[Ask] = field(factory=list)
    not_before: list[float] = field(factory=lambda: [0.0])

    @property
    def name(self) -> str:
        return self.bench.station.name


@frozen
class Summary:
    """What a call of the loop did.

    Args:
        measured, failed, given_up: experiments that ended so.
        attempts: begun by this call.
        why: the loop ended.
    """

    measured: int = 0
    failed: int = 0
    given_up: int = 0
    attempts: int = 0
    why: str = ""


class Loop:
    """The loop over a campaign and its stations.

    Args:
        book: the campaign.
        benches: stations with their guards.
        journal: of the campaign.
        options: how it behaves.
        say: told what happens.
    """

    def __init__(self, book: Book, benches: Sequence[tuple[Bench, GuardClient]], journal: Journal, options: RunOptions, say: Say) -> None:
        self.book, self.journal, self.options, self.say = book, journal, options, say
        self.places = [_Place(b, c) for b, c in benches]
        self.summary = Summary()
        self._over, self._last = "", ""
        self._idle_since: float | None = None

    def run(self) -> Summary:
        """Until the campaign is over, or as many experiments as were asked for have ended.

        Raises:
            StationsHeld: nothing could be done for longer than the patience; ConnectionLost: a guard is gone. Whatever was begun goes on at the next call.
        """
        self._settle()
        while True:
            self._hand_out()
            if not any(p.work for p in self.places):
                break
            moved = [self._look(p) for p in self.places if p.work]
            self._patience(any(moved))
            time.sleep(self.options.poll)
        return evolve(self.summary, why=self._over or "as many experiments as were asked for")

    def _settle(self) -> None:
        """Tell the campaign what was measured and not told before the last end; the book ignores what it knows."""
        for p in list(self.journal.progress.values()):
            if p.step == "measured" and p.result is not None:
                self._tell(self._place(p.station), p.result)

    def _place(self, name: str) -> _Place:
        return next((p for p in self.places if p.name == name), self.places[0])

    def _ended(self) -> int:
        return self.summary.measured + self.summary.failed + self.summary.given_up

    def _hand_out(self) -> None:
        """Give each free station the next experiment: what is open already first, then what the campaign proposes."""
        free = [p for p in self.places if not p.work]
        room = len(free) if self.options.most is None else min(len(free), self.options.most - self._ended() - sum(bool(p.work) for p in self.places))
        taken = {a.id for p in self.places for a in p.work}
        waiting = [a for a in self.book.unfinished() if a.id not in taken]
        if room > len(waiting) and not self._over:
            self.say(f"planning after {self.book.done()} experiments", None)
            self._over = self.book.suggest(room - len(waiting), [p.name for p in free])
            waiting = [a for a in self.book.unfinished() if a.id not in taken]
        for ask in waiting[: max(room, 0)]:
            place = self._choose(ask, free)
            free.remove(place)
            place.work.append(ask)
            if ask.id not in self.journal.progress:
                self.journal.intended(ask.id, place.bench.setpoints(ask.point), place.name)

    def _choose(self, ask: Ask, free: Sequence[_Place]) -> _Place:
        """The station where an attempt was begun, else the one it was meant for, else the first free one."""
        known = self.journal.progress.get(ask.id, Progress(ask.id))
        wanted = known.station if known.step == "started" else ask.reactor
        return next((p for p in free if p.name == wanted), free[0])

    def _look(self, place: _Place) -> bool:
        """One look at a station's experiment; whether anything goes on there."""
        ask = place.work[0]
        known = self.journal.progress[ask.id]
        if known.step in ("intended", "failed"):
            if time.monotonic() < place.not_before[0]:
                return True
            known = evolve(known, attempt=known.attempt + 1, step="started", station=place.name)
            self.journal.started(ask.id, known.attempt, place.name)
        result = place.client.perform(ask.id, known.attempt, place.bench.setpoints(ask.point), place.bench.residence(place.bench.setpoints(ask.point)))
        if result is None:
            self._say_once(f"{place.name} waits: {_why(place.client)}"[:200])
            return False
        if result.state != "begun":
            self.summary = evolve(self.summary, attempts=self.summary.attempts + 1)
            self.journal.ended(result)
            place.work.clear()
            self._ended_run(place, ask, result)
        return True

    def _say_once(self, text: str) -> None:
        if text != self._last:
            self._last = text
            self.say(text, None)

    def _ended_run(self, place: _Place, ask: Ask, result: RunResult) -> None:
        """What an attempt that has ended leads to: a datum, a failure of the conditions, or another attempt."""
        if result.state == "measured":
            self._tell(place, result)
            self.summary = evolve(self.summary, measured=self.summary.measured + 1)
            return
        self.say(f"{ask.id} on {place.name}: attempt {result.attempt} failed ({result.cause}): {result.why}"[:300], None)
        if result.cause == "refused":
            self.book.fail(ask.id, result.why, conditions=True)
            self.journal.told(ask.id, {}, result.why)
            self.summary = evolve(self.summary, failed=self.summary.failed + 1)
        elif self.journal.progress[ask.id].faults >= self.options.attempts:
            self.book.fail(ask.id, f"given up after {result.attempt} attempts: {result.why}", conditions=False)
            self.journal.told(ask.id, {}, result.why)
            self.summary = evolve(self.summary, given_up=self.summary.given_up + 1)
        else:
            place.work.append(ask)
            place.not_before[0] = time.monotonic() + self.options.pause * 2.0 ** max(self.journal.progress[ask.id].faults - 1, 0)

    def _tell(self, place: _Place, result: RunResult) -> None:
        values = place.bench.figures_of(result)
        if values:
            self.book.tell(result.id, values)
        else:
            self.book.fail(result.id, "no figure of the campaign could be computed from the readings", conditions=False)
        self.journal.told(result.id, {k: list(v) for k, v in values.items()}, "" if values else "no figures")
        self.say(f"{result.id} on {place.name}: " + ", ".join(f"{k} = {m:.5g} +/- {s:.2g}" for k, (m, s) in values.items()), None)

    def _patience(self, moved: bool) -> None:
        """End plainly when nothing has gone on anywhere for too long."""
        if moved:
            self._idle_since = None
            return
        self._idle_since = self._idle_since or time.monotonic()
        if time.monotonic() - self._idle_since > self.options.patience:
            states = "; ".join(f"{p.name}: {_why(p.client)}" for p in self.places)
            raise StationsHeld(
                f"no station can work ({states})"[:400],
                where="laboratory",
                fix="mend it, clear a tripped interlock with 'chemwright lab clear', and run the command again: it goes on where it was",
            )


def _why(client: GuardClient) -> str:
    try:
        status: dict[str, Any] = client.status()
    except ConnectionLost:
        return "its guard is gone"
    return f"{status['state']} {status['why']}".strip()
