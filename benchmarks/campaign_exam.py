"""The exam of the campaign planner: tables, starts, replay and scores. It knows no method and imports none, so that any planner in any environment can sit it.

    CHEMWRIGHT_DATA=folder python benchmarks/campaign_exam.py        # the tables, targets and the exact expectation of a random choice

A **task** is a measured table. A method is shown the conditions of every row, the outcomes of the rows it has chosen, and picks the next rows; nothing is interpolated, so no emulator favours the model it was made with.
Rows with the same conditions are one row with their mean outcome. All methods begin with the same random rows of a seed, which count as experiments.

- `arylation`: 1,728 reactions (Shields 2021), batches of 5 of which the first is random, 50 seeds: best yield after 15, 25 and 50 experiments, and how often it is at least 99.
- `suzuki_i`, `suzuki_ii`, `alkox` (yield, conversion: higher is better), `snar`, `benzylation` (impurity: lower is better), measured flow and enzyme runs of Olympus: three random rows, then one by one; experiments until
  an outcome of at least 95 % of the table's best (for an impurity: at most best / 0.95).
- `oer_plate_3496`, `oer_plate_3851`: 2,121 and 2,119 compositions of six metals (overpotential, lower is better): three random rows, then one by one; experiments until the first of the best 1 % (22 rows), 20 seeds.
"""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Row: TypeAlias = tuple[str | float, ...]
CHECKPOINTS = (15, 25, 50)
OLYMPUS = ("suzuki_i", "suzuki_ii", "alkox", "snar", "benzylation")
PLATES = ("oer_plate_3496", "oer_plate_3851")


class Column(NamedTuple):
    """One condition: `smiles`, `label` (a category without a structure), `number` or `fraction` (of a mixture that sums to one)."""

    name: str
    kind: str


class Task(NamedTuple):
    """A table to be searched.

    `outcome` (N,) is as measured, `sign` is +1 where higher is better; `good` (N,) marks the rows that end a race, and `budget` is the number of experiments after which a run is stopped.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    outcome: Array
    sign: int
    good: NDArray[np.bool_]
    start: int
    batch: int
    budget: int
    seeds: int

    @property
    def merit(self) -> Array:
        """What is to be maximised, shape (N,)."""
        return self.sign * self.outcome


Planner: TypeAlias = Callable[[Task, Sequence[int], Array, int, int], Sequence[int]]
"""(task, rows chosen so far, their merit, how many to choose, seed) -> rows; it reads `task.rows`, never `task.outcome`."""


def data_folder() -> Path | None:
    """The folder of measured tables: CHEMWRIGHT_DATA, else ../shared/data beside the project; None when it is absent."""
    named = os.environ.get("CHEMWRIGHT_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


def distinct(rows: Sequence[Row], outcome: Sequence[float]) -> tuple[tuple[Row, ...], Array]:
    """One row for each set of conditions, in order of first sight, with the mean of its outcomes."""
    found: dict[Row, list[float]] = {}
    for row, y in zip(rows, outcome, strict=True):
        found.setdefault(row, []).append(y)
    return tuple(found), np.array([float(np.mean(v)) for v in found.values()])


def arylation(folder: Path) -> Task:
    """The direct arylation of an imidazole, the full factorial of 4 bases, 12 ligands, 4 solvents, 3 concentrations and 3 temperatures."""
    with (folder / "hte" / "direct_arylation.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    columns = (
        Column("Base_SMILES", "smiles"),
        Column("Ligand_SMILES", "smiles"),
        Column("Solvent_SMILES", "smiles"),
        Column("Concentration", "number"),
        Column("Temp_C", "number"),
    )
    rows, y = distinct([tuple(r[c.name] if c.kind == "smiles" else float(r[c.name]) for c in columns) for r in table], [float(r["yield"]) for r in table])
    return Task("arylation", columns, rows, y, 1, y >= 99.0, 5, 5, 50, 50)


def olympus_columns(folder: Path, name: str) -> tuple[tuple[Column, ...], list[list[str]], dict[str, Any]]:
    """The columns, the cells and the configuration of one Olympus set."""
    config = json.loads((folder / "olympus" / name / "config.json").read_text())
    mixed = config["constraints"]["parameters"] == "simplex"
    kinds = {"categorical": "label", "continuous": "fraction" if mixed else "number"}
    with (folder / "olympus" / name / "data.csv").open(newline="") as file:
        cells = [r for r in csv.reader(file) if r]
    return tuple(Column(p["name"], kinds[p["type"]]) for p in config["parameters"]), cells, config


def olympus(folder: Path, name: str) -> Task:
    """One of the five flow and enzyme tables, or one of the two plates of catalysts."""
    columns, cells, _ = olympus_columns(folder, name)
    k = len(columns)
    rows, y = distinct([tuple(v if c.kind == "label" else float(v) for c, v in zip(columns, r, strict=False)) for r in cells], [float(r[k]) for r in cells])
    if name in PLATES:
        good = np.zeros(len(y), bool)
        good[np.argsort(y, kind="stable")[: math.ceil(0.01 * len(y))]] = True
        return Task(name, columns, rows, y, -1, good, 3, 1, 200, 20)
    sign = -1 if name in ("snar", "benzylation") else 1
    good = y >= 0.95 * y.max() if sign == 1 else y <= y.min() / 0.95
    return Task(name, columns, rows, y, sign, good, 3, 1, len(y), 50)


def tasks(folder: Path) -> dict[str, Task]:
    """All the exam's tasks by name."""
    return {"arylation": arylation(folder)} | {n: olympus(folder, n) for n in (*OLYMPUS, *PLATES)}


