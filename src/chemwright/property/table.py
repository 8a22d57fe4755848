"""Pure properties of any substances, as plain rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chemwright.errors import InputError
from chemwright.property.pure import pure_claims
from chemwright.record import Species


def property_table(substances: Iterable[str], where: str = "") -> dict[str, Any]:
    """Claims for substances by name, CAS number or SMILES.

    Args:
        substances: texts, resolved offline.
        where: place to name in an error.

    Returns:
        ``substances``: rows of name, cas, smiles, formula, molar_mass (kg/mol); ``claims``: rows of substance, property, value, unit, std, tier,
        source, note; ``sources``: source id to citation.

    Raises:
        SubstanceError: unknown substance, with near misses; InputError: none given.
    """
    from chemwright.knowledge import resolve

    given = list(substances)
    if not given:
        raise InputError("no substance given", where=where, fix="give names, CAS numbers or SMILES, as in: ethanol 110-91-8 CCN")
    heads, rows, sources = [], [], {}
    for i, text in enumerate(given):
        found = resolve(text, where or text)
        heads.append({"name": found.name or text, "cas": found.cas, "smiles": found.smiles, "formula": found.formula, "molar_mass": found.molar_mass})
        result = pure_claims(Species(f"s{i}", found.smiles, found.name, found.cas, found.formula, found.molar_mass))
        sources.update({s.id: s.citation for s in result.sources})
        for c in result.claims:
            rows.append(
                {"substance": found.name or text, "property": c.property, "value": c.value, "unit": c.unit, "std": c.std, "tier": c.tier, "source": c.source, "note": c.note}
            )
    return {"substances": heads, "claims": rows, "sources": sources}
