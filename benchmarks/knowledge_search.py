"""How fast a knowledge base is searched: exact look-up, similarity, substructure, property ranges with conditions; beside RDKit's own library in the same run.

Run:  python benchmarks/knowledge_search.py --sizes 10000 100000 --folder FOLDER
The bases are made in the folder once (100,000 substances take some minutes, 1,000,000 about an hour on one core) and used again by later runs.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from knowledge_search_data import claims, substances
from knowledge_search_queries import SMARTS, range_queries, similarity_queries
from sqlalchemy import func, select

from chemwright.knowledge.base import substances as filed_substances
from chemwright.knowledge.base.claims import file_claims
from chemwright.knowledge.base.database import KnowledgeBase, open_base
from chemwright.knowledge.base.schema import claim, substance
from chemwright.knowledge.base.sources import ensure_properties, ensure_sources
from chemwright.knowledge.search import forget_structures, search, structure_index, update_fingerprints
from chemwright.knowledge.search.query import Cas, Key, Name
from chemwright.record import Filing, Source

CLAIMS = 500_000
PEER_AT = (100_000,)
CPU: list[float] = []
"""Mean processor time of this process for each item of the last measurements, ms: what remains when the machine is shared."""


def build(folder: Path, n: int) -> Path:
    """The base of ``n`` substances and half a million claims, made where it is not there or not whole."""
    path = folder / f"search-{n}.kb"
    with open_base(path, create=True, who="benchmark") as kb:
        have = kb.counts()
        if have["substance"] < n:
            records = itertools.islice(substances(n), have["substance"], None)
            while block := list(itertools.islice(records, 20_000)):
                with kb.writing() as connection:
                    filed_substances.ensure(connection, block, Filing(visibility="public"))
                print(f"  filed {kb.counts()['substance']} substances", flush=True)
        update_fingerprints(kb, lambda said, _: print(f"  {said}", flush=True))
        if have["claim"] < CLAIMS:
            with kb.writing() as connection:
                rows = [(r.pk, r.key) for r in connection.execute(select(substance.c.pk, substance.c.key).order_by(substance.c.pk))]
                properties = ensure_properties(connection, ("density", "viscosity", "boiling_point", "vapour_pressure", "solubility"))
                source_row = ensure_sources(connection, [Source("seeded", "assumption", "made by a seeded generator, no measurements")])["seeded"]
                file_claims(connection, claims(CLAIMS, rows, properties, source_row), Filing(visibility="public"))
    return path


def timed(run: Callable[[Any], int], items: Sequence[Any]) -> tuple[list[float], list[int]]:
    """Milliseconds and number of hits of each item."""
    times, hits = [], []
    busy = time.process_time()
    for item in items:
        start = time.perf_counter()
        hits.append(run(item))
        times.append(1e3 * (time.perf_counter() - start))
    CPU.append(1e3 * (time.process_time() - busy) / len(items))
    return times, hits


def line(what: str, times: Sequence[float], hits: Sequence[int] | None = None) -> float:
    """Print median, p95 and maximum; answers the median."""
    t = np.array(times)
    found = f"  hits: median {int(np.median(hits))}, max {max(hits)}" if hits else ""
    print(f"  {what:58s} n {len(t):5d}  median {np.median(t):8.2f}  p95 {np.percentile(t, 95):8.2f}  max {t.max():8.2f} ms, cpu {CPU[-1]:7.2f}{found}", flush=True)
    return float(np.median(t))


def memory() -> str:
    """Peak resident memory of this process and of the matching ones, MB."""
    parent = os.getpid()
    mine, others = 0.0, 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(entry.split(":", 1) for entry in status.read_text().splitlines() if ":" in entry)
        except OSError:
            continue
        peak = float(fields.get("VmHWM", "0 kB").split()[0]) / 1024.0
        if int(fields["Pid"]) == parent:
            mine = peak
        elif int(fields["PPid"]) == parent:
            others += peak
    return f"{mine:.0f} MB in this process, {others:.0f} MB in the matching ones"


def exact_queries(kb: KnowledgeBase, n: int = 1000, seed: int = 5) -> list[str]:
    """Look-ups by key, name and CAS number in turn, drawn from the base."""
    draw = random.Random(seed)
    with kb.reading() as connection:
        rows = connection.execute(select(substance.c.key, substance.c.name, substance.c.cas).where(substance.c.name != "", substance.c.cas != "").order_by(substance.c.pk)).all()
    out = []
    for i in range(n):
        row = rows[draw.randrange(len(rows))]
        out.append(str((Key(row.key), Name(row.name), Cas(row.cas))[i % 3]))
    return out


def measure(path: Path, n: int) -> dict[str, float]:
    """Everything on one base; answers the medians, and prints."""
    out: dict[str, float] = {}
    with open_base(path, read_only=True) as kb:
        with kb.reading() as connection:
            rows = connection.execute(select(func.count()).select_from(claim)).scalar_one()
            table = [s for (s,) in connection.execute(select(substance.c.smiles).where(substance.c.pk <= min(n, 76_000)).order_by(substance.c.pk))]
        print(f"\n{n} substances, {rows} claims, file of {path.stat().st_size / 1e6:.0f} MB", flush=True)
        print(f"  load before {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        out["exact"] = line("exact look-up (key, name, CAS), record read", *timed(lambda t: len(search(kb, t).records), exact_queries(kb)))
        start = time.perf_counter()
        structure_index(kb)
        out["load"] = 1e3 * (time.perf_counter() - start)
        print(f"  structures loaded (cold) in {out['load'] / 1e3:.2f} s")
        queries = similarity_queries(table)
        first, _ = timed(lambda s: len(search(kb, f'similar:"{s}" top 50')), queries[:1])
        print(f"  first similarity search (starts the matching process) {first[0]:.0f} ms")
        out["similarity"] = line("similarity, top 50", *timed(lambda s: len(search(kb, f'similar:"{s}" top 50')), queries))
        out["similarity 0.6"] = line("similarity, all at 0.6 and more", *timed(lambda s: len(search(kb, f'similar:"{s}" >= 0.6', limit=None)), queries))
        start = time.perf_counter()
        search(kb, "substructure:C1CCCCCCCCCCCC1", limit=1)
        print(f"  first substructure search (learns the atom types) {time.perf_counter() - start:.2f} s")
        index = structure_index(kb)
        index.close()  # cold: the processes have read no molecule
        once, hits = timed(lambda s: len(index.substructure(s, seconds=600.0)[0]), list(SMARTS.values()))
        out["substructure cold"] = line("substructure, complete, cold (each pattern for the first time)", once, hits)
        again, _ = timed(lambda s: len(index.substructure(s, seconds=600.0)[0]), list(SMARTS.values()))
        out["substructure"] = line("substructure, complete, warm", again, hits)
        out["substructure 100"] = line("substructure, first 100 through search", *timed(lambda s: len(search(kb, f'substructure:"{s}"', limit=100)), list(SMARTS.values())))
        screened = [len(index.candidates(s, time.monotonic() + 600.0)[0]) for s in SMARTS.values()]
        print(
            f"  candidates after the screen: median {int(np.median(screened))}, hits: median {int(np.median(hits))}; of all candidates {sum(hits) / max(sum(screened), 1):.0%} are hits"
        )
        for find in ("claims", "substances"):
            out[f"range {find}"] = line(f"property range with conditions, {find}, first 100", *timed(lambda t, f=find: len(search(kb, t, f)), range_queries()))
            line(f"property range with conditions, {find}, complete", *timed(lambda t, f=find: len(search(kb, t, f, limit=None)), range_queries()))
        mixed = [f'substructure:"{s}" and {r}' for s, r in zip(list(SMARTS.values())[:50], range_queries(), strict=True)]
        out["mixed"] = line("substructure and property range, first 100", *timed(lambda t: len(search(kb, t)), mixed))
        print(f"  peak memory: {memory()}")
        if n in PEER_AT:
            peer(kb, queries, hits)
    forget_structures()
    return out


def peer(kb: KnowledgeBase, queries: Sequence[str], expected: Sequence[int]) -> None:
    """RDKit's SubstructLibrary (binary molecules, pattern fingerprints, two threads) and a plain loop over Tanimoto similarities."""
    from rdkit import Chem, DataStructs, rdBase
    from rdkit.Chem import rdFingerprintGenerator, rdSubstructLibrary

    with kb.reading() as connection:
        rows = connection.execute(select(substance.c.smiles, substance.c.pattern, substance.c.morgan).where(substance.c.smiles != "").order_by(substance.c.pk)).all()
    start = time.perf_counter()
    molecules, patterns = rdSubstructLibrary.CachedMolHolder(), rdSubstructLibrary.PatternHolder(2048)
    with rdBase.BlockLogs():
        for row in rows:
            if row.pattern:
                molecules.AddMol(Chem.MolFromSmiles(row.smiles))
                patterns.AddFingerprint(DataStructs.CreateFromBinaryText(bytes(row.pattern)[:256]))
    library = rdSubstructLibrary.SubstructLibrary(molecules, patterns)
    morgan = [DataStructs.CreateFromBinaryText(bytes(r.morgan)) for r in rows if r.morgan]
    print(f"  peer: RDKit {rdBase.rdkitVersion} library filled from stored fingerprints in {time.perf_counter() - start:.1f} s")
    smarts = [Chem.MolFromSmarts(s) for s in SMARTS.values()]
    times, hits = timed(lambda p: len(library.GetMatches(p, numThreads=2, maxResults=len(rows), useChirality=False)), smarts)
    line("peer: SubstructLibrary, complete, two threads", times, hits)
    line("peer: SubstructLibrary, first 100, two threads", *timed(lambda p: len(library.GetMatches(p, numThreads=2, maxResults=100, useChirality=False)), smarts))
    print(f"  peer finds the same number for {sum(a == b for a, b in zip(hits, expected, strict=True))} of {len(hits)} patterns")
    make = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint

    def top(smiles: str) -> int:
        scores = np.array(DataStructs.BulkTanimotoSimilarity(make(Chem.MolFromSmiles(smiles)), morgan))
        return len(np.argpartition(-scores, 50)[:50])

    line("peer: BulkTanimotoSimilarity and the top 50", *timed(top, queries))


def main() -> None:
    """Measure each size and state how the medians grow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; times in ms of wall clock, other work on the machine included")
    print(f"{len(SMARTS)} patterns, 100 similarity queries, 1000 exact look-ups, 50 ranges")
    paths = {n: build(given.folder, n) for n in given.sizes}
    medians = {n: measure(path, n) for n, path in paths.items()}
    if len(medians) > 1:
        low, high = min(medians), max(medians)
        print(f"\ngrowth from {low} to {high} substances: time ~ n^p")
        for name in medians[low]:
            p = np.log(medians[high][name] / medians[low][name]) / np.log(high / low)
            print(f"  {name:22s} p = {p:5.2f}   medians, ms: " + ", ".join(f"{n}: {medians[n][name]:.2f}" for n in sorted(medians)))


if __name__ == "__main__":
    main()
