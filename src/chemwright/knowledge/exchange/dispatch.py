"""Which reader a file is for: by what it holds, its ending only where the content can't say."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.exchange.taking import Progress, Taken
from chemwright.record import Filing

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

HEAD = 65_536
FORMS = ("package", "ord", "thermoml", "jcamp", "cantera", "xlsx", "csv", "sdf")


def recognise(path: str | Path) -> str:
    """The format of a file, one of :data:`FORMS`.

    Raises:
        InputError: missing, empty, or of no format that is read.
    """
    from chemwright.knowledge.exchange.reading import read_bytes

    file = Path(path)
    if file.is_dir():
        raise InputError("is a folder, a file is expected", where=str(file), fix="name a file in it")
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError:
        head = read_bytes(file)  # says what is wrong
    if not head.strip():
        raise InputError("the file is empty", where=file.name, fix="check that it was saved")
    packed = head.startswith(b"\x1f\x8b")
    if packed:
        try:
            with gzip.open(file, "rb") as unpacked:
                head = unpacked.read(HEAD)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"can't be unpacked: {str(error)[:80]}", where=file.name, fix="fetch it anew: it is damaged") from None
    form = _zipped(file) if head.startswith(b"PK") else _by_content(head, file.name.lower().removesuffix(".gz"))
    if not form:
        raise InputError("of no format that is read", where=file.name, fix="known: " + ", ".join(FORMS) + "; name it: --form NAME")
    return form


def _zipped(file: Path) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist()[:2000])
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return ""
    return "package" if "ro-crate-metadata.json" in names or "manifest-sha256.txt" in names else "xlsx" if "xl/workbook.xml" in names else ""


def _by_content(head: bytes, name: str) -> str:
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("<"):
        return "thermoml" if "DataReport" in text else ""
    if text.startswith("##") and "JCAMP" in text.upper():
        return "jcamp"
    if "$$$$" in text or "V2000" in text[:2000] or "V3000" in text[:2000]:
        return "sdf"
    if name.endswith((".yaml", ".yml")) and any(f"\n{k}:" in "\n" + text for k in ("phases", "species", "reactions", "units")):
        return "cantera"
    if name.endswith((".pb", ".pbtxt")) or (b"\0" in head and head[:1] in (b"\x0a", b"\x12", b"\x1a")):
        return "ord"
    if name.endswith(".json") and text.startswith("{"):
        return "ord"
    if "reactions {" in text or "identifiers {" in text:
        return "ord"
    if b"\0" in head:
        return ""
    if name.endswith((".sdf", ".sd", ".mol", ".smi")):
        return "sdf"
    return "csv" if name.endswith((".csv", ".tsv", ".txt")) else ""


def import_file(
    kb: KnowledgeBase,
    path: str | Path,
    *,
    form: str = "",
    filing: Filing | None = None,
    status: str | None = None,
    progress: Progress = None,
    table_reader: Callable[[KnowledgeBase, Path], Any] | None = None,
) -> Any:
    """Read a file into the base, whatever its format.

    Args:
        kb: base to file into.
        path: the file.
        form: one of :data:`FORMS`; recognised by content when empty.
        filing: terms for all of it; a package carries its own.
        status: of a package's records, as ``proposed``; the sender's when None.
        progress: called as it goes on.
        table_reader: what reads tables and structure files, which need a mapping; its answer is given back as it is.

    Returns:
        a :class:`Taken`, or what ``table_reader`` returned.

    Raises:
        ChemwrightError: an unknown format, or what its reader refuses.
    """
    from chemwright.knowledge.exchange.cantera_yaml import import_cantera
    from chemwright.knowledge.exchange.jcamp import import_jcamp
    from chemwright.knowledge.exchange.ord import import_ord
    from chemwright.knowledge.exchange.package_read import import_package
    from chemwright.knowledge.exchange.thermoml import import_thermoml

    form = form or recognise(path)
    if form == "package":
        return import_package(kb, path, status=status, progress=progress)
    readers: dict[str, Callable[..., Taken]] = {"ord": import_ord, "thermoml": import_thermoml, "jcamp": import_jcamp, "cantera": import_cantera}
    if form in readers:
        return readers[form](kb, path, filing=filing, progress=progress)
    if form not in FORMS:
        raise InputError(f"format {form!r}", where=str(path), fix=did_you_mean(form, FORMS))
    if table_reader is None:
        raise InputError(
            "a table or structure file needs a mapping that says what it holds", where=Path(path).name, fix="import it with a mapping: chemwright kb import FILE --map ..."
        )
    return table_reader(kb, Path(path))
