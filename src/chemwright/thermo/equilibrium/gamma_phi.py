"""Liquids by activity coefficients and vapour pressures, vapour as an ideal gas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.thermo.activity import ActivityModel
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR, Array, Index, Kinds
from chemwright.thermo.equilibrium.liquid import Liquid, liquid
from chemwright.thermo.pure import PureModel


def _models(values: Sequence[PureModel]) -> tuple[PureModel, ...]:
    return tuple(values)


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
    models: tuple[PureModel, ...] = field(converter=_models)

    def __attrs_post_init__(self) -> None:
        if not self.models:
            raise InputError("an empty mixture: no species given", where="models", fix="give at least one species")
        if len(self.models) != len(self.activity.ids):
            raise InputError(
                f"{len(self.models)} pure models for {len(self.activity.ids)} species of the activity model",
                where="models",
                fix=f"give one for each of {', '.join(self.activity.ids)}",
            )

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
        return GammaPhiState(liquid(self.activity, T), T, P, ln_psat, slope)


@frozen(eq=False)
class GammaPhiState:
    """See :class:`chemwright.thermo.equilibrium.fluid.FluidState`; ``ln_psat`` [ln Pa] and its slope in T [1/K] have shape (n, c)."""

    liquid: Liquid
    T: Array
    P: Array
    ln_psat: Array
    slope: Array
    one_surface: bool = False

    def take(self, rows: Index) -> GammaPhiState:
        """The states of the given rows, which may repeat."""
        return GammaPhiState(self.liquid.take(rows), self.T[rows], self.P[rows], self.ln_psat[rows], self.slope[rows])

    def ln_phi(self, x: Array, kind: Kinds) -> Array:
        """ln(gamma psat/P) of liquids, zero of vapours [1], shape (n, c)."""
        out = np.zeros_like(x)
        rows = np.flatnonzero(kind == LIQUID)
        if rows.size:
            out[rows] = self.liquid.take(rows).ln_gamma(x[rows]) + self.ln_psat[rows] - np.log(self.P[rows])[:, None]
        return out

    def ln_phi_jacobian(self, x: Array, kind: Kinds) -> tuple[Array, Array]:
        """ln phi (n, c) and N d ln phi_i/d n_j (n, c, c) [1]."""
        n, c = x.shape
        jac = np.zeros((n, c, c))
        rows = np.flatnonzero(kind == LIQUID)
        if rows.size:
            jac[rows] = self.liquid.take(rows).slopes(x[rows])
        return self.ln_phi(x, kind), jac

    def ln_phi_dT(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i/dT [1/K], shape (n, c)."""
        out = np.zeros_like(x)
        rows = np.flatnonzero(kind == LIQUID)
        if rows.size:
            out[rows] = self.liquid.take(rows).by_temperature(x[rows]) + self.slope[rows]
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
