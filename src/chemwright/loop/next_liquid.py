"""Boiling points of pairs of the plant's liquid as candidate measurements: what they would teach the learned excess Gibbs energy."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.flowsheet.liquid import LearnedLiquid, pair_id
from chemwright.loop.explain import cause_text
from chemwright.model.forecast import Candidate
from chemwright.model.protocol import Array

COMPOSITIONS = (0.25, 0.5, 0.75)
ATMOSPHERE = 101325.0
MOST = 3
"""Pairs offered: those through which the liquid moves the figure most."""


def boiling_points(plant: Any, g: Array, measurement: Any) -> list[tuple[Candidate, dict[str, Any]]]:
    """Three boiling points of each of the pairs that matter most, near where the solvent boils at one atmosphere.

    A reading is ln P at a known liquid; with y the vapour's mole fractions its gradient on the pair's coefficients is sum y_k d ln(gamma_k)/d theta.

    Args:
        plant: the plant. g: gradient of the figure on the ledger (K,). measurement: its cost and its noise on ln P.

    Returns:
        Candidates with their facts, the pair that carries most first; nothing for a plant whose liquid is not learned.
    """
    liquid, ledger = plant.activity, plant.numbers.ledger
    if not isinstance(liquid, LearnedLiquid):
        return []
    ids, excess = liquid.ids, liquid.model.excess
    outside = {who for who, _ in liquid.model.outside}
    carried = []
    for n, (i, j) in enumerate(excess.pairs):
        block = ledger.index(pair_id(ids[i], ids[j]))
        if not outside & {ids[i], ids[j]}:
            carried.append((float(g[block] @ liquid.model.covariance[5 * n : 5 * n + 5, 5 * n : 5 * n + 5] @ g[block]), n))
    out = []
    for share, n in sorted(carried, reverse=True)[:MOST]:
        if share <= 0.0:
            break
        i, j = excess.pairs[n]
        key = pair_id(ids[i], ids[j])
        rows = np.zeros((len(COMPOSITIONS), len(g)))
        rows[:, ledger.index(key)] = _slopes(plant, liquid, n)
        text = f"{measurement.description}: {cause_text(key, plant)}"
        candidate = Candidate(f"{measurement.id}.{ids[i]}|{ids[j]}", text, measurement.tier, measurement.cost, rows, np.full(len(rows), measurement.std_noise), by="laboratory")
        out.append((candidate, {"informs": key, "conditions": {}, "reads": rows[:, ledger.index(key)].tolist()}))
    return out


def _slopes(plant: Any, liquid: LearnedLiquid, n: int) -> Array:
    """d ln P/d coefficients of pair n at the compositions, (3, 5)."""
    i, j = liquid.model.excess.pairs[n]
    x = [np.zeros(len(COMPOSITIONS)) for _ in liquid.ids]
    x[i], x[j] = np.array(COMPOSITIONS), 1.0 - np.array(COMPOSITIONS)
    solvent = [_antoine(plant, plant.layout.solvent)[k] for k in range(3)]
    t = solvent[1] / (solvent[0] - np.log(ATMOSPHERE)) - solvent[2]
    gamma = liquid.model.ln_gamma(x, t)
    partial = []
    for k in (i, j):
        a, b, c = _antoine(plant, liquid.ids[k])
        partial.append(x[k] * np.exp(gamma[k] + a - b / (t + c)))
    y = np.array(partial) / sum(partial)
    slopes = liquid.model.sensitivity(x, t)[:, :, 5 * n : 5 * n + 5]
    return np.asarray(y[0][:, None] * slopes[i] + y[1][:, None] * slopes[j])


def _antoine(plant: Any, species: str) -> tuple[float, float, float]:
    """A [1], B [K], C [K] of ln(p/Pa) = A - B/(T + C)."""
    numbers = plant.numbers
    a, b, c = (float(numbers.mean[numbers.index(f"{species}.vapour_pressure_{k}")]) for k in "ABC")
    return a, b, c
