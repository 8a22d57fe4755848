"""Model-based design of experiments: runs for parameters, for a figure, and to tell rival models apart."""

from chemwright.experiment.design.criteria import Criterion, criterion, figure
from chemwright.experiment.design.discrimination import DIVERGENCES
from chemwright.experiment.design.laplace import Learned, learn, probabilities
from chemwright.experiment.design.parameters import Information, after
from chemwright.experiment.design.reactor_response import Conditions, Sample, reactor_response
from chemwright.experiment.design.region import Region
from chemwright.experiment.design.response import Response, algebraic
from chemwright.experiment.design.rivals import Discrimination, Rival, weights
from chemwright.experiment.design.search import Design, search

__all__ = [
    "DIVERGENCES",
    "Conditions",
    "Criterion",
    "Design",
    "Discrimination",
    "Information",
    "Learned",
    "Region",
    "Response",
    "Rival",
    "Sample",
    "after",
    "algebraic",
    "criterion",
    "figure",
    "learn",
    "probabilities",
    "reactor_response",
    "search",
    "weights",
]
