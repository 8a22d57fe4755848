"""Rate laws by symbolic regression on rates estimated from the smoothed courses, refused where they break dimension or limits.

Each expression is sought in concentrations over a reference and behind an Arrhenius factor, so it is dimensionless whatever its form. It must hold three limits over the
visited box from zero to half as much again: finite everywhere; no rate without a reactant; never backwards (of a reaction written both ways: not forwards
without a reactant, not backwards without a product). What fails is shown with its reason, not offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import asdict, frozen

from chemwright.errors import MissingExtra
from chemwright.kinetics.discover.propose import Proposal
from chemwright.kinetics.discover.screen import change_of
from chemwright.kinetics.network import Reaction
from chemwright.model.gas import GAS_CONSTANT
from chemwright.model.learners import box_points
from chemwright.model.protocol import Array

LEAST_RATE = 0.02
"""Rates below this share of the largest are noise and are not learned from."""
BEYOND = 1.5


@frozen
class FoundLaw:
    """One expression.

    Args:
        reaction: whose rate it is.
        text: with its numbers; rate in mol/(m^3 s), concentrations in mol/m^3, T in K.
        size: symbols in it.
        error: root mean square of the misfit over that of the rates.
        passed: whether it holds the limits.
        refused: why not, or empty.
    """

    reaction: str
    text: str
    size: int
    error: float
    passed: bool
    refused: str = ""

    def answer(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


@frozen(eq=False)
class Rates:
    """Estimated rates of one reaction: r (N,), concentrations (N, V) of the species that vary, temperature (N,), whether it goes both ways."""

    reaction: Reaction
    both: bool
    r: Array
    c: Array
    species: tuple[str, ...]
    temperature: Array


def rates_of(proposal: Proposal) -> tuple[Rates, ...]:
    """Rates of the best network's reactions that the measured species determine; a reaction and its reverse count as one."""
    series, species = proposal.series, proposal.series.species
    merged: list[tuple[Reaction, bool]] = []
    for term in proposal.networks[0].terms:
        r = term.reaction
        back = next((i for i, (q, _) in enumerate(merged) if dict(q.reactants) == dict(r.products) and dict(q.products) == dict(r.reactants)), None)
        if back is None:
            merged.append((r, False))
        else:
            merged[back] = (merged[back][0], True)
    nu = np.array([change_of(r, species) for r, _ in merged])
    part = nu[:, series.columns] / series.noise
    inverse = np.linalg.pinv(part)
    sure = np.isclose(np.diag(part @ inverse), 1.0, atol=1e-8)
    out = []
    for j, (reaction, both) in enumerate(merged):
        if not sure[j]:
            continue
        slopes, c, heat = [], [], []
        for course in series.courses:
            extents = (course.curve / series.noise) @ inverse
            slope = np.gradient(extents[:, j], course.grid)
            inner = slice(3, -3)  # the ends of a smoothed curve have the worst slopes
            slopes.append(slope[inner])
            c.append(np.maximum(course.feed + extents @ nu, 0.0)[inner])
            heat.append(np.full(len(slope[inner]), course.temperature))
        all_c = np.vstack(c)
        vary = [k for k in range(len(species)) if np.ptp(all_c[:, k]) > 1e-6 * max(float(all_c.max()), 1e-30)]
        out.append(Rates(reaction, both, np.concatenate(slopes), all_c[:, vary], tuple(species[k] for k in vary), np.concatenate(heat)))
    return tuple(out)


def rate_laws(proposal: Proposal, *, seed: int = 0) -> tuple[FoundLaw, ...]:
    """Expressions for the rates of the best network, of each reaction those on the front of size against error, simplest first.

    Args:
        proposal: of :func:`chemwright.kinetics.discover.propose`.
        seed: of the search; the same seed gives the same laws.

    Raises:
        MissingExtra: pyoperon is not installed.
    """
    return tuple(law for rates in rates_of(proposal) for law in _laws(rates, seed))


