"""What runs have taught about a response: the Laplace posterior, its evidence, and probabilities of rivals from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.experiment.design.parameters import spread
from chemwright.experiment.design.response import Response
from chemwright.model.posterior import Gaussian, MapFit, fit_map
from chemwright.model.protocol import Array


@frozen(eq=False)
class Learned:
    """One model after the runs.

    Args:
        fit: maximum a posteriori with its Laplace covariance; ``None`` before the first run.
        known: posterior, the prior before the first run.
        log_evidence: ln of the probability of the readings under the model (Laplace), up to nothing.
    """

    fit: MapFit | None
    known: Gaussian
    log_evidence: float


def _flat(y: Array, std: Array) -> tuple[Array, Array]:
    """Readings that were taken (k,), over their std, and where they stand."""
    taken = np.isfinite(y).ravel()
    return (y / std).ravel()[taken], taken


def learn(response: Response, prior: Gaussian, x: Array, y: Array, *, starts: Sequence[Array] | int = 4, seed: int = 0) -> Learned:
    """Posterior and evidence of one model from runs.

    The noise where it grows with the reading is taken at the measured one. Evidence by Laplace's method about the best optimum found (R. E. Kass and A. E. Raftery, J. Am. Stat. Assoc. 1995, 90, 773).

    Args:
        response: the model, with its noise.
        prior: on its parameters (P,).
        x, y: conditions (N, D) and readings (N, m), nan where none was taken.
        starts: starting points, or their number: the prior's mean and quasi-random draws of the prior.
        seed: of the draws.

    Raises:
        ConvergenceError: no start converged.
    """
    if not len(x) or not np.any(np.isfinite(y)):
        return Learned(None, prior, 0.0)
    std = np.asarray(response.std(y), dtype=float)
    target, taken = _flat(y, std)

    def model(theta: Array) -> tuple[Array, Array]:
        f, jac = response.sensitivities(theta, x)
        return (f / std).ravel()[taken], (jac / std[..., None]).reshape(-1, len(theta))[taken]

    begin = [*spread(prior, starts, seed)] if isinstance(starts, int) else list(starts)
    if isinstance(starts, int):
        begin[0] = prior.mean
    fit = fit_map(model, target, 1.0, prior, begin)
    half = 0.5 * (np.linalg.slogdet(fit.posterior.cov)[1] - np.linalg.slogdet(prior.cov)[1])
    constant = -0.5 * len(target) * np.log(2 * np.pi) - float(np.log(std.ravel()[taken]).sum())
    return Learned(fit, fit.posterior, float(constant - fit.objective + half))


def probabilities(log_evidence: Sequence[float], prior: Sequence[float] | None = None) -> Array:
    """Posterior probabilities of rivals (K,) from their log evidence and prior probabilities (equal when not given)."""
    logs = np.asarray(log_evidence, dtype=float) + np.log(np.asarray(prior if prior is not None else np.ones(len(log_evidence)), dtype=float))
    weight = np.exp(logs - logs.max())
    return np.asarray(weight / weight.sum())
