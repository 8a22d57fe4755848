"""Reactions that the elements allow among given species."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

from chemwright.errors import InputError
from chemwright.kinetics.formulas import elements_of
from chemwright.kinetics.network import Reaction

LARGEST = 20_000


def candidates(formulas: Mapping[str, str], *, reactants: int = 2, products: int = 3, among: Sequence[str] | None = None) -> tuple[Reaction, ...]:
    """Every element-balanced reaction of at most so many molecules a side, no species on both sides, in lowest terms; both directions.

    Args:
        formulas: species to formula.
        reactants, products: molecules a side at most.
        among: species that may take part; all when left out.

    Raises:
        InputError: a formula that can't be read, or more reactions than can be judged.
    """
    names = [s for s in formulas if among is None or s in among]
    counts = {s: elements_of(formulas[s], f"species {s}") for s in names}
    sides: dict[tuple[tuple[str, int], ...], list[tuple[str, ...]]] = {}
    for size in range(1, max(reactants, products) + 1):
        for side in combinations_with_replacement(names, size):
            total: Counter[str] = Counter()
            for s in side:
                total.update(counts[s])
            sides.setdefault(tuple(sorted(total.items())), []).append(side)
    found: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = []
    for group in sides.values():
        for left in group:
            for right in group:
                if len(left) <= reactants and len(right) <= products and not set(left) & set(right):
                    numbers = [*Counter(left).values(), *Counter(right).values()]
                    if math.gcd(*numbers) == 1:
                        found.append((len(left) + len(right), left, right))
        if len(found) > LARGEST:
            raise InputError(
                f"more than {LARGEST} reactions balance among {len(names)} species", where="species", fix="leave out species that can't react, or allow fewer molecules a side"
            )
    found.sort(key=lambda f: f[0])
    return tuple(Reaction(f"c{i + 1}", _terms(left), _terms(right)) for i, (_, left, right) in enumerate(found))


def _terms(side: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    return tuple((s, float(n)) for s, n in Counter(side).items())
