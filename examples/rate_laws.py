"""A surface reaction from a few lines of TOML: its equation, its limits, and its constants found again from noisy runs."""

import tomllib

import numpy as np

from chemwright.kinetics.fitting import fit_runs
from chemwright.kinetics.laws import scheme_of
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import simulate

TEXT = """
[adsorption]
A = "2 L/mol"
B = "5 L/mol"

[[reaction]]
text = "A + B -> C"
law = "langmuir_hinshelwood"
adsorbed = ["A", "B"]
k = "4e-3 mol/(L s)"
"""
scheme = scheme_of(tomllib.loads(TEXT), "this example")
print(scheme.equation())

truth = scheme.start.mean + np.array([0.3, -0.2, 0.1])
rng, times, runs = np.random.default_rng(1), np.linspace(60.0, 1800.0, 10), []
for i, feed in enumerate(([500.0, 500.0, 0.0], [2000.0, 300.0, 0.0], [300.0, 2000.0, 0.0], [100.0, 100.0, 0.0])):
    empty = Run(f"run {i + 1}", "batch", feed, 330.0, times, np.full((10, 1), np.nan))
    c = simulate(scheme, empty, truth)[:, [0, 2]]
    runs.append(Run(empty.id, "batch", feed, 330.0, times, c * (1 + 0.02 * rng.normal(size=c.shape)), 0.02 * c))

fit = fit_runs(scheme, RunSet(scheme.species, ("A", "C"), tuple(runs)), starts=3)
for name, mean, std, true in zip(fit.names, fit.theta, fit.posterior.std, truth, strict=True):
    print(f"{name:5} {np.exp(mean):.4g} within {100 * std:.1f} %, truth {np.exp(true):.4g}")
