"""Roots of uncertainty: blocks of numbers with a covariance, the evidence behind them, and each datum's share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import attrs
import numpy as np
from attrs import cmp_using, field, frozen, validators
from numpy.typing import ArrayLike, NDArray

from chemwright.errors import InputError

Array = NDArray[np.float64]
SYMMETRY = 1e-10  # largest asymmetry of a covariance, as a correlation
NEGATIVE = 1e-10  # most negative eigenvalue of a correlation matrix, relative to the largest
PRECISION = 1e-6  # largest relative misfit between posterior precision and inverse covariance, in any direction


def frozen_array(value: ArrayLike) -> Array:
    """A read-only float64 copy, as frozen records hold it."""
    out = np.array(value, dtype=np.float64)
    out.flags.writeable = False
    return out


def _vector(value: ArrayLike) -> Array:
    return np.atleast_1d(frozen_array(value))


def _strings(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(value)


def frozen_matrix(value: ArrayLike) -> Array:
    """A read-only float64 copy with at least two dimensions."""
    return np.atleast_2d(frozen_array(value))


ARRAY: Any = {"eq": cmp_using(eq=np.array_equal), "hash": False}  # attrs options of a field that holds an array


def scaled(cov: ArrayLike) -> tuple[Array, Array]:
    """Standard deviations (k,) and correlation matrix (k, k) of a covariance; a sure number has a zero row in the latter."""
    matrix = np.asarray(cov, dtype=np.float64)
    std = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    inverse = np.divide(1.0, std, out=np.zeros_like(std), where=std > 0)
    return std, inverse[:, None] * (matrix + matrix.T) / 2 * inverse[None, :]


def psd_root(cov: ArrayLike) -> Array:
    """Matrix L (k, k) with L L^T = cov: standard deviations times the symmetric square root of the correlations.

    Unlike a Cholesky factor it exists for singular matrices; unlike bare eigenvectors it is unique, so samples do not depend on the linear algebra library.
    """
    std, correlation = scaled(cov)
    values, vectors = np.linalg.eigh(correlation)
    floor = 1e-15 * len(std) * max(values.max(initial=0.0), 0.0)
    values = np.where(values > floor, values, 0.0)
    return np.asarray(std[:, None] * ((vectors * np.sqrt(values)) @ vectors.T))


def check_covariance(cov: Array, k: int, where: str) -> None:
    """Refuse a matrix that is not a finite symmetric positive semidefinite (k, k); judged on correlations, so units do not matter.

    Raises:
        InputError: wrong shape, not finite, asymmetric, or with an eigenvalue below -1e-10 of the largest.
    """
    if cov.shape != (k, k):
        raise InputError(f"covariance of shape {cov.shape} for {k} numbers", where=where, fix=f"give a ({k}, {k}) matrix")
    if not np.isfinite(cov).all():
        raise InputError("covariance holds a number that is not finite", where=where, fix="give finite numbers")
    if (np.diag(cov) < 0).any():
        raise InputError("covariance has a negative variance on its diagonal", where=where, fix="give variances >= 0")
    std, correlation = scaled(cov)
    size = np.outer(std, std)
    if (np.abs(cov - cov.T) > 2 * SYMMETRY * size).any():
        raise InputError("covariance is not symmetric, or a number of variance 0 covaries", where=where, fix="give (C + C.T) / 2")
    if (np.abs(cov[size == 0]) > 0).any():
        raise InputError("a number of variance 0 has a covariance with another", where=where, fix="set that row and column to 0")
    values = np.linalg.eigvalsh(correlation)
    if values.min(initial=0.0) < -NEGATIVE * values.max(initial=0.0):
        raise InputError(f"covariance is not positive semidefinite (smallest eigenvalue of its correlations {values.min():.3g})", where=where, fix="check signs and correlations")


@frozen
class Evidence:
    """What a posterior rests on: data rows and a prior.

    Args:
        jacobian: (n, k) whitened data Jacobian at the MAP; row i is dy_i/dtheta / sigma_i.
        row_ids: n ids of data (runs).
        row_sources: n ids of their sources.
        prior_precision: (k, k) inverse covariance of the prior; zero where there was none.
        prior_source: id of the prior's source.
    """

    jacobian: Array = field(converter=frozen_array, **ARRAY)
    row_ids: tuple[str, ...] = field(converter=_strings)
    row_sources: tuple[str, ...] = field(converter=_strings)
    prior_precision: Array = field(converter=frozen_matrix, **ARRAY)
    prior_source: str = ""

    def __attrs_post_init__(self) -> None:
        k = len(self.prior_precision)
        if self.jacobian.size == 0:
            object.__setattr__(self, "jacobian", self.jacobian.reshape(0, k))
        n = len(self.row_ids)
        if self.jacobian.shape != (n, k) or len(self.row_sources) != n:
            message = f"data Jacobian {self.jacobian.shape}, {n} row ids, {len(self.row_sources)} row sources, {k} parameters"
            raise InputError(message, where="evidence", fix="give one id and one source for each row, one column for each parameter")
        if not np.isfinite(self.jacobian).all():
            raise InputError("data Jacobian holds a number that is not finite", where="evidence", fix="drop or repair the failing rows")
        check_covariance(self.prior_precision, k, "prior precision")

    def precision(self) -> Array:
        """Posterior precision (k, k): prior precision + W^T W."""
        return np.asarray(self.prior_precision + self.jacobian.T @ self.jacobian)


@frozen
class Root:
    """A block of uncertain numbers with one origin: a posterior, a price, a property, a model's misfit.

    Args:
        id: unique key in a ledger.
        tier: where in the house it enters (kinetics, property, price, ...).
        source: id of its source.
        names: k names of the numbers.
        mean: (k,) means, SI.
        cov: (k, k) covariance, SI; symmetric, positive semidefinite.
        note: anything a reader must know.
        evidence: the data and prior behind the block, or ``None``; its precision must be the inverse of ``cov`` to 1e-6 in every direction.

    Raises:
        InputError: shapes disagree, numbers are not finite, ``cov`` is no covariance, or the evidence contradicts it.
    """

    id: str = field(validator=validators.min_len(1))
    tier: str
    source: str
    names: tuple[str, ...] = field(converter=_strings)
    mean: Array = field(converter=_vector, **ARRAY)
    cov: Array = field(converter=frozen_matrix, **ARRAY)
    note: str = ""
    evidence: Evidence | None = None

    def __attrs_post_init__(self) -> None:
        k = len(self.names)
        where = f"root {self.id!r}"
        if k == 0 or len(set(self.names)) != k:
            raise InputError(f"names {self.names}", where=where, fix="give each number one name of its own")
        if self.mean.shape != (k,):
            raise InputError(f"mean of shape {self.mean.shape} for {k} names", where=where, fix=f"give {k} numbers")
        if not np.isfinite(self.mean).all():
            raise InputError("mean holds a number that is not finite", where=where, fix="give finite numbers")
        check_covariance(self.cov, k, where)
        if self.evidence is not None:
            _check_evidence(self.cov, self.evidence, where)

    @classmethod
    def scalar(cls, id: str, mean: float, std: float, *, tier: str, source: str, note: str = "") -> Root:
        """A root of one number, named as the root; ``std`` is its standard uncertainty, in the unit of ``mean``.

        Raises:
            InputError: not finite, or ``std`` negative.
        """
        if not (np.isfinite(std) and std >= 0):
            raise InputError(f"standard uncertainty {std!r}", where=f"root {id!r}", fix="give a finite number >= 0")
        return cls(id, tier, source, (id,), [mean], [[float(std) ** 2]], note)

    @classmethod
    def posterior(cls, id: str, names: tuple[str, ...], mean: ArrayLike, evidence: Evidence, *, tier: str, source: str, note: str = "") -> Root:
        """A Laplace posterior: covariance = inverse of the evidence's precision.

        Raises:
            InputError: prior and data leave a direction undetermined.
        """
        std, correlation = scaled(evidence.precision())
        if (std == 0).any() or np.linalg.eigvalsh(correlation).min() < 1e-14:
            raise InputError("prior and data leave a combination of parameters undetermined", where=f"root {id!r}", fix="give a prior for every parameter")
        inverse = np.linalg.inv(correlation)
        return cls(id, tier, source, names, mean, (inverse + inverse.T) / 2 / np.outer(std, std), note, evidence)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; :meth:`from_dict` reads it back."""
        return attrs.asdict(self, value_serializer=lambda _, __, v: v.tolist() if isinstance(v, np.ndarray) else v)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Root:
        """Read what :meth:`as_dict` wrote.

        Raises:
            InputError: a field is missing or unknown.
        """
        try:
            evidence = data.get("evidence")
            return cls(**{**data, "evidence": None if evidence is None else Evidence(**evidence)})
        except TypeError as error:
            raise InputError(f"not a root: {error}", fix=f"give the fields {', '.join(a.name for a in attrs.fields(cls))}") from None


