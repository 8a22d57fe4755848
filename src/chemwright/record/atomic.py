"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from chemwright.errors import StorageError


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file through a temporary neighbour that is flushed to disk first: a reader, or a crash, sees the old file or the new one.

    Args:
        path: the file; its folder is made when it is not there.
        data: its bytes.

    Raises:
        StorageError: the folder can't be written.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        _remove(temporary)
        raise StorageError(
            f"can't write {path.name}: {error.strerror or error}", where=str(path.parent), fix="choose a folder you may write to, on a disk with space left"
        ) from None
    except BaseException:
        _remove(temporary)
        raise


def _remove(temporary: str | None) -> None:
    if temporary is not None:
        with suppress(OSError):
            os.unlink(temporary)
