"""Figures that networks which never saw them contradict, and what such networks say instead: both only ever of the molecules that a part trains on.

Of a part P the networks ``P+random0`` ... ``P+random4`` leave out P and one random fold (or ``P+random0+random1`` two). Together they predict each training molecule of P unseen, and none of them
knows a test molecule of P.
Tables of boiling points hold figures at reduced pressure without saying so, also ones that two sources share: what such a figure costs in training is a whole family predicted too low.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LIMIT = {True: 6.0, False: 4.0}
"""Scatters (of consensus figures about what unseeing networks say) from which on a figure loses weight, by whether two sources agree on it."""
FEWEST = 100
"""Consensus figures from which on a property's scatter is told; figures of rarer properties keep their weight."""


def beside(part: str, runs: Path) -> list[Path]:
    """The files of the networks that leave out ``part`` and random folds more."""
    return sorted({*runs.glob(f"{part}+random*.npz"), *runs.glob(f"random*+{part}.npz")})


def unseen(files: Sequence[Path], outside: NDArray[np.bool_], tasks: int) -> Array:
    """What the networks say of molecules that they left out, shape (n, tasks) on the learning scale; nan where none of them left a molecule out, and for all that are ``outside`` (n,)."""
    out = np.full((len(outside), tasks), np.nan)
    for path in files:
        with np.load(path, allow_pickle=False) as a:
            out[a["rows"]] = a["centre"]
    out[outside] = np.nan
    return out


def trusted(y: Array, said: Array, trust: NDArray[np.float32]) -> NDArray[np.float32]:
    """The trust in figures ``y`` after comparing them with what was ``said`` unseen, all (n, tasks): beyond so many scatters it falls with the square of the distance."""
    out = trust.copy()
    for j in range(y.shape[1]):
        off = np.abs(y[:, j] - said[:, j])
        known = np.isfinite(off)
        agreed = known & (trust[:, j] >= 1.0)
        if agreed.sum() < FEWEST:
            continue
        scatter = 1.4826 * float(np.median(off[agreed]))
        limit = np.where(trust[:, j] >= 1.0, LIMIT[True], LIMIT[False]) * scatter
        out[known, j] *= np.minimum(1.0, (limit[known] / np.maximum(off[known], 1e-300)) ** 2)
    return out


def told(y: Array, before: NDArray[np.float32], after: NDArray[np.float32], names: Sequence[str]) -> None:
    """Print what lost weight."""
    for j in range(3):
        had = before[:, j] > 0
        print(f"   {names[j][:24]:24s} {100 * (after[had, j] < 0.5 * before[had, j]).mean():.1f} % of {had.sum()} figures at less than half their weight")
