"""Phase diagrams as data: named lines and points with axes and units, ready to be drawn or printed; the drawing is in `report`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import InputError
from chemwright.thermo.azeotrope import Azeotrope, azeotropes
from chemwright.thermo.eos_mixture import EosMixture
from chemwright.thermo.eutectic import eutectic
from chemwright.thermo.excess import excess
from chemwright.thermo.henry import Henry
from chemwright.thermo.local.fit import STD
from chemwright.thermo.local.points import Points
from chemwright.thermo.melting import Melting
from chemwright.thermo.mixture import Array, Mixture
from chemwright.thermo.saft_mixture import NamedSaft

KINDS = ("txy", "pxy", "xy", "gamma", "excess", "lle", "eutectic", "residue", "binodal", "envelope", "henry")
KPA = 1000.0


@frozen(eq=False)
class Line:
    """One line or set of points.

    Args:
        label: name in the legend.
        x, y: coordinates in the axes' units; of a triangle the mole fractions of the first and the second substance.
        role: ``bubble``, ``dew``, ``boundary``, ``curve``, ``tie``, ``binodal``, ``guide``, ``measured``, ``mark`` or ``band`` (half widths in ``y_std``).
        x_std, y_std: standard uncertainties of measured points, or empty.
        source: of measured points.
    """

    label: str
    x: Array
    y: Array
    role: str = "curve"
    x_std: Array = field(factory=lambda: np.empty(0))
    y_std: Array = field(factory=lambda: np.empty(0))
    source: str = ""


@frozen(eq=False)
class Diagram:
    """What to draw.

    Args:
        kind: one of :data:`KINDS`.
        title: what it shows.
        x_label, y_label: axes with units; of a triangle empty, ``corners`` names its three corners.
        lines: the first lowest.
        corners: names at the corners x, y and the rest.
        notes: what a reader should know, and the models' sources.
        facts: figures read off it, for JSON.
    """

    kind: str
    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    corners: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: dict[str, Any] = field(factory=dict)

    def with_measured(self, lines: Sequence[Line]) -> Diagram:
        """The same with measured points on top."""
        return evolve(self, lines=(*self.lines, *lines))

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        lines = [{"label": s.label, "role": s.role, "x": _plain(s.x), "y": _plain(s.y), "source": s.source} for s in self.lines]
        return {
            "kind": self.kind,
            "title": self.title,
            "x_label": self.x_label,
            "y_label": self.y_label,
            "corners": list(self.corners),
            "lines": lines,
            "facts": self.facts,
            "notes": list(self.notes),
        }


def _plain(values: Array) -> list[float | None]:
    return [float(v) if np.isfinite(v) else None for v in values]


def binary(kind: str, mix: Mixture | EosMixture | NamedSaft, *, P: float | None = None, T: float | None = None, points: Points | None = None, source: str = "") -> Diagram:
    """A diagram of two substances over the mole fraction of the first.

    Args:
        kind: txy (needs P), pxy (T), xy (P or T), gamma (T or P) or excess (T).
        mix: mixture of two.
        P: pressure [Pa]; T: temperature [K].
        points: measured points to lay on top; only those within 2 % of P or 0.6 K of T are drawn, and the legend counts them. Their
            error bars are :data:`chemwright.thermo.local.STD`, as the file gives none.
        source: of the points.

    Raises:
        InputError: not two substances, no such kind, or the condition it needs is missing; ConvergenceError: no bubble point.
    """
    if mix.n != 2:
        raise InputError(f"{mix.n} substances, 2 expected", where=f"diagram {kind}", fix="name two substances, or take the diagrams residue or binodal")
    needs = {"txy": ("P",), "pxy": ("T",), "xy": ("P", "T"), "gamma": ("T", "P"), "excess": ("T",)}
    given = {"P": P, "T": T}
    if not any(given[k] is not None for k in needs[kind]):
        word = {"P": "a pressure, as '1 atm'", "T": "a temperature, as '60 degC'"}
        raise InputError(f"diagram {kind} needs {' or '.join(word[k] for k in needs[kind])}", where="--at", fix="give it with --at")
    if kind in ("gamma", "excess") and not isinstance(mix, Mixture):
        raise InputError(f"{mix.model} is an equation of state: it has no activity coefficients here", where="--model", fix="take a model of the liquid, as unifac")
    if kind == "excess":
        assert T is not None
        assert isinstance(mix, Mixture)
        return _excess(mix, T, points, source)
    return _vle(kind, mix, P, T, points, source)


def _vle(kind: str, mix: Mixture | EosMixture | NamedSaft, P: float | None, T: float | None, points: Points | None, source: str) -> Diagram:
    """T-x-y, P-x-y, x-y and ln gamma."""
    fine = isinstance(mix, Mixture)
    x = np.concatenate([[0.0], np.geomspace(1e-4, 0.01, 8), np.linspace(0.015, 0.985, 195), 1.0 - np.geomspace(0.01, 1e-4, 8), [1.0]]) if fine else np.linspace(0.0, 1.0, 61)
    z = np.stack([x, 1.0 - x], axis=1)
    if P is not None:
        t, y = mix.bubble_temperatures(z, P)
        p, condition = np.full(len(x), P), f"{P / KPA:.6g} kPa"
    else:
        assert T is not None
        p, y = mix.bubble_pressures(z, T)
        t, condition = np.full(len(x), T), f"{T:.2f} K"
    found = azeotropes(mix, P) if P is not None and isinstance(mix, Mixture) else _crossings(mix, x, t, p, y[:, 0])
    title = f"{mix.names[0]} + {mix.names[1]} at {condition}, {mix.model}"
    caution = list(mix.caution(float(p.max())) if isinstance(mix, Mixture) else mix.notes)
    facts: dict[str, Any] = {"caution": caution, "azeotropes": [{"x1": a.x[0], "T": a.T, "P": a.P, "kind": a.kind, "hetero": a.hetero} for a in found]}
    measured = _measured(kind, points, P, T, source)
    x_label = f"mole fraction of {mix.names[0]} in liquid and vapour [mol/mol]"
    if kind == "xy":
        lines = [Line("equal", np.array([0.0, 1.0]), np.array([0.0, 1.0]), "guide"), Line(mix.model, x, y[:, 0], "bubble")]
        marks = [Line("azeotrope", np.array([a.x[0] for a in found]), np.array([a.x[0] for a in found]), "mark")] if found else []
        return Diagram(
            kind,
            title,
            f"mole fraction of {mix.names[0]} in the liquid [mol/mol]",
            f"mole fraction of {mix.names[0]} in the vapour [mol/mol]",
            (*lines, *marks, *measured),
            notes=mix.sources,
            facts=facts,
        )
    if kind == "gamma":
        assert isinstance(mix, Mixture)
        g = mix.ln_gamma(z, t)
        lines = [Line(f"{n} ({mix.model})", x, g[:, i], ("bubble", "dew")[i]) for i, n in enumerate(mix.names)]
        return Diagram(kind, title, f"mole fraction of {mix.names[0]} in the liquid [mol/mol]", "ln(activity coefficient) [-]", (*lines, *measured), notes=mix.sources, facts=facts)
    value = t if kind == "txy" else p / KPA
    if kind == "txy":
        x, value, dew = _flat(x, value, y[:, 0], found)
    else:
        dew = (y[:, 0], value)
    lines = [*_band(kind, mix, z, t, p), Line("liquid (bubble)", x, value, "bubble"), Line("vapour (dew)", *dew, "dew")]
    lines += [Line(f"{'hetero' * a.hetero}azeotrope", np.array([a.x[0]]), np.array([a.T if kind == "txy" else a.P / KPA]), "mark") for a in found]
    return Diagram(kind, title, x_label, "temperature [K]" if kind == "txy" else "pressure [kPa]", (*lines, *measured), notes=mix.sources, facts=facts)


def _band(kind: str, mix: Mixture | EosMixture | NamedSaft, z: Array, t: Array, p: Array) -> list[Line]:
    """90 % band about the bubble line, of a model that knows its uncertainty; nan over no band."""
    if not isinstance(mix, Mixture):
        return []
    inner = z.min(axis=1) > 0.0
    spread = mix.temperature_std(z[inner], t[inner]) if kind == "txy" else mix.ln_pressure_std(z[inner], t[inner])
    if spread is None:
        return []
    half = 1.645 * spread * (1.0 if kind == "txy" else p[inner] / KPA)
    return [Line("90 % band of the bubble line", z[inner, 0], (t if kind == "txy" else p / KPA)[inner], "band", y_std=half)]


def _flat(x: Array, T: Array, y: Array, found: Sequence[Azeotrope]) -> tuple[Array, Array, tuple[Array, Array]]:
    """Bubble and dew line with the three-phase line of a heteroazeotrope in place of the unstable part."""
    dew = (y, T)
    for a in found:
        if a.hetero and a.liquids:
            low, high = sorted(liquid[0] for liquid in a.liquids)
            left, right = x < low, x > high
            dew = (np.concatenate([y[left], [a.x[0]], y[right]]), np.concatenate([T[left], [a.T], T[right]]))
            x, T = np.concatenate([x[left], [low, high], x[right]]), np.concatenate([T[left], [a.T, a.T], T[right]])
            break
    return x, T, dew


def _crossings(mix: Mixture | EosMixture | NamedSaft, x: Array, t: Array, p: Array, y: Array) -> tuple[Azeotrope, ...]:
    """Azeotropes where y - x changes sign on the diagram's own grid, by linear interpolation."""
    d = y - x
    out = []
    for k in range(2, len(x) - 1):
        if d[k - 1] * d[k] < 0.0:  # false where a point is beyond the critical region (nan)
            share = d[k - 1] / (d[k - 1] - d[k])
            at, T, P = (float(v[k - 1] + share * (v[k] - v[k - 1])) for v in (x, t, p))
            out.append(Azeotrope(tuple(mix.names), (at, 1.0 - at), T, P, "minimum" if d[k - 1] > 0.0 else "maximum"))
    return tuple(out)


