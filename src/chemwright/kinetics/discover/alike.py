"""Species that no data can tell apart: same formula, neither measured nor fed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from chemwright.kinetics.discover.screen import Screened, Term
from chemwright.kinetics.discover.series import Series
from chemwright.kinetics.formulas import elements_of
from chemwright.kinetics.network import Reaction


def interchangeable(series: Series, formulas: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Groups of two and more species that may change places in every network, in the order of the list."""
    groups: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for j, name in enumerate(series.species):
        if j not in series.columns and not any(c.feed[j] > 0 for c in series.courses):
            groups.setdefault(tuple(sorted(elements_of(formulas[name]).items())), []).append(name)
    return tuple(tuple(g) for g in groups.values() if len(g) > 1)


def canonical(found: Screened, alike: Sequence[tuple[str, ...]]) -> Screened:
    """The same set with interchangeable species named in the order of the list."""
    names: dict[str, str] = {}
    for group in alike:
        order: list[str] = []
        for term in found.terms:
            order += [s for s, _ in term.reaction.reactants + term.reaction.products if s in group and s not in order]
        names |= dict(zip(order, group, strict=False))
    if all(a == b for a, b in names.items()):
        return found

    def side(terms: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        return tuple((names.get(s, s), n) for s, n in terms)

    def renamed(t: Term) -> Term:
        hindered = (names.get(t.hindered[0], t.hindered[0]), t.hindered[1]) if t.hindered else None
        return Term(Reaction(t.reaction.id, side(t.reaction.reactants), side(t.reaction.products)), side(t.orders), hindered)

    return evolve(found, terms=tuple(renamed(t) for t in found.terms))
