"""Fugacity coefficients of a cubic equation of state and their derivatives, all in closed form."""

from __future__ import annotations

from typing import Self

import numpy as np
from attrs import evolve, frozen

from chemwright.thermo.equilibrium.fluid import LIQUID, STABLE, VAPOUR, Array, Index, Kinds
from chemwright.thermo.equilibrium.roots import compressibility_roots


@frozen(eq=False)
class Mix:
    """Mixture terms of n compositions, all [1]: A = a P/(R T)^2, B = b P/(R T), Z (n,), and the partial molar values (n, c) of a/(b R T)."""

    A: Array
    B: Array
    Z: Array
    bar: Array


@frozen(eq=False)
class CubicState:
    """Classical mixing; see :class:`chemwright.thermo.equilibrium.fluid.FluidState`. Other mixing rules replace the three methods on the partial molar values of a/(b R T).

    Args:
        T: temperatures [K], shape (n,).
        P: pressures [Pa], shape (n,).
        s: sqrt(a_i P)/(R T) [1], shape (n, c).
        ds: d sqrt(a_i)/dT sqrt(P)/(R T) [1/K], shape (n, c).
        B: b_i P/(R T) [1], shape (n, c).
        one_less_k: 1 - k_ij [1], shape (c, c).
        d1, d2: constants of the form.
        guess: ln K of Wilson's rule, shape (n, c).
    """

    T: Array
    P: Array
    s: Array
    ds: Array
    B: Array
    one_less_k: Array
    d1: float
    d2: float
    guess: Array

    @property
    def one_surface(self) -> bool:
        """Always true: liquid and vapour are roots of one equation."""
        return True

    def take(self, rows: Index) -> Self:
        """The states of the given rows, which may repeat."""
        return evolve(self, T=self.T[rows], P=self.P[rows], s=self.s[rows], ds=self.ds[rows], B=self.B[rows], guess=self.guess[rows])

    def ln_phi(self, x: Array, kind: Kinds) -> Array:
        """ln phi [1], shape (n, c)."""
        return self._ln_phi(self._mix(x, kind))

    def ln_phi_jacobian(self, x: Array, kind: Kinds) -> tuple[Array, Array]:
        """ln phi (n, c) and N d ln phi_i/d n_j (n, c, c) [1]."""
        mix = self._mix(x, kind)
        A, B, Z = (v[:, None] for v in (mix.A, mix.B, mix.Z))
        bi, dB = self.B / B, self.B - B
        dA = (mix.bar - A / B) * B + A / B * dB
        dZ = self._dZ(mix, dA, dB)
        log_term, dlog = self._log(Z, B), (dZ + self.d1 * dB) / (Z + self.d1 * B) - (dZ + self.d2 * dB) / (Z + self.d2 * B)
        dbi = -bi[:, :, None] * (dB / B)[:, None, :]
        repulsion = dbi * (Z - 1.0)[:, :, None] + bi[:, :, None] * dZ[:, None, :] - ((dZ - dB) / (Z - B))[:, None, :]
        attraction = self._bar_slopes(x, mix, dA) * log_term[:, :, None] + mix.bar[:, :, None] * dlog[:, None, :]
        return self._ln_phi(mix), repulsion - attraction / (self.d1 - self.d2)

    def ln_phi_dT(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i/dT [1/K] at constant P and x, shape (n, c)."""
        mix = self._mix(x, kind)
        return self._along(x, mix, self._bar_by_temperature(x, mix), -mix.B[:, None] / self.T[:, None])

    def ln_phi_dP(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i/dP [1/Pa] at constant T and x, shape (n, c)."""
        mix = self._mix(x, kind)
        return self._along(x, mix, np.zeros_like(mix.bar), mix.B[:, None] / self.P[:, None])

    def stable_kind(self, x: Array) -> Kinds:
        """The root of lower Gibbs energy: its kind; where there is one root only, vapour when it is nearer to an ideal gas."""
        A, B, _ = self._sums(x)
        low, high = compressibility_roots(A, B, self.d1, self.d2)
        one = high - low <= 1e-12 * high
        gas = np.where(one, low > 3.5 * B, self._departure(A, B, high) < self._departure(A, B, low))  # b/v below 0.29; the critical point of Peng-Robinson has 0.25
        return np.where(gas, VAPOUR, LIQUID).astype(np.int8)

    def compressibility(self, x: Array, kind: Kinds) -> Array:
        """Z [1], shape (n,)."""
        return self._mix(x, kind).Z

    def packing(self, x: Array, kind: Kinds) -> Array:
        """b/v [1] of a phase, shape (n,)."""
        mix = self._mix(x, kind)
        return mix.B / mix.Z

    def ln_k(self) -> Array:
        """Wilson's rule."""
        return self.guess

    def _sums(self, x: Array) -> tuple[Array, Array, Array]:
        """A, B (n,) and the partial molar values (n, c) of a/(b R T)."""
        partial = self.s * ((x * self.s) @ self.one_less_k)
        A, B = np.einsum("ij,ij->i", x, partial), np.einsum("ij,ij->i", x, self.B)
        return A, B, (2.0 * partial - self.B * (A / B)[:, None]) / B[:, None]

    def _bar_slopes(self, x: Array, mix: Mix, dA: Array) -> Array:
        """N d bar_i/d n_j (n, c, c)."""
        A, B = mix.A[:, None], mix.B[:, None]
        bi, growth = self.B / B, self.B / B - 1.0
        pair = self.s[:, :, None] * self.s[:, None, :] * self.one_less_k
        partial = 0.5 * (mix.bar * B + bi * A)
        own = 2.0 * (pair - partial[:, :, None]) + bi[:, :, None] * (growth * A)[:, None, :] - bi[:, :, None] * dA[:, None, :]
        return np.asarray(own / B[:, :, None] - mix.bar[:, :, None] * growth[:, None, :])

    def _bar_by_temperature(self, x: Array, mix: Mix) -> Array:
        """d bar_i/dT [1/K] at constant x, shape (n, c)."""
        xs, xds, B = x * self.s, x * self.ds, mix.B[:, None]
        slope = self.ds * (xs @ self.one_less_k) + self.s * (xds @ self.one_less_k)  # of the partial sums, but for the 1/T that s carries
        total = np.sum(x * slope, axis=1, keepdims=True)
        return np.asarray((2.0 * slope - self.B / B * total) / B - mix.bar / self.T[:, None])

    def _mix(self, x: Array, kind: Kinds) -> Mix:
        A, B, bar = self._sums(x)
        low, high = compressibility_roots(A, B, self.d1, self.d2)
        Z = np.where(kind == VAPOUR, high, low)
        choose = np.flatnonzero((kind == STABLE) & (high > low))
        if choose.size:
            a, b = A[choose], B[choose]
            Z[choose] = np.where(self._departure(a, b, high[choose]) < self._departure(a, b, low[choose]), high[choose], low[choose])
        return Mix(A, B, Z, bar)

    def _log(self, Z: Array, B: Array) -> Array:
        return np.log1p((self.d1 - self.d2) * B / (Z + self.d2 * B))

    def _ln_phi(self, mix: Mix) -> Array:
        B, Z = mix.B[:, None], mix.Z[:, None]
        return self.B / B * (Z - 1.0) - np.log(Z - B) - mix.bar / (self.d1 - self.d2) * self._log(Z, B)

    def _departure(self, A: Array, B: Array, Z: Array) -> Array:
        """sum x ln phi [1], shape (n,)."""
        return Z - 1.0 - np.log(Z - B) - A / (B * (self.d1 - self.d2)) * self._log(Z, B)

    def _dZ(self, mix: Mix, dA: Array, dB: Array) -> Array:
        """Change of Z with changes of A and B, (n, 1) or (n, c)."""
        A, B, Z = (v[:, None] for v in (mix.A, mix.B, mix.Z))
        u, w = self.d1 + self.d2, self.d1 * self.d2
        by_z = 3.0 * Z * Z + 2.0 * ((u - 1.0) * B - 1.0) * Z + A + (w - u) * B * B - u * B
        by_b = (u - 1.0) * Z * Z + (2.0 * (w - u) * B - u) * Z - A - 2.0 * w * B - 3.0 * w * B * B
        by_z = np.where(np.abs(by_z) < 1e-14, 1e-14, by_z)
        return -((Z - B) * dA + by_b * dB) / by_z

    def _along(self, x: Array, mix: Mix, dbar: Array, dB: Array) -> Array:
        """Change of ln phi along T or P, where every B_i changes as B does."""
        A, B, Z = (v[:, None] for v in (mix.A, mix.B, mix.Z))
        dA = np.sum(x * dbar, axis=1, keepdims=True) * B + A / B * dB
        dZ = self._dZ(mix, dA, dB)
        dlog = (dZ + self.d1 * dB) / (Z + self.d1 * B) - (dZ + self.d2 * dB) / (Z + self.d2 * B)
        return self.B / B * dZ - (dZ - dB) / (Z - B) - (dbar * self._log(Z, B) + mix.bar * dlog) / (self.d1 - self.d2)
