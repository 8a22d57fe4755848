"""A campaign as users meet it: suggest experiments, tell what came out, see where it stands, keep it on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.observations import Observations, observe
from chemwright.experiment.prior import PriorMean
from chemwright.experiment.space import Array, Space
from chemwright.experiment.standing import Best, Verdict, best_of, front_of, verdict_of
from chemwright.experiment.told import entered, next_id, read_told
from chemwright.record import CampaignRecord, CampaignSettings, Constraint, Objective, ReactorPlace, Trial, Variable

Progress = Callable[[str, float | None], None]


@frozen(eq=False, slots=False)
class Campaign:
    """A series of experiments towards some figures. Frozen: what changes it returns a new one.

    Args:
        record: all of it that is kept on disk.
        prior: what is expected before any experiment (see :mod:`chemwright.experiment.prior`): an object with ``prior_mean(points) -> (mean, std)``, arrays
            (n, m) in SI for n points, as a mechanism gives it; one that also has ``propose`` plans itself. None when nothing is. It is not kept on disk.
        last: ids of the trials that the last ``suggest`` proposed.
        words: what the last call has to say, one sentence each.
    """

    record: CampaignRecord
    prior: PriorMean | None = field(default=None)
    last: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def new(
        cls,
        name: str,
        variables: Sequence[Variable],
        objectives: Sequence[Objective],
        constraints: Sequence[Constraint | str] = (),
        *,
        reactors: Sequence[ReactorPlace] = (),
        settings: CampaignSettings | None = None,
        seed: int = 0,
        prior: PriorMean | None = None,
    ) -> Campaign:
        """A campaign without experiments; constraints may be texts.

        Raises:
            InputError, UnitError, SubstanceError: what it is made of does not fit together.
        """
        from chemwright.experiment.campaign_file import checked

        rules = [Constraint(c) if isinstance(c, str) else c for c in constraints]
        record = CampaignRecord(name, variables, objectives, rules, reactors, settings or CampaignSettings(), seed=seed, started=_now())
        checked(record)
        return cls(record, prior)

    @classmethod
    def read(cls, path: str | Path) -> Campaign:
        """A new campaign from its file (TOML); see :mod:`chemwright.experiment.campaign_file`.

        Raises:
            InputError, UnitError, SubstanceError: what the file says is wrong; the place is named.
        """
        from chemwright.experiment.campaign_file import read_campaign

        return cls(evolve(read_campaign(path), started=_now()))

    @classmethod
    def load(cls, path: str | Path, prior: PriorMean | None = None) -> Campaign:
        """The campaign that :meth:`save` wrote, with all that its journal holds.

        Raises:
            InputError, StorageError: nothing there, or it can't be read.
        """
        from chemwright.experiment.store import load_record

        return cls(load_record(Path(path)), prior)

    def save(self, path: str | Path) -> Path:
        """Keep it in a folder: what is new is added to the journal first, so that a kill at any time loses nothing that was saved before.

        Raises:
            StorageError: the folder can't be written, or holds another campaign, or has moved on (another process told it more).
        """
        from chemwright.experiment.store import save_record

        return save_record(Path(path), self.record)

    def __attrs_post_init__(self) -> None:
        if self.prior is not None and not isinstance(self.prior, PriorMean):
            raise InputError(
                f"{type(self.prior).__name__} says nothing of what is expected",
                where="prior",
                fix="give an object with prior_mean(points), which returns means and standard deviations",
            )

    @cached_property
    def space(self) -> Space:
        """The experiments that are allowed."""
        return Space.of(self.record.variables, self.record.constraints)

    @cached_property
    def seen(self) -> Observations:
        """What was seen so far, as arrays."""
        return observe(self.record, self.space)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials, in order."""
        return self.record.trials

    @property
    def open(self) -> tuple[Trial, ...]:
        """Trials that were proposed and not answered yet."""
        return tuple(t for t in self.record.trials if t.state == "open")

    def trial(self, name: str) -> Trial:
        """The trial of that id.

        Raises:
            InputError: none, with near misses.
        """
        found = next((t for t in self.record.trials if t.id == name), None)
        if found is None:
            raise InputError(f"there is no experiment {name!r}", where=f"campaign {self.record.name!r}", fix=did_you_mean(name, [t.id for t in self.record.trials][-24:]))
        return found

    @property
    def spent(self) -> float:
        """Cost of all experiments made or under way."""
        return sum(t.cost or 0.0 for t in self.record.trials if t.state != "abandoned")

    def suggest(self, n: int = 1, *, reactor: str = "", anyway: bool = False, progress: Progress | None = None) -> Campaign:
        """Propose the next experiments: the campaign with n more open trials, ``last`` names them.

        Fewer come, or none, when a stop rule says so (``words`` tell), or when all reactors are taken.

        Args:
            n: how many at most.
            reactor: name of the reactor they are for; any that has room when empty.
            anyway: whether to go on where a stop rule would end it.
            progress: called with a text and a share from 0 to 1.

        Raises:
            InputError: n below 1, an unknown reactor, no allowed experiment.
        """
        from chemwright.experiment.proposing import proposed

        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise InputError(f"{n!r} experiments", where="suggest", fix="give a whole number of 1 or more")
        trials, words = proposed(self, n, reactor, anyway, progress)
        record = evolve(self.record, trials=(*self.record.trials, *trials), batches=self.record.batches + bool(trials))
        return evolve(self, record=record, last=tuple(t.id for t in trials), words=words)

    def plan(self, what: str | Mapping[str, Any], n: int = 1, *, reactor: str = "") -> Campaign:
        """Put experiments of one's own choice among the open ones: the planner then reckons with them.

        Args:
            what: the id of a trial to repeat, or all settings as :meth:`tell` takes them.
            n: how often.
            reactor: where they are run, or empty.

        Raises:
            InputError: an unknown trial, a setting left out or not allowed by bounds, values or constraints.
        """
        from chemwright.experiment.told import chosen

        point, origin = (self.trial(what).point, "replicate") if isinstance(what, str) else (chosen(self.record, what), "user")
        row = self.space.rows([point])[0]
        broken = self.space.broken(row)
        if broken and origin == "user":
            raise InputError(f"such an experiment is not allowed: {broken[0]}", where="plan", fix="change its settings, or the campaign's constraints")
        note = f"repeats {what}" if origin == "replicate" else "chosen by hand"
        trials = tuple(trial_of(self, row, k, origin=origin, note=note, reactor=reactor) for k in range(n))
        record = evolve(self.record, trials=(*self.record.trials, *trials), batches=self.record.batches + 1)
        return evolve(self, record=record, last=tuple(t.id for t in trials), words=())

    def tell(
        self,
        what: str | Mapping[str, Any],
        results: Mapping[str, Any] | float | str | None = None,
        *,
        when: float | None = None,
        replace: bool = False,
        where: str = "tell",
        **beside: Any,
    ) -> Campaign:
        """Enter what an experiment gave.

        Args:
            what: the trial's id; or all settings of an experiment of one's own, which may carry the figures too.
            results: figures by objective (numbers in the objective's unit, texts such as ``'85 +/- 2 %'``, nan where nothing was measured); a single
                number or text where there is one objective.
            when: s since the campaign's beginning; now when None.
            replace: whether to correct a trial that was told before.
            where: for messages.
            beside: ``cost``, ``reactor``, ``note``, ``failed``.

        Raises:
            InputError: an unknown trial, name or level; a value that can't be or means two things; told otherwise before. UnitError: a wrong unit.
        """
        row = dict(what) if isinstance(what, Mapping) else {"id": what}
        if results is not None and not isinstance(results, Mapping):
            if len(self.record.objectives) != 1:
                raise InputError(f"{results!r} could be any of {', '.join(o.name for o in self.record.objectives)}", where=where, fix="name the objective")
            results = {self.record.objectives[0].name: results}
        return self.tell_rows([{**row, **(results or {}), **beside}], when=when, replace=replace, where=[where])

    def tell_rows(self, rows: Sequence[Mapping[str, Any]], *, when: float | None = None, replace: bool = False, where: Sequence[str] = ()) -> Campaign:
        """As :meth:`tell` for several experiments at once: all are entered, or none.

        Args:
            rows: names and values of each experiment.
            when, replace: as :meth:`tell`.
            where: place of each row, for messages.

        Raises:
            As :meth:`tell`.
        """
        record, words = self.record, list[str]()
        at = self.clock() if when is None else when
        for i, row in enumerate(rows):
            place = where[i] if i < len(where) else f"experiment {i + 1}"
            trial, said = entered(record, read_told(record, row, place), place, when=at, replace=replace)
            if trial.cost is None:
                trial = evolve(trial, cost=float(self.space.cost(self.space.rows([trial.point]), record.settings.cost)[0]))
            record = with_trial(record, trial)
            words += said
        return evolve(self, record=record, last=(), words=tuple(words))

    def fail(self, what: str | Mapping[str, Any], reason: str = "", *, when: float | None = None, replace: bool = False, **beside: Any) -> Campaign:
        """Enter an experiment that failed: its settings are learned from, so that the like is avoided.

        Raises:
            InputError: as :meth:`tell`.
        """
        return self.tell(what, when=when, replace=replace, where="fail", failed=True, note=reason, **beside)

    def abandon(self, name: str, reason: str = "") -> Campaign:
        """Give up an open trial that was not run: nothing is learned from it, and it costs nothing.

        Raises:
            InputError: no such trial, or it has ended.
        """
        trial = self.trial(name)
        if trial.state == "abandoned":
            return evolve(self, last=(), words=(f"{name} was abandoned before: nothing changed",))
        if trial.state != "open":
            raise InputError(f"{name} has ended ({trial.state})", where="abandon", fix="only open experiments are given up")
        return evolve(self, record=with_trial(self.record, evolve(trial, state="abandoned", cost=0.0, note=reason)), last=(), words=())

    def warm_start(self, other: Campaign | CampaignRecord) -> Campaign:
        """Borrow the experiments of another campaign: they are learned from under an offset of their own.

        Variables are matched by name; one that the other did not have needs a single value there (the ``note`` says so), or its experiments can't be placed.

        Raises:
            InputError: no objective in common, or none of its experiments fits.
        """
        from chemwright.experiment.borrow import borrowed

        trials, words = borrowed(self.record, other.record if isinstance(other, Campaign) else other)
        return evolve(self, record=evolve(self.record, borrowed=(*self.record.borrowed, *trials)), last=(), words=words)

    def best(self, objective: str | None = None) -> Best | None:
        """The best experiment so far by one objective (the first by default) that keeps to the limits; None when there is none.

        Raises:
            InputError: an unknown objective.
        """
        from chemwright.experiment.replicates import noise_of

        names = [o.name for o in self.record.objectives]
        j = names.index(objective) if objective in names else 0
        return best_of(self.record, self.seen, noise_of(self.seen, j, self.record.objectives[j].std).std, objective)

    def front(self) -> tuple[tuple[Trial, ...], ...]:
        """The experiments that no other beats in all objectives, repeats taken together."""
        return tuple(tuple(self.trial(name) for name in ids) for ids in front_of(self.record, self.seen))

    @property
    def verdict(self) -> Verdict:
        """Whether it should end, by the rules that need no model: budget, number of experiments, target."""
        return verdict_of(self.record, self.seen, self.spent, self.cheapest)

    @cached_property
    def cheapest(self) -> float:
        """Cost of the cheapest experiment there can be."""
        extra = [min([v.costs.get(x, 0.0) for x in v.levels] if v.kind == "categorical" else [0.0, *v.costs.values()]) for v in self.record.variables if v.costs]
        return max(0.0, self.record.settings.cost + sum(extra))

    def status(self) -> dict[str, Any]:
        """Where it stands, as plain data in the user's units: counts, best, front, costs, noise, drift, failures, verdict."""
        from chemwright.experiment.status import status_of

        return status_of(self)

    def table(self) -> list[dict[str, Any]]:
        """Every trial as plain data in the user's units: settings, results, what was expected, cost, state, note."""
        from chemwright.experiment.status import trial_data

        return [trial_data(self.record, t) for t in self.trials]

    def clock(self) -> float:
        """Seconds since the campaign's beginning."""
        try:
            began = datetime.fromisoformat(self.record.started)
        except ValueError:
            return 0.0
        return max(0.0, (datetime.now(UTC) - (began if began.tzinfo else began.replace(tzinfo=UTC))).total_seconds())

    def open_rows(self) -> Array:
        """Rows of the open trials, shape (p, v)."""
        return self.space.rows([t.point for t in self.open]).reshape(-1, len(self.record.variables))


def with_trial(record: CampaignRecord, trial: Trial) -> CampaignRecord:
    """The record with a trial in its place, or at the end when it is new."""
    if any(t.id == trial.id for t in record.trials):
        return evolve(record, trials=tuple(trial if t.id == trial.id else t for t in record.trials))
    return evolve(record, trials=(*record.trials, trial))


def trial_of(campaign: Campaign, row: Array, k: int, **facts: Any) -> Trial:
    """A new open trial at a row; ``k`` more are to be named before it."""
    point = campaign.space.points(row)[0]
    cost = float(campaign.space.cost(np.atleast_2d(row), campaign.record.settings.cost)[0])
    numbers = {n: x for n, x in point.items() if not isinstance(x, str)}
    levels = {n: x for n, x in point.items() if isinstance(x, str)}
    return Trial(next_id(campaign.record.trials, k), numbers, levels, cost=cost, batch=campaign.record.batches + 1, **facts)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
