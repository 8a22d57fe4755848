"""Flowsheet: balances, economics, optimisation and sensitivities of the plant."""

from chemwright.flowsheet.build import build_plant, economic_claims
from chemwright.flowsheet.optimise import Bounds, front, optimise
from chemwright.flowsheet.plant import FIGURES, Operating, Plant

__all__ = ["FIGURES", "Bounds", "Operating", "Plant", "build_plant", "economic_claims", "front", "optimise"]
