"""Phase equilibrium of any number of phases: cubic equations of state or activity coefficients, stability, flashes, saturation, envelopes."""

from chemwright.thermo.equilibrium.alpha import Alpha
from chemwright.thermo.equilibrium.cubic import CubicEos
from chemwright.thermo.equilibrium.energy import Caloric, flash_ph, flash_ps
from chemwright.thermo.equilibrium.envelope import Envelope, phase_envelope
from chemwright.thermo.equilibrium.fluid import Fluid, FluidState
from chemwright.thermo.equilibrium.gamma_phi import GammaPhi
from chemwright.thermo.equilibrium.gex import GexCubic
from chemwright.thermo.equilibrium.ideal_gas import IdealGas
from chemwright.thermo.equilibrium.result import Equilibrium, EquilibriumBatch, Phase
from chemwright.thermo.equilibrium.saturation import SaturationPoint, bubble_point, dew_point, saturation_points
from chemwright.thermo.equilibrium.tables import cubic_from_names
from chemwright.thermo.equilibrium.tp import flash, flash_batch

__all__ = [
    "Alpha",
    "Caloric",
    "CubicEos",
    "Envelope",
    "Equilibrium",
    "EquilibriumBatch",
    "Fluid",
    "FluidState",
    "GammaPhi",
    "GexCubic",
    "IdealGas",
    "Phase",
    "SaturationPoint",
    "bubble_point",
    "cubic_from_names",
    "dew_point",
    "flash",
    "flash_batch",
    "flash_ph",
    "flash_ps",
    "phase_envelope",
    "saturation_points",
]
