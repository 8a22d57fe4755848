"""Rival rate laws on the same runs: fitted, ranked, and how sure the ranking is.

Four yardsticks: AICc (how well a model would predict more such readings), BIC, the likelihood of runs that were left out while fitting (Stone 1974,
J. R. Stat. Soc. B 36, 111), and the probability of the data under the model, by Laplace's approximation about the fit with the noise
integrated out under a flat prior of its logarithm (Kass and Raftery 1995, J. Am. Stat. Assoc. 90, 773). The last depends on the priors' widths; the
others nearly not. Where they disagree, the words say so.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics.fitting import FINE, Progress, RunFit, fit_runs, noise_of, settle
from chemwright.kinetics.fitting_problem import Problem, problem_of
from chemwright.kinetics.fitting_search import Whitened
from chemwright.kinetics.runs import RunSet
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw

FOLDS = 12
CLEAR, STRONG = 0.95, 0.99


@frozen(eq=False)
class Rival:
    """One model of a comparison.

    Args:
        name: of the model.
        fit: its fit; ``None`` where it did not converge, and ``failure`` says why.
        aicc, bic: the criteria; inf where not fitted.
        weight: Akaike weight among the rivals (Burnham and Anderson 2002, ch. 2).
        left_out: log likelihood of the left-out runs, summed; nan with one run only.
        left_out_std: standard error of its lag behind the best, over the folds; nan likewise.
        ln_evidence: log probability of the readings.
        probability: of the model, all rivals equally likely before.
        failure: why it has no fit.
    """

    name: str
    fit: RunFit | None
    aicc: float
    bic: float
    weight: float
    left_out: float
    left_out_std: float
    ln_evidence: float
    probability: float
    failure: str = ""


@frozen(eq=False)
class Ranking:
    """Rivals, most probable first, and what can be said of them."""

    rivals: tuple[Rival, ...]
    words: tuple[str, ...]
    sure: bool

    def __getitem__(self, name: str) -> Rival:
        """One rival.

        Raises:
            InputError: no such rival.
        """
        for rival in self.rivals:
            if rival.name == name:
                return rival
        raise InputError(f"no model {name!r}", fix="known: " + ", ".join(r.name for r in self.rivals))

    def bayes_factor(self, first: str, second: str) -> float:
        """How many times more probable the readings are under one model than under another."""
        return float(np.exp(np.clip(self[first].ln_evidence - self[second].ln_evidence, -700, 700)))


def compare(
    laws: Mapping[str, RateLaw],
    runs: RunSet,
    priors: Mapping[str, Gaussian] | None = None,
    *,
    starts: int = 10,
    decades: float = 3.0,
    seed: int = 0,
    noise: str = "constant",
    time_limit: float = 600.0,
    cross_validate: bool = True,
    progress: Progress | None = None,
) -> Ranking:
    """Fit rival laws to the same runs and rank them.

    Args:
        laws: by name.
        runs: what was fed and read.
        priors: by name, where a law shall not have its own or the default one.
        starts, decades, seed, noise: of each fit, as in :func:`fit_runs`.
        time_limit: s in all.
        cross_validate: also leave runs out in turn.
        progress: called with words and the share done.

    Raises:
        InputError: fewer than one law, or runs and a law that don't fit each other.
        ConvergenceError: no law could be fitted.
    """
    if not laws:
        raise InputError("no model to compare", fix="give one or more rate laws by name")
    end, fits, failures = time.monotonic() + time_limit, {}, {}
    for i, (name, law) in enumerate(laws.items()):
        if progress is not None:
            progress(f"fit {name}", i / (2 * len(laws)))
        try:
            limit = max((end - time.monotonic()) / (len(laws) - i), 1.0)
            fits[name] = fit_runs(law, runs, (priors or {}).get(name), starts=starts, decades=decades, seed=seed, noise=noise, time_limit=limit)
        except ConvergenceError as error:
            failures[name] = error.message
    if not fits:
        raise ConvergenceError(f"none of the {len(laws)} models could be fitted: {next(iter(failures.values()))}", where="compare", fix="check the runs' units and the networks")
    left: dict[str, Array] = {}
    for i, (name, fit) in enumerate(fits.items()):
        if progress is not None:
            progress(f"leave runs out of {name}", 0.5 + i / (2 * len(fits)))
        if cross_validate and len(runs.runs) > 1:
            left[name] = left_out(fit, seed=seed)
    return _rank(fits, failures, left)


def folds(runs: RunSet, seed: int = 0) -> list[tuple[str, ...]]:
    """Ids of the runs left out together: one by one up to ``FOLDS`` runs, else that many seeded parts."""
    ids = np.array(runs.ids)
    if len(ids) <= FOLDS:
        return [(str(i),) for i in ids]
    order = np.random.default_rng(seed).permutation(len(ids))
    return [tuple(str(i) for i in ids[part]) for part in np.array_split(order, FOLDS)]


def left_out(fit: RunFit, seed: int = 0) -> Array:
    """Log density of each fold's readings, parameters and noise from the other runs, their uncertainty included; -inf where a fit fails."""
    out = []
    for ids in folds(fit.runs, seed):
        kind = "relative" if fit.problem.relative else "constant"
        training, held = (problem_of(fit.problem.law, part, fit.problem.prior, kind) for part in (fit.runs.without(ids), fit.runs.only(ids)))
        try:
            end, sigma = settle(training, fit.theta, deadline=time.monotonic() + 60.0)
            f, jac = held.evaluate(end.theta, FINE)
        except ConvergenceError:
            out.append(-math.inf)
            continue
        space = Whitened(training, sigma, FINE)
        slope = jac @ space.chol
        hessian = space.quadratic(space.z(end.theta), end.f, end.jacobian)[2]
        noise = held.std if held.std is not None else _noise_for(training, sigma, held)
        cov = np.diag(noise**2) + slope @ np.linalg.solve(hessian, slope.T)
        out.append(_log_density(held.y - f, cov))
    return np.array(out)


