"""Molecules as directed graphs in flat arrays, of which any rows can be taken as a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.structure.features import Features

Int = NDArray[np.int64]


@frozen(eq=False)
class Graphs:
    """n molecules with A atoms and 2 B directed bonds.

    Args:
        atoms: categories, shape (A, 9).
        bonds: categories, shape (2 B, 4); bond 2k + 1 is bond 2k the other way round.
        start, end: atom each directed bond leaves and reaches, shape (2 B,).
        of: molecule of each atom, shape (A,), rising.
        sizes: atoms of each molecule, shape (n,), at least 1 in what is counted with.
        first_atom, first_bond: where each molecule's atoms and directed bonds begin, shape (n + 1,).
    """

    atoms: NDArray[np.uint8]
    bonds: NDArray[np.uint8]
    start: Int
    end: Int
    of: Int
    sizes: Int
    first_atom: Int
    first_bond: Int

    @classmethod
    def of_features(cls, features: Features) -> Graphs:
        """The graphs of a batch of features."""
        n, pairs = len(features), features.bonds
        start = pairs.reshape(-1)
        end = pairs[:, ::-1].reshape(-1)
        atoms_of = np.bincount(features.molecule_of, minlength=n)
        bonds_of = np.bincount(features.molecule_of[start], minlength=n) if len(start) else np.zeros(n, np.int64)
        return cls(features.atoms, np.repeat(features.bond_kinds, 2, 0), start, end, features.molecule_of, np.maximum(atoms_of, 1), _firsts(atoms_of), _firsts(bonds_of))

    def take(self, rows: NDArray[Any]) -> Graphs:
        """The molecules at ``rows``, in that order."""
        a0, b0 = self.first_atom[rows], self.first_bond[rows]
        na, nb = self.first_atom[rows + 1] - a0, self.first_bond[rows + 1] - b0
        atoms, bonds = _ranges(a0, na), _ranges(b0, nb)
        first_atom, first_bond = _firsts(na), _firsts(nb)
        move = np.repeat(first_atom[:-1] - a0, nb)
        return Graphs(
            self.atoms[atoms], self.bonds[bonds], self.start[bonds] + move, self.end[bonds] + move, np.repeat(np.arange(len(rows)), na), np.maximum(na, 1), first_atom, first_bond
        )


def _firsts(sizes: Int) -> Int:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _ranges(first: Int, sizes: Int) -> Int:
    """first[0], first[0] + 1 ... one run of each size after another."""
    ends = np.cumsum(sizes)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - (ends - sizes), sizes)
