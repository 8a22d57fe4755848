"""The safety envelope: what may be commanded, how fast, what together, and what trips; plain functions from records to reasons."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.record.fields import as_tuple, filled, finite, named_numbers, number, one_of, optional_number, within


@frozen
class Limit:
    """A commanded channel stays from ``low`` to ``high``, and changes by at most ``per_second`` a second; in its unit."""

    channel: str = field(validator=filled)
    low: float | None = field(default=None, converter=optional_number, validator=finite)
    high: float | None = field(default=None, converter=optional_number, validator=finite)
    per_second: float | None = field(default=None, converter=optional_number, validator=within(0.0, open_low=True))

    def __attrs_post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(f"low {self.low:g} is above high {self.high:g}", where=f"limit of {self.channel!r}", fix="swap them")


@frozen
class Condition:
    """A channel is above or below a value of its unit."""

    channel: str = field(validator=filled)
    side: str = field(validator=one_of(("above", "below")))
    value: float = field(converter=number, validator=finite)

    def holds(self, at: float) -> bool:
        """Whether a number meets the condition."""
        return at > self.value if self.side == "above" else at < self.value

    def __str__(self) -> str:
        return f"{self.channel} {self.side} {self.value:g}"


@frozen
class Interlock:
    """When a reading meets a condition for some seconds, channels are commanded at once and the station is held until a person clears it.

    Args:
        name: of the interlock.
        when: the condition, on a channel that is read.
        seconds: for how long without a break.
        then: channels and values; the whole safe state when empty.
        blind: seconds without any number on the channel after which it trips as well; 0 never. A channel that can't be seen protects nothing.
    """

    name: str = field(validator=filled)
    when: Condition
    seconds: float = field(default=0.0, converter=number, validator=within(0.0))
    then: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    blind: float = field(default=0.0, converter=number, validator=within(0.0))


@frozen
class Forbidden:
    """Commands that must not hold together, each harmless alone."""

    name: str = field(validator=filled)
    together: tuple[Condition, ...] = field(converter=as_tuple)
    why: str = ""


@frozen
class Material:
    """What a feed brings: its reactive groups, by the names of the table of incompatibilities."""

    name: str = field(validator=filled)
    channel: str = field(validator=filled)
    groups: tuple[str, ...] = field(default=(), converter=as_tuple)


@frozen
class Envelope:
    """All rules of a station.

    Args:
        limits, interlocks, forbidden: the rules.
        materials: what the feeds bring.
        accepted: pairs of incompatible groups, as ``"acids|bases"``, that are meant to meet here, and who decided so and why.
    """

    limits: tuple[Limit, ...] = field(default=(), converter=as_tuple)
    interlocks: tuple[Interlock, ...] = field(default=(), converter=as_tuple)
    forbidden: tuple[Forbidden, ...] = field(default=(), converter=as_tuple)
    materials: tuple[Material, ...] = field(default=(), converter=as_tuple)
    accepted: dict[str, str] = field(factory=dict)

    def commanded(self) -> list[str]:
        """Commanded channels that the rules name."""
        named = [x.channel for x in self.limits] + [c.channel for f in self.forbidden for c in f.together] + [m.channel for m in self.materials]
        return named + [name for i in self.interlocks for name in i.then]

    def watched(self) -> list[str]:
        """Read channels that the rules name."""
        return [i.when.channel for i in self.interlocks]


def refusals(envelope: Envelope, commands: Mapping[str, float], now: Mapping[str, float], elapsed: Mapping[str, float]) -> list[str]:
    """Why commands may not be given; an empty list when they may.

    Args:
        envelope: the rules.
        commands: channels and the values they shall have, in their units.
        now: values commanded before, of all channels.
        elapsed: seconds since each channel was last commanded.

    Returns:
        one sentence a reason.
    """
    out = []
    for limit in envelope.limits:
        if limit.channel not in commands:
            continue
        value = commands[limit.channel]
        if limit.low is not None and value < limit.low:
            out.append(f"{limit.channel} {value:g} is below its limit {limit.low:g}")
        if limit.high is not None and value > limit.high:
            out.append(f"{limit.channel} {value:g} is above its limit {limit.high:g}")
        before = now.get(limit.channel)
        if limit.per_second is not None and before is not None:
            most = limit.per_second * elapsed.get(limit.channel, 0.0)
            if abs(value - before) > most * (1 + 1e-9) + 1e-12:
                out.append(f"{limit.channel} from {before:g} to {value:g} in {elapsed.get(limit.channel, 0.0):.3g} s is faster than {limit.per_second:g} a second")
    state = {**now, **commands}
    for rule in envelope.forbidden:
        if rule.together and all(c.channel in state and c.holds(state[c.channel]) for c in rule.together):
            out.append(f"{rule.name}: " + " together with ".join(map(str, rule.together)) + (f" ({rule.why})" if rule.why else ""))
    return out


def next_steps(envelope: Envelope, target: Mapping[str, float], now: Mapping[str, float], elapsed: Mapping[str, float]) -> dict[str, float]:
    """Commands that go from ``now`` toward ``target`` as fast as the rates allow."""
    rates = {x.channel: x.per_second for x in envelope.limits if x.per_second is not None}
    out = {}
    for name, value in target.items():
        rate, before = rates.get(name), now.get(name)
        if rate is not None and before is not None:
            most = rate * elapsed.get(name, 0.0)
            value = min(max(value, before - most), before + most)
        out[name] = value
    return out
