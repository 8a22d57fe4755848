"""A case on disk: a folder of readable JSON, files that belong together written together, their content hashes in a manifest."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from chemwright.case.lock import hold
from chemwright.case.transaction import commit, current
from chemwright.errors import ChemwrightError, StorageError
from chemwright.record import SCHEMA_VERSION, CaseRecord, Decision, from_json, to_json

CASE, DECISIONS, MANIFEST, STEPS, ARTEFACTS = "case.json", "decisions.json", "manifest.json", "steps", "artefacts"
_RESTORE = "restore the folder from a copy, or develop the case file again into a new folder"
_TRIES = 5


class CaseFolder:
    """Reads and writes the files of one case; holds nothing but the path.

    Writing takes the folder's lock (:mod:`chemwright.case.lock`) and is whole or not at all
    (:mod:`chemwright.case.transaction`); reading needs neither.

    Args:
        path: the folder; made when something is written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def exists(self) -> bool:
        """Whether there is a case in the folder."""
        return self._bytes(CASE) is not None

    def hold(self) -> AbstractContextManager[bool]:
        """Be the only writer; see :func:`chemwright.case.lock.hold`."""
        return hold(self.path)

    def write_all(self, files: Mapping[str, bytes], inputs: str | None = None) -> None:
        """Write files (``/`` parts folders) with their hashes, all of them or none.

        Args:
            files: name to content.
            inputs: key of the case file and runs that the record comes from; None leaves it.

        Raises:
            StorageError: another process is writing, the folder can't be written, or its disk is full.
        """
        with self.hold():
            manifest = self._manifest()
            hashes = {**manifest.get("files", {}), **{name: [hashlib.sha256(data).hexdigest()] for name, data in files.items()}}
            manifest |= {"files": hashes, "schema_version": SCHEMA_VERSION} | ({} if inputs is None else {"inputs": inputs})
            commit(self.path, {**files, MANIFEST: (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()})

    def write(self, name: str, data: bytes) -> None:
        """Write one file; see :meth:`write_all`."""
        self.write_all({name: data})

    def read(self, name: str) -> bytes | None:
        """A file's bytes, or None when it isn't there.

        Raises:
            StorageError: unreadable, or not what the manifest says was written.
        """
        for left in reversed(range(_TRIES)):
            data = self._bytes(name)
            if data is None:
                return None
            hashes = self._manifest().get("files", {}).get(name)
            if hashes is None or hashlib.sha256(data).hexdigest() in hashes:
                return data
            if left:
                time.sleep(0.01)  # a writer may have come between the two files
        raise StorageError(f"{name} is not what chemwright wrote: its content hash differs from {MANIFEST}", where=str(self.path), fix=_RESTORE)

    def read_record(self) -> CaseRecord:
        """The case's record.

        Raises:
            StorageError: no case here, corrupt, or of a newer schema version.
        """
        data = self.read(CASE)
        if data is None:
            raise StorageError(f"no {CASE} in the folder", where=str(self.path), fix="name a folder that `chemwright develop` wrote, or a case.toml")
        try:
            return from_json(data.decode(), CaseRecord, where=CASE)
        except UnicodeDecodeError:
            raise StorageError(f"{CASE} is not UTF-8 text", where=str(self.path), fix=_RESTORE) from None
        except ChemwrightError as error:
            version = _version(data)
            fix = "update chemwright: the case was written by a newer one" if version > SCHEMA_VERSION else _RESTORE
            if version < SCHEMA_VERSION:
                fix = "open it with the chemwright that wrote it, or develop the case file again into a new folder"
            raise StorageError(f"{CASE} can't be read: {error.message}", where=str(self.path), fix=fix) from None

    def version(self) -> int:
        """Schema version that the case states; this chemwright's own when there is no case or it states none."""
        return _version(self._bytes(CASE) or b"")

    def is_newer(self) -> bool:
        """Whether the case was written by a newer schema version than this chemwright reads."""
        return self.version() > SCHEMA_VERSION

    def read_decisions(self) -> tuple[Decision, ...]:
        """The decision log; empty when there is none.

        Raises:
            StorageError: corrupt.
        """
        data = self.read(DECISIONS)
        try:
            return () if data is None else tuple(from_json(data.decode(), list[Decision], where=DECISIONS))
        except (UnicodeDecodeError, ChemwrightError) as error:
            raise StorageError(f"{DECISIONS} can't be read: {error}", where=str(self.path), fix="restore it from a copy; it holds what people decided") from None

    def read_both(self) -> tuple[CaseRecord, tuple[Decision, ...]]:
        """Record and decisions as one writer left them.

        Raises:
            StorageError: as :meth:`read_record` and :meth:`read_decisions`.
        """
        for _ in range(_TRIES):
            before = self._bytes(MANIFEST)
            found = self.read_record(), self.read_decisions()
            if self._bytes(MANIFEST) == before:
                break
        return found

    def write_record(self, record: CaseRecord) -> None:
        """Write the record; see :meth:`write_all`."""
        self.write_all(record_file(record))

    def write_decisions(self, decisions: Iterable[Decision]) -> None:
        """Write the decision log; see :meth:`write_all`."""
        self.write_all(decisions_file(decisions))

    def read_step(self, step: str) -> dict[str, Any] | None:
        """``{"key", "result"}`` of a step; None when it isn't there or can't be trusted (it is computed anew then)."""
        try:
            data = self.read(f"{STEPS}/{step}.json")
            found = None if data is None else json.loads(data)
        except (StorageError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) and set(found) == {"key", "result"} and isinstance(found["key"], str) else None

    def has_step(self, step: str) -> bool:
        """Whether there is a file of that step, readable or not."""
        return (self.path / STEPS / f"{step}.json").exists()

    def write_step(self, step: str, key: str, result: Any) -> None:
        """Write a step's result under its key; see :meth:`write_all`."""
        self.write_all(step_file(step, key, result))

    def inputs(self) -> str:
        """Key of the case file and runs that the record was read from; empty when unknown."""
        found = self._manifest().get("inputs", "")
        return found if isinstance(found, str) else ""

    def _bytes(self, name: str) -> bytes | None:
        try:
            return current(self.path, name)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise StorageError(f"can't read {name}: {error.strerror or error}", where=str(self.path), fix="check the rights to the folder") from None

    def _manifest(self) -> dict[str, Any]:
        """The manifest; empty when it is missing or unreadable (the files then stand for themselves)."""
        try:
            found = json.loads(current(self.path, MANIFEST))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) and isinstance(found.get("files", {}), dict) else {}


def record_file(record: CaseRecord) -> dict[str, bytes]:
    """The record as a file of the folder."""
    return {CASE: (to_json(record) + "\n").encode()}


def decisions_file(decisions: Iterable[Decision]) -> dict[str, bytes]:
    """The decision log as a file of the folder."""
    return {DECISIONS: (to_json(list(decisions)) + "\n").encode()}


def step_file(step: str, key: str, result: Any) -> dict[str, bytes]:
    """A step's result as a file of the folder."""
    return {f"{STEPS}/{step}.json": (to_json({"key": key, "result": result}) + "\n").encode()}


def _version(data: bytes) -> int:
    """The schema version that a case.json states; this chemwright's when it states none."""
    try:
        found = json.loads(data).get("schema_version", SCHEMA_VERSION)
    except (ValueError, AttributeError, RecursionError):
        return SCHEMA_VERSION
    return found if isinstance(found, int) else SCHEMA_VERSION
