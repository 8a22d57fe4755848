"""The tubular reactor as a tube: length, diameter, flow regime, pressure drop; SI, written once for numpy and CasADi."""

from __future__ import annotations

import math
from typing import Any

from chemwright.equipment.checks import require_positive
from chemwright.errors import InputError
from chemwright.model.lower import is_symbolic, log

LAMINAR_BELOW = 2100.0
TURBULENT_ABOVE = 4000.0


def reynolds(flow: Any, diameter: Any, density: Any, viscosity: Any) -> Any:
    """Reynolds number ``4 rho Q / (pi mu D)`` of a full tube, [-], from m3/s, m, kg/m3, Pa s.

    Raises:
        InputError: an argument is not > 0.
    """
    require_positive("reynolds", flow=flow, diameter=diameter, density=density, viscosity=viscosity)
    return 4.0 * density * flow / (math.pi * viscosity * diameter)


def tube_diameter(flow: Any, density: Any, viscosity: Any, reynolds_number: Any) -> Any:
    """Inner diameter, m, that gives ``reynolds_number`` at a flow in m3/s with density in kg/m3 and viscosity in Pa s.

    Raises:
        InputError: an argument is not > 0.
    """
    require_positive("tube_diameter", flow=flow, density=density, viscosity=viscosity, reynolds_number=reynolds_number)
    return 4.0 * density * flow / (math.pi * viscosity * reynolds_number)


def tube_length(volume: Any, diameter: Any) -> Any:
    """Length, m, of a tube of inner ``diameter`` (m) that holds ``volume`` (m3).

    Raises:
        InputError: an argument is not > 0.
    """
    require_positive("tube_length", volume=volume, diameter=diameter)
    return 4.0 * volume / (math.pi * diameter**2)


def tube_area(volume: Any, diameter: Any) -> Any:
    """Inner wall area, m2, of a tube of inner ``diameter`` (m) that holds ``volume`` (m3): ``4 V / D``.

    Raises:
        InputError: an argument is not > 0.
    """
    require_positive("tube_area", volume=volume, diameter=diameter)
    return 4.0 * volume / diameter


def flow_regime(reynolds_number: float) -> str:
    """``laminar`` below 2100, ``turbulent`` above 4000, ``transitional`` between (straight tube; coils stay laminar longer).

    Raises:
        InputError: not a number > 0 (a CasADi symbol has no regime).
    """
    if is_symbolic(reynolds_number):
        raise InputError("a symbol has no flow regime", where="flow_regime", fix="call it on the solved number")
    require_positive("flow_regime", reynolds_number=reynolds_number)
    if float(reynolds_number) < LAMINAR_BELOW:
        return "laminar"
    return "turbulent" if float(reynolds_number) > TURBULENT_ABOVE else "transitional"


def friction_factor(reynolds_number: Any, relative_roughness: Any = 0.0) -> Any:
    """Darcy friction factor over all regimes, [-]; 64/Re in laminar flow.

    Args:
        reynolds_number: [-], from about 10 to 1e8.
        relative_roughness: wall roughness over diameter, [-].

    Raises:
        InputError: Reynolds number not > 0.

    Source: Churchill 1977.
    """
    require_positive("friction_factor", reynolds_number=reynolds_number)
    term_a = (-2.457 * log((7.0 / reynolds_number) ** 0.9 + 0.27 * relative_roughness)) ** 16
    term_b = (37530.0 / reynolds_number) ** 16
    return 8.0 * ((8.0 / reynolds_number) ** 12 + (term_a + term_b) ** (-1.5)) ** (1.0 / 12.0)


def pressure_drop(flow: Any, volume: Any, diameter: Any, density: Any, viscosity: Any, relative_roughness: Any = 0.0) -> Any:
    """Frictional pressure drop of a straight tube, Pa (a coil costs more; bends and fittings are not in it).

    Args:
        flow: m3/s.
        volume: inner volume of the tube, m3.
        diameter: inner diameter, m.
        density: kg/m3.
        viscosity: Pa s.
        relative_roughness: [-].

    Raises:
        InputError: an argument is not > 0.

    Source: Darcy-Weisbach with the friction factor of Churchill 1977.
    """
    velocity = 4.0 * flow / (math.pi * diameter**2)
    factor = friction_factor(reynolds(flow, diameter, density, viscosity), relative_roughness)
    return factor * tube_length(volume, diameter) / diameter * 0.5 * density * velocity**2