def start_rows(task: Task, seed: int) -> list[int]:
    """The random rows that every method begins with."""
    return [int(i) for i in np.random.default_rng(seed).choice(len(task.rows), task.start, replace=False)]


def replay(task: Task, planner: Planner, seed: int) -> list[int]:
    """Rows in the order chosen, from the common start until the budget is spent or, in a race, a good row is found.

    Raises:
        ValueError: the planner chose a row twice, or the wrong number of rows.
    """
    race = task.name != "arylation"
    chosen = start_rows(task, seed)
    while len(chosen) < task.budget and not (race and task.good[chosen].any()):
        n = min(task.batch, task.budget - len(chosen))
        new = [int(i) for i in planner(task, tuple(chosen), task.merit[chosen].copy(), n, seed)]
        if len(new) != n or len(set(new) | set(chosen)) != n + len(chosen):
            raise ValueError(f"{task.name}, seed {seed}: {new} repeats a row or is not {n} rows")
        chosen += new
    return chosen


def to_good(task: Task, chosen: Sequence[int]) -> int:
    """Experiments until the first good row; one more than the budget where there is none."""
    hits = np.flatnonzero(task.good[list(chosen)])
    return int(hits[0]) + 1 if len(hits) else task.budget + 1


def scores(task: Task, runs: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Mean, standard error and worst case over the runs."""
    if task.name == "arylation":
        best = np.array([[task.outcome[list(r[:k])].max() for k in CHECKPOINTS] for r in runs])
        found = {f"best_{k}": round(float(best[:, j].mean()), 2) for j, k in enumerate(CHECKPOINTS)}
        worst = {f"worst_{k}": round(float(best[:, j].min()), 2) for j, k in enumerate(CHECKPOINTS)}
        spread = {f"stderr_{k}": round(float(best[:, j].std(ddof=1) / math.sqrt(len(runs))), 2) if len(runs) > 1 else math.nan for j, k in enumerate(CHECKPOINTS)}
        return {"n": len(runs), **found, "at_least_99": round(float((best[:, -1] >= 99).mean()), 3), **worst, **spread}
    count = np.array([to_good(task, r) for r in runs])
    error = float(count.std(ddof=1) / math.sqrt(len(runs))) if len(runs) > 1 else math.nan
    return {"n": len(runs), "mean": round(float(count.mean()), 2), "stderr": round(error, 2), "median": float(np.median(count)), "worst": int(count.max())}


def random_best(outcome: Array, k: int) -> float:
    """Exact expectation of the best of k rows drawn without replacement: sum of y_(r) C(r-1, k-1) / C(N, k)."""
    y, n = np.sort(outcome), len(outcome)
    log = [math.lgamma(r) - math.lgamma(k) - math.lgamma(r - k + 1) if r >= k else -math.inf for r in range(1, n + 1)]
    total = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return float(np.exp(np.array(log) - total) @ y)


def random_scores(task: Task) -> dict[str, Any]:
    """What a random choice gives, exactly: the best after k, and the mean (N + 1) / (m + 1) of the place of the first of m good rows."""
    n, m = len(task.rows), int(task.good.sum())
    if task.name == "arylation":
        none = math.exp(sum(math.log((n - m - i) / (n - i)) for i in range(task.budget)))
        return {"n": "exact", **{f"best_{k}": round(random_best(task.outcome, k), 2) for k in CHECKPOINTS}, "at_least_99": round(1 - none, 3)}
    return {"n": "exact", "mean": round((n + 1) / (m + 1), 2), "worst": n - m + 1}


def main() -> None:
    """Print the tables."""
    folder = data_folder()
    if folder is None:
        print("skipped: set CHEMWRIGHT_DATA to the folder of measured tables")
        return
    for name, task in tasks(folder).items():
        print(f"{name}: {len(task.rows)} rows, {int(task.good.sum())} good, start {task.start}, batch {task.batch}, seeds {task.seeds}, random {random_scores(task)}")


if __name__ == "__main__":
    main()
