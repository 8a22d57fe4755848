"""An excess Gibbs energy of pairs of species, and its exact derivatives: what the learned part and a user's fit put on top of a base model.

With Q_i = n_i q_i (amount times size), N the sum of Q, z_i = Q_i/N and u = 2 (340 K/T - 1):

    G/RT = sum over pairs i < j of N z_i z_j [A0 + A1 u + (B0 + B1 u)(z_i - z_j) + C (z_i - z_j)^2]

an expansion of Redlich and Kister's kind (Ind. Eng. Chem. 40 (1948) 345) in fractions weighted by size. A and C are symmetric and B antisymmetric in the two species, so nothing
depends on their order; ln(gamma_k) is the derivative of G/RT with respect to n_k in closed form, so Gibbs and Duhem hold to rounding; a pure species has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

COEFFICIENTS = ("A0", "B0", "A1", "B1", "C")
T_REFERENCE = 340.0


@frozen
class PairExcess:
    """The coefficients.

    Args:
        size: q of each species [1].
        pairs: (i, j) with i < j.
        theta: A0, B0, A1, B1, C [1] of each pair.
    """

    size: tuple[float, ...]
    pairs: tuple[tuple[int, int], ...]
    theta: tuple[tuple[float, ...], ...]

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(gamma) [1] of each species from mole fractions and T [K]: floats, arrays, CasADi symbols alike."""
        out: list[Any] = [0.0 * xi for xi in x]
        z, _ = fractions(self.size, x)
        for (i, j), c in zip(self.pairs, self.theta, strict=True):
            for k, terms in enumerate(derivatives(self.size, z, T, i, j)):
                for t, v in zip(terms, c, strict=True):
                    if v:
                        out[k] = out[k] + t * v
        return out


def fractions(size: Sequence[float], x: Sequence[Any]) -> tuple[list[Any], Any]:
    """z_i and sum of x q."""
    q = [qi * xi for qi, xi in zip(size, x, strict=True)]
    total = q[0]
    for qi in q[1:]:
        total = total + qi
    return [qi / total for qi in q], total


def derivatives(size: Sequence[float], z: Sequence[Any], T: Any, i: int, j: int) -> list[list[Any]]:
    """d(ln gamma_k)/d(A0, B0, A1, B1, C) of the pair (i, j) for each species k, at size-weighted fractions z and T [K].

    For f(z_i, z_j) the term N f has the derivative q_k [f + f_k - z_i f_i - z_j f_j] with f_k the partial derivative (zero for a third species).
    """
    a, b, d = z[i], z[j], z[i] - z[j]
    u = 2.0 * (T_REFERENCE / T - 1.0)
    f = (a * b, a * b * d, a * b * d * d)
    fi = (b, b * d + a * b, b * d * d + 2.0 * a * b * d)
    fj = (a, a * d - a * b, a * d * d - 2.0 * a * b * d)
    rest = [value - a * p - b * r for value, p, r in zip(f, fi, fj, strict=True)]
    out = []
    for k, q in enumerate(size):
        own = fi if k == i else fj if k == j else None
        g = [q * (r if own is None else r + own[m]) for m, r in enumerate(rest)]
        out.append([g[0], g[1], u * g[0], u * g[1], g[2]])
    return out
