"""Ideal-reactor balances, isothermal and of constant density, in extents of reaction so that atoms balance by construction.

Concentrations follow c = c_in + nu^T xi with the extents xi (mol/m^3); the balances are

* batch and plug flow: d xi / d t = r(c, T), t the batch time or V/Q (Levenspiel 1999, ch. 3 and 5);
* stirred tank: xi = tau r(c, T).

The integrator is CVODES (SUNDIALS, in CasADi), which also gives the exact sensitivities; the rate equations come in as a
function of symbols, written once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.model.protocol import Array


class RateLaw(Protocol):
    """Reaction rates and their stoichiometry; hashable, so that compiled solvers are kept."""

    def __hash__(self) -> int:
        """Equal laws have equal hashes."""

    @property
    def stoichiometry(self) -> Array:
        """Coefficients nu, shape (R, S)."""

    @property
    def n_parameters(self) -> int:
        """Length of theta."""

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates in mol/(m^3 s), one a reaction; c in mol/m^3, temperature in K."""


def concentrations(law: RateLaw, c_in: Sequence[Any], xi: Sequence[Any]) -> list[Any]:
    """c_in + nu^T xi, for numbers, arrays or symbols."""
    nu = law.stoichiometry
    return [c_in[j] + sum((nu[i, j] * xi[i] for i in range(len(nu)) if nu[i, j]), 0.0) for j in range(nu.shape[1])]


@lru_cache(maxsize=64)
def _plug_flow(law: RateLaw, reltol: float, points: int) -> Any:
    """CVODES over unit time of the scaled extents; parameters [theta, c_in, T, tau, c_ref]."""
    import casadi as ca

    r, s = law.stoichiometry.shape
    xi, p = ca.SX.sym("xi", r), ca.SX.sym("p", law.n_parameters + s + 3)
    theta, c_in = p[: law.n_parameters], p[law.n_parameters : law.n_parameters + s]
    temperature, tau, c_ref = p[-3], p[-2], p[-1]
    c = concentrations(law, ca.vertsplit(c_in), ca.vertsplit(xi * c_ref))
    rate = ca.vertcat(*law.rates(c, temperature, ca.vertsplit(theta)))
    grid = list(np.linspace(0, 1, points)[1:]) if points > 2 else [1.0]
    options = {"abstol": reltol * 1e-2, "reltol": reltol, "max_num_steps": 20000, "disable_internal_warnings": True, "show_eval_warnings": False}
    return ca.integrator("pfr", "cvodes", {"x": xi, "p": p, "ode": rate * tau / c_ref}, 0.0, grid, options)


@lru_cache(maxsize=64)
def plug_flow_function(law: RateLaw, reltol: float = 1e-8) -> Any:
    """CasADi function (theta, c_in, T, tau) -> outlet extents (mol/m^3), differentiable to first order by CVODES."""
    import casadi as ca

    r, s = law.stoichiometry.shape
    theta, c_in = ca.MX.sym("theta", law.n_parameters), ca.MX.sym("c_in", s)
    temperature, tau = ca.MX.sym("T"), ca.MX.sym("tau")
    c_ref = ca.norm_inf(c_in)
    out = _plug_flow(law, reltol, 2)(x0=ca.DM.zeros(r), p=ca.vertcat(theta, c_in, temperature, tau, c_ref))["xf"] * c_ref
    return ca.Function("plug_flow", [theta, c_in, temperature, tau], [out], ["theta", "c_in", "T", "tau"], ["xi"])


def reason(error: RuntimeError) -> str:
    """CVODES' own flag in words, or the last line of the message."""
    flag = re.search(r"CV_[A-Z_]+", str(error))
    words = {
        "CV_TOO_MUCH_WORK": "too many steps (very stiff, or a residence time far past the end of the reaction)",
        "CV_REPTD_RHSFUNC_ERR": "a rate is not a finite number",
        "CV_CONV_FAILURE": "no step is small enough (a rate is far too fast)",
    }
    return words.get(flag.group(), flag.group()) if flag else str(error).splitlines()[-1][:120]


