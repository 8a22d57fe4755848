"""Melting and boiling points in the running text of patent procedures, as mined, beside the tables of ``chemicals``.

The truth is thin and one-sided: only substances that stand in the tables can be judged, and these are far more often solvents and reagents than the new compounds whose melting points a patent states. So a value
that was read well but given to the wrong substance (the solvent it was crystallised from) is judged nearly always, one given to the right new compound hardly ever. The share that agrees is therefore a lower bound of
the precision; what it measures best is how often values are given to the wrong substance. Boiling points are taken only where the sentence names no reduced pressure.

Usage: CHEMWRIGHT_ORDERLY=folder python benchmarks/mining_properties.py [--part train|test]     (some minutes)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from attrs import frozen
from mining_data import procedures

WANTED = re.compile(r"m\.?\s?p|b\.?\s?p|melt|boil", re.IGNORECASE)
REDUCED = re.compile(r"mm|torr|mbar|kPa|vacu|reduced", re.IGNORECASE)
NEAR = 10.0  # K
BANDS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1.01))


@frozen
class Judged:
    """A mined value beside the table's, both in K."""

    name: str
    substance: str
    value: float
    known: float
    confidence: float


def values(part: str) -> tuple[int, list[Judged]]:
    """How many values were mined, and those that can be judged."""
    from chemwright.knowledge.mining.structures import known_temperature, structure

    total, out = 0, []
    for name, substance, value, confidence in _mined(part):
        total += 1
        smiles = structure(substance)[0] if substance else ""
        known = known_temperature(smiles, name) if smiles else 0.0
        if known:
            out.append(Judged(name, substance, value, known, confidence))
    return total, out


def _mined(part: str) -> Iterator[tuple[str, str, float, float]]:
    """Property, substance, value in K and confidence of the melting and boiling points of all procedures."""
    from chemwright.knowledge.mining.properties import sentence_values
    from chemwright.knowledge.mining.sentences import sentences
    from chemwright.quantity.units import convert

    for truth in procedures(part):
        if not WANTED.search(truth.text):
            continue
        before = ""
        for sentence in sentences(truth.text):
            for mention, confidence in sentence_values(sentence, before) if WANTED.search(sentence.text) else ():
                name = getattr(mention, "property", "")
                if name == "melting_point" or (name == "boiling_point" and not REDUCED.search(sentence.text)):
                    yield name, mention.substance, convert(mention.value, mention.unit, "K", name), confidence  # type: ignore[union-attr]
                before = getattr(mention, "substance", "") or before


def main() -> None:
    """Print, by property and by confidence, how many of the judged values agree."""
    part = sys.argv[sys.argv.index("--part") + 1] if "--part" in sys.argv else "train"
    total, judged = values(part)
    print(f"{part}: {total} melting and boiling points mined, {len(judged)} of a substance whose value is in the tables; agree: within {NEAR:g} K")
    for name in ("melting_point", "boiling_point"):
        for low, high in ((0.0, 1.01), *BANDS):
            some = [j for j in judged if j.name == name and low <= j.confidence < high]
            if some:
                agree = sum(abs(j.value - j.known) <= NEAR for j in some)
                print(f"{name:<15}{'all' if high - low > 1 else f'{low:.2f}-{min(high, 1.0):.2f}':<11}{len(some):>5}{agree / len(some):>8.3f}")


if __name__ == "__main__":
    main()
