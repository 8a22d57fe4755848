"""The methods' own errors, calibrated on measured molecules that were set apart; the table ships and is made by ``training/property_methods.py``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.answer import Array
from chemwright.property.answering.column import HYBRID, LEARNED, MECHANISM, Z90
from chemwright.property.answering.methods import Method

_TIERS = {"mechanism": MECHANISM, "hybrid": HYBRID, "learned": LEARNED}
FALLBACK = 1.5
"""A method's error before calibration is taken that much wider: published errors are those on the data it was fitted to."""


@frozen
class Errors:
    """By method and tier: its own standard uncertainty, and how many spreads either way hold 90 % of truths; by property and tier the factor on the interval of the chosen one,
    and the handicap with which a tier's spread enters the choice."""

    table: Mapping[tuple[str, int], tuple[float, float]]
    chosen: Mapping[tuple[str, int], float] = {}
    handicap: Mapping[tuple[str, int], float] = {}

    def of(self, m: Method, tier: NDArray[np.int8]) -> tuple[Array, Array]:
        """Own error and half width of each molecule by its tier; where a tier was not calibrated, the other one's, else the published error times :data:`FALLBACK`."""
        plain = (FALLBACK * m.default, Z90)
        mechanism = self.table.get((m.id, MECHANISM)) or self.table.get((m.id, HYBRID)) or plain
        hybrid = self.table.get((m.id, HYBRID)) or mechanism
        is_hybrid = tier == HYBRID
        return np.where(is_hybrid, hybrid[0], mechanism[0]), np.where(is_hybrid, hybrid[1], mechanism[1])

    def least(self, m: Method) -> float:
        """The smallest spread that an answer of a method can have."""
        if m.carries:
            return 0.0
        known = [self.table[m.id, tier][0] for tier in (MECHANISM, HYBRID) if (m.id, tier) in self.table]
        return min(known, default=FALLBACK * m.default)

    def factor(self, name: str, tier: NDArray[np.int8]) -> Array:
        """What each molecule's interval is widened by, since the answer was chosen as the narrowest of several."""
        return _by_tier(self.chosen, name, tier)

    def handicaps(self, name: str, tier: NDArray[np.int8]) -> Array:
        """What each figure's spread is multiplied by in the choice: spreads of a tier that turned out too narrow where it was chosen count for more."""
        return _by_tier(self.handicap, name, tier)

    def least_ranked(self, m: Method) -> float:
        """The smallest spread, with its handicap, that an answer of a method can have."""
        return self.least(m) * min(self.handicap.get((m.property, code), 1.0) for code in (MECHANISM, HYBRID))


def _by_tier(table: Mapping[tuple[str, int], float], name: str, tier: NDArray[np.int8]) -> Array:
    out = np.ones(len(tier))
    for code in _TIERS.values():
        out[tier == code] = table.get((name, code), 1.0)
    return out


@lru_cache(maxsize=1)
def method_errors() -> Errors:
    """The shipped table."""
    place = files("chemwright") / "data" / "property" / "method_errors.csv"
    if not place.is_file():
        return Errors({})
    rows = csv.DictReader(place.read_text(encoding="utf-8").splitlines())
    table, chosen, handicap = {}, {}, {}
    for r in rows:
        tier = _TIERS[r["tier"]]
        if r["method"] == "*":
            chosen[r["property"], tier], handicap[r["property"], tier] = float(r["half_width"]), float(r["error"])
        else:
            table[r["method"], tier] = (float(r["error"]), float(r["half_width"]))
    return Errors(table, chosen, handicap)
