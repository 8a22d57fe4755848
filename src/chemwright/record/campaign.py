"""An experimental campaign as it is stored: what may be varied, what is wanted, what was tried and what came out. Numbers are SI."""

from __future__ import annotations

import math
from typing import Any

from attrs import Attribute, field, frozen

from chemwright.errors import InputError
from chemwright.record.fields import as_tuple, filled, finite, named_numbers, named_texts, number, numbers, one_of, optional_number, table, unique, within

CAMPAIGN_SCHEMA = 1
VARIABLE_KINDS = ("continuous", "discrete", "categorical")
ENCODINGS = ("one_hot", "descriptors", "table")
ROLES = ("setting", "fidelity")
GOALS = ("maximise", "minimise", "target", "at_least", "at_most")
CONSTRAINT_KINDS = ("expression", "mixture")
STATES = ("open", "done", "failed", "abandoned")


@frozen
class Variable:
    """A condition that an experiment can set.

    Args:
        name: as users write it.
        kind: one of :data:`VARIABLE_KINDS`.
        unit: the unit that users write it in; ``"1"`` for none. All numbers here are SI.
        low, high: bounds of a continuous variable.
        log: whether it varies over decades: scaled by its logarithm.
        values: allowed numbers of a discrete variable, rising.
        levels: names of a categorical variable's levels.
        encoding: of levels, one of :data:`ENCODINGS`: one column a level, descriptors computed from ``smiles``, or the user's ``table``.
        smiles: structure of each level (salts and mixtures with dots), for descriptors.
        columns: names of the columns of ``table``.
        table: numbers of each level, one row a level.
        costs: extra cost of an experiment at a level (its name) or a discrete value (its SI number as text).
        role: ``setting``, or ``fidelity``: how true the experiment is, its highest value (or last level) being the truth.
        note: anything a reader must know.

    Raises:
        InputError: a field that the kind does not have or lacks, bounds that are not in order, levels or values given twice.
    """

    name: str = field(validator=filled)
    kind: str = field(default="continuous", validator=one_of(VARIABLE_KINDS))
    unit: str = "1"
    low: float | None = field(default=None, converter=optional_number, validator=finite)
    high: float | None = field(default=None, converter=optional_number, validator=finite)
    log: bool = False
    values: tuple[float, ...] = field(default=(), converter=numbers, validator=finite)
    levels: tuple[str, ...] = field(default=(), converter=as_tuple)
    encoding: str = field(default="one_hot", validator=one_of(ENCODINGS))
    smiles: tuple[str, ...] = field(default=(), converter=as_tuple)
    columns: tuple[str, ...] = field(default=(), converter=as_tuple)
    table: tuple[tuple[float, ...], ...] = field(default=(), converter=table, validator=finite)
    costs: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    role: str = field(default="setting", validator=one_of(ROLES))
    note: str = ""

    def __attrs_post_init__(self) -> None:
        where = f"variable {self.name!r}"
        if self.kind == "continuous":
            _continuous(self, where)
        elif self.kind == "discrete":
            _discrete(self, where)
        else:
            _categorical(self, where)


def _continuous(v: Variable, where: str) -> None:
    if v.low is None or v.high is None:
        raise InputError("a continuous variable needs low and high", where=where, fix='write low = "30 degC" and high = "120 degC"')
    if v.low > v.high:
        raise InputError(f"low {v.low:g} is above high {v.high:g}", where=where, fix="exchange them")
    if v.log and v.low <= 0:
        raise InputError(f"low {v.low:g} on a logarithmic scale", where=where, fix="give a low above zero, or leave log out")
    if v.values or v.levels:
        raise InputError("a continuous variable has no values or levels", where=where, fix="choose kind discrete or categorical, or leave them out")


def _discrete(v: Variable, where: str) -> None:
    if not v.values:
        raise InputError("a discrete variable needs values", where=where, fix="write values = [1, 2, 5]")
    if any(b <= a for a, b in zip(v.values, v.values[1:], strict=False)):
        raise InputError("the values of a discrete variable rise, each given once", where=where, fix="sort them and remove what is there twice")
    if v.log and v.values[0] <= 0:
        raise InputError(f"value {v.values[0]:g} on a logarithmic scale", where=where, fix="give values above zero, or leave log out")
    if v.levels or v.low is not None or v.high is not None:
        raise InputError("a discrete variable has values only", where=where, fix="leave low, high and levels out")


