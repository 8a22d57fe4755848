"""The file of rows that were not taken: each with its row number, column, what is wrong and what to do; whole when it appears."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from chemwright.errors import StorageError
from chemwright.knowledge.intake.blocks import Reject

HEADER = ("row", "column", "problem", "fix")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return "'" + cell if cell[:1] in "=+-@\t\r" and not _plain_number(cell) else cell


def _plain_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


class RejectsFile:
    """Rows that were not taken, written beside the file they came from under a name that is taken only when all is there.

    Args:
        path: of the file; None keeps nothing.
        header: of the table.
    """

    def __init__(self, path: Path | None, header: tuple[str, ...]) -> None:
        self.path, self.count = path, 0
        self._header = header
        self._stream: Any = None

    def __enter__(self) -> RejectsFile:
        return self

    def write(self, rejects: Iterable[Reject], cells: dict[int, tuple[str, ...]]) -> None:
        """Append rejects; ``cells`` are those of their rows where they have none of their own."""
        for r in rejects:
            self.count += 1
            if self.path is None:
                continue
            if self._stream is None:
                try:
                    self._stream = _part(self.path).open("w", newline="", encoding="utf-8-sig")
                except OSError as error:
                    raise StorageError(f"the rejects file can't be written: {error.strerror}", where=str(self.path), fix="name another place for it") from None
                csv.writer(self._stream).writerow([*HEADER, *map(harmless, self._header)])
            csv.writer(self._stream).writerow([r.row, harmless(r.column), harmless(r.message), harmless(r.fix), *(harmless(c) for c in (r.cells or cells.get(r.row, ())))])

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        if self._stream is not None:
            self._stream.close()
            assert self.path is not None
            if kind is None:
                os.replace(_part(self.path), self.path)
            else:
                _part(self.path).unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")
