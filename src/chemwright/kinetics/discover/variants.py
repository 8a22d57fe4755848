"""Orders other than the coefficients, and denominators: what a rate may also depend on, tried one change at a time."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from chemwright.kinetics.discover.screen import Screen, Screened, Term

WORTH = 6.0
"""An order other than the coefficient must better the score by so much (BIC's 'strong', Kass and Raftery 1995)."""
STEPS = (0.0, 0.5, 1.0, 1.5, 2.0)
MOST_ORDER = 3.0
KNEES = (0.5, 2.0, 8.0)
"""Trial values of K c_ref, c_ref the largest concentration fed."""


def variants(term: Term, species: Sequence[str], c_ref: float) -> list[Term]:
    """The same reaction with one change: a reactant's order 0, 1/2, 1, 3/2 or 2; another species' order 1 instead of 0, and back; a denominator 1 + K c, and none.

    Args:
        term: the rate.
        species: those that it may depend on.
        c_ref: largest concentration, mol/m^3.
    """
    orders = dict(term.orders)
    reactants = [s for s, _ in term.reaction.reactants]
    out = []
    for name in [*reactants, *(s for s in species if s not in reactants)]:
        steps = STEPS if name in reactants else ((0.0, 1.0) if orders.get(name, 0.0) != 0.0 else (1.0,))
        for step in steps:
            if step != orders.get(name, 0.0):
                changed = {k: v for k, v in (orders | {name: step}).items() if v != 0.0}
                if 0 < sum(changed.values()) <= MOST_ORDER or (not changed and len(reactants) == 1):
                    out.append(evolve(term, orders=tuple(changed.items())))
    out += [evolve(term, hindered=(name, knee / c_ref)) for name in species for knee in KNEES if (name, knee / c_ref) != term.hindered]
    return out + ([evolve(term, hindered=None)] if term.hindered else [])


def refine(screen: Screen, found: Screened, species: Sequence[str], rounds: int = 4, denominators: bool = True) -> Screened:
    """Change one thing about one term at a time while the score gains by more than :data:`WORTH`.

    Args:
        screen: the regression.
        found: a set of terms.
        species: those that a rate may depend on.
        rounds: changes at most.
        denominators: whether 1 + K c is tried too.
    """
    best = found
    c_ref = max(float(c.feed.max()) for c in screen.series.courses)
    for _ in range(rounds):
        tried = [screen.judge([*best.terms[:i], v, *best.terms[i + 1 :]]) for i, t in enumerate(best.terms) for v in variants(t, species, c_ref) if denominators or not v.hindered]
        if not tried:
            break
        top = min(tried, key=lambda j: (j.score, sum(t.size for t in j.terms)))
        if top.score > best.score - WORTH:
            break
        best = top
    return best