def _categorical(v: Variable, where: str) -> None:
    if not v.levels or not all(isinstance(level, str) and level for level in v.levels):
        raise InputError("a categorical variable needs levels, each a text", where=where, fix='write levels = ["KOH", "K2CO3"]')
    if len(set(v.levels)) != len(v.levels):
        twice = next(level for level in v.levels if v.levels.count(level) > 1)
        raise InputError(f"level {twice!r} is given twice", where=where, fix="remove one")
    if v.values or v.low is not None or v.high is not None or v.log:
        raise InputError("a categorical variable has levels only", where=where, fix="leave low, high, log and values out")
    n = len(v.levels)
    if v.encoding == "descriptors" and len(v.smiles) != n:
        raise InputError(f"{len(v.smiles)} SMILES for {n} levels", where=where, fix="give the SMILES of every level, in their order")
    if v.encoding == "table" and (len(v.table) != n or any(len(row) != len(v.columns) for row in v.table) or not v.columns):
        raise InputError(f"the table needs a row for each of {n} levels and a number in each of its {len(v.columns)} columns", where=where, fix="give one row a level")


@frozen
class Objective:
    """What is measured and wanted.

    Args:
        name: of the measured figure.
        goal: one of :data:`GOALS`; ``at_least`` and ``at_most`` are limits to keep (``target`` holds the limit), not figures to push.
        unit: the unit that users write it in; all numbers here are SI.
        target: wanted value (``target``), the limit (``at_least``, ``at_most``), or where a maximised or minimised figure is good enough to stop; or None.
        std: known standard deviation of one measurement, or None: it is learned.
        low, high: what is possible at all, as 0 and 1 of a yield; or None.
        reference: for two or more objectives, the value a front is counted from; or None: from the data.
        worth: what one unit (SI) of it is worth, in the currency of the costs; None when only the ranking counts.
    """

    name: str = field(validator=filled)
    goal: str = field(default="maximise", validator=one_of(GOALS))
    unit: str = "1"
    target: float | None = field(default=None, converter=optional_number, validator=finite)
    std: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    low: float | None = field(default=None, converter=optional_number, validator=finite)
    high: float | None = field(default=None, converter=optional_number, validator=finite)
    reference: float | None = field(default=None, converter=optional_number, validator=finite)
    worth: float | None = field(default=None, converter=optional_number, validator=within(0.0))

    def __attrs_post_init__(self) -> None:
        where = f"objective {self.name!r}"
        if self.goal in ("target", "at_least", "at_most") and self.target is None:
            raise InputError(f"the goal {self.goal} needs a target", where=where, fix='write target = "95 %"')
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise InputError(f"low {self.low:g} is not below high {self.high:g}", where=where, fix="exchange them")


@frozen
class Constraint:
    """What an experiment must keep to.

    Args:
        text: an expression over the variables, as ``2*equiv + temperature/100 <= 5``; or words for a mixture.
        kind: one of :data:`CONSTRAINT_KINDS`.
        parts: variables of a mixture, whose sum is ``total``.
        total: of a mixture.
        name: what to call it in messages, or empty.
    """

    text: str = ""
    kind: str = field(default="expression", validator=one_of(CONSTRAINT_KINDS))
    parts: tuple[str, ...] = field(default=(), converter=as_tuple)
    total: float = field(default=1.0, converter=number, validator=finite)
    name: str = ""

    def __attrs_post_init__(self) -> None:
        if self.kind == "expression" and not self.text.strip():
            raise InputError("a constraint without text", where="constraint", fix='write it like "2*equiv + temperature/100 <= 5"')
        if self.kind == "mixture" and (len(self.parts) < 2 or len(set(self.parts)) != len(self.parts)):
            raise InputError(f"a mixture of {len(set(self.parts))} different parts", where="constraint", fix="name at least two different variables")


@frozen
class ReactorPlace:
    """A reactor (a block, a vial station) that takes experiments.

    Args:
        name: as in the laboratory.
        slots: experiments it takes at once.
        limits: expressions that hold there besides the campaign's own, as ``temperature <= 80 degC``.
    """

    name: str = field(validator=filled)
    slots: int = field(default=1, validator=within(1))
    limits: tuple[str, ...] = field(default=(), converter=as_tuple)


