"""Ideal-gas thermodynamics by NASA polynomials, for floats, arrays and CasADi symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from chemwright.errors import InputError
from chemwright.kinetics.laws.gas_rates import choose
from chemwright.model.lower import log

ATMOSPHERE = 101325.0


@frozen
class Nasa:
    """NASA polynomials of one species (B. J. McBride, S. Gordon and M. A. Reno, NASA TM-4513, 1993; nine terms: NASA/TP-2002-211556).

    Args:
        limits: temperatures between the ranges, K, one more than ranges.
        rows: coefficients, seven or nine a range.
        pressure: of the standard state, Pa.
    """

    limits: tuple[float, ...]
    rows: tuple[tuple[float, ...], ...]
    pressure: float = ATMOSPHERE

    @property
    def key(self) -> tuple[int, tuple[float, ...]]:
        """Kind and inner limits: species that share them can be summed before the range is chosen."""
        return len(self.rows[0]), self.limits[1:-1]


def cp_over_r(a: Sequence[float], t: Any) -> Any:
    """Heat capacity over R."""
    if len(a) == 7:
        return a[0] + t * (a[1] + t * (a[2] + t * (a[3] + t * a[4])))
    return a[0] / t**2 + a[1] / t + a[2] + t * (a[3] + t * (a[4] + t * (a[5] + t * a[6])))


def h_over_rt(a: Sequence[float], t: Any) -> Any:
    """Enthalpy over R T."""
    if len(a) == 7:
        return a[0] + t * (a[1] / 2 + t * (a[2] / 3 + t * (a[3] / 4 + t * a[4] / 5))) + a[5] / t
    return -a[0] / t**2 + a[1] * log(t) / t + a[2] + t * (a[3] / 2 + t * (a[4] / 3 + t * (a[5] / 4 + t * a[6] / 5))) + a[7] / t


def s_over_r(a: Sequence[float], t: Any) -> Any:
    """Entropy at standard pressure over R."""
    if len(a) == 7:
        return a[0] * log(t) + t * (a[1] + t * (a[2] / 2 + t * (a[3] / 3 + t * a[4] / 4))) + a[6]
    return -a[0] / t**2 / 2 - a[1] / t + a[2] * log(t) + t * (a[3] + t * (a[4] / 2 + t * (a[5] / 3 + t * a[6] / 4))) + a[8]


def g_over_rt(a: Sequence[float], t: Any) -> Any:
    """Gibbs energy at standard pressure over R T."""
    return h_over_rt(a, t) - s_over_r(a, t)


def combined(form: Any, terms: Sequence[tuple[float, Nasa]], temperature: Any) -> Any:
    """Sum of coefficient * form over species; the polynomials of species with the same ranges are added first (all forms are linear in them).

    Args:
        form: one of the functions above.
        terms: (coefficient, polynomials).
        temperature: K.
    """
    groups: dict[Any, list[tuple[float, Nasa]]] = {}
    for n, nasa in terms:
        groups.setdefault(nasa.key, []).append((n, nasa))
    total: Any = 0.0
    for members in groups.values():
        first = members[0][1]
        value: Any = None
        for i in range(len(first.rows)):
            a = [sum(n * m.rows[i][k] for n, m in members) for k in range(len(first.rows[0]))]
            here = form(a, temperature)
            value = here if value is None else choose(temperature > first.limits[i], here, value)
        total = total + value
    return total


def read_nasa(item: Mapping[str, Any], where: str) -> Nasa:
    """Polynomials from a species of Cantera's YAML.

    Raises:
        InputError: another model, or wrong numbers.
    """
    thermo = item.get("thermo")
    if not isinstance(thermo, Mapping) or thermo.get("model") not in ("NASA7", "NASA9"):
        kind = thermo.get("model") if isinstance(thermo, Mapping) else None
        raise InputError(f"thermodynamics of the kind {kind!r}", where=where, fix="a gas needs NASA7 or NASA9 polynomials")
    width = 7 if thermo["model"] == "NASA7" else 9
    limits, rows = thermo.get("temperature-ranges", []), thermo.get("data", [])
    good = isinstance(rows, list) and len(limits) == len(rows) + 1 and all(isinstance(r, list) and len(r) == width and all(_number(v) for v in r) for r in rows)
    if not rows or not good or not all(_number(v) for v in limits):
        raise InputError(
            f"{thermo['model']} with {len(rows)} rows and {len(limits)} temperatures", where=where, fix=f"give {width} numbers a range, and one temperature more than ranges"
        )
    pressure = thermo.get("reference-pressure", ATMOSPHERE)
    if isinstance(pressure, str):
        from chemwright.quantity import si

        pressure = si(pressure, "Pa", where)
    return Nasa(tuple(float(v) for v in limits), tuple(tuple(float(v) for v in r) for r in rows), float(pressure))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
