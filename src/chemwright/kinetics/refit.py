"""Hone's network simulated with noise and fitted again from far away: how well the regression finds its way back."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from chemwright.kinetics.flow_model import FlowModel
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.observe import Observer
from chemwright.kinetics.rates import MassAction
from chemwright.kinetics.regress import start_points
from chemwright.kinetics.setup import prior_of
from chemwright.knowledge import load_parameter_set
from chemwright.model.posterior import Gaussian, fit_map
from chemwright.model.protocol import Array

SPECIES = ("SM", "amine", "ortho", "para", "bis", "HF")
AROMATICS = ("SM", "ortho", "para", "bis")
REACTIONS = ("SM + amine -> ortho + HF", "SM + amine -> para + HF", "ortho + amine -> bis + HF", "para + amine -> bis + HF")
RUNS = np.array([[t, e, 300.0, temperature] for t in (30.0, 120.0) for e in (1.5, 6.0) for temperature in (333.15, 363.15, 393.15)])
"""Residence time [s], equivalents of the amine, concentration [mol/m^3], temperature [K]."""
NOISE, STARTS, DECADES, SEED = 0.02, 4, 3.0, 2017
FLOOR = 1.0
"""Concentration [mol/m^3] below which a reading counts no more: the noise is relative, but no detector's is to zero."""


def _law() -> tuple[MassAction, Array]:
    """Hone's network with its published parameters [ln k (SI), Ea (J/mol)]."""
    network = Network(SPECIES, tuple(parse_reaction(text, f"r{i}") for i, text in enumerate(REACTIONS, 1)))
    prior, _, reference = prior_of(load_parameter_set("Hone2017"), network)
    return MassAction(network, (reference,) * len(REACTIONS)), prior.mean


@lru_cache(maxsize=1)
def refitted() -> Array:
    """Rate constants at 363.15 K over the published ones, shape (STARTS, 4): one row a start.

    Twelve runs, the four aromatic species read with 2 % normal noise. Every fit begins with ln k up to three decades off and Ea at 50 kJ/mol
    for all reactions; its prior is centred on that start (three decades, 30 kJ/mol), so that nothing but the runs points to the answer.

    Raises:
        ConvergenceError: a start led nowhere.
    """
    law, published = _law()
    models = [FlowModel(law, Observer(f"c_{s}", 0, 2, (0, 1), (1.0,) * len(SPECIES), SPECIES), 1) for s in AROMATICS]

    def observe(theta: Array) -> tuple[Array, Array]:
        parts = [m.evaluate(theta, RUNS) for m in models]
        return np.concatenate([y for y, _ in parts]), np.vstack([slope for _, slope in parts])

    exact = observe(published)[0]
    read = exact * (1.0 + NOISE * np.random.default_rng(SEED).standard_normal(len(exact)))
    weight = 1.0 / np.maximum(read, FLOOR)

    def scaled(theta: Array) -> tuple[Array, Array]:
        y, slope = observe(theta)
        return y * weight, slope * weight[:, None]

    n = len(REACTIONS)
    cov = np.diag([np.log(10.0**DECADES) ** 2] * n + [30e3**2] * n)
    ignorant = Gaussian(np.concatenate([published[:n], np.full(n, 50e3)]), cov)
    starts = start_points(ignorant, STARTS + 1, DECADES, SEED, n)[1:]
    fits = [fit_map(scaled, read * weight, NOISE, Gaussian(start, cov)) for start in starts]
    return np.exp(np.array([f.posterior.mean[:n] for f in fits]) - published[:n])
