"""Cheaper, less true experiments: how much each would tell of the true one, and which is worth its cost."""

from __future__ import annotations

import numpy as np

from chemwright.experiment.planning.domain import Array
from chemwright.experiment.planning.kernel import covariance, own_variance
from chemwright.experiment.planning.surrogate import Surrogate
from chemwright.experiment.space import Space


def at_truth(space: Space, rows: Array) -> Array:
    """Rows with the fidelity set to its highest value or last level."""
    if space.fidelity is None:
        return rows
    out = rows.copy()
    out[:, space.fidelity] = space.high[space.fidelity]
    return out


def choices(space: Space) -> Array:
    """The values that the fidelity may take, five of a continuous one."""
    v = space.variables[space.fidelity or 0]
    if v.kind == "categorical":
        return np.arange(len(v.levels), dtype=float)
    return np.array(v.values, float) if v.kind == "discrete" else np.linspace(space.low[space.fidelity or 0], space.high[space.fidelity or 0], 5)


def best_fidelity(model: Surrogate, rows: Array, base_cost: float) -> tuple[Array, Array]:
    """For each true row (n, v) the row at the fidelity that tells most for its cost, and its factor on the gain: squared correlation with the truth over cost (Huang et al. 2006, in spirit), (n,)."""
    space = model.space
    cost = space.cost(rows, base_cost)
    factor, out = 1.0 / np.maximum(cost, 1e-9), rows.copy()
    if space.fidelity is None:
        return out, factor
    for value in choices(space):
        trial = rows.copy()
        trial[:, space.fidelity] = value
        rho = correlation(model, trial, rows)
        worth = np.where(space.feasible(trial), rho**2 / np.maximum(space.cost(trial, base_cost), 1e-9), 0.0)
        better = worth > factor * (1 + 1e-9)
        out[better], factor[better] = trial[better], worth[better]
    return out, factor


def correlation(model: Surrogate, a: Array, b: Array) -> Array:
    """Correlation that the learnt lengths give the outcomes of pairs of rows, the least of all objectives, (n,). Not that of the posterior: where all is known, what is left is noise and correlates with nothing."""
    least = np.ones(len(a))
    for process in model.few(8).processes:
        if process is None:
            continue
        x, y, u = model.inputs(a), model.inputs(b), process.u
        own = own_variance(model.domain, x, u) - 1.0
        both = np.stack([covariance(model.domain, x[i : i + 1], y[i : i + 1], u)[:, 0, 0] for i in range(len(a))], 1) - 1.0
        least = np.minimum(least, np.clip((both / np.maximum(own, 1e-12)).mean(0), 0.0, 1.0))
    return least
