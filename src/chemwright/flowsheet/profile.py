"""Concentrations along the reactor of a solved plant, with the standard uncertainty that the ledger gives them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.flowsheet.balances import MESH
from chemwright.flowsheet.plant import Operating, Plant
from chemwright.model.protocol import Array

BETWEEN = np.array([0.25, 0.5, 0.75, 1.0])  # where an element is shown, as fractions of it


def reactor_profile(plant: Plant, point: Operating) -> dict[str, Any]:
    """Concentrations along the tube, operating point held: the collocation polynomials that the design solves.

    The std follows from the same exact derivatives as the figures': the balances are differentiated implicitly, so that it holds the
    kinetic posterior and what the recycle carries back.

    Args:
        plant, point: the plant and its solved operating point.

    Returns:
        ``time`` (T,) in s, ``species``: id -> ``c`` (T,) and ``std`` (T,) in mol/m^3.
    """
    import casadi as ca

    from chemwright.model.reactors import concentrations

    s, law = plant.symbols, plant.problem.model.law
    species = law.network.species
    unknown = dict(zip(plant.names, ca.vertsplit(s["v"]), strict=True))
    c_ref = s["d"][3]
    c_in = [s["flows"].mole["reactor feed"][j] * c_ref for j in species]
    nodes = [c_in]
    for k in range(3 * len(MESH)):
        extents = [unknown[f"xi.{i}.{k}"] * c_ref for i in range(len(law.stoichiometry))]
        nodes.append(concentrations(law, c_in, extents))
    out = ca.vertcat(*[c for node in nodes for c in node])
    jacobians = [ca.jacobian(f, x) for f in (out, s["eqs"]) for x in (s["v"], s["p"])]
    call = ca.Function("profile", [s["v"], s["d"], s["p"]], [out, *jacobians])
    values, y_v, y_p, g_v, g_p = (np.array(a) for a in call(point.unknowns, point.design, plant.numbers.mean))
    time, weights = _shown()
    rows = plant.ledger_rows(y_p - y_v @ np.linalg.solve(g_v, g_p))
    c = weights @ values.reshape(len(nodes), -1)
    slopes = np.einsum("tn,nsk->tsk", weights, rows.reshape(len(nodes), len(species), -1))
    variance = np.einsum("tsj,jk,tsk->ts", slopes, plant.numbers.ledger.cov(), slopes, optimize=True)
    std = np.sqrt(np.maximum(variance, 0.0))
    return {"time": (time * point.design[1]).tolist(), "species": {j: {"c": c[:, i].tolist(), "std": std[:, i].tolist()} for i, j in enumerate(species)}}


def _shown() -> tuple[Array, Array]:
    """Where the profile is given, (T,) as fractions of the residence time, and the weights (T, nodes) of the collocation polynomials there."""
    import casadi as ca

    points = np.array([0.0, *ca.collocation_points(3, "radau")])
    basis = np.array([[np.prod([(t - b) / (a - b) for b in points if b != a]) for a in points] for t in BETWEEN])
    time, start = [0.0], 0.0
    weights = np.zeros((1 + len(MESH) * len(BETWEEN), 1 + 3 * len(MESH)))
    weights[0, 0] = 1.0
    for e, end in enumerate(MESH):
        time += [start + t * (end - start) for t in BETWEEN.tolist()]
        first = 1 + e * len(BETWEEN)
        weights[first : first + len(BETWEEN), 3 * e : 3 * e + 4] = basis
        start = end
    return np.array(time), weights
