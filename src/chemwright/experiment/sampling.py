"""Drawing allowed experiments from a space, and bringing near ones back into it."""

from __future__ import annotations

import itertools
import math

import numpy as np

from chemwright.errors import InputError
from chemwright.experiment.space import Array, Mixture, Space, nearest

CHUNK = 8192
"""Rows worked on at a time: memory stays small whatever the space holds."""
_DRAWS = 64  # chunks of plain draws before a walk takes over
_STEPS = 40  # of a walk between two rows that are kept


def sample(space: Space, n: int, rng: np.random.Generator) -> Array:
    """Allowed experiments at random, shape (n, v): uniform where plain draws find enough, else by a walk from those found.

    Raises:
        InputError: no allowed experiment was found; the constraint that stands in the way most often is named.
    """
    found: list[Array] = []
    count = 0
    for _ in range(_DRAWS):
        rows = draw(space, min(CHUNK, max(64, 4 * n)), rng)
        ok = rows[space.feasible(rows)]
        found.append(ok)
        count += len(ok)
        if count >= n:
            return np.vstack(found)[:n]
    start = np.vstack(found)
    if len(start) == 0:
        return _walk(space, _first(space, rng), n, rng)
    return np.vstack([start, _walk(space, start, n - len(start), rng)])[:n]


def draw(space: Space, n: int, rng: np.random.Generator) -> Array:
    """Rows within bounds, values, levels and mixtures; the rules are not looked at. Shape (n, v)."""
    rows = space.from_unit(_levels(space, rng.random((n, len(space.variables)))))
    for mixture in space.mixtures:
        rows[:, list(mixture.columns)] = _simplex(space, mixture, n, rng)
    return _snapped(space, rows)


def spread(space: Space, n: int, seed: int) -> Array:
    """As :func:`draw`, by a scrambled Sobol sequence: even over the space. Shape (n, v)."""
    from scipy.stats.qmc import Sobol

    power = math.ceil(math.log2(max(2, n)))
    unit = Sobol(len(space.variables), seed=seed).random_base2(power)[:n]
    rows = space.from_unit(_levels(space, unit))
    rng = np.random.default_rng(seed)
    for mixture in space.mixtures:
        rows[:, list(mixture.columns)] = _simplex(space, mixture, n, rng)
    return _snapped(space, rows)


def repair(space: Space, rows: Array) -> Array:
    """Rows clipped to the bounds, snapped to values and levels, their mixtures summing up; rules may still be broken. Shape (n, v)."""
    rows = np.clip(np.atleast_2d(rows), space.low, space.high)
    for mixture in space.mixtures:
        columns = list(mixture.columns)
        rows[:, columns] = _onto_sum(rows[:, columns], space.low[columns], space.high[columns], mixture.total)
    return _snapped(space, rows)


def all_rows(space: Space, limit: int) -> Array | None:
    """Every allowed experiment, shape (n, v), when there are at most ``limit`` without regard to constraints; None otherwise."""
    if not space.size <= limit:
        return None
    choices = [v.values if v.kind == "discrete" else (v.low or 0.0,) if v.kind == "continuous" else tuple(range(len(v.levels))) for v in space.variables]
    rows = np.array(list(itertools.product(*choices)), dtype=float)
    return rows[space.feasible(rows)]


def neighbours(space: Space, row: Array, n: int, rng: np.random.Generator, scale: float = 0.1) -> Array:
    """Up to n allowed experiments near one: one or a few of its settings moved, numbers by ``scale`` of their range and less. Shape (m, v)."""
    unit = np.repeat(space.unit(row), n, axis=0)
    v = len(space.variables)
    moved = rng.random(unit.shape) < np.maximum(1.5 / v, rng.random((n, 1)) ** 2)
    moved[np.arange(n), rng.integers(0, v, n)] = True
    step = scale * 0.5 ** rng.integers(-1, 6, (n, 1)) * rng.normal(0.0, 1.0, unit.shape) * (~np.isin(np.arange(v), _categorical(space)))
    unit = unit + moved * step
    for j in _categorical(space):
        other = rng.integers(0, len(space.variables[j].levels), n)
        unit[:, j] = np.where(moved[:, j], other, unit[:, j])
    rows = _jumped(space, repair(space, space.from_unit(unit)), moved, rng)
    return rows[space.feasible(rows)]


def _jumped(space: Space, rows: Array, moved: np.ndarray, rng: np.random.Generator) -> Array:
    """Discrete values that were to move move by at least one place: a small step would be snapped back."""
    for j, v in enumerate(space.variables):
        if v.kind == "discrete" and len(v.values) > 1:
            values = np.array(v.values)
            at = nearest(values, rows[:, j]) + np.where(moved[:, j], rng.choice([-1, 0, 1], len(rows)), 0)
            rows[:, j] = values[np.clip(at, 0, len(values) - 1)]
    return rows


def _categorical(space: Space) -> list[int]:
    return [j for j, v in enumerate(space.variables) if v.kind == "categorical"]


def _levels(space: Space, unit: Array) -> Array:
    """Uniform numbers in the columns of levels as positions of levels; of discrete variables as values, each as likely."""
    out = unit.copy()
    for j, v in enumerate(space.variables):
        if v.kind == "categorical":
            out[:, j] = np.minimum((unit[:, j] * len(v.levels)).astype(np.int64), len(v.levels) - 1)
        elif v.kind == "discrete":
            values = np.array(v.values)[np.minimum((unit[:, j] * len(v.values)).astype(np.int64), len(v.values) - 1)]
            out[:, j] = space.unit(_column(space, j, values))[:, j]
    return out


