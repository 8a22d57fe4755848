"""Parameters of a local composition model by maximum likelihood from measured points, with covariance and diagnostics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import ConvergenceError, InputError, did_you_mean
from chemwright.thermo.local.models import Local, Nrtl, Uniquac, Wilson
from chemwright.thermo.local.points import Array, Points
from chemwright.thermo.local.tables import KINDS, size
from chemwright.thermo.pure import PureModel

R = 8.314462618
STD = {"T": 0.1, "P": 0.005, "x": 0.002, "y": 0.005, "gamma": 0.05, "xx": 0.005, "hE": 0.02}
"""Standard uncertainty of a measured figure where none is given: T [K], P, gamma, hE relative, fractions absolute (assumption: careful work)."""
PRIOR = (10.0, 3000.0)
"""Std of a [1] and b [K]: keeps a parameter that the points say nothing about from running away."""


@frozen(eq=False)
class Fit:
    """A fitted model and how well it is known.

    Args:
        model: with the fitted numbers.
        names: of the fitted parameters, as ``b12`` (from substance 1 to 2, K) or ``a21``.
        values: shape (p,).
        covariance: shape (p, p), scaled by ``noise`` squared where that is above one.
        noise: root of chi squared over the degrees of freedom; 1 when the points scatter as their uncertainties say.
        informed: whether the points narrowed each parameter to less than half of its prior.
        errors: measured kind -> (count, mean absolute error, unit): bubble pressure in %, y in mol/mol, and so on.
        worst: (line of the file, error in its standard uncertainties), the five worst.
        notes: what a reader should know.
    """

    model: Local
    names: tuple[str, ...]
    values: tuple[float, ...]
    covariance: Array
    noise: float
    informed: tuple[bool, ...]
    errors: dict[str, tuple[int, float, str]]
    worst: tuple[tuple[int, float], ...]
    notes: tuple[str, ...] = field(factory=tuple)

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        std = np.sqrt(np.diag(self.covariance))
        correlation = self.covariance / np.outer(std, std)
        parameters = {
            n: {"value": v, "std": float(s), "unit": "K" if n[0] == "b" else "1", "informed": i} for n, v, s, i in zip(self.names, self.values, std, self.informed, strict=True)
        }
        errors = {k: {"points": n, "mean_absolute_error": e, "unit": u} for k, (n, e, u) in self.errors.items()}
        return {
            "model": self.model.kind,
            "parameters": parameters,
            "correlation": [[float(v) for v in row] for row in correlation],
            "noise": self.noise,
            "errors": errors,
            "worst": [{"row": r, "sigmas": s} for r, s in self.worst],
            "notes": list(self.notes),
        }


def fit_activity(kind: str, points: Points, pure: Sequence[PureModel], *, terms: int = 0, alpha: float = 0.3, cas: Sequence[str] = (), std: dict[str, float] | None = None) -> Fit:
    """Fit a model to points of one mixture.

    The error of a bubble pressure is ln(P calculated / P), its spread what the uncertainties of P, T and x do to it (first order); of two
    liquids the differences of the logarithms of the activities. Least squares with a robust loss from three starts.

    Args:
        kind: nrtl, wilson or uniquac.
        points: measured.
        pure: pure models, in the points' order.
        terms: 1 for t = b/T, 2 for t = a + b/T, 0 for what the spread of temperature allows (2 from 15 K and 12 points on).
        alpha: NRTL's non-randomness, held [1].
        cas: CAS numbers, needed for UNIQUAC's volumes and surfaces.
        std: replaces entries of :data:`STD`.

    Raises:
        InputError: no such kind, unlike sizes, or fewer points than parameters; ConvergenceError: no finite fit.
    """
    if kind not in KINDS:
        raise InputError(f"no local composition model {kind!r}", where="fit", fix=did_you_mean(kind, KINDS))
    if len(pure) != points.n:
        raise InputError(f"points of {points.n} substances, {len(pure)} named", where=points.name or "fit", fix="name the substances of the points")
    spread = float(np.ptp(points.T))
    terms = terms or (2 if spread >= 15.0 and len(points.T) >= 12 else 1)
    start = _blank(kind, pure, alpha, cas)
    order = [(i, j) for i in range(points.n) for j in range(points.n) if i != j]
    names = tuple(f"{letter}{i + 1}{j + 1}" for letter in "ba"[:terms] for i, j in order)
    if len(points.T) < len(names):
        raise InputError(f"{len(points.T)} points for {len(names)} parameters", where=points.name or "fit", fix="measure more, or take --terms 1")
    scale, spreads = np.array([PRIOR[1] if n[0] == "b" else PRIOR[0] for n in names]), {**STD, **(std or {})}

    def made(p: Array) -> Local:
        return _with(start, order, p, terms)

    def cost(p: Array) -> Array:
        return np.concatenate([residuals(made(p), points, pure, spreads)[0], p / scale])

    best = _search(cost, len(names), len(order), kind, points)
    flat, kinds, rows = residuals(made(best.x), points, pure, spreads)
    freedom = max(len(flat) - len(names), 1)
    noise = float(np.sqrt(np.sum(flat**2) / freedom))
    covariance = np.linalg.pinv(best.jac.T @ best.jac) * max(noise, 1.0) ** 2
    sigma = np.sqrt(np.diag(covariance))
    at = np.argsort(-np.abs(flat))[:5]
    source = f"fitted to {len(points.T)} points{' of ' + points.name if points.name else ''}"
    model = evolve(made(best.x), source=source)
    notes = _notes(noise, spread, terms, sigma, covariance)
    worst = tuple((int(rows[i]), float(flat[i])) for i in at)
    return Fit(
        model,
        names,
        tuple(float(v) for v in best.x),
        covariance,
        noise,
        tuple(bool(s < 0.5 * w) for s, w in zip(sigma, scale, strict=True)),
        _errors(model, points, pure, kinds),
        worst,
        notes,
    )


def residuals(model: Local, points: Points, pure: Sequence[PureModel], std: dict[str, float]) -> tuple[Array, list[str], Array]:
    """Errors over their spreads, their kinds, and the lines they stand on: each of shape (number of measured figures,)."""
    out: list[Array] = []
    kinds: list[str] = []
    rows: list[Array] = []
    lines = np.asarray(points.rows or range(1, len(points.T) + 1))

    def add(kind: str, chosen: Any, values: Array) -> None:
        out.append(values)
        kinds.extend([kind] * len(values))
        rows.append(lines[chosen])

    boils = np.isfinite(points.P)
    if boils.any():
        T, x, P = points.T[boils], points.x[boils], points.P[boils]
        total, y = _bubble(model, pure, x, T)
        by_t = (np.log(_bubble(model, pure, x, T + 0.01)[0]) - np.log(total)) / 0.01
        by_x = _by_x(model, pure, x, T, total)
        width = np.sqrt(std["P"] ** 2 + (by_t * std["T"]) ** 2 + (by_x * std["x"]) ** 2)
        add("P", boils, np.log(total / P) / width)
        seen = np.isfinite(points.y[boils]).all(axis=1) & (x.max(axis=1) < 1.0)
        for i in range(points.n - 1):
            add("y", np.nonzero(boils)[0][seen], (y[seen, i] - points.y[boils][seen, i]) / std["y"])
    for i in range(points.n):
        known = np.isfinite(points.gamma[:, i])
        if known.any():
            add("gamma", known, (_ln_gamma(model, points.x[known], points.T[known])[:, i] - np.log(points.gamma[known, i])) / std["gamma"])
    two = np.isfinite(points.xx).all(axis=1)
    if two.any():
        one, other, T = points.x[two], points.xx[two], points.T[two]
        difference = _ln_activity(model, one, T) - _ln_activity(model, other, T)
        for i in range(points.n):
            width = np.hypot(std["xx"] / np.maximum(one[:, i], std["xx"]), std["xx"] / np.maximum(other[:, i], std["xx"]))
            add("xx", two, difference[:, i] / width)
    heat = np.isfinite(points.hE)
    if heat.any():
        x, T, h = points.x[heat], points.T[heat], 0.05
        slope = np.sum(x * (_ln_gamma(model, x, T + h) - _ln_gamma(model, x, T - h)), axis=1) / (2.0 * h)
        size_ = np.maximum(np.abs(points.hE[heat]), 0.2 * np.nanmax(np.abs(points.hE)))
        add("hE", heat, (-R * T**2 * slope - points.hE[heat]) / (std["hE"] * size_ + 1.0))
    return np.concatenate(out), kinds, np.concatenate(rows)


def _blank(kind: str, pure: Sequence[PureModel], alpha: float, cas: Sequence[str]) -> Local:
    ids, zero = tuple(m.id for m in pure), [[0.0] * len(pure)] * len(pure)
    if kind == "nrtl":
        if not 0.0 < alpha <= 1.0:
            raise InputError(f"alpha of {alpha:g}, 0 to 1 expected", where="--alpha", fix="0.2 to 0.47 are usual")
        return Nrtl(ids, zero, zero, alpha=[[alpha if i != j else 0.0 for j in range(len(pure))] for i in range(len(pure))])
    if kind == "wilson":
        return Wilson(ids, zero, zero)
    sizes = [size(c, m.id) for c, m in zip(cas or [""] * len(pure), pure, strict=True)]
    return Uniquac(ids, zero, zero, r=tuple(s[0] for s in sizes), q=tuple(s[1] for s in sizes))


def _with(model: Local, order: Sequence[tuple[int, int]], p: Array, terms: int) -> Local:
    n = len(model.ids)
    b, a = np.zeros((n, n)), np.zeros((n, n))
    for k, (i, j) in enumerate(order):
        b[i, j] = p[k]
        if terms == 2:
            a[i, j] = p[len(order) + k]
    return model.with_values(a.tolist(), b.tolist())


def _search(cost: Any, p: int, pairs: int, kind: str, points: Points) -> Any:
    """Best of a few starts."""
    from scipy.optimize import least_squares

    sign = 1.0 if kind == "nrtl" else -1.0
    found = []
    for first in (0.0, 250.0, -80.0):
        start = np.zeros(p)
        start[:pairs] = sign * first
        with np.errstate(all="ignore"):
            try:
                sol = least_squares(cost, start, loss="soft_l1", f_scale=3.0, x_scale=np.array([300.0] * pairs + [1.0] * (p - pairs)), max_nfev=300)
            except ValueError:  # not finite at the start
                continue
        if np.isfinite(sol.cost):
            found.append(sol)
    if not found:
        raise ConvergenceError(f"no finite fit of {kind} to {points.name or 'the points'}", where="fit", fix="check the points and their units")
    return min(found, key=lambda s: s.cost)


def _ln_gamma(model: Local, x: Array, T: Array) -> Array:
    out = model.ln_gamma([x[:, i] for i in range(x.shape[1])], T)
    return np.stack([np.broadcast_to(g, T.shape) for g in out], axis=1)


def _ln_activity(model: Local, x: Array, T: Array) -> Array:
    return np.asarray(np.log(np.maximum(x, 1e-12)) + _ln_gamma(model, x, T))


def _bubble(model: Local, pure: Sequence[PureModel], x: Array, T: Array) -> tuple[Array, Array]:
    p = x * np.exp(np.clip(_ln_gamma(model, x, T), -50.0, 50.0)) * np.stack([m.psat(T) for m in pure], axis=1)
    total = p.sum(axis=1)
    return total, p / total[:, None]


def _by_x(model: Local, pure: Sequence[PureModel], x: Array, T: Array, total: Array) -> Array:
    """Largest |d ln P / dx| [1] when a little of one substance takes the place of the rest; zero for a pure liquid."""
    out, h = np.zeros(len(T)), 1e-5
    for i in range(x.shape[1] - (1 if x.shape[1] == 2 else 0)):
        z = x * (1.0 - h)
        z[:, i] += h
        share = np.maximum(1.0 - x[:, i], 1e-9)
        out = np.maximum(out, np.abs(np.log(_bubble(model, pure, z, T)[0] / total)) / (h * share))
    return np.where(x.max(axis=1) >= 1.0, 0.0, out)


def _errors(model: Local, points: Points, pure: Sequence[PureModel], kinds: Sequence[str]) -> dict[str, tuple[int, float, str]]:
    """Mean absolute errors in the units a person thinks in."""
    unit = {**dict.fromkeys(STD, 1.0), "P": 1.0}
    free = {"T": 0.0, "x": 0.0, **{k: 1.0 for k in unit if k not in ("T", "x")}}
    flat, kinds, _ = residuals(model, points, pure, free)
    said = {
        "P": ("bubble pressure", 100.0, "%"),
        "y": ("vapour fraction", 1.0, "mol/mol"),
        "gamma": ("activity coefficient", 100.0, "%"),
        "xx": ("difference of ln(activity), two liquids", 2.0**0.5, "1"),
        "hE": ("excess enthalpy", 100.0, "%"),
    }
    out = {}
    for kind in dict.fromkeys(kinds):
        values = np.abs(flat[[k == kind for k in kinds]])
        label, scale, u = said[kind]
        out[label] = (len(values), float(scale * values.mean()), u)
    return out


def _notes(noise: float, spread: float, terms: int, sigma: Array, covariance: Array) -> tuple[str, ...]:
    out = []
    if noise > 3.0:
        out.append(f"the points scatter {noise:.1f} times as much as their uncertainties: systematic errors, or a model that does not fit")
    if terms == 1 or spread < 15.0:
        out.append(f"temperatures spread over {spread:.0f} K: parameters hold there, heats of mixing from them are weak")
    correlation = np.abs(covariance / np.outer(sigma, sigma) - np.eye(len(sigma)))
    if correlation.max() > 0.99:
        out.append("parameters are correlated above 0.99: use them together, never one by one")
    return tuple(out)
