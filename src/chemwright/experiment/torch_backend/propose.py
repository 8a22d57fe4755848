"""The next experiments by BoTorch: one Gaussian process per figure, noisy expected (hypervolume) improvement in logarithmic form, alternating search over numbers and levels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from chemwright.errors import MissingExtra
from chemwright.experiment.observations import Observations, pooled
from chemwright.experiment.planning.domain import Array
from chemwright.experiment.planning.failure import learn_success
from chemwright.experiment.planning.fidelity import at_truth
from chemwright.experiment.planning.merit import Wanted
from chemwright.experiment.planning.proposal import Proposal, reasons
from chemwright.experiment.planning.propose import best_of, best_seen, start, usable
from chemwright.experiment.planning.search import LISTED, without
from chemwright.experiment.planning.settings import PlanSettings
from chemwright.experiment.planning.structures import domain_of
from chemwright.experiment.planning.surrogate import PriorMean
from chemwright.experiment.sampling import all_rows, neighbours, repair, sample
from chemwright.experiment.space import Space
from chemwright.record import Objective

DRAWN = 600
LIKELY = 0.5
"""Where experiments failed, rows with less than this share of the best chance of success are left out."""


def load() -> tuple[Any, Any]:
    """torch and botorch.

    Raises:
        MissingExtra: they are not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import botorch
            import torch
    except ImportError:
        raise MissingExtra(
            "the planner's torch backend needs torch and botorch, which are not installed", fix="pip install 'chemwright[learn]', or choose the backend 'own'"
        ) from None
    return torch, botorch


def propose_with_torch(
    space: Space,
    observations: Observations,
    objectives: Sequence[Objective],
    n: int,
    *,
    pending: Array,
    settings: PlanSettings,
    seed: int,
    prior_mean: PriorMean | None = None,
    base_cost: float = 1.0,
    pool: Array | None = None,
) -> Proposal:
    """As :func:`chemwright.experiment.planning.propose`, which calls it when the settings say ``torch``. Costs that differ between levels and cheaper fidelities are not weighed, which a note says.

    Raises:
        MissingExtra: torch or botorch is not installed.
    """
    torch, _ = load()
    if not usable(observations):
        return start(space, observations, objectives, n, pending, settings, seed, pool)
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its fits and searches speak of every restart that stopped early; what is wrong with a campaign is said in errors and notes
        torch.manual_seed(seed)
        return _planned(space, pooled(observations), tuple(objectives), n, pending, settings, seed, prior_mean, base_cost, pool)


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
    from chemwright.experiment.torch_backend.models import Models

    models = Models.fit(space, seen, objectives, prior_mean)
    wanted = Wanted.of(objectives)
    told = wanted.merit(seen.own.values[~seen.own.failed])
    told = told[np.isfinite(told).all(1)] if len(told) else told
    reference, scale = wanted.reference(told if len(told) else np.zeros((1, max(1, len(wanted.raised)))))
    score = models.acquisition(wanted, reference, scale, seen, pending, seed)
    tried = np.vstack([seen.own.rows, pending])
    rng = np.random.default_rng([seed, 7])
    rows, values = _chosen(space, score, models, tried, seen, n, rng, pool, plain=prior_mean is None)
    mean, std = models.predict(rows)
    success = learn_success(domain_of(space), space.unit(seen.own.rows), seen.own.failed)
    chance = np.ones(len(rows)) if success is None else success.chance(space.unit(rows))
    gain = np.exp(values) * (scale[0] if len(scale) == 1 else 1.0)
    why = reasons(objectives, mean, std, chance, best_seen(objectives, seen), best_of(objectives, mean), np.median(std, 0)) if len(rows) else ()
    worth = float(gain[0]) if len(rows) else 0.0
    reached = float(np.ptp(told)) if len(scale) == 1 and len(told) else 1.0
    notes = [f"nothing was measured yet of {o.name}: the choice does not heed it" for o, m in zip(objectives, models.parts, strict=True) if m is None]
    if space.fidelity is not None or np.ptp(space.cost(rows, base_cost)) > 0:
        notes.append("the torch backend does not weigh costs or fidelities: the backend 'own' does")
    return Proposal(
        rows, tuple(space.points(rows)) if len(rows) else (), mean, std, gain, chance, why, worth, worth / reached if reached > 0 else np.nan, tuple(notes), "torch", settings.sha256
    )  # fmt: skip


