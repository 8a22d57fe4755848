"""Where a learned part is warranted, and of what form: moves scored at no cost by linearised evidence, the best of them fitted, kept if the evidence says so.

A move adds a missing rate along a direction, lets a learned part depend on one more species, or puts a factor that depends on a species on a known reaction.
The gain of a move whose weights have sensitivities G at the present optimum (residual r, noise sigma, hat matrix H) is, for a linear model exactly,

    1/2 b^T A^-1 b - 1/2 ln det A,   A = 1 + G^T (1 - H) G / sigma^2,   b = G^T r / sigma^2,

with ln 2 more for a half-normal weight (and no gain where b < 0). Every model that was fitted is kept with its evidence; those near the best make up the answer together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import ConvergenceError
from chemwright.kinetics.hybrid.directions import in_words
from chemwright.kinetics.hybrid.fit import Data, Fit, Model, fit_laplace
from chemwright.kinetics.hybrid.law import HybridLaw, MissingRate, Part, RateFactor
from chemwright.model.gaussian import GaussianProcess
from chemwright.model.learners import OnState, PowerLaw, Sum
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array

SIMPLE = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)
"""Orders that a learned dependence is rounded to."""

TOGETHER = 5
"""Candidate reactions in one integration."""

Progress = Callable[[str, float | None], None]


@frozen(eq=False)
class Settings:
    """What a search may do, and its priors.

    Args:
        threshold: gain of the log evidence that a further part must bring.
        width: models kept at each depth.
        tries: moves fitted from each of them.
        depth: moves in all.
        max_missing: missing rates in one model.
        energy, energy_sd: prior of the activation energy of a missing rate, J/mol.
        order_sd, knee, knee_sd: priors of :class:`chemwright.model.learners.PowerLaw`.
        molecules: nats that a missing rate costs for each molecule in its reaction above two, so that simple reactions go first.
        dependence: nats that each species costs on which a learned part depends.
        simplify: models whose orders are also tried as simple ones.
        penalty: what each further parameter of a model costs it in the answer, nats.
        factors: whether factors on known reactions are among the moves.
        missing: whether missing rates are.
    """

    threshold: float = 1.0
    width: int = 2
    tries: int = 3
    depth: int = 6
    max_missing: int = 4
    energy: float = 70e3
    energy_sd: float = 20e3
    order_sd: float = 0.7
    knee: float = 0.1
    knee_sd: float = 1.5
    molecules: float = 2.0
    dependence: float = 2.0
    simplify: int = 4
    penalty: float = 0.5
    factors: bool = True
    missing: bool = True


@frozen(eq=False)
class Task:
    """What is searched over.

    Args:
        base: the mechanism.
        prior: on its parameters.
        model_of: law -> model of the data.
        data: observations.
        species: names.
        directions: candidate directions of missing rates.
        c_ref: reference concentration of each species, mol/m^3.
        t_ref: reference temperature, K.
        scale: reference rate, mol/(m^3 s).
        settings: of the search.
        inputs: species that learned parts may depend on.
        reactions: known reactions that may get a factor.
    """

    base: HybridLaw
    prior: Gaussian
    model_of: Callable[[HybridLaw], Model]
    data: Data
    species: tuple[str, ...]
    directions: tuple[tuple[float, ...], ...]
    c_ref: Array
    t_ref: float
    scale: float
    settings: Settings = field(factory=Settings)
    inputs: tuple[int, ...] = ()
    reactions: tuple[int, ...] = ()

    def power(self, species: Sequence[int], thermal: bool) -> PowerLaw:
        """A power law of chosen species, with its own activation energy for a rate, and none for a factor."""
        s = self.settings
        places = tuple(sorted(species))
        refs = tuple(float(self.c_ref[j]) for j in places)
        return PowerLaw(places, refs, self.t_ref, s.energy if thermal else 0.0, s.energy_sd if thermal else 0.0, s.order_sd, s.knee, s.knee_sd, float(thermal))

    def missing(self, direction: tuple[float, ...]) -> MissingRate:
        """Mass action along a direction."""
        return MissingRate(direction, self.scale, float(self.c_ref.max()), self.power((), True), in_words(direction, self.species))

    def factor(self, reaction: int, species: Sequence[int]) -> RateFactor:
        """A factor on a known reaction."""
        return RateFactor((reaction,), self.power(species, False), name=f"factor on reaction {reaction + 1}")


@frozen(eq=False)
class Candidate:
    """One fitted model of a search: its law, its fit, the move that made it, and the logarithm of its structure's prior weight."""

    law: HybridLaw
    fit: Fit
    move: str = "mechanism alone"
    prior: float = 0.0

    @property
    def log_evidence(self) -> float:
        """Of the data, and the prior on structures."""
        return self.fit.log_evidence + self.prior


