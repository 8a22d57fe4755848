"""Networks, rate laws, fits to runs and rival models, regression with prior and Hybrid, and what the data informed."""

from chemwright.kinetics.fit_answer import fit_answer
from chemwright.kinetics.fitting import RunFit, fit_runs
from chemwright.kinetics.flow_model import FlowModel
from chemwright.kinetics.laws import Scheme, scheme_of, scheme_toml
from chemwright.kinetics.models_file import read_models, read_problem
from chemwright.kinetics.network import Network, Reaction, parse_reaction, reaction_from_smiles
from chemwright.kinetics.rates import Equilibrium, MassAction
from chemwright.kinetics.rivals import Ranking, compare
from chemwright.kinetics.runs import Run, RunSet, TemperatureProfile
from chemwright.kinetics.runs_file import read_runs
from chemwright.kinetics.setup import Problem, network_of, problem_of
from chemwright.kinetics.simulate import sensitivities, simulate
from chemwright.kinetics.summary import fit_case, pack, unpack

__all__ = [
    "Equilibrium",
    "FlowModel",
    "MassAction",
    "Network",
    "Problem",
    "Ranking",
    "Reaction",
    "Run",
    "RunFit",
    "RunSet",
    "Scheme",
    "TemperatureProfile",
    "compare",
    "fit_answer",
    "fit_case",
    "fit_runs",
    "network_of",
    "pack",
    "parse_reaction",
    "problem_of",
    "reaction_from_smiles",
    "read_models",
    "read_problem",
    "read_runs",
    "scheme_of",
    "scheme_toml",
    "sensitivities",
    "simulate",
    "unpack",
]
