"""Mining patent procedures: precision, recall and F1 on training and held-out patents, beside plain regular expressions; names to structures; whether confidences hold.

Matches and counts are defined in ``mining_score.py``, the data and the split by patent in ``mining_data.py``.

Usage: CHEMWRIGHT_ORDERLY=folder python benchmarks/mining.py [--part test|train|both] [--json]     (about five minutes for both)
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from mining_baseline import answer as plain
from mining_data import Truth, procedures
from mining_names import names_table
from mining_score import Answer, Row, score, temperature_right, time_right, yield_right


def answer(text: str) -> Answer:
    """The miner's answer for one procedure: the likeliest reading of each field."""
    from chemwright.knowledge.mining.procedure import read_procedure

    found, _ = read_procedure(text)
    temperature, duration, yields = (next(iter(r), None) for r in (found.temperatures, found.times, found.yields))
    return Answer(
        yield_=(yields.value, yields.confidence) if yields else None,
        temperature=(temperature.value - 273.15, temperature.confidence) if temperature else None,
        time=(duration.value, duration.confidence) if duration else None,
        solvents=frozenset(s.smiles for s in found.solvents),
        reactants=frozenset(s.smiles for s in (*found.reactants, *found.reagents)),
    )


def reliability(truths: list[Truth], answers: list[Answer]) -> list[tuple[str, str, int, float, float]]:
    """Field, band of confidence, number of answers, mean confidence, share right; where the record has the field."""
    out = []
    for name, get, has, right in (
        ("temperature", lambda a: a.temperature, lambda t: t.temperature is not None or t.ambient, temperature_right),
        ("time", lambda a: a.time, lambda t: t.time is not None, time_right),
        ("yield", lambda a: a.yield_, lambda t: bool(t.stated or t.calculated), yield_right),
    ):
        pairs = [(g[1], right(g[0], t)) for t, a in zip(truths, answers, strict=True) if has(t) and (g := get(a)) is not None]
        for low, high in ((0.0, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 0.97), (0.97, 1.001)):
            band = [(p, ok) for p, ok in pairs if low <= p < high]
            if band:
                out.append((name, f"{low:.2f}-{min(high, 1.0):.2f}", len(band), sum(p for p, _ in band) / len(band), sum(ok for _, ok in band) / len(band)))
    return out


def table(rows: list[Row], title: str, half: list[Row] | None = None) -> str:
    """The rows as text."""
    lines = [title, f"{'field':<15}{'n':>7}{'P':>8}{'R':>8}{'F1':>8}{'strict P':>10}" + ("  strict P, R at confidence >= 0.5" if half else "")]
    for i, r in enumerate(rows):
        more = f"{half[i].strict_precision:>12.3f}{half[i].recall:>8.3f}" if half and not r.field.startswith(("solvents", "reactants")) else ""
        lines.append(f"{r.field:<15}{r.right + r.missed:>7}{r.precision:>8.3f}{r.recall:>8.3f}{r.f1:>8.3f}{r.strict_precision:>10.3f}{more}")
    return "\n".join(lines)


def main() -> None:
    """Run the parts asked for and print."""
    part = sys.argv[sys.argv.index("--part") + 1] if "--part" in sys.argv else "both"
    out: dict[str, Any] = {}
    for name in ("train", "test") if part == "both" else (part,):
        truths = procedures(name)
        start = time.perf_counter()
        answers = [answer(t.text) for t in truths]
        seconds = time.perf_counter() - start
        rows = score(truths, answers)
        bare, strict = score(truths, [plain(t.text, bare=True) for t in truths]), score(truths, [plain(t.text) for t in truths])
        bands, names = reliability(truths, answers), names_table(truths)
        out[name] = {"rows": [(r.field, r.right, r.wrong, r.missed, r.beyond, r.f1) for r in rows], "names": names, "reliability": bands}
        print(f"\n== {name}: {len(truths)} procedures of {len({t.patent for t in truths})} patents; {1e3 * seconds / len(truths):.1f} ms each")
        print(table(rows, "chemwright", score(truths, answers, least=0.5)))
        print(table(bare, "\nplain regular expressions (last percentage, first temperature, first time, seventeen solvent names anywhere)"))
        print(table(strict[:1], "\nplain regular expression that wants the word yield"))
        print("\nnames of reactants to structures: " + ", ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in names.items()))
        print("\nconfidence against share right\n" + "\n".join(f"{f:<13}{b:<12}{n:>6}{p:>8.3f}{s:>8.3f}" for f, b, n, p, s in bands))
    if "--json" in sys.argv:
        print(json.dumps(out))


if __name__ == "__main__":
    main()
