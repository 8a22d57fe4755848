"""The judge of `kinetics_discrimination.py`: rivals, priors, truths, noise, first runs and the decision rule, fixed before any method was run on them.

Two families of four rivals; in each, every rival is true in turn, with parameters drawn from its prior by the seed.

* ``flow``: a tube fed with A and B, only the yield of P on A is measured. Does P form by A + B or with a second B that takes the proton off, and what eats it: nothing but time, more B, or A?
* ``surface``: initial rates over a catalyst against two partial pressures, four Langmuir-Hinshelwood forms in the manner of G. Buzzi-Ferraris, P. Forzatti and P. Canu (Chem. Eng. Sci. 1990, 45, 477).

A campaign begins with the same two random runs for every method and goes on until one rival's probability (equal priors, Laplace evidence, the same code for every method) passes 0.95, or 30 runs are made.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

N_START, BUDGET, SURE = 2, 30, 0.95
SEEDS = tuple(range(5))
FAMILIES = ("flow", "surface")
NAMES = {"flow": ("residence_time", "temperature", "concentration", "equivalents"), "surface": ("p1", "p2")}
LOW = {"flow": np.array([60.0, 313.15, 100.0, 0.5]), "surface": np.array([5.0, 5.0])}
HIGH = {"flow": np.array([1800.0, 373.15, 1000.0, 3.0]), "surface": np.array([55.0, 55.0])}
"""s, K, mol/m^3 of A, B per A; kPa."""
NOISE = {"flow": 0.02, "surface": 0.6}
"""Standard deviation of the yield, and of the rate."""
RIVALS = {"flow": ("decay", "over-reaction", "base", "condensation"), "surface": ("sum", "first squared", "second squared", "sum squared")}
REACTIONS = {
    "decay": ("A + B -> P", "P -> S"),
    "over-reaction": ("A + B -> P", "P + B -> S"),
    "base": ("A + 2 B -> P + B", "P -> S"),
    "condensation": ("A + B -> P", "A + P -> S"),
}
T_REF, GAS = 343.15, 8.314462618


def prior(family: str, rival: int) -> tuple[Array, Array]:
    """Mean and standard deviation of the parameters: ln k at 343.15 K (SI) and Ea (J/mol) of the tube, ln of the constants of the surface."""
    if family == "surface":
        n = 3 if rival in (0, 3) else 2
        return np.log([0.1, 0.02, 0.02])[:n], np.full(n, 0.7)
    k1 = 1e-8 if rival == 2 else 5e-6
    k2 = 5e-4 if rival in (0, 2) else 1e-6
    return np.array([np.log(k1), np.log(k2), 60e3, 80e3]), np.array([1.0, 1.0, 1e4, 1e4])


def truth(family: str, rival: int, seed: int) -> Array:
    """Parameters of the true rival, drawn from its prior."""
    mean, std = prior(family, rival)
    return mean + std * np.random.default_rng([FAMILIES.index(family), rival, seed, 3]).standard_normal(len(mean))


def surface_rate(rival: int, k: Array, p1: Array, p2: Array) -> Array:
    """The four forms; k (2 or 3,) are the constants themselves."""
    if rival == 1:
        return np.asarray(k[0] * p1 * p2 / (1 + k[1] * p1) ** 2)
    if rival == 2:
        return np.asarray(k[0] * p1 * p2 / (1 + k[1] * p2) ** 2)
    return np.asarray(k[0] * p1 * p2 / (1 + k[1] * p1 + k[2] * p2) ** (2 if rival == 3 else 1))


def tube_yield(rival: int, theta: Array, x: Array) -> float:
    """Yield of P on A at the outlet."""
    from scipy.integrate import solve_ivp

    tau, temperature, a0, equivalents = x
    k1, k2 = np.exp(theta[:2] - theta[2:] / GAS * (1 / temperature - 1 / T_REF))

    def slope(_: float, c: Array) -> list[float]:
        a, b, p = c
        first = k1 * a * b * (b if rival == 2 else 1.0)
        second = k2 * p * (b if rival == 1 else a if rival == 3 else 1.0)
        return [-first - (second if rival == 3 else 0.0), -first - (second if rival == 1 else 0.0), first - second]

    found = solve_ivp(slope, (0.0, tau), [a0, equivalents * a0, 0.0], method="LSODA", rtol=1e-8, atol=1e-8)
    return float(found.y[2, -1] / a0)


def measure(family: str, rival: int, seed: int, index: int, x: Array) -> float:
    """One run of the true laboratory; the noise depends on the case and the run number only."""
    theta, x = truth(family, rival, seed), np.clip(x, LOW[family], HIGH[family])
    exact = tube_yield(rival, theta, x) if family == "flow" else float(surface_rate(rival, np.exp(theta), x[0], x[1]))
    return exact + NOISE[family] * float(np.random.default_rng([FAMILIES.index(family), rival, seed, index, 5]).standard_normal())


def random_runs(family: str, rival: int, seed: int) -> Array:
    """The runs (BUDGET, D) of the random method; its first N_START begin every method."""
    low, high = LOW[family], HIGH[family]
    return np.asarray(low + np.random.default_rng([FAMILIES.index(family), rival, seed, 9]).random((BUDGET, len(low))) * (high - low))
