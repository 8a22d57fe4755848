"""Phase envelopes: the line of bubble and dew points of a mixture, followed through its critical point."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.thermo.equilibrium.boundary import Boundary
from chemwright.thermo.equilibrium.feeds import fractions
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR, Array, Flags, Fluid, log_fractions
from chemwright.thermo.equilibrium.saturation import dew_point
from chemwright.thermo.equilibrium.stability import stability, starts

POINTS = 400
TOO_NEAR = 0.05
"""|ln K| below which no point is solved for: the trivial solution is near; the critical point is stepped over."""
SMALLEST_STEP = 1e-4


@frozen(eq=False)
class Envelope:
    """Points in the order they were followed, from the dew line at low pressure over the critical point to the bubble line.

    Args:
        ids: species keys.
        T: temperatures [K], shape (n,).
        P: pressures [Pa], shape (n,).
        incipient: mole fractions of the first trace of the other phase, shape (n, c).
        dew: whether the trace is the denser phase, shape (n,).
        stable: whether no third phase lies lower, shape (n,).
        critical: (T, P) of the critical points passed.
        cricondenbar: (T, P) of the highest pressure, or None where the line is open there.
        cricondentherm: (T, P) of the highest temperature.
        ended: why the line ends: "P_end", "P_max" or "T_min" was reached; "lost" on a stretch that is not stable (there a third phase takes over, and the line may have an end of its own).
    """

    ids: tuple[str, ...]
    T: Array
    P: Array
    incipient: Array
    dew: Flags
    stable: Flags
    critical: tuple[tuple[float, float], ...]
    cricondenbar: tuple[float, float] | None
    cricondentherm: tuple[float, float] | None
    ended: str


def phase_envelope(fluid: Fluid, z: Any, *, P_start: float = 1e5, P_end: float = 1e5, P_max: float = 1e9, T_min: float = 100.0) -> Envelope:
    """Follow the boundary of the two-phase region of one feed, from its dew point at low pressure.

    Continuation after Michelsen (Fluid Phase Equilib. 4 (1980) 1): the unknown that changes fastest is stepped, the rest follow from the tangent and Newton's method; near ln K = 0 the critical point is stepped over, and it and the extremes are
    found on the cubic through neighbouring points and their tangents.

    Args:
        fluid: model with one equation of state for both phases.
        z: mole fractions, shape (c,), of at least two species.
        P_start: pressure [Pa] of the first dew point.
        P_end: pressure [Pa] at which the bubble line ends.
        P_max: pressure [Pa] at which a line that does not turn ends.
        T_min: temperature [K] at which it ends.

    Raises:
        InputError: bad feed, or a model whose vapour and liquid are apart (it has no critical point).
        ConvergenceError: the line was lost where it is stable; the last good point is told.
    """
    feed = fractions(z, fluid.ids)[0]
    if np.count_nonzero(feed) < 2:
        raise InputError("a phase envelope needs two species in the feed, one given", where="z", fix="use bubble_point for a pure substance's vapour pressure")
    if not fluid.at(np.array([300.0]), np.array([1e5])).one_surface:
        raise InputError("this model's vapour and liquid are apart: it has no critical point", where="fluid", fix="use CubicEos, or bubble_point and dew_point")
    feed = np.maximum(feed, 1e-30)
    first = dew_point(fluid, feed / np.sum(feed), P=P_start)
    boundary = Boundary(fluid, feed, (VAPOUR, LIQUID))
    v = np.append(np.log(np.maximum(first.incipient, 1e-100) / feed), [np.log(first.T), np.log(first.P)])
    points, tangents, ended = _follow(boundary, v, (np.log(P_end), np.log(P_max), np.log(T_min)))
    out = _envelope(fluid, feed, points, tangents, ended)
    if ended in ("lost", "points") and out.stable[-1]:
        raise ConvergenceError(
            f"the phase envelope was lost after {len(points)} points",
            fix="give another P_start, or look at a part of it with bubble_point and dew_point",
            residuals={"points found": float(len(points))},
            last_good={"temperature [K]": float(out.T[-1]), "pressure [Pa]": float(out.P[-1])},
        )
    return out


def _follow(boundary: Boundary, v: Array, limits: tuple[float, float, float]) -> tuple[Array, Array, str]:
    """Points (n, c + 2) and tangents along the line, and why it ended."""
    c = len(boundary.z)
    low_p, high_p, low_t = limits
    solved = boundary.solve(v, c + 1, float(v[c + 1]))
    if solved is None:
        raise ConvergenceError("the first dew point of the envelope did not converge", fix="give another P_start", residuals={"points found": 0.0})
    points: list[Array] = [solved[0]]
    tangents: list[Array] = []
    fixed, step, direction = c + 1, 0.1, 1.0
    full, ended = solved[1], ""
    for _ in range(POINTS):
        slope = np.linalg.solve(full, np.eye(c + 2)[c + 1])
        scaled = np.abs(slope) * np.append(np.ones(c), [3.0, 1.0])
        new_fixed = int(np.argmax(scaled))
        slope = slope / slope[new_fixed]
        if tangents:
            direction = 1.0 if slope @ (points[-1] - points[-2]) > 0.0 else -1.0
        slope = slope * direction
        fixed = new_fixed
        tangents.append(slope)
        boundary, solved, step = _next(boundary, points[-1], slope, fixed, step)
        if solved is None:
            return np.array(points), np.array(tangents), "lost"
        points.append(solved[0])
        full = solved[1]
        step = min(step * {0: 2.0, 1: 1.6, 2: 1.4, 3: 1.1}.get(solved[2], 0.6), 0.35)
        t, p = solved[0][c], solved[0][c + 1]
        ended = "P_max" if p > high_p else "T_min" if t < low_t else "P_end" if p < low_p and len(points) > 5 else ""
        if ended:
            break
    slope = np.linalg.solve(full, np.eye(c + 2)[c + 1])
    tangents.append(slope * np.sign(slope @ (points[-1] - points[-2])))
    return np.array(points), np.array(tangents), ended or "points"


def _next(boundary: Boundary, point: Array, slope: Array, fixed: int, step: float) -> tuple[Boundary, tuple[Array, Array, int] | None, float]:
    """The next point, the step taken, and the boundary with its roots exchanged where the critical point was stepped over; no point where none is found."""
    c = len(boundary.z)

    def tried(at: Boundary, size: float, floor: float = 0.3 * TOO_NEAR) -> tuple[Array, Array, int] | None:
        ahead = point + size * slope
        found = at.solve(ahead, fixed, float(ahead[fixed]), iterations=12)
        good = found is not None and np.max(np.abs(found[0][:c])) > floor and np.max(np.abs(found[0] - point)) < 1.2
        return found if good else None

    while step > SMALLEST_STEP:
        if np.max(np.abs((point + step * slope)[:c])) < TOO_NEAR:
            big = int(np.argmax(np.abs(point[:c])))
            other = evolve(boundary, kinds=(boundary.kinds[1], boundary.kinds[0]))
            for factor in (1.5, 2.4, 4.0, 0.8):
                jump = (abs(point[big]) + factor * TOO_NEAR) / max(abs(slope[big]), 1e-12)
                found = tried(other, jump)
                if found is not None and found[0][big] * point[big] < 0.0:
                    return other, found, min(jump, 0.2)
            found = tried(boundary, min(step, 0.02), 0.04 * TOO_NEAR)  # near an azeotrope ln K is small far from any critical point
        else:
            found = tried(boundary, step)
        if found is not None:
            return boundary, found, step
        step *= 0.5
    return boundary, None, step


def _cubics(points: Array, tangents: Array) -> tuple[Array, Array]:
    """Twenty places inside every piece, by the cubic through its ends and tangents: the chord measures the way."""
    chord = np.diff(points, axis=0)
    length = np.linalg.norm(chord, axis=1, keepdims=True)
    unit = tangents / np.linalg.norm(tangents, axis=1, keepdims=True)
    s = np.linspace(0.0, 1.0, 201)[None, :, None]
    a, b, m, n = (q[:, None, :] for q in (points[:-1], points[1:], unit[:-1] * length, unit[1:] * length))
    curve = (1 + 2 * s) * (1 - s) ** 2 * a + s * (1 - s) ** 2 * m + s * s * (3 - 2 * s) * b + s * s * (s - 1) * n
    return curve.reshape(-1, points.shape[1]), np.repeat(np.arange(len(chord)), 201)


def _envelope(fluid: Fluid, z: Array, points: Array, tangents: Array, ended: str) -> Envelope:
    """Critical point and extremes on the curve, and stability of every point."""
    c = len(z)
    curve, _ = _cubics(points, tangents)
    T, P = np.exp(points[:, c]), np.exp(points[:, c + 1])
    w = z * np.exp(points[:, :c])
    w = w / np.sum(w, axis=1, keepdims=True)
    feed = np.repeat(z[None] / np.sum(z), len(T), axis=0)
    state = fluid.at(T, P)
    kinds = [state.stable_kind(v) for v in (feed, w)]
    d = log_fractions(feed) + state.ln_phi(feed, kinds[0])
    trials = stability(state, d, np.stack([feed, w], axis=1), *starts(state, feed, d, feed[:, None, :]))
    tc = fluid.at(T, P)
    dense = tc.compressibility(w, kinds[1]) < tc.compressibility(feed, kinds[0])
    biggest = np.argmax(np.abs(points[:-1, :c]), axis=1)
    crossed = np.flatnonzero(np.sign(points[:-1, :c][np.arange(len(biggest)), biggest]) != np.sign(points[1:, :c][np.arange(len(biggest)), biggest]))
    critical = []
    for k in crossed:
        piece = curve[201 * k : 201 * (k + 1)]
        at = int(np.argmin(np.sum(piece[:, :c] ** 2, axis=1)))
        critical.append((float(np.exp(piece[at, c])), float(np.exp(piece[at, c + 1]))))
    return Envelope(tuple(fluid.ids), T, P, w, dense, trials.distance > -1e-8, tuple(critical), _extreme(curve, c, c + 1), _extreme(curve, c, c), ended)


def _extreme(curve: Array, c: int, column: int) -> tuple[float, float] | None:
    """Temperature and pressure where a column of the curve is highest, if that is inside it."""
    k = int(np.argmax(curve[:, column]))
    return (float(np.exp(curve[k, c])), float(np.exp(curve[k, c + 1]))) if 0 < k < len(curve) - 1 else None
