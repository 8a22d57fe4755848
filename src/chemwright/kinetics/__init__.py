"""Networks, rate laws, regression with prior and Hybrid, and what the data informed."""

from chemwright.kinetics.flow_model import FlowModel
from chemwright.kinetics.network import Network, Reaction, parse_reaction, reaction_from_smiles
from chemwright.kinetics.rates import Equilibrium, MassAction
from chemwright.kinetics.setup import Problem, network_of, problem_of
from chemwright.kinetics.summary import fit_case, pack, unpack

__all__ = [
    "Equilibrium",
    "FlowModel",
    "MassAction",
    "Network",
    "Problem",
    "Reaction",
    "fit_case",
    "network_of",
    "pack",
    "parse_reaction",
    "problem_of",
    "reaction_from_smiles",
    "unpack",
]
