"""A table of the exam or of the tuning as a campaign: the planner's own call, `chemwright.experiment.planning.propose`, with the table's rows as its pool."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from campaign_exam import Array, Task

from chemwright.experiment.observations import Observations
from chemwright.experiment.planning import PlanSettings, propose
from chemwright.experiment.space import Space
from chemwright.record import Constraint, Objective, Variable


def space_of(task: Task) -> Space:
    """The table's conditions as variables: molecules by structure, labels one column each, numbers between the least and the greatest of the table, fractions as a mixture."""
    variables = []
    for j, column in enumerate(task.columns):
        cells = [r[j] for r in task.rows]
        if column.kind in ("smiles", "label"):
            levels = tuple(dict.fromkeys(map(str, cells)))
            smiles = levels if column.kind == "smiles" else ()
            variables.append(Variable(column.name, "categorical", levels=levels, smiles=smiles, encoding="descriptors" if smiles else "one_hot"))
        else:
            low, high = min(map(float, cells)), max(map(float, cells))
            variables.append(Variable(column.name, low=low, high=high))
    parts = tuple(c.name for c in task.columns if c.kind == "fraction")
    return Space.of(variables, [Constraint(kind="mixture", parts=parts)] if parts else [])


class Ours:
    """The planner on one table."""

    def __init__(self, task: Task, settings: PlanSettings | None = None) -> None:
        self.settings = settings
        self.space = space_of(task)
        self.rows = self.space.rows([dict(zip((c.name for c in task.columns), r, strict=True)) for r in task.rows])
        self.objective = Objective("merit", "maximise")

    def __call__(self, task: Task, chosen: Sequence[int], merit: Array, n: int, seed: int) -> list[int]:
        """The next rows."""
        k = len(chosen)
        seen = Observations(
            tuple(map(str, range(k))), self.rows[list(chosen)], merit[:, None], np.full((k, 1), np.nan), np.zeros(k, bool), np.zeros(k, np.int64), np.arange(k, dtype=float)
        )
        rest = np.setdiff1d(np.arange(len(self.rows)), chosen)
        found = propose(self.space, seen, (self.objective,), n, settings=self.settings, seed=1000 * seed + k, pool=self.rows[rest])
        return [int(rest[np.argmin(np.abs(self.rows[rest] - row).max(1))]) for row in found.rows]
