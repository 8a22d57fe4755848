"""Consensus of several tables on one number: the largest group that agrees, its median and its spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from attrs import frozen

from chemwright.errors import PropertyMissing


@frozen
class Reading:
    """One figure from one source: source id, value in SI, tier, conditions in SI and a note."""

    source: str
    value: float
    tier: str = "measured"
    temperature: float = 0.0
    note: str = ""


@frozen
class Consensus:
    """Value and standard uncertainty in SI, the reading nearest to it, those that agree and those that do not."""

    value: float
    std: float
    best: Reading
    agreeing: tuple[Reading, ...]
    outliers: tuple[Reading, ...]

    @property
    def note(self) -> str:
        """Who agrees and who differs, in one line."""
        text = f"{len(self.agreeing)} source(s) agree: " + ", ".join(r.source.rsplit(":", 1)[-1] for r in self.agreeing)
        if self.outliers:
            text += "; in conflict: " + ", ".join(f"{r.source.rsplit(':', 1)[-1]} {r.value:.6g}" for r in self.outliers)
        return text


def consensus(readings: Sequence[Reading], *, within: float, floor: float, single: float) -> Consensus:
    """Median of the largest group of readings that lie within ``within`` of one of them.

    Args:
        readings: in order of trust; earlier ones win ties.
        within: relative half width of a group [1].
        floor: smallest standard uncertainty returned, in the unit of the readings.
        single: standard uncertainty when one reading stands alone and nothing contradicts it, same unit.

    Returns:
        The consensus. When no two readings agree, the first one, with the spread of all of them as standard uncertainty.

    Raises:
        PropertyMissing: no readings.
    """
    if not readings:
        raise PropertyMissing("no reading to agree on", fix="give at least one source")
    groups = [[r for r in readings if abs(r.value - centre.value) <= within * abs(centre.value)] for centre in readings]
    group = max(groups, key=len)
    outliers = [r for r in readings if r not in group]
    value = median(r.value for r in group)
    if len(group) > 1:
        std = max(floor, _spread([r.value for r in group]))
    elif outliers:
        std = max(single, _spread([r.value for r in readings]))
    else:
        std = max(floor, single)
    best = min(group, key=lambda r: abs(r.value - value))
    return Consensus(value, std, best, tuple(group), tuple(outliers))


def _spread(values: Sequence[float]) -> float:
    """Sample standard deviation."""
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
