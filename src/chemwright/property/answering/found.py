"""Which molecules are asked about, and what is measured of them: the shipped figures and the claims of the user's own base."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from chemwright.errors import SubstanceError
from chemwright.knowledge.core.compact import Figure, core_figures, key_hash
from chemwright.knowledge.substances import resolve
from chemwright.property.answering.catalogue import ATMOSPHERE
from chemwright.structure import inchikey, is_smiles

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

HIGH_PRESSURE = 2e6
"""Claims on liquids above this pressure [Pa] do not count for the saturated liquid."""
_PHASED = {
    ("density", "liquid"): "liquid_density", ("density", "gas"): "gas_density", ("molar_volume", "liquid"): "liquid_molar_volume", ("viscosity", "gas"): "gas_viscosity",
    ("thermal_conductivity", "gas"): "gas_thermal_conductivity", ("heat_capacity", "liquid"): "liquid_heat_capacity", ("heat_capacity", "gas"): "gas_heat_capacity",
    ("formation_enthalpy", "liquid"): "liquid_formation_enthalpy", ("formation_enthalpy", "gas"): "gas_formation_enthalpy",
}  # fmt: skip


@frozen
class Found:
    """A substance that was asked about: the text as given, name and CAS number where known, SMILES, formula, molar mass [kg/mol], its place among the shipped figures (-1: none)."""

    text: str
    name: str
    cas: str
    smiles: str
    formula: str
    molar_mass: float
    place: int


@lru_cache(maxsize=1)
def _by_key() -> dict[int, int]:
    return core_figures().by_key()


def place_of(smiles: str) -> int:
    """The place of a structure among the shipped figures, -1 where nothing is known of it."""
    try:
        return _by_key().get(key_hash(inchikey(smiles)), -1)
    except SubstanceError:  # InChI can't describe it: it is in no table either
        return -1


def place_of_graph(graph: Any) -> int:
    """The place of an RDKit graph among the shipped figures, -1 where nothing is known of it."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        try:
            key = str(Chem.MolToInchiKey(graph))
        except Chem.MolSanitizeException:
            return -1
    return _by_key().get(key_hash(key), -1) if key else -1


def found(text: str, where: str = "") -> Found:
    """The substance that a name, CAS number or SMILES means; of a SMILES no table of names is read.

    Raises:
        SubstanceError: unknown, with near misses.
    """
    clean = text.strip() if isinstance(text, str) else text
    structure = isinstance(clean, str) and 0 < len(clean) <= 500 and is_smiles(clean)
    s = resolve(clean, where, names=not structure)
    figures = core_figures()
    place = place_of(s.smiles)
    if place < 0 and s.cas:
        place = figures.place(int(s.cas.replace("-", "")))
    cas = s.cas or (_dashed(int(figures.cas[place])) if place >= 0 else "")
    return Found(str(text), s.name, cas, s.smiles, s.formula, s.molar_mass, place)


def _dashed(cas: int) -> str:
    digits = str(cas)
    return f"{digits[:-3]}-{digits[-3:-1]}-{digits[-1]}"


def figures_of(places: Sequence[int]) -> dict[int, list[Figure]]:
    """The shipped figures of molecules by position."""
    if not any(p >= 0 for p in places):
        return {}
    core = core_figures()
    return {i: core.of(p) for i, p in enumerate(places) if p >= 0}


def own_figures(base: KnowledgeBase, smiles: Sequence[str], names: Sequence[str] = ()) -> dict[int, list[Figure]]:
    """Standing claims of a base on molecules, by position."""
    out: dict[int, list[Figure]] = {}
    for i, text in enumerate(smiles):
        try:
            claims = base.claims(inchikey(text))
        except SubstanceError:
            try:
                claims = base.claims(names[i]) if i < len(names) and names[i] else []
            except SubstanceError:
                claims = []
        figures = list(_figures(c.record for c in claims))
        if figures:
            out[i] = figures
    return out


def _figures(claims: Iterable[Any]) -> Iterable[Figure]:
    for c in claims:
        if isinstance(c.value, bool) or not isinstance(c.value, int | float):
            continue
        pressure = c.conditions.get("pressure")
        if c.property == "boiling_point" and pressure is not None and abs(pressure / ATMOSPHERE - 1.0) > 0.03:
            continue
        if pressure is not None and pressure > HIGH_PRESSURE and not c.property.startswith("gas"):
            continue
        yield Figure(_PHASED.get((c.property, c.phase), c.property), float(c.value), c.std, c.conditions.get("temperature"), c.source, c.tier)