@frozen(eq=False)
class Move:
    """A law with one more thing learned, its linearised gain of evidence, and the weights to start from."""

    law: HybridLaw
    start: Array
    gain: float
    words: str


def cost(task: Task, law: HybridLaw) -> float:
    """Nats that the structure of a law costs: its missing reactions' molecules above two each, and what its parts depend on."""
    molecules = sum(max(sum(abs(v) for v in p.direction) - 2.0, 0.0) for p in law.missing)
    depends = sum(len(p.learner.species) for p in law.parts if isinstance(p.learner, PowerLaw))
    return task.settings.molecules * molecules + task.settings.dependence * depends


def linear_gain(fit: Fit, G: Array, half: bool) -> tuple[float, Array]:
    """Gain of the log evidence by new weights with sensitivities G (N, q), and their linearised optimum (q,)."""
    g, r = G / fit.sigma[:, None], fit.residual / fit.sigma
    j = fit.jacobian / fit.sigma[:, None]
    gj = g.T @ j
    A = np.eye(g.shape[1]) + g.T @ g - gj @ fit.posterior.cov @ gj.T
    b = g.T @ r
    w: Array = np.asarray(np.linalg.solve(A, b), dtype=float)
    if half and w[0] <= 0:
        return -np.inf, np.maximum(w, 0.0)
    return float(0.5 * b @ w - 0.5 * np.linalg.slogdet(A)[1] + (np.log(2.0) if half else 0.0)), w


def _new_rates(task: Task, at: Candidate) -> list[Move]:
    """Moves that add a missing rate; one evaluation scores :data:`TOGETHER` of them, as the sensitivities of an integration grow with the square of the reactions."""
    have = {p.direction for p in at.law.missing}
    known = {tuple(row) for row in at.law.base.stoichiometry}
    fresh = [d for d in task.directions if d not in have and (d not in known or len(task.directions) == 1)]
    if not task.settings.missing or len(have) >= task.settings.max_missing or not fresh:
        return []
    s = task.settings
    bare = PowerLaw((), (), task.t_ref, s.energy, 0.0)
    columns: list[Array] = []
    for k in range(0, len(fresh), TOGETHER):
        some = fresh[k : k + TOGETHER]
        probe = HybridLaw(at.law.base, at.law.parts + tuple(MissingRate(d, task.scale, float(task.c_ref.max()), bare) for d in some))
        _, jac = task.model_of(probe)(np.concatenate([at.fit.posterior.mean, np.zeros(len(some))]))
        columns += list(jac[:, at.law.n_parameters :].T)
    moves = []
    for d, column in zip(fresh, columns, strict=True):
        gain, w = linear_gain(at.fit, column[:, None], True)
        law = HybridLaw(at.law.base, (*at.law.parts, task.missing(d)))
        start = np.concatenate([at.fit.posterior.mean, [min(max(w[0], 0.02), 3.0), 0.0]])
        moves.append(Move(law, start, gain - cost(task, law) + cost(task, at.law), f"+ {law.parts[-1].name}"))
    return moves


def _power(part: Part) -> PowerLaw:
    assert isinstance(part.learner, PowerLaw)  # what a search grows has power laws only
    return part.learner


def _lead(part: Part) -> int:
    """Weights of a part before the orders of its power law: an amplitude, an energy."""
    return part.n_weights - part.learner.n_weights + (1 if _power(part).energy_sd else 0)


def _with_species(task: Task, part: Part, j: int) -> Part:
    law = _power(part)
    return evolve(part, learner=task.power((*law.species, j), bool(law.energy_sd)))


