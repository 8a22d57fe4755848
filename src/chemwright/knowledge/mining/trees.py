"""Boosted trees as plain arrays (in the same npz as the linear classifiers, never pickle): all trees walked together, level by level."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import numpy as np
from attrs import field, frozen


@frozen
class Trees:
    """A sum of decision trees with the logistic function over it.

    Args:
        start: shape (trees,), the first node of each tree.
        column: shape (nodes,), the feature a node asks for; -1 at a leaf.
        limit: shape (nodes,), left when the feature is at most this.
        left: shape (nodes,), next node; a leaf points at itself.
        right: shape (nodes,), next node otherwise.
        value: shape (nodes,), what a leaf adds to the score.
        base: score before any tree.
        codes: feature in words (``kind=word``) -> the number that stands for it.
    """

    start: np.ndarray = field(eq=False, repr=False)
    column: np.ndarray = field(eq=False, repr=False)
    limit: np.ndarray = field(eq=False, repr=False)
    left: np.ndarray = field(eq=False, repr=False)
    right: np.ndarray = field(eq=False, repr=False)
    value: np.ndarray = field(eq=False, repr=False)
    base: float
    codes: dict[str, float] = field(eq=False, repr=False)

    def code(self, kind: str, word: str) -> float:
        """The number of a word, or that of an unknown one."""
        return self.codes.get(f"{kind}={word}", self.codes.get(f"{kind}=", 0.0))

    def probabilities(self, rows: np.ndarray) -> np.ndarray:
        """Probability for each row; ``rows`` has shape (rows, features), the result (rows,)."""
        if not len(rows):
            return np.zeros(0)
        node = np.broadcast_to(self.start, (len(rows), len(self.start))).copy()
        index = np.arange(len(rows))[:, None]
        while True:
            column = self.column[node]
            inner = column >= 0
            if not inner.any():
                break
            low = rows[index, np.maximum(column, 0)] <= self.limit[node]
            node = np.where(low, self.left[node], self.right[node])
        score = self.base + self.value[node].sum(axis=1)
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(score, -50.0, 50.0))))


@lru_cache(maxsize=1)
def solvent_trees() -> Trees:
    """The trained trees that tell solvents (``data/mining/solvents.npz``)."""
    with (files("chemwright") / "data" / "mining" / "solvents.npz").open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        return trees(arrays)


def trees(arrays: Mapping[str, np.ndarray]) -> Trees:
    """Trees from their arrays."""
    codes = dict(zip(arrays["words"].tolist(), arrays["codes"].tolist(), strict=True))
    parts = {name: arrays[name] for name in ("start", "column", "limit", "left", "right", "value")}
    return Trees(**parts, base=float(arrays["base"]), codes=codes)
