"""What was done and what came out: participants, reactions, experiments with their outcomes."""

from __future__ import annotations

from attrs import field, frozen

from chemwright.record.fields import as_tuple, filled, finite, named_numbers, number, one_of, optional_number, within

ROLES = ("reactant", "reagent", "catalyst", "ligand", "base", "acid", "solvent", "internal_standard", "workup", "product", "byproduct", "other")


@frozen
class Participant:
    """A substance in its role.

    Args:
        substance: key of a :class:`SubstanceRecord`.
        role: one of :data:`ROLES`.
        name: as the source wrote it.
        amount: mol; ``None`` when not told.
        mass: kg; ``None`` when not told.
        volume: m^3; ``None`` when not told.
        note: purity, vendor, preparation, in words.
    """

    substance: str = field(validator=filled)
    role: str = field(default="reactant", validator=one_of(ROLES))
    name: str = ""
    amount: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    mass: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    volume: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    note: str = ""


@frozen
class Outcome:
    """A measured result of an experiment: a property of the vocabulary in its SI unit, of a substance where it is one's."""

    property: str = field(validator=filled)
    value: float = field(converter=number, validator=finite)
    std: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    substance: str = ""
    method: str = ""


@frozen
class ReactionEntry:
    """A reaction as it is known: a transformation, apart from any run of it.

    Args:
        id: key within its source.
        smiles: reaction SMILES, atom-mapped where the mapping is known.
        participants: who takes part, in which role.
        conditions: vocabulary names to SI numbers, as ``{"temperature": 353.15}``.
        name: named reaction or class, or empty.
        source: id of a :class:`Source`.
        note: anything a reader must know.
    """

    id: str = field(validator=filled)
    smiles: str = ""
    participants: tuple[Participant, ...] = field(default=(), converter=as_tuple)
    conditions: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    name: str = ""
    source: str = ""
    note: str = ""


@frozen
class ExperimentRecord:
    """One run: what was put in, under which conditions, what came out.

    Args:
        id: key within its source.
        procedure: the text of what was done.
        participants: inputs and products with their roles and amounts.
        conditions: vocabulary names to SI numbers.
        outcomes: what was measured.
        reaction: reaction SMILES, mapped where known, or empty.
        instrument, operator, started: equipment, person and ISO 8601 time, or empty.
        settings: conditions that are words, as ``{"atmosphere": "nitrogen", "well": "A1"}``.
        assets: SHA-256 of files that belong to it.
        source: id of a :class:`Source`.
        note: anything a reader must know.
        extra: what an exchange format said beyond these fields, kept as text under the format's name so that it can be written back.
    """

    id: str = field(validator=filled)
    procedure: str = ""
    participants: tuple[Participant, ...] = field(default=(), converter=as_tuple)
    conditions: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    outcomes: tuple[Outcome, ...] = field(default=(), converter=as_tuple)
    reaction: str = ""
    instrument: str = ""
    operator: str = ""
    started: str = ""
    settings: dict[str, str] = field(factory=dict)
    assets: tuple[str, ...] = field(default=(), converter=as_tuple)
    source: str = ""
    note: str = ""
    extra: dict[str, str] = field(factory=dict)
