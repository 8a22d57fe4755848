"""Write the test fixture that holds the shipped network's predictions: `tests/data/saft_predictions.json`. Run after `training/saft_pack.py`, and say in the commit why they changed.

python training/saft_fixture.py
"""

from __future__ import annotations

import json
from pathlib import Path

from chemwright.thermo.saft import from_structure
from chemwright.thermo.saft.network import network

MOLECULES = [
    "CCCCCCCC",
    "CC(C)CCO",
    "CCOC(=O)c1ccccc1",
    "CC(=O)Nc1ccc(O)cc1",
    "FC(F)(F)c1ccccc1",
    "C[Si](C)(C)O[Si](C)(C)C",
    "CCN(CC)CC",
    "O=C(O)CCCCC",
    "CC(C)Cc1ccc(C(C)C(=O)O)cc1",
]
OUT = Path(__file__).parents[1] / "tests" / "data" / "saft_predictions.json"

if __name__ == "__main__":
    said = from_structure(MOLECULES)
    OUT.parent.mkdir(exist_ok=True)
    content = {
        "sha256": network().card["sha256"],
        "parameters": {s: [float(f"{v:.8g}") for v in row] for s, row in zip(MOLECULES, said.values.tolist(), strict=True)},
        "psat_350": [float(f"{v:.8g}") for v in said.vapour_pressure(350.0).mean],
        "density_298": [float(f"{v:.8g}") for v in said.density(298.15).mean],
    }
    OUT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
