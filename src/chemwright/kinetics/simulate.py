"""Runs simulated: concentrations, readings, and how they change with the parameters, for any rate law."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics import integrators
from chemwright.kinetics.observables import Observable
from chemwright.kinetics.runs import Run, RunSet, TemperatureProfile
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw, reason

RELTOL = 1e-8
NEWTON, NEWTON_TOLERANCE = 30, 1e-11


def species_of(law: RateLaw, default: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of a law's species, in the order of its stoichiometry.

    Raises:
        InputError: the law does not tell, and the default has another length.
    """
    holder: Any = law
    names = getattr(holder, "species", None) or getattr(getattr(holder, "network", None), "species", None) or tuple(default)
    if len(names) != law.stoichiometry.shape[1]:
        raise InputError(
            f"{len(names)} species for a law over {law.stoichiometry.shape[1]}", where="rate law", fix="give the law a tuple 'species', in the order of its stoichiometry"
        )
    return tuple(names)


def names_of(law: RateLaw) -> tuple[str, ...]:
    """Names of a law's parameters; ``theta0 ...`` when it does not tell."""
    names = getattr(law, "names", None)
    return tuple(names) if names else tuple(f"theta{i}" for i in range(law.n_parameters))


def simulate(law: RateLaw, run: Run, theta: Array, *, reltol: float = RELTOL) -> Array:
    """Concentrations at the run's times, shape (n, S), mol/m^3.

    Args:
        law: rates over the run's species.
        run: feed, temperature, times, reactor; its readings are not used.
        theta: parameters, shape (P,).
        reltol: of the integrator.

    Raises:
        ConvergenceError: the integrator gave up, or a stirred tank has no steady state within tolerance.
    """
    return _solve(law, run, np.asarray(theta, dtype=float), reltol, False)[0]


def sensitivities(law: RateLaw, run: Run, theta: Array, *, reltol: float = RELTOL) -> tuple[Array, Array]:
    """Concentrations (n, S) and their slopes by the parameters (n, S, P).

    Raises:
        ConvergenceError: as :func:`simulate`.
    """
    return _solve(law, run, np.asarray(theta, dtype=float), reltol, True)


def readings(law: RateLaw, runs: RunSet, run: Run, theta: Array, *, slopes: bool = True, reltol: float = RELTOL) -> tuple[Array, Array]:
    """What the set's observables show of a run: (n, m), and the slopes by the parameters (n, m, P) (empty when not asked for).

    Raises:
        ConvergenceError: as :func:`simulate`, or a reading is not finite.
    """
    theta = np.asarray(theta, dtype=float)
    c, dc = _solve(law, run, theta, reltol, slopes)
    return read(law, runs.observables, runs.species, run, theta, c, dc)


def read(law: RateLaw, observables: Sequence[Observable], species: Sequence[str], run: Run, theta: Array, c: Array, dc: Array) -> tuple[Array, Array]:
    """Readings (n, m) and slopes (n, m, P) from concentrations (n, S) and theirs (n, S, P); slopes of length 0 give none."""
    heat = run.temperature.at(run.times) if isinstance(run.temperature, TemperatureProfile) else np.full(len(run.times), run.temperature)
    m, n, s, p = len(observables), len(c), c.shape[1], law.n_parameters
    call = integrators.reader(law, tuple(observables), tuple(species))
    y, by_c, by_theta = (np.array(v) for v in call(np.tile(run.feed, (n, 1)).T, c.T, heat[None, :], np.tile(theta, (n, 1)).T))
    if not np.all(np.isfinite(y[:, np.any(np.isfinite(np.atleast_2d(run.observed)), axis=1)] if run.observed.shape == (n, m) else y)):
        raise ConvergenceError("a reading is not finite (nothing fed, or no product formed?)", where=f"run {run.id!r}", fix="check the run's feed and the rate constants")
    if not len(dc):
        return y.T, np.zeros((0, m, p))
    # casadi lays the calls side by side: (m, n * S)
    by_c, by_theta = by_c.reshape(m, n, s).transpose(1, 0, 2), by_theta.reshape(m, n, p).transpose(1, 0, 2)
    return y.T, by_c @ dc + by_theta


