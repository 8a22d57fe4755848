"""Check a forecast of ``next`` without linearising: draw a truth, simulate the measurement, refit, solve the plant again."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.flowsheet.numbers import KINETICS
from chemwright.flowsheet.plant import FIGURES
from chemwright.flowsheet.tables import figures_with_std
from chemwright.model.ledger import Ledger
from chemwright.model.protocol import Array
from chemwright.model.root import Root
from chemwright.record import CaseRecord


@frozen(eq=False)
class Realised:
    """Forecast and realised relative variance reduction of one measurement.

    Args:
        forecast: what ``next`` said.
        mean: mean over the truths of 1 - variance after / variance before.
        information: the same with both variances taken at the updated numbers, so that it holds what was learned and not how the
            plant's slope changed with the numbers; it tells apart measurements whose worth is small.
        draws: the realised reductions, shape (n,).
    """

    forecast: float
    mean: float
    information: float
    draws: Array


def realise(record: CaseRecord, results: dict[str, Any], experiment: dict[str, Any], figure: str = "cost", n: int = 20, seed: int = 0) -> Realised:
    """Simulate one candidate of ``next`` on ``n`` truths drawn from the ledger.

    A measured claim is updated by its exact normal posterior; a flow run is added to the runs and the Hybrid is refitted. In both cases the
    plant is solved again at the updated numbers, with the operating point held, and the variance taken there.

    Args:
        record: the case.
        results: its steps' results.
        experiment: one row of ``next``.
        figure: the figure whose variance counts.
        n, seed: number and seed of the truths.
    """
    from chemwright.loop.explain import solved

    plant, point = solved(record, results["properties"], results["fit"], results["design"])
    ledger = plant.numbers.ledger
    before = figures_with_std(plant, point)[0][figure]["std"] ** 2
    truths = ledger.sample(n, seed)
    noise = np.random.default_rng(seed + 1).standard_normal((n, len(experiment.get("reads", [0.0])))) * experiment["noise"]
    out, learned = [], []
    for truth, e in zip(truths, noise, strict=True):
        if experiment["informs"] == KINETICS:
            mean, root = _after_run(plant, experiment, truth[ledger.index(KINETICS)], float(e[0]))
        else:
            mean, root = _after_claim(ledger, experiment, truth, e)
        numbers = plant.numbers
        p = numbers.mean.copy()
        where = np.array(numbers.columns)[ledger.index(root.id)]
        p[where] = mean
        rows = plant.ledger_rows(plant.sensitivities(plant.solve(point.design, p, point.unknowns), p)[2])
        after = Ledger(tuple(root if r.id == root.id else r for r in ledger.roots), ledger.cross)
        row = rows[FIGURES.index(figure)]
        out.append(1.0 - after.variance(row) / before)
        learned.append(1.0 - after.variance(row) / ledger.variance(row))
    return Realised(float(experiment["expected_reduction"]), float(np.mean(out)), float(np.mean(learned)), np.array(out))


def _after_claim(ledger: Ledger, experiment: dict[str, Any], truth: Array, noise: Array) -> tuple[Array, Root]:
    """Normal prior, normal reading: the exact posterior of one scalar claim."""
    root = next(r for r in ledger.roots if r.id == experiment["informs"])
    if "reads" in experiment:
        return _after_readings(root, np.asarray(experiment["reads"]), truth[ledger.index(root.id)], noise, experiment["noise"])
    prior, sigma2 = float(root.cov[0, 0]), experiment["noise"] ** 2
    reading = float(truth[ledger.index(root.id)][0]) + float(noise[0])
    var = 1.0 / (1.0 / prior + 1.0 / sigma2)
    mean = var * (float(root.mean[0]) / prior + reading / sigma2)
    return np.array([mean]), Root.scalar(root.id, mean, float(np.sqrt(var)), tier=root.tier, source=root.source)


def _after_readings(root: Root, rows: Array, truth: Array, noise: Array, sigma: float) -> tuple[Array, Root]:
    """Several readings that are linear in a root of several numbers: its exact posterior."""
    gain = root.cov @ rows.T @ np.linalg.inv(rows @ root.cov @ rows.T + sigma**2 * np.eye(len(rows)))
    mean = root.mean + gain @ (rows @ (truth - root.mean) + noise)
    cov = root.cov - gain @ rows @ root.cov
    return mean, Root(root.id, root.tier, root.source, root.names, mean, (cov + cov.T) / 2)


def _after_run(plant: Any, experiment: dict[str, Any], truth: Array, noise: float) -> tuple[Array, Root]:
    """Add one simulated run and refit mechanism and learner together."""
    problem, hybrid = plant.problem, plant.hybrid
    at = np.array([[experiment["conditions"][k] for k in ("residence_time", "equivalents", "concentration", "temperature")]])
    reading = hybrid.evaluate(truth, at, jacobian=False)[0] + noise
    fit = evolve(hybrid, fit=None).train(np.vstack([problem.x, at]), np.concatenate([problem.y, reading]), [hybrid.fit.posterior.mean]).fit
    return fit.posterior.mean, Root(KINETICS, "fitted", "refit", tuple(hybrid.names), fit.posterior.mean, fit.posterior.cov)
