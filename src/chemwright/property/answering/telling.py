"""An answer in words: its sources, what it rests on, what drove it, and hints at hazards."""

from __future__ import annotations

import math
from collections.abc import Iterator

from attrs import evolve

from chemwright.property.answer import TIERS, Answer, Driver, Neighbour
from chemwright.property.answering import column as col
from chemwright.property.answering.catalogue import BY_NAME, Asked
from chemwright.property.answering.column import Column
from chemwright.property.answering.hints import alerts, flammable
from chemwright.property.answering.learnt import model, model_of
from chemwright.property.answering.methods import METHODS
from chemwright.property.answering.sheet import T_HIGH, T_LOW, Sheet

_METHODS = {m.id: m for m in METHODS}
_LIQUID = (
    "vapour_pressure", "liquid_density", "liquid_heat_capacity", "enthalpy_of_vaporisation", "liquid_viscosity", "liquid_thermal_conductivity", "surface_tension", "solubility_parameter",
    "relative_permittivity",
)  # fmt: skip
MOST_NEIGHBOURS, MOST_DRIVERS = 5, 8
_FACTOR_MOST = 20.0


def answer_of(sheet: Sheet, item: Asked, c: Column, text: str, i: int) -> Answer:
    """The answer about molecule ``i``."""
    conditions = ({"temperature": sheet.T} if item.curve else {}) | ({"pressure": sheet.P} if item.pressure else {})
    if not c.known[i]:
        return Answer(text, item.name, None, item.unit, conditions=conditions, note=_why_not(sheet, item, i))
    mean, spread = float(c.mean[i]), float(c.spread[i])
    std = mean * min(spread, _FACTOR_MOST) if item.log else spread
    tier, sources = TIERS[int(c.tier[i])], tuple(dict.fromkeys(_sources(c, i)))
    note = "; ".join(part for part in (_how(c, i), _flagged(sheet, item, c, i)) if part)
    value, std, low, high = (float(f"{x:.10g}") for x in (mean, std, c.low[i], c.high[i]))
    return Answer(text, item.name, value, item.unit, std, low, high, tier, bool(c.inside[i]), conditions, sources, note=note)


def _why_not(sheet: Sheet, item: Asked, i: int) -> str:
    """Why there is no figure."""
    odd = sheet.facts.subjects[i].odd
    if item.regulated:
        return "no figure: it is set by an authority or looked up, never estimated, and no source here has one"
    tc = sheet.answer("critical_temperature")
    if item.name in _LIQUID and tc.known[i] and 0.99 * tc.mean[i] <= sheet.T:
        return f"no liquid at {sheet.T:.2f} K: the critical temperature is {tc.mean[i]:.0f} K"
    if odd:
        return f"no figure: {odd}, and no measured value"
    return "no figure: not measured, and no method here covers this molecule or these conditions"


def _flagged(sheet: Sheet, item: Asked, c: Column, i: int) -> str:
    parts = []
    odd = sheet.facts.subjects[i].odd
    if not c.inside[i]:
        if odd:
            parts.append(f"{odd}: not what the method was made for")
        elif item.curve and not T_LOW <= sheet.T <= T_HIGH:
            parts.append(f"{sheet.T:g} K is outside {T_LOW:g}-{T_HIGH:g} K")
        elif c.tier[i] == col.MEASURED:
            parts.append("beyond the measured range")
        elif f"dispute:{item.name}" in c.roots and c.roots[f"dispute:{item.name}"][i] > 0:
            parts.append("methods are in conflict: the interval reaches over them")
        elif c.tier[i] == col.LEARNED:
            parts.append("unlike the molecules that were learned from")
        else:
            parts.append("an input is outside the range of its model")
    if item.name in _LIQUID and item.curve:
        tm = sheet.answer("melting_point")
        if tm.known[i] and tm.mean[i] - 2.0 * max(tm.spread[i], 1.0) > sheet.T:
            parts.append(f"of the subcooled liquid: it melts at {tm.mean[i]:.0f} K")
    if item.name == "gas_density":
        ps = sheet.answer("vapour_pressure")
        if ps.known[i] and ps.mean[i] < sheet.P:
            parts.append(f"of the saturated vapour at {ps.mean[i]:.4g} Pa: at {sheet.P:.4g} Pa it is condensed")
    if item.name in ("gas_diffusivity", "liquid_diffusivity"):
        parts.append("in air" if item.name == "gas_diffusivity" else "in water")
    return "; ".join(parts)


