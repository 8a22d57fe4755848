"""Features of a categorical variable's levels: one column a level, the user's own table, or descriptors of the molecules they name."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from chemwright.errors import SubstanceError
from chemwright.record import Variable

Array = NDArray[np.float64]
FIGURES = (
    "normal_boiling_point", "relative_permittivity", "dipole_moment", "hansen_dispersion_parameter", "hansen_polar_parameter", "hansen_hydrogen_bond_parameter",
    "octanol_water_partition_coefficient_log", "liquid_viscosity", "surface_tension",
)  # fmt: skip
"""Figures of the property room that set solvents and reagents apart."""
SHARE = 0.95
"""Of the variance of all descriptors, what those kept must explain together."""
MOST = 8
"""Descriptors of a variable at most."""


def level_features(v: Variable) -> tuple[Array, tuple[str, ...]]:
    """Features (levels, k), each column in [0, 1], and their names.

    Raises:
        SubstanceError: a SMILES that can't be read.
    """
    n = len(v.levels)
    if v.encoding == "one_hot" or n == 1:
        return np.eye(n), tuple(f"{v.name}={level}" for level in v.levels)
    if v.encoding == "table":
        raw, names = np.array(v.table), v.columns
    else:
        raw, names = descriptors(v.smiles, v.name)
    kept = decorrelated(raw)
    features = _unit_range(raw[:, kept])
    if not kept or len(np.unique(features.round(9), axis=0)) < n:  # levels that look alike would share one prediction: a column each tells them apart
        alike = _twins(features) if kept else list(range(n))
        extra = np.eye(n)[:, alike]
        return np.hstack([features, extra]), (*(f"{v.name}:{names[k]}" for k in kept), *(f"{v.name}={v.levels[i]}" for i in alike))
    return features, tuple(f"{v.name}:{names[k]}" for k in kept)


def _twins(features: Array) -> list[int]:
    """Levels with a twin: those whose features another level has too, the first of each family left out."""
    seen: set[bytes] = set()
    out = []
    for i, row in enumerate(features.round(9) + 0.0):
        if row.tobytes() in seen:
            out.append(i)
        seen.add(row.tobytes())
    return out


@lru_cache(maxsize=64)
def descriptors(smiles: tuple[str, ...], where: str = "") -> tuple[Array, tuple[str, ...]]:
    """Descriptors of molecules (n, k), with their names: counts and shapes from the structure room, and figures that the property room has learned.

    A learned figure is left out when any of the molecules is beyond what it was learned from; of a salt its largest part is asked.

    Raises:
        SubstanceError: a SMILES that can't be read.
    """
    from chemwright.property.learned.screening import screen
    from chemwright.structure.features import DESCRIPTORS, featurise

    found = featurise(smiles)
    for i, problem in found.problems.items():
        raise SubstanceError(f"level {i + 1}: {problem}", where=f"variable {where!r}", fix="correct its SMILES, or use one_hot")
    learned = screen([max(s.split("."), key=len) for s in smiles], FIGURES)
    known = [n for n in FIGURES if np.isfinite(learned[n].mean).all() and learned[n].in_domain.all()]
    table = [np.asarray(found.descriptors, float), *(np.asarray(learned[n].mean, float)[:, None] for n in known)]
    return np.hstack(table), (*DESCRIPTORS, *known)


def decorrelated(raw: Array, share: float = SHARE, most: int = MOST) -> list[int]:
    """Columns that together tell nearly all: each next one takes most of the variance that those before it left in all columns (standardised).

    Args:
        raw: numbers of the levels, shape (levels, k).
        share: of the variance at which it ends.
        most: columns at most; never more than levels - 1.
    """
    centred = raw - raw.mean(0)
    spread = centred.std(0)
    live = np.flatnonzero(spread > 1e-9 * np.maximum(np.abs(raw).max(0), 1e-12))
    rest = centred[:, live] / spread[live]
    total, kept = float((rest**2).sum()), list[int]()
    while len(kept) < min(most, len(raw) - 1) and (rest**2).sum() > max(1.0 - share, 1e-9) * total:
        size = (rest**2).sum(0)
        taken = ((rest.T @ rest) ** 2).sum(1) / np.maximum(size, 1e-9 * len(raw))
        best = int(np.argmax(np.where(size > 1e-6 * len(raw), taken, -1.0)))
        kept.append(int(live[best]))
        rest = rest - np.outer(rest[:, best], rest[:, best] @ rest) / size[best]
    return kept


def _unit_range(x: Array) -> Array:
    low, high = x.min(0), x.max(0)
    return np.asarray((x - low) / np.where(high > low, high - low, 1.0))
