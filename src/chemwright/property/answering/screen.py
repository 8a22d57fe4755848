"""Properties of a file of molecules, in parts: on all cores, in bounded memory, and taken up again where it was stopped.

Lines go to workers in blocks of :data:`BLOCK`; each block becomes a part beside the result (``props.parquet.parts``), written under another name and then renamed, so that a part that is
there is whole. When all are there they are joined into the result and removed. A line that is no molecule is a row with the reason in the column ``error``.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from chemwright.errors import InputError, StorageError
from chemwright.property.answer import TIERS
from chemwright.property.answering.ask import check_tier, column_of, conditions
from chemwright.property.answering.catalogue import BY_NAME, CORE, chosen

BLOCK = 1000
ENDINGS = (".smi", ".smiles", ".txt", ".csv", ".tsv")
Progress = Callable[[str, float | None], None]
Line = tuple[int, str, str]


@frozen
class Job:
    """What is asked of every molecule; two runs with the same job may share parts."""

    source: str
    size: int
    changed: int
    properties: tuple[str, ...]
    T: float
    P: float
    tier: str
    kb: str
    block: int

    @property
    def stamp(self) -> str:
        """What tells one job from another, with the release of chemwright."""
        return hashlib.sha256(json.dumps([asdict(self), _release()], sort_keys=True).encode()).hexdigest()[:20]


def _release() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("chemwright")
    except PackageNotFoundError:
        return ""


def is_file_of_molecules(text: str) -> bool:
    """Whether a text names a file that :func:`screen` reads."""
    name = text.lower().removesuffix(".gz")
    return name.endswith(ENDINGS) and Path(text).is_file()


def screen(
    source: str | Path,
    out: str | Path,
    properties: Sequence[str] | None = None,
    T: float | str | None = None,
    P: float | str | None = None,
    kb: str | Path | None = None,
    tier: str = "",
    workers: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Answer for every molecule of a file.

    Args:
        source: ``.smi`` (SMILES, then a name, a line), ``.csv`` or ``.tsv`` with a column ``smiles``; also with ``.gz``.
        out: ``.parquet`` or ``.csv`` to write. Columns: row, smiles, name, error and for each property its value, ``_low``, ``_high`` (90 %), ``_tier`` and ``_in_domain``.
        properties: names; eight common ones when left out.
        T, P, kb, tier: as in :func:`chemwright.property.answering.properties`.
        workers: processes; one for each core when 0.
        progress: told what is done.

    Returns:
        counts of ``rows`` and ``errors``, how many parts were ``kept`` from an earlier run, and ``out``.

    Raises:
        InputError: a file that can't be read so, an unknown property; StorageError: parts of another job are in the way.
    """
    path, target = Path(source), Path(out)
    if target.suffix not in (".parquet", ".csv"):
        raise InputError(f"{target.name} ends in {target.suffix or 'nothing'}", where="--out", fix="name it .parquet or .csv")
    if not path.is_file():
        raise InputError(f"no file {path}", where=str(path), fix="check the path")
    if not target.parent.is_dir():
        raise InputError(f"no folder {target.parent}", where="--out", fix="make it first")
    check_tier(tier)
    t, p = conditions(T, P)
    names = tuple(a.name for a in chosen(CORE if properties is None else properties) if a.name != "ghs_hazard_statements")
    stat = path.stat()
    job = Job(str(path.resolve()), stat.st_size, stat.st_mtime_ns, names, t, p, tier, "" if kb is None else str(kb), BLOCK)
    tell = progress or (lambda text, fraction: None)
    total = sum(1 for _ in lines(path))
    folder = _parts_folder(target, job)
    blocks = -(-total // BLOCK)
    done = {int(f.stem.split("-")[1]) for f in folder.glob("part-*.parquet")}
    kept = len(done)
    todo = (job_block for job_block in _blocks(path) if job_block[0] not in done)
    for count, _ in enumerate(_worked(job, folder, todo, min(workers or cores(), max(blocks - kept, 1))), kept + 1):
        tell(f"{min(count * BLOCK, total)} of {total} molecules", count / max(blocks, 1))
    tell("joining", 1.0)
    rows, errors = _joined(folder, target, job, blocks)
    return {"rows": rows, "errors": errors, "kept": kept, "out": str(target), "properties": list(names)}


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def lines(path: Path) -> Iterator[Line]:
    """Row number, SMILES and name of each line that isn't empty; the header of a table does not count.

    Raises:
        InputError: a table without a column ``smiles``.
    """
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") if path.suffix == ".gz" else path.open(encoding="utf-8", errors="replace", newline="") as handle:
        name = path.name.lower().removesuffix(".gz")
        if not name.endswith((".csv", ".tsv")):
            number = 0
            for number, line in enumerate(handle, 1):
                parts = line.split(maxsplit=1)
                if parts:
                    yield number, parts[0], parts[1].strip() if len(parts) > 1 else ""
            return
        csv.field_size_limit(10_000_000)
        rows = csv.reader((line.replace("\0", "") for line in handle), delimiter="\t" if name.endswith(".tsv") else ",")
        head = [h.strip().lower().lstrip("\ufeff") for h in next(rows, [])]
        if "smiles" not in head:
            raise InputError(f"no column 'smiles' among {', '.join(head[:10]) or 'nothing'}", where=f"{path.name}, row 1", fix="name the column of structures smiles")
        at, named = head.index("smiles"), next((head.index(n) for n in ("name", "id", "title") if n in head), -1)
        for number, row in enumerate(rows, 2):
            if any(cell.strip() for cell in row):
                yield number, row[at].strip() if at < len(row) else "", row[named].strip() if 0 <= named < len(row) else ""


def _blocks(path: Path) -> Iterator[tuple[int, list[Line]]]:
    rows = lines(path)
    number = 0
    while block := list(islice(rows, BLOCK)):
        yield number, block
        number += 1


def _parts_folder(target: Path, job: Job) -> Path:
    folder = target.with_name(target.name + ".parts")
    note = folder / "job.json"
    if note.exists() and json.loads(note.read_text(encoding="utf-8")).get("stamp") != job.stamp:
        raise StorageError(
            "parts of another job are there: another input, other properties or conditions, or another release", where=str(folder), fix="remove the folder, or name another --out"
        )
    folder.mkdir(exist_ok=True)
    for left in folder.glob("*.writing*"):
        left.unlink(missing_ok=True)
    draft = folder / "job.json.writing"
    draft.write_text(json.dumps({"stamp": job.stamp, **asdict(job)}, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, note)
    return folder


def _worked(job: Job, folder: Path, todo: Iterator[tuple[int, list[Line]]], workers: int) -> Iterator[int]:
    """Numbers of the parts as they are written."""
    if workers < 2:
        for number, block in todo:
            write_part(job, folder, number, block)
            yield number
        return
    from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        running: set[Future[int]] = set()
        for number, block in todo:
            running.add(pool.submit(write_part, job, folder, number, block))
            if len(running) >= 2 * workers:  # no more than that waits in memory
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (f.result() for f in ended)
        yield from (f.result() for f in running)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def write_part(job: Job, folder: Path, number: int, block: list[Line]) -> int:
    """Answer for one block of lines and write its part; the number is given back."""
    import pyarrow.parquet as pq

    try:
        table = answered(job, block)
    except Exception:  # one molecule that a library falls over must not take the others with it
        import pyarrow as pa

        table = pa.concat_tables([_alone(job, line) for line in block])
    draft = folder / f"part-{number:07d}.parquet.writing{os.getpid()}"
    pq.write_table(table, draft, compression="zstd")
    os.replace(draft, folder / f"part-{number:07d}.parquet")
    return number


def _alone(job: Job, line: Line) -> Any:
    try:
        return answered(job, [line])
    except Exception as error:
        return answered(job, [(line[0], "", line[2])], {0: (line[1], f"{type(error).__name__}: {error}"[:200])})


def answered(job: Job, block: Sequence[Line], failed: dict[int, tuple[str, str]] | None = None) -> Any:
    """The rows of a block as a table of pyarrow; ``failed`` names rows that are known to fail, by position: SMILES and reason."""
    import pyarrow as pa

    from chemwright.property.answering.facts import Facts, subject
    from chemwright.property.answering.found import figures_of, own_figures, place_of_graph
    from chemwright.property.answering.learnt import Learnt
    from chemwright.property.answering.sheet import Sheet

    subjects = [subject(smiles) for _, smiles, _ in block]
    figures = figures_of([place_of_graph(s.graph) if s.graph is not None else -1 for s in subjects])
    if job.kb:
        from chemwright.knowledge.base.database import open_base

        with open_base(job.kb, read_only=True) as base:
            good = [i for i, s in enumerate(subjects) if s.graph is not None]
            for k, own in own_figures(base, [subjects[i].smiles for i in good]).items():
                figures[good[k]] = [*figures.get(good[k], ()), *own]
    sheet = Sheet(Facts(subjects), figures, job.T, job.P, learnt=Learnt([s.smiles for s in subjects]))
    errors = [s.error or None for s in subjects]
    texts = [smiles for _, smiles, _ in block]
    for i, (smiles, why) in (failed or {}).items():
        texts[i], errors[i] = smiles, why
    data: dict[str, Any] = {"row": pa.array([n for n, _, _ in block], pa.int64()), "smiles": pa.array(texts, pa.string()), "name": pa.array([n for _, _, n in block], pa.string())}
    data["error"] = pa.array(errors, pa.string())
    labels = pa.array(TIERS)
    for name in job.properties:
        c = column_of(sheet, BY_NAME[name], job.tier)
        none = ~c.known
        for suffix, values in (("", c.mean), ("_low", c.low), ("_high", c.high)):
            data[name + suffix] = pa.array(values, pa.float64(), mask=none)
        data[f"{name}_tier"] = pa.DictionaryArray.from_arrays(pa.array(c.tier, pa.int8(), mask=none), labels)
        data[f"{name}_in_domain"] = pa.array(c.inside, pa.bool_(), mask=none)
    return pa.table(data)


def _joined(folder: Path, target: Path, job: Job, blocks: int) -> tuple[int, int]:
    """Parts in order into one file; rows and rows with an error."""
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    draft = folder / f"result.writing{target.suffix}"
    parts = [folder / f"part-{i:07d}.parquet" for i in range(blocks)]
    schema = pq.read_schema(parts[0]) if parts else answered(job, []).schema
    rows = errors = 0
    writer = pq.ParquetWriter(draft, schema, compression="zstd") if target.suffix == ".parquet" else pacsv.CSVWriter(draft, _plain(schema))
    with writer:
        for part in parts:
            table = pq.read_table(part)
            rows, errors = rows + table.num_rows, errors + table.num_rows - table.column("error").null_count
            writer.write_table(table if target.suffix == ".parquet" else table.cast(_plain(table.schema)))
    os.replace(draft, target)
    for part in (*parts, folder / "job.json"):
        part.unlink(missing_ok=True)
    folder.rmdir()
    return rows, errors


def _plain(schema: Any) -> Any:
    """The schema with words instead of codes, as a CSV file has them."""
    import pyarrow as pa

    return pa.schema([pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in schema])
