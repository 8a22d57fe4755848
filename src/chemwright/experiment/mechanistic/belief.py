"""What the runs of a campaign say of its mechanisms, of a hybrid and of a black box: fits, and weights by leave-one-out likelihood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError
from chemwright.experiment.design.laplace import learn
from chemwright.experiment.design.parameters import spread
from chemwright.experiment.mechanistic.mechanism import Mechanism
from chemwright.experiment.mechanistic.views import Data, View, settle
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array

BLACK, HYBRID = "black box", "with a learned residual"
ROUNDS = 3


@frozen(eq=False)
class Model:
    """One way to see the campaign.

    Args:
        name: the mechanism's, the mechanism's and HYBRID, or BLACK.
        mechanism: ``None`` for the black box.
        known: posterior of its parameters; of a black box that of nothing.
        view: its linear-Gaussian form.
        left_out: ln density of each run, the others known (n,).
    """

    name: str
    mechanism: Mechanism | None
    known: Gaussian
    view: View
    left_out: Array

    @property
    def score(self) -> float:
        """Sum over the runs."""
        return float(self.left_out.sum())


@frozen(eq=False)
class Belief:
    """All models of a campaign with their weights.

    Args:
        models: mechanisms, the hybrid of the best of them, the black box (last).
        weights: shares (K,), by exp(score).
        lost: mechanisms that could not be fitted, with why.
    """

    models: tuple[Model, ...]
    weights: Array
    lost: tuple[str, ...] = ()

    @property
    def black(self) -> float:
        """Weight of the black box."""
        return float(self.weights[-1])

    @property
    def best(self) -> Model:
        """The model of largest weight."""
        return self.models[int(np.argmax(self.weights))]

    def words(self) -> str:
        """Which model is used, and why."""
        n = len(self.models[-1].left_out)
        black = self.models[-1].score
        best, share = self.best, float(self.weights.max())
        parts = ", ".join(f"{m.name} {w:.2f}" for m, w in zip(self.models, self.weights, strict=True) if w >= 0.005)
        if best.mechanism is None:
            rest = max((m for m in self.models if m.mechanism is not None), key=lambda m: m.score, default=None)
            why = (
                f"each run left out in turn, it foretells the {n} runs better than {rest.name!r} by {black - rest.score:.1f} in ln likelihood"
                if rest
                else "no mechanism could be fitted"
            )
            return f"the black box is used: {why} (weights: {parts})"
        return (
            f"the mechanism {best.name!r} is used with weight {share:.2f}: each run left out in turn, it foretells the {n} runs "
            f"{'better' if best.score >= black else 'worse'} than the black box by {abs(best.score - black):.1f} in ln likelihood (weights: {parts})"
        )


def believe(mechanisms: Sequence[Mechanism], data: Data, x: Array, *, prior: Sequence[float] | None = None, seed: int = 0, starts: int = 4) -> Belief:
    """Fit all models to the runs.

    Args:
        mechanisms: at least one.
        data: the readings, on the mechanisms' scale of fit.
        x: conditions (n, D), SI.
        prior: prior weight of each mechanism (its hybrid has the same) and of the black box, last; equal when ``None``.
        seed: of the starting points.
        starts: of each fit.
    """
    spread_y = np.array([np.nanstd(c) if np.isfinite(c).sum() > 1 and np.nanstd(c) > 0 else 1.0 for c in data.y.T])
    fitted: list[tuple[Model, float]] = []
    lost: list[str] = []
    share = list(prior) if prior is not None else [1.0] * (len(mechanisms) + 1)
    for i, mechanism in enumerate(mechanisms):
        try:
            fitted.append((_mechanism_model(mechanism, data, x, spread_y, seed, starts), share[i]))
        except ConvergenceError as error:
            lost.append(f"the mechanism {mechanism.name!r} could not be fitted: {error.message}")
    if fitted:
        best, weight = max(fitted, key=lambda pair: pair[0].score)
        try:
            fitted.append((_hybrid_model(best, data, x), weight))
        except ConvergenceError as error:
            lost.append(f"{best.name!r} {HYBRID} could not be fitted: {error.message}")
    fitted.append((_black_model(data, fitted[0][0].view.noise if fitted else np.full(data.y.shape[1], 0.02), spread_y), share[-1]))
    logs = np.array([m.score + np.log(max(w, 1e-300)) for m, w in fitted])
    weights = np.exp(logs - logs.max())
    return Belief(tuple(m for m, _ in fitted), weights / weights.sum(), tuple(lost))


def _expected(mechanism: Mechanism, theta: Array, data: Data, x: Array) -> tuple[Array, Array]:
    """The mechanism's readings with the parameters at their prior mean, linearised at theta (k,), and sensitivities (k, P)."""
    f, jac = mechanism.response.sensitivities(theta, x)
    jac = jac.reshape(-1, len(theta))[data.taken]
    return f.ravel()[data.taken] + jac @ (mechanism.prior.mean - theta), jac


def _mechanism_model(mechanism: Mechanism, data: Data, x: Array, spread_y: Array, seed: int, starts: int) -> Model:
    """Fit and noise in turn."""
    response = mechanism.response
    begin = spread(mechanism.prior, starts, seed)
    begin[0] = mechanism.prior.mean
    theta, view, known = mechanism.prior.mean, None, mechanism.prior
    for turn in range(ROUNDS):
        learned = learn(response, mechanism.prior, x, data.y, starts=[*begin] if turn == 0 else [theta])
        theta, known = learned.known.mean, learned.known
        base, jac = _expected(mechanism, theta, data, x)
        view = settle(View(data, base, jac, mechanism.prior.cov, mechanism.response.noise, spread_y, False, False, np.zeros(1 + data.y.shape[1] + data.u.shape[1])))
        factor = float(np.exp(view.h[0]))
        settled = abs(np.log(factor * mechanism.response.noise[0] / response.noise[0])) < 0.05
        response = mechanism.response.with_noise(mechanism.response.noise * factor)
        if settled:
            break
    assert view is not None
    return Model(mechanism.name, mechanism, known, view, view.left_out())


def _hybrid_model(alone: Model, data: Data, x: Array) -> Model:
    """The mechanism and a residual together, linearised anew where the joint fit puts the parameters."""
    mechanism, theta, view = alone.mechanism, alone.known.mean, alone.view
    assert mechanism is not None
    known = alone.known
    for _ in range(2):
        base, jac = _expected(mechanism, theta, data, x)
        view = settle(evolve(view, base=base, jac=jac, residual=True))
        gain = np.linalg.solve(view.covariance(), jac @ mechanism.prior.cov).T
        theta = mechanism.prior.mean + gain @ view.z
        cov = mechanism.prior.cov - gain @ jac @ mechanism.prior.cov
        known = Gaussian(theta, 0.5 * (cov + cov.T) + 1e-12 * np.diag(np.diag(mechanism.prior.cov)))
    return Model(f"{mechanism.name} {HYBRID}", mechanism, known, view, view.left_out())


def _black_model(data: Data, noise: Array, spread_y: Array) -> Model:
    """A Gaussian process on a free level."""
    level = np.array([np.nanmean(c) if np.isfinite(c).any() else 0.0 for c in data.y.T])
    none = np.zeros((len(data.taken), 0))
    view = settle(View(data, level[data.kind], none, np.zeros((0, 0)), noise, spread_y, True, True, np.zeros(1 + data.y.shape[1] + data.u.shape[1])))
    return Model(BLACK, None, Gaussian(np.zeros(0), np.zeros((0, 0))), view, view.left_out())
