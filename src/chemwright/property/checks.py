"""Published numbers for the room ``property``: what the consensus of tables gives for substances whose values are beyond doubt."""

from __future__ import annotations

from collections.abc import Callable

from chemwright.model.check import Check
from chemwright.property.pure import pure_claims
from chemwright.record import Species

WATER, BENZENE = Species("water", "O", cas="7732-18-5"), Species("benzene", "c1ccccc1", cas="71-43-2")


def _claimed(species: Species, name: str, scale: float) -> Callable[[], float]:
    """A function giving the claimed property over ``scale``."""

    def run() -> float:
        return next(c.value for c in pure_claims(species).claims if c.property == name) / scale

    return run


CODATA = "J. D. Cox, D. D. Wagman, V. A. Medvedev, CODATA Key Values for Thermodynamics, Hemisphere 1989"
CRC = "CRC Handbook of Chemistry and Physics, enthalpy of vaporization"

CHECKS: tuple[Check, ...] = (
    Check(
        "formation.water",
        "property",
        "enthalpy of formation of liquid water at 298.15 K",
        "kJ/mol",
        -285.83,
        0.04,
        "CODATA's own uncertainty",
        CODATA,
        _claimed(WATER, "heat_of_formation_liquid", 1e3),
    ),
    Check(
        "vaporisation.water",
        "property",
        "enthalpy of vaporisation of water at its boiling point",
        "kJ/mol",
        40.65,
        0.41,
        "1 %, between tables",
        CRC,
        _claimed(WATER, "heat_of_vaporisation", 1e3),
    ),
    Check(
        "vaporisation.benzene",
        "property",
        "enthalpy of vaporisation of benzene at its boiling point",
        "kJ/mol",
        30.72,
        0.31,
        "1 %, between tables",
        CRC,
        _claimed(BENZENE, "heat_of_vaporisation", 1e3),
    ),
)
