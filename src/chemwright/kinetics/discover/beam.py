"""Beam search over sets of reactions by the integral screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chemwright.kinetics.discover.screen import Screen, Screened, Term

BEAM = 40
PATIENCE = 2
"""Sizes beyond the best one that are still tried."""


def rank_sets(screen: Screen, library: Sequence[Term], rank: int, *, most: int = 6, progress: Callable[[str, float | None], None] | None = None) -> tuple[Screened, ...]:
    """Sets of terms, best score first.

    Args:
        screen: the regression.
        library: terms to choose from.
        rank: independent reactions that the data show: smaller sets are passed through, not returned.
        most: terms in a set at most.
        progress: told the size that is tried.
    """
    kept: list[Screened] = []
    front: list[tuple[Term, ...]] = [()]
    best, since = float("inf"), 0
    for size in range(1, min(most, len(library)) + 1):
        if progress is not None:
            progress(f"networks of {size} reactions", (size - 1) / most)
        sets = {frozenset(s) | {t} for s in front for t in library if t not in s}
        judged = sorted(
            (screen.judge(sorted(s, key=lambda t: (t.size, str(t.reaction), t.orders))) for s in sets if len(s) == size), key=lambda j: (j.score, sum(t.size for t in j.terms))
        )
        front = [j.terms for j in judged[:BEAM]]
        if size >= rank:
            kept += [j for j in judged[: 4 * BEAM] if j.score < 1e6]
        if judged and judged[0].score < best - 1e-9:
            best, since = judged[0].score, 0
        else:
            since += 1
        if size > rank and since >= PATIENCE:
            break
    return tuple(sorted(kept, key=lambda j: (j.score, sum(t.size for t in j.terms))))
