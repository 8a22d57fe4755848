"""What a campaign may be given before any experiment: what a mechanism expects, or a planner of its own that knows one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from chemwright.experiment.observations import Observations
    from chemwright.experiment.planning import PlanSettings, Proposal
    from chemwright.experiment.space import Space
    from chemwright.record import Objective

Array = NDArray[np.float64]


@runtime_checkable
class PriorMean(Protocol):
    """Something that expects figures at points."""

    def prior_mean(self, points: Sequence[Mapping[str, Any]]) -> tuple[Array, Array]:
        """Expected figures and their standard deviations, each (n, m) in SI, for n points (names to SI numbers and levels)."""


@runtime_checkable
class Planner(PriorMean, Protocol):
    """A prior that also plans, as one that weighs mechanisms against a black box."""

    def propose(
        self,
        space: Space,
        seen: Observations,
        objectives: Sequence[Objective],
        n: int,
        *,
        pending: Array | None = None,
        settings: PlanSettings | None = None,
        seed: int = 0,
        base_cost: float = 1.0,
    ) -> Proposal:
        """The next n experiments, as :func:`chemwright.experiment.planning.propose` gives them."""
