"""Boosted trees for ``training/mining.py``: words as numbers, fitting with scikit-learn, and the plain arrays that ship."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

SMOOTH = 20.0


def coded(words: Sequence[Sequence[str]], kinds: Sequence[str], y: np.ndarray) -> dict[str, float]:
    """A number for each word: the share of right answers among its uses, drawn to the mean by twenty uses; words of fewer than ten uses have the mean."""
    base = float(y.mean())
    out = {f"{kind}=": base for kind in kinds}
    for k, kind in enumerate(kinds):
        count: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for row, right in zip(words, y, strict=True):
            count[row[k]][0] += 1
            count[row[k]][1] += float(right)
        out |= {f"{kind}={w}": (s + SMOOTH * base) / (n + SMOOTH) for w, (n, s) in count.items() if n >= 10}
    return out


def table(words: Sequence[Sequence[str]], kinds: Sequence[str], codes: dict[str, float], rows: np.ndarray) -> np.ndarray:
    """Codes of the words, then the numbers."""
    left = np.array([[codes.get(f"{kind}={w}", codes[f"{kind}="]) for kind, w in zip(kinds, row, strict=True)] for row in words]).reshape(len(words), len(kinds))
    return np.hstack([left, rows])


def fit(x: np.ndarray, y: np.ndarray, **settings: Any) -> Any:
    """A boosted classifier; the same settings in cross-validation and for what ships."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    given = {"max_iter": 300, "learning_rate": 0.03, "max_leaf_nodes": 24, "l2_regularization": 1.0, "min_samples_leaf": 30, "early_stopping": False, "random_state": 0} | settings
    return HistGradientBoostingClassifier(**given).fit(x, y)


def arrays(model: Any, codes: dict[str, float]) -> dict[str, np.ndarray]:
    """What :class:`chemwright.knowledge.mining.trees.Trees` reads."""
    start, parts, offset = [], [], 0
    for (tree,) in model._predictors:
        nodes = tree.nodes
        leaf = nodes["is_leaf"].astype(bool)
        own = np.arange(len(nodes))
        parts.append(
            (
                np.where(leaf, -1, nodes["feature_idx"]),
                np.where(leaf, 0.0, nodes["num_threshold"]),
                np.where(leaf, own, nodes["left"]) + offset,
                np.where(leaf, own, nodes["right"]) + offset,
                np.where(leaf, nodes["value"], 0.0),
            )
        )
        start.append(offset)
        offset += len(nodes)
    column, limit, left, right, value = (np.concatenate(p) for p in zip(*parts, strict=True))
    return {
        "start": np.array(start, dtype=np.int32),
        "column": column.astype(np.int16),
        "limit": limit.astype(np.float64),
        "left": left.astype(np.int32),
        "right": right.astype(np.int32),
        "value": value.astype(np.float32),
        "base": np.array(float(np.ravel(model._baseline_prediction)[0])),
        "words": np.array(list(codes), dtype=str),
        "codes": np.array(list(codes.values()), dtype=np.float64),
    }
