"""Fugacity coefficients of a cubic equation of state and their derivatives, all in closed form."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.thermo.equilibrium.fluid import LIQUID, STABLE, VAPOUR, Array, Index, Kinds, log_fractions
from chemwright.thermo.equilibrium.roots import compressibility_roots


@frozen(eq=False)
class _Mix:
    """Mixture terms of n compositions: A, B, Z (n,) and sum_j x_j A_ij (n, c), all [1]."""

    A: Array
    B: Array
    Z: Array
    partial: Array


@frozen(eq=False)
class CubicState:
    """See :class:`chemwright.thermo.equilibrium.fluid.FluidState`.

    Args:
        T: temperatures [K], shape (n,).
        P: pressures [Pa], shape (n,).
        s: sqrt(a_i P)/(R T) [1], shape (n, c).
        ds: d sqrt(a_i)/dT sqrt(P)/(R T) [1/K], shape (n, c).
        B: b_i P/(R T) [1], shape (n, c).
        one_less_k: 1 - k_ij [1], shape (c, c).
        d1, d2: constants of the form.
        guess: ln K of Wilson's rule, shape (n, c).
        one_surface: always true.
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
    one_surface: bool = True

    def take(self, rows: Index) -> CubicState:
        """The states of the given rows, which may repeat."""
        return CubicState(self.T[rows], self.P[rows], self.s[rows], self.ds[rows], self.B[rows], self.one_less_k, self.d1, self.d2, self.guess[rows])

    def ln_phi(self, x: Array, kind: Kinds) -> Array:
        """ln phi [1], shape (n, c)."""
        return self._ln_phi(self._mix(x, kind))

    def ln_phi_jacobian(self, x: Array, kind: Kinds) -> tuple[Array, Array]:
        """ln phi (n, c) and N d ln phi_i/d n_j (n, c, c) [1]."""
        mix = self._mix(x, kind)
        A, B, Z = (v[:, None] for v in (mix.A, mix.B, mix.Z))
        bi = self.B / B
        dA, dB = 2.0 * (mix.partial - A), self.B - B
        dZ = self._dZ(mix, dA, dB)
        log_term, dlog = self._log(Z, B), (dZ + self.d1 * dB) / (Z + self.d1 * B) - (dZ + self.d2 * dB) / (Z + self.d2 * B)
        width = B * (self.d1 - self.d2)
        top = (2.0 * mix.partial - bi * A) / width
        dbi = -bi[:, :, None] * (dB / B)[:, None, :]
        pair = self.s[:, :, None] * self.s[:, None, :] * self.one_less_k
        dtop = (2.0 * (pair - mix.partial[:, :, None]) - dbi * A[:, :, None] - bi[:, :, None] * dA[:, None, :]) / width[:, :, None] - top[:, :, None] * (dB / B)[:, None, :]
        jac = dbi * (Z - 1.0)[:, :, None] + bi[:, :, None] * dZ[:, None, :] - ((dZ - dB) / (Z - B))[:, None, :]
        return self._ln_phi(mix), jac - dtop * log_term[:, :, None] - top[:, :, None] * dlog[:, None, :]

    def ln_phi_dT(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i/dT [1/K] at constant P and x, shape (n, c)."""
        mix, T = self._mix(x, kind), self.T[:, None]
        xs, xds = x * self.s, x * self.ds
        cross, own = xds @ self.one_less_k, xs @ self.one_less_k
        dpartial = self.ds * own + self.s * cross - 2.0 * mix.partial / T  # s carries 1/T
        dA = np.sum(x * dpartial, axis=1, keepdims=True)
        return self._along(mix, dpartial, dA, -mix.B[:, None] / T)

    def ln_phi_dP(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i/dP [1/Pa] at constant T and x, shape (n, c)."""
        mix, P = self._mix(x, kind), self.P[:, None]
        return self._along(mix, mix.partial / P, mix.A[:, None] / P, mix.B[:, None] / P)

    def stable_kind(self, x: Array) -> Kinds:
        """The root of lower Gibbs energy: its kind; where there is one root only, vapour when it is nearer to an ideal gas."""
        n = len(x)
        mix = self._mix(x, np.full(n, LIQUID, dtype=np.int8))
        high = self._mix(x, np.full(n, VAPOUR, dtype=np.int8))
        low_g, high_g = (self._departure(m.A, m.B, m.Z) for m in (mix, high))
        one = high.Z - mix.Z <= 1e-12 * high.Z
        gas = np.where(one, mix.Z > 3.5 * mix.B, high_g < low_g)  # b/v below 0.29; the critical point of Peng-Robinson has 0.25
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

    def _mix(self, x: Array, kind: Kinds) -> _Mix:
        partial = self.s * ((x * self.s) @ self.one_less_k)
        A, B = np.einsum("ij,ij->i", x, partial), np.einsum("ij,ij->i", x, self.B)
        low, high = compressibility_roots(A, B, self.d1, self.d2)
        Z = np.where(kind == VAPOUR, high, low)
        choose = np.flatnonzero((kind == STABLE) & (high > low))
        if choose.size:
            a, b = A[choose], B[choose]
            Z[choose] = np.where(self._departure(a, b, high[choose]) < self._departure(a, b, low[choose]), high[choose], low[choose])
        return _Mix(A, B, Z, partial)

    def _log(self, Z: Array, B: Array) -> Array:
        return np.log1p((self.d1 - self.d2) * B / (Z + self.d2 * B))

    def _ln_phi(self, mix: _Mix) -> Array:
        A, B, Z = (v[:, None] for v in (mix.A, mix.B, mix.Z))
        bi = self.B / B
        return bi * (Z - 1.0) - np.log(Z - B) - (2.0 * mix.partial - bi * A) / (B * (self.d1 - self.d2)) * self._log(Z, B)

    def _departure(self, A: Array, B: Array, Z: Array) -> Array:
        """sum x ln phi [1], shape (n,)."""
        return Z - 1.0 - np.log(Z - B) - A / (B * (self.d1 - self.d2)) * self._log(Z, B)

    def _dZ(self, mix: _Mix, dA: Array, dB: Array) -> Array:
        """Change of Z with changes of A and B, (n, 1) or (n, c)."""
        A, B, Z = (v[:, None] for v in (mix.A, mix.B, mix.Z))
        u, w = self.d1 + self.d2, self.d1 * self.d2
        by_z = 3.0 * Z * Z + 2.0 * ((u - 1.0) * B - 1.0) * Z + A + (w - u) * B * B - u * B
        by_b = (u - 1.0) * Z * Z + (2.0 * (w - u) * B - u) * Z - A - 2.0 * w * B - 3.0 * w * B * B
        by_z = np.where(np.abs(by_z) < 1e-14, 1e-14, by_z)
        return -((Z - B) * dA + by_b * dB) / by_z

    def _along(self, mix: _Mix, dpartial: Array, dA: Array, dB: Array) -> Array:
        """Change of ln phi along T or P, where every B_i changes as B does."""
        A, B, Z = (v[:, None] for v in (mix.A, mix.B, mix.Z))
        bi, width = self.B / B, B * (self.d1 - self.d2)
        dZ = self._dZ(mix, dA, dB)
        top = (2.0 * mix.partial - bi * A) / width
        dtop = (2.0 * dpartial - bi * dA) / width - top * dB / B
        dlog = (dZ + self.d1 * dB) / (Z + self.d1 * B) - (dZ + self.d2 * dB) / (Z + self.d2 * B)
        return bi * dZ - (dZ - dB) / (Z - B) - dtop * self._log(Z, B) - top * dlog


def gibbs(x: Array, ln_phi: Array) -> Array:
    """sum x (ln x + ln phi) [1], shape (n,): the Gibbs energy over R T of a mole less that of the ideal gases at the same T and P."""
    return np.sum(x * (log_fractions(x) + ln_phi), axis=-1)
