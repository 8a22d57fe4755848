"""One call that trains hybrids of several kinds on the same runs and says which of them the data warrant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.hybrid.directions import candidates, check_direction, direction_of, element_matrix, null_space
from chemwright.kinetics.hybrid.fit import Data, Fit, fit_laplace
from chemwright.kinetics.hybrid.law import HybridLaw, MissingRate, RateFactor, Widened
from chemwright.kinetics.hybrid.learned import deviate, smooth_learner
from chemwright.kinetics.hybrid.problem import References, default_prior, models_of, observations, references, visited
from chemwright.kinetics.hybrid.residual import output_directions, residual_on, rows_of
from chemwright.kinetics.hybrid.search import Candidate, Progress, Settings, Task, described, search
from chemwright.kinetics.hybrid.trained import KINDS, HybridModel, Member
from chemwright.kinetics.runs import RunSet
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw

LEARNERS = ("power", "gaussian", "perceptron", "monotone")


@frozen(eq=False)
class Hybrids:
    """What :func:`train_hybrid` returns.

    Args:
        models: kind to trained model; ``mechanism`` is always there.
    """

    models: dict[str, HybridModel] = field()

    @property
    def mechanism(self) -> HybridModel:
        """The mechanism alone."""
        return self.models["mechanism"]

    @property
    def best(self) -> HybridModel:
        """The model that predicts left-out runs best; the mechanism alone unless another one gains two nats over it."""
        others = [m for k, m in self.models.items() if k != "mechanism"]
        top = max(others, key=lambda m: m.left_out, default=self.mechanism)
        return top if top.left_out > self.mechanism.left_out + 2.0 else self.mechanism

    def __getitem__(self, kind: str) -> HybridModel:
        """The model of a kind.

        Raises:
            InputError: not trained.
        """
        if kind not in self.models:
            raise InputError(f"no hybrid of the kind {kind!r}", fix=did_you_mean(kind, self.models))
        return self.models[kind]

    def table(self) -> list[dict[str, Any]]:
        """One row a kind: what was learned, log evidence and log density of left-out runs over the mechanism's, errors, coverage."""
        base = self.mechanism
        return [
            {
                "kind": k,
                "learned": m.best.words,
                "parameters": len(m.best.fit.posterior.mean),
                "log_evidence_gain": m.log_evidence - base.log_evidence,
                "left_out_gain": m.left_out - base.left_out,
                "left_out_rmse": m.left_out_rmse,
                "coverage": m.coverage,
                "best": m is self.best,
            }
            for k, m in self.models.items()
        ]


