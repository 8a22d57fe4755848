"""Whether a molecule is of a kind a model has learned from, and how new it is: its atoms with their neighbours, and with the neighbours of these, are looked up among those of the training molecules."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.learned.graphs import Graphs
from chemwright.structure.features import DESCRIPTORS, Features

BITS, WIDE = 1 << 15, 1 << 18
NOVELTY = (0.0, 0.15, 0.35)
"""Upper bounds of the shares of atoms in surroundings never seen that part the in-domain classes of :func:`classes`."""
KINDS = len(NOVELTY) + 2
"""Classes of molecules with no ring but one of benzene; those with other rings have as many."""
_HEAVY = DESCRIPTORS.index("heavy_atoms")
_PRIME = np.uint64(0x9E3779B97F4A7C15)


def environments(graphs: Graphs) -> NDArray[np.int64]:
    """For each atom a number below :data:`BITS` that stands for it and its neighbours: elements, hydrogens, charges, aromaticity, ring or chain, kinds of bonds; shape (A,)."""
    return (_with_neighbours(graphs, _own(graphs)) % np.uint64(BITS)).astype(np.int64)


def surroundings(graphs: Graphs) -> NDArray[np.int64]:
    """For each atom a number below :data:`WIDE` that stands for it, its neighbours and theirs; shape (A,)."""
    return (_with_neighbours(graphs, _with_neighbours(graphs, _own(graphs))) % np.uint64(WIDE)).astype(np.int64)


def _own(graphs: Graphs) -> NDArray[np.uint64]:
    a = graphs.atoms.astype(np.uint64)
    return _mixed(a[:, 0] + 16 * a[:, 1] + 128 * a[:, 2] + 1024 * a[:, 4] + 4096 * a[:, 5] + 8192 * (a[:, 6] > 0).astype(np.uint64))


def _with_neighbours(graphs: Graphs, own: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each atom's number joined with those of its neighbours and the kinds of the bonds between."""
    outer = _mixed(own[graphs.start] + np.uint64(1 << 40) * (graphs.bonds[:, 0].astype(np.uint64) + np.uint64(1)))
    around = np.zeros(len(own), np.uint64)
    np.add.at(around, graphs.end, outer)
    return _mixed(own + _mixed(around))


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bits of each number scattered (the finaliser of a 64-bit multiplicative hash); sums of such are as good as unordered lists."""
    with np.errstate(over="ignore"):
        y = (x + np.uint64(1)) * _PRIME
        y ^= y >> np.uint64(29)
        y *= np.uint64(0xBF58476D1CE4E5B9)
        return y ^ (y >> np.uint64(32))


def classes(novelty: NDArray[np.float64], in_domain: NDArray[np.bool_], rings: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The class by which a molecule's interval is widened, shape (n,): in domain 0 (nothing new) to ``len(NOVELTY)`` (very new), out of domain one more; with ``rings`` (:func:`other_rings`) :data:`KINDS` more."""
    return np.where(in_domain, np.searchsorted(NOVELTY, novelty), KINDS - 1) + KINDS * rings


def other_rings(descriptors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a molecule has rings other than one benzene ring, shape (n,): networks err more on these than their widths tell."""
    rings, aromatic, hetero = (descriptors[:, DESCRIPTORS.index(n)] for n in ("rings", "aromatic_rings", "heterocycles"))
    return (rings > 0) & ~((rings == 1) & (aromatic == 1) & (hetero == 0))


def _packed(found: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    flags = np.zeros(size, np.bool_)
    flags[found] = True
    return np.packbits(flags)


def _among(found: NDArray[np.int64], packed: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which numbers are set in the bits; these are left packed, as a molecule asks for few of them."""
    return ((packed[found >> 3] >> (7 - (found & 7)).astype(np.uint8)) & 1).astype(np.bool_)


@frozen(eq=False)
class Domain:
    """What the training molecules of a property are like: the environments seen, as bits (BITS / 8 bytes), the wider surroundings seen (WIDE / 8 bytes), and their most heavy atoms."""

    seen: NDArray[np.uint8]
    wider: NDArray[np.uint8]
    most_atoms: int

    @classmethod
    def of(cls, near: NDArray[np.int64], far: NDArray[np.int64], sizes: NDArray[np.int64]) -> Domain:
        """The domain of training molecules by the environments and surroundings of all their atoms and by their sizes; the largest half per cent of them does not count for the size."""
        return cls(_packed(near, BITS), _packed(far, WIDE), int(np.quantile(sizes, 0.995)))

    def holds(self, features: Features, graphs: Graphs, found: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
        """Which molecules are of a known kind, shape (n,); ``found`` are their environments where known already."""
        strange = np.bincount(graphs.of[~_among(environments(graphs) if found is None else found, self.seen)], minlength=len(features)) > 0
        return features.ok & ~features.unusual & ~strange & (features.descriptors[:, _HEAVY] <= self.most_atoms)

    def novelty(self, graphs: Graphs, found: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """The share of each molecule's atoms whose wider surroundings no training molecule has, shape (n,); ``found`` are these surroundings where known already."""
        new = ~_among(surroundings(graphs) if found is None else found, self.wider)
        return np.bincount(graphs.of[new], minlength=len(graphs.sizes)) / graphs.sizes
