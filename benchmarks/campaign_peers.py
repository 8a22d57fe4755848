"""The peers' sitting of the campaign exam: BayBE and plain BoTorch on the same tables, starts and seeds (benchmarks/campaign_exam.py).

    CHEMWRIGHT_DATA=folder PYTHON_OF_THE_PEERS benchmarks/campaign_peers.py --method baybe --tasks arylation --seeds 0 10 --out FOLDER

It runs in an environment of its own with baybe[chem], botorch and pandas, without chemwright. Each run is written as soon as it is done (one JSON line: task, seed, rows in order, CPU seconds), and a run already there is not
repeated. `benchmarks/campaign_planner.py` reads these lines.

- `baybe`: BayBE with its defaults (TwoPhaseMetaRecommender's Bayesian part: BotorchRecommender), molecules as SubstanceParameter with its default encoding (Mordred, decorrelated), labels one-hot, numbers as discrete numerical
  parameters, the search space the table's rows (`SearchSpace.from_dataframe`), rows already measured not offered again.
- `baybe_ohe`: the same with one-hot molecules.
- `botorch`: SingleTaskGP with its defaults (Matern ARD with the dimension-scaled prior, Standardize), one-hot categories, numbers scaled to [0, 1], qLogNoisyExpectedImprovement over the remaining rows (`optimize_acqf_discrete`).
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from campaign_exam import Array, Task, data_folder, replay, tasks

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def plain_features(task: Task) -> Array:
    """Categories one-hot, numbers scaled to [0, 1], shape (N, D)."""
    blocks = []
    for j, column in enumerate(task.columns):
        cells = [r[j] for r in task.rows]
        if column.kind in ("smiles", "label"):
            levels = sorted(set(map(str, cells)))
            blocks.append(np.array([[float(str(v) == name) for name in levels] for v in cells]))
        else:
            x = np.array(cells, float)
            blocks.append(((x - x.min()) / (x.max() - x.min()))[:, None])
    return np.hstack(blocks)


class PlainBoTorch:
    """SingleTaskGP and qLogNEI over the remaining rows."""

    def __init__(self, task: Task) -> None:
        self.x = torch.from_numpy(plain_features(task))

    def __call__(self, task: Task, chosen: Sequence[int], merit: Array, n: int, seed: int) -> list[int]:
        """The next rows."""
        from botorch.acquisition.logei import qLogNoisyExpectedImprovement
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import SingleTaskGP
        from botorch.models.transforms import Standardize
        from botorch.optim import optimize_acqf_discrete
        from botorch.sampling import SobolQMCNormalSampler
        from gpytorch.mlls import ExactMarginalLogLikelihood

        torch.manual_seed(seed)
        done = list(chosen)
        model = SingleTaskGP(self.x[done], torch.from_numpy(merit)[:, None], outcome_transform=Standardize(1))
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        sampler = SobolQMCNormalSampler(torch.Size([128]), seed=seed)
        score = qLogNoisyExpectedImprovement(model, X_baseline=self.x[done], sampler=sampler, prune_baseline=True)
        rest = np.setdiff1d(np.arange(len(self.x)), done)
        picked, _ = optimize_acqf_discrete(score, q=n, choices=self.x[rest], unique=True)
        where = [int(torch.argmin((self.x[rest] - p).abs().sum(-1))) for p in picked]
        return [int(rest[i]) for i in where]


class BayBE:
    """BayBE's campaign over the table's rows."""

    def __init__(self, task: Task, encoding: str) -> None:
        import pandas as pd
        from baybe.parameters import CategoricalParameter, NumericalDiscreteParameter, SubstanceParameter
        from baybe.searchspace import SearchSpace
        from baybe.targets import NumericalTarget

        parameters: list[Any] = []
        for j, column in enumerate(task.columns):
            levels = sorted({r[j] for r in task.rows})
            if column.kind == "smiles" and encoding != "OHE":
                parameters.append(SubstanceParameter(column.name, data={str(v): str(v) for v in levels}, encoding=encoding))
            elif column.kind in ("smiles", "label"):
                parameters.append(CategoricalParameter(column.name, values=[str(v) for v in levels], encoding="OHE"))
            else:
                parameters.append(NumericalDiscreteParameter(column.name, values=[float(v) for v in levels]))
        self.table = pd.DataFrame(list(task.rows), columns=[c.name for c in task.columns])
        self.space = SearchSpace.from_dataframe(self.table, parameters=parameters)
        self.objective = NumericalTarget("merit").to_objective()
        self.index = {r: i for i, r in enumerate(task.rows)}
        self.order = [c.name for c in task.columns]

    def __call__(self, task: Task, chosen: Sequence[int], merit: Array, n: int, seed: int) -> list[int]:
        """The next rows."""
        from baybe import Campaign
        from baybe.utils.random import set_random_seed

        set_random_seed(seed)
        campaign = Campaign(self.space, self.objective, allow_recommending_already_measured=False)
        seen = self.table.iloc[list(chosen)].copy()
        seen["merit"] = merit
        campaign.add_measurements(seen)
        found = campaign.recommend(n)[self.order]
        return [self.index[tuple(r)] for r in found.itertuples(index=False, name=None)]


def planner_of(method: str, task: Task) -> Any:
    """The peer by name."""
    if method == "botorch":
        return PlainBoTorch(task)
    return BayBE(task, {"baybe": "MORDRED", "baybe_ohe": "OHE"}[method])


def main() -> None:
    """Run the seeds asked for and write each run as a line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--method", required=True, choices=("botorch", "baybe", "baybe_ohe"))
    p.add_argument("--tasks", nargs="+", required=True)
    p.add_argument("--seeds", nargs=2, type=int, default=(0, 1000))
    p.add_argument("--out", type=Path, required=True)
    a = p.parse_args()
    folder = data_folder()
    if folder is None:
        print("skipped: set CHEMWRIGHT_DATA to the folder of measured tables")
        return
    every = tasks(folder)
    a.out.mkdir(parents=True, exist_ok=True)
    for name in a.tasks:
        task, planner = every[name], None
        path = a.out / f"{a.method}.jsonl"
        done = {(r["task"], r["seed"]) for r in map(json.loads, path.read_text().splitlines())} if path.exists() else set()
        for seed in range(a.seeds[0], min(a.seeds[1], task.seeds)):
            if (name, seed) in done:
                continue
            planner = planner or planner_of(a.method, task)
            started = time.process_time()
            rows = replay(task, planner, seed)
            with path.open("a") as file:
                file.write(json.dumps({"task": name, "seed": seed, "rows": rows, "cpu": round(time.process_time() - started, 2)}) + "\n")


if __name__ == "__main__":
    main()
