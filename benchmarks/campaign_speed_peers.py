"""BayBE on the two cases of benchmarks/campaign_speed.py: time of a suggestion, and the memory that it says a product space of 1e12 would need (it is not built).

PYTHON_OF_THE_PEERS benchmarks/campaign_speed_peers.py        # prints two JSON lines
"""

from __future__ import annotations

import json
import resource
import time
import warnings

import numpy as np
import pandas as pd
import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
SOLVENTS = ("CCO", "CC#N", "Cc1ccccc1", "CS(C)=O", "O", "CN(C)C=O", "C1CCOC1", "CCOC(C)=O")


def mixed() -> None:
    """Three numbers, a discrete one, a solvent by structure (Mordred) and a catalyst by name; two objectives (Pareto), 100 points, a batch of four."""
    from baybe import Campaign
    from baybe.objectives import ParetoObjective
    from baybe.parameters import CategoricalParameter, NumericalContinuousParameter, NumericalDiscreteParameter, SubstanceParameter
    from baybe.searchspace import SearchSpace
    from baybe.targets import NumericalTarget

    space = SearchSpace.from_product(
        [
            NumericalContinuousParameter("temperature", (300.0, 400.0)),
            NumericalContinuousParameter("log_concentration", (1.0, 3.0)),
            NumericalContinuousParameter("residence_time", (60.0, 1800.0)),
            NumericalDiscreteParameter("equivalents", (1.0, 1.5, 2.0, 3.0)),
            SubstanceParameter("solvent", data={s: s for s in SOLVENTS}, encoding="MORDRED"),
            CategoricalParameter("catalyst", tuple("ABCDEFGH"), encoding="OHE"),
        ]
    )
    rng = np.random.default_rng(0)
    n = 100
    t = pd.DataFrame(
        {
            "temperature": rng.uniform(300, 400, n),
            "log_concentration": rng.uniform(1, 3, n),
            "residence_time": rng.uniform(60, 1800, n),
            "equivalents": rng.choice([1.0, 1.5, 2.0, 3.0], n),
            "solvent": rng.choice(SOLVENTS, n),
            "catalyst": rng.choice(list("ABCDEFGH"), n),
        }
    )
    t["yield"] = np.sin((t["temperature"] - 300) * 0.03) + t["solvent"].map(SOLVENTS.index) % 3 + 0.02 * rng.normal(size=n)
    t["waste"] = t["residence_time"] / 1800 + 0.3 * (t["catalyst"].map("ABCDEFGH".index) % 2)
    goal = ParetoObjective([NumericalTarget("yield"), NumericalTarget("waste", minimize=True)])
    cpu, wall = [], []
    for _ in range(2):
        campaign = Campaign(space, goal)
        campaign.add_measurements(t)
        began = time.process_time(), time.perf_counter()
        campaign.recommend(4)
        cpu.append(round(time.process_time() - began[0], 2))
        wall.append(round(time.perf_counter() - began[1], 2))
    print(json.dumps({"case": "mixed", "method": "baybe", "cpu_s": cpu, "wall_s": wall, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))


def product() -> None:
    """What BayBE itself estimates for the table of six variables of a hundred levels each."""
    from baybe.parameters import CategoricalParameter
    from baybe.searchspace import SearchSpace

    parameters = [CategoricalParameter(f"v{k}", [f"l{i}" for i in range(100)], encoding="OHE") for k in range(6)]
    print(json.dumps({"case": "product", "method": "baybe", "estimate": str(SearchSpace.estimate_product_space_size(parameters))}))


if __name__ == "__main__":
    product()
    mixed()
