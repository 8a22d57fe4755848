"""What a trained hybrid learned: how much of a prediction is mechanism and how much learned, what drives the learned part, and a law that a chemist can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import InputError
from chemwright.kinetics.hybrid.law import HybridLaw, MissingRate, RateFactor
from chemwright.kinetics.hybrid.problem import visited
from chemwright.kinetics.hybrid.symbolic import Law, offer
from chemwright.kinetics.hybrid.trained import HybridModel, Member
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import readings
from chemwright.model.protocol import Array

UNTOLD = 0.9
"""Posterior over prior standard deviation from which on a number is the prior's."""


@frozen(eq=False)
class Share:
    """One run's readings, split.

    Args:
        run: its id.
        times: s, shape (n,).
        total: readings of the hybrid, shape (n, m).
        mechanism: with the learned part taken out and the mechanism's parameters kept, shape (n, m).
        share: |learned| / (|learned| + |mechanism's change from the feed|) by observable, shape (n, m): 0 all mechanism, 1 all learned.
    """

    run: str
    times: Array
    total: Array
    mechanism: Array
    share: Array

    @property
    def learned(self) -> Array:
        """What the learned part adds, shape (n, m)."""
        return self.total - self.mechanism


@frozen(eq=False)
class Explanation:
    """Of one learned part.

    Args:
        name: as the law calls it.
        words: what it is, in words.
        drivers: input to its share in the changes of the learned part over the visited states, largest first; the shares sum to one.
        laws: laws offered, simplest first, each more accurate than the one before.
    """

    name: str
    words: str
    drivers: tuple[tuple[str, float], ...]
    laws: tuple[Law, ...]


def shares(model: HybridModel, runs: RunSet | Run) -> list[Share]:
    """How much of each reading is mechanism and how much learned, over the time of each run."""
    out = []
    for run in runs.runs if isinstance(runs, RunSet) else (runs,):
        blank = evolve(run, observed=np.full((len(run.times), len(model.observables)), np.nan), std=None)
        total = model.predict(blank)[0].mean
        bare = sum((m.weight * _bare(m, model, blank) for m in model.members), np.zeros(total.shape))
        zero = evolve(blank, times=np.zeros(1), observed=blank.observed[:1])
        start, _ = readings(model.law.base, RunSet(model.species, model.observables, (zero,)), zero, model.theta[: model.law.base.n_parameters], slopes=False)
        learned, known = np.abs(total - bare), np.abs(bare - start)
        size = learned + known
        out.append(Share(run.id, run.times, total, bare, np.divide(learned, size, out=np.zeros_like(size), where=size > 1e-9 * (1 + np.abs(total)))))
    return out


def _bare(m: Member, model: HybridModel, run: Run) -> Array:
    theta = m.fit.posterior.mean[: m.law.base.n_parameters]
    y, _ = readings(m.law.base, RunSet(model.species, model.observables, (run,)), run, theta, slopes=False)
    return y


def learned_values(model: HybridModel, states: Array, part: int = 0) -> tuple[Array, Array]:
    """A learned factor or rate (mol/(m^3 s)) at states [c, T] (N, S + 1), and its standard deviation.

    Raises:
        InputError: the model has no such part.
    """
    _check(model.law, part)
    value, slope = model.law.learned(states, model.theta)[part]
    at = model.law.offsets[part]
    rows = slice(at, at + model.law.parts[part].n_weights)
    return value, np.sqrt(np.einsum("ni,ij,nj->n", slope, model.cov[rows, rows], slope))


def explain(model: HybridModel, runs: RunSet, *, symbolic: bool = False, seed: int = 0) -> list[Explanation]:
    """What each learned part is, what drives it, and laws for it.

    Args:
        model: trained.
        runs: whose states it is looked at in.
        symbolic: also search by symbolic regression (extra ``symbolic``); the library of power laws is always tried.
        seed: of that search.

    Raises:
        MissingExtra: pyoperon is not installed.
    """
    if not model.law.parts:
        return []
    states = visited(model.law, runs, model.theta)
    out = []
    for i, part in enumerate(model.law.parts):
        value, std = learned_values(model, states, i)
        names = (*model.species, "T")
        out.append(Explanation(part.name, in_words(model.law, model, i), drivers(model.law, model.theta, i, states, names), offer(part, states, value, std, model, symbolic, seed)))
    return out


def drivers(law: HybridLaw, theta: Array, part: int, states: Array, names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """What each input does alone to ln(learned), the others held at their means: its variance over the visited states, as a share of the sum of these."""
    _check(law, part)

    def logs(x: Array) -> Array:
        value = law.learned(x, theta)[part][0]
        return np.log(np.maximum(value, 1e-300))

    # where a reactant has run out the logarithm says more than the rate does
    value = law.learned(states, theta)[part][0]
    keep = value > 1e-3 * value.max() if len(value) else np.zeros(0, dtype=bool)
    rows = states[keep]
    if len(rows) < 2:
        return ()
    out = []
    for j, name in enumerate(names):
        moved = np.tile(rows.mean(0), (len(rows), 1))
        moved[:, j] = rows[:, j]
        out.append((name, float(np.var(logs(moved)))))
    whole = sum(v for _, v in out)
    return tuple(sorted(((n, v / whole) for n, v in out if v > 1e-6 * whole), key=lambda o: -o[1])) if whole > 1e-12 else ()


def in_words(law: HybridLaw, model: HybridModel, part: int) -> str:
    """The learned part with its numbers, as far as it is a power law."""
    from chemwright.model.learners import PowerLaw, Sum

    p, at = law.parts[part], law.offsets[part]
    w = model.theta[at : at + p.n_weights]
    lead = p.n_weights - p.learner.n_weights
    power: Any = p.learner.terms[0] if isinstance(p.learner, Sum) else p.learner
    if not isinstance(power, PowerLaw):
        return p.name
    energy, orders, knees = power.parameters(w[lead : lead + power.n_weights])
    text = [f"(({model.species[j]} + {k * ref:.3g})/{(power.anchor + k) * ref:.3g})^{m:.3g}" for j, ref, m, k in zip(power.species, power.c_ref, orders, knees, strict=True)]
    if isinstance(p, MissingRate):
        for j in p.consumed:
            text.insert(0, f"({model.species[j]}/{p.c_ref:.4g})" + (f"^{p.order(j)}" if p.order(j) > 1 else ""))
        sd = np.sqrt(np.diag(model.cov))[at : at + p.n_weights]
        head = f"{p.scale * w[0]:.3g} +/- {p.scale * sd[0]:.1g} mol/(m^3 s) at {power.t_ref:.1f} K, Ea {float(energy) / 1e3:.3g}"
        if power.energy_sd:
            told = sd[lead] < UNTOLD
            head += f" +/- {power.energy_sd * sd[lead] / 1e3:.1g} kJ/mol" + ("" if told else " (from the prior: the runs say nothing of it)")
        else:
            head += " kJ/mol"
    else:
        head = f"factor on reactions {', '.join(str(i + 1) for i in p.reactions)}"
        if isinstance(p, RateFactor) and p.link == "efficiency":
            head = f"efficiency 1/(1 + {w[0]:.3g} exp(f)) on reactions {', '.join(str(i + 1) for i in p.reactions)}"
    return f"{head}: " + (" ".join(text) if text else "constant") + (" and a smooth departure from it" if isinstance(p.learner, Sum) else "")


def _check(law: HybridLaw, part: int) -> None:
    if not 0 <= part < len(law.parts):
        raise InputError(f"no learned part {part}", where="part", fix=f"this model has {len(law.parts)} of them, counted from 0")
