"""A closed vessel, or a plug, of a reacting ideal gas: constant volume or pressure, adiabatic or isothermal, and its ignition delay.

With y_j = n_j/n_0 (moles over all moles at the start) and c_j = y_j c_0/v, where v is the volume over that at the start,

    dy_j/dt = (v/c_0) sum_i nu_ij r_i,
    constant volume:   v = 1,                    dT/dt = -sum_j (h_j - R T) w_j / sum_j c_j (cp_j - R),
    constant pressure: v = (sum y) T/T_0,        dT/dt = -sum_j h_j w_j / sum_j c_j cp_j,

with w_j = sum_i nu_ij r_i (R. J. Kee, M. E. Coltrin and P. Glarborg, Chemically Reacting Flow, 2003). A plug of an
ideal tube without pressure drop is the case of constant pressure, time being that since it entered.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError, InputError, did_you_mean
from chemwright.kinetics.laws.gas import GasMechanism
from chemwright.kinetics.laws.gas_constant import GAS_CONSTANT
from chemwright.model.protocol import Array
from chemwright.model.reactors import reason

MODES = ("volume", "pressure")


@frozen(eq=False)
class GasRun:
    """What a vessel of gas did.

    Args:
        species: names, in the order of ``fractions``.
        time: shape (n,), s.
        temperature: shape (n,), K.
        pressure: shape (n,), Pa.
        fractions: mole fractions, shape (n, S).
    """

    species: tuple[str, ...]
    time: Array
    temperature: Array
    pressure: Array
    fractions: Array

    def __getitem__(self, name: str) -> Array:
        """Mole fraction of a species over time, shape (n,).

        Raises:
            InputError: unknown name.
        """
        if name not in self.species:
            raise InputError(f"no species {name!r}", fix=did_you_mean(name, self.species))
        return np.asarray(self.fractions[:, self.species.index(name)])

    @property
    def ignition_delay(self) -> float:
        """Time of the steepest rise of temperature, s; nan where it rises by less than 50 K.

        The maximum of the slope is that of a parabola through the steepest point and its neighbours.
        """
        if np.max(self.temperature) - self.temperature[0] < 50.0:
            return float("nan")
        slope = np.gradient(self.temperature, self.time)
        k = int(np.clip(np.argmax(slope), 1, len(slope) - 2))
        a, b, _ = np.polyfit(self.time[k - 1 : k + 2] - self.time[k], slope[k - 1 : k + 2], 2)
        return float(self.time[k] - b / (2 * a)) if a < 0 else float(self.time[k])


def react_gas(
    mechanism: GasMechanism,
    composition: Mapping[str, float],
    temperature: float,
    pressure: float,
    time: float,
    *,
    constant: str = "volume",
    adiabatic: bool = True,
    points: int = 1001,
    theta: Array | None = None,
    reltol: float = 1e-9,
) -> GasRun:
    """Let a gas react.

    Args:
        mechanism: its rates and thermodynamics.
        composition: moles by species, in any amount.
        temperature, pressure: at the start, K and Pa.
        time: s.
        constant: ``volume`` or ``pressure``.
        adiabatic: heat of reaction changes the temperature; otherwise it is kept.
        points: times in the answer, evenly from 0.
        theta: parameters of the mechanism; those of the file unless told.
        reltol: of the integrator.

    Raises:
        InputError: an unknown species or mode, or numbers out of range.
        ConvergenceError: the integrator gave up.
    """
    if constant not in MODES:
        raise InputError(f"constant = {constant!r}", fix=did_you_mean(constant, MODES))
    for name in composition:
        if name not in mechanism.species:
            raise InputError(f"no species {name!r} in {mechanism.name!r}", where="composition", fix=did_you_mean(name, mechanism.species))
    y = np.array([float(composition.get(s, 0.0)) for s in mechanism.species])
    if not (np.all(np.isfinite(y)) and np.all(y >= 0) and y.sum() > 0):
        raise InputError("the composition is not of non-negative amounts", where="composition", fix="give moles by species")
    if not (100.0 <= temperature <= 6000.0 and 1.0 <= pressure <= 1e9 and time > 0 and points >= 3):
        raise InputError(
            f"{temperature!r} K, {pressure!r} Pa, {time!r} s, {points!r} points", where="gas", fix="give 100 to 6000 K, 1 to 1e9 Pa, a positive time, and 3 points at least"
        )
    y = y / y.sum()
    given = mechanism.start.mean if theta is None else np.asarray(theta, dtype=float)
    run = _integrator(mechanism, constant, adiabatic, points, reltol)
    try:
        states = np.array(run(x0=np.append(y, 1.0), p=np.concatenate([given, [temperature, pressure, time]]))["xf"]).T
    except RuntimeError as error:
        raise ConvergenceError(f"the integrator failed: {reason(error)}", where=mechanism.name, fix="shorten the time, or loosen reltol") from None
    states = np.vstack([np.append(y, 1.0), states])
    if not np.all(np.isfinite(states)):
        raise ConvergenceError("the integration ended in a number that is not finite", where=mechanism.name, fix="check temperature and composition")
    moles, warm = states[:, :-1], states[:, -1]
    total = moles.sum(axis=1)
    held = pressure * total * warm if constant == "volume" else np.full(points, pressure)
    return GasRun(mechanism.species, np.linspace(0.0, time, points), temperature * warm, held, moles / total[:, None])


def ignite(mechanism: GasMechanism, composition: Mapping[str, float], temperature: float, pressure: float, time: float, **how: Any) -> tuple[GasRun, float]:
    """Let a gas react, and resolve its ignition: a second run ends just behind the steepest rise.

    Args:
        mechanism, composition, temperature, pressure, time, how: as for :func:`react_gas`.

    Returns:
        the run over the whole time, and the ignition delay in s (nan without ignition).

    Raises:
        InputError, ConvergenceError: as :func:`react_gas`.
    """
    run = react_gas(mechanism, composition, temperature, pressure, time, **how)
    delay = run.ignition_delay
    for _ in range(2):
        near = min(1.15 * delay + 2 * time / len(run.time), time) if np.isfinite(delay) else time
        if near >= time:
            break
        closer = react_gas(mechanism, composition, temperature, pressure, near, **how).ignition_delay
        if not np.isfinite(closer):
            break
        delay, time = closer, near
    return run, delay


@lru_cache(maxsize=8)
def _integrator(mechanism: GasMechanism, constant: str, adiabatic: bool, points: int, reltol: float) -> Any:
    """CVODES over unit time of [y, T/T0]; parameters [theta, T0, P0, time]."""
    import casadi as ca

    s, k = len(mechanism.species), mechanism.n_parameters
    x, p = ca.SX.sym("x", s + 1), ca.SX.sym("p", k + 3)
    start, pressure, time = p[k], p[k + 1], p[k + 2]
    c_0 = pressure / (GAS_CONSTANT * start)
    t = x[s] * start
    v = ca.sum1(x[:s]) * x[s] if constant == "pressure" else ca.SX(1.0)
    c = x[:s] * c_0 / v
    rates = ca.vertcat(*mechanism.rates(ca.vertsplit(c), t, ca.vertsplit(p[:k]) if k else []))
    made = ca.mtimes(ca.sparsify(ca.DM(mechanism.stoichiometry.T)), rates)
    warming: Any = ca.SX(0.0)
    if adiabatic:
        h, cp = ca.vertcat(*mechanism.enthalpies(t)), ca.vertcat(*mechanism.heat_capacities(t))
        if constant == "volume":
            warming = -ca.dot(h - GAS_CONSTANT * t, made) / ca.dot(c, cp - GAS_CONSTANT)
        else:
            warming = -ca.dot(h, made) / ca.dot(c, cp)
    ode = ca.vertcat(made * v / c_0, warming / start) * time
    options = {"abstol": reltol * 1e-6, "reltol": reltol, "max_num_steps": 100000, "disable_internal_warnings": True, "show_eval_warnings": False}
    return ca.integrator("gas", "cvodes", {"x": x, "p": p, "ode": ode}, 0.0, list(np.linspace(0, 1, points)[1:]), options)
