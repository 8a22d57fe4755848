"""Equilibrium constants from the formation data of the species, so that a network agrees with thermodynamics everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping

from attrs import field, frozen

from chemwright.errors import InputError, PropertyMissing, did_you_mean
from chemwright.kinetics.laws.number import Number
from chemwright.kinetics.network import Reaction
from chemwright.model.gas import GAS_CONSTANT
from chemwright.record.fields import finite, number, one_of, within

T_REF = 298.15
P_STANDARD = 1e5  # Pa
C_STANDARD = 1e3  # mol/m^3
LIQUID_STD = 2e3  # J/mol, of a pure liquid's Gibbs energy in an ideal mixture


@frozen
class Formation:
    """Standard enthalpy of formation and entropy at 298.15 K.

    Args:
        enthalpy: of formation, J/mol.
        entropy: J/(mol K): absolute, or of formation for all species alike (only differences count).
        phase: ``gas`` (standard state 1 bar, ideal), ``solution`` (1 mol/L, ideal) or ``liquid`` (pure, in an ideal mixture).
        std: of the standard Gibbs energy, J/mol.
        cas: of a gas whose heat capacity is to be used; empty: the heat capacity of reaction is taken as zero.
        source: where the figures come from.
    """

    enthalpy: float = field(converter=number, validator=finite)
    entropy: float = field(converter=number, validator=finite)
    phase: str = field(default="solution", validator=one_of(("gas", "solution", "liquid")))
    std: float = field(default=0.0, converter=number, validator=within(0.0))
    cas: str = ""
    source: str = ""

    def at(self, temperature: float) -> tuple[float, float]:
        """Enthalpy (J/mol) and entropy (J/(mol K)) at a temperature, K.

        Raises:
            PropertyMissing: no heat capacity of the gas is known.
        """
        if not self.cas:
            return self.enthalpy, self.entropy
        import numpy as np

        from chemwright.thermo.equilibrium.ideal_gas import IdealGas

        gas, t = IdealGas.from_cas([self.cas]), np.array([temperature])
        return self.enthalpy + float(gas.enthalpy(t)[0, 0]), self.entropy + float(gas.entropy(t, np.array([P_STANDARD]))[0, 0])


def gas_formation(cas: str) -> Formation:
    """Formation data of an ideal gas from the tables that `chemicals` carries.

    Raises:
        PropertyMissing: no enthalpy or no entropy of it is tabled.
    """
    from chemicals.reaction import Hfg, Hfg_methods, S0g, S0g_methods

    h, s = Hfg(cas), S0g(cas)
    if h is None or s is None:
        raise PropertyMissing(f"no {'enthalpy of formation' if h is None else 'entropy'} of the gas {cas!r} is tabled", where="formation", fix="give dHf and S")
    return Formation(float(h), float(s), "gas", 0.0, cas, f"{Hfg_methods(cas)[0]}, {S0g_methods(cas)[0]}")


def liquid_formation(cas: str) -> Formation:
    """Formation data of a pure liquid from the tables that `chemicals` carries, within 2 kJ/mol (an estimate: what tables differ by, and what mixtures depart from ideal).

    Raises:
        PropertyMissing: no enthalpy or no entropy of it is tabled.
    """
    from chemicals.reaction import Hfl, Hfl_methods, S0l, S0l_methods

    h, s = Hfl(cas), S0l(cas)
    if h is None or s is None:
        raise PropertyMissing(f"no {'enthalpy of formation' if h is None else 'entropy'} of the liquid {cas!r} is tabled", where="formation", fix="give dHf and S, or K itself")
    return Formation(float(h), float(s), "liquid", LIQUID_STD, "", f"{Hfl_methods(cas)[0]}, {S0l_methods(cas)[0]}")


def equilibrium_number(reaction: Reaction, data: Mapping[str, Formation], temperature: float, name: str = "") -> Number:
    """The equilibrium constant of a reaction (concentrations, SI) about a temperature, from its species.

    ln K = -(dH - T dS)/(R T), times the standard concentration to the net order: 1 bar/(R T) of a gas, 1 mol/L in solution; of liquids
    mole fractions stand for activities, so that reactions that keep the number of moles have K itself.
    Beside the temperature it goes by van 't Hoff with the enthalpy there (less (net order) R T of a gas, on concentrations).

    Args:
        reaction: all species in ``data``, and of one phase.
        data: species to formation data.
        temperature: K.
        name: of the number; ``K.<id>`` unless told.

    Raises:
        InputError: a species without data, or mixed phases; PropertyMissing: no heat capacity.
    """
    enthalpy = entropy = net = variance = 0.0
    phases = set()
    for sign, terms in ((-1, reaction.reactants), (1, reaction.products)):
        for species, n in terms:
            if species not in data:
                raise InputError(f"no formation data of {species!r}", where=f"reaction {reaction.id} K", fix=did_you_mean(species, data) or f"add [formation.{species}]")
            h, s = data[species].at(temperature)
            enthalpy, entropy, net = enthalpy + sign * n * h, entropy + sign * n * s, net + sign * n
            variance += (n * data[species].std) ** 2
            phases.add(data[species].phase)
    if len(phases) != 1:
        raise InputError(f"formation data of {' and '.join(sorted(phases))} in one reaction", where=f"reaction {reaction.id} K", fix="give all of one phase, or K itself")
    gas = phases == {"gas"}
    if phases == {"liquid"} and net:
        raise InputError(
            "a reaction of liquids that changes the number of moles: K on concentrations needs the molar density", where=f"reaction {reaction.id} K", fix="give K itself"
        )
    standard = P_STANDARD / (GAS_CONSTANT * temperature) if gas else C_STANDARD
    ln = -(enthalpy - temperature * entropy) / (GAS_CONSTANT * temperature) + net * math.log(standard)
    if abs(ln) > 690:
        raise InputError(f"ln K is {ln:.0f}: the reaction is not reversible in any practical sense", where=f"reaction {reaction.id} K", fix="write '->'")
    energy = enthalpy - (net * GAS_CONSTANT * temperature if gas else 0.0)
    return Number(name or f"K.{reaction.id}", math.exp(ln), math.sqrt(variance) / (GAS_CONSTANT * temperature), True, energy, 0.0, temperature)
