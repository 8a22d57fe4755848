"""Learned models, as far as they are installed, on the molecules of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from chemwright.property.answering import column as col
from chemwright.property.answering.catalogue import ROOM, Asked
from chemwright.property.answering.column import Column

NEAR = 5.0
"""A learned figure at 298 K stands for temperatures [K] within this distance; farther off it is carried there by an equation."""


@lru_cache(maxsize=1)
def _room() -> Any | None:
    try:
        return import_module("chemwright.property.learned")
    except ModuleNotFoundError:
        return None


@lru_cache(maxsize=1)
def model_names() -> tuple[str, ...]:
    """Names of the learned models that are there; none before the first one ships."""
    room = _room()
    return () if room is None else tuple(room.models())


@lru_cache(maxsize=64)
def model(name: str) -> Any | None:
    """A learned model by name, or None."""
    room = _room()
    return room.load(name) if room is not None and name in model_names() else None


class Learnt:
    """Learned models on n molecules; their features are worked out once, when the first model is asked.

    Args:
        smiles: the molecules; ones that can't be read are flagged by the models and have no figure.
    """

    def __init__(self, smiles: Sequence[str]) -> None:
        self.smiles = list(smiles)
        self._features: Any = None
        self._kept: dict[str, Column] = {}

    def column(self, item: Asked, T: float) -> Column:
        """What the model of a property says; of one that runs with temperature only near 298 K."""
        if item.name not in model_names() or (item.curve and abs(T - ROOM) > NEAR):
            return col.empty(len(self.smiles))
        if item.name not in self._kept:
            self._kept[item.name] = self._asked(item)
        return self._kept[item.name]

    def _asked(self, item: Asked) -> Column:
        found = model(item.name)
        if self._features is None:
            self._features = import_module("chemwright.structure.features").featurise(self.smiles)
        estimates = found.predict(self._features)  # type: ignore[union-attr]
        if len(np.atleast_1d(estimates.mean)) != len(self.smiles):
            return col.empty(len(self.smiles))
        return col.of_estimates(estimates, item, f"learned:{item.name}")
