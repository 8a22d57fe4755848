"""Agreement among claims: one figure with its std out of several sources, and the ones that do not fit it.

The rule (a redescending estimate of location, in the manner of P. J. Huber, Robust Statistics, Wiley 1981, ch. 4): every reading supports a figure c
by exp(-((x - c)/u)^2 / 2), u being its own standard uncertainty together with the property's customary scatter between sources. The reading with
most support is the centre; those within three joint standard deviations of it agree, and their mean, weighted by 1/u^2, is the consensus. Its std is
that of the mean, widened by the Birge ratio where the readings that agree scatter more than their u says (R. T. Birge, Phys. Rev. 40 (1932) 207).

Tables copy from one another. One source counts once, by its median; a figure equal to another to six digits adds half a voice, and none when the std
is reckoned. The customary scatter is a prior: where three or more sources differ among each other by less, the scatter of this very group counts too, as
the median absolute deviation with the weight of its sources against that of two. A matter is settled when the centre has three quarters of a voice more than the best rival outside the group: one source against another,
or a copied figure against a single one, is not, and the std then spans all readings. Figures that no one measured count with a wider u. Properties on
a logarithmic scale are judged there.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from statistics import median
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from chemwright.errors import PropertyMissing
from chemwright.knowledge.properties import Property

if TYPE_CHECKING:  # the rule needs no database, and must not load one
    from chemwright.knowledge.base.claims import Filed

WIDER = {"measured": 1.0, "fitted": 1.0, "correlated": 1.5, "estimated": 3.0, "assumed": 4.0}
"""How much wider the u of a figure of each tier is taken than that of a measurement; a judgement, not a measurement."""
JOINT = 3.0
SAME = 1e-6
COPY, MARGIN = 0.5, 0.75
PRIOR_SOURCES = 2.0
"""Sources that the customary scatter counts for, against those of the group itself; set beforehand, not fitted."""
UNKNOWN_SCATTER = 0.05
"""Relative scatter between sources of a property for which the vocabulary tells none."""


@frozen
class Agreement:
    """What several claims say together.

    Args:
        value, std: consensus in the property's SI unit.
        agreeing, conflicting: the claims that fit it, and those that do not.
        settled: False where the readings that agree don't outweigh a rival: the std then spans all of them.
        sources: number of independent sources that agree.
        worst: distance of the farthest conflicting claim from the consensus in joint standard deviations; 0 without conflict.
    """

    value: float
    std: float
    agreeing: tuple[Filed, ...]
    conflicting: tuple[Filed, ...]
    settled: bool
    sources: int
    worst: float = 0.0

    @property
    def note(self) -> str:
        """Who agrees and who does not, in one line."""
        names = dict.fromkeys(c.record.source for c in self.agreeing)
        text = f"{self.sources} source(s) agree: " + ", ".join(names) + ("" if self.settled else " (not settled)")
        if self.conflicting:
            text += "; in conflict: " + ", ".join(f"{c.record.source} {c.record.value:.6g}" for c in self.conflicting)
        return text


@frozen
class _Point:
    x: float
    u: float
    claims: tuple[Filed, ...]


def agreement(claims: Iterable[Filed], item: Property) -> Agreement:
    """The consensus of claims on one property under one set of conditions.

    Args:
        claims: in any order; those that do not stand (retracted, proposed ...) must be left out by the caller.
        item: their property.

    Raises:
        PropertyMissing: no claims.
    """
    log = item.scale == "log"
    points = _own_scatter(_points(list(claims), item, log))
    voices = _voices(points)
    if not points:
        raise PropertyMissing(f"no claim on {item.name}", fix="add one: chemwright kb add")
    centre = _centre(points, voices)
    near = [p for p in points if _apart(p, centre) <= JOINT]
    mean = _mean(near)
    joint = [p for p in points if abs(p.x - mean) <= JOINT * math.hypot(p.u, _std(near))]
    near = joint or near
    far = [p for p in points if p not in near]
    rival = max((_support(p, far, voices) for p in far), default=0.0)
    settled = len(points) == 1 or (len(near) > 1 and _support(centre, near, voices) - rival >= MARGIN)
    if settled:
        x, s = _mean(near), _std(near)
    else:
        x, s = _mean(near), max(_std(near), 0.5 * (max(p.x for p in points) - min(p.x for p in points)))
    worst = max((abs(p.x - x) / math.hypot(p.u, s) for p in far), default=0.0)
    value = math.exp(x) if log else x
    std = value * s if log else s
    return Agreement(value, std, _claims(near), _claims(far), settled, len(near), worst)


def _claims(points: Sequence[_Point]) -> tuple[Filed, ...]:
    return tuple(c for p in points for c in p.claims)


def _points(claims: Sequence[Filed], item: Property, log: bool) -> list[_Point]:
    """One point a source, on the scale that the property is judged on; without figures that have no logarithm."""
    groups: dict[str, list[Filed]] = {}
    for c in claims:
        if not log or c.record.value > 0:
            groups.setdefault(c.record.source, []).append(c)
    return [_point(group, item, log) for _, group in sorted(groups.items())]


def _point(group: list[Filed], item: Property, log: bool) -> _Point:
    values = [math.log(c.record.value) if log else c.record.value for c in group]
    x = median(values)
    nearest = min(group, key=lambda c: abs((math.log(c.record.value) if log else c.record.value) - x))
    floor = 1e-9 * max(abs(x), item.high_usual or 1.0)  # a figure of zero has no relative scatter
    return _Point(x, max(expected_std(nearest, item), floor), tuple(group))


def expected_std(claim: Filed, item: Property) -> float:
    """How far from the truth a claim is expected to be, as a standard deviation on the scale that its property is judged on.

    Its own std where it tells one, though never under a third of the customary scatter between sources; else that scatter, wider for figures that no one measured.
    """
    log, size = item.scale == "log", abs(claim.record.value)
    scatter = (UNKNOWN_SCATTER if item.scatter is None else item.scatter) * scatter_factors().get(item.name, 1.0)
    if item.scatter is None or item.scatter_kind == "relative":
        s = scatter if log else scatter * size
    else:
        s = scatter / size if log and size else scatter
    if claim.record.std is None:
        return s * WIDER.get(claim.record.tier, 1.0)
    return max(claim.record.std / size if log and size else claim.record.std, s / 3.0)


@lru_cache(maxsize=1)
def scatter_factors() -> dict[str, float]:
    """What the vocabulary's scatter is multiplied by, property by property: fitted to the shipped core by ``training/scatter.py``."""
    text = (files("chemwright") / "data" / "core" / "scatter.csv").read_text(encoding="utf-8")
    return {r["property"]: float(r["factor"]) for r in csv.DictReader(text.splitlines())}


