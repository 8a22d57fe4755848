"""Sizing, cost and the economics tables against hand calculations, limits, CasADi and their own sources."""

import math

import numpy as np
import pytest

from chemwright import equipment as eq
from chemwright.equipment.library import CLAIM_TABLES
from chemwright.errors import InputError
from chemwright.quantity.units import factor, parse_unit
from chemwright.record import content_hash

CLAIMS = [c for name in CLAIM_TABLES for c in eq.load_claims(name)[0]]
COST_HEADER = "equipment,name,size_name,unit,size_min,size_max,a,b,n,hand_factor,material,note,source\n"
CLAIM_HEADER = "id,subject,property,value,unit,std,tier,source,note\n"
DIMENSION = {
    "price": ("USD/kg", "USD/GJ"),
    "annual_cost_per_operator": ("USD/year",),
    "emission_factor": ("1", "kg/GJ"),
    "maintenance_fraction": ("1/year",),
    "discount_rate": ("1/year",),
    "life": ("year",),
    "heat_transfer_coefficient": ("W/(m^2 K)",),
}


def exact_lmtd(a, b):
    return (a - b) / math.log(a / b)


@pytest.mark.parametrize(
    ("key", "size", "cost"),
    [
        ("double_pipe_exchanger", 4.0, 1900 + 2500 * 4),
        ("jacketed_agitated_reactor", 1.0, 61500 + 32500),
        ("tray_dryer", 9.0, 10000 + 7900 * 3),
        ("falling_film_evaporator", 1.0, 88000 + 65500),
        ("centrifugal_pump", 1.0, 8240),
        ("cone_roof_tank", 10.0, 5800 + 1600 * 10**0.7),
    ],
)
def test_purchase_cost_by_hand(key, size, cost):
    row = eq.equipment_table()[key]
    assert eq.purchase_cost(row, size) == pytest.approx(cost, rel=1e-12)
    assert eq.purchase_cost(row, size, 1.5) == pytest.approx(1.5 * cost, rel=1e-12)


def test_installed_cost_by_hand():
    row = eq.equipment_table()["double_pipe_exchanger"]
    assert eq.installed_cost(row, 4.0, 1.5) == pytest.approx(1.5 * 11900 * 3.5)
    assert eq.installed_cost(row, 4.0, material_factor=1.3) == pytest.approx(11900 * 3.8)


def test_range_flag_and_array():
    row = eq.equipment_table()["double_pipe_exchanger"]
    assert eq.in_range(row, 1.0) is True
    assert eq.in_range(row, 0.99) is False
    assert eq.in_range(row, [0.5, 80.0, 81.0]).tolist() == [False, True, False]
    sizes = np.array([0.5, 2.0])
    assert eq.purchase_cost(row, sizes) == pytest.approx([3150.0, 6900.0])


def test_hand_factors():
    table = eq.equipment_table()
    assert {k: table[k].hand_factor for k in ("double_pipe_exchanger", "centrifugal_pump", "jacketed_agitated_reactor", "tray_dryer")} == {
        "double_pipe_exchanger": 3.5,
        "centrifugal_pump": 4.0,
        "jacketed_agitated_reactor": 4.0,
        "tray_dryer": 2.5,
    }
    assert all(row.source in eq.load_sources() for row in table.values())


def test_capital_recovery_factor_value_and_limits():
    assert eq.capital_recovery_factor(0.12, 10) == pytest.approx(0.12 * 1.12**10 / (1.12**10 - 1), rel=1e-13)
    assert eq.capital_recovery_factor(0.0, 8) == pytest.approx(1 / 8)
    assert eq.capital_recovery_factor(1e-12, 8) == pytest.approx(1 / 8, rel=1e-10)
    assert eq.capital_recovery_factor(0.12, 1000) == pytest.approx(0.12, rel=1e-12)
    assert eq.capital_recovery_factor(0.12, 1) == pytest.approx(1.12)
    # the payments, discounted, give the capital back
    pay = eq.annualise(1000.0, 0.12, 12)
    assert sum(pay / 1.12**k for k in range(1, 13)) == pytest.approx(1000.0, rel=1e-12)


