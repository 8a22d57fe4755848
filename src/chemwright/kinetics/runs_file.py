"""Kinetic runs from a CSV file: one row a sample, units in the header, empty cells where nothing was read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from attrs import frozen

from chemwright.errors import InputError, UnitError, did_you_mean, near_misses
from chemwright.kinetics.observables import EFactor, Observable, check_species, observable_of
from chemwright.kinetics.runs import REACTORS, RunSet
from chemwright.kinetics.runs_rows import Row, grouped
from chemwright.knowledge.cells import read_lines, read_number
from chemwright.knowledge.files import read_any_text
from chemwright.quantity.units import factor

TEXTS = ("run", "reactor")
IGNORED = ("note", "notes", "comment", "replicate", "operator", "date", "source")
CONDITIONS = {"time": "s", "residence_time": "s", "temperature": "K", "equivalents": "1", "concentration": "mol/m^3"}
_HEAD = re.compile(r"^(?P<name>[^\[\]]*?)\s*\[(?P<unit>[^\[\]]*)\]$")
_EMPTY = ("", "nan", "na", "n/a", "-", "n.d.")


@frozen
class _Column:
    """A header cell read: what it is (``text``, ``ignored``, ``condition``, ``feed``, ``std``, ``reading``), its name, unit as written, and the way to SI."""

    kind: str
    name: str
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0
    observable: Observable | None = None


def read_runs(
    path: str | Path,
    species: Sequence[str] | None = None,
    *,
    reactor: str = "",
    dose: tuple[str, str] | None = None,
    extra: Mapping[str, Observable] | None = None,
) -> RunSet:
    """Read runs, for example with the header ``run,time [min],temperature [degC],feed_A [mol/L],A [mol/L],B [mol/L],std_B [mol/L]``.

    The columns ``run`` (an id; without it each row is a run of its own), ``reactor``, ``time`` or ``residence_time``, ``temperature``, ``feed_<species>``;
    readings: a species, a sum ``A+B``, ``conversion(A)``, ``yield(B/A)`` or one of ``extra``; ``std_<reading>`` where the noise is known. Conditions may be
    given in a run's first row only. A batch's temperature that changes from row to row is a measured profile.

    Args:
        path: CSV file of at most 20 MB (see :mod:`chemwright.knowledge.cells`).
        species: of the network, in order; those of the file when left out.
        reactor: of the rows without one: ``batch``, ``plug_flow`` or ``stirred_tank``; a batch, or plug flow where there is a ``residence_time``, when left out.
        dose: species that ``concentration`` and ``equivalents`` feed: the key reactant and the one counted against it.
        extra: further readings by column name, as ``e_factor`` and ``heat_rate``.

    Raises:
        InputError: file, row, column, what was expected and the fix are named.
    """
    name = Path(path).name
    text, encoding = read_any_text(Path(path))
    lines, decimals = read_lines(text, name)
    columns = [_column(cell, f"{name}, header, column {i}", species, dict(extra or {})) for i, cell in enumerate(lines[0][1], start=1)]
    _check(columns, name, dose)
    known = tuple(species) if species is not None else _species(columns, dose)
    observables = tuple(c.observable for c in columns if c.kind == "reading" and c.observable is not None)
    check_species(observables, known, f"{name}, header")
    rows = [_row(line, cells, columns, known, dose, f"{name}, row {line}", reactor) for line, cells in lines[1:]]
    notes = tuple(n for n in (encoding, decimals) if n)
    has_ids = any(c.name == "run" for c in columns)
    runs = grouped(rows, name, known, [o.name for o in observables], has_ids)
    empty = [o.name for i, o in enumerate(observables) if not any(np.isfinite(r.observed[:, i]).any() for r in runs)]
    if empty:
        raise InputError(f"the column {empty[0]!r} has no reading in any row", where=f"{name}, column {empty[0]!r}", fix="fill in the readings, or delete the column")
    return RunSet(known, observables, runs, notes)


def _column(cell: str, where: str, species: Sequence[str] | None, extra: Mapping[str, Observable]) -> _Column:
    """What one header cell says."""
    match = _HEAD.match(cell)
    name = (match.group("name") if match else re.split(r"\[", cell)[0]).strip()
    if not name:
        raise InputError("a column has no name", where=where, fix="write 'name [unit]', for example 'temperature [degC]'")
    if name in TEXTS:
        return _Column("text", name)
    if name.lower() in IGNORED:
        return _Column("ignored", name)
    observable: Observable | None = None
    if name in CONDITIONS:
        kind, target = "condition", CONDITIONS[name]
    elif name.startswith("feed_"):
        kind, target = "feed", "mol/m^3"
        _known(name.removeprefix("feed_"), species, where)
    else:
        kind, inner = ("std", name.removeprefix("std_")) if name.startswith("std_") else ("reading", name)
        observable = extra[inner] if inner in extra else _reading(inner, where, species)
        target = observable.unit
    if match is None or not match.group("unit").strip():
        hint = {"mol/m^3": "mol/L", "1": "-", "K": "degC"}.get(target, target)
        raise InputError(f"column {cell!r} has no unit in square brackets", where=where, fix=f"write '{name} [{hint}]'")
    unit = match.group("unit").strip()
    try:
        scale, offset = factor("1" if unit == "-" else unit, target, where)
    except UnitError as error:
        raise InputError(f"column {name!r}: {error.message}", where=where, fix=error.fix or f"give it in a unit like {target!r}") from None
    return _Column(kind, name, unit, scale, 0.0 if kind == "std" else offset, observable)


def _reading(name: str, where: str, species: Sequence[str] | None) -> Observable:
    """The observable of a column, with a hint when its name is a near miss of a condition."""
    near = near_misses(name, [*CONDITIONS, *TEXTS])
    found = observable_of(name, where)
    if species is not None and any(s not in species for s in found.species):
        bad = next(s for s in found.species if s not in species)
        fix = f"did you mean {near[0]!r}?" if near else did_you_mean(bad, species) or "drop the column, or add the species to a reaction"
        raise InputError(f"column {name!r}: {bad!r} is not a species of the network, nor a known column", where=where, fix=fix)
    return found


def _known(species: str, known: Sequence[str] | None, where: str) -> None:
    """A feed's species is in the network."""
    if known is not None and species not in known:
        raise InputError(f"feed of {species!r}, which is not a species of the network", where=where, fix=did_you_mean(species, known) or "drop the column")


