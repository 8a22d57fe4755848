"""Flashes at given pressure and enthalpy or entropy: the temperature is found around the flash at T and P, across any phase boundary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.thermo.equilibrium.feeds import condition, fractions
from chemwright.thermo.equilibrium.fluid import R_GAS, Array, Fluid, Index, log_fractions
from chemwright.thermo.equilibrium.ideal_gas import IdealGas
from chemwright.thermo.equilibrium.result import Equilibrium, EquilibriumBatch, Phase
from chemwright.thermo.equilibrium.tp import flash_batch

T_LOW, T_HIGH = 100.0, 1500.0


@frozen(eq=False)
class Caloric:
    """A mixture's enthalpy and entropy: ideal gases and the departure that the fugacity coefficients imply, h - h_ideal = -R T^2 sum x d ln phi/dT.

    Args:
        fluid: model of the mixture.
        gas: ideal gases of the same species.
    """

    fluid: Fluid
    gas: IdealGas

    def of_batch(self, batch: EquilibriumBatch) -> tuple[Array, Array]:
        """Molar enthalpy [J/mol] and entropy [J/(mol K)] of the feeds of a batch, shape (n,) each; against the pure ideal gases at 298.15 K and 100000 Pa."""
        n, p, c = batch.x.shape
        there = batch.kinds >= 0
        x = np.where(np.isfinite(batch.x), batch.x, 1.0 / c).reshape(n * p, c)
        h, s = self.of_phases(np.repeat(batch.T, p), np.repeat(batch.P, p), x, np.maximum(batch.kinds, 0).reshape(-1))
        share = np.where(there, batch.amounts, 0.0)
        return np.sum(share * h.reshape(n, p), axis=1), np.sum(share * s.reshape(n, p), axis=1)

    def of_phases(self, T: Array, P: Array, x: Array, kinds: Any) -> tuple[Array, Array]:
        """Molar enthalpy [J/mol] and entropy [J/(mol K)], shape (n,) each, of phases at T (n,), P (n,), mole fractions x (n, c) and kinds (n,)."""
        state = self.fluid.at(T, P)
        residual_h = -R_GAS * T**2 * np.sum(x * state.ln_phi_dT(x, kinds), axis=1)
        residual_g = R_GAS * T * np.sum(x * state.ln_phi(x, kinds), axis=1)
        h = np.sum(x * self.gas.enthalpy(T), axis=1) + residual_h
        s = np.sum(x * (self.gas.entropy(T, P) - R_GAS * log_fractions(x)), axis=1) + (residual_h - residual_g) / T
        return h, s

    def of(self, answer: Equilibrium) -> tuple[float, float]:
        """The same of one answer."""
        kinds = np.array([0 if p.kind == "liquid" else 1 for p in answer.phases], dtype=np.int8)
        n = len(kinds)
        h, s = self.of_phases(np.full(n, answer.T), np.full(n, answer.P), np.array([p.x for p in answer.phases]), kinds)
        share = np.array([p.amount for p in answer.phases])
        return float(share @ h), float(share @ s)


def flash_ph(caloric: Caloric, z: Any, P: Any, H: Any, *, T_low: float = T_LOW, T_high: float = T_HIGH) -> list[Equilibrium]:
    """Phases and temperature of feeds at pressure P [Pa] and molar enthalpy H [J/mol] (zero: pure ideal gases at 298.15 K).

    Enthalpy rises with temperature at constant pressure, so a bracket always holds the answer. Where it jumps (a pure substance boils, or three phases of two species meet) the bracket shrinks onto the jump, and the phases below and above it are
    combined so that the enthalpy is met.

    Args:
        caloric: model with ideal gases.
        z: mole fractions, shape (c,) or (n, c), each summing to one.
        P: pressure [Pa], one or n.
        H: molar enthalpy [J/mol], one or n.
        T_low: lowest temperature looked at [K].
        T_high: highest [K].

    Raises:
        InputError: bad feed, pressure or enthalpy, or an enthalpy not met between the temperatures.
        ConvergenceError: a flash on the way did not converge.
    """
    return _outer(caloric, z, P, H, "H", (T_low, T_high))


def flash_ps(caloric: Caloric, z: Any, P: Any, S: Any, *, T_low: float = T_LOW, T_high: float = T_HIGH) -> list[Equilibrium]:
    """The same at a molar entropy S [J/(mol K)] (zero: pure ideal gases at 298.15 K and 100000 Pa); see :func:`flash_ph`."""
    return _outer(caloric, z, P, S, "S", (T_low, T_high))


def _outer(caloric: Caloric, z: Any, P: Any, goal: Any, name: str, limits: tuple[float, float]) -> list[Equilibrium]:
    """Bracket, shrink, and combine."""
    feed = fractions(z, caloric.fluid.ids)
    n = len(feed)
    pressure, wanted = condition(P, n, "P"), _goal(goal, n, name)

    def at(T: Array, rows: Index) -> tuple[EquilibriumBatch, Array]:
        batch = flash_batch(caloric.fluid, feed[rows], T, pressure[rows])
        return batch, caloric.of_batch(batch)[0 if name == "H" else 1] - wanted[rows]

    everything = np.arange(n)
    low, high = np.full(n, limits[0]), np.full(n, limits[1])
    f_low, f_high = at(low, everything)[1], at(high, everything)[1]
    bad = np.flatnonzero((f_low > 0.0) | (f_high < 0.0))
    if bad.size:
        r = int(bad[0])
        raise InputError(
            f"{name} = {wanted[r]:.6g} is not met between {limits[0]:g} K ({wanted[r] + f_low[r]:.6g}) and {limits[1]:g} K ({wanted[r] + f_high[r]:.6g})",
            where=f"{name}, feed {r}",
            fix="check the unit (J/mol, J/(mol K)) and the reference, or widen T_low and T_high",
        )
    low, high = _shrink(at, low, high, f_low, f_high)
    under, f_low = at(low, everything)
    over, f_high = at(high, everything)
    return [_combine(under[r], over[r], float(f_low[r]), float(f_high[r]), name) for r in range(n)]


def _shrink(at: Callable[[Array, Index], tuple[EquilibriumBatch, Array]], low: Array, high: Array, f_low: Array, f_high: Array) -> tuple[Array, Array]:
    """Brackets down to 1e-12 of T or an exact answer: Chandrupatla's inverse quadratic steps (Adv. Eng. Softw. 28 (1997) 145) where they are safe, halving otherwise."""
    a, b, fa, fb = high.copy(), low.copy(), f_high.copy(), f_low.copy()
    c, fc = a.copy(), fa.copy()
    t = np.full(len(a), 0.5)
    live = np.arange(len(a))
    scale = np.maximum(np.abs(f_low), np.abs(f_high))
    for _ in range(200):
        x = a[live] + t[live] * (b[live] - a[live])
        _, fx = at(x, live)
        same = np.sign(fx) == np.sign(fa[live])
        c[live], fc[live] = np.where(same, a[live], b[live]), np.where(same, fa[live], fb[live])
        b[live], fb[live] = np.where(same, b[live], a[live]), np.where(same, fb[live], fa[live])
        a[live], fa[live] = x, fx
        width = np.abs(b - a)
        live = live[(width[live] > 1e-12 * np.abs(a[live])) & (np.abs(fa[live]) > 1e-14 * scale[live])]
        if not live.size:
            break
        aa, bb, cc, ga, gb, gc = (v[live] for v in (a, b, c, fa, fb, fc))
        with np.errstate(divide="ignore", invalid="ignore"):
            xi, ph = (aa - bb) / (cc - bb), (ga - gb) / (gc - gb)
            step = ga / (gb - ga) * gc / (gb - gc) + (cc - aa) / (bb - aa) * ga / (gc - ga) * gb / (gc - gb)
            safe = (ph**2 < xi) & ((1.0 - ph) ** 2 < 1.0 - xi) & np.isfinite(step)
        tiny = 0.5e-12 * np.abs(aa) / np.maximum(width[live], 1e-300)
        t[live] = np.where(safe, np.clip(step, tiny, 1.0 - tiny), 0.5)
    if live.size:
        raise ConvergenceError(
            "the temperature of a flash did not settle", fix="narrow T_low and T_high", residuals={"width of the bracket [K]": float(np.max(np.abs(b - a)[live]))}
        )
    exact = np.abs(fa) <= 1e-14 * scale
    return np.where(exact, a, np.minimum(a, b)), np.where(exact, a, np.maximum(a, b))


