"""Rate parameters of Cantera's YAML: each number's place in the reaction's map, and its factor to SI. One list of places serves reading and writing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from chemwright.errors import ChemwrightError, InputError
from chemwright.quantity.units import convert
from chemwright.record.parameters import Parameter

GAS = 8.31446261815324
AVOGADRO = 6.02214076e23
_LENGTH = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "micron": 1e-6, "angstrom": 1e-10}
_TIME = {"s": 1.0, "min": 60.0, "hr": 3600.0, "ms": 1e-3}
_QUANTITY = {"mol": 1.0, "kmol": 1e3, "molec": 1.0 / AVOGADRO, "gmol": 1.0}
_ARROW = re.compile(r"\s(<=>|=>|=)\s")
_TERM = re.compile(r"(?:(\d+(?:\.\d*)?|\.\d+)\s+)?(\S+)$")
_BODY = re.compile(r"\(\+\s*(\S+)\s*\)")
SUPPORTED = ("elementary", "three-body", "falloff", "chemically-activated", "pressure-dependent-Arrhenius", "Chebyshev", "interface-Arrhenius", "sticking-Arrhenius", "Arrhenius")


@frozen
class Units:
    """What the bare numbers of a file are in: metres, seconds and moles per unit, J/mol per unit of activation energy."""

    length: float = 1.0
    time: float = 1.0
    quantity: float = 1e3
    energy: float = 1e-3

    @classmethod
    def of(cls, told: Mapping[str, Any], where: str) -> Units:
        """From the file's ``units`` (Cantera's defaults: m, s, kmol, J/kmol).

        Raises:
            InputError: a unit that is not known.
        """
        quantity = _look(told.get("quantity", "kmol"), _QUANTITY, where)
        energy = told.get("activation-energy")
        if energy is None:
            energy = f"{told.get('energy', 'J')}/{told.get('quantity', 'kmol')}"
        return cls(_look(told.get("length", "m"), _LENGTH, where), _look(told.get("time", "s"), _TIME, where), quantity, energy_factor(str(energy), where))


def _look(name: Any, table: Mapping[str, float], where: str) -> float:
    if name not in table:
        raise InputError(f"unit {name!r}", where=where, fix="known: " + ", ".join(table))
    return table[name]


def energy_factor(unit: str, where: str) -> float:
    """J/mol in one unit of activation energy; ``K`` and ``eV`` stand for E/R and energy per molecule."""
    if unit == "K":
        return GAS
    if unit in ("eV", "J/molec"):
        return AVOGADRO * (1.602176634e-19 if unit == "eV" else 1.0)
    return convert(1.0, unit, "J/mol", where)


@frozen
class Equation:
    """A reaction equation: (species, coefficient) of both sides, and the third body: ``M``, a species, or empty."""

    left: tuple[tuple[str, float], ...]
    right: tuple[tuple[str, float], ...]
    body: str
    reversible: bool


def parse_equation(text: str, where: str) -> Equation:
    """Cantera's form: terms parted by `` + ``, coefficients before them, ``(+M)`` or ``+ M`` for a third body.

    Raises:
        InputError: no such equation.
    """
    match = _ARROW.search(f" {text} ")
    if match is None:
        raise InputError(f"no equation: {text[:80]!r}", where=where, fix="write it as 'H2 + O <=> OH + H'")
    sides = []
    body = ""
    padded = f" {text} "
    for side in (padded[: match.start()], padded[match.end() :]):
        found = _BODY.search(side)
        if found:
            body = found.group(1)
            side = _BODY.sub("", side)
        terms: dict[str, float] = {}
        for term in re.split(r"\s\+\s", side.strip()):
            read = _TERM.fullmatch(term.strip())
            if term.strip() and read is None:
                raise InputError(f"no term of an equation: {term[:40]!r}", where=where, fix="part terms by ' + '")
            if read is not None and read.group(2) == "M":
                body = "M"
            elif read is not None:
                terms[read.group(2)] = terms.get(read.group(2), 0.0) + float(read.group(1) or 1.0)  # 'CH2 + CH2' is '2 CH2'
        sides.append(tuple(terms.items()))
    return Equation(sides[0], sides[1], body, match.group(1) != "=>")


@frozen
class Place:
    """Where a number stands in a reaction's map.

    Args:
        name: of the parameter.
        path: keys and indices down to it.
        factor: SI size of a bare number there.
        unit: SI unit.
        log10: the number is a decimal logarithm, to which the factor adds.
    """

    name: str
    path: tuple[str | int, ...]
    factor: float = 1.0
    unit: str = "1"
    log10: bool = False


def rate_unit(order: float, surface: bool, gas_order: float = 0.0) -> str:
    """SI unit of a rate constant, as text."""
    length = 3.0 * gas_order + 2.0 * (order - gas_order) - 2.0 if surface else 3.0 * (order - 1.0)
    if order == 1.0 and length == 0.0:
        return "1/s"
    return f"m^{length:g} mol^{1.0 - order:g} s^-1"


def places(reaction: Mapping[str, Any], equation: Equation, units: Units, dimensions: Mapping[str, int | None]) -> list[Place] | None:
    """Every number of a reaction; None for a kind of rate that is kept as it is.

    Args:
        reaction: its map.
        equation: as parsed.
        units: of the file.
        dimensions: species to 3 (in a volume), 2 (on a surface) or None (other).
    """
    kind = str(reaction.get("type", "elementary"))
    sides = [s for s, _ in (*equation.left, *equation.right)]
    where = {dimensions.get(s) for s in sides}
    if kind not in SUPPORTED or None in where or 1 in where or ("rate-constant" not in reaction and kind in ("elementary", "three-body")):
        return _sticking(reaction, units) if "sticking-coefficient" in reaction else None
    orders = dict(equation.left) | {str(s): _number(n) for s, n in (reaction.get("orders") or {}).items()}
    surface = 2 in where
    order = sum(orders.values())
    gas = sum(n for s, n in orders.items() if dimensions.get(s) == 3)
    plus = 1.0 if equation.body == "M" and kind in ("three-body", "elementary", "Arrhenius") else 0.0

    def scale(extra: float) -> tuple[float, str]:
        length = 3.0 * gas + 2.0 * (order - gas) - 2.0 if surface else 3.0 * (order + extra - 1.0)
        return units.length**length * units.quantity ** (1.0 - order - extra) / units.time, rate_unit(order + extra, surface, gas)

    out: list[Place] = []
    for key, name, extra in (
        ("rate-constant", "", plus),
        ("low-P-rate-constant", "low.", 1.0 if kind == "falloff" else 0.0),
        ("high-P-rate-constant", "high.", 0.0 if kind == "falloff" else -1.0),
    ):
        if key in reaction:
            out += _arrhenius((key,), name, reaction[key], *scale(extra), units)
    if kind == "pressure-dependent-Arrhenius":
        for i, item in enumerate(reaction["rate-constants"]):
            out.append(Place(f"plog.{i}.P", ("rate-constants", i, "P"), 1.0, "Pa"))
            out += _arrhenius(("rate-constants", i), f"plog.{i}.", item, *scale(0.0), units)
    if kind == "Chebyshev":
        out += _chebyshev(reaction, *scale(0.0))
    out += _further(reaction, units)
    return out


def _arrhenius(path: tuple[str | int, ...], name: str, item: Any, factor: float, unit: str, units: Units) -> list[Place]:
    keys: tuple[str | int, ...] = ("A", "b", "Ea") if isinstance(item, dict) else (0, 1, 2)
    return [Place(name + "A", (*path, keys[0]), factor, unit), Place(name + "b", (*path, keys[1])), Place(name + "Ea", (*path, keys[2]), units.energy, "J/mol")]


def _sticking(reaction: Mapping[str, Any], units: Units) -> list[Place]:
    return [*_arrhenius(("sticking-coefficient",), "sticking.", reaction["sticking-coefficient"], 1.0, "1", units), *_further(reaction, units)]


def _chebyshev(reaction: Mapping[str, Any], factor: float, unit: str) -> list[Place]:
    out = [Place(f"T.{n}", ("temperature-range", i), 1.0, "K") for i, n in enumerate(("low", "high"))]
    out += [Place(f"P.{n}", ("pressure-range", i), 1.0, "Pa") for i, n in enumerate(("low", "high"))]
    for i, row in enumerate(reaction["data"]):
        out += [
            Place(f"chebyshev.{i}.{j}", ("data", i, j), factor if (i, j) == (0, 0) else 1.0, f"log10 of {unit}" if (i, j) == (0, 0) else "1", (i, j) == (0, 0))
            for j in range(len(row))
        ]
    return out


_TROE = {"A": "1", "T3": "K", "T1": "K", "T2": "K"}
_SRI = {"A": "1", "B": "K", "C": "K", "D": "1", "E": "1"}


def _further(reaction: Mapping[str, Any], units: Units) -> Iterator[Place]:
    for key, table in (("Troe", _TROE), ("SRI", _SRI)):
        for name in reaction.get(key) or {}:
            if name in table:
                yield Place(f"{key.lower()}.{name}", (key, name), 1.0, table[name])
    for name in reaction.get("efficiencies") or {}:
        yield Place(f"efficiency.{name}", ("efficiencies", name))
    if "default-efficiency" in reaction:
        yield Place("efficiency", ("default-efficiency",))
    for name, item in (reaction.get("coverage-dependencies") or {}).items():
        keys: tuple[str | int, ...] = ("a", "m", "E") if isinstance(item, dict) else (0, 1, 2)
        yield Place(f"coverage.{name}.a", ("coverage-dependencies", name, keys[0]))
        yield Place(f"coverage.{name}.m", ("coverage-dependencies", name, keys[1]))
        yield Place(f"coverage.{name}.E", ("coverage-dependencies", name, keys[2]), units.energy, "J/mol")


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{str(value)[:40]!r} is not a number", fix="give a number")
    return float(value)


def get(data: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at a path; None when nothing does."""
    for key in path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def parameters(reaction: Mapping[str, Any], found: list[Place], where: str) -> list[Parameter]:
    """The numbers at the places, in SI.

    Raises:
        InputError: something there is no number.
    """
    out = []
    for p in found:
        raw = get(reaction, p.path)
        if raw is None:
            continue
        out.append(Parameter(p.name, in_si(raw, p, where), p.unit))
    return out


