"""Liquids by activity coefficients and vapour pressures, vapour as an ideal gas."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.thermo.activity import ActivityModel
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR, Array, Index, Kinds, log_fractions
from chemwright.thermo.pure import PureModel

STEP = 1e-20
"""Imaginary step of the derivatives; needs no balance of truncation against rounding (Squire and Trapp, SIAM Rev. 40 (1998) 110)."""


@frozen(eq=False)
class GammaPhi:
    """f_i = x_i gamma_i psat_i in every liquid and y_i P in the vapour (modified law of Raoult).

    Args:
        activity: activity model over the species; its ``ln_gamma`` takes lists of numpy arrays, and complex ones where it is analytic.
        models: pure models with vapour pressures, in the same order.

    Raises:
        InputError: no species, or another number of models than the activity model has species.
    """

    activity: ActivityModel
    models: tuple[PureModel, ...] = field(converter=tuple)
    _complex: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        if not self.models:
            raise InputError("an empty mixture: no species given", where="models", fix="give at least one species")
        if len(self.models) != len(self.activity.ids):
            raise InputError(
                f"{len(self.models)} pure models for {len(self.activity.ids)} species of the activity model",
                where="models",
                fix=f"give one for each of {', '.join(self.activity.ids)}",
            )
        object.__setattr__(self, "_complex", _takes_complex(self.activity))

    @property
    def ids(self) -> tuple[str, ...]:
        """Species keys."""
        return tuple(self.activity.ids)

    @property
    def T_limits(self) -> tuple[float, float]:
        """Temperatures [K] between which the vapour pressures have a meaning: 25 K above the poles of Antoine's equations."""
        return max(25.0 - m.antoine[2] for m in self.models), 1200.0

    def at(self, T: Array, P: Array) -> GammaPhiState:
        """The model at temperatures T (n,) [K] and pressures P (n,) [Pa].

        Raises:
            InputError: a temperature at or below the pole of a species' Antoine equation.
        """
        T, P = np.atleast_1d(np.asarray(T, dtype=float)), np.atleast_1d(np.asarray(P, dtype=float))
        for m in self.models:
            if np.any(T + m.antoine[2] < 1.0):
                raise InputError(
                    f"the vapour pressure of {m.id!r} has no meaning at {T.min():.6g} K (Antoine's equation ends at {-m.antoine[2]:.6g} K)",
                    where="T",
                    fix="give a higher temperature",
                )
        ln_psat = np.stack([np.log(m.psat_factor) + m.antoine[0] - m.antoine[1] / (T + m.antoine[2]) for m in self.models], axis=1)
        slope = np.stack([m.antoine[1] / (T + m.antoine[2]) ** 2 for m in self.models], axis=1)
        return GammaPhiState(self.activity, T, P, ln_psat, slope, self._complex)


@frozen(eq=False)
class GammaPhiState:
    """See :class:`chemwright.thermo.equilibrium.fluid.FluidState`; ``ln_psat`` [ln Pa] and its slope in T [1/K] have shape (n, c)."""

    activity: ActivityModel
    T: Array
    P: Array
    ln_psat: Array
    slope: Array
    analytic: bool
    one_surface: bool = False

    def take(self, rows: Index) -> GammaPhiState:
        """The states of the given rows, which may repeat."""
        return GammaPhiState(self.activity, self.T[rows], self.P[rows], self.ln_psat[rows], self.slope[rows], self.analytic)

    def ln_phi(self, x: Array, kind: Kinds) -> Array:
        """ln(gamma psat/P) of liquids, zero of vapours [1], shape (n, c)."""
        out = np.zeros_like(x)
        rows = np.flatnonzero(kind == LIQUID)
        if rows.size:
            out[rows] = self._gamma(x[rows], self.T[rows]) + self.ln_psat[rows] - np.log(self.P[rows])[:, None]
        return out

    def ln_phi_jacobian(self, x: Array, kind: Kinds) -> tuple[Array, Array]:
        """ln phi (n, c) and N d ln phi_i/d n_j (n, c, c) [1]: exact by an imaginary step, else by central differences."""
        n, c = x.shape
        jac = np.zeros((n, c, c))
        rows = np.flatnonzero(kind == LIQUID)
        if rows.size:
            jac[rows] = self._slopes(x[rows], self.T[rows])
        return self.ln_phi(x, kind), jac

    def ln_phi_dT(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i/dT [1/K], shape (n, c)."""
        out = np.zeros_like(x)
        rows = np.flatnonzero(kind == LIQUID)
        if rows.size:
            T = self.T[rows]
            if self.analytic:
                by_t = self._gamma(x[rows].astype(complex), T + 1j * STEP).imag / STEP
            else:
                by_t = (self._gamma(x[rows], T + 1e-3) - self._gamma(x[rows], T - 1e-3)) / 2e-3
            out[rows] = by_t + self.slope[rows]
        return out

    def ln_phi_dP(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i/dP [1/Pa], shape (n, c)."""
        return np.where((kind == LIQUID)[:, None], -1.0 / self.P[:, None], 0.0) + 0.0 * x

    def stable_kind(self, x: Array) -> Kinds:
        """Liquid where its Gibbs energy is below the vapour's."""
        liquid = self.ln_phi(x, np.full(len(x), LIQUID, dtype=np.int8))
        return np.where(np.sum(x * liquid, axis=1) > 0.0, VAPOUR, LIQUID).astype(np.int8)

    def compressibility(self, x: Array, kind: Kinds) -> Array:
        """One of the vapour; the model has no volumes of liquids: zero."""
        return np.where(kind == VAPOUR, 1.0, 0.0)

    def packing(self, x: Array, kind: Kinds) -> Array:
        """Zero of the vapour, one of liquids."""
        return np.where(kind == VAPOUR, 0.0, 1.0)

    def ln_k(self) -> Array:
        """Raoult's law."""
        return self.ln_psat - np.log(self.P)[:, None]

    def _gamma(self, x: Any, T: Any) -> Any:
        return np.stack(np.broadcast_arrays(*self.activity.ln_gamma(list(x.T), T)), axis=1)

    def _slopes(self, x: Array, T: Array) -> Array:
        """N d ln gamma_i/d n_j, (n, c, c), all columns in one call."""
        n, c = x.shape
        way = np.eye(c)[:, None, :] - x  # (c, n, c): what adding one of species j does to the fractions
        many = np.tile(T, c)
        if self.analytic:
            out = self._gamma((x + 1j * STEP * way).reshape(c * n, c), many).imag / STEP
        else:
            h = 1e-6
            low = np.maximum(x - h * way, 0.0).reshape(c * n, c)
            out = (self._gamma((x + h * way).reshape(c * n, c), many) - self._gamma(low, many)) / (2.0 * h)
        return np.moveaxis(out.reshape(c, n, c), 0, 2)


def _takes_complex(activity: ActivityModel) -> bool:
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


__all__ = ["GammaPhi", "GammaPhiState", "log_fractions"]
