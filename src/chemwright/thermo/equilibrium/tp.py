"""Flash at given temperature and pressure: phases are added as long as a stability test finds one, and taken away when they vanish."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.thermo.equilibrium import split as splitting
from chemwright.thermo.equilibrium.feeds import ABSENT, condition, fractions
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR, Array, Flags, Fluid, FluidState, Index, Kinds, log_fractions
from chemwright.thermo.equilibrium.rachford import two_phases
from chemwright.thermo.equilibrium.result import Equilibrium, EquilibriumBatch
from chemwright.thermo.equilibrium.stability import TOLERANCE, UNSTABLE, stability, starts
from chemwright.thermo.equilibrium.work import Work

ROUNDS = 12
MARGINAL = -1e-9
"""Tangent plane distance [1] that may stay when no split with a lower Gibbs energy can be told from rounding."""


def flash(fluid: Fluid, z: Any, T: float, P: float, *, max_phases: int | None = None) -> Equilibrium:
    """Phases of one feed at temperature T [K] and pressure P [Pa]; see :func:`flash_batch`.

    Args:
        fluid: model of the mixture.
        z: mole fractions, shape (c,), that sum to one.
        T: temperature [K].
        P: pressure [Pa].
        max_phases: most phases allowed; None for as many as species, the most that the phase rule allows at given T and P.

    Raises:
        InputError: bad feed, temperature or pressure.
        ConvergenceError: not converged; no number is returned.
    """
    return flash_batch(fluid, z, T, P, max_phases=max_phases)[0]


def flash_batch(fluid: Fluid, z: Any, T: Any, P: Any, *, max_phases: int | None = None, strict: bool = True) -> EquilibriumBatch:
    """Phases of many feeds of one mixture, iterated together.

    Each feed is one phase at first. Wilson's split is tried, then Michelsen's stability test; a phase found under the tangent plane is added, the split with it brought to equilibrium by minimising the Gibbs energy, and tested again, until
    no test finds another phase. Sources: Michelsen, Fluid Phase Equilib. 9 (1982) 1 and 21; Michelsen and Mollerup, Thermodynamic Models, 2nd ed. 2007, chapters 9 to 11.

    Args:
        fluid: model of the mixture.
        z: mole fractions, shape (n, c) or (c,), each row summing to one.
        T: temperature [K], one or n.
        P: pressure [Pa], one or n.
        max_phases: most phases allowed; None for as many as species, the most that the phase rule allows at given T and P.
        strict: raise when any row did not converge; otherwise such rows have no phases, NaN everywhere, and ``converged`` false.

    Raises:
        InputError: bad feed, temperature or pressure.
        ConvergenceError: the first row that did not converge (strict).
    """
    feed = fractions(z, fluid.ids)
    n = len(feed)
    temperature, pressure = condition(T, n, "T"), condition(P, n, "P")
    state = fluid.at(temperature, pressure)
    work = Work.start(state, np.maximum(feed, ABSENT), (max_phases or len(fluid.ids)) + 1)  # one more on the way: a new phase comes before an old one goes
    if work.amounts.shape[1] > 1:
        _wilson(work)
    pending = np.arange(n)
    for _ in range(ROUNDS):
        if not pending.size:
            break
        pending = np.concatenate([_improve(work, pending[work.count[pending] == p], p) for p in np.unique(work.count[pending])])
    work.failed[pending] = True
    work.failed[work.count > (max_phases or len(fluid.ids))] = True
    batch = work.answer(fluid.ids, feed)
    if strict and not np.all(batch.converged):
        _ = batch[int(np.argmin(batch.converged))]
    return batch


def _wilson(work: Work) -> None:
    """Two phases straight from the first guess of K, kept where their Gibbs energy is below the feed's."""
    _, amounts = two_phases(work.z, work.state.ln_k())
    rows = np.flatnonzero(np.min(np.sum(amounts, axis=2), axis=1) > 1e-6)
    if not rows.size:
        return
    kinds = np.tile(np.array([LIQUID, VAPOUR], dtype=np.int8), (len(rows), 1))
    trial = splitting.split(work.state.take(rows), work.z[rows], amounts[rows], kinds, descend=False)
    better = trial.gibbs < work.gibbs[rows] - 1e-7
    _settle(work, rows[better], trial.amounts[better], kinds[better])


