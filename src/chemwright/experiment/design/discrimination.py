"""How far readings would tell rivals apart: T, Box-Hill, Buzzi-Ferraris-Forzatti and the expected information, with exact slopes.

Every criterion takes the rivals' predicted readings mu (K, m), their spreads V (K, m, m) (noise and what the parameters leave open) and probabilities p (K,), and the derivatives of mu and V along
D directions; it returns its value and its derivative (D,).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from chemwright.model.protocol import Array

Divergence = Callable[[Array, Array, Array, Array, Array, Array], tuple[float, Array]]
"""(mu (K, m), V (K, m, m), noise covariance (m, m), p (K,), dmu (K, m, D), dV (K, m, m, D)) -> value, derivative (D,)."""


def _pairs(k: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(k) for j in range(i + 1, k)]


def t_optimal(mu: Array, v: Array, noise: Array, p: Array, dmu: Array, dv: Array) -> tuple[float, Array]:
    """Squared distance of the predictions in units of the noise, over all pairs by their probabilities.

    The noncentrality that A. C. Atkinson and V. V. Fedorov (Biometrika 1975, 62, 57) maximise; what the parameters leave open is not seen.
    """
    total, slope, inverse = 0.0, np.zeros(dmu.shape[-1]), np.linalg.inv(noise)
    for i, j in _pairs(len(p)):
        d = mu[i] - mu[j]
        total += p[i] * p[j] * float(d @ inverse @ d)
        slope += p[i] * p[j] * 2 * (d @ inverse) @ (dmu[i] - dmu[j])
    return total, slope


def box_hill(mu: Array, v: Array, noise: Array, p: Array, dmu: Array, dv: Array) -> tuple[float, Array]:
    """The upper bound of the expected change of entropy of G. E. P. Box and W. J. Hill (Technometrics 1967, 9, 57), for several readings at once."""
    total, slope, m = 0.0, np.zeros(dmu.shape[-1]), mu.shape[1]
    inverse = np.linalg.inv(v)
    for i, j in _pairs(len(p)):
        d, both = mu[i] - mu[j], inverse[i] + inverse[j]
        total += 0.5 * p[i] * p[j] * float(np.trace(v[i] @ inverse[j] + v[j] @ inverse[i]) - 2 * m + d @ both @ d)
        outer = np.outer(d, d)
        for a, b, at in ((i, j, dv[i]), (j, i, dv[j])):
            by_v = inverse[b] - inverse[a] @ (v[b] + outer) @ inverse[a]
            slope += 0.5 * p[i] * p[j] * np.einsum("mn,mnd->d", by_v, at)
        slope += p[i] * p[j] * (both @ d) @ (dmu[i] - dmu[j])
    return total, slope


def buzzi_ferraris(mu: Array, v: Array, noise: Array, p: Array, dmu: Array, dv: Array) -> tuple[float, Array]:
    """Squared distance in units of the spread of the difference, plus the trace of noise over that spread, over pairs by their probabilities.

    G. Buzzi-Ferraris, P. Forzatti and P. Canu, Chem. Eng. Sci. 1990, 45, 477.
    """
    total, slope = 0.0, np.zeros(dmu.shape[-1])
    for i, j in _pairs(len(p)):
        inverse, d = np.linalg.inv(v[i] + v[j]), mu[i] - mu[j]
        total += p[i] * p[j] * float(d @ inverse @ d + 2 * np.trace(noise @ inverse))
        by_v = -inverse @ (np.outer(d, d) + 2 * noise) @ inverse
        slope += p[i] * p[j] * (2 * (inverse @ d) @ (dmu[i] - dmu[j]) + np.einsum("mn,mnd->d", by_v, dv[i] + dv[j]))
    return total, slope


def expected_information(mu: Array, v: Array, noise: Array, p: Array, dmu: Array, dv: Array, nodes: int = 64) -> tuple[float, Array]:
    """Mutual information of rival and reading, in nats (at most the entropy of p), by fixed quasi-random nodes under each rival.

    The exact quantity that Box and Hill bound. The value at fixed nodes is differentiated, the nodes moving with mean and Cholesky factor.
    """
    m = mu.shape[1]
    z, lower, inverse = normal_nodes(nodes, m), np.linalg.cholesky(v), np.linalg.inv(v)
    log_det = 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(1)
    dlog_det = np.einsum("kmn,kmnd->kd", inverse, dv)
    inverse_l = np.linalg.inv(lower)
    inner = np.einsum("kab,kbcd,kec->kaed", inverse_l, dv, inverse_l)
    mask = np.tril(np.ones((m, m)), -1) + 0.5 * np.eye(m)
    dlower = np.einsum("kab,kbcd->kacd", lower, inner * mask[None, :, :, None])
    total, slope, log_p = 0.0, np.zeros(dmu.shape[-1]), np.log(np.maximum(p, 1e-300))
    for i in np.flatnonzero(p > 1e-6):
        y, dy = mu[i] + z @ lower[i].T, dmu[i] + np.einsum("sb,abd->sad", z, dlower[i])
        gap = y[:, None] - mu[None]
        pull = np.einsum("kab,skb->ska", inverse, gap)
        logs = log_p - 0.5 * np.einsum("ska,ska->sk", pull, gap) - 0.5 * log_det
        top = logs.max(1, keepdims=True)
        weight = np.exp(logs - top)
        mixture = np.log(weight.sum(1)) + top[:, 0]
        weight /= weight.sum(1, keepdims=True)
        moved = dy[:, None] - dmu[None]
        dlogs = -np.einsum("ska,skad->skd", pull, moved) + 0.5 * np.einsum("ska,kabd,skb->skd", pull, dv, pull) - 0.5 * dlog_det
        total += p[i] * float(-0.5 * (z**2).sum(1).mean() - 0.5 * log_det[i] - mixture.mean())
        slope += p[i] * (-0.5 * dlog_det[i] - np.einsum("sk,skd->d", weight, dlogs) / len(z))
    return max(total, 0.0), slope


def normal_nodes(n: int, m: int) -> Array:
    """Standard normal nodes (n, m): equal-probability midpoints for one reading, else a fixed Sobol set."""
    from scipy.stats import norm
    from scipy.stats.qmc import Sobol

    if m == 1:
        return np.asarray(norm.ppf((np.arange(n) + 0.5) / n))[:, None]
    return np.asarray(norm.ppf(np.clip(Sobol(m, seed=0).random_base2(int(np.ceil(np.log2(n)))), 1e-9, 1 - 1e-9)))


DIVERGENCES: Mapping[str, Divergence] = {"T": t_optimal, "BH": box_hill, "BFF": buzzi_ferraris, "MI": expected_information}
"""By the short names of the command line."""
DIVERGENCE_MEANING: Mapping[str, str] = {
    "T": "distance of the rivals' predictions in units of the noise",
    "BH": "Box and Hill's bound of the expected change of entropy",
    "BFF": "Buzzi-Ferraris and Forzatti's ratio of distance to spread",
    "MI": "expected information on which rival is true, nats",
}
