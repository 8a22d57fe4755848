"""Where a missing reaction can point: element matrices, their null space, and all small balanced reactions among the species."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np

from chemwright.errors import BalanceError, InputError, did_you_mean
from chemwright.kinetics.formulas import elements_of
from chemwright.kinetics.network import parse_reaction
from chemwright.model.protocol import Array


def element_matrix(species: Sequence[str], formulas: Mapping[str, str]) -> Array:
    """Atoms of each element (columns, sorted) in each species (rows), shape (S, elements).

    Raises:
        InputError: a species without a formula.
    """
    lost = [s for s in species if s not in formulas]
    if lost:
        raise InputError(f"no formula for the species {lost[0]!r}", where="formulas", fix=did_you_mean(lost[0], formulas) or "give one for each species")
    counts = [elements_of(formulas[s], f"formula of {s}") for s in species]
    elements = sorted({e for c in counts for e in c})
    return np.array([[float(c.get(e, 0)) for e in elements] for c in counts])


def null_space(elements: Array) -> Array:
    """Orthonormal basis of the changes that conserve every element, shape (n, S)."""
    _, sizes, rows = np.linalg.svd(elements.T)
    rank = int(np.sum(sizes > 1e-10 * max(float(sizes[0]), 1.0))) if len(sizes) else 0
    return np.asarray(rows[rank:], dtype=float)


def check_direction(direction: Array, elements: Array, name: str = "direction") -> None:
    """Check that a direction conserves the elements.

    Raises:
        BalanceError: it makes or loses atoms.
    """
    off = float(np.max(np.abs(direction @ elements), initial=0.0))
    if off > 1e-9 * max(float(np.max(np.abs(elements))), 1.0):
        raise BalanceError(f"the direction {name} makes or loses {off:g} atoms of an element", where=name, fix="give a direction in the null space of the element matrix")


def direction_of(text: str, species: Sequence[str]) -> tuple[float, ...]:
    """Coefficients of a reaction in text, ``'A + B -> C'``.

    Raises:
        InputError: a species that the law has not.
    """
    reaction = parse_reaction(text, "missing", "direction")
    out = [0.0] * len(species)
    for sign, terms in ((-1.0, reaction.reactants), (1.0, reaction.products)):
        for name, n in terms:
            if name not in species:
                raise InputError(f"species {name!r} in {text!r} is not in the runs", where="direction", fix=did_you_mean(name, species))
            out[species.index(name)] += sign * n
    return tuple(out)


def in_words(direction: Sequence[float], species: Sequence[str]) -> str:
    """A direction as a reaction in text."""

    def side(sign: float) -> str:
        return " + ".join(f"{abs(v):g} {s}" if abs(abs(v) - 1) > 1e-9 else s for v, s in zip(direction, species, strict=True) if v * sign > 1e-12)

    return f"{side(-1.0)} -> {side(1.0)}"


def candidates(elements: Array, molecules: int = 2, limit: int = 400) -> list[tuple[float, ...]]:
    """All reactions of at most ``molecules`` reacting and as many made molecules that conserve the elements, each direction once, simplest first.

    Args:
        elements: shape (S, elements).
        molecules: on each side.
        limit: of the answer.

    Raises:
        InputError: more than ``limit`` of them.
    """
    n = len(elements)
    real = [j for j in range(n) if np.any(elements[j])]  # what has no atoms is a condition, not a substance
    sides = [side for k in range(1, molecules + 1) for side in combinations_with_replacement(real, k)]
    atoms = np.array([elements[list(side)].sum(0) for side in sides])
    by_atoms: dict[bytes, list[tuple[int, ...]]] = {}
    for side, row in zip(sides, atoms, strict=True):
        by_atoms.setdefault(row.tobytes(), []).append(side)
    found: dict[tuple[float, ...], None] = {}
    for group in by_atoms.values():
        for left in group:
            for right in group:
                if set(left) & set(right):
                    continue
                direction = [0.0] * n
                for j in left:
                    direction[j] -= 1.0
                for j in right:
                    direction[j] += 1.0
                found[tuple(direction)] = None
    out = sorted(found, key=lambda d: (sum(abs(v) for v in d), d))
    unique: dict[tuple[float, ...], tuple[float, ...]] = {}
    for d in out:  # 2 A -> 2 B points where A -> B does
        size = min(abs(v) for v in d if v)
        unique.setdefault(tuple(v / size for v in d), d)
    if len(unique) > limit:
        raise InputError(f"{len(unique)} balanced reactions among {n} species", where="direction", fix="give the direction, or fewer species")
    return list(unique.values())
