"""Detailed balance in closed cycles: equilibrium constants that follow from others (Wegscheider's conditions)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chemwright.errors import InputError
from chemwright.kinetics.laws.number import Number, Tie
from chemwright.kinetics.network import Reaction
from chemwright.model.gas import GAS_CONSTANT
from chemwright.model.protocol import Array

LOOSE = 0.05  # of ln K: what rounding to three digits leaves in a cycle
LOOSE_ENERGY = 500.0  # J/mol


def dependent(reactions: Sequence[Reaction]) -> dict[int, dict[int, float]]:
    """Which reactions are sums of earlier ones: index to {earlier index: coefficient}.

    (R. Wegscheider, Z. Phys. Chem. 39 (1902) 257-303: the constants of a cycle's reactions multiply to one.)
    """
    species = sorted({s for r in reactions for s, _ in r.reactants + r.products})
    rows = np.zeros((len(reactions), len(species)))
    for i, r in enumerate(reactions):
        for sign, terms in ((-1, r.reactants), (1, r.products)):
            for s, n in terms:
                rows[i, species.index(s)] += sign * n
    basis: list[int] = []
    found: dict[int, dict[int, float]] = {}
    for i in range(len(reactions)):
        held: Array = rows[basis].T if basis else np.zeros((len(species), 0))
        shares = np.linalg.lstsq(held, rows[i], rcond=None)[0] if basis else np.zeros(0)
        if np.max(np.abs(held @ shares - rows[i]), initial=0.0) > 1e-9:
            basis.append(i)
        else:
            found[i] = {basis[j]: round(float(v), 9) for j, v in enumerate(shares) if abs(v) > 1e-9}
    return found


def close_cycles(reactions: Sequence[Reaction], names: Mapping[str, str], numbers: Sequence[Number]) -> tuple[tuple[Number, ...], tuple[Tie, ...]]:
    """Replace the equilibrium constants that others determine by ties, so that no cycle can run by itself.

    Args:
        reactions: the reversible ones.
        names: reaction id to the name of its equilibrium constant.
        numbers: all given numbers; a constant that others determine need not be among them.

    Returns:
        the numbers that stay, and the ties.

    Raises:
        InputError: given constants of a cycle that contradict each other, or one that is neither given nor determined.
    """
    given = {n.name: n for n in numbers}
    order = sorted(range(len(reactions)), key=lambda i: names[reactions[i].id] not in given)  # what is given comes first
    ordered = [reactions[i] for i in order]
    ties: list[Tie] = []
    dropped: set[str] = set()
    for i, shares in dependent(ordered).items():
        name = names[ordered[i].id]
        terms: dict[str, float] = {}
        for j, k in shares.items():
            other = names[ordered[j].id]
            terms[other] = terms.get(other, 0.0) + k
        if terms == {name: 1.0}:
            continue  # the same reaction twice, on one constant
        if name in terms or name in {t.name for t in ties}:
            raise InputError(f"the constant {name!r} serves two reactions of one cycle", where=f"reaction {ordered[i].id}", fix="give each reaction its own constant")
        if name in given:
            _check(given, name, terms, ordered[i], [ordered[j].id for j in shares])
        ties.append(Tie(name, tuple(terms.items())))
        dropped.add(name)
    kept = tuple(n for n in numbers if n.name not in dropped)
    for r in reactions:
        if names[r.id] not in given and names[r.id] not in dropped:
            raise InputError(f"'{r}' is reversible and has no K", where=f"reaction {r.id}", fix='add K = { value = 3.03, at = "333 K", dH = "-6.9 kJ/mol" }, or write \'->\'')
    return kept, tuple(ties)


def _check(given: Mapping[str, Number], name: str, terms: Mapping[str, float], reaction: Reaction, others: Sequence[str]) -> None:
    """Raises: InputError where a given constant is not what its cycle demands."""
    n = given[name]

    def ln(number: Number) -> float:
        return float(np.log(number.at(n.reference, number.start, number.energy)))

    want = sum(k * ln(given[other]) for other, k in terms.items())
    energies = [given[other].energy or 0.0 for other in terms]
    energy = sum(k * e for k, e in zip(terms.values(), energies, strict=True))
    off, off_energy = ln(n) - want, (n.energy or 0.0) - energy
    loose = LOOSE + 3 * n.std
    if abs(off) > loose or (n.energy is not None and abs(off_energy) > LOOSE_ENERGY + 3 * n.energy_std):
        raise InputError(
            f"the equilibrium constants of a closed cycle contradict each other: '{reaction}' is a sum of {', '.join(others)}, which give K = {np.exp(want):.4g} (SI) at {n.reference:g} K"
            f" with dH = {energy / 1e3:.4g} kJ/mol, not {np.exp(ln(n)):.4g} with {(n.energy or 0.0) / 1e3:.4g} kJ/mol: the cycle would turn for ever and yield {GAS_CONSTANT * n.reference * abs(off) / 1e3:.3g} kJ a mol",
            where=f"reaction {reaction.id}",
            fix=f"leave K of {reaction.id} out: it then follows from the others",
        )
