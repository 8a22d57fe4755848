"""Best operating points: cost against E-factor by epsilon-constraint, simultaneous equations in IPOPT with exact derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.flowsheet.balances import DESIGN
from chemwright.flowsheet.plant import FIGURES, Operating, Plant
from chemwright.model.protocol import Array

T_RESIDUE_MAX = 393.15


@frozen(eq=False)
class Bounds:
    """Lower and upper bounds of the design variables, SI, in the order of ``balances.DESIGN``."""

    low: Array
    high: Array

    @classmethod
    def of(cls, plant: Plant) -> Bounds:
        """The range of the runs' conditions (no extrapolation), and 50-97 % of the solvent evaporated."""
        low, high = plant.problem.x.min(0), plant.problem.x.max(0)
        return cls(np.array([low[3], low[0], low[1], low[2], 0.5]), np.array([high[3], high[0], high[1], high[2], 0.97]))


def optimise(plant: Plant, bounds: Bounds, objective: str, limits: dict[str, float] | None = None, start: Operating | None = None) -> Operating:
    """Minimise one figure subject to purity, enough liquor to stir, limits on others, and the plant's equations.

    Args:
        plant: the plant.
        bounds: of the design variables.
        objective: figure to minimise.
        limits: upper limits of other figures.
        start: a solved point to begin from.

    Raises:
        ConvergenceError: IPOPT found no optimum, with its own status.
    """
    import casadi as ca

    s = plant.symbols
    low, span = bounds.low, np.maximum(bounds.high - bounds.low, 1e-12)
    u = ca.SX.sym("u", len(DESIGN))
    v, p = s["v"], plant.numbers.mean
    chosen = [s["figures"][FIGURES.index(f)] for f in (objective, "purity", *(limits or {}))]
    chosen.insert(2, s["liquor"])
    flat = ca.Function("flat", [v, s["d"], s["p"]], [s["eqs"], ca.vertcat(*chosen)])
    eqs, figs = flat(v, low + span * u, p)
    g = ca.vertcat(eqs, figs[1:])
    nv = v.numel()
    start = start or first_point(plant, bounds)
    t = plant.names.index("T_flash")
    lbx, ubx = np.full(nv, -0.05), np.full(nv, 60.0)
    ubx[t], lbx[t] = T_RESIDUE_MAX / 100.0, 2.5
    lbg = np.concatenate([np.zeros(nv), [plant.record.plant.purity, 0.0], np.full(len(limits or {}), -np.inf)])
    ubg = np.concatenate([np.zeros(nv), [1.0, np.inf], list((limits or {}).values())])
    options: dict[str, Any] = {
        "ipopt.print_level": 0,
        "print_time": False,
        "ipopt.sb": "yes",
        "ipopt.max_iter": 300,
        "ipopt.tol": 1e-9,
        "ipopt.mu_strategy": "adaptive",
        "ipopt.bound_relax_factor": 0.0,
    }
    solver = ca.nlpsol("design", "ipopt", {"x": ca.vertcat(v, u), "f": figs[0], "g": g}, options)
    u0 = np.clip((start.design - low) / span, 0, 1)
    out = solver(x0=np.concatenate([start.unknowns, u0]), lbx=np.concatenate([lbx, np.zeros(len(low))]), ubx=np.concatenate([ubx, np.ones(len(low))]), lbg=lbg, ubg=ubg)
    stats = solver.stats()
    if not stats["success"]:
        raise ConvergenceError(
            f"no optimum of {objective}: IPOPT says {stats['return_status']}",
            where="design",
            fix="relax the purity, or widen the runs' range of conditions",
            residuals=_open(np.array(out["g"]).ravel(), lbg, ubg, nv, ["purity below its limit", "liquor to stir, short by", *(f"{k} above its limit" for k in limits or {})]),
            last_good={**{f"design {k}": float(d) for k, d in zip(DESIGN, start.design, strict=True)}, **{f"figure {k}": float(f) for k, f in start.figures.items()}},
        )
    x = np.array(out["x"]).ravel()
    return plant.solve(np.clip(low + span * x[nv:], bounds.low, bounds.high), start=x[:nv])


def _open(g: Array, low: Array, high: Array, n_equations: int, names: list[str]) -> dict[str, float]:
    """How far the equations and each limit are from holding, in words."""
    miss = np.nan_to_num(np.maximum(np.maximum(low - g, g - high), 0.0), nan=np.inf)
    return {"balances of the plant, largest (scaled)": float(np.max(miss[:n_equations])), **dict(zip(names, miss[n_equations:].tolist(), strict=True))}


def first_point(plant: Plant, bounds: Bounds) -> Operating:
    """A solved point near the middle of the bounds, hot and concentrated.

    Raises:
        ConvergenceError: none of a few tries solves.
    """
    nearest: ConvergenceError | None = None
    for share in ((0.8, 0.7, 0.15, 0.8, 0.7), (0.5, 0.5, 0.3, 0.6, 0.3), (0.9, 0.9, 0.05, 0.95, 0.8)):
        try:
            return plant.solve(bounds.low + np.array(share) * (bounds.high - bounds.low))
        except ConvergenceError as error:
            if nearest is None or min(error.residuals.values(), default=np.inf) < min(nearest.residuals.values(), default=np.inf):
                nearest = error
    raise ConvergenceError(
        "no first operating point solves",
        where="flowsheet",
        fix="check the property and price claims for a misplaced unit",
        residuals=nearest.residuals if nearest else {},
    )


def front(plant: Plant, bounds: Bounds, objectives: tuple[str, ...], n: int = 7, progress: Callable[[str, float | None], None] | None = None) -> list[Operating]:
    """Pareto points from the best in the first objective to the best in the second (one point when there is one objective).

    Points are made by an upper limit on the second objective at even steps (epsilon-constraint, Haimes 1971), each from its neighbour.

    Raises:
        ConvergenceError: an end of the front was not found.
    """
    best = optimise(plant, bounds, objectives[0])
    if len(objectives) < 2:
        return [best]
    other = objectives[1]
    end = optimise(plant, bounds, other, start=best)
    points, at = [best], best
    for k, limit in enumerate(np.linspace(best.figures[other], end.figures[other], n)[1:-1]):
        if progress is not None:
            progress(f"front, point {k + 2} of {n}", (k + 2) / n)
        at = optimise(plant, bounds, objectives[0], {other: float(limit)}, start=at)
        points.append(at)
    if best.figures[other] - end.figures[other] > 1e-6:
        # the end itself, made efficient: cheapest among those as good in the second objective
        points.append(optimise(plant, bounds, objectives[0], {other: end.figures[other] * (1 + 1e-6)}, start=end))
    return points
