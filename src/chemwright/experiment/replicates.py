"""What repeated experiments tell: the noise of a measurement, and repeats that contradict each other."""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen

from chemwright.experiment.observations import Observations, groups
from chemwright.experiment.space import Array

LEVEL = 0.01
"""Chance at which a sound set of repeats is called contradictory, over the whole campaign."""


@frozen
class Noise:
    """Noise of one objective.

    Args:
        std: standard deviation of one measurement, SI; None when nothing tells it.
        freedom: degrees of freedom it rests on; 0 when it was told by the user.
        contradictory: ids of repeats that differ more than the noise of the others allows, one tuple a group.
        words: one sentence a finding.
    """

    std: float | None
    freedom: int = 0
    contradictory: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = ()


def noise_of(seen: Observations, objective: int, told: float | None, name: str = "", unit_scale: float = 1.0, unit: str = "") -> Noise:
    """Noise of an objective from its repeats, and the repeats that contradict each other.

    A group of repeats contradicts itself when its variance is too large, by a chi-square test against the told noise or an F test against the pooled
    variance of all other groups, at 1 % over all groups (Bonferroni). Such groups are left out of the pooled noise.

    Args:
        seen: what was seen; failures and borrowed data are passed over.
        objective: its column.
        told: std of a measurement that the user told, SI, or None.
        name, unit_scale, unit: for the words: the objective's name, what an SI number is multiplied with, the unit's text.
    """
    own = seen.where((seen.task == 0) & ~seen.failed & np.isfinite(seen.values[:, objective]))
    sets = [(tuple(own.ids[i] for i in g), own.values[g, objective]) for g in groups(own.rows) if len(g) > 1]
    sums = np.array([float(((y - y.mean()) ** 2).sum()) for _, y in sets])
    free = np.array([len(y) - 1 for _, y in sets])
    bad = _outliers(sums, free, told)
    words = []
    for k in bad:
        ids, y = sets[k]
        spread = " and ".join([", ".join(f"{unit_scale * v:.4g}" for v in y[:-1]), f"{unit_scale * y[-1]:.4g}"])
        words.append(
            f"{' and '.join(ids)} are the same experiment and gave {name} {spread}{unit}: more apart than the noise of the other repeats allows; repeat it or look for a slip"
        )
    good = [k for k in range(len(sets)) if k not in bad] or list(range(len(sets)))
    if told is not None:
        return Noise(told, 0, tuple(sets[k][0] for k in bad), tuple(words))
    freedom = int(free[good].sum()) if sets else 0
    std = math.sqrt(float(sums[good].sum()) / freedom) if freedom else None
    return Noise(std, freedom, tuple(sets[k][0] for k in bad), tuple(words))


def _outliers(sums: Array, free: Array, told: float | None) -> list[int]:
    """Groups whose variance is too large; the worst first, each judged by those that are left."""
    from scipy.stats import chi2, f

    bad: list[int] = []
    limit = LEVEL / max(1, len(sums))
    while len(bad) < len(sums):
        rest = [k for k in range(len(sums)) if k not in bad]
        chance = []
        for k in rest:
            others = [i for i in rest if i != k]
            if told:
                chance.append(float(chi2.sf(sums[k] / told**2, free[k])))
            elif not others:
                chance.append(1.0)  # nothing to judge it by
            else:
                pooled = float(sums[others].sum()) / int(free[others].sum())
                chance.append(float(f.sf((sums[k] / free[k]) / pooled, free[k], int(free[others].sum()))) if pooled > 0 else float(sums[k] == 0))
        worst = int(np.argmin(chance))
        if chance[worst] >= limit:
            return bad
        bad.append(rest[worst])
    return bad
