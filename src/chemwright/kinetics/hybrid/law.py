"""Rate laws with learned parts inside: a factor on known reactions, a missing rate along a stoichiometric direction, a fading activity.

Whatever is learned, it enters as a rate times a fixed stoichiometry, so elements are conserved as far as the directions conserve them; and
every missing rate carries its reactants' concentrations as factors, so an empty species is not consumed. :class:`HybridLaw` is itself a
rate law (``model.reactors.RateLaw``) with parameters [theta, w]: simulation, reactors and flowsheet take it as they take any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.model.learners import nonnegative
from chemwright.model.lower import exp
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array, Learner
from chemwright.model.reactors import RateLaw

LINKS = ("factor", "efficiency")


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple(float(v) for v in np.ravel(value))


@frozen
class RateFactor:
    """A learned factor on chosen reactions: exp(f), or as an efficiency 1/(1 + a exp(f)) with a >= 0; both are 1 when nothing is learned.

    Args:
        reactions: indices of the reactions.
        learner: f of the state; its inputs may be pseudo-species that hold operating conditions (stirrer speed, flow), which makes a closure of it.
        link: one of :data:`LINKS`.
        name: as reports call it.
    """

    reactions: tuple[int, ...]
    learner: Learner
    link: str = field(default="factor")
    name: str = "factor"

    @link.validator
    def _known(self, attribute: object, value: str) -> None:
        if value not in LINKS:
            raise InputError(f"unknown link {value!r} of a learned factor", fix=f"one of {', '.join(LINKS)}")

    @property
    def n_weights(self) -> int:
        """The learner's, after the amplitude of an efficiency."""
        return self.learner.n_weights + (self.link == "efficiency")

    @property
    def nonnegative(self) -> tuple[int, ...]:
        """Places of the weights that may not be negative."""
        at = int(self.link == "efficiency")
        return ((0,) if at else ()) + tuple(at + i for i in nonnegative(self.learner))

    def value(self, x: Sequence[Any], w: Any) -> Any:
        """The factor at a state [c, T]."""
        if self.link == "factor":
            return exp(self.learner.evaluate(x, w))
        return 1 / (1 + w[0] * exp(self.learner.evaluate(x, w[1:])))


@frozen
class MissingRate:
    """A learned reaction: rate = scale a prod_j s_j^n_j exp(f) along a direction, a >= 0, the product over the species that it consumes, s_j = c_j/c_ref.

    The orders n_j are the coefficients where these are 1, 2 or 3, else 1: mass action, from which the learner f departs. With a = 0 (no data) there is no such reaction.

    Args:
        direction: stoichiometric coefficients of all species, negative for what it consumes.
        scale: rate at s = 1, a = 1 and the reference temperature, mol/(m^3 s).
        c_ref: reference concentration, mol/m^3.
        learner: f of the state.
        name: as reports call it, the reaction in text.
        drives: reactions of the base law whose rates are multiplied by the first consumed species' concentration (the activity of a catalyst that fades along
            this direction); empty as a rule.
    """

    direction: tuple[float, ...] = field(converter=_numbers)
    scale: float
    c_ref: float
    learner: Learner
    name: str = "missing"
    drives: tuple[int, ...] = ()

    @direction.validator
    def _consumes(self, attribute: object, value: tuple[float, ...]) -> None:
        if not any(v < 0 for v in value):
            raise InputError("a direction that consumes nothing", where=self.name, fix="give at least one negative coefficient: something must be used up")

    @property
    def consumed(self) -> tuple[int, ...]:
        """Places of the species that it uses up."""
        return tuple(j for j, v in enumerate(self.direction) if v < 0)

    def order(self, j: int) -> int:
        """Order of mass action in species j."""
        n = -self.direction[j]
        return int(round(n)) if n > 0 and abs(n - round(n)) < 1e-9 and 1 <= round(n) <= 3 else int(n > 0)

    @property
    def n_weights(self) -> int:
        """The amplitude, then the learner's."""
        return 1 + self.learner.n_weights

    @property
    def nonnegative(self) -> tuple[int, ...]:
        """Places of the weights that may not be negative."""
        return (0, *(1 + i for i in nonnegative(self.learner)))

    def value(self, x: Sequence[Any], w: Any) -> Any:
        """Rate in mol/(m^3 s) at a state [c, T]."""
        rate = self.scale * w[0] * exp(self.learner.evaluate(x, w[1:]))
        for j in self.consumed:
            s = x[j] / self.c_ref
            for _ in range(self.order(j)):
                rate = rate * s
        return rate


Part = RateFactor | MissingRate


def _parts(value: Any) -> tuple[Part, ...]:
    return tuple(value)


