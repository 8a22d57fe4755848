"""Melting point and heat of fusion of a solid, for its solubility: from tables where there are any, the heat else from the entropy of fusion by Walden's rule."""

from __future__ import annotations

import math

from attrs import frozen

from chemwright.errors import PropertyMissing, SubstanceError
from chemwright.property.consensus import Reading, consensus
from chemwright.property.molecule import cas_of
from chemwright.record import Species
from chemwright.structure.molecule import inchikey, parse

ESTIMATE = "JOBACK"
"""What `chemicals` calls an estimate among its tables; it is not taken for a measurement."""
WALDEN = 44.0
"""Entropy of fusion of a rigid molecule [J/(mol K)]."""
PER_ROTATABLE_BOND = 6.73
"""What each rotatable bond adds [J/(mol K)]."""
WALDEN_STD = 14.0
"""Standard uncertainty of the entropy so estimated [J/(mol K)].

The three figures were fitted for chemwright to 317 organic solids with a heat of fusion in the table of `chemicals` (CRC) and hold, with a root mean square error of 14.0, on 169 others, split by
the SHA-256 of the InChIKey; Walden's rule (Z. Elektrochem. 14 (1908) 713) has 56.5 for rigid aromatic molecules.
"""


@frozen
class Melting:
    """Melting point T [K] and heat of fusion [J/mol] with standard uncertainties, tier (measured or mechanism), and a note on where they come from."""

    T: float
    T_std: float
    heat: float
    heat_std: float
    tier: str = "measured"
    note: str = ""


def melting(smiles: str, *, T: float | None = None) -> Melting:
    """Melting data of a solid.

    Args:
        smiles: SMILES.
        T: melting point [K] where known; from tables when not given.

    Raises:
        PropertyMissing: no table has its melting point and none is given.
        SubstanceError: the SMILES can't be read.
    """
    import chemicals

    cas = _cas(smiles)
    if T is None:
        said = [Reading(f"chemicals:Tm:{m}", float(chemicals.Tm(cas, method=m))) for m in (chemicals.Tm_methods(cas) if cas else []) if m != ESTIMATE]
        if not said:
            raise PropertyMissing(
                f"no table has the melting point of {smiles!r}", where=smiles, fix="give melting data as Melting(T, T_std, heat, heat_std), or melting(smiles, T=...)"
            )
        agreed = consensus(said, within=0.01, floor=0.5, single=3.0)
        point, point_std, note = agreed.value, agreed.std, f"melting point: {agreed.note}"
    else:
        point, point_std, note = float(T), 1.0, "melting point as given"
    heats = [float(chemicals.Hfus(cas, method=m)) for m in (chemicals.Hfus_methods(cas) if cas else []) if m != ESTIMATE]
    heats = [h for h in heats if h > 0.0 and 15.0 < h / point < 400.0]
    if heats:
        middle = sorted(heats)[len(heats) // 2]
        return Melting(point, point_std, middle, max(0.03 * middle, 0.5 * (max(heats) - min(heats))), "measured", f"{note}; heat of fusion from {len(heats)} table(s)")
    entropy = entropy_of_fusion(smiles)
    return Melting(
        point,
        point_std,
        entropy * point,
        math.hypot(WALDEN_STD * point, entropy * point_std),
        "mechanism",
        f"{note}; heat of fusion estimated from an entropy of {entropy:.0f} J/(mol K)",
    )


def entropy_of_fusion(smiles: str) -> float:
    """Estimated entropy of fusion [J/(mol K)]: :data:`WALDEN` and :data:`PER_ROTATABLE_BOND`."""
    from rdkit.Chem import rdMolDescriptors

    return WALDEN + PER_ROTATABLE_BOND * float(rdMolDescriptors.CalcNumRotatableBonds(parse(smiles)))


def _cas(smiles: str) -> str:
    """CAS number by InChIKey, first among the common substances, then in the large tables; empty when unknown."""
    from chemicals.identifiers import pubchem_db

    found = cas_of(Species("solute", smiles))
    if found:
        return found
    try:
        entry = pubchem_db.search_InChI_key(inchikey(smiles))
    except SubstanceError:
        return ""
    return str(entry.CASs) if entry else ""
