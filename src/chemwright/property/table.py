"""Pure properties of any substances, as plain rows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from chemwright.errors import InputError
from chemwright.property.pure import pure_claims
from chemwright.property.vapour import T_HIGH, T_LOW
from chemwright.record import Claim, Species


def property_table(substances: Iterable[str], where: str = "", temperature: float | None = None) -> dict[str, Any]:
    """Claims for substances by name, CAS number or SMILES.

    Args:
        substances: texts, resolved offline.
        where: place to name in an error.
        temperature: in K; adds the vapour pressure there to each substance.

    Returns:
        ``substances``: rows of name, cas, smiles, formula, molar_mass (kg/mol); ``claims``: rows of substance, property, value, unit, std, tier,
        source, note, of the vapour pressure also temperature (K); ``sources``: source id to citation.

    Raises:
        SubstanceError: unknown substance, with near misses; InputError: none given, or a temperature outside 150-700 K.
    """
    from chemwright.knowledge import resolve

    given = list(substances)
    if not given:
        raise InputError("no substance given", where=where, fix="give names, CAS numbers or SMILES, as in: ethanol 110-91-8 CCN")
    if temperature is not None and not 150.0 <= temperature <= 700.0:
        raise InputError(f"{temperature:g} K is outside 150-700 K", where=where, fix="give a temperature at which these are liquid, as 350 K or 80 degC")
    heads, rows, sources = [], [], {}
    for i, text in enumerate(given):
        found = resolve(text, where or text)
        heads.append({"name": found.name or text, "cas": found.cas, "smiles": found.smiles, "formula": found.formula, "molar_mass": found.molar_mass})
        result = pure_claims(Species(f"s{i}", found.smiles, found.name, found.cas, found.formula, found.molar_mass))
        sources.update({s.id: s.citation for s in result.sources})
        if temperature is not None:
            rows.append({"substance": found.name or text, **_vapour_pressure({c.property: c for c in result.claims}, temperature)})
        for c in result.claims:
            rows.append(
                {"substance": found.name or text, "property": c.property, "value": c.value, "unit": c.unit, "std": c.std, "tier": c.tier, "source": c.source, "note": c.note}
            )
    return {"substances": heads, "claims": rows, "sources": sources}


def _vapour_pressure(claims: dict[str, Claim], t: float) -> dict[str, Any]:
    """The row of the vapour pressure [Pa] at ``t`` [K]: ln p = A - B/(T + C) times the factor, whose std is the relative one."""
    a, b, c = (claims[f"vapour_pressure_{k}"].value for k in "ABC")
    factor = claims["vapour_pressure_factor"]
    value = math.exp(a - b / (t + c)) * factor.value
    note = factor.note if T_LOW <= t <= T_HIGH else f"extrapolated from {T_LOW:.0f}-{T_HIGH:.0f} K, so less sure than its std says; {factor.note}"
    std = None if factor.std is None else value * factor.std / factor.value
    return {"property": "vapour_pressure", "temperature": t, "value": value, "unit": "Pa", "std": std, "tier": factor.tier, "source": factor.source, "note": note}
