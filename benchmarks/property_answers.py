"""Answers about properties against measured claims of molecules that no part saw: tiers 2 to 4, and what is answered of a molecule of which nothing is measured.

    python benchmarks/property_answers.py

Truth, split and scores: property_answers_data.py. ``mechanism``: the property's own measured figures are hidden, its inputs are measured where measured. ``hybrid``,
``learned`` and ``unmeasured`` (the narrowest of all, as a user gets it): everything measured is hidden, and each molecule's learned figures come from the member of the ensemble
that never saw it. Errors and widths of properties judged on a logarithmic scale in per cent, else in the SI unit. Only answers not flagged count in ``coverage``; flagged
ones are counted apart.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from property_answers_data import FairLearnt, Score, Truth, agreed, fold, members, score, truths

from chemwright.knowledge.core.compact import core_figures
from chemwright.property.answering import column as col
from chemwright.property.answering.catalogue import BY_NAME
from chemwright.property.answering.column import Column
from chemwright.property.answering.facts import Facts, subject
from chemwright.property.answering.sheet import Sheet
from chemwright.structure import inchikey

OUT = Path(__file__).with_name("results") / "property_answers.json"
MOST = 2000
KINDS = ("mechanism", "hybrid", "learned", "unmeasured")


def figures_by(sheet: Sheet, kind: str, name: str, t: float) -> Column:
    if kind == "mechanism":
        return sheet.by_equation(name, t)
    if kind == "hybrid":
        return col.only(sheet.by_equation(name, t), col.HYBRID)
    return sheet.learned(name, t) if kind == "learned" else sheet.answer(name, t)


def scored(name: str, kind: str, known: list[Truth]) -> tuple[Score, int]:
    """Score over molecules and temperatures of unflagged answers, and how many were flagged."""
    figures = core_figures()
    places = sorted({t.place for t in known})
    smiles = {t.place: t.smiles for t in known}
    facts = Facts([subject(smiles[p]) for p in places])
    learnt = None if kind == "mechanism" else FairLearnt([smiles[p] for p in places])
    of = {i: figures.of(p) for i, p in enumerate(places)}
    row = {p: i for i, p in enumerate(places)}
    got: dict[float, Column] = {}
    for t in sorted({t.temperature for t in known}):
        hidden = frozenset([name] if kind == "mechanism" else ["*"])
        got[t] = figures_by(Sheet(facts, of, t, learnt=learnt, hidden=hidden), kind, name, t)
    cells = [(t.value, got[t.temperature], row[t.place]) for t in known]
    flagged = sum(bool(c.known[i] and not c.inside[i]) for _, c, i in cells)
    parts = [[float(a[i]) if c.known[i] and c.inside[i] else None for a in (c.mean, c.low, c.high)] for _, c, i in cells]
    return score([v for v, _, _ in cells], *([p[k] for p in parts] for k in range(3)), BY_NAME[name].log), flagged


def line(r: dict[str, Any]) -> str:
    """A row as it is printed; a star where the coverage is not within two binomial standard deviations."""
    mark = "" if abs(r["coverage"] - 0.9) <= r["two_sd"] else " *"
    first = f"{r['property']:42s} {r['tier']:11s} {r['n']:5d} {r['answered']:8.2f} {r['error']:10.4g} {100 * r['coverage']:8.1f}% {100 * r['two_sd']:6.1f}% {r['width']:10.4g} {r['flagged']:7d}"
    return f"{first} | {r['all']['n']:6d} {r['all']['error']:10.4g} {100 * r['all']['coverage']:8.1f}% {r['unit']}{mark}"


def main() -> None:
    everything: dict[str, list[Truth]] = defaultdict(list)
    fair: dict[str, list[Truth]] = defaultdict(list)
    for t in truths("test", most=MOST):
        everything[t.property].append(t)
    for t in truths("test", most=MOST, wanted=lambda s: fold(inchikey(s)) < members()):
        fair[t.property].append(t)
    rows = []
    print(
        f"{'property':42s} {'tier':11s} {'n':>5s} {'answered':>8s} {'error':>10s} {'coverage':>9s} {'(2 sd)':>7s} {'width':>10s} {'flagged':>7s} | {'all: n':>6s} {'error':>10s} {'coverage':>9s}"
    )
    for name in BY_NAME:
        for kind in KINDS:
            known = everything[name] if kind == "mechanism" else fair[name]
            s, flagged = scored(name, kind, agreed(known)) if known else (None, 0)
            if s is None or not s.n:
                continue
            whole, _ = scored(name, kind, known)
            row = {"property": name, "tier": kind, "unit": "%" if BY_NAME[name].log else BY_NAME[name].unit, "n": s.n, "answered": s.answered, "error": s.error}
            row |= {
                "coverage": s.coverage,
                "two_sd": 2 * s.deviation,
                "width": s.width,
                "flagged": flagged,
                "all": {"n": whole.n, "error": whole.error, "coverage": whole.coverage},
            }
            rows.append(row)
            print(line(row), flush=True)
    inside = [r for r in rows if abs(r["coverage"] - 0.9) <= r["two_sd"]]
    print(f"coverage within two binomial sd of 90 %: {len(inside)} of {len(rows)} rows; members of the learned ensemble: {members()}")
    OUT.write_text(json.dumps({"what": "answers about properties against held-out measured claims", "members": members(), "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
