"""The hybrid activity model: mean excess Gibbs energy of two members of the UNIFAC family with complete matrices, plus a learned one of pairs, with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from chemwright.errors import InputError
from chemwright.thermo.activity import ActivityModel, Unifac
from chemwright.thermo.hybrid.excess import PairExcess, derivatives, fractions

Array = NDArray[np.float64]
NOTHING = 1e-12
"""Size of a species that is treated as ideal: the others then are as if it were not there, and the fractions stay defined where nothing else is."""
OUTSIDE = 4.0
"""Standard deviation [1] of A0 of a pair with a species the model is not for (ions, metals, ...): nothing is known."""


@frozen(eq=False)
class HybridActivity:
    """An :class:`~chemwright.thermo.activity.ActivityModel` with uncertainty. Make it with :func:`hybrid`.

    ln(gamma) is the exact derivative of one excess Gibbs energy in closed form, for floats, arrays and CasADi symbols alike: Gibbs and Duhem hold, pure limits are exact,
    infinite dilution is no special case, and the order of the species does not matter.

    Args:
        ids: species keys, in order.
        missing: ids treated as ideal: outside the model's domain and without UNIFAC groups.
        bases: members of the UNIFAC family (or another model, in a fit); their mean is the base.
        excess: the learned part.
        covariance: of its coefficients, pair by pair, shape (5 pairs, 5 pairs).
        outside: id and reason of each species outside the model's domain.
        floor: standard deviation of ln P that stays when the coefficients are known [1].
    """

    ids: tuple[str, ...]
    missing: tuple[str, ...]
    bases: tuple[ActivityModel, ...]
    excess: PairExcess
    covariance: Array = field(repr=False)
    outside: tuple[tuple[str, str], ...] = ()
    floor: float = 0.0

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(gamma) [1] of each species (see :class:`~chemwright.thermo.activity.ActivityModel`).

        Raises:
            InputError: not one mole fraction a species.
        """
        if len(x) != len(self.ids):
            raise InputError(f"{len(x)} mole fractions given, {len(self.ids)} expected", fix=f"give one for each of {', '.join(self.ids)}")
        out = self.excess.ln_gamma(x, T)
        for base in self.bases:
            out = [a + b / len(self.bases) for a, b in zip(out, base.ln_gamma(x, T), strict=True)]
        return out

    def sensitivity(self, x: Sequence[Any], T: Any) -> Array:
        """d ln(gamma_k)/d coefficient of points (floats or arrays of shape (n,)), shape (species, n, 5 pairs)."""
        columns = [np.atleast_1d(np.asarray(v, dtype=float)) for v in np.broadcast_arrays(*x, T)]
        z, t = fractions(self.excess.size, columns[:-1])[0], columns[-1]
        blocks = [np.array(derivatives(self.excess.size, z, t, i, j)) for i, j in self.excess.pairs]
        return np.concatenate(blocks, 1).transpose(0, 2, 1) if blocks else np.zeros((len(self.ids), len(t), 0))

    def ln_gamma_std(self, x: Sequence[Any], T: Any) -> list[Array]:
        """Standard deviation [1] of ln(gamma) of each species, arrays of shape (n,)."""
        s, unknown = self.sensitivity(x, T), self._unknown(x, T)
        return [np.sqrt(np.maximum(np.einsum("na,ab,nb->n", row, self.covariance, row), 0.0) + u**2) for row, u in zip(s, unknown, strict=True)]

    def _unknown(self, x: Sequence[Any], T: Any) -> list[Array]:
        """Standard deviation of ln(gamma) of each species by those that are treated as ideal for want of anything known: OUTSIDE times how much of them the species sees."""
        columns = [np.atleast_1d(np.asarray(v, dtype=float)) for v in np.broadcast_arrays(*x, T)][:-1]
        strange = np.zeros(columns[0].shape) + sum(c for key, c in zip(self.ids, columns, strict=True) if key in self.missing)
        return [OUTSIDE * (1.0 - c if key in self.missing else strange) for key, c in zip(self.ids, columns, strict=True)]

    def ln_pressure_std(self, x: Sequence[Any], T: Any, y: Sequence[Any]) -> Array:
        """Standard deviation [1] of the logarithm of the bubble pressure of a liquid x [1] at T [K] whose vapour is y [1], shape (n,): times 1.645 for 90 % intervals.

        d ln P = sum of y_k d ln(gamma_k), joined with what stays when the coefficients are known.
        """
        part = np.array([np.broadcast_to(np.asarray(v, dtype=float), np.broadcast_shapes(np.shape(v), np.shape(T), np.shape(x[0]))).ravel() for v in y])
        s = np.einsum("kna,kn->na", self.sensitivity(x, T), part)
        unknown = (part * np.array(self._unknown(x, T))).sum(0)
        return np.sqrt(np.maximum(np.einsum("na,ab,nb->n", s, self.covariance, s), 0.0) + unknown**2 + self.floor**2)


def hybrid(species: Sequence[tuple[str, str]]) -> HybridActivity:
    """The hybrid model of a mixture.

    Args:
        species: (id, SMILES) of each species, in order.

    Raises:
        SubstanceError: a SMILES can't be read.
        InputError: no species, or two with one id.
    """
    from chemwright.thermo.hybrid.descriptors import features
    from chemwright.thermo.hybrid.learned import shipped

    ids, smiles = tuple(key for key, _ in species), [s for _, s in species]
    if not ids or len(set(ids)) < len(ids):
        raise InputError("no species given" if not ids else "two species have the same id", fix="give each species once, as (id, SMILES)")
    found, learned = [features(s) for s in smiles], shipped()
    outside = tuple((key, f.outside) for key, f in zip(ids, found, strict=True) if f.outside)
    strange = {key for key, _ in outside}
    pairs = tuple(combinations(range(len(ids)), 2))
    fine = [n for n, (i, j) in enumerate(pairs) if not strange & {ids[i], ids[j]}]
    theta, covariance = np.zeros((len(pairs), 5)), np.zeros((len(pairs), 5, 5))
    covariance[:, 0, 0] = OUTSIDE**2
    if fine:
        asked = learned.asked(smiles, [pairs[n] for n in fine])
        theta[fine], covariance[fine] = learned.mean(asked), learned.covariance(asked)
    bases = base_models(species)
    without = set.intersection(*(set(b.missing) for b in bases))
    return HybridActivity(
        ids=ids,
        missing=tuple(key for key in ids if key in strange and key in without),
        bases=bases,
        excess=PairExcess(
            tuple(NOTHING if key in strange and key in without else f.size for key, f in zip(ids, found, strict=True)), pairs, tuple(tuple(float(v) for v in row) for row in theta)
        ),
        covariance=_blocks(covariance),
        outside=outside,
        floor=learned.floor,
    )


def base_models(species: Sequence[tuple[str, str]]) -> tuple[Unifac, ...]:
    """The members whose mean is the base: those that cover the mixture, else the one that covers most of it."""
    from chemwright.thermo.hybrid.descriptors import BASES

    members = [Unifac.from_smiles(species, name, fragments=True) for name in BASES]
    least = min(len(m.missing) for m in members)
    best = [m for m in members if len(m.missing) == least]
    return tuple(best) if len({m.missing for m in best}) == 1 else (best[0],)


def _blocks(parts: Array) -> Array:
    """Block diagonal of shape (5 n, 5 n)."""
    out = np.zeros((5 * len(parts), 5 * len(parts)))
    for n, part in enumerate(parts):
        out[5 * n : 5 * n + 5, 5 * n : 5 * n + 5] = part
    return out
