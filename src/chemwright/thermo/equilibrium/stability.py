"""Is there a phase under the tangent plane? Michelsen's stability test, over many states and starts at once."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.thermo.equilibrium.descent import downhill
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR, Array, FluidState, Index, Kinds, log_fractions

SUBSTITUTIONS, ITERATIONS, MERGE_AT = 20, 90, 5
SLOW = 0.25
"""Ratio of a trial's residuals from which on Newton's method takes over from successive substitution."""
TOLERANCE = 1e-10
UNSTABLE = -1e-11
"""Tangent plane distance [1] under which another phase is taken to exist."""


@frozen(eq=False)
class Trials:
    """Lowest trial phase of each of n states.

    Args:
        distance: tangent plane distance 1 + sum W (ln W + ln phi - d - 1) [1], shape (n,); below zero the state is unstable.
        w: mole fractions of that trial phase, shape (n, c).
        kind: its kind, shape (n,).
        open_error: largest residual among trials that did not converge [1], shape (n,); zero where all did or instability is proven.
    """

    distance: Array
    w: Array
    kind: Kinds
    open_error: Array


def stability(state: FluidState, d: Array, phases: Array, starts: Array, kinds: Kinds, rows: Index, *, first: bool = False) -> Trials:
    """Minimise the tangent plane distance from many starts (Michelsen, Fluid Phase Equilib. 9 (1982) 1): a few successive substitutions, then Newton's method in 2 sqrt(W) that only goes downhill.

    Args:
        state: n states.
        d: ln x + ln phi of a phase at hand, shape (n, c).
        phases: mole fractions of the phases at hand, shape (n, p, c); a trial that falls back on one is trivial and dropped.
        starts: mole fractions of the m trial phases, shape (m, c).
        kinds: their kinds, shape (m,).
        rows: the state each belongs to, shape (m,).
        first: be content with the first trial of a state that proves it unstable.
    """
    n, c = d.shape
    best, w_best, k_best, open_error = np.full(n, np.inf), np.zeros((n, c)), np.zeros(n, dtype=np.int8), np.zeros(n)
    many, target = state.take(rows), d[rows]
    ln_w = target - many.ln_phi(starts, kinds)
    known = np.sqrt(phases)[rows]
    live, before = np.arange(len(rows)), np.full(len(rows), np.inf)
    for iteration in range(ITERATIONS):
        if iteration == MERGE_AT:
            live = live[_distinct(ln_w[live], kinds[live], rows[live])]
        u, k, goal, here = ln_w[live], kinds[live], target[live], many.take(live)
        theta, distance, w, total = _look(here, u, k, goal)
        error = np.max(np.minimum(np.sqrt(w), 1.0) * np.abs(theta), axis=1)
        near = np.min(np.sum((np.sqrt(w / total[:, None])[:, None, :] - known[live]) ** 2, axis=2), axis=1)
        trivial = (near < 1e-9) & (np.abs(distance) < 1e-7)
        done = (error < TOLERANCE) | trivial | (first & (distance < -1e-4))
        order = np.flatnonzero(done & ~trivial)
        order = order[np.argsort(-distance[order], kind="stable")]
        order = order[distance[order] < best[rows[live[order]]]]
        owner = rows[live[order]]
        best[owner], w_best[owner], k_best[owner] = distance[order], w[order] / total[order, None], k[order]
        keep = ~done & ~(first & (best[rows[live]] < -1e-4))
        newton = np.flatnonzero(keep & ((error > SLOW * before[live]) & (iteration >= 3) | (iteration >= SUBSTITUTIONS)))
        before[live] = error
        ln_w[live] = np.maximum(u - theta, -690.0)
        if newton.size:
            ln_w[live[newton]] = _newton(here.take(newton), u[newton], k[newton], goal[newton], theta[newton], distance[newton])
            before[live[newton]] = 0.0  # once with Newton's method, it stays there
        live = live[keep]
        if not live.size:
            break
    if live.size:
        theta, distance, w, total = _look(many.take(live), ln_w[live], kinds[live], target[live])
        error = np.max(np.minimum(np.sqrt(w), 1.0) * np.abs(theta), axis=1)
        for r, e, t, v, k in zip(rows[live], error, distance, w / total[:, None], kinds[live], strict=True):
            if t < best[r] and t < UNSTABLE:
                best[r], w_best[r], k_best[r] = t, v, k
            open_error[r] = max(open_error[r], e)
        open_error = np.where(best < UNSTABLE, 0.0, open_error)
    return Trials(best, w_best, k_best, open_error)


def _distinct(ln_w: Array, kinds: Kinds, rows: Index) -> Index:
    """One of each group of trials of a state that have come within 0.005 of each other in the roots of their fractions, and so go the same way."""
    x = np.exp(0.5 * (ln_w - np.max(ln_w, axis=1, keepdims=True)))
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    keys = np.concatenate([rows[:, None], kinds[:, None], np.round(200.0 * x)], axis=1).astype(np.int64)
    return np.sort(np.unique(keys, axis=0, return_index=True)[1])


def _look(state: FluidState, ln_w: Array, kind: Kinds, d: Array) -> tuple[Array, Array, Array, Array]:
    """Gaps ln W + ln phi - d, tangent plane distance, W, and its sum."""
    w = np.exp(np.minimum(ln_w, 200.0))
    total = np.sum(w, axis=1)
    theta = ln_w + state.ln_phi(w / total[:, None], kind) - d
    return theta, 1.0 + np.sum(w * (theta - 1.0), axis=1), w, total


def _newton(state: FluidState, ln_w: Array, kind: Kinds, d: Array, theta: Array, distance: Array) -> Array:
    """One step in 2 sqrt(W), shortened until the distance falls; half a successive substitution, which can't swing, where that does not help."""
    c = ln_w.shape[1]
    w = np.exp(np.minimum(ln_w, 200.0))
    jac = state.ln_phi_jacobian(w / np.sum(w, axis=1, keepdims=True), kind)[1]
    root, total = np.sqrt(w), np.sum(w, axis=1)
    hessian = jac * root[:, :, None] * root[:, None, :] / total[:, None, None] + np.eye(c) * np.maximum(1.0 + 0.5 * theta, 0.2)[:, :, None]
    step = downhill(hessian, root * theta)
    size, out, open_ = np.ones(len(w)), np.maximum(ln_w - 0.5 * theta, -690.0), np.arange(len(w))
    for _ in range(8):
        if not open_.size:
            break
        ratio = 0.5 * size[open_, None] * step[open_] / np.maximum(root[open_], 1e-150)
        new = ln_w[open_] + np.where(ratio > -0.5, 2.0 * np.log1p(np.maximum(ratio, -0.5)), np.maximum(2.0 * (ratio + 0.5) - 1.3862943611198906, -6.0))
        fresh = _look(state.take(open_), new, kind[open_], d[open_])[1]
        good = fresh <= distance[open_] + 1e-14 * (1.0 + total[open_])
        out[open_[good]] = new[good]
        open_ = open_[~good]
        size *= 0.4
    return np.asarray(out)


