"""The process that reads structures for an import: a JSON line in, a JSON line out. A structure on which the toolkit hangs ends this process, not the import.

Run as ``python -m chemwright.knowledge.intake.structure_worker SECONDS``.
"""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

from chemwright.errors import ChemwrightError, SubstanceError


def describe(text: str, kind: str) -> dict[str, Any]:
    """Key, SMILES, formula and molar mass of a structure; ``{"error": ...}`` when it is none.

    Args:
        text: the structure.
        kind: ``smiles``, ``polymer`` or ``mol`` (the text of a molfile).
    """
    from chemwright.knowledge.identity import polymer

    try:
        if kind == "mol":
            text = _smiles_of_block(text)
            kind = "polymer" if "*" in text else "smiles"
        if kind == "smiles":
            return _molecule(text)
        found = polymer(text)
    except ChemwrightError as error:
        return {"error": error.message, "fix": error.fix}
    return {"key": found.key, "kind": found.kind, "smiles": found.smiles, "formula": found.formula, "molar_mass": found.molar_mass}


def _molecule(text: str) -> dict[str, Any]:
    """As :func:`chemwright.knowledge.identity.molecular` does it, with one reading of the structure less: a third of the time of a big import."""
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdMolDescriptors

    from chemwright.structure.molecule import parse, unmapped

    graph = parse(text)
    with rdBase.BlockLogs():
        plain = unmapped(graph)
        smiles = str(Chem.MolToSmiles(plain))
        key = str(Chem.MolToInchiKey(plain)) or f"smiles:{smiles}"  # type: ignore[no-untyped-call]
    mass = float(rdMolDescriptors._CalcMolWt(graph)) * 1e-3
    return {"key": key, "kind": "salt" if "." in smiles else "molecule", "smiles": smiles, "formula": str(rdMolDescriptors.CalcMolFormula(graph)), "molar_mass": mass}


def _smiles_of_block(text: str) -> str:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        graph = Chem.MolFromMolBlock(text)
        if graph is None or not graph.GetNumAtoms():
            raise SubstanceError("no structure that can be read", fix="check the atom and bond block, or export it anew")
        return str(Chem.MolToSmiles(graph))


def main() -> None:
    """Answer until the input ends; SIGALRM ends the process when one structure takes too long."""
    from chemwright.structure import guard

    limit = float(sys.argv[1])
    guard.MAX_PLAIN_RINGS = sys.maxsize  # this process is the trial that the guard would start
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for line in sys.stdin:
        text, kind = json.loads(line)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, limit)
        answer = describe(text, kind)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
