"""What drove an estimate: the molecule beside itself with one part replaced by hydrogen, for each part that hangs on a single bond."""

from __future__ import annotations

from typing import Any

from chemwright.property.answer import Driver
from chemwright.property.learned.estimating import estimates
from chemwright.structure.features import featurise

MOST_PARTS = 24
LARGEST_PART = 0.6
"""A part may hold this share of the heavy atoms; what is larger is rather the rest of the molecule."""


def drivers(name: str, smiles: str) -> tuple[Driver, ...]:
    """Effects of the parts of a molecule on the property ``name``, in its SI unit, largest first.

    Each effect is the estimate for the molecule less the one for the molecule with hydrogen in the part's place; equal parts that give the same rest are told once, with their number.

    Raises:
        SubstanceError: not a SMILES.
    """
    from chemwright.structure.molecule import parse

    found = _parts(parse(smiles))
    labels = list(found)
    rests = [found[label][0] for label in labels]
    means = estimates(featurise([smiles, *rests]), [name])[name].mean
    effects = [Driver(_told(label, found[label][1]), float(means[0] - m)) for label, m in zip(labels, means[1:], strict=True) if m == m]
    return tuple(sorted(effects, key=lambda d: -abs(d.effect)))


def _told(label: tuple[str, str], number: int) -> str:
    return label[0] + (f" (each of {number})" if number > 1 else "")


def _parts(graph: Any) -> dict[tuple[str, str], tuple[str, int]]:
    """For each part (its SMILES with the bond's end as ``*``, and the rest's SMILES) the rest with hydrogen and how many such parts there are."""
    from rdkit import Chem

    out: dict[tuple[str, str], tuple[str, int]] = {}
    heavy = graph.GetNumAtoms()
    for bond in graph.GetBonds():
        if len(out) >= MOST_PARTS:
            break
        if bond.IsInRing() or bond.GetBondType() != Chem.BondType.SINGLE:
            continue
        pieces = Chem.GetMolFrags(Chem.FragmentOnBonds(graph, [bond.GetIdx()], dummyLabels=[(0, 0)]), asMols=True)
        for part, rest in (pieces, pieces[::-1]) if len(pieces) == 2 else ():
            size = part.GetNumAtoms() - 1
            if size > LARGEST_PART * heavy or size > rest.GetNumAtoms() - 1:
                continue
            capped = _capped(rest)
            if capped:
                label = Chem.MolToSmiles(part), capped
                out[label] = capped, out.get(label, ("", 0))[1] + 1
    return out


def _capped(rest: Any) -> str:
    """The rest with hydrogen at its open end, as SMILES; empty where that is no molecule."""
    from rdkit import Chem, rdBase

    edit = Chem.RWMol(rest)
    for atom in edit.GetAtoms():
        if atom.GetAtomicNum() == 0:
            atom.SetAtomicNum(1)
    with rdBase.BlockLogs():
        try:
            whole = edit.GetMol()
            Chem.SanitizeMol(whole)
            return str(Chem.MolToSmiles(Chem.RemoveHs(whole)))
        except (Chem.MolSanitizeException, ValueError):
            return ""
