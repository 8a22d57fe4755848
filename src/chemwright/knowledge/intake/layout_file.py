"""A plate's layout from a small TOML file, for those who don't write Python.

[plate]
name = "plate 1"                      # optional: source, procedure
[factors]                             # column or grid to role; "[unit]" where it is a number
"Ligand" = "ligand"
"Output" = "outcome yield [%]"
"Temp" = "condition temperature [degC]"
[every_well]                          # substances that are in each
reactant = ["Cc1ccc(N)cc1"]
[product]                             # derived by a reaction template, where it can be
reaction = "[c:1][Br,I,Cl].[NH2:2][c:3]>>[c:1][NH:2][c:3]"
from = ["Aryl halide", "Cc1ccc(N)cc1"]
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.files import read_text
from chemwright.knowledge.intake.plates import Factor, Layout, by_reaction
from chemwright.record import Source

SECTIONS = {"plate": ("name", "source", "procedure"), "factors": (), "every_well": (), "conditions": (), "settings": (), "product": ("reaction", "from")}
_NUMBER = re.compile(r"(outcome|condition)\s+(?P<property>[^\[\]]+?)\s*(?:\[(?P<unit>[^\]]*)\])?(?:\s+of\s+(?P<of>.+))?")


def read_layout(path: Path) -> tuple[Layout, Source | None]:
    """The layout, and its source where the file names one.

    Raises:
        InputError: not TOML, an unknown section or key, or a role that means nothing; file and key are named.
    """
    try:
        data = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML: {error}", where=path.name, fix="see chemwright kb import --help for an example") from None
    for section, keys in data.items():
        if section not in SECTIONS or not isinstance(keys, dict):
            raise InputError(f"unknown section [{section}]", where=path.name, fix=did_you_mean(section, SECTIONS))
        for key in keys if SECTIONS[section] else ():
            if key not in SECTIONS[section]:
                raise InputError(f"unknown key {key!r}", where=f"{path.name}, [{section}]", fix=did_you_mean(key, SECTIONS[section]))
    if not data.get("factors"):
        raise InputError("no [factors]", where=path.name, fix='say what each column holds, as "Ligand" = "ligand"')
    factors = tuple(_factor(name, role, f"{path.name}, [factors] {name}") for name, role in data["factors"].items())
    plate, made = data.get("plate", {}), data.get("product", {})
    source = Source(f"plate:{plate.get('name') or path.stem}", "experiment", plate["source"]) if plate.get("source") else None
    every = {role: _texts(v, f"{path.name}, [every_well] {role}") for role, v in data.get("every_well", {}).items()}
    product = by_reaction(str(made["reaction"]), *_texts(made.get("from", []), f"{path.name}, [product] from")) if made.get("reaction") else None
    settings = {k: str(v) for k, v in data.get("settings", {}).items()}
    conditions = {k: _si(k, v, path.name) for k, v in data.get("conditions", {}).items()}
    layout = Layout(factors, every, conditions, settings, product, str(plate.get("name", "")), source.id if source else "", str(plate.get("procedure", "")))
    return layout, source


def _factor(name: str, role: Any, where: str) -> Factor:
    if not isinstance(role, str):
        raise InputError(f"{role!r} is no role", where=where, fix='write a text, as "ligand" or "outcome yield [%]"')
    found = _NUMBER.fullmatch(role.strip())
    if not found:
        return Factor(name, role.strip())
    return Factor(name, found.group(1), found["property"].strip(), (found["unit"] or "1").strip().replace("%", "percent"), (found["of"] or "").strip())


def _texts(value: Any, where: str) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(v, str) for v in items):
        raise InputError(f"{value!r} is no list of texts", where=where, fix='write ["CCO"]')
    return tuple(items)


def _si(name: str, value: Any, file: str) -> float:
    from chemwright.knowledge.vocabulary import vocabulary
    from chemwright.quantity.units import si

    item = vocabulary().find(name, f"{file}, [conditions]")
    return float(value) if item.unit == "1" and isinstance(value, int | float) else si(value, item.unit, f"{file}, [conditions] {name}")