@pytest.mark.parametrize("ratio", [1.001, 1.5, 2, 5, 12, 30])
def test_mean_temperature_difference_within_one_percent(ratio):
    got, exact = eq.mean_temperature_difference(10.0 * ratio, 10.0), exact_lmtd(10.0 * ratio, 10.0)
    assert got == pytest.approx(exact, rel=1e-3 if ratio <= 12 else 1e-2)
    assert eq.mean_temperature_difference(10.0, 10.0 * ratio) == pytest.approx(got)


def test_mean_temperature_difference_of_equal_ends():
    assert eq.mean_temperature_difference(20.0, 20.0) == pytest.approx(20.0, rel=1e-12)


def test_heat_exchangers_by_hand():
    assert eq.exchanger_area(50e3, 500.0, 20.0) == pytest.approx(5.0)
    assert eq.exchanger_area(50e3, 500.0, 20.0, 0.8) == pytest.approx(6.25)
    assert eq.evaporator_area(30e3, 1000.0, 393.15, 353.15) == pytest.approx(0.75)
    area = eq.condenser_area(30e3, 850.0, 351.0, 298.0, 308.0)
    assert area == pytest.approx(30e3 / (850.0 * exact_lmtd(53.0, 43.0)), rel=1e-4)
    assert eq.coolant_flow(41.8e3, 4180.0, 10.0) == pytest.approx(1.0)


def test_vessels_solids_power_by_hand():
    assert eq.vessel_volume(1e-4, 8 * 3600, 0.8) == pytest.approx(3.6)
    assert eq.batch_volume(1e-4, 7 * 3600, vessels=2, fill=0.7) == pytest.approx(1.8)
    assert eq.cake_volume(0.0035, 8 * 3600, 600.0) == pytest.approx(0.168)
    assert eq.tray_area(0.0035, 8 * 3600, 12.0) == pytest.approx(8.4)
    assert eq.pump_power(1e-4, 10e5, 0.5) == pytest.approx(200.0)
    assert eq.refrigeration_power(10e3, 270.0, 310.0, 0.5) == pytest.approx(10e3 * 40 / 135)


def test_tube_by_hand():
    volume, flow, d = 0.005, 1e-4, 0.012
    length = eq.tube_length(volume, d)
    assert length == pytest.approx(44.2097, rel=1e-5)
    assert eq.tube_area(volume, d) == pytest.approx(math.pi * d * length)
    number = eq.reynolds(flow, d, 750.0, 0.6e-3)
    assert number == pytest.approx(13262.9, rel=1e-5)
    assert eq.tube_diameter(flow, 750.0, 0.6e-3, number) == pytest.approx(d)
    assert [eq.flow_regime(x) for x in (2099, 3000, 4001)] == ["laminar", "transitional", "turbulent"]


def test_friction_factor_limits():
    assert eq.friction_factor(100.0) == pytest.approx(0.64, rel=1e-6)
    assert eq.friction_factor(1e5) == pytest.approx(0.316 / 1e5**0.25, rel=0.03)  # Blasius, smooth wall
    assert eq.friction_factor(1e7, 0.01) == pytest.approx((-2 * math.log10(0.01 / 3.7)) ** -2, rel=0.02)  # fully rough
    q, v, d, mu = 1e-6, 1e-4, 0.01, 1e-3
    hagen_poiseuille = 128 * mu * q * eq.tube_length(v, d) / (math.pi * d**4)
    assert eq.pressure_drop(q, v, d, 1000.0, mu) == pytest.approx(hagen_poiseuille, rel=1e-9)


