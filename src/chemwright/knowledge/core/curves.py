"""Curves: correlations of the tables evaluated where they hold, at temperatures that all of them share, so that they can be compared.

A correlation is a fit to measurements: its figures are claims of the tier ``fitted``. They are taken at 298.15 K and at multiples of 50 K within the
stated range, at most seven a substance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from chemwright.knowledge.core.readings import Reading, cas_number, frame

GRID = (298.15, 350.0, 250.0, 400.0, 300.0, 450.0, 200.0, 500.0, 150.0, 550.0, 600.0, 100.0, 700.0, 800.0, 900.0, 1000.0, 1200.0, 1500.0)
MOST = 7
BELOW_CRITICAL = 0.99
"""Of a curve that ends at the critical temperature the last hundredth is left out."""


@frozen
class Curve:
    """A table of coefficients: where it stands, what it gives in which unit, and the equation with its coefficients' columns in order."""

    module: str
    table: str
    property: str
    unit: str
    source: str
    equation: Callable[..., float]
    columns: tuple[str, ...]
    low: str
    high: str
    phase: str = ""


def _antoine10(t: float, a: float, b: float, c: float) -> float:
    return float(10.0 ** (a - b / (t + c)))


def _antoine(t: float, a: float, b: float, c: float) -> float:
    return math.exp(a - b / (t + c))


def curves() -> tuple[Curve, ...]:
    """All tables of coefficients that are read."""
    from chemicals import dippr, interface, phase_change, vapor_pressure, viscosity, volume

    wagner = ("Tc", "Pc", "A", "B", "C", "D")
    ppds = ("Tc", "A", "B", "C", "D", "E")
    five = ("C1", "C2", "C3", "C4", "C5")
    per_kmol, kmol = 1e-3, 1e3
    return (
        Curve("vapor_pressure", "Psat_data_WagnerPoling", "vapour_pressure", "Pa", "Poling", lambda t, tc, pc, *k: vapor_pressure.Wagner(t, tc, pc, *k), wagner, "Tmin", "Tmax"),
        Curve("vapor_pressure", "Psat_data_WagnerMcGarry", "vapour_pressure", "Pa", "WagnerMcGarry", lambda t, tc, pc, *k: vapor_pressure.Wagner_original(t, tc, pc, *k), wagner, "Tmin", "Tc"),
        Curve("vapor_pressure", "Psat_data_Perrys2_8", "vapour_pressure", "Pa", "Perry", dippr.EQ101, five, "Tmin", "Tmax"),
        Curve("vapor_pressure", "Psat_data_VDI_PPDS_3", "vapour_pressure", "Pa", "VDI", lambda t, tc, pc, *k: vapor_pressure.Wagner(t, tc, pc, *k), wagner, "Tm", "Tc"),
        Curve("vapor_pressure", "Psat_data_AntoinePoling", "vapour_pressure", "Pa", "Poling", _antoine10, ("A", "B", "C"), "Tmin", "Tmax"),
        Curve("vapor_pressure", "Psat_data_Landolt_Antoine", "vapour_pressure", "Pa", "Landolt-Boernstein", _antoine, ("A", "B", "C"), "Tmin", "Tmax"),
        Curve("vapor_pressure", "Psub_data_Landolt_Antoine", "sublimation_pressure", "Pa", "Landolt-Boernstein", _antoine, ("A", "B", "C"), "Tmin", "Tmax"),
        Curve("miscdata", "webbook_data", "vapour_pressure", "Pa", "NIST-WebBook", _antoine, ("AntoineA", "AntoineB", "AntoineC"), "AntoineTmin", "AntoineTmax"),
        Curve("phase_change", "phase_change_data_Perrys2_150", "enthalpy_of_vaporisation", "J/mol", "Perry", lambda t, tc, *k: dippr.EQ106(t, tc, *k) * per_kmol * kmol, ("Tc", "C1", "C2", "C3", "C4"), "Tmin", "Tmax"),
        Curve("phase_change", "phase_change_data_VDI_PPDS_4", "enthalpy_of_vaporisation", "J/mol", "VDI", phase_change.PPDS12, ppds, "", "Tc"),
        Curve("volume", "rho_data_Perry_8E_105_l", "liquid_molar_volume", "m^3/mol", "Perry", lambda t, *k: 1.0 / dippr.EQ105(t, *k), ("C1", "C2", "C3", "C4"), "Tmin", "Tmax", "liquid"),
        Curve("volume", "rho_data_VDI_PPDS_2", "liquid_molar_volume", "m^3/mol", "VDI", volume.volume_VDI_PPDS, ("Tc", "rhoc", "A", "B", "C", "D", "MW"), "", "Tc", "liquid"),
        Curve("viscosity", "mu_data_Perrys_8E_2_313", "liquid_viscosity", "Pa s", "Perry", dippr.EQ101, five, "Tmin", "Tmax", "liquid"),
        Curve("viscosity", "mu_data_Perrys_8E_2_312", "gas_viscosity", "Pa s", "Perry", dippr.EQ102, ("C1", "C2", "C3", "C4"), "Tmin", "Tmax", "gas"),
        Curve("viscosity", "mu_data_VN3", "liquid_viscosity", "Pa s", "ViswanathNatarajan", lambda t, a, b, c: viscosity.Viswanath_Natarajan_3(t, a - 3.0, b, c), ("A", "B", "C"), "Tmin", "Tmax", "liquid"),
        Curve("viscosity", "mu_data_VN2", "liquid_viscosity", "Pa s", "ViswanathNatarajan", lambda t, a, b: viscosity.Viswanath_Natarajan_2(t, a - math.log(1000.0), b), ("A", "B"), "Tmin", "Tmax", "liquid"),
        Curve("thermal_conductivity", "k_data_Perrys_8E_2_315", "liquid_thermal_conductivity", "W/(m K)", "Perry", dippr.EQ100, five, "Tmin", "Tmax", "liquid"),
        Curve("thermal_conductivity", "k_data_Perrys_8E_2_314", "gas_thermal_conductivity", "W/(m K)", "Perry", dippr.EQ102, ("C1", "C2", "C3", "C4"), "Tmin", "Tmax", "gas"),
        Curve("interface", "sigma_data_Jasper_Lange", "surface_tension", "N/m", "Jasper", interface.Jasper, ("a", "b"), "Tmin", "Tmax", "liquid"),
        Curve("interface", "sigma_data_Mulero_Cachadina", "surface_tension", "N/m", "MuleroCachadina", interface.REFPROP_sigma, ("Tc", "sigma0", "n0", "sigma1", "n1", "sigma2", "n2"), "Tmin", "Tmax", "liquid"),
        Curve("interface", "sigma_data_Somayajulu2", "surface_tension", "N/m", "Somayajulu", interface.Somayajulu, ("Tc", "A", "B", "C"), "Tt", "Tc", "liquid"),
        Curve("heat_capacity", "Cp_data_Perry_Table_153_100", "liquid_heat_capacity", "J/(mol K)", "Perry", lambda t, *k: dippr.EQ100(t, *k) * per_kmol, ("A", "B", "C", "D", "E"), "Tmin", "Tmax", "liquid"),
        Curve("heat_capacity", "Cp_data_Poling", "gas_heat_capacity", "J/(mol K)", "Poling", _poling, ("a0", "a1", "a2", "a3", "a4"), "Tmin", "Tmax", "gas"),
        Curve("heat_capacity", "TRC_gas_data", "gas_heat_capacity", "J/(mol K)", "TRC-gas", _trc, ("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"), "Tmin", "Tmax", "gas"),
    )  # fmt: skip


