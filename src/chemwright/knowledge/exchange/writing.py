"""Files that an export writes: whole or not at all, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from attrs import field, frozen

from chemwright.errors import StorageError
from chemwright.knowledge.exchange.rights import Refused
from chemwright.record.fields import as_tuple

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: Any) -> Any:
    """A value for a CSV cell: text that a spreadsheet would take for a formula gets an apostrophe in front, numbers stay as they are."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return "'" + text if text.lstrip(" ").startswith(_RUN) else text


@frozen
class Written:
    """What an export wrote.

    Args:
        file: where.
        records: kind to number.
        notes: what the format has no place for, in words, with how often.
        left_out: what may not leave, when the user asked to leave that out.
    """

    file: str
    records: dict[str, int]
    notes: tuple[str, ...] = ()
    left_out: tuple[Refused, ...] = field(default=(), converter=as_tuple)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes its place when all is written: a reader sees the old file or the whole new one.

    Raises:
        StorageError: the folder can't be written, or the disk is full.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise StorageError(
            f"can't write {path.name}: {error.strerror or error}", where=str(path.parent), fix="choose a folder you may write to, on a disk with space left"
        ) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
