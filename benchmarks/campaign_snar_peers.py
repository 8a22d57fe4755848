"""The peers of `campaign_snar.py`: random search, TSEMO, BoTorch's qLogNEHVI and BayBE, each on the judge's starts and noise.

They see conditions scaled to the unit cube, the space-time yield and ln(E-factor) (the logarithm helps a Gaussian process: E runs from 8.5 to hundreds); those that take a reference point
get the judge's. TSEMO follows E. Bradford, A. M. Schweidtmann and A. Lapkin (J. Global Optim. 2018, 71, 407): Gaussian processes, a spectral sample of each, NSGA-II on the samples, the
non-dominated point of largest hypervolume improvement. It needs numpy and scipy, the other two an environment with baybe and botorch:

    python benchmarks/campaign_snar_peers.py METHOD NOISE OUT.json [seeds]      METHOD: random, tsemo, qlognehvi, baybe; NOISE: 0 or 1
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import campaign_snar_judge as judge
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Suggest = Callable[[Array, Array, int], Array]
UP_REFERENCE = np.array([judge.REFERENCE[0] / 1e4, -np.log(judge.REFERENCE[1])])
"""The reference point as two figures to maximise: STY/10^4 and -ln E."""


def campaign(suggest: Suggest, seed: int, noise: float) -> Array:
    """Conditions (BUDGET, 4) that a method chooses; ``suggest`` maps unit conditions (n, 4), figures to maximise (n, 2) and a seed to one unit point."""
    x = judge.starts(seed)
    seen = [judge.measure(row, seed, i, noise)[0] for i, row in enumerate(x)]
    for i in range(len(x), judge.BUDGET):
        y = np.array(seen)
        u = suggest((x - judge.LOW) / (judge.HIGH - judge.LOW), np.column_stack([y[:, 0] / 1e4, -np.log(y[:, 1])]), 1000 * seed + i)
        x = np.vstack([x, judge.LOW + np.clip(u, 0, 1) * (judge.HIGH - judge.LOW)])
        seen.append(judge.measure(x[-1], seed, i, noise)[0])
    return x


def random_point(u: Array, y: Array, seed: int) -> Array:
    """Uniform in the cube."""
    return np.random.default_rng([seed, 5]).random(u.shape[1])


def pareto(y: Array) -> NDArray[np.bool_]:
    """Which rows of y (n, 2), to be maximised, no other row betters."""
    return ~np.array([bool(np.any(np.all(y >= row, 1) & np.any(y > row, 1))) for row in y])


def area(y: Array, reference: Array) -> float:
    """Hypervolume of y (n, 2), to be maximised."""
    good = y[np.all(y > reference, 1)]
    total, best = 0.0, reference[0]
    for a, b in good[np.argsort(-good[:, 1])]:
        if a > best:
            total, best = total + (a - best) * (b - reference[1]), a
    return total


def matern_map(u: Array, z: Array, seed: int) -> tuple[Array, float, float]:
    """Length scales, amplitude and noise of a Matern-5/2 process by maximum a posteriori (log-normal priors), from several starts."""
    from scipy.optimize import minimize

    def loss(h: Array) -> float:
        r = np.sqrt(5 * (((u[:, None] - u[None]) / np.exp(h[:4])) ** 2).sum(-1) + 1e-20)
        k = np.exp(2 * h[4]) * (1 + r + r**2 / 3) * np.exp(-r) + (np.exp(2 * h[5]) + 1e-8) * np.eye(len(u))
        try:
            chol = np.linalg.cholesky(k)
        except np.linalg.LinAlgError:
            return 1e6
        half = np.linalg.solve(chol, z)
        prior = 0.5 * ((h[:4] - np.log(0.5)) ** 2).sum() + 0.5 * h[4] ** 2 + 0.5 * ((h[5] - np.log(0.01)) / 2) ** 2
        return float(0.5 * half @ half + np.log(np.diag(chol)).sum() + prior)

    rng, mean = np.random.default_rng(seed), np.array([*np.log([0.5] * 4), 0.0, np.log(0.01)])
    best = min((minimize(loss, mean + s * rng.standard_normal(6), method="L-BFGS-B", bounds=[(m - 4, m + 4) for m in mean]) for s in (0, 1, 1)), key=lambda r: float(r.fun))
    return np.exp(best.x[:4]), float(np.exp(best.x[4])), float(np.exp(best.x[5]))


def spectral_sample(u: Array, y: Array, seed: int, m: int = 800) -> Callable[[Array], Array]:
    """One function from the posterior of a Matern-5/2 process given u (n, 4), y (n,), by m random Fourier features."""
    mean, std = float(y.mean()), float(y.std()) or 1.0
    length, amplitude, noise = matern_map(u, (y - mean) / std, seed)
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((m, u.shape[1])) / length * np.sqrt(5 / rng.chisquare(5, (m, 1)))
    b, s2 = rng.uniform(0, 2 * np.pi, m), noise**2 + 1e-6

    def features(v: Array) -> Array:
        return amplitude * np.sqrt(2 / m) * np.cos(v @ w.T + b)

    # posterior of the weights through the n by n system: theta = prior draw + correction
    phi, theta = features(u), rng.standard_normal(m)
    gap = (y - mean) / std - phi @ theta - np.sqrt(s2) * rng.standard_normal(len(y))
    theta = theta + phi.T @ np.linalg.solve(phi @ phi.T + s2 * np.eye(len(y)), gap)
    return lambda v: mean + std * features(v) @ theta


def nsga2(f: Callable[[Array], Array], d: int, seed: int, size: int = 100, generations: int = 100) -> tuple[Array, Array]:
    """Non-dominated points (k, d) and values (k, 2) of f, to be maximised, by NSGA-II (simulated binary crossover, polynomial mutation)."""
    rng = np.random.default_rng(seed)
    x = rng.random((size, d))
    y = f(x)
    for _ in range(generations):
        a, b = x[rng.integers(size, size=size)], x[rng.integers(size, size=size)]
        r = rng.random((size, d))
        beta = np.where(r < 0.5, (2 * r) ** (1 / 16), (1 / (2 * (1 - r))) ** (1 / 16))
        child = 0.5 * ((1 + beta) * a + (1 - beta) * b)
        r, hit = rng.random((size, d)), rng.random((size, d)) < 1 / d
        child = np.clip(child + hit * np.where(r < 0.5, (2 * r) ** (1 / 21) - 1, 1 - (2 * (1 - r)) ** (1 / 21)), 0, 1)
        x, y = np.vstack([x, child]), np.vstack([y, f(child)])
        kept = survivors(y, size)
        x, y = x[kept], y[kept]
    first = pareto(y)
    return x[first], y[first]


def survivors(y: Array, size: int) -> Array:
    """Indices of the best ``size`` rows by front, then by crowding distance."""
    left, out = np.arange(len(y)), np.zeros(0, dtype=int)
    while len(out) < size:
        front = left[pareto(y[left])]
        if len(out) + len(front) > size:
            crowd = np.zeros(len(front))
            for k in range(2):
                order = np.argsort(y[front, k])
                v = y[front, k][order]
                crowd[order] += np.concatenate([[np.inf], v[2:] - v[:-2], [np.inf]]) / max(v[-1] - v[0], 1e-12) if len(front) > 2 else np.inf
            front = front[np.argsort(-crowd)][: size - len(out)]
        out, left = np.concatenate([out, front]), np.setdiff1d(left, front)
    return out


def tsemo(u: Array, y: Array, seed: int) -> Array:
    """TSEMO's next point."""
    draws = [spectral_sample(u, y[:, k], seed + 7919 * k) for k in range(2)]
    x, values = nsga2(lambda v: np.column_stack([d(v) for d in draws]), u.shape[1], seed)
    for reference in (UP_REFERENCE, y[pareto(y)].min(0) - 0.01 * np.ptp(y, axis=0)):
        base = area(y, reference)
        gains = np.array([area(np.vstack([y, v]), reference) - base for v in values])
        if gains.max() > 0:
            return np.asarray(x[int(np.argmax(gains))])
    return np.asarray(x[np.random.default_rng(seed).integers(len(x))])


