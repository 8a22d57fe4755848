"""Azeotropes of any mixture: every root of equal volatility in binaries, heteroazeotropes by three-phase equilibrium, and those of more substances."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import InputError
from chemwright.thermo.mixture import Array, Mixture

GRID = np.concatenate([[1e-6, 1e-4], np.linspace(1e-3, 0.999, 333), [1 - 1e-4, 1 - 1e-6]])
STARTS = 24
MOST = 6


@frozen
class Azeotrope:
    """A liquid that boils without changing its composition.

    Args:
        names: substances in it.
        x: mole fractions of the liquid as a whole, equal to the vapour's.
        T: temperature [K]; P: pressure [Pa].
        kind: ``minimum`` or ``maximum`` of the boiling temperature, or ``saddle``.
        hetero: whether the liquid is two liquids.
        liquids: their mole fractions, when it is.
    """

    names: tuple[str, ...]
    x: tuple[float, ...]
    T: float
    P: float
    kind: str
    hetero: bool = False
    liquids: tuple[tuple[float, ...], ...] = ()


def azeotropes(mix: Mixture, P: float) -> tuple[Azeotrope, ...]:
    """Every azeotrope of a mixture at a pressure, of two to all of its substances.

    Binaries: sign changes of ln(K1/K2) on a grid at its bubble points, then bisection, so all roots are found that are further apart than 0.003 in x;
    where the liquid splits, the three-phase point takes the place of the roots inside the gap. Three and more: Newton from 24 seeded starts on K_i = 1;
    of three that hold a pair of two liquids, the vapour on a tie line is solved for too. Four and more in two liquids are only marked.

    Args:
        mix: two to six substances.
        P: pressure [Pa].

    Raises:
        InputError: fewer than two or more than six substances, or a pressure that is not positive; ConvergenceError: no bubble point.
    """
    if not 2 <= mix.n <= MOST:
        raise InputError(f"{mix.n} substances, 2 to {MOST} expected", where="azeotropes", fix="look at fewer at a time")
    if not P > 0.0:
        raise InputError(f"a pressure of {P:g} Pa must be positive", where="azeotropes", fix="give it as '1 atm'")
    out: list[Azeotrope] = []
    for size in range(2, mix.n + 1):
        for chosen in combinations(range(mix.n), size):
            out += _binary(mix, chosen, P) if size == 2 else _more(mix, chosen, P)
            if size == 3 and (found := _ternary_hetero(mix, chosen, P, out)) is not None:
                out = [a for a in out if not (a.names == found.names and a.hetero)] + [found]
    return tuple(out)


def embed(x: Array, chosen: tuple[int, ...], n: int) -> Array:
    """Mole fractions of some substances, shape (..., len(chosen)), among n, shape (..., n)."""
    out = np.zeros((*x.shape[:-1], n))
    out[..., list(chosen)] = x
    return out


def _pairs(x: Array, chosen: tuple[int, ...], n: int) -> Array:
    """First mole fractions of a binary as compositions of the mixture."""
    return embed(np.stack([x, 1.0 - x], axis=-1), chosen, n)


def _volatility(mix: Mixture, chosen: tuple[int, ...], x: Array, P: float) -> tuple[Array, Array]:
    """ln(K1/K2) [1] and bubble temperature [K] along a binary."""
    z = _pairs(x, chosen, mix.n)
    T, y = mix.bubble_temperatures(z, P)
    i, j = chosen
    return np.log(y[..., i] / z[..., i]) - np.log(y[..., j] / z[..., j]), T


def _binary(mix: Mixture, chosen: tuple[int, ...], P: float) -> list[Azeotrope]:
    f, T = _volatility(mix, chosen, GRID, P)
    names = tuple(mix.names[i] for i in chosen)
    gaps = _three_phase(mix, chosen, T, P)
    out = [a for _, _, a in gaps if a is not None]
    for k in np.nonzero(f[:-1] * f[1:] < 0.0)[0]:
        low, high = GRID[k], GRID[k + 1]
        for _ in range(50):
            middle = 0.5 * (low + high)
            value = _volatility(mix, chosen, np.array([middle]), P)[0][0]
            low, high = (middle, high) if value * f[k] > 0.0 else (low, middle)
            if high - low < 1e-10:
                break
        x = float(0.5 * (low + high))
        if any(a < x < b for a, b, _ in gaps):
            continue
        t = float(_volatility(mix, chosen, np.array([x]), P)[1][0])
        out.append(Azeotrope(names, (x, 1.0 - x), t, P, "minimum" if f[k] > 0.0 else "maximum"))
    return sorted(out, key=lambda a: a.x[0])


def unstable(mix: Mixture, chosen: tuple[int, ...], x: float, T: float) -> Array:
    """Tangent plane distance over RT [1] of the binary liquid x against trial liquids on the grid, shape of the grid; below zero: it splits.

    Source: M. L. Michelsen, Fluid Phase Equilib. 9 (1982) 1, eq. 4.
    """
    trial, here = _pairs(GRID, chosen, mix.n), _pairs(np.array([x]), chosen, mix.n)
    c = list(chosen)
    mu = np.log(trial[:, c]) + mix.ln_gamma(trial, T)[:, c] - np.log(here[:, c]) - mix.ln_gamma(here, T)[:, c]
    return np.asarray(np.sum(trial[:, c] * mu, axis=1), dtype=float)


def _three_phase(mix: Mixture, chosen: tuple[int, ...], T: Array, P: float) -> list[tuple[float, float, Azeotrope | None]]:
    """Gaps of the boiling liquid as (x of one liquid, x of the other, the heteroazeotrope if the vapour lies between them)."""
    found: list[tuple[float, float, Azeotrope | None]] = []
    for k in range(4, len(GRID) - 4, 6):
        x = float(GRID[k])
        if any(a <= x <= b for a, b, _ in found):
            continue
        distance = unstable(mix, chosen, x, float(T[k]))
        if distance.min() > -1e-7:
            continue
        solved = _solve(mix, chosen, x, float(GRID[int(np.argmin(distance))]), float(T[k]), P)
        if solved is not None and not any(abs(solved[0] - a) < 1e-6 for a, _, _ in found):
            found.append(solved)
    return found


def _solve(mix: Mixture, chosen: tuple[int, ...], x: float, trial: float, T: float, P: float) -> tuple[float, float, Azeotrope | None] | None:
    """Two liquids and a vapour: equal activities of both substances, and partial pressures that sum to P."""
    from scipy.optimize import root

    c = list(chosen)

    def logits(v: float) -> float:
        return float(np.log(v / (1.0 - v)))

    def open_(v: Array) -> Array:
        z = _pairs(1.0 / (1.0 + np.exp(-v[:2])), chosen, mix.n)
        a = np.log(z[:, c]) + mix.ln_gamma(z, v[2] * 100.0)[:, c]
        p = mix.partial(z[0], v[2] * 100.0).sum()
        return np.array([a[0, 0] - a[1, 0], a[0, 1] - a[1, 1], np.log(p / P)])

    low, high = sorted((x, trial))
    for push in (1.0, 2.0, 4.0):
        start = np.array([logits(max(low / push, 1e-9)), logits(1.0 - max((1.0 - high) / push, 1e-9)), T / 100.0])
        with np.errstate(all="ignore"):
            sol = root(open_, start, tol=1e-12)
        a, b = np.sort(1.0 / (1.0 + np.exp(-sol.x[:2])))
        if np.max(np.abs(sol.fun)) < 1e-9 and b - a > 1e-3 and np.all(np.isfinite(sol.x)):
            t = float(sol.x[2] * 100.0)
            y = float(mix.bubble_pressures(_pairs(np.array([a]), chosen, mix.n), t)[1][0, c[0]])
            names = tuple(mix.names[i] for i in chosen)
            hetero = Azeotrope(names, (y, 1.0 - y), t, P, "minimum", True, ((float(a), 1.0 - float(a)), (float(b), 1.0 - float(b)))) if a < y < b else None
            return float(a), float(b), hetero
    return None


def _more(mix: Mixture, chosen: tuple[int, ...], P: float) -> list[Azeotrope]:
    """Azeotropes of all the chosen substances at once: K_i = 1, unknown the logits of x and T."""
    from scipy.optimize import root

    m, c = len(chosen), list(chosen)

    def composition(v: Array) -> Array:
        e = np.exp(np.append(v[: m - 1], 0.0) - max(np.max(v[: m - 1]), 0.0))
        return np.asarray(embed(e / e.sum(), chosen, mix.n))

    def open_(v: Array) -> Array:
        x = composition(v)
        return np.asarray(np.log(mix.partial(x, v[-1] * 100.0)[c] / x[c] / P))

    seeds = np.random.default_rng(1).dirichlet(np.full(m, 1.0), STARTS)
    out: list[Azeotrope] = []
    for seed in [np.full(m, 1.0 / m), *seeds]:
        T = float(mix.bubble_temperatures(embed(seed, chosen, mix.n)[None, :], P)[0][0])
        start = np.append(np.log(np.maximum(seed[:-1], 1e-4) / max(seed[-1], 1e-4)), T / 100.0)
        with np.errstate(all="ignore"):
            sol = root(open_, start, tol=1e-12)
        x = composition(sol.x)[c]
        if not np.all(np.isfinite(sol.fun)) or np.max(np.abs(sol.fun)) > 1e-8 or x.min() < 1e-4 or any(np.max(np.abs(x - np.array(a.x))) < 1e-5 for a in out):
            continue
        names = tuple(mix.names[i] for i in chosen)
        found = Azeotrope(names, tuple(float(v) for v in x), float(sol.x[-1] * 100.0), P, "saddle")
        out.append(evolve(found, kind=_kind(mix, chosen, x, P), hetero=_splits(mix, chosen, x, found.T)))
    return sorted(out, key=lambda a: a.T)


def _ternary_hetero(mix: Mixture, chosen: tuple[int, ...], P: float, found: list[Azeotrope]) -> Azeotrope | None:
    """Two liquids of three substances whose vapour lies on their tie line: equal activities, partial pressures that sum to P, y between the liquids."""
    from scipy.optimize import root

    from chemwright.thermo.ties import tie_lines

    names = tuple(mix.names[i] for i in chosen)
    lower = [a.T for a in found if a.hetero and set(a.names) <= set(names)]
    if not lower:
        return None
    c, T0 = list(chosen), min(lower) - 2.0

    def liquids(v: Array) -> tuple[Array, Array]:
        logits = np.column_stack([v[:4].reshape(2, 2), np.zeros(2)])
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(embed(e / e.sum(axis=1, keepdims=True), chosen, mix.n)), np.asarray(1.0 / (1.0 + np.exp(-v[5:6])))

    def open_(v: Array) -> Array:
        z, share = liquids(v)
        T = v[4] * 100.0
        a = np.log(z[:, c]) + mix.ln_gamma(z, T)[:, c]
        p = mix.partial(z[0], T)[c]
        y = p / p.sum()
        return np.concatenate([a[0] - a[1], [np.log(p.sum() / P)], (y - (1.0 - share) * z[0, c] - share * z[1, c])[:2]])

    ties = [(a[c], b[c]) for a, b in tie_lines(mix, T0, 12, chosen) if min(a[c].min(), b[c].min()) > 1e-8]
    best: Azeotrope | None = None
    for one, other in sorted(ties, key=lambda t: _off_line(mix, chosen, t, T0))[:8]:
        start = np.concatenate([np.log(one[:2] / one[2]), np.log(other[:2] / other[2]), [T0 / 100.0, 0.0]])
        with np.errstate(all="ignore"):
            sol = root(open_, start, tol=1e-12)
        z, share = liquids(sol.x)
        if not np.all(np.isfinite(sol.fun)) or np.max(np.abs(sol.fun)) > 1e-9 or np.max(np.abs(z[0] - z[1])) < 1e-3 or z[:, c].min() < 1e-7:
            continue
        y = (1.0 - share) * z[0, c] + share * z[1, c]
        if y.min() > 1e-4:
            best = Azeotrope(names, tuple(float(v) for v in y), float(sol.x[4] * 100.0), P, "minimum", True, tuple(tuple(float(v) for v in row[c]) for row in z))
            break
    return best


def _off_line(mix: Mixture, chosen: tuple[int, ...], tie: tuple[Array, Array], T: float) -> float:
    """Distance of the vapour from the tie line, between its ends."""
    one, other = tie
    y = mix.bubble_pressures(embed(one, chosen, mix.n), T)[1][list(chosen)]
    d = other - one
    share = float(np.clip((y - one) @ d / (d @ d), 0.0, 1.0))
    return float(np.linalg.norm(y - one - share * d))


def _kind(mix: Mixture, chosen: tuple[int, ...], x: Array, P: float) -> str:
    """Whether the boiling temperature has a minimum, a maximum or a saddle there, by points on a small ring."""
    ring = np.random.default_rng(2).normal(size=(60, len(x)))
    ring -= ring.mean(axis=1, keepdims=True)
    around = np.clip(x + 0.5 * x.min() * ring / np.max(np.abs(ring), axis=1, keepdims=True), 1e-9, None)
    z = embed(np.vstack([x, around / around.sum(axis=1, keepdims=True)]), chosen, mix.n)
    T, _ = mix.bubble_temperatures(z, P)
    return "minimum" if np.all(T[1:] > T[0]) else "maximum" if np.all(T[1:] < T[0]) else "saddle"


def _splits(mix: Mixture, chosen: tuple[int, ...], x: Array, T: float) -> bool:
    """Whether the liquid lowers its Gibbs energy by a second one, by the tangent plane at 4000 seeded trial compositions (and near the pure ones)."""
    c, m = list(chosen), len(chosen)
    rng = np.random.default_rng(3)
    trials = embed(np.vstack([rng.dirichlet(np.full(m, a), 2000) for a in (1.0, 0.3)]).clip(1e-9), chosen, mix.n)
    trials /= trials.sum(axis=1, keepdims=True)
    here = embed(x, chosen, mix.n)
    mu = np.log(trials[:, c]) + mix.ln_gamma(trials, T)[:, c] - np.log(here[c]) - mix.ln_gamma(here, T)[c]
    return bool(np.min(np.sum(trials[:, c] * mu, axis=1)) < -1e-6)
