"""Whether a case file has changed since its record was written: seen from its bytes alone, without resolving a substance."""

from __future__ import annotations

import hashlib
from pathlib import Path

from chemwright.case.environment import code_hash
from chemwright.case.folder import CaseFolder
from chemwright.case.layout import check_layout, inside, load_toml
from chemwright.case.read import record_of
from chemwright.case.upgrade import upgrade
from chemwright.errors import ChemwrightError, StorageError
from chemwright.record import CaseRecord, content_hash


def inputs_key(path: Path, seed: int) -> str:
    """SHA-256 over the case file, its runs, its parameter set, the code and the seed; empty when one of them can't be read."""
    from chemwright.knowledge import load_parameter_set
    from chemwright.knowledge.files import read_bytes

    try:
        data = load_toml(path)
        check_layout(data, path.name)
        runs = b""
        if table := data.get("experiments"):
            runs = read_bytes(inside(path.parent, table["file"], path.name))
        parts = [read_bytes(path), runs, content_hash(load_parameter_set(data["kinetics"]["prior"])).encode(), code_hash().encode(), path.name.encode(), str(seed).encode()]
    except (OSError, ChemwrightError):
        return ""  # the full reading says what is wrong
    return hashlib.sha256(b"".join(hashlib.sha256(p).digest() for p in parts)).hexdigest()


def load(path: Path, folder: CaseFolder, seed: int) -> tuple[CaseRecord, list[str], str | None]:
    """The record of a case file, from the folder when nothing has changed, else read anew; nothing is written.

    Returns:
        The record, notes on what had to be mended, and the inputs' key to keep with the record (None when the folder holds it already).

    Raises:
        StorageError: the folder holds another case, or one of a newer chemwright.
        ChemwrightError: as :func:`chemwright.case.read.read_case`.
    """
    if folder.is_newer():
        folder.read_record()
    key, notes, old = inputs_key(path, seed), [], None
    if folder.exists():
        try:
            if said := upgrade(folder):
                notes.append(said)
            old = folder.read_record()
        except StorageError as error:
            notes.append(f"the stored record was written anew: {error.message}")
    if old is not None and key and folder.inputs() == key:
        return old, notes, None
    record = record_of(load_toml(path), path.parent, path.name, seed=seed)
    if old is not None and old.name != record.name and old.target != record.target:
        raise StorageError(f"the folder holds another case, {old.name!r}", where=str(folder.path), fix="choose another folder with --out")
    return record, notes, key
