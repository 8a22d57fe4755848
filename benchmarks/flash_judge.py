"""The judge of a flash: what an answer must hold, computed apart from the solver.

Written before the solver. Fugacity coefficients of the cubic family are computed here anew (roots by eigenvalues, one feed at a time); those of UNIFAC are gamma psat / P, the vapour's are one. An answer is right when

- ``fugacity``: ln f of every component is equal in all phases within 1e-8 [1];
- ``balance``: amounts of the phases add up to the feed within 1e-12 [mol a mol of feed], and fractions add up to one within 1e-12;
- ``gibbs``: its Gibbs energy is not above that of the feed as one phase of any kind, by more than 1e-10 [RT a mol];
- ``trivial``: no two of its phases are the same (largest difference of a mole fraction and of ln of the compressibility factor both below 1e-6);
- ``stable`` (on a subsample, as it is slow): no trial phase from 30 random and all pure starts, minimised by a method of its own (L-BFGS in ln of amounts), lies under the common tangent plane by more than 1e-7 [1].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from flash_stress_set import Array, Mixture

R = 8.31446261815324
LIMITS = {"fugacity": 1e-8, "balance": 1e-12, "gibbs": 1e-10, "trivial": 1e-6, "stable": 1e-7}
LnPhi = Callable[[Array, str], tuple[Array, float]]


@frozen
class Verdict:
    """Largest deviations of one answer: see the module; ``ok`` when all are within the limits."""

    phases: int
    fugacity: float
    balance: float
    gibbs: float
    nearness: float

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong."""
        out = [name for name, value in (("fugacity", self.fugacity), ("balance", self.balance), ("gibbs", self.gibbs)) if not value <= LIMITS[name]]
        return (*out, *(("trivial",) if self.nearness < LIMITS["trivial"] else ()))


def ln_phi(mixture: Mixture, T: float, P: float, activity: Any) -> LnPhi:
    """Function of composition and kind (``vapour`` or ``liquid``) that gives ln phi (c,) and the compressibility factor."""
    if mixture.family == "UNIFAC":
        ln_psat = np.array([a - b / (T + c) for a, b, c in (s.antoine for s in mixture.substances)])

        def gamma_phi(x: Array, kind: str) -> tuple[Array, float]:
            if kind == "vapour":
                return np.zeros(len(x)), 1.0
            return np.array([float(g) for g in activity.ln_gamma([float(v) for v in x], T)]) + ln_psat - np.log(P), 1e-3

        return gamma_phi
    tc, pc, w = (np.array([getattr(s, k) for s in mixture.substances]) for k in ("tc", "pc", "omega"))
    if mixture.family == "PR":
        oa, ob, d1, d2 = 0.457235528921382, 0.0777960739038885, 1.0 + 2.0**0.5, 1.0 - 2.0**0.5
        m = 0.37464 + 1.54226 * w - 0.26992 * w * w
    else:
        oa, ob, d1, d2 = 0.427480233540341, 0.0866403499649577, 1.0, 0.0
        m = 0.480 + 1.574 * w - 0.176 * w * w
    a = oa * (R * tc) ** 2 / pc * (1.0 + m * (1.0 - np.sqrt(T / tc))) ** 2
    b = ob * R * tc / pc
    aij = np.sqrt(np.outer(a, a)) * (1.0 - mixture.kij)

    def cubic(x: Array, kind: str) -> tuple[Array, float]:
        am, bm = float(x @ aij @ x), float(x @ b)
        A, B = am * P / (R * T) ** 2, bm * P / (R * T)
        u, w2 = d1 + d2, d1 * d2
        roots = np.roots([1.0, (u - 1.0) * B - 1.0, A + w2 * B * B - u * B - u * B * B, -(A * B + w2 * B * B + w2 * B**3)])
        real = np.sort(roots[np.abs(roots.imag) < 1e-7 * np.abs(roots)].real)
        real = real[real > B]
        z = float(real[-1] if kind == "vapour" else real[0])
        for _ in range(3):  # eigenvalues carry 1e-9
            f = ((z + (u - 1.0) * B - 1.0) * z + A + w2 * B * B - u * B - u * B * B) * z - (A * B + w2 * B * B + w2 * B**3)
            z -= f / ((3.0 * z + 2.0 * ((u - 1.0) * B - 1.0)) * z + A + w2 * B * B - u * B - u * B * B)
        term = A / (B * (d1 - d2)) * (2.0 * (aij @ x) / am - b / bm) * np.log((z + d1 * B) / (z + d2 * B))
        return b / bm * (z - 1.0) - np.log(z - B) - term, z

    return cubic


def judge(z: Array, phases: Sequence[tuple[float, Array, str]], phi: LnPhi) -> Verdict:
    """Hold an answer, phases of (amount, mole fractions, kind), against feed z (c,)."""
    seen = [(beta, x, *phi(x, kind)) for beta, x, kind in phases]
    with np.errstate(divide="ignore"):
        ln_f = np.array([np.log(x) + f for _, x, f, _ in seen])
    fugacity = float(np.max(np.ptp(ln_f, axis=0))) if len(seen) > 1 else 0.0
    balance = max(float(np.max(np.abs(sum(beta * x for beta, x, _, _ in seen) - z))), *(abs(float(x.sum()) - 1.0) for _, x, _, _ in seen))
    split = sum(beta * gibbs(x, f) for beta, x, f, _ in seen)
    single = min(gibbs(z, phi(z, kind)[0]) for kind in ("vapour", "liquid"))
    near = [max(float(np.max(np.abs(x - v))), abs(float(np.log(a / b)))) for i, (_, x, _, a) in enumerate(seen) for _, v, _, b in seen[:i]]
    if any(beta < -1e-15 for beta, *_ in seen) or not np.all(np.isfinite(ln_f)):
        fugacity = np.inf
    return Verdict(len(seen), fugacity, balance, float(split - single), min(near, default=np.inf))


def gibbs(x: Array, f: Array) -> float:
    """Gibbs energy of a phase less the ideal gases' at the same pressure [RT a mol]."""
    return float(np.sum(x * (np.log(np.maximum(x, 1e-300)) + f)))


def lowest_tangent(x: Array, kind: str, phi: LnPhi, seed: int, starts: int = 30) -> float:
    """Lowest distance 1 + sum W (ln W + ln phi - d - 1) to the tangent plane at phase x (c,) [1] that many starts find; negative means another phase would lower the Gibbs energy."""
    from scipy.optimize import minimize

    d = np.log(np.maximum(x, 1e-300)) + phi(x, kind)[0]
    n, rng, lowest = len(x), np.random.default_rng(seed), 0.0
    begins = [*np.log(rng.dirichlet(np.full(n, 0.5), starts) + 1e-10), *np.log(0.98 * np.eye(n) + 0.02 / n)]
    for k in ("vapour", "liquid"):

        def distance(u: Array, k: str = k) -> tuple[float, Array]:
            w = np.exp(np.clip(u, -700.0, 50.0))
            gap = u + phi(w / w.sum(), k)[0] - d
            return 1.0 + float(w @ (gap - 1.0)), w * gap

        for u in begins:
            lowest = min(lowest, float(minimize(distance, u, jac=True, method="L-BFGS-B", bounds=[(-650.0, 40.0)] * n, options={"maxiter": 200}).fun))
    return lowest
