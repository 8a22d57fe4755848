"""Designs as plain data: the runs, what each is expected to bring, and what will be known after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.design.ask import Asked
from chemwright.experiment.design.criteria import MEANING, Criterion, criterion, figure
from chemwright.experiment.design.discrimination import DIVERGENCE_MEANING, DIVERGENCES
from chemwright.experiment.design.parameters import Information, after
from chemwright.experiment.design.response import Response
from chemwright.experiment.design.rivals import Discrimination, Rival
from chemwright.experiment.design.search import Design, Progress, search
from chemwright.kinetics.fitting_problem import kinds_of
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.quantity import convert

PREDICTIONS = 16


def shown(asked: Asked, design: Design) -> list[dict[str, Any]]:
    """The runs in users' units: feeds mol/L, temperature degC, times s."""
    rows = []
    for i, x in enumerate(design.x):
        row: dict[str, Any] = {"run": i + 1}
        for name, value in zip(asked.region.names, x, strict=True):
            row[name] = convert(value, "mol/m^3", "mol/L") if name.startswith("feed.") else value - 273.15 if name == "temperature" else float(value)
        rows.append({**row, "gain": float(design.gains[i]), "cost": float(design.costs[i])})
    return rows


def for_parameters(
    asked: Asked,
    response: Response,
    known: Gaussian,
    letter: str,
    n: int,
    *,
    gradient: Array | None = None,
    what: str = "",
    draws: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Runs for the parameters, or for one figure.

    Args:
        asked: region of runs.
        response: the network's readings.
        known: what is known of its parameters.
        letter: D, A, E, I or G; with a ``gradient`` it is not used.
        n: runs.
        gradient: of the figure on the parameters (P,).
        what: the figure in words.
        draws: parameters that the design is averaged over; 1 for the local design at the mean.
        seed: of draws and candidates.
        progress: called with words and the share done.

    Raises:
        InputError: an unknown criterion, or an empty region; ConvergenceError: nothing can be evaluated.
    """
    aim: Criterion
    if gradient is not None:
        aim, letter, meaning = figure(gradient), "figure", f"the variance of {what}"
    else:
        letter = letter.upper()
        grid = None
        if letter in ("I", "G"):
            grid = response.whitened(known.mean, asked.region.points(PREDICTIONS, seed)[:PREDICTIONS]).reshape(-1, len(known.mean))
        aim, meaning = criterion(letter, known.std, grid), MEANING[letter]
    design = search(Information.of(response, known, aim, draws=draws, seed=seed), asked.region, n, seed=seed, progress=progress)
    later = after(response, known, design.x)
    rows = [
        {"name": name, "kind": kind, "value": float(v), "std": float(a), "std_after": float(b)}
        for name, kind, v, a, b in zip(response.parameters, kinds_of(response.parameters), known.mean, known.std, later.std, strict=True)
    ]
    out: dict[str, Any] = {
        "criterion": letter, "meaning": meaning, "runs": shown(asked, design), "gain": design.total, "exchanges": design.exchanges, "parameters": rows,
        "expected": [dict(zip(response.outputs, map(float, y), strict=True)) for y in response.values(known.mean, design.x)],
    }  # fmt: skip
    if gradient is not None:
        before, then = float(np.sqrt(gradient @ known.cov @ gradient)), float(np.sqrt(gradient @ later.cov @ gradient))
        out["figure"] = {"what": what, "std": before, "std_after": then}
    return out


def for_rivals(asked: Asked, rivals: Sequence[Rival], p: Array, kind: str, n: int, *, draws: int = 16, seed: int = 0, progress: Progress | None = None) -> dict[str, Any]:
    """Runs that tell rivals apart.

    Args:
        asked: region of runs.
        rivals: with what is known of each.
        p: their probabilities now (K,).
        kind: T, BH, BFF or MI.
        n: runs, chosen together.
        draws: of what is known of each rival; 0 for the spread by sensitivities.
        seed: of draws and candidates.
        progress: called with words and the share done.

    Raises:
        InputError: fewer than two rivals, an unknown criterion, or an empty region.
    """
    design = search(Discrimination(tuple(rivals), p, kind.upper(), draws, seed), asked.region, n, pool=64, starts=2, exchanges=1, seed=seed, progress=progress)
    expected = {r.name: [dict(zip(r.response.outputs, map(float, y), strict=True)) for y in r.response.values(r.known.mean, design.x)] for r in rivals}
    entropy = float(-np.sum(p * np.log(np.maximum(p, 1e-300))))
    return {
        "criterion": kind.upper(), "meaning": DIVERGENCE_MEANING[kind.upper()], "runs": shown(asked, design), "gain": design.total, "exchanges": design.exchanges,
        "rivals": [{"name": r.name, "probability": float(v)} for r, v in zip(rivals, p, strict=True)], "entropy": entropy, "expected": expected,
    }  # fmt: skip


def check_criterion(text: str, n_models: int) -> str:
    """The criterion as it is written here, and whether it fits one model or several.

    Raises:
        InputError: unknown, or of the other kind.
    """
    name = text.upper()
    known: Mapping[str, str] = {**MEANING, **DIVERGENCE_MEANING}
    if name not in known:
        raise InputError(f"unknown criterion {text!r}", where="--criterion", fix=did_you_mean(name, known) or f"one of {', '.join(known)}")
    if name in DIVERGENCES and n_models < 2:
        raise InputError(f"{name} tells rivals apart and the file has one model", where="--criterion", fix="write the rivals under [[model]], or use D")
    if name not in DIVERGENCES and n_models > 1:
        raise InputError(f"{name} is for one model and the file has {n_models}", where="--criterion", fix="name one by --model, or tell them apart with --criterion MI")
    return name
