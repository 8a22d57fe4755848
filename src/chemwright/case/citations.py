"""BibTeX of exactly the sources that a case's numbers rest on."""

from __future__ import annotations

import re
from typing import Any

from chemwright.record import CaseRecord, Source
from chemwright.record.convert import converter

METHODS = ("Hand1958", "Chen1987")
"""Sources of what every design is sized and priced with: installation factors, mean temperature difference."""


def sources_used(record: CaseRecord, results: dict[str, Any]) -> list[Source]:
    """Sources of the record, of the property claims computed, and of the causes that a design's figures rest on; by id.

    Args:
        record: the case.
        results: results of steps by name; those that are there count.
    """
    known = {s.id: s for s in record.sources}
    used = set(known)
    properties = results.get("properties", {"claims": [], "sources": []})
    known.update({s["id"]: converter().structure(s, Source) for s in properties["sources"]})
    used |= {s["id"] for s in properties["sources"]} | {c["source"] for c in properties["claims"]}
    if "design" in results:
        from chemwright.equipment import equipment_table, load_sources
        from chemwright.flowsheet.build import economic_claims
        from chemwright.flowsheet.claims import SOURCES

        known.update(load_sources() | {s.id: s for s in SOURCES})
        causes = {cause["root"] for group in results.get("explain", {}).values() for cause in group}
        fixed = {c.id: c for c in economic_claims(record)}
        used |= {c.source for key, c in fixed.items() if key in causes or not c.std} | {row.source for row in equipment_table().values()} | set(METHODS)
    return [known[key] for key in sorted(used) if key in known]


def bibtex(sources: list[Source]) -> list[str]:
    """The entries, with keys that BibTeX reads."""
    return [re.sub(r"^(@\w+\{)([^,\n]+)", lambda m: m.group(1) + re.sub(r"[\s#%~\\]+", "-", m.group(2)), s.as_bibtex()) for s in sources]
