"""A mechanism that could explain a campaign: its figures as functions of the campaign's variables, with a prior on the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.experiment.design import Response, reactor_response
from chemwright.experiment.design.reactor_response import Sample, Setting
from chemwright.model.lower import log
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.model.reactors import RateLaw
from chemwright.record.fields import as_tuple

SCALES = ("log", "plain")


@frozen(eq=False)
class Mechanism:
    """One mechanism of a campaign.

    Args:
        name: of the mechanism.
        response: its factors are the campaign's variables in their order (SI, all numbers), its outputs the objectives in their order, on the scale of the fit.
        prior: on its parameters (P,); may be wide, as decades on rate constants.
        scales: ``log`` or ``plain`` for each objective: a figure whose error grows with it (a rate, an E-factor) is fitted on its logarithm.
    """

    name: str
    response: Response
    prior: Gaussian
    scales: tuple[str, ...] = field(converter=as_tuple)

    def __attrs_post_init__(self) -> None:
        where = f"mechanism {self.name!r}"
        if len(self.scales) != len(self.response.outputs) or any(s not in SCALES for s in self.scales):
            raise InputError(f"scales {list(self.scales)} for {len(self.response.outputs)} objectives", where=where, fix=f"give one of {', '.join(SCALES)} for each")
        if len(self.prior.mean) != len(self.response.parameters):
            raise InputError(f"a prior of {len(self.prior.mean)} for {len(self.response.parameters)} parameters", where=where, fix="give mean and covariance of all parameters")

    def to_fit(self, y: Array) -> Array:
        """Figures (..., M) on the scale of the fit; nan where a logarithm has no number."""
        out = np.array(y, dtype=float)
        for j, s in enumerate(self.scales):
            if s == "log":
                out[..., j] = np.log(np.where(out[..., j] > 0, out[..., j], np.nan))
        return out

    def from_fit(self, y: Array) -> Array:
        """Back to SI."""
        out = np.array(y, dtype=float)
        for j, s in enumerate(self.scales):
            if s == "log":
                out[..., j] = np.exp(np.clip(out[..., j], -700, 700))
        return out


def reactor_mechanism(
    name: str,
    law: RateLaw,
    reactor: str,
    setting: Setting,
    reading: Callable[[Sample], list[Any]],
    variables: Sequence[str],
    objectives: Sequence[str],
    prior: Gaussian,
    *,
    scales: Sequence[str] = (),
    noise: Sequence[float] = (),
) -> Mechanism:
    """A rate law in an ideal reactor as a mechanism of a campaign.

    Args:
        name: of the mechanism.
        law: rates.
        reactor: ``batch``, ``plug_flow`` or ``stirred_tank``.
        setting: the campaign's variables (a list, SI) -> feed, temperature and time.
        reading: the outlet -> the objectives, SI; smooth.
        variables, objectives: names, in the campaign's order.
        prior: on the law's parameters.
        scales: of the fit; ``log`` for all when none are given.
        noise: first guess of each objective's standard deviation on that scale (0.02 when none is given); its size is learned.
    """  # fmt: skip
    kinds = tuple(scales) or ("log",) * len(objectives)

    def fitted(sample: Sample) -> list[Any]:
        return [log(v) if s == "log" else v for v, s in zip(reading(sample), kinds, strict=True)]

    response = reactor_response(law, reactor, setting, variables, fitted, objectives, list(noise) or [0.02] * len(objectives))
    return Mechanism(name, response, prior, kinds)
