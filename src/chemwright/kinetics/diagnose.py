"""Residual diagnostics of a fit: is what is left noise, and which readings and runs don't belong."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from chemwright.kinetics.fitting import RunFit
from chemwright.model.protocol import Array

LEVEL = 0.01
HIGH_LEVERAGE = 0.5


@frozen
class Test:
    """One test of the residuals.

    Args:
        name: of the test.
        observable: that it is about; empty for all.
        statistic, p: its value, and how likely a larger one is if all is well.
        ok: whether p is above 1 %.
        words: for the reader.
    """

    __test__ = False

    name: str
    observable: str
    statistic: float
    p: float
    ok: bool
    words: str


@frozen
class Odd:
    """A reading or a run that stands out: its place, by how many standard deviations, and words."""

    run: str
    observable: str
    time: float | None
    deviation: float
    words: str


@frozen
class Diagnosis:
    """All of it.

    Args:
        tests: runs of signs, lack of fit, normality, spread, noise against what was said.
        odd: readings and runs that stand out, worst first.
        leverage: readings that alone decide some parameter: (run, observable, time in s, leverage).
        pure_error: noise standard deviation from replicates, by observable.
    """

    tests: tuple[Test, ...]
    odd: tuple[Odd, ...]
    leverage: tuple[tuple[str, str, float, float], ...]
    pure_error: dict[str, float]

    @property
    def ok(self) -> bool:
        """Whether all tests passed."""
        return all(t.ok for t in self.tests)


def diagnose(fit: RunFit) -> Diagnosis:
    """Look at what a fit left over."""
    groups = replicates(fit)
    tests = [*_signs(fit), *_lack_of_fit(fit, groups), *_normal(fit), *_spread(fit), *_stated(fit)]
    names = [o.name for o in fit.runs.observables]
    time = fit.problem.time
    lever = fit.leverage
    high = [i for i in np.argsort(-lever) if lever[i] > HIGH_LEVERAGE][:10]
    alone = tuple((fit.runs.runs[fit.problem.run[i]].id, names[fit.problem.column[i]], float(time[i]), float(lever[i])) for i in high)
    pure = {names[j]: math.sqrt(ss / dof) for j in range(len(names)) if (ss := _pure(fit, groups, j)[0]) >= 0 and (dof := _pure(fit, groups, j)[1]) > 0}
    return Diagnosis(tuple(tests), (*_odd_runs(fit), *_outliers(fit)), alone, pure)


def studentised(fit: RunFit) -> Array:
    """Residuals over their own standard deviation, (N,)."""
    return np.asarray(fit.residual / (fit.sigma * np.sqrt(np.clip(1 - fit.leverage, 1e-6, 1.0))), dtype=float)


def replicates(fit: RunFit) -> Array:
    """Number of the group of each reading, (N,): equal for readings of one observable under the same conditions at the same time."""
    keys: dict[tuple[object, ...], int] = {}
    out = np.empty(len(fit.problem.y), dtype=int)
    for i, (r, j, t) in enumerate(zip(fit.problem.run, fit.problem.column, fit.problem.time, strict=True)):
        run = fit.runs.runs[r]
        heat = (round(run.temperature, 6),) if isinstance(run.temperature, float | int) else ("profile", r)
        key = (int(j), run.reactor, *np.round(run.feed, 9).tolist(), *heat, round(float(t), 9))
        out[i] = keys.setdefault(key, len(keys))
    return out


def _signs(fit: RunFit) -> list[Test]:
    """Wald and Wolfowitz's runs of signs along time, run by run, added up for each observable (1940, Ann. Math. Stat. 11, 147)."""
    from scipy.stats import norm

    out = []
    for j, o in enumerate(fit.runs.observables):
        seen, expected, variance = 0.0, 0.0, 0.0
        for r in range(len(fit.runs.runs)):
            mine = np.flatnonzero((fit.problem.column == j) & (fit.problem.run == r))
            signs = np.sign(fit.residual[mine][np.argsort(fit.problem.time[mine], kind="stable")])
            signs = signs[signs != 0]
            a, b = float(np.sum(signs > 0)), float(np.sum(signs < 0))
            if len(signs) < 4:
                continue
            # the signs of a run with a common offset are one run: counted against a fair coin, not against their own share
            n = a + b
            seen += 1 + float(np.sum(signs[1:] != signs[:-1]))
            expected += 1 + (n - 1) / 2
            variance += (n - 1) / 4
        if variance < 2:
            continue
        z = (seen - expected) / math.sqrt(variance)
        p = float(norm.cdf(z))
        words = "signs of the residuals change as noise does" if p > LEVEL else f"residuals of {o.name} come in long runs of one sign: the model misses the shape"
        out.append(Test("runs of signs", o.name, z, p, p > LEVEL, words))
    return out


def _pure(fit: RunFit, groups: Array, column: int) -> tuple[float, float]:
    """Sum of squares within replicates of an observable, and its degrees of freedom."""
    mine = fit.problem.column == column
    ss = dof = 0.0
    for g in np.unique(groups[mine]):
        y = fit.problem.y[mine & (groups == g)]
        if len(y) > 1:
            ss, dof = ss + float(np.sum((y - y.mean()) ** 2)), dof + len(y) - 1
    return ss, dof


