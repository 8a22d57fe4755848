"""One point where a phase of given composition begins to form another: Newton's method on fugacities, pressure or temperature included."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.thermo.equilibrium.fluid import Array, Fluid

LARGEST_STEP = 1.5
"""Of ln K, ln T times five, and ln P in one step [1]."""


@frozen(eq=False)
class Boundary:
    """Feed z (c,) in equilibrium with a first trace of another phase.

    Args:
        fluid: model of the mixture.
        z: mole fractions of the feed, shape (c,), positive.
        kinds: kind of the feed and of the incipient phase.
    """

    fluid: Fluid
    z: Array
    kinds: tuple[int, int]

    def equations(self, v: Array) -> tuple[Array, Array]:
        """Residuals (c + 1,) and their derivatives (c + 1, c + 2) at v = (ln K, ln T, ln P), K the fraction in the incipient phase over that in the feed.

        ln K_i + ln phi_i(w) - ln phi_i(z) = 0 and sum z_i (K_i - 1) = 0 (Michelsen, Fluid Phase Equilib. 4 (1980) 1).
        """
        c = len(self.z)
        w = self.z * np.exp(np.clip(v[:c], -600.0, 600.0))
        total = float(np.sum(w))
        T, P = float(np.exp(v[c])), float(np.exp(v[c + 1]))
        both = np.stack([self.z, w / total])
        state = self.fluid.at(np.array([T, T]), np.array([P, P]))
        kinds = np.array(self.kinds, dtype=np.int8)
        phi, jac = state.ln_phi_jacobian(both, kinds)
        by_t, by_p = state.ln_phi_dT(both, kinds), state.ln_phi_dP(both, kinds)
        f = np.append(v[:c] + phi[1] - phi[0], total - 1.0)
        out = np.zeros((c + 1, c + 2))
        out[:c, :c] = np.eye(c) + jac[1] * (w / total)
        out[:c, c], out[:c, c + 1] = T * (by_t[1] - by_t[0]), P * (by_p[1] - by_p[0])
        out[c, :c] = w
        return f, out

    def solve(self, v: Array, fixed: int, value: float, *, iterations: int = 25, tolerance: float = 1e-11) -> tuple[Array, Array, int] | None:
        """The point at which unknown number ``fixed`` has a value: unknowns, the full Jacobian (c + 2, c + 2), and the iterations taken; None if it is not reached."""
        c = len(self.z)
        v = v.copy()
        v[fixed] = value
        last = np.zeros(c + 2)
        last[fixed] = 1.0
        weight = np.ones(c + 2)
        weight[c] = 5.0
        for k in range(iterations):
            with np.errstate(all="ignore"):
                f, jac = self.equations(v)
                full = np.vstack([jac, last])
                if not (np.all(np.isfinite(f)) and np.all(np.isfinite(full))):
                    return None
                try:
                    step = np.linalg.solve(full, -np.append(f, v[fixed] - value))
                except np.linalg.LinAlgError:
                    return None
            if np.max(np.abs(f)) < tolerance and np.max(np.abs(step)) < 1e-8:
                return v, full, k
            v = v + step * min(1.0, LARGEST_STEP / max(float(np.max(np.abs(step) * weight)), 1e-300))
        return None
