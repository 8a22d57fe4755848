"""Heat-flow traces from files, and the answer of their fit as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.calorimetry import HeatTrace, ids_of
from chemwright.kinetics.calorimetry_fit import BASELINES, HeatFit
from chemwright.kinetics.laws import SCHEME_KEYS, Scheme, scheme_of
from chemwright.kinetics.reactor_toml import known_keys, load_toml, quantity, table
from chemwright.kinetics.runs import Run
from chemwright.kinetics.spectra_file import HEAD, read_feed, read_table
from chemwright.quantity import convert


@frozen(eq=False)
class HeatProblem:
    """What a file asks for: the network, the traces, known enthalpies (J/mol), the lag (s; ``None`` when it is fitted) and the kind of baseline."""

    law: Scheme
    traces: tuple[HeatTrace, ...]
    enthalpies: dict[str, float]
    lag: float | None
    baseline: str


def read_heat_file(path: str | Path) -> HeatProblem:
    """Read a heat-flow file (docs/how-to/heat-flow.md shows one).

    Raises:
        InputError, UnitError: a missing or malformed file, an unknown key, species or reaction, a cell that is no number; file, row and column are named.
    """
    path = Path(path)
    data = load_toml(path)
    known_keys(data, (*SCHEME_KEYS, "heat", "run"), ("reaction", "heat", "run"), path.name)
    law = scheme_of({k: v for k, v in data.items() if k in SCHEME_KEYS}, path.name)
    part, where = table(data, "heat", path.name), f"{path.name} [heat]"
    known_keys(part, ("volume", "lag", "baseline", "enthalpies"), (), where)
    baseline = part.get("baseline", "constant")
    if not isinstance(baseline, str) or baseline not in BASELINES:
        raise InputError(f"baseline {baseline!r}", where=where, fix=did_you_mean(str(baseline), BASELINES))
    enthalpies: dict[str, float] = {}
    for name, value in (table(part, "enthalpies", where) if "enthalpies" in part else {}).items():
        if name not in ids_of(law):
            raise InputError(f"an enthalpy of {name!r}, which is no reaction", where=f"{where} enthalpies", fix=did_you_mean(name, ids_of(law)))
        enthalpies[name] = quantity(value, "J/mol", f"{where} enthalpies.{name}", low=-1e7, high=1e7, example="-80 kJ/mol")
    lag = quantity(part["lag"], "s", f"{where} lag", low=0.0, high=1e6, example="60 s") if "lag" in part else None
    if not isinstance(data["run"], list) or not data["run"] or not all(isinstance(r, dict) for r in data["run"]):
        raise InputError("'run' is no list of tables", where=path.name, fix="write every run under its own [[run]], in double brackets")
    traces = tuple(_trace(r, i, law, part.get("volume"), path) for i, r in enumerate(data["run"], 1))
    return HeatProblem(law, traces, enthalpies, lag, baseline)


def _trace(part: Mapping[str, Any], number: int, law: Scheme, volume: Any, path: Path) -> HeatTrace:
    """One trace: a table of time and heat flow."""
    where = f"{path.name} run {number}"
    known_keys(part, ("id", "file", "feed", "temperature", "volume"), ("file", "feed", "temperature"), where)
    size = part.get("volume", volume)
    if size is None:
        raise InputError("no volume of the reacting liquid", where=where, fix='add volume = "50 mL" here or under [heat]')
    cubic = quantity(size, "m^3", f"{where} volume", low=1e-12, high=1e4, example="50 mL")
    temperature = quantity(part["temperature"], "K", f"{where} temperature", low=10.0, high=5000.0, example="25 degC")
    if not isinstance(part["file"], str):
        raise InputError(f"file = {part['file']!r}", where=where, fix='name a CSV table, as in file = "trace.csv"')
    file = path.parent / part["file"]
    head, rows = read_table(file)
    found = {m["name"].lower().replace(" ", "_"): (j, m["unit"]) for j, text in enumerate(head) if (m := HEAD.match(text))}
    for name in ("time", "heat_flow"):
        if name not in found:
            raise InputError(f"no column {name!r} among {', '.join(repr(h) for h in head[:8])}", where=file.name, fix="head the columns 'time [s]' and 'heat_flow [mW]'")
    columns = {n: rows[:, j] * convert(1.0, unit or si, si, f"{file.name}, column {j + 1}") for (n, si) in (("time", "s"), ("heat_flow", "W")) for j, unit in (found[n],)}
    run = Run(str(part.get("id", Path(part["file"]).stem)), "batch", read_feed(part, law, where), temperature, columns["time"], np.full((len(rows), 1), np.nan), where=file.name)
    return HeatTrace(run, columns["heat_flow"], cubic)


def heat_answer(problem: HeatProblem, fit: HeatFit) -> dict[str, Any]:
    """Parameters, enthalpies, integrals and notes, ready for JSON (no number that is not finite)."""
    parameters = []
    for name, mean, std in zip(fit.names, fit.posterior.mean, fit.posterior.std, strict=True):
        log = name == "lag" or next((n.log for n in problem.law.numbers if n.name == name), False)
        row: dict[str, Any] = {"name": name, "mean": float(mean), "std": float(std), "scale": "ln, SI" if log else "J/mol" if name.startswith(("Ea", "dH")) else "1"}
        parameters.append(row | ({"value": math.exp(float(mean)), "relative_std": float(std)} if log else {}))
    traces = [
        {
            "id": t.run.id,
            "time": t.run.times.tolist(),
            "heat_flow": t.heat.tolist(),
            "model": m.tolist(),
            "heat": i.total,
            "heat_std": i.std,
            "heat_of_the_network": p,
            "left": i.left,
            "baseline": b.tolist(),
            "thermal_conversion": i.thermal_conversion.tolist(),
        }
        for t, m, i, p, b in zip(problem.traces, fit.model, fit.integrals, fit.predicted, fit.baselines, strict=True)
    ]
    return {
        "equations": problem.law.equation().splitlines(),
        "parameters": parameters,
        "enthalpies": {
            i: {"value": v, "std": fit.enthalpies_std[i] if math.isfinite(fit.enthalpies_std[i]) else None, "given": i in problem.enthalpies} for i, v in fit.enthalpies.items()
        },
        "units": {"time": "s", "heat_flow": "W", "heat": "J", "enthalpies": "J/mol", "baseline": "W"},
        "noise": fit.noise,
        "starts": {"tried": len(fit.starts), "at_the_best": sum(v < min(fit.starts) + 0.01 for v in fit.starts)},
        "traces": traces,
        "notes": list(fit.notes),
    }
