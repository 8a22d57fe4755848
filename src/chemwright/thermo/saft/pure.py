"""Pure substances by PC-SAFT: vapour pressure, densities, boiling point, enthalpy of vaporisation and critical point, for one or for many at once.

The functions take n substances (or their parameters as an array, shape (n, 8)) with n temperatures and pressures, or one of these for all; they return
shape (n,) with nan where the equation has no answer, as above its critical temperature. One substance over many temperatures is given as ``[substance] * len(T)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.thermo.saft.engine import checked, equation, evaluated, solved, table
from chemwright.thermo.saft.record import Array, SaftParameters

Sets = Sequence[SaftParameters] | Array


def _inputs(sets: Sets, *columns: Any) -> tuple[Array, Array]:
    p = table(sets)
    return p, np.column_stack([np.broadcast_to(checked(c, name), (len(p),)) for c, name in zip(columns, ("temperature", "pressure"), strict=False)])


def vapour_pressure(sets: Sets, T: Any) -> Array:
    """Vapour pressure [Pa] at T [K]."""
    p, x = _inputs(sets, T)
    return evaluated("vapor_pressure", p, x)[0]


def liquid_density(sets: Sets, T: Any, p: Any) -> Array:
    """Molar density of the compressed liquid [mol/m^3] at T [K] and p [Pa]; times the molar mass it is kg/m^3."""
    parameters, x = _inputs(sets, T, p)
    return 1e3 * evaluated("liquid_density", parameters, x)[0]


def saturated_liquid_density(sets: Sets, T: Any) -> Array:
    """Molar density of the liquid at its vapour pressure [mol/m^3]."""
    p, x = _inputs(sets, T)
    return 1e3 * evaluated("equilibrium_liquid_density", p, x)[0]


def enthalpy_of_vaporisation(sets: Sets, T: Any) -> Array:
    """Enthalpy of vaporisation [J/mol] at T [K]."""
    p, x = _inputs(sets, T)
    return evaluated("enthalpy_of_vaporization", p, x)[0]


def boiling_temperature(sets: Sets, p: Any = 101325.0) -> Array:
    """Temperature [K] at which the vapour pressure is p [Pa]."""
    parameters = table(sets)
    return evaluated("boiling_temperature", parameters, np.broadcast_to(checked(p, "pressure"), (len(parameters),)))[0]


@frozen
class CriticalPoint:
    """T [K], p [Pa] and molar density [mol/m^3] of the critical point of the equation (its pressure lies above the measured one by 10-20 %, as with any mean-field equation)."""

    T: float
    p: float
    density: float


def critical_point(substance: SaftParameters) -> CriticalPoint:
    """The critical point of one substance.

    Raises:
        ConvergenceError: none found.
    """
    from chemwright.thermo.saft.engine import feos

    module = feos()
    state = solved("critical point", lambda: module.State.critical_point(equation([substance])), {"substance": substance.substance})
    import si_units as si

    return CriticalPoint(float(state.temperature / si.KELVIN), float(state.pressure() / si.PASCAL), float(state.density / (si.MOL / si.METER**3)))