def _measured(kind: str, points: Points | None, P: float | None, T: float | None, source: str) -> list[Line]:
    """Points near the diagram's condition as liquid and vapour marks."""
    if points is None:
        return []
    near = np.isfinite(points.P) & (np.abs(points.P / P - 1.0) < 0.02 if P is not None else np.abs(points.T - (T or 0.0)) < 0.6)
    if not near.any():
        said = f"{P / KPA:.4g} kPa" if P is not None else f"{T:.2f} K"
        raise InputError(
            f"no point of {points.name or 'the points'} lies within {'2 %' if P is not None else '0.6 K'} of {said}", where="--points", fix="draw at the points' own condition"
        )
    x, y = points.x[near, 0], points.y[near, 0]
    value = points.T[near] if kind == "txy" else points.P[near] / KPA
    vapour = np.isfinite(y)
    label = f"measured ({near.sum()} points{', ' + source if source else ''})"
    if kind == "gamma":
        return []
    if kind == "xy":
        return [Line(label, x[vapour], y[vapour], "measured", source=source)] if vapour.any() else []
    spread = np.full(len(x), STD["T"]) if kind == "txy" else STD["P"] * value
    out = [Line(label + (", liquid" if vapour.any() else ""), x, value, "measured", np.full(len(x), STD["x"]), spread, source)]
    return [*out, Line("measured, vapour", y[vapour], value[vapour], "measured", np.full(vapour.sum(), STD["y"]), spread[vapour], source)] if vapour.any() else out


