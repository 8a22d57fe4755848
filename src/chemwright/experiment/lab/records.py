"""Records of the laboratory: channels, set points, readings, what counts as steady, and a station of them; all frozen, all with a JSON form."""

from __future__ import annotations

import math

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.lab.envelope import Envelope
from chemwright.record.fields import as_tuple, filled, finite, number, one_of, optional_number, unique, within

QUALITIES = ("good", "uncertain", "bad", "missing", "waiting")
"""Of a reading: ``good``; ``uncertain`` (the device says so); ``bad`` (a device error); ``missing`` (no number came, or NaN); ``waiting`` (a result that is still to come)."""
KINDS = ("set", "read", "result")
"""Of a channel: ``set`` is commanded; ``read`` is watched; ``result`` is watched and is the answer of the experiment."""


def reading_value(value: float | None) -> float | None:
    """A number, or None for what is none: NaN, infinity, a text, nothing at all."""
    if value is None or isinstance(value, bool | str):
        return None
    try:
        out = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return out + 0.0 if math.isfinite(out) else None


@frozen
class Channel:
    """One quantity of a station.

    Args:
        name: as the rest of the program calls it.
        unit: of all numbers on it.
        kind: one of :data:`KINDS`.
        safe: value in the safe state; of a ``set`` channel only.
        standby: value between runs; the safe one when None.
        tolerance: change over the steady window that does not count, in ``unit``; of ``read`` and ``result`` channels; None leaves the channel out of the question whether all is steady.
        address: what the driver calls it (node, register, column); the name when empty.
        levels: names where the channel takes one of a list (a solvent, a catalyst) and its value is the position in it, from 0; for people and files.

    Raises:
        InputError: no name, an unknown kind, a ``set`` channel without a safe value.
    """

    name: str = field(validator=filled)
    unit: str = "1"
    kind: str = field(default="read", validator=one_of(KINDS))
    safe: float | None = field(default=None, converter=optional_number, validator=finite)
    standby: float | None = field(default=None, converter=optional_number, validator=finite)
    tolerance: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    address: str = ""
    levels: tuple[str, ...] = field(default=(), converter=as_tuple)

    def __attrs_post_init__(self) -> None:
        if self.kind == "set" and self.safe is None:
            raise InputError("a channel that is commanded needs a safe value", where=f"channel {self.name!r}", fix="give 'safe', the value it is left at when anything goes wrong")


@frozen
class Setpoint:
    """A command: the value a channel shall have, in its unit."""

    channel: str = field(validator=filled)
    value: float = field(converter=number, validator=finite)
    unit: str = "1"


@frozen
class Reading:
    """One number that came from a device.

    Args:
        channel: whose.
        value: in ``unit``; None when no finite number came.
        unit: of the value.
        at: when the device measured it, seconds since 1970 (UTC).
        quality: one of :data:`QUALITIES`; ``missing`` where a value that is None came as good.
        note: what the device said about it.
    """

    channel: str = field(validator=filled)
    value: float | None = field(default=None, converter=reading_value)
    unit: str = "1"
    at: float = field(default=0.0, converter=number, validator=finite)
    quality: str = field(default="good", validator=one_of(QUALITIES))
    note: str = ""

    def __attrs_post_init__(self) -> None:
        if self.value is None and self.quality in ("good", "uncertain"):
            object.__setattr__(self, "quality", "missing")

    @property
    def usable(self) -> bool:
        """A number that may be used."""
        return self.value is not None and self.quality in ("good", "uncertain")


@frozen
class SteadyRule:
    """When a station counts as steady.

    Args:
        samples: readings of each channel in the window at least, with different time stamps.
        span: seconds that the window covers at least.
        least: seconds that pass, once the watched channels are steady at their set points, before a result counts.
        volumes: the same in residence times, where the plan says how long one is.
        limit: seconds after which waiting is given up.
        missing: readings in a row without a number after which a channel counts as dead.
        frozen: equal numbers in a row after which a channel that has noise counts as frozen; 0 never.
    """

    samples: int = field(default=6, validator=within(1))
    span: float = field(default=0.0, converter=number, validator=within(0.0))
    least: float = field(default=0.0, converter=number, validator=within(0.0))
    volumes: float = field(default=2.0, converter=number, validator=within(0.0))
    limit: float = field(default=3600.0, converter=number, validator=within(0.0, open_low=True))
    missing: int = field(default=8, validator=within(1))
    frozen: int = field(default=0, validator=within(0))


