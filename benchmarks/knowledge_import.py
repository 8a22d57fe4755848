"""A million claims from CSV, and time series in bulk, into a knowledge base: seconds, CPU-seconds and memory, beside plain loading of the same rows.

    python benchmarks/knowledge_import.py [--rows 1000000] [--points 10000000]

Ours maps units, resolves 50,000 substances, checks bounds, looks for slips, files in batches with an audit trail. The peers only store the text: ``sqlite3.executemany``
of the raw rows and, where pandas is installed, ``DataFrame.to_sql``. Each runs in a process of its own, so that its peak memory is its own. Slips: see ``knowledge_suspicion``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "knowledge_import.json"


def ours(table: Path, base: Path) -> dict[str, object]:
    from chemwright.knowledge.base import open_base
    from chemwright.knowledge.intake import import_claims, open_table, start

    with open_base(base, create=True) as kb:
        report = import_claims(kb, table, start(kb, open_table(table)).mapping(), on_error="skip", rejects=base.with_suffix(".rejects.csv"))
    return {
        "rows": report.rows,
        "claims": report.claims,
        "substances": report.substances,
        "rejected": report.rejected,
        "suspicious": report.suspicious,
        "file_mb": round(base.stat().st_size / 1e6, 1),
    }


def plain_sqlite(table: Path, base: Path) -> dict[str, object]:
    import csv
    import sqlite3

    raw = sqlite3.connect(base)
    with table.open(newline="", encoding="utf-8") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        raw.execute(f"CREATE TABLE raw ({', '.join(f'c{i}' for i in range(len(header)))})")
        raw.executemany(f"INSERT INTO raw VALUES ({', '.join('?' * len(header))})", rows)
    raw.commit()
    count = raw.execute("SELECT count(*) FROM raw").fetchone()[0]
    raw.close()
    return {"rows": count, "file_mb": round(base.stat().st_size / 1e6, 1)}


def pandas_sql(table: Path, base: Path) -> dict[str, object]:
    import sqlite3

    import pandas

    raw = sqlite3.connect(base)
    frame = pandas.read_csv(table)
    frame.to_sql("raw", raw, index=False)
    raw.commit()
    raw.close()
    return {"rows": len(frame), "file_mb": round(base.stat().st_size / 1e6, 1)}


def series(points: int, base: Path) -> dict[str, object]:
    import numpy as np

    from chemwright.knowledge.base import open_base
    from chemwright.knowledge.intake.series import add_series, read_series

    rng = np.random.default_rng(3)
    times = np.datetime64("2024-01-01T00:00:00", "ns") + np.arange(points) * np.timedelta64(1, "s")
    values = np.round(80 + 0.01 * np.cumsum(rng.standard_normal(points)), 2)
    with open_base(base, create=True) as kb:
        add_series(kb, "warm-up", times[:1000], values[:1000], "temperature", "degC", zone="UTC")
        start, cpu = time.monotonic(), time.process_time()
        add_series(kb, "TI-101", times, values, "temperature", "degC", zone="UTC")
        wall, spent = time.monotonic() - start, time.process_time() - cpu
        start = time.monotonic()
        day = read_series(kb, "TI-101", "2024-01-10T00:00:00Z", "2024-01-11T00:00:00Z").num_rows
        read = time.monotonic() - start
    return {
        "points": points,
        "points_per_second": round(points / wall),
        "points_per_cpu_second": round(points / spent),
        "a_day_read": day,
        "in_seconds": round(read, 3),
        "file_mb": round(base.stat().st_size / 1e6, 1),
    }


def duckdb_series(points: int, base: Path) -> dict[str, object]:
    import duckdb
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(3)
    times = np.datetime64("2024-01-01T00:00:00", "ns") + np.arange(points) * np.timedelta64(1, "s")
    frame = pa.table({"time": times, "value": np.round(80 + 0.01 * np.cumsum(rng.standard_normal(points)), 2)})
    raw = duckdb.connect(str(base), config={"threads": 1})
    start, cpu = time.monotonic(), time.process_time()
    raw.register("frame", frame)
    raw.execute("CREATE TABLE series AS SELECT * FROM frame")
    raw.execute("CHECKPOINT")
    wall, spent = time.monotonic() - start, time.process_time() - cpu
    raw.close()
    return {"points": points, "points_per_second": round(points / wall), "points_per_cpu_second": round(points / spent), "file_mb": round(base.stat().st_size / 1e6, 1)}


def one(name: str, table: Path, points: int, base: Path) -> None:
    """Run one of them in this process and print what it took."""
    start = time.monotonic()
    done = {
        "ours": lambda: ours(table, base),
        "sqlite3": lambda: plain_sqlite(table, base),
        "pandas": lambda: pandas_sql(table, base),
        "series": lambda: series(points, base),
        "duckdb": lambda: duckdb_series(points, base),
    }[name]()
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    print(json.dumps({"wall_s": round(time.monotonic() - start, 1), "cpu_s": round(spent, 1), "peak_rss_mb": round(own.ru_maxrss / 1024), **done}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--one", nargs=3)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], Path(options.one[1]), options.points, Path(options.one[2]))
        return
    from knowledge_rows import write_claims
    from knowledge_suspicion import real_tables, slips

    out: dict[str, object] = {"rows": options.rows, "points": options.points, "cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 2)}
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "claims.csv"
        write_claims(table, options.rows)
        for name in ("ours", "sqlite3", "pandas", "series", "duckdb"):
            call = [sys.executable, str(Path(__file__).resolve()), "--points", str(options.points), "--one", name, str(table), str(Path(folder) / f"{name}.kb")]
            done = subprocess.run(call, capture_output=True, text=True, check=False)
            out[name] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"failed": done.stderr.strip().splitlines()[-1:]}
            print(name, json.dumps(out[name]), flush=True)
    out["load_after"] = round(os.getloadavg()[0], 2)
    out["slips"] = slips()
    out["real_boiling_points_suspected"] = len(real_tables())
    print("slips", json.dumps(out["slips"]))
    RESULTS.write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
