"""What a gas adds to an ideal reactor: a volume that follows moles, temperature and pressure, and the pressure drop of a packed bed.

With the amounts n_j = c_in_j + nu^T xi in mol per m^3 of feed, the ideal-gas law gives the volume over the feed's volume,

    v = (sum n_j / sum c_in_j) (T / T_in) (P_in / P),

and the concentrations c_j = n_j / v (Fogler, Elements of Chemical Reaction Engineering, ch. 4). In a bed of constant cross-section
Ergun's equation becomes, for y = P/P_in, d(y^2)/dt = -drop v y with t = V/Q_in (ibid., ch. 5; S. Ergun, Chem. Eng. Prog. 48 (1952)
89-94), because the mass flux does not change and the density is that of the feed over v. The square has no pole where the pressure ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from chemwright.model.lower import fmax, sqrt

GAS_CONSTANT = 8.314462618  # J/(mol K), CODATA 2018
LEAST = 1e-8  # of (P/P_in)^2: below it the rates are no longer meant, only kept finite


@frozen
class Gas:
    """An ideal gas.

    Args:
        pressure: of the feed (batch: at the start), Pa.
        rigid: a batch of constant volume; otherwise the pressure is the feed's less what the bed takes.
        drop: fall of (P/P_in)^2 in a bed at the feed's conditions, 1 per s of V/Q_in; 0 without a bed.
    """

    pressure: float
    rigid: bool = False
    drop: float = 0.0

    def swelling(self, amounts: Sequence[Any], fed: float, ratio: Any, square: Any = 1.0) -> Any:
        """Volume over the feed's volume.

        Args:
            amounts: mol per m^3 of feed, one a species.
            fed: sum of the feed's concentrations, mol/m^3.
            ratio: T over the feed's T.
            square: (P/P_in)^2.
        """
        if self.rigid:
            return 1.0
        grown = sum(amounts) / fed * ratio
        return grown / sqrt(fmax(square, LEAST)) if self.drop else grown

    def pressure_at(self, amounts: Sequence[Any], fed: float, ratio: Any, square: Any = 1.0) -> Any:
        """Pressure, Pa; arguments as for :meth:`swelling`."""
        return self.pressure * (sum(amounts) / fed * ratio if self.rigid else sqrt(fmax(square, 0.0)))


def ergun(flux: float, density: float, particle: float, voidage: float, viscosity: float) -> float:
    """Pressure gradient of a packed bed, Pa/m (S. Ergun, Chem. Eng. Prog. 48 (1952) 89-94).

    Args:
        flux: mass flux over the empty cross-section, kg/(m^2 s).
        density: of the fluid, kg/m^3.
        particle: diameter of the particles, m.
        voidage: empty share of the bed, 0 to 1.
        viscosity: of the fluid, Pa s.
    """
    return flux / (density * particle) * (1 - voidage) / voidage**3 * (150 * (1 - voidage) * viscosity / particle + 1.75 * flux)
