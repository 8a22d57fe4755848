"""Powers of concentrations that stay finite, with finite slopes, at and below zero."""

from __future__ import annotations

from typing import Any

from chemwright.model.lower import exp, is_symbolic, log, sqrt

SMALL = 1e-6  # mol/m^3: where a broken power bends into a straight line


def safe_power(c: Any, n: Any, small: float = SMALL) -> Any:
    """c^n for a concentration.

    Whole numbers of 1 and more are plain powers. Any other order n >= 0, or one that is fitted, is
    c (c^2 + small^2)^((n-1)/2): the power where c is well above ``small``, a straight line through zero below it, so that
    a species that runs out stops reacting (also with order 0) and the slope is finite. A fixed negative order is
    (c^2 + small^2)^(n/2). The relative error is |n-1|/2 (small/c)^2.

    Args:
        c: mol/m^3.
        n: order, a number or a symbol.
        small: mol/m^3.
    """
    if isinstance(n, int | float):
        if n >= 1 and n == int(n):
            return c if n == 1 else c ** int(n)
        if n < 0:
            return exp(n / 2 * log(c * c + small * small))
        if n == 0.5:
            return c / sqrt(sqrt(c * c + small * small))
    return c * exp((n - 1) / 2 * log(c * c + small * small))


def product(c: Any, terms: Any) -> Any:
    """Product of c[species]^order over (species, order); 1.0 when there are none."""
    value: Any = 1.0
    for name, n in terms:
        value = value * safe_power(c[name], n)
    return value


def is_number(value: Any) -> bool:
    """Whether a value is a plain number, no array and no symbol."""
    return isinstance(value, int | float) and not is_symbolic(value)
