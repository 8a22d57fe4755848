"""Henry constants of gases and other dilute substances: from tables, else from an activity model's infinite dilution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import InputError, PropertyMissing
from chemwright.thermo.interactions import table
from chemwright.thermo.mixture import Array

R = 8.314462618
TABLES = (
    ("Sander T dep", "R. Sander's compilation of Henry's law constants with temperature dependence, as `thermo` carries it", True),
    ("ChemSep Henry", "ChemSep 8.32 Henry constants (H. Kooijman, R. Taylor), as `thermo` carries them", True),
    ("Sander Const", "R. Sander's compilation of Henry's law constants at 298.15 K, as `thermo` carries it", False),
)
T_TABLE = 298.15
FAR = 60.0


@frozen
class Henry:
    """ln(H/Pa) = A + B/T + C ln T + D T + E/T^2 of a solute in a solvent; x = y P phi / H when x is small.

    Args:
        solute, solvent: as asked for.
        coefficients: A [1], B [K], C [1], D [1/K], E [K^2].
        tier: ``measured`` from a table, ``mechanism`` from a model.
        source: where the numbers come from.
        varies: whether the temperature dependence is known; without it the constant holds near 298.15 K only.
    """

    solute: str
    solvent: str
    coefficients: tuple[float, float, float, float, float]
    tier: str
    source: str
    varies: bool = True

    def ln_constant(self, T: Any) -> Any:
        """ln(H/Pa) at T [K], float or array."""
        A, B, C, D, E = self.coefficients
        T = np.asarray(T, dtype=float)
        return A + B / T + C * np.log(T) + D * T + E / T**2

    def constant(self, T: Any) -> Any:
        """Henry constant [Pa] on the mole fraction scale at T [K].

        Raises:
            InputError: T not positive.
        """
        if np.any(np.asarray(T) <= 0.0):
            raise InputError(f"a temperature of {np.min(T):g} K must be positive", where="T", fix="give it in kelvin, or as '25 degC'")
        return np.exp(self.ln_constant(T))

    def enthalpy(self, T: float) -> float:
        """Enthalpy of solution [J/mol], R d(ln H)/d(1/T); negative when warming drives the gas out, zero where the dependence is not known."""
        _, B, C, D, E = self.coefficients
        return float(R * (B - C * T - D * T * T + 2.0 * E / T))

    def solubility(self, T: Any, P: Any) -> Any:
        """Mole fraction [1] in the liquid under a partial pressure P [Pa], by Henry's law.

        Raises:
            InputError: P negative, or T not positive.
        """
        if np.any(np.asarray(P) < 0.0):
            raise InputError("a partial pressure must not be negative", where="P", fix="give it as '1 atm'")
        return np.asarray(P) / self.constant(T)

    def note(self, T: float) -> str:
        """What a reader should know of the constant at T [K]; empty when nothing."""
        if not self.varies and abs(T - T_TABLE) > 5.0:
            return f"the table gives the constant at {T_TABLE} K only: at {T:.1f} K it may be off by a factor of two"
        return "far from 298.15 K: extrapolated" if abs(T - T_TABLE) > FAR and self.tier == "measured" else ""


def henry(solute: str, solvent: str = "water") -> Henry:
    """Henry's constant of a solute in a solvent, from the first table that has the pair.

    Args:
        solute, solvent: names, CAS numbers or SMILES.

    Raises:
        SubstanceError: unknown substance; PropertyMissing: no table holds the pair, with what is there for the solvent.
    """
    from chemwright.knowledge import resolve

    one, two = resolve(solute, solute), resolve(solvent, solvent)
    for name, source, varies in TABLES:
        row = table(name).get(f"{one.cas} {two.cas}")
        if row:
            c = (float(row["A"]), float(row["B"]), float(row["C"]), float(row["D"]), float(row["E"]))
            return Henry(solute, solvent, c, "measured", source, varies)
    known = sorted({key.split()[0] for name, _, _ in TABLES for key in table(name) if key.endswith(f" {two.cas}")})
    said = f"{len(known)} solutes are tabled for it" if known else "no solute is tabled for it"
    raise PropertyMissing(
        f"no table has Henry's constant of {solute} in {solvent}; {said}",
        where="henry",
        fix="take `chemwright mix gamma` with a model: H = gamma at infinite dilution times the vapour pressure",
    )


def henry_from_model(solute: int, solvent: int, mix: Any, temperatures: Sequence[float] | Array) -> tuple[Array, Array]:
    """Henry constants [Pa] of one substance of a mixture in another at T [K]: gamma at infinite dilution times the vapour pressure.

    Only meant below the solute's critical temperature.

    Returns:
        Temperatures and constants, each of shape (m,).
    """
    T = np.asarray(temperatures, dtype=float)
    x = np.zeros((len(T), mix.n))
    x[:, solute], x[:, solvent] = 1e-10, 1.0 - 1e-10
    return T, np.asarray(np.exp(mix.ln_gamma(x, T)[:, solute]) * mix.pure[solute].psat(T), dtype=float)
