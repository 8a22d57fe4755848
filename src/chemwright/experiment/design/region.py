"""Where runs may lie: bounds, fixed candidates, linear and nonlinear limits, and what a run costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.model.protocol import Array
from chemwright.record.fields import as_tuple

Smooth = Callable[[Array], tuple[float, Array]]
"""x (D,) -> value and gradient (D,)."""


def _row(value: Any) -> Array:
    return np.atleast_1d(np.asarray(value, dtype=float))


@frozen(eq=False)
class Region:
    """The conditions that may be run.

    Args:
        names: of the conditions, length D.
        low, high: bounds (D,), in SI; equal ones fix a condition.
        linear: rows (a (D,), b) of a x <= b.
        nonlinear: functions with h(x) >= 0.
        candidates: the only points allowed (N, D), ``None`` for the whole box.
        cost: of one run, > 0; ``None`` when every run costs the same.
        rising: positions of conditions that rise, as sampling times: points are sorted in them.
    """

    names: tuple[str, ...] = field(converter=as_tuple)
    low: Array = field(converter=_row)
    high: Array = field(converter=_row)
    linear: tuple[tuple[Array, float], ...] = ()
    nonlinear: tuple[Smooth, ...] = ()
    candidates: Array | None = None
    cost: Smooth | None = None
    rising: tuple[int, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not len(self.names) == len(self.low) == len(self.high) > 0:
            raise InputError(f"{len(self.names)} names, {len(self.low)} lower and {len(self.high)} upper bounds", where="region", fix="give one of each for every condition")
        for name, a, b in zip(self.names, self.low, self.high, strict=True):
            if not (np.isfinite(a) and np.isfinite(b) and a <= b):
                raise InputError(f"bounds {a:g} to {b:g}", where=f"condition {name!r}", fix="give finite bounds, the lower one first")
        if self.candidates is not None and (self.candidates.ndim != 2 or self.candidates.shape[1] != len(self.names) or not len(self.candidates)):
            raise InputError(f"candidates of shape {self.candidates.shape}", where="region", fix=f"give one row for each, with {len(self.names)} conditions")

    @property
    def width(self) -> Array:
        """Of the box, 1 where a condition is fixed; shape (D,)."""
        return np.where(self.high > self.low, self.high - self.low, 1.0)

    def unit(self, x: Array) -> Array:
        """Conditions in the unit cube."""
        return np.asarray((x - self.low) / self.width)

    def real(self, u: Array) -> Array:
        """From the unit cube to SI."""
        return np.asarray(np.clip(self.low + u * self.width, self.low, self.high))

    def allowed(self, x: Array, slack: float = 1e-9) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether each row of x (N, D) keeps every limit, (N,)."""
        ok = np.all((x >= self.low - slack * self.width) & (x <= self.high + slack * self.width), axis=1)
        for a, b in self.linear:
            ok &= x @ a <= b + slack * max(abs(b), 1.0)
        for h in self.nonlinear:
            ok &= np.array([h(row)[0] >= -slack for row in x], dtype=bool)
        return ok

    def price(self, x: Array) -> Array:
        """Cost of each row of x (N, D); one where no cost was given.

        Raises:
            InputError: a cost that is not above zero.
        """
        if self.cost is None:
            return np.ones(len(x))
        paid = np.array([self.cost(row)[0] for row in x])
        if not np.all(np.isfinite(paid) & (paid > 0)):
            raise InputError(f"a run costs {paid.min()!r}", where="cost", fix="give a cost above zero everywhere in the region")
        return paid

    def points(self, n: int, seed: int) -> Array:
        """Up to n allowed points: the candidates, else corners (when few), the centre and a scrambled Sobol set.

        Raises:
            InputError: no point keeps the limits.
        """
        from scipy.stats.qmc import Sobol

        if self.candidates is not None:
            found = self.candidates[self.allowed(self.candidates)]
        else:
            d = len(self.names)
            free = np.flatnonzero(self.high > self.low)
            cube = np.full((2 ** len(free) if len(free) <= 6 else 0, d), 0.5)
            if len(cube):
                cube[:, free] = np.array(np.meshgrid(*[[0.0, 1.0]] * len(free))).reshape(len(free), -1).T if len(free) else 0.5
            sobol = Sobol(d, seed=seed).random_base2(int(np.ceil(np.log2(max(2 * n, 2)))))
            x = self.real(np.vstack([cube, np.full((1, d), 0.5), sobol]))
            x[:, list(self.rising)] = np.sort(x[:, list(self.rising)], axis=1)
            found = x[self.allowed(x)][: n + len(cube) + 1]
        if not len(found):
            raise InputError("no condition keeps all limits", where="region", fix="widen the bounds or drop a limit")
        return np.asarray(found)

    def limits(self) -> list[dict[str, Any]]:
        """The limits in the form of scipy's SLSQP, in the unit cube."""
        out: list[dict[str, Any]] = []
        for a, b in self.linear:
            size = max(float(np.abs(a * self.width).max()), 1e-300)
            out.append({"type": "ineq", "fun": lambda u, a=a, b=b, s=size: (b - a @ self.real(u)) / s, "jac": lambda u, a=a, s=size: -a * self.width / s})
        for h in self.nonlinear:
            out.append({"type": "ineq", "fun": lambda u, h=h: h(self.real(u))[0], "jac": lambda u, h=h: h(self.real(u))[1] * self.width})
        return out