def _column(space: Space, j: int, values: Array) -> Array:
    rows = np.repeat(space.low[None], len(values), axis=0)
    rows[:, j] = values
    return rows


def _snapped(space: Space, rows: Array) -> Array:
    for j, v in enumerate(space.variables):
        if v.kind == "discrete":
            values = np.array(v.values)
            rows[:, j] = values[nearest(values, rows[:, j])]
        elif v.kind == "categorical":
            rows[:, j] = np.clip(np.rint(rows[:, j]), 0, len(v.levels) - 1)
        else:
            rows[:, j] = np.clip(rows[:, j], space.low[j], space.high[j])
    return rows


def _simplex(space: Space, mixture: Mixture, n: int, rng: np.random.Generator) -> Array:
    """Parts of a mixture: uniform above their lower bounds, brought back under their upper bounds where they exceed them."""
    columns = list(mixture.columns)
    low, high = space.low[columns], space.high[columns]
    parts = low + (mixture.total - low.sum()) * rng.dirichlet(np.ones(len(columns)), n)
    for _ in range(20):
        over = np.flatnonzero((parts > high).any(1))
        if len(over) == 0:
            return np.asarray(parts)
        parts[over] = low + (mixture.total - low.sum()) * rng.dirichlet(np.ones(len(columns)), len(over))
    return _onto_sum(parts, low, high, mixture.total)


def _onto_sum(parts: Array, low: Array, high: Array, total: float) -> Array:
    """The nearest parts within bounds that sum to ``total``: one shift for all, clipped, found by bisection."""
    span = max(float(np.max(high - low)), float(np.max(np.abs(parts))), abs(total))
    a, b = np.full((len(parts), 1), -4.0 * span), np.full((len(parts), 1), 4.0 * span)
    for _ in range(80):
        middle = (a + b) / 2
        above = np.clip(parts + middle, low, high).sum(1, keepdims=True) > total
        a, b = np.where(above, a, middle), np.where(above, middle, b)
    return np.clip(parts + (a + b) / 2, low, high)


def _walk(space: Space, start: Array, n: int, rng: np.random.Generator) -> Array:
    """Rows by random moves that keep to the rules, from those given; shape (n, v)."""
    at = start[rng.integers(0, len(start), n)]
    for step in range(_STEPS):
        unit = space.unit(at)
        scale = 0.5 ** (step % 6)
        move = unit + scale * rng.normal(0.0, 0.5, unit.shape) * (rng.random(unit.shape) < 0.5)
        for j in _categorical(space):
            move[:, j] = np.where(rng.random(n) < 0.3, rng.integers(0, len(space.variables[j].levels), n), unit[:, j])
        rows = repair(space, space.from_unit(move))
        ok = space.feasible(rows)
        at = np.where(ok[:, None], rows, at)
    return at


def _first(space: Space, rng: np.random.Generator) -> Array:
    """An allowed experiment where plain draws found none: the linear rules by linear programming, then descent on the number of rules broken.

    Raises:
        InputError: none found.
    """
    columns = space.columns(rows := np.vstack([draw(space, 2048, rng), *_corners(space, rng)]))
    for _ in range(60):
        held = np.array([rule.holds(columns) for rule in space.rules])
        broken = (~held).sum(0)
        ok = rows[space.feasible(rows)]
        if len(ok):
            return ok
        best = rows[np.argsort(broken, kind="stable")[:64]]
        unit = np.repeat(space.unit(best), 32, axis=0)
        unit += rng.normal(0.0, 1.0, unit.shape) * 0.5 ** rng.integers(1, 9, (len(unit), 1)) * space.numeric
        for j in _categorical(space):
            unit[:, j] = np.where(rng.random(len(unit)) < 0.3, rng.integers(0, len(space.variables[j].levels), len(unit)), unit[:, j])
        rows = np.vstack([best, repair(space, space.from_unit(unit))])
        columns = space.columns(rows)
    share = [float(rule.holds(columns).mean()) for rule in space.rules]
    worst = space.rules[int(np.argmin(share))].text if share else "the mixtures"
    raise InputError(
        f"no experiment was found that keeps to all constraints; {worst!r} stands in the way most often",
        where="constraints",
        fix="loosen a constraint, or widen the bounds of its variables",
    )


def _corners(space: Space, rng: np.random.Generator) -> list[Array]:
    """Points inside the linear rules, by linear programs in random directions; empty where there are none."""
    from scipy.optimize import linprog

    a, b = space.linear()
    if len(a) == 0:
        return []
    bounds = list(zip(space.low, space.high, strict=True))
    width = np.where(space.high > space.low, space.high - space.low, 1.0)
    ends = []
    for _ in range(24):
        answer = linprog(rng.normal(size=len(width)) / width, A_ub=a, b_ub=b, bounds=bounds, method="highs")
        if answer.status == 0:
            ends.append(answer.x)
    if not ends:
        return []
    weights = rng.dirichlet(np.ones(len(ends)), 256)
    return [repair(space, weights @ np.array(ends))]
