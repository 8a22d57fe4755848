"""A package that comes from elsewhere is looked through before a byte of it is used: names, kinds, sizes, ratios, and every hash."""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from chemwright.errors import InputError

MAX_FILES = 200_000
MAX_FILE = 2 * 2**30
MAX_TOTAL = 16 * 2**30
MAX_RATIO = 300.0
SMALL = 2**20  # a file this small is no bomb, whatever its ratio
MAX_MANIFEST = 64 * 2**20
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_BAD = "don't use this file; ask its sender for a new export"


def look_through(archive: zipfile.ZipFile, path: Path, allowed: re.Pattern[str], *, max_total: int = MAX_TOTAL) -> dict[str, zipfile.ZipInfo]:
    """The files of an archive by name, when all of them are what they should be.

    Args:
        archive: opened.
        path: its file.
        allowed: pattern that every name matches in full; it lets no ``..``, no absolute path and no backslash through.
        max_total: bytes that all files together may unpack to.

    Raises:
        InputError: a name that is not allowed or comes twice, a link or device, an encrypted file, overlapping files, too many or too large ones, or one that
            unpacks to over 300 times its size.
    """
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        raise InputError(f"{len(infos)} files, at most {MAX_FILES} expected", where=path.name, fix=_BAD)
    out: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in infos:
        _check_one(info, path, allowed)
        if info.is_dir():
            continue
        if info.filename.casefold() in seen:
            raise InputError(f"the file {info.filename[:80]!r} comes twice", where=path.name, fix=_BAD)
        seen.add(info.filename.casefold())
        out[info.filename] = info
    if sum(i.file_size for i in infos) > max_total:
        raise InputError(f"unpacks to {sum(i.file_size for i in infos) / 2**30:.1f} GiB, at most {max_total / 2**30:.0f} GiB expected", where=path.name, fix="ask for it in parts")
    if sum(i.compress_size for i in infos) > path.stat().st_size:
        raise InputError("its files overlap", where=path.name, fix=_BAD)
    return out


def _check_one(info: zipfile.ZipInfo, path: Path, allowed: re.Pattern[str]) -> None:
    shown = repr(info.orig_filename[:80])
    if info.orig_filename != info.filename or not allowed.fullmatch(info.filename):
        raise InputError(f"the file {shown} has no place in a package", where=path.name, fix=_BAD)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) and not (info.is_dir() and kind == stat.S_IFDIR):
        raise InputError(f"{shown} is a {'link' if kind == stat.S_IFLNK else 'special file'}", where=path.name, fix=_BAD)
    if info.flag_bits & 0x1:
        raise InputError(f"{shown} is encrypted", where=path.name, fix="ask for it without a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{shown} is packed in a way that chemwright does not read", where=path.name, fix="pack it as an ordinary zip")
    if info.file_size > MAX_FILE:
        raise InputError(f"{shown} unpacks to {info.file_size / 2**30:.1f} GiB, at most {MAX_FILE / 2**30:.0f} GiB expected", where=path.name, fix=_BAD)
    if info.file_size > SMALL and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise InputError(f"{shown} unpacks to {info.file_size / max(info.compress_size, 1):.0f} times its size", where=path.name, fix=_BAD)


def check_hashes(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], path: Path, manifest: str, progress: Callable[[str, float | None], None] | None = None) -> None:
    """Every file against the manifest, and the manifest against the files.

    Raises:
        InputError: no manifest; a file that it does not name or that is missing, changed or damaged.
    """
    if manifest not in files:
        raise InputError(f"no {manifest} in it", where=path.name, fix="give a package that chemwright wrote: chemwright kb export")
    if files[manifest].file_size > MAX_MANIFEST:
        raise InputError(f"its {manifest} is too large", where=path.name, fix=_BAD)
    told: dict[str, str] = {}
    for number, line in enumerate(read(archive, manifest, path).decode("utf-8", "replace").splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None or match.group(2) in told:
            raise InputError(f"line {number} can't be read", where=f"{path.name}, {manifest}", fix=_BAD)
        told[match.group(2)] = match.group(1)
    names = set(files) - {manifest}
    if names != set(told):
        odd = sorted(names ^ set(told))[0]
        raise InputError(f"{odd[:80]!r} is {'missing' if odd in told else 'not in the manifest'}", where=path.name, fix="fetch it anew, or ask its sender for a new export")
    for n, (name, sha) in enumerate(sorted(told.items()), start=1):
        if progress is not None:
            progress(f"checking {name}", n / len(told))
        if _hash(archive, files[name], path) != sha:
            raise InputError(f"{name!r} is not as its sender wrote it", where=path.name, fix="fetch it anew, or ask its sender for a new export")


def _hash(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> str:
    hasher, size = hashlib.sha256(), 0
    try:
        with archive.open(info) as stream:
            while block := stream.read(1 << 20):
                size += len(block)
                hasher.update(block)
                if size > info.file_size:
                    break
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{info.filename!r} is damaged: {str(error)[:80]}", where=path.name, fix="fetch it anew") from None
    return hasher.hexdigest() if size == info.file_size else ""


def read(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """A file of an archive that was looked through.

    Raises:
        InputError: damaged.
    """
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{name!r} is damaged: {str(error)[:80]}", where=path.name, fix="fetch it anew") from None
