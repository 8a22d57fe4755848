"""Data, starts and judge of the benchmark ``kinetics_fit``: made before the fitter that they judge, by code that shares nothing with it.

The truth is the network of four second-order steps of C. A. Hone et al., React. Chem. Eng. 2017, 2, 103-108, with the published eight
parameters. Twelve batches (four temperatures, three excesses of the amine), ten samples each, four aromatic species read: 480 points with
normal noise of 3 mol/m^3 (1 % of the feed), integrated by SciPy's LSODA at 1e-11. Twenty starts: ln k at 363.15 K off by up to three
decades each, uniformly and independently; the activation energies uniform in 20 to 120 kJ/mol whatever the truth.

A fit has converged when its sum of squares is within 1e-4 (relative) of the least that is known, and each parameter within 0.1 of its own
standard error of the optimum's. The least that is known is found from the truth by :func:`optimum`.

Usage: python benchmarks/kinetics_fit_data.py     (prints the hash of data and starts)
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

Array = NDArray[np.float64]
R, T_REF = 8.314462618, 363.15
SPECIES = ("SM", "amine", "ortho", "para", "bis", "HF")
READ = (0, 2, 3, 4)
STEPS = ((0, 2), (0, 3), (2, 4), (3, 4))
"""Each step takes one aromatic and one amine to another aromatic and HF."""
REACTIONS = ("SM + amine -> ortho + HF", "SM + amine -> para + HF", "ortho + amine -> bis + HF", "para + amine -> bis + HF")
TRUTH: Array = np.concatenate([np.log(np.array([0.579, 0.0270, 0.00865, 0.0163]) * 1e-3), np.array([33.3, 35.3, 38.9, 44.8]) * 1e3])
"""ln k at 363.15 K in m^3/(mol s), then Ea in J/mol."""
TEMPERATURES, EXCESS, FEED = (333.15, 348.15, 363.15, 378.15), (1.5, 2.5, 4.0), 300.0
TIMES: Array = np.geomspace(1.0, 300.0, 10)
NOISE, STARTS, DECADES, SEED = 3.0, 20, 3.0, 20170
CLOSE_SSQ, CLOSE_STD = 1e-4, 0.1


@frozen(eq=False)
class Data:
    """Runs (12): temperature [K], feed (6,) [mol/m^3]; times (10,) [s]; readings (12, 10, 4) [mol/m^3]."""

    temperature: Array
    feed: Array
    times: Array
    read: Array


def rates(c: Array, k: Array) -> Array:
    """Rates of the four steps, mol/(m^3 s); c (6, ...)."""
    return np.array([k[i] * c[a] * c[1] for i, (a, _) in enumerate(STEPS)])


def simulate(theta: Array, temperature: float, feed: Array, times: Array, tolerance: float = 1e-11) -> Array:
    """Concentrations (n, 6) by LSODA."""
    k = np.exp(theta[:4] - theta[4:] / R * (1 / temperature - 1 / T_REF))
    nu = np.zeros((4, 6))
    for i, (a, b) in enumerate(STEPS):
        nu[i, [a, 1]], nu[i, [b, 5]] = -1.0, 1.0

    def slope(_: float, c: Array) -> Array:
        return np.asarray(rates(c, k) @ nu, dtype=float)

    out = solve_ivp(slope, (0.0, float(times[-1])), feed, method="LSODA", t_eval=times, rtol=tolerance, atol=tolerance * FEED)
    if not out.success:
        raise RuntimeError(out.message)
    return np.asarray(out.y.T, dtype=float)


@lru_cache(maxsize=1)
def data() -> Data:
    """The 480 points."""
    conditions = [(t, e) for t in TEMPERATURES for e in EXCESS]
    feed = np.array([[FEED, FEED * e, 0.0, 0.0, 0.0, 0.0] for _, e in conditions])
    temperature = np.array([t for t, _ in conditions])
    exact = np.array([simulate(TRUTH, t, f, TIMES)[:, READ] for t, f in zip(temperature, feed, strict=True)])
    return Data(temperature, feed, TIMES, exact + NOISE * np.random.default_rng(SEED).standard_normal(exact.shape))


def starts() -> Array:
    """Starting points, shape (20, 8)."""
    rng = np.random.default_rng(SEED + 1)
    ln_k = TRUTH[:4] + rng.uniform(-DECADES, DECADES, (STARTS, 4)) * np.log(10.0)
    return np.hstack([ln_k, rng.uniform(20e3, 120e3, (STARTS, 4))])


def residual(theta: Array, tolerance: float = 1e-9) -> Array:
    """(model - reading)/noise, shape (480,)."""
    d = data()
    return np.concatenate([((simulate(theta, t, f, d.times, tolerance)[:, READ] - y) / NOISE).ravel() for t, f, y in zip(d.temperature, d.feed, d.read, strict=True)])


@frozen(eq=False)
class Optimum:
    """Where the least sum of squares lies: parameters (8,), their standard errors (8,), the sum itself."""

    theta: Array
    std: Array
    ssq: float


SCALE: Array = np.array([1.0] * 4 + [1e4] * 4)


@lru_cache(maxsize=1)
def optimum() -> Optimum:
    """Least squares from the truth, by central differences of LSODA at 1e-11."""
    found = least_squares(lambda z: residual(z * SCALE, 1e-11), TRUTH / SCALE, jac="3-point", xtol=1e-12, ftol=1e-13, gtol=1e-12, diff_step=1e-5)
    cov = np.linalg.inv(found.jac.T @ found.jac)
    return Optimum(found.x * SCALE, np.sqrt(np.diag(cov)) * SCALE, float(2 * found.cost))


def converged(theta: Array) -> bool:
    """Whether a fit ended at the optimum; the sum of squares is computed here, not believed."""
    best = optimum()
    try:
        r = residual(np.asarray(theta, dtype=float), 1e-11)
    except RuntimeError:
        return False
    return bool(float(r @ r) <= best.ssq * (1 + CLOSE_SSQ) and np.all(np.abs(theta - best.theta) <= CLOSE_STD * best.std))


def digest() -> str:
    """SHA-256 of data and starts, rounded so that it does not hang on the last bits of an integrator."""
    return hashlib.sha256(np.concatenate([np.round(data().read.ravel(), 6), np.round(starts().ravel(), 6)]).tobytes()).hexdigest()[:16]


if __name__ == "__main__":
    best = optimum()
    print(f"data and starts {digest()}")
    print(f"least sum of squares {best.ssq:.4f} over 480 points, 8 parameters")
    for name, value, std, true in zip(("ln k1", "ln k2", "ln k3", "ln k4", "Ea1", "Ea2", "Ea3", "Ea4"), best.theta, best.std, TRUTH, strict=True):
        print(f"{name:6} {value:12.4f} +/- {std:.4f}   truth {true:.4f}")
