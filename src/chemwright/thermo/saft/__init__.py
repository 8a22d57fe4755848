"""PC-SAFT through ``feos``: published parameters, parameters from structure, pure substances, mixtures and polymers (extra ``saft``)."""

from chemwright.thermo.saft.learned import Learned, from_structure
from chemwright.thermo.saft.lookup import parameters
from chemwright.thermo.saft.mixture import SaftMixture, TwoPhases, bubble_pressures, fitted_kij
from chemwright.thermo.saft.polymer import polymer
from chemwright.thermo.saft.pure import (
    CriticalPoint,
    boiling_temperature,
    critical_point,
    enthalpy_of_vaporisation,
    liquid_density,
    saturated_liquid_density,
    vapour_pressure,
)
from chemwright.thermo.saft.record import SaftParameters

__all__ = [
    "CriticalPoint",
    "Learned",
    "SaftMixture",
    "SaftParameters",
    "TwoPhases",
    "boiling_temperature",
    "bubble_pressures",
    "critical_point",
    "enthalpy_of_vaporisation",
    "fitted_kij",
    "from_structure",
    "liquid_density",
    "parameters",
    "polymer",
    "saturated_liquid_density",
    "vapour_pressure",
]
