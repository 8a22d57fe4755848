"""Run as a script in a process of its own: do with a SMILES what chemwright does with it, so that only this process hangs or falls over.

It takes the SMILES on standard input and ends with status 0 when RDKit and InChI came to an end, valid or not. It imports nothing of
chemwright, so that it starts fast.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Parse, canonicalise, name, draw."""
    from rdkit import Chem, RDLogger
    from rdkit.Chem import rdDepictor

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    graph = Chem.MolFromSmiles(sys.stdin.read())
    if graph is None:
        return
    canonical = Chem.MolFromSmiles(Chem.MolToSmiles(graph))
    for look in (Chem.MolToInchiKey, rdDepictor.Compute2DCoords):
        try:
            look(canonical)
        except Exception:
            continue


if __name__ == "__main__":
    main()