def _carry(old: Part, new: Part, w: Array) -> Array:
    """Weights of a part after its power law got another species: what was known stays, the new ones begin at zero."""
    lead, before, after = _lead(old), _power(old).species, _power(new).species
    n, m = len(before), len(after)
    out = np.zeros(new.n_weights)
    out[:lead] = w[:lead]
    for i, j in enumerate(before):
        k = after.index(j)
        out[lead + k], out[lead + m + k] = w[lead + i], w[lead + n + i]
    return out


def _dependences(task: Task, at: Candidate) -> list[Move]:
    """Moves that let a part, or a known reaction, depend on one more species; three evaluations score all of them."""
    n_base = at.law.base.n_parameters
    factored = {p.reactions[0] for p in at.law.parts if isinstance(p, RateFactor)}
    extra = [task.factor(i, ()) for i in task.reactions if i not in factored] if task.settings.factors else []
    parts = [*at.law.parts, *extra]
    everything = task.inputs
    full = [evolve(p, learner=task.power(everything, bool(p.learner.energy_sd))) for p in parts if isinstance(p.learner, PowerLaw)]
    if len(full) != len(parts) or not parts:
        return []
    probe = HybridLaw(at.law.base, tuple(full))
    model, mean = task.model_of(probe), at.fit.posterior.mean
    weights = [mean[o : o + p.n_weights] for o, p in zip(at.law.offsets, at.law.parts, strict=True)] + [np.zeros(0)] * len(extra)
    found: dict[tuple[int, int], tuple[float, float, float]] = {}
    for knee in (-1.5, 0.0, 1.5):
        phi = np.concatenate([mean[:n_base], *[_carry(o, f, w) for o, f, w in zip(parts, full, weights, strict=True)]])
        slots = []
        for i, (old, at_, new) in enumerate(zip(parts, probe.offsets, full, strict=True)):
            lead = at_ + _lead(new)
            for k, j in enumerate(_power(new).species):
                if j not in _power(old).species:
                    phi[lead + len(everything) + k] = knee
                    slots.append((i, j, lead + k))
        _, jac = model(phi)
        for i, j, column in slots:
            gain, w = linear_gain(at.fit, jac[:, [column]], False)
            gain -= 0.5 * knee**2
            if gain > found.get((i, j), (-np.inf, 0.0, 0.0))[0]:
                found[i, j] = (gain, float(np.clip(w[0], -2.0, 2.0)), knee)
    moves = []
    for (i, j), (gain, w_order, knee) in found.items():
        grown = [_with_species(task, p, j) if k == i else p for k, p in enumerate(parts) if k == i or k < len(at.law.parts)]
        place = min(i, len(grown) - 1)
        pieces = []
        for k, new in enumerate(grown):
            source = i if k == place else k
            piece = _carry(parts[source], new, weights[source]) if source == i else weights[source]
            if source == i:
                lead, species = _lead(new), _power(new).species
                m, slot = len(species), species.index(j)
                piece[lead + slot], piece[lead + m + slot] = w_order, knee
            pieces.append(piece)
        law = HybridLaw(at.law.base, tuple(grown))
        moves.append(Move(law, np.concatenate([mean[:n_base], *pieces]), gain - task.settings.dependence, f"{grown[place].name}: depends on {task.species[j]}"))
    return moves


def described(law: HybridLaw, species: Sequence[str]) -> str:
    """What a law has learned, in words: '+ C + B -> D (depends on D, order 1); factor on reaction 1'."""
    out = []
    for part in law.parts:
        terms = part.learner.terms if isinstance(part.learner, Sum) else (part.learner,)
        said = []
        for t in terms:
            if isinstance(t, PowerLaw):
                said += [f"{species[j]}{f', order {given:g}' if (given := t.given(k)) is not None else ''}" for k, j in enumerate(t.species)]
            elif isinstance(t, OnState):
                said.append(f"a {'process' if isinstance(t.learner, GaussianProcess) else 'network'} of the state")
        name = f"+ {part.name}" if isinstance(part, MissingRate) else part.name
        out.append(name + (f" (depends on {'; '.join(said)})" if said else ""))
    return "; ".join(out) or "nothing"


