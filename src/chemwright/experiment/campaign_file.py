"""A campaign's file (TOML) read into its record: every key and quantity is checked, and an error names its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chemwright.errors import ChemwrightError, InputError, did_you_mean
from chemwright.experiment import build
from chemwright.experiment.told import BESIDE, ID
from chemwright.kinetics.reactor_toml import known_keys, load_toml
from chemwright.record import CampaignRecord, CampaignSettings, Constraint, Objective, ReactorPlace, Variable

SECTIONS = ("campaign", "variable", "objective", "constraints", "forbidden", "mixture", "reactor")
CAMPAIGN = ("name", "seed", "initial", "cost", "currency", "budget", "max_experiments", "stop_gain", "control_every", "planner", "failures", "note")
VARIABLE = ("name", "low", "high", "step", "unit", "log", "values", "levels", "table", "encoding", "costs", "fidelity", "structures", "note")
OBJECTIVE = ("name", "goal", "unit", "target", "std", "low", "high", "reference", "worth")


def read_campaign(path: str | Path) -> CampaignRecord:
    """The record of a campaign's file.

    Args:
        path: TOML file; tables of descriptors that it names lie in the same folder.

    Raises:
        InputError: an unknown or missing key, a number out of range; file, section and key are named. UnitError: a wrong unit. SubstanceError: a wrong SMILES.
    """
    file = Path(path)
    return campaign_of(load_toml(file), file.parent, file.name)


def campaign_of(data: Mapping[str, Any], folder: Path, where: str) -> CampaignRecord:
    """The record of a campaign file's tables.

    Raises:
        As :func:`read_campaign`.
    """
    known_keys(data, SECTIONS, ("campaign", "variable", "objective"), where)
    head = _table(data, "campaign", where)
    place = f"{where}, [campaign]"
    known_keys(head, CAMPAIGN, ("name",), place)
    settings = _settings(head, place)
    variables = [_variable(v, settings.currency, folder, f"{where}, [[variable]] {i}") for i, v in enumerate(_tables(data, "variable", where), 1)]
    objectives = [_objective(o, settings.currency, f"{where}, [[objective]] {i}") for i, o in enumerate(_tables(data, "objective", where), 1)]
    with _placed(where):
        record = CampaignRecord(
            _text(head, "name", place), variables, objectives, _constraints(data, [v.name for v in variables], where), _reactors(data, where), settings, seed=_int(head, "seed", 0, place), note=head.get("note", "")
        )  # fmt: skip
    checked(record)
    return record


def checked(record: CampaignRecord) -> None:
    """Check what the parts of a record say of each other: constraints and limits can be read, and there is an experiment that keeps to all.

    Raises:
        InputError, UnitError, SubstanceError: so.
    """
    import numpy as np

    from chemwright.experiment.sampling import sample
    from chemwright.experiment.space import Space

    if not record.objectives:
        raise InputError("a campaign without objectives", where="objectives", fix="say what is measured and wanted")
    if all(o.goal in ("at_least", "at_most") for o in record.objectives):
        raise InputError("every objective is a limit to keep", where="objectives", fix="say what shall be maximised, minimised or met")
    if sum(v.role == "fidelity" for v in record.variables) > 1:
        raise InputError("more than one fidelity", where="variables", fix="keep one")
    for name in [*(v.name for v in record.variables), *(o.name for o in record.objectives)]:
        _name(name)
    both = {v.name for v in record.variables} & {o.name for o in record.objectives}
    if both:
        raise InputError(f"{sorted(both)[0]!r} is a variable and an objective", where="variables", fix="rename one")
    space = Space.of(record.variables, record.constraints)
    for place in [None, *record.reactors]:
        sub = space if place is None else space.with_rules(place.limits, f"reactor {place.name!r}, limits")
        sample(sub, 1, np.random.default_rng(0))


def _name(name: str) -> None:
    """Check that a name can head a column, stand in a rule and on the command line.

    Raises:
        InputError: it can't.
    """
    if name.strip() != name or any(c in name for c in '=[]`"\n\r\t') or len(name) > 60 or not any(c.isalpha() for c in name):
        raise InputError(f"{name!r} is no name of a variable or objective", where="names", fix="use at most 60 letters, digits, blanks and signs but = [ ] ` and quotes")
    if name.lower() in (*ID, *BESIDE) or name.lower().startswith("std "):
        raise InputError(f"{name!r} names something else in every campaign", where="names", fix=f"rename it, as '{name} of mine'")


def _settings(head: Mapping[str, Any], where: str) -> CampaignSettings:
    currency = head.get("currency", "") or next((build.unit_of([head[k]], where) for k in ("cost", "budget") if isinstance(head.get(k), str)), "runs")
    given: dict[str, Any] = {k: head[k] for k in ("planner", "failures") if k in head}
    for key, name in (("initial", "initial"), ("max_experiments", "max_trials"), ("control_every", "control_every")):
        if key in head:
            given[name] = _int(head, key, 0, where)
    for key in ("cost", "budget"):
        if key in head:
            given[key] = build.cost(head[key], currency, f"{where} {key}")
    if "stop_gain" in head:
        given["stop_gain"] = head["stop_gain"] if not isinstance(head["stop_gain"], str) else build.cost(head["stop_gain"], "1", f"{where} stop_gain")
    with _placed(where):
        return CampaignSettings(currency=currency, **given)


def _variable(given: Mapping[str, Any], currency: str, folder: Path, where: str) -> Variable:
    known_keys(given, VARIABLE, ("name",), where)
    name = _text(given, "name", where)
    where = f"{where} ({name})"
    kinds = [k for k in ("low", "values", "levels") if k in given] + (["table"] if "table" in given and "levels" not in given else [])
    if len(kinds) > 1:
        raise InputError(f"{' and '.join(kinds)} are given together", where=where, fix="low and high for a range, values for a few numbers, or levels for names")
    if given.get("encoding", "one_hot") not in ("one_hot", "descriptors"):
        raise InputError(f"unknown encoding {given['encoding']!r}", where=where, fix="one_hot or descriptors; left out, levels with structures enter by descriptors")
    role = "fidelity" if given.get("fidelity") else "setting"
    costs = {str(k): build.cost(v, currency, f"{where} costs", signed=True) for k, v in given.get("costs", {}).items()}
    with _placed(where):
        if "levels" in given or "table" in given:
            levels = given.get("levels", ())
            columns: tuple[str, ...] = ()
            rows: tuple[tuple[float, ...], ...] = ()
            if "table" in given:
                levels, columns, rows = _descriptor_table(folder, given["table"], levels, f"{where} table")
            if not isinstance(levels, dict | list | tuple):
                raise InputError("levels are a list of names, or names with SMILES", fix='write levels = ["KOH", "K2CO3"] or levels = { DMF = "CN(C)C=O" }')
            one_hot = given.get("encoding", "") == "one_hot"
            if given.get("structures"):
                levels = _structures(levels, f"{where} levels")
            return build.categorical(name, levels, columns=columns, table=rows, one_hot=one_hot, costs=costs, role=role, note=given.get("note", ""))
        if "values" in given:
            return build.discrete(name, given["values"], given.get("unit", ""), log=bool(given.get("log", False)), costs=costs, role=role, note=given.get("note", ""))
        for key in ("low", "high"):
            if key not in given:
                raise InputError(f"{key!r} is missing", fix="give low and high, or values, or levels")
        return build.continuous(
            name, given["low"], given["high"], given.get("unit", ""), log=bool(given.get("log", False)), step=given.get("step"), role=role, note=given.get("note", "")
        )


def _structures(levels: Any, where: str) -> dict[str, str]:
    """SMILES of levels that are names or CAS numbers of substances."""
    from chemwright.knowledge import resolve

    return {str(level): resolve(str(level), f"{where} {level!r}").smiles for level in levels}


def _descriptor_table(folder: Path, name: Any, levels: Any, where: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[float, ...], ...]]:
    """A user's own descriptors from a CSV file: the first column names the level; ``levels`` may choose and order some of them."""
    from chemwright.knowledge.cells import read_lines, read_number
    from chemwright.knowledge.files import read_any_text

    if not isinstance(name, str) or Path(name).name != name:
        raise InputError(f"{name!r} is no file name", where=where, fix="name a CSV file that lies beside the campaign's file")
    lines, _ = read_lines(read_any_text(folder / name)[0], name)
    header = lines[0][1]
    table = {}
    for row, cells in lines[1:]:
        if len(cells) != len(header):
            raise InputError(f"{len(cells)} cells, the header has {len(header)}", where=f"{name}, row {row}", fix="fill in every column")
        table[cells[0]] = tuple(read_number(c, "1", f"{name}, row {row}, {header[k]}") for k, c in enumerate(cells[1:], 1))
    wanted = tuple(levels) or tuple(table)
    for level in wanted:
        if level not in table:
            raise InputError(f"the table has no row for the level {level!r}", where=name, fix=did_you_mean(level, table))
    return wanted, tuple(header[1:]), tuple(table[level] for level in wanted)


