"""A campaign's file from a few short texts: what is varied, what is wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from chemwright.errors import InputError, UnitError
from chemwright.experiment.build import unit_of
from chemwright.experiment.units import si_unit
from chemwright.quantity import split_quantity

HOW = "write it like 'temperature = 30 to 120 degC', 'time = 0.5 to 10 min, log', 'equiv = 1, 1.5, 2', 'base = KOH, K2CO3' or 'solvent = DMF: CN(C)C=O, water: O'"
GOALS = ("maximise", "minimise", "target", "at_least", "at_most")


def variable_toml(text: str) -> str:
    """The ``[[variable]]`` of a short text.

    Raises:
        InputError: it can't be read.
    """
    name, sign, rest = (part.strip() for part in text.partition("="))
    if not sign or not name or not rest:
        raise InputError(f"{text!r} is no variable", where="--vary", fix=HOW)
    log = bool(re.search(r",\s*log$", rest))
    rest = re.sub(r",\s*log$", "", rest)
    ends = re.split(r"\s+to\s+|\s*\.\.\s*|\s+-\s+", rest)
    head = f"[[variable]]\nname = {_quoted(name)}\n"
    if len(ends) == 2 and _is_number(ends[0]) and _is_number(ends[1]):
        unit = unit_of(ends, f"--vary {name!r}")
        low, high = (e if split_quantity(e)[1] or unit == "1" else f"{e} {unit}" for e in ends)
        return head + f"low = {_number(low)}\nhigh = {_number(high)}\n" + ("log = true\n" if log else "")
    items = [i.strip() for i in re.split(r"\s*;\s*" if ";" in rest else r",\s+" if re.search(r",\s", rest) else ",", rest) if i.strip()]
    if len(items) < 2:
        raise InputError(f"{text!r} has one choice", where="--vary", fix=HOW)
    if all(_is_number(i) for i in items):
        unit = unit_of(items, f"--vary {name!r}")
        full = [i if split_quantity(i)[1] or unit == "1" else f"{i} {unit}" for i in items]
        return head + f"values = [{', '.join(_number(i) for i in full)}]\n" + ("log = true\n" if log else "")
    pairs = [re.split(r":\s+", i, maxsplit=1) for i in items]
    if all(len(p) == 2 for p in pairs):
        return head + "[variable.levels]\n" + "".join(f"{_quoted(k)} = {_quoted(s)}\n" for k, s in pairs)
    if any(len(p) == 2 for p in pairs):
        raise InputError(f"{text!r} has SMILES for some levels only", where="--vary", fix="give the SMILES of every level, or of none")
    return head + f"levels = [{', '.join(_quoted(i) for i in items)}]\n"


def objective_toml(text: str, goal: str) -> str:
    """The ``[[objective]]`` of a short text: ``yield [%]``; with a limit or target ``viscosity = 5 mPa s``.

    Raises:
        InputError: it can't be read, or lacks the number that the goal needs.
    """
    name, sign, number = (part.strip() for part in text.partition("="))
    match = re.match(r"(.*?)\s*\[([^\[\]]*)\]$", name)
    unit = match[2].strip() if match else ""
    name = match[1].strip() if match else name
    where = f"--{goal.replace('_', '-')}"
    if not name or (sign and not _is_number(number)) or (not sign and goal not in ("maximise", "minimise")):
        raise InputError(f"{text!r} is no objective", where=where, fix="write it like 'yield [%]', or with a limit 'impurity = 0.5 %'")
    if unit:
        si_unit(unit, where)
    out = f'[[objective]]\nname = {_quoted(name)}\ngoal = "{goal}"\n'
    return out + (f"unit = {_quoted(unit)}\n" if unit else "") + (f"target = {_number(number)}\n" if sign else "")


def campaign_toml(name: str, vary: Sequence[str], objectives: Sequence[tuple[str, str]], rules: Sequence[str] = (), cost: str = "", budget: str = "", seed: int = 0) -> str:
    """The text of a campaign's file; ``objectives`` are pairs of goal and text.

    Raises:
        InputError: a part that can't be read.
    """
    head = f"[campaign]\nname = {_quoted(name)}\n" + (f"seed = {seed}\n" if seed else "")
    head += "".join(f"{key} = {_number(text)}\n" for key, text in (("cost", cost), ("budget", budget)) if text)
    parts = [head, *(variable_toml(v) for v in vary), *(objective_toml(text, goal) for goal, text in objectives)]
    if rules:
        parts.append("[constraints]\nrules = [\n" + "".join(f"  {_quoted(r)},\n" for r in rules) + "]\n")
    return "\n".join(parts)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(text: str) -> str:
    """A number as TOML has it; a quantity as a text."""
    number, unit = split_quantity(text)
    return f"{number:g}" if not unit and float(f"{number:g}") == number else _quoted(text)


def _is_number(text: str) -> bool:
    try:
        unit = split_quantity(text)[1]
        si_unit(unit or "1")
    except UnitError:
        return False
    return True
