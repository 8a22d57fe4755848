"""Learners of a rate's dependence on the local state, in the form f(x; w) with w ~ N(0, I): see :class:`chemwright.model.protocol.Learner`.

The state x is [concentrations of all species (mol/m^3), temperature (K)]. With w = 0 each of them is 0, so the mechanism speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.model.gas import GAS_CONSTANT
from chemwright.model.lower import exp, fmax, log, tanh
from chemwright.model.protocol import Array, Learner


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple(float(v) for v in np.ravel(value))


def _whole(value: Any) -> tuple[int, ...]:
    return tuple(int(v) for v in np.ravel(value))


@frozen
class PowerLaw:
    """f = -(E/R)(1/T - 1/T_ref) + sum_j m_j ln((s_j + K_j)/(a + K_j)) with s_j = c_j/c_ref,j: Arrhenius times saturating powers.

    ``exp(f)`` holds mass action (m = 1, any small K), autocatalysis with a background (m = 1), inhibition 1/(1 + s/K) (m = -1), saturation
    (m = -1 on a reactant of first order) and orders between. Weights: E where ``energy_sd`` > 0, then m_j, then ln K_j, each as
    mean + sd w.

    Args:
        species: places of the species that it sees.
        c_ref: their reference concentrations, mol/m^3.
        t_ref: reference temperature, K.
        energy: prior mean of E, J/mol.
        energy_sd: its prior standard deviation; 0 takes the temperature out.
        order_sd: prior standard deviation of every m.
        knee: prior median of every K.
        knee_sd: prior standard deviation of ln K.
        anchor: a, the s at which f does nothing: 1 for a rate that is told at the references, 0 for a factor that is 1 where a species is absent.
        fixed: orders that are given (then their weights do nothing), nan where learned; empty when all are learned.
    """

    species: tuple[int, ...] = field(converter=_whole)
    c_ref: tuple[float, ...] = field(converter=_numbers)
    t_ref: float
    energy: float = 0.0
    energy_sd: float = 0.0
    order_sd: float = 0.7
    knee: float = 0.2
    knee_sd: float = 1.0
    anchor: float = 1.0
    fixed: tuple[float, ...] = field(default=(), converter=_numbers)
    smooth: bool = True

    def given(self, j: int) -> float | None:
        """The order of the j-th of its species where it is given."""
        return self.fixed[j] if self.fixed and np.isfinite(self.fixed[j]) else None

    @property
    def n_weights(self) -> int:
        """E if it is learned, then two a species."""
        return (1 if self.energy_sd else 0) + 2 * len(self.species)

    def parameters(self, w: Any) -> tuple[Any, list[Any], list[Any]]:
        """E (J/mol), orders m and knees K from the weights."""
        at, n = (1 if self.energy_sd else 0), len(self.species)
        energy = self.energy + (self.energy_sd * w[0] if at else 0.0)
        orders = [self.order_sd * w[at + j] if self.given(j) is None else self.given(j) for j in range(n)]
        return energy, orders, [self.knee * exp(self.knee_sd * w[at + n + j]) for j in range(n)]

    def evaluate(self, x: Any, w: Any) -> Any:
        """f at one state: numbers, arrays or symbols."""
        energy, orders, knees = self.parameters(w)
        f = -energy / GAS_CONSTANT * (1 / x[-1] - 1 / self.t_ref)
        for j, ref, m, k in zip(self.species, self.c_ref, orders, knees, strict=True):
            f = f + m * log((fmax(x[j], 0.0) / ref + k) / (self.anchor + k))
        return f

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """f (N,) and df/dw (N, n_weights) at states x (N, S + 1)."""
        energy, orders, knees = self.parameters(w)
        tau = -(1 / x[:, -1] - 1 / self.t_ref) / GAS_CONSTANT
        s = np.maximum(x[:, list(self.species)], 0.0) / np.array(self.c_ref)
        m, k = np.array(orders), np.array(knees)
        logs = np.log((s + k) / (self.anchor + k))
        by_knee = m * k * (1 / (s + k) - 1 / (self.anchor + k)) * self.knee_sd
        parts = ([self.energy_sd * tau[:, None]] if self.energy_sd else []) + [self.order_sd * logs * np.array([float(self.given(j) is None) for j in range(len(k))]), by_knee]
        return energy * tau + logs @ m, np.hstack(parts)


@frozen(eq=False)
class OnState:
    """A learner that sees ln(c_j/c_ref,j + knee) of chosen species and 1000 K/T, so that its length scales mean factors and activation energies.

    Args:
        learner: the learner of those features.
        species: places of the species.
        c_ref: reference concentrations, mol/m^3.
        knee: what keeps the logarithm finite at c = 0.
        thermal: whether the temperature is among the features.
    """

    learner: Learner
    species: tuple[int, ...] = field(converter=_whole)
    c_ref: tuple[float, ...] = field(converter=_numbers)
    knee: float = 0.1
    thermal: bool = True

    @property
    def smooth(self) -> bool:
        """As the learner."""
        return self.learner.smooth

    @property
    def n_weights(self) -> int:
        """As the learner."""
        return self.learner.n_weights

    def features(self, x: Any) -> list[Any]:
        """What the learner sees of one state, or of columns of states."""
        logs = [log(fmax(x[j], 0.0) / ref + self.knee) for j, ref in zip(self.species, self.c_ref, strict=True)]
        return logs + ([1000.0 / x[-1]] if self.thermal else [])

    def evaluate(self, x: Any, w: Any) -> Any:
        """f at one state."""
        return self.learner.evaluate(self.features(x), w)

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """f (N,) and df/dw at states x (N, S + 1)."""
        return self.learner.design(np.stack(self.features(list(x.T)), axis=1), w)


@frozen
class MonotonePerceptron:
    """One hidden tanh layer that rises (or falls) in chosen inputs: f = a/sqrt(H) sum_h v_h (tanh(U_h z + b_h) - tanh(b_h)).

    Weights on monotone inputs are +/- exp(u - 1) and the output weights v may not be negative (a half-normal prior, see ``nonnegative``), so the
    sign of the slope holds; the other weights are free. f is zero at z = 0, and everywhere when v = 0.
    (Sill 1998, Adv. Neural Inf. Process. Syst. 10, 661, has weights as exponentials.)

    Args:
        signs: +1 (rises), -1 (falls) or 0 (free) for each input.
        hidden: H.
        amplitude: scale a of f.
        centre, scale: inputs are scaled as (x - centre)/scale.
    """

    signs: tuple[int, ...] = field(converter=_whole)
    hidden: int
    amplitude: float
    centre: tuple[float, ...] = field(converter=_numbers)
    scale: tuple[float, ...] = field(converter=_numbers)
    smooth: bool = True

    @signs.validator
    def _known(self, attribute: object, value: tuple[int, ...]) -> None:
        if any(s not in (-1, 0, 1) for s in value):
            raise InputError(f"signs {value} of a monotone learner", fix="give +1, -1 or 0 for each input")
        if value and not any(value):
            raise InputError("a monotone learner with no monotone input", fix="give at least one sign, or use a plain perceptron")

    @property
    def n_weights(self) -> int:
        """H (D + 2)."""
        return self.hidden * (len(self.signs) + 2)

    @property
    def nonnegative(self) -> tuple[int, ...]:
        """Places of the output weights."""
        d = len(self.signs)
        return tuple(h * (d + 2) + d + 1 for h in range(self.hidden))

    def evaluate(self, x: Any, w: Any) -> Any:
        """f at one point: numbers, arrays or symbols."""
        d, out = len(self.signs), 0.0
        for h in range(self.hidden):
            at = h * (d + 2)
            a = w[at + d]
            for j, sign in enumerate(self.signs):
                slope = sign * exp(w[at + j] - 1) if sign else w[at + j]
                a = a + slope * ((x[j] - self.centre[j]) / self.scale[j])
            out = out + w[at + d + 1] * (tanh(a) - tanh(w[at + d]))
        return self.amplitude / np.sqrt(self.hidden) * out

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """f (N,) and df/dw (N, n_weights)."""
        z = (x - np.array(self.centre)) / np.array(self.scale)
        weights = np.asarray(w, dtype=float).reshape(self.hidden, len(self.signs) + 2)
        u, b, v = weights[:, :-2], weights[:, -2], weights[:, -1]
        sign = np.array(self.signs)
        slope = np.where(sign, sign * np.exp(u - 1), u)
        t, t0 = np.tanh(z @ slope.T + b), np.tanh(b)
        c = self.amplitude / np.sqrt(self.hidden)
        inner = c * v * (1 - t**2)
        by_u = inner[:, :, None] * z[:, None, :] * np.where(sign, slope, 1.0)
        by_b = inner - c * v * (1 - t0**2)
        jac = np.concatenate([by_u, by_b[:, :, None], (c * (t - t0))[:, :, None]], axis=2)
        return c * (t - t0) @ v, jac.reshape(len(z), -1)


@frozen(eq=False)
class Sum:
    """The sum of learners, their weights one after the other."""

    terms: tuple[Learner, ...]

    @property
    def smooth(self) -> bool:
        """Whether all are."""
        return all(t.smooth for t in self.terms)

    @property
    def n_weights(self) -> int:
        """Of all together."""
        return sum(t.n_weights for t in self.terms)

    @property
    def nonnegative(self) -> tuple[int, ...]:
        """Places of the weights that may not be negative."""
        out, at = [], 0
        for t in self.terms:
            out += [at + i for i in nonnegative(t)]
            at += t.n_weights
        return tuple(out)

    def _split(self, w: Any) -> list[Any]:
        out, at = [], 0
        for t in self.terms:
            out.append(w[at : at + t.n_weights])
            at += t.n_weights
        return out

    def evaluate(self, x: Any, w: Any) -> Any:
        """f at one point."""
        return sum((t.evaluate(x, part) for t, part in zip(self.terms, self._split(w), strict=True)), 0.0)

    def design(self, x: Array, w: Array) -> tuple[Array, Array]:
        """f (N,) and df/dw (N, n_weights)."""
        pairs = [t.design(x, part) for t, part in zip(self.terms, self._split(w), strict=True)]
        return sum((f for f, _ in pairs), np.zeros(len(x))), np.hstack([j for _, j in pairs])


def nonnegative(learner: Any) -> tuple[int, ...]:
    """Places of a learner's weights that have a half-normal prior instead of a normal one."""
    places: tuple[int, ...] = getattr(learner, "nonnegative", ())
    return places


def box_points(low: Sequence[float], high: Sequence[float], n: int) -> Array:
    """n points that fill a box evenly (Sobol's sequence, unscrambled), shape (n, D): where a process gets its inducing points."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(len(low), scramble=False)
    unit = sampler.random_base2(int(np.ceil(np.log2(max(n, 2)))))[:n]
    return np.asarray(np.asarray(low) + unit * (np.asarray(high) - np.asarray(low)), dtype=float)
