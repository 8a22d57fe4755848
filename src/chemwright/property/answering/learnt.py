"""Learned models, as far as they are installed, on the molecules of a sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from chemwright.property.answer import Array, Estimates
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


# a property asked for that is learned as another one: its model, and how its estimate e turns into the one asked for with the molar mass m [g/mol]; an inverse turns the bounds round
_TURNED: dict[str, tuple[str, Callable[[Array, Array], Array]]] = {"liquid_density": ("liquid_molar_volume", lambda e, m: 1e-3 * m / e)}

_DESCRIPTORS = {"crippen_logp": "crippen_logp", "crippen_refraction": "crippen_mr"}


def model_of(name: str) -> str:
    """The learned model that answers for a property; empty where none does."""
    learned = _TURNED[name][0] if name in _TURNED else name
    return learned if learned in model_names() else ""


class Learnt:
    """Learned models on n molecules; their features are worked out once, when the first model is asked.

    Args:
        smiles: the molecules; ones that can't be read are flagged by the models and have no figure.
    """

    def __init__(self, smiles: Sequence[str]) -> None:
        self.smiles = list(smiles)
        self._features: Any = None
        self._kept: dict[str, Column] = {}

    def column(self, item: Asked, T: float, mass: Callable[[], Array]) -> Column:
        """What the model of a property says; of one that runs with temperature only near 298 K. ``mass`` gives molar masses [g/mol]."""
        name = model_of(item.name)
        if not name or (item.curve and abs(T - ROOM) > NEAR):
            return col.empty(len(self.smiles))
        if item.name not in self._kept:
            e = self.estimates(name)
            if item.name in _TURNED:
                e = _turned(e, _TURNED[item.name][1], mass())
            self._kept[item.name] = col.of_estimates(e, item, f"learned:{name}")
        return self._kept[item.name]

    def estimates(self, name: str) -> Estimates:
        """What the model of that name says, as it says it."""
        if self._features is None:
            self._features = import_module("chemwright.structure.features").featurise(self.smiles)
        found: Estimates = model(name).predict(self._features)  # type: ignore[union-attr]
        return found

    def descriptor(self, name: str) -> Array | None:
        """A fact that the features hold already; None where they have not been worked out, or hold no such."""
        own = _DESCRIPTORS.get(name)
        if self._features is None or own is None:
            return None
        f, names = self._features, import_module("chemwright.structure.features").DESCRIPTORS
        return np.where(f.ok, f.descriptors[:, names.index(own)].astype(float), np.nan)


def _turned(e: Estimates, turn: Callable[[Array, Array], Array], mass: Array) -> Estimates:
    mean, low, high = turn(e.mean, mass), turn(e.high, mass), turn(e.low, mass)
    return Estimates(mean, e.std / e.mean * mean, low, high, e.in_domain)
