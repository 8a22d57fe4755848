"""The fit of a case as plain data: parameters, what the data informed, errors left out, and the posterior that later steps use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chemwright.errors import InputError
from chemwright.kinetics.deletion import informed, learner_leave_one_out, leave_one_out
from chemwright.kinetics.observe import from_fit_scale
from chemwright.kinetics.regress import Scaling, learner_alone, start_points, train_hybrid, train_mechanism
from chemwright.kinetics.setup import Problem, problem_of
from chemwright.model.evidence import Widths
from chemwright.model.gaussian import GaussianProcess
from chemwright.model.hybrid import Hybrid
from chemwright.model.posterior import Gaussian, MapFit, check_posterior
from chemwright.model.protocol import Array
from chemwright.quantity import convert
from chemwright.record import CaseRecord

Progress = Callable[[str, float | None], None]


def _rms(value: Array) -> float:
    return float(np.sqrt(np.mean(np.square(value))))


def parameter_table(record: CaseRecord, problem: Problem, hybrid: Hybrid) -> dict[str, dict[str, Any]]:
    """Each parameter in the unit of its set: value, std, prior_std (its own width, the common shift apart), informed.

    Rate constants are fitted on the logarithm: std = value * sd(ln k), prior_std = value * own prior sd(ln k).
    """
    assert hybrid.fit is not None
    assert record.prior is not None
    theta, sd = hybrid.fit.posterior.mean, hybrid.fit.posterior.std
    flags = informed(hybrid.fit.posterior, problem.own_sd)
    r = len(problem.model.law.network.reactions)
    table: dict[str, dict[str, Any]] = {}
    for i, name in enumerate(problem.model.names):
        p = record.prior[name]
        n = sum(c for _, c in problem.model.law.network.reactions[i % r].reactants)
        si_unit = ("1/s" if n == 1 else f"(mol/m^3)^{1 - n:g}/s") if i < r else "J/mol"
        value = convert(float(np.exp(theta[i]) if i < r else theta[i]), si_unit, p.unit)
        scale = value if i < r else convert(1.0, "J/mol", p.unit)
        table[name] = {"value": value, "std": scale * float(sd[i]), "prior_std": scale * float(problem.own_sd[i]), "unit": p.unit, "informed": flags[i], "prior_value": p.value}
        if i < r:
            table[name]["ln_std"] = float(sd[i])
    mean, cov = hybrid.fit.posterior.mean[:r], hybrid.fit.posterior.cov[:r, :r]
    shift = float(np.mean(mean - problem.prior.mean[:r]))
    shift_sd = float(np.sqrt(cov.mean()))
    prior_sd = float(np.sqrt(problem.prior.cov[:r, :r].mean()))
    table["ln_k.shift"] = {"value": shift, "std": shift_sd, "prior_std": prior_sd, "unit": "1", "informed": shift_sd <= 0.7 * prior_sd, "prior_value": 0.0}
    return table


def fit_case(record: CaseRecord, progress: Progress | None = None, *, n_starts: int = 6, decades: float = 3.0, draws: int = 150) -> dict[str, Any]:
    """Fit mechanism, learner and Hybrid to a case's runs and summarise (format: docs/reference/results.md).

    Args:
        record: the case.
        progress: called with a text and the fraction done.
        n_starts: multi-start count, spread over +/- ``decades`` of the rate constants.
        decades: see above.
        draws: for the sampler that checks the Laplace posterior.

    Raises:
        InputError: a malformed case; ConvergenceError: the fit converged from no start.
    """

    def tell(text: str, fraction: float) -> None:
        if progress is not None:
            progress(text, fraction)

    problem, widths = problem_of(record), Widths()
    x, y = problem.x, problem.y
    if len(y) < 3:
        raise InputError(f"{len(y)} runs", where="[experiments]", fix="a fit needs at least three runs")
    back, r = from_fit_scale(problem.model.observer.transform), len(problem.model.law.network.reactions)
    scaling = Scaling.of(x)
    tell(f"mechanism from {n_starts} starts", 0.05)
    mechanism = train_mechanism(problem.model, problem.prior, x, y, widths, start_points(problem.prior, n_starts, decades, record.seed, r))
    tell("hybrid", 0.6)
    hybrid, _ = train_hybrid(mechanism, x, y, widths, scaling)
    tell("learner alone", 0.75)
    _, kernel = learner_alone(x, y, scaling, record.seed)
    tell("leave-one-out and posterior check", 0.85)
    assert mechanism.fit is not None
    assert hybrid.fit is not None
    mech_loo, _ = leave_one_out(mechanism, x)
    hyb_loo, hyb_sd = leave_one_out(hybrid, x)
    gp_loo = learner_leave_one_out(x, y, kernel, scaling.centre, scaling.scale)
    predicted = hybrid.predict(x)
    from scipy.stats import t

    half = t.ppf(0.95, predicted.dof) * np.sqrt(hyb_sd**2 + hybrid.sigma**2)
    n_draws, p = draws, hybrid.n_theta
    check = check_posterior(lambda thetas: _simulate(mechanism, thetas, x), y, mechanism.fit, n=n_draws, seed=record.seed)
    starts = np.array(mechanism.fit.starts)
    same = int(np.sum(np.abs(starts - starts.min()) < 1e-3 * (1 + starts.min())))
    assert record.experiments is not None
    return {
        "parameters": parameter_table(record, problem, hybrid),
        "rmse": _rms(back(predicted.mean) - problem.raw),
        "loo": {"mechanism": _rms(back(mech_loo) - problem.raw), "learner": _rms(back(gp_loo) - problem.raw), "hybrid": _rms(back(hyb_loo) - problem.raw)},
        "n": len(y),
        "converged": True,
        "sigma": hybrid.sigma,
        "coverage": {"hybrid": float(np.mean(np.abs(hyb_loo - y) <= half)), "level": 0.9, "mean_width": float(np.mean(2 * half))},
        "starts": {"n": len(starts), "same": same},
        "information": mechanism.fit.information().tolist(),
        "sampler": {"n": check.n, "effective": check.effective, "mean_shift": check.mean_shift, "std_ratio_min": check.std_ratio_min, "std_ratio_max": check.std_ratio_max},
        "runs": {
            "columns": ["residence_time", "equivalents", "concentration", "temperature"], "units": ["s", "1", "mol/m^3", "K"], "rows": x.tolist(), "response": problem.model.observer.name,
            "measured": problem.raw.tolist(), "mechanism": back(mechanism.predict(x).mean).tolist(), "hybrid": back(predicted.mean).tolist(),
            "std": (np.sqrt(predicted.std**2 + hybrid.sigma**2) * (1 + problem.raw if problem.model.observer.transform == "log1p" else 1)).tolist(), "loo": back(hyb_loo).tolist(),
        },
        "posterior": {"names": list(hybrid.names[:p]), "mean": hybrid.fit.posterior.mean[:p].tolist(), "cov": hybrid.fit.posterior.cov[:p, :p].tolist(), "prior_mean": problem.prior.mean.tolist(), "prior_sd": problem.prior.std.tolist(), "own_sd": problem.own_sd.tolist()},
        "hybrid": pack(hybrid),
    }  # fmt: skip


def _simulate(mechanism: Hybrid, thetas: Array, x: Array) -> Array:
    n, m = len(thetas), len(x)
    y, _ = mechanism.mechanism.evaluate(np.repeat(thetas, m, axis=0), np.tile(x, (n, 1)), jacobian=False)
    return y.reshape(n, m)


def pack(hybrid: Hybrid) -> dict[str, Any]:
    """A trained Hybrid with a Gaussian process as plain data (no code in it)."""
    assert hybrid.fit is not None
    fit = hybrid.fit
    learner = {k: v.tolist() for k, v in hybrid.learner.arrays().items()} if isinstance(hybrid.learner, GaussianProcess) else None
    return {
        "join": hybrid.join, "direction": hybrid.direction.tolist(), "sigma": hybrid.sigma, "noise_dof": hybrid.noise_dof, "learner": learner, "x_train": hybrid.x_train.tolist(),
        "mean": fit.posterior.mean.tolist(), "cov": fit.posterior.cov.tolist(), "jacobian": fit.jacobian.tolist(), "residual": fit.residual.tolist(), "objective": fit.objective,
    }  # fmt: skip


def unpack(data: dict[str, Any], problem: Problem) -> Hybrid:
    """The trained Hybrid of :func:`pack` on the case's mechanism and prior."""
    learner = GaussianProcess.from_arrays({k: np.array(v) for k, v in data["learner"].items()}) if data["learner"] is not None else None
    hybrid = Hybrid(problem.model, problem.prior, learner, data["join"], np.array(data["direction"]), data["sigma"], data["noise_dof"], x_train=np.array(data["x_train"]))
    posterior = Gaussian(np.array(data["mean"]), np.array(data["cov"]))
    fit = MapFit(posterior, hybrid.joint_prior(), np.array(data["jacobian"]), np.array(data["residual"]), data["sigma"], data["objective"], (), 0)
    from attrs import evolve

    return evolve(hybrid, fit=fit)
