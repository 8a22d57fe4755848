"""Networks proposed from concentration-time data: what the data span, which reactions fit in it, which networks of them fit the data, and how sure that is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError, InputError, did_you_mean
from chemwright.kinetics.discover.alike import canonical, interchangeable
from chemwright.kinetics.discover.beam import rank_sets
from chemwright.kinetics.discover.candidates import candidates
from chemwright.kinetics.discover.screen import Screen, Screened, Term, change_of, elementary
from chemwright.kinetics.discover.series import Series, series_of
from chemwright.kinetics.discover.subspace import REJECT, Subspace, subspace_of
from chemwright.kinetics.discover.variants import refine
from chemwright.kinetics.fitting import RunFit, fit_runs
from chemwright.kinetics.laws import Hindered, Law, Number, PowerLaw, Scheme
from chemwright.kinetics.network import Reaction
from chemwright.kinetics.runs import RunSet
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array

FITTED, REFINED = 8, 16
LN_K_STD, EA_STD = 5.0, 40e3
EA_LIKELY = 75e3
NEEDLESS = 2.0
"""A reaction stays when leaving it out raises BIC by more than this."""
Progress = Callable[[str, float | None], None]


@frozen(eq=False)
class Candidate:
    """A network with its fit and its place among the others.

    Args:
        terms: reactions with the orders of their rates.
        scheme: the same as a rate law.
        fit: converged.
        bic: Schwarz's criterion; smaller is better.
        weight: exp(-(bic - best)/2), normalised over the networks shown: how probable it is among them.
    """

    terms: tuple[Term, ...]
    scheme: Scheme
    fit: RunFit
    bic: float
    weight: float = 0.0

    @property
    def reactions(self) -> tuple[str, ...]:
        """As text."""
        return tuple(str(t.reaction) for t in self.terms)


@frozen(eq=False)
class Proposal:
    """What came of a search.

    Args:
        series: the data as laid out.
        subspace: what they span.
        tested: every element-balanced reaction with the probability that it lies in the subspace.
        networks: fitted, best first.
        screened: number of sets that the screen judged worth keeping.
        notes: what the reader must know.
    """

    series: Series
    subspace: Subspace
    tested: tuple[tuple[Reaction, float], ...]
    networks: tuple[Candidate, ...]
    screened: int
    notes: tuple[str, ...]

    @property
    def accepted(self) -> tuple[Reaction, ...]:
        """Reactions that passed as targets."""
        return tuple(r for r, p in self.tested if p > REJECT)


def scheme_of_terms(terms: Sequence[Term], species: Sequence[str], t_ref: float, k: Array, Ea: Array, isothermal: bool) -> Scheme:
    """The terms as rate laws with wide priors about start values; ids ``r1``, ``r2``, ..."""
    laws: list[Law] = []
    numbers = []
    for i, term in enumerate(terms):
        law = PowerLaw(evolve(term.reaction, id=f"r{i + 1}"), f"k.r{i + 1}", term.orders)
        laws.append(Hindered(law, term.hindered[0], f"Kh.r{i + 1}") if term.hindered else law)
        if term.hindered:
            numbers.append(Number(f"Kh.r{i + 1}", term.hindered[1], LN_K_STD / 2))
        energy = None if isothermal else float(np.clip(Ea[i], 20e3, 140e3))
        numbers.append(Number(f"k.r{i + 1}", max(float(k[i]), 1e-300), LN_K_STD, energy=energy, energy_std=0.0 if isothermal else EA_STD, reference=t_ref))
    return Scheme(tuple(species), tuple(laws), tuple(numbers))


def _fit(found: Screened, screen: Screen, runs: RunSet, time_limit: float) -> Candidate | None:
    scheme = scheme_of_terms(found.terms, runs.species, screen.t_ref, found.k, found.Ea, screen.isothermal)
    prior = scheme.start
    # start where the screen ended, with a prior that does not know that: activation energies about 75 kJ/mol
    likely = np.where([name.startswith("Ea") for name in scheme.names], EA_LIKELY, prior.mean)
    try:
        fit = fit_runs(scheme, runs, Gaussian(likely, prior.cov), starts=[prior.mean], time_limit=time_limit)
    except ConvergenceError:
        return None
    return Candidate(found.terms, scheme, fit, fit.bic)


def propose(
    runs: RunSet,
    formulas: Mapping[str, str],
    *,
    reactants: int = 2,
    products: int = 3,
    most: int = 6,
    keep: int = 5,
    time_limit: float = 300.0,
    progress: Progress | None = None,
) -> Proposal:
    """Propose networks for batch or plug-flow runs.

    Args:
        runs: what was fed and read; at least one species measured as a concentration.
        formulas: species to formula; every species of the runs needs one.
        reactants, products: molecules a side at most.
        most: reactions in a network at most (a reversible reaction counts as two).
        keep: networks returned at most.
        time_limit: s.
        progress: told what is done and the share of it.

    Raises:
        InputError: a species without a formula, no change in the data, or no reaction that fits in what they span.
        ConvergenceError: no network could be fitted.
    """
    for s in runs.species:
        if s not in formulas:
            raise InputError(f"species {s!r} has no formula", where="species", fix=did_you_mean(s, formulas) or "give every species its formula, as A=C6H10O")
    deadline = time.monotonic() + time_limit
    runs = runs.over(tuple(formulas))
    series = series_of(runs)
    subspace = subspace_of(series)
    if subspace.rank == 0:
        raise InputError("the measured concentrations do not change beyond their noise", where="runs", fix="run longer or hotter, or measure a species that reacts")
    columns = list(series.columns)
    tested = tuple((r, subspace.probability(change_of(r, series.species)[columns])) for r in candidates(formulas, reactants=reactants, products=products))
    library = [elementary(r) for r, p in tested if p > REJECT]
    if not library:
        raise InputError(
            "no element-balanced reaction of the given species fits in what the data span",
            where="species",
            fix="add the species that is missing (a by-product?), or check the formulas",
        )
    screen = Screen.of(series)
    alike = interchangeable(series, formulas)
    ranked = rank_sets(screen, library, subspace.rank, most=most, progress=progress)
    sets = [canonical(s, alike) for s in _with_orders(screen, ranked, runs)]
    networks = _fitted(screen, sets, runs, deadline, progress)
    if not networks:
        raise ConvergenceError("no proposed network could be fitted", where="runs", fix="raise the time limit, or check units and times")
    networks = networks[:keep]
    total = [math.exp(-(n.bic - networks[0].bic) / 2) for n in networks]
    weighted = tuple(evolve(n, weight=w / sum(total)) for n, w in zip(networks, total, strict=True))
    return Proposal(series, subspace, tested, weighted, len(sets), series.notes + _notes(subspace, weighted, screen, alike))


def _with_orders(screen: Screen, sets: Sequence[Screened], runs: RunSet) -> list[Screened]:
    """The best sets, small ones too, each with its orders refined; the originals stay."""
    sizes = sorted({len(s.terms) for s in sets})
    first = [s for n in sizes for s in [x for x in sets if len(x.terms) == n][: max(REFINED // len(sizes), 3)]]
    out: dict[frozenset[object], Screened] = {}
    for s in [*sets[:REFINED], *first]:
        # a half order and a saturation look alike to the screen: both go on to the fits
        for j in (s, refine(screen, s, runs.species), refine(screen, s, runs.species, denominators=False)):
            out.setdefault(frozenset(t.key for t in j.terms), j)
    return sorted(out.values(), key=lambda j: (j.score, sum(t.size for t in j.terms)))


def _fitted(screen: Screen, sets: Sequence[Screened], runs: RunSet, deadline: float, progress: Progress | None) -> list[Candidate]:
    """The best sets integrated and fitted, then the best of them without each of its reactions, until none is needless."""
    done: dict[frozenset[object], Candidate | None] = {}

    def fit(found: Screened) -> Candidate | None:
        key = frozenset(t.key for t in found.terms)
        if key not in done and time.monotonic() < deadline:
            done[key] = _fit(found, screen, runs, max(deadline - time.monotonic(), 1.0))
        return done.get(key)

    for i, s in enumerate(sets[:FITTED]):
        if progress is not None:
            progress(f"fit {i + 1} of {min(FITTED, len(sets))}", 0.5 + 0.3 * i / FITTED)
        fit(s)
    for _ in range(6):
        ranked = _ranked(done)
        if not ranked or time.monotonic() > deadline:
            break
        best = ranked[0]
        if progress is not None:
            progress("can the best network be simpler?", 0.8)
        for simpler in _simpler(best.terms):
            fit(screen.judge(simpler))
        if _ranked(done)[0] is best:
            break
    return _ranked(done)


def _simpler(terms: Sequence[Term]) -> list[list[Term]]:
    """The same network without one of its reactions, without one denominator, or with one reaction's orders its coefficients."""
    out = []
    for i, t in enumerate(terms):
        plain = ([evolve(t, hindered=None)] if t.hindered else []) + ([evolve(t, orders=t.reaction.reactants)] if sorted(t.orders) != sorted(t.reaction.reactants) else [])
        out += [[*terms[:i], *([p] if p else []), *terms[i + 1 :]] for p in [None, *plain] if p or len(terms) > 1]
    return out


