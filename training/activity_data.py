"""The data of the hybrid activity model as arrays: pairs with their features, base activity coefficients, and how the coefficients enter each measured value."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import bubble
import numpy as np
import thermoml
from attrs import evolve, frozen
from numpy.typing import NDArray

from chemwright.thermo.hybrid.descriptors import Features, features, pair_features
from chemwright.thermo.hybrid.excess import derivatives, fractions
from chemwright.thermo.hybrid.model import base_models

Array = NDArray[np.float64]


@frozen(eq=False)
class Data:
    """Everything that is fitted to.

    ``points`` are bubble points, ``dilute`` activity coefficients at infinite dilution; ``pair_of`` and ``pair_of_dilute`` give the pair of each. ``g1``, ``g2`` and ``g_dilute`` are
    ln(gamma) of the base (``g_both`` that of both components of ``dilute``), ``d1``, ``d2`` and ``d_dilute`` their derivatives with respect to the five coefficients.
    """

    points: bubble.Bubble
    dilute: thermoml.Binary
    keys: list[str]
    molecules: list[Features]
    pairs: list[tuple[str, str]]
    i: NDArray[np.int64]
    j: NDArray[np.int64]
    table: Array
    pair_of: NDArray[np.int64]
    pair_of_dilute: NDArray[np.int64]
    g1: Array
    g2: Array
    g_dilute: Array
    g_both: Array
    d1: Array
    d2: Array
    d_dilute: Array

    def subset(self, points: NDArray[np.bool_]) -> bubble.Bubble:
        """Some of the bubble points, systems as they are."""
        p, d = self.points, self.points.data
        data = evolve(d, system=d.system[points], x=d.x[points], T=d.T[points], value=d.value[points], source=d.source[points])
        return bubble.Bubble(data, *(getattr(p, n)[points] for n in ("ln_p1", "ln_p2", "b11", "b22", "b12")))


def load() -> Data:
    """Read; what takes time (the family's answers) is kept in the temporary folder as plain arrays."""
    stamp = hashlib.sha256(b"".join(Path(f).read_bytes() for f in (__file__, thermoml.__file__, bubble.__file__, features.__wrapped__.__code__.co_filename))).hexdigest()[:12]
    kept = Path(os.environ.get("CHEMWRIGHT_TRAINING_CACHE", tempfile.gettempdir())) / f"chemwright-activity-{stamp}.npz"
    if kept.is_file():
        with np.load(kept, allow_pickle=False) as arrays:
            return make(dict(arrays))
    data = make({})
    np.savez(kept, table=data.table, bubble=np.stack([data.g1, data.g2]), dilute=data.g_both)
    return data


def make(known: dict[str, Any]) -> Data:
    """From the tables; ``known`` may hold the pair features and the base's ln(gamma)."""
    points, dilute, smiles = bubble.load(), thermoml.dilute(Counter()), thermoml.smiles_of()
    pairs = sorted(set(points.data.systems) | set(dilute.systems))
    keys = sorted({k for pair in pairs for k in pair})
    at, place = {k: n for n, k in enumerate(keys)}, {p: n for n, p in enumerate(pairs)}
    molecules = [features(smiles[k]) for k in keys]
    i, j = (np.array([at[p[side]] for p in pairs], dtype=np.int64) for side in (0, 1))
    size = np.array([m.size for m in molecules])

    def base_of(data: thermoml.Binary) -> Array:
        out = np.zeros((2, len(data.x)))
        for n, (a, b) in enumerate(data.systems):
            here = data.system == n
            x, t = data.x[here], data.T[here]
            for base in (models := base_models([("1", smiles[a]), ("2", smiles[b])])):
                out[:, here] += np.array(base.ln_gamma([x, 1.0 - x], t)) / len(models)
        return out

    def derived(data: thermoml.Binary) -> tuple[NDArray[np.int64], Array, Array]:
        pair_of = np.array([place[s] for s in data.systems], dtype=np.int64)[data.system]
        sizes = (size[i[pair_of]], size[j[pair_of]])
        z, _ = fractions(sizes, (data.x, 1.0 - data.x))  # sizes as arrays: one pair a point
        both: list[Any] = derivatives(sizes, z, data.T, 0, 1)
        return pair_of, np.stack(both[0], 1), np.stack(both[1], 1)

    pair_of, d1, d2 = derived(points.data)
    pair_of_dilute, f1, f2 = derived(dilute)
    g = known["bubble"] if known else base_of(points.data)
    e = known["dilute"] if known else base_of(dilute)
    first = dilute.x < 0.5
    table = known["table"] if known else np.array([pair_features(smiles[a], smiles[b]) for a, b in pairs])
    own, d_own = np.where(first, e[0], e[1]), np.where(first[:, None], f1, f2)
    return Data(points, dilute, keys, molecules, pairs, i, j, table, pair_of, pair_of_dilute, g[0], g[1], own, e, d1, d2, d_own)
