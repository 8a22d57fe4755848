"""Thermodynamics of mixtures: pure models, activity coefficients and vapour-liquid flashes."""

from chemwright.thermo.activity import ActivityModel, Ideal, Unifac
from chemwright.thermo.choose import activity_model
from chemwright.thermo.flash import BubblePoint, FlashResult, bubble_pressure, bubble_temperature, flash_tp
from chemwright.thermo.hybrid.model import HybridActivity
from chemwright.thermo.hybrid.sharpen import fit
from chemwright.thermo.pure import PureModel, h_liquid, h_vapour, ln_psat, pure_model

__all__ = [
    "ActivityModel",
    "BubblePoint",
    "FlashResult",
    "HybridActivity",
    "Ideal",
    "PureModel",
    "Unifac",
    "activity_model",
    "bubble_pressure",
    "bubble_temperature",
    "fit",
    "flash_tp",
    "h_liquid",
    "h_vapour",
    "ln_psat",
    "pure_model",
]
