"""The space of a campaign: which experiments there are, which of them are allowed, and how a model sees them.

Three forms of an experiment: a *point* (a dict of SI numbers and levels, as in a :class:`~chemwright.record.Trial`), a *row* (an array of v numbers: SI
values, and positions of levels), and *features* (an array of d numbers: scaled values, and one-hot or descriptor columns). Nothing here lists a product
space: a space of 1e12 experiments costs what its variables cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.levels import level_features
from chemwright.experiment.rules import Rule, make_rule
from chemwright.record import Constraint, Variable

Array = NDArray[np.float64]
Point = Mapping[str, float | str]
_SUM = 1e-6  # relative slack of a mixture's sum


@frozen
class Mixture:
    """Columns whose sum is ``total``."""

    columns: tuple[int, ...]
    total: float


@frozen(eq=False, slots=False)
class Space:
    """Variables with their constraints, ready for use.

    Args:
        variables: in the order of a row's columns.
        rules: constraints that are expressions.
        mixtures: constraints that are sums.
        tables: for each variable, features of its levels (levels, k) with each column in [0, 1]; None for numbers.
        labels: names of the features, d.
    """

    variables: tuple[Variable, ...]
    rules: tuple[Rule, ...] = ()
    mixtures: tuple[Mixture, ...] = ()
    tables: tuple[Array | None, ...] = field(default=(), repr=False)
    labels: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, variables: Sequence[Variable], constraints: Sequence[Constraint] = ()) -> Space:
        """Read constraints and compute descriptors.

        Raises:
            InputError: no variables, a constraint that can't be read, a mixture of what is no number. UnitError, SubstanceError: likewise.
        """
        if not variables:
            raise InputError("a space without variables", where="variables", fix="name at least one condition that can be varied")
        tables: list[Array | None] = []
        labels: list[str] = []
        for v in variables:
            features, names = (None, (v.name,)) if v.kind != "categorical" else level_features(v)
            tables.append(features)
            labels.extend(names)
        rules = tuple(make_rule(c.text, variables, c.name or f"constraint {i + 1}") for i, c in enumerate(constraints) if c.kind == "expression")
        return cls(tuple(variables), rules, tuple(_mixture(c, variables) for c in constraints if c.kind == "mixture"), tuple(tables), tuple(labels))

    def with_rules(self, texts: Iterable[str], where: str = "limit") -> Space:
        """The space under further rules, as those of one reactor.

        Raises:
            InputError, UnitError: a rule that can't be read.
        """
        return evolve(self, rules=(*self.rules, *(make_rule(t, self.variables, where) for t in texts)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, v."""
        return tuple(v.name for v in self.variables)

    @cached_property
    def low(self) -> Array:
        """Lower bound of each column of a row, shape (v,)."""
        return np.array([_bounds(v)[0] for v in self.variables])

    @cached_property
    def high(self) -> Array:
        """Upper bound of each column of a row, shape (v,)."""
        return np.array([_bounds(v)[1] for v in self.variables])

    @cached_property
    def numeric(self) -> NDArray[np.bool_]:
        """Which columns are numbers, shape (v,)."""
        return np.array([v.kind != "categorical" for v in self.variables])

    @cached_property
    def blocks(self) -> tuple[slice, ...]:
        """Where the features of each variable stand."""
        widths = [1 if t is None else t.shape[1] for t in self.tables]
        ends = np.cumsum([0, *widths])
        return tuple(slice(int(a), int(b)) for a, b in pairwise(ends))

    @property
    def n_features(self) -> int:
        """d, the number of features."""
        return len(self.labels)

    @cached_property
    def fidelity(self) -> int | None:
        """The column that says how true an experiment is, or None."""
        return next((i for i, v in enumerate(self.variables) if v.role == "fidelity"), None)

    @cached_property
    def size(self) -> float:
        """Experiments without regard to constraints; infinite with a continuous variable that has room."""
        return math.prod(_count(v) for v in self.variables)

    def rows(self, points: Sequence[Point]) -> Array:
        """Points as rows, shape (n, v). Values need not be allowed ones; names and levels must exist.

        Raises:
            InputError: a variable left out, or a level that is not known.
        """
        out = np.empty((len(points), len(self.variables)))
        for j, v in enumerate(self.variables):
            where = f"variable {v.name!r}"
            for i, point in enumerate(points):
                if v.name not in point:
                    raise InputError(f"experiment {i + 1} does not say it", where=where, fix="give every variable a value")
                out[i, j] = _position(v, point[v.name], where)
        return out

    def points(self, rows: Array) -> list[dict[str, float | str]]:
        """Rows as points."""
        return [{v.name: v.levels[round(x)] if v.kind == "categorical" else float(x) for v, x in zip(self.variables, row, strict=True)} for row in np.atleast_2d(rows)]

    def unit(self, rows: Array) -> Array:
        """Rows with each number scaled to [0, 1] between its bounds (by its logarithm where it has a log scale); levels as they are. Shape (n, v)."""
        out = np.array(np.atleast_2d(rows), dtype=float)
        for j, v in enumerate(self.variables):
            if v.kind != "categorical":
                low, high = _scaled(self.low[j], v), _scaled(self.high[j], v)
                out[:, j] = (_scaled(out[:, j], v) - low) / (high - low) if high > low else _scaled(out[:, j], v) - low
        return out

    def from_unit(self, unit: Array) -> Array:
        """The inverse of :meth:`unit`; discrete values are not snapped (see :func:`~chemwright.experiment.sampling.repair`)."""
        out = np.array(np.atleast_2d(unit), dtype=float)
        for j, v in enumerate(self.variables):
            if v.kind != "categorical":
                low, high = _scaled(self.low[j], v), _scaled(self.high[j], v)
                scaled = low + out[:, j] * (high - low)
                out[:, j] = np.exp(scaled) if v.log else scaled
        return out

    def encode(self, rows: Array) -> Array:
        """Features, shape (n, d): scaled numbers; the table's row of a level. In [0, 1] for experiments within the bounds."""
        unit = self.unit(rows)
        parts = [unit[:, [j]] if t is None else t[np.rint(unit[:, j]).astype(np.int64)] for j, t in enumerate(self.tables)]
        return np.hstack(parts)

    def columns(self, rows: Array) -> dict[str, Array]:
        """Columns of rows by name, as rules take them."""
        return dict(zip(self.names, np.atleast_2d(rows).T, strict=True))

    def feasible(self, rows: Array) -> NDArray[np.bool_]:
        """Which rows are allowed: bounds, values, mixtures, rules. Shape (n,)."""
        rows = np.atleast_2d(rows)
        slack = 1e-9 * np.maximum(np.abs(self.low), np.abs(self.high))
        ok = np.all((rows >= self.low - slack) & (rows <= self.high + slack), axis=1)
        for j, v in enumerate(self.variables):
            if v.kind == "discrete":
                values = np.array(v.values)
                near = values[nearest(values, rows[:, j])]
                ok &= np.abs(near - rows[:, j]) <= 1e-9 * np.maximum(np.abs(near), 1e-300)
        for mixture in self.mixtures:
            ok &= np.abs(rows[:, list(mixture.columns)].sum(1) - mixture.total) <= _SUM * max(abs(mixture.total), 1e-300)
        columns = self.columns(rows)
        for rule in self.rules:
            ok &= rule.holds(columns)
        return ok

    def broken(self, row: Array) -> list[str]:
        """What a single row breaks, in words; empty when it is allowed."""
        out = []
        for j, v in enumerate(self.variables):
            if v.kind != "categorical" and not self.low[j] - 1e-9 * abs(self.low[j]) <= row[j] <= self.high[j] + 1e-9 * abs(self.high[j]):
                out.append(f"{v.name} is outside its bounds")
        out += [
            f"{' + '.join(self.names[k] for k in m.columns)} is not {m.total:g}"
            for m in self.mixtures
            if abs(row[list(m.columns)].sum() - m.total) > _SUM * max(abs(m.total), 1e-300)
        ]
        columns = self.columns(row)
        return out + [rule.text for rule in self.rules if not rule.holds(columns)[0]]

    def linear(self) -> tuple[Array, Array]:
        """The linear constraints on rows as A row <= b (shapes (k, v), (k,)); mixtures are two each, rules that are not linear are left out."""
        a, b = [np.zeros(len(self.variables))], [0.0]
        for rule in self.rules:
            for slope, limit in rule.linear() or ():
                a.append(np.array([slope.get(name, 0.0) for name in self.names]))
                b.append(limit)
        for mixture in self.mixtures:
            line = np.isin(np.arange(len(self.variables)), mixture.columns).astype(float)
            a += [line, -line]
            b += [mixture.total, -mixture.total]
        return np.array(a[1:]).reshape(-1, len(self.variables)), np.array(b[1:])

    def cost(self, rows: Array, base: float) -> Array:
        """Cost of each experiment, shape (n,): ``base``, and what its levels and values add."""
        rows = np.atleast_2d(rows)
        out = np.full(len(rows), base)
        for j, v in enumerate(self.variables):
            if v.costs and v.kind == "categorical":
                out += np.array([v.costs.get(level, 0.0) for level in v.levels])[np.rint(rows[:, j]).astype(np.int64)]
            elif v.costs and v.kind == "discrete":
                values = np.array(v.values)
                extra = np.array([_value_cost(v, x) for x in v.values])
                out += extra[nearest(values, rows[:, j])]
        return np.maximum(out, 0.0)


