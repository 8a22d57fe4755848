"""A network of a models file simulated under conditions given as texts, with the constants of the file or of a saved fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import asdict, evolve

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.fit_answer import simulated
from chemwright.kinetics.fitting_problem import with_fresh
from chemwright.kinetics.laws import Number, Scheme
from chemwright.kinetics.models_file import Models
from chemwright.kinetics.runs import Run, RunSet
from chemwright.model.protocol import Array
from chemwright.quantity import si


def simulate_models(
    models: Models, name: str, feed: Sequence[str], temperature: str, time: str, reactor: str, points: int, saved: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Concentrations along a run.

    Args:
        models: as read.
        name: of the network; empty where there is one.
        feed: texts ``A=0.5 mol/L``.
        temperature, time: texts with units.
        reactor: ``batch``, ``plug_flow`` or ``stirred_tank``.
        points: times, evenly spaced up to the end; the end alone when 1.
        saved: what ``kinetics fit --json`` printed.

    Raises:
        InputError, UnitError: a condition or a saved fit that doesn't fit the network; ConvergenceError: it can't be integrated.
    """
    name, scheme = models.named(name)
    if saved is None and models.filled.get(name):
        raise InputError(f"the file gives no k of {', '.join(models.filled[name])}", where="kinetics simulate", fix="give them, or --fit with what kinetics fit --json printed")
    scheme = restored(scheme, saved) if saved is not None else scheme
    theta, cov = parameters_of(scheme, saved)
    amounts = np.zeros(len(scheme.species))
    for text in feed:
        species, equals, amount = text.partition("=")
        if not equals or species.strip() not in scheme.species:
            fix = did_you_mean(species.strip(), scheme.species) if equals else "write it as A=0.5 mol/L"
            raise InputError(f"{text!r} is no feed of the network", where="--feed", fix=fix)
        amounts[scheme.species.index(species.strip())] = si(amount.strip(), "mol/m^3", f"--feed {species.strip()}")
    end, kelvin = si(time, "s", "--time"), si(temperature, "K", "--temperature")
    if not end > 0:
        raise InputError(f"a time of {time!r}", where="--time", fix="give a time above zero, as '2 h'")
    times = np.linspace(0.0, end, points) if points > 1 else np.array([end])
    run = Run("simulated", reactor, amounts, kelvin, times, np.full((len(times), len(scheme.species)), np.nan), where="command line")
    runs = with_fresh(scheme, RunSet(scheme.species, scheme.species, (run,)))
    rows = [{k: v for k, v in row.items() if k != "run"} for row in simulated(scheme, runs, theta, cov)]
    units = {"time": "s", "temperature": "degC", **dict.fromkeys(scheme.species, "mol/L")}
    return {"model": name, "reactor": reactor, "species": list(scheme.species), "units": units, "rows": rows, "equations": scheme.equation().splitlines()}


def numbers_of(scheme: Scheme) -> list[dict[str, Any]]:
    """A scheme's numbers as data: a fit's parameters mean something with their reference temperatures only."""
    return [asdict(n) for n in scheme.numbers]


def restored(scheme: Scheme, saved: Mapping[str, Any]) -> Scheme:
    """The scheme with the numbers, fixed ones and reference temperatures that a saved fit had.

    Raises:
        InputError: numbers of another network, or none.
    """
    try:
        numbers = tuple(Number(**n) for n in saved["numbers"])
    except (KeyError, TypeError):
        raise InputError("the fit lacks its numbers", where="--fit", fix="write it with: chemwright kinetics fit RUNS MODELS --json > fit.json") from None
    if {n.name for n in numbers} != {n.name for n in scheme.numbers}:
        raise InputError("the fit is of another network", where="--fit", fix="name the same model, or fit again")
    return evolve(scheme, numbers=numbers)


def parameters_of(scheme: Scheme, saved: Mapping[str, Any] | None) -> tuple[Array, Array | None]:
    """Parameters (P,) and covariance (P, P) of a saved fit; those of the file, without covariance, when there is none.

    Raises:
        InputError: a fit of another network, or of a file that was changed since.
    """
    if saved is None:
        return scheme.start.mean, None
    try:
        found = {str(p["name"]): (float(p["fitted"]), float(p["fitted_std"])) for p in saved["parameters"]}
        rho = np.array(saved["correlation"], dtype=float)
    except (KeyError, TypeError, ValueError):
        raise InputError("the fit lacks parameters or correlations", where="--fit", fix="write it with: chemwright kinetics fit RUNS MODELS --json > fit.json") from None
    if tuple(found) != scheme.names or rho.shape != (len(found),) * 2:
        raise InputError(f"a fit of {', '.join(found)}, the network has {', '.join(scheme.names)}", where="--fit", fix="name the same model, or fit again")
    mean, std = np.array(list(found.values())).reshape(-1, 2).T
    return mean, rho * np.outer(std, std)
