"""A tube beside a counter-current jacket: its profiles, by shooting where that is well-conditioned, by collocation where not.

Shooting from the inlet multiplies an error of the guessed jacket temperature by exp(ua tau / w), w the jacket's heat capacity flow
over the feed's volume flow (:class:`chemwright.model.heat.Heat`). A jacket of weak flow makes that factor astronomic while the
problem itself stays tame: as a boundary-value problem (jacket given at the outlet, feed at the inlet) collocation solves it
(J. Kierzenka and L. F. Shampine, ACM Trans. Math. Softw. 27 (2001) 299-316, in scipy). The heat that the solution says
passes is checked by integrating the tube again beside the jacket's temperature as found.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from attrs import evolve

from chemwright.errors import ConvergenceError
from chemwright.model.heat import HeatedReactor, Tube, temperature_bounds
from chemwright.model.protocol import Array

CLOSED = 1e-6  # of the heat passed (and K): the largest gap of the jacket's heat balance
SHOT = 6.0  # transfer units of the jacket up to which shooting (error times exp(SHOT)) is trusted to find every solution
HOPELESS = 14.0  # transfer units above which it is not tried
SAME = 1e-3  # K, within which two jacket temperatures are one solution
GUESSES = 10


def counter_current(reactor: HeatedReactor, steps: int) -> tuple[Array, float, int]:
    """States (steps + 1, size), temperature (K) with which the jacket leaves beside the tube's inlet, and the number of solutions found.

    Of several solutions the one whose jacket leaves coldest is returned. Up to 6 transfer units of the jacket the scan of shooting is
    fine enough to find them all; above, collocation starts from ten guesses, and one (as a rule an unstable one) may be missed.

    Raises:
        ConvergenceError: no solution, or none whose heat balance closes to 1e-6.
    """
    heat = reactor.heat
    assert heat is not None
    units = heat.ua * reactor.tau / heat.capacity
    starts = _shoot(reactor) if units <= HOPELESS else []
    if starts and units <= SHOT:
        return Tube(reactor, steps).states(starts[0]), starts[0], len(starts)
    found, best = _collocate(reactor, steps)
    found += [(Tube(reactor, steps).states(s), s) for s in starts if not any(abs(s - f) < SAME for _, f in found)]
    if not found:
        raise ConvergenceError(
            "no profile beside the counter-current jacket closes its heat balance to 1e-6",
            fix="give the jacket more flow, a lower UA, or run it co-current",
            residuals=best[0],
            last_good=best[1],
        )
    x, start = min(found, key=lambda f: f[1])
    return x, start, len(found)


def _shoot(reactor: HeatedReactor) -> list[float]:
    """All end temperatures (K) of the jacket at which the balance closes, coldest first: changes of sign over a scan, refined by Brent's method."""
    from scipy.optimize import brentq

    tube = Tube(reactor)
    assert reactor.heat is not None
    entering = reactor.heat.jacket

    def miss(start: float) -> float:
        try:
            x = np.array(tube.run(x0=reactor.inlet, p=start)["xf"]).ravel()
        except RuntimeError:
            return math.nan
        return float(reactor.jacket(list(x), start)) - entering

    low, high = temperature_bounds(reactor)
    high += 0.5 * (high - low)  # heat that the jacket carries back can lift the tube above the adiabatic end
    grid = np.unique([*np.linspace(low - 1.0, high + 1.0, 81), entering, reactor.temperature])
    values = np.array([miss(t) for t in grid])
    roots: list[float] = []
    for k in range(len(grid) - 1):
        if values[k] * values[k + 1] <= 0:  # NaN never is
            root = float(brentq(miss, grid[k], grid[k + 1], xtol=1e-13, rtol=1e-15, maxiter=200))
            if abs(miss(root)) < CLOSED and not any(abs(root - r) < SAME for r in roots):
                roots.append(root)
    return roots


def _collocate(reactor: HeatedReactor, steps: int) -> tuple[list[tuple[Array, float]], tuple[dict[str, float], dict[str, Any]]]:
    """Solutions (states, jacket's end) from several guesses, and for an error what stayed open and the last problem that was solved."""
    low, high = temperature_bounds(reactor)
    assert reactor.heat is not None
    levels = dict.fromkeys([reactor.heat.jacket, *np.linspace(low, high + 0.5 * (high - low), GUESSES).tolist()])
    found: list[tuple[Array, float]] = []
    open_, last = {"heat balance of the jacket [share of the heat passed]": math.inf}, {}
    for level in levels:
        start_profile = _beside(reactor, level)
        if start_profile is None:
            continue
        solution, easiest = _continued(reactor, start_profile)
        if easiest is not None:
            last = {"jacket flow that was solved [times the one asked for]": easiest}
        if solution is None:
            continue
        x, start = _on_grid(reactor, solution, steps)
        gap = _gap(reactor, solution)
        name = next(iter(open_))
        open_[name] = min(open_[name], gap)
        if gap < CLOSED and not any(abs(start - s) < SAME for _, s in found):
            found.append((x, start))
    return found, (open_, last)