def _objective(given: Mapping[str, Any], currency: str, where: str) -> Objective:
    known_keys(given, OBJECTIVE, ("name",), where)
    numbers = {k: given[k] for k in ("target", "std", "low", "high", "reference") if k in given}
    if "worth" in given:
        numbers["worth"] = build.cost(given["worth"], currency, f"{where} worth")
    with _placed(where):
        return build.objective(_text(given, "name", where), given.get("goal", "maximise"), given.get("unit", ""), **numbers)


def _constraints(data: Mapping[str, Any], names: Sequence[str], where: str) -> tuple[Constraint, ...]:
    out = []
    rules = data.get("constraints", {})
    known_keys(rules, ("rules",), (), f"{where}, [constraints]")
    for i, text in enumerate(rules.get("rules", ()), 1):
        if not isinstance(text, str):
            raise InputError(f"{text!r} is no rule", where=f"{where}, [constraints] rule {i}", fix='write it as a text, "2*equiv + temperature/100 <= 5"')
        out.append(Constraint(text, name=f"{where}, [constraints] rule {i}"))
    for i, levels in enumerate(_tables(data, "forbidden", where), 1):
        known_keys(levels, names, (), f"{where}, [[forbidden]] {i}")
        out.append(build.forbidden(**levels))
    for i, given in enumerate(_tables(data, "mixture", where), 1):
        place = f"{where}, [[mixture]] {i}"
        known_keys(given, ("parts", "total", "name"), ("parts",), place)
        total = given.get("total", 1.0)
        out.append(build.mixture(given["parts"], total if not isinstance(total, str) else build.cost(total, "1", place), given.get("name", place)))
    return tuple(out)


