"""Estimates from the structure where no table has the figure: group contributions and corresponding states, with honest widths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from chemwright.property import tables
from chemwright.property.molecule import Structure, joback
from chemwright.property.vapour import VapourPressure, clapeyron

if TYPE_CHECKING:
    from chemwright.property.pure import PureResult

JOBACK_TB_STD = 30.0
"""Standard uncertainty [K] of Joback's boiling point: its mean absolute error on some 7,500 consensus boiling points is about 29 K."""


@frozen
class Estimate:
    """A figure in SI: value, standard uncertainty (None for a constant of a correlation), source id, tier, note, temperature [K] and further source ids."""

    value: float
    std: float | None
    source: str
    tier: str
    note: str = ""
    temperature: float = 0.0
    also: tuple[str, ...] = ()


def learned(mol: Structure, name: str, *, below: float = math.inf, share: float = math.inf, temperature: float = 0.0) -> Estimate | None:
    """A figure that was learned from measured molecules, where the molecule is like those and the figure surer than what would stand in its place; nothing for salts.

    Args:
        mol: the molecule.
        name: property.
        below, share: standard uncertainty, absolute and over the value, that the other estimate has.
        temperature: [K] it holds at, to be told.
    """
    from chemwright.property.answering.single import learned_figure

    found = None if mol.ionic else learned_figure(mol.smiles, name)
    if found is None or found[1] > min(below, share * abs(found[0])):
        return None
    return Estimate(found[0], found[1], f"learned:{name}", "estimated", "learned from measured molecules", temperature)


def boiling_point(mol: Structure) -> Estimate:
    """Normal boiling point [K]: learned, else Joback, or a rough figure from the molar mass; salts decompose or boil far above any use here."""
    if mol.ionic:
        return Estimate(1000.0, 300.0, "assumed:non-volatile", "assumed", "a salt: does not boil in the range of use; a placeholder")
    found = learned(mol, "normal_boiling_point", below=JOBACK_TB_STD)
    if found:
        return found
    groups = joback(mol.smiles)
    if groups:
        return Estimate(groups["Tb"], JOBACK_TB_STD, "JobackReid1987", "estimated", "group contribution; some molecules decompose below it")
    return Estimate(300.0 + 1.2 * mol.molar_mass, 100.0, "assumed:rough", "assumed", "no table and no group contribution covers this structure: rough figure from the molar mass")


def critical(mol: Structure, cas: str, tb: float) -> tuple[float, float, str]:
    """Critical temperature [K], pressure [Pa] and source id: tables, else learned, else Joback with the best boiling point ``tb`` [K], else Tc = 1.5 Tb and Pc = 40 bar."""
    table = tables.critical(cas)
    if table:
        return table[0], table[1], "chemicals:Tc:CONSTANTS"
    tc, pc = learned(mol, "critical_temperature", share=0.05), learned(mol, "critical_pressure", share=0.2)
    if tc and pc and 1.15 * tb < tc.value < 1.9 * tb:  # a critical point that does not go with the boiling point would spoil what is made of both
        return tc.value, pc.value, tc.source
    groups = joback(mol.smiles)
    if groups and groups["Tc_ratio"] > 1.05:
        return tb * groups["Tc_ratio"], groups["Pc"], "JobackReid1987"
    return 1.5 * tb, 40e5, "assumed:rough"


def vaporisation(mol: Structure, cas: str, tb: Estimate, vapour: VapourPressure) -> Estimate:
    """Enthalpy of vaporisation [J/mol] at the normal boiling point: from 298 K data by Watson, from a measured vapour pressure's slope, else learned, else Riedel."""
    from chemicals.phase_change import Riedel, Watson

    if mol.ionic:
        return Estimate(1.5e5, 5e4, "assumed:non-volatile", "assumed", "a salt: never evaporates here, a placeholder of the size of an ion pair's")
    tc, pc, constants = critical(mol, cas, tb.value)
    cold = tables.vaporisation_298(cas)
    if cold and tb.value > 298.15:
        value = Watson(tb.value, cold[0].value, 298.15, tc)
        return Estimate(
            float(value),
            0.06 * float(value),
            cold[0].source,
            "correlated",
            f"{cold[0].value / 1e3:.1f} kJ/mol at 298.15 K carried to the boiling point by Watson's rule",
            tb.value,
            ("Watson", constants),
        )
    if vapour.tier == "correlated":
        value = clapeyron(vapour, tb.value)
        return Estimate(value, 0.06 * value, vapour.source, "correlated", "slope of the vapour pressure (Clausius-Clapeyron, ideal vapour)", tb.value)
    value = float(Riedel(tb.value, tc, pc))
    # the boiling point's own uncertainty adds in proportion, beside some 6 % of the method on estimated critical constants
    rel = math.hypot(0.06, (tb.std or 0.0) / tb.value)
    found = learned(mol, "enthalpy_of_vaporisation_at_boiling_point", share=rel, temperature=tb.value)
    if found:
        return found
    return Estimate(value, rel * value, "Riedel", "estimated", f"critical constants from {constants}", tb.value, (constants,))


