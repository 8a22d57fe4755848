"""Units at the edge of a campaign: what users write, and the SI number that is kept."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from chemwright.quantity import parse_unit
from chemwright.quantity.units import factor

_NAMES = {"[mass]": "kg", "[length]": "m", "[time]": "s", "[temperature]": "K", "[substance]": "mol", "[current]": "A", "[luminosity]": "cd", "[currency]": "USD"}


@lru_cache(maxsize=1024)
def si_unit(unit: str, where: str = "") -> str:
    """The SI unit of a unit's dimension, as ``kg/(m s^2)`` spelled with exponents: ``m^-1 kg s^-2``; ``"1"`` for none.

    Raises:
        UnitError: a unit that can't be read.
    """
    powers = {_NAMES.get(k, k.strip("[]")): float(p) for k, p in parse_unit(unit, where).dimensionality.items()}
    return " ".join(n if p == 1.0 else f"{n}^{p:g}" for n, p in sorted(powers.items(), key=lambda item: (-item[1], item[0]))) or "1"


def to_si(value: Any, unit: str, where: str = "") -> Any:
    """A number or array in ``unit`` as SI.

    Raises:
        UnitError: a unit that can't be read.
    """
    scale, offset = factor(unit, si_unit(unit, where), where)
    return value * scale + offset


def from_si(value: Any, unit: str) -> Any:
    """An SI number or array in ``unit``."""
    scale, offset = factor(unit, si_unit(unit))
    return (value - offset) / scale


def spread_from_si(std: Any, unit: str) -> Any:
    """A standard deviation (a difference: no offset) in ``unit``."""
    return std / abs(factor(unit, si_unit(unit))[0])


def spread_to_si(std: Any, unit: str) -> Any:
    """A standard deviation in ``unit`` as SI."""
    return std * abs(factor(unit, si_unit(unit))[0])


@lru_cache(maxsize=1024)
def dimension(unit: str, where: str = "") -> Any:
    """The dimension of a unit, which multiplies and has powers.

    Raises:
        UnitError: a unit that can't be read.
    """
    return parse_unit(unit, where).dimensionality
