"""Smooth learners on top of a power law: where the evidence asks for a departure from it, or where the user does."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics.hybrid.fit import fit_laplace
from chemwright.kinetics.hybrid.law import HybridLaw, MissingRate
from chemwright.kinetics.hybrid.problem import visited
from chemwright.kinetics.hybrid.search import Candidate, Task, linear_gain
from chemwright.kinetics.runs import RunSet
from chemwright.model.gaussian import GaussianProcess
from chemwright.model.learners import MonotonePerceptron, OnState, Sum, box_points
from chemwright.model.mlp import Perceptron
from chemwright.model.protocol import Array

AMPLITUDES = (0.1, 0.3, 1.0)
KNEE = 0.1
POINTS = 16


def _features(task: Task, states: Array) -> tuple[OnState, Array]:
    """What a smooth learner sees (of the inputs that vary), and its values at states."""
    blank = OnState(Perceptron(0, 0, 0.0, np.zeros(0), np.ones(0)), task.inputs, [task.c_ref[j] for j in task.inputs], KNEE, True)
    z = np.stack(blank.features(list(states.T)), axis=1)
    vary = [k for k in range(len(task.inputs)) if np.ptp(z[:, k]) > 1e-3]
    thermal = bool(np.ptp(z[:, -1]) > 1e-6)
    if not vary and not thermal:
        raise InputError("nothing that a learner could see varies in the runs", where="runs", fix="vary a feed, a condition or the temperature")
    seen = OnState(blank.learner, [task.inputs[k] for k in vary], [task.c_ref[task.inputs[k]] for k in vary], KNEE, thermal)
    return seen, np.stack(seen.features(list(states.T)), axis=1)


def process_on(task: Task, states: Array, amplitude: float, length: float = 1.5) -> OnState:
    """A Gaussian process on the state whose inducing points fill the visited box and half its width around it.

    So the width of what is learned comes back outside of the data, within bounds that keep it small enough for an integrator.
    """
    seen, z = _features(task, states)
    low, high = z.min(0), z.max(0)
    centre, scale = (low + high) / 2, np.maximum((high - low) / 2, 1e-6)
    points = np.vstack([z, box_points(centre - 1.5 * scale, centre + 1.5 * scale, 64)])
    full = GaussianProcess.on(points, amplitude, np.full(z.shape[1], length), centre, scale, tolerance=1e-3)
    kept = centre + full.points[:POINTS] * scale
    return evolve(seen, learner=GaussianProcess.on(kept, amplitude, np.full(z.shape[1], length), centre, scale, tolerance=1e-8))


def _with(at: Candidate, i: int, extra: OnState) -> HybridLaw:
    part = at.law.parts[i]
    parts = list(at.law.parts)
    parts[i] = evolve(part, learner=Sum((part.learner, extra)))
    return HybridLaw(at.law.base, tuple(parts))


def _padded(at: Candidate, law: HybridLaw, i: int, extra: Array) -> Array:
    """The old optimum with weights for the new learner behind those of part i."""
    mean, end = at.fit.posterior.mean, at.law.offsets[i] + at.law.parts[i].n_weights
    return np.concatenate([mean[:end], extra, mean[end:]])


def deviate(task: Task, at: Candidate, runs: RunSet) -> list[Candidate]:
    """Models with a process on one learned part, where its linearised gain of evidence passes the threshold."""
    out: list[Candidate] = []
    if not at.law.parts:
        return out
    try:
        states = visited(at.law, runs, at.fit.posterior.mean)
        extras = {a: process_on(task, states, a) for a in AMPLITUDES}
    except (ConvergenceError, InputError):
        return out
    for i, part in enumerate(at.law.parts):
        one = extras[1.0]
        law = _with(at, i, one)
        begin = at.law.offsets[i] + part.n_weights
        _, jac = task.model_of(law)(_padded(at, law, i, np.zeros(one.n_weights)))
        gains = {a: linear_gain(at.fit, a * jac[:, begin : begin + one.n_weights], False) for a in AMPLITUDES}
        best = max(AMPLITUDES, key=lambda a: gains[a][0])
        if gains[best][0] < task.settings.threshold:
            continue
        law = _with(at, i, extras[best])
        w = np.clip(gains[best][1], -2, 2)
        try:
            fit = fit_laplace(task.model_of(law), task.data, law.prior(task.prior), law.nonnegative, [_padded(at, law, i, w[: extras[best].n_weights])], scales=at.fit.scales)
        except ConvergenceError:
            continue
        if fit.log_evidence > at.fit.log_evidence + task.settings.threshold:
            out.append(Candidate(law, fit, f"{at.move}; {part.name}: process, amplitude {best:g}", at.prior))
    return out


def smooth_learner(task: Task, at: Candidate, runs: RunSet, kind: str, signs: tuple[int, ...], seed: int) -> Candidate:
    """The model with a Gaussian process, a perceptron or a monotone perceptron on its first part; amplitude and start of most evidence.

    Raises:
        ConvergenceError: none could be fitted; InputError: signs that don't fit.
    """
    states, part, rng = visited(at.law, runs, at.fit.posterior.mean), at.law.parts[0], np.random.default_rng(seed)
    seen, z = _features(task, states)
    if kind == "monotone" and len(signs) != z.shape[1]:
        names = [task.species[j] for j in seen.species] + (["1000 K/T"] if seen.thermal else [])
        raise InputError(f"{len(signs)} signs for the inputs {', '.join(names)}", where="signs", fix="give +1, -1 or 0 for each of them")
    centre, scale = (z.min(0) + z.max(0)) / 2, np.maximum(np.ptp(z, axis=0) / 2, 1e-6)
    found: list[Candidate] = []
    for amplitude in AMPLITUDES:
        if kind == "gaussian":
            extra, starts = process_on(task, states, amplitude), [np.zeros(POINTS)]
        else:
            # of a monotone learner the last input is 1000 K/T, which falls as the temperature rises
            turned = tuple(s if k < len(seen.species) else -s for k, s in enumerate(signs))
            inner = Perceptron(z.shape[1], 4, amplitude, centre, scale) if kind == "perceptron" else MonotonePerceptron(turned, 4, amplitude, centre, scale)
            extra = evolve(seen, learner=inner)
            starts = [0.5 * rng.standard_normal(extra.n_weights) for _ in range(2)]
            starts = [np.abs(s) if kind == "monotone" else s for s in starts]
        law = _with(at, 0, extra)
        try:
            fit = fit_laplace(
                task.model_of(law), task.data, law.prior(task.prior), law.nonnegative, [_padded(at, law, 0, s[: extra.n_weights]) for s in starts], scales=at.fit.scales, rounds=2
            )
        except ConvergenceError:
            continue
        found.append(Candidate(law, fit, f"{at.move}; {part.name}: {kind}, amplitude {amplitude:g}", at.prior))
    if not found:
        raise ConvergenceError(f"no {kind} learner could be fitted", where="learner", fix="use learner = 'power', or more runs")
    return max(found, key=lambda c: c.fit.log_evidence)


def is_missing(law: HybridLaw, i: int) -> bool:
    """Whether part i is a missing rate (else a factor)."""
    return isinstance(law.parts[i], MissingRate)
