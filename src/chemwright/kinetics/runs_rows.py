"""Rows of a table of runs gathered into runs: conditions filled down, times in order, profiles of temperature."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from chemwright.errors import InputError
from chemwright.kinetics.runs import Run, TemperatureProfile
from chemwright.model.protocol import Array


class Row(NamedTuple):
    """One sample in SI; ``None`` and nan for empty cells."""

    line: int
    run: str
    reactor: str
    time: float
    temperature: float | None
    feed: tuple[float | None, ...]
    observed: Array
    std: Array
    where: str


def grouped(rows: Sequence[Row], name: str, species: Sequence[str], readings: Sequence[str], has_ids: bool) -> tuple[Run, ...]:
    """Runs of a file.

    Args:
        rows: in the file's order.
        name: of the file.
        species: in the order of the feeds.
        readings: names of the readings.
        has_ids: whether the file has a column ``run``; else each row is a run.

    Raises:
        InputError: rows of a run apart or out of order, conditions that contradict each other, or missing.
    """
    blocks: dict[str, list[Row]] = {}
    last = ""
    for row in rows:
        id = row.run if has_ids else f"row {row.line}"
        if not id:
            if not last:
                raise InputError("the first row has no run id", where=f"{row.where}, column 'run'", fix="give each run an id")
            id = last
        if id in blocks and id != last:
            first = blocks[id][-1].line
            raise InputError(
                f"run {id!r} stands on row {first} and again on row {row.line}, with other runs between",
                where=row.where,
                fix="give the second its own id, or put its rows together",
            )
        blocks.setdefault(id, []).append(row)
        last = id
    return tuple(_run(id, block, name, species, readings) for id, block in blocks.items())


def _run(id: str, rows: list[Row], name: str, species: Sequence[str], readings: Sequence[str]) -> Run:
    """One run from its rows."""
    where = f"{name}, run {id!r} (rows {rows[0].line} to {rows[-1].line})" if len(rows) > 1 else f"{name}, row {rows[0].line}"
    for before, row in pairwise(rows):
        if row.time < before.time:
            raise InputError(
                f"the time falls from {before.time:g} s to {row.time:g} s within run {id!r}", where=row.where, fix="sort the rows by time, or give a second run its own id"
            )
        if row.reactor != before.reactor:
            raise InputError(f"run {id!r} is a {before.reactor} and a {row.reactor}", where=row.where, fix="one run has one reactor")
    feed = np.array([_one([r.feed[j] for r in rows], rows, f"the feed of {s!r}", id) for j, s in enumerate(species)])
    temperature = _temperature(rows, id)
    observed, std = np.array([r.observed for r in rows]), np.array([r.std for r in rows])
    if not np.isfinite(observed).any():
        raise InputError(f"run {id!r} has no reading", where=where, fix=f"fill in one of {', '.join(readings)}, or delete the run")
    given = np.isfinite(std) & np.isfinite(observed)
    if given.any() and not np.array_equal(given, np.isfinite(observed)):
        i, j = np.argwhere(np.isfinite(observed) & ~given)[0]
        raise InputError(f"a reading of {readings[j]!r} without a standard deviation, where others have one", where=rows[i].where, fix="give it for every reading, or for none")
    return Run(id, rows[0].reactor, feed, temperature, np.array([r.time for r in rows]), observed, std if given.any() else None, where)


def _one(values: Sequence[float | None], rows: list[Row], what: str, id: str) -> float:
    """The one value of a condition: given in every row alike, or in some of them; not fed when in none."""
    given = [(v, r) for v, r in zip(values, rows, strict=True) if v is not None]
    if not given:
        return 0.0
    first = given[0][0]
    for v, row in given[1:]:
        if abs(v - first) > 1e-9 * max(abs(first), abs(v)):
            fix = "a run has one feed: give each its own run id" if rows[0].reactor == "batch" else "give each steady state its own run id, or leave the column 'run' out"
            raise InputError(f"{what} changes from {first:g} to {v:g} mol/m^3 within run {id!r}", where=row.where, fix=fix)
    return first


def _temperature(rows: list[Row], id: str) -> float | TemperatureProfile:
    """The one temperature, or the profile of a batch."""
    given = [(r.time, r.temperature) for r in rows if r.temperature is not None]
    if not given:
        raise InputError(f"run {id!r} has no temperature", where=rows[0].where, fix="fill it in, at least in the run's first row")
    values = [v for _, v in given]
    if max(values) - min(values) <= 1e-9 * max(values):
        return values[0]
    if rows[0].reactor != "batch":
        raise InputError(
            f"the temperature changes from {values[0]:g} to {next(v for v in values if v != values[0]):g} K within run {id!r}",
            where=rows[0].where,
            fix="give each steady state its own run id, or leave the column 'run' out",
        )
    times = sorted({t for t, _ in given})
    return TemperatureProfile(np.array(times), np.array([np.mean([v for t, v in given if t == at]) for at in times]))
