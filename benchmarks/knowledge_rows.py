"""A seeded generator of a big CSV of property claims: 50,000 substances by name, CAS number or SMILES, twenty properties in assorted units, temperature and pressure."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

SEED = 7
HEADER = ("compound", "property", "value", "unit", "std", "T [degC]", "P [bar]", "method", "reference")
PROPERTIES: tuple[tuple[str, tuple[tuple[str, float, float], ...], float, float, float], ...] = (
    # name; (unit, scale, offset) so that number = SI * scale + offset; low, high and relative scatter of the SI value
    ("normal_boiling_point", (("K", 1, 0), ("degC", 1, -273.15)), 280, 700, 0.003),
    ("melting_point", (("K", 1, 0), ("degC", 1, -273.15)), 150, 600, 0.004),
    ("liquid_density", (("kg/m^3", 1, 0), ("g/cm^3", 1e-3, 0), ("g/mL", 1e-3, 0)), 620, 1800, 0.004),
    ("vapour_pressure", (("Pa", 1, 0), ("kPa", 1e-3, 0), ("mmHg", 1 / 133.322387415, 0)), 1e2, 1e5, 0.02),
    ("liquid_viscosity", (("Pa s", 1, 0), ("mPa s", 1e3, 0), ("cP", 1e3, 0)), 2e-4, 2e-2, 0.03),
    ("enthalpy_of_vaporisation", (("J/mol", 1, 0), ("kJ/mol", 1e-3, 0), ("kcal/mol", 1 / 4184.0, 0)), 2e4, 9e4, 0.02),
    ("enthalpy_of_fusion", (("kJ/mol", 1e-3, 0), ("J/mol", 1, 0)), 3e3, 5e4, 0.04),
    ("critical_temperature", (("K", 1, 0),), 400, 900, 0.004),
    ("critical_pressure", (("bar", 1e-5, 0), ("MPa", 1e-6, 0)), 1.5e6, 8e6, 0.02),
    ("critical_volume", (("cm^3/mol", 1e6, 0), ("m^3/kmol", 1e3, 0)), 1e-4, 1e-3, 0.02),
    ("acentric_factor", (("1", 1, 0),), 0.1, 1.0, 0.01),
    ("refractive_index", (("1", 1, 0),), 1.33, 1.65, 0.0005),
    ("liquid_heat_capacity", (("J/(mol K)", 1, 0), ("cal/(mol K)", 1 / 4.184, 0)), 80, 500, 0.02),
    ("liquid_thermal_conductivity", (("W/(m K)", 1, 0), ("mW/(m K)", 1e3, 0)), 0.08, 0.25, 0.03),
    ("relative_permittivity", (("1", 1, 0),), 1.9, 80, 0.01),
    ("aqueous_solubility", (("kg/m^3", 1, 0), ("g/L", 1, 0), ("mg/L", 1e3, 0)), 1e-3, 300, 0.2),
    ("octanol_water_partition_coefficient_log", (("1", 1, 0),), -2, 8, 0.05),
    ("henry_constant", (("Pa", 1, 0), ("atm", 1 / 101325.0, 0)), 1e4, 1e9, 0.05),
    ("liquid_formation_enthalpy", (("kJ/mol", 1e-3, 0), ("J/mol", 1, 0)), -9e5, -1e4, 0.002),
    ("speed_of_sound", (("m/s", 1, 0),), 800, 1900, 0.003),
)
METHODS = ("DSC", "ebulliometry", "vibrating tube", "capillary", "headspace GC", "")


def substances(count: int, seed: int = SEED) -> list[str]:
    """Texts that name ``count`` different substances of the tables: half CAS numbers, three in ten names, two in ten SMILES."""
    from chemicals.identifiers import get_pubchem_db, pubchem_db

    table = pubchem_db if pubchem_db is not None else get_pubchem_db()
    table.finish_loading()
    rng = np.random.default_rng(seed)
    entries = [e for _, e in sorted(table.CAS_index.items()) if e.smiles and len(e.smiles) <= 120 and len(e.common_name) <= 120]
    chosen = rng.permutation(len(entries))[:count]
    how = rng.random(len(chosen))
    return [e.CASs if h < 0.5 else e.common_name if h < 0.8 else e.smiles for e, h in ((entries[i], x) for i, x in zip(chosen, how, strict=True))]


def write_claims(path: Path, rows: int, pool: int = 50_000, seed: int = SEED) -> None:
    """Write the CSV; the same rows for the same seed. One value in 500 has a slip of a factor 1000."""
    rng = np.random.default_rng(seed)
    names = substances(pool, seed)
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(HEADER)
        for start in range(0, rows, 50_000):
            n = min(50_000, rows - start)
            who, what = rng.integers(len(names), size=n), rng.integers(len(PROPERTIES), size=n)
            noise, pick, temperature, pressure = rng.standard_normal(n), rng.random(n), rng.integers(-10, 120, n), rng.random(n)
            slip, method, reference, told = rng.random(n) < 0.002, rng.integers(len(METHODS), size=n), rng.integers(400, size=n), rng.random(n)
            for i in range(n):
                name, units, low, high, scatter = PROPERTIES[what[i]]
                unit, scale, offset = units[int(pick[i] * len(units))]
                place = (who[i] * 7919 + what[i] * 104_729) % 10_007 / 10_007
                true = low + (high - low) * place if low < 0 or high / low < 20 else low * (high / low) ** place
                value = true * (1 + scatter * noise[i])
                number = (value * scale + offset) * (1000.0 if slip[i] else 1.0)
                std = f"{abs(true) * scatter * scale:.3g}" if told[i] < 0.4 else ""
                kelvin = "" if told[i] > 0.9 else f"{temperature[i]}"
                bar = "" if pressure[i] < 0.5 else f"{1.01325 if pressure[i] < 0.9 else round(20 * pressure[i], 2)}"
                out.writerow((names[who[i]], name, f"{number:.7g}", unit, std, kelvin, bar, METHODS[method[i]], f"ref{reference[i]:03d}"))
