"""A mechanism in a campaign: as one of several explanations, weighed against a black box by how well each foretells the runs."""

from chemwright.experiment.mechanistic.belief import Belief, believe
from chemwright.experiment.mechanistic.mechanism import Mechanism, reactor_mechanism
from chemwright.experiment.mechanistic.planner import MechanisticPlanner

__all__ = ["Belief", "Mechanism", "MechanisticPlanner", "believe", "reactor_mechanism"]
