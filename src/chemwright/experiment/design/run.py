"""A design from files and texts: read, fit what was run, choose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.design.answer import check_criterion, for_parameters, for_rivals
from chemwright.experiment.design.ask import Asked, asked
from chemwright.experiment.design.rivals import Rival
from chemwright.experiment.design.search import Progress
from chemwright.kinetics.fit_answer import units_of
from chemwright.kinetics.fitting import RunFit, fit_runs
from chemwright.kinetics.laws import Scheme
from chemwright.kinetics.models_file import Models, read_models, read_problem
from chemwright.kinetics.observables import Observable, observable_of
from chemwright.kinetics.rivals import compare
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.quantity import si

NOISE = 0.02
"""Share of the largest feed (or of 1, for yields) that stands for a noise nobody gave."""


@frozen
class Wish:
    """What was asked, as the command line has it (see ``chemwright kinetics design --help``)."""

    feed: tuple[str, ...]
    temperature: str
    time: str
    criterion: str = ""
    figure: str = ""
    at: tuple[str, ...] = ()
    runs: int = 3
    model: str = ""
    reactor: str = "batch"
    samples: int = 1
    read: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    robust: int = 4
    run_cost: float = 0.0
    hour_cost: float = 0.0
    seed: int = 0


def designed(models: Path, data: Path | None, wish: Wish, *, time_limit: float = 300.0, progress: Progress | None = None) -> dict[str, Any]:
    """The design that a wish means, as plain data.

    Args:
        models: TOML file of one network or rivals.
        data: CSV of runs that were made, or ``None``.
        wish: what was asked.
        time_limit: s, of the fits.
        progress: called with words and the share done.

    Raises:
        InputError, UnitError: naming file or option; ConvergenceError: no fit, or nothing can be evaluated.
    """
    runs, found = read_problem(data, models) if data is not None else (None, read_models(models))
    schemes = {wish.model: found.named(wish.model)[1]} if wish.model else found.schemes
    several = len(schemes) > 1
    if wish.figure and several:
        raise InputError("a figure of several networks", where="--figure", fix="name the network by --model")
    name = check_criterion(wish.criterion or ("MI" if several else "D"), len(schemes))
    first = next(iter(schemes.values()))
    _all_constants(found, schemes, data)
    region = asked(first, wish.reactor, wish.feed, wish.temperature, wish.time, wish.samples, wish.limits, wish.run_cost, wish.hour_cost)
    fits: dict[str, RunFit] = {}
    p, notes = np.full(len(schemes), 1 / len(schemes)), list(found.notes)
    if runs is not None:
        notes = [*runs.notes, *notes]
        if several:
            ranking = compare(schemes, runs, starts=8, seed=wish.seed, time_limit=time_limit, cross_validate=False, progress=progress)
            fits = {r.name: r.fit for r in ranking.rivals if r.fit is not None}
            p = np.array([ranking[n].probability for n in schemes])
        else:
            fits = {n: fit_runs(s, runs, starts=12, seed=wish.seed, time_limit=time_limit, progress=progress) for n, s in schemes.items()}
    readings = tuple(observable_of(t, "--read") if t not in found.extra else found.extra[t] for t in wish.read) or (tuple(runs.observables) if runs is not None else ())
    if not readings:
        raise InputError("nothing is read", where="--read", fix="name what a run reads, as --read P")
    noise, said = _noise(readings, region, wish.noise, fits)
    notes += said
    known = {n: fits[n].posterior if n in fits else s.start for n, s in schemes.items()}
    if several:
        kept = [n for n in schemes if data is None or n in fits]
        rivals = [Rival(n, region.response(schemes[n], readings, noise), schemes[n].start, known[n]) for n in kept]
        share = np.array([p[list(schemes).index(n)] for n in kept])
        result = for_rivals(region, rivals, share / share.sum(), name, wish.runs, draws=4 * wish.robust, seed=wish.seed, progress=progress)
    else:
        result = _one(region, next(iter(schemes)), first, known, readings, noise, name, wish, progress)
    return {
        **result,
        "reactor": wish.reactor,
        "readings": [{"name": o.name, "unit": o.unit, "noise": s} for o, s in zip(readings, noise, strict=True)],
        "after": 0 if runs is None else len(runs.runs),
        "notes": notes,
    }


def _all_constants(found: Models, schemes: dict[str, Scheme], data: Path | None) -> None:
    """Refuse a network whose constants nobody gave, when there are no runs to set their scale."""
    for n in schemes:
        if data is None and found.filled.get(n):
            raise InputError(
                f"the file gives no k of {', '.join(found.filled[n])}", where=f"model {n!r}", fix="give each a value and its decades, or the runs made so far by --after"
            )


def _one(
    region: Asked, name: str, scheme: Scheme, known: dict[str, Gaussian], readings: Sequence[Observable], noise: list[float], letter: str, wish: Wish, progress: Progress | None
) -> dict[str, Any]:
    response = region.response(scheme, readings, noise)
    gradient, what = (None, "") if not wish.figure else _figure(region, scheme, known[name], wish)
    out = for_parameters(region, response, known[name], letter, wish.runs, gradient=gradient, what=what, draws=wish.robust, seed=wish.seed, progress=progress)
    units = units_of(scheme)
    for row in out["parameters"]:
        unit, factor = units.get(row["name"], ("SI", 1.0))
        row["shown"], row["unit"] = (
            (math.exp(min(max(row["value"], -700.0), 700.0)) * factor, unit)
            if row["kind"] == "log"
            else (row["value"] / 1000, "kJ/mol")
            if row["kind"] == "energy"
            else (row["value"], "1")
        )
    return {**out, "model": name}


def _figure(region: Asked, scheme: Scheme, known: Gaussian, wish: Wish) -> tuple[Array, str]:
    """Gradient of a reading at given conditions on the parameters, and its name in words."""
    names = region.region.names
    x = (region.region.low + region.region.high) / 2
    given = {k.strip(): v.strip() for k, _, v in (t.partition("=") for t in wish.at)}
    for key, text in given.items():
        target = key if key in names else f"feed.{key}"
        if target not in names:
            raise InputError(f"{key!r} is no condition here", where="--at", fix=did_you_mean(key, [n.removeprefix("feed.") for n in names]))
        x[names.index(target)] = si(text, "K" if target == "temperature" else "s" if target.startswith("time") else "mol/m^3", f"--at {key}")
    one = evolve(region, samples=1)
    _, jac = one.response(scheme, (observable_of(wish.figure, "--figure"),), [1.0]).sensitivities(known.mean, x[None])
    gradient = np.asarray(jac[0, -1])
    if not np.any(gradient):
        raise InputError(f"{wish.figure} does not change with any parameter there", where="--figure", fix="give other conditions by --at")
    return gradient, f"{wish.figure} at " + ", ".join(
        [*wish.at, *(["the middle of the region" if not given else "the rest in the middle of the region"] if len(given) < len(names) else [])]
    )


def _noise(readings: Sequence[Observable], region: Asked, given: tuple[str, ...], fits: dict[str, RunFit]) -> tuple[list[float], list[str]]:
    """Standard deviation of each reading (SI): as told, else as the best fit found it, else a share of the scale; and what was assumed."""
    told = {k.strip(): v.strip() for k, _, v in (t.partition("=") for t in given)}
    for key in told:
        if key not in {o.name for o in readings}:
            raise InputError(f"{key!r} is not read", where="--noise", fix=did_you_mean(key, [o.name for o in readings]))
    feeds = [h for n, h in zip(region.region.names, region.region.high, strict=True) if n.startswith("feed.")]
    best = max(fits.values(), key=lambda f: f.log_likelihood, default=None)
    out, notes = [], []
    for o in readings:
        if o.name in told:
            value = si(told[o.name], o.unit, f"--noise {o.name}")
            if not value > 0:
                raise InputError(f"a noise of {told[o.name]}", where=f"--noise {o.name}", fix="give a standard deviation above zero")
            out.append(value)
        elif best is not None and o.name in best.noise:
            out.append(best.noise[o.name])
        else:
            out.append(NOISE * (max(feeds) if o.unit == "mol/m^3" else 1.0))
            told_as = f"{out[-1] / 1000:.3g} mol/L" if o.unit == "mol/m^3" else f"{out[-1]:.3g}" + ("" if o.unit == "1" else f" {o.unit}")
            notes.append(f"nobody told the noise of {o.name}: {told_as} is assumed, {100 * NOISE:.0f} % of its scale")
    return out, notes
