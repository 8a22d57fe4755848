"""Cubic equations of state with classical mixing: Peng and Robinson (1976, 1978) and Soave (1972)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.thermo.equilibrium.alpha import Alpha
from chemwright.thermo.equilibrium.cubic_state import CubicState
from chemwright.thermo.equilibrium.fluid import R_GAS, Array

FORMS = {
    "PR76": (0.457235528921382, 0.0777960739038885, 1.0 + 2.0**0.5, 1.0 - 2.0**0.5),
    "PR78": (0.457235528921382, 0.0777960739038885, 1.0 + 2.0**0.5, 1.0 - 2.0**0.5),
    "SRK": (0.427480233540341, 0.0866403499649577, 1.0, 0.0),
}
"""Omega_a, Omega_b [1] and the constants d1, d2 of P = R T/(v - b) - a/((v + d1 b)(v + d2 b))."""


def _names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(values)


def _rows(values: Sequence[Sequence[float]] | None) -> tuple[tuple[float, ...], ...] | None:
    return None if values is None else tuple(_floats(row) for row in values)


def _floats(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


@frozen
class CubicEos:
    """A cubic equation of state for a mixture: a = sum x_i x_j sqrt(a_i a_j) (1 - k_ij), b = sum x_i b_i.

    Sources: Peng and Robinson, Ind. Eng. Chem. Fundam. 15 (1976) 59; Robinson and Peng, GPA Research Report 28 (1978), which alters acentric factors above 0.491; Soave, Chem. Eng. Sci. 27 (1972) 1197.

    Args:
        ids: c species keys.
        tc: critical temperatures [K].
        pc: critical pressures [Pa].
        omega: acentric factors [1].
        form: "PR76", "PR78" or "SRK".
        kij: binary interaction parameters [1], shape (c, c), symmetric with a zero diagonal; None for zeros.
        alpha: temperature dependence of a; None for Soave's with the form's own polynomial in the acentric factor.

    Raises:
        InputError: lengths differ, a constant is not positive, the form is unknown, kij is not symmetric.
    """

    ids: tuple[str, ...] = field(converter=_names)
    tc: tuple[float, ...] = field(converter=_floats)
    pc: tuple[float, ...] = field(converter=_floats)
    omega: tuple[float, ...] = field(converter=_floats)
    form: str = "PR78"
    kij: tuple[tuple[float, ...], ...] | None = field(default=None, converter=_rows)
    alpha: Alpha | None = None

    def __attrs_post_init__(self) -> None:
        n = len(self.ids)
        if n == 0:
            raise InputError("an empty mixture: no species given", where="ids", fix="give at least one species")
        if self.form not in FORMS:
            raise InputError(f"no cubic equation {self.form!r}", where="form", fix=did_you_mean(self.form, FORMS))
        for name in ("tc", "pc", "omega"):
            values = np.array(getattr(self, name))
            if values.shape != (n,):
                raise InputError(f"{values.size} values given, {n} expected", where=name, fix=f"give one for each of {', '.join(self.ids)}")
            if not np.all(np.isfinite(values)) or (name != "omega" and not np.all(values > 0.0)):
                raise InputError(f"values {list(values)} must be finite{' and positive' if name != 'omega' else ''}", where=name, fix="check the constants (kelvin, pascal)")
        if self.kij is not None:
            k = np.array(self.kij)
            if k.shape != (n, n) or not np.all(np.isfinite(k)) or np.any(np.abs(k - k.T) > 1e-12) or np.any(np.diag(k) != 0.0):
                raise InputError(f"interaction parameters must be a finite symmetric {n} x {n} matrix with a zero diagonal", where="kij", fix="check the matrix")

    @property
    def T_limits(self) -> tuple[float, float]:
        """Temperatures [K] between which bubble and dew points are looked for: 0.35 of the lowest critical temperature to 1.3 of the highest."""
        return 0.35 * min(self.tc), 1.3 * max(self.tc)

    def at(self, T: Array, P: Array) -> CubicState:
        """The equation at temperatures T (n,) [K] and pressures P (n,) [Pa]; see :class:`chemwright.thermo.equilibrium.fluid.Fluid`."""
        T, P = np.atleast_1d(np.asarray(T, dtype=float)), np.atleast_1d(np.asarray(P, dtype=float))
        oa, ob, d1, d2 = FORMS[self.form]
        tc, pc, omega = np.array(self.tc), np.array(self.pc), np.array(self.omega)
        alpha = self.alpha or Alpha.soave(self.form, omega)
        s, ds = alpha.root(T[:, None] / tc)
        scale = np.sqrt(oa) * R_GAS * tc / np.sqrt(pc)
        to_a = np.sqrt(P)[:, None] / (R_GAS * T[:, None])
        kij = np.zeros((len(tc),) * 2) if self.kij is None else np.array(self.kij)
        ln_k = np.log(pc / P[:, None]) + 5.373 * (1.0 + omega) * (1.0 - tc / T[:, None])  # Wilson (1969), as Michelsen (1982) starts
        return CubicState(
            T=T,
            P=P,
            s=scale * s * to_a,
            ds=scale * ds / tc * to_a,
            B=ob * R_GAS * tc / pc * P[:, None] / (R_GAS * T[:, None]),
            one_less_k=1.0 - kij,
            d1=d1,
            d2=d2,
            guess=ln_k,
        )
