"""What a planner proposes, and the words that say why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from scipy.stats import norm

from chemwright.experiment.planning.domain import Array
from chemwright.record import Objective
from chemwright.record.fields import as_tuple


@frozen(eq=False)
class Proposal:
    """The next experiments.

    Args:
        rows: shape (n, v), as the space has them; fewer than asked for when the space has no more.
        points: the same as dicts of SI numbers and levels.
        mean: predicted figures (n, M), SI; nan where nothing is known of an objective.
        std: their standard deviations (n, M).
        gain: what each is expected to add to the best (one objective: in its unit; several: hypervolume, each objective in units of the range seen), given those before it; nan before there is a model.
        chance: chance that each succeeds, (n,).
        why: one sentence for each.
        worth: what the best remaining experiment is expected to gain, in the unit of ``gain``; nan before there is a model.
        share: the same as a share of the range of merit seen so far (one objective), or of the hypervolume reached; nan before there is a model.
        notes: what a user must know of the whole.
        backend: ``own``, ``torch``, or ``spread`` for a start without a model.
        settings: SHA-256 of the settings.
    """

    rows: Array
    points: tuple[dict[str, float | str], ...] = field(converter=as_tuple)
    mean: Array
    std: Array
    gain: Array
    chance: Array
    why: tuple[str, ...]
    worth: float
    share: float
    notes: tuple[str, ...]
    backend: str
    settings: str

    def __len__(self) -> int:
        return len(self.rows)


def reasons(objectives: Sequence[Objective], mean: Array, std: Array, chance: Array, best: Array, top: Array, spread: Array) -> tuple[str, ...]:
    """A sentence for each proposed experiment.

    Args:
        objectives: M of them.
        mean, std: predicted figures, (n, M).
        chance: chance of success, (n,).
        best: best figure so far of each objective, nan where there is none, (M,).
        top: the best predicted mean of all candidates, (M,).
        spread: the median std of all candidates, (M,).
    """
    return tuple(_reason(objectives, mean[i], std[i], float(chance[i]), best, top, spread) for i in range(len(mean)))


def _reason(objectives: Sequence[Objective], mean: Array, std: Array, chance: float, best: Array, top: Array, spread: Array) -> str:
    parts = []
    for j, o in enumerate(objectives):
        if not np.isfinite(mean[j]):
            parts.append(f"{o.name} not known yet")
            continue
        text = f"{o.name} expected {mean[j]:.4g} ± {std[j]:.2g} (SI)"
        if np.isfinite(best[j]) and o.goal in ("maximise", "minimise"):
            ahead = (mean[j] - best[j]) * (1 if o.goal == "maximise" else -1)
            text += f", {100 * norm.cdf(ahead / max(std[j], 1e-300)):.0f} % likely to beat {best[j]:.4g}"
        parts.append(text)
    aim = (
        "refines what is best"
        if np.allclose(mean, top, rtol=0, atol=np.nan_to_num(spread) + 1e-12, equal_nan=True)
        else "looks where little is known"
        if (std > 1.2 * spread).any()
        else "weighs promise and doubt"
    )
    tail = f"; {100 * chance:.0f} % likely to succeed" if chance < 0.995 else ""
    return f"{aim}: {'; '.join(parts)}{tail}"
