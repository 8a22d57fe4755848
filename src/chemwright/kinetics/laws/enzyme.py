"""Rates of enzymes: Michaelis and Menten with inhibition, reversible by Haldane's relation, and two substrates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.laws.power import SMALL
from chemwright.kinetics.laws.text import bracket, joined, label
from chemwright.kinetics.network import Reaction

INHIBITIONS = ("competitive", "uncompetitive", "noncompetitive", "substrate")
MECHANISMS = ("single", "sequential", "ping-pong")


@frozen
class Inhibition:
    """An inhibitor and where it binds.

    Args:
        species: the inhibitor; of kind ``substrate`` the substrate itself, at high concentration.
        kind: ``competitive`` (to the free enzyme), ``uncompetitive`` (to the complex), ``noncompetitive`` (to both alike), ``substrate``.
        K: name of the inhibition constant, mol/m^3.
    """

    species: str
    kind: str = field()
    K: str = ""

    @kind.validator
    def _known(self, attribute: object, value: str) -> None:
        if value not in INHIBITIONS:
            raise InputError(f"unknown inhibition {value!r}", where="inhibition", fix=did_you_mean(value, INHIBITIONS))


@frozen
class MichaelisMenten:
    """v = V S/(Km (1 + I/Kic) + S (1 + I/Kiu + S/Ksi)), V either a maximum rate or kcat times the enzyme.

    Reversible: v = V (S - P/K)/(Km (1 + P/Kp + I/Kic) + S (...)), which is Haldane's relation K = Vf Kp/(Vr Km) by construction.
    Two substrates A, B: sequential v = V A B/(Kia Kb + Kb A + Ka B + A B), ping-pong v = V A B/(Kb A + Ka B + A B).
    (A. Cornish-Bowden, Fundamentals of Enzyme Kinetics, 4th ed. 2012, ch. 2, 6 and 8.)

    Args:
        reaction: its reaction.
        v: name of the maximum rate (mol/(m^3 s)), or with ``enzyme`` of kcat (1/s).
        substrates: (species, name of its Michaelis constant in mol/m^3), one or two.
        enzyme: species whose concentration multiplies; empty for none.
        inhibitions: of any number of inhibitors; with two substrates competitive ones bind against the first.
        mechanism: ``single``, ``sequential`` or ``ping-pong``.
        Kia: of the sequential mechanism, name of A's dissociation constant; empty: the same as Ka (rapid equilibrium, random order).
        K: name of the equilibrium constant of a reversible reaction with one substrate.
        products: (species, name of its Michaelis constant) of the reverse reaction.
    """

    reaction: Reaction
    v: str
    substrates: tuple[tuple[str, str], ...]
    enzyme: str = ""
    inhibitions: tuple[Inhibition, ...] = ()
    mechanism: str = "single"
    Kia: str = ""
    K: str = ""
    products: tuple[tuple[str, str], ...] = ()
    activity: str = ""

    def __attrs_post_init__(self) -> None:
        where = f"reaction {self.reaction.id}"
        if self.mechanism not in MECHANISMS:
            raise InputError(f"unknown mechanism {self.mechanism!r}", where=where, fix=did_you_mean(self.mechanism, MECHANISMS))
        expected = 1 if self.mechanism == "single" else 2
        if len(self.substrates) != expected:
            raise InputError(
                f"{len(self.substrates)} substrates for the mechanism {self.mechanism!r}", where=where, fix=f"give {expected} Michaelis constant{'s' * (expected > 1)}"
            )
        if self.K and (
            expected > 1 or len(self.reaction.reactants) != 1 or len(self.reaction.products) != 1 or {v for _, v in self.reaction.reactants + self.reaction.products} != {1.0}
        ):
            raise InputError(
                "a reversible enzyme reaction is of one substrate and one product here", where=where, fix="write '->', or use mass action steps with a quasi-steady enzyme"
            )
        if self.K and len(self.products) != 1:
            raise InputError("a reversible enzyme reaction needs the product's Michaelis constant", where=where, fix="add it for the product")

    @property
    def numbers(self) -> tuple[str, ...]:
        """All its numbers."""
        found = [self.v, *(k for _, k in self.substrates), *(i.K for i in self.inhibitions), self.Kia, self.K, *(k for _, k in self.products)]
        return tuple(dict.fromkeys(n for n in found if n))

    @property
    def uses(self) -> tuple[str, ...]:
        """Substrates, inhibitors, enzyme, products, activity."""
        found = (*(s for s, _ in self.substrates), *(i.species for i in self.inhibitions), self.enzyme, *(s for s, _ in self.products), self.activity)
        return tuple(dict.fromkeys(s for s in found if s))

    def _slow(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> tuple[Any, Any]:
        """The factors of the free enzyme and of the complex."""
        free: Any = 1.0
        bound: Any = 1.0
        for i in self.inhibitions:
            term = c[i.species] / n[i.K]
            if i.kind in ("competitive", "noncompetitive"):
                free = free + term
            if i.kind != "competitive":
                bound = bound + term
        for species, K in self.products:
            free = free + c[species] / n[K]
        return free, bound

    def rate(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> Any:
        """Rate, mol/(m^3 s)."""
        top = n[self.v]
        for name in (self.enzyme, self.activity):
            top = top * c[name] if name else top
        free, bound = self._slow(c, n)
        a, ka = c[self.substrates[0][0]], n[self.substrates[0][1]]
        if self.mechanism == "single":
            drive = a - c[self.reaction.products[0][0]] / n[self.K] if self.K else a
            return top * drive / (ka * free + a * bound)
        b, kb = c[self.substrates[1][0]], n[self.substrates[1][1]]
        below = kb * a + ka * b * free + a * b * bound
        if self.mechanism == "sequential":
            below = below + (n[self.Kia] if self.Kia else ka) * kb * free
        else:
            below = below + SMALL * SMALL  # both at zero
        return top * a * b / below

    def equation(self) -> str:
        """``r = kcat c_E c_S/(Km (1 + c_I/Ki) + c_S)``."""
        free = " + ".join(
            ["1", *(f"c_{i.species}/{label(i.K)}" for i in self.inhibitions if i.kind in ("competitive", "noncompetitive")), *(f"c_{s}/{label(k)}" for s, k in self.products)]
        )
        bound = " + ".join(["1", *(f"c_{i.species}/{label(i.K)}" for i in self.inhibitions if i.kind != "competitive")])
        free, bound = "" if free == "1" else bracket(free), "" if bound == "1" else bracket(bound)
        head = joined(label(self.v), *(f"c_{s}" for s in (self.enzyme, self.activity) if s))
        a, ka = f"c_{self.substrates[0][0]}", label(self.substrates[0][1])
        if self.mechanism == "single":
            drive = f"({a} - c_{self.reaction.products[0][0]}/{label(self.K)})" if self.K else a
            return f"r = {joined(head, drive)}/({joined(ka, free)} + {joined(a, bound)})"
        b, kb = f"c_{self.substrates[1][0]}", label(self.substrates[1][1])
        terms = [f"{kb} {a}", joined(ka, b, free), joined(a, b, bound)]
        if self.mechanism == "sequential":
            terms.insert(0, joined(label(self.Kia) if self.Kia else ka, kb, free))
        return f"r = {head} {a} {b}/({' + '.join(terms)})"