def _excess(mix: Mixture, T: float, points: Points | None, source: str) -> Diagram:
    """gE, hE and -T sE."""
    x = np.linspace(0.0, 1.0, 201)
    z = np.stack([x, 1.0 - x], axis=1).clip(1e-12)
    e = excess(mix, z / z.sum(axis=1, keepdims=True), T)
    lines = [Line("excess Gibbs energy", x, e.gE, "bubble"), Line("excess enthalpy", x, e.hE, "dew"), Line("-T x excess entropy", x, -T * e.sE, "curve")]
    if points is not None and np.isfinite(points.hE).any():
        near = np.isfinite(points.hE) & (np.abs(points.T - T) < 0.6)
        lines.append(Line(f"excess enthalpy, measured{' (' + source + ')' if source else ''}", points.x[near, 0], points.hE[near], "measured", source=source))
    facts = {"gE_equimolar": float(e.gE[100]), "hE_equimolar": float(e.hE[100])}
    return Diagram(
        "excess",
        f"{mix.names[0]} + {mix.names[1]} at {T:.2f} K, {mix.model}",
        f"mole fraction of {mix.names[0]} [mol/mol]",
        "excess property [J/mol]",
        tuple(lines),
        notes=mix.sources,
        facts=facts,
    )


def melting_diagram(mix: Mixture, known: Sequence[Melting] = (), measured: Line | None = None) -> Diagram:
    """Liquidus of a binary with its eutectic (see :func:`chemwright.thermo.eutectic.eutectic`)."""
    e = eutectic(mix, known)
    x, T = e.point
    floor = min(T, *(m.T for m in e.melting)) - 4.0
    shown = [np.where(b >= e.T - 1e-9, b, np.nan) for b in e.branches]
    lines = [Line(f"{n} crystallises", e.x, s, ("bubble", "dew")[i]) for i, (n, s) in enumerate(zip(e.names, shown, strict=True))]
    lines += [
        Line("ideal solution", e.x, np.maximum(eutectic(evolve(mix, activity=_ideal(mix)), e.melting).T, floor), "guide"),
        Line("eutectic", np.array([x]), np.array([T]), "mark"),
    ]
    lines += [Line("solidus", np.array([0.0, 1.0]), np.array([T, T]), "tie")]
    notes = tuple(f"{n}: melts at {m.T:.2f} K, heat of fusion {m.heat / 1000.0:.2f} kJ/mol ({m.tier}) {m.note}".strip() for n, m in zip(e.names, e.melting, strict=True))
    out = Diagram(
        "eutectic",
        f"{mix.names[0]} + {mix.names[1]}, melting, {mix.model}",
        f"mole fraction of {mix.names[0]} [mol/mol]",
        "temperature [K]",
        tuple(lines),
        notes=notes,
        facts={"eutectic": {"x1": x, "T": T}},
    )
    return out.with_measured([measured]) if measured is not None else out


def henry_diagram(items: Sequence[Henry], low: float = 273.15, high: float = 353.15, measured: Sequence[Line] = ()) -> Diagram:
    """Solubility at a partial pressure of one atmosphere over temperature, of several solutes in one solvent.

    Raises:
        InputError: none given, or a range that is empty.
    """
    if not items or not 0.0 < low < high:
        raise InputError("no Henry constants, or an empty range of temperature", where="henry", fix="name the solutes, and give --from below --to")
    T = np.linspace(low, high, 121)
    lines = [Line(h.solute, T, np.log10(h.solubility(T, 101325.0)), ("bubble", "dew", "curve", "binodal", "tie")[i % 5]) for i, h in enumerate(items)]
    notes = tuple(dict.fromkeys(h.source for h in items))
    title = f"Solubility in {items[0].solvent} under 101.325 kPa partial pressure"
    return Diagram("henry", title, "temperature [K]", "log10 of the mole fraction dissolved", (*lines, *measured), notes=notes)


def _ideal(mix: Mixture) -> Any:
    from chemwright.thermo.activity import Ideal

    return Ideal(mix.names)