def nearest(values: Array, x: Array) -> NDArray[np.int64]:
    """Position of the value nearest to each x; ``values`` rise."""
    at = np.clip(np.searchsorted(values, x), 1, max(1, len(values) - 1))
    if len(values) == 1:
        return np.zeros(len(x), np.int64)
    return np.where(np.abs(values[at - 1] - x) <= np.abs(values[at] - x), at - 1, at).astype(np.int64)


def _value_cost(v: Variable, x: float) -> float:
    return next((c for text, c in v.costs.items() if _is_number(text) and math.isclose(float(text), x, rel_tol=1e-9)), 0.0)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _scaled(x: Any, v: Variable) -> Any:
    return np.log(np.maximum(x, 1e-300)) if v.log else x


def _bounds(v: Variable) -> tuple[float, float]:
    if v.kind == "categorical":
        return 0.0, float(len(v.levels) - 1)
    return (v.values[0], v.values[-1]) if v.kind == "discrete" else (float(v.low or 0.0), float(v.high or 0.0))


def _count(v: Variable) -> float:
    if v.kind == "continuous":
        return 1.0 if v.low == v.high else math.inf
    return float(len(v.values) or len(v.levels))


def _position(v: Variable, value: float | str, where: str) -> float:
    if v.kind == "categorical":
        if value not in v.levels:
            raise InputError(f"{value!r} is no level of it", where=where, fix=did_you_mean(str(value), v.levels) or f"it has {len(v.levels)} levels")
        return float(v.levels.index(str(value)))
    if isinstance(value, bool | str) or not math.isfinite(value):
        raise InputError(f"{value!r} is not a finite number", where=where, fix="give a number in SI")
    return float(value)


def _mixture(c: Constraint, variables: Sequence[Variable]) -> Mixture:
    names = [v.name for v in variables]
    where = c.name or "mixture"
    for part in c.parts:
        if part not in names:
            raise InputError(f"{part!r} is no variable", where=where, fix=did_you_mean(part, names))
        v = variables[names.index(part)]
        if v.kind != "continuous" or v.log:
            raise InputError(f"{part!r} can't be a part of a mixture: it is {'on a log scale' if v.log else v.kind}", where=where, fix="make it a continuous variable")
    parts = [variables[names.index(p)] for p in c.parts]
    low, high = sum(float(p.low or 0.0) for p in parts), sum(float(p.high or 0.0) for p in parts)
    if not low - _SUM <= c.total <= high + _SUM:
        raise InputError(f"the parts can sum to {low:g} to {high:g}, not to {c.total:g}", where=where, fix="widen their bounds")
    return Mixture(tuple(names.index(p) for p in c.parts), c.total)
