"""One way out of the base: what a query finds, in the form that the file's name tells, as far as terms and licences allow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import asdict

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.base.database import KnowledgeBase

Progress = Callable[[str, float | None], None]
FORMS = ("package", "claims-csv", "experiments-csv", "jsonl", "ord", "jcamp", "cantera")
ENDINGS = {
    ".zip": "package",
    ".csv": "claims-csv",
    ".jsonl": "jsonl",
    ".pb": "ord",
    ".gz": "ord",
    ".pbtxt": "ord",
    ".jdx": "jcamp",
    ".dx": "jcamp",
    ".yaml": "cantera",
    ".yml": "cantera",
}
ONE = ("jcamp", "cantera")


def export(
    base: KnowledgeBase, out: Path, *, query: str = "", find: str = "claims", form: str = "", key: str = "", group: bool = False, commercial: bool = False, leave_out: bool = False,
    allow: tuple[str, ...] = (), title: str = "", progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write records for others.

    Args:
        base: to read.
        out: file to write.
        query, find: a search whose results are written; everything when ``query`` is empty.
        form: one of :data:`FORMS`; by the file's ending when empty.
        key: of a spectrum's record (jcamp), or name of a mechanism (cantera).
        group, commercial, leave_out, allow: as in :class:`chemwright.knowledge.exchange.rights.Purpose` and the writers.
        title: of a package.
        progress: called as it goes on.

    Returns:
        ``form``, ``file``, ``records`` (kind to number), ``notes``, ``left_out``.

    Raises:
        InputError: an unknown form, nothing found, or records that may not leave, each with the reason. StorageError: the file can't be written.
    """
    from chemwright.knowledge.exchange import package, tables
    from chemwright.knowledge.exchange.rights import Purpose

    form = form or ENDINGS.get(out.suffix.lower(), "")
    if form not in FORMS:
        fix = did_you_mean(form, FORMS) if form else "name it .zip, .csv, .jsonl, .pb.gz, .jdx or .yaml, or give --form"
        raise InputError(f"form {form!r}" if form else f"no form ends in {out.suffix!r}", where="export", fix=fix)
    purpose = Purpose("group" if group else "public", commercial, form != "package", allow)
    if form in ONE:
        return {"form": form, **asdict(_one(base, out, form, key, purpose))}
    selection = _selection(base, query, find)
    if form == "package":
        written: Any = package.export_package(base, out, selection, purpose=purpose, leave_out=leave_out, title=title, progress=progress)
    elif form == "ord":
        from chemwright.knowledge.exchange.ord_write import write_ord

        written = write_ord(base, out, selection, purpose=purpose, leave_out=leave_out, progress=progress)
    else:
        writer = {"claims-csv": tables.write_claims_csv, "experiments-csv": tables.write_experiments_csv, "jsonl": tables.write_jsonl}[form]
        written = writer(base, out, selection, purpose=purpose, leave_out=leave_out)
    return {"form": form, **asdict(written)}


def _selection(base: KnowledgeBase, query: str, find: str) -> list[str] | None:
    """Keys of what a query finds; None for everything.

    Raises:
        InputError: nothing found.
    """
    if not query:
        return None
    from chemwright.knowledge.search import search

    keys = [f.key for f in search(base, query, find, limit=None)]
    if not keys:
        raise InputError(f"nothing found by {query!r}", where="export", fix="try it first: chemwright kb search")
    return keys


def _one(base: KnowledgeBase, out: Path, form: str, key: str, purpose: Any) -> Any:
    if not key:
        raise InputError(f"{form} writes one record", where="export", fix="name it: --key KEY of the spectrum, or the name of the mechanism")
    if form == "jcamp":
        from chemwright.knowledge.exchange.jcamp import write_jcamp

        return write_jcamp(base, out, key, purpose=purpose)
    from chemwright.knowledge.exchange.cantera_write import write_cantera

    return write_cantera(base, out, key, purpose=purpose)