def _improve(work: Work, rows: Index, p: int) -> Index:
    """Test rows of p phases; those that can be split further are, and come back to be tested again."""
    if not rows.size:
        return rows
    state, z = work.state.take(rows), work.z[rows]
    amounts, kinds = work.amounts[rows, :p], work.kinds[rows, :p]
    x = amounts / np.sum(amounts, axis=2, keepdims=True)
    main = np.argmax(np.sum(amounts, axis=2), axis=1)
    x0, k0 = x[np.arange(len(rows)), main], kinds[np.arange(len(rows)), main]
    d = log_fractions(x0) + state.ln_phi(x0, k0)
    trials = stability(state, d, x, *starts(state, z, d, x), first=True)
    unstable = trials.distance < (MARGINAL if p >= z.shape[1] else UNSTABLE)  # as many phases as species: only a degenerate point could have more
    open_ = ~unstable & (trials.open_error > TOLERANCE)
    work.failed[rows[open_]] = True
    work.error[rows[open_]] = trials.open_error[open_]
    here = np.flatnonzero(unstable)
    if not here.size:
        return rows[:0]
    full = here[np.full(len(here), p >= work.amounts.shape[1])]
    work.failed[rows[full]] = True
    here = here[: 0 if p >= work.amounts.shape[1] else None]
    if not here.size:
        return rows[:0]
    first, good = _added(state.take(here), z[here], amounts[here], kinds[here], trials.w[here], trials.kind[here], trials.distance[here])
    before = work.gibbs[rows[here]]
    stuck = here[~good]
    work.failed[rows[stuck]] |= trials.distance[stuck] < MARGINAL
    here, first, before = here[good], first[good], before[good]
    _settle(work, rows[here], first, np.concatenate([kinds[here], trials.kind[here, None]], axis=1))
    change = work.gibbs[rows[here]] - before
    fell = (change < -1e-13) | ((change < 1e-13) & (work.count[rows[here]] > p))
    work.failed[rows[here[~fell]]] |= trials.distance[here[~fell]] < MARGINAL
    return rows[here[fell & ~work.failed[rows[here]]]]


def _added(state: FluidState, z: Array, amounts: Array, kinds: Kinds, w: Array, kind: Kinds, distance: Array) -> tuple[Array, Flags]:
    """Amounts with a phase of fractions w (n, c) added so that the Gibbs energy falls, and whether it could be made to."""
    n, p, c = amounts.shape
    all_kinds = np.concatenate([kinds, kind[:, None]], axis=1)
    base = splitting.energy(state, amounts, kinds)
    out = np.concatenate([amounts, np.zeros((n, 1, c))], axis=1)
    good = np.zeros(n, dtype=bool)
    if p == 1:
        total = np.log(np.minimum(1.0 - distance, 1e6))  # the sum of W at the bottom
        _, pair = two_phases(z, log_fractions(w) + total[:, None] - log_fractions(z))
        good = (np.min(np.sum(pair, axis=2), axis=1) > 1e-9) & (splitting.energy(state, pair, all_kinds) < base)
        out[good] = pair[good]
    size = np.minimum(0.5 * np.min(z / np.maximum(w, 1e-300), axis=1), 0.3)
    for _ in range(60):
        todo = np.flatnonzero(~good)
        if not todo.size:
            break
        taken = size[todo, None] * w[todo]
        new = np.concatenate([amounts[todo] * (1.0 - taken / z[todo])[:, None, :], taken[:, None, :]], axis=1)
        fell = (splitting.energy(state.take(todo), new, all_kinds[todo]) < base[todo]) | (size[todo] < 1e-9)  # there rounding hides the fall
        out[todo[fell]], good[todo[fell]] = new[fell], True
        size[todo] *= 0.4
    return out, good


def _settle(work: Work, rows: Index, amounts: Array, kinds: Kinds) -> None:
    """Bring first guesses to equilibrium, drop phases that vanished or came to be the same, and store what came out."""
    for _ in range(8):
        if not rows.size:
            return
        p = amounts.shape[1]
        if p > max(work.z.shape[1], 2):  # more phases than species: one has to go
            _without(work, rows, amounts, kinds)
            return
        out = splitting.split(work.state.take(rows), work.z[rows], amounts, kinds)
        stuck = (out.error > splitting.ACCEPTED) & (p > 2)
        if np.any(stuck):
            _without(work, rows[stuck], out.amounts[stuck], kinds[stuck])
        kept = ~stuck
        again = work.store(rows[kept], splitting.Split(out.amounts[kept], out.gibbs[kept], out.error[kept]), kinds[kept])
        if not again.size:
            return
        most = np.max(work.count[again])
        for fewer in np.unique(work.count[again])[:-1]:
            part = again[work.count[again] == fewer]
            _settle(work, part, work.amounts[part, :fewer], work.kinds[part, :fewer])
        rows = again[work.count[again] == most]
        amounts, kinds = work.amounts[rows, :most], work.kinds[rows, :most]


def _without(work: Work, rows: Index, amounts: Array, kinds: Kinds) -> None:
    """Where p phases don't settle, one of them vanishes, but slowly: take each away in turn and keep what has the lowest Gibbs energy."""
    state, z = work.state.take(rows), work.z[rows]
    n, p, c = amounts.shape
    best, lowest = np.zeros((n, p - 1, c)), np.full(n, np.inf)
    left = np.zeros((n, p - 1), dtype=np.int8)
    for k in range(p):
        kept = [j for j in range(p) if j != k]
        out = splitting.split(state, z, splitting.shared(state, z, amounts[:, kept], kinds[:, kept]), kinds[:, kept])
        better = (out.error <= splitting.ACCEPTED) & (out.gibbs < lowest)
        best[better], lowest[better], left[better] = out.amounts[better], out.gibbs[better], kinds[better][:, kept]
    work.failed[rows[~np.isfinite(lowest)]] = True
    good = np.isfinite(lowest)
    _settle(work, rows[good], best[good], left[good])
