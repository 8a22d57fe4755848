"""Balances of a run compiled for CVODES, with their forward sensitivities, once for each law and pattern of sampling times.

The states are the extents over the largest feed, so that atoms balance by construction; the sensitivities are the variational
equations d(dxi/dtheta)/dt = J dxi/dtheta + df/dtheta (Hindmarsh et al. 2005, ACM TOMS 31, 363), written out in symbols and integrated
beside the states under the same error control. Where the temperature is fixed and a law can tell its rate constants apart from
the rest (``ln_rate_constants`` and ``rates_from``), the sensitivities go by these, which are half as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw, concentrations

SETTINGS = {"max_num_steps": 20000, "disable_internal_warnings": True, "show_eval_warnings": False}


def has_rate_constants(law: RateLaw) -> bool:
    """Whether a law tells its rate constants from the rest."""
    return hasattr(law, "ln_rate_constants") and hasattr(law, "rates_from")


class Balance(NamedTuple):
    """Symbols of one run: scaled extents, inputs [q, feed, T or profile, tau, c_ref, scale], right-hand side over unit time, and what q is."""

    xi: Any
    q: Any
    inputs: Any
    ode: Any
    time: Any


def n_local(law: RateLaw, knots: int) -> int:
    """Numbers that the sensitivities go by."""
    import casadi as ca

    if knots or not has_rate_constants(law):
        return law.n_parameters
    theta = ca.SX.sym("theta", law.n_parameters)
    return len(law.ln_rate_constants(ca.SX.sym("T"), ca.vertsplit(theta)))  # type: ignore[attr-defined]


def balance(law: RateLaw, knots: int, tank: bool = False) -> Balance:
    """The balance of a batch, a tube or a tank in symbols; ``knots`` is the number of points of a temperature profile, 0 for a fixed one."""
    import casadi as ca

    r, s = law.stoichiometry.shape
    size = n_local(law, knots)
    xi, q, feed, scale = ca.SX.sym("xi", r), ca.SX.sym("q", size), ca.SX.sym("feed", s), ca.SX.sym("scale", size)
    heat, tau, c_ref, time = ca.SX.sym("T", max(2 * knots, 1)), ca.SX.sym("tau"), ca.SX.sym("c_ref"), ca.SX.sym("t")
    temperature = ca.pw_lin(time * tau, heat[:knots], heat[knots:]) if knots else heat
    c = concentrations(law, ca.vertsplit(feed), ca.vertsplit(xi * c_ref))
    local = has_rate_constants(law) and not knots
    rates = law.rates_from(c, temperature, ca.vertsplit(q)) if local else law.rates(c, temperature, ca.vertsplit(q))  # type: ignore[attr-defined]
    ode = ca.vertcat(*rates) * tau / c_ref
    return Balance(xi, q, ca.vertcat(q, feed, heat, tau, c_ref, scale), ode - xi if tank else ode, time)


@lru_cache(maxsize=256)
def integrator(law: RateLaw, grid: tuple[float, ...], reltol: float, slopes: bool, knots: int = 0) -> Any:
    """CVODES from 0 over the grid (ends at 1): xi, then d xi/d q column by column where slopes are asked for.

    Args:
        law: rates.
        grid: sampling times over the last one, increasing, above zero.
        reltol: relative tolerance; the absolute one is a hundredth of it, of the largest feed.
        slopes: with sensitivities.
        knots: points of the temperature profile.
    """
    import casadi as ca

    b = balance(law, knots)
    states, ode = b.xi, b.ode
    if slopes:
        scale = b.inputs[-b.q.numel() :]
        s = ca.SX.sym("S", b.xi.numel(), b.q.numel())
        # the slopes are on the scale of the parameters, so that one absolute tolerance fits them all
        variational = ca.mtimes(ca.jacobian(b.ode, b.xi), s) + ca.jacobian(b.ode, b.q) * ca.repmat(scale.T, b.xi.numel(), 1)
        states, ode = ca.vertcat(b.xi, ca.vec(s)), ca.vertcat(b.ode, ca.vec(variational))
    problem = {"x": states, "p": b.inputs, "ode": ode, **({"t": b.time} if knots else {})}
    return ca.integrator("run", "cvodes", problem, 0.0, list(grid), {**SETTINGS, "reltol": reltol, "abstol": reltol * 1e-2})


class Tank(NamedTuple):
    """A stirred tank: start-up in time, and balance, its slope by the extents and by q."""

    start: Any
    equations: Any


@lru_cache(maxsize=32)
def tank(law: RateLaw) -> Tank:
    """Start-up integrator over 60 residence times and the steady balance of a stirred tank."""
    import casadi as ca

    b = balance(law, 0, tank=True)
    equations = ca.Function("tank", [b.xi, b.inputs], [b.ode, ca.jacobian(b.ode, b.xi), ca.jacobian(b.ode, b.q)])
    start = ca.integrator("start", "cvodes", {"x": b.xi, "p": b.inputs, "ode": b.ode}, 0.0, 60.0, {**SETTINGS, "reltol": 1e-8, "abstol": 1e-10})
    return Tank(start, equations)


@lru_cache(maxsize=64)
def local_numbers(law: RateLaw) -> Any:
    """CasADi function (theta, T) -> the rate constants' logarithms and their slopes by theta."""
    import casadi as ca

    theta, temperature = ca.SX.sym("theta", law.n_parameters), ca.SX.sym("T")
    q = ca.vertcat(*law.ln_rate_constants(temperature, ca.vertsplit(theta)))  # type: ignore[attr-defined]
    return ca.Function("local", [theta, temperature], [q, ca.jacobian(q, theta)])


@lru_cache(maxsize=64)
def reader(law: RateLaw, observables: Sequence[Any], species: tuple[str, ...]) -> Any:
    """CasADi function (feed, c, T, theta) -> readings (m,), their slopes by c (m, S) and by theta (m, P)."""
    import casadi as ca

    from chemwright.kinetics.observables import State

    s = len(species)
    feed, c, temperature, theta = ca.SX.sym("feed", s), ca.SX.sym("c", s), ca.SX.sym("T"), ca.SX.sym("theta", law.n_parameters)
    state = State(
        dict(zip(species, ca.vertsplit(feed), strict=True)),
        dict(zip(species, ca.vertsplit(c), strict=True)),
        law.rates(ca.vertsplit(c), temperature, ca.vertsplit(theta)),
        temperature,
        tuple(str(r) for r in getattr(getattr(law, "network", None), "reactions", ())),
    )
    y = ca.vertcat(*(o.value(state) for o in observables))
    return ca.Function("read", [feed, c, temperature, theta], [y, ca.densify(ca.jacobian(y, c)), ca.densify(ca.jacobian(y, theta))])


def grid_of(times: Array) -> tuple[tuple[float, ...], Array]:
    """Different times above zero over the last (rounded, so that equal patterns share their integrator), and the place of each sample; 0 is the start."""
    end = float(times[-1])
    fractions = np.round(times / end, 12) if end > 0 else np.zeros(len(times))
    unique = np.unique(fractions[fractions > 0])
    return tuple(float(v) for v in unique), np.where(fractions > 0, np.searchsorted(unique, fractions) + 1, 0)
