"""Hybrid models inside dynamic balances: a mechanism with learned rates, residuals or closures, trained together."""

from chemwright.kinetics.hybrid.search import Settings
from chemwright.kinetics.hybrid.train import Hybrids, train_hybrid
from chemwright.kinetics.hybrid.trained import HybridModel

__all__ = ["HybridModel", "Hybrids", "Settings", "train_hybrid"]
