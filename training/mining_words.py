"""Make ``data/mining/words.csv``: plain words of procedures that are no part of a substance's name, so that the name finder need not try them.

From the training patents only: a lower-case word that occurs ten times or more and stands within a recorded name of its own procedure in less than 3 % of these.

Usage: CHEMWRIGHT_ORDERLY=folder python training/mining_words.py
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
OUT = ROOT / "src" / "chemwright" / "data" / "mining" / "words.csv"

#: names of substances that one family of patents spells so and that the records pass over
NAMES = frozenset({"trichloromethane", "propiophenone"})


def main() -> None:
    """Count and write."""
    from mining_data import procedures

    everywhere: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for truth in procedures("train"):
        everywhere.update(re.findall(r"(?<![\w-])[a-z]{2,}(?![\w-])", truth.text.lower()))
        for name in {c.name for c in (*truth.components, *truth.products) if c.name and c.smiles}:
            n = truth.text.count(name)
            parts = re.findall(r"(?<![\w-])[a-z]{2,}(?![\w-])", name.lower())
            inside.update(dict.fromkeys(parts, n))
            named.update(set(parts))
    plain = sorted(w for w, n in everywhere.items() if n >= 10 and inside[w] < 0.03 * n and named[w] < 25 and w not in NAMES)
    with OUT.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([["word"], *([w] for w in plain)])
    print(len(plain), "words")


if __name__ == "__main__":
    main()
