"""Rates on surfaces: Langmuir-Hinshelwood, Hougen-Watson and Eley-Rideal, with competitive and dissociative adsorption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from chemwright.errors import InputError
from chemwright.kinetics.laws.law import Terms, backward_terms, check_backward
from chemwright.kinetics.laws.power import product, safe_power
from chemwright.kinetics.laws.text import joined, label, powers, raised
from chemwright.kinetics.network import Reaction


@frozen
class Adsorbate:
    """What sits on the surface at adsorption equilibrium.

    Args:
        species: in the fluid.
        K: name of its adsorption constant, m^3/mol.
        units: how many adsorbed units of it take part in the rate-determining step; 0 when it only blocks sites.
        dissociative: it splits in two, each half on a site of its own: coverage proportional to (K c)^(1/2).
        site: kind of site; those on one kind compete.
    """

    species: str
    K: str
    units: float = 0.0
    dissociative: bool = False
    site: str = ""

    def covered(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> Any:
        """Its coverage over that of empty sites: K c, or (K c)^(1/2)."""
        return safe_power(c[self.species], 0.5) * n[self.K] ** 0.5 if self.dissociative else n[self.K] * c[self.species]

    @property
    def order(self) -> float:
        """Power of its concentration in the rate's numerator."""
        return self.units / 2 if self.dissociative else self.units


@frozen
class SurfaceRate:
    """r = k prod (K c)^units prod c^order (1 - Q/K_eq) / prod over sites (1 + sum K c)^(units on that site).

    The rate-determining step is the reaction of adsorbed units; adsorption is at equilibrium (Langmuir's isotherm), as by
    O. A. Hougen and K. M. Watson, Ind. Eng. Chem. 35 (1943) 529-541. With one adsorbed reactant and another that comes from the
    fluid it is Eley and Rideal's form.

    Args:
        reaction: its reaction.
        k: name of the rate constant, mol/(m^3 s) times (m^3/mol)^(sum of ``fluid``).
        adsorbed: everything that sits on the surface.
        fluid: (species, order) of reactants that come from the fluid.
        K: name of the reaction's equilibrium constant (concentrations); empty when irreversible.
        powers: (site, power) where the denominator's power is not the number of units on the site.
        activity: species that multiplies the rate, or empty.
    """

    reaction: Reaction
    k: str
    adsorbed: tuple[Adsorbate, ...]
    fluid: tuple[tuple[str, float], ...] = ()
    K: str = ""
    powers: tuple[tuple[str, float], ...] = ()
    activity: str = ""

    def __attrs_post_init__(self) -> None:
        if len({a.species for a in self.adsorbed}) != len(self.adsorbed):
            raise InputError("a species adsorbs twice", where=f"reaction {self.reaction.id}", fix="name every adsorbed species once")
        if not any(a.units for a in self.adsorbed):
            raise InputError("nothing reacts from the surface", where=f"reaction {self.reaction.id}", fix="give an adsorption constant for at least one reactant")
        if self.K:
            check_backward(dict(self.orders), self.reaction, "surface orders")

    @property
    def orders(self) -> tuple[tuple[str, float], ...]:
        """Orders of the numerator."""
        found = {a.species: a.order for a in self.adsorbed if a.units}
        for species, n in self.fluid:
            found[species] = found.get(species, 0.0) + n
        return tuple(found.items())

    @property
    def sites(self) -> tuple[str, ...]:
        """Kinds of sites."""
        return tuple(dict.fromkeys(a.site for a in self.adsorbed))

    def power(self, site: str) -> float:
        """Power of a site's term in the denominator."""
        return dict(self.powers).get(site, sum(a.units for a in self.adsorbed if a.site == site))

    @property
    def numbers(self) -> tuple[str, ...]:
        """Rate constant, equilibrium constant, adsorption constants."""
        return (self.k, *((self.K,) if self.K else ()), *(a.K for a in self.adsorbed))

    @property
    def uses(self) -> tuple[str, ...]:
        """Adsorbed and fluid species, and the activity."""
        return (*(a.species for a in self.adsorbed), *(s for s, _ in self.fluid), *((self.activity,) if self.activity else ()))

    @property
    def backward(self) -> Terms:
        """Orders of the reverse rate's numerator; empty when irreversible."""
        return backward_terms(self.orders, self.reaction) if self.K else ()

    def empty(self, c: Mapping[str, Any], n: Mapping[str, Any], site: str) -> Any:
        """The share of a kind of sites that is empty."""
        return 1 / (1 + sum(a.covered(c, n) for a in self.adsorbed if a.site == site))

    def rate(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> Any:
        """Rate, mol/(m^3 s)."""
        factor = n[self.k] * c[self.activity] if self.activity else n[self.k]
        for a in self.adsorbed:
            if a.units:
                factor = factor * n[a.K] ** a.order
        for site in self.sites:
            factor = factor * self.empty(c, n, site) ** self.power(site)
        drive = product(c, self.orders)
        if self.K:
            drive = drive - product(c, self.backward) / n[self.K]
        return factor * drive

    def equation(self) -> str:
        """``r = k K_A K_B c_A c_B/(1 + K_A c_A + K_B c_B)^2``."""
        head = joined(label(self.k), f"c_{self.activity}" if self.activity else "", *(raised(label(a.K), a.order) for a in self.adsorbed if a.units))
        drive = f"({powers(self.orders)} - {powers(self.backward) or '1'}/{label(self.K)})" if self.K else powers(self.orders)
        below = []
        for site in self.sites:
            terms = [f"({label(a.K)} c_{a.species})^0.5" if a.dissociative else f"{label(a.K)} c_{a.species}" for a in self.adsorbed if a.site == site]
            power = self.power(site)
            if power:
                below.append(f"({' + '.join(['1', *terms])})" + ("" if power == 1 else f"^{power:g}"))
        return f"r = {joined(head, drive)}/{below[0] if len(below) == 1 else '(' + ' '.join(below) + ')'}"


def eley_rideal(reaction: Reaction, k: str, adsorbed: Adsorbate, fluid: tuple[tuple[str, float], ...], others: tuple[Adsorbate, ...] = (), K: str = "") -> SurfaceRate:
    """r = k K_A c_A c_B/(1 + K_A c_A + ...): an adsorbed reactant meets one from the fluid; ``others`` only block sites."""
    return SurfaceRate(reaction, k, (adsorbed, *others), fluid, K)
