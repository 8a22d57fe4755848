"""The case file's sections and keys, read from TOML with every unknown name refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.files import read_text

#: section -> key -> (types allowed, must be there); an empty dict takes any text keys
KEYS: dict[str, dict[str, tuple[tuple[type, ...], bool]]] = {
    "case": {"name": ((str,), True), "target": ((str,), True), "capacity": ((str,), True), "purity": ((str, float, int), True)},
    "species": {},
    "solvent": {"name": ((str,), True)},
    "reaction": {"id": ((str,), False), "text": ((str,), False), "smiles": ((str,), False)},
    "kinetics": {"prior": ((str,), True), "common_shift_sd": ((float, int), False), "sd_ln_k": ((float, int), False), "sd_Ea": ((str, float, int), False)},
    "experiments": {"file": ((str,), True), "response": ((str,), True), "source": ((str,), False)},
    "claim": {"id": ((str,), True), "value": ((str,), True), "source": ((str,), True), "kind": ((str,), False), "tier": ((str,), False), "note": ((str,), False)},
    "plant": {"reactor": ((str,), False), "objectives": ((list,), False), "base": ((str,), False), "hours": ((str, float, int), False), "activity": ((str,), False)},
}
REQUIRED = ("case", "species", "solvent", "reaction", "kinetics")
LISTED = ("reaction", "claim")
MAX_SPECIES = 60
MAX_REACTIONS = 100
MAX_PATH = 240
SPECIES_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_\-']{0,39}")
RESERVED = ("solvent", "base", "base_salt")
_WORDS = {str: "a text in quotes", float: "a number", int: "a number", list: "a list"}
_EXAMPLES = {
    "case": "[case] with name, target, capacity and purity",
    "species": '[species] with lines like SM = "CCO"',
    "solvent": '[solvent] with name = "ethanol"',
    "reaction": '[[reaction]] with text = "A + B -> C"',
    "kinetics": '[kinetics] with prior = "Hone2017"',
}


def load_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        InputError: no such file, not UTF-8 text, or not TOML; the line is named.
    """
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        path_like = "\\" in str(error) or "escape" in str(error).lower() or "hex" in str(error).lower()
        fix = (
            "in double quotes a backslash begins an escape: write paths with '/', or in single quotes"
            if path_like
            else "check quotes, brackets and '=' on that line; texts stand in quotes"
        )
        raise InputError(f"not TOML: {error}", where=path.name, fix=fix) from None
    except RecursionError:
        raise InputError("not TOML: nested too deeply", where=path.name, fix="keep to the sections of a case file") from None


def check_layout(data: Mapping[str, Any], where: str) -> None:
    """Refuse unknown sections and keys, missing ones, and values of another type.

    Args:
        data: the file's tables.
        where: file name, named in errors.

    Raises:
        InputError: naming section and key, with near misses.
    """
    for name in data:
        if name not in KEYS:
            raise InputError(f"unknown section [{name}]", where=where, fix=did_you_mean(name, KEYS))
    for name in REQUIRED:
        if not data.get(name):
            raise InputError(f"the section [{name}] is missing or empty", where=where, fix=f"add {_EXAMPLES[name]}")
    for name, section in data.items():
        listed = name in LISTED
        tables = section if listed else [section]
        if not isinstance(tables, list) or not all(isinstance(t, Mapping) for t in tables):
            raise InputError(f"{name} is not a {'list of tables' if listed else 'table'}", where=where, fix=f"write it under {f'[[{name}]]' if listed else f'[{name}]'}")
        for i, table in enumerate(tables, start=1):
            place = f"{where}, [[{name}]] {i}" if listed else f"{where}, [{name}]"
            _check_species(table, place) if name == "species" else _check_table(table, KEYS[name], place)
    if len(data["reaction"]) > MAX_REACTIONS:
        raise InputError(f"{len(data['reaction'])} reactions, at most {MAX_REACTIONS} expected", where=where, fix="keep the reactions that matter")


def _check_table(table: Mapping[str, Any], keys: dict[str, tuple[tuple[type, ...], bool]], place: str) -> None:
    """One table against its keys."""
    for key, value in table.items():
        if key not in keys:
            raise InputError(f"unknown key {key!r}", where=place, fix=did_you_mean(key, keys))
        kinds = keys[key][0]
        if isinstance(value, bool) or not isinstance(value, kinds):
            words = " or ".join(dict.fromkeys(_WORDS[k] for k in kinds))
            raise InputError(f"{key} is {value!r}, expected {words}", where=place, fix=f"write {key} as {words}")
        if isinstance(value, str) and not value.strip():
            raise InputError(f"{key} is empty", where=place, fix=f"fill in {key}, or leave the line out where it is optional")
    for key, (_, needed) in keys.items():
        if needed and key not in table:
            raise InputError(f"{key!r} is missing", where=place, fix=f"add {key} = ...")


def _check_species(table: Mapping[str, Any], place: str) -> None:
    """Keys that reactions can name, texts as values."""
    if len(table) > MAX_SPECIES:
        raise InputError(f"{len(table)} species, at most {MAX_SPECIES} expected", where=place, fix="keep the species that the reactions name")
    for key, value in table.items():
        if not SPECIES_ID.fullmatch(key):
            raise InputError(f"{key!r} is no key for a species", where=place, fix="begin with a letter, then letters, digits, '_' or '-', at most 40")
        if key in RESERVED:
            section = "[solvent] name" if key == "solvent" else "[plant] base"
            raise InputError(f"the key {key!r} is kept for chemwright", where=place, fix=f"rename it, or give the substance under {section}")
        if not isinstance(value, str) or not value.strip():
            raise InputError(f"{key} is {value!r}, expected a SMILES, name or CAS number in quotes", where=place, fix=f'write it like {key} = "CCO"')


def inside(folder: Path, name: str, where: str) -> Path:
    """The path of a file named relative to the case file's folder.

    A backslash parts folders as on Windows, on every system, so that a case can be carried from one to the other.

    Raises:
        InputError: an absolute path, one that leads out of the folder (by '..' or a link), or one with control characters.
    """
    if any(ord(c) < 32 or ord(c) == 127 for c in name):
        raise InputError(
            f"{name!r} holds control characters", where=where, fix="in double quotes a backslash begins an escape (\\r, \\t): write the path with '/', or in single quotes"
        )
    fix = "put the file beside the case file, and write its name only"
    if len(name) > MAX_PATH:
        raise InputError(f"a path of {len(name)} characters is too long, at most {MAX_PATH} expected", where=where, fix="give the file a shorter name")
    if Path(name).is_absolute() or re.match(r"^([A-Za-z]:|[\\/~])", name):
        raise InputError(f"{name!r} is an absolute path, a file beside the case file is expected", where=where, fix=fix)
    if ".." in re.split(r"[\\/]", name) or "\0" in name:
        raise InputError(f"{name!r} leads out of the case's folder", where=where, fix=fix)
    name = name.replace("\\", "/")
    try:
        path = (folder / name).resolve()
        home = folder.resolve()
    except (OSError, RuntimeError):
        raise InputError(f"{name!r} can't be followed", where=where, fix=fix) from None
    if not path.is_relative_to(home):
        raise InputError(f"{name!r} is a link that leads out of the case's folder", where=where, fix=fix)
    return folder / name
