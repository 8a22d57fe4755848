"""Spectra of kinetic runs from files: a TOML file with the network and the runs, a CSV table of absorbances for each run, and one of pure spectra."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import InputError, did_you_mean, near_misses
from chemwright.kinetics.laws import SCHEME_KEYS, Scheme, scheme_of
from chemwright.kinetics.reactor_toml import known_keys, load_toml, quantity, table
from chemwright.kinetics.runs import Run
from chemwright.kinetics.spectra import SpectraSet
from chemwright.model.protocol import Array
from chemwright.quantity import convert

MAX_BYTES = 50_000_000
HEAD = re.compile(r"^\s*(?P<name>[^\[\]]*?)\s*(?:\[(?P<unit>[^\]]*)\])?\s*$")


@frozen(eq=False)
class SpectraProblem:
    """What a file asks for: the network, the data, and the noise (W,) where it is given."""

    law: Scheme
    data: SpectraSet
    noise: Array | None


def read_spectra(path: str | Path) -> SpectraProblem:
    """Read a spectra file (docs/how-to/spectra.md shows one).

    Raises:
        InputError, UnitError: a missing or malformed file, an unknown key or species, a cell that is no number; file, row and column are named.
    """
    path = Path(path)
    data = load_toml(path)
    known_keys(data, (*SCHEME_KEYS, "spectra", "run"), ("reaction", "spectra", "run"), path.name)
    law = scheme_of({k: v for k, v in data.items() if k in SCHEME_KEYS}, path.name)
    part, where = table(data, "spectra", path.name), f"{path.name} [spectra]"
    known_keys(part, ("path_length", "known", "dark", "noise", "from", "to"), (), where)
    if not isinstance(data["run"], list) or not data["run"] or not all(isinstance(r, dict) for r in data["run"]):
        raise InputError("'run' is no list of tables", where=path.name, fix="write every run under its own [[run]], in double brackets")
    tables = [_run(r, i, law, path) for i, r in enumerate(data["run"], 1)]
    axis = tables[0][1]
    for run, other, _ in tables[1:]:
        if len(other) != len(axis) or not np.allclose(other, axis, rtol=1e-9):
            raise InputError(f"wavelengths differ from those of run {tables[0][0].id!r}", where=run.where, fix="bring all runs onto one axis")
    low, high = (_wavelength(part, k, where) for k in ("from", "to"))
    kept = (axis >= (low if low is not None else -math.inf)) & (axis <= (high if high is not None else math.inf))
    if kept.sum() < 2:
        raise InputError(f"{int(kept.sum())} wavelengths between 'from' and 'to'", where=where, fix=f"the tables go from {np.min(axis):g} to {np.max(axis):g}")
    known = _known(part, law, axis, path)
    length = quantity(part["path_length"], "m", f"{where} path_length", low=1e-6, high=10.0, example="1 cm") if "path_length" in part else 0.01
    noise = _noise(part, int(kept.sum()), where)
    found = SpectraSet(law.species, axis[kept], tuple(t[0] for t in tables), tuple(t[2][:, kept] for t in tables), length, {k: v[kept] for k, v in known.items()})
    return SpectraProblem(law, found, noise)


def _wavelength(part: Mapping[str, Any], key: str, where: str) -> float | None:
    value = part.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InputError(f"{key} = {value!r}", where=where, fix=f"give a number on the tables' axis, as in {key} = 350")
    return None if value is None else float(value)


def _noise(part: Mapping[str, Any], count: int, where: str) -> Array | None:
    value = part.get("noise")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10:
        raise InputError(f"noise = {value!r}", where=where, fix="give the standard deviation of an absorbance, as in noise = 0.002, or leave it out to have it estimated")
    return np.full(count, float(value))


def _run(part: Mapping[str, Any], number: int, law: Scheme, path: Path) -> tuple[Run, Array, Array]:
    """A run, its wavelengths and its absorbances."""
    where = f"{path.name} run {number}"
    known_keys(part, ("id", "file", "feed", "temperature"), ("file", "feed", "temperature"), where)
    feed = read_feed(part, law, where)
    temperature = quantity(part["temperature"], "K", f"{where} temperature", low=10.0, high=5000.0, example="25 degC")
    if not isinstance(part["file"], str):
        raise InputError(f"file = {part['file']!r}", where=where, fix='name a CSV table, as in file = "run1.csv"')
    file = path.parent / part["file"]
    head, rows = read_table(file)
    first = HEAD.match(head[0])
    if first is None or first["name"].lower() not in ("time", "t"):
        raise InputError(f"the first column is {head[0]!r}, expected a time", where=file.name, fix="head it 'time [s]', the others by their wavelengths")
    axis = np.array([_axis(text, j, file.name) for j, text in enumerate(head[1:], 2)])
    scale = convert(1.0, first["unit"] or "s", "s", f"{file.name} column 1")
    run = Run(str(part.get("id", Path(part["file"]).stem)), "batch", feed, temperature, rows[:, 0] * scale, np.full((len(rows), 1), np.nan), where=file.name)
    return run, axis, rows[:, 1:]


def read_feed(part: Mapping[str, Any], law: Scheme, where: str) -> list[float]:
    """Feed of every species of a law (mol/m^3) from a run's ``feed`` table; activities begin at 1.

    Raises:
        InputError, UnitError: an unknown species, or no concentration.
    """
    feed = dict.fromkeys(law.species, 0.0) | law.fresh
    for name, value in table(part, "feed", where).items():
        if name not in feed:
            raise InputError(f"{name!r} is fed and is not in the network", where=where, fix=did_you_mean(name, feed))
        feed[name] = quantity(value, "mM", f"{where} feed.{name}", low=0.0, high=1e6, example="0.1 mmol/L")
    return [feed[s] for s in law.species]


def _axis(text: str, column: int, name: str) -> float:
    match = re.match(r"^\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?:nm|1/cm|cm-1)?\s*$", text)
    if match is None:
        raise InputError(f"{text!r} is no wavelength", where=f"{name}, column {column}", fix="head every column but the first by a number")
    return float(match.group(1))


def _known(part: Mapping[str, Any], law: Scheme, axis: Array, path: Path) -> dict[str, Array]:
    """Pure spectra on the runs' axis (linear interpolation, no extrapolation), and zeros for what is dark."""
    where, found = f"{path.name} [spectra]", {}
    if "known" in part:
        file = path.parent / str(part["known"])
        head, rows = read_table(file)
        order = np.argsort(rows[:, 0])
        if np.min(axis) < rows[order[0], 0] - 1e-9 or np.max(axis) > rows[order[-1], 0] + 1e-9:
            raise InputError(
                f"goes from {rows[order[0], 0]:g} to {rows[order[-1], 0]:g}, the runs from {np.min(axis):g} to {np.max(axis):g}",
                where=file.name,
                fix="use [spectra] from and to, or a wider table",
            )
        for j, text in enumerate(head[1:], 1):
            match = HEAD.match(text)
            name, unit = (match["name"], match["unit"]) if match else (text, None)
            if name not in law.species:
                raise InputError(f"a pure spectrum of {name!r}, which the network has not", where=f"{file.name}, column {j + 1}", fix=did_you_mean(name, law.species))
            scale = convert(1.0, unit or "L/(mol cm)", "m^2/mol", f"{file.name}, column {j + 1}")
            found[name] = np.maximum(np.interp(axis, rows[order, 0], rows[order, j]) * scale, 0.0)
    dark = part.get("dark", [])
    if not isinstance(dark, list) or not all(isinstance(s, str) for s in dark):
        raise InputError(f"dark = {dark!r} is no list of species", where=where, fix='write dark = ["HF"]')
    for s in (*dark, *law.fresh):
        if s not in law.species:
            raise InputError(f"{s!r} is not in the network", where=f"{where} dark", fix=did_you_mean(s, law.species))
        found[s] = np.zeros(len(axis))
    return found


