"""Residue curves: how a liquid's composition moves while it boils away, the points where it rests, and the boundaries that no curve crosses."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.errors import InputError
from chemwright.thermo.azeotrope import Azeotrope, azeotropes
from chemwright.thermo.mixture import Array, Mixture

STILL = 2e-4
STEP, SLOW = 0.012, 0.04
MOST_STEPS = 600


@frozen(eq=False)
class RestPoint:
    """A pure substance or an azeotrope: where residue curves start, end or turn.

    Args:
        names: substances in it.
        x: mole fractions in the mixture's order, shape (n,).
        T: boiling temperature [K].
        kind: ``unstable node`` (curves start: lightest), ``stable node`` (curves end: heaviest) or ``saddle``.
        hetero: whether the liquid is two liquids.
    """

    names: tuple[str, ...]
    x: Array
    T: float
    kind: str
    hetero: bool


@frozen(eq=False)
class ResidueMap:
    """Residue curves of a ternary mixture.

    Args:
        names: of the three substances.
        P: pressure [Pa].
        points: pure substances and azeotropes.
        curves: each of shape (m, 3), from light to heavy.
        boundaries: likewise; curves that leave or reach a saddle inside the triangle.
    """

    names: tuple[str, ...]
    P: float
    points: tuple[RestPoint, ...]
    curves: tuple[Array, ...]
    boundaries: tuple[Array, ...]

    @property
    def complete(self) -> bool:
        """Whether nodes N and saddles S of one, two and three substances count up: 4 (N3 - S3) + 2 (N2 - S2) + (N1 - S1) = 1.

        Eight copies of the triangle make an octahedron, on whose surface the indices of a flow's rest points sum to two (Poincare and Hopf);
        where they don't, an azeotrope was missed, or a point is degenerate.
        """
        weight = {1: 1, 2: 2, 3: 4}
        return sum(weight[len(p.names)] * (-1 if p.kind == "saddle" else 1) for p in self.points) == 1


def residue_curves(mix: Mixture, seeds: Array, P: float) -> list[Array]:
    """Compositions of the residue through each seed, shapes (m, n), from the lightest end to the heaviest; all seeds are followed at once.

    Integrates dx/dt = x - y(x) both ways (Doherty, Perkins, Chem. Eng. Sci. 33 (1978) 281), over the length of the way instead of the warped time,
    by the classical Runge-Kutta method of fourth order (slowing where |x - y| falls below 0.04), until the motion stills (|x - y| < 2e-4), as it does at a node.

    Args:
        mix: mixture of n substances.
        seeds: mole fractions inside, shape (k, n).
        P: pressure [Pa].

    Raises:
        ConvergenceError: no bubble point on the way.
    """
    seeds = np.atleast_2d(np.asarray(seeds, dtype=float))
    back, forth = (_follow(mix, seeds, P, sign) for sign in (-1.0, 1.0))
    return [np.vstack([b[::-1], f[1:]]) for b, f in zip(back, forth, strict=True)]


def _follow(mix: Mixture, seeds: Array, P: float, sign: float) -> list[Array]:
    """Ways from the seeds in one direction."""
    x, T = _clean(seeds), mix.bubble_temperatures(_clean(seeds), P)[0]
    ways = [[s] for s in x]
    live = np.arange(len(x))

    def motion(z: Array, T: Array) -> tuple[Array, Array, Array]:
        z = _clean(z)
        T, y = mix.bubble_temperatures(z, P, T)
        d = z - y
        size = np.max(np.abs(d), axis=-1)
        return sign * d / (size + SLOW)[:, None], T, size

    for _ in range(MOST_STEPS):
        k1, T, size = motion(x, T)
        keep = size > STILL
        live, x, T, k1 = live[keep], x[keep], T[keep], k1[keep]
        if not len(live):
            break
        k2, T, _ = motion(x + 0.5 * STEP * k1, T)
        k3, T, _ = motion(x + 0.5 * STEP * k2, T)
        k4, T, _ = motion(x + STEP * k3, T)
        x = _clean(x + STEP / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4))
        for i, z in zip(live, x, strict=True):
            ways[i].append(z)
    return [np.array(w) for w in ways]


def residue_map(mix: Mixture, P: float, starts: int = 18) -> ResidueMap:
    """Rest points, residue curves from seeds spread over the triangle, and distillation boundaries of a ternary mixture.

    Boundaries: from each saddle with a motion into the triangle one curve each way along the eigenvectors of d(x - y)/dx; those along an edge are left out.

    Args:
        mix: three substances.
        P: pressure [Pa].
        starts: about how many curves.

    Raises:
        InputError: not three substances; ConvergenceError: no bubble point.
    """
    if mix.n != 3:
        raise InputError(f"{mix.n} substances, 3 expected", where="residue curves", fix="draw them for three substances at a time")
    points = rest_points(mix, P)
    seeds, exits = _seeds(starts), [e for p in points if p.kind == "saddle" and not p.hetero for e in _exits(mix, p, P)]
    found = residue_curves(mix, np.array([*seeds, *(e[0] for e in exits)]), P)
    curves: list[Array] = []
    for seed, curve in zip(seeds, found, strict=False):
        if all(np.min(np.max(np.abs(c - seed), axis=1)) > 0.045 for c in curves):
            curves.append(curve)
    boundaries = []
    for (start, saddle, leaves), curve in zip(exits, found[len(seeds) :], strict=True):
        near = int(np.argmin(np.max(np.abs(curve - start), axis=1)))
        boundaries.append(np.vstack([saddle, curve[near:]]) if leaves else np.vstack([curve[: near + 1], saddle]))
    return ResidueMap(mix.names, P, points, tuple(curves), tuple(boundaries))


def rest_points(mix: Mixture, P: float) -> tuple[RestPoint, ...]:
    """Pure substances and azeotropes with the kind of each, by the eigenvalues of d(x - y)/dx within the mixture."""
    out = []
    for i in range(mix.n):
        x = np.zeros(mix.n)
        x[i] = 1.0
        out.append(RestPoint((mix.names[i],), x, mix.boiling_point(i, P), _kind(mix, x, P), False))
    for a in azeotropes(mix, P):
        x = np.zeros(mix.n)
        x[[mix.names.index(n) for n in a.names]] = a.x
        kind = _hetero_kind(mix, a, min(p.T for p in out)) if a.hetero and a.liquids else _kind(mix, x, P)
        out.append(RestPoint(a.names, x, a.T, kind, a.hetero))
    return tuple(sorted(out, key=lambda p: p.T))


def _hetero_kind(mix: Mixture, a: Azeotrope, lowest: float) -> str:
    """Kind of a heteroazeotrope. Along its tie line the vapour stays as it is, so that direction leaves it. A trace of a further substance is carried off when its
    fraction in the vapour over that in both liquids together, at the shares in which they make the vapour's composition, is above one. With no further substance:
    an unstable node where it boils lowest of all points found before, else a saddle.
    """
    c = [mix.names.index(n) for n in a.names]
    others = [i for i in range(mix.n) if i not in c]
    if not others:
        return "unstable node" if lowest > a.T or mix.n == 2 else "saddle"
    one, other = (np.zeros(mix.n), np.zeros(mix.n))
    one[c], other[c] = a.liquids
    share = (a.x[0] - one[c[0]]) / (other[c[0]] - one[c[0]])
    one, other = _clean(one), _clean(other)
    g1, g2 = np.exp(mix.ln_gamma(one, a.T)), np.exp(mix.ln_gamma(other, a.T))
    carried = [g1[i] * float(mix.pure[i].psat(a.T)) / a.P / ((1.0 - share) + share * g1[i] / g2[i]) for i in others]
    return "unstable node" if max(carried) < 1.0 else "saddle"


def _clean(x: Array) -> Array:
    x = np.clip(x, 1e-12, None)
    return np.asarray(x / x.sum(axis=-1, keepdims=True))


def _jacobian(mix: Mixture, x: Array, P: float) -> tuple[Array, Array]:
    """d(x - y)/dx over the first n - 1 fractions by one-sided steps into the simplex, and those steps' directions, columns of (n, n - 1)."""
    j = int(np.argmax(x))
    steps = np.zeros((mix.n, mix.n - 1))
    for k, i in enumerate(i for i in range(mix.n) if i != j):
        steps[i, k], steps[j, k] = 1.0, -1.0
    h = 1e-6
    base = _clean(x)
    f0 = base - mix.bubble_temperatures(base[None, :], P)[1][0]
    moved = np.stack([_clean(base + h * steps[:, k]) for k in range(mix.n - 1)])
    f = moved - mix.bubble_temperatures(moved, P)[1]
    change = ((f - f0) / h).T
    rows = [i for i in range(mix.n) if i != j]
    return np.asarray(change[rows]), steps