def how_far(x: Any, p: Any, ode: Any, start: Array, parameters: Any, segments: int = 128) -> tuple[float, Array]:
    """How far an integration over unit time gets before it fails: asked only after a failure, to tell the last good point.

    Args:
        x, p, ode: symbols of the states and parameters, and the autonomous right-hand side.
        start: states at time 0.
        parameters: numbers for ``p``.
        segments: equal pieces that are tried one after the other.

    Returns:
        the share of unit time that was done, and the states there.
    """
    import casadi as ca

    options = {"reltol": 1e-8, "abstol": 1e-10, "max_num_steps": 20000, "disable_internal_warnings": True, "show_eval_warnings": False}
    step, at = ca.integrator("piece", "cvodes", {"x": x, "p": p, "ode": ode}, 0.0, 1.0 / segments, options), np.asarray(start, dtype=float)
    for k in range(segments):
        try:
            to = np.array(step(x0=at, p=parameters)["xf"]).ravel()
        except RuntimeError:
            return k / segments, at
        if not np.all(np.isfinite(to)):
            return k / segments, at
        at = to
    return 1.0, at


@frozen(eq=False)
class Profile:
    """Concentrations along a batch or a tube: time (n,) in s, c (n, S) in mol/m^3."""

    time: Array
    c: Array


def profile(law: RateLaw, theta: Array, c_in: Array, temperature: float, tau: float, points: int = 51) -> Profile:
    """Isothermal batch or plug flow from 0 to ``tau`` seconds.

    Raises:
        ConvergenceError: the integrator gave up, or mass action went negative beyond round-off.
    """
    c_ref = float(np.max(np.abs(c_in)))
    time = np.linspace(0.0, tau, points)
    if tau == 0 or c_ref == 0:
        return Profile(time, np.tile(c_in, (points, 1)))
    run = _plug_flow(law, 1e-9, points)
    try:
        xi = np.array(run(x0=np.zeros(len(law.stoichiometry)), p=np.concatenate([theta, c_in, [temperature, tau, c_ref]]))["xf"]).T * c_ref
    except RuntimeError as error:
        done, at = _got_to(law, theta, c_in, temperature, tau)
        last = {"time (of a tube V/Q) [s]": done * tau, "share of the whole": done, "concentrations [mol/m^3]": at.tolist()}
        raise ConvergenceError(f"the integrator failed: {reason(error)}", fix="check rate constants, units and residence time", last_good=last) from None
    c = np.vstack([c_in, c_in + xi @ law.stoichiometry])
    if not np.all(c >= -1e-7 * c_ref):  # NaN fails too
        k = max(int(np.argmin(np.all(c >= -1e-7 * c_ref, axis=1))) - 1, 0)
        raise ConvergenceError(
            f"a concentration fell to {np.min(c):.3g} mol/m^3",
            fix="check rate constants and orders",
            residuals={"most negative concentration [mol/m^3]": float(np.min(c))},
            last_good={"time (of a tube V/Q) [s]": float(time[k]), "concentrations [mol/m^3]": c[k].tolist()},
        )
    return Profile(time, c)


def _got_to(law: RateLaw, theta: Array, c_in: Array, temperature: float, tau: float) -> tuple[float, Array]:
    """Share of the tube or batch that can be integrated, and the concentrations (S,) there."""
    import casadi as ca

    c_ref = float(np.max(np.abs(c_in)))
    xi = ca.SX.sym("xi", len(law.stoichiometry))
    rate = ca.vertcat(*law.rates(concentrations(law, list(c_in), ca.vertsplit(xi * c_ref)), temperature, list(theta)))
    done, at = how_far(xi, ca.SX.sym("none"), rate * tau / c_ref, np.zeros(xi.numel()), 0.0)
    return done, np.asarray(c_in + at * c_ref @ law.stoichiometry, dtype=float)


