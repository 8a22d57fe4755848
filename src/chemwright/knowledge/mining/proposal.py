"""What mining proposes: typed records with the place in the document they came from. Nothing here is trusted before it is reviewed."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from chemwright.record.convert import content_hash
from chemwright.record.fields import as_tuple, filled, finite, named_numbers, number, one_of, optional_number, within

KINDS = ("substance", "property", "procedure", "kinetic")
STATUSES = ("proposed", "accepted", "corrected", "rejected")
ROLES = ("", "reactant", "reagent", "catalyst", "solvent", "product", "workup")
QUALIFIERS = ("=", "~", "<", ">")
SCHEMA_VERSION = 1


@frozen
class Reading:
    """One number read from running text, in SI.

    Args:
        value: K for a temperature, s for a time, per cent for a yield; the middle of a range.
        low: lower end of a range as written, or None.
        high: upper end, or None.
        text: the words it was read from (``"0 °C to rt"``).
        assumed: why the number is not in the text itself (``"room temperature taken as 298.15 K"``), or empty.
        start: first character of ``text`` in the document's text.
        confidence: 0 to 1, that this is the number asked for.
    """

    value: float = field(converter=number, validator=finite)
    low: float | None = field(default=None, converter=optional_number, validator=finite)
    high: float | None = field(default=None, converter=optional_number, validator=finite)
    text: str = ""
    assumed: str = ""
    start: int = 0
    confidence: float = field(default=0.0, converter=number, validator=within(0.0, 1.0))


@frozen
class SubstanceMention:
    """A substance named in the text.

    Args:
        name: as written.
        smiles: canonical SMILES, empty when no structure was found.
        role: one of :data:`ROLES`.
        amount: the amount as written (``"1.2 g, 5.0 mmol"``), or empty.
        moles: mol, or None.
        mass: kg, or None.
        volume: m^3, or None.
        equivalents: relative to the limiting reactant as written, or None.
        found_by: how the structure was found: ``"table"``, ``"common usage"``, ``"nomenclature"``, ``"formula"`` or empty.
        start: first character of ``name`` in the document's text.
        confidence: 0 to 1, that name, structure and role are right.
    """

    name: str = field(validator=filled)
    smiles: str = ""
    role: str = field(default="", validator=one_of(ROLES))
    amount: str = ""
    moles: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    mass: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    volume: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    equivalents: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    found_by: str = ""
    start: int = 0
    confidence: float = field(default=0.0, converter=number, validator=within(0.0, 1.0))
    kind: Literal["substance"] = "substance"


@frozen
class PropertyMention:
    """A value of a property of a substance.

    Args:
        substance: name as written; empty when the sentence does not say.
        smiles: canonical SMILES, or empty.
        property: name as in claims (``"boiling_point"``).
        value: magnitude in ``unit``; the middle of a range.
        unit: unit that :mod:`chemwright.quantity` reads.
        std: standard uncertainty in ``unit`` when the text gives one (of a range, its width over the square root of 12), else None.
        low: lower end of a range in ``unit``, or None.
        high: upper end, or None.
        qualifier: one of :data:`QUALIFIERS`.
        conditions: named numbers in SI (``{"temperature": 298.15, "pressure": 101325.0}``).
        medium: solvent or other surroundings the value holds in, or empty.
    """

    substance: str
    property: str = field(validator=filled)
    value: float = field(converter=number, validator=finite)
    unit: str
    smiles: str = ""
    std: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    low: float | None = field(default=None, converter=optional_number, validator=finite)
    high: float | None = field(default=None, converter=optional_number, validator=finite)
    qualifier: str = field(default="=", validator=one_of(QUALIFIERS))
    conditions: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite, hash=False)
    medium: str = ""
    kind: Literal["property"] = "property"


@frozen
class ProcedureMention:
    """A preparation as written.

    Args:
        reactants: what gives atoms to the product.
        reagents: bases, acids, oxidants and other helpers.
        catalysts: catalysts.
        solvents: solvents of the reaction (not of its work-up).
        workup: substances of quench, extraction, drying and chromatography.
        products: what was made.
        temperatures: K, in the order of the text; the one held longest first in doubt is marked by the highest confidence.
        times: s, likewise.
        yields: per cent of the theoretical.
    """

    reactants: tuple[SubstanceMention, ...] = field(default=(), converter=as_tuple)
    reagents: tuple[SubstanceMention, ...] = field(default=(), converter=as_tuple)
    catalysts: tuple[SubstanceMention, ...] = field(default=(), converter=as_tuple)
    solvents: tuple[SubstanceMention, ...] = field(default=(), converter=as_tuple)
    workup: tuple[SubstanceMention, ...] = field(default=(), converter=as_tuple)
    products: tuple[SubstanceMention, ...] = field(default=(), converter=as_tuple)
    temperatures: tuple[Reading, ...] = field(default=(), converter=as_tuple)
    times: tuple[Reading, ...] = field(default=(), converter=as_tuple)
    yields: tuple[Reading, ...] = field(default=(), converter=as_tuple)
    kind: Literal["procedure"] = "procedure"


@frozen
class KineticMention:
    """One kinetic parameter.

    Args:
        reaction: name or equation as written; empty when the table does not say.
        parameter: ``"rate_constant"``, ``"pre_exponential_factor"``, ``"activation_energy"``, ``"temperature_exponent"``, ``"reaction_order"``, ``"equilibrium_constant"``,
            ``"reaction_enthalpy"``.
        symbol: the letter in the document (``"k1"``, ``"Ea"``).
        value: magnitude in ``unit``.
        unit: unit that :mod:`chemwright.quantity` reads; ``"1"`` for none.
        std: standard uncertainty in ``unit``, or None.
        conditions: named numbers in SI.
    """

    reaction: str
    parameter: str = field(validator=filled)
    symbol: str
    value: float = field(converter=number, validator=finite)
    unit: str = "1"
    std: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    conditions: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite, hash=False)
    kind: Literal["kinetic"] = "kinetic"


@frozen
class Evidence:
    """Where in the document it stands.

    Args:
        document: file name or title given by the user.
        document_hash: SHA-256 (hex) of the bytes that were read.
        text: the sentence, paragraph (of a procedure) or table cell, as read.
        start: first character of ``text`` in the document's text; -1 for a table cell.
        end: one past its last character; -1 for a table cell.
        page: page number from 1, or 0 where the format has none.
        table: number of the table in the document from 1, or 0 for running text.
        row: row of the cell from 1, header rows included; 0 for running text.
        column: column of the cell from 1; 0 for running text.
        heading: caption of the table with the header of the column, or the heading above the text.
    """

    document: str
    document_hash: str
    text: str
    start: int = -1
    end: int = -1
    page: int = 0
    table: int = 0
    row: int = 0
    column: int = 0
    heading: str = ""


Mention = SubstanceMention | PropertyMention | ProcedureMention | KineticMention


@frozen
class Proposal:
    """Something read from a document, waiting for review.

    Args:
        data: one of the four mentions; its ``kind`` says which.
        evidence: the place it was read from.
        confidence: 0 to 1. Readings and roles of procedures, and structures of names, carry shares measured on patents; for properties, kinetic parameters and language models it is a judgement.
        status: one of :data:`STATUSES`; mining itself only ever writes ``"proposed"``.
        method: what read it: ``"rules"``, ``"classifier"``, or ``"language model: <name>"``.
        by: who reviewed it, or empty.
        note: the reviewer's remark, or empty.
        corrects: id of the proposal that this one corrects, or empty.
    """

    data: Mention
    evidence: Evidence
    confidence: float = field(converter=number, validator=within(0.0, 1.0))
    status: str = field(default="proposed", validator=one_of(STATUSES))
    method: str = "rules"
    by: str = ""
    note: str = ""
    corrects: str = ""
    schema_version: int = SCHEMA_VERSION

    @property
    def kind(self) -> str:
        """One of :data:`KINDS`."""
        return self.data.kind

    @property
    def id(self) -> str:
        """Sixteen hex digits, the same for the same finding at the same place: mining a document twice gives equal ids."""
        place = self.evidence
        return content_hash([self.data, [place.document_hash, place.start, place.end, place.page, place.table, place.row, place.column]])[:16]
