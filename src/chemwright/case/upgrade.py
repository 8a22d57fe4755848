"""A case of an older schema version is brought to this chemwright's on disk, its old files kept beside."""

from __future__ import annotations

from pathlib import Path

from chemwright.case.folder import CaseFolder, decisions_file, record_file
from chemwright.case.lock import LOCK
from chemwright.case.transaction import JOURNAL, settle
from chemwright.errors import StorageError
from chemwright.record import SCHEMA_VERSION
from chemwright.record.atomic import PART, write_atomic

BACKUP = "backup-schema-"


def upgrade(files: CaseFolder) -> str:
    """Upgrade the folder's case when it is older; safe to be killed at, and to be called again.

    Args:
        files: the folder.

    Returns:
        What was done, in a sentence; empty when the case is not older. Where the folder can't be written the case is left as it is
        (it is upgraded in memory whenever it is read), and the sentence says so.

    Raises:
        StorageError: there is no way from that version to this chemwright's.
    """
    version = files.version()
    if version >= SCHEMA_VERSION:
        return ""
    record, decisions = files.read_both()  # before anything is written: an upgrade that fails must fail here
    try:
        with files.hold():
            if files.version() != version:
                return ""  # another process was faster
            settle(files.path)
            kept = _keep(files.path, version)
            files.write_all({**record_file(record), **decisions_file(decisions)}, inputs="")
    except StorageError as error:
        return f"the case is of schema version {version} and was upgraded in memory only: {error.message}"
    return f"the case was upgraded from schema version {version} to {SCHEMA_VERSION}; its old files are in {kept.name}"


def _keep(root: Path, version: int) -> Path:
    """Copy the case's files into a folder beside them; one that a killed upgrade began is completed."""
    old = {p.relative_to(root): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file() and not p.is_symlink() and _is_own(p.relative_to(root))}
    number = 1
    while True:
        folder = root / (f"{BACKUP}{version}" + (f"-{number}" if number > 1 else ""))
        if all(not (folder / name).exists() or (folder / name).read_bytes() == data for name, data in old.items()):
            break
        number += 1
    for name, data in old.items():
        if not (folder / name).exists():
            write_atomic(folder / name, data)
    return folder


def _is_own(path: Path) -> bool:
    return not path.parts[0].startswith(BACKUP) and path.name not in (LOCK, JOURNAL) and not path.name.endswith(PART)