def _noise_for(training: Problem, sigma: Array, held: Problem) -> Array:
    """Noise of the left-out readings; an observable that was never read in training has the range of its readings."""
    known, share = held.unit(), sigma / training.weight
    for j in range(held.n_columns):
        mine = training.column == j
        if mine.any():
            known[j] = share[mine][0]
    return np.asarray(known[held.column] * held.weight, dtype=float)


def _log_density(r: Array, cov: Array) -> float:
    """Log density of a normal vector."""
    chol = np.linalg.cholesky(cov)
    w = np.linalg.solve(chol, r)
    return float(-0.5 * w @ w - np.log(np.diag(chol)).sum() - 0.5 * len(r) * math.log(2 * math.pi))


def ln_evidence(fit: RunFit) -> float:
    """Log probability of the readings under the model and its prior (but for a constant that rivals on the same runs share)."""
    p = fit.problem
    ml = noise_of(p, fit.residual, np.zeros(len(p.y)))
    space = Whitened(p, ml, FINE)
    z = space.z(fit.theta)
    hessian = space.quadratic(z, fit.f, fit.jacobian)[2]
    if p.std is not None:
        data = -0.5 * float(np.sum((fit.residual / p.std) ** 2 + np.log(2 * math.pi * p.std**2)))
    else:
        data = 0.0
        for j in range(p.n_columns):
            mine = p.column == j
            n = int(mine.sum())
            if n:  # the noise integrated out under d ln sigma
                share = float((ml / p.weight)[mine][0])
                data += math.lgamma(n / 2) - n / 2 * math.log(math.pi * n * share**2) - math.log(2) - float(np.log(p.weight[mine]).sum())
    return float(data - 0.5 * z @ z - 0.5 * np.linalg.slogdet(hessian)[1])


def _rank(fits: Mapping[str, RunFit], failures: Mapping[str, str], left: Mapping[str, Array]) -> Ranking:
    """The table and its words."""
    names = list(fits)
    evidence = np.array([ln_evidence(fits[n]) for n in names])
    probability = np.exp(evidence - evidence.max())
    probability /= probability.sum()
    aicc = np.array([fits[n].aicc for n in names])
    weight = np.exp(-0.5 * (aicc - aicc.min())) if np.all(np.isfinite(aicc)) else np.full(len(names), np.nan)
    weight = weight / weight.sum()
    totals = {n: float(v.sum()) for n, v in left.items()}
    ahead = max(totals, key=lambda n: totals[n]) if totals else ""
    rows = []
    for i, n in enumerate(names):
        lag = left[n] - left[ahead] if n in left and np.all(np.isfinite(left[n])) and np.all(np.isfinite(left[ahead])) else np.zeros(0)
        error = float(np.std(lag, ddof=1) * math.sqrt(len(lag))) if len(lag) > 1 else math.nan
        rows.append(Rival(n, fits[n], float(aicc[i]), fits[n].bic, float(weight[i]), totals.get(n, math.nan), error, float(evidence[i]), float(probability[i])))
    rows.sort(key=lambda r: -r.probability)
    rows += [Rival(n, None, math.inf, math.inf, 0.0, math.nan, math.nan, -math.inf, 0.0, why) for n, why in failures.items()]
    words, sure = _words(rows, ahead)
    return Ranking(tuple(rows), words, sure)