@frozen
class Trial:
    """One experiment, from proposal to outcome.

    Args:
        id: unique within the campaign.
        numbers: settings that are numbers, SI.
        levels: settings that are levels.
        state: one of :data:`STATES`; ``open`` is proposed and not answered yet.
        results: measured figures by objective, SI; an objective not measured is left out.
        stds: their standard deviations, where they were told.
        cost: what it cost or will cost, in the campaign's currency.
        reactor: name of its :class:`ReactorPlace`, or empty.
        batch: which call of ``suggest`` it came from, from 1; 0 when the user chose it.
        when: s since the campaign's beginning at which the result was told; None before.
        origin: ``initial``, ``planner``, ``control``, ``replicate``, ``user``, or the name of the campaign it was borrowed from behind ``from:``.
        mean, std: predicted figures when it was proposed, SI; empty for those not planned by a model.
        note: why it was proposed, or why it failed.
    """

    id: str = field(validator=filled)
    numbers: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    levels: dict[str, str] = field(factory=dict, converter=named_texts)
    state: str = field(default="open", validator=one_of(STATES))
    results: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    stds: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    cost: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    reactor: str = ""
    batch: int = field(default=0, validator=within(0))
    when: float | None = field(default=None, converter=optional_number, validator=finite)
    origin: str = "user"
    mean: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    std: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    note: str = ""

    @property
    def point(self) -> dict[str, float | str]:
        """All settings by name."""
        return {**self.numbers, **self.levels}


def _share(instance: Any, attribute: Attribute[Any], value: float) -> None:
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise InputError(f"{value!r} is not between 0 and 1", where=f"settings, {attribute.name}", fix="give a share from 0 to 1")


@frozen
class CampaignSettings:
    """How a campaign is planned and when it ends.

    Args:
        initial: experiments of the space-filling start; 0 lets the size of the space decide.
        cost: of one experiment, in ``currency``.
        currency: of all costs.
        budget: no experiment is proposed beyond it; None without.
        max_trials: as many experiments at most; None without.
        stop_gain: with no ``worth`` told, the campaign ends when the best remaining experiment is expected to gain less than this share of the range seen so far; 0 never.
        control_every: a control experiment (the first point of the campaign) is repeated after so many others, to see drift; 0 never.
        planner: ``auto``, ``light`` (numpy), ``torch``, or ``space_filling`` (no model).
        failures: ``learn`` to stay away from where experiments failed, ``ignore`` to treat failures as bad luck.
    """

    initial: int = field(default=0, validator=within(0))
    cost: float = field(default=1.0, converter=number, validator=within(0.0))
    currency: str = "runs"
    budget: float | None = field(default=None, converter=optional_number, validator=within(0.0))
    max_trials: int | None = field(default=None, validator=within(1))
    stop_gain: float = field(default=0.0, converter=number, validator=_share)
    control_every: int = field(default=0, validator=within(0))
    planner: str = field(default="auto", validator=one_of(("auto", "light", "torch", "space_filling")))
    failures: str = field(default="learn", validator=one_of(("learn", "ignore")))


@frozen
class CampaignRecord:
    """A campaign with all that happened in it.

    Args:
        name: of the campaign.
        variables, objectives, constraints, reactors: what is varied, wanted, kept to, and where it is run.
        settings: how it is planned.
        trials: in the order in which they were proposed or told.
        borrowed: experiments of other campaigns, each under its own offset; their ``origin`` names the campaign.
        batches: calls of ``suggest`` so far.
        seed: of all random draws.
        started: ISO 8601 time, or empty.
        note: anything a reader must know.
    """

    name: str = field(validator=filled)
    variables: tuple[Variable, ...] = field(converter=as_tuple, validator=unique("name"))
    objectives: tuple[Objective, ...] = field(converter=as_tuple, validator=unique("name"))
    constraints: tuple[Constraint, ...] = field(default=(), converter=as_tuple)
    reactors: tuple[ReactorPlace, ...] = field(default=(), converter=as_tuple, validator=unique("name"))
    settings: CampaignSettings = field(factory=CampaignSettings)
    trials: tuple[Trial, ...] = field(default=(), converter=as_tuple, validator=unique("id"))
    borrowed: tuple[Trial, ...] = field(default=(), converter=as_tuple)
    batches: int = field(default=0, validator=within(0))
    seed: int = field(default=0, validator=within(0))
    started: str = ""
    note: str = ""
    schema_version: int = field(default=CAMPAIGN_SCHEMA)

    @schema_version.validator
    def _readable(self, attribute: object, value: int) -> None:
        if value != CAMPAIGN_SCHEMA:
            raise InputError(
                f"schema version {value!r}, this chemwright reads {CAMPAIGN_SCHEMA}", where=f"campaign {self.name!r}", fix="use the chemwright that wrote it, or a newer one"
            )
