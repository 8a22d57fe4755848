"""One learned figure of one molecule, for rooms that need a number and its width and nothing more."""

from __future__ import annotations

from functools import lru_cache

from chemwright.property.answering.catalogue import BY_NAME, ROOM
from chemwright.property.answering.facts import Facts, subject
from chemwright.property.answering.learnt import Learnt, model_names
from chemwright.property.answering.sheet import Sheet


def learned_figure(smiles: str, name: str) -> tuple[float, float] | None:
    """Value and standard uncertainty in SI at 298.15 K, where the molecule is of a kind that was learned from; else nothing."""
    if not model_names():
        return None
    c = _sheet(smiles).learned(name, ROOM)
    if not (c.known[0] and c.inside[0]):
        return None
    value, spread = float(c.mean[0]), float(c.spread[0])
    return value, value * spread if BY_NAME[name].log else spread


@lru_cache(maxsize=256)
def _sheet(smiles: str) -> Sheet:
    return Sheet(Facts([subject(smiles)]), {}, learnt=Learnt([smiles]))