def read_table(path: Path) -> tuple[list[str], Array]:
    """Head and numbers of a CSV table; commas, semicolons or tabs part its cells.

    Raises:
        InputError: missing, too large, ragged, or a cell that is no number; row and column are named.
    """
    if not path.is_file():
        near = near_misses(path.name, [p.name for p in sorted(path.parent.glob("*"))[:500]]) if path.parent.is_dir() else []
        raise InputError("file not found", where=str(path), fix=f"did you mean {near[0]!r}?" if near else "check the path")
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"more than {MAX_BYTES // 1_000_000} MB", where=path.name, fix="average neighbouring spectra first")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=path.name, fix="save it as UTF-8") from None
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    rows = [r for r in csv.reader(io.StringIO(text), delimiter=mark) if any(c.strip() for c in r)]
    if len(rows) < 3 or len(rows[0]) < 2:
        raise InputError(f"{len(rows)} rows of {len(rows[0]) if rows else 0} cells", where=path.name, fix="give a head and two rows or more, cells parted by commas")
    out = np.empty((len(rows) - 1, len(rows[0])))
    for i, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise InputError(f"{len(row)} cells, {len(rows[0])} in the head", where=f"{path.name}, row {i}", fix="give every row as many cells as the head")
        for j, cell in enumerate(row):
            try:
                out[i - 2, j] = float(cell)
            except ValueError:
                raise InputError(
                    f"{cell[:40]!r} is no number",
                    where=f"{path.name}, row {i}, column {j + 1} ({rows[0][j].strip()[:30]})",
                    fix="write a number with a decimal point, or leave the spectrum out",
                ) from None
            if not math.isfinite(out[i - 2, j]):
                raise InputError(f"{cell[:40]!r} is not finite", where=f"{path.name}, row {i}, column {j + 1}", fix="leave the spectrum out")
    return [c.strip() for c in rows[0]], out
