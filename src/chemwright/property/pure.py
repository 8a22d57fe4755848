"""Scalar pure-component properties of any species, each a Claim with standard uncertainty, source, tier and an honest note."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from chemwright.errors import PropertyMissing
from chemwright.property import tables
from chemwright.property.consensus import Reading, consensus
from chemwright.property.estimate import Estimate, boiling_point, critical, formation, formation_salt, heat_capacity, molar_volume, vaporisation, vaporisation_298
from chemwright.property.molecule import Structure, cas_of, structure
from chemwright.property.sources import source
from chemwright.property.vapour import VapourPressure, from_curves, lee_kesler
from chemwright.record import Claim, Source, Species

PROPERTIES = {
    "boiling_point": "K",
    "vapour_pressure_A": "1",
    "vapour_pressure_B": "K",
    "vapour_pressure_C": "K",
    "vapour_pressure_factor": "1",
    "heat_of_vaporisation": "J/mol",
    "liquid_heat_capacity": "J/(mol K)",
    "liquid_molar_volume": "m^3/mol",
    "heat_of_formation_liquid": "J/mol",
}
"""Properties that every species gets, with their units."""


@frozen
class PureResult:
    """Claims on one species, one for each of :data:`PROPERTIES`, and the sources they name."""

    claims: tuple[Claim, ...]
    sources: tuple[Source, ...]


@lru_cache(maxsize=512)
def pure_claims(species: Species) -> PureResult:
    """Every property of :data:`PROPERTIES` for a species, from tables by CAS number where there are any, else estimated.

    Measured readings are joined by consensus; readings in conflict are named in the note and widen the standard uncertainty.
    Salts (an atom with a formal charge that no neighbour compensates) are non-volatile. Deterministic; no network.

    Args:
        species: with ``smiles``, and ``cas`` where known (without it only common substances are found in the tables).

    Returns:
        Claims with id ``{species.id}.{property}``; ``std`` is None for the constants of a correlation, whose uncertainty is
        ``vapour_pressure_factor``.

    Raises:
        SubstanceError: the SMILES can't be read.
    """
    mol = structure(species.smiles)
    cas = cas_of(species)
    tb = _tabled(tables.boiling_points(cas), within=0.01, floor=0.5, single=2.0) or boiling_point(mol)
    vapour = _vapour(mol, cas, tb)
    hvap = _tabled(tables.vaporisation(cas, tb.value), within=0.05, floor_rel=0.01, single_rel=0.03) or vaporisation(mol, cas, tb, vapour)
    cp = _tabled(tables.heat_capacities(cas), within=0.05, floor_rel=0.01, single_rel=0.03) or heat_capacity(mol)
    volume = _tabled(tables.molar_volumes(cas), within=0.03, floor_rel=0.005, single_rel=0.01) or molar_volume(mol, cas)
    found = {
        "boiling_point": tb,
        "heat_of_vaporisation": hvap,
        "liquid_heat_capacity": cp,
        "liquid_molar_volume": volume,
        "heat_of_formation_liquid": _formation(mol, cas, tb, hvap),
    }
    for name, value in (("A", vapour.a), ("B", vapour.b), ("C", vapour.c)):
        found[f"vapour_pressure_{name}"] = Estimate(value, None, vapour.source, vapour.tier, vapour.note, also=vapour.also)
    found["vapour_pressure_factor"] = Estimate(1.0, vapour.rel_std, vapour.source, vapour.tier, "factor on the vapour pressure that carries its uncertainty; " + vapour.note)
    claims = tuple(_claim(species.id, name, found[name]) for name in PROPERTIES)
    used = {key for name in PROPERTIES for key in (found[name].source, *found[name].also)}
    return PureResult(claims, tuple(source(key) for key in sorted(used)))


def _claim(subject: str, name: str, e: Estimate) -> Claim:
    conditions = {"temperature": e.temperature} if e.temperature else {}
    return Claim(f"{subject}.{name}", subject, name, e.value, PROPERTIES[name], e.std, conditions, e.source, e.tier, e.note)


def _tabled(readings: list[Reading], *, within: float, floor: float = 0.0, single: float = 0.0, floor_rel: float = 0.0, single_rel: float = 0.0) -> Estimate | None:
    """The consensus of table readings, or nothing when there are none; floors are absolute or relative to the first reading."""
    if not readings:
        return None
    size = abs(readings[0].value)
    out = consensus(readings, within=within, floor=floor + floor_rel * size, single=single + single_rel * size)
    also = tuple(r.source for r in (*out.agreeing, *out.outliers) if r.source != out.best.source)
    return Estimate(out.value, out.std, out.best.source, out.best.tier, out.note, out.best.temperature, also)


def _vapour(mol: Structure, cas: str, tb: Estimate) -> VapourPressure:
    """Vapour pressure: none for salts, else from tables, else Lee and Kesler."""
    if mol.ionic:
        return VapourPressure(-60.0, 0.0, 0.0, 0.0, "assumed:non-volatile", "assumed", "a salt: taken as non-volatile (p about 1e-26 Pa), not measured")
    try:
        return from_curves(tables.vapour_pressures(cas))
    except PropertyMissing:
        return lee_kesler(tb.value, tb.std or 0.0, *critical(mol, cas, tb.value))


def _formation(mol: Structure, cas: str, tb: Estimate, hvap: Estimate) -> Estimate:
    """Enthalpy of formation of the liquid: tables of the liquid, of the gas less vaporisation, salts from their partners, else Joback."""
    liquid = tables.formation_liquid(cas)
    if liquid:
        return _first(liquid, "liquid at 298.15 K")
    if mol.ionic:
        return formation_salt(mol, [pure_claims(Species(f"partner{i}", s)) for i, s in enumerate(mol.partners)])
    evaporation = _tabled(tables.vaporisation_298(cas), within=0.05, floor_rel=0.02, single_rel=0.03) or vaporisation_298(mol, cas, tb, hvap)
    gas = tables.formation_gas(cas)
    return formation(mol, _first(gas, "ideal gas at 298.15 K") if gas else None, evaporation)


def _first(readings: list[Reading], what: str) -> Estimate:
    """The most trusted reading with the agreement of the rest as uncertainty (1 kJ/mol at least); a median would mix conflicting evaluations."""
    out = consensus(readings[:1] + [r for r in readings[1:] if abs(r.value - readings[0].value) < 5e3], within=1e9, floor=1e3, single=2e3)
    far = [r for r in readings if r not in out.agreeing]
    std = out.std
    if far and len(out.agreeing) <= len(far):
        std = max(std, max(abs(r.value - readings[0].value) for r in far) / 2.0**0.5)
    note = f"{what}; {len(out.agreeing)} source(s) agree within 5 kJ/mol" + (
        "; in conflict: " + ", ".join(f"{r.source.rsplit(':', 1)[-1]} {r.value / 1e3:.1f} kJ/mol" for r in far) if far else ""
    )
    return Estimate(readings[0].value, std, readings[0].source, "measured", note, 298.15, tuple(r.source for r in readings[1:]))
