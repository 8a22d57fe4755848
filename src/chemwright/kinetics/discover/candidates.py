"""Reactions that the elements allow among given species."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

from chemwright.errors import InputError
from chemwright.kinetics.network import Reaction

LARGEST = 20_000


def elements_of(formula: str, where: str = "") -> dict[str, int]:
    """Element counts of a formula like ``C6H3F2NO2`` or ``Ca(OH)2``.

    Raises:
        InputError: not a formula.
    """
    if not isinstance(formula, str) or not formula or len(formula) > 200:
        raise InputError(f"{str(formula)[:60]!r} is no formula", where=where, fix="write it like C2H6O")
    stack: list[Counter[str]] = [Counter()]
    at = 0
    for match in re.finditer(r"([A-Z][a-z]?)(\d{0,4})|(\()|\)(\d{0,4})", formula):
        if match.start() != at:
            break
        at = match.end()
        if match.group(1):
            stack[-1][match.group(1)] += int(match.group(2) or 1)
        elif match.group(3):
            stack.append(Counter())
        elif len(stack) > 1:
            for element, n in stack.pop().items():
                stack[-1][element] += n * int(match.group(4) or 1)
        else:
            at = -1
            break
    if at != len(formula) or len(stack) != 1:
        raise InputError(f"can't read the formula {formula!r}", where=where, fix="write it like C2H6O, with brackets closed and no charge")
    return dict(stack[0])


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
