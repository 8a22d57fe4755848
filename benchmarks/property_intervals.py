"""90 % intervals from predictions on held-out molecules: the width a network gives, times the quantile of held-out errors over width, apart by the kind of rings, by how new a molecule is, and out of domain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import property_data as data
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.learned.domain import KINDS, Domain, classes, environments, other_rings, surroundings
from chemwright.property.learned.graphs import Graphs
from chemwright.structure.features import Features

Array = NDArray[np.float64]
LEVEL = 0.9
FEW = 25
"""A class with fewer molecules than this takes the next one's in."""
WIDER = 1.5
"""With fewer than :data:`FEW` molecules out of domain their quantile is the largest in domain times this."""


@frozen(eq=False)
class HeldOut:
    """Predictions of one part on molecules it never saw: rows among all molecules, centre and width on the learning scale (m, tasks), in-domain flags and novelty by the part's own training molecules (m, tasks), and whether a molecule has rings other than one of benzene (m,)."""

    part: str
    rows: NDArray[np.int64]
    centre: Array
    width: Array
    in_domain: NDArray[np.bool_]
    novelty: Array
    rings: NDArray[np.bool_]

    def without(self, gone: NDArray[np.int64]) -> HeldOut:
        """The same but for the rows in ``gone``."""
        keep = ~np.isin(self.rows, gone)
        return HeldOut(self.part, self.rows[keep], self.centre[keep], self.width[keep], self.in_domain[keep], self.novelty[keep], self.rings[keep])


def held_out(parts: Sequence[str], runs: Path, features: Features, graphs: Graphs, trust: NDArray[np.float32]) -> list[HeldOut]:
    """The predictions that the training script kept of these parts."""
    out = []
    near, far = environments(graphs), surroundings(graphs)
    for part in parts:
        with np.load(runs / f"{part}.npz", allow_pickle=False) as a:
            rows, centre, width = a["rows"], a["centre"], a["width"]
        trained = np.ones(len(features), np.bool_)
        trained[rows] = False
        domains = domains_of(features, graphs, trust, trained, (near, far))
        in_domain = np.stack([d.holds(features, graphs, near)[rows] for d in domains], 1)
        novelty = np.stack([d.novelty(graphs, far)[rows] for d in domains], 1)
        out.append(HeldOut(part, rows, centre, width, in_domain, novelty, other_rings(features.descriptors[rows])))
    return out


def stem(part: str, runs: Path, tags: str) -> str:
    """The name of the part's file: of the first of the rounds ``tags`` (with commas between) that is there, else of the first round; empty without any."""
    return next((s for s in (*(f"{part}{t}" for t in tags.split(",")), part) if (runs / f"{s}.npz").exists()), "")


def domains_of(
    features: Features, graphs: Graphs, trust: NDArray[np.float32], among: NDArray[np.bool_], found: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
) -> list[Domain]:
    """The domains of all properties by their training molecules ``among`` all; ``found`` are the environments and surroundings of all atoms where known already."""
    near, far = found or (environments(graphs), surroundings(graphs))
    out = []
    for j in range(trust.shape[1]):
        mine = among & (trust[:, j] > 0) & features.ok
        atoms = mine[graphs.of]
        out.append(Domain.of(near[atoms], far[atoms], graphs.sizes[mine]))
    return out


def quantile(ratio: Array) -> float:
    """The conformal quantile: the smallest ratio that :data:`LEVEL` of n + 1 lie below; the largest where n is too small for one."""
    n = len(ratio)
    rank = min(n, math.ceil((n + 1) * LEVEL))
    return float(np.sort(ratio)[rank - 1])


def quantiles(ratio: Array, novelty: Array, in_domain: NDArray[np.bool_], rings: NDArray[np.bool_]) -> list[float]:
    """Quantiles of held-out |error| / width by class (:func:`chemwright.property.learned.domain.classes`); among molecules of one kind of rings none is under the one before it."""
    found: list[float] = []
    for kind in (False, True):
        mine = rings == kind
        found += _by_novelty(*((a[mine] if mine.sum() >= FEW else a) for a in (ratio, novelty, in_domain)))
    return found


def _by_novelty(ratio: Array, novelty: Array, in_domain: NDArray[np.bool_]) -> list[float]:
    of = classes(novelty, in_domain, np.zeros(len(ratio), np.bool_))
    out: list[float] = []
    for k in range(KINDS - 1):
        members = of == k
        first = k
        while members.sum() < FEW and first > 0:  # too few that new: with those a class less new
            first -= 1
            members |= of == first
        found = quantile(ratio[members if members.sum() >= FEW else of < KINDS])
        out.append(max([found, *out[-1:]]))
    outside = of == KINDS - 1
    return [*out, max(quantile(ratio[outside]) if outside.sum() >= FEW else out[-1] * WIDER, out[-1])]


def factor(found: Sequence[float], novelty: Array, in_domain: NDArray[np.bool_], rings: NDArray[np.bool_]) -> Array:
    """What the widths are multiplied by, shape (m,)."""
    return np.array(found)[classes(novelty, in_domain, rings)]


def column(name: str) -> int:
    """Column of a property or of the set it is scored in."""
    return [t.name for t in data.TASKS].index(data.SETS.get(name, name))
