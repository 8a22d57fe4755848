"""Fingerprints of the structures of a base: computed once, in processes of their own, and kept in its columns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, func, select, update

from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.base.schema import substance
from chemwright.knowledge.search.stored import Row, codes_in, rows_of
from chemwright.knowledge.search.worker import TimeLimit, Worker

BLOCK = 500
"""Structures that are sent at once."""
SECONDS_EACH = 5.0
"""Time limit of one structure; one that takes longer counts as unreadable."""
CHUNK = 20_000
Progress = Callable[[str, float | None], None]


def compute(smiles: Sequence[str], known: set[int], workers: Sequence[Worker]) -> list[Row]:
    """What is stored of structures.

    Args:
        smiles: one each; a text with a line break in it, or one that never ends, gives an empty row.
        known: environment codes that are defined already; new ones are added.
        workers: processes to share the work.
    """
    out: list[Row] = []
    clean = [s if "\n" not in s and "\r" not in s else "" for s in smiles]
    blocks = [clean[i : i + BLOCK] for i in range(0, len(clean), BLOCK)]
    for at in range(0, len(blocks), len(workers)):
        asked = list(zip(workers, blocks[at : at + len(workers)]))
        for worker, block in asked:
            worker.post({"verb": "fingerprint"}, "\n".join(block).encode())
        for worker, block in asked:
            out += _taken(worker, block, known)
    return out


def _taken(worker: Worker, block: Sequence[str], known: set[int]) -> list[Row]:
    """The answer for a block; where it does not come, each structure by itself."""
    try:
        head, body = worker.take(time.monotonic() + SECONDS_EACH * min(len(block), 6))
        return rows_of(head, body, known)
    except TimeLimit:
        if len(block) == 1:
            return [Row()]
    out: list[Row] = []
    for one in block:
        worker.post({"verb": "fingerprint"}, one.encode())
        out += _taken(worker, [one], known)
    return out


def update_fingerprints(kb: KnowledgeBase, progress: Progress | None = None, *, workers: int = 2) -> int:
    """Compute and keep the fingerprints of the structures that have none yet; can be stopped and run again.

    Args:
        kb: a base that can be written.
        progress: told what is done and how far, 0 to 1.
        workers: processes, for many structures.

    Returns:
        how many structures were done.

    Raises:
        StorageError: the base can't be written.
    """
    wanted = (substance.c.pattern.is_(None), substance.c.smiles != "")
    with kb.reading() as connection:
        total = int(connection.execute(select(func.count()).select_from(substance).where(*wanted)).scalar_one())
        if not total:
            return 0
        known: set[int] = set()
        after = 0
        while patterns := connection.execute(
            select(substance.c.pk, substance.c.pattern).where(substance.c.pattern.is_not(None), substance.c.pk > after).order_by(substance.c.pk).limit(CHUNK)
        ).all():
            known |= set(codes_in(bytes(r.pattern) for r in patterns)[2])
            after = patterns[-1].pk
    crew = [Worker() for _ in range(workers if total > 2 * BLOCK else 1)]
    done = after = 0
    try:
        while True:
            with kb.reading() as connection:
                rows = connection.execute(select(substance.c.pk, substance.c.smiles).where(*wanted, substance.c.pk > after).order_by(substance.c.pk).limit(CHUNK)).all()
            if not rows:
                return done
            made = compute([r.smiles for r in rows], known, crew)
            with kb.writing() as connection:
                values = [{"row": r.pk, "one": m.pattern, "two": m.morgan} for r, m in zip(rows, made, strict=True)]
                connection.execute(update(substance).where(substance.c.pk == bindparam("row")).values(pattern=bindparam("one"), morgan=bindparam("two")), values)
            done, after = done + len(rows), rows[-1].pk
            if progress is not None:
                progress(f"fingerprints of {done} of {total} structures", done / total)
    finally:
        for worker in crew:
            worker.stop()
