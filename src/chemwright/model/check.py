"""A published number and the code that computes it again: what every room's ``checks.py`` is made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter
from typing import Any

from attrs import field, frozen

from chemwright.errors import ChemwrightError, InputError


@frozen
class Check:
    """A number that somebody published, or that a closed form gives, and a function that computes ours.

    Args:
        name: unique, words joined by ``-``, a group before a dot: ``boiling-point.water``.
        room: room whose code computes it.
        what: what is computed, in words.
        unit: of published value, tolerance and result; ``1`` when there is none.
        published: the number to stand beside, finite.
        tolerance: largest deviation that passes, absolute, >= 0.
        because: why the tolerance is what it is.
        source: where the number stands, or ``analytic`` with the equation.
        run: computes ours, in ``unit``; no arguments.

    Raises:
        InputError: a name, source or reason is missing, or a number is not finite.
    """

    name: str
    room: str
    what: str
    unit: str
    published: float
    tolerance: float
    because: str
    source: str
    run: Callable[[], float] = field(eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not all((self.name, self.room, self.what, self.unit, self.because, self.source)):
            raise InputError("name, room, what, unit, reason or source is empty", where=f"check {self.name!r}", fix="fill it in")
        if not (math.isfinite(self.published) and math.isfinite(self.tolerance) and self.tolerance >= 0):
            raise InputError(f"published {self.published}, tolerance {self.tolerance}", where=f"check {self.name!r}", fix="give finite numbers, the tolerance >= 0")


@frozen
class Outcome:
    """What a check gave.

    Args:
        check: the check.
        ours: our number in the check's unit; None when there is none.
        seconds: wall time.
        error: why there is no number, empty otherwise.
    """

    check: Check
    ours: float | None
    seconds: float
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether ours lies within the tolerance of the published number."""
        return self.ours is not None and abs(self.ours - self.check.published) <= self.check.tolerance

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        c = self.check
        return {
            "name": c.name,
            "room": c.room,
            "what": c.what,
            "ours": self.ours,
            "published": c.published,
            "tolerance": c.tolerance,
            "unit": c.unit,
            "passed": self.passed,
            "because": c.because,
            "source": c.source,
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }


def run_check(check: Check) -> Outcome:
    """Compute a check's number; chemwright's own errors and numbers that are not finite fail it, bugs go through."""
    start = perf_counter()
    try:
        ours, error = float(check.run()), ""
    except ChemwrightError as caught:
        return Outcome(check, None, perf_counter() - start, str(caught))
    if not math.isfinite(ours):
        error = f"the result is {ours}"
    return Outcome(check, None if error else ours, perf_counter() - start, error)
