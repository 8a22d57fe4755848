"""What became of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import asdict, field, frozen

from chemwright.experiment.lab.records import Agreement, Closure, Reading, Station
from chemwright.experiment.lab.steady import Level
from chemwright.record.fields import as_tuple, filled, one_of, within

STATES = ("begun", "measured", "failed")
CAUSES = ("", "refused", "fault", "sensor", "timeout", "connection", "interlock", "interrupted", "aborted", "device")
"""Why a run failed. Of these only ``refused`` speaks about the conditions that were asked for; the others are the equipment's, and the conditions may be tried again."""


@frozen
class RunResult:
    """One attempt at one experiment.

    Args:
        id: of the experiment.
        attempt: 1 for the first.
        state: one of :data:`STATES`; only ``measured`` is a datum.
        setpoints: what was commanded, in the channels' units.
        levels: steady means, of a measured run.
        cause: one of :data:`CAUSES`.
        why: the reason in words.
        begun, ended: ISO 8601 times.
        station: where.
    """

    id: str = field(validator=filled)
    attempt: int = field(default=1, validator=within(1))
    state: str = field(default="begun", validator=one_of(STATES))
    setpoints: dict[str, float] = field(factory=dict)
    levels: tuple[Level, ...] = field(default=(), converter=as_tuple)
    cause: str = field(default="", validator=one_of(CAUSES))
    why: str = ""
    begun: str = ""
    ended: str = ""
    station: str = ""

    def level(self, channel: str) -> Level | None:
        """The level of a channel, where it has one."""
        return next((x for x in self.levels if x.channel == channel), None)


def as_data(result: RunResult) -> dict[str, Any]:
    """A result as plain data."""
    return asdict(result)


def from_data(data: Mapping[str, Any]) -> RunResult:
    """Plain data as a result.

    Raises:
        InputError: a field is missing, unknown or malformed.
    """
    from chemwright.errors import InputError
    from chemwright.record.convert import converter

    try:
        out: RunResult = converter().structure(data, RunResult)
    except Exception as error:  # cattrs gathers errors of every kind in groups
        raise InputError(
            f"not the result of a run: {str(error)[:200]}", where="laboratory", fix="look into the audit log: it was changed by hand, or written by another version"
        ) from None
    return out


def disagreement(station: Station, commands: Mapping[str, float], readings: Mapping[str, Reading], seconds: float = math.inf) -> str:
    """Which reading does not follow its set point, in words; empty when all do.

    Args:
        station: whose rules.
        commands: values commanded.
        readings: newest usable readings.
        seconds: of the laboratory since the set points were commanded; readings may be on their way until the rule's own time has passed.
    """
    for rule in station.agreements:
        r = readings.get(rule.reading)
        if r is None or r.value is None or seconds < rule.seconds or rule.setpoint not in commands:
            continue
        wanted = commands[rule.setpoint]
        if abs(r.value - wanted) > _allowed(rule, wanted):
            return f"{rule.fault}: {rule.reading} is {r.value:.4g} {r.unit}, commanded were {wanted:.4g} {r.unit}"
    return ""


def _allowed(rule: Agreement, wanted: float) -> float:
    return rule.relative * abs(wanted) + rule.absolute


def open_closure(station: Station, commands: Mapping[str, float], levels: Iterable[Level]) -> str:
    """Which sum of results does not match what was fed, in words; empty when all do."""
    at = {x.channel: x.mean for x in levels}
    for rule in station.closures:
        expected = _fed(rule, commands)
        if expected is None or any(name not in at for name in rule.results):
            continue
        found = sum(weight * at[name] for name, weight in rule.results.items())
        if abs(found - expected) > rule.relative * abs(expected):
            return f"{rule.fault}: {' + '.join(rule.results)} is {found:.4g}, the feeds bring {expected:.4g}"
    return ""


def _fed(rule: Closure, commands: Mapping[str, float]) -> float | None:
    """Mean of the feeds, weighted by flow; None where nothing flows."""
    total = sum(commands.get(name, 0.0) for name in rule.feeds)
    return sum(commands.get(name, 0.0) * brings for name, brings in rule.feeds.items()) / total if total > 0 else None