def vaporisation_298(mol: Structure, cas: str, tb: Estimate, hvap: Estimate) -> Estimate:
    """Enthalpy of vaporisation [J/mol] at 298.15 K by Watson's rule from the boiling point (unchanged where that lies below)."""
    from chemicals.phase_change import Watson

    tc, _, constants = critical(mol, cas, tb.value)
    factor = float(Watson(298.15, 1.0, tb.value, tc)) if tb.value > 298.15 and tc > tb.value + 1.0 else 1.0
    std = math.hypot(factor * (hvap.std or 0.0), 0.05 * factor * hvap.value)
    return Estimate(factor * hvap.value, std, "Watson", "estimated", "from the boiling point by Watson's rule", 298.15, (hvap.source, constants))


def heat_capacity(mol: Structure) -> Estimate:
    """Liquid heat capacity [J/(mol K)] at 323.15 K: learned at 298.15 K and carried by Dadgostar and Shaw, else theirs alone: 10 %, 20 % for salts."""
    from chemicals.heat_capacity import Dadgostar_Shaw

    value = float(Dadgostar_Shaw(tables.MEAN_T, mol.atoms / mol.molar_mass, mol.molar_mass))
    found = learned(mol, "liquid_heat_capacity", share=0.1, temperature=tables.MEAN_T)
    if found and found.std is not None and value > 0.0:
        factor = value / float(Dadgostar_Shaw(298.15, mol.atoms / mol.molar_mass, mol.molar_mass))
        return evolve(found, value=factor * found.value, std=factor * found.std, also=("DadgostarShaw",))
    if not value > 0.0:  # molecules with few atoms a mass lie outside the correlation
        return Estimate(25.0 * mol.atoms, 10.0 * mol.atoms, "assumed:rough", "assumed", "outside every correlation: 25 J/(mol K) an atom", tables.MEAN_T)
    if mol.ionic:
        return Estimate(value, 0.2 * value, "DadgostarShaw", "assumed", "a salt, read as an organic liquid of the same atoms: no data", tables.MEAN_T)
    return Estimate(value, 0.1 * value, "DadgostarShaw", "estimated", "from atoms per mass", tables.MEAN_T)


def molar_volume(mol: Structure, cas: str) -> Estimate:
    """Liquid molar volume [m^3/mol] at 298.15 K: Rackett with tabulated critical constants (5 %), else learned, else Girolami's additive volumes (8 %; salts 15 %)."""
    from chemicals.volume import Rackett

    table = None if mol.ionic else tables.critical(cas)
    if table and table[0] > 310.0:
        tc, pc, vc = table
        value = float(Rackett(298.15, tc, pc, pc * vc / (tables.R * tc)))
        return Estimate(value, 0.05 * value, "Rackett", "estimated", "with tabulated critical constants", 298.15, ("chemicals:Tc:CONSTANTS",))
    found = learned(mol, "liquid_density", share=0.08, temperature=298.15)
    if found and found.std is not None:
        volume = 1e-3 * mol.molar_mass / found.value
        return evolve(found, value=volume, std=volume * found.std / found.value)
    value = mol.volume * 1e-6
    if mol.ionic:
        return Estimate(value, 0.15 * value, "Girolami1994", "assumed", "a salt, read as a molecular liquid of the same atoms: no data", 298.15)
    return Estimate(value, 0.08 * value, "Girolami1994", "estimated", "additive atomic volumes; for a solid that of its subcooled liquid", 298.15)


def formation(mol: Structure, gas: Estimate | None, evaporation: Estimate) -> Estimate:
    """Enthalpy of formation of the liquid [J/mol] at 298.15 K: the gas (table, else Joback) less the enthalpy of vaporisation."""
    also = (evaporation.source, *evaporation.also)
    if gas is not None:
        note = f"gas {gas.value / 1e3:.1f} less vaporisation {evaporation.value / 1e3:.1f} kJ/mol; {gas.note}"
        return Estimate(gas.value - evaporation.value, math.hypot(gas.std or 0.0, evaporation.std or 0.0), gas.source, "correlated", note, 298.15, (*gas.also, *also))
    groups = joback(mol.smiles)
    if groups:
        note = f"Joback's gas {groups['Hf'] / 1e3:.1f} less vaporisation {evaporation.value / 1e3:.1f} kJ/mol; the errors of similar molecules go together and partly cancel in a reaction"
        return Estimate(groups["Hf"] - evaporation.value, math.hypot(2e4, evaporation.std or 0.0), "JobackReid1987", "estimated", note, 298.15, also)
    return Estimate(-1e4 * mol.atoms, 1e4 * mol.atoms + 1e5, "assumed:rough", "assumed", "no table and no group contribution covers this structure", 298.15)


def formation_salt(mol: Structure, partners: Sequence[PureResult]) -> Estimate:
    """Enthalpy of formation of a salt [J/mol]: its neutral partners' liquids less 100 +/- 30 kJ/mol for the proton transfer."""
    parts = [c for r in partners for c in r.claims if c.property == "heat_of_formation_liquid"]
    if not parts:
        return Estimate(-4e5, 3e5, "assumed:rough", "assumed", "a salt that is no proton transfer between neutral partners: -400 +/- 300 kJ/mol", 298.15)
    value = sum(c.value for c in parts) - 1e5
    std = math.sqrt(sum((c.std or 0.0) ** 2 for c in parts) + 3e4**2)
    note = f"neutral partners {' + '.join(mol.partners)}: {(value + 1e5) / 1e3:.1f} kJ/mol, less 100 +/- 30 kJ/mol for the neutralisation"
    return Estimate(value, std, "assumed:neutralisation", "assumed", note, 298.15, tuple(s.id for r in partners for s in r.sources if s.id.startswith("chemicals:Hf")))
