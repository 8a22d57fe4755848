"""Hybrid: one mechanism and one learner, trained together, with a joint posterior.

Three joins:

* ``residual``: y = m(theta, x) + f(x);
* ``parameter``: y = m(theta + d f(x), x), the learner moves parameters along a direction d (for rate constants on their
  logarithm f is a rate factor), so whatever the mechanism conserves stays conserved;
* ``closure``: the learner stands inside the equations as a function of the local state; the mechanism then takes its
  weights as further parameters (see ``kinetics.closure``).

The learner's weights carry a Gaussian prior, so with no data the mechanism speaks, and away from the data the spread of
the learner returns. Mechanism and learner share one parameter vector [theta, w] and one fit, which keeps their
correlation (Kennedy and O'Hagan 2001, J. R. Stat. Soc. B 63, 425).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import InputError
from chemwright.model.mlp import Perceptron
from chemwright.model.posterior import Gaussian, MapFit, fit_map
from chemwright.model.protocol import Array, Learner, Mechanism, Prediction

JOINS = ("none", "residual", "parameter", "closure")
LearnerKind = Learner


@frozen(eq=False)
class Hybrid:
    """Mechanism + learner; the same object serves regression, design and every later use.

    Args:
        mechanism: the equations.
        prior: Gaussian on the mechanism's parameters (P,).
        learner: the learned part, or ``None`` for the mechanism alone.
        join: one of :data:`JOINS`.
        direction: d of the ``parameter`` join, shape (P,).
        sigma: noise standard deviation on the fit scale.
        noise_dof: degrees of freedom that the prior on sigma is worth, 1/(2 s^2) for a log-normal of width s.
        fit: result of training, ``None`` before.
        x_train: conditions it was trained on, shape (N, D).
        sources: ids of the sources that the training data and prior rest on.
    """

    mechanism: Mechanism
    prior: Gaussian
    learner: LearnerKind | None = None
    join: str = field(default="none")
    direction: Array = field(factory=lambda: np.zeros(0))
    sigma: float = 0.02
    noise_dof: float = 0.0
    fit: MapFit | None = None
    x_train: Array = field(factory=lambda: np.zeros((0, 0)))
    sources: tuple[str, ...] = ()

    @join.validator
    def _known(self, attribute: object, value: str) -> None:
        if value not in JOINS:
            raise InputError(f"unknown join {value!r}", fix=f"one of {', '.join(JOINS)}")
        if (self.learner is None) != (value == "none"):
            raise InputError(f"join {value!r} {'needs a' if self.learner is None else 'takes no'} learner", fix="give both or neither")

    @property
    def n_theta(self) -> int:
        """Number of mechanism parameters, P."""
        return len(self.prior.mean)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters, weights as ``w.0`` ..."""
        weights = self.learner.n_weights if self.learner is not None else 0
        return tuple(self.mechanism.names[: self.n_theta]) + tuple(f"w.{i}" for i in range(weights))

    def joint_prior(self) -> Gaussian:
        """Prior on [theta, w]: block diagonal, unit normal on the weights."""
        m = 0 if self.learner is None else self.learner.n_weights
        cov = np.eye(self.n_theta + m)
        cov[: self.n_theta, : self.n_theta] = self.prior.cov
        return Gaussian(np.concatenate([self.prior.mean, np.zeros(m)]), cov)

    def evaluate(self, phi: Array, x: Array, *, jacobian: bool = True) -> tuple[Array, Array]:
        """Observable (N,) and its sensitivities (N, P + M) at phi = [theta, w] and conditions x (N, D)."""
        theta, w = phi[: self.n_theta], phi[self.n_theta :]
        if self.learner is None or self.join == "none":
            return self.mechanism.evaluate(theta, x, jacobian=jacobian)
        if self.join == "closure":
            return self.mechanism.evaluate(phi, x, jacobian=jacobian)
        f, df = self.learner.design(x, w)
        if self.join == "residual":
            y, jac = self.mechanism.evaluate(theta, x, jacobian=jacobian)
            return y + f, np.hstack([jac, df]) if jacobian else jac
        y, jac = self.mechanism.evaluate(theta + f[:, None] * self.direction, x, jacobian=jacobian)
        return y, np.hstack([jac, (jac @ self.direction)[:, None] * df]) if jacobian else jac

    def parameters_at(self, x: Any, phi: Any) -> list[Any]:
        """Mechanism parameters at one condition, for use inside another model; numbers or CasADi symbols."""
        theta = [phi[i] for i in range(self.n_theta)]
        if self.join != "parameter" or self.learner is None:
            return theta
        f = self.learner.evaluate(x, [phi[self.n_theta + i] for i in range(self.learner.n_weights)])
        return [t + d * f if d else t for t, d in zip(theta, self.direction, strict=True)]

    def train(self, x: Array, y: Array, starts: list[Array] | None = None) -> Hybrid:
        """Fit to observations; starts are in [theta, w] or in theta alone (weights start at their prior mean).

        Args:
            x: conditions, shape (N, D).
            y: observations on the fit scale, shape (N,).
            starts: starting points.

        Raises:
            ConvergenceError: no start converged.
        """
        prior = self.joint_prior()
        first = self.learner.start(0) if isinstance(self.learner, Perceptron) else np.zeros(len(prior.mean) - self.n_theta)
        full = [np.concatenate([s, first]) if len(s) == self.n_theta else s for s in (starts or [prior.mean[: self.n_theta]])]
        fit = fit_map(lambda phi: self.evaluate(phi, x), y, self.sigma, prior, full)
        return evolve(self, fit=fit, x_train=x)

    def predict(self, x: Array) -> Prediction:
        """Mean, spread and domain at conditions x (N, D), on the fit scale.

        Raises:
            InputError: not trained.
        """
        if self.fit is None:
            raise InputError("this model is not trained", fix="call train(x, y) first")
        y, jac = self.evaluate(self.fit.posterior.mean, x)
        var = np.einsum("ni,ij,nj->n", jac, self.fit.posterior.cov, jac)
        unexplained = getattr(self.learner, "unexplained", None)
        if unexplained is not None:
            slope = jac[:, : self.n_theta] @ self.direction if self.join == "parameter" else np.ones(len(x))
            var = var + slope**2 * unexplained(x)
        low, high = self.x_train.min(0), self.x_train.max(0)
        inside = np.all((x >= low - 1e-9 * np.abs(low)) & (x <= high + 1e-9 * np.abs(high)), axis=1)
        dof = max(len(self.x_train) - self.fit.effective_parameters, 1.0) + self.noise_dof
        return Prediction(y, np.sqrt(var), self.sigma, dof, inside, self.sources)
