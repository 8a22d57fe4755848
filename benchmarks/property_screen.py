"""How fast a file of molecules is screened: the eight common properties, and all that can be asked for.

    python benchmarks/property_screen.py [molecules]

Molecules: single uncharged molecules of 12 to 70 characters of SMILES out of the identifiers of ``chemicals``, by the SHA-256 of the SMILES. Printed: molecules per second of
one core's own time (CPU seconds of this process, so that other work on the machine counts little), times two for a machine of two cores; and the clock's.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

from chemwright.property.answering.catalogue import BY_NAME, CORE
from chemwright.property.answering.screen import BLOCK, Job, answered

OUT = Path(__file__).with_name("results") / "property_screen.json"


def molecules(count: int) -> list[tuple[int, str, str]]:
    from chemicals.identifiers import get_pubchem_db

    database = get_pubchem_db()
    database.finish_loading()
    texts = {str(e.smiles) for e in database.CAS_index.values() if e.smiles and 12 <= len(str(e.smiles)) <= 70 and not set(".+-") & set(str(e.smiles))}
    chosen = sorted(texts, key=lambda s: hashlib.sha256(s.encode()).digest())[:count]
    return [(i, s, "") for i, s in enumerate(chosen)]


def main() -> None:
    lines = molecules(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    every = tuple(n for n in BY_NAME if n != "ghs_hazard_statements")
    rows = []
    for label, names in (("eight common", CORE), ("all", every)):
        job = Job("", 0, 0, names, 350.0 if names is every else 298.15, 101_325.0, "", "", BLOCK)
        answered(job, lines[:20])  # loads what is loaded once
        cpu, clock = time.process_time(), time.perf_counter()
        for k in range(0, len(lines), BLOCK):
            answered(job, lines[k : k + BLOCK])
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        row = {
            "properties": label,
            "count": len(names),
            "molecules": len(lines),
            "per_cpu_second": len(lines) / cpu,
            "two_cores": 2 * len(lines) / cpu,
            "clock_one_process": len(lines) / clock,
        }
        rows.append(row)
        print(
            f"{label:14s} {len(names):3d} properties  {row['per_cpu_second']:7.0f}/CPU-s  two cores {row['two_cores']:7.0f}/s  clock, one process beside other work {row['clock_one_process']:7.0f}/s",
            flush=True,
        )
    OUT.write_text(json.dumps({"what": "molecules screened a second", "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