def test_casadi_agrees_with_numpy():
    casadi = pytest.importorskip("casadi")
    table = eq.equipment_table()
    equations = {
        "purchase": (lambda x, y: eq.purchase_cost(table["cone_roof_tank"], x, y), 12.0, 1.5),
        "installed": (lambda x, y: eq.installed_cost(table["tray_dryer"], x, y, 1.3), 5.0, 1.5),
        "annualise": (lambda x, y: eq.annualise(1e6, x, y), 0.12, 11.5),
        "mean": (eq.mean_temperature_difference, 37.0, 12.0),
        "condenser": (lambda x, y: eq.condenser_area(x, 850.0, 351.0, 298.0, y), 30e3, 308.0),
        "evaporator": (lambda x, y: eq.evaporator_area(x, 900.0, y, 352.0), 30e3, 393.0),
        "batch": (lambda x, y: eq.batch_volume(x, y), 1e-4, 2e4),
        "refrigeration": (lambda x, y: eq.refrigeration_power(x, y, 308.0), 1e4, 268.0),
        "pressure": (lambda x, y: eq.pressure_drop(x, 0.005, y, 750.0, 6e-4), 1e-4, 0.012),
        "reynolds": (lambda x, y: eq.reynolds(x, y, 750.0, 6e-4), 1e-4, 0.012),
        "area": (eq.tube_area, 0.005, 0.012),
    }
    for kind in (casadi.SX, casadi.MX):
        x, y = kind.sym("x"), kind.sym("y")
        for name, (equation, a, b) in equations.items():
            lowered = float(casadi.Function("f", [x, y], [equation(x, y)])(a, b))
            assert lowered == pytest.approx(float(equation(a, b)), rel=1e-12), name


