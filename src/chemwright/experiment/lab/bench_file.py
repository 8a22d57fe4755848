"""A station as a TOML file: read with every mistake named, and written from a bench as a start for one's own."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chemwright.errors import ChemwrightError, InputError, did_you_mean
from chemwright.experiment.lab.bench import Bench
from chemwright.experiment.lab.incompatible import with_incompatibilities
from chemwright.record.convert import converter, from_json

LARGEST = 1_000_000
ENVELOPE = {"limit": "limits", "interlock": "interlocks", "forbidden": "forbidden", "material": "materials"}
LISTS = {"channel": "channels", "agreement": "agreements", "closure": "closures"}
TABLES = ("station", "driver", "steady", "accepted", "recipe")


def read_bench(path: Path) -> Bench:
    """A bench from a station's file; all numbers of a channel are in its unit, those of the recipe in SI.

    Raises:
        InputError: not TOML, an unknown table or field, a value of the wrong kind, rules that clash; the place is named.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise InputError("a station's file of over 1 MB", where=path.name, fix="give the file that describes the station")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InputError("no such file", where=str(path), fix="write one with 'chemwright lab station'") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not TOML: {error}", where=path.name, fix="compare with the file that 'chemwright lab station' writes") from None
    return bench_of(data, path.name)


def bench_of(data: Mapping[str, Any], where: str) -> Bench:
    """A bench from the tables of its file.

    Raises:
        As :func:`read_bench`.
    """
    known = [*TABLES, *ENVELOPE, *LISTS, "figure"]
    for name in data:
        if name not in known:
            raise InputError(f"unknown table {name!r}", where=where, fix=did_you_mean(name, known))
    envelope = {field: data[name] for name, field in ENVELOPE.items() if name in data} | ({"accepted": data["accepted"]} if "accepted" in data else {})
    station = {**data.get("station", {}), **{field: data[name] for name, field in LISTS.items() if name in data}, "envelope": envelope}
    if "steady" in data:
        station["steady"] = data["steady"]
    options = data.get("driver", {})
    station["driver"] = {k: v if isinstance(v, str) else json.dumps(v) for k, v in options.items()} if isinstance(options, dict) else options
    whole: dict[str, Any] = {"station": station, "figures": data.get("figure", [])}
    if "recipe" in data:
        whole["recipe"] = data["recipe"]
    try:
        text = json.dumps(whole, allow_nan=False)
    except (TypeError, ValueError):
        raise InputError("a date, or a number that is not finite", where=where, fix="give texts and finite numbers") from None
    bench = from_json(text, Bench, where=where)
    try:
        with_incompatibilities(bench.station)
    except ChemwrightError as error:
        raise InputError(error.message, where=f"{where}, {error.where}", fix=error.fix) from None
    return bench


def bench_toml(bench: Bench) -> str:
    """The file of a bench; fields that stand at their defaults are left out."""
    data = converter().unstructure(bench)
    station = data["station"]
    lines = ["# A station of the laboratory. Numbers of a channel are in its unit; those of the recipe in SI.", ""]
    lines += _table("station", {k: station[k] for k in ("name", "time_factor")})
    lines += _table("driver", station["driver"])
    lines += _table("steady", station["steady"])
    lines += _table("recipe", data["recipe"])
    lines += _table("accepted", station["envelope"]["accepted"])
    for name, rows in [
        ("channel", station["channels"]),
        *((n, station["envelope"][f]) for n, f in ENVELOPE.items()),
        *((n, station[f]) for n, f in LISTS.items() if n != "channel"),
        ("figure", data["figures"]),
    ]:
        for row in rows:
            lines += _table(f"[{name}]", row)
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    kept = {k: v for k, v in values.items() if v not in (None, "", [], (), {})}
    return [f"[{name}]", *(f"{_key(k)} = {_value(v)}" for k, v in kept.items()), ""] if kept else []


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=True)