def _ranked(done: Mapping[frozenset[object], Candidate | None]) -> list[Candidate]:
    """By BIC; within :data:`NEEDLESS` of the best the network with fewer, then smaller, reactions first."""
    found = sorted((c for c in done.values() if c is not None), key=lambda c: c.bic)
    if not found:
        return []
    near = [c for c in found if c.bic <= found[0].bic + NEEDLESS]
    near.sort(key=lambda c: (len(c.terms), sum(t.size for t in c.terms), c.bic))
    return near + [c for c in found if c.bic > found[0].bic + NEEDLESS]


def _notes(subspace: Subspace, networks: Sequence[Candidate], screen: Screen, alike: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What a reader must know."""
    out = []
    if subspace.full:
        out.append("the data change in as many directions as species are measured: they rule out no stoichiometry, only the fits do; measure one more species")
    if screen.isothermal:
        out.append("all runs have one temperature: no activation energy is sought")
    used = {name for t in networks[0].terms for side in (t.reaction.reactants, t.reaction.products) for name, _ in side}
    for group in alike:
        if used & set(group):
            out.append(f"{' and '.join(group)} have one formula and neither is measured or fed: the data can't tell which of them it is, the first is named")
    if len(networks) > 1 and networks[1].weight > 0.05:
        close = [", ".join(n.reactions) for n in networks[1:] if n.weight > 0.05]
        out.append(f"not told apart from the best (weight above 0.05): {'; '.join(close)}")
    return tuple(out)
