"""CaseRecord: everything a case is told, before anything is computed; Decision: what a person chose, and why."""

from __future__ import annotations

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.record.claim import Claim, Source
from chemwright.record.fields import as_tuple, filled, finite, named_numbers, number, numbers, one_of, table, unique, within
from chemwright.record.parameters import ParameterSet

SCHEMA_VERSION = 1
REACTORS = ("pfr", "cstr", "batch")
ACTIVITIES = ("unifac", "hybrid", "ideal", "dortmund", "psrk", "unifac2", "dortmund2")


@frozen
class Decision:
    """A choice that a person or a rule made.

    Args:
        id: key, unique in the case.
        what: the question decided, as ``plant.reactor``.
        choice: the answer.
        by: who chose (a name, or ``rule:...``).
        why: reason in words.
        when: ISO 8601 time, empty for choices that follow from the case file.
        evidence: ids of claims or results it rests on.
    """

    id: str = field(validator=filled)
    what: str
    choice: str
    by: str = ""
    why: str = ""
    when: str = ""
    evidence: tuple[str, ...] = field(default=(), converter=as_tuple)


@frozen
class Species:
    """A substance in its role in the case: key in the equations, canonical SMILES, formula and molar mass in kg/mol."""

    id: str = field(validator=filled)
    smiles: str
    name: str = ""
    cas: str = ""
    formula: str = ""
    molar_mass: float = field(default=0.0, converter=number, validator=within(0.0))


@frozen
class ReactionRecord:
    """A reaction as written: ``text`` in species ids, with optional own kinetics ``k``, ``K`` as the case file gave them."""

    id: str = field(validator=filled)
    text: str = field(validator=filled)
    options: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)


@frozen
class Experiments:
    """A table of runs in SI: column names, one row a run, and the measured response.

    Args:
        columns: names of the conditions, in order.
        rows: shape (n, len(columns)), SI units.
        response: name of the observable, as ``e_factor``.
        values: measured values, shape (n,), SI.
        source: id of a :class:`Source`.
        reactor: ideal reactor the runs were made in: ``pfr``, ``cstr`` or ``batch``.
        ids: a name for each run, or none at all.
        notes: what had to be assumed in reading them.

    Raises:
        InputError: shapes that disagree, a column given twice, a number that is not finite, an unknown reactor.
    """

    columns: tuple[str, ...] = field(converter=as_tuple)
    rows: tuple[tuple[float, ...], ...] = field(converter=table, validator=finite)
    response: str
    values: tuple[float, ...] = field(converter=numbers, validator=finite)
    source: str = ""
    reactor: str = field(default="pfr", validator=one_of(REACTORS))
    ids: tuple[str, ...] = field(default=(), converter=as_tuple)
    notes: tuple[str, ...] = field(default=(), converter=as_tuple)

    def __attrs_post_init__(self) -> None:
        n = len(self.rows)
        if len(set(self.columns)) != len(self.columns):
            raise InputError(f"a column of {', '.join(self.columns)} is given twice", where="Experiments, columns", fix="name each condition once")
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise InputError(f"run {i + 1} has {len(row)} numbers, expected {len(self.columns)} ({', '.join(self.columns)})", where="Experiments, rows", fix="complete the run")
        if len(self.values) != n or len(self.ids) not in (0, n):
            raise InputError(f"{n} runs with {len(self.values)} values of {self.response!r} and {len(self.ids)} ids", where="Experiments", fix="give one of each for every run")


@frozen
class PlantSpec:
    """What the plant shall be.

    Args:
        capacity: product in kg/s, averaged over the year, > 0.
        purity: mass fraction of the product, > 0 and <= 1.
        reactor: ``pfr``, ``cstr`` or ``batch``.
        objectives: figures to make small.
        base: key of the base that binds an acid formed, or empty.
        hours: operating hours a year, > 0 and <= 8784.
        activity: model of the liquid's activities, one of :data:`ACTIVITIES`.

    Raises:
        InputError: a number out of its range, an unknown reactor or activity model.
    """

    capacity: float = field(converter=number, validator=within(0.0, open_low=True))
    purity: float = field(converter=number, validator=within(0.0, 1.0, open_low=True))
    reactor: str = field(default="pfr", validator=one_of(REACTORS))
    objectives: tuple[str, ...] = field(default=("cost", "e_factor"), converter=as_tuple)
    base: str = ""
    hours: float = field(default=8000.0, converter=number, validator=within(0.0, 8784.0, open_low=True))
    activity: str = field(default="unifac", validator=one_of(ACTIVITIES))


@frozen
class CaseRecord:
    """What is known and wanted about one chemical product; frozen, change it with ``attrs.evolve``.

    Raises:
        InputError: no name, an id given twice, or a schema version that this chemwright does not read.
    """

    name: str = field(validator=filled)
    target: str
    species: tuple[Species, ...] = field(converter=as_tuple, validator=unique("id"))
    solvent: str
    reactions: tuple[ReactionRecord, ...] = field(converter=as_tuple, validator=unique("id"))
    plant: PlantSpec
    prior: ParameterSet | None = None
    experiments: Experiments | None = None
    claims: tuple[Claim, ...] = field(default=(), converter=as_tuple, validator=unique("id"))
    sources: tuple[Source, ...] = field(default=(), converter=as_tuple, validator=unique("id"))
    seed: int = 0
    schema_version: int = field(default=SCHEMA_VERSION)

    @schema_version.validator
    def _readable(self, attribute: object, value: int) -> None:
        if value != SCHEMA_VERSION:
            raise InputError(
                f"schema version {value!r}, this chemwright reads {SCHEMA_VERSION}", where=f"case {self.name!r}", fix="use the chemwright that wrote it, or a newer one"
            )

    def species_by_id(self, key: str) -> Species:
        """The species of that key.

        Raises:
            InputError: no such species, with near misses.
        """
        for species in self.species:
            if species.id == key:
                return species
        raise InputError(f"no species {key!r} in the case {self.name!r}", fix=did_you_mean(key, [s.id for s in self.species]))
