"""Whether a molecule is of a kind a model has learned from: its atoms with their neighbours are looked up among those of the training molecules."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.learned.graphs import Graphs
from chemwright.structure.features import DESCRIPTORS, Features

BITS = 1 << 15
_HEAVY = DESCRIPTORS.index("heavy_atoms")
_PRIME = np.uint64(0x9E3779B97F4A7C15)


def environments(graphs: Graphs) -> NDArray[np.int64]:
    """For each atom a number below :data:`BITS` that stands for it and its neighbours: elements, hydrogens, charges, aromaticity, ring or chain, kinds of bonds; shape (A,)."""
    a = graphs.atoms.astype(np.uint64)
    own = _mixed(a[:, 0] + 16 * a[:, 1] + 128 * a[:, 2] + 1024 * a[:, 4] + 4096 * a[:, 5] + 8192 * (a[:, 6] > 0).astype(np.uint64))
    outer = _mixed(own[graphs.start] + np.uint64(1 << 40) * (graphs.bonds[:, 0].astype(np.uint64) + np.uint64(1)))
    around = np.zeros(len(a), np.uint64)
    np.add.at(around, graphs.end, outer)
    return (_mixed(own + _mixed(around)) % np.uint64(BITS)).astype(np.int64)


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bits of each number scattered (the finaliser of a 64-bit multiplicative hash); sums of such are as good as unordered lists."""
    with np.errstate(over="ignore"):
        y = (x + np.uint64(1)) * _PRIME
        y ^= y >> np.uint64(29)
        y *= np.uint64(0xBF58476D1CE4E5B9)
        return y ^ (y >> np.uint64(32))


@frozen(eq=False)
class Domain:
    """What the training molecules of a property are like: the environments seen, as bits (BITS / 8 bytes), and their most heavy atoms."""

    seen: NDArray[np.uint8]
    most_atoms: int

    @classmethod
    def of(cls, graphs: Graphs) -> Domain:
        """The domain of training molecules; the largest half per cent of them does not count for the size."""
        flags = np.zeros(BITS, np.bool_)
        flags[environments(graphs)] = True
        return cls(np.packbits(flags), int(np.quantile(graphs.sizes, 0.995)))

    def holds(self, features: Features, graphs: Graphs, found: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """Which molecules are of a known kind, shape (n,); ``found`` are their environments where known already."""
        flags = np.unpackbits(self.seen).astype(np.bool_)
        where = environments(graphs) if found is None else found
        strange = np.bincount(graphs.of[~flags[where]], minlength=len(features)) > 0
        return features.ok & ~features.unusual & ~strange & (features.descriptors[:, _HEAVY] <= self.most_atoms)
