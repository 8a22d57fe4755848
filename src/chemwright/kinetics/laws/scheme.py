"""Scheme: a network with one rate law a reaction, as an object that every reactor, fit and design can use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.laws.acid_base import AcidBase
from chemwright.kinetics.laws.law import Deactivation, Law
from chemwright.kinetics.laws.number import Number, Tie
from chemwright.kinetics.laws.quasi_steady import QuasiSteady, check_steps, solve_fast
from chemwright.kinetics.network import Network, Reaction
from chemwright.model.lower import exp, log
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array


@frozen
class Scheme:
    """Rates of a network, r_i(c, T, theta), with theta the numbers that are not fixed.

    theta holds first every free value (its logarithm where the number says so), in the order of ``numbers``, then every free
    energy (J/mol) in the same order: for mass action [ln k ..., Ea ...], as :class:`~chemwright.kinetics.MassAction` has it.

    Args:
        species: of the balances, in the order of all concentration vectors.
        laws: one a reaction.
        numbers: everything the laws need, by name; a name may serve several laws.
        ties: numbers that follow from others (equilibrium constants of a closed cycle).
        acid_base: fast proton transfers, or ``None``.
        quasi_steady: groups of species at a steady state; they are not among ``species``.
    """

    species: tuple[str, ...]
    laws: tuple[Law, ...] = field()
    numbers: tuple[Number, ...] = ()
    ties: tuple[Tie, ...] = ()
    acid_base: AcidBase | None = None
    quasi_steady: tuple[QuasiSteady, ...] = ()

    def __attrs_post_init__(self) -> None:
        _check(self)

    @property
    def network(self) -> Network:
        """Its reactions over its species, quasi-steady ones behind the others."""
        return Network(self.species + self.fast, tuple(law.reaction for law in self.laws))

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """Its reactions."""
        return tuple(law.reaction for law in self.laws)

    @property
    def fast(self) -> tuple[str, ...]:
        """Quasi-steady species."""
        return tuple(s for g in self.quasi_steady for s in g.species)

    @property
    def fresh(self) -> dict[str, float]:
        """What a feed holds of species that are no substances: 1 of each activity."""
        return {law.reaction.reactants[0][0]: 1.0 for law in self.laws if isinstance(law, Deactivation)}

    @property
    def stoichiometry(self) -> Array:
        """nu over the species of the balances, shape (R, S)."""
        return _stoichiometry(self).copy()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of theta."""
        return tuple([n.name for n in self.numbers if n.std] + [n.energy_name for n in self.numbers if n.energy_std])

    @property
    def n_parameters(self) -> int:
        """Length of theta."""
        return sum(bool(n.std) + bool(n.energy_std) for n in self.numbers)

    @property
    def start(self) -> Gaussian:
        """Prior on theta: independent, from the numbers' values and standard deviations."""
        mean = [n.start for n in self.numbers if n.std] + [n.energy or 0.0 for n in self.numbers if n.energy_std]
        std = [n.std for n in self.numbers if n.std] + [n.energy_std for n in self.numbers if n.energy_std]
        return Gaussian(np.array(mean, dtype=float), np.diag(np.array(std, dtype=float) ** 2))

    def values(self, temperature: Any, theta: Sequence[Any]) -> dict[str, Any]:
        """Every number by name (SI) at a temperature (K)."""
        return self._named([n.natural(v) for n, v in zip(self.numbers, self._scaled(temperature, theta), strict=True)])

    def _scaled(self, temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Every number at a temperature, on the scale of the regression."""
        values, energies = _layout(self.numbers)
        raw = [n.start if v < 0 else theta[v] for n, v in zip(self.numbers, values, strict=True)]
        energy = [n.energy if e < 0 else theta[e] for n, e in zip(self.numbers, energies, strict=True)]
        return [n.scaled(temperature, v, e) for n, v, e in zip(self.numbers, raw, energy, strict=True)]

    def _named(self, natural: Sequence[Any]) -> dict[str, Any]:
        """Numbers by name, the tied ones with them."""
        out = dict(zip((n.name for n in self.numbers), natural, strict=True))
        for tie in self.ties:
            out[tie.name] = exp(sum((k * log(out[other]) for other, k in tie.terms), 0.0))
        return out

    def ln_rate_constants(self, temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """The numbers that theta changes, at a temperature, on the scale of the regression: what rates depend on where the temperature is fixed."""
        return [v for n, v in zip(self.numbers, self._scaled(temperature, theta), strict=True) if n.std or n.energy_std]

    def rates_from(self, c: Sequence[Any], temperature: Any, scaled: Sequence[Any]) -> list[Any]:
        """Rates from :meth:`ln_rate_constants`."""
        given = iter([scaled[i] for i in range(sum(bool(n.std or n.energy_std) for n in self.numbers))])
        natural = [n.natural(next(given) if n.std or n.energy_std else n.scaled(temperature, n.start, n.energy)) for n in self.numbers]
        return self._rates(c, self._named(natural))

    def concentrations(self, c: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Concentrations by name (mol/m^3): of the species, of the forms of acids and bases, of quasi-steady species."""
        out = {s: c[j] for j, s in enumerate(self.species)}
        if self.acid_base is not None:
            out.update(self.acid_base.forms(out, values))
        if self.quasi_steady:
            out.update(solve_fast(self.quasi_steady, self.laws, out, values))
        return out

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates in mol/(m^3 s), one a reaction; c in mol/m^3, temperature in K; floats, arrays or CasADi symbols."""
        return self._rates(c, self.values(temperature, theta))

    def _rates(self, c: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
        at = self.concentrations(c, values)
        return [law.rate(at, values) for law in self.laws]

    def equation(self) -> str:
        """All rate equations as text, one a line, with the side conditions."""
        width = max(len(str(law.reaction)) for law in self.laws)
        lines = [f"{law.reaction.id}: {law.reaction!s:{width}}  {law.equation()}" for law in self.laws]
        if self.acid_base is not None:
            lines += self.acid_base.equations()
        for g in self.quasi_steady:
            balanced = g.species[1:] if g.total else g.species
            lines += [f"0 = dc_{s}/dt" for s in balanced]
            if g.total:
                lines.append(f"{g.total} = " + " + ".join(f"c_{s}" if k == 1 else f"{k:g} c_{s}" for s, k in zip(g.species, g.counts, strict=True)))
        lines += [f"ln {t.name} = " + " ".join(f"{k:+g} ln {o}" for o, k in t.terms) for t in self.ties]
        return "\n".join(lines)


@lru_cache(maxsize=256)
def _layout(numbers: tuple[Number, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Positions in theta of every number's value and energy; -1 where fixed."""
    values = np.cumsum([bool(n.std) for n in numbers]) - 1
    behind = int(values[-1]) + 1 if len(numbers) else 0
    energies = behind + np.cumsum([bool(n.energy_std) for n in numbers]) - 1
    return (
        tuple(int(v) if n.std else -1 for v, n in zip(values, numbers, strict=True)),
        tuple(int(v) if n.energy_std else -1 for v, n in zip(energies, numbers, strict=True)),
    )


@lru_cache(maxsize=256)
def _stoichiometry(scheme: Scheme) -> Array:
    return scheme.network.stoichiometry[:, : len(scheme.species)]


def _check(scheme: Scheme) -> None:
    """What every scheme must fulfil.

    Raises:
        InputError: an unknown species or number, one named twice, or one that nothing uses.
    """
    network = scheme.network  # checks the reactions' species and ids
    forms = scheme.acid_base.names if scheme.acid_base is not None else ()
    known, twice = {*network.species, *forms}, len(network.species) + len(forms)
    if len(known) != twice:
        raise InputError("two species or forms have one name", where="species", fix="give every form of an acid, and every species, a name of its own")
    used = {t for law in scheme.laws for t in law.numbers} | {g.total for g in scheme.quasi_steady if g.total}
    if scheme.acid_base is not None:
        used |= set(scheme.acid_base.numbers)
        for name in scheme.acid_base.totals:
            if name not in scheme.species:
                raise InputError(f"{name!r} is no species", where="acid_base", fix=did_you_mean(name, scheme.species))
    for law in scheme.laws:
        for name in law.uses:
            if name not in known:
                raise InputError(f"{name!r} is no species and no form of one", where=f"reaction {law.reaction.id}", fix=did_you_mean(name, known))
    names = [n.name for n in scheme.numbers] + [t.name for t in scheme.ties]
    if len(set(names)) != len(names):
        raise InputError("two numbers have one name", where="numbers", fix="give every number a name of its own")
    used |= {other for t in scheme.ties for other, _ in t.terms}
    for name in sorted(used):
        if name not in names:
            raise InputError(f"the number {name!r} is not given", where="numbers", fix=did_you_mean(name, names))
    for name in names:
        if name not in used:
            raise InputError(f"no law uses the number {name!r}", where="numbers", fix=did_you_mean(name, used))
    check_steps(scheme.quasi_steady, scheme.laws)
