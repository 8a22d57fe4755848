"""Write src/chemwright/data/core/figures.npz: the figures of the tables of ``chemicals`` (MIT) as sorted arrays, with a card.

python training/core_figures.py
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from chemwright.knowledge.core.compact import build, save

OUT = Path(__file__).resolve().parents[1] / "src" / "chemwright" / "data" / "core" / "figures.npz"


def main() -> None:
    found = build()
    with OUT.open("wb") as handle:
        save(found, handle)
    card = {
        "what": "figures of pure substances by CAS number, from tables and from points of correlations",
        "data": f"chemicals {found.made_from} (MIT); sources by figure in data/core/sources.csv",
        "substances": len(found.cas),
        "figures": len(found.value),
        "script": "training/core_figures.py",
        "sha256": hashlib.sha256(OUT.read_bytes()).hexdigest(),
    }
    OUT.with_name("figures.card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=1), f"\n{OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
