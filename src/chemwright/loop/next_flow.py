"""The flow run that would take most off a figure's variance: the best of a spread of conditions, then climbed from there."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.experiment.design.region import Region
from chemwright.experiment.design.search import search
from chemwright.flowsheet.numbers import KINETICS
from chemwright.kinetics.flow_model import COLUMNS
from chemwright.model.forecast import expected_reduction
from chemwright.model.protocol import Array

N_CONDITIONS = 128
STEP = 1e-4
"""Of the range, for the slope of the forecast: the Hybrid gives its sensitivities, not their slopes to the conditions."""


@frozen(eq=False)
class FigureWorth:
    """Expected relative reduction of a figure's variance by one flow run, as :func:`chemwright.experiment.design.search` climbs it.

    Args:
        plant: the plant, with its trained Hybrid.
        g: gradient of the figure on the ledger (K,).
        width: of the range of each condition (D,).
    """

    plant: Any
    g: Array
    width: Array

    def rows(self, x: Array) -> Array:
        """Gradients of the readings at conditions x (N, D) on the ledger, (N, K)."""
        ledger, hybrid = self.plant.numbers.ledger, self.plant.hybrid
        _, slope = hybrid.evaluate(hybrid.fit.posterior.mean, x)
        out = np.zeros((len(x), len(ledger.mean())))
        out[:, ledger.index(KINETICS)] = slope
        return out

    def reductions(self, x: Array) -> Array:
        """Of each row of x (N, D), (N,)."""
        cov, sigma = self.plant.numbers.ledger.cov(), self.plant.hybrid.sigma
        return np.array([expected_reduction(self.g, cov, row, sigma) for row in self.rows(x)])

    def gains(self, chosen: Array, candidates: Array) -> Array:
        """Reduction by each candidate alone (one run is chosen at a time)."""
        return self.reductions(candidates)

    def gain(self, chosen: Array, x: Array) -> tuple[float, Array]:
        """Reduction by x (D,), and its slope by central differences of the exact sensitivities."""
        steps = np.diag(STEP * self.width)
        values = self.reductions(np.vstack([x, x + steps, x - steps]))
        d = len(x)
        return float(values[0]), (values[1 : 1 + d] - values[1 + d :]) / (2 * STEP * self.width)


def best_flow_run(plant: Any, g: Array, seed: int = 0) -> tuple[Array, Array]:
    """Conditions (4,) of the flow run that would narrow a figure most, inside the range of the runs made, and its gradient on the ledger (K,).

    Args:
        plant: the plant.
        g: gradient of the figure on the ledger (K,).
        seed: of the spread of conditions.
    """
    x = plant.problem.x
    low, high = x.min(0), x.max(0)
    region = Region(COLUMNS, low, high)
    worth = FigureWorth(plant, g, region.width)
    try:
        best = search(worth, region, 1, pool=N_CONDITIONS, starts=2, seed=seed).x[0]
    except ConvergenceError:  # a corner of the range can't be evaluated all at once: the runs made are safe ground
        best = x[int(np.argmax(worth.reductions(x)))]
    return best, worth.rows(best[None])[0]
