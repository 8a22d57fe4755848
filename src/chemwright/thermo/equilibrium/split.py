"""Amounts of components in p phases at equilibrium: successive substitution, then minimisation of the Gibbs energy by Newton's method."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.thermo.equilibrium.descent import downhill, limited
from chemwright.thermo.equilibrium.fluid import STABLE, Array, Flags, FluidState, Index, Kinds
from chemwright.thermo.equilibrium.rachford import SMALLEST, many_phases, two_phases

SUBSTITUTIONS, ITERATIONS = 6, 60
TOLERANCE, ACCEPTED = 3e-11, 2e-9
"""Largest difference of ln f between phases [1]: at which a row ends, and above which it has not converged."""
VANISHED = 1e-14
"""Amount [mol a mol of feed] of a phase below which it is taken away."""


@frozen(eq=False)
class Split:
    """n feeds in p phases each.

    Args:
        amounts: shape (n, p, c) [mol a mol of feed].
        gibbs: sum of n_i ln f_i [1], shape (n,).
        error: largest difference of ln f between phases that are there [1], shape (n,).
    """

    amounts: Array
    gibbs: Array
    error: Array


def _evaluate(state: FluidState, amounts: Array, kinds: Kinds, derivatives: bool = False) -> tuple[Array, Array, Array]:
    """ln phi (n, p, c), ln f (n, p, c) and Jacobians (n, p, c, c) of amounts (n, p, c)."""
    n, p, c = amounts.shape
    total = np.maximum(np.sum(amounts, axis=2), SMALLEST)
    x = np.where((total > SMALLEST)[:, :, None], amounts / total[:, :, None], 1.0 / c).reshape(n * p, c)
    many = state.take(np.repeat(np.arange(n), p))
    if derivatives:
        phi, jac = many.ln_phi_jacobian(x, kinds.reshape(-1))
    else:
        phi, jac = many.ln_phi(x, kinds.reshape(-1)), np.zeros((n * p, c, c))
    return phi.reshape(n, p, c), (np.log(np.maximum(x, SMALLEST)) + phi).reshape(n, p, c), jac.reshape(n, p, c, c)


def _spread(ln_f: Array, amounts: Array) -> Array:
    there = (np.sum(amounts, axis=2) > VANISHED)[:, :, None]
    high, low = np.max(np.where(there, ln_f, -np.inf), axis=1), np.min(np.where(there, ln_f, np.inf), axis=1)
    return np.asarray(np.max(high - low, axis=1))


def split(state: FluidState, z: Array, amounts: Array, kinds: Kinds, *, descend: bool = True) -> Split:
    """Equilibrium of n feeds from first guesses.

    Successive substitution with dominant-eigenvalue steps (Orbach and Crowe, Can. J. Chem. Eng. 49 (1971) 509) as long as the Gibbs energy falls, then Newton's method on it (Michelsen, Fluid Phase Equilib. 9 (1982) 21), its step
    scaled by the amounts and halved until the Gibbs energy falls.

    Args:
        state: n states.
        z: feed amounts, shape (n, c), add up to one.
        amounts: first guess, shape (n, p, c), adding up to z.
        kinds: kinds of the phases, shape (n, p).
        descend: go on with Newton's method.
    """
    amounts = amounts.copy()
    if state.one_surface:
        kinds = np.full_like(kinds, STABLE)
    phi, ln_f, _ = _evaluate(state, amounts, kinds)
    g, error = np.sum(amounts * ln_f, axis=(1, 2)), _spread(ln_f, amounts)
    live, change, previous = np.flatnonzero(error > TOLERANCE), np.zeros_like(phi), np.zeros_like(phi)
    for iteration in range(SUBSTITUTIONS if descend else 3):
        if not live.size:
            break
        use = phi[live] + (_eigenvalue_step(change[live], previous[live]) if iteration in (4, 8, 12) else 0.0)
        new = _substitute(z[live], use, amounts[live])
        f, ln, _ = _evaluate(state.take(live), new, kinds[live])
        energy = np.sum(new * ln, axis=(1, 2))
        good = (energy < g[live] + 1e-13) & np.all(np.sum(new, axis=2) > 0.0, axis=1)
        rows = live[good]
        previous[rows], change[rows] = change[rows], f[good] - phi[rows]
        phi[rows], amounts[rows], g[rows] = f[good], new[good], energy[good]
        error[rows] = _spread(ln[good], new[good])
        live = rows[error[rows] > TOLERANCE]
    if descend:
        _minimise(state, z, amounts, kinds, g, error)
    return Split(amounts, g, error)


def energy(state: FluidState, amounts: Array, kinds: Kinds) -> Array:
    """Gibbs energy sum n_i ln(f_i/P) [1] of amounts (n, p, c), shape (n,)."""
    if state.one_surface:
        kinds = np.full_like(kinds, STABLE)
    return np.asarray(np.sum(amounts * _evaluate(state, amounts, kinds)[1], axis=(1, 2)))


def shared(state: FluidState, z: Array, amounts: Array, kinds: Kinds) -> Array:
    """Feeds shared out among phases of the compositions of ``amounts`` (n, p, c), which need not add up to them: by their fugacity coefficients where that leaves every phase something, else in proportion."""
    if state.one_surface:
        kinds = np.full_like(kinds, STABLE)
    plain = np.asarray(amounts * (z / np.maximum(np.sum(amounts, axis=1), SMALLEST))[:, None, :])
    new = _substitute(z, _evaluate(state, amounts, kinds)[0], amounts)
    return np.where((np.min(np.sum(new, axis=2), axis=1) > VANISHED)[:, None, None], new, plain)


def _eigenvalue_step(change: Array, previous: Array) -> Array:
    """Extrapolation of ln phi along its last change, by the ratio of the last two."""
    top, bottom = np.sum(change * previous, axis=(1, 2)), np.sum(previous * previous, axis=(1, 2))
    ratio = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0.0)
    factor = np.where((ratio > 0.0) & (ratio < 0.95), ratio / (1.0 - np.minimum(ratio, 0.95)), 0.0)
    return np.asarray(change * factor[:, None, None])


def _substitute(z: Array, phi: Array, amounts: Array) -> Array:
    """New amounts at given fugacity coefficients; phases that vanish have none."""
    if phi.shape[1] == 2:
        return two_phases(z, phi[:, 0] - phi[:, 1])[1]
    return many_phases(z, phi, np.maximum(np.sum(amounts, axis=2), 1e-6))


def _minimise(state: FluidState, z: Array, amounts: Array, kinds: Kinds, g: Array, error: Array) -> None:
    """Newton's method in place, in a trust region where the full step fails; rows end when converged, when a phase vanishes, or when no step helps."""
    live = np.flatnonzero(error > TOLERANCE)
    for _ in range(ITERATIONS):
        if not live.size:
            return
        here, n, k = state.take(live), np.maximum(amounts[live], SMALLEST), kinds[live]
        _, ln_f, jac = _evaluate(here, n, k, True)
        system = _system(n, ln_f, jac)
        step = downhill(system.hessian, system.gradient)
        length = np.linalg.norm(step, axis=1)
        open_, moved = np.arange(len(live)), np.zeros(len(live), dtype=bool)
        for attempt in range(16):
            if attempt:
                length[open_] *= 0.25
                step[open_] = limited(system.hessian[open_], system.gradient[open_], length[open_])
            new, valid = _move(n[open_], system.free[open_], system.home[open_], (step * system.scale)[open_], z[live[open_]])
            _, ln, _ = _evaluate(here.take(open_), np.maximum(new, SMALLEST), k[open_])
            total, fresh, rows = np.sum(new * ln, axis=(1, 2)), _spread(ln, new), live[open_]
            noise = 1e-14 * (1.0 + np.abs(total))
            good = valid & ((total < g[rows] - noise) | ((total < g[rows] + 4.0 * noise) & (fresh < error[rows])))
            amounts[rows[good]], g[rows[good]], error[rows[good]] = new[good], total[good], fresh[good]
            moved[open_[good]] = True
            open_ = open_[~good]
            if not open_.size:
                break
        gone = np.any(np.sum(amounts[live], axis=2) < VANISHED, axis=1)
        live = live[moved & ~gone & (error[live] > TOLERANCE)]


