"""NRTL, Wilson and UNIQUAC: ln(activity coefficient) on floats, numpy arrays and CasADi symbols alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import evolve, field, frozen

from chemwright.errors import InputError
from chemwright.model.lower import exp, log

Matrix = tuple[tuple[float, ...], ...]


def _matrix(value: Sequence[Sequence[float]]) -> Matrix:
    return tuple(tuple(float(v) for v in row) for row in value)


@frozen
class Local(ABC):
    """What the three models share: one temperature function for each ordered pair, t_ij = a_ij + b_ij/T + c_ij ln(T/K).

    Args:
        ids: species keys, in order.
        a: [1], shape (n, n); the diagonal is not read.
        b: [K], likewise.
        c: [1], likewise; zeros when left out.
        source: where the numbers come from.
        missing: always empty: a pair without parameters is an error, not an ideal pair.
    """

    ids: tuple[str, ...]
    a: Matrix = field(converter=_matrix)
    b: Matrix = field(converter=_matrix)
    c: Matrix = field(converter=_matrix, factory=tuple)
    source: str = ""
    missing: tuple[str, ...] = ()
    kind: ClassVar[str] = ""

    def __attrs_post_init__(self) -> None:
        n = len(self.ids)
        for name, m in (("a", self.a), ("b", self.b), ("c", self.c or ((0.0,) * n,) * n)):
            if len(m) != n or any(len(row) != n for row in m):
                raise InputError(f"parameter matrix {name} is not {n} x {n}", where=self.kind, fix="give one row and one column for each species")

    def pair(self, i: int, j: int, T: Any) -> Any:
        """t_ij [1] at T [K]."""
        t = self.a[i][j] + self.b[i][j] / T
        return t + self.c[i][j] * log(T) if self.c and self.c[i][j] else t

    def with_values(self, a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> Local:
        """The same model with other numbers."""
        return evolve(self, a=a, b=b)

    @abstractmethod
    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(activity coefficient) [1] of each species (see :class:`chemwright.thermo.ActivityModel`)."""

    def _checked(self, x: Sequence[Any]) -> range:
        if len(x) != len(self.ids):
            raise InputError(f"{len(x)} mole fractions given, {len(self.ids)} expected", fix=f"give one for each of {', '.join(self.ids)}")
        return range(len(self.ids))


@frozen
class Nrtl(Local):
    """Non-random two-liquid model (Renon, Prausnitz, AIChE J. 14 (1968) 135, eqs. 16-18); tau_ij = t_ij, G_ij = exp(-alpha_ij tau_ij).

    Args:
        alpha: non-randomness [1], shape (n, n), symmetric.
    """

    alpha: Matrix = field(converter=_matrix, kw_only=True)
    kind: ClassVar[str] = "nrtl"

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(activity coefficient) [1] of each species."""
        n = self._checked(x)
        tau = [[0.0 if i == j else self.pair(i, j, T) for j in n] for i in n]
        G = [[1.0 if i == j else exp(-self.alpha[i][j] * tau[i][j]) for j in n] for i in n]
        s = [_sum([x[k] * G[k][j] for k in n]) for j in n]
        m = [_sum([x[k] * G[k][j] * tau[k][j] for k in n if k != j]) / s[j] for j in n]
        return [m[i] + _sum([x[j] * G[i][j] / s[j] * (tau[i][j] - m[j]) for j in n]) for i in n]


@frozen
class Wilson(Local):
    """Wilson's equation (J. Am. Chem. Soc. 86 (1964) 127, eq. 6); ln Lambda_ij = t_ij. It can't describe two liquid phases."""

    kind: ClassVar[str] = "wilson"

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(activity coefficient) [1] of each species."""
        n = self._checked(x)
        L = [[1.0 if i == j else exp(self.pair(i, j, T)) for j in n] for i in n]
        s = [_sum([x[j] * L[i][j] for j in n]) for i in n]
        return [1.0 - log(s[i]) - _sum([x[k] * L[k][i] / s[k] for k in n]) for i in n]


@frozen
class Uniquac(Local):
    """UNIQUAC (Abrams, Prausnitz, AIChE J. 21 (1975) 116, eq. 20); ln tau_ij = t_ij, coordination number 10.

    Args:
        r, q: volume and surface parameters [1], shape (n,).
    """

    r: tuple[float, ...] = field(kw_only=True)
    q: tuple[float, ...] = field(kw_only=True)
    kind: ClassVar[str] = "uniquac"

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(activity coefficient) [1] of each species: combinatorial and residual part."""
        n = self._checked(x)
        tau = [[1.0 if i == j else exp(self.pair(i, j, T)) for j in n] for i in n]
        volume, surface = _sum([x[i] * self.r[i] for i in n]), _sum([x[i] * self.q[i] for i in n])
        theta = [x[i] * self.q[i] / surface for i in n]
        s = [_sum([theta[j] * tau[j][i] for j in n]) for i in n]
        out = []
        for i in n:
            v, f = self.r[i] / volume, self.q[i] / surface
            combinatorial = 1.0 - v + log(v) - 5.0 * self.q[i] * (1.0 - v / f + log(v / f))
            out.append(combinatorial + self.q[i] * (1.0 - log(s[i]) - _sum([theta[j] * tau[i][j] / s[j] for j in n])))
        return out


def _sum(terms: Sequence[Any]) -> Any:
    """Sum without a leading zero, so that symbols stay short."""
    out = terms[0]
    for term in terms[1:]:
        out = out + term
    return out
