"""90 % intervals from predictions on held-out molecules: the width a network gives, times the quantile of held-out errors over width, in and out of domain apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import property_data as data
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.learned.domain import Domain
from chemwright.property.learned.graphs import Graphs
from chemwright.structure.features import Features

Array = NDArray[np.float64]
LEVEL = 0.9
FEW = 20
"""With fewer molecules out of domain than this the quantile is the one in domain times :data:`WIDER`."""
WIDER = 1.5


@frozen(eq=False)
class HeldOut:
    """Predictions of one part on molecules it never saw: rows among all molecules, centre and width on the learning scale (m, tasks), in-domain flags by the part's own training molecules (m, tasks)."""

    part: str
    rows: NDArray[np.int64]
    centre: Array
    width: Array
    in_domain: NDArray[np.bool_]


def held_out(parts: Sequence[str], runs: Path, features: Features, graphs: Graphs, trust: NDArray[np.float32]) -> list[HeldOut]:
    """The predictions that the training script kept of these parts."""
    out = []
    for part in parts:
        with np.load(runs / f"{part}.npz", allow_pickle=False) as a:
            rows, centre, width = a["rows"], a["centre"], a["width"]
        trained = np.ones(len(features), np.bool_)
        trained[rows] = False
        in_domain = np.stack([domain_of(features, graphs, trust, j, trained).holds(features, graphs)[rows] for j in range(trust.shape[1])], 1)
        out.append(HeldOut(part, rows, centre, width, in_domain))
    return out


def stem(part: str, runs: Path, tags: str) -> str:
    """The name of the part's file: of the first of the rounds ``tags`` (with commas between) that is there, else of the first round; empty without any."""
    return next((s for s in (*(f"{part}{t}" for t in tags.split(",")), part) if (runs / f"{s}.npz").exists()), "")


def domain_of(features: Features, graphs: Graphs, trust: NDArray[np.float32], j: int, among: NDArray[np.bool_]) -> Domain:
    """The domain of property ``j`` by its training molecules ``among`` all."""
    return Domain.of(graphs.take(np.flatnonzero(among & (trust[:, j] > 0) & features.ok)))


def quantile(ratio: Array) -> float:
    """The conformal quantile: the smallest ratio that :data:`LEVEL` of n + 1 lie below; the largest where n is too small for one."""
    n = len(ratio)
    rank = min(n, math.ceil((n + 1) * LEVEL))
    return float(np.sort(ratio)[rank - 1])


def quantiles(ratio: Array, in_domain: NDArray[np.bool_]) -> tuple[float, float]:
    """Quantiles of held-out |error| / width in and out of domain; the latter is never under the former."""
    inside = quantile(ratio[in_domain]) if in_domain.sum() >= FEW else quantile(ratio)
    outside = quantile(ratio[~in_domain]) if (~in_domain).sum() >= FEW else inside * WIDER
    return inside, max(inside, outside)


def column(name: str) -> int:
    """Column of a property or of the set it is scored in."""
    return [t.name for t in data.TASKS].index(data.SETS.get(name, name))