@pytest.mark.parametrize(
    "call",
    [
        lambda: eq.purchase_cost(eq.equipment_table()["tray_dryer"], 0.0),
        lambda: eq.purchase_cost(eq.equipment_table()["tray_dryer"], [1.0, float("nan")]),
        lambda: eq.installed_cost(eq.equipment_table()["tray_dryer"], 1.0, material_factor=0.0),
        lambda: eq.capital_recovery_factor(-0.1, 10),
        lambda: eq.capital_recovery_factor(0.1, 0),
        lambda: eq.mean_temperature_difference(5.0, -1.0),
        lambda: eq.evaporator_area(1e4, 900.0, 350.0, 351.0),
        lambda: eq.refrigeration_power(1e4, 300.0, 290.0),
        lambda: eq.tube_length(0.0, 0.01),
        lambda: eq.flow_regime(-1.0),
        lambda: eq.load_claims("price"),
        lambda: eq.load_claims("../sources"),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InputError) as error:
        call()
    assert error.value.message
    assert error.value.where


def test_unknown_table_names_the_near_miss():
    with pytest.raises(InputError, match="prices"):
        eq.load_claims("price")


def test_symbols_have_no_range_or_regime():
    casadi = pytest.importorskip("casadi")
    with pytest.raises(InputError, match="symbol"):
        eq.in_range(eq.equipment_table()["tray_dryer"], casadi.SX.sym("S"))
    with pytest.raises(InputError, match="symbol"):
        eq.flow_regime(casadi.SX.sym("Re"))


def test_every_claim_has_a_known_source_and_an_id_of_its_own():
    sources = eq.load_sources()
    assert len({c.id for c in CLAIMS}) == len(CLAIMS)
    for name in CLAIM_TABLES:
        claims, used = eq.load_claims(name)
        assert {c.source for c in claims} == {s.id for s in used}
    for claim in CLAIMS:
        assert claim.source in sources
        assert claim.std is not None
        assert claim.std > 0
        assert claim.note


def test_uncited_figures_say_so():
    kinds = {s.id: s.kind for s in eq.load_sources().values()}
    for claim in CLAIMS:
        if kinds[claim.source] in ("estimate", "assumption"):
            assert claim.tier in ("estimated", "assumed")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_units_have_the_right_dimension(claim):
    allowed = DIMENSION.get(claim.property, ("1",))
    dimension = parse_unit(claim.unit).dimensionality
    assert dimension in [parse_unit(u).dimensionality for u in allowed]


def test_needed_prices_and_factors_are_there():
    prices = {(c.subject, c.property): c for c in eq.load_claims("prices")[0]}
    for subject in ("446-35-5", "110-91-8", "64-17-5", "121-44-8", "default", "steam", "cooling_water", "chilled_water", "electricity"):
        assert (subject, "price") in prices
        assert (subject, "emission_factor") in prices
    assert ("waste_incineration", "price") in prices
    assert prices[("steam", "emission_factor")].value == pytest.approx(56.1 / 0.85, rel=1e-3)
    assert prices[("plant", "cost_index_ratio")].value == pytest.approx(819.2122 / 546.2885, abs=1e-4)


def test_utility_prices_hang_together():
    """Chilled water costs at least its electricity, and emits it."""
    by_id = {c.id: c for c in CLAIMS}
    scale, _ = factor("USD/kWh", "USD/GJ")
    assert by_id["price.chilled_water"].value > by_id["price.electricity"].value * scale / 4
    assert by_id["co2e.chilled_water"].value == pytest.approx(by_id["co2e.electricity"].value * scale / 4, rel=0.02)
    assert by_id["co2e.cooling_water"].value == pytest.approx(0.01 * 1000 * by_id["co2e.electricity"].value, rel=0.05)


def test_conditions_are_read():
    claim = next(c for c in CLAIMS if c.id == "crystallisation.solubility")
    assert claim.conditions == {"temperature": 278.15}
    assert len(content_hash(claim)) == 64


def test_cost_table_units_parse():
    for row in eq.equipment_table().values():
        parse_unit(row.unit)


def test_measurements_inform_known_claims():
    ids = {c.id for c in CLAIMS}
    rows = eq.load_measurements()
    assert {"kinetics", "thermo", "equipment", "flowsheet"} <= {m.tier for m in rows}
    for row in rows:
        assert row.informs in ids or row.informs.startswith(("experiment:", "activity:"))
        assert row.noise_unit == "relative" or parse_unit(row.noise_unit) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("equipment,name\nx,y\n", "size_name"),
        (COST_HEADER + "x,X,area,m^2,1,80,1900,abc,1,3.5,cs,,S\n", "abc"),
        (COST_HEADER + "x,X,area,m^2,80,1,1900,2500,1,3.5,cs,,S\n", "size range"),
        (COST_HEADER + "x,X,area,m^2,1,80,1900,2500,1,0.5,cs,,S\n", "hand_factor"),
        (COST_HEADER + "x,X,area,m^2,1,80,nan,2500,1,3.5,cs,,S\n", "finite"),
        (COST_HEADER + "x,X,area,m^2,1,80,1900,-1,1,3.5,cs,,S\n", "b = -1"),
        (COST_HEADER + "x,X,area,m^2,1,80\n", "cells"),
        (COST_HEADER + 2 * "x,X,area,m^2,1,80,1900,2500,1,3.5,cs,,S\n", "twice"),
    ],
)
def test_malformed_cost_table(text, message):
    with pytest.raises(InputError, match=message) as error:
        eq.parse_cost_table(text, "own.csv")
    assert "own.csv" in error.value.where


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,subject\n", "property"),
        (CLAIM_HEADER + "a,b,c,x,1,1,measured,s,\n", "'x'"),
        (CLAIM_HEADER + "a,b,c,1,1,-1,measured,s,\n", "std"),
        (CLAIM_HEADER + "a,b,c,1,1,1,guessed,s,\n", "tier"),
        (CLAIM_HEADER + "a,b,c,nan,1,1,measured,s,\n", "finite"),
        (CLAIM_HEADER + ",b,c,1,1,1,measured,s,\n", "id"),
    ],
)
def test_malformed_claims(text, message):
    with pytest.raises(InputError) as error:
        eq.parse_claims(text, "own.csv")
    assert "own.csv" in error.value.where
    assert message in str(error.value)


def test_claim_without_std():
    (claim,) = eq.parse_claims(CLAIM_HEADER + "a,b,c,1,1,,measured,s,\n")
    assert claim.std is None


def test_measurement_needs_a_cost():
    with pytest.raises(InputError):
        eq.CandidateMeasurement("x", "free of charge", "kinetics", 0.0, 0.1)
