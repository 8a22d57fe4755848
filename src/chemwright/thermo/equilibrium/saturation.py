"""Bubble and dew points of any fluid: where a second phase appears along a line of pressures or temperatures."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.thermo.equilibrium.boundary import Boundary
from chemwright.thermo.equilibrium.feeds import ABSENT, condition, fractions
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR, Array, Fluid
from chemwright.thermo.equilibrium.result import Equilibrium, EquilibriumBatch
from chemwright.thermo.equilibrium.tp import flash_batch

POINTS, INSIDE, ROUNDS, MOST = 96, 15, 11, 16
FINE = 1e-8
"""Of ln P or ln T: changes nearer than this to one another are one, between which phases come and go by rounding."""
PRESSURES = (1.0, 1e9)
"""Where bubble and dew pressures are looked for unless told otherwise [Pa]."""
TEMPERATURES = (60.0, 1500.0)
"""Where bubble and dew temperatures are looked for unless told otherwise [K]; a fluid's own limits narrow it."""


@frozen(eq=False)
class SaturationPoint:
    """A bubble or dew point.

    Args:
        kind: "bubble" (the first trace is lighter than what it comes from) or "dew".
        T: temperature [K].
        P: pressure [Pa].
        incipient: mole fractions of the first trace, shape (c,).
        rest: mole fractions of the other phases: the feed itself, or its liquids where it is split.
    """

    kind: str
    T: float
    P: float
    incipient: Array
    rest: tuple[Array, ...]


def bubble_point(fluid: Fluid, z: Any, *, T: float | None = None, P: float | None = None, bounds: tuple[float, float] | None = None) -> SaturationPoint:
    """Where a liquid of mole fractions z (c,) begins to boil, at T [K] or at P [Pa]; of several, that of highest pressure or lowest temperature.

    Raises:
        InputError: bad feed, or not exactly one of T and P.
        ConvergenceError: there is none between the bounds (as above the cricondentherm), or a flash on the way failed.
    """
    found = [s for s in saturation_points(fluid, z, T=T, P=P, bounds=bounds) if s.kind == "bubble"]
    if not found:
        raise _nothing("bubble", T, P, bounds)
    return found[-1] if P is None else found[0]


def dew_point(fluid: Fluid, z: Any, *, T: float | None = None, P: float | None = None, bounds: tuple[float, float] | None = None) -> SaturationPoint:
    """Where a vapour of mole fractions z (c,) begins to condense, at T [K] or at P [Pa]; of several (retrograde condensation), that of lowest pressure or highest temperature.

    Raises:
        InputError, ConvergenceError: as :func:`bubble_point`.
    """
    found = [s for s in saturation_points(fluid, z, T=T, P=P, bounds=bounds) if s.kind == "dew"]
    if not found:
        raise _nothing("dew", T, P, bounds)
    return found[0] if P is None else found[-1]


def saturation_points(fluid: Fluid, z: Any, *, T: float | None = None, P: float | None = None, bounds: tuple[float, float] | None = None) -> list[SaturationPoint]:
    """Every point on a line of pressures (T given) or temperatures (P given) where the first trace of a vapour or a condensate appears, in rising order.

    The line is looked at by flashes at 96 places, changes are closed in on by flashes between, and the last digits come from Newton's method on the fugacities where the feed is one phase there.

    Args:
        fluid: model of the mixture.
        z: mole fractions, shape (c,), that sum to one.
        T: temperature [K], or None.
        P: pressure [Pa], or None.
        bounds: of the line, in Pa or K.

    Raises:
        InputError: bad feed, or not exactly one of T and P, or bad bounds.
        ConvergenceError: a flash at a change failed.
    """
    feed = fractions(z, fluid.ids)
    if len(feed) != 1 or (T is None) == (P is None):
        raise InputError("one feed, and one of T and P, expected", where="z, T, P", fix="give z of shape (c,) and either T in kelvin or P in pascal")
    given = condition(T if P is None else P, 1, "T" if P is None else "P")[0]
    low, high = bounds or (PRESSURES if P is None else _temperatures(fluid))
    if not 0.0 < low < high:
        raise InputError(f"bounds {low!r} and {high!r} must be positive and rise", where="bounds", fix="give (low, high)")

    def at(logs: Array) -> EquilibriumBatch:
        value = np.exp(logs)
        t, p = (np.full(len(value), given), value) if P is None else (value, np.full(len(value), given))
        return flash_batch(fluid, np.repeat(feed, len(value), axis=0), t, p, strict=False)

    ends = _close_in(at, np.linspace(np.log(low), np.log(high), POINTS))
    out = []
    for one, other in ends:
        out += _points(fluid, feed[0], one, other, 0 if P is None else 1)
    out.sort(key=lambda s: s.P if P is None else s.T)
    return [s for k, s in enumerate(out) if k == 0 or s.kind != out[k - 1].kind or abs(np.log(s.P * s.T / (out[k - 1].P * out[k - 1].T))) > 1e-8]


