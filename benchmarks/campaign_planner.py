"""The campaign planner sits the exam (benchmarks/campaign_exam.py), beside BayBE, plain BoTorch and the exact random expectation.

    CHEMWRIGHT_DATA=folder python benchmarks/campaign_planner.py --runs FOLDER [--tasks arylation ...] [--seeds 0 50] [--table]

FOLDER holds one JSON line per run, ours and those that benchmarks/campaign_peers.py wrote in its own environment; a run that is there is not repeated. ``--table`` only reads them. The settings are the planner's defaults; their
SHA-256 was committed in benchmarks/campaign_settings.sha256 before the first run, and other settings are refused. Peers with fewer runs are compared on the seeds that both have (`paired`). The figures go to
benchmarks/results/campaign_planner.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from campaign_exam import CHECKPOINTS, OLYMPUS, Task, data_folder, random_scores, replay, scores, tasks, to_good
from campaign_ours import Ours

from chemwright.experiment.planning import PlanSettings

HERE = Path(__file__).resolve().parent
METHODS = ("ours", "baybe", "baybe_ohe", "botorch")


def run(every: dict[str, Task], names: Sequence[str], seeds: Sequence[int], path: Path) -> None:
    """Our runs that are not there yet."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    there = {(r["task"], r["seed"]) for r in lines}
    for name in names:
        planner = Ours(every[name])
        for seed in range(seeds[0], min(seeds[1], every[name].seeds)):
            if (name, seed) in there:
                continue
            began = time.process_time()
            rows = replay(every[name], planner, seed)
            with path.open("a") as file:
                file.write(json.dumps({"task": name, "seed": seed, "rows": rows, "cpu": round(time.process_time() - began, 2), "settings": PlanSettings().sha256}) + "\n")


def read(folder: Path) -> dict[str, dict[str, dict[int, dict[str, Any]]]]:
    """Runs by method, task and seed."""
    found: dict[str, dict[str, dict[int, dict[str, Any]]]] = {}
    for method in METHODS:
        path = folder / f"{method}.jsonl"
        for line in path.read_text().splitlines() if path.exists() else ():
            r = json.loads(line)
            found.setdefault(method, {}).setdefault(r["task"], {})[r["seed"]] = r
    return found


def figure(task: Task, rows: Sequence[int]) -> float:
    """One number of a run for pairing: the mean best yield at the checkpoints, or the experiments to a good row."""
    return float(np.mean([task.outcome[list(rows[:k])].max() for k in CHECKPOINTS])) if task.name == "arylation" else float(to_good(task, rows))


def table(every: dict[str, Task], runs: dict[str, dict[str, dict[int, dict[str, Any]]]]) -> dict[str, Any]:
    """Scores of all methods on all tasks, and each peer paired with ours."""
    out: dict[str, Any] = {"settings": PlanSettings().sha256, "tasks": {}}
    for name, task in every.items():
        rows: dict[str, Any] = {"random": random_scores(task)}
        ours = runs.get("ours", {}).get(name, {})
        for method, by_task in runs.items():
            mine = by_task.get(name, {})
            if not mine:
                continue
            rows[method] = scores(task, [mine[s]["rows"] for s in sorted(mine)]) | {"cpu": round(float(np.mean([r["cpu"] for r in mine.values()])), 2)}
            both = sorted(set(mine) & set(ours))
            if method != "ours" and len(both) > 1:
                gap = np.array([figure(task, ours[s]["rows"]) - figure(task, mine[s]["rows"]) for s in both])
                rows[method]["paired"] = {"n": len(both), "ours_minus_theirs": round(float(gap.mean()), 2), "stderr": round(float(gap.std(ddof=1) / len(both) ** 0.5), 2)}
        out["tasks"][name] = rows
    out["fewest_of_five"] = [n for n in OLYMPUS if fewest(out["tasks"][n])]
    out["not_judged"] = [n for n in OLYMPUS if not all(m in out["tasks"][n] for m in ("ours", "baybe", "botorch"))]
    return out


def fewest(rows: dict[str, Any]) -> bool:
    """Whether ours needed fewer experiments than a random choice and, on the seeds that both ran, than BayBE and than BoTorch."""
    if not all(m in rows and (m == "ours" or "paired" in rows[m]) for m in ("ours", "baybe", "botorch")):
        return False
    return rows["ours"]["mean"] < rows["random"]["mean"] and all(rows[m]["paired"]["ours_minus_theirs"] < 0 for m in ("baybe", "botorch"))


def main() -> None:
    """Run what is missing, write and print the table."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--runs", type=Path, required=True)
    p.add_argument("--tasks", nargs="+")
    p.add_argument("--seeds", nargs=2, type=int, default=(0, 1000))
    p.add_argument("--table", action="store_true")
    a = p.parse_args()
    folder = data_folder()
    if folder is None:
        print("skipped: set CHEMWRIGHT_DATA to the folder of measured tables")
        return
    frozen = (HERE / "campaign_settings.sha256").read_text().split()[0]
    if frozen != PlanSettings().sha256:
        raise SystemExit(f"the defaults have the hash {PlanSettings().sha256}, the exam was frozen at {frozen}: settings are not changed after the exam")
    every = tasks(folder)
    a.runs.mkdir(parents=True, exist_ok=True)
    if not a.table:
        run(every, a.tasks or list(every), a.seeds, a.runs / "ours.jsonl")
    found = table(every, read(a.runs))
    (HERE / "results" / "campaign_planner.json").write_text(json.dumps(found, indent=1) + "\n")
    for name, rows in found["tasks"].items():
        print(name)
        for method, r in rows.items():
            print(f"  {method:10s} {r}")
    print("fewest experiments on", found["fewest_of_five"], "not judged", found["not_judged"])


if __name__ == "__main__":
    main()
