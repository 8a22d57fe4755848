"""Gas-phase mechanisms as rate laws: elementary steps with third bodies and fall-off, reversible by NASA polynomials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.laws.gas_constant import GAS_CONSTANT
from chemwright.kinetics.laws.gas_rates import arrhenius, chebyshev, falloff, plog
from chemwright.kinetics.laws.gas_thermo import Nasa, combined, cp_over_r, g_over_rt, h_over_rt
from chemwright.kinetics.laws.power import safe_power
from chemwright.kinetics.laws.text import powers
from chemwright.kinetics.network import Network, Reaction
from chemwright.model.lower import exp
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array


@frozen
class GasStep:
    """One step.

    Args:
        reaction: its reaction; reversible steps go back by their equilibrium constant.
        kind: as Cantera names it: ``elementary``, ``three-body``, ``falloff``, ``chemically-activated``, ``pressure-dependent-Arrhenius``, ``Chebyshev``.
        numbers: (name, SI value) of its rate parameters, efficiencies among them.
        body: third body: ``M``, a species, or empty.
        orders: (species, order) of the forward rate.
    """

    reaction: Reaction
    kind: str
    numbers: tuple[tuple[str, float], ...]
    body: str
    orders: tuple[tuple[str, float], ...]

    @property
    def meets_body(self) -> bool:
        """Whether the third body's concentration multiplies the rate."""
        return self.body == "M" and self.kind in ("three-body", "elementary", "Arrhenius")