def _how(c: Column, i: int) -> str:
    """Measured: who agrees; else the method and where its inputs come from."""
    if i in c.notes:
        return c.notes[i][1]
    k = int(c.method[i])
    method = _METHODS.get(c.methods[k])
    if method is None:
        return "learned from measured molecules" if c.tier[i] == col.LEARNED else ""
    fed = [f"{label} ({TIERS[int(x.tier[i])]})" for label, x in c.inputs[k] if x.tier[i] >= 0]
    return method.id.replace("_", " ") + (" from " + ", ".join(fed) if fed else " from the structure")


def _sources(c: Column, i: int) -> Iterator[str]:
    """Ids of the sources of a figure, its method first, then those of its inputs."""
    if i in c.notes:
        yield from c.notes[i][0]
        return
    k = int(c.method[i])
    name = c.methods[k]
    if name in _METHODS:
        yield _METHODS[name].source
    elif name:
        yield name
    for _, x in c.inputs[k]:
        if x.tier[i] >= 0:
            yield from _sources(x, i)


def with_reasons(a: Answer, sheet: Sheet, item: Asked, c: Column, i: int, *, neighbours: bool, drivers: bool) -> Answer:
    """The answer with its nearest measured neighbours and what drove it, where these can be told."""
    smiles = sheet.facts.subjects[i].smiles
    name = model_of(item.name)
    learned = model(name) if name == item.name else None
    near: tuple[Neighbour, ...] = tuple(learned.neighbours(smiles, MOST_NEIGHBOURS)) if neighbours and learned is not None else ()
    drove: tuple[Driver, ...] = ()
    if drivers and a.value is not None:
        drove = tuple(learned.drivers(smiles))[:MOST_DRIVERS] if learned is not None and c.tier[i] == col.LEARNED else _moved_by(a, item, c, i)
    return evolve(a, neighbours=near, drivers=drove)


def _moved_by(a: Answer, item: Asked, c: Column, i: int) -> tuple[Driver, ...]:
    """The errors that the answer's uncertainty is made of: by how much one standard uncertainty of each moves the answer."""
    size = abs(a.value or 0.0) if item.log else 1.0
    moved = [Driver("uncertainty of " + name.replace(":", " ").replace("_", " "), float(x[i]) * size) for name, x in c.roots.items() if x[i] and math.isfinite(x[i])]
    return tuple(sorted(moved, key=lambda d: -abs(d.effect))[:MOST_DRIVERS])


def hazard_hints(sheet: Sheet, text: str, i: int) -> Answer:
    """Hints at GHS hazard statements, as the note of an answer without value."""
    subject = sheet.facts.subjects[i]
    flash, tb, tm = (sheet.answer(name) for name in ("flash_point", "normal_boiling_point", "melting_point"))
    liquid = not (tm.known[i] and tm.mean[i] > 298.15)
    said = flammable(float(flash.mean[i]) if flash.known[i] else None, float(tb.mean[i]) if tb.known[i] else None, liquid)
    hints = [f"{said} (flash point {flash.mean[i]:.0f} K, {TIERS[int(flash.tier[i])]})"] if said else []
    hints += alerts(subject.graph)
    limit = sheet.answer("exposure_limit_twa_fraction")
    if limit.known[i] and limit.mean[i] <= 1e-6:
        hints.append(f"toxic on inhalation possible: exposure limit {1e6 * limit.mean[i]:.3g} ppm")
    note = "hints, no classification: " + (
        "; ".join(hints) if hints else "none of the flash point, exposure limit or structural alerts points to a hazard, which does not mean that there is none"
    )
    tier = TIERS[int(flash.tier[i])] if said else ""
    return Answer(text, "ghs_hazard_statements", None, BY_NAME["ghs_hazard_statements"].unit, tier=tier, note=note)