def _close_in(at: Any, logs: Array) -> list[tuple[Equilibrium, Equilibrium]]:
    """Pairs of neighbours with different phases, a hair apart."""
    brackets = _changes(logs, _codes(at(logs)))
    for _ in range(ROUNDS):
        if not brackets:
            return []
        if len(brackets) > MOST:
            raise ConvergenceError("more changes of phase on this line than can be told apart", fix="give narrower bounds", residuals={"changes of phase": float(len(brackets))})
        fine = np.concatenate([np.linspace(a, b, INSIDE + 2) for a, b in brackets])
        codes = _codes(at(fine)).reshape(len(brackets), -1)
        found = [_changes(line, row) for line, row in zip(fine.reshape(len(brackets), -1), codes, strict=True)]
        brackets = [b for row in found for b in (row if not row or row[-1][1] - row[0][0] > FINE else row[:1])]
    batch = at(np.array(brackets).reshape(-1)) if brackets else None
    if batch is None:
        return []
    open_ = max(b - a for a, b in brackets)
    if open_ > 1e-8:
        raise ConvergenceError(
            "flashes at a change of phase on this line did not converge", fix="give bounds that leave it out", residuals={"ln of the width that stays open [1]": open_}
        )
    return [(batch[k], batch[k + 1]) for k in range(0, 2 * len(brackets), 2)]


def _changes(logs: Array, codes: Array) -> list[tuple[float, float]]:
    """Neighbours that converged, with different phases."""
    known = np.flatnonzero(codes > 0)
    logs, codes = logs[known], codes[known]
    return [(float(logs[k]), float(logs[k + 1])) for k in np.flatnonzero(codes[:-1] != codes[1:]) if logs[k + 1] > logs[k]]


def _codes(batch: EquilibriumBatch) -> Array:
    """Phases counted, and whether there is a vapour, a liquid, both; zero where a flash failed."""
    return 10 * batch.count.astype(int) + np.max(np.where(batch.kinds == VAPOUR, 1, 0), axis=1) + np.max(np.where(batch.kinds == LIQUID, 2, 0), axis=1)


def _points(fluid: Fluid, z: Array, one: Equilibrium, other: Equilibrium, free: int) -> list[SaturationPoint]:
    """Bubble or dew point between two flashes; both where a pure substance or an azeotrope boils; none where only the name changes."""
    if len(one.phases) == len(other.phases):
        if all(abs(a.Z - b.Z) <= 1e-3 * max(a.Z, b.Z) for a, b in zip(_by_density(one), _by_density(other), strict=True)):
            return []  # only the name changes: near or above the critical point the density is nearer to the one, then to the other
        if len(one.phases) == 1:
            gas, rest = (one, other) if one.phases[0].kind == "vapour" else (other, one)
            return [SaturationPoint("bubble", one.T, one.P, gas.phases[0].x, (z,)), SaturationPoint("dew", one.T, one.P, rest.phases[0].x, (z,))]
    few, many = (one, other) if ({p.kind for p in one.phases} < {p.kind for p in other.phases} or len(one.phases) < len(other.phases)) else (other, one)
    there = {p.kind for p in few.phases}
    new = [p for p in many.phases if p.kind not in there]
    first = min(many.phases, key=lambda p: p.amount) if len(many.phases) > len(few.phases) else max(new or many.phases, key=lambda p: p.amount)
    if {p.kind for p in many.phases} == {"liquid"}:
        return []  # a liquid parts in two
    if "vapour" in there and len(few.phases) > 1:
        return []  # a second liquid beside vapour and liquid
    others = tuple(p.x for p in few.phases)
    kind = "bubble" if first.kind == "vapour" else "dew"
    point = SaturationPoint(kind, many.T, many.P, first.x, others)
    return [_polished(fluid, z, point, free) if len(others) == 1 and len(z) > 1 else point]


def _polished(fluid: Fluid, z: Array, point: SaturationPoint, free: int) -> SaturationPoint:
    """The same to the last digits, where Newton's method stays near."""
    c, feed = len(z), np.maximum(z, ABSENT)
    start = np.append(np.log(np.maximum(point.incipient, ABSENT) / feed), [np.log(point.T), np.log(point.P)])
    kinds = (LIQUID, VAPOUR) if point.kind == "bubble" else (VAPOUR, LIQUID)
    solved = Boundary(fluid, feed, kinds).solve(start, c + free, float(start[c + free]))
    if solved is None or np.max(np.abs(solved[0] - start)[c:]) > 1e-5 or np.max(np.abs(solved[0][:c])) < 1e-3:
        return point
    v = solved[0]
    w = np.where(z > 0.0, feed * np.exp(v[:c]), 0.0)
    return SaturationPoint(point.kind, float(np.exp(v[c])), float(np.exp(v[c + 1])), w / np.sum(w), point.rest)


def _by_density(answer: Equilibrium) -> list[Any]:
    return sorted(answer.phases, key=lambda p: p.Z)


def _temperatures(fluid: Fluid) -> tuple[float, float]:
    own = getattr(fluid, "T_limits", TEMPERATURES)
    return max(own[0], TEMPERATURES[0]), min(own[1], TEMPERATURES[1])


def _nothing(kind: str, T: float | None, P: float | None, bounds: tuple[float, float] | None) -> ConvergenceError:
    line = f"{T:.6g} K" if P is None else f"{P:.6g} Pa"
    return ConvergenceError(
        f"no {kind} point at {line}" + (f" between {bounds[0]:g} and {bounds[1]:g}" if bounds else ""),
        fix="the mixture may be beyond its critical region; see phase_envelope, or give other bounds",
        residuals={f"number of {kind} points": 0.0},
    )