def _laws(rates: Rates, seed: int) -> list[FoundLaw]:
    try:
        from pyoperon.sklearn import SymbolicRegressor
    except ImportError:
        raise MissingExtra("symbolic regression needs pyoperon", where="--laws", fix='pip install "chemwright[symbolic]"') from None
    reactants = [(rates.species.index(s), n) for s, n in rates.reaction.reactants if s in rates.species]
    c_ref = float(rates.c.max())
    t_ref = float(2 / (1 / rates.temperature.min() + 1 / rates.temperature.max()))
    s = rates.c / c_ref
    # only a rate that goes one way can be divided by its reactants
    lead = np.ones(len(s)) if rates.both else np.prod([s[:, k] ** min(n, 1.0) for k, n in reactants], axis=0)
    top = float(np.abs(rates.r).max())
    keep = (np.abs(rates.r) > LEAST_RATE * top) & (lead > 0.02) & (np.ones(len(s), dtype=bool) if rates.both else rates.r > 0)
    if top <= 0 or keep.sum() < 12:
        return []
    tau = -(1 / rates.temperature - 1 / t_ref) / GAS_CONSTANT
    energy = _energy(rates.r[keep], s[keep], tau[keep])
    arrhenius = np.exp(energy * tau)
    y = rates.r[keep] / (lead * arrhenius)[keep]
    scale = float(np.abs(y).mean())
    rng = np.random.default_rng(seed)
    weight = (lead * arrhenius)[keep] ** 2
    pick = rng.choice(int(keep.sum()), min(int(keep.sum()), 400), p=weight / weight.sum())
    machine = SymbolicRegressor(
        allowed_symbols="add,sub,mul,div,constant,variable", objectives=["mse", "length"], max_length=13, population_size=300, pool_size=300, generations=60,
        max_evaluations=60_000, optimizer_iterations=5, n_threads=1, random_state=seed,
    )  # fmt: skip
    x = np.ascontiguousarray(s[keep])
    machine.fit(x[pick], (y / scale)[pick])
    box = box_points([0.0] * s.shape[1], (BEYOND * s.max(0)).tolist(), 128)
    out = []
    for entry in machine.pareto_front_:

        def evaluate(v: Array, tree: Any = entry["tree"]) -> Array:
            return np.asarray(machine.evaluate_model(tree, np.ascontiguousarray(v)), dtype=float).ravel()

        misfit = (evaluate(x) * scale - y) * (lead * arrhenius)[keep]
        error = float(np.sqrt(np.mean(misfit**2) / np.mean(rates.r[keep] ** 2)))
        named = [f"({name}/{c_ref:.4g})" for name in rates.species]
        head = " ".join([f"{scale:.4g}", *([] if rates.both else [named[k] for k, _ in reactants])])
        thermal = f" exp(-{energy / 1e3:.3g} kJ/mol/R (1/T - 1/{t_ref:.1f} K))" if np.ptp(tau) > 0 else ""
        text = f"{head}{thermal} {machine.get_model_string(entry['tree'], 4, named)}"
        why = _broken(rates, evaluate, box, reactants)
        out.append(FoundLaw(str(rates.reaction), text, int(entry["tree"].Length), error, not why, why))
    return _front(out)


def _energy(r: Array, s: Array, tau: Array) -> float:
    """Activation energy (J/mol) at like composition; 0 at one temperature."""
    if np.ptp(tau) == 0:
        return 0.0
    design = np.column_stack([np.ones(len(r)), tau, np.log(s + 0.02)])
    weight = np.abs(r) / np.abs(r).max()
    return float(np.linalg.lstsq(design * weight[:, None], np.log(np.abs(r)) * weight, rcond=None)[0][1])


def _broken(rates: Rates, evaluate: Any, box: Array, reactants: Sequence[tuple[int, float]]) -> str:
    """Which limit an expression breaks, or nothing."""
    values = evaluate(box)
    if not np.all(np.isfinite(values)) or np.abs(values).max() > 1e3:
        return "not finite within the box"
    if not rates.both:
        # the reactants stand before it: the rate vanishes with them as long as it is finite where they are zero
        for k, _ in reactants:
            edge = box.copy()
            edge[:, k] = 0.0
            at = evaluate(edge)
            if not np.all(np.isfinite(at)) or np.abs(at).max() > 1e3:
                return f"a rate without {rates.species[k]}"
        return "backwards somewhere in the box" if values.min() < -1e-3 else ""
    sides = ((rates.reaction.reactants, 1.0, "forwards"), (rates.reaction.products, -1.0, "backwards"))
    for terms, sign, word in sides:
        for name, _ in terms:
            if name in rates.species:
                edge = box.copy()
                edge[:, rates.species.index(name)] = 0.0
                at = sign * evaluate(edge)
                if not np.all(np.isfinite(at)) or at.max() > 0.02:
                    return f"{word} without {name}"
    return ""


def _front(laws: Sequence[FoundLaw]) -> list[FoundLaw]:
    """Simplest first; of those that pass only such as are at least a tenth better than all simpler ones, of those refused the best one."""
    out: list[FoundLaw] = []
    for law in sorted((v for v in laws if v.passed), key=lambda v: (v.size, v.error)):
        if not out or law.error < 0.9 * out[-1].error:
            out.append(law)
    refused = [v for v in laws if not v.passed and (not out or v.error < out[-1].error)]
    return out + ([min(refused, key=lambda v: v.error)] if refused else [])
