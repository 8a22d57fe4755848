"""A case on disk: a folder of readable JSON, each file written whole or not at all, its content hash in a manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from chemwright.errors import ChemwrightError, StorageError
from chemwright.record import SCHEMA_VERSION, CaseRecord, Decision, from_json, to_json
from chemwright.record.atomic import write_atomic

CASE, DECISIONS, MANIFEST, STEPS, ARTEFACTS = "case.json", "decisions.json", "manifest.json", "steps", "artefacts"
_RESTORE = "restore the folder from a copy, or develop the case file again into a new folder"


class CaseFolder:
    """Reads and writes the files of one case; holds nothing but the path.

    The manifest keeps the two last content hashes of each file and is written before the file, so that a crash between the two
    leaves a file that still agrees with it.

    Args:
        path: the folder; made when something is written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def exists(self) -> bool:
        """Whether there is a case in the folder."""
        return (self.path / CASE).is_file()

    def write(self, name: str, data: bytes) -> None:
        """Write one file (``/`` parts folders) and its hash.

        Raises:
            StorageError: the folder can't be written.
        """
        with self._lock():
            manifest = self._manifest()
            files = manifest.setdefault("files", {})
            kept = files.get(name) if isinstance(files.get(name), list) else []
            digest = hashlib.sha256(data).hexdigest()
            files[name] = [*[h for h in kept if h != digest][-1:], digest]
            manifest["schema_version"] = SCHEMA_VERSION
            write_atomic(self.path / MANIFEST, _text(manifest))
            write_atomic(self.path / name, data)

    def read(self, name: str) -> bytes | None:
        """A file's bytes, or None when it isn't there.

        Raises:
            StorageError: unreadable, or not what the manifest says was written.
        """
        try:
            data = (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StorageError(f"can't read {name}: {error.strerror or error}", where=str(self.path), fix="check the rights to the folder") from None
        hashes = self._manifest().get("files", {}).get(name)
        if hashes is not None and hashlib.sha256(data).hexdigest() not in hashes:
            raise StorageError(f"{name} is not what chemwright wrote: its content hash differs from {MANIFEST}", where=str(self.path), fix=_RESTORE)
        return data

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
            newer = _version(data) > SCHEMA_VERSION
            raise StorageError(
                f"{CASE} can't be read: {error.message}", where=str(self.path), fix="update chemwright: the case was written by a newer one" if newer else _RESTORE
            ) from None

    def is_newer(self) -> bool:
        """Whether the case was written by a newer schema version than this chemwright reads."""
        with suppress(OSError):
            return _version((self.path / CASE).read_bytes()) > SCHEMA_VERSION
        return False

    def write_record(self, record: CaseRecord) -> None:
        """Write the record; see :meth:`write`."""
        self.write(CASE, (to_json(record) + "\n").encode())

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

    def write_decisions(self, decisions: Iterable[Decision]) -> None:
        """Write the decision log; see :meth:`write`."""
        self.write(DECISIONS, (to_json(list(decisions)) + "\n").encode())

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
        """Write a step's result under its key; see :meth:`write`."""
        self.write(f"{STEPS}/{step}.json", (to_json({"key": key, "result": result}) + "\n").encode())

    def inputs(self) -> str:
        """Key of the case file and runs that the record was read from; empty when unknown."""
        found = self._manifest().get("inputs", "")
        return found if isinstance(found, str) else ""

    def write_inputs(self, key: str) -> None:
        """Keep the key of the case file and runs."""
        with self._lock():
            write_atomic(self.path / MANIFEST, _text({**self._manifest(), "inputs": key}))

    def _manifest(self) -> dict[str, Any]:
        """The manifest; empty when it is missing or unreadable (the files then stand for themselves)."""
        try:
            found = json.loads((self.path / MANIFEST).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) and isinstance(found.get("files", {}), dict) else {}

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One writer at a time, where the system can lock files."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            stream = open(self.path / ".lock", "ab")  # noqa: SIM115
        except OSError as error:
            raise StorageError(f"can't write the folder: {error.strerror or error}", where=str(self.path), fix="choose a folder you may write to") from None
        with stream:
            with suppress(ImportError, OSError):  # no fcntl on Windows, no locks on some network disks
                import fcntl

                fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _text(data: Any) -> bytes:
    return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def _version(data: bytes) -> int:
    """The schema version that a case.json states; 0 when it states none."""
    try:
        found = json.loads(data).get("schema_version", 0)
    except (ValueError, AttributeError, RecursionError):
        return 0
    return found if isinstance(found, int) else 0
