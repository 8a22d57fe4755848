"""Guesses of every steady state of a stirred tank, from three searches that miss different things.

* over temperature: the material balance solved at each, the energy balance followed for changes of sign (van Heerden's diagram,
  Ind. Eng. Chem. 45 (1953) 1242); complete where the material balance has one solution at each temperature;
* along the residence time: pseudo-arclength continuation from a tank too short to react, round its folds (H. B. Keller, in
  Applications of Bifurcation Theory, Academic Press 1977, 359-384); complete on the branch that begins there;
* from many starts spread over all amounts that stoichiometry allows: finds what is on no such branch (isolas), without a proof.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from chemwright.model.heat import temperature_bounds
from chemwright.model.protocol import Array
from chemwright.model.tank_balances import Balances

STARTS = 60
VERTICES = 24
ARC_STEPS = 800
STRAIGHT = 0.9  # cosine of the largest turn of one step
SHORT, LONG = math.log(1e-5), math.log(1e4)  # ends of the continuation, ln of tau over the tank's


def guesses(balances: Balances) -> list[Array]:
    """Scaled states near which Newton's method is to look; several may lead to one steady state."""
    found = _along_residence_time(balances) + _many_starts(balances)
    return found if balances.reactor.heat is None else _over_temperature(balances) + found


def _over_temperature(balances: Balances) -> list[Array]:
    """Changes of sign and near misses of the energy balance over temperature."""
    from scipy.optimize import brentq, minimize_scalar

    low, high = temperature_bounds(balances.reactor)
    grid = np.linspace(low - 1.0, high + 1.0, int(np.clip((high - low) / 0.5, 300, 2000)))
    known: list[Array | None] = []
    for t in grid:
        known.append(balances.extents(float(t), known[-1] if known else None))

    def excess(t: float, near: Array | None) -> float:
        xi = balances.extents(t, near)
        return math.nan if xi is None else float(balances.excess(xi, t)[0])

    values = [excess(float(t), xi) for t, xi in zip(grid, known, strict=True)]
    brackets = [(float(grid[k]), float(grid[k + 1]), known[k]) for k in range(len(grid) - 1) if values[k] * values[k + 1] <= 0]
    for k in range(1, len(grid) - 1):  # two roots between grid points show as a dip of |excess| that does not reach zero
        a, b, c = values[k - 1 : k + 2]
        if a * b > 0 and b * c > 0 and abs(b) <= min(abs(a), abs(c)):
            sign, near = math.copysign(1.0, b), known[k]
            dip = minimize_scalar(lambda t, s=sign, n=near: s * excess(t, n), bounds=(grid[k - 1], grid[k + 1]), method="bounded", options={"xatol": 1e-9})
            if dip.fun <= 0:
                brackets += [(float(grid[k - 1]), float(dip.x), near), (float(dip.x), float(grid[k + 1]), near)]
    found = []
    for a, b, near in brackets:
        ends = excess(a, near), excess(b, near)
        if not ends[0] * ends[1] <= 0:  # a jump between branches
            continue
        t = float(brentq(excess, a, b, args=(near,), xtol=1e-10))
        xi = balances.extents(t, near)
        if xi is not None and abs(float(balances.excess(xi, t)[0])) < 1e-3:
            found.append(np.array(balances.excess(xi, t)[1]).ravel())
    return found


def _along_residence_time(balances: Balances) -> list[Array]:
    """States at the tank's own residence time on the branch that begins with none."""
    found = []
    path = branch(balances)
    for z, new in pairwise(path):
        if z[-1] * new[-1] <= 0:
            share = z[-1] / (z[-1] - new[-1]) if z[-1] != new[-1] else 0.0
            found.append((z + share * (new - z))[:-1])
    return found


def branch(balances: Balances) -> Array:
    """Points (n, size + 1) of the steady states along the residence time: scaled states, and ln of the residence time over the tank's."""
    z = _corrected(balances, np.append(np.zeros(balances.size), SHORT), np.append(np.zeros(balances.size), 1.0))
    if z is None:
        return np.zeros((0, balances.size + 1))
    tangent, length, path = _tangent(balances, z, np.append(np.zeros(balances.size), 1.0)), 0.2, [z]
    for _ in range(ARC_STEPS):
        if tangent is None or length < 1e-6 or not SHORT - 1 < z[-1] < LONG:
            break
        ahead = z + length * tangent
        new = _corrected(balances, ahead, tangent)
        turned = None if new is None else _tangent(balances, new, tangent)
        if new is None or turned is None or turned @ tangent < STRAIGHT or np.linalg.norm(new - ahead) > 0.3 * length:
            length /= 2  # a long step round a fold lands on the other limb and runs back
            continue
        length = min(length * 1.5, 0.4) if turned @ tangent > 0.98 else length
        z, tangent = new, turned
        path.append(z)
    return np.array(path)


def _tangent(balances: Balances, z: Array, before: Array) -> Array | None:
    """Unit tangent of the branch, turned the way it was followed so far."""
    jacobian = np.array(balances.solve_longer(z[:-1], z[-1])[1])
    if not np.all(np.isfinite(jacobian)):
        return None
    try:
        t = np.linalg.solve(np.vstack([jacobian, before]), np.append(np.zeros(balances.size), 1.0))
    except np.linalg.LinAlgError:
        return None
    return np.asarray(t / np.linalg.norm(t))


def _corrected(balances: Balances, z: Array, tangent: Array) -> Array | None:
    """The point of the branch in the plane across the tangent; ``None`` when Newton's method leaves it."""
    anchor = z
    for _ in range(8):
        residual, jacobian = (np.array(v) for v in balances.solve_longer(z[:-1], z[-1]))
        if not (np.all(np.isfinite(residual)) and np.all(np.isfinite(jacobian))):
            return None
        try:
            step = np.linalg.solve(np.vstack([jacobian, tangent]), np.append(residual.ravel(), tangent @ (z - anchor)))
        except np.linalg.LinAlgError:
            return None
        z = z - step
        if np.max(np.abs(step)) < 1e-9:
            return z if balances.physical(z[:-1]) else None
    return None


def _many_starts(balances: Balances) -> list[Array]:
    """Corners of all amounts that stoichiometry allows, and seeded mixtures of them, each with the heat that its own balance asks for."""
    corners = _corners(balances)
    rng = np.random.default_rng(0)
    mixed = rng.dirichlet(np.full(len(corners), 0.6), STARTS) @ corners
    return [np.append(x, balances.closing_heat(x)) for x in [*corners, *mixed]]


def _corners(balances: Balances) -> Array:
    """Vertices (n, R) of the scaled extents with no negative amount, by linear programmes in seeded directions; the feed is the first."""
    from scipy.optimize import linprog

    reactor = balances.reactor
    nu, r = reactor.law.stoichiometry, reactor.n_reactions
    limit = float(np.sum(np.abs(reactor.c_in))) / reactor.c_ref * 4  # bounds a reaction that is the reverse of another
    rng = np.random.default_rng(1)
    directions: list[Any] = [*np.eye(r), *-np.eye(r), *rng.normal(size=(VERTICES, r))]
    found = [np.zeros(r)]
    for cost in directions[: 2 * r + VERTICES if r > 1 else 2]:
        out = linprog(cost, A_ub=-nu.T, b_ub=reactor.c_in / reactor.c_ref, bounds=(-limit, limit))
        if out.status == 0 and not any(np.max(np.abs(out.x - f)) < 1e-9 for f in found):
            found.append(out.x)
    return np.array(found)
