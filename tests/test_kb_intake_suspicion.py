"""Suspicion at the door: kinds of slip explained, agreement believed, real tables."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from chemwright.knowledge.intake.suspicion import Held, Numbers, Suspicion, judge
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.quantity.units import factor

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def _judge(name: str, number: float, unit: str, others: list[float], *, molar_mass: float = 0.0, temperature: float = np.nan, of_others: float = np.nan) -> Suspicion | None:
    item = vocabulary().find(name)
    by, plus = factor(unit, item.unit)
    one, n = np.zeros(1, dtype=int), len(others)
    nan = np.array([np.nan])
    numbers = Numbers(one, one, one, np.array([temperature]), nan, np.array([number * by + plus]), nan, np.array([number]), [unit], np.array([molar_mass]))
    held = Held(np.zeros(n, int), np.zeros(n, int), np.zeros(n, int), np.full(n, of_others), np.full(n, np.nan), np.array(others))
    return judge(numbers, held, [item]).get(0)


@pytest.mark.parametrize(
    ("name", "number", "unit", "others", "kind", "words"),
    [
        ("normal_boiling_point", 78.4, "K", [351.4, 351.6], "unit", "in °C, not K: 78.4 + 273.15 = 351.55 K"),
        ("normal_boiling_point", 351.5, "degC", [351.4, 351.6], "unit", "in K, not degC"),
        ("normal_boiling_point", 173.1, "degC", [351.4, 351.6], "unit", "in °F"),
        ("density", 0.789, "kg/m^3", [789.0], "unit", "in g/cm^3"),
        ("vapour_pressure", 59.3, "kPa", [7900.0, 7910.0], "unit", "in mmHg"),
        ("vapour_pressure", 3.898, "Pa", [7900.0, 7910.0], "log", "10^3.898"),
        ("enthalpy_of_vaporisation", 10.1, "kJ/mol", [42300.0, 42200.0], "unit", "in kcal/mol"),
        ("enthalpy_of_vaporisation", 918.0, "kJ/mol", [42300.0, 42200.0], "molar", "in J/g"),
        ("liquid_heat_capacity", 2.43, "J/(mol K)", [112.0, 112.4], "molar", "in J/(g K)"),
        ("density", 7850.0, "kg/m^3", [785.0, 784.8], "decimal", "a factor 10 too large"),
        ("density", 640.0, "kg/m^3", [785.0, 784.8], "outlier", "customary scatters from 2 others"),
        ("formation_enthalpy", 277.6, "kJ/mol", [-277600.0, -277500.0], "sign", "sign"),
    ],
    ids=["C-as-K", "K-as-C", "F-as-C", "g/mL", "mmHg", "log10", "kcal", "per-gram", "heat-capacity-per-gram", "decimal", "outlier", "sign"],
)
def test_the_reading_that_makes_a_number_agree_is_stated(name: str, number: float, unit: str, others: list[float], kind: str, words: str) -> None:
    found = _judge(name, number, unit, others, molar_mass=0.04607)
    assert found is not None
    assert found.kind == kind
    assert words in found.text


@pytest.mark.parametrize(
    ("name", "number", "others"),
    [("normal_boiling_point", 355.0, [351.4, 351.6]), ("density", 790.0, [785.0, 784.8]), ("normal_boiling_point", 5869.15, [5863.15, 5869.0]), ("density", 785.0, [])],
    ids=["scatter", "close", "rhenium-boils-there", "alone"],
)
def test_numbers_that_agree_are_believed_however_unusual(name: str, number: float, others: list[float]) -> None:
    assert _judge(name, number, vocabulary().find(name).unit, others) is None


def test_numbers_of_other_conditions_are_not_compared() -> None:
    assert _judge("density", 785.0, "kg/m^3", [600.0, 600.0], temperature=298.15, of_others=500.0) is None
    assert _judge("density", 785.0, "kg/m^3", [600.0, 600.0], temperature=298.15, of_others=298.0) is not None


@pytest.mark.slow
def test_slips_in_real_boiling_points_and_densities_are_found() -> None:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        from knowledge_suspicion import slips
    finally:
        sys.path.remove(str(BENCHMARKS))
    figures = slips()
    assert figures["recall"] >= 0.98
    alarms, of = figures["false_alarms_where_fellows_agree"]
    assert alarms / of <= 0.005
