"""Fit the scatter between sources, property by property, on one half of the shipped core's substances.

    python training/scatter.py            writes src/chemwright/data/core/scatter.csv and its card

Each source of a group of three or more is left out in turn (unless another has its figure to six digits). The vocabulary's scatter, an estimate, is multiplied by the
factor at which 95.4 % of the left-out figures lie within two joint standard deviations of the consensus of the others: found by bisection, since the consensus itself
depends on it. The tails are heavier than a normal distribution's (tables hold errors), so more than 68 % then lie within one. Training half: substances
whose SHA-256 of the key begins with a bit 0; benchmarks/knowledge_consensus.py judges on the other half. Properties with under 100 left-out figures keep factor 1; factors under 0.5 are not believed, since tables share their measurements.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from datetime import date
from pathlib import Path

from chemwright.knowledge import consensus
from chemwright.knowledge.base import open_base
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.conflicts import groups
from chemwright.knowledge.core import core_file
from chemwright.knowledge.properties import Property

TARGET, LEAST, LOWEST = 0.954, 100, 0.5
OUT = Path(__file__).parents[1] / "src" / "chemwright" / "data" / "core"


def distances(item: Property, said: list[list[Filed]], factor: float) -> list[float]:
    """Distance of every left-out figure from the consensus of the others, in joint standard deviations."""
    consensus.scatter_factors()[item.name] = factor
    out = []
    log = item.scale == "log"
    for group in said:
        for source in sorted({c.record.source for c in group}):
            left = next(c for c in group if c.record.source == source)
            rest = [c for c in group if c.record.source != source]
            x = left.record.value
            if any(abs(c.record.value - x) <= consensus.SAME * abs(x) for c in rest):
                continue
            a = consensus.agreement(rest, item)
            gap = math.log(x / a.value) if log else x - a.value
            out.append(abs(gap) / math.hypot(consensus.expected_std(left, item), a.std / a.value if log else a.std))
    return out


def main() -> None:
    """Fit, and write the table and its card."""
    base = open_base(core_file(), read_only=True)
    rows = []
    for item in base.vocabulary:
        said = [
            g
            for g in groups(base, item)
            if hashlib.sha256(g[0].record.subject.encode()).digest()[0] < 128 and len({c.record.source for c in g}) > 2 and all(c.record.value > 0 for c in g)
        ]
        n = len(distances(item, said, 1.0))
        if n < LEAST:
            continue
        low, high = LOWEST, 20.0
        if sum(z <= 2 for z in distances(item, said, LOWEST)) / n >= TARGET:
            high = LOWEST
        for _ in range(14 if high > LOWEST else 0):
            middle = math.sqrt(low * high)
            inside = sum(z <= 2 for z in distances(item, said, middle)) / n
            low, high = (low, middle) if inside >= TARGET else (middle, high)
        rows.append((item.name, round(high, 2), n))
        print(f"{item.name:42s} {n:6d} left out, factor {high:.2f}", file=sys.stderr)
    (OUT / "scatter.csv").write_text("property,factor,left_out\n" + "".join(f"{name},{factor},{n}\n" for name, factor, n in rows), encoding="utf-8")
    card = {
        "made by": "training/scatter.py",
        "date": date.today().isoformat(),
        "data": "tables of chemicals (MIT), training half by SHA-256 of the substance's key",
        "aim": f"{TARGET:.1%} within two joint standard deviations",
    }
    (OUT / "scatter.card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
