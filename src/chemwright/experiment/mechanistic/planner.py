"""The planner that goes from black box to mechanism by itself: it weighs both by how well they foretell runs, and chooses the next runs on the mixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.mechanistic.belief import Belief, believe
from chemwright.experiment.mechanistic.climb import Improvement
from chemwright.experiment.mechanistic.draws import Mixture
from chemwright.experiment.mechanistic.mechanism import Mechanism
from chemwright.experiment.mechanistic.views import Data
from chemwright.experiment.planning.merit import Wanted
from chemwright.model.protocol import Array
from chemwright.record.fields import as_tuple

if TYPE_CHECKING:
    from chemwright.experiment.observations import Observations
    from chemwright.experiment.planning import PlanSettings, Proposal
    from chemwright.experiment.planning.acquire import Batch
    from chemwright.experiment.space import Space
    from chemwright.record import Objective

MODES = ("auto", "mechanism", "black_box")
DRAWS, SCREEN, POOL, SHORT, CLIMBS = 24, 6, 192, 32, 2
BLACK = 0.5
"""Weight above which the black box plans alone."""


@frozen(eq=False)
class MechanisticPlanner:
    """Plans a campaign with one or several mechanisms that may be true, or none of them.

    Give it to a campaign as its ``prior``.

    Args:
        mechanisms: over the campaign's variables and objectives.
        mode: ``auto`` weighs mechanisms, a hybrid and the black box by evidence; ``mechanism`` leaves the black box out; ``black_box`` uses it alone.
        weights: prior weight of each mechanism and, last, of the black box; equal when empty.
        draws: joint draws of the figures in the acquisition.
    """

    mechanisms: tuple[Mechanism, ...] = field(converter=as_tuple)
    mode: str = "auto"
    weights: tuple[float, ...] = field(default=(), converter=as_tuple)
    draws: int = DRAWS

    def __attrs_post_init__(self) -> None:
        if not self.mechanisms:
            raise InputError("no mechanism", where="planner", fix="give at least one, or plan without")
        if self.mode not in MODES:
            raise InputError(f"unknown mode {self.mode!r}", where="planner", fix=did_you_mean(self.mode, MODES) or f"one of {', '.join(MODES)}")
        if self.weights and (len(self.weights) != len(self.mechanisms) + 1 or min(self.weights) < 0 or sum(self.weights) <= 0):
            raise InputError(f"weights {list(self.weights)}", where="planner", fix="give one >= 0 for each mechanism, and one for the black box")
        first = self.mechanisms[0]
        for m in self.mechanisms[1:]:
            if m.scales != first.scales or m.response.factors != first.response.factors or m.response.outputs != first.response.outputs:
                raise InputError(f"{m.name!r} has other variables, objectives or scales than {first.name!r}", where="planner", fix="write all mechanisms over the same ones")

    def prior_mean(self, points: Sequence[Mapping[str, Any]]) -> tuple[Array, Array]:
        """What the first mechanism expects before any run: figures and their spread (n, M), SI, by draws of the prior."""
        first = self.mechanisms[0]
        x = np.array([[float(p[name]) for name in first.response.factors] for p in points])
        from chemwright.experiment.design.parameters import spread

        values = first.from_fit(np.array([first.response.values(theta, x) for theta in spread(first.prior, 16, 0)]))
        return values.mean(0), values.std(0)

    def believe(self, space: Space, seen: Observations, seed: int = 0) -> Belief:
        """Weights of all models on what a campaign has seen.

        Raises:
            InputError: the mechanisms are over other variables or objectives.
        """
        first = self.mechanisms[0]
        if tuple(space.names) != first.response.factors:
            raise InputError(
                f"the mechanism has the variables {list(first.response.factors)}, the campaign {list(space.names)}", where="planner", fix="give the same names in the same order"
            )
        if seen.values.shape[1] != len(first.scales):
            raise InputError(f"the mechanism has {len(first.scales)} objectives, the campaign {seen.values.shape[1]}", where="planner", fix="give one reading for each objective")
        own = seen.where((seen.task == 0) & ~seen.failed)
        y = first.to_fit(own.values)
        slope = np.array([np.where(s == "log", 1 / np.maximum(np.abs(own.values[:, j]), 1e-300), 1.0) for j, s in enumerate(first.scales)]).T.reshape(own.stds.shape)
        belief = believe(self.mechanisms, Data(space.unit(own.rows), y, own.stds * slope), own.rows, prior=self.weights or None, seed=seed)
        if self.mode == "auto":
            return belief
        keep = np.array([(m.mechanism is None) == (self.mode == "black_box") for m in belief.models], dtype=float)
        if not np.any(keep * belief.weights):
            keep = np.ones(len(keep))
        return Belief(belief.models, keep * belief.weights / (keep @ belief.weights), belief.lost)

    def history(self, space: Space, seen: Observations, first: int = 3, seed: int = 0) -> list[Belief]:
        """The belief after each run from the ``first`` on: when the switch came."""
        own = seen.where((seen.task == 0) & ~seen.failed)
        return [self.believe(space, own.where(np.arange(n)), seed) for n in range(first, len(own) + 1)]

    def propose(
        self,
        space: Space,
        seen: Observations,
        objectives: Sequence[Objective],
        n: int,
        *,
        pending: Array | None = None,
        settings: PlanSettings | None = None,
        seed: int = 0,
        base_cost: float = 1.0,
    ) -> Proposal:
        """The next n runs, as :func:`chemwright.experiment.planning.propose` gives them, with the word on which model was used.

        Raises:
            InputError: as :meth:`believe`, or no run that the constraints allow.
        """
        from attrs import evolve

        from chemwright.experiment.planning import propose

        own = seen.where((seen.task == 0) & ~seen.failed)
        pending = np.zeros((0, len(space.variables))) if pending is None else np.asarray(pending, dtype=float).reshape(-1, len(space.variables))
        if not len(own) or not np.isfinite(own.values).any():
            return propose(space, seen, objectives, n, pending=pending, settings=settings, seed=seed, base_cost=base_cost)
        belief = self.believe(space, seen, seed)
        notes = (belief.words(), *belief.lost)
        if belief.black > BLACK:
            plain = propose(space, seen, objectives, n, pending=pending, settings=settings, seed=seed, base_cost=base_cost)
            return evolve(plain, notes=(*notes, *plain.notes))
        return _on_mixture(self, belief, notes, space, seen, tuple(objectives), n, pending, settings, seed, base_cost)


@frozen(eq=False)
class _Aim:
    """What a proposal is after: goals, where hypervolume is counted from, its scale, the merits told (n, R), and the runs made or under way (k, v)."""

    wanted: Wanted
    reference: Array
    scale: Array
    told: Array
    known: Array

    @classmethod
    def of(cls, objectives: Sequence[Objective], own: Observations, pending: Array) -> _Aim:
        wanted = Wanted.of(objectives)
        told = wanted.merit(own.values)
        told = told[np.isfinite(told).all(1)]
        if not len(told):
            told = np.zeros((1, max(len(wanted.raised), 1)))
        return cls(wanted, *wanted.reference(told), told, np.vstack([own.rows, pending]))

    @property
    def reached(self) -> float:
        """Range of merit seen, or the hypervolume reached."""
        from chemwright.experiment.planning.acquire import hypervolume, non_dominated

        if len(self.reference) == 1:
            return float(np.ptp(self.told))
        return hypervolume((self.told[non_dominated(self.told)] - self.reference) / self.scale, np.zeros(len(self.reference)))


def _screened(aim: _Aim, few: Mixture, space: Space, own: Observations, seed: int) -> Array:
    """The SHORT best of a pool of runs, everywhere and around those that no other beats, by a few draws."""
    from chemwright.experiment.planning.acquire import non_dominated
    from chemwright.experiment.sampling import neighbours, sample

    rng = np.random.default_rng([seed, 31])
    merit = aim.wanted.merit(own.values)
    good = np.flatnonzero(np.isfinite(merit).all(1))
    front = own.rows[good][non_dominated(merit[good])] if len(good) else own.rows
    pool = np.vstack([sample(space, POOL, rng), *(neighbours(space, row, 16, rng) for row in front[:4])])
    drawn = few.figures(pool)
    gains = Improvement.of(aim.wanted, aim.reference, aim.scale, few.figures(aim.known)).gains(drawn)
    promise = np.nan_to_num(aim.wanted.merit(np.nan_to_num(drawn).mean(0)).sum(1) / aim.scale.sum(), nan=-1e9)  # tells runs apart where none improves
    return pool[np.argsort(-(gains + 1e-9 * promise), kind="stable")[:SHORT]]


def _climbed(aim: _Aim, full: Mixture, figures: Array, short: Array, space: Space) -> Array:
    """Better runs (c, v) than the best of the short list, climbed on the mechanisms' draws; none where a variable is no plain number."""
    drawn, position = [], 0
    for model, thetas in full.parameters():
        if model.mechanism is not None:
            drawn += [(position + i, model.mechanism, theta) for i, theta in enumerate(thetas)]
        position += len(thetas)
    if not drawn or space.mixtures or any(v.kind != "continuous" for v in space.variables):
        return short[:0]
    better = Improvement.of(aim.wanted, aim.reference, aim.scale, figures[:, len(short) :])
    gains = better.gains(figures[:, : len(short)])
    low, high, linear = np.asarray(space.low), np.asarray(space.high), space.linear()
    rows = [better.climb(drawn, position, short[i], low, high, linear) for i in np.argsort(-gains, kind="stable")[:CLIMBS] if gains[i] > 0]
    return np.array([row for row in rows if space.feasible(row[None])[0]]).reshape(-1, short.shape[1])


