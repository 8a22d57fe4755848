"""Rate laws: one a reaction, composed into a :class:`Scheme` that every reactor, fit and design can use."""

from chemwright.kinetics.laws.acid_base import Acid, AcidBase
from chemwright.kinetics.laws.enzyme import Inhibition, MichaelisMenten
from chemwright.kinetics.laws.law import Deactivation, Law, PowerLaw, mass_action
from chemwright.kinetics.laws.number import Number, Tie
from chemwright.kinetics.laws.quasi_steady import QuasiSteady
from chemwright.kinetics.laws.scheme import Scheme
from chemwright.kinetics.laws.surface import Adsorbate, SurfaceRate, eley_rideal

__all__ = [
    "Acid",
    "AcidBase",
    "Adsorbate",
    "Deactivation",
    "Inhibition",
    "Law",
    "MichaelisMenten",
    "Number",
    "PowerLaw",
    "QuasiSteady",
    "Scheme",
    "SurfaceRate",
    "Tie",
    "eley_rideal",
    "mass_action",
]