def _chosen(space: Space, score: Any, models: Any, tried: Array, seen: Observations, n: int, rng: np.random.Generator, pool: Array | None, *, plain: bool) -> tuple[Array, Array]:
    """Rows and the logarithm of what each was expected to add: from a list where there is one or where rules or failures bind, else by alternating search."""
    listed = all_rows(space, LISTED) if pool is None else pool
    if listed is None and plain and not space.rules and not space.mixtures and not seen.own.failed.any():
        return _alternating(space, score, models, tried, n)
    if listed is None:
        best = seen.own.rows[~seen.own.failed][:5]
        listed = np.vstack([sample(space, DRAWN, rng), *(neighbours(space, b, 60, rng, 0.15) for b in best)])
    rows = without(at_truth(space, listed), tried, space)
    success = learn_success(domain_of(space), space.unit(seen.own.rows), seen.own.failed)
    if success is not None and len(rows) > n:
        chance = success.chance(space.unit(rows))
        keep = chance >= min(LIKELY * chance.max(), np.sort(chance)[-n])
        rows = rows[keep]
    return _from_list(score, models, rows, n)


def _from_list(score: Any, models: Any, rows: Array, n: int) -> tuple[Array, Array]:
    import torch

    x = models.inputs(rows)
    chosen: list[int] = []
    values: list[float] = []
    base = score.X_pending
    for _ in range(min(n, len(rows))):
        with torch.no_grad():
            found = torch.cat([score(part[:, None, :]) for part in x.split(512)]).numpy().copy()
        found[chosen] = -np.inf
        chosen.append(int(np.argmax(found)))
        values.append(float(found[chosen[-1]]))
        score.set_X_pending(x[chosen] if base is None else torch.cat([base, x[chosen]]))
    return rows[np.array(chosen, np.int64)], np.array(values)


def _alternating(space: Space, score: Any, models: Any, tried: Array, n: int) -> tuple[Array, Array]:
    import torch
    from botorch.optim.optimize_mixed import optimize_acqf_mixed_alternating

    width = models.width
    bounds = torch.zeros(2, width, dtype=torch.float64)
    bounds[1] = 1.0
    discrete: dict[int, list[float]] = {}
    levels: dict[int, list[float]] = {}
    fixed: dict[int, float] = dict.fromkeys(range(len(space.variables), width), 0.0)
    for j, v in enumerate(space.variables):
        if v.kind == "categorical":
            levels[j] = [float(k) for k in range(len(v.levels))]
            bounds[1, j] = len(v.levels) - 1
        elif v.kind == "discrete":
            column = np.repeat(space.low[None], len(v.values), axis=0)
            column[:, j] = v.values
            discrete[j] = [float(u) for u in space.unit(column)[:, j]]
        if space.fidelity == j or space.high[j] <= space.low[j]:
            fixed[j] = float(space.unit(space.high[None])[0, j])
    for j in range(len(space.variables), width):
        bounds[1, j] = 1.0
    discrete = {j: v for j, v in discrete.items() if j not in fixed}
    levels = {j: v for j, v in levels.items() if j not in fixed}
    options = {"maxiter_alternating": 12, "batch_limit": 10, "init_batch_limit": 256}
    x, values = optimize_acqf_mixed_alternating(
        score, bounds, discrete_dims=discrete or None, cat_dims=levels or None, q=n, raw_samples=256, num_restarts=6, sequential=True, fixed_features=fixed or None, options=options
    )  # fmt: skip
    rate = np.zeros(1) if values is None else np.atleast_1d(values.detach().numpy())
    rows = repair(space, space.from_unit(x.numpy()[:, : len(space.variables)]))
    fresh = without(rows, tried, space)
    if len(fresh) < n:
        fresh = np.vstack([fresh, without(sample(space, 8 * n, np.random.default_rng(0)), np.vstack([tried, fresh]), space)[: n - len(fresh)]])
    return fresh, np.broadcast_to(rate if len(rate) == 1 else rate.max(), (len(fresh),)).copy()
