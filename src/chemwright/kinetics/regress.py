"""Regression of a network on runs: mechanism alone, learner alone, and the Hybrid of both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import evolve, frozen

from chemwright.kinetics.flow_model import FlowModel
from chemwright.model.evidence import Hyper, Widths, choose
from chemwright.model.gaussian import GaussianProcess
from chemwright.model.hybrid import Hybrid
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array


@frozen(eq=False)
class Scaling:
    """Input scaling of the learner: centre and half-width of the declared range, shape (D,)."""

    centre: Array
    scale: Array

    @classmethod
    def of(cls, x: Array) -> Scaling:
        """From the range of the conditions."""
        low, high = x.min(0), x.max(0)
        return cls((low + high) / 2, np.where(high > low, (high - low) / 2, 1.0))


def start_points(prior: Gaussian, n: int, decades: float, seed: int, n_log: int) -> list[Array]:
    """The prior mean and n - 1 seeded points with their log parameters spread uniformly over +/- ``decades``."""
    rng = np.random.default_rng(seed)
    out = [prior.mean]
    for _ in range(n - 1):
        theta = prior.mean.copy()
        theta[:n_log] += rng.uniform(-decades, decades, n_log) * np.log(10)
        out.append(theta)
    return out


def train_mechanism(model: FlowModel, prior: Gaussian, x: Array, y: Array, widths: Widths, starts: list[Array] | None = None, rounds: int = 2) -> Hybrid:
    """The mechanism alone, with the noise chosen by evidence.

    Args:
        model, prior: equations and prior on their parameters.
        x, y: conditions (N, 4) in SI and observations on the fit scale (N,).
        widths: priors of the hyperparameters.
        starts: starting points of the first fit.
        rounds: alternations between fit and evidence.
    """
    hybrid = Hybrid(model, prior, sigma=widths.noise[0], noise_dof=widths.noise_dof).train(x, y, starts)
    for _ in range(rounds):
        assert hybrid.fit is not None
        theta = hybrid.fit.posterior.mean
        z = hybrid.fit.residual + hybrid.fit.jacobian @ (theta - prior.mean)
        hyper = choose(z, hybrid.fit.jacobian, prior, None, x, widths)
        settled = abs(hyper.sigma / hybrid.sigma - 1) < 1e-3
        trained = evolve(hybrid, sigma=hyper.sigma).train(x, y, [theta])
        assert trained.fit is not None
        hybrid = evolve(trained, fit=evolve(trained.fit, starts=hybrid.fit.starts))
        if settled:
            break
    return hybrid


def train_hybrid(
    mechanism: Hybrid, x: Array, y: Array, widths: Widths, scaling: Scaling, join: str = "parameter", start: Hyper | None = None, rounds: int = 2
) -> tuple[Hybrid, Hyper]:
    """Mechanism and Gaussian process trained together from a trained mechanism.

    Args:
        mechanism: the trained mechanism alone.
        x, y: conditions (N, 4) and observations on the fit scale (N,).
        widths: priors of the hyperparameters.
        scaling: input scaling of the learner.
        join: ``parameter`` (a factor common to all rate constants) or ``residual``.
        start: hyperparameters to begin from.
        rounds: alternations between evidence and fit.
    """
    assert mechanism.fit is not None
    prior, theta, hyper = mechanism.prior, mechanism.fit.posterior.mean, start
    direction = np.zeros(len(theta))
    direction[: len(theta) // 2] = 1.0
    hybrid = mechanism
    for _ in range(rounds):
        m, jac = mechanism.mechanism.evaluate(theta, x)
        z = y - m + jac @ (theta - prior.mean)
        slope = jac @ direction if join == "parameter" else np.ones(len(y))
        hyper = choose(z, jac, prior, slope, (x - scaling.centre) / scaling.scale, widths, hyper)
        learner = GaussianProcess.on(x, hyper.amplitude, hyper.lengths, scaling.centre, scaling.scale)
        base = Hybrid(mechanism.mechanism, prior, learner, join, direction, hyper.sigma, widths.noise_dof, sources=mechanism.sources)
        hybrid = base.train(x, y, [theta])
        assert hybrid.fit is not None
        theta = hybrid.fit.posterior.mean[: len(theta)]
    assert hyper is not None
    return hybrid, hyper


def learner_alone(x: Array, y: Array, scaling: Scaling, seed: int = 0, restarts: int = 2, kernel: object = None) -> tuple[Callable[[Array], tuple[Array, Array]], object]:
    """A plain Gaussian process (scikit-learn, constant * RBF + white, one length scale a condition) as the data-only peer.

    Args:
        x, y: conditions (N, 4) and observations on the fit scale (N,).
        scaling: input scaling.
        seed, restarts: of the hyperparameter search.
        kernel: kernel to start from.

    Returns:
        a function x -> mean, std (noise included), and the fitted kernel.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    kernel = kernel or ConstantKernel(1.0, (1e-4, 1e4)) * RBF(np.ones(x.shape[1]), (0.05, 100.0)) + WhiteKernel(0.01, (1e-6, 1.0))
    model = GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=restarts, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a width at its bound is an answer, not a failure
        model.fit((x - scaling.centre) / scaling.scale, y)
    return (lambda q: model.predict((q - scaling.centre) / scaling.scale, return_std=True)), model.kernel_