def _species(columns: Sequence[_Column], dose: tuple[str, str] | None) -> tuple[str, ...]:
    """Species that the file names: fed ones first."""
    found = [*(dose or ()), *(c.name.removeprefix("feed_") for c in columns if c.kind == "feed")]
    found += [s for c in columns if c.observable is not None for s in c.observable.species]
    return tuple(dict.fromkeys(found))


def _check(columns: Sequence[_Column], name: str, dose: tuple[str, str] | None) -> None:
    """The columns that must be there, none twice."""
    names = [c.name for c in columns]
    where = f"{name}, header"
    for i, key in enumerate(names):
        if key in names[:i]:
            raise InputError(f"column {key!r} occurs twice", where=where, fix="keep one of them; replicate samples are rows")
    times = [n for n in ("time", "residence_time") if n in names]
    if len(times) != 1:
        said = "no column 'time [min]' or 'residence_time [min]'" if not times else "both 'time' and 'residence_time'"
        raise InputError(said, where=where, fix="give one of them: time of a batch, residence time of a flow reactor")
    if "temperature" not in names:
        raise InputError("no column 'temperature [degC]'", where=where, fix=did_you_mean("temperature", names) if near_misses("temperature", names) else "add it")
    dosed = [n for n in ("concentration", "equivalents") if n in names]
    if dosed and dose is None:
        raise InputError(f"column {dosed[0]!r}, of which species?", where=where, fix="say key and reagent in the network file's [data], or write feed_<species> columns")
    if dosed == ["equivalents"]:
        raise InputError("'equivalents' without 'concentration'", where=where, fix="add the column 'concentration [mol/L]' of the key reactant")
    if not dosed and not any(c.kind == "feed" for c in columns):
        raise InputError("no column says what was fed", where=where, fix="add a column such as 'feed_A [mol/L]' for each species that is there at the start")
    if not any(c.kind == "reading" for c in columns):
        raise InputError("no column of readings", where=where, fix="add a column for what was measured, such as 'A [mol/L]' or 'conversion(A) [%]'")
    for c in columns:
        if c.kind == "std" and c.name.removeprefix("std_") not in names:
            raise InputError(f"column {c.name!r} without {c.name.removeprefix('std_')!r}", where=where, fix="add the readings, or delete the column")


