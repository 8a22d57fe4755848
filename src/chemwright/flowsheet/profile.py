"""Concentrations along the reactor of a solved plant, with the standard uncertainty that the ledger gives them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.flowsheet.balances import MESH
from chemwright.flowsheet.plant import Operating, Plant


def reactor_profile(plant: Plant, point: Operating) -> dict[str, Any]:
    """Concentrations at the inlet and at the collocation points of the tube, operating point held.

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
    species, points = law.network.species, 3 * len(MESH)
    unknown = dict(zip(plant.names, ca.vertsplit(s["v"]), strict=True))
    c_ref = s["d"][3]
    c_in = [s["flows"].mole["reactor feed"][j] * c_ref for j in species]
    nodes = [list(c_in)]
    for k in range(points):
        extents = [unknown[f"xi.{i}.{k}"] * c_ref for i in range(len(law.stoichiometry))]
        nodes.append(list(concentrations(law, c_in, extents)))
    out = ca.vertcat(*[c for node in nodes for c in node])
    call = ca.Function("profile", [s["v"], s["d"], s["p"]], [out, ca.jacobian(out, s["v"]), ca.jacobian(out, s["p"]), ca.jacobian(s["eqs"], s["v"]), ca.jacobian(s["eqs"], s["p"])])
    values, y_v, y_p, g_v, g_p = (np.array(a) for a in call(point.unknowns, point.design, plant.numbers.mean))
    rows = plant.ledger_rows(y_p - y_v @ np.linalg.solve(g_v, g_p))
    variance = np.einsum("ij,jk,ik->i", rows, plant.numbers.ledger.cov(), rows)
    c, std = values.reshape(points + 1, -1), np.sqrt(np.maximum(variance, 0.0)).reshape(points + 1, -1)
    return {
        "time": [t * float(point.design[1]) for t in _nodes()],
        "species": {j: {"c": c[:, i].tolist(), "std": std[:, i].tolist()} for i, j in enumerate(species)},
    }


def _nodes() -> list[float]:
    """Inlet and collocation points, as fractions of the residence time."""
    import casadi as ca

    out, start = [0.0], 0.0
    for end in MESH:
        out += [start + t * (end - start) for t in ca.collocation_points(3, "radau")]
        start = end
    return out