def _combine(under: Equilibrium, over: Equilibrium, f_low: float, f_high: float, name: str) -> Equilibrium:
    """The answer between two flashes a hair apart: either, or at a jump both in shares that meet the goal."""
    if f_high <= f_low:
        return under
    share = min(max(-f_low / (f_high - f_low), 0.0), 1.0)
    if [p.kind for p in under.phases] == [p.kind for p in over.phases] and max(abs(a.amount - b.amount) for a, b in zip(under.phases, over.phases, strict=True)) < 1e-6:
        return under if share < 0.5 else over
    phases: list[Phase] = [evolve(p, amount=(1.0 - share) * p.amount) for p in under.phases]
    for new in over.phases:
        twin = next((k for k, p in enumerate(phases) if p.kind == new.kind and float(np.max(np.abs(p.x - new.x))) < 1e-5), None)
        added = share * new.amount
        if twin is None:
            phases.append(evolve(new, amount=added))
            continue
        old = phases[twin]
        total = old.amount + added
        phases[twin] = evolve(old, amount=total, x=(old.amount * old.x + added * new.x) / total if total > 0.0 else old.x)
    kept = sorted((p for p in phases if p.amount > 0.0), key=lambda p: (p.kind != "vapour", -p.Z, -p.amount))
    return evolve(under, phases=tuple(kept), gibbs=(1.0 - share) * under.gibbs + share * over.gibbs)


def _goal(value: Any, n: int, name: str) -> Array:
    unit = "J/mol" if name == "H" else "J/(mol K)"
    try:
        out = np.array(value, dtype=float).reshape(-1)
    except (TypeError, ValueError) as e:
        raise InputError(f"{name} {value!r} is not a number", where=name, fix=f"give {unit}") from e
    if out.size not in (1, n) or not np.all(np.isfinite(out)):
        raise InputError(f"{name} {value!r} given, one finite number or {n} expected", where=name, fix=f"give {unit}")
    return np.broadcast_to(out, (n,)).copy()