def _row(line: int, cells: list[str], columns: list[_Column], species: tuple[str, ...], dose: tuple[str, str] | None, where: str, reactor: str) -> Row:
    """One row in SI."""
    if len(cells) != len(columns):
        hint = "a decimal comma makes one number into two: write a decimal point" if len(cells) > len(columns) else "leave cells empty, and keep their commas"
        raise InputError(f"{len(cells)} cells, {len(columns)} expected", where=where, fix=hint)
    values: dict[str, float | None] = {}
    texts: dict[str, str] = {}
    for cell, column in zip(cells, columns, strict=True):
        if column.kind == "text":
            texts[column.name] = cell
        elif column.kind != "ignored":
            values[column.name] = None if cell.strip().lower() in _EMPTY else _number(cell, column, f"{where}, column {column.name!r}")
    kind = texts.get("reactor") or reactor or ("plug_flow" if "residence_time" in values else "batch")
    if kind not in REACTORS:
        raise InputError(f"{kind!r} is not a reactor", where=f"{where}, column 'reactor'", fix=did_you_mean(kind, REACTORS))
    feed: dict[str, float | None] = {n.removeprefix("feed_"): v for n, v in values.items() if n.startswith("feed_")}
    if dose is not None and "concentration" in values:
        base, ratio = values["concentration"], values.get("equivalents")
        feed[dose[0]] = base
        if "equivalents" in values:
            feed[dose[1]] = None if base is None or ratio is None else base * ratio
    readings = [c for c in columns if c.kind == "reading"]
    observed = np.array([np.nan if (v := values[c.name]) is None else v for c in readings])
    std = np.array([np.nan if (v := values.get(f"std_{c.name}")) is None else v for c in readings])
    for j, c in enumerate(readings):
        if isinstance(c.observable, EFactor):  # the table holds E, the fit ln(1 + E)
            std[j], observed[j] = std[j] / (1 + observed[j]), np.log1p(observed[j])
    time = values.get("time", values.get("residence_time"))
    if time is None:
        raise InputError("no time", where=where, fix="fill in the time, or delete the row")
    return Row(line, texts.get("run", ""), kind, time, values["temperature"], tuple(feed.get(s, 0.0) for s in species), observed, std, where)


def _number(cell: str, column: _Column, where: str) -> float:
    """One number in SI, checked."""
    value = read_number(cell, column.unit, where) * column.scale + column.offset
    if not np.isfinite(value):
        raise InputError(f"{cell!r} is not a finite number", where=where, fix="check the exponent")
    if column.name == "temperature":
        if value <= 0:
            raise InputError(f"{cell} {column.unit} is out of range, an absolute temperature above 0 K expected", where=where, fix="check the value and the unit in the header")
    elif column.kind in ("condition", "feed") and value < 0:
        raise InputError(f"{cell} {column.unit} is negative", where=where, fix="count times from the start of the reaction; what is fed is zero or more")
    elif column.kind == "std" and value <= 0:
        raise InputError(f"a standard deviation of {cell}", where=where, fix="give a positive one, or delete the column to have the noise estimated")
    return value
