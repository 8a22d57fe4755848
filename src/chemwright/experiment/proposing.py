"""Which experiments come next: the start, controls, and what the planner proposes for each reactor with room; and when it is enough."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.prior import Planner
from chemwright.experiment.space import Array, Space
from chemwright.experiment.standing import Verdict, pushed
from chemwright.experiment.start import initial_size, space_filling
from chemwright.experiment.units import from_si, spread_from_si
from chemwright.record import Objective, ReactorPlace, Trial

if TYPE_CHECKING:
    from chemwright.experiment.campaign import Campaign
    from chemwright.experiment.planning import Proposal

LITTLE = 0.005
"""Share of the range (or of the hypervolume) below which an expected gain is told to be little."""
BACKENDS = {"auto": "auto", "light": "own", "torch": "torch"}


def proposed(campaign: Campaign, n: int, reactor: str, anyway: bool, progress: Callable[[str, float | None], None] | None) -> tuple[tuple[Trial, ...], tuple[str, ...]]:
    """New open trials, and what is said about them; see :meth:`~chemwright.experiment.campaign.Campaign.suggest`."""
    verdict = campaign.verdict
    if verdict.stop and not anyway:
        return (), (f"nothing is proposed: {verdict.words}",)
    places, words = _places(campaign, n, reactor)
    if sum(k for _, k in places) == 0:
        return (), tuple(words)
    trials: list[Trial] = []
    for i, (place, k) in enumerate(places):
        if progress is not None:
            progress("choosing experiments" + (f" for {place.name}" if place else ""), i / len(places))
        new, said, stopped = _for_place(campaign, place, k, trials, anyway)
        trials += new
        words += [s for s in said if s not in words]
        if stopped:
            break
    if progress is not None:
        progress("experiments chosen", 1.0)
    trials, said = _affordable(campaign, trials, anyway)
    return tuple(trials), tuple(words + said)


def _places(campaign: Campaign, n: int, reactor: str) -> tuple[list[tuple[ReactorPlace | None, int]], list[str]]:
    """How many experiments each reactor is to get: one each in turn, up to its free slots."""
    record = campaign.record
    if not record.reactors:
        if reactor:
            raise InputError(f"the campaign has no reactor {reactor!r}", where="suggest", fix="add [[reactor]] to its file, or leave the reactor out")
        return [(None, n)], []
    names = [r.name for r in record.reactors]
    if reactor and reactor not in names:
        raise InputError(f"there is no reactor {reactor!r}", where="suggest", fix=did_you_mean(reactor, names))
    room = {r.name: r.slots - sum(t.reactor == r.name for t in campaign.open) for r in record.reactors if not reactor or r.name == reactor}
    given = dict.fromkeys(room, 0)
    for _ in range(n):
        free = [name for name in room if given[name] < room[name]]
        if not free:
            break
        given[min(free, key=lambda name: given[name])] += 1
    total = sum(given.values())
    words = (
        [f"{total} of {n} are proposed: {'reactor ' + reactor if reactor else 'all reactors'} ha{'s' if reactor else 've'} no more room until open experiments are told"]
        if total < n
        else []
    )
    return [(r, given[r.name]) for r in record.reactors if given.get(r.name)], words


def _for_place(campaign: Campaign, place: ReactorPlace | None, n: int, before: list[Trial], anyway: bool) -> tuple[list[Trial], list[str], bool]:
    """n trials for one reactor; words; and whether a stop rule ended it."""
    from chemwright.experiment.campaign import trial_of

    space = campaign.space if place is None else campaign.space.with_rules(place.limits, f"reactor {place.name!r}, limits")
    name = "" if place is None else place.name
    seed = int(np.random.SeedSequence([campaign.record.seed, campaign.record.batches + 1, len(before)]).generate_state(1)[0])
    out: list[Trial] = []

    def add(row: Array, origin: str, note: str, **facts: Any) -> None:
        out.append(trial_of(campaign, row, len(before) + len(out), reactor=name, origin=origin, note=note, **facts))

    control = _control(campaign, before, space)
    if control is not None:
        add(control, "control", "repeats the first experiment, to see drift")
    start = min(n - len(out), _start_left(campaign, before + out))
    if start > 0:
        for row in space_filling(space, start, seed, _taken(campaign, before + out)):
            add(row, "initial", "part of the start, which is spread over the space")
    left = n - len(out)
    if left <= 0:
        return out, [], False
    proposal = _plan(campaign, space, left, _pending(campaign, before + out), seed)
    verdict = worth_it(campaign, proposal)
    if verdict.rule == "worth" and verdict.stop and not anyway and not _said_before(campaign, space, seed):
        verdict = Verdict(False, "worth", f"{verdict.words}; that is said for the first time, so that it goes on until it is said again")
    if verdict.stop and not anyway:
        said = f"{'no more is' if out else 'nothing is'} proposed{' for ' + name if name else ''}: {verdict.words}"
        return out, [said], verdict.rule != "space"
    origin = "initial" if proposal.backend == "spread" else "planner"
    objectives = campaign.record.objectives
    for i, row in enumerate(proposal.rows):
        known = [j for j in range(len(objectives)) if np.isfinite(proposal.mean[i, j])]
        mean, std = ({objectives[j].name: float(x[i, j]) for j in known} for x in (proposal.mean, proposal.std))
        add(row, origin, _why(objectives, proposal, i), mean=mean, std=std)
    words = [*proposal.notes, *([verdict.words] if verdict.words else [])]
    if len(proposal.rows) < left:
        words.append(f"{len(proposal.rows)} of {left} are proposed: the space holds no more that were not tried")
    return out, words, False


def _plan(campaign: Campaign, space: Space, n: int, pending: Array, seed: int) -> Proposal:
    from chemwright.experiment.planning import PlanSettings, propose

    record, prior = campaign.record, campaign.prior
    seen = campaign.seen if record.settings.failures == "learn" else campaign.seen.where(~campaign.seen.failed)
    settings = PlanSettings(backend=BACKENDS.get(record.settings.planner, "auto"))
    if isinstance(prior, Planner):
        return prior.propose(space, seen, record.objectives, n, pending=pending, settings=settings, seed=seed, base_cost=record.settings.cost)
    mean = None if prior is None else lambda rows: np.asarray(prior.prior_mean(space.points(rows))[0], float)
    return propose(space, seen, record.objectives, n, pending=pending, settings=settings, seed=seed, prior_mean=mean, base_cost=record.settings.cost)


def worth_it(campaign: Campaign, proposal: Proposal, enough: bool | None = None) -> Verdict:
    """Whether the best remaining experiment is worth its cost: by what the user says a figure is worth, else by the share of the range that it may gain.

    Args:
        campaign: as it stands.
        proposal: the planner's.
        enough: whether there are experiments enough to trust the model; when None, twice as many as the start must have ended.
    """
    record = campaign.record
    if len(proposal.rows) == 0:
        return Verdict(True, "space", "every allowed experiment is made or under way")
    wanted = pushed(record.objectives)
    o = record.objectives[wanted[0]]
    if enough is None:
        enough = sum(t.state in ("done", "failed") for t in record.trials) >= 2 * (_start_size(campaign) or initial_size(campaign.space))
    if not math.isfinite(proposal.worth) or proposal.backend == "spread":
        return Verdict(False)
    if len(wanted) == 1 and o.worth is not None:
        cost, gain = float(campaign.space.cost(proposal.rows[:1], record.settings.cost)[0]), proposal.worth * o.worth
        money = record.settings.currency
        words = f"the best remaining experiment is expected to gain {spread_from_si(proposal.worth, o.unit):.2g}{'' if o.unit == '1' else ' ' + o.unit} of {o.name}, worth {gain:.3g} {money}, and costs {cost:.3g}"
        return Verdict(enough and gain < cost, "worth", words)
    share = proposal.share
    if record.settings.stop_gain > 0 and math.isfinite(share):
        of = "the hypervolume reached" if len(wanted) > 1 else f"the range of {o.name} seen"
        words = f"the best remaining experiment is expected to gain {100 * share:.2g} % of {of}; the campaign ends below {100 * record.settings.stop_gain:.2g} %"
        return Verdict(enough and share < record.settings.stop_gain, "worth", words)
    if math.isfinite(share) and share < LITTLE:
        return Verdict(False, "", f"little is left to gain: the best remaining experiment is expected to gain {100 * max(share, 0.0):.2g} % of what was reached so far")
    return Verdict(False)


def _said_before(campaign: Campaign, space: Space, seed: int) -> bool:
    """Whether the best remaining experiment was not worth its cost before the last batch either: a model of few experiments is sure of itself too soon."""
    trials = campaign.record.trials
    last = max((t.batch for t in trials if t.state in ("done", "failed")), default=0)
    earlier = evolve(campaign, record=evolve(campaign.record, trials=tuple(t for t in trials if t.batch != last or not last)))
    if len(earlier.trials) == len(trials):
        return True  # told in no batch: there is no before
    proposal = _plan(earlier, space, 1, _pending(earlier, []), seed)
    return math.isfinite(proposal.worth) and worth_it(earlier, proposal, enough=True).stop


def _why(objectives: tuple[Objective, ...], proposal: Proposal, i: int) -> str:
    """Why an experiment is proposed, in the user's units."""
    if proposal.backend == "spread":
        return "far from all others: there is nothing to learn from yet"
    aim = proposal.why[i].split(":")[0]
    parts = []
    for j, o in enumerate(objectives):
        if np.isfinite(proposal.mean[i, j]):
            unit = "" if o.unit == "1" else f" {o.unit}"
            parts.append(f"{o.name} {from_si(proposal.mean[i, j], o.unit):.3g} +/- {spread_from_si(proposal.std[i, j], o.unit):.2g}{unit}")
    chance = f"; {100 * proposal.chance[i]:.0f} % likely to succeed" if proposal.chance[i] < 0.995 else ""
    return f"{aim}{': expects ' + ', '.join(parts) if parts else ''}{chance}"


