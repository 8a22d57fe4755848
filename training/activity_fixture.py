"""Write tests/data/hybrid_activity.json: what the shipped model says of some pairs, so that a test sees when it changes.

python training/activity_fixture.py
"""

from __future__ import annotations

import json
from pathlib import Path

from chemwright.thermo.choose import activity_model
from chemwright.thermo.hybrid.model import HybridActivity

PAIRS = (("CCO", "O"), ("c1ccccc1", "C1CCCCC1"), ("CC(C)=O", "ClC(Cl)Cl"), ("CC(=O)N(C)C", "CCCCCC"), ("CC(C)Cc1ccc(cc1)C(C)C(=O)O", "CCO"), ("FC(F)(F)CC(F)(F)F", "COCCOC"))


def main() -> None:
    """The file."""
    rows = []
    for first, second in PAIRS:
        model = activity_model([("1", first), ("2", second)])
        assert isinstance(model, HybridActivity)
        x = [0.3, 0.7]
        rows.append({"first": first, "second": second, "ln_gamma": [float(v) for v in model.ln_gamma(x, 340.0)], "std": [float(v[0]) for v in model.ln_gamma_std(x, 340.0)]})
    out = Path(__file__).parents[1] / "tests" / "data" / "hybrid_activity.json"
    out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
