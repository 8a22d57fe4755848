"""The judge of `campaign_snar.py`: simulator, starts, seeds, noise, reference point and score, fixed before any method was run on them.

The laboratory is the flow reactor of C. A. Hone and co-workers (React. Chem. Eng. 2017, 2, 103): 2,4-difluoronitrobenzene and pyrrolidine in ethanol, four second-order
reactions, isothermal plug flow. Variables, objectives and the reference point (2957 kg/(m^3 h), 10.7) are those of the SnAr benchmark of K. C. Felton, J. G. Rittig and
A. A. Lapkin (Chemistry-Methods 2021, 1, 116): residence time 0.5-2 min, 1-5 equivalents of amine, 0.1-0.5 mol/L of the aromatic, 30-120 degC; space-time yield
of the ortho product up, E-factor with the solvent down. Its best values, 11,562 and 8.45, are met here.

Only numpy and scipy are used, so that every method, whatever environment it needs, is judged by the same lines. A method sees the measured objectives of its own runs (and, where said so, the measured outlet
concentrations); the score is made from the noise-free objectives of the runs it chose.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NAMES = ("residence_time", "equivalents", "concentration", "temperature")
LOW, HIGH = np.array([0.5, 1.0, 0.1, 30.0]), np.array([2.0, 5.0, 0.5, 120.0])
"""Bounds: min, -, mol/L, degC."""
REFERENCE = np.array([2957.0, 10.7])
"""Space-time yield [kg/(m^3 h)] and E-factor that a run must better to count."""
MASSES = np.array([159.09, 71.12, 210.21, 210.21, 261.33])
"""g/mol of the aromatic, the amine, ortho, para and bis, as in the benchmark."""
ETHANOL = 789.0  # g/L
SEEDS = tuple(range(10))
N_START, BUDGET = 4, 40
"""Runs that every method begins with (a Latin hypercube of the seed), and runs in all."""
NOISE = 0.025
"""Relative standard deviation of every outlet concentration in the noisy laboratory."""
SHARE = 0.95
FRONT = Path(__file__).parent / "data" / "campaign_snar_front.json"


def outlet(x: Array) -> Array:
    """Outlet concentrations (5,) in mol/L at conditions (4,)."""
    from scipy.integrate import solve_ivp

    tau, equivalents, c0, celsius = x
    arrhenius = np.array([33.3, 35.3, 38.9, 44.8]) / 8.314462618e-3 * (1 / (celsius + 273.15) - 1 / 363.15)
    k = 0.6 * np.array([57.9, 2.70, 0.865, 1.63]) * np.exp(-arrhenius)  # L/(mol min)

    def slope(_: float, c: Array) -> list[float]:
        r1, r2, r3, r4 = k[0] * c[0] * c[1], k[1] * c[0] * c[1], k[2] * c[2] * c[1], k[3] * c[3] * c[1]
        return [-r1 - r2, -r1 - r2 - r3 - r4, r1 - r3, r2 - r4, r3 + r4]

    found = solve_ivp(slope, (0.0, tau), [c0, equivalents * c0, 0.0, 0.0, 0.0], method="LSODA", rtol=1e-8, atol=1e-11)
    return np.maximum(found.y[:, -1], 0.0)


def objectives(x: Array, c: Array) -> Array:
    """Space-time yield [kg/(m^3 h)] and E-factor [kg/kg] from conditions (4,) and outlet concentrations (5,) in mol/L."""
    made = max(float(MASSES[2] * c[2]), 1e-6)
    return np.array([60.0 * made / x[0], min((ETHANOL + float(MASSES @ c) - made) / made, 1e3)])


def measure(x: Array, seed: int, index: int, noise: float) -> tuple[Array, Array]:
    """One run of the laboratory: measured objectives (2,) and outlet concentrations (5,); the noise depends on seed and run number only."""
    c = outlet(np.clip(x, LOW, HIGH))
    c = c * (1 + noise * np.random.default_rng([seed, index, 7]).standard_normal(5)) if noise else c
    return objectives(x, c), c


def starts(seed: int) -> Array:
    """The first runs (N_START, 4), the same for every method."""
    from scipy.stats.qmc import LatinHypercube

    return np.asarray(LOW + LatinHypercube(4, rng=np.random.default_rng([seed, 11])).random(N_START) * (HIGH - LOW))


def hypervolume(points: Array) -> float:
    """Area between the reference point and the points (n, 2) that better it, in kg/(m^3 h)."""
    good = points[(points[:, 0] > REFERENCE[0]) & (points[:, 1] < REFERENCE[1])]
    area, worst = 0.0, REFERENCE[0]
    for sty, e in good[np.argsort(good[:, 1])]:  # lowest E-factor first: each higher yield adds a rectangle
        if sty > worst:
            area += (sty - worst) * (REFERENCE[1] - e)
            worst = sty
    return area


def trace(x: Array) -> Array:
    """Share of the true front's hypervolume after each run, from noise-free objectives; x (n, 4)."""
    truth = np.array([objectives(row, outlet(row)) for row in x])
    return np.array([hypervolume(truth[: i + 1]) for i in range(len(x))]) / json.loads(FRONT.read_text())["hypervolume"]


def runs_to(shares: Array) -> int:
    """Runs until SHARE of the front's hypervolume; one more than were made when it was not reached."""
    hit = np.flatnonzero(shares >= SHARE)
    return int(hit[0]) + 1 if len(hit) else len(shares) + 1


def true_front(n: int = 301) -> dict[str, object]:
    """The front by least E-factor at n levels of the space-time yield (SLSQP from the neighbour and from seeded starts), its area by the trapezoids between them."""
    from scipy.optimize import minimize

    def both(u: Array) -> Array:
        x = LOW + np.clip(u, 0, 1) * (HIGH - LOW)
        return objectives(x, outlet(x))

    rng, box = np.random.default_rng(0), [(0.0, 1.0)] * 4
    top = max((minimize(lambda u: -both(u)[0] / 1e4, u0, bounds=box) for u0 in rng.random((8, 4))), key=lambda r: -r.fun)
    levels, rows, last = np.linspace(REFERENCE[0], -top.fun * 1e4 * (1 - 1e-9), n), [], top.x
    for level in levels[::-1]:
        tries = []
        for u0 in [last, *rng.random((3, 4))]:
            r = minimize(
                lambda u: both(u)[1],
                u0,
                bounds=box,
                constraints={"type": "ineq", "fun": lambda u, level=level: both(u)[0] / level - 1},
                method="SLSQP",
                options={"ftol": 1e-10, "maxiter": 200},
            )
            if both(r.x)[0] >= level * (1 - 1e-7):
                tries.append(r)
        best = min(tries, key=lambda r: r.fun) if tries else None
        last = best.x if best is not None else last
        rows.append([*(LOW + np.clip(last, 0, 1) * (HIGH - LOW)), *both(last)])
    front = np.array(rows)[::-1]
    e = np.minimum.accumulate(front[::-1, 5])[::-1]
    area = float(np.trapezoid(REFERENCE[1] - e, levels))
    return {"reference": REFERENCE.tolist(), "hypervolume": area, "columns": [*NAMES, "space_time_yield", "e_factor"], "front": np.round(front[::5], 6).tolist()}


if __name__ == "__main__":
    FRONT.write_text(json.dumps(true_front()) + "\n")
    print(json.loads(FRONT.read_text())["hypervolume"])
