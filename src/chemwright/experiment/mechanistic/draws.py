"""Joint draws of a campaign's figures from a mixture of mechanisms, hybrid and black box, and the climb of an acquisition on them with exact gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import field, frozen

from chemwright.errors import ConvergenceError
from chemwright.experiment.design.parameters import spread
from chemwright.experiment.mechanistic.belief import Belief, Model
from chemwright.experiment.mechanistic.mechanism import Mechanism
from chemwright.model.protocol import Array


def shares(weights: Array, n: int) -> Array:
    """How many of n draws each model gets, by its weight (largest remainders), (K,)."""
    exact = weights * n
    counts = np.floor(exact).astype(int)
    for i in np.argsort(counts - exact, kind="stable")[: n - counts.sum()]:
        counts[i] += 1
    return counts


@frozen(eq=False)
class Mixture:
    """Draws of figures.

    Args:
        belief: the models and their weights.
        mechanism: any of the campaign's, for the scale of the fit.
        unit: conditions in SI (n, D) -> unit cube.
        n: draws in all.
        seed: of the draws.
    """

    belief: Belief
    mechanism: Mechanism
    unit: Callable[[Array], Array]
    n: int
    seed: int
    _seen: dict[bytes, Array] = field(factory=dict, init=False, repr=False)

    def parameters(self) -> list[tuple[Model, Array]]:
        """Each model that gets draws, with its parameter draws (S_k, P_k)."""
        counts = shares(self.belief.weights, self.n)
        return [(m, spread(m.known, int(c), self.seed) if m.mechanism is not None else np.zeros((int(c), 0))) for m, c in zip(self.belief.models, counts, strict=True) if c]

    def figures(self, x: Array, noise: int = 0) -> Array:
        """Draws (S, N, M) of the figures at conditions x (N, D), SI; nan where a mechanism can't be evaluated.

        Args:
            x: conditions.
            noise: seed of the residuals' draws.
        """
        parts = []
        for model, thetas in self.parameters():
            if model.mechanism is not None:
                fit = np.array([self._values(model.mechanism, theta, x) for theta in thetas])
                if model.view.residual:
                    fit = fit + self._residual(model, thetas, x, noise)
            else:
                fit = self._residual(model, thetas, x, noise)
            parts.append(self.mechanism.from_fit(fit))
        return np.concatenate(parts)

    def _values(self, mechanism: Mechanism, theta: Array, x: Array) -> Array:
        """Readings (N, M) on the scale of the fit, nan where they can't be evaluated; each kept."""
        out = np.full((len(x), len(mechanism.scales)), np.nan)
        for i, row in enumerate(x):
            key = mechanism.name.encode() + theta.tobytes() + row.tobytes()
            if key not in self._seen:
                try:
                    self._seen[key] = mechanism.response.values(theta, row[None])[0]
                except ConvergenceError:
                    self._seen[key] = out[i]
            out[i] = self._seen[key]
        return out

    def _residual(self, model: Model, thetas: Array, x: Array, noise: int) -> Array:
        """Residual (or black-box) draws (S, N, M) given the readings and each draw of the parameters."""
        view, m = model.view, len(model.view.noise)
        u, kind = view.data.u[view.data.run], view.data.kind
        a, ka = np.repeat(self.unit(x), m, axis=0), np.tile(np.arange(m), len(x))
        level = view.mechanism_part() if view.black else np.zeros((len(kind), len(kind)))
        inner = view.kernel(u, kind, u, kind) + level + np.diag(view.variance())
        inner = inner + 1e-10 * np.trace(inner) / len(inner) * np.eye(len(inner))
        cross = view.kernel(a, ka, u, kind)
        own = view.kernel(a, ka, a, ka)
        if view.black:
            flat = (3.0 * view.spread[ka]) ** 2
            cross = cross + flat[:, None] * (ka[:, None] == kind[None])
            own = own + flat[:, None] * (ka[:, None] == ka[None])
        gain = np.linalg.solve(inner, cross.T).T
        cov = own - gain @ cross.T
        root = _root(0.5 * (cov + cov.T))
        draws = np.random.default_rng([self.seed, noise, 17]).standard_normal((len(thetas), len(a))) @ root.T
        out = []
        for theta, e in zip(thetas, draws, strict=True):
            if view.black:
                level_of = np.array([view.base[kind == j][0] if np.any(kind == j) else 0.0 for j in range(m)])
                out.append((level_of[ka] + gain @ view.z + e).reshape(len(x), m))
                continue
            assert model.mechanism is not None
            left = view.z - view.jac @ (theta - model.mechanism.prior.mean)
            out.append((gain @ left + e).reshape(len(x), m))
        return np.array(out)


def _root(cov: Array) -> Array:
    """A square root of a covariance that may be singular."""
    size, vectors = np.linalg.eigh(cov)
    return np.asarray(vectors * np.sqrt(np.maximum(size, 0.0)))
