"""The real cases that ship with the package, and how to get a copy to work on."""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from chemwright.errors import InputError, StorageError, did_you_mean

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
    try:
        target.mkdir(parents=True, exist_ok=True)
        for file in reversed(CASE_FILES):  # the case file last: where it is, its runs are
            _write(target / file, (source / file).read_bytes())
    except OSError as error:
        raise StorageError(f"can't write the case: {error.strerror or error}", where=str(target), fix="choose a folder you may write to") from None
    return target / CASE_FILES[0]


def _write(path: Path, data: bytes) -> None:
    """Write a file through a temporary neighbour, so that no reader sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
