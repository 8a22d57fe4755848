"""Figures of n molecules side by side, with their spread, tier and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from chemwright.property.answer import Array, Estimates
from chemwright.property.answering.catalogue import Asked

Z90 = 1.6448536269514722
NONE, MEASURED, MECHANISM, HYBRID, LEARNED = -1, 0, 1, 2, 3
"""Codes of the tiers, in the order of :data:`chemwright.property.answer.TIERS`."""


@frozen(eq=False)
class Column:
    """One property of n molecules.

    Args:
        mean: SI, shape (n,); nan where there is none.
        spread: standard uncertainty on the scale that the property is judged on (of the logarithm where that is so), shape (n,).
        low, high: 90 % interval, SI, shape (n,).
        tier: codes, shape (n,).
        inside: whether molecule and conditions are of the kind that the figure's method was made for, shape (n,).
        method: what gave each figure, as an index into ``methods``, shape (n,).
        methods: ids of methods.
        inputs: of each method, what it was fed with: names and columns.
        roots: where the spread comes from: each independent error (``learned:critical_temperature``) and how far its standard uncertainty moves the figure, signed, on the scale of
            ``spread``, shape (n,); their squares add up to that of ``spread``. Figures that share an error move together.
        notes: by place, of measured figures: sources and note.
    """

    mean: Array
    spread: Array
    low: Array
    high: Array
    tier: NDArray[np.int8]
    inside: NDArray[np.bool_]
    method: NDArray[np.int16]
    methods: tuple[str, ...] = ("",)
    inputs: tuple[tuple[tuple[str, Any], ...], ...] = ((),)
    roots: dict[str, Array] = field(factory=dict)
    notes: dict[int, tuple[tuple[str, ...], str]] = field(factory=dict)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where there is a figure."""
        return np.isfinite(self.mean)


def empty(n: int) -> Column:
    """No figure for any of n molecules."""
    nothing = np.full(n, np.nan)
    return Column(nothing, nothing.copy(), nothing.copy(), nothing.copy(), np.full(n, NONE, np.int8), np.ones(n, bool), np.zeros(n, np.int16))


def fact(values: Array) -> Column:
    """Figures that the structure itself gives, without uncertainty."""
    zero = np.zeros(len(values))
    return Column(values, zero, values, values, np.where(np.isfinite(values), MEASURED, NONE).astype(np.int8), np.ones(len(values), bool), np.zeros(len(values), np.int16))


def spread_out(mean: Array, spread: Array, half: Array, item: Asked) -> tuple[Array, Array]:
    """Bounds of the interval ``half`` spreads wide either way, kept within what is possible."""
    if item.log:
        reach = np.minimum(half * spread, 30.0)  # a factor of 1e13 says "not known" as well as infinity does
        low, high = mean * np.exp(-reach), mean * np.exp(reach)
    else:
        low, high = mean - half * spread, mean + half * spread
    return np.maximum(low, np.minimum(item.low, mean)), np.minimum(high, np.maximum(item.high, mean))


def of_estimates(e: Estimates, item: Asked, method: str) -> Column:
    """A learned model's estimates as a column; where the model gives none, none."""
    mean = np.where((e.mean >= item.low) & (e.mean <= item.high), e.mean, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(np.isfinite(mean), e.std / mean if item.log else e.std, np.nan)
    tier = np.where(np.isfinite(mean), LEARNED, NONE).astype(np.int8)
    low, high = np.clip(e.low, item.low, item.high), np.clip(e.high, item.low, item.high)
    return Column(mean, spread, low, high, tier, np.asarray(e.in_domain, bool), np.zeros(len(mean), np.int16), (method,), roots={method: np.nan_to_num(spread)})


FLAGGED = 1e9
"""What is added to the rank of a flagged figure: any that is not flagged goes before it."""


def best(columns: Sequence[Column], n: int, ranks: Sequence[Array] = ()) -> Column:
    """Of several columns the figure with the smallest rank, molecule by molecule: its spread where no ranks are given; one inside its method's domain goes before one outside."""
    if not columns:
        return empty(n)
    spreads = ranks or [np.where(c.known & np.isfinite(c.spread), c.spread + np.where(c.inside, 0.0, FLAGGED), np.inf) for c in columns]
    return _picked(columns, np.argmin(np.array(spreads), axis=0))


DISPUTE = 3.0
"""Joint spreads by which two figures of one property may lie apart before the answer is flagged."""


def disputed(c: Column, others: Sequence[Column], item: Asked) -> Column:
    """The figures, flagged and widened where another method's figure, itself within its domain, lies too far off for both to be right: the interval then reaches over both."""
    apart, inside = np.zeros(len(c.mean)), c.inside.copy()
    for other in others:
        with np.errstate(divide="ignore", invalid="ignore"):
            d = np.abs(np.log(other.mean / c.mean)) if item.log else np.abs(other.mean - c.mean)
            far = other.inside & (d > DISPUTE * np.hypot(c.spread, other.spread))
        apart, inside = np.where(far, np.fmax(apart, d), apart), inside & ~far
    if not apart.any():
        return c
    spread = np.fmax(c.spread, apart)
    low, high = spread_out(c.mean, spread, np.full(len(apart), Z90), item)
    wide = apart > 0
    roots = c.roots | {f"dispute:{item.name}": np.sqrt(np.maximum(spread**2 - np.nan_to_num(c.spread) ** 2, 0.0)) * wide}
    return evolve(c, spread=np.where(wide, spread, c.spread), low=np.where(wide, low, c.low), high=np.where(wide, high, c.high), inside=inside, roots=roots)


def first(columns: Sequence[Column]) -> Column:
    """Of several columns the first that has a figure, molecule by molecule."""
    return _picked(columns, np.argmax(np.array([c.known for c in columns]), axis=0))


def _picked(columns: Sequence[Column], which: NDArray[np.intp]) -> Column:
    """Of each molecule the figure of the column that ``which`` names."""
    if len(columns) == 1:
        return columns[0]
    rows = np.arange(len(which))
    starts = np.cumsum([0, *(len(c.methods) for c in columns)])

    def take(name: str) -> Any:
        return np.array([getattr(c, name) for c in columns])[which, rows]

    notes = {i: note for k, c in enumerate(columns) for i, note in c.notes.items() if which[i] == k}
    return Column(
        take("mean"), take("spread"), take("low"), take("high"), take("tier"), take("inside"), (take("method") + starts[which]).astype(np.int16), tuple(m for c in columns for m in c.methods),
        tuple(x for c in columns for x in c.inputs), {r: _root(columns, which, r) for r in dict.fromkeys(r for c in columns for r in c.roots)}, notes,
    )  # fmt: skip


def _root(columns: Sequence[Column], which: NDArray[np.intp], name: str) -> Array:
    nothing = np.zeros(len(which))
    return np.asarray(np.array([c.roots.get(name, nothing) for c in columns])[which, np.arange(len(which))])


def only(c: Column, tier: int) -> Column:
    """The figures of one tier, the others taken out."""
    keep = c.tier == tier
    return evolve(c, mean=np.where(keep, c.mean, np.nan), tier=np.where(keep, c.tier, NONE).astype(np.int8))
