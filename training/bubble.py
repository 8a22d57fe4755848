"""Bubble pressures of binary systems from activity coefficients, the figure they are scored by, and the UNIFAC family as baselines."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import numpy as np
import thermoml
import vapour
from attrs import frozen
from numpy.typing import NDArray

from chemwright.thermo.activity import Unifac

Array = NDArray[np.float64]
R = 8.31446261815324
ROUNDS, LIMIT = 12, 0.4


@frozen(eq=False)
class Bubble:
    """Bubble points and what their pressures need: ln psat [ln Pa] of both, second virial coefficients [m^3/mol], all of shape (n,)."""

    data: thermoml.Binary
    ln_p1: Array
    ln_p2: Array
    b11: Array
    b22: Array
    b12: Array

    def pressure(self, g1: Array, g2: Array) -> Array:
        """P [Pa] from ln(gamma) of both: fugacities of the vapour by the virial equation, found by repeated substitution; no Poynting factor."""
        d = self.data
        rt = R * d.T

        def limited(exponent: Array) -> Array:  # beyond it the virial equation means nothing, and substitution would run away
            return np.clip(exponent, -LIMIT, LIMIT)

        f1 = d.x * np.exp(g1 + self.ln_p1 + limited(self.b11 * np.exp(self.ln_p1) / rt))
        f2 = (1 - d.x) * np.exp(g2 + self.ln_p2 + limited(self.b22 * np.exp(self.ln_p2) / rt))
        p, y = f1 + f2, f1 / (f1 + f2)
        delta = 2 * self.b12 - self.b11 - self.b22
        for _ in range(ROUNDS):
            q1 = f1 / np.exp(limited(p / rt * (self.b11 + (1 - y) ** 2 * delta)))
            q2 = f2 / np.exp(limited(p / rt * (self.b22 + y**2 * delta)))
            p, y = q1 + q2, q1 / (q1 + q2)
        return p

    def deviations(self, g1: Array, g2: Array) -> Array:
        """|P - measured| / measured of each point."""
        return np.abs(self.pressure(g1, g2) - self.data.value) / self.data.value


@lru_cache(maxsize=1)
def load() -> Bubble:
    """All bubble points that count (see ``thermoml``)."""
    data = thermoml.bubble(Counter())
    table = vapour.table()
    n = len(data.x)
    out = {k: np.zeros(n) for k in ("ln_p1", "ln_p2", "b11", "b22", "b12")}
    for i, (a, b) in enumerate(data.systems):
        at = data.system == i
        first, second, t = table[a], table[b], data.T[at]
        out["ln_p1"][at], out["ln_p2"][at] = first.ln_psat(t), second.ln_psat(t)
        out["b11"][at], out["b22"][at], out["b12"][at] = vapour.virial(first, second, t)
    return Bubble(data, **out)


def system_means(data: thermoml.Binary, deviation: Array) -> Array:
    """Mean over the points of each system, shape (systems,)."""
    return np.bincount(data.system, deviation, len(data.systems)) / np.bincount(data.system, minlength=len(data.systems))


def family_ln_gamma(data: thermoml.Binary, name: str) -> tuple[Array, Array, NDArray[np.bool_]]:
    """ln(gamma) of both components by a member of the UNIFAC family, zero where it does not cover the system; and which systems it covers."""
    smiles = thermoml.smiles_of()
    g1, g2, covered = np.zeros(len(data.x)), np.zeros(len(data.x)), np.zeros(len(data.systems), bool)
    order = np.argsort(data.system, kind="stable")
    bounds = np.searchsorted(data.system[order], np.arange(len(data.systems) + 1))
    for i, (a, b) in enumerate(data.systems):
        model = Unifac.from_smiles([("a", smiles[a]), ("b", smiles[b])], name, True)
        if model.missing:
            continue
        covered[i] = True
        at = order[bounds[i] : bounds[i + 1]]
        x = data.x[at]
        g1[at], g2[at] = model.ln_gamma([x, 1.0 - x], data.T[at])
    return g1, g2, covered