def _start_size(campaign: Campaign) -> int:
    settings = campaign.record.settings
    if settings.planner == "space_filling":
        return 2**31
    if settings.initial:
        return settings.initial
    return 0 if campaign.prior is not None or campaign.record.borrowed else initial_size(campaign.space)


def _start_left(campaign: Campaign, new: list[Trial]) -> int:
    """Experiments of the start that are still to be proposed."""
    made = sum(t.state in ("open", "done", "failed") and t.origin != "control" for t in [*campaign.record.trials, *new])
    return max(0, _start_size(campaign) - made)


def _control(campaign: Campaign, new: list[Trial], space: Space) -> Array | None:
    """The row of the control experiment when it is due and allowed here."""
    every, trials = campaign.record.settings.control_every, [*campaign.record.trials, *new]
    first = next((t for t in campaign.record.trials if t.state == "done"), None)
    if not every or first is None:
        return None
    since = 0
    for t in trials:
        since = 0 if t.origin == "control" or t.id == first.id else since + (t.state != "abandoned")
    row = campaign.space.rows([first.point])
    return row[0] if since >= every and space.feasible(row)[0] else None


def _taken(campaign: Campaign, new: list[Trial]) -> Array:
    trials = [t for t in [*campaign.record.trials, *new] if t.state != "abandoned"]
    return campaign.space.rows([t.point for t in trials]).reshape(-1, len(campaign.space.variables))


