"""Published numbers for the room ``model``: sensitivity indices and Shapley shares with closed forms."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from chemwright.model.check import Check
from chemwright.model.root import Array
from chemwright.model.shapley import Shares, shapley_linear, shapley_sampled, sobol_first_total

ISHIGAMI = "closed form; function of T. Ishigami and T. Homma, An importance quantification technique in uncertainty analysis for computer models, Proc. ISUMA 1990, 398-403, with a = 7, b = 0.1"
OWEN = "closed form; A. B. Owen and C. Prieur, On Shapley value for measuring importance of dependent inputs, SIAM/ASA J. Uncertain. Quantif. 2017, 5, 986-1002"
SAMPLED = "about five standard errors of the sampled estimate"
EXACT = "round-off: an enumeration against a closed form"
A, B = 7.0, 0.1
V1, V2, V13 = 0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8, B**2 * np.pi**8 * (1 / 18 - 1 / 50)
V = V1 + V2 + V13
GROUPS = {"x1": [0], "x2": [1], "x3": [2]}
SLOPES, STDS, RHO = (2.0, -0.7), (1.5, 4.0), 0.5


def _ishigami(x: Array) -> Array:
    """sin x1 + a sin^2 x2 + b x3^4 sin x1 of rows (n, 3)."""
    return np.asarray(np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0]))


def _uniform(n: int, seed: int) -> Array:
    """Seeded draws (n, 3), uniform in [-pi, pi]."""
    return np.random.default_rng(seed).uniform(-np.pi, np.pi, (n, 3))


@lru_cache(maxsize=1)
def _sobol() -> dict[str, tuple[float, float]]:
    """First-order and total indices of the Ishigami function."""
    return sobol_first_total(_ishigami, _uniform, GROUPS, 100_000, 0)


@lru_cache(maxsize=1)
def _shares() -> Shares:
    """Shapley shares of the Ishigami function."""
    return shapley_sampled(_ishigami, _uniform, GROUPS, 40_000, 0)


def _gaussian_share() -> float:
    """Share of the first of two correlated Gaussian inputs of a linear result."""
    cross = RHO * STDS[0] * STDS[1]
    return shapley_linear(SLOPES, [[STDS[0] ** 2, cross], [cross, STDS[1] ** 2]], {"x1": [0], "x2": [1]})["x1"]


def _gaussian_exact() -> float:
    """The same in closed form: (t1 (1 - rho^2/2) + c + t2 rho^2/2)/(t1 + 2 c + t2), t the terms' variances, c their covariance."""
    t1, t2 = (SLOPES[0] * STDS[0]) ** 2, (SLOPES[1] * STDS[1]) ** 2
    c = RHO * SLOPES[0] * SLOPES[1] * STDS[0] * STDS[1]
    return (t1 * (1 - RHO**2 / 2) + c + t2 * RHO**2 / 2) / (t1 + 2 * c + t2)


CHECKS: tuple[Check, ...] = (
    Check("ishigami.sobol-first-x1", "model", "first-order Sobol index of x1", "1", V1 / V, 0.015, SAMPLED, ISHIGAMI, lambda: _sobol()["x1"][0]),
    Check("ishigami.sobol-first-x2", "model", "first-order Sobol index of x2", "1", V2 / V, 0.015, SAMPLED, ISHIGAMI, lambda: _sobol()["x2"][0]),
    Check("ishigami.sobol-first-x3", "model", "first-order Sobol index of x3", "1", 0.0, 0.015, SAMPLED, ISHIGAMI, lambda: _sobol()["x3"][0]),
    Check("ishigami.sobol-total-x3", "model", "total Sobol index of x3", "1", V13 / V, 0.015, SAMPLED, ISHIGAMI, lambda: _sobol()["x3"][1]),
    Check("ishigami.shapley-x1", "model", "Shapley share of x1", "1", (V1 + V13 / 2) / V, 0.015, SAMPLED, ISHIGAMI, lambda: _shares()["x1"]),
    Check("ishigami.shapley-x2", "model", "Shapley share of x2", "1", V2 / V, 0.015, SAMPLED, ISHIGAMI, lambda: _shares()["x2"]),
    Check("ishigami.shapley-x3", "model", "Shapley share of x3", "1", V13 / 2 / V, 0.015, SAMPLED, ISHIGAMI, lambda: _shares()["x3"]),
    Check("correlated-gaussian.shapley-x1", "model", "Shapley share of one of two correlated Gaussian inputs", "1", _gaussian_exact(), 1e-12, EXACT, OWEN, _gaussian_share),
)