def train_hybrid(
    law: RateLaw,
    runs: RunSet,
    kinds: str | Sequence[str] = ("rate", "residual"),
    *,
    prior: Gaussian | None = None,
    formulas: Mapping[str, str] | None = None,
    directions: Sequence[str | Sequence[float]] = (),
    reactions: Sequence[int] = (),
    conditions: Sequence[str] = (),
    activity: str = "",
    link: str = "factor",
    learner: str = "power",
    signs: Sequence[int] = (),
    settings: Settings | None = None,
    starts: int = 4,
    seed: int = 0,
    sources: Sequence[str] = (),
    progress: Progress = lambda text, fraction: None,
) -> Hybrids:
    """Train the mechanism alone and hybrids of several kinds on the same runs.

    Args:
        law: the mechanism, any rate law; where the runs have more species (conditions, an activity), these come last.
        runs: concentrations or other readings in time.
        kinds: ``rate_factor`` (learned factors on known reactions), ``missing_rate`` (learned reactions), ``rate`` (either, as the evidence says), ``residual`` (on the readings),
            ``closure`` (a factor that depends on operating conditions, or a fading activity).
        prior: on the mechanism's parameters; the law's own ``start``, or a wide one for mass action, when left out.
        formulas: species to formula; needed to find the direction of a missing rate, and keeps residuals in the null space of the elements.
        directions: of missing rates, as reactions in text or coefficients; all small balanced reactions when left out.
        reactions: known reactions (from 0) that factors may stand on; all when left out.
        conditions: names of pseudo-species whose feeds hold operating conditions (stirrer speed, flow); inputs of a closure.
        activity: name of the pseudo-species (feed 1) that multiplies ``reactions`` and fades at a learned rate, for a closure.
        link: ``factor`` or ``efficiency`` (a closure between 0 and 1).
        learner: ``power`` (Arrhenius and saturating powers, and a process if the evidence asks for one), or with them always a ``gaussian`` process, a ``perceptron``, or a ``monotone`` one.
        signs: of a monotone learner: +1 rises, -1 falls, 0 free, for each species (or condition) that is an input, then the temperature.
        settings: of the search.
        starts: starting points of the mechanism alone, over +/- 3 decades.
        seed: of the starts.
        sources: ids of what the runs and the prior rest on.
        progress: told what is done.

    Raises:
        InputError: what can't be; BalanceError: a direction that makes atoms; ConvergenceError: the mechanism alone fits from no start.
    """
    wanted = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for kind in wanted:
        if kind not in KINDS:
            raise InputError(f"unknown kind of hybrid {kind!r}", where="kinds", fix=did_you_mean(kind, KINDS) or f"one of {', '.join(KINDS)}")
    if learner not in LEARNERS:
        raise InputError(f"unknown learner {learner!r}", where="learner", fix=did_you_mean(learner, LEARNERS))
    for name in (*conditions, *([activity] if activity else [])):
        if name not in runs.species:
            raise InputError(
                f"the condition {name!r} is no column of the feeds", where="conditions", fix=did_you_mean(name, runs.species) or "add it to the runs' species, its value as feed"
            )
    extra = len(runs.species) - law.stoichiometry.shape[1]
    if extra < 0:
        raise InputError(f"{len(runs.species)} species in the runs, {law.stoichiometry.shape[1]} in the law", where="runs", fix="use runs.over(species of the law)")
    place = _Place(runs, (*conditions, *([activity] if activity else [])), formulas)
    base = HybridLaw(law if extra == 0 else Widened(law, extra))
    first_prior = prior if prior is not None else default_prior(base.base, place.ref, len(runs.species))
    data, models = observations(runs), models_of(runs)
    progress("mechanism alone", 0.02)
    fit = fit_laplace(models(base), data, first_prior, (), _starts(first_prior, starts, seed))
    alone = Candidate(base, fit)
    task = Task(base, first_prior, models, data, runs.species, (), place.ref.c, place.ref.temperature, place.ref.rate, settings or Settings())
    out = {"mechanism": _model("mechanism", runs, place.ref, [Member(base, fit, 1.0, "mechanism alone")], data, sources)}
    for i, kind in enumerate(k for k in wanted if k != "mechanism"):
        share = 0.1 + 0.85 * i / len(wanted)
        if kind == "residual":
            progress("residual", share)
            members = _residual(task, alone, runs, place)
        else:
            limited = _limited(task, kind, runs, place, directions, reactions, conditions, activity)
            start = _closure(limited, alone, reactions, conditions, activity, link) if kind == "closure" else alone
            found = search(limited, start, lambda t, f, s=share: progress(t, s + 0.85 * (f or 0.0) / len(wanted)))  # type: ignore[misc]
            progress(f"{kind}: deviations", share + 0.8 / len(wanted))
            members = _finish(limited, found, runs, learner, tuple(signs), seed)
        out[kind] = _model(kind, runs, place.ref, members, data, sources)
    progress("done", 1.0)
    return Hybrids(out)


class _Place:
    """References and elements of the runs."""

    def __init__(self, runs: RunSet, conditions: tuple[str, ...], formulas: Mapping[str, str] | None) -> None:
        self.ref: References = references(runs, conditions)
        self.elements: Array | None = None
        if formulas is not None:
            known = [s for s in runs.species if s not in conditions]
            matrix = element_matrix(known, formulas)
            self.elements = np.array([matrix[known.index(s)] if s in known else np.zeros(matrix.shape[1]) for s in runs.species])


def _starts(prior: Gaussian, n: int, seed: int) -> list[Array]:
    """The prior mean and seeded draws about it, held to 3 decades of a rate constant."""
    rng = np.random.default_rng(seed)
    chol = np.linalg.cholesky(prior.cov)
    return [prior.mean] + [prior.mean + np.clip(chol @ rng.standard_normal(len(prior.mean)), -7 * np.sqrt(np.diag(prior.cov)), None) for _ in range(n - 1)]


def _limited(
    task: Task, kind: str, runs: RunSet, place: _Place, directions: Sequence[str | Sequence[float]], reactions: Sequence[int], conditions: Sequence[str], activity: str
) -> Task:
    """The task with the moves that a kind may make."""
    s = task.settings
    factors, missing = kind in ("rate", "rate_factor", "closure"), kind in ("rate", "missing_rate")
    rows: list[tuple[float, ...]] = []
    if missing:
        if directions:
            rows = [direction_of(d, runs.species) if isinstance(d, str) else tuple(float(v) for v in d) for d in directions]
            for row in rows if place.elements is not None else []:
                check_direction(np.array(row), place.elements)  # type: ignore[arg-type]
        elif place.elements is None:
            raise InputError("where a missing reaction points can't be found without formulas", where="formulas", fix="give formulas, or directions such as 'A + C -> D'")
        else:
            rows = candidates(place.elements)
    special = {runs.species.index(c) for c in (*conditions, *([activity] if activity else []))}
    inputs = tuple(runs.species.index(c) for c in conditions) if kind == "closure" else tuple(j for j in range(len(runs.species)) if j not in special)
    allowed = tuple(reactions) or tuple(range(len(task.base.base.stoichiometry)))
    return evolve(
        task,
        directions=tuple(rows),
        inputs=inputs,
        reactions=allowed if factors and kind != "closure" else (),
        settings=evolve(s, missing=missing, factors=factors and kind != "closure"),
    )


