"""Liquid activity coefficients behind one small protocol: ideal solution and the UNIFAC family, on floats, numpy arrays and CasADi symbols alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from attrs import frozen

from chemwright.errors import InputError
from chemwright.model.lower import exp, log

TRACE = 1e-12
"""Mole fraction that keeps the covered part of a mixture defined when all of it vanishes; used only where a species is missing."""


class ActivityModel(Protocol):
    """Anything that gives ln(gamma) of a liquid."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Species keys, in the order of the mole fractions."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """Species that the model treats as ideal because it has no parameters for them."""
        ...

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(activity coefficient) [1] of each species.

        Args:
            x: n mole fractions: floats, equally shaped numpy arrays, or CasADi scalars.
            T: temperature [K], float, array or scalar symbol.
        """
        ...


@frozen
class Ideal:
    """Raoult's law: every activity coefficient is one."""

    ids: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """Zeros in the shape of the mole fractions (see :class:`ActivityModel`)."""
        _check(self.ids, x)
        return [0.0 * xi for xi in x]


@frozen
class Unifac:
    """A member of the UNIFAC family (:data:`chemwright.thermo.groups.FAMILIES`) with the published parameters that `thermo` (MIT) carries.

    Species without groups, or without an interaction parameter with the rest, stand in ``missing``: their ln(gamma) is zero, and the
    others' are those of the solution without them (mole fractions of the covered species scaled to one), which is smooth and keeps
    Gibbs and Duhem. Make it with :meth:`from_smiles`.

    Args:
        ids: species keys, in order.
        missing: ids treated as ideal.
        covered: indices of the species with groups.
        r, q: volume and surface parameters of the covered species [1].
        nu_q: group surface a main group in each covered species [1], shape (covered, main groups).
        a, b, c: interaction parameters between main groups [K], [1], [1/K], shape (main groups, main groups); b and c empty when zero.
        power: exponent of r in the first part of the combinatorial term [1].
        family: name of the member.
    """

    ids: tuple[str, ...]
    missing: tuple[str, ...]
    covered: tuple[int, ...]
    r: tuple[float, ...]
    q: tuple[float, ...]
    nu_q: tuple[tuple[float, ...], ...]
    a: tuple[tuple[float, ...], ...]
    b: tuple[tuple[float, ...], ...] = ()
    c: tuple[tuple[float, ...], ...] = ()
    power: float = 1.0
    family: str = "original"

    @classmethod
    def from_smiles(cls, species: Sequence[tuple[str, str]], family: str = "original", fragments: bool = False) -> Unifac:
        """Assign groups (see :func:`chemwright.thermo.groups.groups_of`) and take the interactions.

        Where a pair of groups has no parameter, the species with the most such gaps are left out first, the later in the list first
        when equal: give the solvent first.

        Args:
            species: (id, SMILES) of each species, in order.
            family: ``original``, ``dortmund``, ``psrk``, ``unifac2`` or ``dortmund2``.
            fragments: whether molecules that the Dortmund data bank's table lacks are fragmented by SMARTS patterns.

        Raises:
            SubstanceError: a SMILES can't be read.
            InputError: no such family.
        """
        from chemwright.thermo.groups import family as member
        from chemwright.thermo.groups import groups_of, interactions, subgroup

        power = member(family).power
        groups = [groups_of(smiles, family, fragments) for _, smiles in species]
        kept = _compatible(groups, family)
        mains = sorted({subgroup(g, family).main for i in kept for g in groups[i]})
        nu_q = tuple(tuple(sum(n * subgroup(g, family).q for g, n in groups[i].items() if subgroup(g, family).main == m) for m in mains) for i in kept)
        ids = tuple(key for key, _ in species)
        a, b, c = interactions(tuple(mains), family)
        plain = not any(v for matrix in (b, c) for row in matrix for v in row)
        return cls(
            ids=ids,
            missing=tuple(key for i, key in enumerate(ids) if i not in kept),
            covered=tuple(kept),
            r=tuple(sum(n * subgroup(g, family).r for g, n in groups[i].items()) for i in kept),
            q=tuple(sum(row) for row in nu_q),
            nu_q=nu_q,
            a=a,
            b=() if plain else b,
            c=() if plain else c,
            power=power,
            family=family,
        )

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(gamma) of each species: combinatorial and residual part (see :class:`ActivityModel`)."""
        _check(self.ids, x)
        out = [0.0 * xi for xi in x]
        if len(self.covered) < 2:
            return out
        trace = TRACE if self.missing else 0.0
        part = [x[i] + trace for i in self.covered]
        total = _sum(part)
        z = [p / total for p in part]
        volume = _sum([ri * zi for ri, zi in zip(self.r, z, strict=True)])
        surface = _sum([qi * zi for qi, zi in zip(self.q, z, strict=True)])
        scaled = volume if self.power == 1.0 else _sum([ri**self.power * zi for ri, zi in zip(self.r, z, strict=True)])
        psi = self._psi(T)
        mixture = self._residual(psi, [_sum([row[m] * zi for row, zi in zip(self.nu_q, z, strict=True)]) / surface for m in range(len(self.a))])
        for k, i in enumerate(self.covered):
            v, f, w = self.r[k] / volume, self.q[k] / surface, self.r[k] ** self.power / scaled
            combinatorial = 1.0 - w + log(w) - 5.0 * self.q[k] * (1.0 - v / f + log(v / f))
            pure = self._residual(psi, [n / self.q[k] for n in self.nu_q[k]])
            out[i] = combinatorial + _sum([n * (g - g0) for n, g, g0 in zip(self.nu_q[k], mixture, pure, strict=True) if n])
        return out

    def _psi(self, T: Any) -> list[list[Any]]:
        """exp(-(a + b T + c T^2)/T) between main groups; plain ones on the diagonal."""
        n = range(len(self.a))
        if not self.b:
            return [[exp(-amn / T) if amn else 1.0 for amn in row] for row in self.a]
        return [[1.0 if i == j else exp(-self.a[i][j] / T - self.b[i][j] - self.c[i][j] * T) for j in n] for i in n]

    def _residual(self, psi: list[list[Any]], theta: list[Any]) -> list[Any]:
        """ln(Gamma)/Q of each main group from the surface fractions: subgroups of one main group share it."""
        n = range(len(theta))
        s = [_sum([theta[m] * psi[m][k] for m in n]) for k in n]
        return [1.0 - log(s[k]) - _sum([theta[m] * psi[k][m] / s[m] for m in n]) for k in n]


def _sum(terms: Sequence[Any]) -> Any:
    """Sum without a leading zero, so that symbols stay short."""
    out = terms[0]
    for term in terms[1:]:
        out = out + term
    return out


def _check(ids: tuple[str, ...], x: Sequence[Any]) -> None:
    if len(x) != len(ids):
        raise InputError(f"{len(x)} mole fractions given, {len(ids)} expected", fix=f"give one for each of {', '.join(ids)}")


def _compatible(groups: Sequence[dict[int, int]], family: str) -> list[int]:
    """Indices of the species that have groups and whose groups all have parameters with one another."""
    from chemwright.thermo.groups import has_interaction

    kept = [i for i, g in enumerate(groups) if g]
    while True:
        gaps = {i: sum(1 for j in kept if not all(has_interaction(g, h, family) for g in groups[i] for h in groups[j])) for i in kept}
        worst = max(kept, key=lambda i: (gaps[i], i), default=None)
        if worst is None or gaps[worst] == 0:
            return kept
        kept.remove(worst)
