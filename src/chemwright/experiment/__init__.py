"""Experiments: design, Bayesian optimisation, campaigns, drivers and the virtual lab. Everything loads on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chemwright.experiment.build import categorical, continuous, discrete, forbidden, mixture, objective
    from chemwright.experiment.campaign import Campaign
    from chemwright.experiment.space import Space

__all__ = ["Campaign", "Space", "categorical", "continuous", "discrete", "forbidden", "mixture", "objective"]


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from chemwright.experiment import build, campaign, space

    value = campaign.Campaign if name == "Campaign" else space.Space if name == "Space" else getattr(build, name)
    globals()[name] = value
    return value