def _solve(law: RateLaw, run: Run, theta: Array, reltol: float, slopes: bool) -> tuple[Array, Array]:
    """Concentrations and slopes by theta, of any reactor."""
    r, s = law.stoichiometry.shape
    if len(run.feed) != s or len(theta) != law.n_parameters:
        raise InputError(
            f"{len(run.feed)} feeds and {len(theta)} parameters, {s} and {law.n_parameters} expected", where=f"run {run.id!r}", fix="give the run over the law's species"
        )
    n, c_ref = len(run.times), float(np.max(run.feed, initial=0.0))
    if c_ref == 0.0:
        c_ref = 1.0
    knots = len(run.temperature.times) if isinstance(run.temperature, TemperatureProfile) else 0
    q, by_theta = _local(law, run, theta, knots)
    scale = np.maximum(1.0, np.abs(theta)) if by_theta is None else np.ones(len(q))
    heat = np.concatenate([run.temperature.times, run.temperature.values]) if isinstance(run.temperature, TemperatureProfile) else np.array([run.temperature])
    try:
        xi, dq = (_tank if run.reactor == "stirred_tank" else _batch)(law, run, (q, run.feed, heat, c_ref, scale), reltol, slopes, knots)
    except RuntimeError as error:
        raise _gave_up(law, run, theta, error) from None
    if not (np.all(np.isfinite(xi)) and np.all(np.isfinite(dq))):
        raise ConvergenceError("the integration ended in a number that is not finite", where=f"run {run.id!r}", fix="check rate constants, units and times")
    c = run.feed + c_ref * xi @ law.stoichiometry
    if not slopes:
        return c, np.zeros((0, s, len(theta)))
    dq = dq * scale**-1.0 if by_theta is None else dq
    dxi = dq if by_theta is None else dq @ by_theta
    return c, c_ref * np.einsum("rs,nrp->nsp", law.stoichiometry, dxi.reshape(n, r, len(theta)))


def _local(law: RateLaw, run: Run, theta: Array, knots: int) -> tuple[Array, Array | None]:
    """The numbers that the sensitivities go by, and their slopes by theta (``None`` when they are theta itself)."""
    if knots or not integrators.has_rate_constants(law):
        return theta, None
    q, slope = integrators.local_numbers(law)(theta, run.temperature)
    return np.array(q).ravel(), np.array(slope)


def _batch(law: RateLaw, run: Run, numbers: tuple[Any, ...], reltol: float, slopes: bool, knots: int) -> tuple[Array, Array]:
    """Scaled extents (n, R) and slopes by q (n, R, Q) of a batch or a tube."""
    q, feed, heat, c_ref, scale = numbers
    r, n = len(law.stoichiometry), len(run.times)
    grid, place = integrators.grid_of(run.times)
    width = r * (1 + len(q)) if slopes else r
    full = np.zeros((len(grid) + 1, width))
    if grid:
        call = integrators.integrator(law, grid, reltol, slopes, knots)
        full[1:] = np.array(call(x0=np.zeros(width), p=np.concatenate([q, feed, heat, [run.times[-1], c_ref], scale]))["xf"]).T
    full = full[place]
    dq = full[:, r:].reshape(n, len(q), r).transpose(0, 2, 1) if slopes else np.zeros((0, r, len(q)))
    return full[:, :r], dq


def _tank(law: RateLaw, run: Run, numbers: tuple[Any, ...], reltol: float, slopes: bool, knots: int) -> tuple[Array, Array]:
    """The same of stirred tanks at steady state: Newton from where a start-up filled with feed arrives, slopes by the implicit function theorem."""
    q, feed, heat, c_ref, scale = numbers
    r, compiled = len(law.stoichiometry), integrators.tank(law)
    xi, dq = np.zeros((len(run.times), r)), np.zeros((len(run.times), r, len(q)))
    for i, tau in enumerate(run.times):
        if tau == 0:
            continue
        p = np.concatenate([q, feed, heat, [tau, c_ref], scale])
        at = np.array(compiled.start(x0=np.zeros(r), p=p)["xf"]).ravel()
        for _ in range(NEWTON):
            f, slope, by_q = (np.array(v) for v in compiled.equations(at, p))
            step = np.linalg.lstsq(slope, -f.ravel(), rcond=None)[0] if np.all(np.isfinite(slope)) else np.full(r, np.nan)
            at = at + step
            if not np.max(np.abs(step)) > NEWTON_TOLERANCE:
                break
        # a start-up that still oscillates, or a point Newton leaves, is no steady state
        if not np.max(np.abs(step)) <= 1e3 * NEWTON_TOLERANCE:
            raise ConvergenceError(
                f"no steady state of the stirred tank at {tau:g} s: the extents are uncertain by {np.max(np.abs(step)):.1e} of the feed",
                where=f"run {run.id!r}",
                fix="check rate constants, units and residence time",
            )
        xi[i], dq[i] = at, -np.linalg.lstsq(slope, by_q * scale, rcond=None)[0]
    return xi, dq if slopes else np.zeros((0, r, len(q)))


def _gave_up(law: RateLaw, run: Run, theta: Array, error: RuntimeError) -> ConvergenceError:
    """CVODES' failure in words."""
    return ConvergenceError(
        f"the integrator failed: {reason(error)}",
        where=f"run {run.id!r}",
        fix="check rate constants, units and times",
        last_good={"feed [mol/m^3]": run.feed.tolist(), "parameters": theta.tolist()},
    )
