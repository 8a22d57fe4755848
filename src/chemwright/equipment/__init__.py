"""Equipment: sizes, purchase and installed cost, and the cited tables of prices and factors behind them."""

from chemwright.equipment.cost import BASIS_INDEX, CostRow, annualise, capital_recovery_factor, in_range, installed_cost, purchase_cost
from chemwright.equipment.library import CandidateMeasurement, equipment_table, load_claims, load_measurements, load_sources, parse_claims, parse_cost_table
from chemwright.equipment.sizing import (
    batch_volume,
    cake_volume,
    condenser_area,
    coolant_flow,
    evaporator_area,
    exchanger_area,
    mean_temperature_difference,
    pump_power,
    refrigeration_power,
    tray_area,
    vessel_volume,
)
from chemwright.equipment.tube import flow_regime, friction_factor, pressure_drop, reynolds, tube_area, tube_diameter, tube_length

__all__ = [
    "BASIS_INDEX",
    "CandidateMeasurement",
    "CostRow",
    "annualise",
    "batch_volume",
    "cake_volume",
    "capital_recovery_factor",
    "condenser_area",
    "coolant_flow",
    "equipment_table",
    "evaporator_area",
    "exchanger_area",
    "flow_regime",
    "friction_factor",
    "in_range",
    "installed_cost",
    "load_claims",
    "load_measurements",
    "load_sources",
    "mean_temperature_difference",
    "parse_claims",
    "parse_cost_table",
    "pressure_drop",
    "pump_power",
    "purchase_cost",
    "refrigeration_power",
    "reynolds",
    "tray_area",
    "tube_area",
    "tube_diameter",
    "tube_length",
    "vessel_volume",
]
