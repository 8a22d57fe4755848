"""Vapour over one liquid, where successive substitution fails: the liquid is looked for from every pure species, and the Gibbs energy of the two phases minimised."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.thermo.equilibrium.feeds import ABSENT
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR, Array, Fluid
from chemwright.thermo.equilibrium.rachford import two_phases
from chemwright.thermo.equilibrium.split import ACCEPTED, VANISHED, split
from chemwright.thermo.equilibrium.stability import UNSTABLE, stability, starts


@frozen(eq=False)
class TwoPhases:
    """Vapour fraction [mol/mol], mole fractions of liquid and vapour, shape (c,) each, and the largest difference of ln f [1]."""

    beta: float
    x: Array
    y: Array
    error: float


def condensate(fluid: Fluid, z: Array, T: float, P: float) -> Array | None:
    """Mole fractions (c,) of a liquid that forms from a vapour z (c,), of those that many starts find the one lowest under its tangent plane; None where the vapour is stable."""
    state, feed = fluid.at(np.array([T]), np.array([P])), np.maximum(z, ABSENT)[None]
    d = np.log(feed) + state.ln_phi(feed, np.array([VAPOUR], dtype=np.int8))
    begin, kinds, rows = starts(state, feed, d, feed[:, None])
    liquid = kinds == LIQUID
    found = stability(state, d, feed[:, None], begin[liquid], kinds[liquid], rows[liquid])
    return found.w[0] if found.distance[0] < UNSTABLE else None


def over_one_liquid(fluid: Fluid, z: Array, T: float, P: float) -> TwoPhases | None:
    """Equilibrium of feed z (c,) as vapour and one liquid; None where the feed is one phase, or none is found."""
    state, feed = fluid.at(np.array([T]), np.array([P])), np.maximum(z, ABSENT)[None]
    kinds = np.array([[LIQUID, VAPOUR]], dtype=np.int8)
    first = condensate(fluid, z, T, P)
    guesses = [state.ln_k()] if first is None else [np.log(feed) - np.log(np.maximum(first, 1e-300))[None] - shift for shift in (0.0, 0.05, 0.2, 1.0)] + [state.ln_k()]
    best: TwoPhases | None = None
    lowest = np.inf
    for ln_k in guesses:
        amounts = two_phases(feed / feed.sum(), ln_k)[1]
        if np.min(np.sum(amounts, axis=2)) <= VANISHED:
            amounts = np.stack([0.5 * feed, 0.5 * feed], axis=1)
        out = split(state, feed / feed.sum(), amounts, kinds)
        share = np.sum(out.amounts[0], axis=1)
        if out.error[0] <= ACCEPTED and np.min(share) > VANISHED and out.gibbs[0] < lowest:
            x, y = (np.where(z > 0.0, out.amounts[0, k] / share[k], 0.0) for k in (0, 1))
            best, lowest = TwoPhases(float(share[1]), x, y, float(out.error[0])), float(out.gibbs[0])
    return best
