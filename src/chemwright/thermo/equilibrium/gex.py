"""Cubic equations of state with an activity model in their mixing rule (PSRK, MHV1)."""

from __future__ import annotations

from typing import Self

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import InputError
from chemwright.thermo.activity import ActivityModel
from chemwright.thermo.equilibrium.cubic import CubicEos
from chemwright.thermo.equilibrium.cubic_state import CubicState, Mix
from chemwright.thermo.equilibrium.fluid import Array, Index
from chemwright.thermo.equilibrium.liquid import Liquid, liquid

PSRK = -0.64663
"""Constant of the mixing rule that fits liquids at atmospheric pressure, for Soave's equation (Holderbaum and Gmehling 1991)."""
MHV1 = {"SRK": -0.593, "PR76": -0.53, "PR78": -0.53}
"""The same of Michelsen's first-order rule (Michelsen, Fluid Phase Equilib. 60 (1990) 213)."""


@frozen(eq=False)
class GexCubic:
    """a/(b R T) = sum x_i a_i/(b_i R T) + (g_E/(R T) + sum x_i ln(b/b_i))/A1, b = sum x_i b_i.

    Holderbaum and Gmehling, Fluid Phase Equilib. 70 (1991) 251; with Soave's equation, Mathias and Copeman's alpha and the UNIFAC of that name it is PSRK.

    Args:
        eos: the equation and its constants; interaction parameters k_ij are not used and must be absent.
        activity: activity model of the same species.
        a1: the constant A1 [1].

    Raises:
        InputError: the species differ, or the equation has interaction parameters.
    """

    eos: CubicEos
    activity: ActivityModel
    a1: float = field(default=PSRK)

    def __attrs_post_init__(self) -> None:
        if tuple(self.activity.ids) != self.eos.ids:
            raise InputError(
                f"the activity model's species {', '.join(self.activity.ids)} are not those of the equation, {', '.join(self.eos.ids)}",
                where="activity",
                fix="give both the same species in the same order",
            )
        if self.eos.kij is not None and np.any(np.array(self.eos.kij)):
            raise InputError("an equation with an activity model inside has no use for interaction parameters", where="eos", fix="give kij=None")
        if not self.a1 < 0.0:
            raise InputError(f"constant of the mixing rule {self.a1!r} must be negative", where="a1", fix="PSRK's is -0.64663")

    @property
    def ids(self) -> tuple[str, ...]:
        """Species keys."""
        return self.eos.ids

    @property
    def T_limits(self) -> tuple[float, float]:
        """See :class:`chemwright.thermo.equilibrium.cubic.CubicEos`."""
        return self.eos.T_limits

    def at(self, T: Array, P: Array) -> GexState:
        """The equation at temperatures T (n,) [K] and pressures P (n,) [Pa]."""
        base = self.eos.at(T, P)
        ratio = base.s**2 / base.B  # a_i/(b_i R T)
        slope = 2.0 * base.s * base.ds / base.B - ratio / base.T[:, None]
        return GexState(base.T, base.P, base.s, base.ds, base.B, base.one_less_k, base.d1, base.d2, base.guess, liquid(self.activity, base.T), ratio, slope, self.a1)


@frozen(eq=False)
class GexState(CubicState):
    """See :class:`chemwright.thermo.equilibrium.cubic_state.CubicState`.

    Args:
        activity: ln(gamma) at the temperatures.
        ratio: a_i/(b_i R T) [1], shape (n, c).
        ratio_slope: its derivative to T [1/K].
        a1: constant of the mixing rule [1].
    """

    activity: Liquid
    ratio: Array
    ratio_slope: Array
    a1: float

    def take(self, rows: Index) -> Self:
        """The states of the given rows, which may repeat."""
        out = super().take(rows)
        return evolve(out, activity=self.activity.take(rows), ratio=self.ratio[rows], ratio_slope=self.ratio_slope[rows])

    def _sums(self, x: Array) -> tuple[Array, Array, Array]:
        """A, B (n,) and the partial molar values (n, c) of a/(b R T)."""
        B = np.einsum("ij,ij->i", x, self.B)
        bi = self.B / B[:, None]
        bar = self.ratio + (self.activity.ln_gamma(x) - np.log(bi) + bi - 1.0) / self.a1
        return np.einsum("ij,ij->i", x, bar) * B, B, bar

    def _bar_slopes(self, x: Array, mix: Mix, dA: Array) -> Array:
        """N d bar_i/d n_j (n, c, c): with b_i/b - 1 = e_i, that of ln(b/b_i) + b_i/b - 1 is -e_i e_j."""
        growth = self.B / mix.B[:, None] - 1.0
        return np.asarray((self.activity.slopes(x) - growth[:, :, None] * growth[:, None, :]) / self.a1)

    def _bar_by_temperature(self, x: Array, mix: Mix) -> Array:
        """d bar_i/dT [1/K] at constant x, shape (n, c)."""
        return self.ratio_slope + self.activity.by_temperature(x) / self.a1
