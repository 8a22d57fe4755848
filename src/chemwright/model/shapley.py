"""Shapley shares of a result's variance over groups of inputs: they sum to one, with interactions and with correlations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chemwright.errors import ConvergenceError, InputError
from chemwright.model.root import Array, check_covariance, psd_root, scaled

Groups = Mapping[str, Sequence[int]]
UNCORRELATED = 1e-13  # correlations up to this size are rounding
DEPENDENT = 1e-7  # a standardised input whose part not explained by others is below this adds nothing
SAMPLED_GROUPS = 10  # the sampled design evaluates 2^groups plants for each base sample


class Shares(dict[str, float]):
    """Shares by group, with how they were found.

    Attributes:
        std_error: standard error of each share; 0 where the enumeration was exact.
        sampled: groups whose shares were estimated by sampling.
        n_failed: base samples dropped because the result failed there.
    """

    def __init__(self, shares: Mapping[str, float], std_error: Mapping[str, float] | None = None, sampled: Sequence[str] = (), n_failed: int = 0) -> None:
        super().__init__(shares)
        self.std_error = dict.fromkeys(shares, 0.0) | dict(std_error or {})
        self.sampled = tuple(sampled)
        self.n_failed = n_failed


def _check_groups(groups: Groups, size: int) -> dict[str, list[int]]:
    seen: dict[int, str] = {}
    for name, columns in groups.items():
        if not len(columns):
            raise InputError(f"group {name!r} is empty", where="shapley", fix="leave it out")
        for column in columns:
            if not 0 <= column < size:
                raise InputError(f"group {name!r} names column {column} of {size}", where="shapley", fix=f"use 0 to {size - 1}")
            if column in seen:
                raise InputError(f"column {column} stands in groups {seen[column]!r} and {name!r}", where="shapley", fix="give each column to one group")
            seen[column] = name
    return {name: list(columns) for name, columns in groups.items()}


def _components(groups: dict[str, list[int]], correlation: Array) -> list[list[str]]:
    """Groups tied by correlations, directly or through others."""
    names = list(groups)
    linked: NDArray[np.bool_] = np.asarray(np.abs(correlation) > UNCORRELATED)
    out: list[list[str]] = []
    left = dict.fromkeys(names)
    while left:
        found = [next(iter(left))]
        del left[found[0]]
        for name in found:
            rows = np.any(linked[groups[name]], axis=0)
            near = [other for other in left if rows[groups[other]].any()]
            found.extend(near)
            for other in near:
                del left[other]
        out.append(sorted(found, key=names.index))
    return out


def _extend(basis: Array, rows: Array, target: Array) -> tuple[Array, float]:
    """Orthonormal basis (r, t) widened by standardised ``rows`` (k, r), and the squared part of ``target`` (r,) that the new directions explain."""
    rest = rows - (rows @ basis) @ basis.T
    rest = rest - (rest @ basis) @ basis.T
    if len(rest) == 1:
        norm = float(np.sqrt(rest[0] @ rest[0]))
        new = rest.T / norm if norm > DEPENDENT else rest.T[:, :0]
    else:
        _, size, directions = np.linalg.svd(rest, full_matrices=False)
        new = directions[size > DEPENDENT].T
    part = target @ new
    return np.hstack([basis, new]), float(part @ part)


def _values(blocks: list[Array], target: Array) -> Array:
    """v(S) for every subset of blocks, by bit mask: the squared projection of ``target`` on the span of the subset's rows."""
    out = np.zeros(1 << len(blocks))

    def walk(start: int, mask: int, basis: Array) -> None:
        for i in range(start, len(blocks)):
            wider, gain = _extend(basis, blocks[i], target)
            out[mask | 1 << i] = out[mask] + gain
            walk(i + 1, mask | 1 << i, wider)

    walk(0, 0, np.zeros((len(target), 0)))
    return out


def shapley_from_values(values: ArrayLike) -> Array:
    """Shapley values of m players from the value of every coalition.

    Args:
        values: (2^m, ...) values by bit mask (bit i set: player i takes part).

    Returns:
        (m, ...) values; their sum is values[-1] - values[0] (L. S. Shapley, 1953).
    """
    v = np.asarray(values, dtype=np.float64)
    m = len(v).bit_length() - 1
    masks = np.arange(len(v))
    size = np.array([int(mask).bit_count() for mask in masks])
    weight = np.array([1.0 / (m * comb(m - 1, s)) for s in range(m)])
    out = np.zeros((m, *v.shape[1:]))
    for i in range(m):
        without = masks[(masks >> i) & 1 == 0]
        out[i] = np.tensordot(weight[size[without]], v[without | 1 << i] - v[without], axes=1)
    return out


