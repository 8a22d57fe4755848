"""Claims that a case file makes itself: a quote, a measurement, another assumption in the place of a default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chemwright.errors import InputError, did_you_mean
from chemwright.quantity import Value
from chemwright.record import Claim, Source, Species
from chemwright.record.claim import KINDS, TIERS


def known_claims(species: tuple[Species, ...]) -> dict[str, tuple[str, str, str]]:
    """Ids that the plant reads, each with subject, property and unit."""
    from chemwright.equipment import load_claims
    from chemwright.flowsheet.claims import DEFAULTS
    from chemwright.property import PROPERTIES

    claims = [c for name in ("prices", "crystallisation", "heat_transfer_coefficients") for c in load_claims(name)[0]] + list(DEFAULTS)
    known = {c.id: (c.subject, c.property, c.unit) for c in claims}
    for s in species:
        known.update({f"{s.id}.{name}": (s.id, name, unit) for name, unit in PROPERTIES.items()})
        key = s.cas or s.id
        known.setdefault(f"price.{key}", (key, "price", "USD/kg"))
        known.setdefault(f"co2e.{key}", (key, "emission_factor", "1"))
    return known


def read_claims(tables: list[Mapping[str, Any]], species: tuple[Species, ...], where: str) -> tuple[tuple[Claim, ...], tuple[Source, ...]]:
    """The [[claim]] tables of a case file.

    Args:
        tables: each with ``id``, ``value`` (as ``"17.2 +/- 0.5 USD/kg"``), ``source`` (a text), optional ``kind``, ``tier``, ``note``.
        species: of the case, for property ids such as ``SM.boiling_point``.
        where: file name, named in errors.

    Returns:
        claims in the units of the defaults they replace, and their sources.

    Raises:
        InputError: unknown id, kind or tier (with near misses), or an id twice; UnitError: wrong dimension.
    """
    known = known_claims(species)
    claims: dict[str, Claim] = {}
    sources = []
    for i, table in enumerate(tables, start=1):
        place, key = f"{where}, [[claim]] {i}", table["id"]
        if key not in known:
            raise InputError(
                f"no number of the plant is called {key!r}", where=f"{place} id", fix=did_you_mean(key, known) or "the report's assumptions and property table list the ids"
            )
        if key in claims:
            raise InputError(f"{key!r} is claimed twice", where=f"{place} id", fix="keep one")
        kind, tier = table.get("kind", "literature"), table.get("tier", "measured")
        for name, value, allowed in (("kind", kind, KINDS), ("tier", tier, TIERS)):
            if value not in allowed:
                raise InputError(f"unknown {name} {value!r}", where=f"{place} {name}", fix=did_you_mean(value, allowed))
        subject, prop, unit = known[key]
        number = Value.parse(table["value"], unit=unit, where=f"{place} value")
        source = Source(f"case:{key}", kind, table["source"])
        claims[key] = Claim(key, subject, prop, number.value, unit, number.std, source=source.id, tier=tier, note=table.get("note", ""))
        sources.append(source)
    return tuple(claims.values()), tuple(sources)
