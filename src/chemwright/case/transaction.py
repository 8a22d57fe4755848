"""Several files of a case change together or not at all, whatever happens on the way.

New files are written beside their places first, so that a full disk is met while nothing has changed. Then a journal that names them
is moved into place: from that moment the new files count. Then each is moved to its place, and the journal goes. A process killed
before the journal leaves the old files, one killed after it the new ones: readers look where the journal points, and the next writer
finishes the moves.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from chemwright.record.atomic import PART, not_written, remove, stage, write_atomic

JOURNAL = "journal.json"
FOLDERS = ("steps", "artefacts")
_NAME = re.compile(rf"(?:(?:{'|'.join(FOLDERS)})/)?\.?[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)


def commit(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files (``/`` parts folders) so that a reader sees all of them new or all of them old.

    Args:
        root: the case's folder, locked by the caller.
        files: name to content.

    Raises:
        StorageError: the folder can't be written, or its disk is full; nothing has changed then.
    """
    settle(root)
    staged: dict[str, str] = {}
    try:
        for name, data in files.items():
            staged[name] = (PurePosixPath(name).parent / stage(root / name, data).name).as_posix()
        write_atomic(root / JOURNAL, (json.dumps(staged, indent=1) + "\n").encode())
    except BaseException:
        if not (root / JOURNAL).exists():  # an interrupt can come just after the journal has taken its place
            for name in staged.values():
                remove(root / name)
        raise
    _move(root, staged)


def settle(root: Path) -> None:
    """Finish what a killed writer had committed, and remove what it had not.

    Raises:
        StorageError: the folder can't be written.
    """
    _move(root, pending(root))
    for folder in (root, *(root / name for name in FOLDERS)):
        for left in folder.glob(f".*{PART}"):
            remove(left)


def _move(root: Path, moves: Mapping[str, str]) -> None:
    for name, place in moves.items():
        try:
            os.replace(root / place, root / name)
        except FileNotFoundError:  # moved before the writer was killed
            continue
        except OSError as error:
            raise not_written(root / name, error) from None
    with suppress(OSError):
        os.unlink(root / JOURNAL)


def pending(root: Path) -> dict[str, str]:
    """Files that are committed and may not be in their places yet: name to where they stand. A journal that leads elsewhere counts for nothing."""
    try:
        found = json.loads((root / JOURNAL).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    good = isinstance(found, dict) and all(isinstance(v, str) and _NAME.fullmatch(k) and _NAME.fullmatch(v) and v.endswith(PART) for k, v in found.items())
    return found if good else {}


def current(root: Path, name: str) -> bytes:
    """The bytes of a file as last committed.

    Raises:
        OSError: it isn't there, or can't be read.
    """
    place = pending(root).get(name)
    if place is not None:
        with suppress(FileNotFoundError):
            return (root / place).read_bytes()
    return (root / name).read_bytes()
