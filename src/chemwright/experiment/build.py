"""Variables, objectives and constraints from what users write: numbers with units, levels with structures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chemwright.errors import InputError
from chemwright.experiment.reading import read_quantity
from chemwright.experiment.units import from_si, si_unit, spread_to_si, to_si
from chemwright.quantity import convert, split_quantity
from chemwright.record import Constraint, Objective, Variable

MOST_STEPS = 1000
"""Values of a stepped variable at most."""


def continuous(name: str, low: Any, high: Any, unit: str = "", *, log: bool = False, step: Any = None, role: str = "setting", note: str = "") -> Variable:
    """A variable between two bounds; with a step a discrete one of evenly spaced values.

    Args:
        name: of the variable.
        low, high: numbers in ``unit``, or texts such as ``'30 degC'``.
        unit: the user's unit; that of ``low`` when left out.
        log: whether it varies over decades.
        step: what the laboratory can set it to: ``low`` and so many steps more (a difference, as ``'5 K'``); None for any value.
        role: ``setting`` or ``fidelity``.
        note: anything a reader must know.

    Raises:
        InputError, UnitError: bounds that can't be read or are not in order, a step that is no positive part of the range.
    """
    where = f"variable {name!r}"
    unit = unit or unit_of((low, high), where)
    a, b = _number(low, unit, f"{where}, low"), _number(high, unit, f"{where}, high")
    if step is None:
        return Variable(name, "continuous", unit, low=a, high=b, log=log, role=role, note=note)
    size = _spread(step, unit, f"{where}, step")
    n = (b - a) / size if size > 0 else 0.0
    if not 1 - 1e-9 <= n <= MOST_STEPS or not float(from_si(b, unit)) > float(from_si(a, unit)):
        raise InputError(f"a step of {step!r}", where=where, fix=f"give a step that fits into the range once to {MOST_STEPS} times")
    values = [to_si(float(f"{from_si(a + k * size, unit):.12g}"), unit) for k in range(int(n + 1e-9) + 1)]
    return Variable(name, "discrete", unit, values=values, log=log, role=role, note=note)


def discrete(name: str, values: Sequence[Any], unit: str = "", *, log: bool = False, costs: Mapping[Any, float] | None = None, role: str = "setting", note: str = "") -> Variable:
    """A variable of a few numbers; ``costs`` by value, in the campaign's currency.

    Raises:
        InputError, UnitError: values that can't be read, or none.
    """
    where = f"variable {name!r}"
    if isinstance(values, str) or not values:
        raise InputError("a discrete variable needs a list of values", where=where, fix="write values = [1, 2, 5]")
    unit = unit or unit_of(values, where)
    numbers = [_number(x, unit, f"{where}, value {i}") for i, x in enumerate(values, 1)]
    extra = {repr(_number(x, unit, f"{where}, costs")): float(c) for x, c in (costs or {}).items()}
    return Variable(name, "discrete", unit, values=sorted(set(numbers)), log=log, costs=extra, role=role, note=note)


def categorical(
    name: str,
    levels: Sequence[str] | Mapping[str, str],
    *,
    columns: Sequence[str] = (),
    table: Sequence[Sequence[float]] = (),
    one_hot: bool = False,
    costs: Mapping[str, float] | None = None,
    role: str = "setting",
    note: str = "",
) -> Variable:
    """A variable of named levels.

    Args:
        name: of the variable.
        levels: their names; or names with SMILES, which then enter by descriptors.
        columns, table: the user's own descriptors, one row a level.
        one_hot: whether a column a level is wanted although SMILES are given.
        costs: what a level adds to an experiment's cost.
        role: ``setting`` or ``fidelity``.
        note: anything a reader must know.

    Raises:
        InputError: as the record does; a cost of what is no level.
    """
    names = tuple(levels)
    smiles = tuple(levels.values()) if isinstance(levels, Mapping) else ()
    encoding = "table" if columns else "descriptors" if smiles and not one_hot else "one_hot"
    for level in costs or ():
        if level not in names:
            raise InputError(f"{level!r} has a cost and is no level", where=f"variable {name!r}, costs", fix=f"levels: {', '.join(names[:12])}")
    return Variable(name, "categorical", levels=names, encoding=encoding, smiles=smiles, columns=columns, table=table, costs=dict(costs or {}), role=role, note=note)


def objective(name: str, goal: str = "maximise", unit: str = "", **numbers: Any) -> Objective:
    """What is measured and wanted.

    Args:
        name: of the figure.
        goal: maximise, minimise, target, at_least or at_most.
        unit: the user's unit; that of ``target`` (or low, high) when left out.
        numbers: ``target``, ``std``, ``low``, ``high``, ``reference`` in that unit or as texts; ``worth`` of one unit of it, in the campaign's currency.

    Raises:
        InputError, UnitError: numbers that can't be read, an unknown one.
    """
    where = f"objective {name!r}"
    unknown = sorted(set(numbers) - {"target", "std", "low", "high", "reference", "worth"})
    if unknown:
        raise InputError(f"unknown field {unknown[0]!r}", where=where, fix="known: target, std, low, high, reference, worth")
    unit = unit or unit_of([numbers[k] for k in ("target", "low", "high", "reference") if numbers.get(k) is not None], where)
    read = {k: _number(numbers[k], unit, f"{where}, {k}") for k in ("target", "low", "high", "reference") if numbers.get(k) is not None}
    if numbers.get("std") is not None:
        read["std"] = _spread(numbers["std"], unit, f"{where}, std")
    if numbers.get("worth") is not None:
        read["worth"] = float(numbers["worth"]) / spread_to_si(1.0, unit)
    return Objective(name, goal.replace("imize", "imise") if isinstance(goal, str) else goal, unit, **read)


def mixture(parts: Sequence[str], total: float = 1.0, name: str = "") -> Constraint:
    """Fractions that sum to ``total`` (SI)."""
    return Constraint(" + ".join(parts) + f" = {total:g}", "mixture", tuple(parts), total, name)


def forbidden(**levels: str | Sequence[str]) -> Constraint:
    """A combination of levels that must not be tried together; a list of levels means any of them."""
    terms = []
    for name, given in levels.items():
        names = [given] if isinstance(given, str) else list(given)
        terms.append(f"`{name}` in [{', '.join(_quoted(n) for n in names)}]")
    return Constraint(f"not ({' and '.join(terms)})", name="forbidden: " + " with ".join(str(v) if isinstance(v, str) else "/".join(v) for v in levels.values()))


def _quoted(text: str) -> str:
    if '"' in text and "'" in text:
        raise InputError(f"level {text!r} has both kinds of quotes", where="forbidden", fix="rename the level")
    return f"'{text}'" if '"' in text else f'"{text}"'


def cost(value: Any, currency: str, where: str, *, signed: bool = False) -> float:
    """A cost in the campaign's currency from a number, or a text such as ``'40 EUR'``; ``signed``: it may be below zero, as what a screen saves.

    Raises:
        InputError: no number, negative, or in another unit than a currency that is known.
    """
    if isinstance(value, str):
        number, given = split_quantity(value, where)
        if given and given != currency:
            number = convert(number, given, currency, where)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    else:
        raise InputError(f"{value!r} is no cost", where=where, fix=f"write it like '40 {currency}'")
    if not (number >= 0 or signed):
        raise InputError(f"{value!r} is no cost of zero or more", where=where, fix=f"write it like '40 {currency}'")
    return number


def unit_of(values: Sequence[Any], where: str) -> str:
    """The unit that the first text with one carries; ``"1"`` when none does."""
    for value in values:
        if isinstance(value, str):
            unit = split_quantity(value.split("+/-")[0].split("±")[0], where)[1]
            if unit and unit != "-":
                si_unit(unit, where)
                return unit
    return "1"


def _number(value: Any, unit: str, where: str) -> float:
    read = read_quantity(value, unit, where)
    if read is None:
        raise InputError("no number given", where=where, fix="give a number, or a text with number and unit")
    return read[0]


def _spread(value: Any, unit: str, where: str) -> float:
    number, given = split_quantity(value, where) if isinstance(value, str) else (float(value), "")
    return float(abs(spread_to_si(number, given or unit)))
