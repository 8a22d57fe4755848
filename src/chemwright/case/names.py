"""Names of folders that every system takes, made from the name of a case."""

from __future__ import annotations

import re
from pathlib import Path

from chemwright.errors import InputError, StorageError

FILES = ("case.toml", "runs.csv")
MAX_NAME, MAX_FOLDER = 100, 60
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])", re.I)
"""Devices of Windows, which no file or folder there can be called, with or without an ending."""


def clean_name(name: str) -> str:
    """A case's name with single spaces.

    Raises:
        InputError: no letter or digit, over 100 characters, or characters that can't be printed.
    """
    clean = " ".join(name.split())
    if not re.search(r"[^\W_]", clean) or len(clean) > MAX_NAME or not clean.isprintable():
        raise InputError(f"{name[:MAX_NAME]!r} is no name for a case", fix=f"use letters and digits, at most {MAX_NAME}, as in 'butyl-acetate'")
    return clean


def folder_name(name: str) -> str:
    """The folder of a case of that name: letters (of any script), digits, ``_``, ``-`` and inner dots.

    What Windows refuses is changed: ``< > : " / \\ | ? *`` become ``-``, dots at the end are dropped, and a device's name (``con``, ``aux``,
    ``com1.x``) gets ``-case``. At most 60 characters and 180 bytes, since most systems end at 255 bytes.

    Raises:
        InputError: as :func:`clean_name`.
    """
    slug = re.sub(r"[^\w.-]+", "-", clean_name(name))[:MAX_FOLDER]
    while len(slug.encode()) > 3 * MAX_FOLDER:
        slug = slug[:-1]
    slug = slug.strip("-.")
    head, dot, rest = slug.partition(".")
    return f"{head}-case{dot}{rest}" if _RESERVED.fullmatch(head) else slug


def target_folder(name: str, folder: str | Path | None) -> Path:
    """Where a new case goes.

    Raises:
        InputError: no name for a case. StorageError: a case is there already.
    """
    target = Path(folder_name(name)) if folder is None else Path(folder)
    there = [f for f in FILES if (target / f).exists()]
    if there:
        raise StorageError(f"{' and '.join(there)} would be overwritten", where=str(target), fix="choose another --folder")
    return target