def _pending(campaign: Campaign, new: list[Trial]) -> Array:
    trials = [t for t in [*campaign.record.trials, *new] if t.state == "open"]
    return campaign.space.rows([t.point for t in trials]).reshape(-1, len(campaign.space.variables))


def _affordable(campaign: Campaign, trials: list[Trial], anyway: bool) -> tuple[list[Trial], list[str]]:
    """The trials that the budget and the number of experiments allow, named in a row."""
    settings = campaign.record.settings
    spent, made = campaign.spent, sum(t.state in ("done", "failed", "open") for t in campaign.record.trials)
    out: list[Trial] = []
    for t in trials:
        beyond = settings.budget is not None and spent + (t.cost or 0.0) > settings.budget * (1 + 1e-12)
        if (beyond or (settings.max_trials is not None and made >= settings.max_trials)) and not anyway:
            continue
        out.append(t)
        spent, made = spent + (t.cost or 0.0), made + 1
    if len(out) == len(trials):
        return out, []
    names = [t.id for t in trials]
    out = [evolve(t, id=name) for t, name in zip(out, names, strict=False)]
    left = "" if settings.budget is None else f"; {max(0.0, settings.budget - campaign.spent):g} {settings.currency} were left"
    return out, [f"{len(out)} of {len(trials)} are proposed: the others are beyond the budget or the number of experiments{left}"]
