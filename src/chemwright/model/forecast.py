"""Value of information: how far a measurement would narrow a result, before it is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from attrs import field, frozen, validators
from numpy.typing import ArrayLike

from chemwright.errors import InputError
from chemwright.model.root import ARRAY, Array, check_covariance, frozen_array, psd_root

SINGULAR = 1e-9  # a combination of readings whose standardised spread is below this tells nothing new


def _noise(sigma: ArrayLike, m: int) -> Array:
    given = np.asarray(sigma, dtype=np.float64)
    if given.shape == (m, m):
        check_covariance(given, m, "measurement noise")
        return given
    if given.shape not in ((), (m,)):
        raise InputError(f"noise of shape {given.shape} for {m} observables", where="forecast", fix="give one std, m stds, or an (m, m) covariance")
    if not (np.isfinite(given).all() and (given >= 0).all()):
        raise InputError(f"noise {given.tolist()!r}", where="forecast", fix="give finite standard deviations >= 0")
    return np.asarray(np.diag(np.broadcast_to(given, (m,)) ** 2))


def _whitener(prior: Array, rows: Array, sigma: ArrayLike) -> Array:
    """Matrix T (r, m), r <= m, with T^T T = (R + j S j^T)^+: from square roots of S and R, which keeps near-duplicate readings apart far longer than the matrix itself does."""
    if prior.ndim != 2 or prior.shape[0] != prior.shape[1] or rows.ndim != 2 or rows.shape[1] != len(prior):
        raise InputError(f"observable gradient {rows.shape} against covariance {prior.shape}", where="forecast", fix="give one column for each number of the ledger")
    if not (np.isfinite(rows).all() and np.isfinite(prior).all()):
        raise InputError("an observable's gradient or the covariance is not finite", where="forecast", fix="check the derivative at the design point")
    spread = np.hstack([rows @ psd_root(prior), psd_root(_noise(sigma, len(rows)))])
    std = np.sqrt((spread**2).sum(axis=1))
    inverse = np.divide(1.0, std, out=np.zeros_like(std), where=std > 0)
    directions, size, _ = np.linalg.svd(spread * inverse[:, None], full_matrices=False)
    kept = size > SINGULAR
    return np.asarray(directions[:, kept].T / size[kept, None] * inverse)


def gain(cov: ArrayLike, j: ArrayLike, sigma: ArrayLike) -> Array:
    """Gain (K, m) of a linear-Gaussian measurement: S j^T (R + j S j^T)^-1.

    A noise-free measurement of something already known makes the inner matrix singular; its pseudo-inverse (on correlations) is used.

    Args:
        cov: (K, K) covariance of the numbers.
        j: (K,) or (m, K) gradient of the observables.
        sigma: noise: one std, (m,) stds, or an (m, m) covariance.

    Raises:
        InputError: shapes disagree, or numbers are not finite.
    """
    prior, rows = np.asarray(cov, dtype=np.float64), np.atleast_2d(np.asarray(j, dtype=np.float64))
    whitener = _whitener(prior, rows, sigma)
    return np.asarray(prior @ rows.T @ whitener.T @ whitener)


def condition(cov: ArrayLike, j: ArrayLike, sigma: ArrayLike) -> Array:
    """Covariance (K, K) after a measurement (arguments as for :func:`gain`), in the symmetric (Joseph) form that stays positive semidefinite."""
    prior, rows = np.asarray(cov, dtype=np.float64), np.atleast_2d(np.asarray(j, dtype=np.float64))
    k = gain(prior, rows, sigma)
    keep = np.eye(len(prior)) - k @ rows
    out = keep @ prior @ keep.T + k @ _noise(sigma, len(rows)) @ k.T
    return np.asarray((out + out.T) / 2)


def expected_reduction(g: ArrayLike, cov: ArrayLike, j: ArrayLike, sigma: ArrayLike) -> float:
    """Expected relative reduction of a result's variance by a measurement: (j S g^T)^2 / (sigma^2 + j S j^T) / (g S g^T).

    It is the correlation of result and reading, squared: in a linear-Gaussian model it does not depend on what the measurement will read.

    Args:
        g: (K,) gradient of the result.
        cov: (K, K) covariance of the numbers.
        j: (K,) gradient of the observable, or (m, K) for m observables measured together.
        sigma: noise of the measurement: one std, (m,) stds, or an (m, m) covariance; in the observables' units.

    Returns:
        A number in [0, 1]; 0 when the result has no variance.

    Raises:
        InputError: shapes disagree, or numbers are not finite.
    """
    gradient, prior = np.asarray(g, dtype=np.float64), np.asarray(cov, dtype=np.float64)
    if gradient.shape != prior.shape[:1] or not np.isfinite(gradient).all():
        raise InputError(
            f"result gradient of shape {gradient.shape} against covariance {prior.shape}", where="forecast", fix="give one finite number for each number of the ledger"
        )
    moved = prior @ gradient
    variance = float(gradient @ moved)
    rows = np.atleast_2d(np.asarray(j, dtype=np.float64))
    seen = _whitener(prior, rows, sigma) @ (rows @ moved)
    return min(1.0, float(seen @ seen) / variance) if variance > 0 else 0.0


def _positive(instance: object, attribute: object, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        raise InputError(f"cost {value!r}", where=f"candidate {getattr(instance, 'id', '')!r}", fix="give a finite cost > 0")


@frozen
class Candidate:
    """A measurement that could be made.

    Args:
        id: unique key.
        description: one line for a reader.
        tier: where in the house it helps (kinetics, property, price, ...).
        cost: in the case's money, > 0.
        j: (K,) or (m, K) gradient of what it reads, in the ledger's order.
        sigma: its noise: one std, (m,) stds, or an (m, m) covariance.
        by: who or what would make it (laboratory, supplier, virtual lab).
    """

    id: str = field(validator=validators.min_len(1))
    description: str
    tier: str
    cost: float = field(converter=float, validator=_positive)
    j: Array = field(converter=frozen_array, **ARRAY)
    sigma: Array = field(converter=frozen_array, **ARRAY)
    by: str = ""


class Ranked(NamedTuple):
    """A candidate with its expected relative variance reduction, and that per unit of cost."""

    candidate: Candidate
    reduction: float
    per_cost: float


def rank(candidates: Iterable[Candidate], g: ArrayLike, cov: ArrayLike, budget: float | None = None) -> list[Ranked]:
    """Candidates by expected reduction per cost, best first (then by reduction, then by id); those dearer than ``budget`` are left out.

    Args:
        candidates: what could be measured.
        g: (K,) gradient of the result that is to be surer.
        cov: (K, K) covariance of the ledger.
        budget: in the money of the costs, or ``None``.

    Raises:
        InputError: a candidate's shapes do not fit; it is named.
    """
    out = []
    for candidate in candidates:
        if budget is not None and candidate.cost > budget:
            continue
        try:
            reduction = expected_reduction(g, cov, candidate.j, candidate.sigma)
        except InputError as error:
            raise InputError(error.message, where=f"candidate {candidate.id!r}", fix=error.fix) from None
        out.append(Ranked(candidate, reduction, reduction / candidate.cost))
    return sorted(out, key=lambda r: (-r.per_cost, -r.reduction, r.candidate.id))


class ReductionCheck(NamedTuple):
    """Forecast reduction, the one realised over simulated measurements, and the standard error of the latter."""

    forecast: float
    realised: float
    std_error: float


def sampled_check(g: ArrayLike, mean: ArrayLike, cov: ArrayLike, j: ArrayLike, sigma: ArrayLike, n: int, seed: int) -> ReductionCheck:
    """Verify a forecast: draw ``n`` truths from N(mean, cov), simulate each measurement, condition on it, and compare squared errors of the result.

    Args:
        g, cov, j, sigma: as for :func:`expected_reduction`.
        mean: (K,) means of the numbers.
        n: number of truths, >= 2.
        seed: of the draws.

    Returns:
        Forecast, realised reduction 1 - MSE after / MSE before, and its standard error (delta method). Zero variance gives zeros.
    """
    if n < 2:
        raise InputError(f"{n} samples", where="sampled check", fix="give at least 2")
    gradient, centre = np.asarray(g, dtype=np.float64), np.asarray(mean, dtype=np.float64)
    rows = np.atleast_2d(np.asarray(j, dtype=np.float64))
    forecast = expected_reduction(gradient, cov, rows, sigma)
    rng = np.random.default_rng(seed)
    truth = centre + rng.standard_normal((n, len(centre))) @ psd_root(cov).T
    reading = truth @ rows.T + rng.standard_normal((n, len(rows))) @ psd_root(_noise(sigma, len(rows))).T
    estimate = centre + (reading - centre @ rows.T) @ gain(cov, rows, sigma).T
    before, after = ((truth - centre) @ gradient) ** 2, ((truth - estimate) @ gradient) ** 2
    scale = float(before.mean())
    if scale == 0:
        return ReductionCheck(forecast, 0.0, 0.0)
    left = float(after.mean()) / scale
    return ReductionCheck(forecast, 1 - left, float((after - left * before).std(ddof=1)) / scale / float(np.sqrt(n)))