def _poling(t: float, *a: float) -> float:
    return 8.31446261815324 * sum(k * t**i for i, k in enumerate(a))


def _trc(t: float, *a: float) -> float:
    from chemicals.heat_capacity import TRCCp

    return float(TRCCp(t, *a))


def fitted() -> Iterator[Reading]:
    """Figures of all curves, at temperatures that they share."""
    return points(_temperatures)


def points(places: Callable[[float, float], list[float]]) -> Iterator[Reading]:
    """Figures of all curves at the temperatures [K] that ``places`` names between the ends of each."""
    for curve in curves():
        yield from _of_table(curve, places)
    yield from _objects("zabransky_dict_iso_s", "liquid_heat_capacity", "Zabransky", "liquid", places)


def _of_table(curve: Curve, places: Callable[[float, float], list[float]]) -> Iterator[Reading]:
    data = frame(curve.module, curve.table)
    low = data[curve.low].tolist() if curve.low else [200.0] * len(data)
    for index, t0, t1, coefficients in zip(data.index, low, data[curve.high].tolist(), data[list(curve.columns)].values.tolist(), strict=True):
        cas = cas_number(index)
        if cas is None or not (t0 < t1) or any(c != c for c in coefficients[:2]):
            continue
        k = [0.0 if c != c else float(c) for c in coefficients]
        for t in places(float(t0), float(t1) * (BELOW_CRITICAL if curve.high == "Tc" else 1.0)):
            value = _evaluated(curve.equation, t, k)
            if value is not None:
                yield Reading(cas, curve.property, value, curve.unit, curve.source, None, t, "fitted", curve.phase, curve.table)


def _temperatures(low: float, high: float) -> list[float]:
    """Temperatures of the grid in the range, the ones most others have first."""
    return [t for t in GRID if low <= t <= high][:MOST]


def _evaluated(equation: Callable[..., float], t: float, coefficients: list[float]) -> float | None:
    try:
        value = equation(t, *coefficients)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return float(value) if isinstance(value, float | int) and math.isfinite(value) and value > 0 else None


def _objects(table: str, name: str, source: str, phase: str, places: Callable[[float, float], list[float]]) -> Iterator[Reading]:
    """Figures of correlations that ``chemicals`` keeps as objects with a range and a method ``calculate``."""
    data: dict[str, Any] = frame("heat_capacity", table)
    for index, item in data.items():
        cas = cas_number(index)
        low, high = getattr(item, "Tmin", None), getattr(item, "Tmax", None)
        if cas is None or low is None or high is None:
            continue
        for t in places(float(low), float(high)):
            value = _evaluated(item.calculate, t, [])
            if value is not None:
                yield Reading(cas, name, value, "J/(mol K)", source, None, t, "fitted", phase, table)
