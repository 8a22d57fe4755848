"""BoTorch's Gaussian processes of a campaign's figures, and their acquisition function."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from attrs import frozen

from chemwright.experiment.observations import Observations
from chemwright.experiment.planning.domain import Array
from chemwright.experiment.planning.fidelity import at_truth
from chemwright.experiment.planning.merit import Wanted
from chemwright.experiment.planning.process import location
from chemwright.experiment.planning.surrogate import PriorMean, expected
from chemwright.experiment.space import Space
from chemwright.record import Objective

DOUBLE = torch.float64
SAMPLES = 128


@frozen(eq=False)
class Models:
    """One process per figure on standardised outcomes; None where nothing was measured.

    Args:
        space: of the campaign.
        parts: the processes, M.
        centre, scale: of each figure, (M,).
        width: columns of an input: the variables, and the campaign it came from where some are borrowed.
        prior_mean: what a mechanism expects, or None.
    """

    space: Space
    parts: tuple[Any, ...]
    centre: Array
    scale: Array
    width: int
    prior_mean: PriorMean | None

    @classmethod
    def fit(cls, space: Space, seen: Observations, objectives: Sequence[Objective], prior_mean: PriorMean | None) -> Models:
        """Fit all figures; those that failed or are nan are left out."""
        borrowed = bool((seen.task > 0).any())
        x = np.hstack([space.unit(seen.rows), seen.task[:, None].astype(float)]) if borrowed else space.unit(seen.rows)
        levels = [j for j, v in enumerate(space.variables) if v.kind == "categorical"] + ([len(space.variables)] if borrowed else [])
        base = np.zeros_like(seen.values) if prior_mean is None else expected(prior_mean, seen.rows, len(objectives))
        parts: list[Any] = []
        centre, scale = np.zeros(len(objectives)), np.ones(len(objectives))
        for j in range(len(objectives)):
            ok = np.isfinite(seen.values[:, j]) & ~seen.failed
            if not ok.any():
                parts.append(None)
                continue
            y = (seen.values - base)[ok, j]
            centre[j], scale[j] = location(y)
            std = seen.stds[ok, j]
            known = (std / scale[j]) ** 2 if np.isfinite(std).all() and (std > 0).all() else None
            parts.append(_process(x[ok], (y - centre[j]) / scale[j], known, levels))
        return cls(space, tuple(parts), centre, scale, x.shape[1], prior_mean)

    def inputs(self, rows: Array) -> torch.Tensor:
        """Rows of this campaign as inputs."""
        x = self.space.unit(at_truth(self.space, rows))
        return torch.from_numpy(np.hstack([x, np.zeros((len(x), self.width - x.shape[1]))]))

    def predict(self, rows: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the figures (n, M), SI; nan where nothing is known."""
        mean, std = np.full((len(rows), len(self.parts)), np.nan), np.full((len(rows), len(self.parts)), np.nan)
        base = np.zeros_like(mean) if self.prior_mean is None else expected(self.prior_mean, rows, len(self.parts))
        for j, part in enumerate(self.parts):
            if part is not None and len(rows):
                with torch.no_grad():
                    posterior = part.posterior(self.inputs(rows))
                mean[:, j] = base[:, j] + self.centre[j] + self.scale[j] * posterior.mean.numpy()[:, 0]
                std[:, j] = self.scale[j] * np.sqrt(posterior.variance.numpy()[:, 0])
        return mean, std

    def acquisition(self, wanted: Wanted, reference: Array, scale: Array, seen: Observations, pending: Array, seed: int) -> Any:
        """qLogNEI of one merit, qLogNEHVI of several, in units of ``scale`` above ``reference``; limits as constraints."""
        from botorch.acquisition.logei import qLogNoisyExpectedImprovement
        from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
        from botorch.acquisition.multi_objective.objective import GenericMCMultiOutputObjective
        from botorch.acquisition.objective import GenericMCObjective
        from botorch.models import ModelListGP
        from botorch.sampling import SobolQMCNormalSampler

        at = [j for j, p in enumerate(self.parts) if p is not None]
        raised = [j for j in wanted.raised if j in at] or at[:1]
        model = ModelListGP(*(self.parts[j] for j in at)) if len(at) > 1 else self.parts[at[0]]
        sampler = SobolQMCNormalSampler(torch.Size([SAMPLES]), seed=seed)
        own = seen.own.where(~seen.own.failed)
        known = self.inputs(own.rows if len(own) else seen.rows)
        place = {j: k for k, j in enumerate(wanted.raised)}

        def merit(samples: torch.Tensor, j: int, x: torch.Tensor | None) -> torch.Tensor:
            figure = self.centre[j] + self.scale[j] * samples[..., at.index(j)] + self._base(x, j)
            o, k = wanted.objectives[j], place.get(j, 0)
            raw = figure if o.goal == "maximise" else -figure if o.goal == "minimise" else -(figure - (o.target or 0.0)).abs() if o.goal == "target" else _room(figure, o)
            return (raw - float(reference[k])) / float(scale[k])

        def merit_one(j: int, samples: torch.Tensor, X: torch.Tensor | None = None) -> torch.Tensor:
            return merit(samples, j, X)

        def merit_all(samples: torch.Tensor, X: torch.Tensor | None = None) -> torch.Tensor:
            return torch.stack([merit(samples, j, X) for j in raised], -1)

        limits = [j for j in wanted.limits if j in at and wanted.raised]
        constraints = [_limit(self, j, at.index(j), wanted.objectives[j]) for j in limits] or None
        open_ = self.inputs(pending) if len(pending) else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if len(raised) == 1:
                one = GenericMCObjective(partial(merit_one, raised[0]))
                return qLogNoisyExpectedImprovement(model, known, sampler=sampler, objective=one, constraints=constraints, X_pending=open_, prune_baseline=True)
            many = GenericMCMultiOutputObjective(merit_all)
            return qLogNoisyExpectedHypervolumeImprovement(
                model, torch.zeros(len(raised), dtype=DOUBLE), known, sampler=sampler, objective=many, constraints=constraints, X_pending=open_, prune_baseline=True
            )  # fmt: skip

    def _base(self, x: torch.Tensor | None, j: int) -> torch.Tensor | float:
        if self.prior_mean is None or x is None:
            return 0.0
        flat = x.detach().reshape(-1, self.width).numpy()[:, : len(self.space.variables)]
        return torch.from_numpy(expected(self.prior_mean, self.space.from_unit(flat), len(self.parts))[:, j]).reshape(x.shape[:-1])


def _room(figure: torch.Tensor, o: Objective) -> torch.Tensor:
    return (figure - (o.target or 0.0)) * (1.0 if o.goal == "at_least" else -1.0)


def _limit(models: Models, j: int, column: int, o: Objective) -> Any:
    return lambda samples: -_room(models.centre[j] + models.scale[j] * samples[..., column], o) / models.scale[j]


def _process(x: Array, y: Array, known: Array | None, levels: Sequence[int]) -> Any:
    from botorch.exceptions.errors import ModelFittingError
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import MixedSingleTaskGP, SingleTaskGP
    from gpytorch.mlls import ExactMarginalLogLikelihood

    a, b = torch.from_numpy(x), torch.from_numpy(y)[:, None]
    c = None if known is None else torch.from_numpy(known)[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if levels:
            model = MixedSingleTaskGP(a, b, cat_dims=list(levels), train_Yvar=c, outcome_transform=None)
        else:
            model = SingleTaskGP(a, b, train_Yvar=c, outcome_transform=None)
        try:
            fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        except ModelFittingError:  # the prior's hyperparameters stand where none could be found, as with one point
            model.eval()
    return model