@frozen
class Agreement:
    """A reading that must follow its set point, or the run is no datum: how a blocked pump, a stuck heater or a leak shows.

    Args:
        reading: channel that is watched.
        setpoint: channel that is commanded, in the same unit.
        relative: share of the set point by which they may differ.
        absolute: difference allowed on top, in their unit.
        seconds: time for which they may differ more: the way to the set point.
        fault: what it means when they do, in words.
    """

    reading: str = field(validator=filled)
    setpoint: str = field(validator=filled)
    relative: float = field(default=0.05, converter=number, validator=within(0.0))
    absolute: float = field(default=0.0, converter=number, validator=within(0.0))
    seconds: float = field(default=30.0, converter=number, validator=within(0.0))
    fault: str = "the reading does not follow its set point"


@frozen
class Closure:
    """A sum of results that the feeds fix: how a wrong feed shows in the response even where no flow is measured.

    Args:
        results: channels and their weights, added up.
        feeds: ``set`` channels of the flows and what each brings, in the unit of the sum; the expected sum is their mean weighted by flow.
        relative: share by which the two may differ.
        fault: what it means when they do.
    """

    results: dict[str, float]
    feeds: dict[str, float]
    relative: float = field(default=0.1, converter=number, validator=within(0.0))
    fault: str = "what comes out is not what was fed"


@frozen
class Station:
    """A place where experiments are done: its channels, its safety envelope and its rules.

    Args:
        name: of the station.
        channels: all of them.
        envelope: what may be commanded, and what trips.
        steady: when it counts as steady.
        agreements, closures: what makes a run a failed one.
        driver: name and options of the driver, all texts.
        time_factor: seconds of the laboratory in one second of the clock: 1, but for a virtual one that runs faster. All times above are the laboratory's.

    Raises:
        InputError: two channels of one name, a rule about a channel that does not exist.
    """

    name: str = field(validator=filled)
    channels: tuple[Channel, ...] = field(converter=as_tuple, validator=unique("name"))
    envelope: Envelope = field(factory=Envelope)
    steady: SteadyRule = field(factory=SteadyRule)
    agreements: tuple[Agreement, ...] = field(default=(), converter=as_tuple)
    closures: tuple[Closure, ...] = field(default=(), converter=as_tuple)
    driver: dict[str, str] = field(factory=dict)
    time_factor: float = field(default=1.0, converter=number, validator=within(0.0, open_low=True))

    def __attrs_post_init__(self) -> None:
        sets, reads = {c.name for c in self.set_channels}, {c.name for c in self.read_channels}
        for known, names, what in (
            (sets, [*(a.setpoint for a in self.agreements), *(f for c in self.closures for f in c.feeds), *self.envelope.commanded()], "commanded"),
            (reads, [*(a.reading for a in self.agreements), *(r for c in self.closures for r in c.results), *self.envelope.watched()], "read"),
        ):
            for name in names:
                if name not in known:
                    raise InputError(f"no channel {name!r} that is {what}", where=f"station {self.name!r}", fix=did_you_mean(name, known))

    def channel(self, name: str) -> Channel:
        """The channel of a name.

        Raises:
            InputError: there is none.
        """
        for c in self.channels:
            if c.name == name:
                return c
        raise InputError(f"no channel {name!r}", where=f"station {self.name!r}", fix=did_you_mean(name, [c.name for c in self.channels]))

    @property
    def set_channels(self) -> tuple[Channel, ...]:
        """Those that are commanded."""
        return tuple(c for c in self.channels if c.kind == "set")

    @property
    def read_channels(self) -> tuple[Channel, ...]:
        """Those that are read, results among them."""
        return tuple(c for c in self.channels if c.kind != "set")

    @property
    def result_channels(self) -> tuple[Channel, ...]:
        """Those that are the answer of an experiment."""
        return tuple(c for c in self.channels if c.kind == "result")

    def safe(self) -> tuple[Setpoint, ...]:
        """The safe state."""
        return tuple(Setpoint(c.name, c.safe or 0.0, c.unit) for c in self.set_channels)

    def standby(self) -> tuple[Setpoint, ...]:
        """The state between runs."""
        return tuple(Setpoint(c.name, (c.safe or 0.0) if c.standby is None else c.standby, c.unit) for c in self.set_channels)