@frozen(eq=False)
class _System:
    """Newton's equations of m rows, in scaled variables: the amounts in all phases but the one that holds most of a component (home), over ``scale``."""

    hessian: Array
    gradient: Array
    scale: Array
    free: Index
    home: Index


def _system(n: Array, ln_f: Array, jac: Array) -> _System:
    """The second derivative in a phase is d ln f_i/d n_j = delta_ij/n_i - 1/N + (d ln phi_i/d n_j), scaled by the amounts so that its diagonal is near one."""
    m, p, c = n.shape
    total = np.sum(n, axis=2)
    home = np.argmax(n, axis=1)
    free = np.sort(np.argsort(np.where(np.arange(p)[None, :, None] == home[:, None, :], p, np.arange(p)[None, :, None]), axis=1, kind="stable")[:, : p - 1], axis=1)
    v, own = np.take_along_axis(n, free, axis=1), np.take_along_axis(n, home[:, None, :], axis=1)
    scale = np.sqrt(v * (own / (v + own))).reshape(m, -1)
    gradient = (np.take_along_axis(ln_f, free, axis=1) - np.take_along_axis(ln_f, home[:, None, :], axis=1)).reshape(m, -1)
    hessian = np.zeros((m, (p - 1) * c, (p - 1) * c))
    eye = np.tile(np.eye(c), (1, p - 1))
    for k in range(p):
        sign = ((free == k).astype(float) - (home == k).astype(float)[:, None, :]).reshape(m, 1, -1)
        weight = eye * (sign * scale[:, None, :])
        spread = weight / np.sqrt(n[:, k])[:, :, None]  # delta_ij/n_i, kept apart as it may be huge
        hessian += np.swapaxes(spread, 1, 2) @ spread + np.swapaxes(weight, 1, 2) @ ((jac[:, k] - 1.0) / total[:, k, None, None]) @ weight
    return _System(hessian, gradient * scale, scale, free, home)


def _move(n: Array, free: Index, home: Index, step: Array, z: Array) -> tuple[Array, Flags]:
    """Amounts after a step, and whether all stay positive; small amounts move on a logarithmic scale."""
    v, own = np.take_along_axis(n, free, axis=1), np.take_along_axis(n, home[:, None, :], axis=1)
    step = step.reshape(v.shape)
    ratio = step / v
    logarithmic = (v < 1e-3 * own) | (ratio < -0.5)
    new = np.where(logarithmic, v * np.exp(np.clip(ratio, -8.0, 8.0)), v + step)
    rest = z - np.sum(new, axis=1)
    out = np.empty_like(n)
    np.put_along_axis(out, free, new, axis=1)
    np.put_along_axis(out, home[:, None, :], rest[:, None, :], axis=1)
    return out, np.all(rest > 0.0, axis=1)
