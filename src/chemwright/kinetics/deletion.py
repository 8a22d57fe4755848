"""Leave-one-out predictions by case deletion from one fit, and the split tests by full refits."""

from __future__ import annotations

import numpy as np

from chemwright.model.gaussian import squared_exponential
from chemwright.model.hybrid import Hybrid
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array


def deleted_parameters(hybrid: Hybrid) -> tuple[Array, Array]:
    """Parameters each fit would give without one run, by one Gauss-Newton step from the full fit.

    Args:
        hybrid: a trained model; its noise and kernel widths are held.

    Returns:
        parameters (N, K), and the leave-one-out variance of each left-out prediction (N,) on the fit scale, noise excluded.
    """
    fit = hybrid.fit
    assert fit is not None
    s = fit.posterior.cov
    sj = fit.jacobian @ s
    hat = np.einsum("ni,ni->n", sj, fit.jacobian) / fit.sigma**2
    step = fit.residual / (1 - hat) / fit.sigma**2
    return fit.posterior.mean - step[:, None] * sj, hat / (1 - hat) * fit.sigma**2


def leave_one_out(hybrid: Hybrid, x: Array) -> tuple[Array, Array]:
    """Leave-one-out predictions (N,) and their standard deviations, noise excluded; the mechanism is evaluated exactly."""
    phi, var = deleted_parameters(hybrid)
    p = hybrid.n_theta
    theta = phi[:, :p]
    if hybrid.learner is not None:
        _, features = hybrid.learner.design(x, np.zeros(hybrid.learner.n_weights))
        f = (features * phi[:, p:]).sum(1)
        if hybrid.join == "parameter":
            return hybrid.mechanism.evaluate(theta + f[:, None] * hybrid.direction, x, jacobian=False)[0], np.sqrt(var)
        return hybrid.mechanism.evaluate(theta, x, jacobian=False)[0] + f, np.sqrt(var)
    return hybrid.mechanism.evaluate(theta, x, jacobian=False)[0], np.sqrt(var)


def learner_leave_one_out(x: Array, y: Array, kernel: object, centre: Array, scale: Array) -> Array:
    """Leave-one-out predictions (N,) of a scikit-learn ``constant * RBF + white`` process at held kernel widths (Rasmussen and Williams 2006, eq. 5.12)."""
    params = kernel.get_params()  # type: ignore[attr-defined]
    amplitude, lengths, white = np.sqrt(params["k1__k1__constant_value"]), np.asarray(params["k1__k2__length_scale"]), params["k2__noise_level"]
    z = (x - centre) / scale
    inverse = np.linalg.inv(squared_exponential(z, z, float(amplitude), lengths) + white * np.eye(len(y)))
    unit = (y - y.mean()) / y.std()
    return np.asarray(y - (inverse @ unit) / np.diag(inverse) * y.std())


def informed(posterior: Gaussian, own_sd: Array, threshold: float = 0.7) -> list[bool]:
    """Whether the data narrowed each parameter below ``threshold`` of its own prior width."""
    return [bool(s <= threshold * o) for s, o in zip(posterior.std, own_sd, strict=False)]
