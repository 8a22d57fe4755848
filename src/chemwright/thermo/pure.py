"""PureModel: the numbers of one substance for balances and flashes, and the few equations they enter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from chemwright.errors import InputError, PropertyMissing, did_you_mean
from chemwright.model.lower import exp
from chemwright.record import Claim, Species

T_STANDARD = 298.15
"""Reference temperature [K] of enthalpies: elements in their standard state."""


@frozen
class PureModel:
    """Pure-component constants in SI.

    Args:
        id: species key.
        molar_mass: [kg/mol].
        antoine: A [1], B [K], C [K] of ln(p/Pa) = A - B/(T/K + C).
        psat_factor: factor on the vapour pressure [1], 1 unless a draw of its uncertainty is meant.
        h_vap: enthalpy of vaporisation at the normal boiling point [J/mol].
        t_boil: normal boiling point [K].
        cp_liquid: liquid heat capacity [J/(mol K)].
        v_liquid: liquid molar volume at 298.15 K [m^3/mol].
        hf_liquid: enthalpy of formation of the liquid at 298.15 K [J/mol].
    """

    id: str
    molar_mass: float
    antoine: tuple[float, float, float]
    psat_factor: float
    h_vap: float
    t_boil: float
    cp_liquid: float
    v_liquid: float
    hf_liquid: float

    def psat(self, T: Any) -> Any:
        """Vapour pressure [Pa] at T [K]."""
        return self.psat_factor * exp(ln_psat(*self.antoine, T))

    def h_liquid(self, T: Any) -> Any:
        """Molar enthalpy of the liquid [J/mol] at T [K]; see :func:`h_liquid`."""
        return h_liquid(self.hf_liquid, self.cp_liquid, T)

    def h_vapour(self, T: Any) -> Any:
        """Molar enthalpy of the vapour [J/mol] at T [K]; see :func:`h_vapour`."""
        return h_vapour(self.hf_liquid, self.cp_liquid, self.h_vap, T)


def ln_psat(A: Any, B: Any, C: Any, T: Any) -> Any:
    """ln(p/Pa) = A - B/(T + C); A [1], B and C [K], T [K]; floats, numpy arrays or CasADi symbols."""
    return A - B / (T + C)


def h_liquid(hf: Any, cp: Any, T: Any) -> Any:
    """Molar enthalpy of the liquid [J/mol] against the elements at 298.15 K.

    Simplification: the heat capacity is constant and pressure has no effect.

    Args:
        hf: enthalpy of formation of the liquid at 298.15 K [J/mol].
        cp: liquid heat capacity [J/(mol K)].
        T: temperature [K].
    """
    return hf + cp * (T - T_STANDARD)


def h_vapour(hf: Any, cp: Any, h_vap: Any, T: Any) -> Any:
    """Molar enthalpy of the vapour [J/mol]: the liquid is brought to T and evaporated there.

    Simplification: the enthalpy of vaporisation is held at its value at the normal boiling point, so that the vapour has the liquid's
    heat capacity; near the boiling point the error is small, and the path is the same for every stream, so balances close.

    Args:
        hf, cp, T: as in :func:`h_liquid`.
        h_vap: enthalpy of vaporisation [J/mol].
    """
    return h_liquid(hf, cp, T) + h_vap


def pure_model(species: Species, claims: Iterable[Claim]) -> PureModel:
    """Gather a species' constants from claims (ids ``{species.id}.{property}``, as `chemwright.property.pure_claims` gives them).

    Claims of other species are passed over, and a later claim replaces an earlier one with the same id.

    Raises:
        PropertyMissing: a property has no claim.
        InputError: the species has no molar mass.
    """
    if not species.molar_mass > 0.0:
        raise InputError(f"species {species.id!r} has no molar mass", where=species.id, fix="resolve it first, or give molar_mass in kg/mol")
    values = {c.property: c.value for c in claims if c.subject == species.id}

    def get(name: str) -> float:
        if name not in values:
            raise PropertyMissing(f"no claim gives {name!r} of {species.id!r}", where=species.id, fix=did_you_mean(name, values) or "call chemwright.property.pure_claims")
        return values[name]

    antoine = (get("vapour_pressure_A"), get("vapour_pressure_B"), get("vapour_pressure_C"))
    return PureModel(
        id=species.id,
        molar_mass=species.molar_mass,
        antoine=antoine,
        psat_factor=get("vapour_pressure_factor"),
        h_vap=get("heat_of_vaporisation"),
        t_boil=get("boiling_point"),
        cp_liquid=get("liquid_heat_capacity"),
        v_liquid=get("liquid_molar_volume"),
        hf_liquid=get("heat_of_formation_liquid"),
    )
