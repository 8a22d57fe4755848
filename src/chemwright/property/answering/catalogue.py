"""The properties that can be asked for, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from chemwright.errors import InputError, did_you_mean

ROOM = 298.15
ATMOSPHERE = 101_325.0


@frozen
class Asked:
    """A property that can be asked for.

    Args:
        name: in the vocabulary.
        unit: SI unit.
        log: whether errors are judged on a logarithmic scale; then the value is positive.
        curve: how it runs with temperature: ``""`` not at all, else the coordinates in which it is nearly straight, value first:
            ``log-reciprocal`` (ln y over 1/T), ``log-log``, ``log-linear`` or ``linear``.
        pressure: whether pressure matters.
        low, high: bounds of a sensible figure.
        regulated: set by an authority or looked up only; no method estimates it.
    """

    name: str
    unit: str
    log: bool = False
    curve: str = ""
    pressure: bool = False
    low: float = -1e300
    high: float = 1e300
    regulated: bool = False


ASKED = (
    Asked("normal_boiling_point", "K", low=1.0, high=2000.0),
    Asked("melting_point", "K", low=1.0, high=2000.0),
    Asked("critical_temperature", "K", low=3.0, high=3000.0),
    Asked("critical_pressure", "Pa", log=True, low=1e4, high=1e9),
    Asked("critical_volume", "m^3/mol", log=True, low=1e-5, high=1e-1),
    Asked("acentric_factor", "1", low=-0.5, high=4.0),
    Asked("vapour_pressure", "Pa", log=True, curve="log-reciprocal", low=1e-60, high=1e9),
    Asked("liquid_density", "kg/m^3", log=True, curve="linear", pressure=True, low=50.0, high=2e4),
    Asked("gas_density", "kg/m^3", log=True, curve="log-log", pressure=True, low=1e-40, high=2e3),
    Asked("liquid_heat_capacity", "J/(mol K)", log=True, curve="linear", low=5.0, high=1e5),
    Asked("gas_heat_capacity", "J/(mol K)", log=True, curve="linear", low=15.0, high=1e5),
    Asked("enthalpy_of_vaporisation", "J/mol", log=True, curve="linear", low=50.0, high=1e6),
    Asked("enthalpy_of_vaporisation_at_boiling_point", "J/mol", log=True, low=50.0, high=1e6),
    Asked("enthalpy_of_fusion", "J/mol", log=True, low=10.0, high=1e6),
    Asked("gas_formation_enthalpy", "J/mol", low=-1e8, high=1e8),
    Asked("liquid_formation_enthalpy", "J/mol", low=-1e8, high=1e8),
    Asked("enthalpy_of_combustion", "J/mol", low=-1e9, high=0.0),
    Asked("liquid_viscosity", "Pa s", log=True, curve="log-reciprocal", low=1e-6, high=1e6),
    Asked("gas_viscosity", "Pa s", log=True, curve="log-log", low=1e-7, high=1e-3),
    Asked("liquid_thermal_conductivity", "W/(m K)", log=True, curve="linear", low=5e-3, high=10.0),
    Asked("gas_thermal_conductivity", "W/(m K)", log=True, curve="log-log", low=1e-4, high=2.0),
    Asked("surface_tension", "N/m", log=True, curve="linear", low=1e-5, high=1.0),
    Asked("gas_diffusivity", "m^2/s", log=True, curve="log-log", pressure=True, low=1e-9, high=1.0),
    Asked("liquid_diffusivity", "m^2/s", log=True, curve="log-log", low=1e-14, high=1e-6),
    Asked("solubility_parameter", "Pa^(1/2)", log=True, curve="linear", low=1e3, high=1e5),
    Asked("hansen_dispersion_parameter", "Pa^(1/2)", low=0.0, high=1e5),
    Asked("hansen_polar_parameter", "Pa^(1/2)", low=0.0, high=1e5),
    Asked("hansen_hydrogen_bond_parameter", "Pa^(1/2)", low=0.0, high=1e5),
    Asked("aqueous_solubility_log", "1", curve="linear", low=-20.0, high=3.0),
    Asked("octanol_water_partition_coefficient_log", "1", low=-15.0, high=25.0),
    Asked("flash_point", "K", low=50.0, high=1500.0),
    Asked("lower_flammability_limit", "1", log=True, low=1e-4, high=1.0),
    Asked("upper_flammability_limit", "1", log=True, low=1e-3, high=1.0),
    Asked("autoignition_temperature", "K", low=250.0, high=1500.0),
    Asked("refractive_index", "1", low=1.0, high=4.0),
    Asked("relative_permittivity", "1", log=True, curve="log-linear", low=1.0, high=500.0),
    Asked("exposure_limit_twa_fraction", "1", log=True, regulated=True),
    Asked("exposure_limit_twa", "kg/m^3", log=True, regulated=True),
    Asked("exposure_limit_stel_fraction", "1", log=True, regulated=True),
    Asked("exposure_limit_ceiling_fraction", "1", log=True, regulated=True),
    Asked("global_warming_potential", "1", log=False, regulated=True),
    Asked("ozone_depletion_potential", "1", log=False, regulated=True),
    Asked("ghs_hazard_statements", "1", regulated=True),
)
BY_NAME = {a.name: a for a in ASKED}

CORE = (
    "normal_boiling_point", "melting_point", "critical_temperature", "critical_pressure", "enthalpy_of_vaporisation_at_boiling_point", "aqueous_solubility_log",
    "octanol_water_partition_coefficient_log", "flash_point",
)  # fmt: skip
"""What screening a file gives when nothing else is asked for."""

SHORT = {
    "boiling_point": "normal_boiling_point", "tb": "normal_boiling_point", "tm": "melting_point", "freezing_point": "melting_point", "tc": "critical_temperature", "pc": "critical_pressure",
    "vc": "critical_volume", "omega": "acentric_factor", "psat": "vapour_pressure", "vapor_pressure": "vapour_pressure", "density": "liquid_density", "heat_capacity": "liquid_heat_capacity",
    "hvap": "enthalpy_of_vaporisation", "heat_of_vaporisation": "enthalpy_of_vaporisation", "enthalpy_of_vaporization": "enthalpy_of_vaporisation", "heat_of_vaporization": "enthalpy_of_vaporisation",
    "hfus": "enthalpy_of_fusion", "heat_of_fusion": "enthalpy_of_fusion", "formation_enthalpy": "gas_formation_enthalpy", "hf": "gas_formation_enthalpy", "hc": "enthalpy_of_combustion", "cp": "liquid_heat_capacity", "rho": "liquid_density", "ri": "refractive_index", "heat_of_formation": "gas_formation_enthalpy",
    "heat_of_combustion": "enthalpy_of_combustion", "viscosity": "liquid_viscosity", "thermal_conductivity": "liquid_thermal_conductivity", "diffusivity": "liquid_diffusivity",
    "diffusivity_in_air": "gas_diffusivity", "diffusivity_in_water": "liquid_diffusivity", "hildebrand": "solubility_parameter", "aqueous_solubility": "aqueous_solubility_log",
    "solubility": "aqueous_solubility_log", "logs": "aqueous_solubility_log", "logp": "octanol_water_partition_coefficient_log", "lfl": "lower_flammability_limit", "ufl": "upper_flammability_limit",
    "autoignition": "autoignition_temperature", "exposure_limit": "exposure_limit_twa_fraction", "ghs": "ghs_hazard_statements", "gwp": "global_warming_potential", "odp": "ozone_depletion_potential",
    "permittivity": "relative_permittivity",
}  # fmt: skip
"""Shorter names, and older ones."""


def chosen(names: Iterable[str] | None, where: str = "") -> tuple[Asked, ...]:
    """Properties by name or short name, each once; all of them for None.

    Raises:
        InputError: a name that is not in the list, with near ones.
    """
    if names is None:
        return ASKED
    out: dict[str, Asked] = {}
    for given in names:
        key = "_".join(str(given).strip().replace("-", " ").lower().split())
        item = BY_NAME.get(SHORT.get(key, key))
        if item is None:
            known = (*BY_NAME, *SHORT)
            raise InputError(f"property {given!r} can't be asked for", where=where, fix=did_you_mean(key, known) or f"ask for {', '.join(BY_NAME)}")
        out[item.name] = item
    if not out:
        raise InputError("no property named", where=where, fix=f"name some of {', '.join(BY_NAME)}")
    return tuple(out.values())