def _own_scatter(points: list[_Point]) -> list[_Point]:
    """The points with the scatter of their own group taken into account."""
    distinct = [p for i, p in enumerate(points) if not any(_equal(p.x, q.x) for q in points[:i])]
    n = len(distinct)
    if n < 3:
        return points
    middle = median(p.x for p in distinct)
    relative = median(abs(p.x - middle) / p.u for p in distinct) * 1.4826  # the group's scatter over what was expected
    factor = math.sqrt((PRIOR_SOURCES + n * min(relative, 1.0) ** 2) / (PRIOR_SOURCES + n))  # never wider: an outlier would hide itself
    return [evolve(p, u=p.u * factor) for p in points]


def _equal(a: float, b: float) -> bool:
    return abs(a - b) <= SAME * max(abs(a), abs(b))


def _voices(points: Sequence[_Point]) -> dict[int, float]:
    """The weight of each point by its id: 1 for the first of equal figures, less for each copy."""
    out: dict[int, float] = {}
    seen: list[float] = []
    for p in points:
        out[id(p)] = COPY if any(_equal(p.x, x) for x in seen) else 1.0
        seen.append(p.x)
    return out


def _support(p: _Point, points: Sequence[_Point], voices: dict[int, float]) -> float:
    return sum(voices[id(q)] * math.exp(-(((q.x - p.x) / math.hypot(q.u, p.u)) ** 2)) for q in points)


def _centre(points: Sequence[_Point], voices: dict[int, float]) -> _Point:
    """The reading with most support; of equals the narrowest, then the most central."""
    middle = median(p.x for p in points)
    return max(points, key=lambda p: (round(_support(p, points, voices), 9), -p.u, -abs(p.x - middle), -p.x))


def _apart(p: _Point, q: _Point) -> float:
    return abs(p.x - q.x) / math.hypot(p.u, q.u)


def _mean(points: Sequence[_Point]) -> float:
    weights = [1.0 / p.u**2 for p in points]
    return sum(w * p.x for w, p in zip(weights, points, strict=True)) / sum(weights)


def _std(points: Sequence[_Point]) -> float:
    """Standard uncertainty of the weighted mean, equal figures counted once, times the Birge ratio where that is above one."""
    distinct: list[_Point] = []
    for p in sorted(points, key=lambda p: p.x):
        if distinct and _equal(p.x, distinct[-1].x):
            if p.u < distinct[-1].u:
                distinct[-1] = p
        else:
            distinct.append(p)
    total = sum(1.0 / p.u**2 for p in distinct)
    if len(distinct) == 1:
        return distinct[0].u
    mean = _mean(distinct)
    birge = math.sqrt(sum(((p.x - mean) / p.u) ** 2 for p in distinct) / (len(distinct) - 1))
    return max(1.0, birge) / math.sqrt(total)
