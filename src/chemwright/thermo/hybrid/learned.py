"""The learned part: coefficients of the excess function of any pair of molecules, with their covariance, from data on other pairs.

A Gaussian process over pairs (:mod:`chemwright.thermo.hybrid.kernel`) conditioned on bubble pressures and activity coefficients at infinite dilution by
``training/activity_hybrid.py``. What ships is the condition's result: molecules, pairs, the weight of each pair in the mean, and what the data say of each pair (rows), from
which the covariance is worked out near the pair that is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.thermo.hybrid.descriptors import Features, features, pair_features
from chemwright.thermo.hybrid.kernel import Molecules, Pairs, Width, covariances

Array = NDArray[np.float64]
NAME, NEAREST, BATCH = "activity/hybrid", 120, 512


@frozen(eq=False)
class Scale:
    """From features to the coordinates in which molecules are compared: mean and deviation of the descriptors (d,), and weights of descriptors (d,) and groups (g,)."""

    mean: Array
    deviation: Array
    values: Array
    groups: Array

    def molecules(self, found: Sequence[Features]) -> Molecules:
        """The molecules at their coordinates."""
        plain = np.clip((np.array([f.values for f in found]) - self.mean) / self.deviation, -4.0, 4.0) * self.values
        return Molecules(tuple(f.key for f in found), np.hstack([plain, np.array([f.groups for f in found]) * self.groups]))


@frozen(eq=False)
class Learned:
    """The conditioned process.

    Args:
        width: its widths and lengths.
        scale: coordinates of molecules.
        molecules, pairs: those of the data.
        weights: of each pair in the mean of each coefficient, shape (pairs, 5).
        row_pair: the pair that each row of data belongs to, shape (rows,).
        rows: what the row measures: a combination of the five coefficients with unit variance of error, shape (rows, 5).
        inflation: factor on the covariance that makes 90 % intervals hold on systems left out [1].
        floor: standard deviation of ln P that stays when the coefficients are known [1]: vapour pressures, scatter of the data.
        card: where it comes from.
    """

    width: Width
    scale: Scale
    molecules: Molecules
    pairs: Pairs
    weights: Array
    row_pair: NDArray[np.int64]
    rows: Array
    inflation: float
    floor: float
    card: dict[str, Any]

    def asked(self, species: Sequence[str], pairs: Sequence[tuple[int, int]]) -> tuple[Molecules, Pairs]:
        """The molecules of these SMILES and the pairs among them, as the kernel takes them."""
        found = [features(s) for s in species]
        table = np.array([pair_features(species[i], species[j]) for i, j in pairs])
        at = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return self.scale.molecules(found), Pairs(at[:, 0], at[:, 1], table)

    def mean(self, asked: tuple[Molecules, Pairs]) -> Array:
        """Mean of A0, B0, A1, B1, C [1] of each pair, shape (n, 5)."""
        molecules, pairs = asked
        out = []
        for k in range(0, len(pairs.i), BATCH):
            some = part(molecules, pairs.take(np.arange(k, min(k + BATCH, len(pairs.i)))))
            out.append(np.stack([c @ self.weights[:, a] for a, c in enumerate(covariances(some, (self.molecules, self.pairs), self.width))], 1))
        return np.concatenate(out)

    def covariance(self, asked: tuple[Molecules, Pairs]) -> Array:
        """Covariance of the coefficients of each pair, shape (n, 5, 5): conditioned on the most alike pairs of the data, inflated to hold on systems left out."""
        molecules, pairs = asked
        out = np.zeros((len(pairs.i), 5, 5))
        for k in range(len(pairs.i)):
            one = part(molecules, pairs.take(np.array([k])))
            to = [c[0] for c in covariances(one, (self.molecules, self.pairs), self.width)]
            prior = np.array([c[0, 0] for c in covariances(one, one, self.width)])
            near = np.argsort(-np.abs(to[0]), kind="stable")[:NEAREST]
            rows = np.flatnonzero(np.isin(self.row_pair, near))
            at, s = self.row_pair[rows], self.rows[rows]
            some = part(self.molecules, self.pairs.take(near))
            among = covariances(some, some, self.width)
            place = np.zeros(len(self.pairs.i), dtype=np.int64)
            place[near] = np.arange(len(near))
            local = place[at]
            gram = np.eye(len(rows))
            for a, c in enumerate(among):
                gram += c[np.ix_(local, local)] * np.outer(s[:, a], s[:, a])
            cross = np.stack([to[a][at] * s[:, a] for a in range(5)])
            out[k] = np.diag(prior) - cross @ np.linalg.solve(gram, cross.T)
        return self.inflation**2 * 0.5 * (out + out.transpose(0, 2, 1))


def part(molecules: Molecules, pairs: Pairs) -> tuple[Molecules, Pairs]:
    """The pairs with only their own molecules."""
    used, again = np.unique(np.concatenate([pairs.i, pairs.j]), return_inverse=True)
    n = len(pairs.i)
    return Molecules(tuple(molecules.keys[m] for m in used.tolist()), molecules.at[used]), Pairs(again[:n], again[n:], pairs.features)


def pack(learned: Learned) -> dict[str, Array]:
    """The arrays of a file: floats of half or single size where that changes nothing that shows; texts as bytes."""
    s = learned.scale
    return {
        "mean": s.mean,
        "deviation": s.deviation,
        "values": s.values,
        "groups": s.groups,
        "keys": np.array(list(learned.molecules.keys), dtype="S27"),
        "at": learned.molecules.at.astype(np.float32),
        "i": learned.pairs.i.astype(np.int16),
        "j": learned.pairs.j.astype(np.int16),
        "features": learned.pairs.features.astype(np.float32),
        "weights": learned.weights,
        "row_pair": learned.row_pair.astype(np.int16),
        "rows": learned.rows.astype(np.float32),
    }


def unpack(arrays: dict[str, Any], card: dict[str, Any]) -> Learned:
    """The inverse of :func:`pack`; ``card`` holds ``width``, ``inflation`` and ``floor``."""
    keys = tuple(k.decode("ascii") for k in arrays["keys"].tolist())
    return Learned(
        width=Width(**card["width"]),
        scale=Scale(*(arrays[k].astype(float) for k in ("mean", "deviation", "values", "groups"))),
        molecules=Molecules(keys, arrays["at"].astype(float)),
        pairs=Pairs(arrays["i"].astype(np.int64), arrays["j"].astype(np.int64), arrays["features"].astype(float)),
        weights=arrays["weights"].astype(float),
        row_pair=arrays["row_pair"].astype(np.int64),
        rows=arrays["rows"].astype(float),
        inflation=float(card["inflation"]),
        floor=float(card["floor"]),
        card=card,
    )


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """The process that ships (``data/activity``)."""
    folder = files("chemwright") / "data" / "activity"
    card = json.loads((folder / "hybrid.json").read_text(encoding="utf-8"))
    with (folder / "hybrid.npz").open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        return unpack(dict(arrays), card)
