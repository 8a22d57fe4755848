"""ThermoML's names of properties, variables and phases in ours, with their factors to SI (the IUPAC standard's schema, version 4: http://trc.nist.gov/ThermoML.xsd)."""

from __future__ import annotations

PROPERTIES: dict[str, tuple[str, float]] = {
    "Mass density, kg/m3": ("density", 1.0), "Molar volume, m3/mol": ("molar_volume", 1.0), "Excess molar volume, m3/mol": ("excess_molar_volume", 1.0), "Viscosity, Pa*s": ("viscosity", 1.0),
    "Kinematic viscosity, m2/s": ("kinematic_viscosity", 1.0), "Thermal conductivity, W/m/K": ("thermal_conductivity", 1.0), "Electrical conductivity, S/m": ("electrical_conductivity", 1.0),
    "Molar conductivity, S*m2/mol": ("molar_conductivity", 1.0), "Self diffusion coefficient, m2/s": ("self_diffusivity", 1.0), "Binary diffusion coefficient, m2/s": ("diffusivity", 1.0),
    "Vapor or sublimation pressure, kPa": ("vapour_pressure", 1e3), "Boiling temperature at pressure P, K": ("boiling_point", 1.0), "Normal boiling temperature, K": ("normal_boiling_point", 1.0),
    "Normal melting temperature, K": ("melting_point", 1.0), "Triple point temperature, K": ("triple_point_temperature", 1.0), "Triple point pressure, kPa": ("triple_point_pressure", 1e3),
    "Critical temperature, K": ("critical_temperature", 1.0), "Critical pressure, kPa": ("critical_pressure", 1e3), "Critical density, kg/m3": ("critical_density", 1.0),
    "Critical molar volume, m3/mol": ("critical_volume", 1.0), "Molar heat capacity at constant pressure, J/K/mol": ("heat_capacity", 1.0),
    "Specific heat capacity at constant pressure, J/K/kg": ("specific_heat_capacity", 1.0), "Molar heat capacity at constant volume, J/K/mol": ("isochoric_heat_capacity", 1.0),
    "Molar enthalpy of vaporization or sublimation, kJ/mol": ("enthalpy_of_vaporisation", 1e3), "Molar entropy, J/K/mol": ("entropy", 1.0), "Surface tension liquid-gas, N/m": ("surface_tension", 1.0),
    "Interfacial tension, N/m": ("interfacial_tension", 1.0), "Refractive index (Na D-line)": ("refractive_index", 1.0), "Refractive index (other wavelength)": ("refractive_index", 1.0),
    "Speed of sound, m/s": ("speed_of_sound", 1.0), "Relative permittivity at zero frequency": ("relative_permittivity", 1.0), "2nd virial coefficient, m3/mol": ("second_virial_coefficient", 1.0),
    "3rd virial coefficient, m6/mol2": ("third_virial_coefficient", 1.0), "Compressibility factor": ("compressibility_factor", 1.0), "Isothermal compressibility, 1/kPa": ("isothermal_compressibility", 1e-3),
    "Excess molar enthalpy (molar enthalpy of mixing), kJ/mol": ("excess_enthalpy", 1e3), "Molar enthalpy of solution, kJ/mol": ("enthalpy_of_solution", 1e3), "Activity coefficient": ("activity_coefficient", 1.0),
    "Mean ionic activity coefficient": ("mean_ionic_activity_coefficient", 1.0), "Osmotic coefficient": ("osmotic_coefficient", 1.0), "(Relative) activity": ("activity", 1.0),
    "Henry's Law constant (mole fraction scale), kPa": ("henry_constant", 1e3), "Mole fraction": ("mole_fraction", 1.0), "Mass fraction": ("mass_fraction", 1.0), "Volume fraction": ("volume_fraction", 1.0),
    "Molality, mol/kg": ("molality", 1.0), "Amount concentration (molarity), mol/dm3": ("concentration", 1e3), "Azeotropic temperature, K": ("azeotropic_temperature", 1.0),
    "Azeotropic composition: mole fraction": ("azeotropic_mole_fraction", 1.0), "Upper consolute temperature, K": ("upper_critical_solution_temperature", 1.0),
    "Lower consolute temperature, K": ("lower_critical_solution_temperature", 1.0), "Temperature, K": ("temperature", 1.0), "Pressure, kPa": ("pressure", 1e3), "Wavelength, nm": ("wavelength", 1e-9),
    "Frequency, MHz": ("frequency", 1e6), "Heat capacity ratio cp/cv": ("heat_capacity_ratio", 1.0), "Partial pressure, kPa": ("partial_pressure", 1e3),
}  # fmt: skip
"""ePropName, eTemperature, ePressure, eComponentComposition and eMiscellaneous to our property and the factor to its SI unit."""

