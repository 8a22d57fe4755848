"""An ideal reactor as a response: readings at the outlet, or at each sampling time, with exact sensitivities and their slopes to the conditions.

The forward sensitivity equations are written out beside the balances and integrated with them by CVODES; one more forward sensitivity, by CVODES itself, then gives the exact slope of the
sensitivities to feed, temperature and time, which a gradient search over designs needs. The stirred tank is a root, differentiated implicitly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from attrs import frozen

from chemwright.errors import InputError
from chemwright.experiment.design.response import Response, assemble
from chemwright.kinetics.rates import Isothermal, MassAction
from chemwright.model.reactors import RateLaw, concentrations

REACTORS = ("batch", "plug_flow", "stirred_tank")
TOLERANCE, PLAIN_TOLERANCE = 1e-8, 1e-6
"""Relative, of sensitivities, and of readings alone."""


class Conditions(NamedTuple):
    """What a run is set to, as numbers or symbols: feed (S,) in mol/m^3, temperature in K, times (n,) in s (sampling times; of flow the residence times)."""

    feed: Sequence[Any]
    temperature: Any
    times: Sequence[Any]


class Sample(NamedTuple):
    """One sample of a run: its feed and concentrations (S,) in mol/m^3, temperature in K, time in s, and the rates (R,) in mol/(m^3 s)."""

    feed: Sequence[Any]
    c: Sequence[Any]
    temperature: Any
    time: Any
    rates: Sequence[Any]


Setting = Callable[[Sequence[Any]], Conditions]
Reading = Callable[[Sample], list[Any]]


@frozen
class _Inner:
    """The law in the parameters that are integrated: ln k at the run's temperature for mass action (half as many), else theta itself."""

    law: RateLaw
    parameters: Callable[[Any, Any], Any]


def _inner(law: RateLaw) -> _Inner:
    import casadi as ca

    if isinstance(law, MassAction):
        return _Inner(Isothermal(law), lambda theta, t: ca.vertcat(*law.ln_rate_constants(t, ca.vertsplit(theta))))
    return _Inner(law, lambda theta, t: theta)


@lru_cache(maxsize=64)
def _balances(law: RateLaw, with_sensitivities: bool) -> tuple[Any, Any, Any, Any]:
    """Symbols of states [xi, S] (scaled) and parameters [phi, c_in, T, tau, c_ref], right-hand side r tau/c_ref and (dr/dxi S + dr/dphi) tau/c_ref, and dr/dphi's width."""
    import casadi as ca

    r, s = law.stoichiometry.shape
    n = law.n_parameters
    xi, p = ca.SX.sym("xi", r), ca.SX.sym("p", n + s + 3)
    phi, c_in, temperature, tau, c_ref = p[:n], p[n : n + s], p[-3], p[-2], p[-1]
    c = concentrations(law, ca.vertsplit(c_in), ca.vertsplit(xi * c_ref))
    rate = ca.vertcat(*law.rates(c, temperature, ca.vertsplit(phi))) * tau / c_ref
    if not with_sensitivities:
        return xi, p, rate, phi
    big = ca.SX.sym("S", r, n)
    return ca.vertcat(xi, ca.vec(big)), p, ca.vertcat(rate, ca.vec(ca.jacobian(rate, xi) @ big + ca.jacobian(rate, phi))), phi


@lru_cache(maxsize=64)
def _rates(law: RateLaw) -> Any:
    """Function (c, T, theta) -> rates, so that laws written for scalar symbols serve matrix ones."""
    import casadi as ca

    s = law.stoichiometry.shape[1]
    c, t, theta = ca.SX.sym("c", s), ca.SX.sym("T"), ca.SX.sym("theta", law.n_parameters)
    return ca.Function("rates", [c, t, theta], [ca.vertcat(*law.rates(ca.vertsplit(c), t, ca.vertsplit(theta)))])


@lru_cache(maxsize=64)
def _tube(law: RateLaw, with_sensitivities: bool) -> Any:
    """CVODES over unit time."""
    import casadi as ca

    x, p, ode, _ = _balances(law, with_sensitivities)
    tolerance = TOLERANCE if with_sensitivities else PLAIN_TOLERANCE
    options = {"abstol": tolerance * 1e-2, "reltol": tolerance, "max_num_steps": 20000, "disable_internal_warnings": True, "show_eval_warnings": False}
    return ca.integrator("tube", "cvodes", {"x": x, "p": p, "ode": ode}, 0.0, 1.0, options)


