"""Other sets of parameters that fit as well: rate constants that change places where a linear part (spectra, heats) is free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from chemwright.model.protocol import Array

SWAPS = 6  # exchanged rate constants that are tried
NEAR = 3.0  # in half the sum of squares: another minimum this near can't be told from the best
APART = 6.0  # posterior standard deviations
Alternatives = tuple[tuple[float, tuple[float, ...]], ...]
End = tuple[float, Array]


def swapped(names: Sequence[str], theta: Array) -> list[Array]:
    """Starts with pairs of rate constants exchanged (S. Vajda and H. Rabitz, J. Phys. Chem. 92 (1988) 701-707: where an intermediate's response is unknown, that may fit as well)."""
    ks = [i for i, n in enumerate(names) if n.startswith("k")]
    out = []
    for i, j in list(combinations(ks, 2))[:SWAPS]:
        other = theta.copy()
        other[[i, j]] = other[[j, i]]
        out.append(other)
    return out


def near(solve: Callable[[Array], End], ends: Sequence[End], best: End, cov: Array) -> Alternatives:
    """Minima within noise of the best and apart from it.

    Args:
        solve: from a start to (half the sum of squares, parameters).
        ends: where earlier searches ended.
        best: the optimum.
        cov: of its parameters, (P, P).
    """
    chol = np.linalg.cholesky(cov)
    out: list[tuple[float, tuple[float, ...]]] = []
    kept = [best[1]]
    for _, start in sorted(ends, key=lambda e: e[0]):
        if all(np.linalg.norm(np.linalg.solve(chol, start - k)) > APART for k in kept):
            value, theta = solve(start)
            if np.isfinite(value) and value - best[0] < NEAR and all(np.linalg.norm(np.linalg.solve(chol, theta - k)) > APART for k in kept):
                out.append((float(value - best[0]), tuple(float(v) for v in theta)))
                kept.append(theta)
    return tuple(out)


def in_words(names: Sequence[str], other: tuple[float, tuple[float, ...]]) -> str:
    """One of them, as a sentence."""
    return f"another set of parameters fits as well (half the squares {other[0]:+.2g}): " + ", ".join(f"{n} = {v:.4g}" for n, v in zip(names, other[1], strict=True))