def _beside(reactor: HeatedReactor, level: float) -> tuple[Array, Array] | None:
    """A first guess: places and states of the tube beside a jacket held at ``level`` K, with that jacket as last row."""
    assert reactor.heat is not None
    held = evolve(reactor, heat=evolve(reactor.heat, capacity=math.inf, counter=False))
    try:
        x = Tube(held, 100).states(level)
    except ConvergenceError:
        return None
    return np.linspace(0.0, 1.0, 101), np.vstack([x.T, np.full(101, level / reactor.temperature)])


def _continued(reactor: HeatedReactor, guess: tuple[Array, Array]) -> tuple[Any | None, float | None]:
    """The solution at the flow asked for: directly, or from more flow down, step by step; and the least flow (times the one asked for) that was solved."""
    direct = _solve(reactor, 1.0, guess)
    if direct is not None:
        return direct, 1.0
    factor, ratio, easiest = 1e3, 3.0, None
    while factor >= 1.0:
        solution = _solve(reactor, factor, guess)
        if solution is None:
            if easiest is None or ratio < 1.05:
                return None, easiest
            factor, ratio = easiest, math.sqrt(ratio)
        else:
            guess, easiest = (solution.x, solution.y), factor
            if factor == 1.0:
                return solution, 1.0
        factor = max(factor / ratio, 1.0)
    return None, easiest


def _solve(reactor: HeatedReactor, factor: float, guess: tuple[Array, Array]) -> Any | None:
    """The boundary-value problem with ``factor`` times the jacket's flow; rows are the states, then the jacket's temperature over the feed's."""
    from scipy.integrate import solve_bvp

    heat, size, inlet = reactor.heat, reactor.size, reactor.inlet
    assert heat is not None
    passed = reactor.q_ref / (heat.capacity * factor * reactor.temperature)

    def slope(_: Array, y: Array) -> Array:
        with np.errstate(all="ignore"):
            rise = reactor.rise(list(y[:size]), y[size] * reactor.temperature)
            out = np.array([np.broadcast_to(r, y[0].shape) for r in [*rise, rise[reactor.n_reactions] * passed]], dtype=float)
        return np.nan_to_num(out, nan=1e6, posinf=1e6, neginf=-1e6)

    def ends(a: Array, b: Array) -> Array:
        return np.append(a[:size] - inlet, b[size] - heat.jacket / reactor.temperature)

    try:
        with np.errstate(all="ignore"):
            out = solve_bvp(slope, ends, *guess, tol=1e-8, bc_tol=1e-12, max_nodes=20_000)
    except (ValueError, np.linalg.LinAlgError):
        return None
    return out if out.status == 0 else None


def _on_grid(reactor: HeatedReactor, solution: Any, steps: int) -> tuple[Array, float]:
    """States on an even grid, and the jacket's end that its own balance gives."""
    assert reactor.heat is not None
    x = np.asarray(solution.sol(np.linspace(0.0, 1.0, steps + 1))[: reactor.size].T)
    return x, reactor.heat.jacket - float(x[-1, reactor.n_reactions]) * reactor.q_ref / reactor.heat.capacity


def _gap(reactor: HeatedReactor, solution: Any) -> float:
    """Heat that the tube takes beside the jacket's temperature as found, less the heat that the solution says, over the heat passed (by absolute amounts)."""
    from scipy.integrate import solve_ivp

    size, at = reactor.size, reactor.n_reactions

    def slope(t: float, x: Array) -> list[float]:
        return [float(v) for v in reactor.rise(list(x), float(solution.sol(t)[size]) * reactor.temperature)]

    with np.errstate(all="ignore"):
        again = solve_ivp(slope, (0.0, 1.0), reactor.inlet, method="LSODA", rtol=1e-10, atol=1e-12)
    if again.status != 0:
        return math.inf
    passed = float(np.sum(np.abs(np.diff(solution.y[at]))))
    return abs(float(again.y[at, -1]) - float(solution.y[at, -1])) / max(passed, 1e-12)