def starts(state: FluidState, z: Array, d: Array, phases: Array) -> tuple[Array, Kinds, Index]:
    """Trial phases for n states: each nearly pure liquid, ideal gas in equilibrium, Wilson's vapour and liquid, the phases themselves and their mean as the other kind.

    Args:
        state: n states.
        z: overall mole fractions, shape (n, c).
        d: ln x + ln phi of the phases at hand, shape (n, c).
        phases: their mole fractions, shape (n, p, c).

    Returns:
        starts (m, c), kinds (m,), rows (m,) for :func:`stability`.
    """
    n, c = z.shape
    ln_k = np.clip(state.ln_k(), -300.0, 300.0)
    guesses = [(_unit(d), VAPOUR), (_unit(log_fractions(z) + ln_k), VAPOUR), (_unit(log_fractions(z) - ln_k), LIQUID)]
    guesses += [(np.where(np.arange(c) == j, 1.0 - 1e-6, 1e-6 / max(c - 1, 1)) + 0.0 * z, LIQUID) for j in range(c)]
    if phases.shape[1] > 1:
        guesses.append((np.mean(phases, axis=1), LIQUID))
    else:
        guesses += [(z, LIQUID), (z, VAPOUR)]
    x = np.concatenate([g for g, _ in guesses])
    kinds = np.repeat(np.array([k for _, k in guesses], dtype=np.int8), n)
    return x / np.sum(x, axis=1, keepdims=True), kinds, np.tile(np.arange(n), len(guesses))


def _unit(logs: Array) -> Array:
    """Fractions of given logarithms."""
    out = np.exp(logs - np.max(logs, axis=1, keepdims=True))
    return np.asarray(out / np.sum(out, axis=1, keepdims=True))
