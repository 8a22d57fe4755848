"""Mass-action rates with Arrhenius and van 't Hoff temperature dependence, written once for numpy and CasADi."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from chemwright.kinetics.network import Network
from chemwright.model.lower import exp
from chemwright.model.protocol import Array

GAS_CONSTANT = 8.314462618  # J/(mol K), CODATA 2018


@frozen
class Equilibrium:
    """Equilibrium constant ``K`` (concentration basis, mol/m^3 to the net order) at ``temperature`` K with enthalpy ``dH`` J/mol."""

    K: float
    temperature: float
    dH: float = 0.0

    def at(self, temperature: Any) -> Any:
        """K at another temperature, by van 't Hoff with constant dH."""
        return self.K * exp(-self.dH / GAS_CONSTANT * (1 / temperature - 1 / self.temperature))


@frozen
class MassAction:
    """Rates r = k prod(c^n) (1 - Q/K): theta = [ln k at the reference temperature (SI), ..., Ea (J/mol), ...].

    Args:
        network: species and reactions; the orders are the coefficients.
        t_ref: reference temperature of each reaction's rate constant, K.
        equilibria: one entry a reaction, ``None`` where irreversible.
    """

    network: Network
    t_ref: tuple[float, ...]
    equilibria: tuple[Equilibrium | None, ...] = ()

    @property
    def stoichiometry(self) -> Array:
        """nu, shape (R, S)."""
        return self.network.stoichiometry

    @property
    def n_parameters(self) -> int:
        """Two a reaction."""
        return 2 * len(self.network.reactions)

    @property
    def names(self) -> tuple[str, ...]:
        """``k.r1 ... Ea.r1 ...``, the k's on their logarithm."""
        ids = [r.id for r in self.network.reactions]
        return tuple([f"k.{i}" for i in ids] + [f"Ea.{i}" for i in ids])

    def ln_rate_constants(self, temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """ln k of every reaction in SI at a temperature (Arrhenius about the reference temperature)."""
        r = len(self.network.reactions)
        return [theta[i] - theta[r + i] / GAS_CONSTANT * (1 / temperature - 1 / self.t_ref[i]) for i in range(r)]

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates in mol/(m^3 s), one a reaction."""
        return self.rates_from(c, temperature, self.ln_rate_constants(temperature, theta))

    def rates_from(self, c: Sequence[Any], temperature: Any, ln_k: Sequence[Any]) -> list[Any]:
        """Rates in mol/(m^3 s) from the logarithms of the rate constants."""
        index = {s: j for j, s in enumerate(self.network.species)}
        out = []
        for i, reaction in enumerate(self.network.reactions):

            def product(terms: tuple[tuple[str, float], ...]) -> Any:
                value: Any = 1.0
                for name, n in terms:
                    value = value * (c[index[name]] if n == 1 else c[index[name]] ** n)
                return value

            forward = product(reaction.reactants)
            equilibrium = self.equilibria[i] if self.equilibria else None
            if equilibrium is not None:
                forward = forward - product(reaction.products) / equilibrium.at(temperature)
            out.append(exp(ln_k[i]) * forward)
        return out


@frozen
class Isothermal:
    """A mass-action law with ln k itself as parameters: half as many sensitivities where the temperature is fixed."""

    law: MassAction

    @property
    def stoichiometry(self) -> Array:
        """nu, shape (R, S)."""
        return self.law.stoichiometry

    @property
    def n_parameters(self) -> int:
        """One a reaction."""
        return len(self.law.network.reactions)

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates in mol/(m^3 s); theta holds ln k (SI)."""
        return self.law.rates_from(c, temperature, theta)
