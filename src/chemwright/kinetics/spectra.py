"""Absorbance-time matrices of kinetic runs: Beer and Lambert's law, and the linear part of the fit with its exact slopes.

D = l C(theta) E + noise: absorbances (N, W) of all runs below each other, path length l, concentrations (N, S), molar absorption
coefficients (S, W), which are linear and not negative. They are solved for inside (variable projection: G. H. Golub and V. Pereyra,
SIAM J. Numer. Anal. 10 (1973) 413-432), so that the search goes over the kinetic parameters alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.runs import Run
from chemwright.model.protocol import Array
from chemwright.record.fields import as_tuple

LOOSE = 1e-9  # of the largest singular value of the scaled concentrations: below it columns are not independent


def _matrix(value: Any) -> Array:
    return np.atleast_2d(np.asarray(value, dtype=float))


def _vector(value: Any) -> Array:
    return np.atleast_1d(np.asarray(value, dtype=float))


def _matrices(values: Any) -> tuple[Array, ...]:
    return tuple(_matrix(a) for a in values)


def _vectors(values: Mapping[str, Any]) -> dict[str, Array]:
    return {k: _vector(a) for k, a in values.items()}


@frozen(eq=False)
class SpectraSet:
    """Absorbances of one or more runs.

    Args:
        species: in the order of every feed.
        wavelengths: shape (W,), nm, or any other axis (wavenumbers).
        runs: feeds, temperatures and times; their readings are not used.
        absorbance: of each run, shape (n, W).
        path_length: m.
        known: molar absorption coefficients of species that are known, shape (W,), m^2/mol; zeros for one that does not absorb.
    """

    species: tuple[str, ...] = field(converter=as_tuple)
    wavelengths: Array = field(converter=_vector)
    runs: tuple[Run, ...] = field(converter=as_tuple)
    absorbance: tuple[Array, ...] = field(converter=_matrices)
    path_length: float = 0.01
    known: Mapping[str, Array] = field(factory=dict, converter=_vectors)

    def __attrs_post_init__(self) -> None:
        w = len(self.wavelengths)
        if not self.runs or len(self.runs) != len(self.absorbance):
            raise InputError(f"{len(self.runs)} runs and {len(self.absorbance)} matrices", where="spectra", fix="give one matrix for each run")
        for run, a in zip(self.runs, self.absorbance, strict=True):
            place = run.where or f"run {run.id!r}"
            if a.shape != (len(run.times), w):
                raise InputError(
                    f"absorbances of shape {a.shape} for {len(run.times)} times and {w} wavelengths", where=place, fix="give a row for each time, a column for each wavelength"
                )
            if not np.all(np.isfinite(a)):
                row, column = (int(v[0]) for v in np.nonzero(~np.isfinite(a)))
                raise InputError(f"no number at row {row + 1}, wavelength {self.wavelengths[column]:g}", where=place, fix="leave the spectrum or the wavelength out")
            if len(run.feed) != len(self.species):
                raise InputError(f"{len(run.feed)} feed concentrations, {len(self.species)} species", where=place, fix="give one for each species, 0 for what is not fed")
        for name, e in self.known.items():
            if name not in self.species:
                raise InputError(f"a pure spectrum of {name!r}, which the network has not", where="known", fix=did_you_mean(name, self.species))
            if e.shape != (w,) or not np.all(np.isfinite(e)) or np.any(e < 0):
                raise InputError(f"the pure spectrum of {name!r} has shape {e.shape}, or a negative value", where="known", fix=f"give {w} coefficients of 0 and more, m^2/mol")
        if not (np.isfinite(self.path_length) and self.path_length > 0):
            raise InputError(f"path length {self.path_length!r} m", where="path_length", fix="give a positive length in m")

    @property
    def unknown(self) -> tuple[str, ...]:
        """Species whose spectra are solved for."""
        return tuple(s for s in self.species if s not in self.known)

    @property
    def data(self) -> Array:
        """All absorbances, shape (N, W)."""
        return np.vstack(self.absorbance)


@frozen(eq=False)
class Projection:
    """The linear part solved at given concentrations.

    Args:
        coefficients: of all species, shape (S, W), m^2/mol, not negative.
        residual: data minus model, shape (N, W).
        free: which coefficients are not held at zero, shape (U, W), over the unknown species.
    """

    coefficients: Array
    residual: Array
    free: NDArray[np.bool_]


def project(data: SpectraSet, c: Array) -> Projection:
    """Non-negative pure spectra that fit best at given concentrations.

    Args:
        data: absorbances.
        c: concentrations of all runs below each other, shape (N, S), mol/m^3.
    """
    index = [data.species.index(s) for s in data.unknown]
    whole = np.zeros((len(data.species), len(data.wavelengths)))
    for name, e in data.known.items():
        whole[data.species.index(name)] = e
    left = data.data - data.path_length * c @ whole
    a = data.path_length * c[:, index]
    found = nonnegative(a, left)
    whole[index] = found
    return Projection(whole, left - a @ found, found > 0)


def nonnegative(a: Array, b: Array) -> Array:
    """Non-negative least squares of many right-hand sides, shape (U, W): a (N, U), b (N, W); columns that depend on each other get the shortest solution."""
    from scipy.optimize import nnls

    size = np.linalg.norm(a, axis=0)
    scaled = a / np.where(size > 0, size, 1.0)
    u, s, vt = np.linalg.svd(scaled, full_matrices=False)
    keep = s > LOOSE * max(float(s[0]) if len(s) else 0.0, 1e-300)
    small = s[keep, None] * vt[keep]  # (rank, U): the same problem, with as few equations as there is rank
    right = u[:, keep].T @ b
    out = vt[keep].T @ (right / s[keep, None])
    for w in np.nonzero(np.any(out < 0, axis=0))[0]:
        out[:, w] = nnls(small, right[:, w])[0]
    return np.asarray(out / np.where(size > 0, size, 1.0)[:, None])


def residual_slopes(data: SpectraSet, c: Array, dc: Array, at: Projection) -> Array:
    """Slopes of the residual by the parameters, the change of the spectra included, shape (N, W, P).

    With the coefficients that are held at zero left out, dr = -Q dC E - (C^+)^T dC^T r, where Q = 1 - C C^+ (Golub and Pereyra);
    the set of those held is constant almost everywhere.

    Args:
        data: absorbances.
        c, dc: concentrations (N, S) and their slopes (N, S, P).
        at: the projection there.
    """
    index = [data.species.index(s) for s in data.unknown]
    length = data.path_length
    moved = length * np.einsum("nsp,sw->nwp", dc, at.coefficients)
    out = np.empty(moved.shape)
    patterns, which = np.unique(at.free, axis=1, return_inverse=True)
    for k in range(patterns.shape[1]):
        columns = np.nonzero(which.ravel() == k)[0]
        chosen = [i for i, free in zip(index, patterns[:, k], strict=True) if free]
        a, da = length * c[:, chosen], length * dc[:, chosen]
        basis, inverse = _basis(a)
        part = moved[:, columns]
        part = part - np.einsum("nr,rwp->nwp", basis, np.einsum("nr,nwp->rwp", basis, part))
        out[:, columns] = -part - np.einsum("un,uwp->nwp", inverse, np.einsum("nup,nw->uwp", da, at.residual[:, columns]))
    return out


def _basis(a: Array) -> tuple[Array, Array]:
    """Orthonormal basis (N, rank) of the columns, and the pseudo-inverse (U, N)."""
    size = np.linalg.norm(a, axis=0)
    size = np.where(size > 0, size, 1.0)
    u, s, vt = np.linalg.svd(a / size, full_matrices=False)
    keep = s > LOOSE * max(float(s[0]) if len(s) else 0.0, 1e-300)
    return u[:, keep], (vt[keep].T / s[keep] @ u[:, keep].T) / size[:, None]


@frozen
class Ambiguity:
    """Species whose spectra the data tell only in combination: E + v f leaves the fit unchanged for any spectrum f.

    Args:
        weights: (species, weight) of the combination v of concentrations that is zero in all runs.
    """

    weights: tuple[tuple[str, float], ...]

    def __str__(self) -> str:
        """In words."""
        names = ", ".join(s for s, _ in self.weights)
        if len(self.weights) == 1:
            return f"{names} is formed and fed in no run: its spectrum stays unknown"
        combination = " ".join(f"{w:+.3g} c_{s}" for s, w in self.weights)
        return f"the spectra of {names} are told only up to a common part, as {combination} = 0 in all runs: give one of them, or feed another ratio"


def ambiguities(data: SpectraSet, c: Array, tolerance: float = 1e-6) -> tuple[Ambiguity, ...]:
    """Combinations of the unknown species' concentrations that vanish in all runs, and so leave spectra undetermined.

    Args:
        data: absorbances.
        c: concentrations (N, S), mol/m^3.
        tolerance: of a singular value over the largest, columns scaled to unit length.
    """
    index = [data.species.index(s) for s in data.unknown]
    size = np.linalg.norm(c[:, index], axis=0)
    out = [Ambiguity(((s, 1.0),)) for s, v in zip(data.unknown, size, strict=True) if v == 0]
    seen = [i for i, v in zip(index, size, strict=True) if v > 0]
    if not seen:
        return tuple(out)
    scale = np.linalg.norm(c[:, seen], axis=0)
    _, s, vt = np.linalg.svd(c[:, seen] / scale, full_matrices=True)
    s = np.append(s, np.zeros(len(seen) - len(s)))
    for v in _sparse(vt[s <= tolerance * s[0]] / scale):
        out.append(Ambiguity(tuple((data.species[i], float(w)) for i, w in zip(seen, v, strict=True) if abs(w) > 1e-4)))
    return tuple(out)


def _sparse(rows: Array) -> Array:
    """A null space's basis with as many zeros as elimination gives, each row's largest entry 1."""
    rows = np.array(rows)
    at = 0
    for j in range(rows.shape[1] if len(rows) else 0):
        best = at + int(np.argmax(np.abs(rows[at:, j])))
        if abs(rows[best, j]) <= 1e-6 * np.max(np.abs(rows)):
            continue
        rows[[at, best]] = rows[[best, at]]
        for i in range(len(rows)):
            if i != at:
                rows[i] -= rows[i, j] / rows[at, j] * rows[at]
        at += 1
        if at == len(rows):
            break
    return np.array([r / r[int(np.argmax(np.abs(r)))] for r in rows]) if len(rows) else rows


def components(data: SpectraSet, noise: Array | None = None) -> tuple[int, Array]:
    """How many independent species the absorbances show, and the singular values over the noise, largest first.

    A component counts when it stands above what noise alone gives, sqrt(N) + sqrt(W) standard deviations (the edge of the singular
    values of a random matrix: V. A. Marchenko and L. A. Pastur 1967), with a margin of a tenth. Without a given noise it is the
    median of what is left after the first min(S + 1, ...) components.

    Args:
        data: absorbances.
        noise: standard deviation at each wavelength, shape (W,), or ``None``.
    """
    d = data.data
    sigma = noise_by_components(d, len(data.species) + 1) if noise is None else noise
    s = np.linalg.svd(d / sigma, compute_uv=False)
    edge = 1.1 * (np.sqrt(d.shape[0]) + np.sqrt(d.shape[1]))
    return int(np.sum(s > edge)), s / edge


def noise_by_components(d: Array, rank: int) -> Array:
    """Noise at each wavelength (W,), as what the first ``rank`` singular components leave of (N, W)."""
    n, w = d.shape
    rank = min(rank, n - 1, w - 1)
    floor = 1e-9 * float(np.max(np.abs(d), initial=1e-300))
    sigma: Array = np.ones(w)
    for _ in range(4):  # components of unweighted data would be those of the noisiest wavelengths
        u, s, vt = np.linalg.svd(d / sigma, full_matrices=False)
        left = d - (u[:, :rank] * s[:rank]) @ vt[:rank] * sigma
        lost = np.sum(vt[:rank] ** 2, axis=0)
        raw = np.sqrt((left**2).sum(0) / (max(n - rank, 1) * np.maximum(1 - lost, 0.1)))
        sigma = np.maximum(raw, max(0.05 * float(np.median(raw)), floor))
    return sigma


def stacked(parts: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Concentrations (N, S) and slopes (N, S, P) of several runs below each other."""
    return np.vstack([c for c, _ in parts]), np.concatenate([d for _, d in parts])
