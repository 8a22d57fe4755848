"""The real cases that ship with the package, and how to get a copy to work on."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from chemwright.errors import InputError, StorageError, did_you_mean
from chemwright.record.atomic import write_atomic

CASE_FILES = ("case.toml", "runs.csv")


def _root() -> Traversable:
    return files("chemwright") / "data" / "cases"


def bundled_cases() -> list[str]:
    """Names of the cases in the package."""
    return sorted(entry.name for entry in _root().iterdir() if entry.is_dir() and (entry / CASE_FILES[0]).is_file())


def bundled_case(name: str = "snar") -> Traversable:
    """The folder of a bundled case, for reading: ``case.toml``, ``runs.csv``, ``SOURCE.md``.

    Raises:
        InputError: no such case, with near misses.
    """
    known = bundled_cases()
    if name not in known:
        raise InputError(f"no bundled case {name!r}", fix=did_you_mean(str(name), known))
    return _root() / name


def write_bundled(name: str, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Copy ``case.toml`` and ``runs.csv`` of a bundled case into ``folder`` (made when missing).

    Each file appears whole or not at all.

    Returns:
        The path of the ``case.toml`` written.

    Raises:
        InputError: no such case.
        StorageError: a file is there already and ``overwrite`` is false, or the folder can't be written.
    """
    source, target = bundled_case(name), Path(folder)
    there = [f for f in CASE_FILES if (target / f).exists()]
    if there and not overwrite:
        raise StorageError(f"{' and '.join(there)} would be overwritten", where=str(target), fix="choose another folder, or allow overwriting")
    for file in reversed(CASE_FILES):  # the case file last: where it is, its runs are
        write_atomic(target / file, (source / file).read_bytes())
    return target / CASE_FILES[0]
