"""How many slips the suspicion at the door catches, and how often it cries wolf, on the rows of ``knowledge_slips``; and what it says of the real tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from knowledge_slips import Held as Known
from knowledge_slips import Incoming, boiling_points, incoming, tally

from chemwright.knowledge.intake.suspicion import Held, Numbers, Suspicion, judge
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.quantity.units import factor


def judged(held: Sequence[Known], rows: Sequence[Incoming]) -> dict[int, Suspicion]:
    """What the rules say of each row that comes in, each row alone against the base (its batch holds no other of its substance)."""
    names = sorted({r.property for r in rows} | {h.property for h in held})
    words = vocabulary()
    items = [words.find(n) for n in names]
    codes = {cas: i for i, cas in enumerate(dict.fromkeys([*(h.cas for h in held), *(r.cas for r in rows)]))}
    n, m = len(rows), len(held)
    si = [r.number * factor(r.unit, words.find(r.property).unit)[0] + factor(r.unit, words.find(r.property).unit)[1] for r in rows]
    blank = np.full(n, np.nan)
    numbers = Numbers(
        np.array([codes[r.cas] for r in rows]), np.array([names.index(r.property) for r in rows]), np.zeros(n, int), blank, blank, np.array(si), blank,
        np.array([r.number for r in rows]), [r.unit for r in rows], np.zeros(n),
    )  # fmt: skip
    known = Held(
        np.array([codes[h.cas] for h in held], dtype=int),
        np.array([names.index(h.property) for h in held], dtype=int),
        np.zeros(m, int),
        np.full(m, np.nan),
        np.full(m, np.nan),
        np.array([h.value for h in held]),
    )
    found = judge(numbers, known, items)
    for i, value in enumerate(si):  # what can't be at all is refused with the row named, which is noticed too
        wrong = items[names.index(rows[i].property)].check(value)
        if wrong:
            found[i] = Suspicion("refused", wrong)
    return found


def slips() -> dict[str, object]:
    """The figures of the benchmark."""
    held, rows = incoming()
    found = judged(held, rows)
    explained = [found[i].kind if i in found and found[i].kind not in ("outlier", "range", "refused") else "" for i in range(len(rows))]
    return tally(rows, [i in found for i in range(len(rows))], explained) | {"rows": len(rows), "slips": sum(bool(r.kind) for r in rows)}


def real_tables() -> list[str]:
    """What the rules say when all real boiling points come in at once, the worst first."""
    rows = [Incoming(cas, "normal_boiling_point", v, "K", v, source, True) for cas, values in boiling_points().items() for source, v in values.items()]
    found = judged([], rows)
    order = sorted(found, key=lambda i: -abs(np.log(rows[i].truth / np.median(list(boiling_points()[rows[i].cas].values())))))
    return [f"{rows[i].cas} {rows[i].kind}: {found[i].text}" for i in order]


if __name__ == "__main__":
    figures, said = slips(), real_tables()
    lines = [
        json.dumps(figures, indent=1),
        f"{len(said)} of {sum(map(len, boiling_points().values()))} real boiling points of {len(boiling_points())} substances are suspected, the worst first:",
        *said,
    ]
    (Path(__file__).resolve().parent / "results" / "knowledge_suspicion.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[:30]))
