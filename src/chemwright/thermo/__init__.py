"""Thermodynamics of mixtures: pure models, activity coefficients and vapour-liquid flashes."""

from chemwright.thermo.activity import ActivityModel, Ideal, Unifac
from chemwright.thermo.flash import BubblePoint, FlashResult, bubble_pressure, bubble_temperature, flash_tp
from chemwright.thermo.pure import PureModel, h_liquid, h_vapour, ln_psat, pure_model

__all__ = [
    "ActivityModel",
    "BubblePoint",
    "FlashResult",
    "Ideal",
    "PureModel",
    "Unifac",
    "bubble_pressure",
    "bubble_temperature",
    "flash_tp",
    "h_liquid",
    "h_vapour",
    "ln_psat",
    "pure_model",
]
