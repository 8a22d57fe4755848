"""Many molecules at once: one chunk of SMILES in, one table of estimates out; what a pool of processes calls."""

from __future__ import annotations

from collections.abc import Sequence

from chemwright.property.answer import Estimates
from chemwright.property.learned.estimating import estimates
from chemwright.structure.features import featurise


def screen(smiles: Sequence[str], names: Sequence[str]) -> dict[str, Estimates]:
    """Estimates of the properties ``names`` for a chunk of molecules (some hundreds are best); NaN where a text is no molecule."""
    return estimates(featurise(smiles), names)
