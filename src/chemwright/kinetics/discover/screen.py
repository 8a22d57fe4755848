"""Which sets of reactions the data prefer, before anything is integrated: non-negative regression of the changes on integrals of the candidate rates.

With smoothed courses c(t) the change of a species is linear in the rate constants, c(t) - c(0) = sum nu_j k_j int f_j(c) dt (the integral method;
Himmelblau, Jones and Bischoff 1967, Ind. Eng. Chem. Fundam. 6, 539). The temperature enters by a few activation energies a reaction, whose non-negative mixture
follows a curve between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen

from chemwright.kinetics.discover.series import Series
from chemwright.kinetics.network import Reaction
from chemwright.model.gas import GAS_CONSTANT
from chemwright.model.protocol import Array

ENERGIES = (25e3, 50e3, 75e3, 100e3, 130e3)
Orders = tuple[tuple[str, float], ...]


@frozen
class Term:
    """A reaction with its rate k prod c^n / (1 + K c_h).

    Args:
        reaction: what reacts.
        orders: (species, n).
        hindered: (species h, trial value of K in m^3/mol), or empty for no denominator.
    """

    reaction: Reaction
    orders: Orders
    hindered: tuple[str, float] | None = None

    @property
    def key(self) -> tuple[Orders, Orders, Orders, tuple[str, float] | None]:
        """What it is, apart from its id."""
        return tuple(sorted(self.reaction.reactants)), tuple(sorted(self.reaction.products)), tuple(sorted(self.orders)), self.hindered

    @property
    def size(self) -> float:
        """Molecules on both sides and the sum of orders: the simpler first where nothing else decides."""
        return sum(n for _, n in self.reaction.reactants + self.reaction.products) + sum(abs(n) for _, n in self.orders) + 2 * bool(self.hindered)

    @property
    def named(self) -> tuple[str, ...]:
        """Species that the rate depends on."""
        return tuple(s for s, _ in self.orders) + ((self.hindered[0],) if self.hindered else ())


def elementary(reaction: Reaction) -> Term:
    """The reaction as mass action."""
    return Term(reaction, reaction.reactants)


def change_of(reaction: Reaction, species: Sequence[str]) -> Array:
    """Net change of every species, shape (S,)."""
    out = np.zeros(len(species))
    for sign, side in ((-1.0, reaction.reactants), (1.0, reaction.products)):
        for name, n in side:
            out[species.index(name)] += sign * n
    return out


@frozen(eq=False)
class Screened:
    """A set of terms with its score (smaller is better), and start values: k (SI, at the middle temperature) and Ea (J/mol) of each."""

    terms: tuple[Term, ...]
    score: float
    k: Array
    Ea: Array


@frozen(eq=False)
class Screen:
    """The regression over one data set.

    Args:
        series: the data.
        t_ref: K, middle of the runs' temperatures.
        weight: of the remainder, so that the noise counts as one.
    """

    series: Series
    t_ref: float
    n: int
    _kept: dict[object, Array] = field(factory=dict)

    @classmethod
    def of(cls, series: Series) -> Screen:
        """For a data set."""
        heat = [c.temperature for c in series.courses]
        return cls(series, float(2 / (1 / min(heat) + 1 / max(heat))), int(sum(c.change.size for c in series.courses)))

    @property
    def isothermal(self) -> bool:
        """Whether all runs have one temperature, within a kelvin."""
        heat = [c.temperature for c in self.series.courses]
        return max(heat) - min(heat) < 1.0

    def determined(self, reactions: Sequence[Reaction]) -> bool:
        """Whether the measured species fix the changes of all species in these reactions."""
        nu = np.array([change_of(r, self.series.species) for r in reactions])
        return bool(np.linalg.matrix_rank(nu[:, self.series.columns]) == np.linalg.matrix_rank(nu))

    def judge(self, terms: Sequence[Term]) -> Screened:
        """Score a set: the remainder's likelihood as in BIC, two numbers a reaction (one where isothermal)."""
        from scipy.optimize import nnls

        design, energies = self._design(terms), ENERGIES[2:3] if self.isothermal else ENERGIES
        target = self.series.scaled.ravel()
        width = np.sqrt((design**2).sum(axis=0))
        width[width == 0] = 1.0
        weights, off = nnls(design / width, target)
        weights = (weights / width).reshape(len(terms), len(energies))
        k = weights.sum(axis=1)
        Ea = np.where(k > 0, weights @ np.array(energies) / np.maximum(k, 1e-300), 70e3)
        # the noise is known to a degree, and smoothing adds its own: neither the remainder nor the noise alone
        score = float(self.n * np.log(max(off**2 / self.n, 0.3)) + ((1 if self.isothermal else 2) * len(terms) + sum(bool(t.hindered) for t in terms)) * np.log(self.n))
        return Screened(tuple(terms), score + (1e6 if np.any(k <= 0) else 0.0), k, Ea)

    def _design(self, terms: Sequence[Term]) -> Array:
        """Columns: integrals of each rate at each activation energy, in the changes of the measured species over their noise."""
        reactions = tuple(t.reaction for t in terms)
        measured = {self.series.species[j] for j in self.series.columns}
        free = all(name in measured for t in terms for name in t.named)
        basis = () if free else tuple(sorted(t.key[:2] for t in terms))
        return np.hstack([self._column(t, basis, reactions) for t in terms])

    def _column(self, term: Term, basis: object, reactions: tuple[Reaction, ...]) -> Array:
        key = (term.key, basis)
        if key not in self._kept:
            energies = ENERGIES[2:3] if self.isothermal else ENERGIES
            change = change_of(term.reaction, self.series.species)[list(self.series.columns)] / self.series.noise
            rows = []
            for i, course in enumerate(self.series.courses):
                at = self._at_samples(i, term, basis, reactions)
                heat = [np.exp(-e / GAS_CONSTANT * (1 / course.temperature - 1 / self.t_ref)) for e in energies]
                rows.append((at[:, None, None] * change[None, :, None] * np.array(heat)).reshape(-1, len(energies)))
            if len(self._kept) > 20_000:
                self._kept.clear()
            self._kept[key] = np.vstack(rows)
        return self._kept[key]

    def _at_samples(self, i: int, term: Term, basis: object, reactions: tuple[Reaction, ...]) -> Array:
        """Integral of the rate's concentrations up to every sample of run i, (n,)."""
        from scipy.integrate import cumulative_simpson

        course = self.series.courses[i]
        c = self._concentrations(i, basis, reactions)
        f = np.ones(len(course.grid))
        for name, order in term.orders:
            f = f * np.maximum(c[name], 1e-9) ** order
        if term.hindered:
            f = f / (1 + term.hindered[1] * np.maximum(c[term.hindered[0]], 0.0))
        total = cumulative_simpson(f, x=course.grid, initial=0.0)
        return np.interp(course.times, course.grid, total)

    def _concentrations(self, i: int, basis: object, reactions: tuple[Reaction, ...]) -> Mapping[str, Array]:
        """Smoothed courses of all species (G,): measured ones as smoothed, the others by the reactions' stoichiometry."""
        course, species = self.series.courses[i], self.series.species
        out = {species[j]: course.feed[j] + course.curve[:, k] for k, j in enumerate(self.series.columns)}
        if basis != ():
            nu = np.array([change_of(r, species) for r in reactions])
            part = nu[:, self.series.columns] / self.series.noise
            extents = (course.curve / self.series.noise) @ np.linalg.pinv(part)
            full = course.feed + extents @ nu
            out |= {s: full[:, j] for j, s in enumerate(species) if s not in out}
        else:
            out |= {s: np.full(len(course.grid), course.feed[j]) for j, s in enumerate(species) if s not in out}
        return out
