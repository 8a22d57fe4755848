"""Which environments fit a pattern atom with its neighbours, for all environments of a base at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.knowledge.search.screen import Segment
from chemwright.knowledge.search.stored import Definition

WORTH = 40
"""A pattern atom is left out of the screen when the molecules to look up are this many times those that are left."""


@frozen(eq=False)
class Environments:
    """What all environment codes mean.

    Args:
        codes: defined codes, ascending, shape (m,).
        types: all atom types, in the order that the matcher knows them by.
        centre: place in ``types`` of each code's atom, shape (m,).
        owner, bond, other: for each neighbour of each code the place of the code, the bond's code, and the place of the neighbour's type.
    """

    codes: np.ndarray
    types: list[int]
    centre: np.ndarray
    owner: np.ndarray
    bond: np.ndarray
    other: np.ndarray


def environments_of(defined: Mapping[int, Definition]) -> Environments:
    """Definitions as arrays."""
    codes = sorted(defined)
    types = sorted({t for centre, around in defined.values() for t in (centre, *(n[1] for n in around))})
    place = {t: i for i, t in enumerate(types)}
    flat = [(i, bond, place[other]) for i, c in enumerate(codes) for bond, other in defined[c][1]]
    owner, bond, other = np.array(flat, dtype=np.int64).reshape(-1, 3).T
    return Environments(np.array(codes, dtype=np.uint64), types, np.array([place[defined[c][0]] for c in codes], dtype=np.int64), owner, bond, other)


def fitting(all_: Environments, stars: Sequence[Any], rows: np.ndarray, known_bonds: Sequence[int]) -> list[np.ndarray]:
    """For each pattern atom a mask over ``all_.codes``: those whose atom fits it and, for each of its neighbours, have one that fits.

    Args:
        all_: what the codes mean.
        stars: for each pattern atom its (neighbour, bond codes that fit).
        rows: for each pattern atom which types fit, shape (atoms, types).
        known_bonds: bond codes that the matcher judged; others fit.
    """
    out: list[np.ndarray] = []
    judged = np.array(known_bonds, dtype=np.int64)
    for i, around in enumerate(stars):
        ok = rows[i][all_.centre]
        for other, fits in around:
            bond_ok = np.isin(all_.bond, np.array(fits, dtype=np.int64)) | ~np.isin(all_.bond, judged)
            some = np.zeros(len(all_.codes), dtype=bool)
            some[all_.owner[bond_ok & rows[other][all_.other]]] = True
            ok &= some
        if not any(np.array_equal(ok, seen) for seen in out):
            out.append(ok)
    return out


def sift(part: Segment, mask: np.ndarray, all_: Environments, masks: Sequence[np.ndarray], small: bool) -> tuple[np.ndarray, bool]:
    """The molecules that have an environment for each pattern atom; rare environments first.

    Args:
        part: the molecules.
        mask: those to look at.
        all_: what the codes mean.
        masks: for each pattern atom the codes that fit.
        small: the pattern is one atom, or two with their bond: an environment that fits is a match then.

    Returns:
        mask of what is left, and whether it is the answer itself.
    """
    if not len(all_.codes) or not len(part.codes):
        return mask, not mask.any()
    place = np.minimum(np.searchsorted(all_.codes, part.codes), len(all_.codes) - 1)
    undefined = all_.codes[place] != part.codes
    sizes = np.diff(part.starts)
    held = [m[place] | undefined for m in masks]
    for ok in sorted(held, key=lambda h: int(sizes[h].sum())):
        if not small and sizes[ok].sum() > WORTH * np.count_nonzero(mask):
            break
        have = np.zeros(len(part), dtype=bool)
        have[part.holders[np.repeat(ok, sizes)]] = True
        mask = mask & have
    return mask, small and not undefined.any()
