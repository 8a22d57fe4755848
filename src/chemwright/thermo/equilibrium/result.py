"""What a flash answers."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError
from chemwright.thermo.equilibrium.fluid import NAMES, Array, Flags, Kinds


@frozen(eq=False)
class Phase:
    """One phase at equilibrium.

    Args:
        kind: "vapour" or "liquid" (of one phase alone above the critical point: what its density is nearer to).
        amount: [mol a mol of feed].
        x: mole fractions, shape (c,).
        Z: compressibility factor P v/(R T) [1]; zero of a liquid whose model has no volumes.
    """

    kind: str
    amount: float
    x: Array
    Z: float


@frozen(eq=False)
class Equilibrium:
    """One feed's phases: vapour first, then liquids, the lightest (largest Z, else largest amount) first.

    Args:
        ids: species keys.
        T: temperature [K].
        P: pressure [Pa].
        phases: at least one.
        error: largest difference of ln f between phases [1].
        gibbs: sum of n_i ln(f_i/P) [1]: Gibbs energy over R T less that of the pure ideal gases at T and P, a mole of feed.
    """

    ids: tuple[str, ...]
    T: float
    P: float
    phases: tuple[Phase, ...]
    error: float
    gibbs: float

    @property
    def vapour_fraction(self) -> float:
        """Amount of vapour [mol a mol of feed]."""
        return float(sum(p.amount for p in self.phases if p.kind == "vapour"))

    @property
    def liquids(self) -> tuple[Phase, ...]:
        """The liquid phases."""
        return tuple(p for p in self.phases if p.kind == "liquid")


@frozen(eq=False)
class EquilibriumBatch:
    """n feeds' phases as arrays; what a row has fewer of is NaN (fractions, Z) or zero (amounts).

    Args:
        ids: species keys.
        T: temperatures [K], shape (n,).
        P: pressures [Pa], shape (n,).
        count: number of phases, shape (n,); zero where the row did not converge.
        kinds: 0 liquid, 1 vapour, -1 none, shape (n, p).
        amounts: of the phases [mol a mol of feed], shape (n, p).
        x: mole fractions, shape (n, p, c).
        Z: compressibility factors [1], shape (n, p).
        error: largest difference of ln f between phases [1], or what else stayed open, shape (n,).
        gibbs: as of :class:`Equilibrium`, shape (n,).
    """

    ids: tuple[str, ...]
    T: Array
    P: Array
    count: Kinds
    kinds: Kinds
    amounts: Array
    x: Array
    Z: Array
    error: Array
    gibbs: Array

    @property
    def converged(self) -> Flags:
        """Which rows have an answer, shape (n,), boolean."""
        return np.asarray(self.count > 0)

    @property
    def vapour_fraction(self) -> Array:
        """Amount of vapour [mol a mol of feed], shape (n,); NaN where a row did not converge."""
        return np.where(self.converged, np.sum(np.where(self.kinds == 1, self.amounts, 0.0), axis=1), np.nan)

    def __len__(self) -> int:
        return len(self.T)

    def __getitem__(self, row: int) -> Equilibrium:
        """One row.

        Raises:
            ConvergenceError: it did not converge.
        """
        if not self.count[row]:
            raise ConvergenceError(
                f"the flash at {self.T[row]:.6g} K and {self.P[row]:.6g} Pa did not converge",
                where=f"feed {row}",
                fix="move away from the point or check the model's constants",
                residuals={"largest difference of ln f between phases, or gap of a stability trial [1]": float(self.error[row])},
            )
        phases = tuple(Phase(NAMES[self.kinds[row, k]], float(self.amounts[row, k]), self.x[row, k], float(self.Z[row, k])) for k in range(int(self.count[row])))
        return Equilibrium(self.ids, float(self.T[row]), float(self.P[row]), phases, float(self.error[row]), float(self.gibbs[row]))
