"""What goes wrong in the virtual lab, when and for how long."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from chemwright.record.fields import number, one_of, within

FAULTS = ("blocked_pump", "leak", "heater_stuck", "sensor_frozen", "sensor_nan", "sensor_drift", "sensor_silent", "clogging", "connection", "dead")
"""``blocked_pump`` (target: its flow) delivers the share ``size``; ``leak`` loses the share ``size`` of the feed; ``heater_stuck`` stays where it is;
``sensor_frozen``, ``sensor_nan``, ``sensor_silent`` and ``sensor_drift`` (size: share an hour) act on the channel ``target``; ``clogging`` adds ``size`` bar an hour;
``connection`` takes the lab off the network; ``dead`` ends its process."""


@frozen
class Fault:
    """One fault.

    Args:
        kind: one of :data:`FAULTS`.
        begin: seconds of the laboratory after its start, or after that of a run.
        after: the run, counted from 1, from whose start ``begin`` counts; 0 for the laboratory's own.
        length: seconds for which it lasts, until someone mends it.
        target: a pump's flow or a channel.
        size: see :data:`FAULTS`.
    """

    kind: str = field(validator=one_of(FAULTS))
    begin: float = field(default=0.0, converter=number, validator=within(0.0))
    after: int = field(default=0, validator=within(0))
    length: float = field(default=1e12, converter=number, validator=within(0.0))
    target: str = ""
    size: float = field(default=0.0, converter=number, validator=within(0.0))

    def active(self, at: float) -> bool:
        """Whether it acts at a time of the laboratory, s."""
        return self.after == 0 and self.begin <= at < self.begin + self.length


def acting(faults: Iterable[Fault], kind: str, at: float, target: str = "") -> Fault | None:
    """The fault of a kind that acts on a target at a time, where there is one."""
    return next((f for f in faults if f.kind == kind and f.active(at) and f.target in ("", target)), None)