def _lighter(task: Task, at: Candidate) -> list[Candidate]:
    """The model with one of its parts left out, each in turn: what the first moves took up may have been explained better by later ones."""
    out = []
    for i, part in enumerate(at.law.parts if len(at.law.parts) > 1 else ()):
        law = HybridLaw(at.law.base, tuple(p for k, p in enumerate(at.law.parts) if k != i))
        mean, begin = at.fit.posterior.mean, at.law.offsets[i]
        start = np.concatenate([mean[:begin], mean[begin + part.n_weights :]])
        try:
            fit = fit_laplace(task.model_of(law), task.data, law.prior(task.prior), law.nonnegative, [start], scales=at.fit.scales)
        except ConvergenceError:
            continue
        out.append(Candidate(law, fit, f"{at.move}; without {part.name}", -cost(task, law)))
    return out


def _simple(task: Task, at: Candidate) -> Candidate | None:
    """The model with every learned order set to the nearest simple one: fewer numbers, and powers that hold outside of the data."""
    parts = []
    for part, begin in zip(at.law.parts, at.law.offsets, strict=True):
        law = _power(part)
        _, orders, _ = law.parameters(at.fit.posterior.mean[begin + part.n_weights - part.learner.n_weights :])
        nearest = tuple(min(SIMPLE, key=lambda v, m=float(m): abs(v - m)) for m in orders)  # type: ignore[misc]
        parts.append(evolve(part, learner=evolve(law, fixed=nearest)))
    new = HybridLaw(at.law.base, tuple(parts))
    if signature(new) == signature(at.law):
        return None
    try:
        fit = fit_laplace(task.model_of(new), task.data, new.prior(task.prior), new.nonnegative, [at.fit.posterior.mean], scales=at.fit.scales)
    except ConvergenceError:
        return None
    return Candidate(new, fit, f"{at.move}; simple orders", -cost(task, new))


def signature(law: HybridLaw) -> tuple[object, ...]:
    """What makes two laws of a search the same."""
    rows = []
    for p in law.parts:
        what = p.direction if isinstance(p, MissingRate) else p.reactions
        rows.append((what, (p.learner.species, str(p.learner.fixed)) if isinstance(p.learner, PowerLaw) else id(p.learner)))
    return tuple(sorted(rows, key=repr))


def search(task: Task, first: Candidate, tell: Progress = lambda text, fraction: None) -> list[Candidate]:
    """All models that were fitted, the one of most evidence first; ``first`` is the mechanism alone.

    Raises:
        nothing: a move whose fit does not converge is dropped.
    """
    s = task.settings
    seen = {signature(first.law): first}
    front = [first]
    for depth in range(s.depth):
        grown: list[Candidate] = []
        for at in front:
            moves = sorted([*_new_rates(task, at), *_dependences(task, at)], key=lambda m: -m.gain)
            for move in [m for m in moves if m.gain > 0.5 and signature(m.law) not in seen][: s.tries]:
                tell(f"{move.words}", (depth + 0.5) / s.depth)
                try:
                    fit = fit_laplace(task.model_of(move.law), task.data, move.law.prior(task.prior), move.law.nonnegative, [move.start], scales=at.fit.scales)
                except ConvergenceError:
                    continue
                if any(fit.posterior.mean[i] < 1e-6 for i in move.law.nonnegative):
                    continue
                new = Candidate(move.law, fit, f"{at.move}; {move.words}" if at is not first else move.words, -cost(task, move.law))
                seen[signature(move.law)] = new
                if new.log_evidence > at.log_evidence + s.threshold:
                    grown.append(new)
        if not grown:
            break
        best = max(c.log_evidence for c in seen.values())
        front = sorted([c for c in grown if c.log_evidence > best - 15.0], key=lambda c: -c.log_evidence)[: s.width]
    for _ in range(s.max_missing):
        best_one = max(seen.values(), key=lambda c: c.log_evidence)
        tell("lighter models", 1.0)
        lighter = [c for c in _lighter(task, best_one) if signature(c.law) not in seen]
        seen.update({signature(c.law): c for c in lighter})
        if not any(c.log_evidence > best_one.log_evidence for c in lighter):
            break
    for at in sorted(seen.values(), key=lambda c: -c.log_evidence)[: s.simplify]:
        tell("simple orders", 1.0)
        simple = _simple(task, at)
        if simple is not None and signature(simple.law) not in seen:
            seen[signature(simple.law)] = simple
    return sorted(seen.values(), key=lambda c: -c.log_evidence)