def _kind(mix: Mixture, x: Array, P: float) -> str:
    values = np.real(np.linalg.eigvals(_jacobian(mix, x, P)[0]))
    return "unstable node" if np.all(values > 0) else "stable node" if np.all(values < 0) else "saddle"


def _exits(mix: Mixture, point: RestPoint, P: float) -> list[tuple[Array, Array, bool]]:
    """Starts near a saddle from which a boundary goes into the triangle: (start, the saddle, whether the motion leaves it)."""
    matrix, steps = _jacobian(mix, point.x, P)
    values, vectors = np.linalg.eig(matrix)
    out = []
    for k in range(len(values)):
        direction = steps @ np.real(vectors[:, k])
        direction /= np.max(np.abs(direction))
        starts = [point.x + sign * 0.004 * direction for sign in (1.0, -1.0)]
        out += [(s, point.x, bool(np.real(values[k]) > 0)) for s in starts if s.min() > 5e-4]  # others lead along an edge, or outside
    return out


def _seeds(count: int) -> list[Array]:
    """Compositions spread over the triangle, the middle first."""
    m = max(4, int(round((2.0 * count) ** 0.5)) + 2)
    grid = [np.array([i, j, m - i - j], dtype=float) / m for i in range(1, m) for j in range(1, m - i)]
    return sorted(grid, key=lambda g: -float(g.min()))
