"""Streams, equipment, cost breakdown and balance checks of a solved plant as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.equipment import equipment_table, in_range
from chemwright.flowsheet.balances import DESIGN
from chemwright.flowsheet.plant import FIGURES, Operating, Plant
from chemwright.model.protocol import Array

ROUTES = {
    "fresh": ("supply", "mixer"), "recycle": ("condenser", "mixer"), "reactor feed": ("mixer", "reactor"), "reactor effluent": ("reactor", "neutraliser"), "neutralised": ("neutraliser", "evaporator"),
    "vapour": ("evaporator", "condenser"), "residue": ("evaporator", "crystalliser"), "purge": ("condenser", "waste"), "wash": ("supply", "crystalliser"), "product": ("crystalliser", "product"), "mother liquor": ("crystalliser", "waste"),
}  # fmt: skip
PRESSURISED = ("reactor feed", "reactor effluent", "neutralised")


def _numbers(plant: Plant, point: Operating, expressions: list[Any], p: Array | None = None) -> Array:
    import casadi as ca

    s = plant.symbols
    call = ca.Function("values", [s["v"], s["d"], s["p"]], [ca.vertcat(*expressions)])
    return np.array(call(point.unknowns, point.design, plant.numbers.mean if p is None else p)).ravel()


def streams(plant: Plant, point: Operating) -> list[dict[str, Any]]:
    """All streams: molar flows (mol/s), masses (kg/s), temperature (K), pressure (Pa; from the feed pump to the evaporator the reactor's)."""
    flows, scale = plant.symbols["flows"], plant.symbols["scale"]
    ids, names = plant.layout.ids, list(flows.mole)
    values = _numbers(plant, point, [flows.mole[n][j] * scale for n in names for j in ids] + [flows.temperature[n] for n in names])
    mole = values[: len(names) * len(ids)].reshape(len(names), len(ids))
    low = float(plant.numbers.mean[plant.numbers.index("plant.p_evaporator")])
    high = low + float(plant.numbers.mean[plant.numbers.index("plant.pressure_rise")])
    out = []
    for i, name in enumerate(names):
        mass = {j: float(mole[i, k]) * plant.masses[j] for k, j in enumerate(ids)}
        out.append(
            {
                "name": name, "from": ROUTES[name][0], "to": ROUTES[name][1], "phase": flows.phase[name], "temperature": float(values[len(names) * len(ids) + i]),
                "pressure": high if name in PRESSURISED else low, "mass_flow": sum(mass.values()), "mole": {j: float(mole[i, k]) for k, j in enumerate(ids)}, "mass": mass,
            }
        )  # fmt: skip
    return out


def units(plant: Plant, point: Operating) -> list[dict[str, Any]]:
    """Equipment: size in the unit of its cost row, duty (W), bare and installed cost (USD), whether inside the correlation's range."""
    s, rows = plant.symbols, equipment_table()
    listed = s["books"].units
    values = _numbers(plant, point, [e for u in listed for e in (u.size, u.duty, u.purchase, u.installed)]).reshape(-1, 4)
    return [
        {
            "id": u.id, "kind": rows[u.row].name, "text": u.text, "count": u.count, "size": float(v[0]), "size_name": rows[u.row].size_name, "size_unit": rows[u.row].unit, "duty": float(v[1]),
            "purchase": float(v[2]), "installed": float(v[3]), "in_range": bool(in_range(rows[u.row], float(v[0]))), "source": rows[u.row].source,
        }
        for u, v in zip(listed, values, strict=True)
    ]  # fmt: skip


def balances(plant: Plant, table: list[dict[str, Any]], point: Operating) -> dict[str, float]:
    """Relative closure of mass, elements and energy over the whole plant and over every unit (the worst), from the stream table.

    Energy: enthalpy in + duties - enthalpy out, against the largest duty; enthalpies carry the heats of formation.
    """
    from chemwright.structure import molecule
    from chemwright.thermo import h_liquid, h_vapour

    mean = dict(zip(plant.numbers.names, plant.numbers.mean, strict=True))
    elements = {s.id: molecule(s.smiles).elements for s in plant.record.species}
    by = {s["name"]: s for s in table}
    flows, scale = plant.symbols["flows"], plant.symbols["scale"]
    duty = dict(zip(flows.duty, _numbers(plant, point, [q * scale for q in flows.duty.values()]), strict=True))

    def enthalpy(s: dict[str, Any]) -> float:
        total = 0.0
        for j, n in s["mole"].items():
            hf, cp, hv = (mean[f"{j}.{k}"] for k in ("heat_of_formation_liquid", "liquid_heat_capacity", "heat_of_vaporisation"))
            total += n * (h_vapour(hf, cp, hv, s["temperature"]) if s["phase"] == "vapour" else h_liquid(hf, cp, s["temperature"]))
        return total

    boxes = {
        "plant": (("fresh", "wash"), ("product", "mother liquor", "purge"), tuple(duty)),
        "mixer": (("fresh", "recycle"), ("reactor feed",), ()),
        "reactor": (("reactor feed",), ("reactor effluent",), ("preheater", "reactor")),
        "neutraliser": (("reactor effluent",), ("neutralised",), ("neutraliser",)),
        "evaporator": (("neutralised",), ("vapour", "residue"), ("evaporator",)),
        "condenser": (("vapour",), ("recycle", "purge"), ("condenser",)),
        "crystalliser": (("residue", "wash"), ("product", "mother liquor"), ("crystalliser",)),
    }
    worst = {"mass": 0.0, "elements": 0.0, "energy": 0.0}
    largest = max(abs(q) for q in duty.values())
    for into, out, heat in boxes.values():
        mass_in = sum(by[s]["mass_flow"] for s in into)
        worst["mass"] = max(worst["mass"], abs(mass_in - sum(by[s]["mass_flow"] for s in out)) / mass_in)
        for e in {k for c in elements.values() for k in c}:
            atoms = [sum(n * elements[j].get(e, 0) for j, n in by[s]["mole"].items()) for s in (*into, *out)]
            total = sum(abs(a) for a in atoms)
            if total > 0:
                worst["elements"] = max(worst["elements"], abs(sum(atoms[: len(into)]) - sum(atoms[len(into) :])) / total)
        gap = sum(enthalpy(by[s]) for s in into) + sum(duty[h] for h in heat) - sum(enthalpy(by[s]) for s in out)
        worst["energy"] = max(worst["energy"], abs(gap) / largest)
    return {**{k: float(v) for k, v in worst.items()}, "residual": point.residual}


def figures_with_std(plant: Plant, point: Operating) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]], Array]:
    """Figures and cost items with std by the ledger, and the figures' sensitivities (M, K of the ledger)."""
    names, values, jac = plant.sensitivities(point)
    rows = plant.ledger_rows(jac)
    std = np.sqrt(np.maximum(np.diag(plant.numbers.ledger.propagate(rows)), 0.0))
    unit = {"cost": "USD/kg", "co2e": "kg/kg"}
    figures = {f: {"value": float(values[i]), "std": float(std[i]), "unit": unit.get(f, "1")} for i, f in enumerate(FIGURES)}
    items = plant.symbols["books"].items
    breakdown = [{"item": n, "group": items[n][0], "value": float(values[i]), "std": float(std[i]), "unit": "USD/kg"} for i, n in enumerate(names) if i >= len(FIGURES)]
    return figures, breakdown, rows[: len(FIGURES)]


def conditions(point: Operating) -> dict[str, float]:
    """Design variables by name, SI."""
    return dict(zip(DESIGN, point.design.tolist(), strict=True))
