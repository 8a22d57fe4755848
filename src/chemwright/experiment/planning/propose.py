"""The planner's entry: the next experiments of a campaign, from what it has seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chemwright.errors import InputError
from chemwright.experiment.observations import Observations
from chemwright.experiment.planning.acquire import Batch, directions, greedy, hypervolume, non_dominated, scalars
from chemwright.experiment.planning.domain import Array
from chemwright.experiment.planning.fidelity import at_truth, best_fidelity
from chemwright.experiment.planning.merit import Wanted
from chemwright.experiment.planning.proposal import Proposal, reasons
from chemwright.experiment.planning.search import candidates, without
from chemwright.experiment.planning.settings import PlanSettings
from chemwright.experiment.planning.start import spread_rows
from chemwright.experiment.planning.surrogate import PriorMean, Surrogate, learn
from chemwright.experiment.space import Space
from chemwright.record import Objective

SEARCH_PARTICLES = 8
KAPPAS = (0.0, 0.7, 1.5, 3.0)
INCUMBENTS = 24


def propose(
    space: Space,
    observations: Observations,
    objectives: Sequence[Objective],
    n: int,
    *,
    pending: Array | None = None,
    settings: PlanSettings | None = None,
    seed: int = 0,
    prior_mean: PriorMean | None = None,
    base_cost: float = 1.0,
    pool: Array | None = None,
) -> Proposal:
    """The next n experiments.

    Args:
        space: what may be varied; with the rules of one reactor where it is for that one.
        observations: what has ended, borrowed campaigns included.
        objectives: what is wanted, in the order of the observations' columns.
        n: how many, at least 1.
        pending: rows under way (p, v): their outcomes are taken as open, so that nothing is proposed twice.
        settings: of the planner; the tuned defaults when None.
        seed: of all chance: the same call with the same seed gives the same answer.
        prior_mean: what a mechanism expects, rows (n, v) to figures (n, M) in SI; the model then learns the difference.
        base_cost: cost of an experiment before what its levels add; gains are weighed by cost.
        pool: rows to choose from (k, v), where only these can be made (a plate, a catalogue, a table measured before); the whole space when None.

    Raises:
        InputError: n below 1, no objective, or no experiment that the constraints allow.
        MissingExtra: the settings ask for torch, which is not installed.
    """
    settings = settings or PlanSettings()
    if n < 1 or not objectives:
        raise InputError(f"{n} experiments for {len(objectives)} objectives were asked for", where="propose", fix="ask for at least 1, and name what is measured")
    pending = np.zeros((0, len(space.variables))) if pending is None else np.atleast_2d(np.asarray(pending, float)).reshape(-1, len(space.variables))
    if settings.backend == "torch":
        from chemwright.experiment.torch_backend import propose_with_torch

        return propose_with_torch(space, observations, objectives, n, pending=pending, settings=settings, seed=seed, prior_mean=prior_mean, base_cost=base_cost, pool=pool)
    if not usable(observations) and prior_mean is None:
        return start(space, observations, objectives, n, pending, settings, seed, pool)
    return _planned(space, observations, tuple(objectives), n, pending, settings, seed, prior_mean, base_cost, pool)


def usable(seen: Observations) -> bool:
    """Whether there is any figure to learn from."""
    return bool(np.isfinite(seen.values[~seen.failed]).any())


def start(space: Space, seen: Observations, objectives: Sequence[Objective], n: int, pending: Array, settings: PlanSettings, seed: int, pool: Array | None = None) -> Proposal:
    """Experiments far from each other, from those tried and from failures, when there is nothing to learn from."""
    rows = spread_rows(space, np.vstack([seen.rows, pending]), n, seed, pool)
    nothing = np.full((len(rows), len(objectives)), np.nan)
    gain = np.full(len(rows), np.nan)
    notes = ("all experiments so far failed: the next are as far from them as the space allows",) if len(seen) else ()
    words = ("far from all others: there is nothing to learn from yet",) * len(rows)
    return Proposal(rows, tuple(space.points(rows)) if len(rows) else (), nothing, nothing, gain, np.ones(len(rows)), words, np.nan, np.nan, notes, "spread", settings.sha256)


def _planned(
    space: Space,
    seen: Observations,
    objectives: tuple[Objective, ...],
    n: int,
    pending: Array,
    settings: PlanSettings,
    seed: int,
    prior_mean: PriorMean | None,
    base_cost: float,
    pool: Array | None,
) -> Proposal:
    model = learn(space, seen, objectives, settings, seed, prior_mean)
    wanted = Wanted.of(objectives)
    rng = np.random.default_rng([seed, 1_000_003])
    done = incumbents(model, wanted, at_truth(space, seen.own.rows[~seen.own.failed]))
    tried = np.vstack([seen.own.rows, pending])
    small, scale = model.few(SEARCH_PARTICLES), merit_scale(wanted, seen)

    def ways(rows: Array) -> Array:
        return with_cost(rankings(small, wanted, at_truth(space, rows), scale), space, rows, base_cost)

    short = candidates(space, ways, tried, done[:5], settings.shortlist, rng, pool)
    if len(short) == 0:
        return _exhausted(space, objectives, settings)
    truth = at_truth(space, short)
    short, factor = best_fidelity(model, truth, base_cost)
    keep = np.flatnonzero(_unknown(short, tried, space))
    if len(keep) == 0:
        keep = np.arange(len(short))
    short, truth, factor = short[keep], truth[keep], factor[keep]
    chance = model.chance(truth)
    figures = model.few(settings.sampled).sample(np.vstack([truth, at_truth(space, pending), done]), settings.samples, rng)
    batch, reached = choose(wanted, figures, len(truth), len(pending), n, chance * factor, seen, settings)
    picked = np.array(batch.chosen, np.int64)
    mean, std = model.predict(truth)
    why = reasons(objectives, mean[picked], std[picked], chance[picked], best_seen(objectives, seen), best_of(objectives, mean), np.median(std, 0))
    worth = batch.gains[0]
    return Proposal(
        short[picked], tuple(space.points(short[picked])), mean[picked], std[picked], np.array(batch.gains), chance[picked], why, worth, worth / reached if reached > 0 else np.nan,
        notes_of(model, seen), "own", settings.sha256,
    )  # fmt: skip


def _unknown(rows: Array, tried: Array, space: Space) -> np.ndarray:
    """Which rows are neither tried nor the same as an earlier one."""
    fresh = without(rows, tried, space)
    width = np.where(space.high > space.low, space.high - space.low, 1.0)
    left = {np.round(r / width, 9).tobytes() for r in fresh}
    out = np.zeros(len(rows), bool)
    for i, r in enumerate(np.round(rows / width, 9)):
        if r.tobytes() in left:
            left.discard(r.tobytes())
            out[i] = True
    return out


def _exhausted(space: Space, objectives: Sequence[Objective], settings: PlanSettings) -> Proposal:
    nothing = np.zeros((0, len(objectives)))
    note = "every experiment of the space has been made: nothing is left to propose"
    return Proposal(np.zeros((0, len(space.variables))), (), nothing, nothing, np.zeros(0), np.zeros(0), (), 0.0, 0.0, (note,), "own", settings.sha256)


def incumbents(model: Surrogate, wanted: Wanted, rows: Array) -> Array:
    """The rows whose outcomes can be the best so far, best first: up to INCUMBENTS by predicted merit, the front before the rest."""
    if len(rows) == 0:
        return rows
    mean, _ = model.few(SEARCH_PARTICLES).predict(rows)
    merit = np.nan_to_num(wanted.merit(mean), nan=-1e300)
    kept = wanted.kept(mean)
    span = np.ptp(merit, axis=0)
    order = np.lexsort((-(merit / np.where(span > 0, span, 1.0)).sum(1), ~non_dominated(merit), ~kept))
    return rows[order[:INCUMBENTS]]


def merit_scale(wanted: Wanted, seen: Observations) -> Array:
    """The range of each merit seen, by which merits of different units are added up, (R,)."""
    merit = wanted.merit(seen.values[~seen.failed])
    low = np.where(np.isfinite(merit), merit, np.inf).min(0, initial=np.inf)
    high = np.where(np.isfinite(merit), merit, -np.inf).max(0, initial=-np.inf)
    return np.where(np.isfinite(high - low) & (high > low), high - low, 1.0)


def rankings(model: Surrogate, wanted: Wanted, rows: Array, scale: Array) -> Array:
    """Upper confidence bounds of merit at rows (n, v) under several weighings, less what a broken limit or a likely failure costs, (H, n)."""
    mean, std = model.predict(rows)
    mean, std = np.nan_to_num(mean), np.nan_to_num(std, nan=1.0)
    merit = wanted.merit(mean) / scale
    doubt = (std[:, list(wanted.raised)] if wanted.raised else std.max(1, keepdims=True)) / scale
    weights = directions(merit.shape[1], 1 if merit.shape[1] == 1 else 5)
    room = wanted.room(mean) / np.maximum(std[:, list(wanted.limits)], 1e-300) if wanted.raised and wanted.limits else np.zeros((len(rows), 0))
    penalty = np.maximum(1.0 - room, 0.0).sum(1) + 2.0 * (1.0 - model.chance(rows))
    return np.stack([(merit + k * doubt) @ w - penalty for w in weights for k in KAPPAS])


def with_cost(scores: Array, space: Space, rows: Array, base_cost: float) -> Array:
    """The rankings (H, n), and where costs differ in the space the same again with what dearer ones must promise more: the range of merit for every decade of cost."""
    if not any(v.costs for v in space.variables):
        return scores
    return np.vstack([scores, scores - np.log10(np.maximum(space.cost(rows, base_cost), 1e-12))])


def choose(wanted: Wanted, figures: Array, n_short: int, n_pending: int, n: int, weight: Array, seen: Observations, settings: PlanSettings) -> tuple[Batch, float]:
    """Greedy choice among the first n_short of the sampled rows, given those under way and the incumbents behind them; and the merit range or hypervolume reached so far."""
    merit, kept = wanted.merit(figures), wanted.kept(np.nan_to_num(figures, nan=0.0) if np.isnan(figures).any() else figures)
    merit = np.where(np.isfinite(merit), merit, 0.0)
    told = wanted.merit(seen.values[~seen.failed])
    told = told[np.isfinite(told).all(1)]
    everything = told if len(told) else merit.reshape(-1, merit.shape[2])
    reference, scale = wanted.reference(everything)
    sphere = directions(merit.shape[2], 32)
    values = scalars(merit, reference, scale, sphere)
    mask = np.tile(kept, (len(values) // len(kept), 1))
    floor = np.minimum(values.min(), float(reference[0]) if merit.shape[2] == 1 else 0.0)
    values = np.where(mask, values, floor)
    rest = values[:, n_short:]
    best = rest.max(1) if rest.shape[1] else np.full(len(values), floor)
    if merit.shape[2] == 1:
        reached = float(np.ptp(told)) if len(told) else 0.0
    else:
        reached = hypervolume((told[non_dominated(told)] - reference) / scale, np.zeros(merit.shape[2])) if len(told) else 0.0
    if settings.incumbent == "seen" and merit.shape[2] == 1 and len(told) and not wanted.limits:
        best = np.maximum(rest[:, :n_pending].max(1), told.max()) if n_pending else np.full(len(values), told.max())
    return greedy(values[:, :n_short], best, n, weight, settings.power), reached


def best_seen(objectives: Sequence[Objective], seen: Observations) -> Array:
    """The best figure of each objective, nan where there is none, (M,)."""
    good = seen.own.values[~seen.own.failed]
    return best_of(objectives, good) if len(good) else np.full(len(objectives), np.nan)


def best_of(objectives: Sequence[Objective], figures: Array) -> Array:
    """The best of figures (n, M) in each objective."""
    out = np.full(len(objectives), np.nan)
    for j, o in enumerate(objectives):
        y = figures[np.isfinite(figures[:, j]), j]
        if len(y):
            out[j] = y.min() if o.goal in ("minimise", "at_most") else y[np.argmin(np.abs(y - (o.target or 0.0)))] if o.goal == "target" else y.max()
    return out


def notes_of(model: Surrogate, seen: Observations) -> tuple[str, ...]:
    """What a user must know of the model."""
    notes = []
    if any(p is None for p in model.processes):
        names = ", ".join(o.name for o, p in zip(model.objectives, model.processes, strict=True) if p is None)
        notes.append(f"nothing was measured yet of {names}: the choice does not heed it")
    if (seen.task > 0).any():
        notes.append(f"{int((seen.task > 0).sum())} experiments are borrowed, each campaign with an offset of its own")
    if any(a.offset == "drift" for a in model.domain.axes):
        notes.append("a drift in time is part of the model")
    return tuple(notes)