def _permuted(blocks: list[Array], target: Array, pairs: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Mean and standard error of marginal contributions over seeded permutations, each walked forwards and backwards."""
    out = np.zeros((pairs, len(blocks)))
    for row in out:
        order = rng.permutation(len(blocks))
        for walk in (order, order[::-1]):
            basis = np.zeros((len(target), 0))
            for i in walk:
                basis, gain = _extend(basis, blocks[i], target)
                row[i] += gain / 2
    return out.mean(axis=0), out.std(axis=0, ddof=1) / np.sqrt(pairs)


def shapley_linear(J: ArrayLike, cov: ArrayLike, groups: Groups, *, max_exact: int = 12, pairs: int = 300, seed: int = 0) -> Shares:
    """Shapley shares of the variance of Y = J X, X Gaussian with covariance ``cov``, correlated or not.

    The value of a set S of groups is what knowing it explains, Var E[Y|X_S] = J C[:,S] C[S,S]^+ C[S,:] J^T (A. B. Owen and C. Prieur, 2017, "On Shapley value for measuring importance of dependent inputs").
    It is computed as a projection on the rows of a root of C, so it never falls when S grows, and no share is negative. Groups that no correlation ties, even through others, are split first:
    an independent group's share is its own share of the variance. A group with zero sensitivity that is correlated with one that matters has a share, since knowing it tells.

    Args:
        J: (K,) gradient of the result.
        cov: (K, K) covariance, positive semidefinite.
        groups: name -> columns, disjoint; a column in no group must not matter.
        max_exact: the largest set of tied groups that is enumerated; a larger one is estimated from random permutations.
        pairs: number of permutations there, >= 2, each walked forwards and backwards.
        seed: of the permutations.

    Returns:
        Shares summing to one (to rounding), all zero when the variance is zero; ``std_error`` and ``sampled`` say what was estimated.

    Raises:
        InputError: shapes disagree, a column stands in two groups or lies outside, or one in no group matters to the result.
    """
    gradient, matrix = np.asarray(J, dtype=np.float64), np.asarray(cov, dtype=np.float64)
    if gradient.ndim != 1 or not np.isfinite(gradient).all():
        raise InputError(f"sensitivities of shape {gradient.shape}", where="shapley", fix="give one finite number for each input")
    if pairs < 2:
        raise InputError(f"{pairs} permutations", where="shapley", fix="give at least 2 pairs")
    check_covariance(matrix, len(gradient), "shapley")
    table = _check_groups(groups, len(gradient))
    std, correlation = scaled(matrix)
    units = std * gradient
    loose = sorted(set(np.flatnonzero(units).tolist()).difference(*table.values()))
    if loose:
        raise InputError(f"columns {loose} matter to the result but stand in no group", where="shapley", fix="give each column to a group")
    units = units / (np.abs(units).max(initial=0.0) or 1.0)
    rng = np.random.default_rng(seed)
    value, error, sampled = dict.fromkeys(table, 0.0), dict.fromkeys(table, 0.0), []
    for tied in _components(table, correlation):
        columns = [c for name in tied for c in table[name]]
        root = psd_root(correlation[np.ix_(columns, columns)])
        target = root.T @ units[columns]
        ends = np.cumsum([0, *(len(table[name]) for name in tied)])
        blocks = [root[a:b] for a, b in pairwise(ends.tolist())]
        if len(tied) == 1:
            found, spread = np.array([target @ target]), np.zeros(1)
        elif len(tied) <= max_exact:
            found, spread = shapley_from_values(_values(blocks, target)), np.zeros(len(tied))
        else:
            found, spread = _permuted(blocks, target, pairs, rng)
            sampled += tied
        value |= dict(zip(tied, found.tolist(), strict=True))
        error |= dict(zip(tied, spread.tolist(), strict=True))
    total = sum(value.values()) or 1.0
    return Shares({k: v / total for k, v in value.items()}, {k: v / total for k, v in error.items()}, sampled)


def _walsh(x: Array) -> Array:
    """Walsh-Hadamard transform along the first axis (2^m, n), not normalised; it is its own inverse but for the factor 2^m."""
    out, step = x.copy(), 1
    while step < len(out):
        pair = out.reshape(-1, 2, step, *out.shape[1:])
        out = np.stack([pair[:, 0] + pair[:, 1], pair[:, 0] - pair[:, 1]], axis=1).reshape(out.shape)
        step *= 2
    return out


def _design(f: Callable[[Array], Any], sample: Callable[[int, int], Array], groups: Groups, n: int, seed: int, masks: Sequence[int]) -> tuple[Array, list[str], int]:
    """Results (len(masks), n) where the groups in a mask come from base sample B and the others from A; failing base samples are dropped and counted."""
    draws = np.asarray(sample(2 * n, seed), dtype=np.float64)
    if draws.ndim != 2 or len(draws) != 2 * n:
        raise InputError(f"sample_inputs gave shape {draws.shape}", where="shapley", fix=f"return ({2 * n}, K)")
    table = _check_groups(groups, draws.shape[1])
    if sum(map(len, table.values())) != draws.shape[1]:
        raise InputError("some inputs stand in no group", where="shapley", fix="give each column to a group")
    results = np.empty((len(masks), n))
    for row, mask in zip(results, masks, strict=True):
        inputs = draws[:n].copy()
        for i, columns in enumerate(table.values()):
            if mask >> i & 1:
                inputs[:, columns] = draws[n:, columns]
        value = np.asarray(f(inputs), dtype=np.float64)
        if value.shape != (n,):
            raise InputError(f"the result has shape {value.shape} for {n} samples", where="shapley", fix="return one number for each row")
        row[:] = value
    good = np.isfinite(results).all(axis=0)
    if good.sum() < 2:
        raise ConvergenceError(f"{n - int(good.sum())} of {n} base samples failed", where="shapley", fix="narrow the inputs")
    return results[:, good], list(table), n - int(good.sum())


def shapley_sampled(f: Callable[[Array], Any], sample_inputs: Callable[[int, int], Array], groups: Groups, n: int, seed: int) -> Shares:
    """Shapley shares of the variance of a nonlinear result, for groups independent of each other (inside a group anything goes).

    Pick-freeze: v(S) is the covariance of two plants that share exactly the inputs in S. All 2^m mixtures of two base samples are evaluated, and every pair of mixtures serves; the pairs are summed by a
    Walsh-Hadamard transform. The pairs that share nothing estimate the squared mean, which makes v(empty) = 0 and the sum of shares one by construction.

    Args:
        f: (n, K) inputs -> (n,) results; NaN where it fails.
        sample_inputs: (count, seed) -> (count, K) independent draws, as :meth:`chemwright.model.ledger.Ledger.sample`.
        groups: name -> columns, disjoint, all columns covered, at most 10 groups.
        n: base samples; ``f`` is called 2^m times with n rows.
        seed: of the base samples.

    Returns:
        Shares with standard errors (delta method) and the number of base samples dropped; a small share may come out slightly negative. All zero when the result does not vary.

    Raises:
        InputError: groups overlap, leave columns out or are more than 10; shapes disagree.
        ConvergenceError: fewer than two base samples gave results.
    """
    m = len(groups)
    if not 1 <= m <= SAMPLED_GROUPS:
        raise InputError(f"{m} groups", where="shapley", fix=f"give 1 to {SAMPLED_GROUPS}; join small ones, judged by shapley_linear")
    results, names, failed = _design(f, sample_inputs, groups, n, seed, range(1 << m))
    spread = float(np.ptp(results))
    if spread == 0:
        return Shares(dict.fromkeys(names, 0.0), sampled=names, n_failed=failed)
    results = (results - results.mean()) / spread
    shared_not = _walsh(_walsh(results) ** 2) / len(results) ** 2  # row U: mean product of plants that differ in exactly the groups of U
    value = shapley_from_values(shared_not[::-1] - shared_not[-1])  # row S: plants that share exactly S
    mean = value.mean(axis=1)
    total = float(mean.sum())
    if total <= 0:
        raise ConvergenceError(f"{n} base samples do not resolve the variance", where="shapley", fix="raise n")
    shares = mean / total
    error = (value - shares[:, None] * value.sum(axis=0)).std(axis=1, ddof=1) / (total * np.sqrt(results.shape[1]))
    return Shares(dict(zip(names, shares.tolist(), strict=True)), dict(zip(names, error.tolist(), strict=True)), names, failed)


def sobol_first_total(f: Callable[[Array], Any], sample_inputs: Callable[[int, int], Array], groups: Groups, n: int, seed: int) -> dict[str, tuple[float, float]]:
    """First-order and total Sobol indices of independent groups, from (m + 2) n evaluations; arguments and errors as for :func:`shapley_sampled`, any number of groups.

    Estimators: A. Saltelli et al., 2010, Comput. Phys. Commun. 181, 259: first order f(B) (f(A with group from B) - f(A)), total (f(A) - f(A with group from B))^2 / 2 (Jansen).
    """
    m = len(groups)
    results, names, _ = _design(f, sample_inputs, groups, n, seed, [0, (1 << m) - 1, *(1 << i for i in range(m))])
    centred = results - results[:2].mean()
    a, b = centred[0], centred[1]
    variance = float((centred[:2] ** 2).mean())
    if variance == 0:
        return dict.fromkeys(names, (0.0, 0.0))
    return {name: (float((b * (c - a)).mean()) / variance, float(((c - a) ** 2).mean()) / 2 / variance) for name, c in zip(names, centred[2:], strict=True)}
