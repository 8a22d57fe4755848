"""What a reading of a run is: a function of the feed, the concentrations and the rates, written once for numbers, arrays and CasADi symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from attrs import frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.model.lower import log1p

CONCENTRATION = "mol/m^3"


class State(NamedTuple):
    """Where a run stands: feed and concentrations by species (mol/m^3), rates (mol/(m^3 s)), temperature (K), and the reactions' texts where the law tells."""

    feed: Mapping[str, Any]
    c: Mapping[str, Any]
    rates: Sequence[Any]
    temperature: Any
    reactions: tuple[str, ...] = ()


class Observable(Protocol):
    """One column of readings; frozen and hashable."""

    @property
    def name(self) -> str:
        """As the table of runs and the results call it."""

    @property
    def unit(self) -> str:
        """SI unit of the readings."""

    @property
    def species(self) -> tuple[str, ...]:
        """Species that must be in the network."""

    def value(self, state: State) -> Any:
        """The reading, noise apart."""


@frozen
class Linear:
    """A weighted sum of concentrations: one species, a lumped peak, or a mass balance.

    Args:
        name: of the reading.
        terms: (species, weight).
        offset: added, mol/m^3.
        unit: SI unit of the sum.
    """

    name: str
    terms: tuple[tuple[str, float], ...]
    offset: float = 0.0
    unit: str = CONCENTRATION

    @property
    def species(self) -> tuple[str, ...]:
        """Those of the terms."""
        return tuple(s for s, _ in self.terms)

    def value(self, state: State) -> Any:
        """Sum of weight times concentration."""
        return sum((w * state.c[s] if w != 1.0 else state.c[s] for s, w in self.terms), self.offset)


def concentration(species: str) -> Linear:
    """The concentration of one species."""
    return Linear(species, ((species, 1.0),))


@frozen
class Conversion:
    """1 - c/c_feed of a reactant."""

    key: str
    unit: str = "1"

    @property
    def name(self) -> str:
        """``conversion(SM)``."""
        return f"conversion({self.key})"

    @property
    def species(self) -> tuple[str, ...]:
        """The reactant."""
        return (self.key,)

    def value(self, state: State) -> Any:
        """Between 0 and 1."""
        return 1.0 - state.c[self.key] / state.feed[self.key]


@frozen
class Yield:
    """Product made per key reactant fed, times ``ratio``: the key's moles that one mole of product needs."""

    product: str
    key: str
    ratio: float = 1.0
    unit: str = "1"

    @property
    def name(self) -> str:
        """``yield(ortho/SM)``."""
        return f"yield({self.product}/{self.key})"

    @property
    def species(self) -> tuple[str, ...]:
        """Product and reactant."""
        return (self.product, self.key)

    def value(self, state: State) -> Any:
        """Between 0 and 1."""
        return self.ratio * (state.c[self.product] - state.feed[self.product]) / state.feed[self.key]


@frozen
class EFactor:
    """ln(1 + E) of the E-factor E, mass of fed reactants that are not in the product over the product (Sheldon 2007, Green Chem. 9, 1273).

    On the logarithm, because the error of an E-factor grows with it; a table holds E itself.

    Args:
        product: the wanted species.
        feeds: species counted as fed (solvent and base left out).
        masses: molar masses in kg/mol of the product, then the feeds.
    """

    product: str
    feeds: tuple[str, ...]
    masses: tuple[float, ...]
    name: str = "ln(1+e_factor)"
    unit: str = "1"

    @property
    def species(self) -> tuple[str, ...]:
        """Product and feeds."""
        return (self.product, *self.feeds)

    def value(self, state: State) -> Any:
        """ln(1 + E) = ln(fed/made)."""
        made = self.masses[0] * state.c[self.product]
        fed = sum(m * state.feed[s] for s, m in zip(self.feeds, self.masses[1:], strict=True))
        return log1p((fed - made) / made)


@frozen
class HeatRate:
    """Heat given off, -sum dH r, W/m^3.

    Args:
        enthalpies: reaction enthalpies, J/mol.
        reactions: texts of the reactions that they are of, as ``A + B -> C``, so that rival networks share them; in the order of the law's rates when empty.
    """

    enthalpies: tuple[float, ...]
    reactions: tuple[str, ...] = ()
    name: str = "heat_rate"
    unit: str = "W/m^3"
    species: tuple[str, ...] = ()

    def value(self, state: State) -> Any:
        """W/m^3, positive when heat is given off.

        Raises:
            InputError: a reaction without enthalpy.
        """
        if self.reactions:
            known = dict(zip(self.reactions, self.enthalpies, strict=True))
            missing = next((r for r in state.reactions if r not in known), None)
            if missing is not None or len(state.reactions) != len(state.rates):
                raise InputError(f"no enthalpy of the reaction {missing!r}", where="heat_rate", fix=did_you_mean(str(missing), known) or "give dH for each reaction")
            return -sum(known[r] * rate for r, rate in zip(state.reactions, state.rates, strict=True))
        if len(state.rates) != len(self.enthalpies):
            raise InputError(f"{len(self.enthalpies)} reaction enthalpies for {len(state.rates)} rates", where="heat_rate", fix="give dH for each reaction, in order")
        return -sum(h * r for h, r in zip(self.enthalpies, state.rates, strict=True))


def observable_of(text: str, where: str = "") -> Linear | Conversion | Yield:
    """The observable that a column's name means: ``SM``, ``ortho + para``, ``conversion(SM)`` or ``yield(ortho/SM)``.

    Raises:
        InputError: none of these.
    """
    name = text.strip()
    head, _, rest = name.partition("(")
    if rest.endswith(")"):
        inner = [s.strip() for s in rest[:-1].split("/")]
        if head == "conversion" and len(inner) == 1 and inner[0]:
            return Conversion(inner[0])
        if head == "yield" and len(inner) == 2 and all(inner):
            return Yield(inner[0], inner[1])
        raise InputError(f"can't read the column {name!r}", where=where, fix="write conversion(SM) or yield(product/reactant), with species of the network")
    if name in ("conversion", "yield"):
        raise InputError(f"{name!r} of what?", where=where, fix="write conversion(SM), or yield(product/reactant)")
    parts = [s.strip() for s in name.split("+")]
    if not all(parts):
        raise InputError(f"can't read the column {name!r}", where=where, fix="name a species, or several with + between")
    parts = [p.removeprefix("c_") for p in parts]
    return concentration(parts[0]) if len(parts) == 1 else Linear("+".join(parts), tuple((s, 1.0) for s in parts))


def check_species(observables: Sequence[Observable], species: Sequence[str], where: str = "") -> None:
    """Refuse an observable of a species that is not there.

    Raises:
        InputError: naming both, with near misses.
    """
    for o in observables:
        for s in o.species:
            if s not in species:
                raise InputError(
                    f"the reading {o.name!r} is of the species {s!r}, which the network has not",
                    where=where,
                    fix=did_you_mean(s, species) or "add it to a reaction, or drop the column",
                )
