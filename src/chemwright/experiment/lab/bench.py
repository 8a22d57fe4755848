"""From the variables of a campaign to the set points of a station, and from its readings to the campaign's objectives; SI on the campaign's side, channel units on the station's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.lab.outcome import RunResult
from chemwright.experiment.lab.records import Station
from chemwright.experiment.units import from_si, spread_to_si, to_si
from chemwright.record.fields import as_tuple, filled, number, one_of, within

RECIPES = ("direct", "flow")
FIGURES = ("level", "yield", "space_time_yield")


@frozen
class Recipe:
    """How the variables become set points.

    Args:
        kind: ``direct``: each variable is the channel of its name. ``flow``: ``residence_time`` and ``equivalents`` (of what feed b brings to what feed a brings) become the two flows,
            the others are direct.
        volume: of the reactor, m^3; of ``flow``; also what the waiting rule takes a residence time from.
        feed_a, feed_b: channels of the pumps.
        concentration_a, concentration_b: what they bring, mol/m^3.
        fixed: channels that every run commands to the same value, in their units.
    """

    kind: str = field(default="direct", validator=one_of(RECIPES))
    volume: float = field(default=0.0, converter=number, validator=within(0.0))
    feed_a: str = "flow_a"
    feed_b: str = "flow_b"
    concentration_a: float = field(default=0.0, converter=number, validator=within(0.0))
    concentration_b: float = field(default=0.0, converter=number, validator=within(0.0))
    fixed: dict[str, float] = field(factory=dict)


@frozen
class Figure:
    """How readings become an objective.

    Args:
        objective: its name in the campaign.
        kind: ``level``: the channel itself; ``yield``: moles that leave over moles of feed a; ``space_time_yield``: kg per m^3 of reactor and second.
        channel: whose reading.
        molar_mass: kg/mol, for a space-time yield.
    """

    objective: str = field(validator=filled)
    channel: str = field(validator=filled)
    kind: str = field(default="level", validator=one_of(FIGURES))
    molar_mass: float = field(default=0.0, converter=number, validator=within(0.0))


@frozen
class Bench:
    """A station with the way to it and back.

    Raises:
        InputError: a figure of a channel that is no result, a flow recipe without volume or concentrations.
    """

    station: Station
    recipe: Recipe = field(factory=Recipe)
    figures: tuple[Figure, ...] = field(default=(), converter=as_tuple)

    def __attrs_post_init__(self) -> None:
        results, r, where = [c.name for c in self.station.result_channels], self.recipe, f"station {self.station.name!r}"
        for f in self.figures:
            if f.channel not in results:
                raise InputError(f"{f.channel!r} is no result of the station", where=f"{where}, figure {f.objective!r}", fix=did_you_mean(f.channel, results))
            if f.kind == "space_time_yield" and not f.molar_mass:
                raise InputError("a space-time yield needs the molar mass", where=f"{where}, figure {f.objective!r}", fix="give molar_mass in kg/mol")
        flows = r.kind == "flow" or any(f.kind != "level" for f in self.figures)
        if flows and not (r.volume and r.concentration_a):
            raise InputError("flows and yields need the volume and what feed a brings", where=f"{where}, recipe", fix="give volume (m^3) and concentration_a (mol/m^3)")
        if r.kind == "flow" and not r.concentration_b:
            raise InputError("equivalents need what feed b brings", where=f"{where}, recipe", fix="give concentration_b (mol/m^3)")
        for name in [*r.fixed, *((r.feed_a, r.feed_b) if flows else ())]:
            self.station.channel(name)

    def setpoints(self, point: Mapping[str, float | str]) -> dict[str, float]:
        """Set points in the channels' units.

        Args:
            point: variables and their SI numbers or levels.

        Raises:
            InputError: a variable that is no channel and not part of the recipe, a level that the channel does not have.
        """
        out, rest = dict(self.recipe.fixed), dict(point)
        if self.recipe.kind == "flow":
            out.update(self._flows(_need(rest, "residence_time"), _need(rest, "equivalents")))
        for name, value in rest.items():
            channel = self.station.channel(name)
            if channel.kind != "set":
                raise InputError(f"{name!r} is read, not commanded", where=f"station {self.station.name!r}", fix="give the variable the name of a channel that is commanded")
            if isinstance(value, str):
                if value not in channel.levels:
                    raise InputError(f"{value!r} is no level of {name!r}", where=f"station {self.station.name!r}", fix=did_you_mean(value, channel.levels))
                out[name] = float(channel.levels.index(value))
            else:
                out[name] = from_si(value, channel.unit)
        return out

    def _flows(self, residence: float, equivalents: float) -> dict[str, float]:
        r = self.recipe
        total = r.volume / residence
        a = total / (1 + equivalents * r.concentration_a / r.concentration_b)
        return {name: from_si(q, self.station.channel(name).unit) for name, q in ((r.feed_a, a), (r.feed_b, total - a))}

    def residence(self, setpoints: Mapping[str, float]) -> float:
        """Residence time in s; 0 where the recipe has no volume or nothing flows."""
        r = self.recipe
        total = sum(to_si(setpoints[n], self.station.channel(n).unit) for n in (r.feed_a, r.feed_b) if n in setpoints) if r.volume else 0.0
        return r.volume / total if total > 0 else 0.0

    def figures_of(self, result: RunResult) -> dict[str, tuple[float, float]]:
        """Objectives of a measured run: SI mean and standard error; an objective whose channel has no level is left out."""
        out = {}
        for f in self.figures:
            level = result.level(f.channel)
            if level is None:
                continue
            scale = self._scale(f, result.setpoints)
            mean, std = to_si(level.mean, level.unit) * scale, spread_to_si(level.std, level.unit) * scale
            if math.isfinite(mean):
                out[f.objective] = (mean, std)
        return out

    def _scale(self, f: Figure, setpoints: Mapping[str, float]) -> float:
        """What the SI number of the channel is multiplied by."""
        r = self.recipe
        if f.kind == "level":
            return 1.0
        a, b = (to_si(setpoints.get(n, 0.0), self.station.channel(n).unit) for n in (r.feed_a, r.feed_b))
        if f.kind == "yield":
            return (a + b) / (r.concentration_a * a) if a > 0 else math.nan
        return (a + b) / r.volume * f.molar_mass


def _need(rest: dict[str, float | str], name: str) -> float:
    value = rest.pop(name, None)
    if not isinstance(value, float | int) or value <= 0:
        raise InputError(
            f"the recipe 'flow' needs the variable {name!r} above zero, got {value!r}",
            where="recipe",
            fix="name the campaign's variables residence_time and equivalents, or use kind = 'direct'",
        )
    return float(value)


def known_figures(benches: Sequence[Bench]) -> set[str]:
    """Objectives that every one of several benches gives."""
    return set.intersection(*({f.objective for f in b.figures} for b in benches)) if benches else set()
