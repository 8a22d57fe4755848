"""Designs that tell rival models apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import ConvergenceError, InputError, did_you_mean
from chemwright.experiment.design.discrimination import DIVERGENCES
from chemwright.experiment.design.laplace import learn, probabilities
from chemwright.experiment.design.parameters import spread
from chemwright.experiment.design.response import Response
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.record.fields import as_tuple

Predicted = tuple[Array, Array, Array, Array]
"""Readings (m,), spread of the parameters' part (m, m), and their derivatives (m, D), (m, m, D)."""


@frozen(eq=False)
class Rival:
    """One of the models that could be true.

    Args:
        name: of the model.
        response: its equations, over the same conditions and readings as the others'.
        prior: on its parameters.
        known: posterior after the runs so far; the prior before.
        log_evidence: of the runs so far.
    """

    name: str
    response: Response
    prior: Gaussian
    known: Gaussian = field()
    log_evidence: float = 0.0

    @known.default
    def _prior(self) -> Gaussian:
        return self.prior

    def learn(self, x: Array, y: Array, *, starts: int = 4, seed: int = 0) -> Rival:
        """After the runs x (N, D) with readings y (N, m): fitted from the last posterior's mean and from draws of the prior.

        Raises:
            ConvergenceError: no start converged.
        """
        begin = [self.known.mean, self.prior.mean, *spread(self.prior, max(starts - 1, 1), seed)[1:]]
        learned = learn(self.response, self.prior, x, y, starts=begin)
        return evolve(self, known=learned.known, log_evidence=learned.log_evidence)


def weights(rivals: Sequence[Rival], prior: Sequence[float] | None = None) -> Array:
    """Probability of each rival (K,)."""
    return probabilities([r.log_evidence for r in rivals], prior)


@frozen(eq=False)
class Discrimination:
    """What runs are worth for telling rivals apart; batches see the joint readings of all their runs.

    Args:
        rivals: the models, with what is known of each.
        p: probability of each (K,).
        kind: T, BH, BFF or MI.
        draws: 0 takes the spread of a prediction from its sensitivities at the mean; more take mean and spread over that many quasi-random draws of what is known, which holds where the
            model is far from linear over it.
        seed: of the draws.
    """

    rivals: tuple[Rival, ...] = field(converter=as_tuple)
    p: Array
    kind: str = "MI"
    draws: int = 0
    seed: int = 0
    _seen: dict[bytes, Predicted | None] = field(factory=dict, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.kind not in DIVERGENCES:
            raise InputError(f"unknown criterion {self.kind!r}", where="criterion", fix=did_you_mean(self.kind, DIVERGENCES) or f"one of {', '.join(DIVERGENCES)}")
        if len(self.rivals) < 2 or len(self.p) != len(self.rivals):
            raise InputError(f"{len(self.rivals)} rivals and {len(self.p)} probabilities", where="rivals", fix="give two or more models, and one probability for each")
        first = self.rivals[0].response
        for r in self.rivals[1:]:
            if r.response.factors != first.factors or r.response.outputs != first.outputs:
                raise InputError(
                    f"{r.name!r} reads {r.response.outputs} over {r.response.factors}",
                    where="rivals",
                    fix=f"give it {first.outputs} over {first.factors}, as {self.rivals[0].name!r} has",
                )

    def _predict(self, rival: Rival, x: Array, *, slopes: bool) -> Predicted | None:
        key = rival.name.encode() + x.tobytes() + bytes([slopes])
        if key not in self._seen:
            try:
                self._seen[key] = self._sampled(rival, x, slopes) if self.draws else self._linear(rival, x, slopes)
            except ConvergenceError:
                self._seen[key] = None
        return self._seen[key]

    @staticmethod
    def _linear(rival: Rival, x: Array, slopes: bool) -> Predicted:
        theta = rival.known.mean
        if not slopes:
            ys, js = rival.response.sensitivities(theta, x[None])
            return ys[0], js[0], np.zeros((len(ys[0]), 0)), np.zeros((*js[0].shape, 0))
        y, j, dy, dj = rival.response.slopes(theta, x)
        return y, j, dy, dj

    def _sampled(self, rival: Rival, x: Array, slopes: bool) -> Predicted:
        """Deviations of the draws stand for the sensitivities: V = A A^T with A = (y_s - mean)/sqrt(S)."""
        thetas = spread(rival.known, self.draws, self.seed)
        ys, dys = [], []
        for theta in thetas:
            if slopes:
                y, dy = rival.response.gradients(theta, x)
                dys.append(dy)
            else:
                y = rival.response.values(theta, x[None])[0]
            ys.append(y)
        values, root = np.array(ys), np.sqrt(len(thetas))
        mean = values.mean(0)
        if not slopes:
            return mean, ((values - mean) / root).T, np.zeros((len(mean), 0)), np.zeros((len(mean), len(thetas), 0))
        rates = np.array(dys)
        return mean, ((values - mean) / root).T, rates.mean(0), np.moveaxis((rates - rates.mean(0)) / root, 0, 1)

    def _stack(self, chosen: Array, x: Array, slopes: bool) -> tuple[float, Array]:
        """Criterion of the joint readings of chosen runs and x, and its slope to x (empty without slopes)."""
        d = x.shape[0] if slopes else 0
        mus, spreads, noises, dmus, dspreads = [], [], [], [], []
        for rival in self.rivals:
            parts = [self._predict(rival, row, slopes=False) for row in chosen] + [self._predict(rival, x, slopes=slopes)]
            good = [part for part in parts if part is not None]
            if len(good) < len(parts):
                return -np.inf, np.zeros(d)
            mu, a = np.concatenate([g[0] for g in good]), np.vstack([g[1] for g in good])
            m = len(good[-1][0])
            dmu, da = np.zeros((len(mu), d)), np.zeros((*a.shape, d))
            if slopes:
                dmu[-m:], da[-m:] = good[-1][2], good[-1][3]
            cov = np.eye(a.shape[1]) if self.draws else rival.known.cov
            std = rival.response.std(mu.reshape(-1, m))
            rel = rival.response.relative
            noise = np.diag(std.ravel() ** 2)
            dnoise = 2 * (np.tile(rel, len(parts)) ** 2 * mu)[:, None] * dmu if len(rel) else np.zeros_like(dmu)
            half = np.einsum("apd,pq,bq->abd", da, cov, a)
            mus.append(mu)
            noises.append(noise)
            spreads.append(a @ cov @ a.T + noise)
            dmus.append(dmu)
            dspreads.append(half + np.swapaxes(half, 0, 1) + np.einsum("ab,ad->abd", np.eye(len(mu)), dnoise))
        noise = sum((w * n for w, n in zip(self.p, noises, strict=True)), np.zeros_like(noises[0]))
        return DIVERGENCES[self.kind](np.array(mus), np.array(spreads), noise, self.p, np.array(dmus), np.array(dspreads))

    def gains(self, chosen: Array, candidates: Array) -> Array:
        """Gain of each candidate (N, D), given the chosen runs; -inf where a rival can't be evaluated."""
        base = self._stack(chosen[:-1], chosen[-1], False)[0] if len(chosen) else 0.0
        return np.array([self._stack(chosen, x, False)[0] for x in candidates]) - base

    def gain(self, chosen: Array, x: Array) -> tuple[float, Array]:
        """Gain of x (D,) and its exact gradient (D,) (the noise's own dependence on x through the mixture left out of T and BFF when it is relative)."""
        base = self._stack(chosen[:-1], chosen[-1], False)[0] if len(chosen) else 0.0
        value, slope = self._stack(chosen, x, True)
        return value - base, slope
