"""Boiling points and densities out of the tables of ``chemicals``, and slips put into them by a seeded generator: what the suspicion at the door is measured on.

Written before the rules it measures were tuned. One source's value of each substance comes in, the base holds the others'. One row in ten gets a slip of a kind
drawn at random; an incoming value that its fellows already contradict (by more than five customary scatters) is counted apart, for it may be a real error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

SEED = 20_241
SLIPPED = 0.1
TB_KINDS = ("C_as_K", "K_as_C", "F_as_C", "C_as_F", "decimal", "outlier")
RHO_KINDS = ("g_per_mL_as_kg_per_m3", "kg_per_m3_as_g_per_mL", "lb_per_ft3_as_kg_per_m3", "decimal", "log10", "outlier")
SCATTER = {"normal_boiling_point": ("absolute", 2.0), "liquid_density": ("relative", 0.005)}


@dataclass(frozen=True)
class Incoming:
    """A row that comes in: number and unit as written, the true value in SI, the kind of slip (empty for none), and whether its fellows agree with the truth."""

    cas: str
    property: str
    number: float
    unit: str
    truth: float
    kind: str
    agrees: bool


@dataclass(frozen=True)
class Held:
    """A value that the base holds already, in SI."""

    cas: str
    property: str
    value: float
    source: str


@lru_cache(maxsize=1)
def boiling_points() -> dict[str, dict[str, float]]:
    """CAS to {source: K}, measured or reported sources only, for substances with at least three."""
    from chemicals import phase_change

    phase_change.Tb("64-17-5")
    out: dict[str, dict[str, float]] = {}
    for source, table in phase_change.Tb_sources.items():
        if source in ("JOBACK", "HEOS"):
            continue
        for cas, value in table["Tb"].items():
            if value is not None and math.isfinite(float(value)):
                out.setdefault(_dashed(cas), {})[source] = float(value)
    return {cas: v for cas, v in sorted(out.items()) if len(v) >= 3}


def _dashed(cas: object) -> str:
    """A CAS number with its dashes; some tables keep it as a whole number."""
    text = str(cas)
    return text if "-" in text else f"{text[:-3]}-{text[-3:-1]}-{text[-1]}"


@lru_cache(maxsize=1)
def densities() -> dict[str, dict[str, float]]:
    """CAS to {source: kg/m^3 of the liquid at 298.15 K}, for substances with at least two sources."""
    from chemicals import identifiers, volume
    from chemicals.dippr import EQ105, EQ116

    volume.rho_data_COSTALD  # noqa: B018  # loads the tables
    out: dict[str, dict[str, float]] = {}
    kelvin = 298.15
    for cas, r in volume.rho_data_Perry_8E_105_l.iterrows():
        if r["Tmin"] <= kelvin <= r["Tmax"]:
            out.setdefault(str(cas), {})["Perry"] = float(EQ105(kelvin, r["C1"], r["C2"], r["C3"], r["C4"])) * identifiers.MW(cas) / 1000.0
    for cas, r in volume.rho_data_VDI_PPDS_2.iterrows():
        if kelvin < 0.9 * r["Tc"]:
            out.setdefault(str(cas), {})["VDI"] = float(EQ116(kelvin, r["Tc"], r["rhoc"], r["A"], r["B"], r["C"], r["D"]))
    for cas, r in volume.rho_data_CRC_inorg_l_const.iterrows():
        if cas not in out:
            continue
        out.setdefault(str(cas), {})["CRC"] = identifiers.MW(cas) / 1000.0 / float(r["Vm"])
    return {cas: v for cas, v in sorted(out.items()) if len(v) >= 2 and min(v.values()) > 100}


def _slip(kind: str, truth: float, kelvin_free: bool, rng: np.random.Generator) -> tuple[float, str]:
    """Number and unit as someone writes them by mistake."""
    if kind == "C_as_K":
        return truth - 273.15, "K"
    if kind == "K_as_C":
        return truth, "degC"
    if kind == "F_as_C":
        return (truth - 273.15) * 1.8 + 32.0, "degC"
    if kind == "C_as_F":
        return truth - 273.15, "degF"
    if kind == "g_per_mL_as_kg_per_m3":
        return truth / 1000.0, "kg/m^3"
    if kind == "kg_per_m3_as_g_per_mL":
        return truth, "g/mL"
    if kind == "lb_per_ft3_as_kg_per_m3":
        return truth / 16.018463, "kg/m^3"
    if kind == "log10":
        return math.log10(truth), "kg/m^3"
    factor = 10.0 ** rng.choice([-1.0, 1.0]) if kind == "decimal" else 1.0 + rng.choice([-1.0, 1.0]) * rng.uniform(0.25, 0.6)
    return truth * factor, "kg/m^3" if kelvin_free else "K"


def _right(name: str, truth: float, rng: np.random.Generator) -> tuple[float, str]:
    if name == "normal_boiling_point":
        unit = str(rng.choice(["K", "degC", "degF"], p=[0.4, 0.5, 0.1]))
        return {"K": truth, "degC": truth - 273.15, "degF": (truth - 273.15) * 1.8 + 32.0}[unit], unit
    unit = str(rng.choice(["kg/m^3", "g/mL"]))
    return (truth if unit == "kg/m^3" else truth / 1000.0), unit


def incoming(seed: int = SEED, limit: int = 0) -> tuple[list[Held], list[Incoming]]:
    """What the base holds and what comes in; ``limit`` substances of each property at most, 0 for all."""
    rng = np.random.default_rng(seed)
    held: list[Held] = []
    rows: list[Incoming] = []
    for name, table, kinds in (("normal_boiling_point", boiling_points(), TB_KINDS), ("liquid_density", densities(), RHO_KINDS)):
        for cas, values in list(table.items())[: limit or None]:
            names = sorted(values)
            mine = names[int(rng.integers(len(names)))]
            others = [values[n] for n in names if n != mine]
            how, scatter = SCATTER[name]
            width = scatter if how == "absolute" else scatter * abs(float(np.median(others)))
            agrees = abs(values[mine] - float(np.median(others))) <= 5 * width and float(np.ptp(others)) <= 5 * width
            truth = values[mine]
            kind = str(rng.choice(kinds)) if rng.random() < SLIPPED else ""
            number, unit = _slip(kind, truth, name == "liquid_density", rng) if kind else _right(name, truth, rng)
            held += [Held(cas, name, values[n], n) for n in names if n != mine]
            rows.append(Incoming(cas, name, float(f"{number:.8g}"), unit, truth, kind, agrees))
    return held, rows


def tally(rows: list[Incoming], flagged: list[bool], explained: list[str]) -> dict[str, Any]:
    """Recall by kind and over all, and false alarms among rows without a slip: whose fellows agree, and whose fellows don't."""
    out: dict[str, Any] = {"by_kind": {}}
    slips = [i for i, r in enumerate(rows) if r.kind]
    for kind in sorted({rows[i].kind for i in slips}):
        of = [i for i in slips if rows[i].kind == kind]
        out["by_kind"][kind] = {"rows": len(of), "flagged": sum(flagged[i] for i in of), "explained": sum(bool(explained[i]) for i in of)}
    fair = [i for i in slips if rows[i].agrees]
    out["recall"] = sum(flagged[i] for i in slips) / len(slips)
    out["recall_where_fellows_agree"] = sum(flagged[i] for i in fair) / len(fair)
    for label, agrees in (("false_alarms_where_fellows_agree", True), ("alarms_where_fellows_disagree", False)):
        of = [i for i, r in enumerate(rows) if not r.kind and r.agrees is agrees]
        out[label] = [sum(flagged[i] for i in of), len(of)]
    return out
