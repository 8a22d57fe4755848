"""StructureIndex: substructure and similarity over the structures of a knowledge base, kept in the process and brought up to date when asked."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from chemwright.errors import InputError, StorageError
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.base.schema import audit, substance
from chemwright.knowledge.search import screen
from chemwright.knowledge.search.fingerprints import compute, update_fingerprints
from chemwright.knowledge.search.patterns import required
from chemwright.knowledge.search.stars import Environments, environments_of, fitting, sift
from chemwright.knowledge.search.stored import BYTES, Definition, Row, codes_in
from chemwright.knowledge.search.worker import Worker

SECONDS = 30.0
"""Time limit of one search by structure."""
STORE_FROM = 500
"""So many new structures are worth writing their fingerprints into the base; fewer are computed anew by each process."""
PARALLEL_FROM = 5_000
LOAD = 100_000
"""Structures that are read from the base at once."""


class StructureIndex:
    """The structures of one base as arrays, and the processes that match them.

    Args:
        workers: processes that match; one below 5,000 structures.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.segments: list[screen.Segment] = []
        self.smiles: list[str] = []
        self._most = workers or min(2, os.cpu_count() or 1)
        self._workers: list[Worker] = [Worker()]
        self._told: dict[int, tuple[int, int, int]] = {}  # worker: generation, structures that it knows, workers among which they are shared
        self._defined: dict[int, Definition] = {}
        self._type_smiles: dict[int, str] = {}
        self._environments: Environments = environments_of({})
        self._learned: tuple[int, int] = (0, 0)
        self._bonds: list[int] = []
        self._whole = False  # the matcher knows an atom of every type and a bond of every kind
        self._seen = (-1, -1)  # last substance, last line of the audit trail
        self._count = -1  # substances, with or without a structure
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return sum(len(s) for s in self.segments)

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.stop()

    # loading

    def refresh(self, kb: KnowledgeBase) -> None:
        """Take in the substances that are new since last time; their fingerprints are computed where the base does not hold them."""
        with self._lock:
            with kb.reading() as connection:
                now = _state(connection)
                if now == self._seen:
                    return
                missing = _count_missing(connection, self._seen[0])
            if missing >= STORE_FROM:
                with suppress(StorageError):  # a base that can only be read: they are kept in this process
                    update_fingerprints(kb)
            with kb.reading() as connection:
                now = _state(connection)
                self._count = max(self._count, 0) + self._load(connection, self._seen[0])
                if connection.dialect.name != "sqlite" and connection.execute(select(func.count()).select_from(substance)).scalar_one() != self._count:
                    self._empty()  # rows that came late with a number below: another writer on the server
                    self._count = self._load(connection, -1)
            self._seen = now

    def _empty(self) -> None:
        self.segments, self.smiles, self._defined, self._type_smiles, self._told = [], [], {}, {}, {}
        self._learned = (0, 0)

    def _load(self, connection: Connection, after: int) -> int:
        """Read the rows above ``after``; answers how many substances there are, with or without a structure."""
        columns = (substance.c.pk, substance.c.smiles, substance.c.pattern, substance.c.morgan)
        count = 0
        while rows := connection.execute(select(*columns).where(substance.c.pk > after).order_by(substance.c.pk).limit(LOAD)).all():
            count, after = count + len(rows), rows[-1].pk
            with_structure = [r for r in rows if r.smiles]
            stored = [Row(bytes(r.pattern), bytes(r.morgan)) if r.pattern is not None and r.morgan is not None else None for r in with_structure]
            new = [i for i, s in enumerate(stored) if s is None]
            for i, row in zip(new, compute([with_structure[i].smiles for i in new], set(self._defined), self._workers[:1]), strict=True):
                stored[i] = row
            kept = [(r.pk, r.smiles, s) for r, s in zip(with_structure, stored, strict=True) if s is not None and len(s.pattern) >= BYTES and len(s.morgan) == BYTES]
            if kept:
                self._take(kept)
        self._environments = environments_of(self._defined) if len(self._defined) != len(self._environments.codes) else self._environments
        return count

    def _take(self, rows: Sequence[tuple[int, str, Row]]) -> None:
        counts, codes, defined, types = codes_in([r[2].pattern for r in rows])
        self.segments.append(screen.segment([r[0] for r in rows], [r[2].pattern for r in rows], [r[2].morgan for r in rows], counts, codes))
        while len(self.segments) > 1 and len(self.segments[-2]) <= len(self.segments[-1]):
            last = self.segments.pop()
            self.segments[-1] = screen.joined(self.segments[-1], last)
        self.smiles += [r[1] for r in rows]
        self._defined |= {k: v for k, v in defined.items() if k not in self._defined}
        self._type_smiles |= {t: rows[i][1] for t, i in types.items() if t not in self._type_smiles}

    # asking

    def similar(self, smiles: str, threshold: float = 0.0, top: int | None = None, within: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Substances by Tanimoto similarity of Morgan fingerprints (radius 2, 2048 bits), the most similar first.

        Args:
            smiles: what to compare with.
            threshold: least similarity, 0 to 1; all that share nothing with it are left out at 0 too.
            top: at most so many.
            within: rows of the only substances to look at.

        Returns:
            rows of the table, similarities.

        Raises:
            InputError: not a valid SMILES.
        """
        with self._lock:
            found = compute([smiles], set(self._defined), self._workers[:1])[0]
            if not found.morgan:
                raise InputError(f"{smiles[:80]!r} is not a valid SMILES", where="search, similar", fix="check brackets and ring numbers, as in 'CCO' for ethanol")
            bits = np.frombuffer(found.morgan, dtype="<u8")
            pks, scores = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)]
            for part in self.segments:
                places, score = screen.tanimoto(part, bits, max(threshold, 1e-6), top if within is None else None)
                if within is not None:
                    keep = np.isin(part.pks[places], within)
                    places, score = places[keep], score[keep]
                pks.append(part.pks[places])
                scores.append(score)
        rows, values = np.concatenate(pks), np.concatenate(scores)
        order = np.lexsort((rows, -values))[:top]
        return rows[order], values[order]

    def candidates(self, smarts: str, deadline: float) -> tuple[np.ndarray, bool]:
        """Numbers of the structures that may hold a pattern, and whether each of them does.

        Raises:
            InputError: a SMARTS that is not read. TimeLimit: it took too long.
        """
        first = self._workers[0]
        first.start()
        kinds = self._environments.types
        if self._learned != (first.generation, len(kinds)):
            head, _ = first.ask({"verb": "types", "types": kinds}, "\n".join(self._type_smiles.get(t, "") for t in kinds).encode())
            self._learned, self._bonds = (first.generation, len(kinds)), head["bonds"]
            self._whole = head["whole"] and bool(np.isin(self._environments.bond, self._bonds).all())
        first.post({"verb": "query", "smarts": smarts})
        head, body = first.take(deadline)
        if "error" in head:
            raise InputError(head["error"], where="search, substructure", fix="write SMARTS such as 'c1ccccc1C(=O)[OH]'; a plain SMILES of the part will do")
        bits = np.frombuffer(body[:BYTES], dtype="<u8")
        rows = np.unpackbits(np.frombuffer(body[BYTES:], dtype=np.uint8).reshape(len(head["stars"]), -1), axis=1, count=len(kinds)).astype(bool)
        masks = fitting(self._environments, head["stars"], rows, self._bonds)
        out, start, sure = [np.zeros(0, dtype=np.int64)], 0, True
        for part in self.segments:
            mask, exact = sift(part, screen.holding(part, bits), self._environments, masks, head["small"] and self._whole)
            out.append(np.flatnonzero(mask) + start)
            start, sure = start + len(part), sure and exact
        numbers = np.concatenate(out)
        for choice in required(smarts) if len(numbers) else ():
            numbers = numbers[np.isin(numbers, np.concatenate([self.candidates(inner, deadline)[0] for inner in choice]))]
        return numbers, sure

    def substructure(self, smarts: str, *, within: np.ndarray | None = None, limit: int | None = None, seconds: float = SECONDS) -> tuple[np.ndarray, bool]:
        """Substances that hold a pattern, in the order of the table.

        Args:
            smarts: SMARTS, or the SMILES of a part of a molecule.
            within: rows of the only substances to look at.
            limit: stop when so many are found.
            seconds: time limit; the matching process is ended when it is over.

        Returns:
            rows of the table, and whether all were looked at.

        Raises:
            InputError: a SMARTS that is not read. TimeLimit: it took too long.
        """
        deadline = time.monotonic() + seconds
        with self._lock:
            pks = np.concatenate([s.pks for s in self.segments]) if self.segments else np.zeros(0, dtype=np.int64)
            numbers, sure = self.candidates(smarts.strip(), deadline)
            if within is not None:
                numbers = numbers[np.isin(pks[numbers], within)]
            if sure:
                return pks[numbers[:limit]], limit is None or len(numbers) <= limit
            hits: list[np.ndarray] = [np.zeros(0, dtype=np.int64)]
            size, done, found = (len(numbers) if limit is None else max(128, 2 * limit)), 0, 0
            while done < len(numbers) and (limit is None or found < limit):
                part = self._match(smarts.strip(), numbers[done : done + size], deadline)
                hits.append(part)
                found, done, size = found + len(part), done + size, 4 * size
        out = np.concatenate(hits)
        return pks[out[:limit]], done >= len(numbers) and (limit is None or found <= limit)

    def _match(self, smarts: str, numbers: np.ndarray, deadline: float) -> np.ndarray:
        """Those of ``numbers`` that hold the pattern, ascending; shared among the workers by number, so that each keeps its molecules."""
        if len(self) >= PARALLEL_FROM and len(self._workers) < self._most:
            self._workers += [Worker() for _ in range(self._most - len(self._workers))]
        n = len(self._workers)
        asked = []
        try:
            for i, worker in enumerate(self._workers):
                mine = numbers[numbers % n == i]
                if len(mine):
                    self._tell(i, worker, n)
                    worker.post({"verb": "match", "smarts": smarts}, mine.astype(np.int64).tobytes())
                    asked.append(worker)
            parts = [np.frombuffer(worker.take(deadline)[1], dtype=np.int64) for worker in asked]
        except BaseException:
            for worker in asked:  # an answer that nobody takes would be taken for the next one
                worker.stop()
            raise
        return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)

    def _tell(self, i: int, worker: Worker, n: int) -> None:
        """Send a worker the structures of its share that it does not know."""
        worker.start()
        generation, known, shared = self._told.get(i, (0, 0, n))
        if generation != worker.generation or shared != n:
            known = 0
        if known < len(self.smiles):
            start = known + (i - known) % n
            mine: list[Any] = self.smiles[start::n]
            if mine:
                worker.ask({"verb": "add", "start": start, "stop": len(self.smiles), "step": n}, "\n".join(mine).encode())
        self._told[i] = (worker.generation, len(self.smiles), n)


def _state(connection: Connection) -> tuple[int, int]:
    last = connection.execute(select(func.max(substance.c.pk))).scalar() or 0
    return int(last), int(connection.execute(select(func.max(audit.c.pk))).scalar() or 0)


def _count_missing(connection: Connection, after: int) -> int:
    query = select(substance.c.pk).where(substance.c.pk > after, substance.c.pattern.is_(None), substance.c.smiles != "").limit(STORE_FROM)
    return len(connection.execute(query).all())
