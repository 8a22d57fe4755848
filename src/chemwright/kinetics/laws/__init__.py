"""Rate laws: one a reaction, composed into a :class:`Scheme` that every reactor, fit and design can use."""

from chemwright.kinetics.laws.acid_base import Acid, AcidBase
from chemwright.kinetics.laws.cycles import close_cycles
from chemwright.kinetics.laws.enzyme import Inhibition, MichaelisMenten
from chemwright.kinetics.laws.formation import Formation, equilibrium_number, gas_formation, liquid_formation
from chemwright.kinetics.laws.hindered import Hindered
from chemwright.kinetics.laws.law import Deactivation, Law, PowerLaw, mass_action
from chemwright.kinetics.laws.number import Number, Tie
from chemwright.kinetics.laws.quasi_steady import QuasiSteady
from chemwright.kinetics.laws.read import SCHEME_KEYS, scheme_of
from chemwright.kinetics.laws.scheme import Scheme
from chemwright.kinetics.laws.surface import Adsorbate, SurfaceRate, eley_rideal
from chemwright.kinetics.laws.write import scheme_toml

__all__ = [
    "SCHEME_KEYS",
    "Acid",
    "AcidBase",
    "Adsorbate",
    "Deactivation",
    "Formation",
    "Hindered",
    "Inhibition",
    "Law",
    "MichaelisMenten",
    "Number",
    "PowerLaw",
    "QuasiSteady",
    "Scheme",
    "SurfaceRate",
    "Tie",
    "close_cycles",
    "eley_rideal",
    "equilibrium_number",
    "gas_formation",
    "liquid_formation",
    "mass_action",
    "scheme_of",
    "scheme_toml",
]
