"""Amounts of phases from fugacity coefficients: the equations of Rachford and Rice for any number of phases, over many feeds at once."""

from __future__ import annotations

import numpy as np

from chemwright.thermo.equilibrium.fluid import Array

SMALLEST = 1e-300


def two_phases(z: Array, ln_k: Array) -> tuple[Array, Array]:
    """Fraction of the second phase, and the amounts in both.

    Rachford and Rice, J. Pet. Technol. 4 (1952) 327: sum z (K - 1)/(1 + beta (K - 1)) = 0, by Newton's method inside a bracket, in the variable of the scarcer phase so that a trace of a phase keeps its digits.

    Args:
        z: feed amounts that add up to one, shape (n, c).
        ln_k: ln(fraction in the second phase / in the first), shape (n, c).

    Returns:
        beta: shape (n,), 0 or 1 where only one phase is there.
        amounts: shape (n, 2, c), zero for a phase that is not there.
    """
    k = np.exp(np.clip(ln_k, -600.0, 600.0))
    swap = np.sum(z * (k - 1.0) / (1.0 + k), axis=1) > 0.0  # more than half is in the second phase
    k = np.where(swap[:, None], 1.0 / k, k)
    low, high = np.zeros(len(z)), np.full(len(z), 0.5)
    beta = np.full(len(z), 0.25)
    none = np.sum(z * k, axis=1) <= 1.0
    for _ in range(100):
        term = (k - 1.0) / (1.0 + beta[:, None] * (k - 1.0))
        f, slope = np.sum(z * term, axis=1), -np.sum(z * term * term, axis=1)
        low, high = np.where(f > 0.0, beta, low), np.where(f > 0.0, high, beta)
        new = beta - f / np.minimum(slope, -SMALLEST)
        new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
        done = none | (np.abs(new - beta) <= 4e-16 * np.abs(new))
        beta = new
        if np.all(done):
            break
    beta = np.where(none, 0.0, beta)
    share = 1.0 / (1.0 + beta[:, None] * (k - 1.0))
    first, second = z * (1.0 - beta)[:, None] * share, z * beta[:, None] * k * share
    amounts = np.where(swap[:, None, None], np.stack([second, first], axis=1), np.stack([first, second], axis=1))
    return np.where(swap, 1.0 - beta, beta), amounts


def many_phases(z: Array, ln_phi: Array, start: Array) -> Array:
    """Amounts of components in p phases at given fugacity coefficients.

    Minimises Q = sum beta_k - sum z_i ln(sum_k beta_k / phi_ik), which is convex, over beta >= 0 (Michelsen, Comput. Chem. Eng. 18 (1994) 545) by Newton's method with active bounds.

    Args:
        z: feed amounts, shape (n, c).
        ln_phi: shape (n, p, c).
        start: first guess of the phases' amounts, shape (n, p), positive.

    Returns:
        Amounts, shape (n, p, c), zero for phases that vanish; they add up to z by construction.
    """
    weight = np.exp(np.min(ln_phi, axis=1, keepdims=True) - ln_phi)
    beta, p = start / np.sum(start, axis=1, keepdims=True), ln_phi.shape[1]
    eye = np.eye(p)

    def q(b: Array) -> Array:
        return np.asarray(np.sum(b, axis=1) - np.sum(z * np.log(np.maximum(np.einsum("nk,nkc->nc", b, weight), SMALLEST)), axis=1))

    value = q(beta)
    for _ in range(60):
        e = np.maximum(np.einsum("nk,nkc->nc", beta, weight), SMALLEST)
        ratio = weight / e[:, None, :]
        g = 1.0 - np.einsum("nc,nkc->nk", z, ratio)
        free = (beta > 0.0) | (g < 0.0)
        if np.max(np.abs(np.where(free, g, 0.0)) * np.where(beta > 0.0, 1.0, 1e3)) < 1e-14:
            break
        h = np.einsum("nkc,nc,nlc->nkl", ratio, z, ratio)
        both = free[:, :, None] & free[:, None, :]
        step = np.linalg.solve(np.where(both, h, 0.0) + eye * np.where(free, 1e-13 * (1.0 + np.einsum("nkk->nk", h)), 1.0)[:, :, None], np.where(free, -g, 0.0)[:, :, None])[
            :, :, 0
        ]
        size, better = np.ones(len(z)), np.zeros(len(z), dtype=bool)
        for _ in range(20):
            new = np.where(better[:, None], beta, np.maximum(beta + size[:, None] * step, 0.0))
            fresh = q(new)
            good = ~better & (fresh <= value + 1e-15)
            beta, value, better = np.where(good[:, None], new, beta), np.where(good, fresh, value), better | good
            if np.all(better):
                break
            size = 0.5 * size
    e = np.maximum(np.einsum("nk,nkc->nc", beta, weight), SMALLEST)
    return np.asarray(z[:, None, :] * beta[:, :, None] * weight / e[:, None, :])