def stirred_tank(law: RateLaw, theta: Array, c_in: Array, temperature: float, tau: float) -> Array:
    """Outlet concentrations (S,) of an isothermal stirred tank of mean residence time ``tau`` s.

    Newton from the state reached by integrating the tank in time from the feed, so the steady state found is the one a
    start-up filled with feed arrives at.

    Raises:
        ConvergenceError: no steady state within tolerance, or a negative concentration.
    """
    import casadi as ca

    if tau == 0 or not np.any(c_in):
        return np.asarray(c_in, dtype=float)
    r = len(law.stoichiometry)
    c_ref = float(np.max(np.abs(c_in)))
    xi = ca.SX.sym("xi", r)
    rate = ca.vertcat(*law.rates(concentrations(law, list(c_in), ca.vertsplit(xi * c_ref)), temperature, list(theta)))
    balance = rate * tau / c_ref - xi
    options = {"reltol": 1e-8, "abstol": 1e-10, "max_num_steps": 50000, "disable_internal_warnings": True, "show_eval_warnings": False}
    start: Callable[..., Any] = ca.integrator("tank", "cvodes", {"x": xi, "ode": balance}, 0.0, 200.0, options)
    try:
        guess = start(x0=np.zeros(r))["xf"]
        solve = ca.rootfinder("steady", "newton", {"x": xi, "g": balance}, {"abstol": 1e-12, "error_on_fail": False})
        root = solve(x0=guess)["x"]
        residual, jacobian = (np.array(v) for v in ca.Function("b", [xi], [balance, ca.jacobian(balance, xi)])(root))
        # one more Newton step tells the error of the extents; the residual itself drowns in round-off when reactions are fast
        step = float(np.max(np.abs(np.linalg.lstsq(jacobian, residual, rcond=None)[0]))) if np.all(np.isfinite(jacobian)) else np.inf
    except RuntimeError as error:
        raise ConvergenceError(
            f"the stirred tank failed: {reason(error)}", fix="check rate constants, units and residence time", last_good={"concentrations (the feed) [mol/m^3]": c_in.tolist()}
        ) from None
    c = c_in + np.array(root).ravel() * c_ref @ law.stoichiometry
    if not step < 1e-9 or not np.all(c >= -1e-7 * c_ref):
        raise ConvergenceError(
            f"the stirred tank's extents are uncertain by {step:.1e} of the feed",
            fix="try a shorter residence time and continue from there",
            residuals={"next Newton step of the extents [share of the feed]": step, "balance of the extents [share of the feed]": float(np.max(np.abs(residual)))},
            last_good={"concentrations after start-up from the feed [mol/m^3]": (c_in + np.array(guess).ravel() * c_ref @ law.stoichiometry).tolist()},
        )
    return np.asarray(c, dtype=float)


def radau_collocation(
    law: RateLaw, theta: Sequence[Any], c_in: Sequence[Any], temperature: Any, tau: Any, c_ref: Any, xi: Any, mesh: Sequence[float]
) -> tuple[list[Any], list[Any]]:
    """Three-point Radau collocation of the tube on a fixed mesh, for simultaneous optimisation (Biegler 2010, ch. 10).

    Args:
        law, theta, c_in, temperature, tau: as above, symbols allowed.
        c_ref: scale of the extents, mol/m^3.
        xi: unknown scaled extents, shape (R, 3 * elements), column by column along the tube.
        mesh: element ends in (0, 1], increasing to 1.

    Returns:
        residual equations (scaled, to be zero) and the outlet concentrations.
    """
    import casadi as ca

    r = len(law.stoichiometry)
    points = [0.0, *ca.collocation_points(3, "radau")]
    basis = [np.poly1d([1.0]) for _ in points]
    for j, a in enumerate(points):
        for k, b in enumerate(points):
            if k != j:
                basis[j] = basis[j] * np.poly1d([1.0, -b]) / (a - b)
    slope = np.array([[np.polyder(basis[j])(points[k]) for j in range(4)] for k in range(1, 4)])
    equations, left, start = [], [0.0] * r, 0.0
    for e, end in enumerate(mesh):
        nodes = [left] + [[xi[i, 3 * e + k] for i in range(r)] for k in range(3)]
        for k in range(3):
            rate = law.rates(concentrations(law, c_in, [v * c_ref for v in nodes[k + 1]]), temperature, theta)
            for i in range(r):
                equations.append(sum(slope[k, j] * nodes[j][i] for j in range(4)) - (end - start) * rate[i] * tau / c_ref)
        left, start = nodes[3], end
    return equations, concentrations(law, c_in, [v * c_ref for v in left])
