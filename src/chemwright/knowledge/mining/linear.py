"""Linear classifiers over named features: weights in a small npz (never pickle), trained by ``training/mining.py`` on the training patents."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

import numpy as np
from attrs import field, frozen


@frozen
class Linear:
    """Scores of classes as sums of the weights of the features present.

    Args:
        classes: names of the classes.
        intercept: shape (classes,); for two classes one score, of the second.
        weights: feature -> shape (classes,).
    """

    classes: tuple[str, ...]
    intercept: np.ndarray = field(eq=False)
    weights: dict[str, np.ndarray] = field(eq=False, repr=False)

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Probability of each class."""
        total = self.intercept.copy()
        for name in set(features):
            row = self.weights.get(name)
            if row is not None:
                total = total + row
        if len(self.classes) == 2:
            p = 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, float(total[0])))))
            return {self.classes[0]: 1.0 - p, self.classes[1]: p}
        weights = np.exp(total - total.max())
        return dict(zip(self.classes, (weights / weights.sum()).tolist(), strict=True))


@lru_cache(maxsize=1)
def models() -> dict[str, Linear]:
    """The trained classifiers by name: ``temperature``, ``time``, ``yield``, ``role``, ``computed``."""
    with (files("chemwright") / "data" / "mining" / "classifiers.npz").open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        return linear(arrays)


def linear(arrays: Mapping[str, np.ndarray]) -> dict[str, Linear]:
    """Classifiers from their arrays."""
    out = {}
    for name in arrays["models"].tolist():
        names, table = arrays[f"{name}_features"].tolist(), arrays[f"{name}_weights"]
        out[name] = Linear(tuple(arrays[f"{name}_classes"].tolist()), arrays[f"{name}_intercept"], dict(zip(names, table, strict=True)))
    return out