def _check_evidence(cov: Array, evidence: Evidence, where: str) -> None:
    if evidence.prior_precision.shape != cov.shape:
        raise InputError(f"evidence on {len(evidence.prior_precision)} parameters for a block of {len(cov)}", where=where, fix="give one column for each parameter")
    std, correlation = scaled(cov)
    try:
        lower = std[:, None] * np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError:
        raise InputError("a singular covariance can't come from prior and data", where=where, fix="leave fixed or duplicate parameters out of the block") from None
    misfit = float(np.abs(lower.T @ evidence.precision() @ lower - np.eye(len(cov))).max())
    if misfit > PRECISION:
        raise InputError(f"prior precision + W^T W differs from the inverse covariance by {misfit:.2g} (relative)", where=where, fix="build the block with Root.posterior")


class DataShare(NamedTuple):
    """One datum's (or the prior's) share of a result's variance within one root."""

    row_id: str
    source: str
    share: float


def data_shares(root: Root, g: ArrayLike) -> list[DataShare]:
    """Split the variance that one root gives a result among its data rows and its prior.

    With posterior precision P = P0 + sum_i w_i w_i^T = inv(S), the variance g S g^T = (S g)^T P (S g) is a sum over rows of (w_i . S g)^2 and the prior's
    (S g)^T P0 (S g). A large share marks a datum that holds the direction that the result depends on: its noise is what remains of the variance there.

    Args:
        root: the block; without evidence the answer is one row, the root itself.
        g: (k,) gradient of the result with respect to the block, result unit per SI.

    Returns:
        Data rows in order, then the prior (id ``"prior"``). Shares are >= 0 and sum to one; all are 0 when the variance is 0.

    Raises:
        InputError: ``g`` has another length than the block.
    """
    gradient = np.asarray(g, dtype=np.float64)
    if gradient.shape != root.mean.shape:
        raise InputError(f"gradient of shape {gradient.shape} for {len(root.mean)} numbers", where=f"root {root.id!r}", fix="give one number for each name")
    std, correlation = scaled(root.cov)
    units = std * gradient
    largest = float(np.abs(units).max())
    direction = std * (correlation @ (units / largest)) if largest > 0 else np.zeros_like(std)
    if root.evidence is None:
        return [DataShare(root.id, root.source, 1.0 if np.any(direction) else 0.0)]
    evidence = root.evidence
    parts = np.append((evidence.jacobian @ direction) ** 2, max(0.0, float(direction @ evidence.prior_precision @ direction)))
    total = float(parts.sum())
    shares = parts / total if total > 0 else np.zeros_like(parts)
    ids, sources = (*evidence.row_ids, "prior"), (*evidence.row_sources, evidence.prior_source)
    return [DataShare(i, s, float(v)) for i, s, v in zip(ids, sources, shares, strict=True)]
