"""Heat-flow calorimetry: what a network's heat looks like through a calorimeter of first order, and the integral of a trace.

A reacting volume gives off q = V sum (-dH_i) r_i. The calorimeter shows it late, lag dq_m/dt = q - q_m, so that the heat given off
until a time is the integral of the trace plus lag times its rise: int q dt = int q_m dt + lag (q_m(t) - q_m(0)) (Tian's equation;
W. Zielenkiewicz and E. Margas, Theory of Calorimetry, 2002).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.observables import Linear
from chemwright.kinetics.runs import Run
from chemwright.model.lower import exp
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array


@frozen
class Lagged:
    """A rate law seen through a lag of first order: lag dy_i/dt = r_i - y_i for each reaction, as further states beside the species.

    The states are ``scale`` * y_i in mol/m^3, named ``rate(<id>)``; theta has ln lag (s) behind the law's parameters. Any reactor of
    a batch can run it, so that lagged heat is a weighted sum of states, with exact slopes.

    Args:
        law: rates and species.
        ids: of its reactions.
        scale: s, so that the states are of the size of concentrations: the length of a trace.
        lag: fixed at this many seconds; ``None``: a parameter.
        start: prior mean of the lag, s.
    """

    law: Any
    ids: tuple[str, ...]
    scale: float
    lag: float | None = None
    start_lag: float = 60.0

    @property
    def species(self) -> tuple[str, ...]:
        """Those of the law, then the lagged rates."""
        return (*self.law.species, *(f"rate({i})" for i in self.ids))

    @property
    def stoichiometry(self) -> Array:
        """nu of the law and a unit matrix, shape (2 R, S + R)."""
        nu = self.law.stoichiometry
        r, s = nu.shape
        return np.block([[nu, np.zeros((r, r))], [np.zeros((r, s)), np.eye(r)]])

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the law, and ``lag`` where it is free."""
        return (*self.law.names, *(() if self.lag is not None else ("lag",)))

    @property
    def n_parameters(self) -> int:
        """One more than the law where the lag is free."""
        return int(self.law.n_parameters) + (self.lag is None)

    @property
    def start(self) -> Gaussian:
        """The law's prior; the lag within a factor of three."""
        prior: Gaussian = self.law.start
        if self.lag is not None:
            return prior
        k = len(prior.mean)
        cov = np.zeros((k + 1, k + 1))
        cov[:k, :k], cov[k, k] = prior.cov, np.log(3.0) ** 2
        return Gaussian(np.append(prior.mean, np.log(self.start_lag)), cov)

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates of the law, then how fast its lagged rates change, mol/(m^3 s)."""
        s, k = len(self.law.species), self.law.n_parameters
        lag = exp(theta[k]) if self.lag is None else self.lag
        r = self.law.rates([c[j] for j in range(s)], temperature, [theta[j] for j in range(k)])
        return [*r, *((v * self.scale - c[s + i]) / lag for i, v in enumerate(r))]


def lagged_heat(law: Any, enthalpies: Mapping[str, float], scale: float, lag: float | None = None) -> tuple[Lagged, Linear]:
    """A rate law and the observable of its lagged heat, W/m^3, for fits beside concentrations.

    Args:
        law: with ``reactions``.
        enthalpies: reaction id to dH, J/mol; all of them.
        scale: about the length of the traces, s.
        lag: s; ``None`` fits it.

    Raises:
        InputError: a reaction without enthalpy, or an unknown one.
    """
    ids = ids_of(law)
    for i in enthalpies:
        if i not in ids:
            raise InputError(f"an enthalpy of {i!r}, which is no reaction", where="enthalpies", fix=did_you_mean(i, ids))
    missing = [i for i in ids if i not in enthalpies]
    if missing:
        raise InputError(f"no enthalpy of {missing[0]!r}", where="enthalpies", fix="give dH of every reaction, 0 for one without heat, or fit them with fit_heat")
    return Lagged(law, ids, scale, lag), Linear("heat_flow", tuple((f"rate({i})", -enthalpies[i] / scale) for i in ids), unit="W/m^3")


def ids_of(law: Any) -> tuple[str, ...]:
    """Ids of a law's reactions, in the order of its rates."""
    reactions = getattr(law, "reactions", None) or law.network.reactions
    return tuple(r.id for r in reactions)


def _row(values: Any) -> Array:
    return np.atleast_1d(np.asarray(values, dtype=float))


@frozen(eq=False)
class HeatTrace:
    """A heat-flow trace of an isothermal batch.

    Args:
        run: feed, temperature and times (s, from 0 where dosing ends); its readings are not used.
        heat: heat flow, W, positive when heat is given off, shape (n,).
        volume: of the reacting liquid, m^3.
    """

    run: Run
    heat: Array = field(converter=_row)
    volume: float

    def __attrs_post_init__(self) -> None:
        where = self.run.where or f"run {self.run.id!r}"
        if self.run.reactor != "batch" or not isinstance(self.run.temperature, int | float):
            raise InputError("a heat-flow trace is of an isothermal batch", where=where, fix="give reactor = 'batch' and one temperature")
        if self.heat.shape != self.run.times.shape or not np.all(np.isfinite(self.heat)):
            raise InputError(
                f"{len(self.heat)} readings of heat for {len(self.run.times)} times, or one that is no number", where=where, fix="give a finite reading for each time, in W"
            )
        if not (np.isfinite(self.volume) and self.volume > 0):
            raise InputError(f"volume {self.volume!r} m^3", where=where, fix="give the volume of the reacting liquid")


@frozen(eq=False)
class IntegralHeat:
    """The integral of a trace.

    Args:
        total: heat given off from the first to the last reading, J.
        std: from the noise of the readings, J.
        thermal_conversion: share of the total given off until each time, shape (n,).
        left: share of the largest heat flow that the last reading still shows: a trace that was cut early is above a few percent.
    """

    total: float
    std: float
    thermal_conversion: Array
    left: float


def integral_heat(trace: HeatTrace, *, lag: float = 0.0, baseline: Array | float = 0.0, noise: float = 0.0) -> IntegralHeat:
    """Heat from a trace alone, without kinetics: its integral by trapezia, and the heat still stored by the lag.

    Args:
        trace: heat over time.
        lag: s.
        baseline: W, to be taken off; a number or one for each time.
        noise: standard deviation of a reading, W.
    """
    t, q = trace.run.times, trace.heat - baseline
    steps = np.diff(t)
    until = np.concatenate([[0.0], np.cumsum(0.5 * steps * (q[1:] + q[:-1]))]) + lag * (q - q[0])
    weight = np.zeros(len(t))
    weight[:-1] += 0.5 * steps
    weight[1:] += 0.5 * steps
    weight[-1] += lag
    weight[0] -= lag
    total = float(until[-1])
    return IntegralHeat(total, float(noise * np.sqrt(np.sum(weight**2))), until / total if total else until, float(abs(q[-1]) / max(np.max(np.abs(q)), 1e-300)))
