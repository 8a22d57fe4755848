"""Claims and their sources: what is said to be so, by whom, how surely, under which conditions."""

from __future__ import annotations

from attrs import field, frozen

from chemwright.quantity import Value
from chemwright.record.fields import filled, finite, named_numbers, number, one_of, optional_number, within

KINDS = ("literature", "database", "experiment", "simulation", "plant", "estimate", "assumption")
TIERS = ("measured", "fitted", "correlated", "estimated", "assumed")


@frozen
class Source:
    """Where a number comes from.

    Args:
        id: short key, as in ``Hone2017``.
        kind: one of :data:`KINDS`.
        citation: one line a reader can follow.
        doi: digital object identifier, or empty.
        year: year of publication, 0 when it has none.
        licence: terms under which the figures are carried, or empty.
        bibtex: the entry, or empty (one is made from the other fields then).

    Raises:
        InputError: empty id or unknown kind.
    """

    id: str = field(validator=filled)
    kind: str = field(validator=one_of(KINDS))
    citation: str = ""
    doi: str = ""
    year: int = 0
    licence: str = ""
    bibtex: str = ""

    def as_bibtex(self) -> str:
        """The BibTeX entry; made as ``@misc`` from the citation when none was given."""
        if self.bibtex:
            return self.bibtex
        parts = [f"  title = {{{self.citation}}}", f"  note = {{{self.kind}}}"]
        if self.year:
            parts.append(f"  year = {{{self.year}}}")
        if self.doi:
            parts.append(f"  doi = {{{self.doi}}}")
        return f"@misc{{{self.id},\n" + ",\n".join(parts) + "\n}"


@frozen
class Claim:
    """One statement about one property of one subject.

    Args:
        id: unique key within a case; also the id of its root in the uncertainty ledger.
        subject: species, price, unit operation or other thing the claim is about.
        property: name of the property, as in ``boiling_point``.
        value: magnitude in ``unit``.
        unit: unit text.
        std: standard uncertainty in ``unit``, or ``None`` when the source gives none.
        conditions: named numbers in SI under which the claim holds, as ``{"temperature": 298.15}``.
        source: id of a :class:`Source`.
        tier: how the number came about, one of :data:`TIERS`.
        note: anything a reader must know.
        phase: of the subject, as ``liquid``; empty when it goes without saying.
        method: how it was measured or computed; empty when not told.

    Raises:
        InputError: empty id, unknown tier, a number that is not finite, a negative std.
    """

    id: str = field(validator=filled)
    subject: str
    property: str
    value: float = field(converter=number, validator=finite)
    unit: str = "1"
    std: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    conditions: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    source: str = ""
    tier: str = field(default="measured", validator=one_of(TIERS))
    note: str = ""
    phase: str = ""
    method: str = ""

    def as_value(self) -> Value:
        """The claim's number as a :class:`Value`."""
        return Value(self.value, self.unit, self.std, self.source)
