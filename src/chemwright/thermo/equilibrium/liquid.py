"""Activity coefficients at many fixed temperatures: what depends on temperature alone is worked out once, and UNIFAC's derivatives are closed."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from attrs import frozen

from chemwright.thermo.activity import TRACE, ActivityModel, Unifac
from chemwright.thermo.equilibrium.fluid import Array, Index

STEP = 1e-20
"""Imaginary step of derivatives; it needs no balance of truncation against rounding (Squire and Trapp, SIAM Rev. 40 (1998) 110)."""


class Liquid(Protocol):
    """ln(gamma) at n temperatures, one a row."""

    def take(self, rows: Index) -> Liquid:
        """The given rows, which may repeat."""
        ...

    def ln_gamma(self, x: Array) -> Array:
        """ln(gamma) [1], shape (n, c), at mole fractions x (n, c)."""
        ...

    def slopes(self, x: Array) -> Array:
        """N d ln gamma_i/d n_j [1], shape (n, c, c)."""
        ...

    def by_temperature(self, x: Array) -> Array:
        """d ln gamma_i/dT [1/K], shape (n, c)."""
        ...


def liquid(activity: ActivityModel, T: Array) -> Liquid:
    """The activity model at temperatures T (n,) [K]."""
    plain = AnyLiquid(activity, T, takes_complex(activity))
    return UnifacLiquid.bind(activity, plain) if type(activity) is Unifac and len(activity.covered) > 1 else plain


@frozen(eq=False)
class AnyLiquid:
    """Any model: composition derivatives by imaginary steps where it carries them, else by central differences."""

    activity: ActivityModel
    T: Array
    analytic: bool

    def take(self, rows: Index) -> AnyLiquid:
        """See :class:`Liquid`."""
        return AnyLiquid(self.activity, self.T[rows], self.analytic)

    def ln_gamma(self, x: Array) -> Array:
        """See :class:`Liquid`."""
        return np.asarray(_stacked(self.activity, x, self.T))

    def slopes(self, x: Array) -> Array:
        """See :class:`Liquid`; all columns in one call."""
        n, c = x.shape
        way = np.eye(c)[:, None, :] - x  # (c, n, c): what adding one of species j does to the fractions
        many = np.tile(self.T, c)
        if self.analytic:
            out = _stacked(self.activity, (x + 1j * STEP * way).reshape(c * n, c), many).imag / STEP
        else:
            h = 1e-6
            low = np.maximum(x - h * way, 0.0).reshape(c * n, c)
            out = (_stacked(self.activity, (x + h * way).reshape(c * n, c), many) - _stacked(self.activity, low, many)) / (2.0 * h)
        return np.moveaxis(out.reshape(c, n, c), 0, 2)

    def by_temperature(self, x: Array) -> Array:
        """See :class:`Liquid`."""
        if self.analytic:
            return np.asarray(_stacked(self.activity, x.astype(complex), self.T + 1j * STEP).imag / STEP)
        return np.asarray((_stacked(self.activity, x, self.T + 1e-3) - _stacked(self.activity, x, self.T - 1e-3)) / 2e-3)


@frozen(eq=False)
class UnifacLiquid:
    """UNIFAC's family with psi and the pure species' groups kept; same numbers as the model's own.

    Args:
        plain: the same model without shortcuts.
        covered: indices of species with groups.
        r, q, rp: volumes, surfaces and volumes to the family's power, shape (k,).
        nu: group surfaces, shape (k, g).
        psi: exp(-a_mn/T) of every temperature, shape (m, g, g).
        pure: sum of nu ln(Gamma) of the pure species, shape (m, k).
        at: row of psi and pure for each of the n rows, shape (n,).
    """

    plain: AnyLiquid
    covered: Index
    r: Array
    q: Array
    rp: Array
    nu: Array
    psi: Array
    pure: Array
    at: Index

    @classmethod
    def bind(cls, model: Unifac, plain: AnyLiquid) -> UnifacLiquid:
        """At the temperatures of ``plain``."""
        T = plain.T
        a, b, c = (np.array(getattr(model, k, ()) or np.zeros_like(np.array(model.a))) for k in "abc")
        psi = np.exp(-a / T[:, None, None] - b - c * T[:, None, None])
        nu, r, q = np.array(model.nu_q), np.array(model.r), np.array(model.q)
        theta = nu / q[:, None]
        s = theta @ psi
        group = 1.0 - np.log(s) - (theta / s) @ np.swapaxes(psi, 1, 2)
        return cls(plain, np.array(model.covered, dtype=np.intp), r, q, r ** getattr(model, "power", 1.0), nu, psi, np.sum(nu * group, axis=2), np.arange(len(T)))

    def take(self, rows: Index) -> UnifacLiquid:
        """See :class:`Liquid`."""
        return UnifacLiquid(self.plain.take(rows), self.covered, self.r, self.q, self.rp, self.nu, self.psi, self.pure, self.at[rows])

    def ln_gamma(self, x: Array) -> Array:
        """See :class:`Liquid`."""
        z, v, f, w, surface, _ = self._mix(x)
        psi = self.psi[self.at]
        theta = (z @ self.nu) / surface
        s = (theta[:, None, :] @ psi)[:, 0]
        group = 1.0 - np.log(s) - (psi @ (theta / s)[:, :, None])[:, :, 0]
        known = 1.0 - w + np.log(w) - 5.0 * self.q * (1.0 - v / f + np.log(v / f)) + group @ self.nu.T - self.pure[self.at]
        return self._spread(known, x)

    def slopes(self, x: Array) -> Array:
        """See :class:`Liquid`; closed form."""
        z, v, f, w, surface, total = self._mix(x)
        psi = self.psi[self.at]
        theta = (z @ self.nu) / surface
        s = (theta[:, None, :] @ psi)[:, 0]
        d_theta = (self.nu - self.q[:, None] * theta[:, None, :]) / surface[:, :, None]
        d_s = d_theta @ psi
        d_group = -d_s / s[:, None, :] - ((d_theta - theta[:, None, :] * d_s / s[:, None, :]) / s[:, None, :]) @ np.swapaxes(psi, 1, 2)
        residual = self.nu @ np.swapaxes(d_group, 1, 2)
        combinatorial = (w[:, :, None] - 1.0) * (w[:, None, :] - 1.0) - (5.0 * self.q * (1.0 - v / f))[:, :, None] * (f - v)[:, None, :]
        out = np.zeros((len(x), x.shape[1], x.shape[1]))
        out[:, self.covered[:, None], self.covered] = (combinatorial + residual) / total[:, :, None]
        return out

    def by_temperature(self, x: Array) -> Array:
        """See :class:`Liquid`."""
        return self.plain.by_temperature(x)

    def _mix(self, x: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
        """Fractions of the covered species, r_i/r, q_i/q, the same to the power, mean surface, and their share of all."""
        part = x[:, self.covered] + (TRACE if len(self.covered) < x.shape[1] else 0.0)
        total = np.sum(part, axis=1, keepdims=True)
        z = part / total
        surface = (z @ self.q)[:, None]
        return z, self.r / (z @ self.r)[:, None], self.q / surface, self.rp / (z @ self.rp)[:, None], surface, total

    def _spread(self, known: Array, x: Array) -> Array:
        if len(self.covered) == x.shape[1]:
            return known
        out = np.zeros_like(x)
        out[:, self.covered] = known
        return out


def _stacked(activity: ActivityModel, x: Any, T: Any) -> Any:
    return np.stack(np.broadcast_arrays(*activity.ln_gamma(list(x.T), T)), axis=1)


def takes_complex(activity: ActivityModel) -> bool:
    """Whether the model's ln_gamma carries an imaginary step in composition and temperature: tried against differences at one point."""
    c = len(activity.ids)
    x = [np.array([v]) for v in np.linspace(1.0, 2.0, c) / np.linspace(1.0, 2.0, c).sum()]
    T = np.array([350.0])
    try:
        stepped = np.array([np.imag(g) for g in activity.ln_gamma([v + (1j * STEP if i == 0 else 0j) for i, v in enumerate(x)], T + 0j)], dtype=float).reshape(-1) / STEP
        warmer = np.array([np.imag(g) for g in activity.ln_gamma([v + 0j for v in x], T + 1j * STEP)], dtype=float).reshape(-1) / STEP
    except (TypeError, ValueError, AttributeError, ArithmeticError):
        return False
    up, down = (np.array(activity.ln_gamma([v + (h if i == 0 else 0.0) for i, v in enumerate(x)], T), dtype=float).reshape(-1) for h in (1e-5, -1e-5))
    hot, cold = (np.array(activity.ln_gamma(x, T + h), dtype=float).reshape(-1) for h in (1e-2, -1e-2))
    return bool(np.allclose(stepped, (up - down) / 2e-5, rtol=1e-5, atol=1e-5) and np.allclose(warmer, (hot - cold) / 2e-2, rtol=1e-4, atol=1e-7))
