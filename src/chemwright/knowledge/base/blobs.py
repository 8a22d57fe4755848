"""Files and arrays inside the database, known by their content and kept in parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection, select

from chemwright.errors import InputError, StorageError
from chemwright.knowledge.base.schema import blob
from chemwright.knowledge.base.substances import insert_ignore

PART = 8 * 2**20
MAX_BYTES = 2 * 2**30


def put(connection: Connection, data: bytes | memoryview) -> str:
    """Keep bytes; the same bytes are kept once.

    Returns:
        their SHA-256 in hexadecimal.

    Raises:
        InputError: more than 2 GiB.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{len(data) / 2**30:.1f} GiB, at most {MAX_BYTES / 2**30:.0f} GiB expected", where="asset", fix="keep the file outside and file its address as a note, or split it"
        )
    key = hashlib.sha256(data).hexdigest()
    if connection.execute(select(blob.c.part).where(blob.c.sha256 == key).limit(1)).scalar() is None:
        for part, start in enumerate(range(0, max(len(data), 1), PART)):
            connection.execute(insert_ignore(connection, blob), {"sha256": key, "part": part, "data": bytes(data[start : start + PART])})
    return key


def parts(connection: Connection, sha256: str) -> Iterator[bytes]:
    """The bytes of a file, part by part."""
    for (data,) in connection.execute(select(blob.c.data).where(blob.c.sha256 == sha256).order_by(blob.c.part)):
        yield bytes(data)


def get(connection: Connection, sha256: str) -> bytes:
    """The bytes of a file, checked against their hash.

    Raises:
        StorageError: not there, or damaged.
    """
    data = b"".join(parts(connection, sha256))
    if hashlib.sha256(data).hexdigest() != sha256:
        known = connection.execute(select(blob.c.part).where(blob.c.sha256 == sha256).limit(1)).scalar() is not None
        raise StorageError(
            "the stored file is damaged" if known else "no such file", where=f"asset {sha256[:16]}", fix="chemwright kb verify --restore" if known else "check the hash"
        )
    return data