COMPOSITIONS = ("mole_fraction", "mass_fraction", "volume_fraction", "molality", "concentration", "partial_pressure")
BY_PHASE = {("mole_fraction", "liquid"): "liquid_mole_fraction", ("mole_fraction", "gas"): "vapour_mole_fraction"}
EQUILIBRIUM = ("vapour_pressure", "boiling_point", "activity_coefficient", "henry_constant", "liquid_mole_fraction", "vapour_mole_fraction", "mole_fraction", "mass_fraction", "azeotropic_temperature", "azeotropic_mole_fraction", "upper_critical_solution_temperature", "lower_critical_solution_temperature", "activity", "osmotic_coefficient")  # fmt: skip
TRANSPORT = ("viscosity", "kinematic_viscosity", "thermal_conductivity", "diffusivity", "self_diffusivity", "electrical_conductivity", "molar_conductivity")
INTERFACE = ("surface_tension", "interfacial_tension")
GROUPS = {
    "VolumetricProp": (
        "density",
        "molar_volume",
        "excess_molar_volume",
        "compressibility_factor",
        "isothermal_compressibility",
        "second_virial_coefficient",
        "third_virial_coefficient",
    ),
    "TransportProp": TRANSPORT,
    "RefractionSurfaceTensionSoundSpeed": ("refractive_index", "surface_tension", "interfacial_tension", "speed_of_sound"),
    "HeatCapacityAndDerivedProp": ("heat_capacity", "specific_heat_capacity", "isochoric_heat_capacity", "entropy", "heat_capacity_ratio"),
    "VaporPBoilingTAzeotropTandP": ("vapour_pressure", "boiling_point", "normal_boiling_point", "azeotropic_temperature"),
    "PhaseTransition": ("melting_point", "triple_point_temperature", "triple_point_pressure", "enthalpy_of_vaporisation"),
    "Criticals": ("critical_temperature", "critical_pressure", "critical_density", "critical_volume", "upper_critical_solution_temperature", "lower_critical_solution_temperature"),
    "CompositionAtPhaseEquilibrium": (
        "mole_fraction",
        "mass_fraction",
        "volume_fraction",
        "molality",
        "concentration",
        "azeotropic_mole_fraction",
        "partial_pressure",
        "henry_constant",
    ),
    "ActivityFugacityOsmoticProp": ("activity", "activity_coefficient", "mean_ionic_activity_coefficient", "osmotic_coefficient"),
    "ExcessPartialApparentEnergyProp": ("excess_enthalpy", "enthalpy_of_solution"),
}
"""The group of the schema that each property is written in."""


def phase_of(text: str) -> str:
    """A phase in small letters, crystals of every kind as solid."""
    small = text.strip().lower()
    return (
        "solid" if small.startswith(("crystal", "solid")) else "gas" if small in ("gas", "ideal gas", "air at 1 atmosphere") else "liquid" if small.startswith("liquid") else small
    )


def kind_of(properties: list[str]) -> str:
    """The kind of data set that these properties make."""
    for kind, names in (("phase_equilibrium", EQUILIBRIUM), ("transport", TRANSPORT), ("interfacial", INTERFACE)):
        if any(p in names for p in properties):
            return kind
    return "property"
