"""What measured claims say of one property at one temperature: each source is read there, then the consensus rule of the knowledge base joins the sources.

A source with points on both sides of the temperature is read by a line (or, of a correlation, a parabola) through its neighbouring points, in coordinates in which
the property is nearly straight; a source that ends before it is continued by its last slope, with a standard uncertainty that grows with the distance. Sources that
reach the temperature go before those that have to be continued.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, cast

from attrs import frozen

from chemwright.errors import PropertyMissing
from chemwright.knowledge.consensus import agreement
from chemwright.knowledge.core.compact import Figure
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.property.answering.catalogue import ROOM, Asked

if TYPE_CHECKING:
    from chemwright.knowledge.base.claims import Filed

NEAR = 2.0
"""A single point counts for temperatures [K] within this distance."""
REACH = 60.0
"""How far [K] a source is continued beyond its last point, and no more than half the length of its range."""
SURE = 10.0
"""Continued by more than this [K], the answer is flagged."""
SLOPE_STD = 0.15
"""Relative standard uncertainty of the slope by which a source is continued beyond its points; a judgement, wider than the slopes of real curves change within 60 K."""
UNDATED = ROOM
"""Temperature [K] at which a figure holds that tells none: room temperature, as handbooks mean it."""

# kinds of claim that answer a question under another name: property asked -> (property claimed, turned into the one asked by molar mass [kg/mol])
_KIN: dict[str, tuple[tuple[str, Callable[[float, float], float]], ...]] = {
    "liquid_density": (("liquid_molar_volume", lambda v, m: m / v), ("density", lambda v, m: v)),
    "normal_boiling_point": (("boiling_point", lambda v, m: v),),
    "melting_point": (("freezing_point", lambda v, m: v),),
    "aqueous_solubility_log": (("aqueous_solubility", lambda v, m: math.log10(max(v / m / 1e3, 1e-300))),),
    "liquid_viscosity": (("viscosity", lambda v, m: v),),
    "liquid_thermal_conductivity": (("thermal_conductivity", lambda v, m: v),),
}
_FORWARD: dict[str, tuple[Callable[[float], float], Callable[[float], float], Callable[[float], float]]] = {
    "linear": (lambda y: y, lambda z: z, lambda t: t),
    "log-linear": (math.log, math.exp, lambda t: t),
    "log-log": (math.log, math.exp, math.log),
    "log-reciprocal": (math.log, math.exp, lambda t: -1.0 / t),
}


@frozen
class Measured:
    """Value and standard uncertainty in SI, whether the temperature lies where there are data, the sources that agree, a note, and whether readings that agree outweigh their rivals."""

    value: float
    std: float
    inside: bool
    sources: tuple[str, ...]
    note: str
    settled: bool = True


def held_at(figure: Figure) -> float:
    """Temperature [K] that a figure holds at; room temperature where it tells none."""
    return UNDATED if figure.temperature is None else figure.temperature


def related(name: str) -> tuple[str, ...]:
    """The names under which claims may speak of a property asked for."""
    return (name, *(k for k, _ in _KIN.get(name, ())))


def measured(figures: Iterable[Figure], item: Asked, t: float, molar_mass: float, liquid: tuple[float, float] = (0.0, 1e9)) -> Measured | None:
    """The consensus of claims on one property of one substance.

    Args:
        figures: all that is known of the substance, in SI.
        item: the property.
        t: temperature [K]; of no effect where the property does not run with it.
        molar_mass: [kg/mol], to turn volumes into densities.
        liquid: melting and boiling point [K]: a density of unknown phase is taken for a liquid's only where the substance is liquid at room temperature.

    Returns:
        Nothing when no source reaches the temperature.
    """
    points = list(_points(figures, item, molar_mass, liquid))
    if not points:
        return None
    if not item.curve:
        return _joined([(p.value, p.std, p.source, p.tier) for p in points], item, 0.0)
    by_source: dict[str, list[Figure]] = {}
    for p in points:
        by_source.setdefault(p.source, []).append(p)
    read = [r for source, group in sorted(by_source.items()) if (r := _read(group, item.curve, t)) is not None]
    if not read:
        return None
    nearest = min(r[1] for r in read)
    kept = [r for r in read if r[1] <= nearest + 1e-9]
    return _joined([r[0] for r in kept], item, nearest)


def _points(figures: Iterable[Figure], item: Asked, molar_mass: float, liquid: tuple[float, float]) -> Iterable[Figure]:
    turns = {item.name: lambda v, m: v, **dict(_KIN.get(item.name, ()))}
    for f in figures:
        turn = turns.get(f.property)
        if turn is None or (f.property == "density" and not liquid[0] < UNDATED < liquid[1]) or (item.log and not f.value > 0):
            continue
        value = turn(f.value, molar_mass)
        std = None if f.std is None else f.std * (abs(value / f.value) if f.value and f.property != item.name else 1.0)
        if item.low <= value <= item.high:
            yield Figure(item.name, value, std, f.temperature if f.temperature is not None else (UNDATED if item.curve else None), f.source, f.tier)


def _read(group: Sequence[Figure], curve: str, t: float) -> tuple[tuple[float, float | None, str, str], float] | None:
    """One source at ``t``: (value, std, source, tier) and how far [K] it had to be continued; nothing where it does not reach."""
    forward, back, place = _FORWARD[curve]
    points = _merged(group)
    temperatures = [held_at(p) for p in points]
    near = min(points, key=lambda p: abs(held_at(p) - t))
    relative = None if near.std is None or near.value == 0 else near.std / abs(near.value)
    beyond = max(temperatures[0] - t, t - temperatures[-1], 0.0)
    if len(points) == 1 or beyond > min(REACH, 0.5 * (temperatures[-1] - temperatures[0])):
        if beyond > NEAR:
            return None
        return (near.value, near.std, near.source, near.tier), 0.0
    k = _window(temperatures, t, 3 if near.tier == "fitted" else 2)
    xs, ys = [place(temperatures[i]) for i in k], [forward(points[i].value) for i in k]
    x = place(t)
    y = _lagrange(xs, ys, x) if not beyond else _line(xs[:2] if t < temperatures[0] else xs[-2:], ys[:2] if t < temperatures[0] else ys[-2:], x)
    try:
        value = back(y)
    except OverflowError:
        return None
    std = None if relative is None else relative * abs(value)
    if beyond:
        end = back(_line(xs[:2] if t < temperatures[0] else xs[-2:], ys[:2] if t < temperatures[0] else ys[-2:], place(min(max(t, temperatures[0]), temperatures[-1]))))
        std = math.hypot(std if std is not None else 0.01 * abs(value), SLOPE_STD * abs(value - end))
    return (value, std, near.source, near.tier), beyond


def _merged(group: Sequence[Figure]) -> list[Figure]:
    """Points by ascending temperature, one at each: the middle one of several."""
    at: dict[float, list[Figure]] = {}
    for p in group:
        at.setdefault(round(held_at(p), 2), []).append(p)
    return [sorted(ps, key=lambda p: p.value)[len(ps) // 2] for _, ps in sorted(at.items())]


def _window(ts: Sequence[float], t: float, size: int) -> list[int]:
    """Places of the ``size`` points around ``t``, ascending."""
    if len(ts) <= size:
        return list(range(len(ts)))
    i = next((i for i, x in enumerate(ts) if x >= t), len(ts) - 1)
    start = min(max(i - 1 if size == 2 or (i < len(ts) and ts[i] - t < t - ts[i - 1]) else i - 2, 0), len(ts) - size)
    return list(range(start, start + size))


def _lagrange(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    total = 0.0
    for i, (a, y) in enumerate(zip(xs, ys, strict=True)):
        for j, b in enumerate(xs):
            if i != j:
                y *= (x - b) / (a - b)
        total += y
    return total


def _line(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    return ys[0] + (ys[1] - ys[0]) * (x - xs[0]) / (xs[1] - xs[0])


def _joined(read: Sequence[tuple[float, float | None, str, str]], item: Asked, beyond: float) -> Measured | None:
    rule = vocabulary().find(item.name, item.name)
    try:
        out = agreement(cast("list[Filed]", [_Said(*r) for r in read]), rule)
    except (PropertyMissing, ValueError):
        return None
    if not (math.isfinite(out.value) and math.isfinite(out.std) and item.low <= out.value <= item.high) or (item.log and out.value <= 0):
        return None  # a curve that was continued, or read between points, to where there is no such figure
    kinds = {c.record.tier for c in out.agreeing}
    guessed = "" if kinds & {"measured", "fitted"} else "; no one measured it: the sources correlate or estimate"
    note = out.note + guessed + (f"; continued by {beyond:.0f} K beyond the data" if beyond > 0 else "")
    return Measured(out.value, out.std, beyond <= SURE, tuple(dict.fromkeys(c.record.source for c in out.agreeing)), note, out.settled)


@frozen
class _Said:
    """What the consensus rule looks at of a claim."""

    value: float
    std: float | None
    source: str
    tier: str

    @property
    def record(self) -> _Said:
        return self
