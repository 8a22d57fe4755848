"""The numbers of a rate law: rate constants, equilibrium and adsorption constants, orders; each fixed or with a prior."""

from __future__ import annotations

import math
from typing import Any

from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.model.gas import GAS_CONSTANT
from chemwright.model.lower import exp
from chemwright.record.fields import filled, finite, number, within

DECADE = math.log(10.0)


@frozen
class Number:
    """One number of a scheme, fixed when its ``std`` is zero.

    With an ``energy`` it follows the temperature as value * exp(-energy/R (1/T - 1/reference)): Arrhenius for a rate
    constant (energy: activation energy), van 't Hoff for an equilibrium constant (energy: reaction enthalpy).

    Args:
        name: unique in its scheme; ``k.r1``, ``K_A``, ``n_A.r1``.
        value: in SI with mol, at ``reference``.
        std: prior standard deviation, of the natural logarithm when ``log`` is true; 0 fixes the number.
        log: the regression is on the logarithm.
        energy: J/mol; ``None`` for a number that does not depend on temperature.
        energy_std: prior standard deviation of the energy, J/mol; 0 fixes it.
        reference: K.
    """

    name: str = field(validator=filled)
    value: float = field(converter=number, validator=finite)
    std: float = field(default=0.0, converter=number, validator=within(0.0))
    log: bool = True
    energy: float | None = None
    energy_std: float = field(default=0.0, converter=number, validator=within(0.0))
    reference: float = field(default=298.15, converter=number, validator=within(1.0, 1e5))

    def __attrs_post_init__(self) -> None:
        if self.log and not self.value > 0:
            raise InputError(f"{self.name!r} is {self.value!r}", fix="give a positive number where the logarithm is fitted")
        if self.energy is not None and not self.log:
            raise InputError(f"{self.name!r} has an energy and no logarithm", fix="only rate and equilibrium constants follow the temperature by an energy")
        if self.energy is not None and not math.isfinite(self.energy):
            raise InputError(f"the energy of {self.name!r} is {self.energy!r}", fix="give a finite number in J/mol")

    @property
    def energy_name(self) -> str:
        """``Ea.r1`` of ``k.r1``, ``dH_A`` of ``K_A``, ``dH(Ka.amine)`` of ``Ka.amine``."""
        head, rest = self.name[0], self.name[1:]
        kind = "dH" if head == "K" else "Ea"
        return kind + rest if head in "kK" and (not rest or rest[0] in "._") else f"{kind}({self.name})"

    @property
    def start(self) -> float:
        """The prior mean on the scale of the regression."""
        return math.log(self.value) if self.log else self.value

    def scaled(self, temperature: Any, raw: Any, energy: Any) -> Any:
        """The number at a temperature (K) on the scale of the regression (its logarithm, or itself), from its value there and its energy (J/mol or ``None``)."""
        return raw if self.energy is None else raw - energy / GAS_CONSTANT * (1 / temperature - 1 / self.reference)

    def at(self, temperature: Any, raw: Any, energy: Any) -> Any:
        """The number itself at a temperature; arguments as for :meth:`scaled`."""
        return self.natural(self.scaled(temperature, raw, energy))

    def natural(self, scaled: Any) -> Any:
        """From the scale of the regression."""
        if not self.log:
            return scaled
        return math.exp(scaled) if isinstance(scaled, float) else exp(scaled)


@frozen
class Tie:
    """A number that follows from others at every temperature: ln ``name`` = sum of coefficient * ln other.

    Args:
        name: of the number.
        terms: (other number, coefficient).
    """

    name: str
    terms: tuple[tuple[str, float], ...]