def in_si(raw: Any, place: Place, where: str) -> float:
    """A number, or a text with its own unit, in SI."""
    if isinstance(raw, str):
        text, _, unit = raw.strip().partition(" ")
        try:
            value = float(text)
            if place.unit == "J/mol":
                return value * energy_factor(unit.strip(), where)
            return convert(value, unit.replace("molec", "particle").strip(), place.unit, where) if unit.strip() else value * place.factor
        except (ValueError, ChemwrightError):
            raise InputError(f"{raw[:40]!r} is no number with a unit of {place.unit}", where=where, fix="give a number") from None
    value = _number(raw)
    return value + math.log10(place.factor) if place.log10 else value * place.factor


def put(reaction: Any, place: Place, value: float) -> None:
    """Write an SI number at its place, in the unit that stood there (of a text with a unit: in SI, with its unit)."""
    target = get(reaction, place.path[:-1])
    old = target[place.path[-1]]
    if isinstance(old, str) and " " in old.strip():
        target[place.path[-1]] = old if math.isclose(in_si(old, place, ""), value, rel_tol=1e-12) else f"{_round(value)!r} {place.unit}"
        return
    target[place.path[-1]] = _round(value - math.log10(place.factor) if place.log10 else value / place.factor)


def _round(value: float) -> float:
    """Without the noise of two conversions."""
    return float(f"{value:.14g}")