def _reactors(data: Mapping[str, Any], where: str) -> tuple[ReactorPlace, ...]:
    out = []
    for i, given in enumerate(_tables(data, "reactor", where), 1):
        place = f"{where}, [[reactor]] {i}"
        known_keys(given, ("name", "slots", "limits"), ("name",), place)
        with _placed(place):
            out.append(ReactorPlace(_text(given, "name", place), _int(given, "slots", 1, place), given.get("limits", ())))
    return tuple(out)


def _tables(data: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise InputError(f"{key!r} is no list of tables", where=where, fix=f"write [[{key}]] above each")
    return value


def _table(data: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = data[key]
    if not isinstance(value, dict):
        raise InputError(f"{key!r} is no table", where=where, fix=f"write [{key}]")
    return value


def _text(part: Mapping[str, Any], key: str, where: str) -> str:
    value = part[key]
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{value!r} is no text", where=f"{where} {key}", fix="put it in quotes")
    return " ".join(value.split())


def _int(part: Mapping[str, Any], key: str, default: int, where: str) -> int:
    value = part.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise InputError(f"{value!r} is no whole number of zero or more", where=f"{where} {key}", fix="give a whole number")
    return value


@contextmanager
def _placed(where: str) -> Iterator[None]:
    """Errors without a place in the file get this one."""
    try:
        yield
    except ChemwrightError as error:
        if not error.where.startswith(where.split(",")[0]):
            error.where = f"{where}: {error.where}" if error.where else where
        raise
