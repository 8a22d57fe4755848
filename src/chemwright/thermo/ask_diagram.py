"""Diagrams, fits and Henry constants as asked for by name; what `chemwright mix diagram`, `fit` and `henry` show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chemwright.errors import InputError, did_you_mean
from chemwright.thermo.diagram import KINDS, Diagram, Line, binary, henry_diagram, melting_diagram
from chemwright.thermo.envelope_diagram import envelope_diagram
from chemwright.thermo.henry import henry
from chemwright.thermo.liquids import gap_diagram
from chemwright.thermo.local import STD, fit_activity, read_points
from chemwright.thermo.mixture import liquid_mixture, mixture, with_activity
from chemwright.thermo.ternary import binodal_diagram, residue_diagram

Progress = Callable[[str, float | None], None]
ATMOSPHERE, ROOM = 101325.0, 298.15
PLANES = ("txy", "pxy", "xy", "gamma", "excess")
"""Diagrams that take measured points; the first three from equations of state too."""
LIQUIDS = ("lle", "binodal")
"""Diagrams of two liquids, which take measured ends of tie lines."""


def drawn(
    kind: str,
    substances: Sequence[str],
    model: str,
    *,
    T: float | None = None,
    P: float | None = None,
    points: Path | None = None,
    source: str = "",
    solvent: str = "water",
    composition: Sequence[float] = (),
    progress: Progress = lambda text, fraction: None,
) -> Diagram:
    """The diagram of that name.

    Args:
        kind: one of :data:`chemwright.thermo.diagram.KINDS`.
        substances: names, CAS numbers or SMILES; of ``henry`` the solutes.
        model: model of the liquid.
        T: temperature [K]; P: pressure [Pa]; what the diagram needs of them.
        points: CSV of measured points.
        source: where they come from.
        solvent: of ``henry``.
        composition: mole fractions of ``envelope``.
        progress: told what is being done.

    Raises:
        InputError: no such kind, a condition is missing, too few or too many substances; and what the diagram itself raises.
    """
    if kind not in KINDS:
        raise InputError(f"no diagram {kind!r}", where="--diagram", fix=did_you_mean(kind, KINDS))
    if kind == "henry":
        if points is not None:
            raise InputError("the diagram henry takes no points", where="--points", fix="leave --points out")
        return henry_diagram([henry(s, solvent) for s in substances])
    if kind not in (*PLANES, *LIQUIDS) and points is not None:
        raise InputError(f"points can't be laid on the diagram {kind} yet", where="--points", fix=f"take {', '.join((*PLANES, *LIQUIDS))}")
    if kind in PLANES[:3]:
        binary_like = mixture(substances, model)
        progress(f"computing the diagram {kind}", None)
        measured = None if points is None else read_points(points, binary_like.n)
        return binary(kind, binary_like, P=P, T=T, points=measured, source=source or (points.name if points else ""))
    if kind == "envelope":
        return envelope_diagram(mixture(substances, model), composition)
    mix = liquid_mixture(substances, model)
    progress(f"computing the diagram {kind}", None)
    if kind == "residue":
        if P is None:
            raise InputError("residue curves need a pressure", where="--at", fix="give --at '1 atm'")
        return residue_diagram(mix, P)
    if kind == "binodal":
        if T is None:
            raise InputError("a binodal needs a temperature", where="--at", fix="give --at '25 degC'")
        return binodal_diagram(mix, T, _two_liquids(points, mix.n, source, triangle=True))
    if kind == "lle":
        low, high = (260.0, 400.0) if T is None else (T - 20.0, T + 60.0)
        return gap_diagram(mix, low, high, _two_liquids(points, mix.n, source))
    if kind == "eutectic":
        return melting_diagram(mix)
    measured = None if points is None else read_points(points, mix.n)
    return binary(kind, mix, P=P, T=T, points=measured, source=source or (points.name if points else ""))


def _two_liquids(points: Path | None, n: int, source: str, *, triangle: bool = False) -> list[Line]:
    """Measured ends of tie lines: over the first two fractions of a triangle, else over temperature.

    Raises:
        InputError: the file holds no second liquid (columns xx1 ...).
    """
    if points is None:
        return []
    p = read_points(points, n)
    two = np.isfinite(p.xx).all(axis=1)
    if not two.any():
        raise InputError("no second liquid in the file", where=points.name, fix="add the columns xx1 ..., the liquid in equilibrium with x")
    x = np.concatenate([p.x[two], p.xx[two]])
    y = x[:, 1] if triangle else np.tile(p.T[two], 2)
    spread = np.full(len(x), STD["xx"])
    return [Line(f"measured ({len(x)} liquids)", x[:, 0], y, "measured", spread, np.zeros(len(x)) if triangle else np.full(len(x), STD["T"]), source or points.name)]


def fitted(
    points: Path, substances: Sequence[str], model: str, *, terms: int = 0, alpha: float = 0.3, progress: Progress = lambda text, fraction: None
) -> tuple[dict[str, Any], Diagram | None]:
    """Fit a local composition model to points of a mixture; the figures, and a diagram of a binary's fit over its points (nothing for more substances).

    Raises:
        InputError: the file, the model's name, or too few points; ConvergenceError: no fit.
    """
    mix = liquid_mixture(substances, "ideal")
    measured = read_points(points, mix.n)
    progress(f"fitting {model} to {len(measured.T)} points", None)
    result = fit_activity(model, measured, mix.pure, terms=terms, alpha=alpha, cas=mix.cas)
    now = with_activity(mix, result.model, f"{model}, fitted", result.model.source)
    data = {"substances": list(mix.names), "points": len(measured.T), **result.as_data(), "sources": list(now.sources)}
    if mix.n != 2:
        return data, None
    T, P = measured.T[np.isfinite(measured.P)], measured.P[np.isfinite(measured.P)]
    if np.isfinite(measured.xx).any() and not len(P):
        return data, gap_diagram(now, float(measured.T.min()) - 5.0, float(measured.T.max()) + 15.0, _two_liquids(points, 2, ""), steps=81)
    if not len(P):
        return data, binary("gamma", now, T=float(np.median(measured.T)))
    isobaric = np.ptp(P) / np.median(P) < np.ptp(T) / 10.0
    if isobaric:
        return data, binary("txy", now, P=float(np.median(P)), points=measured, source=measured.name)
    values, counts = np.unique(np.round(T, 1), return_counts=True)
    return data, binary("pxy", now, T=float(values[np.argmax(counts)]), points=measured, source=measured.name)


def henry_rows(solutes: Sequence[str], solvent: str, T: float | None, P: float | None) -> dict[str, Any]:
    """Henry constants at T [K] (298.15 when left out) and the mole fractions dissolved at a partial pressure P [Pa] (101325 when left out).

    Raises:
        InputError: no solute; SubstanceError: unknown substance; PropertyMissing: no table has the pair.
    """
    if not solutes:
        raise InputError("no solute given", where="henry", fix="name gases, as in: oxygen methane")
    t, p = T or ROOM, P or ATMOSPHERE
    rows = []
    for name in solutes:
        h = henry(name, solvent)
        rows.append(
            {
                "solute": name,
                "constant": float(h.constant(t)),
                "unit": "Pa",
                "mole_fraction": float(h.solubility(t, p)),
                "enthalpy": h.enthalpy(t) if h.varies else None,
                "tier": h.tier,
                "source": h.source,
                "note": h.note(t),
            }
        )
    return {"solvent": solvent, "T": t, "P": p, "rows": rows}
