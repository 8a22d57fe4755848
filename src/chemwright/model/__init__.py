"""The centre: mechanism, learner, Hybrid, posterior, ideal reactors and the uncertainty ledger."""

from chemwright.model.evidence import Hyper, Widths
from chemwright.model.gaussian import GaussianProcess
from chemwright.model.hybrid import Hybrid
from chemwright.model.ledger import Ledger
from chemwright.model.mlp import Perceptron
from chemwright.model.posterior import Gaussian, MapFit, check_posterior, fit_map
from chemwright.model.protocol import Learner, Mechanism, Prediction

__all__ = ["Gaussian", "GaussianProcess", "Hybrid", "Hyper", "Learner", "Ledger", "MapFit", "Mechanism", "Perceptron", "Prediction", "Widths", "check_posterior", "fit_map"]
