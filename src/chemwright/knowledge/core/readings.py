"""Readings: single figures out of the tables of ``chemicals``, by the list ``data/core/tables.csv``; no estimate is taken for a measurement."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from attrs import frozen

from chemwright.errors import StorageError
from chemwright.record import Source


@frozen
class Reading:
    """A figure of a table: CAS number as an integer, vocabulary name, value and std in ``unit``, temperature (K) it holds at, and where it stands."""

    cas: int
    property: str
    value: float
    unit: str
    source: str
    std: float | None = None
    temperature: float | None = None
    tier: str = "measured"
    phase: str = ""
    method: str = ""


def _csv(name: str) -> list[dict[str, str]]:
    text = (files("chemwright") / "data" / "core" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """The collections that the figures stand in."""
    import chemicals

    return tuple(
        Source(r["id"], r["kind"], f"{r['citation']} {chemicals.__version__}".replace("(MIT) ", "(MIT), version "), year=int(r["year"]), licence="MIT") for r in _csv("sources.csv")
    )


def frame(module: str, table: str) -> Any:
    """A table of ``chemicals``, loaded on first use.

    Raises:
        StorageError: this version of ``chemicals`` has no such table.
    """
    found = getattr(import_module(f"chemicals.{module}"), table, None)
    if found is None:
        raise StorageError(f"chemicals has no table {module}.{table}", where="shipped core", fix="install the version of chemicals that pyproject.toml names")
    return found


def cas_number(index: Any) -> int | None:
    """A CAS number as an integer from either form that the tables use; None for an index that is none."""
    if isinstance(index, int):
        return int(index)
    digits = str(index).replace("-", "")
    return int(digits) if digits.isdigit() else None


def direct() -> Iterator[Reading]:
    """Every figure of every table in the list; cells that are empty or not finite are passed over."""
    for row in _csv("tables.csv"):
        table = frame(row["module"], row["table"])
        column = next((c for c in table.columns if str(c).strip() == row["column"]), None)
        if column is None:
            raise StorageError(
                f"table {row['table']} of chemicals has no column {row['column']!r}", where="shipped core", fix="install the version of chemicals that pyproject.toml names"
            )
        values = table[column].tolist()
        stds = table[row["std"]].tolist() if row["std"] else [None] * len(values)
        at = row["temperature"]
        temperatures = table[at].tolist() if at and not at[0].isdigit() else [float(at) if at else None] * len(values)
        for index, value, std, temperature in zip(table.index, values, stds, temperatures, strict=True):
            number = _number(value)
            cas = cas_number(index)
            if number is None or cas is None:
                continue
            yield Reading(
                cas, row["property"], number * float(row["factor"]), row["unit"], row["source"], _positive(std), _positive(temperature), row["tier"], row["phase"], row["table"]
            )


def _number(value: Any) -> float | None:
    try:
        out = float(value)
    except (TypeError, ValueError):
        return None
    return out if math.isfinite(out) else None


def _positive(value: Any) -> float | None:
    out = None if value is None else _number(value)
    return out if out is not None and out > 0 else None


_LIMITS = (("TWA", "exposure_limit_twa"), ("STEL", "exposure_limit_stel"), ("Ceiling", "exposure_limit_ceiling"))


def exposure_limits() -> Iterator[Reading]:
    """Occupational exposure limits, set by regulation: a fraction where given in ppm, else mass per volume; 10 % stands for what authorities differ by."""
    for index, row in frame("safety", "Ontario_exposure_limits_dict").items():
        cas = cas_number(index)
        if cas is None:
            continue
        for short, name in _LIMITS:
            ppm, mass = _positive(row.get(f"{short} (ppm)")), _positive(row.get(f"{short} (mg/m^3)"))
            if ppm is not None:
                yield Reading(cas, f"{name}_fraction", ppm * 1e-6, "1", "OntarioOEL", 1e-7 * ppm, tier="assumed", method="regulation")
            elif mass is not None:
                yield Reading(cas, name, mass * 1e-6, "kg/m^3", "OntarioOEL", 1e-7 * mass, tier="assumed", method="regulation")


def names() -> dict[int, str]:
    """A name for each CAS number that a table calls by one."""
    out: dict[int, str] = {}
    for module, table, column in sorted({(r["module"], r["table"], c) for r in _csv("tables.csv") for c in ("Chemical", "Name", "Compound", "name")}):
        data = frame(module, table)
        if column in data.columns:
            for index, name in zip(data.index, data[column].tolist(), strict=True):
                cas = cas_number(index)
                if cas is not None and isinstance(name, str) and name.strip():
                    out.setdefault(cas, " ".join(name.split()))
    return out