@frozen
class HybridLaw:
    """A rate law with learned parts; theta = [base law's parameters, each part's weights].

    Args:
        base: the known rates.
        parts: what is learned.
    """

    base: RateLaw
    parts: tuple[Part, ...] = field(default=(), converter=_parts)

    @parts.validator
    def _fits(self, attribute: object, value: tuple[Part, ...]) -> None:
        r, s = self.base.stoichiometry.shape
        for part in value:
            if isinstance(part, MissingRate) and len(part.direction) != s:
                raise InputError(f"a direction of {len(part.direction)} coefficients", where=part.name, fix=f"the law has {s} species")
            reactions = part.reactions if isinstance(part, RateFactor) else part.drives
            if any(not 0 <= i < r for i in reactions):
                raise InputError(f"reactions {reactions}", where=part.name, fix=f"the law has {r} reactions, counted from 0")

    @property
    def missing(self) -> tuple[MissingRate, ...]:
        """The learned reactions, in the order of the rows that they add."""
        return tuple(p for p in self.parts if isinstance(p, MissingRate))

    @property
    def stoichiometry(self) -> Array:
        """nu of the base law, then one row a missing rate."""
        return np.vstack([self.base.stoichiometry, *[np.array(p.direction)[None, :] for p in self.missing]])

    @property
    def n_parameters(self) -> int:
        """Of the base law and of all parts."""
        return self.base.n_parameters + sum(p.n_weights for p in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The base law's names, then ``w.0`` ..."""
        known = tuple(getattr(self.base, "names", ())) or tuple(f"theta.{i}" for i in range(self.base.n_parameters))
        return known + tuple(f"w.{i}" for i in range(self.n_parameters - len(known)))

    @property
    def start(self) -> Gaussian | None:
        """Prior on [theta, w], where the base law has one: so that any fit of rate laws takes a hybrid too."""
        given = getattr(self.base, "start", None)
        return None if given is None else self.prior(given)

    @property
    def nonnegative(self) -> tuple[int, ...]:
        """Places in theta that may not be negative."""
        out = []
        for part, at in zip(self.parts, self.offsets, strict=True):
            out += [at + i for i in part.nonnegative]
        return tuple(out)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where each part's weights begin in theta."""
        ends = np.cumsum([self.base.n_parameters, *[p.n_weights for p in self.parts]])
        return tuple(int(e) for e in ends[:-1])

    def prior(self, base: Gaussian) -> Gaussian:
        """Prior on [theta, w]: the base law's, and unit normals on the weights (half-normal where they may not be negative)."""
        p, n = self.base.n_parameters, self.n_parameters
        cov = np.eye(n)
        cov[:p, :p] = base.cov
        return Gaussian(np.concatenate([base.mean, np.zeros(n - p)]), cov)

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """Rates in mol/(m^3 s): the base law's with their factors, then the missing ones."""
        p = self.base.n_parameters
        rates = list(self.base.rates(c, temperature, [theta[i] for i in range(p)]))
        x, more = [*c, temperature], []
        for part, at in zip(self.parts, self.offsets, strict=True):
            value = part.value(x, [theta[at + i] for i in range(part.n_weights)])
            if isinstance(part, MissingRate):
                more.append(value)
                rates = [r * c[part.consumed[0]] if i in part.drives else r for i, r in enumerate(rates)]
            else:
                rates = [r * value if i in part.reactions else r for i, r in enumerate(rates)]
        return rates + more

    def learned(self, states: Array, theta: Array) -> list[tuple[Array, Array]]:
        """Each part's value and its sensitivity to the part's weights at states (N, S + 1).

        Returns:
            one (value (N,), d value/dw (N, n_weights)) a part: a factor, or a rate in mol/(m^3 s).
        """
        out = []
        for part, at in zip(self.parts, self.offsets, strict=True):
            w = np.asarray(theta[at : at + part.n_weights], dtype=float)
            lead = int(part.n_weights - part.learner.n_weights)
            _, df = part.learner.design(states, w[lead:])
            value = np.asarray(part.value(list(states.T), w), dtype=float) * np.ones(len(states))
            if isinstance(part, MissingRate):
                first = np.asarray(part.value(list(states.T), np.concatenate([[1.0], w[1:]])), dtype=float)
                jac = np.hstack([first[:, None], value[:, None] * df])
            elif part.link == "efficiency":
                e = np.exp(np.asarray(part.learner.evaluate(list(states.T), w[1:]), dtype=float) * np.ones(len(states)))
                jac = -(value**2)[:, None] * np.hstack([e[:, None], (w[0] * e)[:, None] * df])
            else:
                jac = value[:, None] * df
            out.append((value, jac))
        return out


@frozen
class Widened:
    """A law over the first species of a longer row; those after it (operating conditions, an activity) take no part in its reactions."""

    law: RateLaw
    extra: int

    @property
    def stoichiometry(self) -> Array:
        """The law's, with columns of zeros."""
        nu = self.law.stoichiometry
        return np.hstack([nu, np.zeros((len(nu), self.extra))])

    @property
    def n_parameters(self) -> int:
        """The law's."""
        return self.law.n_parameters

    @property
    def names(self) -> tuple[str, ...]:
        """The law's."""
        return tuple(getattr(self.law, "names", ()))

    @property
    def start(self) -> Any:
        """The law's, or nothing."""
        return getattr(self.law, "start", None)

    def rates(self, c: Sequence[Any], temperature: Any, theta: Sequence[Any]) -> list[Any]:
        """The law's rates of the first species."""
        return self.law.rates(list(c)[: self.law.stoichiometry.shape[1]], temperature, theta)
