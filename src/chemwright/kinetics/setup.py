"""From a case record to a mechanism with its prior: the network, the rate law, the observer and the prior's covariance."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.errors import InputError
from chemwright.kinetics.flow_model import FlowModel, check_columns
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.observe import Observer, to_fit_scale
from chemwright.kinetics.rates import MassAction
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array
from chemwright.quantity import convert
from chemwright.record import CaseRecord, ParameterSet


@frozen(eq=False)
class Problem:
    """A regression problem: model, prior, and the runs in SI on the fit scale."""

    model: FlowModel
    prior: Gaussian
    own_sd: Array
    shift_sd: float
    x: Array
    y: Array
    raw: Array


def network_of(record: CaseRecord) -> Network:
    """The case's network, over the species its reactions name, in the case's order."""
    reactions = tuple(parse_reaction(r.text, r.id, f"reaction {r.id}") for r in record.reactions)
    used = {name for r in reactions for name, _ in r.reactants + r.products}
    return Network(tuple(s.id for s in record.species if s.id in used), reactions)


def prior_of(parameters: ParameterSet, network: Network) -> tuple[Gaussian, Array, float]:
    """Prior on theta = [ln k (SI), Ea (J/mol)], with the reference temperature.

    The logarithms of the rate constants share one shift: cov = shift^2 11^T + diag(own^2).

    Args:
        parameters: a set with ``k.<id>`` and ``Ea.<id>`` for every reaction.
        network: the network.

    Returns:
        prior, each parameter's own width (without the shift), reference temperature in K.

    Raises:
        InputError: the set lacks a parameter of the network.
    """
    ids = [r.id for r in network.reactions]
    k = [parameters[f"k.{i}"] for i in ids]
    ea = [parameters[f"Ea.{i}"] for i in ids]
    order = [sum(n for _, n in r.reactants) for r in network.reactions]
    mean = [np.log(convert(p.value, p.unit, f"(mol/m^3)^{1 - n:g}/s" if n != 1 else "1/s")) for p, n in zip(k, order, strict=True)]
    mean += [convert(p.value, p.unit, "J/mol") for p in ea]
    own = np.array([p.std for p in k] + [convert(p.std, p.unit, "J/mol") for p in ea])
    cov = np.diag(own**2)
    cov[: len(ids), : len(ids)] += parameters.common_shift_sd**2
    return Gaussian(np.array(mean), cov), own, parameters.conditions["temperature"]


def problem_of(record: CaseRecord) -> Problem:
    """Everything the regression of a case needs.

    Raises:
        InputError: no prior, no runs, or columns that don't fit.
    """
    if record.prior is None:
        raise InputError("the case has no kinetic prior", where="[kinetics]", fix='add prior = "Hone2017" or another parameter set')
    if record.experiments is None or not record.experiments.rows:
        raise InputError("the case has no runs", where="[experiments]", fix='add file = "runs.csv"')
    network = network_of(record)
    prior, own, t_ref = prior_of(record.prior, network)
    runs = record.experiments
    check_columns(runs.columns, "[experiments]")
    first = network.reactions[0].reactants
    key = network.species.index(first[0][0])
    reagent = network.species.index(first[1][0]) if len(first) > 1 else -1
    target = next((s.id for s in record.species if s.smiles == record.target), None)
    if target not in network.species:
        raise InputError("the target is made by no reaction", where="[case] target", fix="give the SMILES of a species that a reaction makes")
    made = {name for r in network.reactions for name, _ in r.products}
    feeds = tuple(j for j, s in enumerate(network.species) if s not in made)
    masses = tuple(record.species_by_id(s).molar_mass for s in network.species)
    observer = Observer(runs.response, key, network.species.index(target), feeds, masses, network.species)
    model = FlowModel(MassAction(network, (t_ref,) * len(network.reactions)), observer, reagent)
    order = [runs.columns.index(c) for c in ("residence_time", "equivalents", "concentration", "temperature")]
    x = np.array(runs.rows, dtype=float)[:, order]
    raw = np.array(runs.values, dtype=float)
    return Problem(model, prior, own, record.prior.common_shift_sd, x, np.asarray(to_fit_scale(observer.transform)(raw)), raw)