@frozen
class GasMechanism:
    """A mechanism of an ideal gas; theta = [ln of a factor on the rate constant] of the steps in ``free``.

    Args:
        name: of the file it comes from.
        species: in the order of all concentration vectors.
        steps: the steps.
        thermo: polynomials of every species.
        elements: (element, count) of every species.
        free: indices of steps whose rate constants are fitted.
        free_std: prior standard deviation of their factors' logarithms.
        phase: of the file that it is.
    """

    name: str
    species: tuple[str, ...]
    steps: tuple[GasStep, ...]
    thermo: tuple[Nasa, ...]
    elements: tuple[tuple[tuple[str, float], ...], ...] = ()
    free: tuple[int, ...] = ()
    free_std: float = math.log(3.0)
    phase: str = ""

    @property
    def network(self) -> Network:
        """Its reactions over its species."""
        return Network(self.species, tuple(s.reaction for s in self.steps))

    @property
    def stoichiometry(self) -> Array:
        """nu, shape (R, S)."""
        return _stoichiometry(self).copy()

    @property
    def n_parameters(self) -> int:
        """One a free step."""
        return len(self.free)

    @property
    def names(self) -> tuple[str, ...]:
        """``factor.<id>`` of each free step."""
        return tuple(f"factor.{self.steps[i].reaction.id}" for i in self.free)

    @property
    def start(self) -> Gaussian:
        """Prior: the file's rate constants, each within ``free_std``."""
        return Gaussian(np.zeros(len(self.free)), np.eye(len(self.free)) * self.free_std**2)

    def freed(self, ids: Sequence[str], std: float | None = None) -> GasMechanism:
        """The same with the rate constants of these reactions free.

        Raises:
            InputError: no such reaction.
        """
        known = [s.reaction.id for s in self.steps]
        for id in ids:
            if id not in known:
                raise InputError(f"no reaction {id!r} in {self.name!r}", where="free", fix=did_you_mean(id, known) or "ids are 1, 2, 3 in the order of the file")
        return evolve(self, free=tuple(known.index(i) for i in ids), free_std=self.free_std if std is None else std)

    def rate_constants(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any] = ()) -> list[Any]:
        """Forward rate constants, SI, third bodies' concentrations not included (those of fall-off are)."""
        total = sum(c[1:], c[0])
        pressure = total * GAS_CONSTANT * temperature
        factors = {i: exp(theta[j]) for j, i in enumerate(self.free)}
        out = []
        for i, step in enumerate(self.steps):
            p = dict(step.numbers)
            if "low.A" in p:
                k = falloff(p, temperature, self._body(step, p, c, total), step.kind == "chemically-activated")
            elif "plog.0.P" in p:
                k = plog(p, temperature, pressure)
            elif step.kind == "Chebyshev":
                k = chebyshev(p, temperature, pressure)
            else:
                k = arrhenius(p, temperature)
            out.append(k * factors[i] if i in factors else k)
        return out

    def _body(self, step: GasStep, p: dict[str, float], c: Sequence[Any], total: Any) -> Any:
        """Effective concentration of a third body, mol/m^3."""
        if step.body not in ("M", ""):
            return c[self.species.index(step.body)]
        rest = p.get("efficiency", 1.0)
        value = rest * total
        for j, s in enumerate(self.species):
            e = p.get(f"efficiency.{s}", rest)
            if e != rest:
                value = value + (e - rest) * c[j]
        return value

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any] = ()) -> list[Any]:
        """Net rates in mol/(m^3 s), one a step."""
        forward, back = self.parts(c, temperature, theta)
        return [f - b for f, b in zip(forward, back, strict=True)]

    def parts(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any] = ()) -> tuple[list[Any], list[Any]]:
        """Forward and reverse rates, mol/(m^3 s)."""
        index = {s: j for j, s in enumerate(self.species)}
        total = sum(c[1:], c[0])
        ahead, behind = [], []
        for step, k in zip(self.steps, self.rate_constants(c, temperature, theta), strict=True):
            if step.meets_body:
                k = k * self._body(step, dict(step.numbers), c, total)
            forward = k
            for s, n in step.orders:
                forward = forward * safe_power(c[index[s]], n)
            ahead.append(forward)
            back: Any = 0.0
            if step.reaction.reversible:
                back = k * exp(-self.ln_equilibrium(step, temperature))
                for s, n in step.reaction.products:
                    back = back * safe_power(c[index[s]], n)
            behind.append(back)
        return ahead, behind

    def ln_equilibrium(self, step: GasStep, temperature: Any) -> Any:
        """ln of a step's equilibrium constant on concentrations (SI): -sum nu g/(R T) + sum nu ln(p0/(R T))."""
        from chemwright.model.lower import log

        terms = [(-n, self.thermo[self.species.index(s)]) for s, n in step.reaction.reactants] + [(n, self.thermo[self.species.index(s)]) for s, n in step.reaction.products]
        standard = sum(n * math.log(t.pressure / GAS_CONSTANT) for n, t in terms)
        return -combined(g_over_rt, terms, temperature) + standard - sum(n for n, _ in terms) * log(temperature)

    def enthalpies(self, temperature: Any) -> list[Any]:
        """Molar enthalpy of every species, J/mol."""
        return [combined(h_over_rt, [(1.0, t)], temperature) * GAS_CONSTANT * temperature for t in self.thermo]

    def heat_capacities(self, temperature: Any) -> list[Any]:
        """Molar heat capacity at constant pressure of every species, J/(mol K)."""
        return [combined(cp_over_r, [(1.0, t)], temperature) * GAS_CONSTANT for t in self.thermo]

    def equation(self) -> str:
        """Every step as text, one a line."""
        lines = []
        for s in self.steps:
            text = str(s.reaction).replace("<->", "<=>")
            mark = f" (+{s.body or 'M'})" if "low.A" in dict(s.numbers) else " + M" if s.meets_body else ""
            body = "c_M " if s.meets_body else ""
            back = f" - {powers(s.reaction.products)}/K(T)" if s.reaction.reversible else ""
            lines.append(f"{s.reaction.id}: {text}{mark}  r = k(T{', c_M' if 'low.A' in dict(s.numbers) else ''}) {body}({powers(s.orders)}{back})  [{s.kind}]")
        return "\n".join(lines)


@lru_cache(maxsize=32)
def _stoichiometry(mechanism: GasMechanism) -> Array:
    return mechanism.network.stoichiometry
