"""The one uncertainty ledger: all roots, their joint covariance, and what it does to a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import ArrayLike

from chemwright.errors import ChemwrightError, ConvergenceError, InputError, did_you_mean
from chemwright.model.root import Array, DataShare, Evidence, Root, check_covariance, data_shares, frozen_matrix, psd_root

__all__ = ["DataShare", "Evidence", "Ledger", "LinearCheck", "Root", "data_shares"]


class LinearCheck(NamedTuple):
    """Linear against sampled standard uncertainty of one result; ``ratio`` = sampled / linear (1 when both are 0, infinite when only the linear one is)."""

    std_linear: float
    std_sampled: float
    ratio: float
    n_failed: int


def _roots(value: Iterable[Root]) -> tuple[Root, ...]:
    return tuple(value)


def _cross(value: Mapping[tuple[str, str], ArrayLike]) -> dict[tuple[str, str], Array]:
    return {(a, b): frozen_matrix(block) for (a, b), block in value.items()}


def _cross_equal(a: dict[Any, Array], b: dict[Any, Array]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)


@frozen
class Ledger:
    """All roots of a case and the covariances between them.

    Args:
        roots: blocks, ids unique; K numbers in all.
        cross: covariance (ka, kb) between roots a and b, keyed ``(id_a, id_b)``, each pair once; pairs left out are independent.

    Raises:
        InputError: an id twice or unknown, a block of wrong shape, or a joint covariance that is not positive semidefinite.
    """

    roots: tuple[Root, ...] = field(converter=_roots)
    cross: dict[tuple[str, str], Array] = field(factory=dict, converter=_cross, eq=cmp_using(eq=_cross_equal), hash=False)

    def __attrs_post_init__(self) -> None:
        ids = [r.id for r in self.roots]
        if len(set(ids)) != len(ids):
            raise InputError(f"root ids {sorted({i for i in ids if ids.count(i) > 1})} stand twice", where="ledger", fix="give each root its own id")
        for (a, b), block in self.cross.items():
            shape = (self._size(a), self._size(b))
            if a == b or (b, a) in self.cross:
                raise InputError(f"covariance of {a!r} and {b!r}", where="ledger", fix="give each pair of different roots once; a root's own block is its cov")
            if block.shape != shape:
                raise InputError(f"covariance of {a!r} and {b!r} has shape {block.shape}", where="ledger", fix=f"give a {shape} matrix")
        if self.cross:
            check_covariance(self.cov(), len(self.mean()), "ledger")

    def _size(self, root_id: str) -> int:
        block = self.index(root_id)
        return int(block.stop - block.start)

    @cached_property
    def _slices(self) -> dict[str, slice]:
        ends = np.cumsum([0, *(len(r.names) for r in self.roots)]).tolist()
        return {r.id: slice(start, stop) for r, start, stop in zip(self.roots, ends[:-1], ends[1:], strict=True)}

    @cached_property
    def _cov(self) -> Array:
        size = sum(len(r.names) for r in self.roots)
        out = np.zeros((size, size))
        for root in self.roots:
            block = self._slices[root.id]
            out[block, block] = (root.cov + root.cov.T) / 2
        for (a, b), value in self.cross.items():
            out[self._slices[a], self._slices[b]] = value
            out[self._slices[b], self._slices[a]] = value.T
        out.flags.writeable = False
        return out

    @property
    def names(self) -> tuple[str, ...]:
        """K names: ``root.name``, or the root's id alone when its one number bears that name."""
        return tuple(r.id if r.names == (r.id,) else f"{r.id}.{name}" for r in self.roots for name in r.names)

    def mean(self) -> Array:
        """Means (K,), SI."""
        return np.concatenate([r.mean for r in self.roots]) if self.roots else np.zeros(0)

    def cov(self) -> Array:
        """Joint covariance (K, K), SI, read-only."""
        return self._cov

    def index(self, root_id: str) -> slice:
        """Where a root's numbers stand among the K.

        Raises:
            InputError: unknown id; near misses are named.
        """
        try:
            return self._slices[root_id]
        except KeyError:
            raise InputError(f"no root {root_id!r} in the ledger", where="ledger", fix=did_you_mean(root_id, self._slices)) from None

    def groups(self) -> dict[str, list[int]]:
        """Column numbers of each root, as :func:`chemwright.model.shapley.shapley_linear` takes them."""
        return {root_id: list(range(block.start, block.stop)) for root_id, block in self._slices.items()}

    def jacobian(self, J: ArrayLike | Mapping[str, ArrayLike]) -> Array:
        """Sensitivities in full width: (K,) or (m, K).

        Args:
            J: an array of that shape, or a mapping root id -> (ka,) or (m, ka); roots left out do not matter to the result.

        Raises:
            InputError: unknown root id, wrong width, or a number that is not finite.
        """
        size = len(self._cov)
        if isinstance(J, Mapping):
            blocks = {root_id: np.asarray(block, dtype=np.float64) for root_id, block in J.items()}
            blocks = {i: b.reshape(1) if b.ndim == 0 else b for i, b in blocks.items()}
            leads = {b.shape[:-1] for b in blocks.values()} or {()}
            out = np.zeros((*max(leads), size))
            for root_id, block in blocks.items():
                expected = (*out.shape[:-1], self._size(root_id))
                if block.shape != expected:
                    raise InputError(f"sensitivity of shape {block.shape} to root {root_id!r}", where="ledger", fix=f"give shape {expected}")
                out[..., self.index(root_id)] = block
        else:
            out = np.asarray(J, dtype=np.float64)
        if out.ndim not in (1, 2) or out.shape[-1] != size:
            raise InputError(f"sensitivities of shape {out.shape} to {size} numbers", where="ledger", fix=f"give shape ({size},) or (m, {size})")
        if not np.isfinite(out).all():
            raise InputError("a sensitivity is not finite", where="ledger", fix="check the derivative at the design point")
        return out

    def variance(self, J: ArrayLike | Mapping[str, ArrayLike]) -> float:
        """Variance J S J^T of one result with sensitivities J, (K,) or by root id; result unit squared."""
        row = self.jacobian(J)
        if row.ndim != 1:
            raise InputError(f"sensitivities of shape {row.shape} for one result", where="ledger", fix="use propagate for several results")
        return max(0.0, float(row @ self._cov @ row))

    def std(self, J: ArrayLike | Mapping[str, ArrayLike]) -> float:
        """Standard uncertainty of one result with sensitivities J, (K,) or by root id; result unit."""
        return float(np.sqrt(self.variance(J)))

    def propagate(self, J: ArrayLike | Mapping[str, ArrayLike]) -> Array:
        """Covariance J S J^T (m, m) of m results with sensitivities J, (m, K) or by root id."""
        rows = np.atleast_2d(self.jacobian(J))
        out = rows @ self._cov @ rows.T
        return np.asarray((out + out.T) / 2)

    def sample(self, n: int, seed: int) -> Array:
        """``n`` joint Gaussian draws (n, K), SI; numbers of variance 0 stay at their mean."""
        return np.asarray(self.mean() + np.random.default_rng(seed).standard_normal((n, len(self._cov))) @ psd_root(self._cov).T)

    def linear_check(self, f: Callable[[Array], Any], J: ArrayLike | Mapping[str, ArrayLike], n: int, seed: int, *, vectorised: bool = False) -> LinearCheck:
        """Compare the linear standard uncertainty of a result with that of ``n`` sampled plants.

        Args:
            f: the result from (K,) numbers; with ``vectorised`` from (n, K) to (n,).
            J: its sensitivities, (K,) or by root id.
            n: number of samples.
            seed: of the samples.
            vectorised: how ``f`` is to be called.

        Returns:
            Both standard uncertainties, their ratio, and how many samples gave no finite result (a chemwright, value or arithmetic error, or NaN).

        Raises:
            ConvergenceError: fewer than two samples gave a result.
        """
        draws = self.sample(n, seed)
        with np.errstate(all="ignore"):
            values = np.asarray(f(draws), dtype=np.float64) if vectorised else np.array([_attempt(f, x) for x in draws])
        if values.shape != (n,):
            raise InputError(f"the result has shape {values.shape} for {n} samples", where="linear check", fix="return one number for each sample")
        good = values[np.isfinite(values)]
        if len(good) < 2:
            raise ConvergenceError(f"{n - len(good)} of {n} samples gave no result", where="linear check", fix="narrow the roots, or check the result at the mean first")
        linear, sampled = self.std(J), float(good.std(ddof=1))
        ratio = sampled / linear if linear > 0 else (1.0 if sampled == 0 else float("inf"))
        return LinearCheck(linear, sampled, ratio, n - len(good))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; :meth:`from_dict` reads it back."""
        return {"roots": [r.as_dict() for r in self.roots], "cross": [[a, b, block.tolist()] for (a, b), block in self.cross.items()]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Ledger:
        """Read what :meth:`as_dict` wrote."""
        return cls(tuple(Root.from_dict(r) for r in data["roots"]), {(a, b): block for a, b, block in data["cross"]})


def _attempt(f: Callable[[Array], Any], x: Array) -> float:
    try:
        return float(f(x))
    except (ChemwrightError, ArithmeticError, ValueError):
        return float("nan")
