"""Atom environments: an exact screen in front of substructure matching.

Each atom has a type: every property that a SMARTS primitive may ask for. Its environment is its type with the bonds and types of its neighbours. A molecule
can only hold a pattern when, for every pattern atom, one of its environments fits that atom and its neighbours. Types and environments are known by 64-bit
hashes, so that they can be stored per molecule; two of a million share a hash with a probability below 1e-7.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from attrs import frozen


@frozen
class Environment:
    """An atom's type with its neighbours.

    Args:
        centre: hash of the atom's type.
        around: (bond code, hash of the neighbour's type), sorted.
    """

    centre: int
    around: tuple[tuple[int, int], ...]

    @property
    def code(self) -> int:
        """64-bit hash of the whole."""
        return _hash64((self.centre, *self.around))


@lru_cache(maxsize=500_000)
def _hash64(parts: tuple[Any, ...]) -> int:
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "little")


def atom_types(mol: Any) -> list[int]:
    """Hash of each atom's type: element, isotope, charge, aromaticity, degree, hydrogens, valence, rings, hybridisation, hetero neighbours."""
    atoms = list(mol.GetAtoms())
    numbers, aromatic = [a.GetAtomicNum() for a in atoms], [a.GetIsAromatic() for a in atoms]
    sizes: list[tuple[int, ...]] = [()] * len(atoms)
    for ring in mol.GetRingInfo().AtomRings():
        for i in ring:
            sizes[i] = (*sizes[i], len(ring))
    counts = [[0, 0, 0, 0] for _ in atoms]  # ring bonds, hetero neighbours, aliphatic ones of them, heavy neighbours
    for bond in mol.GetBonds():
        a, b, ring_bond = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), bond.IsInRing()
        for here, there in ((counts[a], b), (counts[b], a)):
            z = numbers[there]
            here[0] += ring_bond
            here[3] += z > 1
            if z not in (1, 6):
                here[1] += 1
                here[2] += not aromatic[there]
    return [
        _hash64(
            (
                numbers[i], a.GetIsotope(), a.GetFormalCharge(), aromatic[i], a.GetDegree(), a.GetTotalNumHs(True), a.GetNumImplicitHs(), a.GetTotalValence(), tuple(sorted(sizes[i])),
                int(a.GetHybridization()), a.GetNumRadicalElectrons(), *counts[i],
            )
        ) for i, a in enumerate(atoms)
    ]  # fmt: skip


def bond_code(bond: Any) -> int:
    """What a SMARTS bond may ask for: order, aromatic, in a ring, direction of double bonds apart."""
    return int(bond.GetBondType()) * 4 + 2 * bond.GetIsAromatic() + bond.IsInRing()


def environments(mol: Any) -> list[Environment]:
    """The environment of each atom of a sanitised RDKit molecule."""
    types = atom_types(mol)
    around: list[list[tuple[int, int]]] = [[] for _ in types]
    for bond in mol.GetBonds():
        a, b, code = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), bond_code(bond)
        around[a].append((code, types[b]))
        around[b].append((code, types[a]))
    return [Environment(t, tuple(sorted(n))) for t, n in zip(types, around, strict=True)]
