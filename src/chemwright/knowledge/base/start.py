"""A new knowledge base, with the shipped core in it or empty."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from chemwright.errors import StorageError
from chemwright.knowledge.base import audit
from chemwright.knowledge.base.database import KnowledgeBase, open_base
from chemwright.knowledge.base.engine import file_of

Progress = Callable[[str, float | None], None]


def start(url: str | Path, *, core: bool = True, who: str = "", progress: Progress | None = None) -> KnowledgeBase:
    """Make a knowledge base.

    Args:
        url: a file that is not there yet, or an empty PostgreSQL database.
        core: begin with the shipped core; built once (about a minute) and copied from the cache from then on.
        who: for the audit trail.
        progress: told what is being done.

    Raises:
        StorageError: something is there already, or it can't be written.
    """
    path = file_of(url)
    if path is not None and path.exists() and path.stat().st_size:
        raise StorageError("is there already", where=str(path), fix="choose another name, or go on with it: chemwright kb stats")
    if not core:
        return open_base(url, create=True, who=who)
    from chemwright.knowledge.core import core_file

    made = core_file(progress)
    if path is None:
        from chemwright.knowledge.base.migrate import migrate

        with open_base(made, read_only=True) as source:
            target = open_base(url, create=True, who=who)
            migrate(source, target, progress)
        return target
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    try:
        shutil.copyfile(made, draft)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StorageError(
            f"can't write {path.name}: {error.strerror or error}", where=str(path.parent), fix="choose a folder you may write to, on a disk with 200 MB of room"
        ) from None
    base = open_base(url, who=who)
    with base.writing() as connection:
        audit.write(connection, base.who, "init", core=made.name)
    return base