def qlognehvi(u: Array, y: Array, seed: int) -> Array:
    """BoTorch with its defaults: one Gaussian process a figure, qLogNEHVI, 128 samples, 10 restarts from 512 points."""
    import torch
    from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import ModelListGP, SingleTaskGP
    from botorch.models.transforms import Standardize
    from botorch.optim import optimize_acqf
    from botorch.sampling.normal import SobolQMCNormalSampler
    from gpytorch.mlls import SumMarginalLogLikelihood

    torch.manual_seed(seed)
    tx, ty = torch.tensor(u), torch.tensor(y)
    model = ModelListGP(*[SingleTaskGP(tx, ty[:, k : k + 1], outcome_transform=Standardize(1)) for k in range(2)])
    fit_gpytorch_mll(SumMarginalLogLikelihood(model.likelihood, model))
    acquisition = qLogNoisyExpectedHypervolumeImprovement(model, torch.tensor(UP_REFERENCE), tx, sampler=SobolQMCNormalSampler(torch.Size([128]), seed=seed), prune_baseline=True)
    box = torch.tensor([[0.0] * 4, [1.0] * 4], dtype=torch.double)
    point, _ = optimize_acqf(acquisition, box, q=1, num_restarts=10, raw_samples=512)
    return np.asarray(point.detach().numpy()[0])


def baybe(u: Array, y: Array, seed: int) -> Array:
    """BayBE with its defaults for two targets (Pareto objective), continuous space."""
    import pandas as pd
    import torch
    from baybe import Campaign
    from baybe.objectives import ParetoObjective
    from baybe.parameters import NumericalContinuousParameter
    from baybe.searchspace import SearchSpace
    from baybe.targets import NumericalTarget

    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    space = SearchSpace.from_product([NumericalContinuousParameter(n, (0.0, 1.0)) for n in judge.NAMES])
    made = Campaign(space, ParetoObjective([NumericalTarget("sty"), NumericalTarget("e")]))
    made.add_measurements(pd.DataFrame(np.hstack([u, y]), columns=[*judge.NAMES, "sty", "e"]))
    return np.asarray(made.recommend(1)[list(judge.NAMES)].to_numpy(dtype=float)[0])


METHODS: dict[str, Suggest] = {"random": random_point, "tsemo": tsemo, "qlognehvi": qlognehvi, "baybe": baybe}


def main() -> None:
    """Run one method over the seeds and store the conditions it chose; a seed that is stored already is not run again."""
    method, noise, out = sys.argv[1], judge.NOISE * int(sys.argv[2]), Path(sys.argv[3])
    seeds = [int(s) for s in sys.argv[4].split(",")] if len(sys.argv) > 4 else list(judge.SEEDS)
    stored = json.loads(out.read_text()) if out.exists() else {}
    for seed in seeds:
        if str(seed) in stored:
            continue
        begin = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            x = campaign(METHODS[method], seed, noise)
        stored[str(seed)] = {"x": np.round(x, 9).tolist(), "cpu": round(time.process_time() - begin, 1)}
        out.write_text(json.dumps(stored))
        print(method, noise, seed, "runs to 95 %:", judge.runs_to(judge.trace(x)), "cpu", stored[str(seed)]["cpu"], flush=True)


if __name__ == "__main__":
    main()
