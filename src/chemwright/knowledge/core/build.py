"""The shipped core as a knowledge base: built once from the tables of ``chemicals``, kept in the user's cache, copied into every new base."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from chemwright.errors import ChemwrightError, StorageError
from chemwright.knowledge import identity, names_zh
from chemwright.knowledge.base import audit, schema, sources, substances, text
from chemwright.knowledge.base.claims import ClaimRow, file_claims
from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.base.schema import DB_VERSION, meta
from chemwright.knowledge.core import curves, readings
from chemwright.knowledge.core.readings import Reading
from chemwright.quantity.units import factor
from chemwright.record import Filing, SubstanceRecord

Progress = Callable[[str, float | None], None]
TERMS = Filing(licence="MIT", visibility="public", owner="chemwright core")
SYNONYMS = 8
PARALLEL_FROM = 4000
_ODD = re.compile(r"^[\d-]+$|\[|\bcid\d|;|^[a-z]{0,4}\d{3,}", re.IGNORECASE)


def cache_folder() -> Path:
    """Where chemwright keeps what it can make again: ``CHEMWRIGHT_CACHE``, or the platform's place for such files."""
    if given := os.environ.get("CHEMWRIGHT_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "chemwright"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "chemwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chemwright"


def _stamp() -> str:
    """What the core is made from: versions and lists; another stamp, another file."""
    import chemicals

    lists = [
        (files("chemwright") / "data" / part / name).read_bytes()
        for part, name in (("core", "tables.csv"), ("core", "sources.csv"), ("core", "names_zh.csv"), ("vocabulary", "properties.csv"))
    ]
    lists += [Path(m.__file__ or "").read_bytes() for m in (readings, curves, identity, names_zh, schema, text)]
    return hashlib.sha256(b"\0".join([str(DB_VERSION).encode(), chemicals.__version__.encode(), *lists])).hexdigest()[:16]


def core_file(progress: Progress | None = None) -> Path:
    """The core's file, built on first use (about a minute).

    Raises:
        StorageError: the cache can't be written.
    """
    path = cache_folder() / f"core-{_stamp()}.kb"
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        except OSError as error:
            raise StorageError(f"can't write the cache: {error.strerror}", where=str(path.parent), fix="set CHEMWRIGHT_CACHE to a folder you may write to") from None
        os.close(handle)
        draft = Path(name)
        try:
            build_core(draft, progress)
            os.replace(draft, path)
        finally:
            for end in ("", "-wal", "-shm"):
                with suppress(OSError):
                    Path(f"{draft}{end}").unlink()
        for old in path.parent.glob("core-*.kb"):
            if old != path:
                with suppress(OSError):
                    old.unlink()
    return path


def build_core(path: Path, progress: Progress | None = None, limit: int | None = None) -> dict[str, int]:
    """Write the core into a new file.

    Args:
        path: file to make; empty or not there.
        progress: told what is being done.
        limit: only this many substances (for tests); the ones with most figures.

    Returns:
        counts of substances, claims taken in, and figures refused because they are physically impossible.
    """
    tell = progress or (lambda text, fraction: None)
    tell("reading tables", 0.02)
    figures = [*readings.direct(), *readings.exposure_limits(), *curves.fitted()]
    wanted = _most(figures, limit)
    tell("reading structures", 0.10)
    found = _substances(wanted, tell)
    with open_base(path, create=True, who="chemwright core") as base:
        words = base.vocabulary
        units = {r.property: words.find(r.property, "shipped core") for r in figures}
        with base.writing() as connection:
            tell("filing substances", 0.55)
            rows = substances.ensure(connection, list(found.values()), TERMS)
            source_rows = sources.ensure_sources(connection, readings.sources())
            property_rows = sources.ensure_properties(connection, units)
            tell("filing claims", 0.75)
            refused: list[str] = []
            taken, again = file_claims(connection, _rows(figures, found, rows, source_rows, property_rows, units, refused), TERMS)
            connection.execute(insert(meta), [{"name": "core", "value": _stamp()}])
            audit.write(connection, base.who, "core", claims=taken, repeated=again, refused=len(refused), refusals=refused[:200])
        tell("settling", 0.95)
        with base.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.rollback()
            raw.execute("ANALYZE")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.execute("PRAGMA journal_mode = DELETE")
    tell("done", 1.0)
    return {"substances": len(rows), "claims": taken, "repeated": again, "refused": len(refused)}


def _most(figures: Iterable[Reading], limit: int | None) -> list[int]:
    count: dict[int, int] = {}
    for r in figures:
        count[r.cas] = count.get(r.cas, 0) + 1
    ranked = sorted(count, key=lambda cas: (-count[cas], cas))
    return sorted(ranked if limit is None else ranked[:limit])


def _rows(
    figures: Iterable[Reading],
    found: dict[int, SubstanceRecord],
    rows: dict[str, int],
    source_rows: dict[str, int],
    property_rows: dict[str, int],
    units: dict[str, Any],
    refused: list[str],
) -> Iterator[ClaimRow]:
    for r in figures:
        substance = found.get(r.cas)
        if substance is None:
            continue
        item = units[r.property]
        scale, offset = factor(r.unit, item.unit)
        value = float(f"{r.value * scale + offset:.12g}")
        wrong = item.check(value)
        if wrong:
            refused.append(f"{substance.name or substance.key} {r.property} ({r.source}): {wrong}")
            continue
        conditions = {} if r.temperature is None else {"temperature": r.temperature}
        std = None if r.std is None else r.std * abs(scale)
        given = "" if r.unit == item.unit else f"{r.value:.12g} {r.unit}"
        identity_ = (substance.key, r.property, r.source)
        yield ClaimRow(
            rows[substance.key], property_rows[r.property], source_rows[r.source], identity_, value, std, conditions, r.tier, r.phase, r.method, given, "", item.suspicion(value)
        )


def _substances(wanted: list[int], tell: Progress) -> dict[int, SubstanceRecord]:
    """Records by CAS number: with structure where the identifiers have one, else by name and number."""
    from chemicals.identifiers import get_pubchem_db, int_to_CAS

    database = get_pubchem_db()
    database.finish_loading()
    called = readings.names()
    jobs, out = [], {}
    for cas in wanted:
        entry = database.CAS_index.get(cas)
        number = str(int_to_CAS(cas))
        if entry is None or not entry.smiles:
            name = called.get(cas, "")
            out[cas] = SubstanceRecord(f"cas:{number}", "name", name or f"CAS {number}", cas=number, synonyms=names_zh.names_of(number))
        else:
            jobs.append((cas, str(entry.smiles), str(entry.common_name), number, (*_names(entry), *names_zh.names_of(number))))
    for done, (cas, record) in enumerate(_described(jobs), 1):
        out[cas] = record
        if done % 2000 == 0:
            tell("reading structures", 0.10 + 0.45 * done / len(jobs))
    return out


def _names(entry: Any) -> tuple[str, ...]:
    """The first few names of an entry that a person would use."""
    good = dict.fromkeys(str(n) for n in (entry.iupac_name, *entry.synonyms[:40]) if n and len(str(n)) <= 120 and not _ODD.search(str(n)))
    return tuple(n for n in good if n != entry.common_name)[:SYNONYMS]


def _described(jobs: list[tuple[int, str, str, str, tuple[str, ...]]]) -> Iterator[tuple[int, SubstanceRecord]]:
    """Structures read, by two processes where there are many."""
    if len(jobs) < PARALLEL_FROM or (os.cpu_count() or 1) < 2:
        yield from map(_describe, jobs)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_describe, jobs, chunksize=500)


def _describe(job: tuple[int, str, str, str, tuple[str, ...]]) -> tuple[int, SubstanceRecord]:
    cas, smiles, name, number, others = job
    try:
        return cas, identity.molecular(smiles, name=name, cas=number, synonyms=others)
    except ChemwrightError:
        return cas, SubstanceRecord(f"cas:{number}", "name", name, cas=number, synonyms=others, note="its structure in the tables can't be read")


def has_core(connection: Any) -> bool:
    """Whether a base holds the shipped core."""
    return connection.execute(select(meta.c.value).where(meta.c.name == "core")).scalar() is not None