def _closure(task: Task, alone: Candidate, reactions: Sequence[int], conditions: Sequence[str], activity: str, link: str) -> Candidate:
    """The mechanism with the closure's part in place, nothing learned yet.

    Raises:
        InputError: a closure without conditions and without an activity.
    """
    where = tuple(reactions) or tuple(range(len(task.base.base.stoichiometry)))
    if activity:
        place = task.species.index(activity)
        direction = tuple(-1.0 if j == place else 0.0 for j in range(len(task.species)))
        part: MissingRate | RateFactor = MissingRate(direction, task.scale / float(task.c_ref.max()), 1.0, task.power((), True), f"fading of {activity}", where)
    elif conditions:
        part = RateFactor(where, task.power((), False), link, "closure")
    else:
        raise InputError("a closure of nothing", where="closure", fix="give conditions (pseudo-species that hold them) or an activity")
    law = HybridLaw(task.base.base, (part,))
    start = np.concatenate([alone.fit.posterior.mean, np.full(part.n_weights, 0.1) if part.nonnegative else np.zeros(part.n_weights)])
    fit = fit_laplace(task.model_of(law), task.data, law.prior(task.prior), law.nonnegative, [start], scales=alone.fit.scales)
    return Candidate(law, fit, part.name)


def _finish(task: Task, found: list[Candidate], runs: RunSet, learner: str, signs: tuple[int, ...], seed: int) -> list[Member]:
    """The search's best models with their shares, after a smooth learner was added where asked for or warranted."""
    best = found[0]
    if learner == "power":
        grown = deviate(task, best, runs)
        found = sorted([*found, *grown], key=lambda c: -c.log_evidence)
    elif best.law.parts:
        found = [smooth_learner(task, best, runs, learner, signs, seed)]
    top = found[0].log_evidence
    share = np.array([np.exp(c.log_evidence - top - task.settings.penalty * max(c.law.n_parameters - found[0].law.n_parameters, 0)) for c in found])
    keep = [i for i in range(len(found)) if share[i] > 0.02][:6]
    share = share / share[keep].sum()
    return [Member(found[i].law, found[i].fit, float(share[i]), described(found[i].law, task.species)) for i in keep]


def _residual(task: Task, alone: Candidate, runs: RunSet, place: _Place) -> list[Member]:
    """Residuals of three amplitudes and two length scales, weighed by evidence."""
    basis = null_space(place.elements) if place.elements is not None else None
    outputs = output_directions(runs, basis)
    spread = task.data.spread() * task.data.typical_std()
    size = float(np.sqrt(np.mean(spread**2)))
    if basis is None:
        outputs = np.diag(spread / size)
    x, base_model, p = rows_of(runs), task.model_of(alone.law), alone.law.n_parameters
    members = []
    for amplitude in (0.03, 0.1, 0.3):
        for length in (1.0, 2.0):
            part = residual_on(runs, outputs, amplitude * size, length)
            cov = np.eye(p + part.n_weights)
            cov[:p, :p] = task.prior.cov
            prior = Gaussian(np.concatenate([task.prior.mean, np.zeros(part.n_weights)]), cov)

            def model(phi: Array, part: Any = part) -> tuple[Array, Array]:
                y, jac = base_model(phi[:p])
                f, df = part.design(x, phi[p:])
                return y + f, np.hstack([jac, df])

            fit = fit_laplace(model, task.data, prior, (), [np.concatenate([alone.fit.posterior.mean, np.zeros(part.n_weights)])], scales=alone.fit.scales)
            members.append(Member(alone.law, fit, 1.0, f"residual, amplitude {amplitude * size:.3g}, length {length:g}", part))
    members.sort(key=lambda m: -m.fit.log_evidence)
    share = np.array([np.exp(m.fit.log_evidence - members[0].fit.log_evidence) for m in members])
    kept = [evolve(m, weight=float(s)) for m, s in zip(members, share, strict=True) if s > 0.02]
    total = sum(m.weight for m in kept)
    return [evolve(m, weight=m.weight / total) for m in kept]


def _model(kind: str, runs: RunSet, ref: References, members: list[Member], data: Data, sources: Sequence[str]) -> HybridModel:
    """Scores on left-out runs, and the record."""
    from scipy.stats import t

    fit: Fit = members[0].fit
    error, std, density = fit.left_out(data.run)
    spread = (data.spread() * data.typical_std())[data.observable.astype(int)]
    inside = np.abs(error) <= t.ppf(0.95, fit.dof) * std
    rmse = float(np.sqrt(np.mean((error / spread) ** 2)))
    return HybridModel(kind, runs.species, runs.observables, members, ref, fit.log_evidence, density, rmse, float(inside.mean()), data.typical_std(), tuple(sources))


def visited_states(model: HybridModel, runs: RunSet) -> Array:
    """States [c, T] of the runs by a trained model, shape (N, S + 1)."""
    return visited(model.law, runs, model.theta)
