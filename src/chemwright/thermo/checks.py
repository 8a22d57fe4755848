"""Published numbers for the room ``thermo``: normal boiling points through the vapour pressure, and an azeotrope."""

from __future__ import annotations

from functools import partial

from chemwright.knowledge import resolve
from chemwright.model.check import Check
from chemwright.property import pure_claims
from chemwright.record import Species
from chemwright.thermo.activity import Ideal, Unifac
from chemwright.thermo.flash import bubble_temperature
from chemwright.thermo.pure import PureModel, pure_model

ATMOSPHERE = 101325.0  # Pa
BOILING = {
    "water": 373.12,
    "ethanol": 351.5,
    "methanol": 337.8,
    "benzene": 353.2,
    "toluene": 383.8,
    "acetone": 329.2,
    "n-hexane": 341.9,
    "cyclohexane": 353.9,
    "acetic acid": 391.0,
    "diethyl ether": 307.6,
}
"""Normal boiling points [K], where handbook and web book agree within 0.2 K."""
TABLES = "CRC Handbook of Chemistry and Physics and NIST Chemistry WebBook, normal boiling point"
HORSLEY = "L. H. Horsley, Azeotropic Data III, Adv. Chem. Ser. 116, American Chemical Society 1973 (95.6 % ethanol by mass, x = 0.894)"


def _pure(name: str) -> tuple[PureModel, str]:
    """Model and SMILES of a substance by name."""
    found = resolve(name)
    species = Species(name, found.smiles, cas=found.cas, molar_mass=found.molar_mass)
    return pure_model(species, pure_claims(species).claims), found.smiles


def _boils(name: str) -> float:
    """Temperature [K] at which the vapour pressure is one atmosphere."""
    model, _ = _pure(name)
    return bubble_temperature([1.0], ATMOSPHERE, [model], Ideal((name,))).T


def _azeotrope() -> float:
    """Bubble point [K] of ethanol and water at the azeotrope's composition, by UNIFAC."""
    (ethanol, a), (water, b) = _pure("ethanol"), _pure("water")
    return bubble_temperature([0.894, 0.106], ATMOSPHERE, [ethanol, water], Unifac.from_smiles([("ethanol", a), ("water", b)])).T


CHECKS: tuple[Check, ...] = (
    *(
        Check(
            f"boiling-point.{name.replace(' ', '-')}",
            "thermo",
            f"temperature at which the vapour pressure of {name} is 101325 Pa",
            "K",
            value,
            0.7,
            "2 % in the vapour pressure, the uncertainty of its correlation, is 0.5-0.6 K; the tables differ by 0.2 K",
            TABLES,
            partial(_boils, name),
        )
        for name, value in BOILING.items()
    ),
    Check(
        "azeotrope.ethanol-water",
        "thermo",
        "bubble point of ethanol and water at x = 0.894",
        "K",
        351.3,
        1.5,
        "5 % in the pressure, what UNIFAC's prediction is commonly good for",
        HORSLEY,
        _azeotrope,
    ),
)