def _words(rows: Sequence[Rival], ahead: str) -> tuple[tuple[str, ...], bool]:
    """What the ranking says and how surely, for a reader who makes a decision by it."""
    from chemwright.kinetics.diagnose import diagnose

    fitted = [r for r in rows if r.fit is not None]
    best = fitted[0]
    out = [f"{r.name} could not be fitted: {r.failure}" for r in rows if r.fit is None]
    by_aicc = min(fitted, key=lambda r: r.aicc)
    behind = next((r for r in fitted if r.name == ahead), best).left_out - best.left_out if ahead else 0.0
    level = not ahead or ahead == best.name or behind <= 2 * best.left_out_std  # nan is not level
    agree = by_aicc.name == best.name and level
    sure = len(fitted) > 1 and agree and best.probability > CLEAR
    if len(fitted) == 1:
        out.append(f"only {best.name} was fitted: there is nothing to compare it with")
    elif sure:
        second = fitted[1]
        odds = math.exp(min(best.ln_evidence - second.ln_evidence, 50.0))
        tail = "by AICc and on left-out runs as well" if ahead == best.name else "by AICc as well, level on left-out runs" if ahead else "by AICc as well"
        how = "The data speak clearly for" if best.probability > STRONG else "The data speak for"
        out.append(f"{how} {best.name}: {'more than 1e6' if odds > 1e6 else f'{odds:.3g}'} times more probable than {second.name}, and ahead {tail}")
    elif not agree:
        said = f"{best.name} by the Bayes factor, {by_aicc.name} by AICc" + (f", {ahead} on left-out runs" if ahead else "")
        out.append(f"the yardsticks disagree ({said}): these runs don't decide; an experiment that tells them apart is worth more than another fit")
    else:
        near = [r for r in fitted[1:] if r.probability > 0.05 * best.probability]
        names = " and ".join(r.name for r in near)
        out.append(f"{best.name} is ahead with probability {best.probability:.2f}, but {names} can't be ruled out: an experiment that tells them apart is needed")
        out += [w for r in near if (w := _contains(r, best))]
    assert best.fit is not None
    failed = [t for t in diagnose(best.fit).tests if not t.ok and t.name in ("lack of fit", "runs of signs", "given noise")]
    if failed:
        out.append(f"even {best.name} does not explain the readings ({failed[0].words}): the true network may be none of these")
        sure = False
    return tuple(out), sure


def _contains(wide: Rival, narrow: Rival) -> str:
    """What a rival that has all the reactions of another, and more, gains by them; empty when it has not."""
    assert wide.fit is not None
    assert narrow.fit is not None
    reactions = [{str(r) for r in getattr(getattr(rival.fit.problem.law, "network", None), "reactions", ())} for rival in (wide, narrow) if rival.fit is not None]
    if not reactions[1] or not reactions[1] < reactions[0]:
        return ""
    gain = wide.fit.log_likelihood - narrow.fit.log_likelihood
    more = len(wide.fit.theta) - len(narrow.fit.theta)
    return f"{wide.name} is {narrow.name} and more: its {more} further parameters gain {max(gain, 0.0):.1f} in log likelihood, where pure chance gives about {more / 2:g}"


def with_probability(ranking: Ranking, prior: Mapping[str, float]) -> Ranking:
    """The same ranking when the rivals were not equally likely before.

    Raises:
        InputError: a prior probability that is negative, or none above zero.
    """
    given = np.array([prior.get(r.name, 0.0) for r in ranking.rivals])
    if np.any(given < 0) or not given.sum() > 0:
        raise InputError("prior probabilities are negative or all zero", where="prior", fix="give one for each model, zero or more")
    p = np.array([r.probability for r in ranking.rivals]) * given
    if not p.sum() > 0:
        raise InputError("the models with a prior probability are ruled out by the data", where="prior", fix="give the others a share")
    rows = [evolve(r, probability=float(v)) for r, v in zip(ranking.rivals, p / p.sum(), strict=True)]
    return evolve(ranking, rivals=tuple(sorted(rows, key=lambda r: -r.probability)))
