"""Fast proton transfers inside a rate: the forms of every acid and base at the pH that balances the charges."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import InputError
from chemwright.model.lower import exp, is_symbolic

HALVINGS, POLISH = 22, 3
LOWEST, HIGHEST = math.log(1e-17 * 1e3), math.log(1e2 * 1e3)  # ln of the proton's mol/m^3 at pH 17 and -2


@frozen
class Acid:
    """A species that gives and takes protons.

    Args:
        total: species of the network that counts all its forms.
        forms: names of the forms, from the most protonated to the least, one more than constants.
        constants: names of the acidity constants Ka in mol/m^3, in the order in which the protons leave.
        charge: of the most protonated form.
    """

    total: str
    forms: tuple[str, ...]
    constants: tuple[str, ...]
    charge: int

    def __attrs_post_init__(self) -> None:
        if len(self.forms) != len(self.constants) + 1 or not self.constants:
            raise InputError(f"{len(self.forms)} forms and {len(self.constants)} acidity constants of {self.total!r}", where="acid_base", fix="give one form more than constants")

    def shares(self, h: Any, n: Mapping[str, Any]) -> list[Any]:
        """Share of every form at a proton concentration h (mol/m^3)."""
        terms: list[Any] = [1.0]
        for K in self.constants:
            terms.append(terms[-1] * n[K] / h)
        whole = sum(terms[1:], 1.0)
        return [t / whole for t in terms]


@frozen
class AcidBase:
    """All fast proton transfers of a solution.

    The proton concentration solves sum of charges = 0 (monotone in ln h, so there is one): 22 halvings find it within 1e-5, three
    steps of Newton make it exact, and carry the exact derivative. Solutions are ideal: constants are those of the medium.

    Args:
        acids: acids and bases.
        ions: (species of the network, charge) of ions that don't take part: Na+ is 1, the anion of a strong acid -1.
        water: name of the autoprotolysis constant of the solvent, mol^2/m^6; empty for a solvent without one.
        proton, hydroxide: names under which rate laws find their concentrations.
    """

    acids: tuple[Acid, ...]
    ions: tuple[tuple[str, int], ...] = ()
    water: str = ""
    proton: str = "H"
    hydroxide: str = "OH"

    @property
    def numbers(self) -> tuple[str, ...]:
        """Acidity constants and the solvent's."""
        return (*(k for a in self.acids for k in a.constants), *((self.water,) if self.water else ()))

    @property
    def totals(self) -> tuple[str, ...]:
        """Species of the network that it needs."""
        return (*(a.total for a in self.acids), *(s for s, _ in self.ions))

    @property
    def names(self) -> tuple[str, ...]:
        """What it adds to the concentrations."""
        return (*(f for a in self.acids for f in a.forms), self.proton, *((self.hydroxide,) if self.water else ()))

    def charge(self, u: Any, c: Mapping[str, Any], n: Mapping[str, Any]) -> tuple[Any, Any]:
        """Sum of charges (mol/m^3) at u = ln h, and its slope over u."""
        h = exp(u)
        value, slope = h, h
        if self.water:
            value, slope = value - n[self.water] / h, slope + n[self.water] / h
        for species, z in self.ions:
            value = value + z * c[species]
        for acid in self.acids:
            shares = acid.shares(h, n)
            charges = [acid.charge - i for i in range(len(shares))]
            mean = sum(q * s for q, s in zip(charges, shares, strict=True))
            square = sum(q * q * s for q, s in zip(charges, shares, strict=True))
            value = value + c[acid.total] * mean
            slope = slope + c[acid.total] * (square - mean * mean)  # variance of the charge: always positive
        return value, slope

    def forms(self, c: Mapping[str, Any], n: Mapping[str, Any]) -> dict[str, Any]:
        """Concentrations of all forms, of the proton and of hydroxide (mol/m^3) from totals."""
        u: Any = 0.5 * (LOWEST + HIGHEST)
        width = HIGHEST - LOWEST
        for _ in range(HALVINGS):
            width = width / 2
            u = u - _sign(self.charge(u, c, n)[0]) * (width / 2)
        for _ in range(POLISH):
            value, slope = self.charge(u, c, n)
            u = u - value / slope
        h = exp(u)
        out = {f: c[a.total] * s for a in self.acids for f, s in zip(a.forms, a.shares(h, n), strict=True)}
        out[self.proton] = h
        if self.water:
            out[self.hydroxide] = n[self.water] / h
        return out

    def equations(self) -> list[str]:
        """Every equilibrium as text, and the charge balance."""
        lines = [f"{left} <-> {right} + {self.proton}, {K}" for a in self.acids for left, right, K in zip(a.forms, a.forms[1:], a.constants, strict=False)]
        terms = [f"{q:+d} c_{f}" for a in self.acids for i, f in enumerate(a.forms) if (q := a.charge - i)] + [f"{z:+d} c_{s}" for s, z in self.ions]
        return [*lines, f"0 = c_{self.proton} " + (f"- c_{self.hydroxide} " if self.water else "") + " ".join(terms)]


def _sign(x: Any) -> Any:
    return sys.modules["casadi"].sign(x) if is_symbolic(x) else np.sign(x)
