"""What a rate law of one reaction is, and the power law with its special case mass action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.kinetics.laws.power import product, safe_power
from chemwright.kinetics.laws.text import joined, label, powers
from chemwright.kinetics.network import Reaction

Terms = tuple[tuple[str, float], ...]


class Law(Protocol):
    """The rate of one reaction; frozen and hashable."""

    @property
    def reaction(self) -> Reaction:
        """The reaction it is the rate of."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the numbers it needs."""

    @property
    def uses(self) -> tuple[str, ...]:
        """Species, and forms of species, whose concentrations it needs beyond those of its reaction."""

    def rate(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> Any:
        """Rate in mol/(m^3 s) from concentrations (mol/m^3) and numbers (SI) by name."""

    def equation(self) -> str:
        """The rate equation as text."""


def order_of(orders: Sequence[tuple[str, float | str]], n: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """(species, order) with the fitted orders looked up."""
    return [(s, n[v] if isinstance(v, str) else v) for s, v in orders]


def check_backward(forward: Mapping[str, float | str], reaction: Reaction, what: str) -> None:
    """A reverse rate is forward * Q/K: finite at zero only when no reactant's order is below its coefficient.

    Raises:
        InputError: naming the reactant.
    """
    for species, coefficient in reaction.reactants:
        order = forward.get(species, 0.0)
        if isinstance(order, str) or order < coefficient - 1e-12:
            said = "is fitted" if isinstance(order, str) else f"is {order:g}"
            raise InputError(
                f"the order of {species} {said}, below its coefficient {coefficient:g}, and the reaction is reversible: the reverse rate has no limit at zero {species}",
                where=f"reaction {reaction.id}",
                fix=f"use {what} with orders of at least the coefficients, or divide the reaction's coefficients by a common number",
            )


def backward_terms(forward: Sequence[tuple[str, float | str]], reaction: Reaction) -> Terms:
    """Orders of the reverse rate forward * Q/K: those of the forward rate less the reactants' coefficients plus the products'."""
    left: dict[str, float] = {s: float(v) for s, v in forward}
    for species, coefficient in reaction.reactants:
        left[species] = left.get(species, 0.0) - coefficient
    for species, coefficient in reaction.products:
        left[species] = left.get(species, 0.0) + coefficient
    return tuple((s, v) for s, v in left.items() if abs(v) > 1e-12)


@frozen
class PowerLaw:
    """r = k prod c^n, reversible r = k (prod c^n - prod c^m / K): mass action when the orders are the coefficients.

    The reverse orders m are those of prod c^n Q with Q the reaction quotient, so that the rate is zero at equilibrium
    whatever the forward orders (Denbigh, The Principles of Chemical Equilibrium, 4th ed. 1981, ch. 15).

    Args:
        reaction: its reaction.
        k: name of the rate constant.
        orders: (species or form, order or the name of a fitted order).
        K: name of the equilibrium constant on the basis of concentrations; empty when irreversible.
        activity: species that multiplies the rate (a catalyst's activity, an initiator), or empty.
    """

    reaction: Reaction
    k: str
    orders: tuple[tuple[str, float | str], ...] = field()
    K: str = ""
    activity: str = ""

    def __attrs_post_init__(self) -> None:
        if self.K:
            check_backward(dict(self.orders), self.reaction, "a power law")

    @property
    def numbers(self) -> tuple[str, ...]:
        """Rate constant, equilibrium constant, fitted orders."""
        return (self.k, *((self.K,) if self.K else ()), *(v for _, v in self.orders if isinstance(v, str)))

    @property
    def uses(self) -> tuple[str, ...]:
        """Species of the orders, and the activity."""
        return (*(s for s, _ in self.orders), *((self.activity,) if self.activity else ()))

    @property
    def backward(self) -> Terms:
        """Orders of the reverse rate; empty when irreversible."""
        return backward_terms(self.orders, self.reaction) if self.K else ()

    def parts(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> tuple[Any, Any]:
        """Forward and reverse rate, mol/(m^3 s)."""
        k = n[self.k] * c[self.activity] if self.activity else n[self.k]
        forward = k * product(c, order_of(self.orders, n))
        return forward, k / n[self.K] * product(c, self.backward) if self.K else 0.0

    def rate(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> Any:
        """Forward less reverse rate, mol/(m^3 s)."""
        forward, back = self.parts(c, n)
        return forward - back if self.K else forward

    def equation(self) -> str:
        """``r = k (c_A c_B - c_C/K)``."""
        head = joined(label(self.k), f"c_{self.activity}" if self.activity else "")
        forward = powers(self.orders)
        return f"r = {head} ({forward or '1'} - {powers(self.backward) or '1'}/{label(self.K)})" if self.K else f"r = {joined(head, forward)}"


def mass_action(reaction: Reaction, k: str = "", K: str = "", activity: str = "") -> PowerLaw:
    """The power law whose orders are the reactants' coefficients; numbers are named ``k.<id>`` and ``K.<id>`` unless told."""
    return PowerLaw(reaction, k or f"k.{reaction.id}", reaction.reactants, K or (f"K.{reaction.id}" if reaction.reversible else ""), activity)


@frozen
class Deactivation:
    """Loss of a catalyst's activity a: -da/dt = k (a - a_end)^n prod c^m, with a_end = 0 unless told.

    Without c it goes by time on stream, with c of a poison or a coke precursor by what the catalyst meets (Levenspiel,
    Chemical Reaction Engineering, 3rd ed. 1999, ch. 21); the residual activity makes the generalised power law of
    G. A. Fuentes, Appl. Catal. 15 (1985) 33-40.

    Args:
        reaction: ``a ->`` nothing; the activity is a species that begins at 1.
        k: name of the rate constant, 1/s for order 1 by time.
        order: of the activity; a number, or the name of a fitted one.
        poisons: (species, order).
        residual: name of the activity that stays; empty for none.
    """

    reaction: Reaction
    k: str
    order: float | str = 1.0
    poisons: tuple[tuple[str, float], ...] = ()
    residual: str = ""
    activity: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Rate constant, residual activity, fitted order."""
        return (self.k, *((self.residual,) if self.residual else ()), *((self.order,) if isinstance(self.order, str) else ()))

    @property
    def uses(self) -> tuple[str, ...]:
        """Poisons."""
        return tuple(s for s, _ in self.poisons)

    def rate(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> Any:
        """Loss of activity, 1/s."""
        above = c[self.reaction.reactants[0][0]]
        if self.residual:
            above = above - n[self.residual]
        return n[self.k] * safe_power(above, n[self.order] if isinstance(self.order, str) else self.order) * product(c, self.poisons)

    def equation(self) -> str:
        """``-da/dt = k a c_P``."""
        name = self.reaction.reactants[0][0]
        base = f"({name} - {label(self.residual)})" if self.residual else name
        order = label(self.order) if isinstance(self.order, str) else f"{self.order:g}"
        return f"-d{name}/dt = {joined(label(self.k), base if order == '1' else f'{base}^{order}', powers(self.poisons))}"
