"""Draw the gallery's page of hybrid models: learned rate factors against the truth that made the data. Usage: python scripts/gallery_hybrid.py [--out FOLDER]

The data are made here: A + B -> C, slowed by its product as 1/(1 + c_C/150 mol/m^3), ten runs with noise. The hybrid is given A + B -> C by mass action.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from chemwright.kinetics.hybrid import Hybrids, Settings, train_hybrid
from chemwright.kinetics.hybrid.answer import hybrid_answer
from chemwright.kinetics.hybrid.explain import learned_values
from chemwright.kinetics.hybrid.law import HybridLaw, RateFactor
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import simulate
from chemwright.model.learners import PowerLaw
from chemwright.model.posterior import Gaussian
from chemwright.report.hybrid_plot import learned_chart, over_time
from chemwright.report.reactor_plot import write_charts

ROOT = Path(__file__).resolve().parents[1]
SPECIES, KNEE, NOISE = ("A", "B", "C"), 150.0, 5.0
LAW = MassAction(Network(SPECIES, (parse_reaction("A + B -> C", "r1"),)), (330.0,))
THETA = np.array([np.log(3e-6), 60e3])


def data() -> RunSet:
    """Ten runs; their truth is the factor 1/(1 + c_C/KNEE)."""
    truth = HybridLaw(LAW, (RateFactor((0,), PowerLaw((2,), (KNEE,), 330.0, knee=1.0, anchor=0.0, fixed=(-1.0,))),))
    theta = np.concatenate([THETA, np.zeros(2)])
    rng, times, runs = np.random.default_rng(3), np.linspace(0, 7200, 9)[1:], []
    for i in range(10):
        run = Run(f"{i + 1}", "batch", [rng.uniform(200, 500), rng.uniform(200, 600), rng.uniform(0, 200) * (i % 2)], float(rng.uniform(320, 340)), times, np.full((8, 3), np.nan))
        c = simulate(truth, run, theta)
        runs.append(Run(run.id, "batch", run.feed, run.temperature, times, c + NOISE * rng.standard_normal(c.shape)))
    return RunSet(SPECIES, SPECIES, runs)


def trained(runs: RunSet, learner: str) -> Hybrids:
    """A hybrid with a learned factor; the rate constant is known to ten per cent, as it would be from runs without product."""
    prior = Gaussian(THETA, np.diag([0.01, 25e6]))
    settings = Settings() if learner == "power" else Settings(depth=0)
    return train_hybrid(LAW, runs, "rate_factor", prior=prior, reactions=(0,), learner=learner, settings=settings, starts=1)


def main() -> None:
    """Draw, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "gallery")
    args = parser.parse_args()
    runs, charts, said = data(), [], []
    hybrids = trained(runs, "power")
    result = hybrid_answer(hybrids, runs)
    part = result["learned"][0]
    x = np.linspace(0.0, 450.0, 41)
    states = np.stack([np.full(41, 150.0), np.full(41, 150.0), x, np.full(41, 330.0)], axis=1)
    value, std = learned_values(hybrids.best, states)
    true = (1 / (1 + x / KNEE)).tolist()
    seen = np.concatenate([r.observed[:, 2] for r in runs.runs])
    along = {"input": "C", "x": x.tolist(), "value": value.tolist(), "std": std.tolist(), "data_low": 0.0, "data_high": float(seen.max())}
    charts.append(learned_chart({**part, "along": along}, true))
    said.append(f"{hybrids.best.best.words}: {part['words']}")
    charts += over_time(result["runs"][1], result["best"])
    write_charts(args.out / "hybrid-rate-factor.svg", charts, "A learned rate factor against the truth")
    inside = x <= seen.max()
    off = float(np.sqrt(np.mean((value[inside] / np.array(true)[inside] - 1) ** 2)))
    within = float(np.mean(np.abs(value - true) <= 1.645 * std))
    text = f"""# Gallery: what a hybrid learned, against the truth

Drawn by `python scripts/gallery_hybrid.py` from data made there: A + B -> C, slowed by its product by the factor 1/(1 + c_C/150 mol/m^3), ten runs with a noise of {NOISE:g} mol/m^3.
The hybrid knows A + B -> C by mass action and nothing of the inhibition.

![Learned rate factor](hybrid-rate-factor.svg)

Learned: {said[0]}. Root mean square deviation from the true factor where data are: {100 * off:.1f} %; the true factor lies within the 90 % band at {100 * within:.0f} % of the points drawn, those beyond the data included.
The lower pictures show one run with and without what was learned, and the share of each reading's change that is learned.

```sh
chemwright kinetics hybrid runs.csv network.toml --kind rate_factor --plot hybrid.svg
```
"""
    (args.out / "hybrid.md").write_text(text, encoding="utf-8")
    print(said[0], off, within)


if __name__ == "__main__":
    main()
