"""Triangular diagrams: residue curves with boundaries, and two liquids with tie lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chemwright.errors import InputError
from chemwright.thermo.diagram import KPA, Diagram, Line
from chemwright.thermo.mixture import Array, Mixture
from chemwright.thermo.residue import residue_map
from chemwright.thermo.ties import tie_lines


def residue_diagram(mix: Mixture, P: float, starts: int = 40) -> Diagram:
    """Residue curves of three substances with nodes, saddles, azeotropes and distillation boundaries.

    Raises:
        InputError: not three substances; ConvergenceError: no bubble point.
    """
    r = residue_map(mix, P, starts)
    lines = [Line("residue curves", c[:, 0], c[:, 1], "curve") for c in r.curves]
    lines += [Line("distillation boundary", b[:, 0], b[:, 1], "boundary") for b in r.boundaries]
    for kind, role in (("unstable node", "light"), ("saddle", "saddle"), ("stable node", "heavy")):
        chosen = [p for p in r.points if p.kind == kind]
        if chosen:
            lines.append(Line(f"{kind}: {_SAID[kind]}", np.array([p.x[0] for p in chosen]), np.array([p.x[1] for p in chosen]), role))
    caution = list(mix.caution(P))
    if any(p.hetero for p in r.points):
        caution.append("the curves take the liquid as one phase: where it is two, near a heteroazeotrope, they are not the true ones, and no boundary from there is drawn")
    if not r.complete:
        caution.append("nodes and saddles don't count up: an azeotrope may be missing")
    facts = {
        "caution": caution,
        "complete": r.complete,
        "points": [{"substances": list(p.names), "x": [float(v) for v in p.x], "T": p.T, "kind": p.kind, "hetero": p.hetero} for p in r.points],
        "boundaries": len(r.boundaries),
    }
    corners = tuple(f"{n} ({mix.boiling_point(i, P):.1f} K)" for i, n in enumerate(mix.names))
    return Diagram("residue", f"Residue curves at {P / KPA:.6g} kPa, {mix.model}", "", "", tuple(lines), corners, mix.sources, facts)


_SAID = {"unstable node": "first to boil off", "saddle": "passed by", "stable node": "last to stay"}


def binodal_diagram(mix: Mixture, T: float, measured: Sequence[Line] = (), feeds: int = 40) -> Diagram:
    """Two liquids of three substances: the border of the two-phase region and tie lines, at a pressure at which nothing boils.

    Raises:
        InputError: not three substances, or no two liquids at this temperature.
    """
    if mix.n != 3:
        raise InputError(f"{mix.n} substances, 3 expected", where="binodal", fix="name three substances")
    ties = tie_lines(mix, T, feeds)
    if not ties:
        raise InputError(f"{', '.join(mix.names)} mix in all proportions at {T:.2f} K by {mix.model}", where="binodal", fix="lower the temperature, or take another model")
    border = _border(ties)
    shown = _spread(ties, 9)
    lines = [Line("tie lines", np.array([a[0], b[0]]), np.array([a[1], b[1]]), "tie") for a, b in shown]
    lines += [Line("two liquids begin", part[:, 0], part[:, 1], "binodal") for part in border]
    facts = {"caution": list(mix.caution_liquids()), "tie_lines": [{"liquid_1": [float(v) for v in a], "liquid_2": [float(v) for v in b]} for a, b in shown]}
    return Diagram("binodal", f"Two liquids at {T:.2f} K, {mix.model}", "", "", (*lines, *measured), mix.names, mix.sources, facts)


def _border(ties: Sequence[tuple[Array, Array]]) -> list[Array]:
    """Ends of the tie lines in order along the border, one piece for each side, joined at the plait point when the ties shrink towards one."""
    longest = max(ties, key=lambda t: float(np.sum((t[0] - t[1]) ** 2)))
    axis = longest[1] - longest[0]
    across = np.cross(axis, np.ones(3))
    pairs = [(a, b) if (b - a) @ axis > 0.0 else (b, a) for a, b in ties]
    pairs.sort(key=lambda t: float((t[0] + t[1]) @ across))
    if np.sum((pairs[0][0] - pairs[0][1]) ** 2) < np.sum((pairs[-1][0] - pairs[-1][1]) ** 2):
        pairs.reverse()
    sides = [np.array([p[k] for p in pairs]) for k in (0, 1)]
    short = float(np.max(np.abs(sides[0][-1] - sides[1][-1])))
    return [np.vstack([sides[0], sides[1][::-1]])] if short < 0.3 else sides


def _spread(ties: Sequence[tuple[Array, Array]], count: int) -> list[tuple[Array, Array]]:
    """A few tie lines evenly over the region."""
    middle = np.array([0.5 * (a + b) for a, b in ties])
    axis = max(ties, key=lambda t: float(np.sum((t[0] - t[1]) ** 2)))
    order = np.argsort(middle @ np.cross(axis[1] - axis[0], np.ones(3)))
    return [ties[i] for i in order[np.unique(np.linspace(0, len(order) - 1, count).astype(int))]]