def _batch(aim: _Aim, figures: Array, short: Array, n: int, cost: Array) -> Batch:
    """The n runs of the short list that together are expected to improve most, per cost."""
    from chemwright.experiment.planning.acquire import directions, greedy, scalars

    values = scalars(np.nan_to_num(aim.wanted.merit(figures), nan=-1e300), aim.reference, aim.scale, directions(len(aim.reference), 64))
    kept = np.tile(aim.wanted.kept(np.nan_to_num(figures)), (len(values) // len(figures), 1))
    floor = float(aim.reference[0]) if len(aim.reference) == 1 else 0.0
    values = np.where(kept, values, floor)
    factor = cost.min() / cost if cost.min() > 0 else np.ones(len(short))
    return greedy(values[:, : len(short)], values[:, len(short) :].max(1, initial=floor), n, factor)


def _on_mixture(
    planner: MechanisticPlanner, belief: Belief, notes: tuple[str, ...], space: Space, seen: Observations, objectives: tuple[Objective, ...], n: int, pending: Array, settings: PlanSettings | None,
    seed: int, base_cost: float,
) -> Proposal:  # fmt: skip
    """Screen on a few draws, climb with exact gradients, choose on all draws."""
    from chemwright.experiment.planning import PlanSettings, Proposal
    from chemwright.experiment.planning.proposal import reasons
    from chemwright.experiment.planning.propose import best_of, best_seen

    own = seen.where((seen.task == 0) & ~seen.failed)
    aim = _Aim.of(objectives, own, pending)
    few, full = (Mixture(belief, planner.mechanisms[0], space.unit, k, seed) for k in (SCREEN, planner.draws))
    short = _screened(aim, few, space, own, seed)
    figures = full.figures(np.vstack([short, aim.known]), 1)
    better = _climbed(aim, full, figures, short, space)
    if len(better):
        short = np.vstack([short, better])
        figures = full.figures(np.vstack([short, aim.known]), 1)
    batch = _batch(aim, figures, short, n, space.cost(short, base_cost))
    picked = np.array(batch.chosen, np.int64)
    # medians and quantiles: one draw of a rival that is nearly out must not make the rest look unsure
    low16, means, high84 = np.nan_to_num(np.nanquantile(figures[:, : len(short)], (0.16, 0.5, 0.84), axis=0))
    stds, chance, worth = 0.5 * (high84 - low16), np.ones(len(picked)), batch.gains[0]
    why = reasons(objectives, means[picked], stds[picked], chance, best_seen(objectives, seen), best_of(objectives, means), np.median(stds, 0))
    return Proposal(
        short[picked], tuple(space.points(short[picked])), means[picked], stds[picked], np.array(batch.gains), chance, why, worth, worth / aim.reached if aim.reached > 0 else np.nan, notes,
        "mechanism", (settings or PlanSettings()).sha256,
    )  # fmt: skip
