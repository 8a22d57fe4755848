"""The planner of campaigns: Bayesian optimisation on numpy and scipy, and BoTorch behind the same call."""

from chemwright.experiment.planning.proposal import Proposal
from chemwright.experiment.planning.propose import propose
from chemwright.experiment.planning.settings import PlanSettings

__all__ = ["PlanSettings", "Proposal", "propose"]
