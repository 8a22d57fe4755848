"""A user's own points sharpen an activity model for his system: the model's uncertainty is the prior, his points the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from chemwright.errors import InputError
from chemwright.thermo.activity import ActivityModel
from chemwright.thermo.hybrid.excess import PairExcess
from chemwright.thermo.hybrid.model import HybridActivity, hybrid
from chemwright.thermo.hybrid.points import Points, read_points
from chemwright.thermo.pure import PureModel

Array = NDArray[np.float64]
PLAIN_PRIOR = (0.5, 0.3, 0.5, 0.2, 0.2)
"""Standard deviations [1] of A0, B0, A1, B1, C for a model that brings no uncertainty of its own."""
ROUNDS, FREEDOM = 8, 4.0


@frozen
class Errors:
    """Standard deviations of the data: of ln P, y and ln(gamma) [1], and of the logarithm of each pure vapour pressure [1]."""

    ln_pressure: float = 0.01
    y: float = 0.01
    ln_gamma: float = 0.05
    ln_psat: float = 0.01


def fit(
    system: Sequence[tuple[str, str]] | ActivityModel, data: Sequence[Mapping[str, Any]], pures: Sequence[PureModel] | None = None, errors: Errors | None = None
) -> HybridActivity:
    """Sharpen a model for one system by measured points of it.

    The coefficients of the excess function (:mod:`chemwright.thermo.hybrid.excess`) get a normal posterior: prior mean and covariance are the model's; the points, linearised
    where they are and weighted by Student's distribution against slips, give the likelihood (Gauss and Newton, Laplace). With P or y the pure vapour pressures join as
    unknowns within their errors. Ideal vapour.

    Args:
        system: (id, SMILES) of each species, for the hybrid model that ships; or any activity model.
        data: points, see :func:`chemwright.thermo.hybrid.points.read_points`.
        pures: pure models in the order of the species (for P and y).
        errors: of the data.

    Returns:
        A model of the same protocol, with the posterior's mean and covariance.

    Raises:
        InputError: a bad point, P or y without ``pures``, a number of ``pures`` that does not match, fewer than two species.
        SubstanceError: a SMILES can't be read.
    """
    model = _prior(system)
    points, errors = read_points(data, model.ids), errors or Errors()
    m = len(model.ids)
    if m < 2:
        raise InputError("a pure substance has no activity coefficient to fit", where="system", fix="give two or more species")
    needs = bool(np.isfinite(points.P).any() or np.isfinite(points.y).any())
    if needs and (pures is None or len(pures) != m):
        raise InputError(
            f"{0 if pures is None else len(pures)} pure models given, {m} expected", where="pures", fix="P and y need a PureModel of each species, in order; gamma alone needs none"
        )
    ln_psat = np.array([np.log(p.psat(points.T)) for p in pures]).T if needs and pures is not None else np.zeros((len(points.T), m))
    width = 5 * len(model.excess.pairs)
    covariance = np.zeros((width + m, width + m))
    covariance[:width, :width] = model.covariance
    covariance[width:, width:] = np.eye(m) * errors.ln_psat**2 * needs
    start = np.concatenate([np.array(model.excess.theta).ravel(), np.zeros(m)])
    now, posterior = start, covariance
    sensitivity = model.sensitivity(list(points.x.T), points.T)
    base = np.array(evolve(model, excess=evolve(model.excess, theta=tuple((0.0,) * 5 for _ in model.excess.pairs))).ln_gamma(list(points.x.T), points.T)).T
    for _ in range(ROUNDS):
        gap, jacobian, std = _residuals(points, base, sensitivity, ln_psat, now, errors)
        std = std / np.sqrt((FREEDOM + 1) / (FREEDOM + (gap / std) ** 2))
        gain = np.linalg.solve(jacobian @ covariance @ jacobian.T + np.diag(std**2), jacobian @ covariance).T
        now, posterior = start + gain @ (gap + jacobian @ (now - start)), covariance - gain @ jacobian @ covariance
    theta = tuple(tuple(float(v) for v in row) for row in now[:width].reshape(-1, 5))
    kept = 0.5 * (posterior + posterior.T)[:width, :width]
    return evolve(model, excess=evolve(model.excess, theta=theta), covariance=kept, floor=errors.ln_pressure)


def _residuals(points: Points, base: Array, sensitivity: Array, ln_psat: Array, now: Array, errors: Errors) -> tuple[Array, Array, Array]:
    """Measured less computed of every figure, its derivative with respect to coefficients and ln psat shifts, and its standard deviation."""
    n, m = points.x.shape
    width = sensitivity.shape[2]
    slope = np.concatenate([sensitivity.transpose(1, 0, 2), np.broadcast_to(np.eye(m), (n, m, m))], 2)  # of ln(gamma_k psat_k)
    ln_gamma = base + sensitivity.transpose(1, 0, 2) @ now[:width]
    parts = points.x * np.exp(ln_gamma + ln_psat + now[width:])
    p = parts.sum(1)
    y = parts / p[:, None]
    d_ln_p = np.einsum("nk,nka->na", y, slope)
    has_p, has_y, has_g = np.isfinite(points.P), np.isfinite(points.y), np.isfinite(points.ln_gamma)
    d_y = y[:, :, None] * (slope - d_ln_p[:, None, :])
    d_g = np.concatenate([sensitivity.transpose(1, 0, 2), np.zeros((n, m, m))], 2)
    gap = np.concatenate([np.log(points.P[has_p] / p[has_p]), (points.y - y)[has_y], (points.ln_gamma - ln_gamma)[has_g]])
    counts = (int(has_p.sum()), int(has_y.sum()), int(has_g.sum()))
    return gap, np.concatenate([d_ln_p[has_p], d_y[has_y], d_g[has_g]]), np.repeat([errors.ln_pressure, errors.y, errors.ln_gamma], counts)


def _prior(system: Sequence[tuple[str, str]] | ActivityModel) -> HybridActivity:
    """The model whose mean and covariance are the prior."""
    if isinstance(system, HybridActivity):
        return system
    if isinstance(system, Sequence):
        return hybrid(system)
    n = len(system.ids)
    pairs = tuple(combinations(range(n), 2))
    return HybridActivity(
        ids=system.ids,
        missing=system.missing,
        bases=(system,),
        excess=PairExcess((1.0,) * n, pairs, tuple((0.0,) * 5 for _ in pairs)),
        covariance=np.diag(np.tile(np.array(PLAIN_PRIOR) ** 2, len(pairs))),
    )
