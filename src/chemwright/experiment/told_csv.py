"""Experiments to run and their outcomes as CSV files: written for a person to fill in, read back cell by cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chemwright.errors import InputError, did_you_mean
from chemwright.experiment.told import BESIDE, ID
from chemwright.experiment.units import dimension, from_si, spread_from_si
from chemwright.record import CampaignRecord, Trial

_HEAD = re.compile(r"^(?P<name>.*?)\s*\[(?P<unit>[^\[\]]*)\]$")


def write_csv(record: CampaignRecord, trials: Sequence[Trial], *, blank: bool = False) -> str:
    """Trials as CSV in the user's units: id, settings, figures with their std, failed, cost, reactor, note.

    Args:
        record: the campaign.
        trials: which.
        blank: for a sheet to fill in: std and what was expected are left out.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = ["id", *(_titled(v.name, v.unit) for v in record.variables)]
    for o in record.objectives:
        header += [_titled(o.name, o.unit)] if blank else [_titled(o.name, o.unit), _titled(f"std {o.name}", o.unit)]
    writer.writerow([*header, "failed", *([] if blank else ["state", "cost", "batch", "when", "origin"]), "reactor", "note"])
    for t in trials:
        row: list[Any] = [t.id, *(_setting(v.unit, t.point[v.name]) for v in record.variables)]
        for o in record.objectives:
            row.append(_digits(from_si(t.results[o.name], o.unit)) if o.name in t.results else "")
            if not blank:
                row.append(_digits(spread_from_si(t.stds[o.name], o.unit)) if o.name in t.stds else "")
        row += ["yes" if t.state == "failed" else ""]
        row += [] if blank else [t.state, "" if t.cost is None else _digits(t.cost), t.batch, "" if t.when is None else _digits(t.when), t.origin]
        writer.writerow([*map(_safe, [*row, t.reactor, "" if blank else t.note])])
    return out.getvalue()


def read_csv(record: CampaignRecord, path: Path) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Rows to tell, their places for messages, and notes.

    Units may stand in the header (``yield [%]``) or in a cell, which wins. Rows without any figure and not marked as failed were not run yet and are passed
    over.

    Raises:
        InputError: unreadable, an unknown or repeated column, a row of another length; file, row and column are named.
    """
    from chemwright.knowledge.cells import read_lines
    from chemwright.knowledge.files import read_any_text

    text, note = read_any_text(path)
    lines, commas = read_lines(text, path.name)
    columns = [_column(record, cell, path.name) for cell in lines[0][1]]
    names = [name for name, _ in columns]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise InputError(f"the column {twice!r} is there twice", where=f"{path.name}, header", fix="remove or rename one")
    rows, places, skipped = [], [], 0
    figures = {o.name for o in record.objectives}
    for number, cells in lines[1:]:
        if len(cells) != len(columns):
            raise InputError(
                f"{len(cells)} cells, the header has {len(columns)}", where=f"{path.name}, row {number}", fix="fill in every column, or leave cells empty between commas"
            )
        row = {name: _with_unit(cell, unit) for (name, unit), cell in zip(columns, cells, strict=True)}
        told = any(row[n] for n in figures if n in row) or str(row.get("failed", "")).strip() or str(row.get("state", "")).strip().lower() == "failed"
        if not told or str(row.get("state", "")).strip().lower() == "abandoned":
            skipped += 1
            continue
        rows.append({k: v for k, v in row.items() if k not in ("batch", "origin", "when")})
        places.append(f"{path.name}, row {number}")
    notes = [n for n in (note, commas) if n]
    if skipped:
        notes.append(f"{skipped} row{'s' if skipped > 1 else ''} without a figure {'are' if skipped > 1 else 'is'} passed over")
    return rows, places, notes


def _column(record: CampaignRecord, cell: str, name: str) -> tuple[str, str]:
    """Name and unit of a column, the unit checked against what it must measure."""
    match = _HEAD.match(cell)
    title, unit = (match["name"].strip(), match["unit"].strip()) if match else (cell.strip(), "")
    units = {**{v.name: v.unit for v in record.variables}, **{o.name: o.unit for o in record.objectives}, **{f"std {o.name}": o.unit for o in record.objectives}}
    where = f"{name}, column {cell!r}"
    if title in units:
        if unit and dimension(unit, where) != dimension(units[title]):
            raise InputError(f"the unit {unit!r} does not fit, one like {units[title]!r} is expected", where=where, fix=f"give it in {units[title]}")
        return title, "" if unit == "-" else unit
    if title.lower() in (*ID, *BESIDE):
        return ("id" if title.lower() in ID else title.lower()), ""
    raise InputError(f"{title!r} is neither a variable nor an objective", where=where, fix=did_you_mean(title, [*units, "id", "failed", "cost", "reactor", "note"]))


def _with_unit(cell: str, unit: str) -> str:
    """A cell's number with the header's unit, where the cell has none of its own."""
    if re.match(r"'[=@+-]", cell):  # as :func:`_safe` writes what a spreadsheet would take for a formula
        cell = cell[1:]
    if not unit or not cell or not re.fullmatch(r"[-+−–]?[0-9.]+(?:[eE][-+]?[0-9]+)?", cell):
        return cell
    return f"{cell} {unit}"


def _titled(name: str, unit: str) -> str:
    return name if unit in ("1", "") else f"{name} [{unit}]"


def _setting(unit: str, x: float | str) -> str:
    return x if isinstance(x, str) else _digits(from_si(x, unit))


def _digits(x: float) -> str:
    """Enough digits to know the experiment again, without the noise of a conversion."""
    return f"{x:.10g}"


def _safe(cell: Any) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    text = str(cell)
    return "'" + text if text.startswith(("=", "@")) or (text.startswith(("+", "-")) and not re.fullmatch(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?", text)) else text