def _lack_of_fit(fit: RunFit, groups: Array) -> list[Test]:
    """F test of the residuals against the scatter of replicates (Draper and Smith 1998, Applied Regression Analysis, ch. 2)."""
    from scipy.stats import f as f_distribution

    out = []
    for j, o in enumerate(fit.runs.observables):
        mine = fit.problem.column == j
        pure, pure_dof = _pure(fit, groups, j)
        dof = float(np.sum(1 - fit.leverage[mine])) - pure_dof
        if pure_dof < 2 or dof < 1 or pure <= 0:
            continue
        lack = max(float(np.sum(fit.residual[mine] ** 2)) - pure, 0.0)
        ratio = (lack / dof) / (pure / pure_dof)
        p = float(f_distribution.sf(ratio, dof, pure_dof))
        words = "misfit no larger than the scatter of replicates" if p > LEVEL else f"{o.name}: the model misses by {math.sqrt(ratio):.2g} times what replicates scatter"
        out.append(Test("lack of fit", o.name, ratio, p, p > LEVEL, words))
    return out


def _normal(fit: RunFit) -> list[Test]:
    """Shapiro and Wilk's test of the studentised residuals (1965, Biometrika 52, 591)."""
    from scipy.stats import shapiro

    t = studentised(fit)
    if not 8 <= len(t) <= 4999 or np.ptp(t) < 1e-12:
        return []
    w, p = (float(v) for v in shapiro(t))
    words = "residuals are as normal noise" if p > LEVEL else "residuals are not normal: look at the readings that stand out, or at noise that grows with the reading"
    return [Test("normality", "", w, p, p > LEVEL, words)]


def _spread(fit: RunFit) -> list[Test]:
    """Whether the residuals grow with the reading: Spearman's rank correlation of their size with the model."""
    from scipy.stats import spearmanr

    out = []
    for j, o in enumerate(fit.runs.observables):
        mine = fit.problem.column == j
        if mine.sum() < 12 or np.ptp(fit.f[mine]) < 1e-9 * (1 + np.abs(fit.f[mine]).max()):
            continue
        rho, p = (float(v) for v in spearmanr(np.abs(studentised(fit)[mine]), fit.f[mine]))
        bad = p < LEVEL and abs(rho) > 0.3
        words = (
            f"noise of {o.name} {'grows' if rho > 0 else 'falls'} with the reading: give standard deviations in a column std_{o.name}, or take relative noise"
            if bad
            else "noise is even over the range"
        )
        out.append(Test("even noise", o.name, rho, p, not bad, words))
    return out


def _stated(fit: RunFit) -> list[Test]:
    """Whether the residuals are as large as the given standard deviations say: chi square."""
    from scipy.stats import chi2

    if fit.problem.std is None:
        return []
    dof = max(len(fit.problem.y) - float(fit.leverage.sum()), 1.0)
    p = float(chi2.sf(fit.chi_square * dof, dof))
    words = (
        "residuals are as large as the given standard deviations say"
        if p > LEVEL
        else f"residuals are {math.sqrt(fit.chi_square):.2g} times the given standard deviations: the model misses, or they are too small"
    )
    return [Test("given noise", "", fit.chi_square, p, p > LEVEL, words)]


def _odd_runs(fit: RunFit) -> list[Odd]:
    """Runs of which an observable lies to one side as a whole: a wrong feed, a wrong label, a shifted calibration."""
    from scipy.stats import norm

    out, t = [], studentised(fit)
    many = len(fit.runs.runs) * fit.problem.n_columns
    for r, run in enumerate(fit.runs.runs):
        for j, o in enumerate(fit.runs.observables):
            mine = (fit.problem.run == r) & (fit.problem.column == j)
            n = int(mine.sum())
            if n < 3:
                continue
            z = float(t[mine].mean() * math.sqrt(n))
            if 2 * norm.sf(abs(z)) * many < LEVEL:
                side = "above" if z > 0 else "below"
                out.append(
                    Odd(run.id, o.name, None, z, f"run {run.id!r}: {o.name} lies {side} the model in all, by {abs(t[mine].mean()):.2g} std on average ({run.where or 'no file'})")
                )
    return sorted(out, key=lambda q: -abs(q.deviation))[:10]


def _outliers(fit: RunFit) -> list[Odd]:
    """Readings whose studentised residual is too large for their number (Bonferroni)."""
    from scipy.stats import norm

    t = studentised(fit)
    limit = float(norm.isf(LEVEL / 2 / len(t)))
    names = [o.name for o in fit.runs.observables]
    out = []
    for i in np.argsort(-np.abs(t))[:10]:
        if abs(t[i]) > limit:
            run, name, time = fit.runs.runs[fit.problem.run[i]], names[fit.problem.column[i]], float(fit.problem.time[i])
            out.append(Odd(run.id, name, time, float(t[i]), f"run {run.id!r}, {name} at {time:g} s: {abs(t[i]):.1f} std {'above' if t[i] > 0 else 'below'} the model"))
    return out


def sentences(tests: Sequence[Test]) -> list[str]:
    """Words of the tests that failed; one sentence when none did."""
    bad = [t.words for t in tests if not t.ok]
    return bad or (["what the fit left over looks like noise"] if tests else ["too few readings to test the residuals"])