@lru_cache(maxsize=64)
def _tank(law: RateLaw, with_sensitivities: bool) -> Any:
    """(p) -> [xi, S] (scaled) of the steady tank that a start-up filled with feed arrives at; S = (1 - dr/dxi)^-1 dr/dphi."""
    import casadi as ca

    x, p, ode, phi = _balances(law, False)
    options = {"reltol": 1e-8, "abstol": 1e-10, "max_num_steps": 50000, "disable_internal_warnings": True, "show_eval_warnings": False}
    start = ca.integrator("start", "cvodes", {"x": x, "p": p, "ode": ode - x}, 0.0, 200.0, options)
    root = ca.rootfinder("steady", "newton", {"x": x, "p": p, "g": ode - x}, {"abstol": 1e-12})
    ps = ca.MX.sym("p", p.numel())
    # the root does not depend on where Newton began: the start-up is kept out of the derivatives
    guess = ca.Function("guess", [ps], [start(x0=ca.DM.zeros(x.numel()), p=ps)["xf"]], {"is_diff_in": [False], "is_diff_out": [False]})
    xi = root(x0=guess(ps), p=ps)["x"]
    if not with_sensitivities:
        return ca.Function("tank", [ps], [xi])
    linear = ca.Function("linear", [x, p], [ca.DM.eye(x.numel()) - ca.jacobian(ode, x), ca.jacobian(ode, phi)])
    return ca.Function("tank", [ps], [ca.vertcat(xi, ca.vec(ca.solve(*linear(xi, ps))))])


def reactor_response(
    law: RateLaw, reactor: str, setting: Setting, factors: Sequence[str], reading: Reading, outputs: Sequence[str], noise: Any, *, names: Sequence[str] = (), relative: Any = ()
) -> Response:
    """Readings of an isothermal ideal reactor as a response.

    Args:
        law: rates.
        reactor: ``batch``, ``plug_flow`` or ``stirred_tank``.
        setting: conditions x (a list of D numbers or symbols) -> :class:`Conditions`, smooth in x.
        factors: names of the conditions, length D.
        reading: :class:`Sample` -> list of readings, smooth.
        outputs: names of one sample's readings; of several samples the names get the sample's number.
        noise, relative: as for :class:`Response`, of one sample.
        names: of the parameters; those of the law when it has any.

    Raises:
        InputError: unknown reactor, or a setting with no time.
    """
    import casadi as ca

    if reactor not in REACTORS:
        raise InputError(f"{reactor!r} is not a reactor", where="reactor", fix=f"one of {', '.join(REACTORS)}")
    names = tuple(names) or tuple(getattr(law, "names", ())) or tuple(f"theta.{i}" for i in range(law.n_parameters))
    theta, x = ca.MX.sym("theta", law.n_parameters), ca.MX.sym("x", len(factors))
    conditions = setting(ca.vertsplit(x))
    if not len(conditions.times):
        raise InputError("no sampling or residence time", where="setting", fix="give at least one")
    parts = _samples(law, reactor, conditions, theta, x, reading)
    y, jac, plain = (ca.vertcat(*column) for column in zip(*parts, strict=True))
    n = len(conditions.times)
    labels = [o if n == 1 else f"{o}.{i + 1}" for i in range(n) for o in outputs]
    return assemble(names, factors, labels, list(noise) * n, theta, x, y, jac, plain=plain, relative=list(relative) * n)


def _samples(law: RateLaw, reactor: str, conditions: Conditions, theta: Any, x: Any, reading: Reading) -> list[tuple[Any, Any, Any]]:
    """Expressions of each sample: readings, their sensitivities to theta, and the readings by the smaller integration. Of a batch each integration goes on where the last sample was drawn."""
    import casadi as ca

    inner = _inner(law)
    r, m = law.stoichiometry.shape[0], inner.law.n_parameters
    c_in = ca.vertcat(*conditions.feed)
    c_ref = ca.norm_inf(c_in)
    phi = inner.parameters(theta, conditions.temperature)
    out, states, small, before = [], ca.MX(ca.DM.zeros(r * (1 + m))), ca.MX(ca.DM.zeros(r)), 0.0

    def read(xi: Any, time: Any) -> Any:
        c = concentrations(law, ca.vertsplit(c_in), ca.vertsplit(xi))
        return ca.vertcat(*reading(Sample(ca.vertsplit(c_in), c, conditions.temperature, time, ca.vertsplit(_rates(law)(ca.vertcat(*c), conditions.temperature, theta)))))

    for time in conditions.times:
        p = ca.vertcat(phi, c_in, conditions.temperature, time - before, c_ref)
        if reactor == "stirred_tank":
            states, small = _tank(inner.law, True)(p), _tank(inner.law, False)(p)
        else:
            states, small = _tube(inner.law, True)(x0=states, p=p)["xf"], _tube(inner.law, False)(x0=small, p=p)["xf"]
            before = time if reactor == "batch" else 0.0
        xi = ca.MX.sym("xi", r)
        local = ca.Function("read", [xi, theta, x], [read(xi, time), ca.jacobian(read(xi, time), xi), ca.jacobian(read(xi, time), theta)])
        y, dy, direct = local(states[:r] * c_ref, theta, x)
        out.append((y, dy @ (ca.reshape(states[r:], r, m) * c_ref) @ ca.jacobian(phi, theta) + direct, read(small * c_ref, time)))
        if reactor == "plug_flow":
            states, small = ca.MX(ca.DM.zeros(r * (1 + m))), ca.MX(ca.DM.zeros(r))
    return out
