"""What a campaign has seen, as arrays for a planner: rows, figures, their noise, failures, and which campaign they came from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from chemwright.experiment.space import Array, Space
from chemwright.record import CampaignRecord, Objective, Trial

Bool = NDArray[np.bool_]


@frozen(eq=False)
class Observations:
    """n experiments that have ended, of m objectives.

    Args:
        ids: of the trials, n.
        rows: shape (n, v), as :class:`~chemwright.experiment.space.Space` has them.
        values: shape (n, m), SI, nan where a figure was not measured (always so for failures).
        stds: shape (n, m), known standard deviation of one measurement, nan where it is to be learned.
        failed: shape (n,), whether the experiment failed.
        task: shape (n,), 0 for the campaign itself, 1, 2, ... for campaigns whose data are borrowed (each with an offset of its own).
        when: shape (n,), s since the beginning at which the result was told; nan for borrowed ones.
        tasks: names of the tasks; the first is the campaign.
        counts: shape (n,), measurements that a row stands for (more than 1 once replicates are pooled).
    """

    ids: tuple[str, ...]
    rows: Array
    values: Array
    stds: Array
    failed: Bool
    task: NDArray[np.int64]
    when: Array
    tasks: tuple[str, ...] = ("",)
    counts: NDArray[np.int64] = field(factory=lambda: np.zeros(0, np.int64))

    def __attrs_post_init__(self) -> None:
        if len(self.counts) != len(self.ids):
            object.__setattr__(self, "counts", np.ones(len(self.ids), np.int64))

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, keep: Bool | NDArray[np.int64]) -> Observations:
        """Those of the mask or at the positions ``keep``."""
        at = np.arange(len(self))[keep]
        return evolve(
            self,
            ids=tuple(self.ids[i] for i in at),
            rows=self.rows[at],
            values=self.values[at],
            stds=self.stds[at],
            failed=self.failed[at],
            task=self.task[at],
            when=self.when[at],
            counts=self.counts[at],
        )

    @property
    def own(self) -> Observations:
        """Those of the campaign itself."""
        return self.where(self.task == 0)


def observe(record: CampaignRecord, space: Space) -> Observations:
    """The ended experiments of a campaign, and those it borrowed."""
    trials = [t for t in record.trials if t.state in ("done", "failed")]
    lent = [t for t in record.borrowed if t.state in ("done", "failed")]
    origins = tuple(dict.fromkeys(t.origin for t in lent))
    task = np.array([0] * len(trials) + [1 + origins.index(t.origin) for t in lent], np.int64)
    both = [*trials, *lent]
    return Observations(
        tuple(t.id for t in both),
        space.rows([t.point for t in both]).reshape(-1, len(space.variables)),
        np.array([_values(t, record.objectives) for t in both]).reshape(-1, len(record.objectives)),
        np.array([_stds(t, record.objectives) for t in both]).reshape(-1, len(record.objectives)),
        np.array([t.state == "failed" for t in both], bool),
        task,
        np.array([np.nan if t.when is None or k else t.when for t, k in zip(both, task, strict=True)], float),
        (record.name, *origins),
    )


def open_rows(record: CampaignRecord, space: Space) -> Array:
    """Experiments that were proposed and have not ended, shape (p, v)."""
    return space.rows([t.point for t in record.trials if t.state == "open"]).reshape(-1, len(space.variables))


def _values(trial: Trial, objectives: Sequence[Objective]) -> list[float]:
    return [np.nan if trial.state == "failed" else trial.results.get(o.name, np.nan) for o in objectives]


def _stds(trial: Trial, objectives: Sequence[Objective]) -> list[float]:
    return [trial.stds.get(o.name, np.nan if o.std is None else o.std) for o in objectives]


def groups(rows: Array, task: NDArray[np.int64] | None = None) -> list[NDArray[np.int64]]:
    """Positions of equal rows (to 1e-9 of the values), one array a group, in the order of their first member."""
    seen: dict[bytes, list[int]] = {}
    scale = np.maximum(np.abs(rows).max(0, initial=0.0), 1e-300)
    for i, row in enumerate(np.round(rows / scale, 9) + 0.0):
        key = row.tobytes() + (b"" if task is None else task[i].tobytes())
        seen.setdefault(key, []).append(i)
    return [np.array(members) for members in seen.values()]


def pooled(seen: Observations) -> Observations:
    """Replicates as one row each: the mean of what was measured, the std of a mean where the noise is known.

    A row failed when none of its replicates succeeded.
    """
    parts = groups(seen.rows, seen.task)
    if all(len(p) == 1 for p in parts):
        return seen
    out = seen.where(np.array([p[0] for p in parts], np.int64))
    values, stds = np.full_like(out.values, np.nan), np.full_like(out.stds, np.nan)
    failed, counts = out.failed.copy(), out.counts.copy()
    for k, members in enumerate(parts):
        failed[k] = bool(seen.failed[members].all())
        good = members[~seen.failed[members]]
        counts[k] = max(1, len(good))
        for j in range(values.shape[1]):
            told = good[np.isfinite(seen.values[good, j])]
            if len(told):
                values[k, j], stds[k, j] = _mean(seen.values[told, j], seen.stds[told, j])
    return evolve(out, values=values, stds=stds, failed=failed, counts=counts)


def _mean(values: Array, stds: Array) -> tuple[float, float]:
    """Mean weighted by known stds, and its std; the plain mean and nan where any is unknown."""
    if not np.all(np.isfinite(stds) & (stds > 0)):
        return float(values.mean()), np.nan
    weight = 1.0 / stds**2
    return float((weight * values).sum() / weight.sum()), float(weight.sum() ** -0.5)
